/*
 * The counts of a run that goes on, for another thread. What is asked for is filled in along the way of one batch, each
 * part by the step that owns it, and is ready with the last one: so no step ever waits, and all parts are of the same
 * packets.
 */
#ifndef BORDERTAP_ENGINE_SAMPLE_INTERNAL_H
#define BORDERTAP_ENGINE_SAMPLE_INTERNAL_H

#include <stdatomic.h>

#include "engine/engine.h"

enum { SAMPLE_PARTS_MAX = 6, SAMPLE_PART_COUNTERS_MAX = 384 };

struct sample_part {
    struct counter counters[SAMPLE_PART_COUNTERS_MAX];
    size_t count;
};

enum sampler_state { SAMPLER_IDLE, SAMPLER_ASKED, SAMPLER_UNDER_WAY, SAMPLER_READY };

struct sampler {
    _Atomic int state;                          /* who may touch the rest: the steps while it is under way */
    struct run_sample sample;                   /* its counters come last */
    struct sample_part parts[SAMPLE_PARTS_MAX]; /* of the steps */
};

/** From outside: one is wanted, of which @p outside is known; nothing happens when one is on its way. */
void sampler_ask(struct sampler *sampler, const struct run_sample *outside);
/** First step. @return whether this batch is to carry a sample. */
bool sampler_begin(struct sampler *sampler);
/** After the run, with no other thread at it: the same, whatever was asked for before. */
void sampler_begin_anew(struct sampler *sampler, const struct run_sample *outside);
/** A counter_visit with a struct sample_part as context. */
void sample_part_add(void *part, const struct counter *counter);
/** Last step: the counters of all parts become those of the sample. */
void sampler_merge(struct sampler *sampler);
/** And nothing more is to be added. */
void sampler_finish(struct sampler *sampler);
/** From outside. @return false when there is none since the last time. */
bool sampler_take(struct sampler *sampler, struct run_sample *ret);

#endif
