#include "test.h"

#include "catalog_internal.h"

static const char base[] =
    "vendor: {id: v, name: V, domicile: {country: RU, read: 2026-01-01, basis: Moscow, source: x}}\n"
    "read: 2026-01-01\nproducts: [{id: p, name: P}]\nsources: {here: a test}\n"
    "indicators:\n  - {suffix: p.example, product: p, purpose: update, source: here}\n";

static uint64_t fingerprint_of(const char *text)
{
    struct catalog *catalog;
    struct error error = {""};
    if (catalog_load_bytes("v.yaml", text, strlen(text), &catalog, &error) != STATUS_OK)
        fail_msg("%s in %s", error.text, text);
    uint64_t ret = catalog_fingerprint(catalog);
    catalog_free(catalog);
    return ret;
}

static void what_says_the_same_has_one_fingerprint_and_what_does_not_another(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new;
    } rows[] = {
        {"name: V", "name: W"},
        {"country: RU", "country: CH"},
        {"name: P", "name: Q"},
        {"id: p, name", "id: p, agent: false, name"},
        {"suffix: p.example", "suffix: q.example"},
        {"suffix: p.example", "domain: p.example"},
        {"suffix: p.example", "http-path: /p.example/"},
        {"purpose: update", "purpose: telemetry"},
        {"source: here}", "source: here, exclusive: false}"},
        {"here: a test", "here: another"},
    };
    uint64_t same = fingerprint_of(base);
    assert_int_equal(fingerprint_of(base), same);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[1024];
        const char *at = strstr(base, rows[i].old);
        assert_non_null(at);
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - base), base, rows[i].new, at + strlen(rows[i].old));
        if (fingerprint_of(text) == same)
            fail_msg("row %zu: nothing changed", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_says_the_same_has_one_fingerprint_and_what_does_not_another),
    };
    return cmocka_run_group_tests_name("analyzers/catalog_fingerprint", tests, NULL, NULL);
}
