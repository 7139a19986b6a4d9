/*
 * One table for all layers (a layer: the ranges of one role of one file), so that one search answers for all of them.
 * Each range has a row that holds, layer by layer, the number of that layer's own range + 1 (0: the layer says
 * nothing): value and prefix are then one step away. Rows are not shared through a dictionary: with an ASN table among
 * the layers it would hold a row for every fifth range and cost more start-up time than all files together (measured:
 * 201 thousand rows for 1.08 million ranges).
 *
 * A 16-bit index stands on top of a binary search. IPv6 keys are the upper 64 bits, as nearly nothing is deeper than
 * /64; the few /64s that are divided further live in a small list of their own.
 */
#ifndef BORDERTAP_GEO_MERGED_INTERNAL_H
#define BORDERTAP_GEO_MERGED_INTERNAL_H

#include "ranges_internal.h"

enum { LAYERS_MAX = 16 };

struct merged {
    size_t width; /* layers in a row */
    uint32_t *top4, *starts4, *rows4;
    uint32_t *top6, *rows6;
    uint64_t *starts6;
    struct wide *deep; /* sorted; all of a divided /64 is here, from its first address on */
    uint32_t *deep_rows;
    size_t count4, count6, deep_count, deep_room;
};

/** Merges @p count lists (at most LAYERS_MAX). @return false: no memory; clear it all the same. */
bool merged_build(const struct range_list *const *lists, size_t count, struct merged *ret);
void merged_clear(struct merged *merged);
size_t merged_bytes(const struct merged *merged);

/** @return a row of `width` numbers, never NULL. */
const uint32_t *merged_find4(const struct merged *merged, uint32_t address);
const uint32_t *merged_find6(const struct merged *merged, struct wide address);

#endif
