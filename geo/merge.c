#include "merge_internal.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

#define NOBODY UINT32_MAX

static uint64_t row_hash(const struct answers *answers, const uint32_t *row)
{
    return hash_bytes(row, answers->width * sizeof(*row), answers->seed);
}

static bool slots_double(struct answers *answers)
{
    size_t count = answers->slot_count ? answers->slot_count * 2 : 1 << 12;
    uint32_t *slots = calloc(count, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < answers->count; i++) {
        size_t at = row_hash(answers, answers->rows + i * answers->width) & (count - 1);
        while (slots[at] != 0)
            at = (at + 1) & (count - 1);
        slots[at] = (uint32_t)i + 1;
    }
    free(answers->slots);
    answers->slots = slots;
    answers->slot_count = count;
    return true;
}

static bool row_add(struct answers *answers, const uint32_t *row)
{
    if (answers->count == answers->room) {
        size_t room = answers->room ? answers->room * 2 : 4096;
        uint32_t *larger = realloc(answers->rows, room * answers->width * sizeof(*larger));
        if (larger == NULL)
            return false;
        answers->rows = larger;
        answers->room = room;
    }
    memcpy(answers->rows + answers->count++ * answers->width, row, answers->width * sizeof(*row));
    return true;
}

/** @return number of the row, or NOBODY when memory ran out. */
static uint32_t answers_intern(struct answers *answers, const uint32_t *row)
{
    if (answers->count * 2 >= answers->slot_count && !slots_double(answers))
        return NOBODY;
    size_t at = row_hash(answers, row) & (answers->slot_count - 1);
    for (; answers->slots[at] != 0; at = (at + 1) & (answers->slot_count - 1))
        if (memcmp(answers_row(answers, answers->slots[at] - 1), row, answers->width * sizeof(*row)) == 0)
            return answers->slots[at] - 1;
    if (!row_add(answers, row))
        return NOBODY;
    answers->slots[at] = (uint32_t)answers->count;
    return (uint32_t)answers->count - 1;
}

void answers_clear(struct answers *answers)
{
    free(answers->rows);
    free(answers->slots);
    *answers = (struct answers){0};
}

/** Steps every list to the lowest start not passed yet. @return false at the end of all lists. */
static bool merge_step4(const struct range_list *const *lists, size_t count, size_t *at, uint32_t *row,
                        uint32_t *ret_start)
{
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < count; i++)
        if (at[i] < lists[i]->v4_count && lists[i]->v4[at[i]].start < lowest)
            lowest = lists[i]->v4[at[i]].start;
    if (lowest == UINT64_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        if (at[i] < lists[i]->v4_count && lists[i]->v4[at[i]].start == lowest)
            row[i] = lists[i]->v4[at[i]++].value;
    *ret_start = (uint32_t)lowest;
    return true;
}

static bool merge_step6(const struct range_list *const *lists, size_t count, size_t *at, uint32_t *row,
                        struct wide *ret_start)
{
    struct wide lowest = {UINT64_MAX, UINT64_MAX}; /* never a start: only 2000::/3 is kept */
    for (size_t i = 0; i < count; i++)
        if (at[i] < lists[i]->v6_count && wide_compare(lists[i]->v6[at[i]].start, lowest) < 0)
            lowest = lists[i]->v6[at[i]].start;
    if (lowest.high == UINT64_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        if (at[i] < lists[i]->v6_count && wide_compare(lists[i]->v6[at[i]].start, lowest) == 0)
            row[i] = lists[i]->v6[at[i]++].value;
    *ret_start = lowest;
    return true;
}

static bool merge4(const struct range_list *const *lists, size_t count, struct answers *answers, struct range_list *ret)
{
    size_t at[LAYERS_MAX] = {0};
    uint32_t row[LAYERS_MAX] = {0};
    for (uint32_t start; merge_step4(lists, count, at, row, &start);) {
        uint32_t value = answers_intern(answers, row);
        if (value == NOBODY || range_list_add4(ret, start, value) != RANGE_OK)
            return false;
    }
    return true;
}

static bool merge6(const struct range_list *const *lists, size_t count, struct answers *answers, struct range_list *ret)
{
    size_t at[LAYERS_MAX] = {0};
    uint32_t row[LAYERS_MAX] = {0};
    for (struct wide start; merge_step6(lists, count, at, row, &start);) {
        uint32_t value = answers_intern(answers, row);
        if (value == NOBODY || range_list_add6(ret, start, value) != RANGE_OK)
            return false;
    }
    return true;
}

bool layers_merge(const struct range_list *const *lists, size_t count, struct range_table *ret_table,
                  struct answers *ret_answers)
{
    static const uint32_t nobody[LAYERS_MAX];
    struct range_list merged = {0};
    *ret_table = (struct range_table){0};
    *ret_answers = (struct answers){.width = count ? count : 1, .seed = hash_seed()};
    bool is_good = answers_intern(ret_answers, nobody) == 0 && merge4(lists, count, ret_answers, &merged) &&
                   merge6(lists, count, ret_answers, &merged) && range_table_pack(&merged, true, ret_table);
    free(ret_answers->slots); /* only the building needs them */
    ret_answers->slots = NULL;
    range_list_clear(&merged);
    return is_good;
}
