#include "spans_internal.h"

#include <stdlib.h>

static bool is_mapped(struct wide w)
{
    return w.high == 0 && w.low >> 32 == 0xffff;
}

static struct wide mapped(uint32_t v4)
{
    return (struct wide){0, UINT64_C(0xffff) << 32 | v4};
}

bool spans_add(struct spans *spans, struct wide first, struct wide last, uint32_t value)
{
    static const struct wide global_first = {GLOBAL_FIRST, 0}, global_last = {GLOBAL_END - 1, UINT64_MAX};
    if (!is_mapped(first)) {
        first = wide_compare(first, global_first) < 0 ? global_first : first;
        last = wide_compare(last, global_last) > 0 ? global_last : last;
    }
    if (wide_compare(first, last) > 0)
        return true;
    if (spans->count == spans->room) {
        size_t room = spans->room ? spans->room * 2 : 1024;
        struct span *larger = room <= RANGES_MAX ? realloc(spans->items, room * sizeof(*larger)) : NULL;
        if (larger == NULL) {
            spans->is_full = true;
            return false;
        }
        spans->items = larger;
        spans->room = room;
    }
    spans->items[spans->count] = (struct span){first, last, value, (uint32_t)spans->count};
    spans->count++;
    return true;
}

bool spans_add_prefix(struct spans *spans, const struct ip_prefix *prefix, uint32_t value)
{
    struct wide first = wide_of(&prefix->base), last = first;
    unsigned free_bits = 128u - prefix->length;
    if (free_bits >= 64) {
        last.low = UINT64_MAX;
        last.high |= free_bits == 128 ? UINT64_MAX : (UINT64_C(1) << (free_bits - 64)) - 1;
    } else {
        last.low |= (UINT64_C(1) << free_bits) - 1;
    }
    return spans_add(spans, first, last, value);
}

bool spans_add4(struct spans *spans, uint32_t first, uint32_t last, uint32_t value)
{
    return spans_add(spans, mapped(first), mapped(last), value);
}

/* Outer before inner; of equal ones the last added comes first, so that the first added lies on top of it. */
static int compare(const void *a, const void *b)
{
    const struct span *left = a, *right = b;
    int order = wide_compare(left->first, right->first);
    if (order == 0)
        order = wide_compare(right->last, left->last);
    return order != 0 ? order : (left->order < right->order) - (left->order > right->order);
}

static bool begin(struct range_list *list, struct wide start, uint32_t value)
{
    if (is_mapped(start))
        return range_list_add4(list, (uint32_t)start.low, value) == RANGE_OK;
    return !wide_is_global(start) || range_list_add6(list, start, value) == RANGE_OK;
}

/** Spans that have begun and not ended, the one that decides last. */
struct open_spans {
    const struct span **items;
    size_t count;
};

/** Ends the spans that end before @p where (all, when it is NULL): what lies under each goes on behind it. */
static bool end_before(struct open_spans *open, const struct wide *where, struct range_list *list)
{
    while (open->count > 0 && (where == NULL || wide_compare(open->items[open->count - 1]->last, *where) < 0)) {
        struct wide last = open->items[open->count - 1]->last, behind = last;
        while (open->count > 0 && wide_compare(open->items[open->count - 1]->last, last) <= 0)
            open->count--;
        uint32_t under = open->count > 0 ? open->items[open->count - 1]->value : 0;
        if (wide_increment(&behind) && !begin(list, behind, under))
            return false;
    }
    return true;
}

bool spans_flatten(struct spans *spans, struct range_list *ret)
{
    struct open_spans open = {.items = malloc((spans->count + 1) * sizeof(struct span *))};
    bool is_good = open.items != NULL;
    if (spans->count > 0)
        qsort(spans->items, spans->count, sizeof(spans->items[0]), compare);
    for (size_t i = 0; i < spans->count && is_good; i++) {
        const struct span *span = &spans->items[i];
        is_good = end_before(&open, &span->first, ret) && begin(ret, span->first, span->value);
        if (is_good)
            open.items[open.count++] = span;
    }
    is_good = is_good && end_before(&open, NULL, ret);
    free(open.items);
    return is_good;
}

void spans_clear(struct spans *spans)
{
    free(spans->items);
    *spans = (struct spans){0};
}
