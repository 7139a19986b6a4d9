/*
 * A compression format: one constant table row, one file with the library's name in it. Input and output are windows,
 * so that a capture of any size, or a bomb, passes through constant memory.
 */
#ifndef BORDERTAP_CAPTURE_SOURCE_CODEC_INTERNAL_H
#define BORDERTAP_CAPTURE_SOURCE_CODEC_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum codec_result {
    CODEC_MORE,   /* wants more input or more room */
    CODEC_MEMBER, /* one member (frame, stream) is complete; the next call begins another */
    CODEC_DAMAGED,
};

struct codec_window {
    const uint8_t *in; /* moved past what was used */
    size_t in_left;
    bool in_is_last; /* no input follows after in_left */
    uint8_t *out;    /* moved past what was written */
    size_t out_left;
    const char *reason; /* set with CODEC_DAMAGED; constant or the library's own */
};

struct codec {
    const char *name;
    void *(*new)(void); /* NULL: no memory */
    enum codec_result (*run)(void *state, struct codec_window *window);
    void (*free)(void *state);
};

extern const struct codec codec_gzip, codec_zstd, codec_xz, codec_lz4;

enum { CODEC_MAGIC_MAX = 6, CODEC_MEMORY_MAX = 128 << 20 /* bytes a stream may ask for its dictionary */ };

/** The codec whose data begin with these bytes, or NULL. */
const struct codec *codec_of(const uint8_t *first, size_t length);

#endif
