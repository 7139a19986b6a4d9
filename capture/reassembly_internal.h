/*
 * What a stream holds: one stretch of memory that begins at some sequence number, and the ranges of it that are filled.
 * Linear, so that a view over several segments needs no copy; sized in classes, each four times the one before. Only
 * capture/reassembly*.c include this.
 */
#ifndef BORDERTAP_CAPTURE_REASSEMBLY_INTERNAL_H
#define BORDERTAP_CAPTURE_REASSEMBLY_INTERNAL_H

#include "reassembly.h"

enum {
    STREAM_RANGES_MAX = 32,
    STREAM_CLASSES_MAX = 12,
    STREAM_CLASS_SMALLEST = 2048,
    STREAM_CLASS_FACTOR = 4,
};

/** What is counted. From the first loss on, bytes are lost for good. */
enum stream_event {
    STREAM_RETRANSMITTED,
    STREAM_OUT_OF_ORDER,
    STREAM_LOSS_FIRST,
    STREAM_TOO_FAR_AHEAD = STREAM_LOSS_FIRST,
    STREAM_TOO_MANY_PIECES,
    STREAM_POOL_FULL,
    STREAM_AT_CAP,
    STREAM_GAP_SKIPPED,
    STREAM_BEFORE_START,
    STREAM_EVENTS,
};

struct stream_range {
    uint32_t from, to; /* offsets into data, `to` not included */
};

struct stream_buffer {
    struct stream_buffer *next; /* in the pool's list of free ones */
    uint32_t size;              /* of data */
    uint32_t base;              /* sequence number of data[0] */
    uint8_t size_class;
    uint8_t range_count;
    struct stream_range
        ranges[STREAM_RANGES_MAX]; /* sorted, never touching each other, none before the first untaken byte */
    uint8_t data[];
};

struct stream_pool {
    size_t bytes_max, bytes; /* of memory asked for and not freed */
    uint32_t stream_bytes_max;
    unsigned class_count;
    struct {
        uint32_t size;
        struct stream_buffer *free;
    } classes[STREAM_CLASSES_MAX];
    uint64_t counts[STREAM_EVENTS], bytes_peak;
    void (*refused)(void *context, const char *reason); /* NULL when nobody wants to know */
    void *refused_context;
};

void stream_pool_note(struct stream_pool *pool, enum stream_event event);

/** @return an empty buffer for at least @p size bytes (at most stream_bytes_max), or NULL when the pool is at its cap.
 */
struct stream_buffer *stream_buffer_take(struct stream_pool *pool, uint32_t size);
void stream_buffer_give(struct stream_pool *pool, struct stream_buffer *buffer); /* NULL is fine */

/** Whether one more range from @p from to @p to can be noted. */
bool stream_buffer_accepts(const struct stream_buffer *buffer, uint32_t from, uint32_t to);
/** Copies @p data to @p from ... @p to, only where nothing was before. */
void stream_buffer_fill(struct stream_buffer *buffer, uint32_t from, uint32_t to, const uint8_t *data);
/** Moves what is at @p start and behind it to the front of @p into, which may be @p buffer itself. */
void stream_buffer_move(struct stream_buffer *into, const struct stream_buffer *buffer, uint32_t start);
/** Removes the first @p count ranges. */
void stream_buffer_drop(struct stream_buffer *buffer, unsigned count);

#endif
