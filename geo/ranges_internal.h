/*
 * Ranges of addresses as a reader produces them: start points in ascending order, each good until the next one; value 0
 * means "no answer". Only 2000::/3 of IPv6 is kept: no other IPv6 address reaches a database.
 */
#ifndef BORDERTAP_GEO_RANGES_INTERNAL_H
#define BORDERTAP_GEO_RANGES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"

struct wide { /* an IPv6 address as two numbers */
    uint64_t high, low;
};

static inline int wide_compare(struct wide a, struct wide b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

struct wide wide_of(const struct ip_address *address);
struct ip_address wide_to_address(struct wide w);
/** @return false when @p w is the highest address. */
bool wide_increment(struct wide *w);

#define GLOBAL_FIRST (UINT64_C(1) << 61) /* 2000:: */
#define GLOBAL_END (UINT64_C(2) << 61)   /* 4000:: */

static inline bool wide_is_global(struct wide w)
{
    return w.high >= GLOBAL_FIRST && w.high < GLOBAL_END;
}

struct range4 {
    uint32_t start, value;
};

struct range6 {
    struct wide start;
    uint32_t value;
};

enum { RANGES_MAX = 1 << 24 }; /* per list and address family */

enum range_result {
    RANGE_OK,
    RANGE_OUT_OF_ORDER, /* refused: starts before the last one */
    RANGE_REFUSED,      /* no memory, or more than RANGES_MAX: see the list's flags */
};

struct range_list {
    struct range4 *v4;
    struct range6 *v6;
    size_t v4_count, v4_room, v6_count, v6_room;
    bool is_out_of_memory, is_too_long;
};

/** Starts a range, unless it says what the last one says. A start equal to the last one replaces its value. */
enum range_result range_list_add4(struct range_list *list, uint32_t start, uint32_t value);
enum range_result range_list_add6(struct range_list *list, struct wide start, uint32_t value);
/** Whether both say the same of every address. */
bool range_list_equal(const struct range_list *a, const struct range_list *b);
void range_list_clear(struct range_list *list);

struct block4 {
    uint32_t first, last;
};

struct block6 {
    struct wide first, last;
};

/** The shortest prefix that holds @p address and lies inside the block. */
struct ip_prefix prefix_within4(struct block4 block, uint32_t address);
struct ip_prefix prefix_within6(struct block6 block, struct wide address);

#endif
