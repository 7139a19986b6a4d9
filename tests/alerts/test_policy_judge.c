#include "sample.h"
#include "test.h"

static struct policy_set *defaults;

static int set_up(void **state)
{
    (void)state;
    defaults = sample_policies(NULL, 0, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    policy_set_free(defaults);
    return 0;
}

static const struct policy_verdict *verdict_of(const struct verdicts *v, const char *policy)
{
    for (unsigned i = 0; i < v->policy_count; i++)
        if (strcmp(v->policies[i].policy, policy) == 0)
            return &v->policies[i];
    fail_msg("no verdict by %s", policy);
    return NULL;
}

static enum verdict judge_location(const char *policy, const char *countries, const char *day)
{
    struct sighting s;
    sample_plain_web(&s);
    sample_set_axis(&s, AXIS_LOCATION, countries[0] ? AXIS_AGREED : AXIS_UNKNOWN, countries);
    struct policy_set *set = sample_policies(&policy, 1, NULL);
    assert_true(day == NULL || packet_time_parse(day, &s.time));
    if (day == NULL)
        s.time.ns = 0;
    sample_judge(&s, set);
    enum verdict ret = verdict_of(&s.verdicts, policy)->axes[AXIS_LOCATION];
    policy_set_free(set);
    return ret;
}

static void the_2018_capture_is_judged_by_todays_policy(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);

    sample_judge(&s, defaults);

    const struct policy_verdict *adversaries = verdict_of(&s.verdicts, "us-foreign-adversaries");
    assert_int_equal(adversaries->axes[AXIS_LOCATION], VERDICT_OUT);
    assert_int_equal(adversaries->axes[AXIS_OPERATOR], VERDICT_OUT);
    assert_int_equal(adversaries->axes[AXIS_VENDOR], VERDICT_IN);
    assert_int_equal(adversaries->axes[AXIS_TRANSIT], VERDICT_UNKNOWN);
    assert_int_equal(s.verdicts.flag_count, 2);
    assert_string_equal(s.verdicts.flags[0].policy, "us-foreign-adversaries");
    assert_string_equal(s.verdicts.flags[1].policy, "us-kaspersky");
    assert_string_equal(s.verdicts.flags[1].country.code, "RU");
}

static void membership_gives_the_four_verdicts(void **state)
{
    (void)state;
    static const struct {
        const char *policy, *countries, *day;
        enum verdict verdict;
    } rows[] = {
        {"us-foreign-adversaries", "RU", NULL, VERDICT_IN},
        {"us-foreign-adversaries", "CN RU", NULL, VERDICT_IN},
        {"us-foreign-adversaries", "NL RU", NULL, VERDICT_CONTESTED},
        {"us-foreign-adversaries", "NL", NULL, VERDICT_OUT},
        {"us-foreign-adversaries", "", NULL, VERDICT_UNKNOWN},
        {"us-foreign-adversaries", "VE", NULL, VERDICT_CONTESTED}, /* conditional alone */
        {"us-foreign-adversaries", "RU VE", NULL, VERDICT_CONTESTED},
        {"us-foreign-adversaries", "TW", NULL, VERDICT_OUT},
        {"us-bulk-data", "VE", NULL, VERDICT_IN},
        {"us-covered-nations", "HK", NULL, VERDICT_CONTESTED},
        {"us-itar-126-1", "RU", "2018-08-07", VERDICT_OUT}, /* a code's own since counts at packet time */
        {"us-itar-126-1", "RU", "2021-03-18", VERDICT_IN},
        {"us-itar-126-1", "RU", NULL, VERDICT_IN},
        {"us-itar-126-1", "BY", "2018-08-07", VERDICT_IN},
        {"fatf-call-for-action", "MM", "2022-10-20", VERDICT_OUT},
        {"fatf-call-for-action", "MM", "2022-10-21", VERDICT_IN},
        {"eu-gdpr-adequate", "DE", NULL, VERDICT_OUT}, /* allow list: turned round */
        {"eu-gdpr-adequate", "NO", NULL, VERDICT_OUT},
        {"eu-gdpr-adequate", "RU", NULL, VERDICT_IN},
        {"eu-gdpr-adequate", "DE RU", NULL, VERDICT_CONTESTED},
        {"eu-gdpr-adequate", "US", "2026-01-01", VERDICT_CONTESTED},
        {"eu-gdpr-adequate", "US", "2022-01-01", VERDICT_IN},
        {"eu-gdpr-adequate", "CA", NULL, VERDICT_CONTESTED},
        {"eu-gdpr-adequate", "BR", "2026-01-26", VERDICT_IN},
        {"eu-gdpr-adequate", "BR", "2026-01-27", VERDICT_OUT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (judge_location(rows[i].policy, rows[i].countries, rows[i].day) != rows[i].verdict)
            fail_msg("%s on '%s' at %s", rows[i].policy, rows[i].countries, rows[i].day ? rows[i].day : "any time");
}

static void an_origin_without_a_country_could_be_anywhere(void **state)
{
    (void)state;
    static const struct {
        const char *countries;
        enum verdict verdict;
    } rows[] = {{"RU", VERDICT_CONTESTED}, {"SE", VERDICT_UNKNOWN}, {"RU SE", VERDICT_CONTESTED}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sighting s;
        sample_sophos_telemetry(&s);
        sample_set_axis(&s, AXIS_OPERATOR, AXIS_SINGLE_SOURCE, rows[i].countries);
        s.jurisdiction.axes[AXIS_OPERATOR].is_incomplete = true;

        sample_judge(&s, defaults);

        assert_int_equal(verdict_of(&s.verdicts, "us-foreign-adversaries")->axes[AXIS_OPERATOR], rows[i].verdict);
    }
}

static void a_policy_judges_only_its_axes(void **state)
{
    (void)state;
    struct sighting s;
    sample_plain_web(&s);

    sample_judge(&s, defaults);

    const struct policy_verdict *kaspersky = verdict_of(&s.verdicts, "us-kaspersky");
    assert_int_equal(kaspersky->judged, 1 << AXIS_VENDOR);
    assert_int_equal(s.verdicts.flag_count, 2); /* location and operator, by the other policy alone */
    assert_string_equal(s.verdicts.flags[0].policy, "us-foreign-adversaries");
    assert_string_equal(s.verdicts.flags[1].policy, "us-foreign-adversaries");
}

static void a_named_vendor_is_in_wherever_it_lives(void **state)
{
    (void)state;
    const char *name = "au-pspf-002-2025";
    struct sighting s;
    struct policy_set *set = sample_policies(&name, 1, NULL);
    sample_kaspersky_update(&s);
    sample_set_axis(&s, AXIS_VENDOR, AXIS_AGREED, "CH");

    sample_judge(&s, set);

    assert_int_equal(s.verdicts.policies[0].axes[AXIS_VENDOR], VERDICT_IN);
    assert_int_equal(s.verdicts.flag_count, 1);
    assert_string_equal(s.verdicts.flags[0].country.code, "RU"); /* the vendor's domicile */
    policy_set_free(set);
}

static void another_russian_vendor_is_a_question_to_us_kaspersky(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    s.attribution.product = &sample_sophos_endpoint;

    sample_judge(&s, defaults);

    assert_int_equal(verdict_of(&s.verdicts, "us-kaspersky")->axes[AXIS_VENDOR], VERDICT_CONTESTED);
}

static void unknown_could_be_in_only_when_a_source_says_so(void **state)
{
    (void)state;
    struct sighting s;
    sample_sophos_telemetry(&s);
    sample_set_axis(&s, AXIS_LOCATION, AXIS_UNKNOWN, "");
    sample_judge(&s, defaults);
    assert_int_equal(verdict_of(&s.verdicts, "us-foreign-adversaries")->could_be_in, 0);

    s.jurisdiction.axes[AXIS_LOCATION].source_count = 1;
    s.jurisdiction.axes[AXIS_LOCATION].sources[0] = (struct axis_source){.database = "x", .country = {"CN"}};
    sample_judge(&s, defaults);

    assert_int_equal(verdict_of(&s.verdicts, "us-foreign-adversaries")->could_be_in, 1 << AXIS_LOCATION);

    s.jurisdiction.axes[AXIS_LOCATION].sources[0].is_refuted = true;
    sample_judge(&s, defaults);
    assert_int_equal(verdict_of(&s.verdicts, "us-foreign-adversaries")->could_be_in, 0);
    s.jurisdiction.axes[AXIS_LOCATION].sources[0].is_refuted = false;
    s.jurisdiction.axes[AXIS_LOCATION].sources[0].is_own_claim = true;
    sample_judge(&s, defaults);
    assert_int_equal(verdict_of(&s.verdicts, "us-foreign-adversaries")->could_be_in, 0);
}

static void flag_codes_make_a_policy_over_all_axes(void **state)
{
    (void)state;
    struct sighting s;
    const struct policy *const *policies;
    struct policy_set *set = sample_policies(NULL, 0, "NL,CN");
    sample_kaspersky_update(&s);

    sample_judge(&s, set);

    assert_int_equal(policy_set_policies(set, &policies), 3);
    assert_string_equal(policies[2]->id, "flag");
    assert_int_equal(verdict_of(&s.verdicts, "flag")->judged, 15);
    assert_int_equal(verdict_of(&s.verdicts, "flag")->axes[AXIS_LOCATION], VERDICT_IN);
    assert_string_equal(s.verdicts.flags[0].policy, "flag"); /* sorted by policy */
    policy_set_free(set);
}

static void flags_are_sorted_and_without_doubles(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    sample_set_axis(&s, AXIS_OPERATOR, AXIS_AGREED, "RU CN");

    sample_judge(&s, defaults);

    assert_int_equal(s.verdicts.flag_count, 4);
    assert_int_equal(s.verdicts.flags[0].axis, AXIS_OPERATOR);
    assert_string_equal(s.verdicts.flags[0].country.code, "CN");
    assert_string_equal(s.verdicts.flags[1].country.code, "RU");
    assert_int_equal(s.verdicts.flags[2].axis, AXIS_VENDOR);
}

static void one_carrier_of_concern_on_every_path_is_enough(void **state)
{
    (void)state;
    static const struct {
        enum axis_status status;
        const char *countries;
        uint8_t certain;
        bool is_incomplete;
        enum verdict verdict;
    } rows[] = {
        {AXIS_AGREED, "CN DE", 3, false, VERDICT_IN},
        {AXIS_AGREED, "DE SE", 3, false, VERDICT_OUT},
        {AXIS_CONTESTED, "CN DE SE", 1, false, VERDICT_IN},        /* all paths have CN */
        {AXIS_CONTESTED, "CN DE SE", 2, false, VERDICT_CONTESTED}, /* some have */
        {AXIS_CONTESTED, "DE SE", 1, false, VERDICT_OUT},
        {AXIS_CONTESTED, "DE", 1, true, VERDICT_UNKNOWN}, /* and a carrier of unknown country */
        {AXIS_CONTESTED, "CN", 1, true, VERDICT_IN},
        {AXIS_UNKNOWN, "", 0, false, VERDICT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sighting s;
        sample_plain_web(&s);
        sample_set_axis(&s, AXIS_TRANSIT, rows[i].status, rows[i].countries);
        s.jurisdiction.axes[AXIS_TRANSIT].certain = rows[i].certain;
        s.jurisdiction.axes[AXIS_TRANSIT].is_incomplete = rows[i].is_incomplete;
        sample_judge(&s, defaults);
        assert_int_equal(verdict_of(&s.verdicts, "us-foreign-adversaries")->axes[AXIS_TRANSIT], rows[i].verdict);
        assert_int_equal(s.verdicts.flag_count,
                         2 + (rows[i].verdict == VERDICT_IN)); /* RU is its place; CN, never DE */
    }
}

static void flagged_countries_are_those_of_every_policy(void **state)
{
    (void)state;
    struct country found[300];

    size_t count = policy_flagged_countries(defaults, (struct packet_time){0}, found, 300);

    assert_int_equal(count, 7); /* without VE, which is conditional */
    assert_string_equal(found[0].code, "CN");
    assert_string_equal(found[6].code, "RU");
    assert_int_equal(policy_flagged_countries(defaults, (struct packet_time){0}, found, 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_2018_capture_is_judged_by_todays_policy),
        cmocka_unit_test(membership_gives_the_four_verdicts),
        cmocka_unit_test(an_origin_without_a_country_could_be_anywhere),
        cmocka_unit_test(a_policy_judges_only_its_axes),
        cmocka_unit_test(a_named_vendor_is_in_wherever_it_lives),
        cmocka_unit_test(another_russian_vendor_is_a_question_to_us_kaspersky),
        cmocka_unit_test(unknown_could_be_in_only_when_a_source_says_so),
        cmocka_unit_test(flag_codes_make_a_policy_over_all_axes),
        cmocka_unit_test(flags_are_sorted_and_without_doubles),
        cmocka_unit_test(one_carrier_of_concern_on_every_path_is_enough),
        cmocka_unit_test(flagged_countries_are_those_of_every_policy),
    };
    return cmocka_run_group_tests_name("alerts/policy_judge", tests, set_up, tear_down);
}
