/* Samples that are taken while a run goes on: whole in themselves with any number of threads, and told as health. */
#include "test.h"

#include "engine/engine.h"
#include "health_record.h"

static const char capture[] = SOURCE_ROOT "/tests/golden/captures/pcapplusplus__tls2.pcap"; /* 334 flows */

struct taker {
    struct engine *engine;
    unsigned asked, taken, clock_set_at;
    struct run_sample outside, last;
};

static int64_t wall_ns(void *context)
{
    (void)context;
    return INT64_MAX;
}

/* Each number is known by two ways, counted by different steps. */
static void check(struct taker *t, const struct run_sample *s)
{
    uint64_t ended = 0;
    static const char *const ends[] = {"ended_fin",    "ended_reset",   "ended_idle",
                                       "ended_reused", "ended_evicted", "ended_end_of_input"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        ended += run_sample_counted(s, "flow", ends[i]);
    assert_int_equal(run_sample_counted(s, "source", "packets"), s->packets);
    assert_int_equal(run_sample_counted(s, "flow", "created"), s->flows_begun);
    assert_int_equal(s->flows_begun, ended + s->flows_alive);
    assert_true(s->sides.proven >= s->sides.one_sided);
    assert_true(s->packets >= t->last.packets && s->bytes >= t->last.bytes && s->flows_begun >= t->last.flows_begun);
    t->last = *s;
    t->taken++;
}

/* Between batches. A second goes by with each sample; at one of them somebody sets the clock. */
static bool take_and_ask(void *context)
{
    static struct run_sample sample;
    struct taker *t = context;
    if (engine_take_sample(t->engine, &sample)) {
        check(t, &sample);
        t->outside.clock_ns += NS_PER_SEC;
        t->outside.steady_ns += NS_PER_SEC;
        if (t->taken == t->clock_set_at)
            t->outside.clock_ns -= 3600 * NS_PER_SEC;
    }
    engine_ask_sample(t->engine, &t->outside);
    t->asked++;
    return false;
}

struct run {
    struct taker taker;
    char *told; /* the health records */
};

static char *lines_with(const char *path, const char *part)
{
    char line[65536], *ret = NULL;
    size_t length = 0;
    FILE *in = fopen(path, "r"), *out = open_memstream(&ret, &length);
    assert_non_null(in);
    while (fgets(line, sizeof(line), in) != NULL)
        if (strstr(line, part) != NULL)
            fputs(line, out);
    fclose(in);
    fclose(out);
    return ret;
}

static struct run run(unsigned workers, bool is_watched, unsigned clock_set_at)
{
    const char *paths[] = {capture};
    struct run ret = {.taker.clock_set_at = clock_set_at};
    struct taker *taker = &ret.taker;
    char path[] = "/tmp/bordertap-sampler-XXXXXX", url[64];
    struct feed *feed;
    struct catalog *catalog;
    struct geo *geo;
    struct policy_set *policies;
    struct home_nets *nets;
    struct engine *engine;
    struct source *source;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    snprintf(url, sizeof(url), "file:%s", path);
    assert_int_equal(feed_open(url, "json", &(struct feed_options){0}, &feed, NULL), STATUS_OK);
    assert_int_equal(catalog_load(SOURCE_ROOT "/catalog", &catalog, NULL), STATUS_OK);
    assert_int_equal(geo_open(NULL, 0, NULL, &geo, NULL), STATUS_OK);
    assert_int_equal(policy_set_load(SOURCE_ROOT "/catalog/jurisdictions", NULL, 0, NULL, &policies, NULL), STATUS_OK);
    assert_int_equal(home_nets_parse(NULL, &nets, NULL), STATUS_OK);
    const struct engine_options options = {.sensor = "test",
                                           .workers = workers,
                                           .catalog = catalog,
                                           .geo = geo,
                                           .policies = policies,
                                           .home_nets = nets,
                                           .feeds = &feed,
                                           .feed_count = 1,
                                           .tells_health = true,
                                           .should_stop = is_watched ? take_and_ask : NULL,
                                           .wall_ns = is_watched ? wall_ns : NULL,
                                           .context = taker,
                                           .now_sec = 1900000000};
    assert_int_equal(engine_new(&options, &engine, NULL), STATUS_OK);
    taker->engine = engine;
    taker->outside.clock_ns = 1800000000 * NS_PER_SEC;
    assert_int_equal(source_open(paths, 1, &source, NULL), STATUS_OK);
    assert_int_equal(engine_read(engine, source), STATUS_OK);
    static struct run_sample last;
    if (engine_take_sample(engine, &last))
        check(taker, &last);
    source_close(source);
    engine_free(engine);
    assert_int_equal(feed_close(feed, NULL), STATUS_OK);
    ret.told = lines_with(path, "\"type\":\"health\"");
    home_nets_free(nets);
    policy_set_free(policies);
    geo_close(geo);
    catalog_free(catalog);
    unlink(path);
    return ret;
}

static void samples_are_of_one_moment_with_any_number_of_threads(void **state)
{
    (void)state;
    static const unsigned workers[] = {1, 2, 5};
    for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
        struct run r = run(workers[i], true, 0);
        struct run_sample *s = &r.taker.last;
        assert_true(r.taker.taken > 2);
        assert_int_equal(s->clock_steps, 0);
        assert_int_equal(s->feed_count, 1);
        assert_true(s->feeds[0].bytes_written > 1000);
        assert_true(s->catalogue.built_sec > 0);
        assert_true(s->has_latency);
        assert_true(s->latency.counts[LATENCY_BOUNDS] > 0); /* the wall clock is far away */
        assert_true(s->findings[SEVERITY_INFO] > 0);
        free(r.told);
    }
}

static void a_clock_that_is_set_is_told_while_the_run_goes_on(void **state)
{
    (void)state;
    struct run r = run(1, true, 3);
    assert_int_equal(r.taker.last.clock_steps, 1);
    assert_non_null(strstr(r.told, "\"condition\":\"clock-stepped\",\"state\":\"raised\""));
    assert_non_null(strstr(r.told, "\"condition\":\"clock-stepped\",\"state\":\"cleared\"")); /* a minute later */
    free(r.told);
}

static void a_file_is_judged_once_at_its_end(void **state)
{
    (void)state;
    struct run r = run(2, false, 0);
    assert_int_equal(r.taker.taken, 1);
    assert_int_equal(r.taker.last.flows_begun, 334);
    assert_int_equal(r.taker.last.flows_alive, 0);
    assert_true(r.taker.last.sides.proven > 100);
    assert_true(r.taker.last.sides.one_sided < 5);
    assert_false(r.taker.last.has_latency);
    assert_non_null(strstr(r.told, "catalogue-stale"));
    free(r.told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_of_one_moment_with_any_number_of_threads),
        cmocka_unit_test(a_clock_that_is_set_is_told_while_the_run_goes_on),
        cmocka_unit_test(a_file_is_judged_once_at_its_end),
    };
    return cmocka_run_group_tests_name("engine/sensor_health", tests, NULL, NULL);
}
