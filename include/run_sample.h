/*
 * What a run has counted until one moment: taken at a batch's end, so that all numbers are of the same packets, and
 * whole in itself, so that another thread may keep it. Counts go up, except where a comment says otherwise.
 */
#ifndef BORDERTAP_RUN_SAMPLE_H
#define BORDERTAP_RUN_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "flow.h"
#include "interface_counts.h"
#include "packet_time.h"
#include "severity.h"

enum {
    SAMPLE_NAME_SIZE = 64,
    SAMPLE_LINKS_MAX = 16,
    SAMPLE_FEEDS_MAX = 72,
    SAMPLE_DATA_MAX = 64,
    SAMPLE_COUNTERS_MAX = 512,
    LATENCY_BOUNDS = 10,
};

struct feed_sample {
    char name[SAMPLE_NAME_SIZE]; /* without what may be secret in it */
    uint64_t bytes_written, records_lost;
    bool is_failing; /* not a count */
};

/** Data that grows old. */
struct data_sample {
    char name[SAMPLE_NAME_SIZE];
    int64_t built_sec; /* since the epoch; 0: it does not say */
};

/** From a packet's stamp to the finding it made: how many took at most latency_bounds_ms[i], and longer than those. */
struct latency_sample {
    uint64_t counts[LATENCY_BOUNDS + 1];
    uint64_t sum_ns;
};

/** Milliseconds, rising. */
extern const uint32_t latency_bounds_ms[LATENCY_BOUNDS];

struct run_sample {
    struct packet_time time; /* of the packets, or of the clock where none came */
    int64_t clock_ns;        /* wall time since the epoch when it was asked for, and */
    int64_t steady_ns;       /* a clock that nobody sets */
    uint64_t packets, bytes, flows_begun, hosts, clock_steps;
    uint64_t flows_alive;              /* now */
    uint64_t findings[SEVERITY_COUNT]; /* now, by their severity */
    struct flow_sides sides;           /* of the flows seen in the last minute; at the end of a run of all */
    struct latency_sample latency;
    bool has_latency; /* live only */
    bool has_store, is_store_failing;
    uint64_t store_failures;
    uint64_t resident_bytes; /* now; 0: not known */
    uint64_t cpu_ns;         /* user and system; 0: not known */
    uint32_t raised;         /* 1 << enum health_condition: what is raised now */
    struct data_sample catalogue, databases[SAMPLE_DATA_MAX];
    uint32_t database_count, link_count, feed_count;
    size_t counter_count;
    struct interface_counts links[SAMPLE_LINKS_MAX];
    struct feed_sample feeds[SAMPLE_FEEDS_MAX];
    struct counter counters[SAMPLE_COUNTERS_MAX]; /* each group and name once */
};

/** @param ns from the packet to the finding; negative when the clock is behind the packets', which counts as 0. */
void latency_note(struct latency_sample *latency, int64_t ns);
/** Adds @p counter to the one of the same group and name, or as a new one while there is room. */
void run_sample_count(struct run_sample *sample, const struct counter *counter);
/** 0 when there is none. */
uint64_t run_sample_counted(const struct run_sample *sample, const char *group, const char *name);

#endif
