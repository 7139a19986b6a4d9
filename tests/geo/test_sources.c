#include "geo_helpers.h"

#include <sys/stat.h>
#include <zlib.h>

#include "sources_internal.h"

static enum status open_one(const char *path, struct error *error)
{
    struct geo *geo = NULL;
    enum status status = geo_open(&path, 1, NULL, &geo, error);
    geo_close(geo);
    return status;
}

static void a_folder_is_searched_for_what_is_known(void **state)
{
    (void)state;
    const char *paths[] = {TEST_DATA "/geo", NULL};
    struct geo *geo = must_open(paths, NULL);
    const struct geo_database *databases;

    size_t count = geo_databases(geo, &databases);

    assert_int_equal(count,
                     11); /* six files, three of them with several roles; the script and ORIGIN are no databases */
    assert_string_equal(databases[4].name, "GeoLite2 ASN");
    geo_close(geo);
}

static void what_cannot_be_used_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *path, *says;
        enum status status;
    } rows[] = {
        {"/nowhere/at/all.mmdb", "/nowhere/at/all.mmdb: no such file", STATUS_IO},
        {"role=place,file=" DATA("dbip-country.mmdb"), "a role is", STATUS_INVALID},
        {"role=location,key=x", "file=PATH is missing", STATUS_INVALID},
        {"role=location,colour=red,file=x", "only role=, key= and", STATUS_INVALID},
        {"file=" DATA("dbip-country.mmdb"), "role= is missing", STATUS_INVALID},
        {"role=asn,file=" TEST_DATA "/geo", "needs a file", STATUS_INVALID},
        {"role=anycast,file=" DATA("ORIGIN"), "holds no prefix", STATUS_MALFORMED},
        {DATA("ORIGIN"), "no address table that is known", STATUS_MALFORMED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error error = {""};
        assert_int_equal(open_one(rows[i].path, &error), rows[i].status);
        if (strstr(error.text, rows[i].says) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", error.text, rows[i].says);
    }
}

static void a_folder_without_databases_is_refused(void **state)
{
    (void)state;
    struct test_file file = file_write_text("notes.txt", "x\n");
    struct error error;

    assert_int_equal(open_one(file.folder, &error), STATUS_INVALID);

    assert_non_null(strstr(error.text, "setup/location-data"));
    file_remove(&file);
}

static void the_day_comes_from_the_name_of_the_file_or_its_folder(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"asn-holder-cc-20260617.tsv.gz", "2026-06-17"},
        {"/x/asn-2.3.2026061719/asn-ipv4.csv", "2026-06-17"},
        {"dbip-country-lite-2026-06-01.csv", "2026-06-01"},
        {"/20250101/deep/asn-ipv4.csv", NULL},
        {"asn-ipv4.csv", NULL},
        {"x-20261399.csv", NULL},
        {"x-12026010100.csv", NULL},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *day = geo_edition_of_path(arena, rows[i][0]);
        if (rows[i][1] == NULL)
            assert_null(day);
        else
            assert_string_equal(day, rows[i][1]);
    }
    arena_free(arena);
}

struct heard {
    size_t count;
    char sentences[8][512];
};

static void hear(void *context, const char *sentence)
{
    struct heard *heard = context;
    assert_true(heard->count < 8);
    snprintf(heard->sentences[heard->count++], 512, "%s", sentence);
}

static void missing_and_old_databases_are_warned_of(void **state)
{
    (void)state;
    struct geo *geo = NULL;
    struct heard heard = {0};
    const char *paths[] = {DATA("dbip-country.mmdb"), NULL};
    assert_int_equal(geo_open(NULL, 0, NULL, &geo, NULL), STATUS_OK);
    geo_warnings(geo, 1780272000, hear, &heard);
    assert_int_equal(heard.count, 2);
    geo_close(geo);

    heard.count = 0;
    geo = must_open(paths, NULL);
    geo_warnings(geo, 1780272000 + 60 * 86400, hear, &heard); /* 60 days are fresh */
    assert_int_equal(heard.count, 1);
    geo_warnings(geo, 1780272000 + 61 * 86400, hear, &heard);
    assert_int_equal(heard.count, 3);
    assert_non_null(strstr(heard.sentences[2], "DB-IP Lite Country is of 2026-06-01, 61 days old"));
    geo_close(geo);
}

static void the_licence_line_is_kept_with_each_database(void **state)
{
    (void)state;
    const char *paths[] = {DATA("dbip-country.mmdb"), NULL};
    struct geo *geo = must_open(paths, NULL);
    const struct geo_database *databases;

    geo_databases(geo, &databases);

    assert_string_equal(databases[0].licence, "IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0");
    geo_close(geo);
}

static uint64_t counted;
static void count_one(void *context, const struct counter *counter)
{
    if (strcmp(counter->name, context) == 0)
        counted = counter->value;
}

static uint64_t count_of(const struct geo *geo, const char *name)
{
    char copy[32];
    snprintf(copy, sizeof(copy), "%s", name);
    counted = UINT64_MAX;
    geo_count(geo, count_one, copy);
    return counted;
}

static void bad_lines_are_counted_by_reason_and_named_by_line(void **state)
{
    (void)state;
    struct test_file table = file_write_text("asn-ipv4.csv", "start,end,asn,name\n"
                                                             "1.0.0.0,1.0.0.255,13335,\"Cloudflare, Inc.\"\r\n"
                                                             "1.0.1.0,1.0.1.999,1,x\n"
                                                             "1.0.3.0,1.0.2.0,1,x\n"
                                                             "1.0.4.0,1.0.4.255,many,x\n"
                                                             "1.0.5.0\n"
                                                             "\n# a comment\n"
                                                             "1.0.0.128,1.0.6.255,7,overlaps\n"
                                                             "1.0.7.0,1.0.7.255,7,one\n"
                                                             "1.0.6.0,1.0.6.255,8,goes back\n"
                                                             "1.0.8.0,1.0.8.255,8,two\n"
                                                             "1.0.9.0,1.0.9.255,9,three\n"
                                                             "2a00::,2a00::ffff,10,four\n"
                                                             "255.255.255.0,255.255.255.255,11,five\n");
    const char *paths[] = {table.path, NULL};
    struct geo *geo = must_open(paths, NULL);
    struct heard heard = {0};

    geo_warnings(geo, 0, hear, &heard);

    assert_int_equal(count_of(geo, "bad_address"), 1);
    assert_int_equal(count_of(geo, "last_before_first"), 1);
    assert_int_equal(count_of(geo, "bad_as_number"), 1);
    assert_int_equal(count_of(geo, "too_few_fields"), 1);
    assert_int_equal(count_of(geo, "out_of_order"), 2);
    assert_int_equal(heard.count, 2);
    assert_non_null(
        strstr(heard.sentences[1], "asn-ipv4.csv: 6 lines were passed over, the first is line 3 (bad_address)"));
    assert_string_equal(judge(geo, "1.0.0.1").operator_facts.name, "Cloudflare, Inc.");
    assert_int_equal(judge(geo, "1.0.9.255").operator_facts.asn[0], 9);
    assert_int_equal(judge(geo, "1.0.10.0").operator_facts.asn_count, 0);
    assert_int_equal(judge(geo, "2a00::ffff").operator_facts.asn[0], 10);
    assert_int_equal(judge(geo, "2a00::1:0").operator_facts.asn_count, 0);
    geo_close(geo);
    file_remove(&table);
}

static void a_table_that_is_mostly_damaged_is_refused(void **state)
{
    (void)state;
    struct test_file table = file_write_text("asn-ipv4.csv", "1.0.0.0,1.0.0.255,1,a\nx,y,z,1\nx,y,z,2\n");
    struct error error;

    assert_int_equal(open_one(table.path, &error), STATUS_MALFORMED);

    assert_non_null(strstr(error.text, "2 of 3 lines cannot be used, the first is line 2"));
    file_remove(&table);
}

static void countries_of_an_unknown_table_need_a_role(void **state)
{
    (void)state;
    struct test_file table = file_write_text("mine.csv", "8.8.8.0,8.8.8.255,US\n");
    struct error error;
    char wish[256];

    assert_int_equal(open_one(table.path, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "say role="));

    snprintf(wish, sizeof(wish), "role=location,file=%s", table.path);
    const char *paths[] = {wish, NULL};
    struct geo *geo = must_open(paths, NULL);
    struct jurisdiction j = judge(geo, "8.8.8.8");
    assert_axis(&j.axes[AXIS_LOCATION], "single-source", "US", "1 of 1 provider");
    geo_close(geo);
    file_remove(&table);
}

static void numbers_in_place_of_addresses_read_the_same(void **state)
{
    (void)state;
    struct test_file table = file_write_text(
        "asn-ipv6-num.csv",
        "16777216,16777471,13335,\"Cloudflare, Inc.\"\n"
        "42540528727329395276160870415022948352,42540528727330604201980485044197654527,24047,\"I, Inc.\"\n");
    const char *paths[] = {table.path, NULL};
    struct geo *geo = must_open(paths, NULL);

    assert_int_equal(judge(geo, "1.0.0.255").operator_facts.asn[0], 13335);
    assert_int_equal(judge(geo, "2001:200:1ba::1").operator_facts.asn[0], 24047);
    assert_string_equal(judge(geo, "2001:200:1ba::1").operator_facts.name, "I, Inc.");

    geo_close(geo);
    file_remove(&table);
}

static void holder_countries_of_ases_come_packed_or_plain(void **state)
{
    (void)state;
    static const char rows[] = "# ASN\tcountry\n13335\tUS\n15169\tEU\n99\txx9\n7\tFR\n8\tFR\n";
    struct test_file packed = file_write_text("asn-holder-cc-20260617.tsv.gz", "");
    struct test_file table = file_write_text("asn-ipv4.csv", "1.0.0.0,1.0.0.255,13335,C\n8.8.8.0,8.8.8.255,15169,G\n");
    gzFile gz = gzopen(packed.path, "wb");
    gzwrite(gz, rows, sizeof(rows) - 1);
    gzclose(gz);
    const char *paths[] = {packed.path, table.path, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction known = judge(geo, "1.0.0.1"), unknown = judge(geo, "8.8.8.8");

    assert_axis(&known.axes[AXIS_OPERATOR], "single-source", "US", "AS13335 held in US");
    assert_string_equal(known.axes[AXIS_OPERATOR].sources[1].database, "AS holder countries");
    assert_string_equal(known.axes[AXIS_OPERATOR].sources[1].edition, "2026-06-17");
    assert_int_equal(unknown.axes[AXIS_OPERATOR].status, AXIS_UNKNOWN);
    assert_int_equal(count_of(geo, "bad_country"), 1);
    geo_close(geo);
    file_remove(&packed);
    file_remove(&table);
}

static void damaged_gzip_is_refused(void **state)
{
    (void)state;
    struct test_file file = file_write("asn-holder-cc.tsv.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03garbage", 17);
    struct error error;

    assert_int_equal(open_one(file.path, &error), STATUS_MALFORMED);

    file_remove(&file);
}

static void load_prefix(const uint8_t *data, size_t length, void *context)
{
    (void)context;
    struct geo *geo = geo_new();
    struct wish wish = {.path = "asn-ipv4.csv"};
    geo_load_table(geo, &wish, (struct text){(const char *)data, length}, NULL);
    geo_close(geo);
}

static void every_prefix_of_a_table_is_read_without_harm(void **state)
{
    (void)state;
    const char table[] = "1.0.0.0,1.0.0.255,13335,\"Cloudflare, "
                         "Inc.\"\r\n1.0.0.0,1.0.0.255,7,x\n2001:200::,2001:200:1b9:ffff::,2500,WIDE\n";
    const char iptoasn[] = "1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET\n1.0.1.0\t1.0.3.255\t0\tNone\tNot routed\n";
    for_each_prefix(table, strlen(table), load_prefix, NULL);
    for_each_prefix(iptoasn, strlen(iptoasn), load_prefix, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_searched_for_what_is_known),
        cmocka_unit_test(what_cannot_be_used_is_refused_with_a_sentence),
        cmocka_unit_test(a_folder_without_databases_is_refused),
        cmocka_unit_test(the_day_comes_from_the_name_of_the_file_or_its_folder),
        cmocka_unit_test(missing_and_old_databases_are_warned_of),
        cmocka_unit_test(the_licence_line_is_kept_with_each_database),
        cmocka_unit_test(bad_lines_are_counted_by_reason_and_named_by_line),
        cmocka_unit_test(a_table_that_is_mostly_damaged_is_refused),
        cmocka_unit_test(countries_of_an_unknown_table_need_a_role),
        cmocka_unit_test(numbers_in_place_of_addresses_read_the_same),
        cmocka_unit_test(holder_countries_of_ases_come_packed_or_plain),
        cmocka_unit_test(damaged_gzip_is_refused),
        cmocka_unit_test(every_prefix_of_a_table_is_read_without_harm),
    };
    return cmocka_run_group_tests_name("geo/sources", tests, NULL, NULL);
}
