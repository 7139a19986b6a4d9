#include "source_codec_internal.h"

#include <string.h>

static const struct {
    uint8_t length, magic[CODEC_MAGIC_MAX];
    const struct codec *codec;
} magics[] = {
    {3, {0x1f, 0x8b, 0x08}, &codec_gzip},             /* RFC 1952, 2.3.1: method 8 is the only one */
    {4, {0x28, 0xb5, 0x2f, 0xfd}, &codec_zstd},       /* RFC 8878, 3.1.1 */
    {4, {0x50, 0x2a, 0x4d, 0x18}, &codec_zstd},       /* skippable frame in front, as pzstd writes */
    {6, {0xfd, '7', 'z', 'X', 'Z', 0x00}, &codec_xz}, /* xz file format, 2.1.1.1 */
    {4, {0x04, 0x22, 0x4d, 0x18}, &codec_lz4},        /* LZ4 frame format, general structure */
};

const struct codec *codec_of(const uint8_t *first, size_t length)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
        if (length >= magics[i].length && memcmp(first, magics[i].magic, magics[i].length) == 0)
            return magics[i].codec;
    return NULL;
}
