/*
 * One table for all layers (a layer: the ranges of one role of one file), so that one search answers for all of them.
 * A range holds the number of a tuple, the values of all layers; tuples are kept once. Where a layer's own ranges begin
 * is one bit a layer and merged range: the block a layer answered from is found from there, when it is to be shown, and
 * the layers' lists need not be kept.
 *
 * Measured with one location, one holder and two ASN layers: 1.08 million ranges share 201 thousand tuples, in 14 MiB;
 * a row of four numbers a range beside the lists took 48.
 *
 * A 16-bit index stands on top of a binary search. IPv6 starts are the upper 64 bits, as nearly nothing is deeper than
 * /64; the lower 64 bits of those few that have some stand in a small list of their own.
 */
#ifndef BORDERTAP_GEO_MERGED_INTERNAL_H
#define BORDERTAP_GEO_MERGED_INTERNAL_H

#include "ranges_internal.h"

enum { LAYERS_MAX = 24 };

struct merged4 {
    uint32_t start, tuple;
};

struct merged_low { /* of a range that starts inside a /64 */
    uint64_t low;
    uint32_t at; /* which range */
};

struct merged {
    size_t width; /* layers in a tuple */
    uint32_t *top4, *top6;
    struct merged4 *ranges4;
    uint64_t *starts6;
    uint32_t *tuples6;
    struct merged_low *lows; /* sorted by `at` */
    uint64_t *begins4, *begins6;
    uint32_t *tuples; /* the first one is all zero */
    size_t count4, count6, low_count, tuple_count;
};

/** Merges @p count lists (at most LAYERS_MAX). @return false: no memory; clear it all the same. */
bool merged_build(const struct range_list *const *lists, size_t count, struct merged *ret);
void merged_clear(struct merged *merged);
size_t merged_bytes(const struct merged *merged);

/** The range that holds an address, counted from 1; 0: no list has begun there. */
size_t merged_find4(const struct merged *merged, uint32_t address);
size_t merged_find6(const struct merged *merged, struct wide address);

/** What the layers say in a range of merged_find4() or merged_find6(): `width` values, never NULL; 0: nothing. */
const uint32_t *merged_values4(const struct merged *merged, size_t place);
const uint32_t *merged_values6(const struct merged *merged, size_t place);

/** One merged range; @p place from 1 to count4 or count6. */
struct block4 merged_range4(const struct merged *merged, size_t place);
struct block6 merged_range6(const struct merged *merged, size_t place);

/** The layer's own range round a merged one. @return false when the layer begins only later. */
bool merged_block4(const struct merged *merged, size_t layer, size_t place, struct block4 *ret);
bool merged_block6(const struct merged *merged, size_t layer, size_t place, struct block6 *ret);

/** Words of 64 bits in the begins of @p count ranges. */
static inline size_t merged_begin_words(size_t count, size_t width)
{
    return (count + 63) / 64 * width;
}

enum { MERGED_TOP = 65537 }; /* numbers in an index */

#endif
