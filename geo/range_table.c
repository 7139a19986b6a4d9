#include "ranges_internal.h"

#include <stdlib.h>
#include <string.h>

enum { TOP_COUNT = 65536 };

/* IPv4: the upper 16 bits. IPv6: the 16 bits below the three that all of 2000::/3 shares. */
static uint32_t top_of4(uint32_t address)
{
    return address >> 16;
}

static uint32_t top_of6(uint64_t high)
{
    return (uint32_t)(high >> 45) & 0xffff;
}

static bool array_new(size_t count, size_t size, void *ret_array)
{
    void *array = malloc((count ? count : 1) * size);
    memcpy(ret_array, &array, sizeof(array));
    return array != NULL;
}

/** top[i]: how many starts lie in buckets before i; so bucket i is [top[i], top[i + 1]). */
static void top_sum(uint32_t *top)
{
    uint32_t sum = 0;
    for (size_t i = 0; i <= TOP_COUNT; i++) {
        uint32_t here = top[i];
        top[i] = sum;
        sum += here;
    }
}

static bool pack4(const struct range_list *list, bool with_values, struct range_table *table)
{
    table->count4 = list->v4_count;
    table->top4 = calloc(TOP_COUNT + 1, sizeof(*table->top4));
    if (table->top4 == NULL || !array_new(list->v4_count, sizeof(*table->starts4), &table->starts4))
        return false;
    if (with_values && !array_new(list->v4_count, sizeof(*table->values4), &table->values4))
        return false;
    for (size_t i = 0; i < list->v4_count; i++) {
        table->starts4[i] = list->v4[i].start;
        if (with_values)
            table->values4[i] = list->v4[i].value;
        table->top4[top_of4(list->v4[i].start)]++;
    }
    top_sum(table->top4);
    return true;
}

/** One pass counts, a second one writes. A divided /64 takes one key, and one more when the next range does not start
 * right behind it. */
struct pack6 {
    struct range_table *table;
    bool with_values, is_counting;
    size_t keys, deep;
};

static void pack6_key(struct pack6 *p, uint64_t key, uint32_t value)
{
    if (!p->is_counting) {
        p->table->starts6[p->keys] = key;
        if (p->with_values)
            p->table->values6[p->keys] = value;
        p->table->top6[top_of6(key)]++;
    }
    p->keys++;
}

static void pack6_deep(struct pack6 *p, struct wide start, uint32_t value)
{
    if (!p->is_counting)
        p->table->deep[p->deep] = (struct range6){start, value};
    p->deep++;
}

static void pack6_run(struct pack6 *p, const struct range_list *list)
{
    uint32_t before = 0; /* value of the range before */
    for (size_t i = 0; i < list->v6_count;) {
        const struct range6 *r = &list->v6[i];
        size_t end = i + 1;
        while (end < list->v6_count && list->v6[end].start.high == r->start.high)
            end++;
        if (end == i + 1 && r->start.low == 0) {
            pack6_key(p, r->start.high, r->value);
        } else {
            pack6_key(p, r->start.high, r->start.low == 0 ? r->value : before);
            if (r->start.low != 0)
                pack6_deep(p, (struct wide){r->start.high, 0}, before);
            for (size_t k = i; k < end; k++)
                pack6_deep(p, list->v6[k].start, list->v6[k].value);
            bool next_is_adjacent = end < list->v6_count && list->v6[end].start.high == r->start.high + 1;
            if (!next_is_adjacent && r->start.high + 1 < GLOBAL_END)
                pack6_key(p, r->start.high + 1, list->v6[end - 1].value);
        }
        before = list->v6[end - 1].value;
        i = end;
    }
}

static bool pack6(const struct range_list *list, bool with_values, struct range_table *table)
{
    struct pack6 p = {.table = table, .with_values = with_values, .is_counting = true};
    pack6_run(&p, list);
    table->top6 = calloc(TOP_COUNT + 1, sizeof(*table->top6));
    if (table->top6 == NULL || !array_new(p.keys, sizeof(*table->starts6), &table->starts6) ||
        !array_new(p.deep, sizeof(*table->deep), &table->deep))
        return false;
    if (with_values && !array_new(p.keys, sizeof(*table->values6), &table->values6))
        return false;
    p = (struct pack6){.table = table, .with_values = with_values};
    pack6_run(&p, list);
    table->count6 = p.keys;
    table->deep_count = p.deep;
    top_sum(table->top6);
    return true;
}

bool range_table_pack(const struct range_list *list, bool with_values, struct range_table *ret)
{
    *ret = (struct range_table){0};
    return pack4(list, with_values, ret) && pack6(list, with_values, ret);
}

void range_table_clear(struct range_table *table)
{
    free(table->top4);
    free(table->starts4);
    free(table->values4);
    free(table->top6);
    free(table->starts6);
    free(table->values6);
    free(table->deep);
    *table = (struct range_table){0};
}

size_t range_table_bytes(const struct range_table *table)
{
    size_t tops = 2 * (TOP_COUNT + 1) * sizeof(uint32_t);
    size_t keys = table->count4 * sizeof(uint32_t) + table->count6 * sizeof(uint64_t);
    size_t values = table->values4 ? (table->count4 + table->count6) * sizeof(uint32_t) : 0;
    return tops + keys + values + table->deep_count * sizeof(*table->deep);
}

/** @return how many starts are not above @p address: the range is the one before. */
static size_t upper_bound4(const struct range_table *table, uint32_t address)
{
    size_t low = table->top4[top_of4(address)], high = table->top4[top_of4(address) + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->starts4[middle] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t upper_bound6(const struct range_table *table, uint64_t key)
{
    size_t low = table->top6[top_of6(key)], high = table->top6[top_of6(key) + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->starts6[middle] <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/** The deep range of a divided /64, or NULL. */
static const struct range6 *deep_find(const struct range_table *table, struct wide address)
{
    size_t low = 0, high = table->deep_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (wide_compare(table->deep[middle].start, address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && table->deep[low - 1].start.high == address.high ? &table->deep[low - 1] : NULL;
}

uint32_t range_table_find4(const struct range_table *table, uint32_t address)
{
    size_t above = upper_bound4(table, address);
    return above > 0 ? table->values4[above - 1] : 0;
}

uint32_t range_table_find6(const struct range_table *table, struct wide address)
{
    if (!wide_is_global(address))
        return 0;
    const struct range6 *deep = deep_find(table, address);
    if (deep != NULL)
        return deep->value;
    size_t above = upper_bound6(table, address.high);
    return above > 0 ? table->values6[above - 1] : 0;
}

bool range_table_block4(const struct range_table *table, uint32_t address, struct block4 *ret)
{
    size_t above = upper_bound4(table, address);
    if (above == 0)
        return false;
    ret->first = table->starts4[above - 1];
    ret->last = above < table->count4 ? table->starts4[above] - 1 : UINT32_MAX;
    return true;
}

static struct block6 deep_block(const struct range_table *table, const struct range6 *deep)
{
    struct block6 ret = {deep->start, {deep->start.high, UINT64_MAX}};
    const struct range6 *next = deep + 1;
    if (next < table->deep + table->deep_count && next->start.high == deep->start.high)
        ret.last.low = next->start.low - 1;
    return ret;
}

bool range_table_block6(const struct range_table *table, struct wide address, struct block6 *ret)
{
    if (!wide_is_global(address))
        return false;
    const struct range6 *deep = deep_find(table, address);
    size_t above = upper_bound6(table, address.high);
    if (deep != NULL)
        *ret = deep_block(table, deep);
    else if (above > 0)
        *ret = (struct block6){{table->starts6[above - 1], 0},
                               {(above < table->count6 ? table->starts6[above] : GLOBAL_END) - 1, UINT64_MAX}};
    return deep != NULL || above > 0;
}

struct ip_prefix prefix_within4(struct block4 block, uint32_t address)
{
    unsigned free_bits = 0; /* grow the prefix while it stays inside */
    while (free_bits < 32) {
        uint32_t mask = (uint32_t)((UINT64_C(1) << (free_bits + 1)) - 1);
        if ((address & ~mask) < block.first || (address | mask) > block.last)
            break;
        free_bits++;
    }
    uint32_t base = address & ~(uint32_t)((UINT64_C(1) << free_bits) - 1);
    uint8_t octets[4] = {(uint8_t)(base >> 24), (uint8_t)(base >> 16), (uint8_t)(base >> 8), (uint8_t)base};
    return (struct ip_prefix){ip_from_v4(octets), (uint8_t)(128 - free_bits)};
}

static struct wide low_bits(unsigned count)
{
    if (count >= 64)
        return (struct wide){count >= 128 ? UINT64_MAX : (UINT64_C(1) << (count - 64)) - 1, UINT64_MAX};
    return (struct wide){0, (UINT64_C(1) << count) - 1};
}

struct ip_prefix prefix_within6(struct block6 block, struct wide address)
{
    unsigned free_bits = 0;
    struct wide base = address;
    while (free_bits < 128) {
        struct wide mask = low_bits(free_bits + 1);
        struct wide first = {address.high & ~mask.high, address.low & ~mask.low};
        struct wide last = {address.high | mask.high, address.low | mask.low};
        if (wide_compare(first, block.first) < 0 || wide_compare(last, block.last) > 0)
            break;
        base = first;
        free_bits++;
    }
    return (struct ip_prefix){wide_to_address(base), (uint8_t)(128 - free_bits)};
}
