#include "test.h"

#include <sys/stat.h>

#include "policy.h"

static const char policy[] = "id: one\ntitle: one\nkind: deny\naxes: [vendor, location]\ncodes: [RU, {code: CN}]\n"
                             "vendors: [kaspersky]\nsince: 2020-01-01\nsource: x\nchecked: 2026-01-01\n";
static const char rules[] = "rules:\n  - {id: a, severity: high, when: {agent: true, purpose: [update]}}\n"
                            "  - {id: b, severity: low, when: {place: [in]}}\n";

static char folder[64];

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int begin(void **state)
{
    char path[128];
    (void)state;
    strcpy(folder, "/tmp/bordertap-policies-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/jurisdictions", folder);
    return mkdir(path, 0700);
}

static int end(void **state)
{
    static const char *const names[] = {"jurisdictions/one.yaml", "severity.yaml", "jurisdictions", ""};
    char path[128];
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        remove(path);
    }
    return 0;
}

static uint64_t fingerprint_of(const char *policy_text, const char *rules_text)
{
    static const char *const names[] = {"one"};
    struct policy_set *set;
    struct error error = {""};
    char path[128];
    snprintf(path, sizeof(path), "%s/jurisdictions", folder);
    write_file("jurisdictions/one.yaml", policy_text);
    write_file("severity.yaml", rules_text);
    if (policy_set_load(path, names, 1, NULL, &set, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    uint64_t ret = policy_set_fingerprint(set);
    policy_set_free(set);
    return ret;
}

static const char *changed(const char *text, const char *old, const char *new)
{
    static char ret[1024];
    const char *at = strstr(text, old);
    assert_non_null(at);
    snprintf(ret, sizeof(ret), "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    return ret;
}

static void what_judges_the_same_has_one_fingerprint_and_what_does_not_another(void **state)
{
    (void)state;
    static const char *const in_policy[][2] = {
        {"[RU, ", "[KP, "},
        {"{code: CN}", "{code: CN, since: 2021-01-01}"},
        {"{code: CN}", "{code: CN, until: 2027-01-01}"},
        {"axes: [vendor, location]", "axes: [vendor, operator]"},
        {"kind: deny", "kind: allow"},
        {"[kaspersky]", "[sophos]"},
    };
    static const char *const in_rules[][2] = {
        {"severity: high", "severity: medium"}, {"agent: true", "agent: false"},  {"[update]", "[telemetry]"},
        {"place: [in]", "place: [contested]"},  {"place: [in]", "transit: [in]"}, {"id: b", "id: c"},
    };
    uint64_t same = fingerprint_of(policy, rules);
    assert_int_equal(fingerprint_of(policy, rules), same);
    for (size_t i = 0; i < sizeof(in_policy) / sizeof(in_policy[0]); i++)
        assert_true(fingerprint_of(changed(policy, in_policy[i][0], in_policy[i][1]), rules) != same);
    for (size_t i = 0; i < sizeof(in_rules) / sizeof(in_rules[0]); i++)
        assert_true(fingerprint_of(policy, changed(rules, in_rules[i][0], in_rules[i][1])) != same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_judges_the_same_has_one_fingerprint_and_what_does_not_another, begin, end),
    };
    return cmocka_run_group_tests_name("alerts/policy_fingerprint", tests, NULL, NULL);
}
