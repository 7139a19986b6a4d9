/*
 * The product catalogue: the YAML files of catalog/products/, one file per vendor, and catalog/authorities.yaml. Loaded
 * once, read-only afterwards, shared by all threads. The longest matching name wins at a cost of the name's labels,
 * whatever the size.
 */
#ifndef BORDERTAP_ANALYZERS_CATALOG_H
#define BORDERTAP_ANALYZERS_CATALOG_H

#include <stddef.h>
#include <stdio.h>

#include "address.h"
#include "attribution.h"
#include "facts.h"
#include "status.h"

struct catalog;

/** @param error names file, line and field. */
enum status catalog_load(const char *directory, struct catalog **ret, struct error *error);
void catalog_free(struct catalog *catalog);

/** "2026-11-24, 94 vendors, ...": edition = newest read date; for `version` and reports. */
const char *catalog_edition(const struct catalog *catalog);
/** The same for catalogues that say the same, in this run only. */
uint64_t catalog_fingerprint(const struct catalog *catalog);
size_t catalog_vendors(const struct catalog *catalog, const struct vendor *const **ret);
size_t catalog_products(const struct catalog *catalog, const struct product *const **ret);
size_t catalog_indicators(const struct catalog *catalog, const struct indicator *const **ret);
const struct product *catalog_find_product(const struct catalog *catalog, const char *id);
const struct vendor *catalog_find_vendor(const struct catalog *catalog, const char *id);

/** The most specific indicator for a DNS name (lower case, no trailing dot), or NULL. Any thread. */
const struct indicator *catalog_match_name(const struct catalog *catalog, struct text name);
const struct indicator *catalog_match_prefix(const struct catalog *catalog, const struct ip_address *address);
const struct indicator *catalog_match_asn(const struct catalog *catalog, uint32_t asn);
/** Whether there is any indicator of @p kind: what nothing can match need not be computed. */
bool catalog_has_kind(const struct catalog *catalog, enum indicator_kind kind);

/** Whether a certificate issuer is a state-run authority of a jurisdiction (catalog/authorities.yaml). @return its
 * country, "" if not. */
struct country catalog_authority_country(const struct catalog *catalog, const struct certificate_facts *certificate,
                                         const char **ret_name);

struct catalog_problem {
    const char *file;
    uint32_t line;
    bool is_error; /* else a warning */
    char text[256];
};
typedef void catalog_problem_visit(void *context, const struct catalog_problem *problem);

/** Everything `catalog check` looks for. @return number of errors. */
size_t catalog_check(const char *directory, catalog_problem_visit *visit, void *context);

#endif
