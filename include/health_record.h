/*
 * The health of the sensor itself: what it does not see, or may be wrong about. Made by alerts/health.h from samples;
 * told when a condition is raised and when it is cleared.
 */
#ifndef BORDERTAP_HEALTH_RECORD_H
#define BORDERTAP_HEALTH_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "packet_time.h"

enum health_condition {
    HEALTH_INTERFACE_GONE,
    HEALTH_NOTHING_ARRIVES,
    HEALTH_KERNEL_DROPS,
    HEALTH_INTERFACE_DROPS,
    HEALTH_PACKETS_LOST, /* by ourselves, for want of memory */
    HEALTH_FLOWS_EVICTED,
    HEALTH_ONE_DIRECTION,
    HEALTH_DUPLICATES,
    HEALTH_PACKETS_SNAPPED,
    HEALTH_CLOCK_STEPPED,
    HEALTH_DATABASE_STALE,
    HEALTH_CATALOGUE_STALE,
    HEALTH_FEED_FAILING,
    HEALTH_STORE_FAILING,
    HEALTH_CONDITIONS,
};

/** "interface-gone", "kernel-drops" ...; constant. */
const char *health_condition_text(enum health_condition condition);

struct health_record {
    struct packet_time time;
    const char *sensor;
    enum health_condition condition;
    bool is_raised;            /* else cleared */
    const char *subject;       /* the interface, feed or database; NULL: the sensor */
    const char *unit;          /* "percent", "packets" ...: constant */
    uint64_t value, threshold; /* thousandths of the unit; raised above the threshold */
    uint32_t window_sec;       /* what value is about; 0: now, or the whole run */
    const char *sentence;      /* what, since when, what to do */
};

#endif
