#include "bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void give_up(const char *what, const char *on_what)
{
    fprintf(stderr, "make_scenarios: %s: %s\n", on_what, what);
    exit(1);
}

static void reserve(struct bytes *b, size_t more)
{
    if (b->length + more <= b->room)
        return;
    b->room = (b->length + more) * 2;
    b->data = realloc(b->data, b->room);
    if (b->data == NULL)
        give_up("no memory", "bytes");
}

void bytes_add(struct bytes *b, const void *data, size_t length)
{
    if (length == 0)
        return;
    reserve(b, length);
    memcpy(b->data + b->length, data, length);
    b->length += length;
}

void bytes_add_text(struct bytes *b, const char *text)
{
    bytes_add(b, text, strlen(text));
}

void bytes_add_u8(struct bytes *b, unsigned value)
{
    uint8_t octet = (uint8_t)value;
    bytes_add(b, &octet, 1);
}

void bytes_add_u16(struct bytes *b, unsigned value)
{
    bytes_add_u8(b, value >> 8);
    bytes_add_u8(b, value);
}

void bytes_add_u32(struct bytes *b, uint32_t value)
{
    bytes_add_u16(b, value >> 16);
    bytes_add_u16(b, value & 0xffff);
}

void bytes_add_noise(struct bytes *b, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes_add_u8(b, seed >> 24);
    }
}

void bytes_splice(struct bytes *b, size_t at, size_t removed, const void *data, size_t length)
{
    reserve(b, length);
    memmove(b->data + at + length, b->data + at + removed, b->length - at - removed);
    if (length > 0)
        memcpy(b->data + at, data, length);
    b->length = b->length - removed + length;
}

void bytes_free(struct bytes *b)
{
    free(b->data);
    *b = (struct bytes){0};
}
