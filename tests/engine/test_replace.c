#include "test.h"

#include <dirent.h>
#include <malloc.h>

#include "small_run.h"

#define CATALOG SOURCE_ROOT "/catalog"
#define CAPTURES SOURCE_ROOT "/tests/golden/captures"
#define GEO SOURCE_ROOT "/tests/golden/geo"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

enum { FRESH_LOADS = 3, RELOADS = 1000 };

/* Exchanges what is in force for what is loaded anew from the same places, or for the spare. */
struct exchange {
    struct engine *engine;
    struct small_data in_force, spare;
    const char *catalog, *geo;
    unsigned done, fresh_loads;
};

static void exchange_now(void *context)
{
    struct exchange *x = context;
    struct engine_data data;
    if (x->done < x->fresh_loads) {
        small_unload(&x->spare);
        x->spare = small_load(x->catalog, x->geo);
    }
    data = small_borrow(&x->spare);
    assert_int_equal(engine_replace(x->engine, &data), STATUS_OK);
    struct small_data was = x->in_force;
    x->in_force = x->spare;
    x->spare = was;
    x->done++;
}

static void ask_for_exchange(struct small_run *run)
{
    struct exchange *x = run->context;
    x->engine = run->engine;
    assert_true(engine_at_rest(run->engine, exchange_now, x));
}

static int begin(void **state)
{
    (void)state;
    small_begin();
    return 0;
}

static int end(void **state)
{
    (void)state;
    small_end();
    return 0;
}

static void check_capture(const char *path, const struct small_data *data)
{
    struct small_run run = {.capture = path, .workers = 1, .flows = true};
    char *wanted = small_read(&run, data);
    for (unsigned workers = 1; workers <= 2; workers++) {
        struct exchange x = {.in_force = small_load(CATALOG, GEO),
                             .spare = small_load(CATALOG, GEO),
                             .catalog = CATALOG,
                             .geo = GEO,
                             .fresh_loads = FRESH_LOADS};
        run = (struct small_run){
            .capture = path, .workers = workers, .flows = true, .between = ask_for_exchange, .context = &x};
        char *found = small_read(&run, &x.in_force);
        if (strcmp(found, wanted) != 0)
            fail_msg("%s with %u workers differs after %u exchanges", path, workers, x.done);
        assert_int_equal(x.done, run.batches);
        free(found);
        small_unload(&x.in_force);
        small_unload(&x.spare);
    }
    free(wanted);
}

static void equal_data_at_every_batch_change_no_byte(void **state)
{
    (void)state;
    struct small_data data = small_load(CATALOG, GEO);
    DIR *folder = opendir(CAPTURES);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[512];
        if (strstr(entry->d_name, ".pcap") == NULL && strstr(entry->d_name, ".snoop") == NULL)
            continue;
        snprintf(path, sizeof(path), "%s/%s", CAPTURES, entry->d_name);
        check_capture(path, &data);
    }
    closedir(folder);
    small_unload(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_data_at_every_batch_change_no_byte, begin, end),
    };
    return cmocka_run_group_tests_name("engine/replace", tests, NULL, NULL);
}
