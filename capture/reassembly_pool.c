/*
 * The pool of stream buffers and the ranges inside one. Memory is asked for up to the cap and then only handed round;
 * buffers of a size nobody wants now are given back to the system when another size is needed and the cap is reached.
 */
#include "reassembly_internal.h"

#include <stdlib.h>
#include <string.h>

enum status stream_pool_new(size_t bytes_max, size_t stream_bytes_max, struct stream_pool **ret)
{
    const size_t longest = (size_t)256 << 20;
    if (bytes_max == 0 || stream_bytes_max == 0 || stream_bytes_max > longest)
        return STATUS_INVALID;
    struct stream_pool *pool = calloc(1, sizeof(*pool));
    if (pool == NULL)
        return STATUS_NO_MEMORY;
    pool->bytes_max = bytes_max;
    pool->stream_bytes_max = (uint32_t)stream_bytes_max;
    for (size_t size = STREAM_CLASS_SMALLEST; size < stream_bytes_max; size *= STREAM_CLASS_FACTOR)
        pool->classes[pool->class_count++].size = (uint32_t)size;
    pool->classes[pool->class_count++].size = (uint32_t)stream_bytes_max;
    *ret = pool;
    return STATUS_OK;
}

static size_t block_size(const struct stream_pool *pool, unsigned size_class)
{
    return sizeof(struct stream_buffer) + pool->classes[size_class].size;
}

static struct stream_buffer *pop_free(struct stream_pool *pool, unsigned size_class)
{
    struct stream_buffer *buffer = pool->classes[size_class].free;
    if (buffer != NULL)
        pool->classes[size_class].free = buffer->next;
    return buffer;
}

static void release_free(struct stream_pool *pool, unsigned size_class, size_t bytes_wanted)
{
    struct stream_buffer *buffer;
    while (pool->bytes_max - pool->bytes < bytes_wanted && (buffer = pop_free(pool, size_class)) != NULL) {
        pool->bytes -= block_size(pool, size_class);
        free(buffer);
    }
}

static struct stream_buffer *buffer_new(struct stream_pool *pool, unsigned size_class)
{
    size_t size = block_size(pool, size_class);
    for (unsigned other = 0; other < size_class; other++)
        release_free(pool, other, size);
    if (pool->bytes_max - pool->bytes < size)
        return NULL;
    struct stream_buffer *buffer = malloc(size);
    if (buffer == NULL)
        return NULL;
    buffer->size = pool->classes[size_class].size;
    buffer->size_class = (uint8_t)size_class;
    pool->bytes += size;
    if (pool->bytes > pool->bytes_peak)
        pool->bytes_peak = pool->bytes;
    return buffer;
}

/** The fitting size; at the cap a larger one that lies about, or room made by releasing smaller ones. */
static struct stream_buffer *find_buffer(struct stream_pool *pool, unsigned size_class)
{
    bool has_room = pool->bytes_max - pool->bytes >= block_size(pool, size_class);
    struct stream_buffer *buffer = pop_free(pool, size_class);
    for (unsigned larger = size_class + 1; buffer == NULL && !has_room && larger < pool->class_count; larger++)
        buffer = pop_free(pool, larger);
    return buffer != NULL ? buffer : buffer_new(pool, size_class);
}

struct stream_buffer *stream_buffer_take(struct stream_pool *pool, uint32_t size)
{
    unsigned size_class = 0;
    while (pool->classes[size_class].size < size)
        size_class++;
    struct stream_buffer *buffer = find_buffer(pool, size_class);
    if (buffer == NULL) {
        stream_pool_note(pool, STREAM_POOL_FULL);
        return NULL;
    }
    buffer->range_count = 0;
    return buffer;
}

void stream_buffer_give(struct stream_pool *pool, struct stream_buffer *buffer)
{
    if (buffer == NULL)
        return;
    buffer->next = pool->classes[buffer->size_class].free;
    pool->classes[buffer->size_class].free = buffer;
}

void stream_pool_free(struct stream_pool *pool)
{
    if (pool == NULL)
        return;
    struct stream_buffer *buffer;
    for (unsigned i = 0; i < pool->class_count; i++)
        while ((buffer = pop_free(pool, i)) != NULL)
            free(buffer);
    free(pool);
}

static const char *const event_names[STREAM_EVENTS] = {
    [STREAM_RETRANSMITTED] = "segments_retransmitted",
    [STREAM_OUT_OF_ORDER] = "segments_out_of_order",
    [STREAM_TOO_FAR_AHEAD] = "segments_too_far_ahead",
    [STREAM_TOO_MANY_PIECES] = "segments_in_too_many_pieces",
    [STREAM_POOL_FULL] = "segments_refused_pool_full",
    [STREAM_AT_CAP] = "streams_at_cap",
    [STREAM_GAP_SKIPPED] = "gaps_skipped",
    [STREAM_BEFORE_START] = "segments_before_start",
};

void stream_pool_note(struct stream_pool *pool, enum stream_event event)
{
    pool->counts[event]++;
    if (event >= STREAM_LOSS_FIRST && pool->refused != NULL)
        pool->refused(pool->refused_context, event_names[event]);
}

void stream_pool_tell(struct stream_pool *pool, void (*refused)(void *context, const char *reason), void *context)
{
    pool->refused = refused;
    pool->refused_context = context;
}

void stream_pool_count(const struct stream_pool *pool, counter_visit *visit, void *context)
{
    for (unsigned i = 0; i < STREAM_EVENTS; i++)
        visit(context, &(struct counter){"reassembly", event_names[i], pool->counts[i]});
    visit(context, &(struct counter){"reassembly", "bytes_peak", pool->bytes_peak});
}

/* --- ranges ----------------------------------------------------------------------------------------------------- */

/** Index of the first range that ends at @p from or later. */
static unsigned first_touching(const struct stream_buffer *buffer, uint32_t from)
{
    unsigned i = 0;
    while (i < buffer->range_count && buffer->ranges[i].to < from)
        i++;
    return i;
}

bool stream_buffer_accepts(const struct stream_buffer *buffer, uint32_t from, uint32_t to)
{
    unsigned i = first_touching(buffer, from);
    bool joins = i < buffer->range_count && buffer->ranges[i].from <= to;
    return joins || buffer->range_count < STREAM_RANGES_MAX;
}

/** Puts @p joined in place of the ranges @p first ... @p end (not included). */
static void replace_ranges(struct stream_buffer *buffer, unsigned first, unsigned end, struct stream_range joined)
{
    memmove(&buffer->ranges[first + 1], &buffer->ranges[end], (buffer->range_count - end) * sizeof(buffer->ranges[0]));
    buffer->ranges[first] = joined;
    buffer->range_count = (uint8_t)(buffer->range_count - (end - first) + 1);
}

void stream_buffer_fill(struct stream_buffer *buffer, uint32_t from, uint32_t to, const uint8_t *data)
{
    struct stream_range joined = {from, to};
    unsigned first = first_touching(buffer, from), end = first;
    uint32_t at = from; /* first byte that is not settled */
    for (; end < buffer->range_count && buffer->ranges[end].from <= to; end++) {
        struct stream_range there = buffer->ranges[end];
        if (at < there.from)
            memcpy(buffer->data + at, data + (at - from), there.from - at);
        at = there.to;
        joined.from = there.from < joined.from ? there.from : joined.from;
        joined.to = there.to > joined.to ? there.to : joined.to;
    }
    if (at < to)
        memcpy(buffer->data + at, data + (at - from), to - at);
    replace_ranges(buffer, first, end, joined);
}

void stream_buffer_move(struct stream_buffer *into, const struct stream_buffer *buffer, uint32_t start)
{
    unsigned count = buffer->range_count;
    uint32_t end = count > 0 ? buffer->ranges[count - 1].to : start;
    memmove(into->data, buffer->data + start, end - start);
    for (unsigned i = 0; i < count; i++)
        into->ranges[i] = (struct stream_range){buffer->ranges[i].from - start, buffer->ranges[i].to - start};
    into->range_count = (uint8_t)count;
    into->base = buffer->base + start;
}

void stream_buffer_drop(struct stream_buffer *buffer, unsigned count)
{
    buffer->range_count = (uint8_t)(buffer->range_count - count);
    memmove(buffer->ranges, buffer->ranges + count, buffer->range_count * sizeof(buffer->ranges[0]));
}
