#include "merged_internal.h"

#include <stdlib.h>
#include <string.h>

enum { TOP_COUNT = 65536 };

static const uint32_t no_row[LAYERS_MAX];

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
    for (size_t i = 0; i <= TOP_COUNT; i++) {
        uint32_t here = top[i];
        top[i] = sum;
        sum += here;
    }
}

static void copy_row(uint32_t *to, const uint32_t *from, size_t width)
{
    for (size_t i = 0; i < width; i++)
        to[i] = from[i];
}

/** Steps every list to the lowest start not passed yet. @return false at the end of all lists. */
static bool step4(const struct range_list *const *lists, size_t count, uint32_t *row, uint32_t *ret_start)
{
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < count; i++)
        if (row[i] < lists[i]->v4_count && lists[i]->v4[row[i]].start < lowest)
            lowest = lists[i]->v4[row[i]].start;
    if (lowest == UINT64_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        row[i] += row[i] < lists[i]->v4_count && lists[i]->v4[row[i]].start == lowest;
    *ret_start = (uint32_t)lowest;
    return true;
}

static bool step6(const struct range_list *const *lists, size_t count, uint32_t *row, struct wide *ret_start)
{
    struct wide lowest = {UINT64_MAX, UINT64_MAX}; /* never a start: only 2000::/3 is kept */
    for (size_t i = 0; i < count; i++)
        if (row[i] < lists[i]->v6_count && wide_compare(lists[i]->v6[row[i]].start, lowest) < 0)
            lowest = lists[i]->v6[row[i]].start;
    if (lowest.high == UINT64_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        row[i] += row[i] < lists[i]->v6_count && wide_compare(lists[i]->v6[row[i]].start, lowest) == 0;
    *ret_start = lowest;
    return true;
}

static bool merge4(const struct range_list *const *lists, size_t count, struct merged *merged)
{
    uint32_t row[LAYERS_MAX] = {0};
    size_t most = 1;
    for (size_t i = 0; i < count; i++)
        most += lists[i]->v4_count;
    merged->top4 = calloc(TOP_COUNT + 1, sizeof(*merged->top4));
    merged->starts4 = malloc(most * sizeof(*merged->starts4));
    merged->rows4 = malloc(most * merged->width * sizeof(*merged->rows4));
    if (merged->top4 == NULL || merged->starts4 == NULL || merged->rows4 == NULL)
        return false;
    for (uint32_t start; step4(lists, count, row, &start); merged->count4++) {
        merged->starts4[merged->count4] = start;
        copy_row(merged->rows4 + merged->count4 * merged->width, row, merged->width);
        merged->top4[top_of4(start)]++;
    }
    top_sum(merged->top4);
    return true;
}

static void add_key(struct merged *merged, uint64_t key, const uint32_t *row)
{
    merged->starts6[merged->count6] = key;
    copy_row(merged->rows6 + merged->count6++ * merged->width, row, merged->width);
    merged->top6[top_of6(key)]++;
}

static bool add_deep(struct merged *merged, struct wide start, const uint32_t *row)
{
    if (merged->deep_count == merged->deep_room) {
        size_t room = merged->deep_room ? merged->deep_room * 2 : 1024;
        struct wide *starts = realloc(merged->deep, room * sizeof(*starts));
        if (starts == NULL)
            return false;
        merged->deep = starts;
        uint32_t *rows = realloc(merged->deep_rows, room * merged->width * sizeof(*rows));
        if (rows == NULL)
            return false;
        merged->deep_rows = rows;
        merged->deep_room = room;
    }
    merged->deep[merged->deep_count] = start;
    copy_row(merged->deep_rows + merged->deep_count++ * merged->width, row, merged->width);
    return true;
}

/** Adds a range; @p before is the row that was good until here. */
static bool add_range6(struct merged *merged, struct wide start, const uint32_t *row, const uint32_t *before)
{
    bool has_key = merged->count6 > 0 && merged->starts6[merged->count6 - 1] == start.high;
    bool has_deep = merged->deep_count > 0 && merged->deep[merged->deep_count - 1].high == start.high;
    bool was_deep = merged->deep_count > 0 && merged->count6 > 0 &&
                    merged->deep[merged->deep_count - 1].high == merged->starts6[merged->count6 - 1];
    if (was_deep && !has_key && start.high > merged->starts6[merged->count6 - 1] + 1)
        add_key(merged, merged->starts6[merged->count6 - 1] + 1, before); /* what follows the divided /64 */
    if (start.low == 0) {
        add_key(merged, start.high, row);
        return true;
    }
    if (!has_key)
        add_key(merged, start.high, before);
    if (!has_deep && !add_deep(merged, (struct wide){start.high, 0}, before))
        return false;
    return add_deep(merged, start, row);
}

static bool merge6(const struct range_list *const *lists, size_t count, struct merged *merged)
{
    uint32_t row[LAYERS_MAX] = {0}, before[LAYERS_MAX] = {0};
    size_t most = 1;
    for (size_t i = 0; i < count; i++)
        most += lists[i]->v6_count;
    most *= 2; /* a divided /64 may need a second key behind it */
    merged->top6 = calloc(TOP_COUNT + 1, sizeof(*merged->top6));
    merged->starts6 = malloc(most * sizeof(*merged->starts6));
    merged->rows6 = malloc(most * merged->width * sizeof(*merged->rows6));
    if (merged->top6 == NULL || merged->starts6 == NULL || merged->rows6 == NULL)
        return false;
    for (struct wide start; step6(lists, count, row, &start); copy_row(before, row, merged->width))
        if (!add_range6(merged, start, row, before))
            return false;
    struct wide end = {GLOBAL_END - 1, 0};
    if (merged->count6 > 0 && merged->starts6[merged->count6 - 1] < end.high && merged->deep_count > 0 &&
        merged->deep[merged->deep_count - 1].high == merged->starts6[merged->count6 - 1])
        add_key(merged, merged->starts6[merged->count6 - 1] + 1, before);
    top_sum(merged->top6);
    return true;
}

/** Gives back the room that was reserved for the worst case; a refusal keeps it. */
static void trim(struct merged *merged)
{
    void *smaller[] = {realloc(merged->starts4, (merged->count4 + 1) * sizeof(*merged->starts4)),
                       realloc(merged->rows4, (merged->count4 + 1) * merged->width * sizeof(*merged->rows4)),
                       realloc(merged->starts6, (merged->count6 + 1) * sizeof(*merged->starts6)),
                       realloc(merged->rows6, (merged->count6 + 1) * merged->width * sizeof(*merged->rows6))};
    merged->starts4 = smaller[0] ? smaller[0] : merged->starts4;
    merged->rows4 = smaller[1] ? smaller[1] : merged->rows4;
    merged->starts6 = smaller[2] ? smaller[2] : merged->starts6;
    merged->rows6 = smaller[3] ? smaller[3] : merged->rows6;
}

bool merged_build(const struct range_list *const *lists, size_t count, struct merged *ret)
{
    *ret = (struct merged){.width = count ? count : 1};
    if (!merge4(lists, count, ret) || !merge6(lists, count, ret))
        return false;
    trim(ret);
    return true;
}

void merged_clear(struct merged *merged)
{
    free(merged->top4);
    free(merged->starts4);
    free(merged->rows4);
    free(merged->top6);
    free(merged->starts6);
    free(merged->rows6);
    free(merged->deep);
    free(merged->deep_rows);
    *merged = (struct merged){0};
}

size_t merged_bytes(const struct merged *merged)
{
    size_t row = merged->width * sizeof(uint32_t);
    return 2 * (TOP_COUNT + 1) * sizeof(uint32_t) + merged->count4 * (sizeof(uint32_t) + row) +
           merged->count6 * (sizeof(uint64_t) + row) + merged->deep_room * (sizeof(struct wide) + row);
}

const uint32_t *merged_find4(const struct merged *merged, uint32_t address)
{
    size_t low = merged->top4[top_of4(address)], high = merged->top4[top_of4(address) + 1];
    while (low < high) { /* to the first start above the address */
        size_t middle = low + (high - low) / 2;
        if (merged->starts4[middle] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? merged->rows4 + (low - 1) * merged->width : no_row;
}

static const uint32_t *find_deep(const struct merged *merged, struct wide address)
{
    size_t low = 0, high = merged->deep_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (wide_compare(merged->deep[middle], address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && merged->deep[low - 1].high == address.high ? merged->deep_rows + (low - 1) * merged->width : NULL;
}

const uint32_t *merged_find6(const struct merged *merged, struct wide address)
{
    if (!wide_is_global(address))
        return no_row;
    size_t low = merged->top6[top_of6(address.high)], high = merged->top6[top_of6(address.high) + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (merged->starts6[middle] <= address.high)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return no_row;
    const uint32_t *deep = merged->starts6[low - 1] == address.high ? find_deep(merged, address) : NULL;
    return deep ? deep : merged->rows6 + (low - 1) * merged->width;
}
