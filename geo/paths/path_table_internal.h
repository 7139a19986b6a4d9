/*
 * Prefix -> candidate AS paths, the longest prefix first. One sorted array of routes for both address families (IPv4 as
 * mapped addresses, and of IPv6 only 2000::/3); the routes of a prefix stand together, and each knows the prefix that
 * encloses it. A look-up is a 16-bit index, a binary search, and a few steps outward. Changes are noted behind the
 * sorted part and worked in by path_table_settle().
 */
#ifndef BORDERTAP_GEO_PATHS_PATH_TABLE_INTERNAL_H
#define BORDERTAP_GEO_PATHS_PATH_TABLE_INTERNAL_H

#include "paths/path_store_internal.h"

enum { PATH_ROUTES_MAX = 1 << 23, PATH_PEERS_MAX = 1 << 12 };

struct path_route {
    struct ip_address base;
    uint32_t path; /* number in the store; PATH_NONE: withdrawn */
    uint32_t originated_sec;
    uint32_t path_id;
    uint32_t parent; /* first route of the prefix around it, + 1; 0: none. Of a change: its place in the order */
    uint16_t peer;
    uint8_t length; /* IPv4: 96 more */
    uint8_t source; /* its peer's when it was announced */
};

/** Of one address family of a peer; all of it is the caller's but for is_dropped. */
struct path_feed {
    bool is_dropped;   /* what it has in the sorted part goes with the next path_table_settle() */
    bool has_table;    /* a table began it; changes alone tell of some prefixes only */
    uint8_t table;     /* source of that table */
    int64_t table_sec; /* of that table's last record */
    int64_t heard_sec; /* of the last record */
    int64_t known_sec; /* up to here table and changes follow each other without a gap */
    bool is_torn;      /* routes to addresses from `torn_from` on may be missing in its table */
    struct ip_address torn_from;
};

struct path_peer {
    struct ip_address address;
    uint32_t asn;
    size_t first_change;       /* of this peer since it was dropped last; SIZE_MAX: none */
    bool is_live;              /* caller's: its session is open, so that its routes are those of now */
    uint8_t source;            /* caller's: goes to each route that is announced */
    struct path_feed feeds[2]; /* IPv4, IPv6 */
};

enum path_refusal {
    PATH_REFUSED_OUTSIDE, /* IPv6 outside 2000::/3 */
    PATH_REFUSED_FULL,
    PATH_REFUSED_LENGTH, /* more than PATH_ELEMENTS_MAX */
    PATH_REFUSED_MEMORY,
    PATH_REFUSAL_COUNT,
};

struct path_table {
    struct path_store store;
    struct path_route *routes; /* sorted_count in order, changes behind them */
    size_t sorted_count, count, room;
    bool is_in_order;  /* the changes are in order, and behind the sorted part */
    size_t words_live; /* of the store when it was last rid of unused paths */
    struct path_peer *peers;
    size_t peer_count;
    uint32_t *top;
    uint64_t refused[PATH_REFUSAL_COUNT];
};

/** @return false: no memory; path_table_clear() it in either case. */
bool path_table_init(struct path_table *table);
void path_table_clear(struct path_table *table);

/** @return the peer's number, made when it is new; PATH_PEERS_MAX when there is no room. */
size_t path_table_peer(struct path_table *table, const struct ip_address *address, uint32_t asn);

void path_table_announce(struct path_table *table, size_t peer, const struct bgp_prefix *prefix, struct as_path path,
                         uint32_t originated_sec);
void path_table_withdraw(struct path_table *table, size_t peer, const struct bgp_prefix *prefix);
/** There is a route, but nobody can read which way it leads. */
void path_table_announce_unreadable(struct path_table *table, size_t peer, const struct bgp_prefix *prefix);
/** All routes of a peer go: its session ended. */
void path_table_drop_peer(struct path_table *table, size_t peer);
/** Those of one address family: a new table takes their place. */
void path_table_drop_feed(struct path_table *table, size_t peer, bool is_v6);

/** Works the changes in; look-ups see only what is settled. */
void path_table_settle(struct path_table *table);

/** @return the routes of the longest prefix that holds @p address, @p ret_count of them; NULL: none does. */
const struct path_route *path_table_find(const struct path_table *table, const struct ip_address *address,
                                         size_t *ret_count);
/** Whether a route is for everything: it tells nothing of a particular address. */
bool path_route_is_default(const struct path_route *route);

size_t path_table_prefixes(const struct path_table *table);
size_t path_table_bytes(const struct path_table *table);

#endif
