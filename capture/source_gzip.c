/* gzip by zlib. Members follow each other (RFC 1952, 2.2): rotated logs are often put together with cat. */
#include "source_codec_internal.h"

#include <stdlib.h>
#include <zlib.h>

struct gzip {
    z_stream stream;
    bool between_members;
};

enum { GZIP_WINDOW = 15 + 16 }; /* largest window, gzip header and trailer */

static void *gzip_new(void)
{
    struct gzip *gzip = calloc(1, sizeof(*gzip));
    if (gzip != NULL && inflateInit2(&gzip->stream, GZIP_WINDOW) != Z_OK) {
        free(gzip);
        return NULL;
    }
    return gzip;
}

static uInt clamp(size_t n)
{
    return n > UINT32_MAX ? UINT32_MAX : (uInt)n;
}

/* What tapes and block devices fill the last block with, and gzip(1) ignores. */
static bool skip_padding(struct codec_window *window)
{
    for (; window->in_left > 0 && *window->in == 0; window->in++)
        window->in_left--;
    return window->in_left > 0;
}

static enum codec_result gzip_run(void *state, struct codec_window *window)
{
    struct gzip *gzip = state;
    z_stream *z = &gzip->stream;
    if (gzip->between_members && !skip_padding(window))
        return CODEC_MEMBER;
    if (gzip->between_members && inflateReset(z) != Z_OK) {
        window->reason = "zlib cannot start over";
        return CODEC_DAMAGED;
    }
    gzip->between_members = false;
    z->next_in = (Bytef *)(uintptr_t)window->in; /* zlib does not write there */
    z->avail_in = clamp(window->in_left);
    z->next_out = window->out;
    z->avail_out = clamp(window->out_left);
    int result = inflate(z, Z_NO_FLUSH);
    window->in_left -= (size_t)(z->next_in - window->in);
    window->in = z->next_in;
    window->out_left -= (size_t)(z->next_out - window->out);
    window->out = z->next_out;

    if (result == Z_STREAM_END) {
        gzip->between_members = true;
        return CODEC_MEMBER;
    }
    if (result == Z_OK || result == Z_BUF_ERROR)
        return CODEC_MORE;
    window->reason = z->msg ? z->msg : result == Z_MEM_ERROR ? "out of memory" : "bad data";
    return CODEC_DAMAGED;
}

static void gzip_free(void *state)
{
    struct gzip *gzip = state;
    if (gzip == NULL)
        return;
    inflateEnd(&gzip->stream);
    free(gzip);
}

const struct codec codec_gzip = {"gzip", gzip_new, gzip_run, gzip_free};
