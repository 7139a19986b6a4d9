#include "scan_internal.h"

size_t scan_fields(struct text line, char separator, size_t wanted, struct text ret[static FIELDS_MAX])
{
    size_t count = 0, start = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < line.length && count + 1 < wanted; i++) {
        char c = line.data[i];
        if (c == '"') {
            is_quoted = !is_quoted;
        } else if (c == separator && !is_quoted) {
            ret[count++] = (struct text){line.data + start, i - start};
            start = i + 1;
        }
    }
    ret[count++] = (struct text){line.data + start, line.length - start};
    return count;
}

static bool scan_dotted(struct text text, uint32_t *ret)
{
    uint32_t address = 0, part = 0;
    unsigned parts = 1, digits = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '.' && digits > 0 && parts < 4) {
            address = address << 8 | part;
            part = digits = 0;
            parts++;
        } else if (c >= '0' && c <= '9' && digits < 3) {
            part = part * 10 + (uint32_t)(c - '0');
            digits++;
        } else {
            return false;
        }
        if (part > 255)
            return false;
    }
    if (parts != 4 || digits == 0)
        return false;
    *ret = address << 8 | part;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/** Groups of 16 bits up to the end or a "::". @return how many, or -1. Moves @p at behind what was read. */
static int scan_groups(struct text text, size_t *at, uint16_t groups[8])
{
    int count = 0;
    while (*at < text.length && text.data[*at] != ':') {
        unsigned value = 0, digits = 0;
        for (int digit; *at < text.length && (digit = hex_digit(text.data[*at])) >= 0; (*at)++, digits++)
            value = (value << 4 | (unsigned)digit) & 0xfffff;
        if (digits == 0 || digits > 4 || count == 8)
            return -1;
        groups[count++] = (uint16_t)value;
        if (*at == text.length)
            break;
        if (text.data[*at] != ':')
            return -1;
        if (*at + 1 == text.length)
            return -1; /* "1:" */
        if (text.data[*at + 1] != ':')
            (*at)++;
    }
    return count;
}

/** RFC 4291 without the dotted tail, which no table uses. */
static bool scan_colons(struct text text, struct wide *ret)
{
    uint16_t head[8] = {0}, tail[8] = {0}, all[8] = {0};
    size_t at = 0;
    int head_count = scan_groups(text, &at, head), tail_count = 0;
    bool has_gap = at + 1 < text.length && text.data[at] == ':' && text.data[at + 1] == ':';
    if (has_gap) {
        at += 2;
        tail_count = scan_groups(text, &at, tail);
    }
    if (head_count < 0 || tail_count < 0 || at != text.length)
        return false;
    if (has_gap ? head_count + tail_count > 7 : head_count != 8)
        return false;
    memcpy(all, head, (size_t)head_count * sizeof(all[0]));
    memcpy(all + 8 - tail_count, tail, (size_t)tail_count * sizeof(all[0]));
    *ret = (struct wide){0, 0};
    for (size_t i = 0; i < 4; i++) {
        ret->high = ret->high << 16 | all[i];
        ret->low = ret->low << 16 | all[4 + i];
    }
    return true;
}

static bool scan_decimal(struct text text, struct scanned_address *ret)
{
    __extension__ typedef unsigned __int128 number128;
    number128 number = 0;
    if (text.length == 0 || text.length > 39)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        unsigned digit = (unsigned)(text.data[i] - '0');
        if (digit > 9 || number > (~(number128)0 - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    ret->is_v4 = number <= UINT32_MAX;
    ret->v4 = (uint32_t)number;
    ret->v6 = (struct wide){(uint64_t)(number >> 64), (uint64_t)number};
    return true;
}

bool scan_address(struct text text, struct scanned_address *ret)
{
    for (size_t i = 0; i < text.length && i < 5; i++) {
        if (text.data[i] == '.') {
            ret->is_v4 = true;
            return scan_dotted(text, &ret->v4);
        }
        if (text.data[i] == ':') {
            ret->is_v4 = false;
            return scan_colons(text, &ret->v6);
        }
    }
    return scan_decimal(text, ret);
}

bool scan_asn(struct text text, uint32_t *ret)
{
    uint64_t number = 0;
    if (text.length > 2 && ascii_lower(text.data[0]) == 'a' && ascii_lower(text.data[1]) == 's')
        text = (struct text){text.data + 2, text.length - 2};
    if (text_is_empty(text) || text.length > 10)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.data[i] - '0');
    }
    if (number >= UINT32_MAX)
        return false;
    *ret = (uint32_t)number;
    return true;
}

size_t scan_unquote(struct text text, char *ret, size_t room)
{
    size_t length = 0, i = 0;
    bool is_quoted = text.length >= 2 && text.data[0] == '"' && text.data[text.length - 1] == '"';
    size_t end = is_quoted ? text.length - 1 : text.length;
    for (i = is_quoted ? 1 : 0; i < end && length + 1 < room; i++) {
        if (is_quoted && text.data[i] == '"' && i + 1 < end && text.data[i + 1] == '"')
            i++;
        ret[length++] = text.data[i];
    }
    ret[length] = '\0';
    return length;
}

bool scan_number(struct text text, uint64_t *ret)
{
    uint64_t number = 0;
    if (text_is_empty(text) || text.length > 18)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.data[i] - '0');
    }
    *ret = number;
    return true;
}

bool scan_country(struct text field, struct country *ret)
{
    char plain[8];
    size_t length = scan_unquote(field, plain, sizeof(plain));
    *ret = (struct country){{0}};
    if (length == 2 && !country_parse(plain, length, ret))
        return plain[0] >= 'A' && plain[0] <= 'Z';
    return length == 2 || length == 0 || strcmp(plain, "None") == 0;
}
