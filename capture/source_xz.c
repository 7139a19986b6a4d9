/* xz by liblzma, which reads concatenated streams and their padding itself and so ends only once. */
#include "source_codec_internal.h"

#include <lzma.h>
#include <stdlib.h>

struct xz {
    lzma_stream stream;
    bool is_ended;
};

static void *xz_new(void)
{
    struct xz *xz = calloc(1, sizeof(*xz));
    if (xz == NULL)
        return NULL;
    xz->stream = (lzma_stream)LZMA_STREAM_INIT;
    if (lzma_stream_decoder(&xz->stream, CODEC_MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK) {
        free(xz);
        return NULL;
    }
    return xz;
}

static const char *xz_reason(lzma_ret result)
{
    switch (result) {
    case LZMA_MEM_ERROR:
        return "out of memory";
    case LZMA_MEMLIMIT_ERROR:
        return "a dictionary of more than 128 MiB";
    case LZMA_FORMAT_ERROR:
        return "not the xz format";
    case LZMA_OPTIONS_ERROR:
        return "unsupported options";
    default:
        return "bad data";
    }
}

static enum codec_result xz_run(void *state, struct codec_window *window)
{
    struct xz *xz = state;
    if (xz->is_ended)
        return CODEC_MEMBER;
    xz->stream.next_in = window->in;
    xz->stream.avail_in = window->in_left;
    xz->stream.next_out = window->out;
    xz->stream.avail_out = window->out_left;
    lzma_ret result = lzma_code(&xz->stream, window->in_is_last ? LZMA_FINISH : LZMA_RUN);
    window->in = xz->stream.next_in;
    window->in_left = xz->stream.avail_in;
    window->out = xz->stream.next_out;
    window->out_left = xz->stream.avail_out;
    if (result == LZMA_STREAM_END) {
        xz->is_ended = true;
        return CODEC_MEMBER;
    }
    if (result == LZMA_OK || result == LZMA_BUF_ERROR)
        return CODEC_MORE;
    window->reason = xz_reason(result);
    return CODEC_DAMAGED;
}

static void xz_free(void *state)
{
    struct xz *xz = state;
    if (xz == NULL)
        return;
    lzma_end(&xz->stream);
    free(xz);
}

const struct codec codec_xz = {"xz", xz_new, xz_run, xz_free};
