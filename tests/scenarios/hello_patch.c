#include "hello_patch.h"

enum { RECORD_HEADER = 5, HANDSHAKE_HEADER = 4, CLIENT_HELLO = 1 };

/* Place of the two bytes that give the length of all extensions. */
static size_t extensions_at(const struct bytes *stream)
{
    size_t at = RECORD_HEADER + HANDSHAKE_HEADER + 2 + 32;
    at += 1U + stream->data[at];
    if (stream->data[RECORD_HEADER] != CLIENT_HELLO)
        return at + 3;
    at += 2 + get_u16(stream->data + at);
    return at + 1 + stream->data[at];
}

static void add_to_u16(uint8_t *p, long change)
{
    put_u16(p, (unsigned)((long)get_u16(p) + change));
}

static void grow(struct bytes *stream, long change)
{
    add_to_u16(stream->data + 3, change);
    add_to_u16(stream->data + RECORD_HEADER + 2, change);
    add_to_u16(stream->data + extensions_at(stream), change);
}

/* @return where the extension's type stands, or the end of the extensions. */
static size_t find_extension(const struct bytes *stream, unsigned type)
{
    size_t at = extensions_at(stream), end = at + 2 + get_u16(stream->data + at);
    for (at += 2; at < end && get_u16(stream->data + at) != type;)
        at += 4 + get_u16(stream->data + at + 2);
    return at;
}

void hello_remove_extension(struct bytes *stream, unsigned type)
{
    size_t at = find_extension(stream, type), list = extensions_at(stream);
    if (at == list + 2 + get_u16(stream->data + list))
        return;
    size_t size = 4 + get_u16(stream->data + at + 2);
    bytes_splice(stream, at, size, NULL, 0);
    grow(stream, -(long)size);
}

void hello_set_extension(struct bytes *stream, unsigned type, const struct bytes *content)
{
    struct bytes extension = {0};
    hello_remove_extension(stream, type);
    bytes_add_u16(&extension, type);
    bytes_add_u16(&extension, (unsigned)content->length);
    bytes_add(&extension, content->data, content->length);
    bytes_splice(stream, extensions_at(stream) + 2, 0, extension.data, extension.length);
    grow(stream, (long)extension.length);
    bytes_free(&extension);
}

void hello_set_cipher(struct bytes *stream, unsigned cipher)
{
    size_t at = RECORD_HEADER + HANDSHAKE_HEADER + 2 + 32;
    put_u16(stream->data + at + 1 + stream->data[at], cipher);
}

void hello_split_records(struct bytes *stream, size_t size)
{
    size_t length = get_u16(stream->data + 3);
    struct bytes records = {0};
    for (size_t at = 0; at < length; at += size) {
        size_t part = length - at < size ? length - at : size;
        bytes_add(&records, stream->data, 3);
        bytes_add_u16(&records, (unsigned)part);
        bytes_add(&records, stream->data + RECORD_HEADER + at, part);
    }
    bytes_splice(stream, 0, RECORD_HEADER + length, records.data, records.length);
    bytes_free(&records);
}
