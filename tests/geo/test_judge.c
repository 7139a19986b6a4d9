#include "geo_helpers.h"

#include "sources_internal.h"

#define DBIP DATA("dbip-country.mmdb")
#define GEOLITE DATA("GeoLite2-Country.mmdb")
#define IPINFO DATA("ipinfo_lite.mmdb")
#define ASN DATA("GeoLite2-ASN.mmdb")
#define HOLDER DATA("iptoasn-country.mmdb")

static const char parents[] = "parents:\n"
                              "  - name: Kaspersky Lab\n"
                              "    country: RU\n"
                              "    since: \"1997\"\n"
                              "    networks:\n"
                              "      - {asn: 200107, registered: CH, as_of: \"2026\", source: \"the registry\"}\n";

struct loaded {
    struct geo *geo;
    struct test_file operators, table;
};

static struct loaded load_all(const char *table_name, const char *table)
{
    struct loaded ret = {NULL, file_write_text("operators.yaml", parents), {"", ""}};
    const char *paths[] = {DBIP, GEOLITE, HOLDER, NULL, NULL};
    if (table_name != NULL) {
        ret.table = file_write_text(table_name, table);
        paths[3] = ret.table.path;
    }
    ret.geo = must_open(paths, ret.operators.path);
    return ret;
}

static void unload(struct loaded *loaded)
{
    geo_close(loaded->geo);
    file_remove(&loaded->operators);
    file_remove(&loaded->table);
}

static void two_providers_that_name_one_country_agree(void **state)
{
    (void)state;
    const char *paths[] = {DBIP, GEOLITE, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "5.45.0.1");

    assert_axis(&j.axes[AXIS_LOCATION], "agreed", "RU", "2 of 2 providers");
    assert_int_equal(j.axes[AXIS_LOCATION].source_count, 2);
    assert_string_equal(j.axes[AXIS_LOCATION].sources[0].edition, "2026-06-01");
    geo_close(geo);
}

static void providers_that_differ_are_contested_and_none_wins(void **state)
{
    (void)state;
    const char *paths[] = {DBIP, GEOLITE, IPINFO, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "77.74.177.233"); /* RU, CH, RU: no majority decides */

    assert_axis(&j.axes[AXIS_LOCATION], "contested", "CH RU", "3 providers name 2 countries");
    geo_close(geo);
}

static void files_of_one_provider_are_one_voice(void **state)
{
    (void)state;
    struct test_file copy = file_write_text("dbip-country-2026-05.csv", "8.8.8.0,8.8.8.255,US\n");
    const char *paths[] = {DBIP, copy.path, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "8.8.8.8");

    assert_axis(&j.axes[AXIS_LOCATION], "single-source", "US", "1 of 1 provider");
    assert_int_equal(j.axes[AXIS_LOCATION].source_count, 2);
    geo_close(geo);
    file_remove(&copy);
}

static void a_silent_provider_leaves_a_single_source(void **state)
{
    (void)state;
    const char *paths[] = {DBIP, GEOLITE, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "223.255.255.1");

    assert_axis(&j.axes[AXIS_LOCATION], "single-source", "CN", "1 of 2 providers");
    assert_string_equal(j.axes[AXIS_LOCATION].sources[1].country.code, "");
    geo_close(geo);
}

static void what_a_provider_holds_back_is_unknown(void **state)
{
    (void)state;
    const char *paths[] = {DBIP, GEOLITE, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "104.16.0.1");

    assert_axis(&j.axes[AXIS_LOCATION], "unknown", "", "withheld by MaxMind");
    assert_string_equal(j.axes[AXIS_LOCATION].sources[0].country.code, "US"); /* the candidate is shown */
    assert_string_equal(j.operator_facts.registration.code, "US");
    geo_close(geo);
}

static void eu_is_no_country(void **state)
{
    (void)state;
    const char *paths[] = {DBIP, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "9.9.9.9");

    assert_axis(&j.axes[AXIS_LOCATION], "unknown", "", "in no location database");
    geo_close(geo);
}

static void registration_never_says_where_an_address_is(void **state)
{
    (void)state;
    struct test_file table = file_write_text("asn-country-ipv4.csv", "8.8.8.0,8.8.8.255,US\n");
    const char *paths[] = {table.path, DATA("iptoasn-country.mmdb"), NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "8.8.8.8");

    assert_axis(&j.axes[AXIS_LOCATION], "unknown", "", "no location database loaded");
    assert_string_equal(j.operator_facts.registration.code, "US");
    assert_string_equal(j.operator_facts.registration_source, "registry delegations");
    geo_close(geo);
    file_remove(&table);
}

static void special_addresses_ask_no_database(void **state)
{
    (void)state;
    const char *paths[] = {DBIP, ASN, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "10.1.2.3");

    assert_axis(&j.axes[AXIS_LOCATION], "unknown", "", "special: Private-Use");
    assert_axis(&j.axes[AXIS_OPERATOR], "unknown", "", "special: Private-Use");
    assert_int_equal(j.axes[AXIS_LOCATION].source_count, 0);
    geo_close(geo);
}

static void an_embedded_address_is_judged_in_place_of_the_outer_one(void **state)
{
    (void)state;
    static const char *const forms[] = {"64:ff9b::8.8.8.8", "2002:808:808::1", "2001:0:4136:e378:8000:63bf:f7f7:f7f7"};
    const char *paths[] = {DBIP, ASN, NULL};
    struct geo *geo = must_open(paths, NULL);
    struct ip_address inner = address_of("8.8.8.8");
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct jurisdiction j = judge(geo, forms[i]);

        assert_true(j.is_embedded);
        assert_true(ip_equal(&j.judged, &inner));
        assert_string_equal(countries_of(&j.axes[AXIS_LOCATION]), "US");
        assert_int_equal(j.operator_facts.asn[0], 15169);
    }
    assert_false(judge(geo, "::ffff:8.8.8.8").is_embedded); /* the same endpoint */
    geo_close(geo);
}

static void prefixes_deeper_than_64_bits_are_told_apart(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"2001:678::1:2:3:3", "FR", ""}, {"2001:678::1:2:3:4", "GB", "2001:678::1:2:3:4/128"},
        {"2001:678::1:2:3:5", "XK", ""}, {"2001:678::1:2:3:6", "FR", ""},
        {"2001:678:0:1::1", "FR", ""},   {"2001:678:1::1", "", ""},
        {"2a02:6b8::1", "RU", ""},       {"2a02:6b8::8000:0:0:1", "FI", "2a02:6b8:0:0:8000::/65"},
    };
    const char *paths[] = {DBIP, NULL};
    struct geo *geo = must_open(paths, NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char prefix[IP_PREFIX_TEXT_SIZE];
        struct jurisdiction j = judge(geo, rows[i][0]);

        assert_string_equal(countries_of(&j.axes[AXIS_LOCATION]), rows[i][1]);
        ip_prefix_print(&j.axes[AXIS_LOCATION].sources[0].prefix, prefix);
        if (*rows[i][2] != '\0')
            assert_string_equal(prefix, rows[i][2]);
    }
    geo_close(geo);
}

static void the_matched_prefix_is_shown(void **state)
{
    (void)state;
    char prefix[IP_PREFIX_TEXT_SIZE];
    const char *paths[] = {DBIP, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "77.74.177.233");

    assert_true(j.axes[AXIS_LOCATION].sources[0].has_prefix);
    ip_prefix_print(&j.axes[AXIS_LOCATION].sources[0].prefix, prefix);
    assert_string_equal(prefix, "77.74.176.0/22");
    geo_close(geo);
}

static void the_catalogues_parent_wins_and_the_holder_is_shown(void **state)
{
    (void)state;
    struct loaded all = load_all("asn-ipv4.csv", "77.74.176.0,77.74.183.255,200107,\"Kaspersky, the Swiss one\"\n");

    struct jurisdiction j = judge(all.geo, "77.74.177.233");

    assert_axis(&j.axes[AXIS_OPERATOR], "single-source", "RU",
                "AS200107 held in CH; parent Kaspersky Lab, RU, by catalogue");
    assert_string_equal(j.operator_facts.name, "Kaspersky, the Swiss one");
    assert_string_equal(j.operator_facts.holder_country.code, "CH");
    assert_string_equal(j.operator_facts.parent, "Kaspersky Lab");
    assert_string_equal(j.operator_facts.parent_country.code, "RU");
    assert_string_equal(j.operator_facts.parent_source, "the registry");
    assert_string_equal(j.operator_facts.parent_since, "1997");
    assert_int_equal(j.axes[AXIS_OPERATOR].source_count, 3);
    assert_string_equal(j.axes[AXIS_OPERATOR].sources[2].database, "catalogue");
    unload(&all);
}

static void a_holders_country_alone_is_a_single_source(void **state)
{
    (void)state;
    struct loaded all = load_all("asn-ipv4.csv", "8.8.8.0,8.8.8.255,15169,Google LLC\n");

    struct jurisdiction j = judge(all.geo, "8.8.8.8");

    assert_axis(&j.axes[AXIS_OPERATOR], "single-source", "US", "AS15169 held in US");
    assert_null(j.operator_facts.parent);
    unload(&all);
}

static void an_as_without_a_holders_country_is_unknown_and_named(void **state)
{
    (void)state;
    const char *paths[] = {ASN, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "8.8.8.8");

    assert_axis(&j.axes[AXIS_OPERATOR], "unknown", "", "AS15169: its holder's country is in no loaded database");
    assert_int_equal(j.operator_facts.asn_count, 1);
    assert_string_equal(j.operator_facts.name, "GOOGLE");
    geo_close(geo);
}

static void several_origins_are_all_kept(void **state)
{
    (void)state;
    struct test_file table = file_write_text("ip2asn-v4.tsv", "8.8.8.0\t8.8.8.255\t15169\tUS\tGOOGLE\n"
                                                              "8.8.8.0\t8.8.8.255\t13238\tRU\tYANDEX\n"
                                                              "8.8.9.0\t8.8.9.255\t0\tNone\tNot routed\n");
    const char *paths[] = {table.path, NULL};
    struct geo *geo = must_open(paths, NULL);
    uint32_t asns[4];
    struct ip_address address = address_of("8.8.8.8");

    struct jurisdiction j = judge(geo, "8.8.8.8");

    assert_axis(&j.axes[AXIS_OPERATOR], "contested", "RU US", "AS15169, AS13238 held in US, RU");
    assert_int_equal(geo_origin_asns(geo, &address, asns, 4), 2);
    assert_int_equal(asns[1], 13238);
    assert_int_equal(geo_origin_asns(geo, &address, asns, 1), 1);
    j = judge(geo, "8.8.9.1");
    assert_axis(&j.axes[AXIS_OPERATOR], "unknown", "", "not announced by any AS in the ASN table");
    geo_close(geo);
    file_remove(&table);
}

static void registries_are_one_provider_and_the_catalogue_another(void **state)
{
    (void)state;
    struct test_file operators = file_write_text("operators.yaml", parents);
    struct test_file table = file_write_text("asn-ipv4.csv", "5.0.0.0,5.0.0.255,200107,K\n8.8.8.0,8.8.8.255,15169,G\n");
    struct test_file holders = file_write_text("asn-holder-cc.csv", "15169,US\n200107,RU\n");
    struct test_file registry =
        file_write_text("delegated-ripencc-extended-latest",
                        "2|ripencc|20261101|2|19830705|20261101|+0000\nripencc|US|asn|15169|1|20000101|allocated|a\n"
                        "ripencc|US|ipv4|8.8.8.0|256|20000101|allocated|a\n");
    struct test_file iptoasn = file_write_text("iptoasn-country.csv", "8.8.8.0,8.8.8.255,US\n");
    const char *paths[] = {table.path, registry.path, holders.path, iptoasn.path, NULL};
    struct geo *geo = must_open(paths, operators.path);

    struct jurisdiction registered = judge(geo, "8.8.8.8"), both = judge(geo, "5.0.0.1");

    assert_axis(&registered.axes[AXIS_OPERATOR], "single-source", "US", "AS15169 held in US");
    assert_axis(&both.axes[AXIS_OPERATOR], "agreed", "RU",
                "AS200107 held in RU; parent Kaspersky Lab, RU, by catalogue");
    geo_close(geo);
    file_remove(&operators);
    file_remove(&table);
    file_remove(&holders);
    file_remove(&registry);
    file_remove(&iptoasn);
}

static void an_origin_of_unknown_holder_leaves_the_operator_open(void **state)
{
    (void)state;
    struct test_file one = file_write_text("asn-ipv4.csv", "8.8.8.0,8.8.8.255,1299,Arelion\n");
    struct test_file other = file_write_text("asn-ipv4-mine.csv", "8.8.8.0,8.8.8.255,64496,Nobody\n");
    struct test_file holders = file_write_text("asn-holder-cc.csv", "1299,SE\n");
    const char *paths[] = {one.path, other.path, holders.path, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "8.8.8.8");

    assert_axis(&j.axes[AXIS_OPERATOR], "single-source", "SE",
                "AS1299, AS64496 held in SE; in no loaded database is the holder of AS64496");
    assert_true(j.axes[AXIS_OPERATOR].is_incomplete);
    geo_close(geo);
    file_remove(&one);
    file_remove(&other);
    file_remove(&holders);
}

static void without_databases_each_axis_says_what_is_missing(void **state)
{
    (void)state;
    struct geo *geo = NULL;
    assert_int_equal(geo_open(NULL, 0, NULL, &geo, NULL), STATUS_OK);

    struct jurisdiction v4 = judge(geo, "8.8.8.8"), v6 = judge(geo, "2a00:1450::1");

    assert_axis(&v4.axes[AXIS_LOCATION], "unknown", "", "no location database loaded");
    assert_axis(&v4.axes[AXIS_OPERATOR], "unknown", "", "no ASN table loaded");
    assert_axis(&v6.axes[AXIS_LOCATION], "unknown", "", "no location database loaded");
    geo_close(geo);
}

static void anycast_makes_location_unknown_and_shows_the_candidates(void **state)
{
    (void)state;
    struct test_file list =
        file_write_text("anycast.txt", "# mine\n9.9.0.0/16\n8.8.8.0/24,12\n8.8.8.8\n2a00:1450::/32\n");
    char wish[256];
    snprintf(wish, sizeof(wish), "role=anycast,file=%s", list.path);
    const char *paths[] = {DBIP, GEOLITE, wish, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "8.8.8.8");

    assert_axis(&j.axes[AXIS_LOCATION], "unknown", "", "anycast: listed in anycast");
    assert_int_equal(j.axes[AXIS_LOCATION].source_count, 2);
    assert_string_equal(judge(geo, "2a00:1450::1").axes[AXIS_LOCATION].reason, "anycast: listed in anycast");
    assert_string_equal(judge(geo, "8.8.9.8").axes[AXIS_LOCATION].reason, "in no location database");
    geo_close(geo);
    file_remove(&list);
}

static const char overrides[] = "overrides:\n"
                                "  - {prefix: 8.8.8.0/24, country: US, axis: location, author: a, reason: r, "
                                "expires: \"2099-12-31\"}\n";

static void addresses_of_one_group_are_judged_alike(void **state)
{
    (void)state;
    struct test_file override = file_write_text("overrides.yaml", overrides);
    const char *with_override[] = {DBIP, GEOLITE, override.path, NULL};
    const char *paths[] = {DBIP, GEOLITE, NULL};
    struct geo *geo = must_open(paths, NULL), *overridden = must_open(with_override, NULL);
    const struct ip_address russian = address_of("5.45.0.1"), neighbour = address_of("5.45.0.2");
    const struct ip_address contested = address_of("77.74.177.233"), unknown = address_of("8.8.9.8");
    const struct ip_address home = address_of("192.168.1.1"), embedded = address_of("64:ff9b::808:808");

    assert_int_not_equal(geo_group(geo, &russian), 0);
    assert_int_equal(geo_group(geo, &russian), geo_group(geo, &neighbour));
    assert_int_not_equal(geo_group(geo, &russian), geo_group(geo, &contested));
    assert_int_not_equal(geo_group(geo, &russian), geo_group(geo, &unknown));
    assert_int_equal(geo_group(geo, &home), 0);
    assert_int_equal(geo_group(geo, &embedded), 0);
    assert_int_equal(geo_group(overridden, &russian), 0);
    geo_close(geo);
    geo_close(overridden);
    file_remove(&override);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_providers_that_name_one_country_agree),
        cmocka_unit_test(providers_that_differ_are_contested_and_none_wins),
        cmocka_unit_test(files_of_one_provider_are_one_voice),
        cmocka_unit_test(a_silent_provider_leaves_a_single_source),
        cmocka_unit_test(what_a_provider_holds_back_is_unknown),
        cmocka_unit_test(eu_is_no_country),
        cmocka_unit_test(registration_never_says_where_an_address_is),
        cmocka_unit_test(special_addresses_ask_no_database),
        cmocka_unit_test(an_embedded_address_is_judged_in_place_of_the_outer_one),
        cmocka_unit_test(prefixes_deeper_than_64_bits_are_told_apart),
        cmocka_unit_test(the_matched_prefix_is_shown),
        cmocka_unit_test(the_catalogues_parent_wins_and_the_holder_is_shown),
        cmocka_unit_test(a_holders_country_alone_is_a_single_source),
        cmocka_unit_test(an_as_without_a_holders_country_is_unknown_and_named),
        cmocka_unit_test(several_origins_are_all_kept),
        cmocka_unit_test(registries_are_one_provider_and_the_catalogue_another),
        cmocka_unit_test(an_origin_of_unknown_holder_leaves_the_operator_open),
        cmocka_unit_test(without_databases_each_axis_says_what_is_missing),
        cmocka_unit_test(anycast_makes_location_unknown_and_shows_the_candidates),
        cmocka_unit_test(addresses_of_one_group_are_judged_alike),
    };
    return cmocka_run_group_tests_name("geo/judge", tests, NULL, NULL);
}
