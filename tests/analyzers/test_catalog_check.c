/* `catalog check`: everything is heard, not only the first problem. */
#include <sys/stat.h>

#include "catalog_fixture.h"

struct heard {
    char text[16384];
    size_t errors, warnings;
};

static void hear(void *context, const struct catalog_problem *problem)
{
    struct heard *heard = context;
    size_t used = strlen(heard->text);
    heard->errors += problem->is_error;
    heard->warnings += !problem->is_error;
    snprintf(heard->text + used, sizeof(heard->text) - used, "%u: %s\n", problem->line, problem->text);
}

static char directory[] = "/tmp/bordertap-catalog-XXXXXX";

static void path_of(char *ret, size_t room, const char *name)
{
    snprintf(ret, room, "%s/%s", directory, name);
}

static int make_directory(void **state)
{
    char products[128];
    (void)state;
    if (mkdtemp(directory) == NULL)
        return -1;
    path_of(products, sizeof(products), "products");
    return mkdir(products, 0700);
}

static int remove_directory(void **state)
{
    static const char *const names[] = {"products/acme.yaml", "products", ""};
    char path[128];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        path_of(path, sizeof(path), names[i]);
        remove(path);
    }
    return 0;
}

static struct heard check_rows(const char *rows)
{
    struct heard heard = {.text = ""};
    char path[128];
    path_of(path, sizeof(path), "products/acme.yaml");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, VENDOR_LINES "indicators:\n%s", rows);
    fclose(file);
    size_t errors = catalog_check(directory, hear, &heard);
    assert_int_equal(errors, heard.errors);
    return heard;
}

#define assert_heard(heard, words)                                                                                     \
    do {                                                                                                               \
        if (strstr((heard).text, words) == NULL)                                                                       \
            fail_msg("'%s' not in:\n%s", words, (heard).text);                                                         \
    } while (0)

static void every_problem_of_a_file_is_told(void **state)
{
    struct heard heard = check_rows("  - {product: nobody, domain: a.acme.example, source: s}\n"
                                    "  - {product: acme-av, domain: b.acme.example, source: nowhere}\n"
                                    "  - {product: acme-av, domain: c.acme.example, source: s, prupose: vpn}\n");
    (void)state;

    assert_int_equal(heard.errors, 3);
    assert_heard(heard, "8: field 'product'");
    assert_heard(heard, "9: source 'nowhere'");
    assert_heard(heard, "10: an indicator has no field 'prupose'");
}

static void names_of_everybody_are_refused(void **state)
{
    struct heard heard = check_rows("  - {product: acme-av, suffix: co.uk, source: s}\n"
                                    "  - {product: acme-av, suffix: amazonaws.com, source: s}\n"
                                    "  - {product: acme-av, suffix: microsoft.com, source: s}\n"
                                    "  - {product: acme-av, pattern: \"*.s3.amazonaws.com\", source: s}\n"
                                    "  - {product: acme-av, pattern: \"acme-*.s3.amazonaws.com\", source: s}\n"
                                    "  - {product: acme-av, suffix: agent.microsoft.com, source: s}\n"
                                    "  - {product: acme-av, domain: microsoft.com, source: s}\n");
    (void)state;

    assert_int_equal(heard.errors, 4);
    assert_int_equal(heard.warnings, 1);
    assert_heard(heard, "8: field 'suffix': 'co.uk' is a public suffix");
    assert_heard(heard, "9: field 'suffix': 'amazonaws.com' is too broad");
    assert_heard(heard, "11: field 'pattern'");
}

static void doubles_are_warned_of_and_contradictions_are_errors(void **state)
{
    struct heard heard = check_rows("  - {product: acme-av, domain: a.acme.example, source: s, purpose: update}\n"
                                    "  - {product: acme-av, domain: a.acme.example, source: old, purpose: update}\n"
                                    "  - {product: acme-av, domain: b.acme.example, source: s, purpose: update}\n"
                                    "  - {product: acme-av, domain: b.acme.example, source: s, purpose: vpn}\n"
                                    "  - {product: acme-other, domain: b.acme.example, source: s, purpose: vpn}\n");
    (void)state;

    assert_int_equal(heard.warnings, 1);
    assert_int_equal(heard.errors, 2);
    assert_heard(heard, "9: field 'domain': 'a.acme.example' stands already in acme.yaml:8");
    assert_heard(heard, "11: field 'domain': 'b.acme.example' contradicts acme.yaml:10");
}

static void ranges_of_everybody_and_of_half_the_world_are_refused(void **state)
{
    struct heard heard =
        check_rows("  - {product: acme-av, prefix: [10.1.0.0/16, 64.0.0.0/7, \"fe80::/64\", \"2000::/3\"], source: s}\n"
                   "  - {product: acme-av, prefix: [192.0.2.0/24, \"2001:db8::/32\"], source: s}\n");
    (void)state;

    assert_int_equal(heard.errors, 4);
}

static void a_day_that_has_not_come_is_an_error(void **state)
{
    struct heard heard = check_rows("  - {product: acme-av, domain: a.acme.example, source: s}\n");
    assert_int_equal(heard.errors, 0);
    (void)state;

    char path[128];
    path_of(path, sizeof(path), "products/acme.yaml");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(
        file,
        "vendor: {id: acme, name: A, domicile: {country: CH, basis: b, source: s, read: 2201-01-01}}\nread: "
        "2200-01-01\n"
        "products: [{id: p, name: P}]\nsources: {s: x}\nindicators: [{product: p, domain: a.example, source: s}]\n");
    fclose(file);
    struct heard future = {.text = ""};
    assert_int_equal(catalog_check(directory, hear, &future), 2);
    assert_heard(future, "a day that has not come yet");
}

static void a_directory_without_files_is_an_error(void **state)
{
    struct heard heard = {.text = ""};
    (void)state;

    assert_int_equal(catalog_check("/nonexistent", hear, &heard), 1);

    assert_heard(heard, "cannot read the product catalogue");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_problem_of_a_file_is_told),
        cmocka_unit_test(names_of_everybody_are_refused),
        cmocka_unit_test(doubles_are_warned_of_and_contradictions_are_errors),
        cmocka_unit_test(ranges_of_everybody_and_of_half_the_world_are_refused),
        cmocka_unit_test(a_day_that_has_not_come_is_an_error),
        cmocka_unit_test(a_directory_without_files_is_an_error),
    };
    return cmocka_run_group_tests_name("analyzers/catalog_check", tests, make_directory, remove_directory);
}
