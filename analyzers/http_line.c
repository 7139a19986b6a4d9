/* Lines of HTTP/1.x (RFC 9112): start lines and headers, read leniently as servers read them. */
#include "http_internal.h"

struct text http_trim(struct text text)
{
    while (text.length > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.length--;
    }
    while (text.length > 0) {
        char last = text.data[text.length - 1];
        if (last != ' ' && last != '\t' && last != '\r' && last != '\n')
            break;
        text.length--;
    }
    return text;
}

static bool is_token_char(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static size_t token_length(struct text line)
{
    size_t n = 0;
    while (n < line.length && is_token_char((uint8_t)line.data[n]))
        n++;
    return n;
}

/** "HTTP/1." and a digit. */
static bool is_version(struct text text)
{
    return text.length == 8 && memcmp(text.data, "HTTP/1.", 7) == 0 && text.data[7] >= '0' && text.data[7] <= '9';
}

bool http_line_is_status(struct text line)
{
    return line.length >= 8 && is_version((struct text){line.data, 8});
}

/** Methods that are no other protocol's when a path follows; a line that is not whole yet may then be taken at once. */
static bool is_known_request(struct text line)
{
    static const char *const starts[] = {"GET /",    "POST /",    "HEAD /",    "PUT /",      "DELETE /",   "PATCH /",
                                         "GET http", "POST http", "HEAD http", "PROPFIND /", "GET HTTP://"};
    for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
        size_t length = strlen(starts[i]);
        if (line.length >= length && memcmp(line.data, starts[i], length) == 0)
            return true;
    }
    return false;
}

bool http_request_line_parse(struct text line, bool is_cut, struct http_request_line *ret)
{
    size_t method = token_length(line);
    if (method == 0 || method >= line.length || line.data[method] != ' ')
        return false;
    struct text rest = http_trim((struct text){line.data + method, line.length - method});
    if (!is_cut) {
        if (rest.length > 8 && rest.data[rest.length - 9] == ' ' &&
            is_version((struct text){rest.data + rest.length - 8, 8}))
            rest = http_trim((struct text){rest.data, rest.length - 8});
        else if (!is_known_request(line) || memchr(rest.data, ' ', rest.length) != NULL)
            return false; /* "GET /path" alone is HTTP/0.9, or a bot that is answered all the same */
    }
    if (rest.length == 0)
        return false;
    ret->method = (struct text){line.data, method};
    ret->target = rest;
    return true;
}

bool http_status_line_parse(struct text line, uint16_t *ret_status)
{
    if (!http_line_is_status(line))
        return false;
    struct text rest = http_trim((struct text){line.data + 8, line.length - 8});
    unsigned status = 0;
    for (size_t i = 0; i < 3; i++) {
        if (i >= rest.length || rest.data[i] < '0' || rest.data[i] > '9')
            return false;
        status = status * 10 + (unsigned)(rest.data[i] - '0');
    }
    if (status < 100 || (rest.length > 3 && rest.data[3] != ' '))
        return false;
    *ret_status = (uint16_t)status;
    return true;
}

bool http_header_parse(struct text line, struct text *ret_name, struct text *ret_value)
{
    const char *colon = line.length > 0 ? memchr(line.data, ':', line.length) : NULL;
    if (colon == NULL)
        return false;
    size_t length = (size_t)(colon - line.data);
    *ret_name = http_trim((struct text){line.data, length});
    *ret_value = http_trim((struct text){colon + 1, line.length - length - 1});
    return ret_name->length > 0;
}

static enum probe probe_status(struct text line)
{
    static const char start[] = "HTTP/1.";
    size_t n = line.length < sizeof(start) - 1 ? line.length : sizeof(start) - 1;
    if (memcmp(line.data, start, n) != 0)
        return PROBE_NO;
    return n == sizeof(start) - 1 ? PROBE_YES : PROBE_MORE;
}

static enum probe probe_request(struct text line, bool is_whole)
{
    struct http_request_line parts;
    size_t method = token_length(line);
    if (method >= HTTP_METHOD_ROOM || (method < line.length && (method == 0 || line.data[method] != ' ')))
        return PROBE_NO;
    if (is_whole)
        return http_request_line_parse(line, false, &parts) ? PROBE_YES : PROBE_NO;
    if (is_known_request(line))
        return PROBE_YES;
    for (size_t i = method; i < line.length; i++) {
        if ((uint8_t)line.data[i] < 0x20)
            return PROBE_NO;
    }
    return line.length < HTTP_LINE_MAX ? PROBE_MORE : PROBE_NO;
}

enum probe http_start_probe(const uint8_t *data, size_t length)
{
    size_t blank = 0;
    while (blank < length && blank < 2 * HTTP_BLANK_LINES_MAX && (data[blank] == '\r' || data[blank] == '\n'))
        blank++;
    size_t left = length - blank;
    if (left == 0)
        return PROBE_MORE;
    size_t shown = left < HTTP_LINE_MAX ? left : HTTP_LINE_MAX;
    const uint8_t *end = memchr(data + blank, '\n', shown);
    struct text line = {(const char *)data + blank, end != NULL ? (size_t)(end - data) - blank : shown};
    enum probe answer = probe_status(line);
    if (answer == PROBE_MORE && end != NULL)
        answer = PROBE_NO;
    return answer != PROBE_NO ? answer : probe_request(http_trim(line), end != NULL);
}
