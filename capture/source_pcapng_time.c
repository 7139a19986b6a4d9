/* Times of pcapng (draft-ietf-opsawg-pcapng, 4.2, if_tsresol and if_tsoffset) without leaving 64 bits. */
#include "source_pcapng_internal.h"

enum {
    NS_EXPONENT = 9,
    EXPONENT_MAX = NS_EXPONENT + 19, /* 10^19 is the largest power of ten in 64 bits */
    FRACTION_BITS = 34,              /* of a second: finer than a nanosecond, and times 10^9 still in 64 bits */
};

static uint64_t power_of_10(unsigned exponent)
{
    uint64_t ret = 1;
    while (exponent-- > 0)
        ret *= 10;
    return ret;
}

void pcapng_set_resolution(struct pcapng_interface *interface, uint8_t if_tsresol)
{
    unsigned exponent = if_tsresol & 0x7f;
    interface->shift = 0;
    interface->factor = 1;
    if (if_tsresol & 0x80) {
        interface->clock = CLOCK_BINARY;
        interface->shift = (uint8_t)exponent;
    } else if (exponent <= NS_EXPONENT) {
        interface->clock = CLOCK_TIMES;
        interface->factor = power_of_10(NS_EXPONENT - exponent);
    } else if (exponent <= EXPONENT_MAX) {
        interface->clock = CLOCK_PARTS;
        interface->factor = power_of_10(exponent - NS_EXPONENT);
    } else {
        interface->clock = CLOCK_STOPPED;
    }
}

static uint64_t times_clipped(uint64_t value, uint64_t factor, bool *ret_is_clipped)
{
    uint64_t ret;
    if (!__builtin_mul_overflow(value, factor, &ret) && ret <= INT64_MAX)
        return ret;
    *ret_is_clipped = true;
    return INT64_MAX;
}

static int64_t plus_clipped(int64_t a, int64_t b, bool *ret_is_clipped)
{
    int64_t ret;
    if (!__builtin_add_overflow(a, b, &ret))
        return ret;
    *ret_is_clipped = true;
    return b > 0 ? INT64_MAX : INT64_MIN;
}

static int64_t binary_ns(uint64_t ticks, unsigned shift, bool *ret_is_clipped)
{
    uint64_t sec = shift < 64 ? ticks >> shift : 0;
    uint64_t fraction = shift < 64 ? ticks & ((UINT64_C(1) << shift) - 1) : ticks;
    if (shift > FRACTION_BITS) {
        unsigned finer = shift - FRACTION_BITS;
        fraction = finer < 64 ? fraction >> finer : 0;
        shift = FRACTION_BITS;
    }
    uint64_t ns = fraction * (uint64_t)NS_PER_SEC >> shift;
    return plus_clipped((int64_t)times_clipped(sec, (uint64_t)NS_PER_SEC, ret_is_clipped), (int64_t)ns, ret_is_clipped);
}

struct packet_time pcapng_time(const struct pcapng_interface *interface, uint64_t ticks, bool *ret_is_clipped)
{
    int64_t ns = 0;
    switch (interface->clock) {
    case CLOCK_TIMES:
        ns = (int64_t)times_clipped(ticks, interface->factor, ret_is_clipped);
        break;
    case CLOCK_PARTS:
        ns = (int64_t)times_clipped(ticks / interface->factor, 1, ret_is_clipped);
        break;
    case CLOCK_BINARY:
        ns = binary_ns(ticks, interface->shift, ret_is_clipped);
        break;
    case CLOCK_STOPPED:
        break;
    }
    if (interface->offset_sec == 0)
        return (struct packet_time){ns};
    int64_t offset;
    if (__builtin_mul_overflow(interface->offset_sec, NS_PER_SEC, &offset)) {
        *ret_is_clipped = true;
        offset = interface->offset_sec > 0 ? INT64_MAX : INT64_MIN;
    }
    return (struct packet_time){plus_clipped(ns, offset, ret_is_clipped)};
}
