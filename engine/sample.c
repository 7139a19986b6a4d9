#include "engine/sample_internal.h"

#include <string.h>

void sampler_ask(struct sampler *s)
{
    int idle = SAMPLER_IDLE;
    atomic_compare_exchange_strong(&s->state, &idle, SAMPLER_ASKED);
}

bool sampler_begin(struct sampler *s)
{
    if (atomic_load_explicit(&s->state, memory_order_acquire) != SAMPLER_ASKED)
        return false;
    for (size_t i = 0; i < SAMPLE_PARTS_MAX; i++)
        s->parts[i].count = 0;
    atomic_store_explicit(&s->state, SAMPLER_UNDER_WAY, memory_order_relaxed);
    return true;
}

void sample_part_add(void *context, const struct counter *counter)
{
    struct sample_part *part = context;
    if (part->count < SAMPLE_PART_COUNTERS_MAX)
        part->counters[part->count++] = *counter;
}

void sampler_finish(struct sampler *s)
{
    atomic_store_explicit(&s->state, SAMPLER_READY, memory_order_release);
}

/* Shards count the same things: one line for all of them. */
void counters_merge(struct counter *counters, size_t *count, size_t room, const struct counter *counter)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(counters[i].name, counter->name) == 0 && strcmp(counters[i].group, counter->group) == 0) {
            counters[i].value += counter->value;
            return;
        }
    if (*count < room)
        counters[(*count)++] = *counter;
}

bool sampler_take(struct sampler *s, struct engine_sample *ret)
{
    if (atomic_load_explicit(&s->state, memory_order_acquire) != SAMPLER_READY)
        return false;
    *ret = s->totals;
    ret->counter_count = 0;
    for (size_t i = 0; i < SAMPLE_PARTS_MAX; i++)
        for (size_t j = 0; j < s->parts[i].count; j++)
            counters_merge(ret->counters, &ret->counter_count, ENGINE_COUNTERS_MAX, &s->parts[i].counters[j]);
    atomic_store_explicit(&s->state, SAMPLER_IDLE, memory_order_release);
    return true;
}
