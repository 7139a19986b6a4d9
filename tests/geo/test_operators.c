#include "geo_helpers.h"

#include "sources_internal.h"

static enum status load(const char *yaml, struct error *error)
{
    struct geo *geo = geo_new();
    enum status status = geo_load_operators_bytes(geo, "operators.yaml", yaml, strlen(yaml), error);
    geo_close(geo);
    return status;
}

#define NETWORK(asn) "      - {asn: " asn ", registered: CH, as_of: \"2026\", source: s}\n"
#define PARENT "parents:\n  - name: P\n    country: RU\n    networks:\n"

static void a_wrong_file_is_refused_with_its_line(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"x: 1\n", "operators.yaml: holds no list of parents"},
        {"parents:\n  - name: P\n", "operators.yaml:2: a parent needs name, country and a list of networks"},
        {"parents:\n  - P\n", "operators.yaml:2: a parent needs"},
        {"parents:\n  - name: P\n    country: UK\n    networks: []\n", "operators.yaml:2: country is no country code"},
        {PARENT "      - 7\n", "operators.yaml:5: a network is a mapping"},
        {PARENT NETWORK("AS0"), "operators.yaml:5: a network needs asn"},
        {PARENT "      - {asn: 7, source: s}\n", "operators.yaml:5: a network needs source and as_of"},
        {PARENT "      - {asn: 7, source: s, as_of: \"2026\", registered: EU}\n",
         "operators.yaml:5: registered is no country code"},
        {PARENT NETWORK("7") NETWORK("7"), "operators.yaml:6: this AS number has a parent already"},
        {PARENT "      - {asn: 7, source: s, as_of: \"2026\", anycast: maybe}\n", "operators.yaml:5: anycast is true"},
        {"parents: [", "operators.yaml"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error error = {""};
        assert_true(load(rows[i][0], &error) < 0);
        if (strncmp(error.text, rows[i][1], strlen(rows[i][1])) != 0)
            fail_msg("\"%s\" instead of \"%s\"", error.text, rows[i][1]);
    }
}

static void the_shipped_catalogue_loads_and_knows_kaspersky(void **state)
{
    (void)state;
    const char *paths[] = {NULL};
    struct geo *geo = must_open(paths, SOURCE_ROOT "/catalog/operators.yaml");
    const struct geo_database *databases;

    assert_int_equal(geo_databases(geo, &databases), 1);

    assert_string_equal(databases[0].role, "parent");
    assert_true(databases[0].ranges >= 393);
    const struct network *network = networks_find(&geo->networks, 200107);
    assert_non_null(network);
    assert_string_equal(network->parent->name, "Kaspersky Lab");
    assert_string_equal(network->parent->country.code, "RU");
    assert_null(networks_find(&geo->networks, 41798)); /* Transtelecom of Kazakhstan is not the Russian one */
    geo_close(geo);
}

static void a_network_that_is_in_many_places_has_no_location(void **state)
{
    (void)state;
    struct test_file operators = file_write_text(
        "operators.yaml", PARENT "      - {asn: 7, source: s, as_of: \"2026\", anycast: true}\n" NETWORK("8"));
    struct test_file asns = file_write_text("asn-ipv4.csv", "5.0.0.0,5.0.0.255,7,A\n5.0.1.0,5.0.1.255,8,B\n");
    struct test_file places = file_write_text("dbip-country.csv", "5.0.0.0,5.0.1.255,NL\n");
    struct test_file list = file_write_text("anycast.txt", "5.0.0.128/25\n");
    char wish[200];
    snprintf(wish, sizeof(wish), "role=anycast,file=%s", list.path);
    const char *paths[] = {asns.path, places.path, wish, NULL};
    struct geo *geo = must_open(paths, operators.path);

    struct jurisdiction many = judge(geo, "5.0.0.1"), listed = judge(geo, "5.0.0.129"), one = judge(geo, "5.0.1.1");

    assert_axis(&many.axes[AXIS_LOCATION], "unknown", "", "anycast: by the catalogue, AS7");
    assert_int_equal(many.axes[AXIS_LOCATION].source_count, 1); /* what the database says is shown */
    assert_axis(&listed.axes[AXIS_LOCATION], "unknown", "", "anycast: listed in anycast");
    assert_axis(&one.axes[AXIS_LOCATION], "single-source", "NL", "1 of 1 provider");
    geo_close(geo);
    file_remove(&list);
    file_remove(&places);
    file_remove(&asns);
    file_remove(&operators);
}

static void load_prefix(const uint8_t *data, size_t length, void *context)
{
    (void)context;
    struct geo *geo = geo_new();
    geo_load_operators_bytes(geo, "operators.yaml", (const char *)data, length, NULL);
    geo_close(geo);
}

static void every_prefix_of_a_file_is_read_without_harm(void **state)
{
    (void)state;
    for_each_prefix(PARENT NETWORK("7"), strlen(PARENT NETWORK("7")), load_prefix, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_file_is_refused_with_its_line),
        cmocka_unit_test(the_shipped_catalogue_loads_and_knows_kaspersky),
        cmocka_unit_test(a_network_that_is_in_many_places_has_no_location),
        cmocka_unit_test(every_prefix_of_a_file_is_read_without_harm),
    };
    return cmocka_run_group_tests_name("geo/operators", tests, NULL, NULL);
}
