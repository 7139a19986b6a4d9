#include "engine/refusals_internal.h"

#include <stdlib.h>
#include <string.h>

void refusals_note(struct refusals *refusals, const char *reason, uint64_t number)
{
    for (size_t i = 0; i < refusals->count; i++) {
        struct refusal *r = &refusals->first[i];
        if (r->reason != reason && strcmp(r->reason, reason) != 0)
            continue;
        if (number < r->number)
            r->number = number;
        return;
    }
    if (refusals->count < REFUSALS_MAX)
        refusals->first[refusals->count++] = (struct refusal){reason, number};
}

void refusals_merge(struct refusals *into, const struct refusals *from)
{
    for (size_t i = 0; i < from->count; i++)
        refusals_note(into, from->first[i].reason, from->first[i].number);
}

static int by_packet(const void *left, const void *right)
{
    const struct refusal *a = left, *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return strcmp(a->reason, b->reason);
}

void refusals_sort(struct refusals *refusals)
{
    qsort(refusals->first, refusals->count, sizeof(refusals->first[0]), by_packet);
}
