/*
 * How the catalogue lies in memory. Everything hangs on one arena; tables are built once at the end of loading and only
 * read afterwards. An indicator is the first member of its entry, so that the matchers get from the public shape to the
 * private one.
 */
#ifndef BORDERTAP_ANALYZERS_CATALOG_INTERNAL_H
#define BORDERTAP_ANALYZERS_CATALOG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "catalog.h"
#include "yaml_reader.h"

enum {
    CATALOG_FILES_MAX = 4096,
    CATALOG_INDICATORS_MAX = 1 << 19,
    CATALOG_NAME_LABELS_MAX = 16, /* of a name or pattern in the catalogue; names on the wire may be longer */
    CATALOG_PATTERNS_PER_ZONE = 64,
    CATALOG_WILDCARDS_MAX = 4, /* of a name's pattern: each may cost a walk over the name */
    CATALOG_PATH_WILDCARDS_MAX = 8,
    CATALOG_ROW_HOSTS_MAX = 64,
    CATALOG_ROW_PORTS_MAX = 8,
    CATALOG_VALUE_MAX = 255, /* bytes of one value */
};

struct catalog_port {
    uint16_t number;
    uint8_t protocol; /* IP protocol number */
};

struct catalog_entry {
    struct indicator indicator;       /* first: see entry_of() */
    struct text value;                /* what is compared: lower case for names, without "AS" and the like */
    const struct text *hosts;         /* HTTP kinds: only towards these names and what is under them */
    const struct catalog_port *ports; /* documented for the indicator; INDICATOR_PORT: the port itself */
    uint8_t host_count, port_count;
    uint8_t body[CATALOG_VALUE_MAX / 8]; /* INDICATOR_HTTP_BODY: first bytes */
    uint8_t body_length;
    uint32_t asn;
    struct ip_prefix prefix;
    const struct catalog_entry *web; /* a mixed zone's own web names */
};

static inline const struct catalog_entry *entry_of(const struct indicator *indicator)
{
    return (const struct catalog_entry *)(const void *)indicator;
}

/* A list of entries of one kind. */
struct entry_list {
    const struct catalog_entry **items;
    size_t count;
};

/* One suffix that the catalogue knows, or that lies above one it knows. */
struct name_node {
    const char *suffix;
    uint32_t length, hash;
    const struct catalog_entry *exact, *zone; /* INDICATOR_DOMAIN, INDICATOR_SUFFIX */
    const struct catalog_entry **patterns;    /* most literal first */
    uint16_t pattern_count, pattern_room;
};

struct name_index {
    struct name_node *nodes; /* 0 is unused */
    size_t count, room;
    uint32_t *slots; /* open addressing, index of a node or 0 */
    uint32_t mask;
    const struct text *web_labels; /* sorted */
    size_t web_label_count;
};

/* Ranges sorted by address, wider first; `parent` is the index + 1 of the range round it. */
struct prefix_index {
    const struct catalog_entry **items;
    uint32_t *parent;
    size_t count;
};

struct engine_rule {
    const char *host_id, *engine_id; /* as written, until resolved */
    const struct product *host, *engine;
    const struct text *own_names; /* names that mean the engine vendor's own product */
    size_t own_name_count;
    const char *file;
    uint32_t line;
};

struct authority {
    struct country country;
    const char *name, *source, *read_on;
    struct text organisation, common_name; /* either may be without value: then it does not matter */
    bool is_prefix;                        /* common_name only has to begin so */
};

struct catalog {
    struct arena *arena;
    const char *edition;
    const struct vendor **vendors;
    const struct product **products;
    const struct indicator **indicators;
    size_t vendor_count, vendor_room, product_count, product_room, indicator_count, indicator_room;
    struct name_index names;
    struct prefix_index prefixes;
    struct entry_list by_kind[INDICATOR_KIND_COUNT]; /* sorted where the kind is looked up by value */
    struct engine_rule *engines;
    size_t engine_count, engine_room;
    struct authority *authorities;
    size_t authority_count, authority_room;
};

/* --- reading (catalog_read.c, catalog_row.c, catalog_authorities.c) --- */

/* Where problems go: a loader stops at the first, a check hears them all. */
struct catalog_reader {
    struct catalog *catalog;
    const struct yaml_file *yaml;
    const char *file;    /* path, in the arena */
    const char *read_on; /* default of the file's sources */
    struct vendor *vendor;
    const struct yaml_node *sources;
    size_t first_product; /* of this file */
    catalog_problem_visit *visit;
    void *context;
    struct error *error;
    enum status status;
    size_t errors;
};

void reader_problem(struct catalog_reader *r, uint32_t line, bool is_error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Whether reading goes on: a loader stops at the first error. */
static inline bool reader_stopped(const struct catalog_reader *r)
{
    return r->visit == NULL && r->status != STATUS_OK;
}

void catalog_read_file(struct catalog_reader *r, const struct yaml_file *yaml);
void catalog_read_row(struct catalog_reader *r, const struct yaml_node *row);
void catalog_read_authorities(struct catalog_reader *r, const struct yaml_file *yaml);
void catalog_read_web_labels(struct catalog_reader *r, const struct yaml_file *yaml);

/* Fields of a mapping; each tells the reader what is wrong and returns false or NULL. */
const char *reader_string(struct catalog_reader *r, const struct yaml_node *mapping, const char *key);
bool reader_bool(struct catalog_reader *r, const struct yaml_node *mapping, const char *key, bool *ret);
bool reader_date(struct catalog_reader *r, const struct yaml_node *node, const char **ret);
bool reader_keys(struct catalog_reader *r, const struct yaml_node *mapping, const char *what, const char *const *known);
/* Grows a pointer or struct array; false when memory ran out. */
bool reader_grow(struct catalog_reader *r, void *array, size_t *room, size_t count, size_t size);

struct catalog *catalog_new(void);
void catalog_finish(struct catalog_reader *r); /* edition, tables, references between files */
/* A catalogue of one file's text (tests and fuzzing); the rest is empty. */
enum status catalog_load_bytes(const char *name, const char *bytes, size_t length, struct catalog **ret,
                               struct error *error);
void catalog_read_directory(struct catalog_reader *r, const char *directory);

/* --- names (match_name.c, match_pattern.c) --- */

/* @return NULL when @p value may stand in the catalogue as a name, else what is wrong with it. */
const char *name_refusal(struct text value);
const char *pattern_refusal(struct text value);
/* Labels without wildcards at the end of a pattern. */
struct text pattern_fixed_suffix(struct text pattern);
bool pattern_matches(struct text pattern, struct text name);
size_t pattern_literals(struct text pattern);
/* Whether @p name is @p zone or lies under it. */
bool name_is_under(struct text name, struct text zone);
size_t name_labels(struct text name);
bool name_has_only_name_characters(struct text name); /* lower case, and the dots between */

bool name_index_add(struct name_index *index, struct arena *arena, const struct catalog_entry *entry);
const struct catalog_entry *name_index_find(const struct name_index *index, struct text name, size_t *probes);
void name_index_clear(struct name_index *index);

/* --- other kinds (catalog_tables.c, match_http.c) --- */

bool catalog_build_tables(struct catalog *catalog);
const struct catalog_entry *catalog_match_value(const struct catalog *catalog, enum indicator_kind kind,
                                                struct text value);
const struct catalog_entry *catalog_match_port(const struct catalog *catalog, const struct product *product,
                                               uint8_t protocol, uint16_t port);
/* @param host without port, empty when unknown or an address. */
const struct catalog_entry *catalog_match_path(const struct catalog *catalog, struct text path, struct text host);
const struct catalog_entry *catalog_match_user_agent(const struct catalog *catalog, struct text user_agent,
                                                     struct text host);
/* @param names "Host\nUser-Agent\n..." */
const struct catalog_entry *catalog_match_header(const struct catalog *catalog, struct text names,
                                                 struct text *ret_header);
const struct catalog_entry *catalog_match_body(const struct catalog *catalog, const uint8_t *body, size_t length);
/* Path patterns: "*" any run inside a segment, "#" digits; a pattern is a prefix of the path. */
bool path_matches(struct text pattern, struct text path);

#endif
