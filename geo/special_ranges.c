/*
 * The IANA special-purpose registries (RFC 6890 and its updates), multicast, and what is reserved: addresses no
 * database may be asked about. Names are the registries'. Blocks inside others come first. Read 2026-11:
 * iana-ipv4-special-registry, iana-ipv6-special-registry.
 */
#include "special_ranges_internal.h"

#include "ranges_internal.h"

struct special4 {
    uint32_t base, mask;
    const char *name;
};

#define V4(a, b, c, d, length)                                                                                         \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d)),                                            \
        (uint32_t)(UINT64_C(0xffffffff) << (32 - (length)))

static const struct special4 specials4[] = {
    {V4(0, 0, 0, 0, 32), "This host on this network"},
    {V4(0, 0, 0, 0, 8), "This network"},
    {V4(10, 0, 0, 0, 8), "Private-Use"},
    {V4(100, 64, 0, 0, 10), "Shared Address Space"},
    {V4(127, 0, 0, 0, 8), "Loopback"},
    {V4(169, 254, 0, 0, 16), "Link Local"},
    {V4(172, 16, 0, 0, 12), "Private-Use"},
    {V4(192, 0, 0, 0, 29), "IPv4 Service Continuity Prefix"},
    {V4(192, 0, 0, 8, 32), "IPv4 dummy address"},
    {V4(192, 0, 0, 9, 32), "Port Control Protocol Anycast"},
    {V4(192, 0, 0, 10, 32), "Traversal Using Relays around NAT Anycast"},
    {V4(192, 0, 0, 170, 31), "NAT64/DNS64 Discovery"},
    {V4(192, 0, 0, 0, 24), "IETF Protocol Assignments"},
    {V4(192, 0, 2, 0, 24), "Documentation (TEST-NET-1)"},
    {V4(192, 31, 196, 0, 24), "AS112-v4"},
    {V4(192, 52, 193, 0, 24), "AMT"},
    {V4(192, 88, 99, 0, 24), "Deprecated (6to4 Relay Anycast)"},
    {V4(192, 168, 0, 0, 16), "Private-Use"},
    {V4(192, 175, 48, 0, 24), "Direct Delegation AS112 Service"},
    {V4(198, 18, 0, 0, 15), "Benchmarking"},
    {V4(198, 51, 100, 0, 24), "Documentation (TEST-NET-2)"},
    {V4(203, 0, 113, 0, 24), "Documentation (TEST-NET-3)"},
    {V4(224, 0, 0, 0, 4), "Multicast"},
    {V4(255, 255, 255, 255, 32), "Limited Broadcast"},
    {V4(240, 0, 0, 0, 4), "Reserved"},
};

struct special6 {
    struct wide base;
    uint8_t length;
    const char *name;
};

static const struct special6 specials6[] = {
    {{0, 0}, 128, "Unspecified Address"},
    {{0, 1}, 128, "Loopback Address"},
    {{0, 0}, 96, "IPv4-compatible (deprecated)"}, /* RFC 4291, 2.5.5.1 */
    {{UINT64_C(0x0064ff9b00010000), 0}, 48, "IPv4-IPv6 Translat. (local use)"},
    {{UINT64_C(0x0100000000000000), 0}, 64, "Discard-Only Address Block"},
    {{UINT64_C(0x0100000000000001), 0}, 64, "Dummy IPv6 Prefix"},
    {{UINT64_C(0x2001000100000000), 1}, 128, "Port Control Protocol Anycast"},
    {{UINT64_C(0x2001000100000000), 2}, 128, "Traversal Using Relays around NAT Anycast"},
    {{UINT64_C(0x2001000100000000), 3}, 128, "DNS-SD Service Registration Protocol Anycast"},
    {{UINT64_C(0x2001000200000000), 0}, 48, "Benchmarking"},
    {{UINT64_C(0x2001000300000000), 0}, 32, "AMT"},
    {{UINT64_C(0x2001000401120000), 0}, 48, "AS112-v6"},
    {{UINT64_C(0x2001001000000000), 0}, 28, "Deprecated (previously ORCHID)"},
    {{UINT64_C(0x2001002000000000), 0}, 28, "ORCHIDv2"},
    {{UINT64_C(0x2001003000000000), 0}, 28, "Drone Remote ID Protocol Entity Tags (DETs) Prefix"},
    {{UINT64_C(0x2001000000000000), 0}, 23, "IETF Protocol Assignments"},
    {{UINT64_C(0x20010db800000000), 0}, 32, "Documentation"},
    {{UINT64_C(0x2620004f80000000), 0}, 48, "Direct Delegation AS112 Service"},
    {{UINT64_C(0x3fff000000000000), 0}, 20, "Documentation"},
    {{UINT64_C(0x5f00000000000000), 0}, 16, "Segment Routing (SRv6) SIDs"},
    {{UINT64_C(0xfc00000000000000), 0}, 7, "Unique-Local"},
    {{UINT64_C(0xfe80000000000000), 0}, 10, "Link-Local Unicast"},
    {{UINT64_C(0xfec0000000000000), 0}, 10, "Site-Local (deprecated)"}, /* RFC 3879 */
    {{UINT64_C(0xff00000000000000), 0}, 8, "Multicast"},
};

static const char *special4_find(uint32_t address)
{
    for (size_t i = 0; i < sizeof(specials4) / sizeof(specials4[0]); i++)
        if ((address & specials4[i].mask) == specials4[i].base)
            return specials4[i].name;
    return NULL;
}

static bool is_inside(struct wide w, const struct special6 *s)
{
    if (s->length <= 64)
        return (w.high ^ s->base.high) >> (64 - s->length) == 0;
    return w.high == s->base.high &&
           (s->length == 128 ? w.low == s->base.low : (w.low ^ s->base.low) >> (128 - s->length) == 0);
}

static const char *special6_find(struct wide address)
{
    for (size_t i = 0; i < sizeof(specials6) / sizeof(specials6[0]); i++)
        if (is_inside(address, &specials6[i]))
            return specials6[i].name;
    return wide_is_global(address) ? NULL : "Reserved by IETF";
}

static struct ip_address v4_of(uint32_t address)
{
    uint8_t four[4] = {(uint8_t)(address >> 24), (uint8_t)(address >> 16), (uint8_t)(address >> 8), (uint8_t)address};
    return ip_from_v4(four);
}

bool geo_unwrap(const struct ip_address *outer, struct ip_address *ret_inner)
{
    struct wide w = wide_of(outer);
    if (ip_is_v4(outer))
        return false;
    if (w.high == UINT64_C(0x0064ff9b00000000) && w.low >> 32 == 0) /* NAT64, RFC 6052 */
        *ret_inner = v4_of((uint32_t)w.low);
    else if (w.high >> 48 == 0x2002) /* 6to4, RFC 3056 */
        *ret_inner = v4_of((uint32_t)(w.high >> 16));
    else if (w.high >> 32 == 0x20010000) /* Teredo, RFC 4380: the client's address, inverted, is who answers */
        *ret_inner = v4_of((uint32_t)~w.low);
    else
        return false;
    return true;
}

const char *geo_special_range(const struct ip_address *address)
{
    struct ip_address inner;
    if (geo_unwrap(address, &inner))
        address = &inner;
    return ip_is_v4(address) ? special4_find(ip_v4_value(address)) : special6_find(wide_of(address));
}
