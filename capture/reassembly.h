/*
 * TCP bytes in order, as far as the names need them. A stream is one direction of one inspected flow;
 * its buffers come from a pool and go back at the verdict. The usual case, the next bytes arriving in
 * order, hands the packet's own bytes through without a copy.
 *
 *   stream_push(); while ((view = stream_peek()).length) stream_take(n);
 */
#ifndef BORDERTAP_CAPTURE_REASSEMBLY_H
#define BORDERTAP_CAPTURE_REASSEMBLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "status.h"

struct stream_pool;

struct stream_view {
    const uint8_t *data;
    size_t length;
};

struct stream {
    uint32_t next_sequence; /* of the first byte not yet taken */
    bool is_started;        /* next_sequence means something */
    bool has_gap;           /* bytes were lost for good or skipped: what follows is not contiguous */
    bool is_closed;         /* gave up: cap reached; pushes are ignored */
    struct stream_buffer *buffer;   /* owned, from the pool; NULL while nothing is held */
    struct stream_view direct;      /* the pushed packet's bytes, when they came in order */
};

/** @param bytes_max cap over all streams of the pool; @p stream_bytes_max cap of one stream. */
enum status stream_pool_new(size_t bytes_max, size_t stream_bytes_max, struct stream_pool **ret);
void stream_pool_count(const struct stream_pool *pool, counter_visit *visit, void *context);
void stream_pool_free(struct stream_pool *pool);

/** Starts at @p sequence (ISN + 1 after a SYN; the first segment's own number mid-stream). */
void stream_start(struct stream *stream, uint32_t sequence);

/**
 * Adds one segment's bytes (borrowed until the next push on this stream). Overlaps keep what came first; old bytes
 * are dropped; out-of-order bytes wait, up to the cap.
 */
void stream_push(struct stream_pool *pool, struct stream *stream, uint32_t sequence, const uint8_t *data, size_t length);

/** Contiguous bytes that were not taken yet; length 0 when there are none. Good until the next call on the stream. */
struct stream_view stream_peek(const struct stream *stream);

/** Consumes @p length bytes of what stream_peek() showed; what is left is kept for the next push. */
void stream_take(struct stream_pool *pool, struct stream *stream, size_t length);

/** To be called after the peek/take loop of one packet: copies what was not taken, so that the packet may go. */
void stream_keep(struct stream_pool *pool, struct stream *stream);

/** Gives up on missing bytes: jumps to what is there, sets has_gap. @return false when nothing waits. */
bool stream_skip_gap(struct stream_pool *pool, struct stream *stream);

void stream_clear(struct stream_pool *pool, struct stream *stream); /* gives buffers back */

#endif
