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

/* One row: whose agent (or none), how sure, what for, how exposed, and where its axes lie; "" is unknown. */
struct row {
    const struct product *product;
    enum confidence confidence;
    enum purpose purpose;
    enum exposure_class exposure;
    const char *location, *operator_, *vendor, *transit;
    enum severity severity;
    const char *rule;
};

static void judge_row(const struct row *row, struct sighting *s)
{
    sample_kaspersky_update(s);
    s->attribution.product = row->product;
    s->attribution.confidence = row->confidence;
    s->attribution.purpose = row->purpose;
    s->exposure.class_ = row->exposure;
    const char *axes[AXIS_COUNT] = {row->location, row->operator_, row->vendor, row->transit};
    for (unsigned axis = 0; axis < AXIS_COUNT; axis++)
        sample_set_axis(s, (enum axis)axis, axes[axis][0] ? AXIS_AGREED : AXIS_UNKNOWN, axes[axis]);
    sample_judge(s, defaults);
}

static void each_row_of_the_table_decides_its_case(void **state)
{
    (void)state;
    const struct product *k = &sample_kaspersky_any, *w = &sample_kaspersky_site, *o = &sample_sophos_endpoint;
    const struct row rows[] = {
        {k, CONFIDENCE_CONFIRMED, PURPOSE_UPDATE, EXPOSURE_CLEARTEXT, "NL", "NL", "RU", "", SEVERITY_CRITICAL,
         "flagged-vendor-cleartext-update"},
        {k, CONFIDENCE_PROBABLE, PURPOSE_TELEMETRY, EXPOSURE_CLEARTEXT, "NL", "NL", "RU", "", SEVERITY_CRITICAL,
         "flagged-vendor-cleartext"},
        {k, CONFIDENCE_CONFIRMED, PURPOSE_TELEMETRY, EXPOSURE_HARVESTABLE, "RU", "NL", "RU", "", SEVERITY_CRITICAL,
         "flagged-vendor-in-flagged-place"},
        {k, CONFIDENCE_CONFIRMED, PURPOSE_TELEMETRY, EXPOSURE_HARVESTABLE, "NL", "CN", "RU", "", SEVERITY_CRITICAL,
         "flagged-vendor-in-flagged-place"},
        {k, CONFIDENCE_CONFIRMED, PURPOSE_TELEMETRY, EXPOSURE_QUANTUM_SAFE, "NL", "NL", "RU", "", SEVERITY_HIGH,
         "flagged-vendor"},
        {k, CONFIDENCE_CONFIRMED, PURPOSE_UNKNOWN, EXPOSURE_UNKNOWN, "", "", "RU", "", SEVERITY_HIGH, "flagged-vendor"},
        {o, CONFIDENCE_CONFIRMED, PURPOSE_TELEMETRY, EXPOSURE_HARVESTABLE, "CN", "US", "GB", "", SEVERITY_HIGH,
         "agent-in-flagged-place"},
        {o, CONFIDENCE_PROBABLE, PURPOSE_UPDATE, EXPOSURE_HARVESTABLE, "US", "CN", "GB", "", SEVERITY_HIGH,
         "agent-in-flagged-place"},
        {k, CONFIDENCE_POSSIBLE, PURPOSE_UPDATE, EXPOSURE_CLEARTEXT, "RU", "RU", "RU", "", SEVERITY_MEDIUM,
         "possible-agent-flagged"},
        {o, CONFIDENCE_CONFIRMED, PURPOSE_UPDATE, EXPOSURE_HARVESTABLE, "US", "US", "GB", "CN", SEVERITY_MEDIUM,
         "agent-through-flagged-transit"},
        {o, CONFIDENCE_CONFIRMED, PURPOSE_UPDATE, EXPOSURE_HARVESTABLE, "NL RU", "US", "GB", "", SEVERITY_MEDIUM,
         "agent-could-be-flagged"},
        {o, CONFIDENCE_CONFIRMED, PURPOSE_UPDATE, EXPOSURE_HARVESTABLE, "VE", "US", "GB", "", SEVERITY_MEDIUM,
         "agent-could-be-flagged"},
        {o, CONFIDENCE_CONFIRMED, PURPOSE_UPDATE, EXPOSURE_CLEARTEXT, "US", "US", "GB", "", SEVERITY_INFO,
         "agent-not-flagged"},
        {o, CONFIDENCE_CONFIRMED, PURPOSE_UPDATE, EXPOSURE_HARVESTABLE, "", "", "GB", "", SEVERITY_INFO,
         "agent-not-flagged"},
        {k, CONFIDENCE_CONFIRMED, PURPOSE_WEB, EXPOSURE_CLEARTEXT, "RU", "RU", "RU", "", SEVERITY_INFO,
         "flagged-vendor-web"},
        {w, CONFIDENCE_CONFIRMED, PURPOSE_WEB, EXPOSURE_HARVESTABLE, "NL", "NL", "RU", "", SEVERITY_INFO,
         "flagged-vendor-web"},
        {w, CONFIDENCE_CONFIRMED, PURPOSE_TELEMETRY, EXPOSURE_HARVESTABLE, "NL", "NL", "RU", "", SEVERITY_NONE, NULL},
        {w, CONFIDENCE_CONFIRMED, PURPOSE_TELEMETRY, EXPOSURE_CLEARTEXT, "CN", "CN", "RU", "", SEVERITY_LOW,
         "flagged-place-no-agent"},
        {NULL, CONFIDENCE_NONE, PURPOSE_UNKNOWN, EXPOSURE_CLEARTEXT, "RU", "NL", "", "", SEVERITY_LOW,
         "flagged-place-no-agent"},
        {NULL, CONFIDENCE_NONE, PURPOSE_UNKNOWN, EXPOSURE_CLEARTEXT, "NL", "CN", "", "", SEVERITY_LOW,
         "flagged-place-no-agent"},
        {NULL, CONFIDENCE_NONE, PURPOSE_UNKNOWN, EXPOSURE_CLEARTEXT, "NL RU", "NL", "", "", SEVERITY_NONE, NULL},
        {NULL, CONFIDENCE_NONE, PURPOSE_UNKNOWN, EXPOSURE_CLEARTEXT, "", "", "", "RU", SEVERITY_NONE, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sighting s;
        const char *rule = "unset";
        judge_row(&rows[i], &s);
        enum severity severity = policy_severity(defaults, &s, &rule);
        if (severity != rows[i].severity || (rule == NULL) != (rows[i].rule == NULL) ||
            (rule != NULL && strcmp(rule, rows[i].rule) != 0))
            fail_msg("row %zu: wanted %s by %s, got %s by %s", i, severity_text(rows[i].severity), rows[i].rule,
                     severity_text(severity), rule);
    }
}

static struct policy_set *load_rules(const char *rules)
{
    char path[] = "/tmp/bordertap-rules-XXXXXX.yaml";
    int fd = mkstemps(path, 5);
    assert_true(fd >= 0);
    dprintf(fd,
            "id: own\ntitle: T\nkind: deny\nsource: s\nchecked: 2026-11-01\naxes: [location, vendor]\ncodes: [RU]\n%s",
            rules);
    close(fd);
    const char *name = path;
    struct policy_set *set = sample_policies(&name, 1, NULL);
    unlink(path);
    return set;
}

static void rules_of_a_policy_file_come_before_the_defaults(void **state)
{
    (void)state;
    struct sighting s;
    const char *rule = NULL;
    struct policy_set *set = load_rules("rules:\n  - {id: quiet, severity: none, when: {purpose: [update]}}\n"
                                        "  - {id: mine, severity: low, when: {agent: true, vendor: [in]}}\n");
    sample_kaspersky_update(&s);
    sample_judge(&s, set);
    assert_int_equal(policy_severity(set, &s, &rule), SEVERITY_NONE);
    assert_null(rule);

    s.attribution.purpose = PURPOSE_TELEMETRY;

    assert_int_equal(policy_severity(set, &s, &rule), SEVERITY_LOW);
    assert_string_equal(rule, "mine");
    policy_set_free(set);
}

static void a_rule_is_told_in_words(void **state)
{
    (void)state;
    char text[1024], tiny[8];
    struct policy_set *set = load_rules("rules:\n  - {id: all, severity: low, when: {}}\n  - {id: some, severity: low, "
                                        "when: {agent: true, purpose: [update, web], place: [in, could-be-in]}}\n");

    assert_true(policy_rule_text(set, "some", text, sizeof(text)));
    assert_string_equal(text, "agent: yes; purpose: update or web; place: in or could-be-in");
    assert_true(policy_rule_text(set, "some", tiny, sizeof(tiny)));
    assert_string_equal(tiny, "agent: ");
    assert_true(policy_rule_text(set, "all", text, sizeof(text)));
    assert_string_equal(text, "everything");
    assert_true(policy_rule_text(set, "flagged-vendor", text, sizeof(text)));
    assert_false(policy_rule_text(set, "no-such", text, sizeof(text)));
    policy_set_free(set);
}

static void no_rule_lifts_the_limits(void **state)
{
    (void)state;
    struct sighting s;
    const char *rule = NULL;
    struct policy_set *set = load_rules("rules:\n  - {id: all, severity: critical, when: {}}\n");
    sample_plain_web(&s);
    sample_judge(&s, set);
    assert_int_equal(policy_severity(set, &s, &rule), SEVERITY_LOW);

    sample_kaspersky_update(&s);
    s.attribution.confidence = CONFIDENCE_POSSIBLE;
    sample_judge(&s, set);

    assert_int_equal(policy_severity(set, &s, &rule), SEVERITY_MEDIUM);
    policy_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_of_the_table_decides_its_case),
        cmocka_unit_test(rules_of_a_policy_file_come_before_the_defaults),
        cmocka_unit_test(a_rule_is_told_in_words),
        cmocka_unit_test(no_rule_lifts_the_limits),
    };
    return cmocka_run_group_tests_name("alerts/severity_rules", tests, set_up, tear_down);
}
