/* Ranges of addresses in any order and nested as they like, until they are flattened into a range list. */
#ifndef BORDERTAP_GEO_SPANS_INTERNAL_H
#define BORDERTAP_GEO_SPANS_INTERNAL_H

#include "ranges_internal.h"

struct span {
    struct wide first, last; /* IPv4 as ::ffff:a.b.c.d */
    uint32_t value, order;
};

struct spans {
    struct span *items; /* owned */
    size_t count, room;
    bool is_full; /* no memory, or more than RANGES_MAX: the rest was left out */
};

/** Adds [first, last]; what of it no database may be asked about is left out. @return false: is_full. */
bool spans_add(struct spans *spans, struct wide first, struct wide last, uint32_t value);
bool spans_add_prefix(struct spans *spans, const struct ip_prefix *prefix, uint32_t value);
/** @param last not below @p first. */
bool spans_add4(struct spans *spans, uint32_t first, uint32_t last, uint32_t value);

/**
 * Sorts the spans and fills an empty list: the innermost span decides, of equal ones the one added first.
 * @return false: no memory.
 */
bool spans_flatten(struct spans *spans, struct range_list *ret);
void spans_clear(struct spans *spans);

#endif
