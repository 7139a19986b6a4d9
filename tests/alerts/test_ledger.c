#include "ledger.h"

#include "sample.h"
#include "test.h"

enum { TOLD_MAX = 64, DAY_SEC = 86400 };

struct told {
    enum finding_action action;
    enum severity severity;
    char id[FINDING_ID_TEXT_SIZE], event_id[EVENT_ID_TEXT_SIZE], rule[64], summary[384];
    struct finding_counters counters;
    struct packet_time time, first_seen, last_seen;
    unsigned flag_count, remote_count;
    uint64_t flow_bytes_out;
    enum axis_status location;
    uint32_t rtt_us;
    struct remote_seen first_remote;
};

static struct policy_set *policies;
static struct told told[TOLD_MAX];
static size_t told_count;
static struct ledger *ledger;

static void keep(void *context, const struct finding *f)
{
    (void)context;
    assert_true(told_count < TOLD_MAX);
    struct told *t = &told[told_count++];
    *t = (struct told){.action = f->action,
                       .severity = f->severity,
                       .counters = f->counters,
                       .time = f->time,
                       .first_seen = f->first_seen,
                       .last_seen = f->last_seen,
                       .flag_count = f->flag_count,
                       .remote_count = f->remote_count,
                       .flow_bytes_out = f->sighting->flow.counters.bytes_out,
                       .location = f->sighting->jurisdiction.axes[AXIS_LOCATION].status,
                       .rtt_us = f->sighting->reach.shortest.us};
    memcpy(t->id, f->id, sizeof(t->id));
    memcpy(t->event_id, f->event_id, sizeof(t->event_id));
    snprintf(t->rule, sizeof(t->rule), "%s", f->rule);
    snprintf(t->summary, sizeof(t->summary), "%s", f->summary);
    if (f->remote_count > 0)
        t->first_remote = f->remotes[0];
}

static void start_with(const struct ledger_options *options)
{
    ledger_free(ledger);
    told_count = 0;
    assert_int_equal(ledger_new(options, &ledger), STATUS_OK);
}

static void start(uint32_t findings_max)
{
    start_with(
        &(struct ledger_options){.sensor = "s1", .policies = policies, .findings_max = findings_max, .told = keep});
}

static int set_up(void **state)
{
    (void)state;
    policies = sample_policies(NULL, 0, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ledger_free(ledger);
    policy_set_free(policies);
    return 0;
}

static int each(void **state)
{
    (void)state;
    start(0);
    return 0;
}

static uint32_t see(struct sighting *s, uint32_t previous, const struct flow_counters *counted)
{
    sample_judge(s, policies);
    return ledger_sight(ledger, s, previous, counted);
}

static uint64_t counter_value;
static void find_counter(void *context, const struct counter *counter)
{
    if (strcmp(counter->name, context) == 0)
        counter_value = counter->value;
}

static uint64_t count_of(const char *name)
{
    char wanted[64];
    counter_value = UINT64_MAX;
    snprintf(wanted, sizeof(wanted), "%s", name);
    ledger_count(ledger, find_counter, wanted);
    return counter_value;
}

static void the_first_sighting_opens_a_finding(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);

    uint32_t serial = see(&s, 0, NULL);

    assert_int_not_equal(serial, 0);
    assert_int_equal(told_count, 1);
    assert_int_equal(told[0].action, FINDING_OPENED);
    assert_int_equal(told[0].severity, SEVERITY_CRITICAL);
    assert_string_equal(told[0].rule, "flagged-vendor-cleartext-update");
    assert_string_equal(told[0].summary, "Kaspersky on 128.3.116.128 fetches updates in clear text from 94.75.236.123");
    assert_int_equal(strlen(told[0].id), 18);
    assert_memory_equal(told[0].event_id, told[0].id, 18);
    assert_string_equal(told[0].event_id + 18, "-1");
    assert_int_equal(told[0].flag_count, 2); /* two policies, one finding */
    assert_int_equal(told[0].first_seen.ns, SAMPLE_TIME_NS - 250000000);
    assert_int_equal(told[0].time.ns, SAMPLE_TIME_NS);
}

static void totals_come_in_one_update_at_the_end(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    uint32_t serial = see(&s, 0, NULL);
    const struct flow_counters gained = {1, 2, 30, 40};
    ledger_add_volume(ledger, serial, &gained, (struct packet_time){SAMPLE_TIME_NS + 5});

    ledger_close_run(ledger, (struct packet_time){SAMPLE_TIME_NS + 9});
    ledger_close_run(ledger, (struct packet_time){SAMPLE_TIME_NS + 9}); /* nothing grew since */

    assert_int_equal(told_count, 2);
    assert_int_equal(told[1].action, FINDING_UPDATED);
    assert_string_equal(told[1].id, told[0].id);
    assert_string_not_equal(told[1].event_id, told[0].event_id);
    assert_int_equal(told[1].counters.flows, 1);
    assert_int_equal(told[1].counters.volume.bytes_out, 830);
    assert_int_equal(told[1].flow_bytes_out, 830); /* of a single flow the view grows too */
    assert_int_equal(told[1].last_seen.ns, SAMPLE_TIME_NS + 5);
    assert_int_equal(told[1].time.ns, SAMPLE_TIME_NS + 9);
}

static void nothing_is_told_twice_when_nothing_grew(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    see(&s, 0, NULL);

    ledger_close_run(ledger, s.time);

    assert_int_equal(told_count, 1);
}

static void news_wait_for_the_rest_of_their_evidence(void **state)
{
    (void)state;
    struct sighting s;
    start_with(&(struct ledger_options){.policies = policies, .told = keep, .settle_ns = NS_PER_SEC});
    sample_kaspersky_update(&s);
    s.exposure.class_ = EXPOSURE_UNKNOWN;
    uint32_t serial = see(&s, 0, NULL);
    struct flow_counters counted = s.flow.counters;
    s.exposure.class_ = EXPOSURE_CLEARTEXT;
    see(&s, serial, &counted);
    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + NS_PER_SEC - 1});
    assert_int_equal(told_count, 0);

    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + NS_PER_SEC});
    ledger_close_run(ledger, s.time);

    assert_int_equal(told_count, 1);
    assert_int_equal(told[0].severity, SEVERITY_CRITICAL);
    assert_int_equal(told[0].time.ns, SAMPLE_TIME_NS);
}

static void news_that_wait_are_told_at_the_end_and_moved_ones_never(void **state)
{
    (void)state;
    struct sighting s;
    start_with(&(struct ledger_options){.policies = policies, .told = keep, .settle_ns = NS_PER_SEC});
    sample_plain_web(&s);
    uint32_t serial = see(&s, 0, NULL);
    struct flow_counters counted = s.flow.counters;
    s.attribution = (struct attribution){.product = &sample_sophos_endpoint, .confidence = CONFIDENCE_CONFIRMED};
    see(&s, serial, &counted);

    ledger_close_run(ledger, s.time);

    assert_int_equal(told_count, 1); /* no `opened` and `closed` of what was a matter of milliseconds */
    assert_int_equal(told[0].action, FINDING_OPENED);
    assert_int_equal(told[0].severity, SEVERITY_HIGH);
}

static void the_same_flow_is_counted_once(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    uint32_t serial = see(&s, 0, NULL);
    struct flow_counters counted = s.flow.counters;
    s.flow.counters = (struct flow_counters){10, 20, 1000, 9000};

    assert_int_equal(see(&s, serial, &counted), serial);
    ledger_close_run(ledger, s.time);

    assert_int_equal(told_count, 2);
    assert_int_equal(told[1].counters.flows, 1);
    assert_int_equal(told[1].counters.remotes, 1);
    assert_int_equal(told[1].counters.volume.packets_out, 10);
    assert_int_equal(told[1].counters.volume.bytes_in, 9000);
    assert_int_equal(told[1].flow_bytes_out, 1000);
}

static void worse_is_told_at_once_and_better_is_not(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    s.exposure.class_ = EXPOSURE_HARVESTABLE;
    see(&s, 0, NULL);
    s.exposure.class_ = EXPOSURE_CLEARTEXT;
    see(&s, 0, NULL);
    s.exposure.class_ = EXPOSURE_HARVESTABLE;
    see(&s, 0, NULL);

    ledger_close_run(ledger, s.time);

    assert_int_equal(told_count, 3);
    assert_int_equal(told[0].severity, SEVERITY_HIGH);
    assert_int_equal(told[1].action, FINDING_ESCALATED);
    assert_int_equal(told[1].severity, SEVERITY_CRITICAL);
    assert_int_equal(told[2].action, FINDING_UPDATED);
    assert_int_equal(told[2].severity, SEVERITY_CRITICAL);
    assert_int_equal(told[2].counters.flows, 3);
}

static void a_newly_flagged_axis_escalates(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    see(&s, 0, NULL);
    sample_set_axis(&s, AXIS_OPERATOR, AXIS_AGREED, "CN");

    see(&s, 0, NULL);
    see(&s, 0, NULL);

    assert_int_equal(told_count, 2);
    assert_int_equal(told[1].action, FINDING_ESCALATED);
    assert_int_equal(told[1].flag_count, 3);
}

static void roll_ups_come_once_a_day_of_packet_time(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    see(&s, 0, NULL);
    see(&s, 0, NULL);
    const int64_t day = DAY_SEC * NS_PER_SEC;

    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + day - NS_PER_SEC});
    assert_int_equal(told_count, 1);
    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + day});
    assert_int_equal(told_count, 2);
    assert_int_equal(told[1].action, FINDING_UPDATED);
    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + 2 * day}); /* nothing grew */
    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS - 9 * day}); /* time went back */

    assert_int_equal(told_count, 2);
}

static void a_flow_moves_to_the_finding_of_its_better_name(void **state)
{
    (void)state;
    struct sighting s;
    sample_plain_web(&s);
    uint32_t first = see(&s, 0, NULL);
    struct flow_counters counted = s.flow.counters;
    assert_string_equal(told[0].summary, "10.0.0.8 reaches example.ru in RU (location, operator), no agent recognised");
    s.attribution = (struct attribution){
        .product = &sample_sophos_endpoint, .purpose = PURPOSE_UPDATE, .confidence = CONFIDENCE_CONFIRMED};
    s.flow.counters.bytes_out = 900;

    uint32_t second = see(&s, first, &counted);
    ledger_close_run(ledger, s.time);

    assert_int_not_equal(first, second);
    assert_int_equal(told_count, 3);
    assert_int_equal(told[1].action, FINDING_CLOSED);
    assert_string_equal(told[1].id, told[0].id);
    assert_int_equal(told[1].counters.flows, 0);
    assert_int_equal(told[1].counters.volume.bytes_out, 0);
    assert_int_equal(told[2].action, FINDING_OPENED);
    assert_int_equal(told[2].counters.volume.bytes_out, 900);
    uint64_t by_severity[SEVERITY_COUNT];
    ledger_findings_by_severity(ledger, by_severity);
    assert_int_equal(by_severity[SEVERITY_LOW], 0);
    assert_int_equal(by_severity[SEVERITY_HIGH], 1);
    assert_int_equal(count_of("flows_moved"), 1);
}

static void a_closed_finding_starts_anew_under_its_id(void **state)
{
    (void)state;
    struct sighting s, again;
    sample_plain_web(&s);
    again = s;
    uint32_t serial = see(&s, 0, NULL);
    s.attribution = (struct attribution){.product = &sample_sophos_endpoint, .confidence = CONFIDENCE_CONFIRMED};
    see(&s, serial, &again.flow.counters);

    see(&again, 0, NULL);

    assert_int_equal(told_count, 4);
    assert_int_equal(told[3].action, FINDING_OPENED);
    assert_string_equal(told[3].id, told[0].id);
    assert_string_equal(told[3].event_id + 18, "-3");
    assert_int_equal(told[3].counters.flows, 1);
    assert_int_equal(told[3].flag_count, 2);
}

static void findings_are_keyed_as_the_contract_says(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    uint32_t update = see(&s, 0, NULL);
    sample_set_remote(&s, "94.75.236.122");
    assert_int_equal(see(&s, 0, NULL), update); /* another remote, same finding */
    s.attribution.purpose = PURPOSE_TELEMETRY;
    assert_int_not_equal(see(&s, 0, NULL), update);
    s.attribution.purpose = PURPOSE_UPDATE;
    sample_set_host(&s, "128.3.116.129");
    assert_int_not_equal(see(&s, 0, NULL), update);
    assert_int_equal(told_count, 3);
}

static void no_agents_traffic_is_keyed_by_domain_then_as_then_address(void **state)
{
    (void)state;
    struct sighting s;
    sample_plain_web(&s);
    uint32_t domain = see(&s, 0, NULL);
    sample_set_name(&s, "other.example.ru", "example.ru");
    sample_set_remote(&s, "203.0.113.78");
    assert_int_equal(see(&s, 0, NULL), domain);
    sample_set_name(&s, NULL, "");
    uint32_t as = see(&s, 0, NULL);
    assert_int_not_equal(as, domain);
    assert_string_equal(told[1].summary, "10.0.0.8 reaches AS60781 in RU (location, operator), no agent recognised");
    s.jurisdiction.operator_facts.asn_count = 0;
    sample_set_axis(&s, AXIS_OPERATOR, AXIS_AGREED, "CN");
    see(&s, 0, NULL);
    assert_string_equal(told[2].summary,
                        "10.0.0.8 reaches 203.0.113.78 in RU (location) and CN (operator), no agent recognised");
    assert_int_equal(told[2].severity, SEVERITY_LOW);
}

static void what_reaches_no_flagged_place_is_no_finding(void **state)
{
    (void)state;
    struct sighting s;
    sample_plain_web(&s);
    sample_set_axis(&s, AXIS_LOCATION, AXIS_AGREED, "NL");
    sample_set_axis(&s, AXIS_OPERATOR, AXIS_AGREED, "NL");

    assert_int_equal(see(&s, 0, NULL), 0);

    assert_int_equal(told_count, 0);
}

static void inside_the_house_only_an_agent_is_a_finding(void **state)
{
    (void)state;
    struct sighting s;
    sample_plain_web(&s);
    s.is_internal = true;
    assert_int_equal(see(&s, 0, NULL), 0);
    sample_kaspersky_update(&s); /* through the house's proxy */
    s.is_internal = true;

    assert_int_not_equal(see(&s, 0, NULL), 0);

    assert_int_equal(told_count, 1);
}

static void a_visit_to_a_flagged_vendors_site_is_info_of_its_own(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    s.attribution.product = &sample_kaspersky_site;
    s.attribution.purpose = PURPOSE_WEB;
    sample_set_name(&s, "www.kaspersky.com", "kaspersky.com");

    see(&s, 0, NULL);

    assert_int_equal(told_count, 1);
    assert_int_equal(told[0].severity, SEVERITY_INFO);
    assert_string_equal(told[0].summary, "128.3.116.128 visits a web site of Kaspersky: www.kaspersky.com");
}

static void ten_remotes_are_listed_and_all_are_counted(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 300; i++) {
            char address[32];
            snprintf(address, sizeof(address), "94.75.%u.%u", i / 200, i % 200 + 1);
            sample_set_remote(&s, address);
            see(&s, 0, NULL);
        }

    ledger_close_run(ledger, s.time);

    assert_int_equal(told[told_count - 1].remote_count, REMOTES_MAX);
    assert_int_equal(told[told_count - 1].counters.remotes, 300);
    assert_int_equal(told[told_count - 1].counters.flows, 600);
    assert_int_equal(told[told_count - 1].first_remote.flows, 2);
    assert_string_equal(told[told_count - 1].first_remote.countries[0].code, "NL");
}

static void a_full_table_refuses_and_counts(void **state)
{
    (void)state;
    struct sighting s;
    start(1);
    sample_kaspersky_update(&s);
    assert_int_equal(see(&s, 0, NULL), 1);
    sample_set_host(&s, "128.3.116.129");

    assert_int_equal(see(&s, 0, NULL), 0);

    assert_int_equal(told_count, 1);
    assert_int_equal(count_of("refused_table_full"), 1);
}

static void many_findings_keep_their_serials(void **state)
{
    (void)state;
    static uint32_t serials[3000];
    struct sighting s;
    start_with(&(struct ledger_options){.policies = policies, .told = keep, .settle_ns = NS_PER_SEC});
    sample_kaspersky_update(&s);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 3000; i++) {
            char address[32];
            snprintf(address, sizeof(address), "10.1.%u.%u", i / 250, i % 250);
            sample_set_host(&s, address);
            uint32_t serial = see(&s, 0, NULL);
            if (round == 0)
                serials[i] = serial;
            else
                assert_int_equal(serial, serials[i]);
        }
}

static void ids_are_the_same_in_every_run(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);

    see(&s, 0, NULL);

    assert_string_equal(told[0].id, "f-8b219c79df7108ea");
}

static void who_gets_no_answer_only_tries(void **state)
{
    (void)state;
    struct sighting s;
    sample_sophos_telemetry(&s);
    s.flow.app = NULL;
    s.flow.counters = (struct flow_counters){.packets_out = 3, .bytes_out = 180};

    see(&s, 0, NULL);

    assert_string_equal(told[0].summary, "Sophos Endpoint on 10.0.0.7 tries to reach t1.sophosupd.com");
}

static void sentences_are_by_purpose(void **state)
{
    (void)state;
    static const struct {
        enum purpose purpose;
        const char *summary;
    } rows[] = {
        {PURPOSE_UNKNOWN, "Sophos Endpoint on 10.0.0.7 talks to t1.sophosupd.com"},
        {PURPOSE_TELEMETRY, "Sophos Endpoint on 10.0.0.7 sends telemetry to t1.sophosupd.com"},
        {PURPOSE_REPUTATION, "Sophos Endpoint on 10.0.0.7 asks for the reputation of files at t1.sophosupd.com"},
        {PURPOSE_SAMPLE_UPLOAD, "Sophos Endpoint on 10.0.0.7 uploads samples to t1.sophosupd.com"},
        {PURPOSE_UPDATE, "Sophos Endpoint on 10.0.0.7 fetches updates from t1.sophosupd.com"},
        {PURPOSE_MANAGEMENT, "Sophos Endpoint on 10.0.0.7 is managed by t1.sophosupd.com"},
        {PURPOSE_LICENSING, "Sophos Endpoint on 10.0.0.7 checks its licence with t1.sophosupd.com"},
        {PURPOSE_ACCOUNT, "Sophos Endpoint on 10.0.0.7 signs in at t1.sophosupd.com"},
        {PURPOSE_VPN, "Sophos Endpoint on 10.0.0.7 tunnels traffic to t1.sophosupd.com"},
    };
    struct sighting s;
    sample_sophos_telemetry(&s);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        s.attribution.purpose = rows[i].purpose;
        see(&s, 0, NULL);
        assert_string_equal(told[i].summary, rows[i].summary);
        assert_int_equal(told[i].severity, SEVERITY_INFO);
    }
}

static void a_name_is_written_as_people_write_it_and_ends_no_sentence(void **state)
{
    (void)state;
    static const struct text names[] = {{"example.org.", 12}, {"a\0b.org", 7}, {".", 1}, {"\0", 1}};
    static const char *const ends[] = {" from example.org",
                                       " from a\xef\xbf\xbd"
                                       "b.org",
                                       " from .", " from \xef\xbf\xbd"};
    char long_name[400];
    struct sighting s;
    sample_kaspersky_update(&s);
    for (size_t i = 0; i < 4; i++) {
        s.name = names[i];
        sample_set_host(&s, (const char *const[]){"10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.4"}[i]);
        see(&s, 0, NULL);
        size_t length = strlen(told[i].summary), end = strlen(ends[i]);
        assert_true(length > end);
        assert_string_equal(told[i].summary + length - end, ends[i]);
    }
    memset(long_name, 0, sizeof(long_name));
    s.name = (struct text){long_name, sizeof(long_name)};
    sample_set_host(&s, "10.0.1.5");
    see(&s, 0, NULL);
    assert_true(strlen(told[4].summary) < sizeof(told[4].summary));
}

static void an_embedded_engine_and_a_guess_are_said_to_be_so(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    s.attribution.engine_host = &sample_check_point;
    s.attribution.confidence = CONFIDENCE_POSSIBLE;

    see(&s, 0, NULL);

    assert_string_equal(told[0].summary,
                        "Possibly Kaspersky engine in Harmony Endpoint on 128.3.116.128 fetches updates in clear "
                        "text from 94.75.236.123");
    assert_int_equal(told[0].severity, SEVERITY_MEDIUM);
}

static struct host_record hosts[4];
static struct host_product products[4][4];
static size_t host_count;

static void keep_host(void *context, const struct host_record *host)
{
    (void)context;
    assert_true(host_count < 4 && host->product_count <= 4);
    hosts[host_count] = *host;
    memcpy(products[host_count++], host->products, host->product_count * sizeof(host->products[0]));
}

static void the_inventory_lists_agents_by_host(void **state)
{
    (void)state;
    struct sighting s;
    host_count = 0;
    sample_kaspersky_update(&s);
    see(&s, 0, NULL);
    s.attribution.purpose = PURPOSE_TELEMETRY;
    s.attribution.confidence = CONFIDENCE_PROBABLE;
    see(&s, 0, NULL);
    sample_sophos_telemetry(&s);
    see(&s, 0, NULL);
    sample_set_host(&s, "128.3.116.128");
    see(&s, 0, NULL);
    sample_plain_web(&s); /* no agent: not in the inventory */
    see(&s, 0, NULL);

    ledger_hosts(ledger, keep_host, NULL);

    assert_int_equal(host_count, 2);
    assert_true(ip_compare(&hosts[0].host, &hosts[1].host) < 0);
    assert_int_equal(hosts[0].product_count, 1);
    assert_int_equal(hosts[1].product_count, 2);
    assert_true(hosts[1].has_mac);
    assert_string_equal(hosts[1].sensor, "s1");
    assert_string_equal(products[1][0].product->id, "kaspersky");
    assert_int_equal(products[1][0].purposes, 1 << PURPOSE_UPDATE | 1 << PURPOSE_TELEMETRY);
    assert_int_equal(products[1][0].confidence, CONFIDENCE_CONFIRMED);
    assert_int_equal(products[1][0].severity, SEVERITY_CRITICAL);
    assert_int_equal(products[1][0].bytes_out, 1600);
    assert_int_equal(products[1][0].flows, 2);
}

/* An agent of a vendor that nobody flags, at an address that a database puts into RU ... */
static struct sighting claimed(const char *uid)
{
    struct sighting s;
    sample_sophos_telemetry(&s);
    sample_set_axis(&s, AXIS_LOCATION, AXIS_SINGLE_SOURCE, "RU");
    snprintf(s.flow.uid, sizeof(s.flow.uid), "%s", uid);
    return s;
}

/* ... and which answers too soon for that. */
static struct sighting refuted(const char *uid)
{
    struct sighting s = claimed(uid);
    struct axis_judgement *location = &s.jurisdiction.axes[AXIS_LOCATION];
    sample_set_axis(&s, AXIS_LOCATION, AXIS_UNKNOWN, "");
    location->sources[location->source_count++] =
        (struct axis_source){.database = "DB", .provider = 1, .country = {"RU"}, .is_refuted = true};
    s.reach.shortest = (struct round_trip){2000, ROUND_TRIP_TLS};
    return s;
}

static void what_a_round_trip_refutes_later_is_told_and_severity_stays(void **state)
{
    (void)state;
    static const char *const flows[] = {"first", "second"};
    for (size_t i = 0; i < 2; i++) {
        start(0);
        struct sighting early = claimed("first"), late = refuted(flows[i]);

        uint32_t serial = see(&early, 0, NULL);
        see(&late, i == 0 ? serial : 0, i == 0 ? &early.flow.counters : NULL);
        ledger_close_run(ledger, late.time);

        assert_int_equal(told_count, 2);
        assert_string_equal(told[0].rule, "agent-in-flagged-place");
        assert_int_equal(told[0].location, AXIS_SINGLE_SOURCE);
        assert_int_equal(told[1].action, FINDING_UPDATED);
        assert_int_equal(told[1].severity, SEVERITY_HIGH);
        assert_int_equal(told[1].location, AXIS_UNKNOWN);
        assert_int_equal(told[1].rtt_us, 2000);
    }
}

static void what_is_refuted_before_it_is_told_is_told_as_it_is(void **state)
{
    (void)state;
    static const char *const flows[] = {"first", "second"};
    for (size_t i = 0; i < 2; i++) {
        start_with(&(struct ledger_options){.policies = policies, .settle_ns = NS_PER_SEC, .told = keep});
        struct sighting early = claimed("first"), late = refuted(flows[i]);

        uint32_t serial = see(&early, 0, NULL);
        see(&late, i == 0 ? serial : 0, i == 0 ? &early.flow.counters : NULL);
        ledger_close_run(ledger, late.time);

        assert_int_equal(told_count, 1);
        assert_int_equal(told[0].severity, SEVERITY_INFO);
        assert_string_equal(told[0].rule, "agent-not-flagged");
        assert_int_equal(told[0].flag_count, 0);
        assert_int_equal(told[0].location, AXIS_UNKNOWN);
    }
}

static void a_longer_round_trip_and_another_remote_refute_nothing(void **state)
{
    (void)state;
    struct sighting early = claimed("first"), slow = refuted("second"), other = refuted("third");
    early.reach.shortest = (struct round_trip){2000, ROUND_TRIP_TLS};
    slow.reach.shortest.us = 2001;
    sample_set_remote(&other, "192.0.2.77");

    see(&early, 0, NULL);
    see(&slow, 0, NULL);
    see(&other, 0, NULL);
    ledger_close_run(ledger, early.time);

    assert_int_equal(told[told_count - 1].location, AXIS_SINGLE_SOURCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_sighting_opens_a_finding, each),
        cmocka_unit_test_setup(totals_come_in_one_update_at_the_end, each),
        cmocka_unit_test_setup(nothing_is_told_twice_when_nothing_grew, each),
        cmocka_unit_test_setup(news_wait_for_the_rest_of_their_evidence, each),
        cmocka_unit_test_setup(news_that_wait_are_told_at_the_end_and_moved_ones_never, each),
        cmocka_unit_test_setup(the_same_flow_is_counted_once, each),
        cmocka_unit_test_setup(worse_is_told_at_once_and_better_is_not, each),
        cmocka_unit_test_setup(a_newly_flagged_axis_escalates, each),
        cmocka_unit_test_setup(roll_ups_come_once_a_day_of_packet_time, each),
        cmocka_unit_test_setup(a_flow_moves_to_the_finding_of_its_better_name, each),
        cmocka_unit_test_setup(a_closed_finding_starts_anew_under_its_id, each),
        cmocka_unit_test_setup(findings_are_keyed_as_the_contract_says, each),
        cmocka_unit_test_setup(no_agents_traffic_is_keyed_by_domain_then_as_then_address, each),
        cmocka_unit_test_setup(what_reaches_no_flagged_place_is_no_finding, each),
        cmocka_unit_test_setup(inside_the_house_only_an_agent_is_a_finding, each),
        cmocka_unit_test_setup(a_visit_to_a_flagged_vendors_site_is_info_of_its_own, each),
        cmocka_unit_test_setup(ten_remotes_are_listed_and_all_are_counted, each),
        cmocka_unit_test_setup(a_full_table_refuses_and_counts, each),
        cmocka_unit_test_setup(many_findings_keep_their_serials, each),
        cmocka_unit_test_setup(ids_are_the_same_in_every_run, each),
        cmocka_unit_test_setup(who_gets_no_answer_only_tries, each),
        cmocka_unit_test_setup(sentences_are_by_purpose, each),
        cmocka_unit_test_setup(a_name_is_written_as_people_write_it_and_ends_no_sentence, each),
        cmocka_unit_test_setup(an_embedded_engine_and_a_guess_are_said_to_be_so, each),
        cmocka_unit_test_setup(the_inventory_lists_agents_by_host, each),
        cmocka_unit_test_setup(a_longer_round_trip_and_another_remote_refute_nothing, each),
        cmocka_unit_test_setup(what_is_refuted_before_it_is_told_is_told_as_it_is, each),
        cmocka_unit_test_setup(what_a_round_trip_refutes_later_is_told_and_severity_stays, each),
    };
    return cmocka_run_group_tests_name("alerts/ledger", tests, set_up, tear_down);
}
