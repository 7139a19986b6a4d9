/*
 * Header blocks of one direction: a byte of length, and so many bytes; and so on. Texts must lie within their bound,
 * and the table within its size. What stands in a block is also read as Huffman code.
 */
#include "hpack_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void touch(void *context, struct text name, struct text value)
{
    unsigned *sum = context;
    if (name.length > HPACK_TEXT_MAX || value.length > HPACK_TEXT_MAX)
        abort();
    for (size_t i = 0; i < name.length; i++)
        *sum += (uint8_t)name.data[i];
    for (size_t i = 0; i < value.length; i++)
        *sum += (uint8_t)value.data[i];
}

static void check_table(const struct hpack *hpack)
{
    size_t used = 0;
    for (size_t i = 0; i < hpack->count; i++)
        used += (size_t)hpack->entry[i].name_length + hpack->entry[i].value_length;
    if (used != hpack->used || used + hpack->count * HPACK_ENTRY_OVERHEAD > hpack->limit)
        abort();
}

static bool read_block(struct hpack *hpack, const uint8_t *data, size_t size)
{
    char room[64];
    size_t length;
    unsigned sum = 0;
    uint8_t *exact = malloc(size > 0 ? size : 1); /* so that ASan sees one byte too far */
    if (exact == NULL)
        abort();
    memcpy(exact, data, size);
    bool is_good = hpack_decode(hpack, exact, size, touch, &sum);
    (void)hpack_huffman_decode(exact, size, room, sizeof(room), &length);
    free(exact);
    return is_good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hpack hpack;
    memset(&hpack, 0, sizeof(hpack));
    hpack_init(&hpack);
    while (size > 0) {
        size_t length = data[0] < size - 1 ? data[0] : size - 1;
        if (!read_block(&hpack, data + 1, length))
            break;
        data += 1 + length;
        size -= 1 + length;
    }
    check_table(&hpack);
    return 0;
}
