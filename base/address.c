#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

bool ip_in_prefix(const struct ip_address *a, const struct ip_prefix *p)
{
    size_t whole = p->length / 8;
    unsigned rest = p->length % 8;
    if (memcmp(a->octets, p->base.octets, whole) != 0)
        return false;
    return rest == 0 || (a->octets[whole] ^ p->base.octets[whole]) >> (8 - rest) == 0;
}

static char *put_decimal(char *at, unsigned value)
{
    if (value >= 100)
        *at++ = (char)('0' + value / 100);
    if (value >= 10)
        *at++ = (char)('0' + value / 10 % 10);
    *at++ = (char)('0' + value % 10);
    return at;
}

size_t ip_print(const struct ip_address *a, char ret[static IP_TEXT_SIZE])
{
    if (!ip_is_v4(a)) {
        inet_ntop(AF_INET6, a->octets, ret, IP_TEXT_SIZE);
        return strlen(ret);
    }
    char *at = ret;
    for (int i = 12; i < 16; i++) {
        at = put_decimal(at, a->octets[i]);
        *at++ = '.';
    }
    *--at = '\0';
    return (size_t)(at - ret);
}

size_t ip_prefix_print(const struct ip_prefix *p, char ret[static IP_PREFIX_TEXT_SIZE])
{
    size_t length = ip_print(&p->base, ret);
    bool is_v4 = ip_is_v4(&p->base) && p->length >= 96;
    return length +
           (size_t)snprintf(ret + length, IP_PREFIX_TEXT_SIZE - length, "/%u", is_v4 ? p->length - 96U : p->length);
}

size_t endpoint_print(const struct ip_address *a, uint16_t port, char ret[static ENDPOINT_TEXT_SIZE])
{
    char text[IP_TEXT_SIZE];
    ip_print(a, text);
    return (size_t)snprintf(ret, ENDPOINT_TEXT_SIZE, ip_is_v4(a) ? "%s:%u" : "[%s]:%u", text, port);
}

bool ip_parse(const char *text, struct ip_address *ret)
{
    uint8_t octets[16];
    char bare[IP_TEXT_SIZE];
    size_t length = strlen(text);
    if (inet_pton(AF_INET, text, octets) == 1) {
        *ret = ip_from_v4(octets);
        return true;
    }
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']' && length - 2 < sizeof(bare)) {
        memcpy(bare, text + 1, length - 2);
        bare[length - 2] = '\0';
        text = bare;
    }
    if (inet_pton(AF_INET6, text, octets) != 1)
        return false;
    *ret = ip_from_v6(octets);
    return true;
}

static bool has_host_bits(const struct ip_prefix *p)
{
    for (unsigned bit = p->length; bit < 128; bit++)
        if (p->base.octets[bit / 8] & 0x80 >> bit % 8)
            return true;
    return false;
}

enum status ip_prefix_parse(const char *text, struct ip_prefix *ret, struct error *error)
{
    char address[IP_TEXT_SIZE];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : strlen(text);
    struct ip_prefix found;
    if (length >= sizeof(address))
        return error_set(error, STATUS_INVALID, "'%.60s' is no address or prefix", text);
    memcpy(address, text, length);
    address[length] = '\0';
    if (!ip_parse(address, &found.base))
        return error_set(error, STATUS_INVALID, "'%s' is no address or prefix", text);
    unsigned bits = ip_is_v4(&found.base) && strchr(address, ':') == NULL ? 32 : 128;
    unsigned long given = bits;
    if (slash != NULL) {
        char *end;
        given = strtoul(slash + 1, &end, 10);
        if (slash[1] < '0' || slash[1] > '9' || *end != '\0' || given > bits)
            return error_set(error, STATUS_INVALID, "'%s': the prefix length must be 0 to %u", text, bits);
    }
    found.length = (uint8_t)(given + 128 - bits);
    if (has_host_bits(&found))
        return error_set(error, STATUS_INVALID, "'%s' has bits set beyond its prefix length", text);
    *ret = found;
    return STATUS_OK;
}
