/* Statements of people about prefixes, which beat every database. */
#ifndef BORDERTAP_GEO_OVERRIDES_INTERNAL_H
#define BORDERTAP_GEO_OVERRIDES_INTERNAL_H

#include "country.h"
#include "spans_internal.h"

enum override_axis { OVERRIDE_LOCATION, OVERRIDE_OPERATOR, OVERRIDE_AXES };

enum { OVERRIDES_MAX = 1024 };

struct override { /* texts belong to the geo's arena */
    struct ip_prefix prefix;
    struct country country;
    const char *author, *expires;
    const char *detail; /* "override by AUTHOR until DAY: REASON" */
};

struct overrides {
    struct override items[OVERRIDES_MAX];
    size_t count;
    struct range_list lists[OVERRIDE_AXES]; /* value: number of the item, from 1 */
};

/** @return NULL when nobody says anything of it. */
const struct override *overrides_find(const struct overrides *overrides, enum override_axis axis,
                                      const struct ip_address *address);
void overrides_clear(struct overrides *overrides);

#endif
