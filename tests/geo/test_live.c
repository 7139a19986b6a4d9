#include "geo_helpers.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

#include "live.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

static const struct country russia = {"RU"};

static void rewrite(const struct test_file *file, const char *text)
{
    FILE *stream = fopen(file->path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
    fclose(stream);
}

static struct geo_live *open_live(const char *path)
{
    struct geo_live *live = NULL;
    struct error error = {""};
    if (geo_live_open(&path, 1, NULL, NULL, &live, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return live;
}

/** Where an address is, by what is in force. */
static const char *place_of(struct geo_live *live, const char *address)
{
    const struct geo *geo = geo_live_hold(live);
    struct jurisdiction j = judge(geo, address);
    geo_live_release(live, geo);
    return countries_of(&j.axes[AXIS_LOCATION]);
}

static const char first_table[] =
    "5.0.0.0,5.0.0.255,RU\n5.0.1.0,5.0.1.255,NL\n5.0.2.0,5.0.2.255,DE\n5.0.3.0,5.0.3.255,FR\n";
static const char second_table[] =
    "5.0.0.0,5.0.0.255,NL\n5.0.1.0,5.0.1.255,RU\n5.0.2.0,5.0.2.255,DE\n5.0.3.0,5.0.3.255,FR\n";

static void what_is_held_stays_while_newer_comes_into_force(void **state)
{
    (void)state;
    struct test_file file = file_write_text("dbip-country.csv", first_table);
    struct geo_live *live = open_live(file.path);
    const struct geo *old = geo_live_hold(live);
    struct jurisdiction before = judge(old, "5.0.0.1");

    rewrite(&file, second_table);
    assert_int_equal(geo_live_reload(live, &russia, 1, NULL), STATUS_OK);

    struct jurisdiction held = judge(old, "5.0.0.1");
    assert_string_equal(countries_of(&held.axes[AXIS_LOCATION]), "RU");
    assert_string_equal(place_of(live, "5.0.0.1"), "NL");
    assert_string_equal(before.axes[AXIS_LOCATION].sources[0].database, "DB-IP Lite Country");
    geo_live_release(live, old);
    geo_live_close(live);
    file_remove(&file);
}

static const char *name_of_database(const struct geo *geo)
{
    const struct geo_database *databases;
    assert_int_equal(geo_databases(geo, &databases), 1);
    return databases[0].name;
}

static void the_old_go_with_their_last_holder(void **state)
{
    (void)state;
    struct test_file file = file_write_text("dbip-country.csv", first_table);
    struct geo_live *live = open_live(file.path);
    size_t after_ten = 0;
    for (unsigned i = 0; i < 1000; i++) {
        const struct geo *first = geo_live_hold(live), *second = geo_live_hold(live);
        assert_ptr_equal(first, second);
        rewrite(&file, i % 2 ? first_table : second_table);
        assert_int_equal(geo_live_reload(live, &russia, 1, NULL), STATUS_OK);
        geo_live_release(live, first);
        assert_string_equal(name_of_database(second), "DB-IP Lite Country"); /* one still holds it */
        geo_live_release(live, second);
        if (i == 10)
            after_ten = mallinfo2().uordblks;
    }
    if (after_ten > 0 && !IS_SANITIZED)
        assert_in_range(mallinfo2().uordblks, 0, after_ten + 4096);
    geo_live_close(live);
    file_remove(&file);
}

static void what_is_damaged_or_implausible_is_refused_and_the_old_stays(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"\x1\x2\x3 no table\n", "dbip-country.csv: line "},
        {"5.0.0.0,5.0.0.255,RU\nx\ny\nz\n", "damaged table: 3 of 4 lines"},
        {"5.0.0.0,5.0.0.255,RU\n", "implausible: 2 ranges, there were 5"},
        {"5.0.0.0,5.0.0.255,GB\n5.0.1.0,5.0.1.255,NL\n5.0.2.0,5.0.2.255,DE\n5.0.3.0,5.0.3.255,FR\n",
         "none of the countries of concern is in them any more"},
    };
    struct test_file file = file_write_text("dbip-country.csv", first_table);
    struct geo_live *live = open_live(file.path);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error error = {""};
        rewrite(&file, rows[i].text);
        assert_true(geo_live_reload(live, &russia, 1, &error) < 0);
        if (strstr(error.text, rows[i].says) == NULL ||
            strstr(error.text, "; the databases that are loaded stay") == NULL)
            fail_msg("\"%s\" does not say \"%s\"", error.text, rows[i].says);
        assert_string_equal(place_of(live, "5.0.0.1"), "RU");
    }
    unlink(file.path);
    struct error error = {""};
    assert_int_equal(geo_live_reload(live, &russia, 1, &error), STATUS_IO);
    assert_non_null(strstr(error.text, file.path));
    assert_string_equal(place_of(live, "5.0.0.1"), "RU");
    rewrite(&file, second_table);
    assert_int_equal(geo_live_reload(live, &russia, 1, NULL), STATUS_OK); /* once it is good, it is taken */
    assert_string_equal(place_of(live, "5.0.0.1"), "NL");
    geo_live_close(live);
    file_remove(&file);
}

static void an_older_file_in_a_folder_is_refused_and_a_damaged_one_named(void **state)
{
    (void)state;
    struct test_file file = file_write_text("dbip-country-2026-06-01.csv", first_table);
    char older[256];
    struct error error = {""};
    struct geo_live *live = open_live(file.folder);
    snprintf(older, sizeof(older), "%s/dbip-country-2026-05-01.csv", file.folder);

    rename(file.path, older);
    assert_int_equal(geo_live_reload(live, &russia, 1, &error), STATUS_INVALID);
    assert_non_null(
        strstr(error.text, "2026-05-01.csv: implausible: of 2026-05-01, older than 2026-06-01, which is loaded"));

    rename(older, file.path);
    rewrite(&file, "garbage\n");
    assert_true(geo_live_reload(live, &russia, 1, &error) < 0);
    assert_non_null(strstr(error.text, "dbip-country-2026-06-01.csv: line "));
    assert_null(strstr(error.text, "going on without it"));
    assert_string_equal(place_of(live, "5.0.0.1"), "RU");
    geo_live_close(live);
    file_remove(&file);
}

static void a_changed_file_is_noticed_once_it_has_settled(void **state)
{
    (void)state;
    struct test_file file = file_write_text("dbip-country.csv", first_table);
    struct geo_live *live = open_live(file.path);

    assert_false(geo_live_has_changed(live, 1));
    assert_false(geo_live_has_changed(live, 2));
    rewrite(&file, "5.0.0.0,5.0.0.255,RU\n");    /* another size */
    assert_false(geo_live_has_changed(live, 2)); /* within the same second it does not look */
    assert_false(geo_live_has_changed(live, 3)); /* seen, but it may still be written */
    assert_true(geo_live_has_changed(live, 4));
    assert_true(geo_live_reload(live, NULL, 0, NULL) < 0); /* implausible */
    assert_false(geo_live_has_changed(live, 5));           /* and not tried again until it changes */
    unlink(file.path);
    assert_false(geo_live_has_changed(live, 6));
    geo_live_close(live);
    file_remove(&file);
}

/* --- many swaps, many readers ------------------------------------------------------------------------------------ */

enum { READERS = 4, SWAPS = 1000 };

struct race {
    struct geo_live *live;
    atomic_bool is_over;
    atomic_ulong looked, wrong;
};

static void *look_up(void *context)
{
    struct race *race = context;
    struct ip_address address = address_of("5.0.0.1"), other = address_of("5.0.1.1");
    while (!atomic_load(&race->is_over)) {
        const struct geo *geo = geo_live_hold(race->live);
        struct jurisdiction a, b;
        for (int i = 0; i < 16; i++) { /* a batch: both answers are of one table */
            geo_judge(geo, &address, &a);
            geo_judge(geo, &other, &b);
            struct country left = a.axes[AXIS_LOCATION].countries[0], right = b.axes[AXIS_LOCATION].countries[0];
            bool is_first = left.code[0] == 'R' && right.code[0] == 'N';
            bool is_second = left.code[0] == 'N' && right.code[0] == 'R';
            if (!is_first && !is_second)
                atomic_fetch_add(&race->wrong, 1);
            atomic_fetch_add(&race->looked, 1);
        }
        geo_live_release(race->live, geo);
    }
    return NULL;
}

static void a_thousand_swaps_do_not_disturb_four_readers(void **state)
{
    (void)state;
    struct test_file file = file_write_text("dbip-country.csv", first_table);
    struct race race = {.live = open_live(file.path)};
    pthread_t threads[READERS];
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, look_up, &race), 0);

    for (unsigned i = 0; i < SWAPS; i++) {
        rewrite(&file, i % 2 ? first_table : second_table);
        assert_int_equal(geo_live_reload(race.live, &russia, 1, NULL), STATUS_OK);
    }
    while (atomic_load(&race.looked) < 1000)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    atomic_store(&race.is_over, true);
    for (size_t i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);

    assert_int_equal(atomic_load(&race.wrong), 0);
    geo_live_close(race.live);
    file_remove(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_held_stays_while_newer_comes_into_force),
        cmocka_unit_test(the_old_go_with_their_last_holder),
        cmocka_unit_test(what_is_damaged_or_implausible_is_refused_and_the_old_stays),
        cmocka_unit_test(an_older_file_in_a_folder_is_refused_and_a_damaged_one_named),
        cmocka_unit_test(a_changed_file_is_noticed_once_it_has_settled),
        cmocka_unit_test(a_thousand_swaps_do_not_disturb_four_readers),
    };
    return cmocka_run_group_tests_name("geo/live", tests, NULL, NULL);
}
