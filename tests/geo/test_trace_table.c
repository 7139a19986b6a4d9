#include "geo_helpers.h"

#include "paths/trace_table_internal.h"

enum { NOON = 1600000000, DAY = 86400 };

static struct traceroute trace_to(const char *target, int64_t start_sec, const char *router)
{
    struct traceroute ret = {.file = "file", .target = address_of(target), .start_sec = start_sec, .hop_count = 1};
    ret.hops[0] = (struct trace_hop){.ttl = 3, .router_count = 1, .label_count = 1, .labels = {17}};
    ret.hops[0].routers[0] = (struct trace_router){address_of(router), 1500};
    return ret;
}

static void add(struct trace_table *table, const char *target, int64_t start_sec, const char *router)
{
    struct traceroute trace = trace_to(target, start_sec, router);
    assert_int_equal(trace_table_add(table, &trace), STATUS_OK);
}

static size_t find(const struct trace_table *table, const char *remote, int64_t packet_sec,
                   struct trace_match ret[static TRACE_MATCHES_MAX])
{
    struct ip_address address = address_of(remote);
    return trace_table_find(table, &address, packet_sec, TRACE_WINDOW_SEC, ret);
}

static void the_newest_to_the_address_come_first(void **state)
{
    (void)state;
    struct trace_table *table = trace_table_new();
    struct trace_match matches[TRACE_MATCHES_MAX];
    struct traceroute trace;
    add(table, "192.0.2.9", NOON - DAY, "198.51.100.1");
    add(table, "192.0.2.9", NOON + 60, "198.51.100.3");
    add(table, "192.0.2.8", NOON, "198.51.100.9");
    add(table, "192.0.2.9", NOON - 60, "198.51.100.2");
    add(table, "192.0.2.9", NOON - DAY - 1, "198.51.100.7");
    add(table, "192.0.2.9", NOON + DAY + 1, "198.51.100.8");
    assert_int_equal(trace_table_seal(table), STATUS_OK);

    assert_int_equal(find(table, "192.0.2.9", NOON, matches), 3);

    static const char *const routers[] = {"198.51.100.3", "198.51.100.2", "198.51.100.1"};
    for (size_t i = 0; i < 3; i++) {
        struct ip_address wanted = address_of(routers[i]);
        assert_int_equal(matches[i].closeness, TRACE_SAME_ADDRESS);
        trace_table_get(table, matches[i].index, &trace);
        assert_true(ip_equal(&trace.hops[0].routers[0].address, &wanted));
        assert_int_equal(trace.start_sec, matches[i].start_sec);
    }
    trace_table_free(table);
}

static void no_more_than_a_few_are_told(void **state)
{
    (void)state;
    struct trace_table *table = trace_table_new();
    struct trace_match matches[TRACE_MATCHES_MAX];
    for (int i = 0; i < 100; i++)
        add(table, "2001:db8::9", NOON - i, "2001:db8:1::1");
    assert_int_equal(trace_table_seal(table), STATUS_OK);

    assert_int_equal(find(table, "2001:db8::9", NOON, matches), TRACE_MATCHES_MAX);

    assert_int_equal(matches[0].start_sec, NOON);
    assert_int_equal(matches[3].start_sec, NOON - 3);
    trace_table_free(table);
}

static void the_same_prefix_is_a_weaker_answer(void **state)
{
    (void)state;
    static const struct {
        const char *remote;
        size_t count;
        enum trace_closeness closeness;
    } rows[] = {
        {"192.0.2.9", 1, TRACE_SAME_ADDRESS},
        {"192.0.2.200", 1, TRACE_SAME_PREFIX},
        {"192.0.3.9", 0, TRACE_SAME_ADDRESS},
        {"2001:db8:7::1", 1, TRACE_SAME_ADDRESS},
        {"2001:db8:7:ffff::", 1, TRACE_SAME_PREFIX},
        {"2001:db8:8::1", 0, TRACE_SAME_ADDRESS},
        {"::1", 0, TRACE_SAME_ADDRESS},
    };
    struct trace_table *table = trace_table_new();
    struct trace_match matches[TRACE_MATCHES_MAX];
    add(table, "192.0.2.9", NOON, "198.51.100.1");
    add(table, "2001:db8:7::1", NOON, "2001:db8:1::1");
    assert_int_equal(trace_table_seal(table), STATUS_OK);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(find(table, rows[i].remote, NOON, matches), rows[i].count);
        if (rows[i].count > 0)
            assert_int_equal(matches[0].closeness, rows[i].closeness);
    }
    trace_table_free(table);
}

static void an_unknown_time_is_said(void **state)
{
    (void)state;
    struct trace_table *table = trace_table_new();
    struct trace_match matches[TRACE_MATCHES_MAX];
    add(table, "192.0.2.9", 0, "198.51.100.1");
    add(table, "192.0.2.8", NOON, "198.51.100.1");
    assert_int_equal(trace_table_seal(table), STATUS_OK);

    assert_int_equal(find(table, "192.0.2.9", NOON, matches), 1);
    assert_int_equal(matches[0].closeness, TRACE_SAME_ADDRESS_AT_UNKNOWN_TIME);
    assert_int_equal(find(table, "192.0.2.9", 5, matches), 1); /* not taken for the year 1970 */
    assert_int_equal(matches[0].closeness, TRACE_SAME_ADDRESS_AT_UNKNOWN_TIME);
    assert_int_equal(find(table, "192.0.2.9", INT64_MAX, matches), 1);
    trace_table_free(table);
}

static void all_that_was_put_in_comes_out(void **state)
{
    (void)state;
    struct trace_table *table = trace_table_new();
    struct trace_match matches[TRACE_MATCHES_MAX];
    struct traceroute trace = {.file = "file", .start_sec = NOON, .rtt_step_us = 100, .hop_count = TRACE_HOPS_MAX};
    trace.target = address_of("192.0.2.9");
    trace.source = address_of("192.0.2.1");
    trace.reached = true;
    for (unsigned i = 0; i < TRACE_HOPS_MAX; i++) {
        struct trace_hop *hop = &trace.hops[i];
        hop->ttl = (uint8_t)(i + 1);
        hop->router_count = (uint8_t)(i % (TRACE_ROUTERS_MAX + 1));
        hop->label_count = (uint8_t)(i % (TRACE_LABELS_MAX + 1));
        hop->has_more_routers = i % 2;
        for (unsigned k = 0; k < hop->router_count; k++)
            hop->routers[k] = (struct trace_router){address_of("198.51.100.1"), i * 10 + k};
        for (unsigned k = 0; k < hop->label_count; k++)
            hop->labels[k] = i * 10 + k;
    }
    for (int i = 0; i < 100; i++) {
        trace.start_sec = NOON + i;
        assert_int_equal(trace_table_add(table, &trace), STATUS_OK);
    }
    assert_int_equal(trace_table_seal(table), STATUS_OK);
    assert_int_equal(find(table, "192.0.2.9", NOON, matches), TRACE_MATCHES_MAX);

    struct traceroute out;
    trace_table_get(table, matches[0].index, &out);

    assert_memory_equal(&out.target, &trace.target, 16);
    assert_memory_equal(&out.source, &trace.source, 16);
    assert_true(out.reached && out.start_sec == NOON + 99 && out.rtt_step_us == 100);
    assert_int_equal(out.hop_count, TRACE_HOPS_MAX);
    for (unsigned i = 0; i < TRACE_HOPS_MAX; i++)
        assert_memory_equal(&out.hops[i], &trace.hops[i], sizeof(out.hops[i]));
    trace_table_free(table);
}

static void what_has_no_target_is_turned_away_and_counted(void **state)
{
    (void)state;
    struct trace_table *table = trace_table_new();
    struct trace_match matches[TRACE_MATCHES_MAX];
    struct traceroute trace = trace_to("::", NOON, "198.51.100.1");

    assert_int_equal(trace_table_add(table, &trace), STATUS_INVALID);
    assert_int_equal(find(table, "192.0.2.9", NOON, matches), 0); /* not sealed */
    assert_int_equal(trace_table_seal(table), STATUS_OK);

    assert_int_equal(trace_table_stats(table).without_target, 1);
    assert_int_equal(trace_table_stats(table).traceroutes, 0);
    assert_int_equal(find(table, "192.0.2.9", NOON, matches), 0);
    trace_table_free(table);
}

static void it_holds_a_million_and_no_more(void **state)
{
    (void)state;
    struct trace_table *table = trace_table_new();
    struct traceroute trace = {.file = "file", .start_sec = NOON};
    uint8_t four[4] = {192, 0, 2, 0};
    trace.target = ip_from_v4(four);
    for (int i = 0; i < TRACE_TABLE_TRACES_MAX; i++)
        assert_int_equal(trace_table_add(table, &trace), STATUS_OK);

    assert_int_equal(trace_table_add(table, &trace), STATUS_UNSUPPORTED);

    assert_int_equal(trace_table_stats(table).turned_away, 1);
    trace_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_to_the_address_come_first),
        cmocka_unit_test(no_more_than_a_few_are_told),
        cmocka_unit_test(the_same_prefix_is_a_weaker_answer),
        cmocka_unit_test(an_unknown_time_is_said),
        cmocka_unit_test(all_that_was_put_in_comes_out),
        cmocka_unit_test(what_has_no_target_is_turned_away_and_counted),
        cmocka_unit_test(it_holds_a_million_and_no_more),
    };
    return cmocka_run_group_tests_name("geo/trace_table", tests, NULL, NULL);
}
