/*
 * One table for all layers (a layer: one role of one file). Its value numbers a row in a dictionary of answers, one
 * column a layer: most of the many ranges share few rows.
 */
#ifndef BORDERTAP_GEO_MERGE_INTERNAL_H
#define BORDERTAP_GEO_MERGE_INTERNAL_H

#include "ranges_internal.h"

enum { LAYERS_MAX = 16 };

struct answers {
    uint32_t *rows; /* count x width; row 0 is all zero: nobody answers */
    size_t count, room, width;
    uint32_t *slots; /* hash table of row numbers + 1 */
    size_t slot_count;
    uint64_t seed;
};

/** Merges @p count lists (at most LAYERS_MAX). @return false: no memory; clear both all the same. */
bool layers_merge(const struct range_list *const *lists, size_t count, struct range_table *ret_table,
                  struct answers *ret_answers);

static inline const uint32_t *answers_row(const struct answers *answers, uint32_t number)
{
    return answers->rows + number * answers->width;
}

void answers_clear(struct answers *answers);

#endif
