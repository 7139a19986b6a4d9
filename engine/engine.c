#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "engine/data_internal.h"
#include "engine/input_internal.h"
#include "engine/judge_internal.h"
#include "engine/pipeline_internal.h"
#include "engine/sample_internal.h"

enum {
    LINES_MAX = 4096, /* damages and warnings of one summary */
    COUNTERS_MAX = 512,
};

struct engine {
    struct engine_options options;
    struct pipeline *pipeline;
    struct judge *judge;
    struct sensor_health *health; /* NULL: nobody wants to know */
    struct pipeline_totals totals;
    struct survivors *survivors; /* of data that were replaced; NULL: none were */
};

enum status engine_new(const struct engine_options *options, struct engine **ret, struct error *error)
{
    struct engine *engine = calloc(1, sizeof(*engine));
    if (engine == NULL)
        return error_set(error, STATUS_NO_MEMORY, "the engine: out of memory");
    engine->options = *options;
    enum status status = judge_new(options, &engine->judge, error);
    if (status == STATUS_OK && options->tells_health)
        status = sensor_health_new(&engine->options, &engine->health, error);
    if (status == STATUS_OK)
        status = pipeline_new(&engine->options, engine->judge, engine->health, &engine->pipeline, error);
    if (status != STATUS_OK) {
        engine_free(engine);
        return status;
    }
    *ret = engine;
    return STATUS_OK;
}

/* Everything the summary points at, gathered in one arena. */
struct gathered {
    struct arena *arena;
    const char *lines[LINES_MAX];
    size_t line_count;
    struct counter counters[COUNTERS_MAX];
    size_t counter_count;
};

static void gather_line(struct gathered *g, const char *line)
{
    if (line != NULL && g->line_count < LINES_MAX)
        g->lines[g->line_count++] = line;
}

static void on_warning(void *context, const char *sentence)
{
    struct gathered *g = context;
    gather_line(g, arena_copy(g->arena, sentence, strlen(sentence)));
}

static void on_counter(void *context, const struct counter *counter)
{
    struct gathered *g = context;
    counters_merge(g->counters, &g->counter_count, COUNTERS_MAX, counter);
}

static size_t gather_damages(struct gathered *g, const struct input *input)
{
    size_t count, before = g->line_count;
    const struct source_damage *damages = input_damages(input, &count);
    char place[SOURCE_PLACE_SIZE];
    for (size_t i = 0; i < count; i++)
        gather_line(g, arena_print(g->arena, "%s%s %s", damages[i].file, source_damage_place(&damages[i], place),
                                   damages[i].text));
    return g->line_count - before;
}

static size_t gather_databases(struct gathered *g, const struct geo *geo)
{
    size_t before = g->line_count;
    const struct geo_database *databases;
    size_t count = geo_databases(geo, &databases);
    for (size_t i = 0; i < count; i++)
        if (strcmp(databases[i].role, "parent") != 0) /* the catalogue's own table has no licence to name */
            gather_line(g, arena_print(g->arena, "%s %s: %s", databases[i].name,
                                       databases[i].edition ? databases[i].edition : "(edition unknown)",
                                       databases[i].licence ? databases[i].licence : "licence not stated"));
    return g->line_count - before;
}

static uint64_t counted(const struct gathered *g, const char *group, const char *name)
{
    for (size_t i = 0; i < g->counter_count; i++)
        if (strcmp(g->counters[i].group, group) == 0 && strcmp(g->counters[i].name, name) == 0)
            return g->counters[i].value;
    return 0;
}

/* What was not seen, so that "no finding" is not read as a clean bill. */
static void gather_blindness(struct gathered *g)
{
    static const struct {
        const char *group, *name, *sentence;
    } rows[] = {
        {"decode", "link_type_unknown", "%llu packets have a link type that is not known: nothing in them was read"},
        {"source", "packets_captured_short",
         "%llu packets were cut by the capture's snap length: names in them may be missing"},
        {"live", "dropped_by_kernel", "%llu packets were lost as the ring was full: raise --ring-mib"},
        {"live", "dropped_by_interface", "%llu packets were lost before they reached the ring"},
        {"live", "times_gone", "%llu times an interface vanished: nothing was seen until it was back"},
        {"live", "times_down", "%llu times an interface was down: nothing was seen until it was up again"},
        {"flow", "ended_evicted", "%llu flows were ended early to make room: raise --max-flows"},
        {"engine", "inspections_cut_short",
         "%llu flows were judged before they had shown a name, to make room for others"},
        {"engine", "inspections_refused", "%llu flows could not be looked into for want of memory"},
        {"engine", "out_of_memory", "%llu packets or events were lost for want of memory"},
        {"findings", "refused_table_full", "%llu sightings found no room in the table of findings"},
        {"store", "writes_failed", "%llu times the store could not be read or written: findings may be told again"},
        {"store", "rows_refused", "%llu rows of the store contradict themselves and were passed over"},
        {"store", "findings_refused", "%llu findings of the store found no room or contradict themselves"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t value = counted(g, rows[i].group, rows[i].name);
        if (value == 0)
            continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the formats stand in the table above */
        gather_line(g, arena_print(g->arena, rows[i].sentence, (unsigned long long)value));
#pragma GCC diagnostic pop
    }
}

/* @return false when there was no memory for it. */
static bool tell_summary(struct engine *engine, const struct input *input)
{
    struct gathered *g = calloc(1, sizeof(*g));
    if (g == NULL || (g->arena = arena_new()) == NULL) {
        free(g);
        return false;
    }
    struct summary_record r = {
        .sensor = engine->options.sensor,
        .version = BORDERTAP_VERSION,
        .packets = engine->totals.packets,
        .bytes = engine->totals.bytes,
        .flows = pipeline_flows(engine->pipeline),
        .hosts = judge_hosts(engine->judge),
        .first = engine->totals.first,
        .last = engine->totals.last,
        .warnings = g->lines,
    };
    struct interface_counts interfaces[LIVE_INTERFACES_MAX];
    r.interfaces = interfaces;
    if (input->live != NULL)
        r.interface_count = live_interfaces(input->live, interfaces, LIVE_INTERFACES_MAX);
    struct reach_totals reach;
    if (engine->options.sensor_place != NULL) {
        pipeline_reach(engine->pipeline, &reach);
        r.reach = &reach;
    }
    judge_findings(engine->judge, r.findings);
    r.product_count = judge_products(engine->judge, &r.products);
    input_count(input, on_counter, g);
    pipeline_count(engine->pipeline, on_counter, g);
    judge_count(engine->judge, on_counter, g);
    geo_count(engine->options.geo, on_counter, g);
    if (engine->options.paths != NULL)
        paths_count(engine->options.paths, on_counter, g);
    gather_blindness(g);
    geo_warnings(engine->options.geo, engine->options.now_sec, on_warning, g);
    policy_warnings(engine->options.policies, packet_time_from_sec(engine->options.now_sec), on_warning, g);
    r.warning_count = g->line_count;
    r.damages = g->lines + g->line_count;
    r.damage_count = gather_damages(g, input);
    r.databases = g->lines + g->line_count;
    r.database_count = gather_databases(g, engine->options.geo);
    r.counters = g->counters;
    r.counter_count = g->counter_count;
    for (size_t i = 0; i < engine->options.feed_count; i++)
        feed_summary(engine->options.feeds[i], &r);
    bool ok = !arena_failed(g->arena);
    arena_free(g->arena);
    free(g);
    return ok;
}

/* Of a file the health is judged once: what it was a minute ago is nobody's concern. */
static void tell_health(struct engine *engine)
{
    const struct engine_options *o = &engine->options;
    struct run_sample *outside = calloc(1, sizeof(*outside));
    if (outside != NULL) {
        outside->clock_ns = o->now_sec * NS_PER_SEC;
        pipeline_sample_whole(engine->pipeline, outside, o->geo);
    }
    free(outside);
}

static enum status run(struct engine *engine, const struct input *input)
{
    judge_begin(engine->judge);
    pipeline_run(engine->pipeline, input, &engine->totals);
    judge_close(engine->judge, engine->totals.last);
    if (engine->health != NULL && input->live == NULL)
        tell_health(engine);
    size_t damages;
    input_damages(input, &damages);
    if (!tell_summary(engine, input))
        return STATUS_NO_MEMORY;
    return damages > 0 ? STATUS_TRUNCATED : STATUS_OK;
}

enum status engine_read(struct engine *engine, struct source *source)
{
    return run(engine, &(struct input){.source = source});
}

enum status engine_watch(struct engine *engine, struct live *live)
{
    return run(engine, &(struct input){.live = live});
}

void engine_ask_sample(struct engine *engine, const struct run_sample *outside)
{
    sampler_ask(pipeline_sampler(engine->pipeline), outside);
}

bool engine_take_sample(struct engine *engine, struct run_sample *ret)
{
    return sampler_take(pipeline_sampler(engine->pipeline), ret);
}

bool engine_at_rest(struct engine *engine, void (*call)(void *context), void *context)
{
    return pipeline_at_rest(engine->pipeline, call, context);
}

enum status engine_replace(struct engine *engine, const struct engine_data *data)
{
    const struct product *const *products;
    size_t count = catalog_products(data->catalog, &products);
    struct survivors *survivors;
    enum status status = survivors_new(products, count, &survivors);
    if (status != STATUS_OK)
        return status;
    judge_survive(engine->judge, survivors);
    status = survivors_settle(survivors);
    if (status != STATUS_OK) {
        survivors_free(survivors);
        return status;
    }
    judge_survive(engine->judge, survivors);
    judge_use(engine->judge, data, pipeline_now(engine->pipeline));
    pipeline_use(engine->pipeline, data);
    options_use(&engine->options, data);
    survivors_free(engine->survivors);
    engine->survivors = survivors;
    return STATUS_OK;
}

void engine_refusals(const struct engine *engine,
                     void (*visit)(void *context, const char *reason, uint64_t packet_number), void *context)
{
    struct refusals all = {.count = 0};
    pipeline_refusals(engine->pipeline, &all);
    refusals_sort(&all);
    for (size_t i = 0; i < all.count; i++)
        visit(context, all.first[i].reason, all.first[i].number);
}

enum severity engine_worst(const struct engine *engine)
{
    return judge_worst(engine->judge);
}

void engine_free(struct engine *engine)
{
    if (engine == NULL)
        return;
    pipeline_free(engine->pipeline);
    judge_free(engine->judge);
    survivors_free(engine->survivors);
    sensor_health_free(engine->health);
    free(engine);
}
