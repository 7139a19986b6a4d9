/*
 * Where an address is and who operates its network. All databases are merged at load into range tables, so that one
 * search answers for all of them; read-only afterwards, any thread may look up. Special-purpose addresses never reach
 * a database, embedded IPv4 is unwrapped first, disagreement is kept.
 */
#ifndef BORDERTAP_GEO_GEO_H
#define BORDERTAP_GEO_GEO_H

#include <stddef.h>

#include "counter.h"
#include "jurisdiction.h"
#include "library.h"
#include "status.h"

struct geo;

struct geo_database {
    const char *path;
    const char *name;     /* "DB-IP Lite Country" */
    const char *provider; /* providers that copy each other share one: counted once */
    const char *role;     /* "location", "asn", "registration", "holder-country", "anycast", "parent", "override" */
    const char *edition;  /* YYYY-MM-DD or NULL */
    const char *licence;  /* attribution line to show, or NULL */
    int64_t built_sec;    /* seconds since the epoch; 0 unknown */
    uint64_t ranges;
};

/**
 * @param paths files or directories given by --geo, in order; a directory is searched for what is known, and what is
 * damaged there is left out (see geo_passed_over()), while a damaged file that is named is an error. Roles are
 * probed from content, "role=location,key=country_code,file=PATH" forces them. @p count may be 0: every axis then says
 * what is missing.
 * @param operators_file catalogue's parent table (catalog/operators.yaml), or NULL.
 */
enum status geo_open(const char *const *paths, size_t count, const char *operators_file, struct geo **ret,
                     struct error *error);
/**
 * The same, faster from the second time on: what the databases hold is kept in a file in @p cache_folder, which is made
 * when it is not there, and used while files and program stay the same. NULL, or a folder that cannot be written: no
 * cache.
 */
enum status geo_open_cached(const char *const *paths, size_t count, const char *operators_file,
                            const char *cache_folder, struct geo **ret, struct error *error);
void geo_close(struct geo *geo);

/** Fills location and operator (axes and facts) of @p ret, and `judged`; leaves vendor and transit alone. */
void geo_judge(const struct geo *geo, const struct ip_address *remote, struct jurisdiction *ret);

/**
 * A number that all addresses share of which every database says the same: geo_judge() gives them the same countries
 * and status on both axes. @return 0 for an address that is judged by itself: special, embedded, or where overrides
 * are.
 */
uint64_t geo_group(const struct geo *geo, const struct ip_address *remote);

/** Only the origin AS numbers (up to @p room) of an address: for attribution. @return how many. */
size_t geo_origin_asns(const struct geo *geo, const struct ip_address *remote, uint32_t *ret, size_t room);

/** A network by its AS number. Texts live as long as @p geo; NULL and "" are unknown. */
struct geo_network {
    const char *name;
    struct country holder;                      /* registered country */
    const char *holder_source, *holder_edition; /* database that tells it */
    const char *parent;                         /* the catalogue's */
    struct country parent_country;
    const char *parent_source, *parent_as_of;
    struct country place; /* where all of its addresses are, when that is one country by every location database */
};

/**
 * Learns of every AS, from the addresses it announces, the country of its holder and whether all of them are in one
 * country: needed once, before geo_network(). One walk over all ranges, some 10 ms per million.
 * @return STATUS_OK or STATUS_NO_MEMORY.
 */
enum status geo_know_networks(struct geo *geo);
/** @return false and @p ret zeroed when nothing is known of @p asn. */
bool geo_network(const struct geo *geo, uint32_t asn, struct geo_network *ret);

/** Whether an address is special-purpose (IANA registries), anything but a global unicast endpoint. @return block's
 * name or NULL. */
const char *geo_special_range(const struct ip_address *address);

size_t geo_databases(const struct geo *geo, const struct geo_database **ret);

/** Data older than this is warned of. */
enum { GEO_STALE_DAYS = 60 };

struct geo_coverage {
    uint64_t v4_addresses, v4_announced; /* that it answers for; those of them that an AS table knows as announced */
    uint64_t v6_prefixes;                /* ranges it answers for */
};
/** @param ret room for all of geo_databases(). @return IPv4 addresses announced, as far as AS tables are loaded. */
uint64_t geo_measure(const struct geo *geo, struct geo_coverage *ret);

/** Lines of a table that were passed over. */
struct geo_refusal {
    uint64_t lines, first_line;
    const char *first_reason; /* constant */
};
/** @param database number among geo_databases(). @return false: none. */
bool geo_refused(const struct geo *geo, size_t database, struct geo_refusal *ret);

/** A range in which two providers name different countries, each the same all over it. */
struct geo_difference {
    const struct geo_database *databases[2];
    struct country countries[2];
    struct ip_address first, last;
    uint64_t v4_addresses; /* 0: IPv6 */
};
typedef void geo_difference_visit(void *context, const struct geo_difference *difference);
/**
 * Where location databases of two providers differ and at least one names one of @p countries; pair by pair, in the
 * order of addresses. @return pairs compared.
 */
size_t geo_compare(const struct geo *geo, const struct country *countries, size_t count, geo_difference_visit *visit,
                   void *context);

/** Calls @p visit with a sentence for each file of a folder that was left out as damaged. */
void geo_passed_over(const struct geo *geo, void (*visit)(void *context, const char *sentence), void *context);

/** Calls @p visit for each warning sentence: no location database, data that is stale at @p now_sec, a table with
 * many bad lines, and those of geo_passed_over(). */
void geo_warnings(const struct geo *geo, int64_t now_sec, void (*visit)(void *context, const char *sentence),
                  void *context);

/** Lines of tables that were passed over, by reason. */
void geo_count(const struct geo *geo, counter_visit *visit, void *context);
/** Bytes held. */
size_t geo_memory(const struct geo *geo);

/** The same for the databases. */
void geo_libraries(library_visit *visit, void *context);

#endif
