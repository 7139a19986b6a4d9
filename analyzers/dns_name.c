/*
 * Names in DNS messages. A compression pointer must point before everything read so far of its name (RFC 1035, 4.1.4:
 * "a prior occurrence"), so that a name ends after at most as many jumps as the message has bytes, and no count of
 * jumps is needed.
 */
#include "dns_internal.h"

#include "wire.h"

static bool name_add(struct dns_name *name, char c)
{
    if (name->length >= sizeof(name->text))
        return false;
    name->text[name->length++] = c;
    return true;
}

static bool name_add_label(struct dns_name *name, const uint8_t *label, size_t length)
{
    if (name->length > 0 && !name_add(name, '.'))
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = ascii_lower((char)label[i]);
        if ((c == '.' || c == '\\') && !name_add(name, '\\'))
            return false;
        if (!name_add(name, c))
            return false;
    }
    return true;
}

size_t dns_name_read(const uint8_t *data, size_t length, size_t at, struct dns_name *ret, enum dns_parse *ret_why)
{
    size_t lowest = at, behind = 0;
    bool is_first = true;
    ret->length = 0;
    *ret_why = DNS_PARSE_CUT;
    while (at < length) {
        uint8_t size = data[at];
        if (size >= 0xc0) {
            if (length - at < 2)
                return 0;
            size_t target = load_be16(data + at) & 0x3fff;
            *ret_why = DNS_PARSE_LOOP;
            if (target >= lowest)
                return 0;
            *ret_why = DNS_PARSE_MALFORMED;
            if (behind == 0)
                behind = at + 2;
            lowest = at = target;
            continue;
        }
        if (is_first)
            ret->offset = (uint16_t)at;
        is_first = false;
        if (size == 0)
            return behind != 0 ? behind : at + 1;
        if (size > 63 || length - at - 1 < size || !name_add_label(ret, data + at + 1, size)) {
            if (size > 63 || length - at - 1 >= size)
                *ret_why = DNS_PARSE_MALFORMED;
            return 0;
        }
        at += 1u + size;
    }
    return 0;
}
