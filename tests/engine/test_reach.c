/* What round trips make of claims, with Frankfurt as the sensor's place: RU is 877 km away there, BY 1,037, CN 5,078.
 */
#include "engine/reach_internal.h"
#include "test.h"

enum { HOUR_SEC = 3600 };

static struct sensor_place frankfurt = {.position = {50.11, 8.68, 5}};
static struct reaches *reaches;
static const struct country concern[] = {{"BY"}, {"CN"}, {"RU"}};
static const struct ip_address remote = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 5, 255, 255, 70}};
static const struct packet_time start = {INT64_C(1600000000000000000)};

static int set_up(void **state)
{
    (void)state;
    country_distances_measure(frankfurt.position.lat, frankfurt.position.lon, &frankfurt.distances);
    return reaches_new(&frankfurt, &reaches);
}

static int tear_down(void **state)
{
    (void)state;
    reaches_free(reaches);
    return 0;
}

static struct flow flow_of(enum round_trip_kind kind, uint32_t us)
{
    return (struct flow){.round_trip_kind = (uint8_t)kind, .round_trip_us = us};
}

static void learn(enum round_trip_kind kind, uint32_t us, int64_t after_sec)
{
    struct flow flow = flow_of(kind, us);
    reaches_learn(reaches, &flow, &remote, (struct packet_time){start.ns + after_sec * NS_PER_SEC}, true);
}

static struct reach judge(enum round_trip_kind kind, uint32_t us, int64_t after_sec)
{
    struct flow flow = flow_of(kind, us);
    struct reach ret;
    reaches_judge(reaches, &flow, &remote, (struct packet_time){start.ns + after_sec * NS_PER_SEC}, concern, 3, &ret);
    return ret;
}

static bool has(const struct country_set *set, const char *code)
{
    struct country country;
    for (unsigned at = 0; country_set_next(set, &at, &country);)
        if (strcmp(country.code, code) == 0)
            return true;
    return false;
}

static void the_shortest_of_a_day_counts(void **state)
{
    (void)state;
    learn(ROUND_TRIP_TLS, 30000, 0);
    learn(ROUND_TRIP_TLS, 20000, HOUR_SEC);
    learn(ROUND_TRIP_TLS, 25000, 2 * HOUR_SEC);

    struct reach seen = judge(ROUND_TRIP_TLS, 25000, 2 * HOUR_SEC);
    assert_int_equal(seen.shortest.us, 20000);
    assert_int_equal(seen.samples, 3);
    assert_string_equal(seen.sensor, "50.11,8.68 r5km");
    assert_in_range(seen.vacuum_km, 2998, 2999);
    assert_in_range(seen.fibre_km, 2042, 2043);

    learn(ROUND_TRIP_TLS, 40000, 26 * HOUR_SEC);
    seen = judge(ROUND_TRIP_TLS, 40000, 26 * HOUR_SEC);
    assert_int_equal(seen.shortest.us, 40000);
    assert_int_equal(seen.samples, 1);
}

static void what_speaks_the_content_comes_before_a_handshake_of_tcp(void **state)
{
    (void)state;
    learn(ROUND_TRIP_TCP, 2000, 0);
    learn(ROUND_TRIP_TLS, 30000, 0);

    assert_int_equal(judge(ROUND_TRIP_TLS, 31000, 0).shortest.us, 30000);
    assert_int_equal(judge(ROUND_TRIP_TLS, 31000, 0).handshake_us, 2000);
    assert_int_equal(judge(ROUND_TRIP_TCP, 2500, 0).handshake_us, 0);
    assert_int_equal(judge(ROUND_TRIP_TCP, 2500, 0).shortest.us, 2000);
    struct reach without_own = judge(ROUND_TRIP_NOT_SEEN, 0, 0);
    assert_int_equal(without_own.shortest.us, 30000);
    assert_int_equal(without_own.shortest.kind, ROUND_TRIP_TLS);
}

static void a_flow_that_was_not_learnt_of_counts_by_itself(void **state)
{
    (void)state;
    assert_int_equal(judge(ROUND_TRIP_TCP, 5000, 0).shortest.us, 5000);
    assert_int_equal(judge(ROUND_TRIP_TCP, 5000, 0).samples, 1);
    assert_int_equal(judge(ROUND_TRIP_NOT_SEEN, 0, 0).shortest.kind, ROUND_TRIP_NOT_SEEN);
    assert_null(judge(ROUND_TRIP_TWO_CLOCKS, 0, 0).sensor);
}

static void countries_are_excluded_by_their_distance(void **state)
{
    (void)state;
    struct reach seen = judge(ROUND_TRIP_TLS, 6000, 0); /* 899 km in vacuum, 612 in fibre */
    assert_true(has(&seen.excluded_vacuum, "CN") && has(&seen.excluded_vacuum, "BY"));
    assert_true(!has(&seen.excluded_vacuum, "RU") && has(&seen.excluded_fibre, "RU"));
    seen = judge(ROUND_TRIP_TLS, 300000, 0);
    assert_false(has(&seen.excluded_vacuum, "CN") || has(&seen.excluded_fibre, "CN"));
}

static struct axis_judgement claims(const char *first, const char *second)
{
    struct axis_judgement ret = {.status = AXIS_AGREED, .country_count = 1, .source_count = 2, .reason = "as claimed"};
    struct country countries[2];
    assert_true(country_parse(first, 2, &countries[0]) && country_parse(second, 2, &countries[1]));
    ret.sources[0] = (struct axis_source){.database = "one", .provider = 1, .country = countries[0]};
    ret.sources[1] = (struct axis_source){.database = "two", .provider = 2, .country = countries[1]};
    ret.countries[0] = countries[0];
    ret.countries[1] = countries[1];
    if (!country_equal(countries[0], countries[1])) {
        ret.country_count = 2;
        ret.status = AXIS_CONTESTED;
    }
    return ret;
}

static struct axis_judgement refuted(const char *first, const char *second, uint32_t us)
{
    struct axis_judgement ret = claims(first, second);
    struct reach reach = judge(ROUND_TRIP_TLS, us, 0);
    reaches_refute(reaches, &reach, &ret);
    assert_int_equal(ret.source_count, 2); /* kept: the record shows what was claimed */
    return ret;
}

static void claims_that_light_refutes_are_taken_out(void **state)
{
    (void)state;
    struct axis_judgement axis = refuted("RU", "RU", 2000);
    assert_int_equal(axis.status, AXIS_UNKNOWN);
    assert_int_equal(axis.country_count, 0);
    assert_string_equal(axis.reason, "all claims refuted by RTT: 2.0 ms, RU is farther away");

    axis = refuted("CN", "DE", 2000);
    assert_int_equal(axis.status, AXIS_SINGLE_SOURCE);
    assert_int_equal(axis.country_count, 1);
    assert_string_equal(axis.countries[0].code, "DE");
    assert_string_equal(axis.reason, "as claimed; CN refuted by RTT (2.0 ms)");
}

static void what_is_left_is_agreed_by_providers_not_by_files(void **state)
{
    (void)state;
    static const struct {
        uint8_t third;
        enum axis_status status;
    } rows[] = {{2, AXIS_SINGLE_SOURCE}, {3, AXIS_AGREED}, {0, AXIS_SINGLE_SOURCE}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct axis_judgement axis = claims("CN", "DE");
        struct reach reach = judge(ROUND_TRIP_TLS, 2000, 0);
        axis.sources[2] = (struct axis_source){.database = "file", .provider = rows[i].third, .country = {"DE"}};
        axis.source_count = 3;

        reaches_refute(reaches, &reach, &axis);

        assert_int_equal(axis.status, rows[i].status);
        assert_true(axis.sources[0].is_refuted);
        assert_false(axis.sources[1].is_refuted || axis.sources[2].is_refuted);
    }
}

static void an_override_that_is_refuted_is_not_all_claims(void **state)
{
    (void)state;
    struct axis_judgement axis = claims("RU", "DE");
    struct reach reach = judge(ROUND_TRIP_TLS, 2000, 0);
    axis.country_count = 1; /* what databases say beside an override is no candidate */

    reaches_refute(reaches, &reach, &axis);

    assert_int_equal(axis.status, AXIS_UNKNOWN);
    assert_string_equal(axis.reason, "the override is refuted by RTT: 2.0 ms, RU is farther away");
    assert_true(axis.sources[0].is_refuted && !axis.sources[1].is_refuted);
}

static void claims_of_an_unknown_place_are_refuted_too(void **state)
{
    (void)state;
    struct axis_judgement axis = claims("RU", "DE");
    struct reach reach = judge(ROUND_TRIP_TLS, 2000, 0);
    axis.status = AXIS_UNKNOWN; /* anycast */
    axis.country_count = 0;

    reaches_refute(reaches, &reach, &axis);

    assert_string_equal(axis.reason, "as claimed");
    assert_true(axis.sources[0].is_refuted && !axis.sources[1].is_refuted);
}

static void a_claim_that_only_fibre_refutes_is_contested(void **state)
{
    (void)state;
    struct axis_judgement axis = refuted("RU", "RU", 6000);
    assert_int_equal(axis.status, AXIS_CONTESTED);
    assert_int_equal(axis.country_count, 1);
    assert_string_equal(axis.reason, "as claimed; RU too far for this RTT in fibre (6.0 ms)");
}

static void a_long_round_trip_changes_nothing(void **state)
{
    (void)state;
    struct axis_judgement axis = refuted("CN", "RU", 300000);
    assert_int_equal(axis.status, AXIS_CONTESTED);
    assert_int_equal(axis.country_count, 2);
    assert_string_equal(axis.reason, "as claimed");
}

static void transit_is_excluded_by_the_flows_own_round_trip(void **state)
{
    (void)state;
    struct jurisdiction j = {.is_embedded = false};
    struct flow flow = flow_of(ROUND_TRIP_NOT_SEEN, 0);
    learn(ROUND_TRIP_TLS, 2000, 0);
    reaches_transit(reaches, &flow, concern, 3, &j);
    assert_false(j.has_transit_excluded);
    flow = flow_of(ROUND_TRIP_TCP, 6000);
    reaches_transit(reaches, &flow, concern, 3, &j);
    assert_true(j.has_transit_excluded);
    assert_true(has(&j.transit_excluded, "BY") && has(&j.transit_excluded, "CN") && !has(&j.transit_excluded, "RU"));
}

static void without_a_position_nothing_is_known(void **state)
{
    (void)state;
    struct reaches *none;
    struct flow flow = flow_of(ROUND_TRIP_NOT_WATCHED, 0);
    struct axis_judgement axis = claims("RU", "RU");
    struct jurisdiction j = {.is_embedded = false};
    struct reach seen;
    assert_int_equal(reaches_new(NULL, &none), STATUS_OK);

    reaches_learn(none, &flow, &remote, start, true);
    reaches_judge(none, &flow, &remote, start, concern, 3, &seen);
    reaches_refute(none, &seen, &axis);
    reaches_transit(none, &flow, concern, 3, &j);

    assert_string_equal(round_trip_kind_text(seen.shortest.kind), "no sensor position");
    assert_int_equal(axis.country_count, 1);
    assert_false(j.has_transit_excluded);
    reaches_free(none);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_shortest_of_a_day_counts),
        TEST(what_speaks_the_content_comes_before_a_handshake_of_tcp),
        TEST(a_flow_that_was_not_learnt_of_counts_by_itself),
        TEST(countries_are_excluded_by_their_distance),
        TEST(claims_that_light_refutes_are_taken_out),
        TEST(what_is_left_is_agreed_by_providers_not_by_files),
        TEST(an_override_that_is_refuted_is_not_all_claims),
        TEST(claims_of_an_unknown_place_are_refuted_too),
        TEST(a_claim_that_only_fibre_refutes_is_contested),
        TEST(a_long_round_trip_changes_nothing),
        TEST(transit_is_excluded_by_the_flows_own_round_trip),
        TEST(without_a_position_nothing_is_known),
    };
    return cmocka_run_group_tests_name("engine/reach", tests, NULL, NULL);
}
