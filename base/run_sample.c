#include "run_sample.h"

#include <string.h>

const uint32_t latency_bounds_ms[LATENCY_BOUNDS] = {5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000};

/* Where the counter of that group and name stands, or counter_count. */
static uint32_t place_of(const struct run_sample *sample, const char *group, const char *name)
{
    uint32_t i = 0;
    while (i < sample->counter_count &&
           (strcmp(sample->counters[i].name, name) != 0 || strcmp(sample->counters[i].group, group) != 0))
        i++;
    return i;
}

void run_sample_count(struct run_sample *sample, const struct counter *counter)
{
    uint32_t at = place_of(sample, counter->group, counter->name);
    if (at < sample->counter_count)
        sample->counters[at].value += counter->value;
    else if (at < SAMPLE_COUNTERS_MAX)
        sample->counters[sample->counter_count++] = *counter;
}

uint64_t run_sample_counted(const struct run_sample *sample, const char *group, const char *name)
{
    uint32_t at = place_of(sample, group, name);
    return at < sample->counter_count ? sample->counters[at].value : 0;
}
