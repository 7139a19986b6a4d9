#include "ranges_internal.h"

#include <stdlib.h>

#include "wire.h"

static uint64_t load_be64(const uint8_t *p)
{
    return (uint64_t)load_be32(p) << 32 | load_be32(p + 4);
}

struct wide wide_of(const struct ip_address *address)
{
    return (struct wide){load_be64(address->octets), load_be64(address->octets + 8)};
}

struct ip_address wide_to_address(struct wide w)
{
    struct ip_address ret;
    for (size_t i = 0; i < 8; i++) {
        ret.octets[i] = (uint8_t)(w.high >> (56 - 8 * i));
        ret.octets[8 + i] = (uint8_t)(w.low >> (56 - 8 * i));
    }
    return ret;
}

bool wide_increment(struct wide *w)
{
    if (++w->low != 0)
        return true;
    return ++w->high != 0;
}

/** Room for one more of @p size bytes. */
static bool list_grow(struct range_list *list, void **items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return true;
    if (count >= RANGES_MAX) {
        list->is_too_long = true;
        return false;
    }
    size_t wanted = *room ? *room * 2 : 4096;
    void *larger = realloc(*items, wanted * size);
    if (larger == NULL) {
        list->is_out_of_memory = true;
        return false;
    }
    *items = larger;
    *room = wanted;
    return true;
}

enum range_result range_list_add4(struct range_list *list, uint32_t start, uint32_t value)
{
    size_t n = list->v4_count;
    if (n > 0 && start < list->v4[n - 1].start)
        return RANGE_OUT_OF_ORDER;
    if (n > 0 && start == list->v4[n - 1].start)
        n--;
    if (n > 0 ? list->v4[n - 1].value == value : value == 0) { /* says nothing new */
        list->v4_count = n;
        return RANGE_OK;
    }
    void *items = list->v4;
    if (!list_grow(list, &items, n, &list->v4_room, sizeof(*list->v4)))
        return RANGE_REFUSED;
    list->v4 = items;
    list->v4[n] = (struct range4){start, value};
    list->v4_count = n + 1;
    return RANGE_OK;
}

enum range_result range_list_add6(struct range_list *list, struct wide start, uint32_t value)
{
    size_t n = list->v6_count;
    int order = n > 0 ? wide_compare(start, list->v6[n - 1].start) : 1;
    if (order < 0)
        return RANGE_OUT_OF_ORDER;
    if (order == 0)
        n--;
    if (n > 0 ? list->v6[n - 1].value == value : value == 0) {
        list->v6_count = n;
        return RANGE_OK;
    }
    void *items = list->v6;
    if (!list_grow(list, &items, n, &list->v6_room, sizeof(*list->v6)))
        return RANGE_REFUSED;
    list->v6 = items;
    list->v6[n] = (struct range6){start, value};
    list->v6_count = n + 1;
    return RANGE_OK;
}

bool range_list_equal(const struct range_list *a, const struct range_list *b)
{
    if (a->v4_count != b->v4_count || a->v6_count != b->v6_count)
        return false;
    for (size_t i = 0; i < a->v4_count; i++)
        if (a->v4[i].start != b->v4[i].start || a->v4[i].value != b->v4[i].value)
            return false;
    for (size_t i = 0; i < a->v6_count; i++)
        if (wide_compare(a->v6[i].start, b->v6[i].start) != 0 || a->v6[i].value != b->v6[i].value)
            return false;
    return true;
}

void range_list_clear(struct range_list *list)
{
    free(list->v4);
    free(list->v6);
    *list = (struct range_list){0};
}

/*
 * A block's neighbours lie outside the prefix, the address inside: so the prefix is as short as the highest bit in
 * which the address differs from the nearer of them.
 */
static unsigned highest_bit(uint64_t number)
{
    return 63 - (unsigned)__builtin_clzll(number);
}

static unsigned wide_highest_bit(struct wide a, struct wide b)
{
    return a.high != b.high ? 64 + highest_bit(a.high ^ b.high) : highest_bit(a.low ^ b.low);
}

struct ip_prefix prefix_within4(struct block4 block, uint32_t address)
{
    unsigned free_bits = 32;
    if (block.first > 0)
        free_bits = highest_bit(address ^ (block.first - 1));
    if (block.last < UINT32_MAX && highest_bit(address ^ (block.last + 1)) < free_bits)
        free_bits = highest_bit(address ^ (block.last + 1));
    uint32_t base = address & ~(uint32_t)((UINT64_C(1) << free_bits) - 1);
    uint8_t octets[4] = {(uint8_t)(base >> 24), (uint8_t)(base >> 16), (uint8_t)(base >> 8), (uint8_t)base};
    return (struct ip_prefix){ip_from_v4(octets), (uint8_t)(128 - free_bits)};
}

static uint64_t low_bits(unsigned count)
{
    return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

struct ip_prefix prefix_within6(struct block6 block, struct wide address)
{
    struct wide before = block.first, behind = block.last;
    unsigned free_bits = 128;
    if (before.high > 0 || before.low > 0) {
        before.high -= before.low-- == 0;
        free_bits = wide_highest_bit(address, before);
    }
    if (wide_increment(&behind) && wide_highest_bit(address, behind) < free_bits)
        free_bits = wide_highest_bit(address, behind);
    struct wide base = {address.high & ~(free_bits > 64 ? low_bits(free_bits - 64) : 0),
                        address.low & ~low_bits(free_bits)};
    return (struct ip_prefix){wide_to_address(base), (uint8_t)(128 - free_bits)};
}
