/*
 * The input is a script of calls: one byte of operation, then what it needs. Bytes pushed are the script's own, so that
 * a read past a segment leaves the input.
 */
#include "reassembly.h"
#include "wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t sink; /* so that every byte shown is read */

static void look(const struct stream *stream)
{
    struct stream_view view = stream_peek(stream);
    for (size_t i = 0; i < view.length; i++)
        sink ^= view.data[i];
}

static void step(struct stream_pool *pool, struct stream *stream, struct wire *script)
{
    unsigned operation = wire_u8(script);
    if (operation < 200) { /* a segment near the next byte wanted, behind it or far from it */
        uint32_t distance = operation < 100   ? (uint32_t)(int8_t)wire_u8(script)
                            : operation < 180 ? wire_u16(script)
                                              : wire_u32(script);
        size_t length = wire_u8(script);
        if (length > script->left)
            length = script->left;
        stream_push(pool, stream, stream->next_sequence + distance, wire_bytes(script, length), length);
        look(stream);
        stream_take(pool, stream, operation % 4 == 0 ? 0 : operation % 4 == 1 ? SIZE_MAX : operation / 4);
        look(stream);
        stream_keep(pool, stream);
    } else if (operation < 230) {
        stream_take(pool, stream, operation - 200);
    } else if (operation < 235) {
        uint32_t earlier = 1u + wire_u8(script);
        if (stream_may_begin_earlier(stream))
            stream_begin_earlier(pool, stream, stream->start - earlier);
    } else if (operation < 250) {
        (void)stream_skip_gap(pool, stream);
    } else {
        stream_clear(pool, stream);
        if (operation < 253) /* else it starts at its next segment */
            stream_start(stream, wire_u32(script));
    }
    look(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire script = wire_of(data, size);
    struct stream streams[2] = {{0}};
    struct stream_pool *pool;
    if (stream_pool_new(16000, 9000, &pool) != STATUS_OK)
        abort();
    for (unsigned turn = 0; script.left > 0; turn++)
        step(pool, &streams[turn % 3 == 2], &script);
    for (unsigned i = 0; i < 2; i++)
        stream_clear(pool, &streams[i]);
    stream_pool_free(pool);
    return 0;
}
