/* What the parts of the MRT reader share. */
#ifndef BORDERTAP_GEO_PATHS_MRT_PARTS_INTERNAL_H
#define BORDERTAP_GEO_PATHS_MRT_PARTS_INTERNAL_H

#include "paths/mrt_internal.h"

struct mrt_reader {
    const struct mrt_visitor *visitor;
    struct mrt_record record; /* at hand */
    struct mrt_peer *peers;   /* of the last PEER_INDEX_TABLE, owned */
    size_t peer_count;
    bool is_out_of_memory;
    struct bgp_attributes attributes;
};

/** An address of 4 or 16 bytes. */
struct ip_address mrt_address(struct wire *body, bool is_v6);

/** Each parses the body of one record and tells what is in it. @return the first trouble, or TROUBLE_NONE. */
enum trouble mrt_table_dump(struct mrt_reader *reader, struct wire body);
enum trouble mrt_table_dump_v2(struct mrt_reader *reader, struct wire body);
enum trouble mrt_bgp4mp(struct mrt_reader *reader, struct wire body);

void mrt_tell_route(const struct mrt_reader *reader, const struct mrt_route *route);
void mrt_tell_unreadable(const struct mrt_reader *reader, const struct mrt_route *route);

#endif
