/*
 * Two lists of ranges, 4 bytes a range: list and family, step from the one before (twice), value. The merged table must
 * answer every start, and the addresses around it, as a search in the lists themselves does.
 */
#include "merged_internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** The range of a list that holds an address, counted from 1; 0: it begins only later. */
static size_t find4(const struct range_list *list, uint32_t address)
{
    size_t i = 0;
    while (i < list->v4_count && list->v4[i].start <= address)
        i++;
    return i;
}

static size_t find6(const struct range_list *list, struct wide address)
{
    size_t i = 0;
    while (i < list->v6_count && wide_compare(list->v6[i].start, address) <= 0)
        i++;
    return i;
}

static void check4(const struct merged *merged, const struct range_list *lists, uint32_t address)
{
    size_t place = merged_find4(merged, address);
    for (size_t layer = 0; layer < 2; layer++) {
        size_t i = find4(&lists[layer], address);
        struct block4 block;
        if (merged_values4(merged, place)[layer] != (i ? lists[layer].v4[i - 1].value : 0) ||
            merged_block4(merged, layer, place, &block) != (i > 0) ||
            (i > 0 && (block.first != lists[layer].v4[i - 1].start || block.last < address)))
            abort();
    }
}

static void check6(const struct merged *merged, const struct range_list *lists, struct wide address)
{
    size_t place = merged_find6(merged, address);
    if (!wide_is_global(address))
        return;
    for (size_t layer = 0; layer < 2; layer++) {
        size_t i = find6(&lists[layer], address);
        struct block6 block;
        if (merged_values6(merged, place)[layer] != (i ? lists[layer].v6[i - 1].value : 0) ||
            merged_block6(merged, layer, place, &block) != (i > 0) ||
            (i > 0 &&
             (wide_compare(block.first, lists[layer].v6[i - 1].start) != 0 || wide_compare(block.last, address) < 0)))
            abort();
    }
}

static void check(const struct merged *merged, const struct range_list *lists, const struct range_list *list)
{
    for (size_t i = 0; i < list->v4_count; i++)
        for (uint32_t around = 0; around < 3; around++)
            check4(merged, lists, list->v4[i].start + around - 1);
    for (size_t i = 0; i < list->v6_count; i++) {
        struct wide at = list->v6[i].start;
        check6(merged, lists, at);
        check6(merged, lists, (struct wide){at.high, at.low - 1}); /* or the end of its /64 */
        check6(merged, lists, (struct wide){at.high - 1, at.low});
        check6(merged, lists, (struct wide){at.high + 1, 0});
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct range_list lists[2] = {{0}, {0}};
    const struct range_list *const both[] = {&lists[0], &lists[1]};
    uint32_t at4[2] = {0};
    struct wide at6[2] = {{GLOBAL_FIRST, 0}, {GLOBAL_FIRST, 0}};
    struct merged merged;
    for (; size >= 4; data += 4, size -= 4) {
        unsigned which = data[0] & 1;
        if ((data[0] & 2) != 0) {
            uint32_t before = at4[which];
            at4[which] += (uint32_t)data[1] << (data[2] & 31);
            if (at4[which] < before)
                break;
            (void)range_list_add4(&lists[which], at4[which], data[3]);
        } else {
            at6[which].high += (uint64_t)data[1] << (data[2] & 63) % 61;
            at6[which].low = (data[0] & 4) != 0 ? (uint64_t)data[2] << 56 : 0;
            if (!wide_is_global(at6[which]))
                break;
            (void)range_list_add6(&lists[which], at6[which], data[3]);
        }
    }
    if (!merged_build(both, 2, &merged))
        abort();
    check(&merged, lists, &lists[0]);
    check(&merged, lists, &lists[1]);
    merged_clear(&merged);
    range_list_clear(&lists[0]);
    range_list_clear(&lists[1]);
    return 0;
}
