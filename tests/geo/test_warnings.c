#include <sys/stat.h>

#include "geo_helpers.h"

struct heard {
    size_t count;
    char sentences[32][512];
};

static void hear(void *context, const char *sentence)
{
    struct heard *heard = context;
    assert_true(heard->count < 32);
    snprintf(heard->sentences[heard->count++], 512, "%s", sentence);
}

/* A folder of text files, removed file by file. */
struct folder {
    char path[64];
    char *files[40];
    size_t count;
};

static struct folder folder_make(void)
{
    struct folder folder = {.path = "/tmp/bordertap-geo-XXXXXX"};
    assert_non_null(mkdtemp(folder.path));
    return folder;
}

static void folder_put(struct folder *folder, const char *name, const char *text)
{
    char *path;
    assert_true(asprintf(&path, "%s/%s", folder->path, name) > 0);
    folder->files[folder->count++] = path;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void folder_remove(struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        unlink(folder->files[i]);
        free(folder->files[i]);
    }
    rmdir(folder->path);
}

static void age_is_one_sentence_for_all_databases(void **state)
{
    (void)state;
    struct folder folder = folder_make();
    folder_put(&folder, "dbip-country-20260601.csv", "8.8.8.0,8.8.8.255,US\n");
    folder_put(&folder, "asn-ipv4-20260617.csv", "1.0.0.0,1.0.0.255,13335,C\n");
    folder_put(&folder, "asn-ipv6-20260615.csv", "2a00::,2a00::ffff,10,four\n");
    const char *paths[] = {folder.path, NULL};
    struct geo *geo = must_open(paths, NULL);
    struct heard heard = {0};

    geo_warnings(geo, 1795478400, hear, &heard); /* 2026-11-24 */

    assert_int_equal(heard.count, 1);
    assert_string_equal(
        heard.sentences[0],
        "location data is of 2026-06-01 to 2026-06-17, up to 176 days old: addresses move; fetch newer");
    geo_close(geo);
    folder_remove(&folder);
}

static void one_old_database_in_two_files_is_named(void **state)
{
    (void)state;
    struct folder folder = folder_make();
    folder_put(&folder, "dbip-country-20261101.csv", "8.8.8.0,8.8.8.255,US\n");
    folder_put(&folder, "asn-ipv4-20260617.csv", "1.0.0.0,1.0.0.255,13335,C\n");
    folder_put(&folder, "asn-ipv6-20260617.csv", "2a00::,2a00::ffff,10,four\n");
    const char *paths[] = {folder.path, NULL};
    struct geo *geo = must_open(paths, NULL);
    struct heard heard = {0};

    geo_warnings(geo, 1795478400, hear, &heard);

    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.sentences[0],
                        "ip-location-db ASN is of 2026-06-17, 160 days old: addresses move; fetch newer");
    geo_close(geo);
    folder_remove(&folder);
}

/* 2,000 ranges, of which the last @p bad go back to the first. */
static struct geo *table_with_bad_lines(struct folder *folder, unsigned bad)
{
    char *text = calloc(2000, 40);
    size_t length = 0;
    for (unsigned i = 0; i < 2000; i++)
        length +=
            (size_t)sprintf(text + length, "1.%u.%u.0,1.%u.%u.255,%u,x\n", i >> 8, i & 255, i >> 8, i & 255, i + 1);
    for (unsigned i = 0; i < bad; i++)
        length += (size_t)sprintf(text + length, "1.0.0.0,1.0.0.255,7,again\n");
    folder_put(folder, "asn-ipv4.csv", text);
    free(text);
    const char *paths[] = {folder->path, NULL};
    return must_open(paths, NULL);
}

static void one_bad_line_in_a_thousand_is_not_told(void **state)
{
    (void)state;
    for (unsigned bad = 2; bad <= 3; bad++) {
        struct folder folder = folder_make();
        struct geo *geo = table_with_bad_lines(&folder, bad);
        struct heard heard = {0};

        geo_warnings(geo, 0, hear, &heard);

        assert_int_equal(heard.count, bad == 2 ? 1 : 2); /* there is no location database */
        if (bad == 3)
            assert_non_null(strstr(heard.sentences[1], "3 lines were passed over, the first is line 2001"));
        geo_close(geo);
        folder_remove(&folder);
    }
}

static void a_damaged_file_in_a_folder_is_left_out_and_told(void **state)
{
    (void)state;
    struct folder folder = folder_make();
    folder_put(&folder, "asn-ipv4.csv", "1.0.0.0,1.0.0.255,13335,Cloudflare\n");
    folder_put(&folder, "dbip-country.mmdb", "no database\n");
    folder_put(&folder, "geolite2-country.csv", "1.0.0.0,1.0.0.255,US\nx,y,z\nx,y,z\n");
    const char *paths[] = {folder.path, NULL};
    struct geo *geo = must_open(paths, NULL);
    struct heard passed_over = {0}, warnings = {0};
    const struct geo_database *databases;

    geo_passed_over(geo, hear, &passed_over);
    geo_warnings(geo, 0, hear, &warnings);

    assert_int_equal(passed_over.count, 2);
    assert_non_null(strstr(passed_over.sentences[0], folder.files[1]));
    assert_non_null(strstr(passed_over.sentences[1], "geolite2-country.csv: damaged table: 2 of 3 lines"));
    assert_non_null(strstr(passed_over.sentences[1], "; going on without it"));
    assert_int_equal(warnings.count, 3); /* and that there is no location database */
    assert_int_equal(geo_databases(geo, &databases), 1);
    struct jurisdiction j = judge(geo, "1.0.0.1");
    assert_axis(&j.axes[AXIS_LOCATION], "unknown", "", "no location database loaded");
    assert_string_equal(j.operator_facts.name, "Cloudflare");
    geo_close(geo);
    folder_remove(&folder);
}

static void what_a_damaged_file_said_of_holders_is_forgotten(void **state)
{
    (void)state;
    struct folder folder = folder_make();
    folder_put(&folder, "asn-holder-cc.tsv", "13335\tUS\nx\tUS\ny\tUS\n");
    folder_put(&folder, "asn-ipv4.csv", "1.0.0.0,1.0.0.255,13335,Cloudflare\n");
    const char *paths[] = {folder.path, NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "1.0.0.1");

    assert_int_equal(j.axes[AXIS_OPERATOR].status, AXIS_UNKNOWN);
    assert_int_equal(j.operator_facts.asn[0], 13335);
    geo_close(geo);
    folder_remove(&folder);
}

static void a_damaged_file_that_is_named_is_refused(void **state)
{
    (void)state;
    struct folder folder = folder_make();
    folder_put(&folder, "dbip-country.mmdb", "no database\n");
    const char *path = folder.files[0];
    struct geo *geo = NULL;
    struct error error;

    assert_true(geo_open(&path, 1, NULL, &geo, &error) < 0);

    assert_non_null(strstr(error.text, path));
    assert_null(geo);
    folder_remove(&folder);
}

static void damaged_files_beyond_the_limit_are_counted(void **state)
{
    (void)state;
    struct folder folder = folder_make();
    char name[32];
    for (unsigned i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "country-%02u.mmdb", i);
        folder_put(&folder, name, "no database\n");
    }
    const char *paths[] = {folder.path, NULL};
    struct geo *geo = must_open(paths, NULL);
    struct heard heard = {0};

    geo_passed_over(geo, hear, &heard);

    assert_int_equal(heard.count, 17);
    assert_string_equal(heard.sentences[16], "4 more databases could not be used");
    geo_close(geo);
    folder_remove(&folder);
}

enum { WORLD_ROWS = 60000, ROW_LENGTH = 40 };

/* Rows all over IPv4, of which @p kept are left, with the line's end of the last one or without its last bytes. */
static void hear_of_cut(size_t kept, size_t cut_off, struct heard *heard)
{
    struct folder folder = folder_make();
    char *text = malloc(WORLD_ROWS * ROW_LENGTH);
    size_t used = 0;
    assert_non_null(text);
    for (uint32_t i = 0; i < kept; i++) {
        uint32_t first = (1U << 24) + i * ((223U << 24) / WORLD_ROWS);
        used +=
            (size_t)sprintf(text + used, "%u.%u.%u.0,%u.%u.%u.255,%s\n", first >> 24, first >> 16 & 255,
                            first >> 8 & 255, first >> 24, first >> 16 & 255, first >> 8 & 255, i % 2 ? "US" : "DE");
    }
    text[used - cut_off] = '\0';
    folder_put(&folder, "dbip-country.csv", text);
    folder_put(&folder, "asn-ipv4.csv", "1.0.0.0,1.0.0.255,13335,C\n");
    const char *paths[] = {folder.path, NULL};
    struct geo *geo = must_open(paths, NULL);
    geo_warnings(geo, 0, hear, heard);
    geo_close(geo);
    folder_remove(&folder);
    free(text);
}

static void a_table_that_was_cut_is_told(void **state)
{
    (void)state;
    struct heard whole = {0}, between = {0}, within = {0}, short_one = {0};

    hear_of_cut(WORLD_ROWS, 0, &whole);
    hear_of_cut(WORLD_ROWS - 5000, 0, &between);
    hear_of_cut(WORLD_ROWS, 2, &within);
    hear_of_cut(900, 2, &short_one); /* anybody's own */

    assert_int_equal(whole.count, 0);
    assert_int_equal(between.count, 1);
    assert_non_null(strstr(between.sentences[0], "/dbip-country.csv: its ranges end far before the last addresses of "
                                                 "IPv4: it may be cut, fetch it again"));
    assert_int_equal(within.count, 1);
    assert_non_null(strstr(within.sentences[0], "/dbip-country.csv: its last line has no end and is passed over"));
    assert_int_equal(short_one.count, 0); /* one bad line, as in any */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(age_is_one_sentence_for_all_databases),
        cmocka_unit_test(a_table_that_was_cut_is_told),
        cmocka_unit_test(one_old_database_in_two_files_is_named),
        cmocka_unit_test(one_bad_line_in_a_thousand_is_not_told),
        cmocka_unit_test(a_damaged_file_in_a_folder_is_left_out_and_told),
        cmocka_unit_test(what_a_damaged_file_said_of_holders_is_forgotten),
        cmocka_unit_test(a_damaged_file_that_is_named_is_refused),
        cmocka_unit_test(damaged_files_beyond_the_limit_are_counted),
    };
    return cmocka_run_group_tests_name("geo/warnings", tests, NULL, NULL);
}
