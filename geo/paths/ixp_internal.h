/*
 * Peering networks of Internet exchanges, from a dump of PeeringDB: their addresses belong to no carrier. Read-only
 * once loaded; any thread may ask.
 */
#ifndef BORDERTAP_GEO_PATHS_IXP_INTERNAL_H
#define BORDERTAP_GEO_PATHS_IXP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "status.h"
#include "text.h"

struct ixp_table;

enum { IXP_PREFIXES_MAX = 1 << 16 };

enum ixp_refusal {
    IXP_REFUSED_PREFIX,   /* none, or host bits set */
    IXP_REFUSED_PROTOCOL, /* "protocol" does not fit the prefix */
    IXP_REFUSED_WIDE,     /* shorter than /8 or /16 of IPv6: no peering network, it would swallow carriers */
    IXP_REFUSED_FULL,
    IXP_REFUSAL_COUNT,
};
/** "bad_prefix" ...: constant. */
const char *ixp_refusal_text(enum ixp_refusal refusal);

struct ixp_report {
    uint64_t prefixes;
    uint64_t passed_over; /* records with a status other than "ok" */
    uint64_t refused[IXP_REFUSAL_COUNT];
};

/** Whether a file looks like PeeringDB's: JSON with an "ixpfx" member, or the answer of its API for ixpfx. */
bool ixp_is_dump(struct text bytes);

/**
 * Reads the array `ixpfx.data` (wherever "ixpfx" stands in the dump; the rest of the dump is not looked at) or the
 * API's `data`. @param ret owned by the caller, NULL on failure.
 * @return STATUS_OK; STATUS_TRUNCATED with @p error when records were refused and the rest is good; STATUS_MALFORMED,
 * STATUS_NO_MEMORY. @p error then is one sentence that names file and line.
 */
enum status ixp_table_read_bytes(const char *name, struct text bytes, struct ixp_table **ret,
                                 struct ixp_report *ret_report, struct error *error);
void ixp_table_free(struct ixp_table *table); /* NULL is fine */

/** @return whether @p address is of a peering network; @p ret_ixlan (may be NULL) is PeeringDB's number of it, 0
 * unknown.
 * @p table may be NULL: false. */
bool ixp_contains(const struct ixp_table *table, const struct ip_address *address, uint32_t *ret_ixlan);

#endif
