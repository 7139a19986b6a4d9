#include "json_writer.h"

#include <stdlib.h>

enum { FIRST_ROOM = 4096 };

void json_init(struct json_writer *w)
{
    *w = (struct json_writer){0};
}

void json_reset(struct json_writer *w)
{
    w->length = 0;
    w->needs_comma = false;
    w->failed = false;
}

void json_clear(struct json_writer *w)
{
    free(w->data);
    json_init(w);
}

/* Makes sure of @p more bytes; a writer that once failed writes nothing any more. */
static bool reserve(struct json_writer *w, size_t more)
{
    if (w->failed)
        return false;
    if (w->room - w->length >= more)
        return true;
    size_t room = w->room ? w->room : FIRST_ROOM;
    while (room - w->length < more) {
        if (room > SIZE_MAX / 2) {
            w->failed = true;
            return false;
        }
        room *= 2;
    }
    char *data = realloc(w->data, room);
    if (data == NULL) {
        w->failed = true;
        return false;
    }
    w->data = data;
    w->room = room;
    return true;
}

static void put(struct json_writer *w, const char *bytes, size_t length)
{
    if (!reserve(w, length))
        return;
    memcpy(w->data + w->length, bytes, length);
    w->length += length;
}

static void put_char(struct json_writer *w, char c)
{
    if (reserve(w, 1))
        w->data[w->length++] = c;
}

static void comma(struct json_writer *w)
{
    if (w->needs_comma)
        put_char(w, ',');
    w->needs_comma = true;
}

static void begin(struct json_writer *w, char bracket)
{
    comma(w);
    put_char(w, bracket);
    w->needs_comma = false;
}

static void end(struct json_writer *w, char bracket)
{
    put_char(w, bracket);
    w->needs_comma = true;
}

void json_begin_object(struct json_writer *w)
{
    begin(w, '{');
}
void json_end_object(struct json_writer *w)
{
    end(w, '}');
}
void json_begin_array(struct json_writer *w)
{
    begin(w, '[');
}
void json_end_array(struct json_writer *w)
{
    end(w, ']');
}

void json_key(struct json_writer *w, const char *key)
{
    comma(w);
    put_char(w, '"');
    put(w, key, strlen(key));
    put(w, "\":", 2);
    w->needs_comma = false;
}

/* Length of the well-formed UTF-8 sequence at @p s (Unicode 15, table 3-7), 0 when there is none. */
static size_t utf8_length(const uint8_t *s, size_t left)
{
    uint8_t c = s[0], low = 0x80, high = 0xbf;
    size_t length;
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        length = 2;
    else if (c >= 0xe0 && c <= 0xef)
        length = 3;
    else if (c >= 0xf0 && c <= 0xf4)
        length = 4;
    else
        return 0;
    if (c == 0xe0)
        low = 0xa0;
    else if (c == 0xed)
        high = 0x9f; /* no surrogates */
    else if (c == 0xf0)
        low = 0x90;
    else if (c == 0xf4)
        high = 0x8f;
    if (left < length || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    return length;
}

static void put_escaped(struct json_writer *w, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    static const char short_form[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (const char *p = short_form; *p != '\0'; p += 2)
        if ((uint8_t)p[0] == c) {
            put(w, (char[]){'\\', p[1]}, 2);
            return;
        }
    put(w, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

/* What splitters of lines by Unicode take for an end: written as an escape, so that a record stays one line for them
 * too. */
static const char *unicode_line_end(const uint8_t *s, size_t length)
{
    if (length == 2 && s[0] == 0xc2 && s[1] == 0x85)
        return "\\u0085";
    if (length == 3 && s[0] == 0xe2 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9))
        return s[2] == 0xa8 ? "\\u2028" : "\\u2029";
    return NULL;
}

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void json_text(struct json_writer *w, struct text value)
{
    if (value.data == NULL) {
        json_null(w);
        return;
    }
    comma(w);
    put_char(w, '"');
    const uint8_t *s = (const uint8_t *)value.data, *stop = s + value.length;
    while (s < stop) {
        const uint8_t *run = s;
        while (s < stop && is_plain(*s))
            s++;
        put(w, (const char *)run, (size_t)(s - run));
        if (s == stop)
            break;
        size_t length = *s < 0x80 ? 0 : utf8_length(s, (size_t)(stop - s));
        const char *line_end = length > 0 ? unicode_line_end(s, length) : NULL;
        if (*s < 0x80)
            put_escaped(w, *s);
        else if (line_end != NULL)
            put(w, line_end, 6);
        else if (length > 0)
            put(w, (const char *)s, length);
        else
            put(w, "\xef\xbf\xbd", 3); /* U+FFFD */
        s += length > 0 ? length : 1;
    }
    put_char(w, '"');
}

void json_string(struct json_writer *w, const char *value)
{
    json_text(w, text_of(value));
}

void json_u64(struct json_writer *w, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
    } while (value /= 10);
    comma(w);
    put(w, digits + at, sizeof(digits) - at);
}

void json_thousandths(struct json_writer *w, uint64_t value)
{
    char digits[4] = {'.', (char)('0' + value / 100 % 10), (char)('0' + value / 10 % 10), (char)('0' + value % 10)};
    json_u64(w, value / 1000);
    for (size_t i = 0; i < sizeof(digits); i++)
        put_char(w, digits[i]);
}

void json_i64(struct json_writer *w, int64_t value)
{
    if (value >= 0) {
        json_u64(w, (uint64_t)value);
        return;
    }
    comma(w);
    put_char(w, '-');
    w->needs_comma = false;
    json_u64(w, -(uint64_t)value);
}

void json_bool(struct json_writer *w, bool value)
{
    comma(w);
    put(w, value ? "true" : "false", value ? 4 : 5);
}

void json_null(struct json_writer *w)
{
    comma(w);
    put(w, "null", 4);
}

void json_address(struct json_writer *w, const struct ip_address *value)
{
    char text[IP_TEXT_SIZE];
    size_t length = ip_print(value, text);
    json_text(w, (struct text){text, length});
}

void json_time(struct json_writer *w, struct packet_time value)
{
    char text[PACKET_TIME_TEXT_SIZE];
    packet_time_print(value, text);
    json_string(w, text);
}

void json_hex(struct json_writer *w, const uint8_t *bytes, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    comma(w);
    put_char(w, '"');
    for (size_t i = 0; i < length; i++)
        put(w, (char[]){hex[bytes[i] >> 4], hex[bytes[i] & 15]}, 2);
    put_char(w, '"');
}

void json_member_string(struct json_writer *w, const char *key, const char *value)
{
    json_key(w, key);
    json_string(w, value);
}

void json_member_u64(struct json_writer *w, const char *key, uint64_t value)
{
    json_key(w, key);
    json_u64(w, value);
}

void json_member_bool(struct json_writer *w, const char *key, bool value)
{
    json_key(w, key);
    json_bool(w, value);
}

void json_member_time(struct json_writer *w, const char *key, struct packet_time value)
{
    json_key(w, key);
    json_time(w, value);
}

void json_raw(struct json_writer *w, struct text value)
{
    comma(w);
    put(w, value.data, value.length);
}

bool json_text_is_utf8(struct text value)
{
    const uint8_t *bytes = (const uint8_t *)value.data;
    for (size_t at = 0, length; at < value.length; at += length)
        if ((length = utf8_length(bytes + at, value.length - at)) == 0)
            return false;
    return true;
}

void json_newline(struct json_writer *w)
{
    put_char(w, '\n');
    w->needs_comma = false;
}
