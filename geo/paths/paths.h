/*
 * Which networks carry packets from this sensor to a remote: routers that answered a traceroute from the same site, the
 * AS paths of the user's own routing table (MRT files), or of the public session of its upstream. Other people's paths
 * say nothing of ours and are never used as if they did. Only the way out is known this way.
 *
 *   paths_open() -> paths_judge() ... -> paths_close()
 *
 * Read-only once open: any thread may judge.
 */
#ifndef BORDERTAP_GEO_PATHS_PATHS_H
#define BORDERTAP_GEO_PATHS_PATHS_H

#include <stdio.h>

#include "counter.h"
#include "flow_path.h"
#include "jurisdiction.h"
#include "status.h"

struct geo;
struct paths;
struct sensor_place;

enum { PATHS_STALE_SEC = 86400 };

struct paths_options {
    /* MRT tables (RFC 6396) and updates, in the order of their time; traceroutes from this site, of any tool; a dump of
     * PeeringDB with the peering networks of exchanges. Borrowed for the call. */
    const char *const *files;
    size_t count;
    /* Which peer of the tables is our own router: "AS6939", an address, or "any": every peer is an upstream of ours.
     * Its AS number is ours and is left out of the paths. NULL: a table of one peer is ours, one of several is
     * nobody's. */
    const char *rib_peer;
    uint32_t upstream_asn; /* host byte order; 0: none. A full feed of it in a public table is used */
    /* Data older than this against the packet loses a grade, a traceroute does not count; 0: PATHS_STALE_SEC. */
    int64_t stale_after_sec;
    /* Whether an address is of the house: its routers are no carriers. Both outlive the paths; NULL: special ranges
     * alone are. */
    bool (*is_home)(const void *home, const struct ip_address *address);
    const void *home;
    /* "ADDRESS[,...]": public addresses that traceroutes of this site begin at, beside those of the house. A traceroute
     * that names another source is no evidence here. NULL: none. */
    const char *trace_from;
    /* Where the traceroutes began: routers that answered sooner than light allows are not where databases say. NULL:
     * not known. Outlives the paths. */
    const struct sensor_place *sensor;
};

struct paths_file {
    const char *path;
    const char *kind;    /* "table", "updates", "table and updates", "traceroutes", "exchanges", "nothing" */
    const char *use;     /* a sentence: what it is good for here */
    size_t peers;        /* that have routes in it */
    uint64_t prefixes;   /* of the peer that has most; of updates: announcements */
    uint64_t used;       /* routes and changes taken from it */
    int64_t time_sec;    /* of its last record; 0: there is none, or it is not known */
    uint64_t troubles;   /* damaged records */
    const char *trouble; /* the first of them, with its offset; NULL: none */
};

/** @return STATUS_OK, also when files are damaged, as far as they are (see paths_files()); else with @p error. */
enum status paths_open(const struct paths_options *options, struct paths **ret, struct error *error);
void paths_close(struct paths *paths);

/**
 * The transit axis of a remote and the facts behind it.
 * @param paths NULL: there are none, and the axis says so.
 * @param geo where countries of networks come from; geo_know_networks() was called.
 * @param remote as geo_judge() judged it: embedded IPv4 unwrapped.
 * @param time_sec of the packet, since the epoch.
 */
void paths_judge(const struct paths *paths, const struct geo *geo, const struct ip_address *remote, int64_t time_sec,
                 struct axis_judgement *ret, struct transit_facts *ret_facts);

/** Routers that quoted a packet of a flow in the capture itself, proven to be its own. Borrowed. */
struct paths_quotes {
    const struct path_router *routers; /* by hop */
    size_t count;
    int64_t time_sec;                                                    /* of the first quote */
    bool (*is_home)(const void *home, const struct ip_address *address); /* as of struct paths_options */
    const void *home;
};

/**
 * Adds them to what paths_judge() said of the flow's remote: the whole axis (T4) where nothing is known of the path,
 * else the carriers and countries that are not named or not certain there. What they do not name stays open.
 * @param paths may be NULL.
 */
void paths_add_quotes(const struct paths *paths, const struct geo *geo, const struct ip_address *remote,
                      const struct paths_quotes *quotes, struct axis_judgement *axis, struct transit_facts *facts);

/** A route of the longest prefix that holds an address. Borrowed for the call. */
struct paths_candidate {
    struct ip_prefix prefix;
    struct ip_address peer;
    uint32_t peer_asn;
    uint32_t path_id;       /* 0: none */
    int64_t originated_sec; /* when the peer announced it; 0 unknown */
    const char *as_path;    /* "3320 1299 {64500,64501}" */
    const char *source;
};

/** All candidates behind paths_judge(). @return how many. */
size_t paths_candidates(const struct paths *paths, const struct ip_address *remote,
                        void (*visit)(void *context, const struct paths_candidate *candidate), void *context);

size_t paths_files(const struct paths *paths, const struct paths_file **ret);
void paths_count(const struct paths *paths, counter_visit *visit, void *context);
/** Sentences: damaged files, selections that match nothing, data older than the limit at @p now_sec (INT64_MIN: not
 * asked). */
void paths_warnings(const struct paths *paths, int64_t now_sec, void (*visit)(void *context, const char *sentence),
                    void *context);
/** Prefixes in use, and bytes held. */
size_t paths_prefixes(const struct paths *paths);
size_t paths_memory(const struct paths *paths);

/**
 * Prints every route of an MRT file as a line, as `bgpdump -m` does.
 * @param trouble called with a sentence for the first damaged record of each kind, and for how many more there are;
 * NULL: not wanted.
 */
enum status paths_dump(const char *file, FILE *out, void (*trouble)(void *context, const char *sentence), void *context,
                       struct error *error);

#endif
