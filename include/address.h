/*
 * One shape for IPv4 and IPv6: 16 bytes in network byte order, IPv4 as ::ffff:a.b.c.d (RFC 4291,
 * 2.5.5.2). A packet that really carries a mapped address is the same endpoint to us.
 */
#ifndef BORDERTAP_ADDRESS_H
#define BORDERTAP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "status.h"

struct ip_address {
    uint8_t octets[16];
};

/** A range of addresses: the first @p length bits of `base` (0-128; an IPv4 prefix has 96 more than it is written
 * with). */
struct ip_prefix {
    struct ip_address base;
    uint8_t length;
};

static const uint8_t ip_v4_mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static inline struct ip_address ip_from_v4(const uint8_t four[static 4])
{
    struct ip_address ret;
    memcpy(ret.octets, ip_v4_mapped_prefix, 12);
    memcpy(ret.octets + 12, four, 4);
    return ret;
}

static inline struct ip_address ip_from_v6(const uint8_t sixteen[static 16])
{
    struct ip_address ret;
    memcpy(ret.octets, sixteen, 16);
    return ret;
}

static inline bool ip_is_v4(const struct ip_address *a)
{
    return memcmp(a->octets, ip_v4_mapped_prefix, 12) == 0;
}

static inline bool ip_equal(const struct ip_address *a, const struct ip_address *b)
{
    return memcmp(a->octets, b->octets, 16) == 0;
}

static inline int ip_compare(const struct ip_address *a, const struct ip_address *b)
{
    return memcmp(a->octets, b->octets, 16);
}

/** IPv4 in host byte order; only when ip_is_v4(). */
static inline uint32_t ip_v4_value(const struct ip_address *a)
{
    return (uint32_t)a->octets[12] << 24 | (uint32_t)a->octets[13] << 16 | (uint32_t)a->octets[14] << 8 | a->octets[15];
}

bool ip_in_prefix(const struct ip_address *a, const struct ip_prefix *p);

#define IP_TEXT_SIZE 48        /* INET6_ADDRSTRLEN and a little */
#define IP_PREFIX_TEXT_SIZE 52 /* with "/128" */
#define ENDPOINT_TEXT_SIZE 56  /* "[v6]:65535" */

/** Numeric form, RFC 5952 for IPv6. @return length written. */
size_t ip_print(const struct ip_address *a, char ret[static IP_TEXT_SIZE]);
size_t ip_prefix_print(const struct ip_prefix *p, char ret[static IP_PREFIX_TEXT_SIZE]);
/** "address:port", IPv6 in brackets. @param port host byte order. */
size_t endpoint_print(const struct ip_address *a, uint16_t port, char ret[static ENDPOINT_TEXT_SIZE]);

/** @return false and @p ret untouched when @p text is no address. Brackets round IPv6 are accepted. */
bool ip_parse(const char *text, struct ip_address *ret);
/** "10.0.0.0/8", "2001:db8::/32" or a bare address (its full length). Host bits must be zero. */
enum status ip_prefix_parse(const char *text, struct ip_prefix *ret, struct error *error);

#endif
