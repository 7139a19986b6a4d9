/*
 * The bytes of one capture, decompressed, seen through a window that slides over one buffer: bytes_need() shows the
 * next n of them in one piece. Files, pipes and compressed data look the same to a reader.
 *
 * Plain files are read with pread() into the buffer, not mapped. Measured on a 1 GiB capture in the page cache (1.8
 * million packets, headers touched): 48 to 59 ns a packet by pread() into 256 KiB to 1 MiB, 104 to 117 ns by any kind
 * of mmap(), since the copy leaves the headers in the CPU's cache and no page is ever faulted in. It also cannot raise
 * SIGBUS when somebody cuts the file meanwhile, and 20 GB take no more memory than 20 KB.
 */
#ifndef BORDERTAP_CAPTURE_SOURCE_BYTES_INTERNAL_H
#define BORDERTAP_CAPTURE_SOURCE_BYTES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "status.h"

enum {
    BYTES_WINDOW = 256 << 10,                 /* usual size of the buffer */
    BYTES_NEED_MAX = (16 << 20) + (64 << 10), /* most that can be asked for in one piece: the buffer grows to it */
};

struct bytes {
    const uint8_t *at, *end; /* in the buffer, not yet taken: the hot pair */
    uint64_t end_offset;     /* of `end` in the decompressed capture */
    uint8_t *buffer;
    size_t room;
    bool is_ended;     /* nothing follows `end` */
    bool is_stream;    /* a pipe: waiting for more bytes may take long */
    char failure[192]; /* why it ended before its time; "" for a clean end */
};

/**
 * @param path "-" is standard input. Borrowed, must outlive @p ret.
 * @param hold_descriptor false: regular files are opened for each refill only, so that thousands can be read at once.
 * @return STATUS_OK, or negative with the reason in @p error, without the file's name.
 */
enum status bytes_open(const char *path, bool hold_descriptor, struct bytes **ret, struct error *error);

bool bytes_fill(struct bytes *bytes, size_t n);

/** @return the next @p n bytes, good until the next call; NULL when fewer are left: see bytes_left() and `failure`. */
static inline const uint8_t *bytes_need(struct bytes *bytes, size_t n)
{
    if ((size_t)(bytes->end - bytes->at) >= n || bytes_fill(bytes, n))
        return bytes->at;
    return NULL;
}

static inline void bytes_take(struct bytes *bytes, size_t n)
{
    bytes->at += n;
}

/** Takes @p n bytes that need not fit the buffer. @return false when the capture ends before. */
bool bytes_skip(struct bytes *bytes, uint64_t n);

static inline size_t bytes_left(const struct bytes *bytes)
{
    return (size_t)(bytes->end - bytes->at);
}

static inline uint64_t bytes_offset(const struct bytes *bytes)
{
    return bytes->end_offset - bytes_left(bytes);
}

/** Name of the compression, or NULL. */
const char *bytes_compression(const struct bytes *bytes);

/** Bytes read of the file as stored. */
uint64_t bytes_stored_read(const struct bytes *bytes);

void bytes_close(struct bytes *bytes);

#endif
