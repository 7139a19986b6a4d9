/* Catalogue files that are wrong: the error names file, line and field. */
#include "catalog_fixture.h"

#define FILE_START VENDOR_LINES "indicators:\n"

static const struct {
    const char *text, *error; /* the error must contain this */
} bad_files[] = {
    {"", "acme.yaml:1"},
    {"vendor: [", "acme.yaml:"},
    {"- a\n", "acme.yaml:1: a vendor's file must be a mapping"},
    {"vendor: {id: acme}\nread: 2026-11-01\n", "acme.yaml:1: field 'name' is missing"},
    {"vendor: {id: acme, name: A, colour: red}\nread: 2026-11-01\n", "acme.yaml:1: vendor has no field 'colour'"},
    {"vendor: {id: Acme!, name: A}\nread: 2026-11-01\n", "vendor id 'Acme!' is not of"},
    {"vendor: {id: acme, name: A}\nread: 2026-11-01\n", "field 'domicile' is missing"},
    {"vendor: {id: acme, name: A, domicile: {country: UK, basis: b, source: s, read: 2026-11-01}}\nread: 2026-11-01\n",
     "field 'country': 'UK' is no ISO 3166-1 code, did you mean GB"},
    {"vendor: {id: acme, name: A, domicile: {country: CH, basis: b, source: s}}\nread: 2026-11-01\n",
     "field 'read' is missing"},
    {"read: 2026-13-01\n", "field 'read' must be a date"},
    {"vendor: {id: acme, name: A, domicile: {country: CH, basis: b, source: s, read: 2026-11-01}}\nread: 2026-11-01\n",
     "field 'products' must be a list"},
    {FILE_START "  - {product: acme-av, domain: a.example, source: nowhere}\n",
     "acme.yaml:8: source 'nowhere' is not in"},
    {FILE_START "  - {product: acme-av, domain: a.example}\n", "acme.yaml:8: field 'source' is missing"},
    {FILE_START "  - {product: other, domain: a.example, source: s}\n",
     "acme.yaml:8: field 'product': 'other' is no product"},
    {FILE_START "  - {product: acme-av, domain: a.example, source: s, purpose: fun}\n", "field 'purpose': 'fun'"},
    {FILE_START "  - {product: acme-av, domain: a.example, source: s, exclusive: no}\n",
     "field 'exclusive' must be true or false"},
    {FILE_START "  - {product: acme-av, source: s}\n", "the row has no indicator"},
    {FILE_START "  - {product: acme-av, domain: a.example, suffix: b.example, source: s}\n",
     "one kind of indicator a row"},
    {FILE_START "  - {product: acme-av, domian: a.example, source: s}\n", "an indicator has no field 'domian'"},
    {FILE_START "  - {product: acme-av, domain: Acme.example, source: s}\n",
     "field 'domain': 'Acme.example' must be lower case"},
    {FILE_START "  - {product: acme-av, domain: -x.zz.com, source: s}\n", "'-x.zz.com' has a label that begins with -"},
    {FILE_START "  - {product: acme-av, suffix: zz.com-, source: s}\n", "'zz.com-' has a label that ends with -"},
    {FILE_START "  - {product: acme-av, domain: x-.zz.com, source: s}\n", "'x-.zz.com' has a label that ends with -"},
    {FILE_START "  - {product: acme-av, pattern: \"a*b*c*d*e*.zz.com\", source: s}\n", "has more than 4 wildcards"},
    {FILE_START "  - {product: acme-av, http-path: \"/abcdef/#*#*#*#*#\", source: s}\n", "has more than 8 wildcards"},
    {FILE_START "  - {product: acme-av, suffix: com, source: s}\n", "field 'suffix': 'com' must have 2 to 16 labels"},
    {FILE_START "  - {product: acme-av, pattern: \"*.com\", source: s}\n", "field 'pattern'"},
    {FILE_START "  - {product: acme-av, domain: [a.example,\n      b..example], source: s}\n",
     "acme.yaml:9: field 'domain'"},
    {FILE_START "  - {product: acme-av, domain: a.example, source: s, mixed: true}\n",
     "field 'mixed' belongs to suffix only"},
    {FILE_START "  - {product: acme-av, domain: a.example, source: s, host: b.example}\n", "field 'host' belongs to"},
    {FILE_START "  - {product: acme-av, domain: a.example, source: s, ports: 443}\n",
     "field 'ports': '443' is no port"},
    {FILE_START "  - {product: acme-av, http-path: x, source: s}\n", "field 'http-path'"},
    {FILE_START "  - {product: acme-av, http-path: \"/*/abcdef\", source: s}\n", "field 'http-path'"},
    {FILE_START "  - {product: acme-av, http-body: 4b4c, source: s}\n",
     "field 'http-body': '4b4c' must be 4 to 31 bytes"},
    {FILE_START "  - {product: acme-av, ja3: abc, source: s}\n", "field 'ja3': 'abc' has the wrong length"},
    {FILE_START "  - {product: acme-av, asn: AS64496, source: s}\n", "field 'asn': 'AS64496' must be a number"},
    {FILE_START "  - {product: acme-av, prefix: 192.0.2.1/24, source: s}\n", "field 'prefix'"},
    {FILE_START "  - {product: acme-av, port: 70000/tcp, source: s}\n", "field 'port'"},
    {FILE_START "  - {product: acme-av, cert-org: ab, source: s}\n", "too short"},
    {FILE_START "  - {product: acme-av, domain: [[a.example]], source: s}\n", "field 'domain' must be a text"},
    {FILE_START "  - {product: acme-av, domain: {a: b}, source: s}\n", "field 'domain' must be a text"},
    {FILE_START "  - just words\n", "an indicator must be a mapping"},
    {VENDOR_LINES "engines:\n  - {product: acme-av, embeds: nothing, source: s}\n",
     "field 'embeds': 'nothing' is no product"},
    {VENDOR_LINES "engines:\n  - {product: acme-av, embeds: acme-other, source: s}\n", "is not marked engine"},
};

static void a_wrong_file_is_refused_with_file_line_and_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
        struct catalog *catalog = NULL;
        struct error error = {""};
        enum status status =
            catalog_load_bytes("acme.yaml", bad_files[i].text, strlen(bad_files[i].text), &catalog, &error);
        if (status >= 0 || catalog != NULL)
            fail_msg("file %zu is taken", i);
        if (strstr(error.text, bad_files[i].error) == NULL)
            fail_msg("file %zu: '%s' instead of '%s'", i, error.text, bad_files[i].error);
    }
}

static void a_row_carries_what_is_said_of_it(void **state)
{
    struct catalog *c = load_rows(
        "  - {product: acme-av, domain: [a.example, b.example], purpose: update, source: old, exclusive: false,\n"
        "      unconfirmed: true, ports: [8443/tcp, 53535/udp], note: a note}\n");
    const struct indicator *a = match(c, "a.example"), *b = match(c, "b.example");
    (void)state;

    assert_string_equal(a->source, "an old page");
    assert_string_equal(a->read_on, "2019-05-04");
    assert_string_equal(a->note, "a note");
    assert_string_equal(a->file, "acme.yaml");
    assert_int_equal(a->line, 8);
    assert_false(a->is_exclusive);
    assert_true(a->is_unconfirmed);
    assert_int_equal(entry_of(a)->port_count, 2);
    assert_ptr_equal(a->product, b->product);
    assert_true(a->product->is_engine);
    catalog_free(c);
}

static void the_narrowest_of_nested_ranges_wins(void **state)
{
    struct catalog *c =
        load_rows("  - {product: acme-av, prefix: [192.0.2.0/24, 192.0.2.128/25, 198.51.100.0/24], source: s}\n"
                  "  - {product: acme-other, prefix: [192.0.2.64/26, 192.0.2.200/32, \"2001:db8::/32\"], source: s}\n");
    static const struct {
        const char *address, *value;
    } rows[] = {{"192.0.2.1", "192.0.2.0/24"},
                {"192.0.2.65", "192.0.2.64/26"},
                {"192.0.2.129", "192.0.2.128/25"},
                {"192.0.2.200", "192.0.2.200/32"},
                {"192.0.2.201", "192.0.2.128/25"},
                {"198.51.100.255", "198.51.100.0/24"},
                {"2001:db8::1", "2001:db8::/32"},
                {"198.51.101.0", NULL},
                {"192.0.1.255", NULL},
                {"2001:db9::", NULL},
                {"0.0.0.0", NULL},
                {"ffff::", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ip_address address;
        assert_true(ip_parse(rows[i].address, &address));
        const struct indicator *found = catalog_match_prefix(c, &address);
        if (rows[i].value == NULL ? found != NULL : found == NULL || strcmp(found->value, rows[i].value) != 0)
            fail_msg("%s is in %s", rows[i].address, found ? found->value : "nothing");
    }
    catalog_free(c);
}

static void a_missing_directory_is_an_error_that_names_it(void **state)
{
    struct catalog *catalog = NULL;
    struct error error = {""};
    (void)state;

    assert_int_equal(catalog_load("/nonexistent/catalog", &catalog, &error), STATUS_IO);

    assert_non_null(strstr(error.text, "/nonexistent/catalog/products"));
    assert_null(catalog);
    catalog_free(NULL);
}

static void load_prefix(const uint8_t *data, size_t length, void *context)
{
    struct catalog *catalog = NULL;
    (void)context;
    if (catalog_load_bytes("prefix.yaml", (const char *)data, length, &catalog, NULL) == STATUS_OK)
        catalog_free(catalog);
}

static void every_prefix_of_a_good_file_is_read_within_its_bytes(void **state)
{
    static const char text[] = FILE_START
        "  - {product: acme-av, domain: a.example, purpose: update, source: old, ports: [8443/tcp], note: n}\n"
        "  - {product: acme-av, http-path: /updates/*/x-#.xml, source: s, host: [a.example]}\n"
        "  - {product: acme-av, prefix: 192.0.2.0/24, source: s}\n";
    (void)state;

    for_each_prefix(text, sizeof(text) - 1, load_prefix, NULL);

    struct catalog *catalog = NULL;
    assert_int_equal(catalog_load_bytes("whole.yaml", text, sizeof(text) - 1, &catalog, NULL), STATUS_OK);
    catalog_free(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_file_is_refused_with_file_line_and_field),
        cmocka_unit_test(a_row_carries_what_is_said_of_it),
        cmocka_unit_test(the_narrowest_of_nested_ranges_wins),
        cmocka_unit_test(a_missing_directory_is_an_error_that_names_it),
        cmocka_unit_test(every_prefix_of_a_good_file_is_read_within_its_bytes),
    };
    return cmocka_run_group_tests_name("analyzers/catalog_read", tests, NULL, NULL);
}
