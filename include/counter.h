/*
 * Named counts for the summary record. A module keeps its own numbers in whatever shape is fast and
 * lists them on request; nothing here is on the packet path.
 */
#ifndef BORDERTAP_COUNTER_H
#define BORDERTAP_COUNTER_H

#include <stddef.h>
#include <stdint.h>

struct counter {
    const char *group; /* "decode", "tls", "flow" ...: constant, valid forever */
    const char *name;  /* snake_case: what is counted, "ipv4_header_truncated" */
    uint64_t value;
};

/** Adds @p counter to the one of its group and name, or as a further one if there is room. */
void counters_merge(struct counter *counters, size_t *count, size_t room, const struct counter *counter);

/** What a module calls for each of its counters. */
typedef void counter_visit(void *context, const struct counter *counter);

#endif
