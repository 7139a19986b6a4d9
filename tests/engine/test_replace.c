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

enum {
    FRESH_LOADS = 3,
    RELOADS = 1000,
    FLAT_BYTES =
        384 << 10, /* of tables that grow once, when the first flows end; a catalogue a reload would be 10 MB */
};

/* Exchanges what is in force for what is loaded anew from the same places, or for the spare. */
struct exchange {
    struct engine *engine;
    struct small_data in_force, spare;
    const char *catalog, *geo;
    unsigned done, fresh_loads;
    unsigned switch_at; /* batch, for exchange_once() */
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

/* ---- rest ---- */

struct calls {
    unsigned made, refused;
};

static void count_call(void *context)
{
    struct calls *calls = context;
    calls->made++;
}

static void ask_twice(struct small_run *run)
{
    struct calls *calls = run->context;
    assert_true(engine_at_rest(run->engine, count_call, calls));
    calls->refused += !engine_at_rest(run->engine, count_call, calls);
}

static void one_call_waits_at_a_time_and_none_is_lost(void **state)
{
    (void)state;
    char capture[128];
    struct small_data data = small_load(CATALOG, GEO);
    snprintf(capture, sizeof(capture), "%s", small_path("capture.pcap"));
    small_capture_begin("capture.pcap");
    for (unsigned i = 0; i < 50; i++)
        small_capture_request(1000, 40000 + i, 0, "5.0.0.1", "www.nobody.example");
    small_capture_end();
    for (unsigned workers = 1; workers <= 4; workers++) {
        struct calls calls = {0, 0};
        struct small_run run = {.capture = capture, .workers = workers, .between = ask_twice, .context = &calls};
        free(small_read(&run, &data));
        assert_int_equal(calls.made, run.batches);
        assert_int_equal(calls.refused, run.batches);
    }
    small_unload(&data);
}

/* ---- newer data that differ ---- */

enum { SWITCH_AT = 10, REQUESTS = 20 };

static void exchange_once(struct small_run *run)
{
    const struct exchange *x = run->context;
    if (run->batches == x->switch_at)
        ask_for_exchange(run);
}

enum { LIVE_ON_MS = 1000, ENDED_MS = 400 * 1000 }; /* flows of all requests live at once, or one after the other */

/* Each request a flow and a batch of its own. */
static void make_requests(unsigned ms, const char *server, const char *host)
{
    small_capture_begin("capture.pcap");
    for (unsigned i = 0; i < REQUESTS; i++)
        small_capture_request(ms, 40000 + i, 0, server, host);
    small_capture_end();
}

static char *read_over_exchange(unsigned workers, const char *id, const char *zone, const char *codes)
{
    char catalog[128], geo[128], capture[128];
    struct exchange x = {.switch_at = SWITCH_AT};
    snprintf(catalog, sizeof(catalog), "%s", small_path("."));
    snprintf(geo, sizeof(geo), "%s", small_path("geo"));
    snprintf(capture, sizeof(capture), "%s", small_path("capture.pcap"));
    x.in_force = small_load(catalog, geo);
    small_write_catalog(id, zone, codes);
    x.spare = small_load(catalog, geo);
    struct small_run run = {.capture = capture, .workers = workers, .between = exchange_once, .context = &x};
    char *ret = small_read(&run, &x.in_force);
    assert_int_equal(x.done, 1);
    small_unload(&x.in_force);
    small_unload(&x.spare);
    return ret;
}

static void check_counts(const char *found, unsigned flows, unsigned opened)
{
    char counters[64];
    snprintf(counters, sizeof(counters), "\"counters\":{\"flows\":%u,", flows);
    assert_int_equal(small_count(found, "\"action\":\"opened\""), opened);
    assert_int_equal(small_count(found, "\"action\":\"closed\""), 0);
    assert_int_equal(small_count(found, "\"type\":\"flow\""), 0);
    if (strstr(found, counters) == NULL)
        fail_msg("%s is not in %s", counters, found);
}

static void a_product_that_leaves_the_catalogue_stays_as_it_was_told(void **state)
{
    (void)state;
    static const unsigned ms[] = {LIVE_ON_MS, ENDED_MS};
    for (unsigned i = 0; i < 4; i++) {
        small_write_catalog("agent", "maker.example", "RU");
        make_requests(ms[i % 2], "5.0.0.1", "up.maker.example");
        char *found = read_over_exchange(1 + i / 2, "other", "elsewhere.example", "RU");
        check_counts(found, SWITCH_AT, 1); /* the flows after it are nobody's */
        assert_int_equal(small_count(found, "\"id\":\"other\""), 0);
        assert_non_null(strstr(found, "\"products\":[{\"id\":\"agent\""));
        free(found);
    }
}

static void a_product_that_comes_is_seen_in_what_goes_on_and_what_follows(void **state)
{
    (void)state;
    for (unsigned workers = 1; workers <= 2; workers++) {
        small_write_catalog("other", "elsewhere.example", "RU");
        make_requests(LIVE_ON_MS, "5.0.0.1", "up.maker.example");
        char *found = read_over_exchange(workers, "agent", "maker.example", "RU");
        check_counts(found, REQUESTS, 1);
        free(found);
        small_write_catalog("other", "elsewhere.example", "RU");
        make_requests(ENDED_MS, "5.0.0.1", "up.maker.example");
        found = read_over_exchange(workers, "agent", "maker.example", "RU");
        check_counts(found, REQUESTS - SWITCH_AT + 1, 1); /* the last one before it still goes on */
        free(found);
    }
}

static void a_product_that_stays_keeps_its_finding_and_counters(void **state)
{
    (void)state;
    static const unsigned ms[] = {LIVE_ON_MS, ENDED_MS};
    for (unsigned i = 0; i < 4; i++) {
        small_write_catalog("agent", "maker.example", "RU");
        make_requests(ms[i % 2], "5.0.0.1", "up.maker.example");
        char *found = read_over_exchange(1 + i / 2, "agent", "up.maker.example", "RU");
        check_counts(found, REQUESTS, 1);
        free(found);
    }
}

static void a_country_that_comes_to_be_of_concern_is_flagged_from_then_on(void **state)
{
    (void)state;
    for (unsigned workers = 1; workers <= 2; workers++) {
        small_write_catalog("agent", "maker.example", "RU");
        make_requests(ENDED_MS, "5.0.1.1", "www.nobody.example");
        char *found = read_over_exchange(workers, "agent", "maker.example", "CN");
        check_counts(found, REQUESTS - SWITCH_AT + 1, 1); /* the last one before it still goes on */
        free(found);
    }
}

/* ---- flows that were of no concern ---- */

static char *read_long_flow(const char *server, const char *host, bool flows, const char *zone, const char *codes)
{
    char catalog[128], geo[128], capture[128];
    struct exchange x = {.switch_at = SWITCH_AT};
    snprintf(catalog, sizeof(catalog), "%s", small_path("."));
    snprintf(geo, sizeof(geo), "%s", small_path("geo"));
    snprintf(capture, sizeof(capture), "%s", small_path("capture.pcap"));
    small_write_catalog("agent", "maker.example", "RU");
    small_capture_begin("capture.pcap");
    for (unsigned i = 0; i < REQUESTS; i++) {
        small_capture_request(1000, 40000, i, server, host);
        if (host != NULL)
            small_capture_answer(40000, i, server);
    }
    small_capture_end();
    x.in_force = small_load(catalog, geo);
    small_write_catalog("agent", zone, codes);
    x.spare = small_load(catalog, geo);
    struct small_run run = {.capture = capture, .workers = 2, .flows = flows, .between = exchange_once, .context = &x};
    char *ret = small_read(&run, &x.in_force);
    assert_int_equal(x.done, 1);
    small_unload(&x.in_force);
    small_unload(&x.spare);
    return ret;
}

static void a_flow_without_a_name_gets_its_chance_under_newer_policies(void **state)
{
    (void)state;
    char *found = read_long_flow("5.0.1.1", NULL, false, "maker.example", "CN");
    assert_int_equal(small_count(found, "\"action\":\"opened\""), 1);
    assert_non_null(strstr(found, "\"country\":\"CN\""));
    assert_non_null(strstr(found, "\"counters\":{\"flows\":1,\"packets_out\":20,"));
    free(found);
}

/* TLS to ci.appveyor.com, which goes on for two minutes after its handshake. */
static void a_flow_whose_facts_are_kept_gets_its_chance_at_its_end(void **state)
{
    (void)state;
    char catalog[128], geo[128];
    snprintf(catalog, sizeof(catalog), "%s", small_path("."));
    snprintf(geo, sizeof(geo), "%s", small_path("geo"));
    for (unsigned flows = 0; flows < 2; flows++) {
        struct exchange x = {.switch_at = 120};
        small_write_catalog("agent", "maker.example", "RU");
        x.in_force = small_load(catalog, geo);
        small_write_catalog("agent", "ci.appveyor.com", "RU");
        x.spare = small_load(catalog, geo);
        struct small_run run = {.capture = CAPTURES "/pcapplusplus__tls2.pcap",
                                .workers = 2,
                                .flows = flows,
                                .between = exchange_once,
                                .context = &x};
        char *found = small_read(&run, &x.in_force);
        assert_int_equal(x.done, 1);
        assert_int_equal(small_count(found, "\"action\":\"opened\""), flows);
        free(found);
        small_unload(&x.in_force);
        small_unload(&x.spare);
    }
}

/* ---- a year and more of reloads ---- */

struct held {
    struct exchange exchange;
    size_t after_ten, at_end; /* bytes in use */
};

static void exchange_and_measure(struct small_run *run)
{
    struct held *held = run->context;
    held->exchange.fresh_loads = held->exchange.done + 1;
    held->at_end = mallinfo2().uordblks;
    if (run->batches == 10)
        held->after_ten = held->at_end;
    ask_for_exchange(run);
}

static void a_thousand_exchanges_leave_memory_as_it_was(void **state)
{
    (void)state;
    char catalog[128], geo[128], capture[128];
    unsigned rounds = IS_SANITIZED ? RELOADS / 10 : RELOADS;
    snprintf(catalog, sizeof(catalog), "%s", small_path("."));
    snprintf(geo, sizeof(geo), "%s", small_path("geo"));
    snprintf(capture, sizeof(capture), "%s", small_path("capture.pcap"));
    small_write_catalog("agent", "maker.example", "RU");
    small_capture_begin("capture.pcap");
    for (unsigned i = 0; i < rounds; i++) /* a flow ends before the next begins; all are in findings */
        small_capture_request(400 * 1000, 40000, 0, i % 2 ? "5.0.0.1" : "5.0.2.1",
                              i % 3 ? "up.maker.example" : "www.nobody.example");
    small_capture_end();
    struct held held = {
        .exchange = {
            .in_force = small_load(catalog, geo), .spare = small_load(catalog, geo), .catalog = catalog, .geo = geo}};
    struct small_run run = {.capture = capture, .workers = 1, .between = exchange_and_measure, .context = &held};

    char *found = small_read(&run, &held.exchange.in_force);

    assert_int_equal(held.exchange.done, run.batches);
    assert_true(run.batches >= rounds - 1);
    assert_int_equal(small_count(found, "\"action\":\"opened\""), 2);
    if (!IS_SANITIZED)
        assert_in_range(held.at_end, held.after_ten / 2, held.after_ten + FLAT_BYTES);
    free(found);
    small_unload(&held.exchange.in_force);
    small_unload(&held.exchange.spare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_data_at_every_batch_change_no_byte, begin, end),
        cmocka_unit_test_setup_teardown(one_call_waits_at_a_time_and_none_is_lost, begin, end),
        cmocka_unit_test_setup_teardown(a_product_that_leaves_the_catalogue_stays_as_it_was_told, begin, end),
        cmocka_unit_test_setup_teardown(a_product_that_comes_is_seen_in_what_goes_on_and_what_follows, begin, end),
        cmocka_unit_test_setup_teardown(a_product_that_stays_keeps_its_finding_and_counters, begin, end),
        cmocka_unit_test_setup_teardown(a_country_that_comes_to_be_of_concern_is_flagged_from_then_on, begin, end),
        cmocka_unit_test_setup_teardown(a_flow_without_a_name_gets_its_chance_under_newer_policies, begin, end),
        cmocka_unit_test_setup_teardown(a_flow_whose_facts_are_kept_gets_its_chance_at_its_end, begin, end),
        cmocka_unit_test_setup_teardown(a_thousand_exchanges_leave_memory_as_it_was, begin, end),
    };
    return cmocka_run_group_tests_name("engine/replace", tests, NULL, NULL);
}
