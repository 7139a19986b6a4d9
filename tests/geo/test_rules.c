/*
 * The rules of the location and operator axes as a table of what must never happen: a wrong `in`, an agreement of one,
 * a finding that a single wrong file makes.
 */
#include "geo_helpers.h"

#include "libloc_file.h"
#include "sources_internal.h"

/* The countries of 15 CFR 791.4, and VE which it lists conditionally. */
static const char *const policy[] = {"CN", "HK", "MO", "CU", "IR", "KP", "RU", "VE"};

static bool is_listed(struct country country)
{
    for (size_t i = 0; i < sizeof(policy) / sizeof(policy[0]); i++)
        if (strcmp(policy[i], country.code) == 0)
            return true;
    return false;
}

/** "in", "out", "contested" or "unknown": how the candidates of an axis lie to a policy. */
static const char *verdict_of(const struct axis_judgement *axis)
{
    unsigned listed = 0;
    for (uint8_t i = 0; i < axis->country_count; i++)
        listed += is_listed(axis->countries[i]);
    return axis->country_count == 0        ? "unknown"
           : listed == axis->country_count ? "in"
           : listed == 0                   ? "out"
                                           : "contested";
}

/** Files with such names and such texts, opened together. */
struct files {
    struct test_file items[8];
    const char *paths[9];
    char wishes[8][256];
    size_t count;
};

static void add_file(struct files *files, const char *name, const char *role, const char *text)
{
    size_t i = files->count++;
    struct test_file file = file_write_text(name, text);
    files->items[i] = file;
    snprintf(files->wishes[i], sizeof(files->wishes[i]), "role=%s,file=%s", role ? role : "", file.path);
    files->paths[i] = role ? files->wishes[i] : files->items[i].path;
    files->paths[i + 1] = NULL;
}

static void remove_files(struct files *files)
{
    for (size_t i = 0; i < files->count; i++)
        file_remove(&files->items[i]);
}

/* Two providers that agree on 8.8.8.0/24 and dispute the rest. */
static void add_two_providers(struct files *files)
{
    add_file(files, "dbip-country.csv", NULL,
             "1.1.1.0,1.1.1.255,XK\n8.8.8.0,8.8.8.255,US\n9.9.9.0,9.9.9.255,CN\n9.9.10.0,9.9.10.255,UK\n");
    add_file(files, "geolite2-country.csv", NULL,
             "1.1.1.0,1.1.1.255,RS\n8.8.8.0,8.8.8.255,US\n9.9.9.0,9.9.9.255,HK\n9.9.10.0,9.9.10.255,AP\n"
             "9.9.11.0,9.9.11.255,KP\n");
}

static void one_provider_never_agrees_with_itself(void **state)
{
    (void)state;
    struct files files = {.count = 0};
    add_file(&files, "dbip-country.csv", NULL, "8.8.8.0,8.8.8.255,KP\n");
    add_file(&files, "dbip-city-lite.csv", NULL, "8.8.8.0,8.8.8.255,KP\n");
    add_file(&files, "geo-whois-asn-country.csv", NULL, "8.8.8.0,8.8.8.255,KP\n");
    add_file(&files, "asn-country.csv", NULL, "8.8.8.0,8.8.8.255,KP\n");
    add_file(&files, "iptoasn-country.csv", NULL, "8.8.8.0,8.8.8.255,KP\n");
    struct geo *geo = must_open(files.paths, NULL);

    struct jurisdiction j = judge(geo, "8.8.8.8");

    assert_axis(&j.axes[AXIS_LOCATION], "single-source", "KP", "1 of 1 provider");
    geo_close(geo);
    remove_files(&files);
}

static void copies_of_a_file_are_one_provider(void **state)
{
    (void)state;
    static const char rows[] = "8.8.8.0,8.8.8.255,KP\n2a00::,2a00:ffff:ffff:ffff:ffff:ffff:ffff:ffff,KP\n";
    struct files files = {.count = 0};
    add_file(&files, "dbip-country.csv", NULL, rows);
    add_file(&files, "office.csv", "location", rows);
    add_file(&files, "other.csv", "location", "8.8.8.0,8.8.8.255,KP\n");
    struct geo *geo = must_open(files.paths, NULL);
    struct jurisdiction v4 = judge(geo, "8.8.8.8"), v6 = judge(geo, "2a00::1");
    geo_close(geo);
    files.paths[2] = NULL; /* without the one that says something else of IPv6 */
    geo = must_open(files.paths, NULL);
    struct jurisdiction copied = judge(geo, "8.8.8.8");
    geo_close(geo);

    assert_axis(&v4.axes[AXIS_LOCATION], "agreed", "KP", "2 of 2 providers");
    assert_axis(&v6.axes[AXIS_LOCATION], "single-source", "KP", "1 of 1 provider");
    assert_axis(&copied.axes[AXIS_LOCATION], "single-source", "KP", "1 of 1 provider");
    assert_int_equal(copied.axes[AXIS_LOCATION].source_count, 2);
    remove_files(&files);
}

static void a_wrong_geofeed_is_shown_and_changes_nothing(void **state)
{
    (void)state;
    struct files files = {.count = 0};
    add_two_providers(&files);
    add_file(&files, "planted-geofeed.csv", NULL, "8.8.8.0/25,RU,,,\n");
    struct geo *geo = must_open(files.paths, NULL);

    struct jurisdiction planted = judge(geo, "8.8.8.8"), beside = judge(geo, "8.8.8.200");

    assert_axis(&planted.axes[AXIS_LOCATION], "agreed", "US", "2 of 2 providers");
    assert_int_equal(planted.axes[AXIS_LOCATION].source_count, 3);
    assert_true(planted.axes[AXIS_LOCATION].sources[2].is_own_claim);
    assert_string_equal(planted.axes[AXIS_LOCATION].sources[2].country.code, "RU");
    assert_axis(&beside.axes[AXIS_LOCATION], "agreed", "US", "2 of 2 providers"); /* it is not asked there */
    assert_int_equal(beside.axes[AXIS_LOCATION].source_count, 2);
    geo_close(geo);
    remove_files(&files);
}

static void geofeeds_alone_and_what_follows_them_have_no_vote(void **state)
{
    (void)state;
    struct files files = {.count = 0};
    add_file(&files, "geo-whois-asn-country.csv", NULL, "8.8.8.0,8.8.8.255,RU\n8.8.9.0,8.8.9.255,RU\n");
    add_file(&files, "geofeed.csv", NULL, "8.8.8.0/25,RU,,,\n");
    add_file(&files, "geofeed-of-another-name.csv", NULL, "8.8.8.0/25,RU,,,\n");
    struct geo *geo = must_open(files.paths, NULL);

    struct jurisdiction claimed = judge(geo, "8.8.8.8"), beside = judge(geo, "8.8.9.8");

    assert_axis(&claimed.axes[AXIS_LOCATION], "unknown", "",
                "only a geofeed names a country: what the holder of the prefix says of itself");
    assert_int_equal(claimed.axes[AXIS_LOCATION].source_count, 2);
    assert_axis(&beside.axes[AXIS_LOCATION], "unknown", "", "no location database loaded");
    assert_string_equal(beside.operator_facts.registration.code, "RU");
    geo_close(geo);
    remove_files(&files);
}

static void codes_that_are_no_country_are_no_answer(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"1.1.1.1", "RS XK", "contested"},   /* Kosovo is a candidate of its own */
        {"9.9.9.9", "CN HK", "contested"},   /* and yet in a policy that lists both */
        {"9.9.10.9", "", "unknown"},         /* UK is not GB, AP is nobody */
        {"9.9.11.9", "KP", "single-source"}, /* one file's KP stays the word of one */
    };
    struct files files = {.count = 0};
    add_two_providers(&files);
    struct geo *geo = must_open(files.paths, NULL);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct jurisdiction j = judge(geo, rows[i][0]);
        assert_string_equal(countries_of(&j.axes[AXIS_LOCATION]), rows[i][1]);
        assert_string_equal(axis_status_text(j.axes[AXIS_LOCATION].status), rows[i][2]);
    }
    struct jurisdiction disputed = judge(geo, "9.9.9.9");
    assert_string_equal(verdict_of(&disputed.axes[AXIS_LOCATION]), "in");
    geo_close(geo);
    remove_files(&files);
}

static void a_list_of_anycast_is_named_before_a_flag_and_beats_agreement(void **state)
{
    (void)state;
    static const struct libloc_row flagged[] = {{"8.8.0.0/16", "US", 15169, 4}};
    struct files files = {.count = 0};
    uint8_t *bytes = malloc(LIBLOC_FILE_SIZE);
    size_t size = libloc_file_make(flagged, 1, bytes);
    struct test_file libloc = file_write("location.db", bytes, size);
    add_two_providers(&files);
    const char *paths[] = {files.paths[0], files.paths[1], libloc.path, NULL, NULL};
    struct geo *geo = must_open(paths, NULL);
    struct jurisdiction j = judge(geo, "8.8.8.8");
    assert_axis(&j.axes[AXIS_LOCATION], "unknown", "", "anycast: flagged by libloc location database");
    geo_close(geo);

    add_file(&files, "my-anycast.txt", "anycast", "8.8.8.0/24\n");
    paths[3] = files.paths[2];
    geo = must_open(paths, NULL);
    j = judge(geo, "8.8.8.8");
    assert_axis(&j.axes[AXIS_LOCATION], "unknown", "", "anycast: listed in my-anycast");
    assert_int_equal(j.axes[AXIS_LOCATION].source_count, 2); /* both claims are shown */
    geo_close(geo);
    file_remove(&libloc);
    remove_files(&files);
    free(bytes);
}

static void an_embedded_ipv4_address_is_the_one_that_is_judged(void **state)
{
    (void)state;
    static const char *const forms[] = {"::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
                                        "2001:0:4136:e378:8000:63bf:f7f7:f7f7"};
    struct files files = {.count = 0};
    add_two_providers(&files);
    struct geo *geo = must_open(files.paths, NULL);

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct jurisdiction j = judge(geo, forms[i]);
        struct ip_address inner = address_of("8.8.8.8");
        assert_axis(&j.axes[AXIS_LOCATION], "agreed", "US", "2 of 2 providers");
        assert_true(ip_equal(&j.judged, &inner));
    }
    geo_close(geo);
    remove_files(&files);
}

/* --- the operator of those networks whose registry misleads ------------------------------------------------------- */

static void parents_of_the_catalogue_win_over_the_registry(void **state)
{
    (void)state;
    static const struct {
        const char *address, *holder, *parent;
    } rows[] = {
        {"5.0.0.1", "CH", "RU"}, /* AS200107, Kaspersky Lab Switzerland GmbH */
        {"5.0.1.1", "CH", "RU"}, /* AS41983 */
        {"5.0.2.1", "RU", "RU"}, /* AS209030 */
        {"5.0.3.1", "RS", "RU"}, /* AS13238, Yandex */
        {"5.0.4.1", "CN", "CN"}, /* AS132203, Tencent, addresses in SG, HK, US ... */
        {"5.0.5.1", "CN", "CN"}, /* AS45102, Alibaba (US) */
        {"5.0.6.1", "CN", "CN"}, /* AS37963 */
        {"5.0.7.1", "CN", "CN"}, /* AS55992, Qihoo 360 */
    };
    struct files files = {.count = 0};
    add_file(&files, "asn-ipv4.csv", NULL,
             "5.0.0.0,5.0.0.255,200107\n5.0.1.0,5.0.1.255,41983\n5.0.2.0,5.0.2.255,209030\n5.0.3.0,5.0.3.255,13238\n"
             "5.0.4.0,5.0.4.255,132203\n5.0.5.0,5.0.5.255,45102\n5.0.6.0,5.0.6.255,37963\n5.0.7.0,5.0.7.255,55992\n");
    add_file(&files, "asn-holder-cc.csv", NULL,
             "200107,CH\n41983,CH\n209030,RU\n13238,RS\n132203,CN\n45102,CN\n37963,CN\n55992,CN\n");
    struct geo *geo = must_open(files.paths, SOURCE_ROOT "/catalog/operators.yaml");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct jurisdiction j = judge(geo, rows[i].address);
        assert_string_equal(countries_of(&j.axes[AXIS_OPERATOR]), rows[i].parent);
        assert_string_equal(j.operator_facts.holder_country.code, rows[i].holder);
        assert_non_null(j.operator_facts.parent_source);
        assert_string_equal(verdict_of(&j.axes[AXIS_OPERATOR]), "in");
        assert_string_equal(verdict_of(&j.axes[AXIS_LOCATION]), "unknown"); /* and says nothing of where it stands */
    }
    geo_close(geo);
    remove_files(&files);
}

/* --- published cloud ranges against the real file, where it is ---------------------------------------------------- */

/** Reads one row of the table. @return false at its end. */
static bool next_range(FILE *table, struct ip_prefix *ret, struct country *ret_country)
{
    char line[512], prefix[64], code[8];
    while (fgets(line, sizeof(line), table) != NULL) {
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%63s %7s", prefix, code), 2);
        assert_int_equal(ip_prefix_parse(prefix, ret, NULL), STATUS_OK);
        assert_true(country_parse(code, 2, ret_country));
        return true;
    }
    return false;
}

static void no_published_cloud_range_outside_is_called_in(void **state)
{
    (void)state;
    const char *folder = getenv("BORDERTAP_GEO_DIR"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char path[1024];
    if (folder != NULL)
        snprintf(path, sizeof(path), "%s", folder);
    else
        snprintf(path, sizeof(path), "%s%s/bordertap/geo", data ? data : home ? home : "", data ? "" : "/.local/share");
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there; setup/location-data fetches it\n", path);
        skip();
    }
    const char *paths[] = {path, NULL};
    struct geo *geo = must_open(paths, SOURCE_ROOT "/catalog/operators.yaml");
    FILE *table = fopen(TEST_DATA "/geo-cloud-ranges.tsv", "r");
    struct ip_prefix range;
    struct country country;
    size_t outside = 0, right = 0, all = 0;
    assert_non_null(table);
    while (next_range(table, &range, &country)) {
        struct jurisdiction j;
        geo_judge(geo, &range.base, &j);
        const char *verdict = verdict_of(&j.axes[AXIS_LOCATION]);
        if (!is_listed(country) && strcmp(verdict, "in") == 0)
            fail_msg("an address in %s is called %s", country.code, countries_of(&j.axes[AXIS_LOCATION]));
        outside += !is_listed(country);
        right += strcmp(countries_of(&j.axes[AXIS_LOCATION]), country.code) == 0;
        all++;
    }
    fclose(table);
    assert_true(outside > 50);
    assert_true(right * 10 > all * 9); /* ranges of 2021 against data of 2026 */
    geo_close(geo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_provider_never_agrees_with_itself),
        cmocka_unit_test(copies_of_a_file_are_one_provider),
        cmocka_unit_test(a_wrong_geofeed_is_shown_and_changes_nothing),
        cmocka_unit_test(geofeeds_alone_and_what_follows_them_have_no_vote),
        cmocka_unit_test(codes_that_are_no_country_are_no_answer),
        cmocka_unit_test(a_list_of_anycast_is_named_before_a_flag_and_beats_agreement),
        cmocka_unit_test(an_embedded_ipv4_address_is_the_one_that_is_judged),
        cmocka_unit_test(parents_of_the_catalogue_win_over_the_registry),
        cmocka_unit_test(no_published_cloud_range_outside_is_called_in),
    };
    return cmocka_run_group_tests_name("geo/rules", tests, NULL, NULL);
}
