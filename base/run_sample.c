#include "run_sample.h"

#include <string.h>

const uint32_t latency_bounds_ms[LATENCY_BOUNDS] = {5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000};

void latency_note(struct latency_sample *latency, int64_t ns)
{
    unsigned i = 0;
    while (i < LATENCY_BOUNDS && ns > latency_bounds_ms[i] * 1000 * NS_PER_USEC)
        i++;
    latency->counts[i]++;
    latency->sum_ns += ns > 0 ? (uint64_t)ns : 0;
}

void run_sample_count(struct run_sample *sample, const struct counter *counter)
{
    counters_merge(sample->counters, &sample->counter_count, SAMPLE_COUNTERS_MAX, counter);
}

uint64_t run_sample_counted(const struct run_sample *sample, const char *group, const char *name)
{
    for (size_t i = 0; i < sample->counter_count; i++)
        if (strcmp(sample->counters[i].name, name) == 0 && strcmp(sample->counters[i].group, group) == 0)
            return sample->counters[i].value;
    return 0;
}
