#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "engine/judge_internal.h"
#include "engine/shard_internal.h"

enum {
    PACKETS_PER_BREATH = 65536, /* progress and stop are asked at this pace */
    LINES_MAX = 4096,           /* damages and warnings of one summary */
    COUNTERS_MAX = 512,
};

struct engine {
    struct engine_options options;
    struct shard *shard;
    struct judge *judge;
    uint64_t packets, bytes;
    struct packet_time first, last;
};

static enum status make_shard(struct engine *engine, struct error *error)
{
    bool wants_flows = false;
    for (size_t i = 0; i < engine->options.feed_count; i++)
        wants_flows |= feed_wants_flows(engine->options.feeds[i]);
    struct shard_options options = {
        .flows_max = engine->options.flows_max,
        .keeps_facts = wants_flows,
        .wants_fingerprints = true,
        .listener = judge_listener(engine->judge),
        .refused = engine->options.refused,
        .refused_context = engine->options.context,
    };
    return shard_new(&options, &engine->shard, error);
}

enum status engine_new(const struct engine_options *options, struct engine **ret, struct error *error)
{
    struct engine *engine = calloc(1, sizeof(*engine));
    if (engine == NULL)
        return error_set(error, STATUS_NO_MEMORY, "the engine: out of memory");
    engine->options = *options;
    enum status status = judge_new(options, &engine->judge, error);
    if (status == STATUS_OK)
        status = make_shard(engine, error);
    if (status != STATUS_OK) {
        engine_free(engine);
        return status;
    }
    *ret = engine;
    return STATUS_OK;
}

static void count_packet(struct engine *engine, const struct packet *packet)
{
    if (engine->packets == 0 || packet_time_before(packet->time, engine->first))
        engine->first = packet->time;
    if (engine->packets == 0 || packet_time_before(engine->last, packet->time))
        engine->last = packet->time;
    engine->packets++;
    engine->bytes += packet->wire_len;
}

/* @return whether to stop early. */
static bool breathe(struct engine *engine, const struct source *source)
{
    const struct engine_options *o = &engine->options;
    if (o->progress != NULL)
        o->progress(o->context, source, engine->packets);
    return o->should_stop != NULL && o->should_stop(o->context);
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
    if (g->counter_count < COUNTERS_MAX)
        g->counters[g->counter_count++] = *counter;
}

static size_t gather_damages(struct gathered *g, const struct source *source)
{
    size_t count, before = g->line_count;
    const struct source_damage *damages = source_damages(source, &count);
    for (size_t i = 0; i < count; i++)
        gather_line(g, arena_print(g->arena, "%s: offset %llu: %s", damages[i].file,
                                   (unsigned long long)damages[i].offset, damages[i].text));
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

static void tell_summary(struct engine *engine, const struct source *source)
{
    struct gathered *g = calloc(1, sizeof(*g));
    if (g == NULL || (g->arena = arena_new()) == NULL) {
        free(g);
        return;
    }
    struct summary_record r = {
        .sensor = engine->options.sensor,
        .version = BORDERTAP_VERSION,
        .packets = engine->packets,
        .bytes = engine->bytes,
        .flows = shard_flows(engine->shard),
        .hosts = judge_hosts(engine->judge),
        .first = engine->first,
        .last = engine->last,
        .warnings = g->lines,
    };
    judge_findings(engine->judge, r.findings);
    r.product_count = judge_products(engine->judge, &r.products);
    geo_warnings(engine->options.geo, engine->options.now_sec, on_warning, g);
    r.warning_count = g->line_count;
    r.damages = g->lines + g->line_count;
    r.damage_count = gather_damages(g, source);
    r.databases = g->lines + g->line_count;
    r.database_count = gather_databases(g, engine->options.geo);
    source_count(source, on_counter, g);
    shard_count(engine->shard, on_counter, g);
    judge_count(engine->judge, on_counter, g);
    r.counters = g->counters;
    r.counter_count = g->counter_count;
    for (size_t i = 0; i < engine->options.feed_count; i++)
        feed_summary(engine->options.feeds[i], &r);
    arena_free(g->arena);
    free(g);
}

enum status engine_read(struct engine *engine, struct source *source)
{
    struct packet packet;
    while (source_next(source, &packet) == STATUS_OK) {
        count_packet(engine, &packet);
        shard_packet(engine->shard, &packet);
        judge_tick(engine->judge, engine->last);
        if (engine->packets % 1024 == 0)
            shard_expire(engine->shard, engine->last);
        if (engine->packets % PACKETS_PER_BREATH == 0 && breathe(engine, source))
            break;
    }
    shard_drain(engine->shard);
    judge_close(engine->judge, engine->last);
    tell_summary(engine, source);
    size_t damages;
    source_damages(source, &damages);
    return damages > 0 ? STATUS_TRUNCATED : STATUS_OK;
}

enum severity engine_worst(const struct engine *engine)
{
    return judge_worst(engine->judge);
}

void engine_free(struct engine *engine)
{
    if (engine == NULL)
        return;
    shard_free(engine->shard);
    judge_free(engine->judge);
    free(engine);
}
