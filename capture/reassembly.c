/*
 * One direction of a TCP connection, put in order. While bytes arrive in order and are taken at once nothing is copied;
 * a buffer comes in only for bytes that wait: for the rest of a message, or behind missing ones. Sequence numbers are
 * compared as distances from the next byte wanted, so that they may wrap (RFC 9293, 3.4).
 */
#include "reassembly_internal.h"

#include <assert.h>

enum { SEGMENT_LONGEST = 1 << 30 }; /* half of what a distance can say */

void stream_start(struct stream *stream, uint32_t sequence)
{
    assert(stream->buffer == NULL);
    stream->next_sequence = stream->start = sequence;
    stream->is_started = true;
}

void stream_clear(struct stream_pool *pool, struct stream *stream)
{
    stream_buffer_give(pool, stream->buffer);
    *stream = (struct stream){0};
}

static void close_stream(struct stream_pool *pool, struct stream *stream)
{
    stream_buffer_give(pool, stream->buffer);
    stream->buffer = NULL;
    stream->direct = (struct stream_view){NULL, 0};
    stream->is_closed = true;
    stream_pool_note(pool, STREAM_AT_CAP);
}

/** Where the next byte wanted is in the buffer. */
static uint32_t start_of(const struct stream *stream)
{
    return stream->next_sequence - stream->buffer->base;
}

static bool has_bytes_at_start(const struct stream *stream)
{
    return stream->buffer->range_count > 0 && stream->buffer->ranges[0].from == start_of(stream);
}

struct stream_view stream_peek(const struct stream *stream)
{
    if (stream->buffer == NULL || !has_bytes_at_start(stream))
        return stream->direct;
    const struct stream_range *first = &stream->buffer->ranges[0];
    return (struct stream_view){stream->buffer->data + first->from, first->to - first->from};
}

/** Makes the buffer reach @p length bytes behind the next one wanted. @return false when the pool is at its cap. */
static bool reach(struct stream_pool *pool, struct stream *stream, uint32_t length)
{
    struct stream_buffer *buffer = stream->buffer;
    if (buffer != NULL && buffer->size - start_of(stream) >= length)
        return true;
    if (buffer != NULL && buffer->size >= length) {
        stream_buffer_move(buffer, buffer, start_of(stream));
        return true;
    }
    struct stream_buffer *larger = stream_buffer_take(pool, length);
    if (larger == NULL)
        return false;
    larger->base = stream->next_sequence;
    if (buffer != NULL)
        stream_buffer_move(larger, buffer, start_of(stream));
    stream_buffer_give(pool, buffer);
    stream->buffer = larger;
    return true;
}

/** Copies bytes that are @p ahead of the next one wanted into the buffer, as far as the cap allows. */
static void hold(struct stream_pool *pool, struct stream *stream, uint32_t ahead, const uint8_t *data, size_t length)
{
    if (ahead >= pool->stream_bytes_max) {
        stream_pool_note(pool, STREAM_TOO_FAR_AHEAD);
        return;
    }
    if (length > pool->stream_bytes_max - ahead) {
        stream_pool_note(pool, STREAM_TOO_FAR_AHEAD);
        length = pool->stream_bytes_max - ahead;
    }
    if (!reach(pool, stream, ahead + (uint32_t)length))
        return;
    uint32_t from = start_of(stream) + ahead, to = from + (uint32_t)length;
    if (!stream_buffer_accepts(stream->buffer, from, to)) {
        stream_pool_note(pool, STREAM_TOO_MANY_PIECES);
        return;
    }
    stream_buffer_fill(stream->buffer, from, to, data);
}

/** Counts a segment as late or repeated. @return false when all of it is held already. */
static bool note_order(struct stream_pool *pool, struct stream *stream, uint32_t ahead, size_t length)
{
    size_t held = stream_peek(stream).length; /* in order, and not taken yet */
    if (ahead > held) {
        stream_pool_note(pool, STREAM_OUT_OF_ORDER);
        if (stream->segments_waiting < UINT16_MAX)
            stream->segments_waiting++;
        return true;
    }
    if (length <= held - ahead) {
        stream_pool_note(pool, STREAM_RETRANSMITTED);
        return false;
    }
    stream->segments_waiting = 0;
    return true;
}

/** Counts a segment that ends before the next byte wanted. */
static void note_old(struct stream_pool *pool, const struct stream *stream, uint32_t end)
{
    bool was_never_there = stream->is_guessed && (int32_t)(end - stream->start) <= 0;
    stream_pool_note(pool, was_never_there ? STREAM_BEFORE_START : STREAM_RETRANSMITTED);
}

bool stream_may_begin_earlier(const struct stream *stream)
{
    return stream->is_guessed && !stream->is_closed && stream->next_sequence == stream->start;
}

void stream_begin_earlier(struct stream_pool *pool, struct stream *stream, uint32_t sequence)
{
    struct stream_buffer *held = stream->buffer;
    assert(stream_may_begin_earlier(stream) && (int32_t)(stream->start - sequence) > 0);
    stream->buffer = NULL;
    stream->direct = (struct stream_view){NULL, 0};
    stream->next_sequence = stream->start = sequence;
    for (unsigned i = 0; held != NULL && i < held->range_count; i++) {
        struct stream_range range = held->ranges[i];
        hold(pool, stream, held->base + range.from - sequence, held->data + range.from, range.to - range.from);
    }
    stream_buffer_give(pool, held);
}

void stream_push(struct stream_pool *pool, struct stream *stream, uint32_t sequence, const uint8_t *data, size_t length)
{
    if (stream->is_closed || length == 0)
        return;
    if (!stream->is_started) {
        stream_start(stream, sequence);
        stream->is_guessed = true;
    }
    stream->direct = (struct stream_view){NULL, 0}; /* of an earlier packet that was not kept: gone with it */
    if (length > SEGMENT_LONGEST)
        length = SEGMENT_LONGEST;
    int32_t distance = (int32_t)(sequence - stream->next_sequence);
    if (distance < 0) {
        uint32_t old = stream->next_sequence - sequence; /* retransmission, keep-alive probe, bytes before ISN + 1 */
        if (old >= length) {
            note_old(pool, stream, sequence + (uint32_t)length);
            return;
        }
        data += old;
        length -= old;
        distance = 0;
    }
    if (!note_order(pool, stream, (uint32_t)distance, length))
        return;
    if (distance == 0 && stream->buffer == NULL)
        stream->direct = (struct stream_view){data, length};
    else
        hold(pool, stream, (uint32_t)distance, data, length);
}

void stream_take(struct stream_pool *pool, struct stream *stream, size_t length)
{
    struct stream_view view = stream_peek(stream);
    if (length > view.length)
        length = view.length;
    if (length == 0)
        return;
    stream->next_sequence += (uint32_t)length;
    if (stream->buffer == NULL) {
        stream->direct = (struct stream_view){view.data + length, view.length - length};
        return;
    }
    if (length == view.length)
        stream_buffer_drop(stream->buffer, 1);
    else
        stream->buffer->ranges[0].from += (uint32_t)length;
    if (stream->buffer->range_count == 0) {
        stream_buffer_give(pool, stream->buffer);
        stream->buffer = NULL;
    }
}

void stream_keep(struct stream_pool *pool, struct stream *stream)
{
    struct stream_view view = stream_peek(stream);
    if (view.length >= pool->stream_bytes_max) {
        close_stream(pool, stream);
        return;
    }
    struct stream_view direct = stream->direct;
    stream->direct = (struct stream_view){NULL, 0};
    if (direct.length > 0)
        hold(pool, stream, 0, direct.data, direct.length);
}

bool stream_skip_gap(struct stream_pool *pool, struct stream *stream)
{
    struct stream_buffer *buffer = stream->buffer;
    if (buffer == NULL)
        return false;
    unsigned before_gap = has_bytes_at_start(stream);
    if (buffer->range_count <= before_gap)
        return false;
    stream_buffer_drop(buffer, before_gap);
    stream->next_sequence = buffer->base + buffer->ranges[0].from;
    stream->has_gap = true;
    stream->segments_waiting = 0;
    stream_pool_note(pool, STREAM_GAP_SKIPPED);
    return true;
}
