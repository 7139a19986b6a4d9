/*
 * A source: one role of one file that was loaded. Files are known by name where their content does not say who made
 * them (all files of one npm family call themselves "country ipvAll"), else by their metadata.
 */
#ifndef BORDERTAP_GEO_SOURCES_INTERNAL_H
#define BORDERTAP_GEO_SOURCES_INTERNAL_H

#include "geo.h"
#include "merged_internal.h"
#include "networks_internal.h"
#include "overrides_internal.h"

enum role {
    ROLE_NONE,
    ROLE_LOCATION,
    ROLE_REGISTRATION, /* of the address block: never says where an address is */
    ROLE_HOLDER,       /* registered country of the origin AS's holder */
    ROLE_ASN,
    ROLE_ANYCAST, /* addresses that are in many places */
    ROLE_PARENT,
    ROLE_OVERRIDE,
};

/** "location", "registration", "holder-country", "asn", "anycast", "parent", "override"; constant. */
const char *geo_role_text(enum role role);
bool geo_role_parse(struct text text, enum role *ret);

/* Range values. A country is its two letters; this one says that the provider holds the country back. */
#define VALUE_WITHHELD 1u
#define VALUE_ANYCAST 1u

static inline uint32_t value_of_country(struct country c)
{
    return (uint32_t)(unsigned char)c.code[0] << 8 | (unsigned char)c.code[1];
}

static inline struct country country_of_value(uint32_t value)
{
    return value > 0xff ? (struct country){{(char)(value >> 8), (char)value, 0}} : (struct country){{0}};
}

/** Who makes a file. */
struct known_file {
    const char *pattern;    /* start of the file's name or of its database_type, lower case, without punctuation */
    const char *name;       /* as shown */
    const char *provider;   /* shared by files that follow each other */
    enum role country_role; /* what a country in it means */
    const char *licence;
};

/** @return NULL when nobody known; @p database_type may be NULL. */
const struct known_file *geo_known_file(const char *path, const char *database_type);

enum refusal {
    REFUSED_ADDRESS,
    REFUSED_BACKWARD, /* last address below the first */
    REFUSED_NUMBER,   /* no AS number */
    REFUSED_COUNTRY,
    REFUSED_FIELDS, /* too few */
    REFUSED_ORDER,  /* starts inside or before the range above it */
    REFUSED_KIND,   /* of record or status, not known */
    REFUSED_CUT,    /* last line of a long table, without an end: what is missing of it, nobody can say */
    REFUSED_SHORT,  /* no line: a long table of IPv4 that ends far before the addresses do */
    REFUSAL_COUNT,
};

/** "bad_address" ...: snake case, constant. */
const char *geo_refusal_text(enum refusal refusal);

struct refusals {
    uint64_t counts[REFUSAL_COUNT];
    uint64_t first_line; /* 0: none */
    enum refusal first;
};

void refusals_add(struct refusals *refusals, enum refusal refusal, uint64_t line);
uint64_t refusals_total(const struct refusals *refusals);
/** An error when more than half of @p lines were refused. */
enum status refusals_status(const struct refusals *refusals, uint64_t lines, const char *path, struct error *error);

enum { SOURCES_MAX = 32, PASSED_OVER_MAX = 16 };

struct geo_source {
    enum role role;
    struct range_list list;               /* while loading: empty once all are merged */
    size_t v4_ranges, v6_ranges, holders; /* holders: AS numbers whose holder's country it told */
    bool is_geofeed;
    bool is_derived; /* anycast that somebody reckoned, not listed: named only where no list speaks */
    struct refusals refusals;
};

/** A mapped file that ranges, merged table and texts are in, when they come from the last start (cache.c). */
struct geo_image {
    void *map; /* NULL: there is none */
    size_t size;
};

struct geo {
    struct arena *arena; /* all texts */
    int64_t now_sec;     /* wall time of loading */
    struct geo_image image;
    struct geo_source sources[SOURCES_MAX];
    struct geo_database databases[SOURCES_MAX]; /* parallel to sources */
    size_t source_count, column_count;
    const char *passed_over[PASSED_OVER_MAX];     /* damaged files of folders: why */
    size_t passed_over_count;                     /* more than PASSED_OVER_MAX are counted */
    const struct geo_source *columns[LAYERS_MAX]; /* those with ranges, in the order of the merged tuples */
    struct networks networks;
    struct known_network *known; /* of networks.items[0...known_count), once asked for (known_networks.c) */
    size_t known_count;
    struct overrides overrides;
    struct merged merged;
};

/** What a user wants of a file, or nothing. */
struct wish {
    enum role role;  /* ROLE_NONE: probe */
    struct text key; /* MMDB: field that holds the country or AS number */
    const char *path;
};

/** Nothing loaded yet. @return NULL: no memory. */
struct geo *geo_new(void);
/** Sets columns: the sources with ranges. @return false when there are too many. */
bool geo_find_columns(struct geo *geo);

/** Adds a source. @return NULL and @p error when there are too many. */
struct geo_source *geo_source_add(struct geo *geo, enum role role, const struct wish *wish,
                                  const struct known_file *known, const char *fallback_name, struct error *error);
struct geo_database *geo_source_database(struct geo *geo, const struct geo_source *source);
/** The day in a file's name or its folder's ("asn-2.3.2026061719"), or NULL; belongs to the arena. */
const char *geo_edition_of_path(struct arena *arena, const char *path);

/** Loads one file, whatever it is. */
enum status geo_load_file(struct geo *geo, const struct wish *wish, struct error *error);
enum { FOLDER_FILES_MAX = 256 };

/** What a folder holds that is known here, in the order of names. */
struct geo_files {
    struct arena *arena; /* of the paths */
    const char *paths[FOLDER_FILES_MAX];
    size_t count;
    bool is_full; /* there are more */
};

void geo_files_find(struct geo_files *files, const char *path);

/**
 * Loads what is known in a folder: the databases, or the overrides. A file that cannot be used is left out and noted in
 * passed_over.
 */
#define GOING_ON_WITHOUT "; going on without it"
enum status geo_load_folder(struct geo *geo, const char *path, bool overrides, struct error *error);
/** What could not be used goes on without being an error: kept for geo_passed_over(). */
void geo_pass_over(struct geo *geo, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** The file given first has the say. */
void geo_set_holder(struct geo *geo, struct geo_source *source, uint32_t network, struct country holder);

/* The readers, one a format. They read bytes that are in memory; the path of @p wish names them in errors. */

bool geo_is_mmdb(struct text bytes);
enum status geo_load_mmdb(struct geo *geo, const struct wish *wish, struct text bytes, struct error *error);
bool geo_is_libloc(struct text bytes);
enum status geo_load_libloc(struct geo *geo, const struct wish *wish, struct text bytes, struct error *error);
bool geo_is_delegated(struct text text);
enum status geo_load_delegated(struct geo *geo, const struct wish *wish, struct text text, struct error *error);
bool geo_is_geofeed(struct text text);
enum status geo_load_geofeed(struct geo *geo, const struct wish *wish, struct text text, struct error *error);
bool geo_is_as2org(struct text text);
enum status geo_load_as2org(struct geo *geo, const struct wish *wish, struct text text, struct error *error);
/** A list of prefixes, one a line; what stands behind the prefix is passed over. */
enum status geo_load_anycast(struct geo *geo, const struct wish *wish, struct text text, struct error *error);
enum status geo_load_table(struct geo *geo, const struct wish *wish, struct text text, struct error *error);
/** Whatever these bytes are. */
enum status geo_load_bytes(struct geo *geo, const struct wish *wish, struct text bytes, struct error *error);

/** Whether a path is one of a file of overrides, by its name. */
bool geo_is_overrides(const char *path);
/** @param now_sec what expired before is refused and noted as passed over. */
enum status geo_load_overrides_bytes(struct geo *geo, const char *name, struct text text, int64_t now_sec,
                                     struct error *error);
/** The catalogue's parents. */
enum status geo_load_operators(struct geo *geo, const char *path, struct error *error);
enum status geo_load_operators_bytes(struct geo *geo, const char *name, const char *bytes, size_t length,
                                     struct error *error);

/** A list that refused a range, as a sentence. */
enum status geo_list_status(const struct range_list *list, const char *path, struct error *error);

#endif
