/*
 * Routing tables and updates in MRT files (RFC 6396, 6397, 8050): TABLE_DUMP, TABLE_DUMP_V2, BGP4MP, BGP4MP_ET. A
 * record is read, told and forgotten: memory does not depend on the file. What is damaged is told and passed over, as
 * far as the length in the record's header leads on.
 */
#ifndef BORDERTAP_GEO_PATHS_MRT_INTERNAL_H
#define BORDERTAP_GEO_PATHS_MRT_INTERNAL_H

#include "paths/bgp_internal.h"
#include "status.h"

enum mrt_type { MRT_TABLE_DUMP = 12, MRT_TABLE_DUMP_V2 = 13, MRT_BGP4MP = 16, MRT_BGP4MP_ET = 17 };

enum { MRT_RECORD_MAX = 1 << 24 /* bytes; tables of 1,500 peers have records of some 200 kB */ };

struct mrt_record {
    uint64_t offset; /* of its header in the file, unpacked */
    uint32_t time_sec, microseconds;
    uint16_t type, subtype;
};

struct mrt_peer {
    struct ip_address address;
    uint32_t asn;
    bool is_v6; /* how the address was written */
};

enum mrt_route_kind { MRT_IN_TABLE, MRT_ANNOUNCED, MRT_WITHDRAWN };

/** A prefix in a table, or in an update. Borrowed for the call. */
struct mrt_route {
    const struct mrt_record *record;
    enum mrt_route_kind kind;
    uint8_t safi;
    bool has_path_id;
    bool is_sent;      /* in an update that the recording side itself sent (the _LOCAL subtypes of RFC 6396, 4.4) */
    bool is_doubtful;  /* see struct bgp_change */
    bool is_of_nobody; /* unreadable, and it cannot be told whose route it is */
    struct bgp_prefix prefix;
    struct mrt_peer peer;
    uint32_t local_asn;                      /* of the recording side, in updates; 0 unknown */
    uint32_t originated_sec;                 /* in tables */
    const struct bgp_attributes *attributes; /* NULL when withdrawn */
    const struct bgp_reach *reach;           /* next hop; NULL: in the attributes */
};

struct mrt_state {
    const struct mrt_record *record;
    struct mrt_peer peer;
    uint16_t before, after; /* RFC 4271, 8.2.2: 6 is established */
};

enum { MRT_ESTABLISHED = 6 };

struct mrt_trouble {
    enum trouble what;
    uint64_t offset;    /* of the record's header, or where the data ends */
    const char *detail; /* or NULL */
};

/** Any may be NULL. */
struct mrt_visitor {
    void (*route)(void *context, const struct mrt_route *route);
    void (*state)(void *context, const struct mrt_state *state);
    void (*trouble)(void *context, const struct mrt_trouble *trouble);
    void *context;
    /* A table has a route there that cannot be read; without attributes. */
    void (*unreadable)(void *context, const struct mrt_route *route);
};

/** @return STATUS_OK, also when there was trouble; STATUS_IO, STATUS_NO_MEMORY; STATUS_MALFORMED when nothing in the
 * file is a record of these types. */
enum status mrt_read(const char *path, const struct mrt_visitor *visitor, struct error *error);
/** The same over bytes in memory; @p name stands for the path. */
enum status mrt_read_bytes(const char *name, const uint8_t *bytes, size_t length, const struct mrt_visitor *visitor,
                           struct error *error);

#endif
