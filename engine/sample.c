#include "engine/sample_internal.h"

void sampler_ask(struct sampler *s, const struct run_sample *outside)
{
    if (atomic_load_explicit(&s->state, memory_order_acquire) != SAMPLER_IDLE)
        return;
    s->sample = *outside;
    atomic_store_explicit(&s->state, SAMPLER_ASKED, memory_order_release);
}

static void begin(struct sampler *s)
{
    for (size_t i = 0; i < SAMPLE_PARTS_MAX; i++)
        s->parts[i].count = 0;
    atomic_store_explicit(&s->state, SAMPLER_UNDER_WAY, memory_order_relaxed);
}

bool sampler_begin(struct sampler *s)
{
    if (atomic_load_explicit(&s->state, memory_order_acquire) != SAMPLER_ASKED)
        return false;
    begin(s);
    return true;
}

void sampler_begin_anew(struct sampler *s, const struct run_sample *outside)
{
    s->sample = *outside;
    begin(s);
}

void sample_part_add(void *context, const struct counter *counter)
{
    struct sample_part *part = context;
    if (part->count < SAMPLE_PART_COUNTERS_MAX)
        part->counters[part->count++] = *counter;
}

void sampler_merge(struct sampler *s)
{
    s->sample.counter_count = 0;
    for (size_t i = 0; i < SAMPLE_PARTS_MAX; i++)
        for (size_t j = 0; j < s->parts[i].count; j++)
            run_sample_count(&s->sample, &s->parts[i].counters[j]);
}

void sampler_finish(struct sampler *s)
{
    atomic_store_explicit(&s->state, SAMPLER_READY, memory_order_release);
}

bool sampler_take(struct sampler *s, struct run_sample *ret)
{
    if (atomic_load_explicit(&s->state, memory_order_acquire) != SAMPLER_READY)
        return false;
    *ret = s->sample;
    atomic_store_explicit(&s->state, SAMPLER_IDLE, memory_order_release);
    return true;
}
