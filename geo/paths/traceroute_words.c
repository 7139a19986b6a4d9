#include "paths/traceroute_reader_internal.h"

#include <string.h>

#include "text_file_internal.h"

enum { BRACKET_BYTES_MAX = 1024 }; /* a line full of "(" shall not be searched to its end for each */

bool trace_line(struct trace_reader *reader, struct text *rest, struct text *ret_line)
{
    while (text_file_line(rest, ret_line)) {
        if (ret_line->length <= TRACE_LINE_BYTES_MAX)
            return true;
        trace_refuse(reader, TRACE_REFUSED_LONG, ret_line->data);
    }
    return false;
}

bool trace_line_is_open(const struct trace_reader *reader, struct text line)
{
    return line.data + line.length == reader->whole.data + reader->whole.length;
}

bool text_contains(struct text text, const char *wanted)
{
    return text.length > 0 && memmem(text.data, text.length, wanted, strlen(wanted)) != NULL;
}

bool text_starts(struct text text, const char *wanted)
{
    size_t length = strlen(wanted);
    return text.length >= length && memcmp(text.data, wanted, length) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool trace_word(struct text *rest, struct text *ret_word)
{
    static const char opening[] = "[(<", closing[] = "])>";
    size_t start = 0, end;
    while (start < rest->length && is_blank(rest->data[start]))
        start++;
    if (start == rest->length)
        return false;
    end = start;
    while (end < rest->length && !is_blank(rest->data[end]))
        end++;
    const char *open = memchr(opening, rest->data[start], 3);
    if (open != NULL) {
        size_t reach = rest->length - start < BRACKET_BYTES_MAX ? rest->length - start : BRACKET_BYTES_MAX;
        const char *close = memchr(rest->data + start, closing[open - opening], reach);
        if (close != NULL && close >= rest->data + end)
            end = (size_t)(close - rest->data) + 1;
    }
    *ret_word = (struct text){rest->data + start, end - start};
    *rest = (struct text){rest->data + end, rest->length - end};
    return true;
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

bool trace_address(struct text word, struct ip_address *ret)
{
    char written[IP_TEXT_SIZE];
    while (word.length > 0 && is_one_of(word.data[word.length - 1], ",:") &&
           !(word.length > 1 && word.data[word.length - 1] == ':' && word.data[word.length - 2] == ':'))
        word.length--;
    if (word.length > 1 && is_one_of(word.data[0], "([")) {
        if (!is_one_of(word.data[word.length - 1], ")]"))
            return false;
        word = (struct text){word.data + 1, word.length - 2};
    }
    const char *zone = word.length > 0 ? memchr(word.data, '%', word.length) : NULL;
    if (zone != NULL)
        word.length = (size_t)(zone - word.data);
    if (word.length == 0 || word.length >= sizeof(written) || memchr(word.data, '\0', word.length) != NULL)
        return false;
    text_copy(word, written, sizeof(written));
    return ip_parse(written, ret);
}

bool trace_whole(struct text word, uint64_t most, uint64_t *ret)
{
    uint64_t number = 0;
    for (size_t i = 0; i < word.length; i++) {
        if (word.data[i] < '0' || word.data[i] > '9' || number > UINT64_MAX / 10 - 1)
            return false;
        number = number * 10 + (uint64_t)(word.data[i] - '0');
    }
    if (word.length == 0 || number > most)
        return false;
    *ret = number;
    return true;
}

bool trace_rtt(struct text word, uint32_t unit_us, uint32_t *ret_us)
{
    uint64_t whole, us, part = unit_us;
    size_t i = 0;
    while (i < word.length && word.data[i] != '.' && word.data[i] != ',') /* some locales write a comma */
        i++;
    if (!trace_whole((struct text){word.data, i}, UINT64_C(3600000000) / unit_us, &whole))
        return false;
    us = whole * unit_us;
    for (size_t k = i + 1; k < word.length; k++) {
        if (word.data[k] < '0' || word.data[k] > '9')
            return false;
        part /= 10;
        us += part * (uint64_t)(word.data[k] - '0');
    }
    if (i + 1 == word.length)
        return false;
    *ret_us = us == 0 ? TRACE_RTT_BELOW_STEP : (uint32_t)us;
    return true;
}

static size_t leading_digits(struct text text)
{
    size_t count = 0;
    while (count < text.length && text.data[count] >= '0' && text.data[count] <= '9')
        count++;
    return count;
}

void trace_labels(struct trace_hop *hop, struct text text, const char *key)
{
    size_t key_length = strlen(key);
    const char *found;
    uint64_t label;
    while (text.length > 0 && (found = memmem(text.data, text.length, key, key_length)) != NULL) {
        size_t behind = (size_t)(found - text.data) + key_length;
        text = (struct text){text.data + behind, text.length - behind};
        for (;;) {
            size_t digits = leading_digits(text);
            if (trace_whole((struct text){text.data, digits}, 0xfffff, &label))
                trace_label(hop, label);
            if (digits == 0 || digits >= text.length || text.data[digits] != '/')
                break;
            text = (struct text){text.data + digits + 1, text.length - digits - 1};
        }
    }
}
