/* Traceroutes as path data: T4 for the packet's time, and what stands beside it. */
#include "geo_helpers.h"

#include "paths/paths.h"

enum { TRACE_TIME = 1600000000 };

/** Networks with countries, and a database that says where routers stand. */
static struct geo *open_geo(struct test_file *file)
{
    *file = file_write_text("ip2asn-v4.tsv", "1.0.0.0\t1.0.0.255\t4134\tCN\tCHINANET\n"
                                             "2.0.0.0\t2.0.0.255\t1299\tSE\tTWELVE99\n"
                                             "3.0.0.0\t3.0.0.255\t16\tUS\tHOME\n"
                                             "4.0.0.0\t4.0.0.255\t3320\tDE\tDTAG\n"
                                             "5.0.0.0\t5.0.0.255\t200107\tCH\tKASPERSKY\n");
    const char *paths[] = {file->path, NULL};
    struct geo *geo = must_open(paths, NULL);
    assert_int_equal(geo_know_networks(geo), STATUS_OK);
    return geo;
}

static bool is_home(const void *home, const struct ip_address *address)
{
    return ip_in_prefix(address, home) || ip_in_prefix(address, &(struct ip_prefix){address_of("10.0.0.0"), 96 + 8});
}

/** A traceroute to 5.0.0.9 whose answering routers are @p hops, "-" for silence. */
static struct test_file write_trace(const char *const *hops)
{
    char text[2048];
    int used =
        snprintf(text, sizeof(text),
                 "{\"type\":\"trace\",\"version\":\"0.1\",\"method\":\"icmp-echo\",\"src\":\"192.168.0.2\","
                 "\"dst\":\"5.0.0.9\",\"stop_reason\":\"COMPLETED\",\"start\":{\"sec\":%d,\"usec\":0},\"hops\":[",
                 TRACE_TIME);
    unsigned ttl = 0, written = 0;
    for (; hops[ttl] != NULL; ttl++)
        if (hops[ttl][0] != '-')
            used += snprintf(text + used, sizeof(text) - (size_t)used,
                             "%s{\"addr\":\"%s\",\"probe_ttl\":%u,\"probe_id\":0,\"rtt\":1.5,\"reply_ttl\":60,"
                             "\"icmp_type\":%d,\"icmp_code\":0}",
                             written++ > 0 ? "," : "", hops[ttl], ttl + 1, hops[ttl + 1] == NULL ? 0 : 11);
    snprintf(text + used, sizeof(text) - (size_t)used, "],\"hop_count\":%u}\n", ttl);
    return file_write_text("trace.jsonl", text);
}

struct answer {
    struct axis_judgement axis;
    struct transit_facts facts;
};

static struct answer ask_files(const char *const *files, size_t count, int64_t time_sec)
{
    struct test_file table;
    struct error error;
    struct paths *paths = NULL;
    struct answer ret;
    struct geo *geo = open_geo(&table);
    struct ip_address remote = address_of("5.0.0.9");
    const struct ip_prefix home = {address_of("3.0.0.0"), 96 + 24};
    const struct paths_options options = {.files = files, .count = count, .is_home = is_home, .home = &home};
    if (paths_open(&options, &paths, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    paths_judge(paths, geo, &remote, time_sec, &ret.axis, &ret.facts);
    ret.facts.source = NULL; /* goes with the paths */
    paths_close(paths);
    geo_close(geo);
    file_remove(&table);
    return ret;
}

struct wanted {
    const char *group, *name;
    uint64_t value;
};

static void note_counter(void *context, const struct counter *counter)
{
    struct wanted *wanted = context;
    if (strcmp(counter->group, wanted->group) == 0 && strcmp(counter->name, wanted->name) == 0)
        wanted->value += counter->value;
}

static uint64_t counted(const struct paths *paths, const char *group, const char *name)
{
    struct wanted wanted = {group, name, 0};
    paths_count(paths, note_counter, &wanted);
    return wanted.value;
}

static struct answer ask(const char *const *hops, int64_t time_sec)
{
    struct test_file trace = write_trace(hops);
    const char *files[] = {trace.path};
    struct answer ret = ask_files(files, 1, time_sec);
    file_remove(&trace);
    return ret;
}

static const char *const through_cn[] = {"192.168.0.1", "3.0.0.1", "2.0.0.1", "1.0.0.1", "5.0.0.9", NULL};

static void routers_that_answered_are_the_best_evidence(void **state)
{
    struct answer a = ask(through_cn, TRACE_TIME + 60);
    (void)state;
    assert_int_equal(a.facts.grade, TRANSIT_T4);
    assert_true(a.facts.is_traceroute);
    assert_int_equal(a.facts.hop_count, 2); /* neither the house nor the remote's own network */
    assert_int_equal(a.facts.hops[0].asn, 1299);
    assert_int_equal(a.facts.hops[1].asn, 4134);
    assert_int_equal(a.axis.status, AXIS_AGREED);
    assert_int_equal(a.axis.country_count, 2);
    assert_string_equal(a.axis.countries[0].code, "CN");
    assert_string_equal(a.axis.countries[1].code, "SE");
    assert_string_equal(a.axis.reason, "carried by AS1299 (SE), AS4134 (CN) on the forward path, T4, traceroute of "
                                       "2020-09-13T12:26Z");
}

static void silence_leaves_the_path_open(void **state)
{
    static const char *const gap[] = {"192.168.0.1", "2.0.0.1", "-", "5.0.0.9", NULL};
    static const char *const silent[] = {"192.168.0.1", "-", "-", "5.0.0.9", NULL};
    struct answer a = ask(gap, TRACE_TIME);
    (void)state;
    assert_true(a.axis.is_incomplete);
    assert_int_equal(a.axis.status, AXIS_CONTESTED);

    a = ask(silent, TRACE_TIME);

    assert_int_equal(a.axis.status, AXIS_UNKNOWN);
    assert_int_equal(a.facts.grade, TRANSIT_T0);
    assert_int_equal(a.facts.hop_count, 0);
}

static void only_the_first_hops_are_ours(void **state)
{
    static const char *const private[] = {"10.0.0.1", "2.0.0.1", "10.1.1.1", "2.0.0.2", "5.0.0.9", NULL};
    static const char *const shared[] = {"10.0.0.1", "100.64.1.1", "5.0.0.9", NULL};
    struct answer a = ask(private, TRACE_TIME);
    (void)state;
    assert_true(a.axis.is_incomplete);
    assert_int_equal(a.axis.status, AXIS_CONTESTED);

    a = ask(shared, TRACE_TIME);

    assert_null(strstr(a.axis.reason, "every router is ours"));
}

static void a_path_without_others_says_so(void **state)
{
    static const char *const direct[] = {"192.168.0.1", "3.0.0.1", "5.0.0.1", "5.0.0.9", NULL};
    struct answer a = ask(direct, TRACE_TIME);
    (void)state;
    assert_int_equal(a.axis.status, AXIS_UNKNOWN);
    assert_non_null(strstr(a.axis.reason, "no network in between"));
}

static void another_day_is_not_now(void **state)
{
    struct answer a = ask(through_cn, TRACE_TIME + 2 * PATHS_STALE_SEC);
    (void)state;
    assert_int_equal(a.axis.status, AXIS_UNKNOWN);
    assert_non_null(strstr(a.axis.reason, "no traceroute to it within 24 hours"));
}

static void an_exchange_carries_nothing(void **state)
{
    struct test_file ixps =
        file_write_text("peeringdb.json", "{\"ixpfx\":{\"data\":[{\"prefix\":\"1.0.0.0/24\",\"protocol\":\"IPv4\","
                                          "\"ixlan_id\":1,\"status\":\"ok\"}]}}");
    struct test_file trace = write_trace(through_cn);
    const char *files[] = {ixps.path, trace.path};
    struct answer a = ask_files(files, 2, TRACE_TIME);
    (void)state;
    assert_int_equal(a.facts.hop_count, 1);
    assert_int_equal(a.facts.hops[0].asn, 1299);
    file_remove(&ixps);
    file_remove(&trace);
}

static void a_list_of_exchanges_is_read_by_its_path(void **state)
{
    struct test_file file =
        file_write_text("peeringdb_dump.json", "{\"ixpfx\":{\"data\":[{\"prefix\":\"1.0.0.0/24\",\"ixlan_id\":1},"
                                               "{\"prefix\":\"no prefix\",\"ixlan_id\":2}]}}");
    const char *files[] = {file.path};
    const struct paths_options options = {.files = files, .count = 1};
    const struct paths_file *told;
    struct paths *paths = NULL;
    struct error error;
    (void)state;
    assert_int_equal(paths_open(&options, &paths, &error), STATUS_OK);
    assert_int_equal(paths_files(paths, &told), 1);
    assert_string_equal(told->kind, "exchanges");
    assert_int_equal(told->prefixes, 1);
    assert_int_equal(counted(paths, "exchanges", "bad_prefix"), 1);
    assert_int_equal(counted(paths, "traceroutes", "bad_json"), 0);
    paths_close(paths);
    file_remove(&file);
    assert_int_equal(paths_open(&options, &paths, &error), STATUS_IO);
}

static void what_is_refused_of_traceroutes_is_counted(void **state)
{
    struct test_file file = file_write_text("trace.jsonl", "{\"type\":\"trace\",\"dst\":\"5.0.0.9\",\"hops\":[{"
                                                           "\"addr\":\"2.0.0.1\",\"probe_ttl\":1}]}\n{\"type\":\n");
    const char *files[] = {file.path};
    const struct paths_options options = {.files = files, .count = 1};
    struct paths *paths = NULL;
    struct error error;
    (void)state;
    assert_int_equal(paths_open(&options, &paths, &error), STATUS_OK);
    assert_int_equal(counted(paths, "traceroutes", "bad_json"), 1);
    paths_close(paths);
    file_remove(&file);
}

static void what_is_no_path_data_is_refused_by_name(void **state)
{
    struct test_file text = file_write_text("notes.txt", "these are notes\nand no path\n");
    const char *files[] = {text.path};
    const struct paths_options options = {.files = files, .count = 1};
    struct paths *paths = NULL;
    struct error error;
    (void)state;
    assert_int_not_equal(paths_open(&options, &paths, &error), STATUS_OK);
    assert_non_null(strstr(error.text, "notes.txt"));
    assert_non_null(strstr(error.text, "neither a routing table"));
    file_remove(&text);
}

/** What routers @p hops, which quoted a packet to 5.0.0.9, add to @p base, the answer of a traceroute; NULL: to none.
 */
static struct answer ask_quoted(const char *const *base, const char *const *hops)
{
    struct test_file table, trace = {{0}, {0}};
    struct error error;
    struct paths *paths = NULL;
    struct answer ret;
    struct geo *geo = open_geo(&table);
    struct ip_address remote = address_of("5.0.0.9");
    const struct ip_prefix home = {address_of("3.0.0.0"), 96 + 24};
    struct path_router routers[PATH_ROUTERS_MAX];
    struct paths_quotes quotes = {.routers = routers, .time_sec = TRACE_TIME, .is_home = is_home, .home = &home};
    for (; hops[quotes.count] != NULL; quotes.count++)
        routers[quotes.count] = (struct path_router){address_of(hops[quotes.count]), (uint8_t)(quotes.count + 1)};
    if (base != NULL) {
        trace = write_trace(base);
        const char *files[] = {trace.path};
        const struct paths_options options = {.files = files, .count = 1, .is_home = is_home, .home = &home};
        assert_int_equal(paths_open(&options, &paths, &error), STATUS_OK);
    }
    paths_judge(paths, geo, &remote, TRACE_TIME, &ret.axis, &ret.facts);
    paths_add_quotes(paths, geo, &remote, &quotes, &ret.axis, &ret.facts);
    paths_close(paths);
    geo_close(geo);
    file_remove(&table);
    if (base != NULL)
        file_remove(&trace);
    return ret;
}

static void routers_that_quote_a_flow_carried_it(void **state)
{
    static const char *const quoted[] = {"192.168.0.1", "3.0.0.1", "1.0.0.1", "1.0.0.2", NULL};
    struct answer a = ask_quoted(NULL, quoted);
    (void)state;
    assert_int_equal(a.facts.grade, TRANSIT_T4);
    assert_true(a.facts.is_quoted);
    assert_int_equal(a.facts.hop_count, 1);
    assert_int_equal(a.facts.hops[0].asn, 4134);
    assert_int_equal(a.axis.status, AXIS_CONTESTED); /* where else it went is not known */
    assert_true(a.axis.is_incomplete);
    assert_int_equal(a.axis.country_count, 1);
    assert_string_equal(a.axis.countries[0].code, "CN");
    assert_int_equal(a.axis.certain, 1);
    assert_string_equal(a.axis.reason, "carried by AS4134 (CN) on the forward path, T4, ICMP of 2020-09-13T12:26Z");
    assert_string_equal(a.axis.sources[a.axis.source_count - 1].database, "ICMP in the capture");
}

static void quotes_of_nobody_in_between_say_nothing(void **state)
{
    static const char *const own[] = {"192.168.0.1", "3.0.0.1", NULL};
    static const char *const remotes[] = {"5.0.0.1", "5.0.0.9", NULL};
    (void)state;
    assert_string_equal(ask_quoted(NULL, own).axis.reason, "no path data loaded");
    assert_string_equal(ask_quoted(NULL, remotes).axis.reason, "no path data loaded");
}

static void quotes_add_to_a_path_that_is_known(void **state)
{
    static const char *const through_se[] = {"192.168.0.1", "2.0.0.1", "5.0.0.9", NULL};
    static const char *const known[] = {"2.0.0.1", NULL}, *const other[] = {"1.0.0.1", NULL};
    struct answer a = ask_quoted(through_se, known);
    (void)state;
    assert_int_equal(a.axis.status, AXIS_AGREED);
    assert_int_equal(a.facts.hop_count, 1);
    assert_false(a.facts.is_quoted);

    a = ask_quoted(through_se, other);

    assert_int_equal(a.axis.status, AXIS_CONTESTED);
    assert_int_equal(a.axis.country_count, 2);
    assert_string_equal(a.axis.countries[0].code, "CN");
    assert_int_equal(a.axis.certain, 3); /* both carried something of it */
    assert_int_equal(a.facts.hop_count, 2);
    assert_non_null(strstr(a.axis.reason, "; AS4134 (CN) sent a packet back"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routers_that_answered_are_the_best_evidence),
        cmocka_unit_test(silence_leaves_the_path_open),
        cmocka_unit_test(only_the_first_hops_are_ours),
        cmocka_unit_test(a_path_without_others_says_so),
        cmocka_unit_test(another_day_is_not_now),
        cmocka_unit_test(an_exchange_carries_nothing),
        cmocka_unit_test(routers_that_quote_a_flow_carried_it),
        cmocka_unit_test(quotes_of_nobody_in_between_say_nothing),
        cmocka_unit_test(quotes_add_to_a_path_that_is_known),
        cmocka_unit_test(a_list_of_exchanges_is_read_by_its_path),
        cmocka_unit_test(what_is_refused_of_traceroutes_is_counted),
        cmocka_unit_test(what_is_no_path_data_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
