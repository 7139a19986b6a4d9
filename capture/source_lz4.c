/* LZ4 frames. The library begins the next frame by itself. */
#include "source_codec_internal.h"

#include <lz4frame.h>

static void *lz4_new(void)
{
    LZ4F_dctx *context = NULL;
    return LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) ? NULL : context;
}

static enum codec_result lz4_run(void *state, struct codec_window *window)
{
    size_t used = window->in_left, written = window->out_left;
    size_t hint = LZ4F_decompress(state, window->out, &written, window->in, &used, NULL);
    if (LZ4F_isError(hint)) {
        window->reason = LZ4F_getErrorName(hint);
        return CODEC_DAMAGED;
    }
    window->in += used;
    window->in_left -= used;
    window->out += written;
    window->out_left -= written;
    return hint == 0 ? CODEC_MEMBER : CODEC_MORE;
}

static void lz4_free(void *state)
{
    LZ4F_freeDecompressionContext(state);
}

const struct codec codec_lz4 = {"lz4", lz4_new, lz4_run, lz4_free};
