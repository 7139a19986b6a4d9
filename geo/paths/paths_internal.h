/* What loading and judging share. */
#ifndef BORDERTAP_GEO_PATHS_PATHS_INTERNAL_H
#define BORDERTAP_GEO_PATHS_PATHS_INTERNAL_H

#include "arena.h"
#include "paths/ixp_internal.h"
#include "paths/path_table_internal.h"
#include "paths/paths.h"
#include "paths/trace_table_internal.h"

enum { PATHS_FILES_MAX = 256, PATHS_TIME_TEXT_SIZE = 24, TRACE_FROM_MAX = 64 };

enum rib_choice {
    CHOICE_ONLY, /* the one peer there is */
    CHOICE_ANY,
    CHOICE_ASN,
    CHOICE_ADDRESS,
};

struct paths {
    struct arena *arena; /* texts */
    enum rib_choice choice;
    uint32_t rib_asn, upstream_asn;
    struct ip_address rib_address;
    int64_t stale_after_sec;
    bool (*is_home)(const void *home, const struct ip_address *address);
    const void *home;
    struct ip_address trace_from[TRACE_FROM_MAX];
    size_t trace_from_count;
    uint64_t strange_traces;
    const struct sensor_place *sensor;
    struct path_table own, upstream;
    struct trace_table *traces;
    struct ixp_table *ixps; /* NULL: none loaded */
    struct paths_file files[PATHS_FILES_MAX];
    char file_times[PATHS_FILES_MAX][PATHS_TIME_TEXT_SIZE];
    size_t file_count;
    uint64_t troubles[TROUBLE_COUNT];
    uint64_t traces_refused[TRACE_REFUSAL_COUNT], ixps_refused[IXP_REFUSAL_COUNT]; /* records, by reason */
    uint64_t local_routes; /* without an AS in their path: our own networks */
    uint64_t early_routes; /* of tables older than what is known */
    uint64_t early_updates, sent_updates, doubtful_updates, strange_updates, orphan_updates;
    bool has_torn_tables;
    char nothing[AXIS_REASON_MAX]; /* why there is no path for this sensor; "" when there is */
};

/** "2026-11-20T04:00Z". */
void paths_print_time(int64_t sec, char ret[static PATHS_TIME_TEXT_SIZE]);
/** The file's name without its folders. */
const char *paths_base_name(const char *path);

/** Leaves in @p path the networks between us and the origin: without our own number, prepending, the origin. @return
 * how many. */
size_t paths_keep_hops(struct path_element *path, size_t count, uint32_t own_asn);

/** Sets `nothing` by what the tables hold now. */
void paths_explain_nothing(struct paths *paths);
/** A place for a further file or session. @return NULL and @p error when there is none. */
struct paths_file *paths_add_file(struct paths *paths, const char *path, struct error *error);

/** Loads one file into the tables, whatever it is. */
enum status paths_load(struct paths *paths, const char *path, struct error *error);
/** Loads a file that is no MRT. */
enum status paths_load_traces(struct paths *paths, struct paths_file *file, struct error *error);

#endif
