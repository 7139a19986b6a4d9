#include "sample.h"
#include "test.h"

#include <dirent.h>

#include "policy_internal.h"

enum { PROBLEMS_MAX = 16 };

static struct {
    size_t count;
    struct policy_problem problems[PROBLEMS_MAX];
} found;

static void collect(void *context, const struct policy_problem *problem)
{
    (void)context;
    if (found.count < PROBLEMS_MAX)
        found.problems[found.count++] = *problem;
}

static size_t check_text(const char *text, const char *today)
{
    char path[] = "/tmp/bordertap-policy-XXXXXX";
    struct packet_time now = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    found.count = 0;
    assert_true(today == NULL || packet_time_parse(today, &now));
    size_t errors = policy_check(path, now, collect, NULL);
    unlink(path);
    return errors;
}

#define HEAD "id: x\ntitle: X\nkind: deny\nsource: s\nchecked: 2026-11-01\naxes: [vendor]\n"

static void every_problem_is_said_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t line;
        const char *says;
    } rows[] = {
        {HEAD "codes: [UK]\n", 7, "'UK' is no ISO 3166-1 alpha-2 code (GB is meant)"},
        {HEAD "codes: [QX]\n", 7, "'QX' is no ISO 3166-1 alpha-2 code (it is not assigned to any country)"},
        {HEAD "codes: [Iran]\n", 7, "'Iran' is no ISO 3166-1 alpha-2 code (IR is meant)"},
        {HEAD "codes: [ru]\n", 7, "'ru' is no ISO 3166-1 alpha-2 code (RU is meant)"},
        {HEAD "codes: [EU]\n", 7,
         "'EU' is no ISO 3166-1 alpha-2 code and no country: list its members, AT, BE, BG, CY, CZ, DE, DK, EE, ES, FI, "
         "FR, GR, HR, HU, IE, IT, LT, LU, LV, MT, NL, PL, PT, RO, SE, SI, SK"},
        {HEAD "codes:\n  - RU\n  - CN\n  - RU\n", 10, "RU is listed twice for the same time"},
        {HEAD "codes:\n  - RU\n  - {code: RU, conditional: true}\n", 9,
         "RU is listed twice for the same time, once conditional and once not"},
        {HEAD "codes:\n  - {code: RU, until: 2020-01-01}\n  - {code: RU, since: 2019-12-31}\n", 9,
         "RU is listed twice for the same time"},
        {HEAD "codes:\n  - {code: RU, since: 2020-01-01, until: 2019-01-01}\n", 8, "'until' is not after 'since'"},
        {HEAD "codes:\n  - {code: RU, sinse: 2020-01-01}\n", 8, "unknown key 'sinse' (is 'since' meant?)"},
        {HEAD "codes:\n  - {code: RU, since: soon}\n", 8, "'since' must be a day, YYYY-MM-DD"},
        {HEAD "codes: [RU]\ncolour: red\n", 8, "unknown key 'colour'"},
        {HEAD "codes: [RU]\nvendor: [x]\n", 8, "unknown key 'vendor' (is 'vendors' meant?)"},
        {HEAD "codes: RU\n", 7, "'codes' must be a list"},
        {HEAD "vendors: [Kaspersky]\n", 7, "a vendor must be an id of the catalogue: a-z, 0-9 and '-'"},
        {HEAD "vendors: [a, a]\n", 7, "vendor 'a' is listed twice"},
        {HEAD, 1, "neither 'codes' nor 'vendors' are listed (an empty template says 'codes: []')"},
        {"title: X\nkind: deny\nsource: s\nchecked: 2026-11-01\naxes: [vendor]\ncodes: []\n", 1, "'id' is missing"},
        {"id: x\ntitle: X\nkind: deny\nchecked: 2026-11-01\naxes: [vendor]\ncodes: []\n", 1, "'source' is missing"},
        {"id: x\ntitle: X\nkind: deny\nsource: s\naxes: [vendor]\ncodes: []\n", 1, "'checked' is missing"},
        {"id: x\ntitle: X\nkind: deny\nsource: s\nchecked: 2026-13-01\naxes: [vendor]\ncodes: []\n", 5,
         "'checked' must be a day, YYYY-MM-DD"},
        {"id: x\ntitle: X\nkind: block\nsource: s\nchecked: 2026-11-01\naxes: [vendor]\ncodes: []\n", 3,
         "kind 'block' is neither deny nor allow"},
        {"id: x\ntitle: X\nkind: deny\nsource: s\nchecked: 2026-11-01\naxes: [domicile]\ncodes: []\n", 6,
         "'domicile' is no axis: location, operator, vendor and transit are"},
        {"id: x\ntitle: X\nkind: deny\nsource: s\nchecked: 2026-11-01\naxes: [transits]\ncodes: []\n", 6,
         "'transits' is no axis: transit is meant"},
        {"id: x\ntitle: X\nkind: deny\nsource: s\nchecked: 2026-11-01\naxes: [location]\nvendors: [a]\n", 1,
         "vendors are listed, but 'vendor' is not among the axes: they would never be judged"},
        {"id: X Y\ntitle: X\nkind: deny\nsource: s\nchecked: 2026-11-01\naxes: [vendor]\ncodes: []\n", 1,
         "id 'X Y' must be of a-z, 0-9 and '-', at most 64"},
        {"[]\n", 1, "a policy is a mapping of id, title, kind, codes and so on"},
        {"rules:\n  - {id: a, severity: high, when: {agnet: true}}\n", 2, "unknown key 'agnet' (is 'agent' meant?)"},
        {"rules:\n  - {id: a, severity: hihg, when: {}}\n", 2,
         "'severity' must be none, info, low, medium, high or critical"},
        {"rules:\n  - {id: a, severity: high, when: {vendor: [inn]}}\n", 2,
         "'inn' means nothing for 'vendor' (is 'in' meant?)"},
        {"rules:\n  - {id: a, severity: high, when: {purpose: []}}\n", 2, "'purpose' must be a list of words"},
        {"rules:\n  - {id: a, severity: high, when: {agent: maybe}}\n", 2, "'agent' must be true or false"},
        {"rules:\n  - {id: a, severity: high, when: {}}\n  - {id: a, severity: low, when: {}}\n", 3,
         "rule 'a' stands twice"},
        {"rules:\n  - {severity: high, when: {}}\n", 2, "the rule has no 'id'"},
        {"rules: 7\n", 1, "'rules' must be a list of at most 128 rules"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t errors = check_text(rows[i].text, NULL);
        if (errors != 1 || found.count != 1 || found.problems[0].line != rows[i].line ||
            strcmp(found.problems[0].text, rows[i].says) != 0)
            fail_msg("wanted line %u: %s\ngot %zu: line %u: %s", rows[i].line, rows[i].says, found.count,
                     found.problems[0].line, found.problems[0].text);
    }
}

static void a_code_may_return_at_another_time(void **state)
{
    (void)state;
    assert_int_equal(
        check_text(HEAD "codes:\n  - {code: RU, until: 2020-01-01}\n  - {code: RU, since: 2020-01-01}\n", NULL), 0);
    assert_int_equal(found.count, 0);
}

static void all_problems_of_a_file_are_said(void **state)
{
    (void)state;
    assert_int_equal(check_text("id: x\nkind: deny\ncodes: [UK, QX]\n", NULL), 6);
}

static void what_is_no_yaml_is_one_error(void **state)
{
    (void)state;
    assert_int_equal(check_text("id: [\n", NULL), 1);
    assert_int_equal(policy_check("/nonexistent.yaml", (struct packet_time){0}, collect, NULL), 1);
}

static void an_old_check_is_a_warning_and_a_future_one_an_error(void **state)
{
    (void)state;
    assert_int_equal(check_text(HEAD "codes: [RU]\n", "2027-04-30"), 0);
    assert_int_equal(found.count, 0);
    assert_int_equal(check_text(HEAD "codes: [RU]\n", "2027-05-01"), 0);
    assert_int_equal(found.count, 1);
    assert_false(found.problems[0].is_error);
    assert_int_equal(check_text(HEAD "codes: [RU]\n", "2026-10-31"), 1);
}

static void what_is_shipped_is_clean(void **state)
{
    (void)state;
    size_t files = 0;
    DIR *folder = opendir(SAMPLE_POLICIES);
    assert_non_null(folder);
    found.count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[600];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", SAMPLE_POLICIES, entry->d_name);
        policy_check(path, (struct packet_time){0}, collect, NULL);
        files++;
    }
    closedir(folder);
    policy_check(SOURCE_ROOT "/catalog/severity.yaml", (struct packet_time){0}, collect, NULL);
    if (found.count > 0)
        fail_msg("%s:%u: %s", found.problems[0].file, found.problems[0].line, found.problems[0].text);
    assert_int_equal(files, 12);
}

static void count_one(void *context, const struct policy *policy)
{
    assert_non_null(policy->title);
    (*(size_t *)context)++;
}

static void the_list_has_every_shipped_policy(void **state)
{
    (void)state;
    size_t count = 0;
    struct error error;
    assert_int_equal(policy_list(SAMPLE_POLICIES, count_one, &count, &error), STATUS_OK);
    assert_int_equal(count, 12);
    assert_int_equal(policy_list("/nonexistent", count_one, &count, &error), STATUS_IO);
}

static void refuse(const char *name, const char *flags, const char *says)
{
    struct policy_set *set = NULL;
    struct error error = {""};
    enum status status = policy_set_load(SAMPLE_POLICIES, &name, name != NULL, flags, &set, &error);
    if (status >= 0 || strstr(error.text, says) == NULL)
        fail_msg("wanted '%s', got %d '%s'", says, status, error.text);
    assert_null(set);
}

static void a_load_is_refused_with_one_sentence(void **state)
{
    (void)state;
    refuse("us-kasperski", NULL,
           "no policy 'us-kasperski', perhaps 'us-kaspersky'; there are: au-pspf-002-2025, ca-2023");
    refuse("/nonexistent/x.yaml", NULL, "/nonexistent/x.yaml");
    refuse(NULL, "RU,UK", "--flag: 'UK' is no ISO 3166-1 alpha-2 code (GB is meant)");
    refuse(NULL, "United Arab Emirates", "--flag: 'United Arab Emirates' is no ISO 3166-1 alpha-2 code (AE is meant)");
    refuse(NULL, "", "--flag: '' is no ISO 3166-1 alpha-2 code");
    refuse(NULL, "RU,,CN", "--flag: '' is no");
    refuse(SOURCE_ROOT "/catalog/severity.yaml", NULL, "holds severity rules and no policy");
}

static void read_prefix(const uint8_t *bytes, size_t length, void *context)
{
    struct policy_reader *r = context;
    struct yaml_file *file;
    if (yaml_read_bytes("prefix", (const char *)bytes, length, &file, NULL) != STATUS_OK)
        return;
    *r = (struct policy_reader){.arena = arena_new(), .file = "prefix", .visit = collect};
    policy_read_tree(r, yaml_root(file));
    arena_free(r->arena);
    yaml_close(file);
}

static void any_prefix_of_a_policy_is_read_or_refused(void **state)
{
    (void)state;
    static const char text[] =
        HEAD "since: 2020-01-01\nnote: n\ncodes:\n  - RU\n"
             "  - {code: VE, conditional: true, since: 2020-01-01, until: 2021-01-01, note: n}\n"
             "vendors: [kaspersky]\nrules:\n  - {id: a, severity: high, when: {agent: true, vendor: [in], "
             "purpose: [update], place: [could-be-in]}}\n";
    struct policy_reader *r = calloc(1, sizeof(*r));

    for_each_prefix(text, sizeof(text) - 1, read_prefix, r);

    assert_int_equal(r->errors, 0); /* the whole of it is good */
    assert_int_equal(r->rule_count, 1);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_problem_is_said_with_its_line),
        cmocka_unit_test(any_prefix_of_a_policy_is_read_or_refused),
        cmocka_unit_test(a_code_may_return_at_another_time),
        cmocka_unit_test(all_problems_of_a_file_are_said),
        cmocka_unit_test(what_is_no_yaml_is_one_error),
        cmocka_unit_test(an_old_check_is_a_warning_and_a_future_one_an_error),
        cmocka_unit_test(what_is_shipped_is_clean),
        cmocka_unit_test(the_list_has_every_shipped_policy),
        cmocka_unit_test(a_load_is_refused_with_one_sentence),
    };
    return cmocka_run_group_tests_name("alerts/policy_check", tests, NULL, NULL);
}
