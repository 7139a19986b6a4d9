/*
 * Which file comes next: a binary heap on packet time, and on the order of the files where times are equal.
 */
#ifndef BORDERTAP_CAPTURE_SOURCE_QUEUE_INTERNAL_H
#define BORDERTAP_CAPTURE_SOURCE_QUEUE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet_time.h"

struct queue_entry {
    struct packet_time time;
    uint32_t index; /* of the file */
};

struct queue {
    struct queue_entry *entries; /* the caller's, with room for all files */
    size_t count;
};

static inline bool queue_entry_before(struct queue_entry a, struct queue_entry b)
{
    return a.time.ns < b.time.ns || (a.time.ns == b.time.ns && a.index < b.index);
}

void queue_push(struct queue *queue, struct queue_entry entry);

/** @return the entry that is before all others; the queue must not be empty. */
struct queue_entry queue_pop(struct queue *queue);

#endif
