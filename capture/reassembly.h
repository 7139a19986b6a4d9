/*
 * TCP bytes in order, as far as the names need them. A stream is one direction of one inspected flow;
 * its buffers come from a pool and go back at the verdict. The usual case, the next bytes arriving in
 * order, hands the packet's own bytes through without a copy.
 *
 *   stream_push(); while ((view = stream_peek()).length) stream_take(n) until it takes nothing; stream_keep();
 *
 * What cannot be kept (too far ahead, the pool at its cap, too many pieces) is refused and counted; to the stream it is
 * lost.
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

/** All zero before stream_start() and after stream_clear(). */
struct stream {
    uint32_t next_sequence; /* of the first byte not yet taken */
    uint32_t start;         /* of the first byte of all */
    bool is_started;        /* next_sequence means something */
    bool is_guessed;        /* it began at the first segment that came: there may be bytes before */
    bool has_gap;   /* bytes were skipped: what follows is not contiguous. The caller may set it back once it knows */
    bool is_closed; /* gave up: cap reached; pushes are ignored */
    uint16_t segments_waiting;    /* that came behind missing bytes since the last came in order, refused ones too */
    struct stream_buffer *buffer; /* owned, from the pool; NULL while nothing is held */
    struct stream_view direct;    /* the pushed packet's bytes, when they came in order */
};

/**
 * @param bytes_max cap over all streams of the pool; @p stream_bytes_max how far ahead of what was taken one stream may
 * hold bytes.
 * @return STATUS_OK, STATUS_INVALID for a cap of 0 or over 256 MB a stream, STATUS_NO_MEMORY. Buffers given back are
 * kept for the next stream: after warm-up nothing is allocated.
 */
enum status stream_pool_new(size_t bytes_max, size_t stream_bytes_max, struct stream_pool **ret);
/** From now on @p refused is called, with the name of a counter (constant), for what a call on a stream of the pool
 * loses: bytes there is no room for, gaps that are skipped. */
void stream_pool_tell(struct stream_pool *pool, void (*refused)(void *context, const char *reason), void *context);
void stream_pool_count(const struct stream_pool *pool, counter_visit *visit, void *context);
void stream_pool_free(struct stream_pool *pool); /* its streams must have been cleared; NULL is fine */

/** Starts a cleared stream at @p sequence (ISN + 1 after a SYN; the first segment's own number mid-stream). */
void stream_start(struct stream *stream, uint32_t sequence);

/**
 * Adds one segment's bytes (borrowed until stream_keep() on this stream). Overlaps keep what came first; old bytes
 * are dropped; out-of-order bytes wait, up to the cap. A stream that was not started starts here.
 */
void stream_push(struct stream_pool *pool, struct stream *stream, uint32_t sequence, const uint8_t *data,
                 size_t length);

/** Whether nothing was taken of a stream whose start was guessed. */
bool stream_may_begin_earlier(const struct stream *stream);
/** Moves the start of such a stream to @p sequence, before it: what it holds then waits behind the bytes between. */
void stream_begin_earlier(struct stream_pool *pool, struct stream *stream, uint32_t sequence);

/** Contiguous bytes that were not taken yet; length 0 when there are none. Good until the next call on the stream. */
struct stream_view stream_peek(const struct stream *stream);

/** Consumes @p length bytes (at most all) of what stream_peek() showed; what is left is kept for the next push. */
void stream_take(struct stream_pool *pool, struct stream *stream, size_t length);

/**
 * To be called after the peek/take loop of one packet: copies what was not taken, so that the packet may go. Closes a
 * stream whose reader leaves the whole cap untaken.
 */
void stream_keep(struct stream_pool *pool, struct stream *stream);

/**
 * Gives up on missing bytes: jumps to what waits behind them, sets has_gap; contiguous bytes before the gap that were
 * not taken are dropped. @return false, with nothing changed, when nothing waits.
 */
bool stream_skip_gap(struct stream_pool *pool, struct stream *stream);

void stream_clear(struct stream_pool *pool, struct stream *stream); /* gives buffers back */

#endif
