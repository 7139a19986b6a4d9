/* zstd. The library steps over skippable frames and from one frame to the next by itself. */
#include "source_codec_internal.h"

#include <zstd.h>

enum { WINDOW_LOG_MAX = 27 };
_Static_assert(1 << WINDOW_LOG_MAX == CODEC_MEMORY_MAX, "the cap on memory holds");

static void *zstd_new(void)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    if (stream != NULL && ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
        ZSTD_freeDStream(stream);
        return NULL;
    }
    return stream;
}

static enum codec_result zstd_run(void *state, struct codec_window *window)
{
    ZSTD_inBuffer in = {window->in, window->in_left, 0};
    ZSTD_outBuffer out = {window->out, window->out_left, 0};
    size_t hint = ZSTD_decompressStream(state, &out, &in);
    window->in += in.pos;
    window->in_left -= in.pos;
    window->out += out.pos;
    window->out_left -= out.pos;
    if (ZSTD_isError(hint)) {
        window->reason = ZSTD_getErrorName(hint);
        return CODEC_DAMAGED;
    }
    return hint == 0 ? CODEC_MEMBER : CODEC_MORE;
}

static void zstd_free(void *state)
{
    ZSTD_freeDStream(state);
}

const struct codec codec_zstd = {"zstd", zstd_new, zstd_run, zstd_free};
