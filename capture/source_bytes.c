#include "source_bytes_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source_codec_internal.h"
#include "source_raw_internal.h"

enum {
    STORED_WINDOW = 64 << 10, /* compressed input */
    FIRST_WINDOW = 16 << 10,  /* many files are opened only to see their first packet, or are short */
};

/* The window that callers hold, and what is below it: the file, and the codec when it is compressed. */
struct bytes_file {
    struct bytes bytes; /* first, so that one pointer serves for both */
    struct raw_file raw;
    const struct codec *codec; /* NULL: plain */
    void *codec_state;
    struct codec_window window; /* `in` points into stored */
    uint8_t *stored;            /* STORED_WINDOW bytes, only with a codec */
    bool is_between_members;
};

static struct bytes_file *file_of(struct bytes *bytes)
{
    return (struct bytes_file *)bytes;
}

static const struct bytes_file *file_of_const(const struct bytes *bytes)
{
    return (const struct bytes_file *)bytes;
}

static void fail_reading(struct bytes_file *file, const char *reason)
{
    snprintf(file->bytes.failure, sizeof(file->bytes.failure), "reading stopped after %llu stored bytes: %s",
             (unsigned long long)file->raw.offset, reason);
}

/* Stored bytes into @p ret. @return 0 at the end, with failure set when it is none. */
static size_t read_stored(struct bytes_file *file, uint8_t *ret, size_t room)
{
    const char *reason = NULL;
    ssize_t got = raw_read(&file->raw, ret, room, &reason);
    if (got >= 0)
        return (size_t)got;
    fail_reading(file, reason);
    return 0;
}

static void refill_codec(struct bytes_file *file)
{
    if (file->window.in_left > 0 || file->window.in_is_last)
        return;
    file->window.in = file->stored;
    file->window.in_left = read_stored(file, file->stored, STORED_WINDOW);
    file->window.in_is_last = file->window.in_left == 0;
}

/* Decompressed bytes into @p ret. @return 0 at the end, with failure set when it is none. */
static size_t read_decoded(struct bytes_file *file, uint8_t *ret, size_t room)
{
    struct codec_window *window = &file->window;
    window->out = ret;
    window->out_left = room;
    for (;;) {
        refill_codec(file);
        if (window->in_is_last && (file->is_between_members || file->bytes.failure[0] != '\0'))
            return 0;
        enum codec_result result = file->codec->run(file->codec_state, window);
        file->is_between_members = result == CODEC_MEMBER;
        if (result == CODEC_DAMAGED)
            snprintf(file->bytes.failure, sizeof(file->bytes.failure), "the %s data are damaged here: %s",
                     file->codec->name, window->reason);
        if (window->out_left < room || result == CODEC_DAMAGED)
            return room - window->out_left;
        if (result == CODEC_MORE && window->in_is_last) {
            snprintf(file->bytes.failure, sizeof(file->bytes.failure), "the %s data are cut here", file->codec->name);
            return 0;
        }
    }
}

static size_t read_some(struct bytes_file *file, uint8_t *ret, size_t room)
{
    if (file->codec != NULL)
        return read_decoded(file, ret, room);
    return read_stored(file, ret, room);
}

/* Moves what is left to the front, in a larger buffer when @p n bytes would not fit or the file turns out long. */
static bool make_room(struct bytes *bytes, size_t n)
{
    size_t left = bytes_left(bytes);
    if (n < BYTES_WINDOW && bytes->end_offset >= FIRST_WINDOW)
        n = BYTES_WINDOW;
    if (n <= bytes->room) {
        if (left > 0 && bytes->at != bytes->buffer)
            memmove(bytes->buffer, bytes->at, left);
    } else {
        size_t room = bytes->room;
        while (room < n)
            room *= 2;
        uint8_t *grown = malloc(room);
        if (grown == NULL)
            return false;
        memcpy(grown, bytes->at, left);
        free(bytes->buffer);
        bytes->buffer = grown;
        bytes->room = room;
    }
    bytes->at = bytes->buffer;
    bytes->end = bytes->buffer + left;
    return true;
}

bool bytes_fill(struct bytes *bytes, size_t n)
{
    if (bytes->is_ended || n > BYTES_NEED_MAX)
        return false;
    while (bytes_left(bytes) < n && !bytes->is_ended) {
        size_t have = bytes_left(bytes), most = have < FIRST_WINDOW ? FIRST_WINDOW : 2 * have;
        if (!make_room(bytes, n < most ? n : most)) { /* a length alone, perhaps damaged, takes no memory */
            snprintf(bytes->failure, sizeof(bytes->failure), "no memory for a piece of %zu bytes", n);
            bytes->is_ended = true;
            return false;
        }
        size_t got = read_some(file_of(bytes), bytes->buffer + have, bytes->room - have);
        bytes->end += got;
        bytes->end_offset += got;
        bytes->is_ended = got == 0 || bytes->failure[0] != '\0';
    }
    return bytes_left(bytes) >= n;
}

bool bytes_skip(struct bytes *bytes, uint64_t n)
{
    while (n > bytes_left(bytes)) {
        n -= bytes_left(bytes);
        bytes->at = bytes->end;
        if (!bytes_fill(bytes, 1))
            return false;
    }
    bytes->at += n;
    return true;
}

/* Reads the first bytes to see whether the file is compressed; they go to the codec's input or to the window. */
static enum status start(struct bytes_file *file, struct error *error)
{
    uint8_t first[CODEC_MAGIC_MAX];
    size_t have = 0, got = 1;
    while (have < sizeof(first) && got > 0)
        have += got = read_stored(file, first + have, sizeof(first) - have);
    if (file->bytes.failure[0] != '\0')
        return error_set(error, STATUS_IO, "%s; check the file and its disk", file->bytes.failure);
    file->bytes.is_stream = file->raw.is_stream;
    file->codec = codec_of(first, have);
    file->bytes.room = FIRST_WINDOW;
    file->bytes.buffer = malloc(FIRST_WINDOW);
    if (file->codec != NULL) {
        file->codec_state = file->codec->new ();
        file->stored = malloc(STORED_WINDOW);
    }
    if (file->bytes.buffer == NULL || (file->codec && (file->codec_state == NULL || file->stored == NULL)))
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    uint8_t *to = file->codec ? file->stored : file->bytes.buffer;
    memcpy(to, first, have);
    file->window = (struct codec_window){.in = to, .in_left = file->codec ? have : 0};
    file->bytes.at = file->bytes.buffer;
    file->bytes.end = file->bytes.buffer + (file->codec ? 0 : have);
    file->bytes.end_offset = bytes_left(&file->bytes);
    return STATUS_OK;
}

enum status bytes_open(const char *path, bool hold_descriptor, struct bytes **ret, struct error *error)
{
    struct bytes_file *file = calloc(1, sizeof(*file));
    if (file == NULL)
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    file->raw.descriptor = -1;
    enum status status = raw_open(&file->raw, path, hold_descriptor, error);
    if (status == STATUS_OK)
        status = start(file, error);
    if (status != STATUS_OK) {
        bytes_close(&file->bytes);
        return status;
    }
    *ret = &file->bytes;
    return STATUS_OK;
}

const char *bytes_compression(const struct bytes *bytes)
{
    const struct codec *codec = file_of_const(bytes)->codec;
    return codec ? codec->name : NULL;
}

uint64_t bytes_stored_read(const struct bytes *bytes)
{
    return file_of_const(bytes)->raw.offset;
}

void bytes_close(struct bytes *bytes)
{
    if (bytes == NULL)
        return;
    struct bytes_file *file = file_of(bytes);
    if (file->codec != NULL)
        file->codec->free(file->codec_state);
    free(file->stored);
    free(bytes->buffer);
    raw_close(&file->raw);
    free(file);
}
