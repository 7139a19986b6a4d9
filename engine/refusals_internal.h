/* The first packet of each kind of refusal, for --verbose. Each of several threads notes its own; they are merged at
 * the end. */
#ifndef BORDERTAP_ENGINE_REFUSALS_INTERNAL_H
#define BORDERTAP_ENGINE_REFUSALS_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

enum { REFUSALS_MAX = 256 };

struct refusal {
    const char *reason; /* constant: compared by address first */
    uint64_t number;    /* of the packet */
};

struct refusals {
    size_t count;
    struct refusal first[REFUSALS_MAX];
};

/** Keeps @p number when it is the lowest for @p reason. */
void refusals_note(struct refusals *refusals, const char *reason, uint64_t number);
void refusals_merge(struct refusals *into, const struct refusals *from);
/** By packet, then by reason. */
void refusals_sort(struct refusals *refusals);

#endif
