#include "engine/teller_internal.h"

#include "small_run.h"
#include "store/store.h"
#include "test.h"

static char folder[] = "/tmp/bordertap-teller-XXXXXX", db[64], out[64], url[80];
static struct feed *feed;
static struct store *store;
static struct teller *teller;
static struct ledger *ledger;
static struct ledger_options hooks;
static struct kept_finding kept;
static const struct catalog *catalog; /* NULL: none is needed */
static struct finding news;
static struct sighting sighting;

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(db, sizeof(db), "%s/s.db", folder);
    snprintf(out, sizeof(out), "%s/out", folder);
    snprintf(url, sizeof(url), "file:%s", out);
    kept = (struct kept_finding){.id = "f-00000000000000aa",
                                 .revision = 1,
                                 .is_told = true,
                                 .target = "example.ru",
                                 .severity = SEVERITY_LOW,
                                 .told_severity = SEVERITY_LOW};
    sighting = (struct sighting){.flow = {.protocol = 6}};
    news = (struct finding){.id = "f-00000000000000aa",
                            .event_id = "f-00000000000000aa-1",
                            .severity = SEVERITY_LOW,
                            .rule = "r",
                            .summary = "it reaches",
                            .sighting = &sighting};
    return 0;
}

static int tear_down(void **state)
{
    static const char *const ends[] = {"s.db", "s.db-wal", "s.db-shm", "s.db-lock", "out"};
    char name[80];
    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s/%s", folder, ends[i]);
        unlink(name);
    }
    return rmdir(folder);
}

static void start(enum store_access access)
{
    struct error error = {""};
    assert_int_equal(store_open(db, access, &store, &error), STATUS_OK);
    assert_int_equal(feed_open(url, "json", &(struct feed_options){0}, &feed, &error), STATUS_OK);
    const struct engine_options options = {.catalog = catalog, .store = store, .feeds = &feed, .feed_count = 1};
    teller = teller_new(&options);
    assert_non_null(teller);
    hooks = (struct ledger_options){0};
    teller_listen(teller, &hooks);
    assert_int_equal(ledger_new(&hooks, &ledger), STATUS_OK);
    teller_begin(teller, ledger);
}

static void stop(void)
{
    ledger_free(ledger);
    teller_free(teller);
    feed_close(feed, NULL);
    store_close(store);
}

/* What went to the feed so far, which begins anew. */
static const char *said(void)
{
    static char text[8192];
    FILE *file = fopen(out, "r");
    size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    unlink(out);
    text[length] = '\0';
    return text;
}

static void what_was_kept_and_not_told_is_told_by_the_next_run(void **state)
{
    (void)state;
    start(STORE_RUN);
    assert_true(hooks.keep(hooks.context, &kept, &news));
    stop(); /* killed here */
    assert_string_equal(said(), "");

    start(STORE_RUN);
    assert_int_equal(teller_worst(teller), SEVERITY_LOW);
    teller_save(teller);
    stop();
    assert_non_null(strstr(said(), "\"event_id\":\"f-00000000000000aa-1\""));

    start(STORE_RUN);
    stop();
    assert_string_equal(said(), "");
}

static void a_store_that_fails_costs_no_record(void **state)
{
    (void)state;
    start(STORE_READ); /* of the test before: writing fails */
    assert_false(hooks.keep(hooks.context, &kept, &news));
    hooks.told(hooks.context, &news);
    teller_save(teller);
    assert_non_null(store_trouble(store));
    stop();
    assert_non_null(strstr(said(), "\"summary\":\"it reaches\""));
}

static void what_somebody_answers_for_is_not_the_worst(void **state)
{
    (void)state;
    struct acceptance accepted = {"it", "why", "2027-01-01", {1}, false};
    start(STORE_RUN);
    news.accepted = &accepted;
    hooks.told(hooks.context, &news);
    assert_int_equal(teller_worst(teller), SEVERITY_NONE);
    accepted.is_expired = true;
    hooks.told(hooks.context, &news);
    assert_int_equal(teller_worst(teller), SEVERITY_LOW);
    stop();
}

static uint64_t counted;

static void find_counter(void *context, const struct counter *counter)
{
    const char *const *wanted = context;
    if (strcmp(counter->name, *wanted) == 0)
        counted = counter->value;
}

static uint64_t count_of(const char *name)
{
    counted = UINT64_MAX;
    teller_count(teller, find_counter, &name);
    return counted;
}

static void a_finding_of_a_missing_product_comes_back_with_it(void **state)
{
    (void)state;
    struct kept_finding before = kept;
    small_begin();
    small_write_catalog("agent", "maker.example", "RU");
    char place[128], geo[128];
    snprintf(place, sizeof(place), "%s", small_path("."));
    snprintf(geo, sizeof(geo), "%s", small_path("geo"));
    struct small_data with = small_load(place, geo);
    small_write_catalog("other", "elsewhere.example", "RU");
    struct small_data without = small_load(place, geo);
    kept = (struct kept_finding){.id = "f-00000000000000bb",
                                 .revision = 3,
                                 .is_told = true,
                                 .vendor = "maker",
                                 .product = "agent",
                                 .severity = SEVERITY_HIGH,
                                 .told_severity = SEVERITY_HIGH};
    news.accepted = NULL;
    catalog = with.catalog;
    start(STORE_RUN);
    assert_true(hooks.keep(hooks.context, &kept, &news));
    stop();

    catalog = without.catalog;
    start(STORE_RUN);
    assert_int_equal(count_of("findings_restored"), 1); /* that of the tests before */
    assert_int_equal(count_of("findings_of_unknown_products"), 1);
    struct engine_data data = small_borrow(&with);
    teller_use(teller, &data);
    teller_use(teller, &data); /* once is enough */
    assert_int_equal(count_of("findings_restored"), 2);
    assert_int_equal(count_of("findings_of_unknown_products"), 0);
    stop();

    kept = before;
    catalog = NULL;
    small_unload(&with);
    small_unload(&without);
    small_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_kept_and_not_told_is_told_by_the_next_run),
        cmocka_unit_test(a_store_that_fails_costs_no_record),
        cmocka_unit_test(what_somebody_answers_for_is_not_the_worst),
        cmocka_unit_test(a_finding_of_a_missing_product_comes_back_with_it),
    };
    return cmocka_run_group_tests_name("engine/teller", tests, set_up, tear_down);
}
