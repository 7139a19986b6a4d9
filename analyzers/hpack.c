/*
 * HPACK decoding. The Huffman code of RFC 7541 is canonical: codes of one length are consecutive, in the order of their
 * symbols, so that the lengths of appendix B are the whole table.
 */
#include "hpack_internal.h"

#include "wire.h"

enum { SYMBOLS = 257, SYMBOL_END = 256, CODE_MAX = 30 };

static const uint8_t code_lengths[SYMBOLS] = {
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
    28, 28, 28, 6,  10, 10, 12, 13, 6,  8,  11, 10, 10, 8,  11, 8,  6,  6,  6,  5,  5,  5,  6,  6,  6,  6,  6,  6,  6,
    7,  8,  15, 6,  12, 10, 13, 6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
    7,  8,  7,  8,  13, 19, 13, 14, 6,  15, 5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,  6,  7,  6,  5,
    5,  6,  7,  7,  7,  7,  7,  15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24,
    24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22,
    23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26,
    27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23,
    22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
};

static const struct {
    const char *name, *value;
} static_table[] = {{":authority", ""},
                    {":method", "GET"},
                    {":method", "POST"},
                    {":path", "/"},
                    {":path", "/index.html"},
                    {":scheme", "http"},
                    {":scheme", "https"},
                    {":status", "200"},
                    {":status", "204"},
                    {":status", "206"},
                    {":status", "304"},
                    {":status", "400"},
                    {":status", "404"},
                    {":status", "500"},
                    {"accept-charset", ""},
                    {"accept-encoding", "gzip, deflate"},
                    {"accept-language", ""},
                    {"accept-ranges", ""},
                    {"accept", ""},
                    {"access-control-allow-origin", ""},
                    {"age", ""},
                    {"allow", ""},
                    {"authorization", ""},
                    {"cache-control", ""},
                    {"content-disposition", ""},
                    {"content-encoding", ""},
                    {"content-language", ""},
                    {"content-length", ""},
                    {"content-location", ""},
                    {"content-range", ""},
                    {"content-type", ""},
                    {"cookie", ""},
                    {"date", ""},
                    {"etag", ""},
                    {"expect", ""},
                    {"expires", ""},
                    {"from", ""},
                    {"host", ""},
                    {"if-match", ""},
                    {"if-modified-since", ""},
                    {"if-none-match", ""},
                    {"if-range", ""},
                    {"if-unmodified-since", ""},
                    {"last-modified", ""},
                    {"link", ""},
                    {"location", ""},
                    {"max-forwards", ""},
                    {"proxy-authenticate", ""},
                    {"proxy-authorization", ""},
                    {"range", ""},
                    {"referer", ""},
                    {"refresh", ""},
                    {"retry-after", ""},
                    {"server", ""},
                    {"set-cookie", ""},
                    {"strict-transport-security", ""},
                    {"transfer-encoding", ""},
                    {"user-agent", ""},
                    {"vary", ""},
                    {"via", ""},
                    {"www-authenticate", ""}};

enum { STATIC_ENTRIES = sizeof(static_table) / sizeof(*static_table) };

/** The symbol of the @p nth code among those of @p bits bits. */
static unsigned symbol_of(unsigned bits, uint32_t nth)
{
    for (unsigned symbol = 0; symbol < SYMBOLS; symbol++) {
        if (code_lengths[symbol] == bits && nth-- == 0)
            return symbol;
    }
    return SYMBOL_END;
}

static void count_lengths(uint16_t ret_counts[static CODE_MAX + 1])
{
    memset(ret_counts, 0, (CODE_MAX + 1) * sizeof(*ret_counts));
    for (unsigned symbol = 0; symbol < SYMBOLS; symbol++)
        ret_counts[code_lengths[symbol]]++;
}

bool hpack_huffman_decode(const uint8_t *data, size_t length, char *ret, size_t room, size_t *ret_length)
{
    uint16_t counts[CODE_MAX + 1];
    uint32_t code = 0, first = 0;
    unsigned bits = 0;
    bool is_padding = true; /* only ones since the last symbol */
    *ret_length = 0;
    count_lengths(counts);
    for (size_t i = 0; i < length * 8; i++) {
        unsigned bit = data[i / 8] >> (7 - i % 8) & 1;
        code = code << 1 | bit;
        is_padding = is_padding && bit == 1;
        bits++;
        first = bits == 1 ? 0 : (first + counts[bits - 1]) << 1;
        if (code - first < counts[bits]) {
            unsigned symbol = symbol_of(bits, code - first);
            if (symbol == SYMBOL_END)
                return false;
            if (*ret_length < room)
                ret[*ret_length] = (char)symbol;
            (*ret_length)++;
            code = first = 0;
            bits = 0;
            is_padding = true;
        } else if (bits == CODE_MAX) {
            return false;
        }
    }
    return bits < 8 && is_padding;
}

void hpack_init(struct hpack *hpack)
{
    hpack->limit = HPACK_TABLE_SIZE;
}

static size_t table_size(const struct hpack *hpack)
{
    return hpack->used + (size_t)hpack->count * HPACK_ENTRY_OVERHEAD;
}

/** Drops the oldest entries until @p room more bytes are under the limit. */
static void table_evict(struct hpack *hpack, size_t room)
{
    uint16_t dropped = 0, bytes = 0;
    size_t size = table_size(hpack);
    while (dropped < hpack->count && size + room > hpack->limit) {
        uint16_t entry = (uint16_t)(hpack->entry[dropped].name_length + hpack->entry[dropped].value_length);
        size -= entry + (size_t)HPACK_ENTRY_OVERHEAD;
        bytes = (uint16_t)(bytes + entry);
        dropped++;
    }
    if (dropped == 0)
        return;
    hpack->count = (uint16_t)(hpack->count - dropped);
    hpack->used = (uint16_t)(hpack->used - bytes);
    memmove(hpack->entry, hpack->entry + dropped, hpack->count * sizeof(*hpack->entry));
    memmove(hpack->text, hpack->text + bytes, hpack->used);
}

/** RFC 7541, 4.4: an entry bigger than the table empties it. */
static void table_add(struct hpack *hpack, struct text name, struct text value)
{
    size_t size = name.length + value.length + HPACK_ENTRY_OVERHEAD;
    table_evict(hpack, size);
    if (size > hpack->limit)
        return;
    memcpy(hpack->text + hpack->used, name.data, name.length);
    memcpy(hpack->text + hpack->used + name.length, value.data, value.length);
    hpack->entry[hpack->count].name_length = (uint16_t)name.length;
    hpack->entry[hpack->count].value_length = (uint16_t)value.length;
    hpack->count++;
    hpack->used = (uint16_t)(hpack->used + name.length + value.length);
}

/** @param index from 1: the static table, then the dynamic one, newest first. */
static bool table_get(const struct hpack *hpack, uint32_t index, struct text *ret_name, struct text *ret_value)
{
    if (index == 0 || index > STATIC_ENTRIES + (uint32_t)hpack->count)
        return false;
    if (index <= STATIC_ENTRIES) {
        *ret_name = text_of(static_table[index - 1].name);
        *ret_value = text_of(static_table[index - 1].value);
        return true;
    }
    unsigned wanted = hpack->count - (index - STATIC_ENTRIES);
    size_t at = 0;
    for (unsigned i = 0; i < wanted; i++)
        at += (size_t)hpack->entry[i].name_length + hpack->entry[i].value_length;
    *ret_name = (struct text){hpack->text + at, hpack->entry[wanted].name_length};
    *ret_value = (struct text){hpack->text + at + ret_name->length, hpack->entry[wanted].value_length};
    return true;
}

/** RFC 7541, 5.1; numbers from 2^24 on are refused. */
static uint32_t read_integer(struct wire *w, uint8_t first, unsigned prefix_bits)
{
    uint32_t most = (1u << prefix_bits) - 1, value = first & most;
    if (value < most)
        return value;
    for (unsigned shift = 0; shift <= 21; shift += 7) {
        uint8_t byte = wire_u8(w);
        value += (uint32_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            w->failed = w->failed || value >= 1u << 24;
            return value;
        }
    }
    w->failed = true;
    return 0;
}

/** Into @p room of HPACK_TEXT_MAX bytes when coded, else in place; cut there too. */
static struct text read_string(struct wire *w, char *room)
{
    uint8_t first = wire_u8(w);
    size_t length = read_integer(w, first, 7);
    const uint8_t *bytes = wire_bytes(w, length);
    if (bytes == NULL)
        return (struct text){"", 0};
    if ((first & 0x80) != 0) {
        if (!hpack_huffman_decode(bytes, length, room, HPACK_TEXT_MAX, &length)) {
            w->failed = true;
            return (struct text){"", 0};
        }
        bytes = (const uint8_t *)room;
    }
    return (struct text){(const char *)bytes, length < HPACK_TEXT_MAX ? length : HPACK_TEXT_MAX};
}

static bool read_literal(struct hpack *hpack, struct wire *w, uint32_t index, bool is_indexed, hpack_header *header,
                         void *context)
{
    char name_room[HPACK_TEXT_MAX], value_room[HPACK_TEXT_MAX];
    struct text name, unused;
    if (index == 0) {
        name = read_string(w, name_room);
    } else {
        if (!table_get(hpack, index, &name, &unused))
            return false;
        memcpy(name_room, name.data, name.length); /* adding may evict the entry the name stands in */
        name.data = name_room;
    }
    struct text value = read_string(w, value_room);
    if (w->failed)
        return false;
    header(context, name, value);
    if (is_indexed)
        table_add(hpack, name, value);
    return true;
}

static bool set_limit(struct hpack *hpack, uint32_t limit)
{
    if (limit > HPACK_TABLE_SIZE)
        return false;
    hpack->limit = (uint16_t)limit;
    table_evict(hpack, 0);
    return true;
}

bool hpack_decode(struct hpack *hpack, const uint8_t *data, size_t length, hpack_header *header, void *context)
{
    struct wire w = wire_of(data, length);
    while (w.left > 0) {
        uint8_t first = wire_u8(&w);
        bool is_good = true;
        if ((first & 0x80) != 0) { /* RFC 7541, 6.1: indexed field */
            struct text name, value;
            uint32_t index = read_integer(&w, first, 7);
            is_good = table_get(hpack, index, &name, &value);
            if (is_good)
                header(context, name, value);
        } else if ((first & 0x40) != 0) { /* 6.2.1: literal, added to the table */
            uint32_t index = read_integer(&w, first, 6);
            is_good = read_literal(hpack, &w, index, true, header, context);
        } else if ((first & 0x20) != 0) { /* 6.3: table size */
            is_good = set_limit(hpack, read_integer(&w, first, 5));
        } else { /* 6.2.2, 6.2.3: literal, not added */
            uint32_t index = read_integer(&w, first, 4);
            is_good = read_literal(hpack, &w, index, false, header, context);
        }
        if (!is_good || w.failed)
            return false;
    }
    return true;
}
