#include "merged_internal.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

/* IPv4: the upper 16 bits. IPv6: the 16 bits below the three that all of 2000::/3 shares. */
static uint32_t top_of4(uint32_t address)
{
    return address >> 16;
}

static uint32_t top_of6(uint64_t high)
{
    return (uint32_t)(high >> 45) & 0xffff;
}

/** From counts to sums: bucket i is then [top[i], top[i + 1]). */
static void top_sum(uint32_t *top)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < MERGED_TOP; i++) {
        uint32_t here = top[i];
        top[i] = sum;
        sum += here;
    }
}

/* --- tuples ------------------------------------------------------------------------------------------------------ */

/** Finds the number of a tuple while merging. */
struct tuple_table {
    uint32_t *slots; /* number + 1; 0 is free */
    size_t slot_count, room;
};

static uint32_t *tuple_slot(const struct tuple_table *table, const struct merged *merged, const uint32_t *values)
{
    size_t size = merged->width * sizeof(*values), mask = table->slot_count - 1;
    size_t at = hash_bytes(values, size, hash_seed()) & mask;
    while (table->slots[at] != 0 && memcmp(merged->tuples + (table->slots[at] - 1) * merged->width, values, size) != 0)
        at = (at + 1) & mask;
    return &table->slots[at];
}

static bool tuple_slots_double(struct tuple_table *table, const struct merged *merged)
{
    size_t count = table->slot_count ? table->slot_count * 2 : 1 << 12;
    uint32_t *slots = calloc(count, sizeof(*slots));
    if (slots == NULL)
        return false;
    free(table->slots);
    table->slots = slots;
    table->slot_count = count;
    for (uint32_t i = 0; i < merged->tuple_count; i++)
        *tuple_slot(table, merged, merged->tuples + i * merged->width) = i + 1;
    return true;
}

/** @return false: no memory. */
static bool tuple_number(struct tuple_table *table, struct merged *merged, const uint32_t *values, uint32_t *ret)
{
    if (merged->tuple_count * 2 >= table->slot_count && !tuple_slots_double(table, merged))
        return false;
    uint32_t *slot = tuple_slot(table, merged, values);
    if (*slot == 0) {
        if (merged->tuple_count == table->room) {
            size_t room = table->room ? table->room * 2 : 1024;
            uint32_t *larger = realloc(merged->tuples, room * merged->width * sizeof(*larger));
            if (larger == NULL)
                return false;
            merged->tuples = larger;
            table->room = room;
        }
        memcpy(merged->tuples + merged->tuple_count * merged->width, values, merged->width * sizeof(*values));
        *slot = (uint32_t)++merged->tuple_count;
    }
    *ret = *slot - 1;
    return true;
}

/* --- merging ----------------------------------------------------------------------------------------------------- */

/** How far each list is, and what it says there. */
struct merger {
    const struct range_list *const *lists;
    size_t count;
    struct merged *merged;
    struct tuple_table tuples;
    size_t at[LAYERS_MAX];
    uint32_t values[LAYERS_MAX];
};

static void note_begin(struct merger *m, uint64_t *begins, size_t range, size_t layer, uint32_t value)
{
    begins[range / 64 * m->merged->width + layer] |= UINT64_C(1) << (range % 64);
    m->values[layer] = value;
    m->at[layer]++;
}

/** Steps every list to the lowest start not passed yet. @return false at the end of all lists. */
static bool step4(struct merger *m, uint32_t *ret_start)
{
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < m->count; i++)
        if (m->at[i] < m->lists[i]->v4_count && m->lists[i]->v4[m->at[i]].start < lowest)
            lowest = m->lists[i]->v4[m->at[i]].start;
    if (lowest == UINT64_MAX)
        return false;
    for (size_t i = 0; i < m->count; i++)
        if (m->at[i] < m->lists[i]->v4_count && m->lists[i]->v4[m->at[i]].start == lowest)
            note_begin(m, m->merged->begins4, m->merged->count4, i, m->lists[i]->v4[m->at[i]].value);
    *ret_start = (uint32_t)lowest;
    return true;
}

static bool step6(struct merger *m, struct wide *ret_start)
{
    struct wide lowest = {UINT64_MAX, UINT64_MAX}; /* never a start: only 2000::/3 is kept */
    for (size_t i = 0; i < m->count; i++)
        if (m->at[i] < m->lists[i]->v6_count && wide_compare(m->lists[i]->v6[m->at[i]].start, lowest) < 0)
            lowest = m->lists[i]->v6[m->at[i]].start;
    if (lowest.high == UINT64_MAX)
        return false;
    for (size_t i = 0; i < m->count; i++)
        if (m->at[i] < m->lists[i]->v6_count && wide_compare(m->lists[i]->v6[m->at[i]].start, lowest) == 0)
            note_begin(m, m->merged->begins6, m->merged->count6, i, m->lists[i]->v6[m->at[i]].value);
    *ret_start = lowest;
    return true;
}

static bool merge4(struct merger *m)
{
    struct merged *merged = m->merged;
    size_t most = 1;
    for (size_t i = 0; i < m->count; i++)
        most += m->lists[i]->v4_count;
    merged->top4 = calloc(MERGED_TOP, sizeof(*merged->top4));
    merged->ranges4 = malloc(most * sizeof(*merged->ranges4));
    merged->begins4 = calloc(merged_begin_words(most, merged->width), sizeof(*merged->begins4));
    if (merged->top4 == NULL || merged->ranges4 == NULL || merged->begins4 == NULL)
        return false;
    for (uint32_t start, tuple; step4(m, &start); merged->count4++) {
        if (!tuple_number(&m->tuples, merged, m->values, &tuple))
            return false;
        merged->ranges4[merged->count4] = (struct merged4){start, tuple};
        merged->top4[top_of4(start)]++;
    }
    top_sum(merged->top4);
    return true;
}

static bool add_low(struct merged *merged, uint64_t low)
{
    size_t n = merged->low_count;
    if ((n & (n - 1)) == 0) { /* full: room doubles from 1 on */
        struct merged_low *larger = realloc(merged->lows, (n ? n * 2 : 1) * sizeof(*larger));
        if (larger == NULL)
            return false;
        merged->lows = larger;
    }
    merged->lows[merged->low_count++] = (struct merged_low){low, (uint32_t)merged->count6};
    return true;
}

static bool merge6(struct merger *m)
{
    struct merged *merged = m->merged;
    size_t most = 1;
    for (size_t i = 0; i < m->count; i++)
        most += m->lists[i]->v6_count;
    memset(m->at, 0, sizeof(m->at));
    memset(m->values, 0, sizeof(m->values));
    merged->top6 = calloc(MERGED_TOP, sizeof(*merged->top6));
    merged->starts6 = malloc(most * sizeof(*merged->starts6));
    merged->tuples6 = malloc(most * sizeof(*merged->tuples6));
    merged->begins6 = calloc(merged_begin_words(most, merged->width), sizeof(*merged->begins6));
    if (merged->top6 == NULL || merged->starts6 == NULL || merged->tuples6 == NULL || merged->begins6 == NULL)
        return false;
    for (struct wide start; step6(m, &start); merged->count6++) {
        if (!tuple_number(&m->tuples, merged, m->values, &merged->tuples6[merged->count6]) ||
            (start.low != 0 && !add_low(merged, start.low)))
            return false;
        merged->starts6[merged->count6] = start.high;
        merged->top6[top_of6(start.high)]++;
    }
    top_sum(merged->top6);
    return true;
}

static void *smaller(void *items, size_t size)
{
    void *ret = realloc(items, size ? size : 1);
    return ret ? ret : items;
}

/** Gives back the room that was reserved for the worst case. */
static void trim(struct merged *m)
{
    m->ranges4 = smaller(m->ranges4, m->count4 * sizeof(*m->ranges4));
    m->begins4 = smaller(m->begins4, merged_begin_words(m->count4, m->width) * sizeof(*m->begins4));
    m->starts6 = smaller(m->starts6, m->count6 * sizeof(*m->starts6));
    m->tuples6 = smaller(m->tuples6, m->count6 * sizeof(*m->tuples6));
    m->begins6 = smaller(m->begins6, merged_begin_words(m->count6, m->width) * sizeof(*m->begins6));
    m->tuples = smaller(m->tuples, m->tuple_count * m->width * sizeof(*m->tuples));
}

bool merged_build(const struct range_list *const *lists, size_t count, struct merged *ret)
{
    struct merger m = {.lists = lists, .count = count, .merged = ret};
    uint32_t nothing;
    *ret = (struct merged){.width = count ? count : 1};
    bool is_good = tuple_number(&m.tuples, ret, m.values, &nothing) && merge4(&m) && merge6(&m);
    free(m.tuples.slots);
    if (is_good)
        trim(ret);
    return is_good;
}

void merged_clear(struct merged *merged)
{
    free(merged->top4);
    free(merged->ranges4);
    free(merged->begins4);
    free(merged->top6);
    free(merged->starts6);
    free(merged->tuples6);
    free(merged->begins6);
    free(merged->lows);
    free(merged->tuples);
    *merged = (struct merged){0};
}

size_t merged_bytes(const struct merged *m)
{
    size_t tops = (m->top4 ? 1u : 0u) + (m->top6 ? 1u : 0u);
    return tops * MERGED_TOP * sizeof(uint32_t) + m->count4 * sizeof(*m->ranges4) +
           m->count6 * (sizeof(*m->starts6) + sizeof(*m->tuples6)) + m->low_count * sizeof(*m->lows) +
           (merged_begin_words(m->count4, m->width) + merged_begin_words(m->count6, m->width)) * sizeof(uint64_t) +
           m->tuple_count * m->width * sizeof(*m->tuples);
}

/* --- looking up -------------------------------------------------------------------------------------------------- */

size_t merged_find4(const struct merged *merged, uint32_t address)
{
    size_t low = merged->top4[top_of4(address)], high = merged->top4[top_of4(address) + 1];
    while (low < high) { /* to the first start above the address */
        size_t middle = low + (high - low) / 2;
        if (merged->ranges4[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/** Lower half of a start: 0 unless it stands in the list. */
static uint64_t low_of(const struct merged *merged, size_t range)
{
    size_t low = 0, high = merged->low_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (merged->lows[middle].at < range)
            low = middle + 1;
        else
            high = middle;
    }
    return low < merged->low_count && merged->lows[low].at == range ? merged->lows[low].low : 0;
}

/** @param whole whether starts inside a /64 are told from its first address. */
static size_t find6(const struct merged *merged, struct wide address, bool whole)
{
    size_t low = merged->top6[top_of6(address.high)], high = merged->top6[top_of6(address.high) + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t start = merged->starts6[middle];
        if (start < address.high || (start == address.high && (!whole || low_of(merged, middle) <= address.low)))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t merged_find6(const struct merged *merged, struct wide address)
{
    if (!wide_is_global(address))
        return 0;
    size_t place = find6(merged, address, false);
    bool is_divided =
        place > 0 && merged->starts6[place - 1] == address.high && low_of(merged, place - 1) > address.low;
    return is_divided ? find6(merged, address, true) : place;
}

const uint32_t *merged_values4(const struct merged *merged, size_t place)
{
    return merged->tuples + (place > 0 ? merged->ranges4[place - 1].tuple : 0) * merged->width;
}

const uint32_t *merged_values6(const struct merged *merged, size_t place)
{
    return merged->tuples + (place > 0 ? merged->tuples6[place - 1] : 0) * merged->width;
}

/** The last begin at or before @p range, counted from 1; 0: there is none. */
static size_t begin_before(const uint64_t *begins, size_t width, size_t layer, size_t range)
{
    size_t word = range / 64;
    uint64_t bits = begins[word * width + layer] & (~UINT64_C(0) >> (63 - range % 64));
    while (bits == 0 && word > 0)
        bits = begins[--word * width + layer];
    return bits == 0 ? 0 : word * 64 + 64 - (size_t)__builtin_clzll(bits);
}

/** The first begin behind @p range; @p count when there is none. */
static size_t begin_behind(const uint64_t *begins, size_t width, size_t layer, size_t range, size_t count)
{
    size_t word = ++range / 64, words = (count + 63) / 64;
    if (range >= count)
        return count;
    uint64_t bits = begins[word * width + layer] & (~UINT64_C(0) << (range % 64));
    while (bits == 0 && ++word < words)
        bits = begins[word * width + layer];
    return bits == 0 ? count : word * 64 + (size_t)__builtin_ctzll(bits);
}

/* From the start of one range to the one before the start of another, which may be the end of all. */
static struct block4 span4(const struct merged *merged, size_t first, size_t behind)
{
    return (struct block4){merged->ranges4[first].start,
                           behind < merged->count4 ? merged->ranges4[behind].start - 1 : UINT32_MAX};
}

static struct block6 span6(const struct merged *merged, size_t first, size_t behind)
{
    struct block6 ret = {{merged->starts6[first], low_of(merged, first)}, {GLOBAL_END - 1, UINT64_MAX}};
    if (behind == merged->count6)
        return ret;
    ret.last = (struct wide){merged->starts6[behind], low_of(merged, behind)};
    ret.last.high -= ret.last.low-- == 0;
    return ret;
}

struct block4 merged_range4(const struct merged *merged, size_t place)
{
    return span4(merged, place - 1, place);
}

struct block6 merged_range6(const struct merged *merged, size_t place)
{
    return span6(merged, place - 1, place);
}

bool merged_block4(const struct merged *merged, size_t layer, size_t place, struct block4 *ret)
{
    size_t begin = place ? begin_before(merged->begins4, merged->width, layer, place - 1) : 0;
    if (begin == 0)
        return false;
    *ret = span4(merged, begin - 1, begin_behind(merged->begins4, merged->width, layer, place - 1, merged->count4));
    return true;
}

bool merged_block6(const struct merged *merged, size_t layer, size_t place, struct block6 *ret)
{
    size_t begin = place ? begin_before(merged->begins6, merged->width, layer, place - 1) : 0;
    if (begin == 0)
        return false;
    *ret = span6(merged, begin - 1, begin_behind(merged->begins6, merged->width, layer, place - 1, merged->count6));
    return true;
}
