/*
 * Reading, sharing out, judging and telling on any number of threads with the same result. Packets go through in
 * batches; a batch is read and decoded (one thread at a time), worked on by each shard (one thread at a time a shard),
 * and judged (one thread at a time), always in order. Threads take whichever step is ready, so that no step has a
 * thread of its own and none waits while there is work.
 */
#ifndef BORDERTAP_ENGINE_PIPELINE_INTERNAL_H
#define BORDERTAP_ENGINE_PIPELINE_INTERNAL_H

#include "engine/engine.h"
#include "engine/input_internal.h"
#include "engine/judge_internal.h"
#include "engine/refusals_internal.h"
#include "engine/sensor_health_internal.h"
#include "engine/shard_internal.h"

struct pipeline;

struct pipeline_totals {
    uint64_t packets, bytes;
    struct packet_time first, last;
};

/** @param health borrowed; NULL: nobody wants to know. */
enum status pipeline_new(const struct engine_options *options, struct judge *judge, struct sensor_health *health,
                         struct pipeline **ret, struct error *error);
/** Runs @p input to its end; all flows have ended and all events are judged on return. */
void pipeline_run(struct pipeline *pipeline, const struct input *input, struct pipeline_totals *ret);
struct sampler;
/** Counts of a run that goes on; the pipeline's own. */
struct sampler *pipeline_sampler(struct pipeline *pipeline);
/** As engine_at_rest(). */
bool pipeline_at_rest(struct pipeline *pipeline, void (*call)(void *context), void *context);
/** As engine_replace(), for all but the judge. */
void pipeline_use(struct pipeline *pipeline, const struct engine_data *data);
/** Packet time, while all is at rest. */
struct packet_time pipeline_now(const struct pipeline *pipeline);
/** After the run, when health is wanted: takes and tells it of all that was. */
void pipeline_sample_whole(struct pipeline *pipeline, const struct run_sample *outside, const struct geo *geo);
uint64_t pipeline_flows(const struct pipeline *pipeline);
void pipeline_count(const struct pipeline *pipeline, counter_visit *visit, void *context);
/** What round trips exclude, over all flows. */
void pipeline_reach(const struct pipeline *pipeline, struct reach_totals *ret);
/** Adds the first packet of each reason for refusing one. */
void pipeline_refusals(const struct pipeline *pipeline, struct refusals *ret);
void pipeline_free(struct pipeline *pipeline);

#endif
