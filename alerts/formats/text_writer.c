#include "text_writer_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_ROOM = 2048, NOT_UTF8 = 0 };

void text_reset(struct text_writer *w)
{
    w->length = 0;
    w->failed = false;
}

void text_clear(struct text_writer *w)
{
    free(w->data);
    *w = (struct text_writer){0};
}

static bool reserve(struct text_writer *w, size_t more)
{
    if (w->failed || w->room - w->length >= more)
        return !w->failed;
    size_t room = w->room ? w->room : FIRST_ROOM;
    while (room - w->length < more && room < SIZE_MAX / 2)
        room *= 2;
    char *data = room - w->length < more ? NULL : realloc(w->data, room);
    if (data == NULL) {
        w->failed = true;
        return false;
    }
    w->data = data;
    w->room = room;
    return true;
}

static void put_bytes(struct text_writer *w, const char *bytes, size_t length)
{
    if (!reserve(w, length))
        return;
    memcpy(w->data + w->length, bytes, length);
    w->length += length;
}

void text_print(struct text_writer *w, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length > 0 && reserve(w, (size_t)length + 1)) { /* one more for the terminator, which is written over */
        vsnprintf(w->data + w->length, (size_t)length + 1, format, again);
        w->length += (size_t)length;
    }
    va_end(again);
}

/* Length of the sequence at @p s and its code point; NOT_UTF8 for overlong, surrogate, or cut ones (Unicode 15, table
 * 3-7). */
static size_t decode(const uint8_t *s, size_t left, uint32_t *ret_point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : NOT_UTF8;
    if (length == NOT_UTF8 || length > left)
        return NOT_UTF8;
    uint32_t point = length == 1 ? s[0] : s[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if (s[i] >> 6 != 2)
            return NOT_UTF8;
        point = point << 6 | (s[i] & 0x3f);
    }
    if (point < smallest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return NOT_UTF8;
    *ret_point = point;
    return length;
}

/* Controls, line separators, bidirectional controls, and characters of no width (UAX 9, UTR 36). */
static bool is_unsafe(uint32_t p)
{
    return p < 0x20 || (p >= 0x7f && p < 0xa0) || p == 0xad || p == 0x61c || p == 0x180e ||
           (p >= 0x200b && p <= 0x200f) || (p >= 0x2028 && p <= 0x202e) || (p >= 0x2060 && p <= 0x206f) ||
           p == 0xfeff || (p >= 0xfff9 && p <= 0xfffb) || (p >= 0xe0000 && p <= 0xe0fff);
}

void text_put(struct text_writer *w, struct text value)
{
    for (size_t i = 0; i < value.length && value.data != NULL;) {
        const uint8_t *s = (const uint8_t *)value.data + i;
        uint32_t point = 0;
        size_t length = decode(s, value.length - i, &point);
        if (length == NOT_UTF8 || (is_unsafe(point) && point < 0x80))
            text_print(w, "\\x%02x", *s);
        else if (is_unsafe(point))
            text_print(w, "\\u{%x}", point);
        else if (point == '\\')
            put_bytes(w, "\\\\", 2); /* so that an escape is always ours */
        else
            put_bytes(w, (const char *)s, length);
        i += length == NOT_UTF8 ? 1 : length;
    }
}

void text_put_string(struct text_writer *w, const char *value)
{
    text_put(w, text_of(value));
}

void text_pad(struct text_writer *w, size_t start, size_t width)
{
    size_t columns = 0;
    for (size_t i = start; i < w->length; i++)
        columns += ((uint8_t)w->data[i] & 0xc0) != 0x80;
    for (; columns < width; columns++)
        put_bytes(w, " ", 1);
}
