#include "paths/byte_stream_internal.h"

#include <bzlib.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { BUFFER_SIZE = 1 << 16, MAGIC_SIZE = 4 };

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_BZIP2 };

struct byte_stream {
    int fd; /* -1: all bytes are in `in` already */
    enum packing packing;
    const uint8_t *in; /* packed bytes not used yet */
    size_t in_left;
    bool is_unpacking; /* inside a packed part, whose state must be ended */
    z_stream gzip;
    bz_stream bzip2;
    uint64_t offset;
    const char *damage;
    uint8_t buffer[BUFFER_SIZE];
};

/** Reads more packed bytes when none are left. @return false at the end of the file. */
static bool refill(struct byte_stream *s)
{
    if (s->in_left > 0)
        return true;
    if (s->fd < 0)
        return false;
    ssize_t got;
    do
        got = read(s->fd, s->buffer, BUFFER_SIZE);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        s->damage = "the file cannot be read further";
    s->in = s->buffer;
    s->in_left = got > 0 ? (size_t)got : 0;
    return s->in_left > 0;
}

static enum packing packing_of(const uint8_t *magic, size_t length)
{
    if (length >= 2 && magic[0] == 0x1f && magic[1] == 0x8b)
        return PACKING_GZIP;
    return length >= MAGIC_SIZE && memcmp(magic, "BZh", 3) == 0 && magic[3] >= '1' && magic[3] <= '9' ? PACKING_BZIP2
                                                                                                      : PACKING_NONE;
}

/** A pipe may give the first bytes one by one. */
static void look_at_start(struct byte_stream *s)
{
    size_t have = 0;
    for (ssize_t got; have < MAGIC_SIZE; have += (size_t)got) {
        got = read(s->fd, s->buffer + have, BUFFER_SIZE - have);
        if (got < 0 && errno == EINTR)
            got = 0;
        else if (got <= 0)
            break;
    }
    s->in = s->buffer;
    s->in_left = have;
    s->packing = packing_of(s->buffer, have);
}

enum status byte_stream_open(const char *path, struct byte_stream **ret, struct error *error)
{
    struct byte_stream *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return error_set(error, STATUS_NO_MEMORY, "%s: no memory to read it", path);
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0) {
        int code = errno;
        free(s);
        return error_set(error, STATUS_IO, "%s: cannot be read: %s", path, strerror(code));
    }
    look_at_start(s);
    *ret = s;
    return STATUS_OK;
}

struct byte_stream *byte_stream_of(const uint8_t *bytes, size_t length)
{
    struct byte_stream *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    s->fd = -1;
    s->in = bytes;
    s->in_left = length;
    s->packing = packing_of(bytes, length);
    return s;
}

static void end_part(struct byte_stream *s)
{
    if (s->is_unpacking && s->packing == PACKING_GZIP)
        inflateEnd(&s->gzip);
    else if (s->is_unpacking)
        BZ2_bzDecompressEnd(&s->bzip2);
    s->is_unpacking = false;
}

void byte_stream_close(struct byte_stream *s)
{
    if (s == NULL)
        return;
    end_part(s);
    if (s->fd >= 0)
        close(s->fd);
    free(s);
}

static bool begin_part(struct byte_stream *s)
{
    memset(&s->gzip, 0, sizeof(s->gzip));
    memset(&s->bzip2, 0, sizeof(s->bzip2));
    s->is_unpacking = s->packing == PACKING_GZIP ? inflateInit2(&s->gzip, 15 + 16) == Z_OK
                                                 : BZ2_bzDecompressInit(&s->bzip2, 0, 0) == BZ_OK;
    if (!s->is_unpacking)
        s->damage = "no memory to unpack it";
    return s->is_unpacking;
}

/** One step of a packed part. @return bytes written; sets is_unpacking to false at its end, damage when it is broken.
 */
static size_t inflate_some(struct byte_stream *s, uint8_t *ret, size_t length)
{
    union {
        const uint8_t *given;
        Bytef *wanted;
    } in = {s->in}; /* the library's type lacks a const; it only reads */
    s->gzip.next_in = in.wanted;
    s->gzip.avail_in = (uInt)(s->in_left < BUFFER_SIZE ? s->in_left : BUFFER_SIZE);
    s->gzip.next_out = ret;
    s->gzip.avail_out = (uInt)(length < BUFFER_SIZE ? length : BUFFER_SIZE);
    size_t in_before = s->gzip.avail_in, out_before = s->gzip.avail_out;
    int code = inflate(&s->gzip, Z_NO_FLUSH);
    s->in += in_before - s->gzip.avail_in;
    s->in_left -= in_before - s->gzip.avail_in;
    size_t got = out_before - s->gzip.avail_out;
    if (code == Z_STREAM_END)
        end_part(s);
    else if (code != Z_OK && code != Z_BUF_ERROR)
        s->damage = "the gzip data is damaged";
    return got;
}

static size_t bunzip_some(struct byte_stream *s, uint8_t *ret, size_t length)
{
    union {
        const uint8_t *given;
        uint8_t *read_only;
        char *wanted;
    } in = {s->in}, out = {.read_only = ret};
    s->bzip2.next_in = in.wanted;
    s->bzip2.avail_in = (unsigned)(s->in_left < BUFFER_SIZE ? s->in_left : BUFFER_SIZE);
    s->bzip2.next_out = out.wanted;
    s->bzip2.avail_out = (unsigned)(length < BUFFER_SIZE ? length : BUFFER_SIZE);
    size_t in_before = s->bzip2.avail_in, out_before = s->bzip2.avail_out;
    int code = BZ2_bzDecompress(&s->bzip2);
    s->in += in_before - s->bzip2.avail_in;
    s->in_left -= in_before - s->bzip2.avail_in;
    size_t got = out_before - s->bzip2.avail_out;
    if (code == BZ_STREAM_END)
        end_part(s);
    else if (code != BZ_OK)
        s->damage = "the bzip2 data is damaged";
    return got;
}

static size_t unpack_some(struct byte_stream *s, uint8_t *ret, size_t length)
{
    bool has_input = refill(s);
    if (!s->is_unpacking && (!has_input || !begin_part(s)))
        return 0;
    size_t got = s->packing == PACKING_GZIP ? inflate_some(s, ret, length) : bunzip_some(s, ret, length);
    if (got == 0 && s->is_unpacking && !has_input && s->damage == NULL)
        s->damage = s->packing == PACKING_GZIP ? "the gzip data ends early" : "the bzip2 data ends early";
    return got;
}

static size_t copy_some(struct byte_stream *s, uint8_t *ret, size_t length)
{
    if (!refill(s))
        return 0;
    size_t count = s->in_left < length ? s->in_left : length;
    memcpy(ret, s->in, count);
    s->in += count;
    s->in_left -= count;
    return count;
}

size_t byte_stream_read(struct byte_stream *s, uint8_t *ret, size_t length)
{
    size_t have = 0;
    while (have < length && s->damage == NULL) {
        size_t got = s->packing == PACKING_NONE ? copy_some(s, ret + have, length - have)
                                                : unpack_some(s, ret + have, length - have);
        have += got;
        if (got == 0 && !s->is_unpacking && !refill(s))
            break;
    }
    s->offset += have;
    return have;
}

uint64_t byte_stream_offset(const struct byte_stream *s)
{
    return s->offset;
}

const char *byte_stream_damage(const struct byte_stream *s)
{
    return s->damage;
}
