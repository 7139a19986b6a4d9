/*
 * The pipeline: packets in, records out. Wires capture, analyzers, geo and alerts together; the only folder that knows
 * all of them.
 *
 *   engine_new() -> engine_read() or engine_watch() -> engine_free()
 *                      engine_at_rest() -> engine_replace()
 *
 * A shard owns flows (decode, flow table, inspection) and hands events to the judge (attribution, jurisdiction, policy,
 * ledger, feeds). Events go one way. Everything runs on packet time: the same files give the same bytes.
 */
#ifndef BORDERTAP_ENGINE_ENGINE_H
#define BORDERTAP_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "alerts/feed.h"
#include "alerts/policy.h"
#include "analyzers/catalog.h"
#include "capture/direction.h"
#include "capture/live.h"
#include "capture/source.h"
#include "geo/distance/distance.h"
#include "geo/geo.h"
#include "geo/paths/paths.h"
#include "run_sample.h"
#include "status.h"

struct engine;
struct store;

/** What can be exchanged for newer while the engine reads. Borrowed until engine_replace() gave others. */
struct engine_data {
    const struct catalog *catalog;
    const struct geo *geo;
    const struct paths *paths; /* NULL: none loaded */
    const struct policy_set *policies;
};

/** What the engine works with. All borrowed: they outlive the engine, the data of struct engine_data the next ones. */
struct engine_options {
    const struct catalog *catalog;
    const struct geo *geo;
    const struct paths *paths; /* NULL: none loaded */
    const struct policy_set *policies;
    const struct home_nets *home_nets;
    const char *sensor;
    const struct sensor_place *sensor_place; /* NULL: not known, no round trip is looked at */
    struct feed *const *feeds;
    size_t feed_count;
    uint32_t flows_max; /* 0: default, 2 M */
    unsigned workers;   /* threads, this one included; 0: one. The records are the same bytes with any number */
    int64_t settle_ns;  /* packet time a new finding may wait for the rest of its evidence; 0: none */
    /* The sensor's health goes to the feeds: with each sample of engine_watch(), at the end of engine_read(). */
    bool tells_health;
    struct store *store; /* NULL: findings end with the run; else begun for the run, used by the judge's thread alone */
    int64_t now_sec;     /* wall time, only for warnings about old databases and policies */
    /* Called after every batch of packets (a thousand, or a fifth of a second), for the progress line; NULL: not
     * wanted. */
    void (*progress)(void *context, const struct source *source, uint64_t packets);
    /* Asked at the same pace: true ends the run early, with all findings out. NULL: never. */
    bool (*should_stop)(void *context);
    int64_t (*wall_ns)(void *context); /* asked when a finding is told, for its latency; NULL: not measured */
    void *context;
};

enum status engine_new(const struct engine_options *options, struct engine **ret, struct error *error);

/**
 * Reads @p source to its end and writes all records, the summary last.
 * @return STATUS_OK; STATUS_NO_MEMORY when the summary is missing or not whole; STATUS_TRUNCATED when the source was
 * damaged (what was good is judged).
 */
enum status engine_read(struct engine *engine, struct source *source);

/**
 * The same with what interfaces give, until live_stop(). Batches end where nothing arrives, so that a finding is told
 * within a fraction of a second; flows and findings age by the clock when nothing arrives at all.
 */
enum status engine_watch(struct engine *engine, struct live *live);

/**
 * Counts of a run that goes on: ask, and take a little later, as often as needed, on one thread that need not be the
 * run's. A sample comes out only when packets or the time of the clock went through all of the pipeline since.
 * @param outside what only the caller knows: both clocks, interfaces, memory, the store; copied. The rest is zero.
 */
void engine_ask_sample(struct engine *engine, const struct run_sample *outside);
/** @return false when none is ready. */
bool engine_take_sample(struct engine *engine, struct run_sample *ret);

/**
 * Has @p call called once, between two batches of packets: all that was read is judged and told, and no other thread of
 * the engine works. It should not take long, as nothing is read meanwhile. Any thread, the callbacks of struct
 * engine_options too. @return false: another call is still waiting. After the last batch none is called any more.
 */
bool engine_at_rest(struct engine *engine, void (*call)(void *context), void *context);

/**
 * Other data from the next packet on, some of them the same as before; only from within a call of engine_at_rest(), or
 * while no run goes on. Findings keep their ids and counters; what they show stays as it was told, under
 * the newer catalogue's name of a product. Flows and names go on, and are judged by the newer data when something is
 * next learnt of them. On return nothing points into what was replaced.
 * @return STATUS_OK; STATUS_NO_MEMORY: everything is as it was.
 */
enum status engine_replace(struct engine *engine, const struct engine_data *data);

/** After engine_read(): the first packet of each kind of refusal, in packet order; for --verbose. */
void engine_refusals(const struct engine *engine,
                     void (*visit)(void *context, const char *reason, uint64_t packet_number), void *context);

/** Highest severity told so far of what nobody answers for, SEVERITY_NONE when no finding was. */
enum severity engine_worst(const struct engine *engine);

/** Judges a name or an address as `lookup` does: no flow, no host. @return false when @p query is neither. */
bool engine_lookup(const struct engine_options *options, const char *query, struct sighting *ret);

void engine_free(struct engine *engine);

#endif
