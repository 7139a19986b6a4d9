/* Catalogues for tests: the one we ship, loaded once, and small ones written in the test. */
#ifndef BORDERTAP_TESTS_CATALOG_FIXTURE_H
#define BORDERTAP_TESTS_CATALOG_FIXTURE_H

#include "catalog.h"
#include "catalog_internal.h"
#include "test.h"

static inline int load_shipped(void **state)
{
    struct catalog *catalog = NULL;
    struct error error = {""};
    if (catalog_load(SOURCE_ROOT "/catalog", &catalog, &error) != STATUS_OK) {
        print_error("%s\n", error.text);
        return -1;
    }
    *state = catalog;
    return 0;
}

static inline int free_catalog(void **state)
{
    catalog_free(*state);
    return 0;
}

#define VENDOR_LINES                                                                                                   \
    "vendor: {id: acme, name: Acme, domicile: {country: CH, basis: test, source: test, read: 2026-11-01}}\n"           \
    "read: 2026-11-02\n"                                                                                               \
    "products:\n"                                                                                                      \
    "  - {id: acme-av, name: Acme AV, engine: true}\n"                                                                 \
    "  - {id: acme-other, name: Acme browser, agent: false}\n"                                                         \
    "sources: {s: somewhere, old: {text: an old page, read: 2019-05-04}}\n"

/* A catalogue of one vendor with these lines under `indicators:`. */
static inline struct catalog *load_rows(const char *rows)
{
    char text[16384];
    struct catalog *catalog = NULL;
    struct error error = {""};
    int length = snprintf(text, sizeof(text), VENDOR_LINES "indicators:\n%s", rows);
    assert_in_range(length, 1, sizeof(text) - 1);
    if (catalog_load_bytes("acme.yaml", text, (size_t)length, &catalog, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return catalog;
}

static inline const struct indicator *match(const struct catalog *catalog, const char *name)
{
    return catalog_match_name(catalog, text_of(name));
}

#endif
