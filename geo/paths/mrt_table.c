/* Tables: TABLE_DUMP (RFC 6396, 4.2) and TABLE_DUMP_V2 (4.3; RFC 8050 for path identifiers). */
#include <stdlib.h>

#include "paths/mrt_parts_internal.h"

enum table_subtype {
    TABLE_IPV4 = 1,
    TABLE_IPV6 = 2,
    TABLE_IPV4_AS4 = 3,
    TABLE_IPV6_AS4 = 4
}; /* AS4: no RFC has them */

enum trouble mrt_table_dump(struct mrt_reader *reader, struct wire body)
{
    uint16_t subtype = reader->record.subtype;
    if (subtype < TABLE_IPV4 || subtype > TABLE_IPV6_AS4)
        return TROUBLE_FAMILY;
    bool is_v6 = subtype == TABLE_IPV6 || subtype == TABLE_IPV6_AS4;
    unsigned as_size = subtype >= TABLE_IPV4_AS4 ? 4 : 2, most = is_v6 ? 128 : 32;
    struct mrt_route route = {.record = &reader->record, .kind = MRT_IN_TABLE, .safi = SAFI_UNICAST};
    wire_skip(&body, 4); /* view, sequence */
    route.prefix.is_v6 = is_v6;
    route.prefix.prefix.base = mrt_address(&body, is_v6);
    unsigned length = wire_u8(&body);
    route.prefix.prefix.length = (uint8_t)(length + 128 - most);
    wire_skip(&body, 1); /* status */
    route.originated_sec = wire_u32(&body);
    route.peer.address = mrt_address(&body, is_v6);
    route.peer.is_v6 = is_v6;
    route.peer.asn = as_size == 4 ? wire_u32(&body) : wire_u16(&body);
    struct wire attributes = wire_carve(&body, wire_u16(&body));
    if (body.failed)
        return TROUBLE_FIELDS;
    if (length > most)
        return TROUBLE_PREFIX;
    enum trouble trouble = bgp_attributes_parse(attributes, as_size, &reader->attributes);
    if (trouble != TROUBLE_NONE) {
        mrt_tell_unreadable(reader, &route);
        return trouble;
    }
    route.attributes = &reader->attributes;
    route.reach = reader->attributes.reach.is_present ? &reader->attributes.reach : NULL;
    mrt_tell_route(reader, &route);
    return TROUBLE_NONE;
}

enum v2_subtype {
    V2_PEER_INDEX_TABLE = 1,
    V2_IPV4_UNICAST = 2,
    V2_IPV4_MULTICAST = 3,
    V2_IPV6_UNICAST = 4,
    V2_IPV6_MULTICAST = 5,
    V2_GENERIC = 6,
    V2_GEO_PEER_TABLE = 7, /* RFC 6397: where peers are; nothing here needs it */
    V2_IPV4_UNICAST_ADDPATH = 8,
    V2_IPV6_MULTICAST_ADDPATH = 11,
    V2_GENERIC_ADDPATH = 12,
};

enum peer_type { PEER_IS_V6 = 1, PEER_HAS_AS4 = 2, PEER_SIZE_LEAST = 11 };

static enum trouble read_peers(struct mrt_reader *reader, struct wire body)
{
    wire_skip(&body, 4);               /* collector */
    wire_skip(&body, wire_u16(&body)); /* name of the view */
    size_t count = wire_u16(&body);
    if (body.failed || count > body.left / PEER_SIZE_LEAST)
        return TROUBLE_FIELDS;
    struct mrt_peer *peers = calloc(count ? count : 1, sizeof(*peers));
    if (peers == NULL) {
        reader->is_out_of_memory = true;
        return TROUBLE_NONE;
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t type = wire_u8(&body);
        wire_skip(&body, 4); /* BGP identifier */
        peers[i].is_v6 = type & PEER_IS_V6;
        peers[i].address = mrt_address(&body, peers[i].is_v6);
        peers[i].asn = type & PEER_HAS_AS4 ? wire_u32(&body) : wire_u16(&body);
    }
    if (body.failed) {
        free(peers);
        return TROUBLE_FIELDS;
    }
    free(reader->peers);
    reader->peers = peers;
    reader->peer_count = count;
    return TROUBLE_NONE;
}

/** A damaged entry is passed over; the others of its prefix are told. */
static enum trouble read_entry(struct mrt_reader *reader, struct wire *body, struct mrt_route *route)
{
    unsigned index = wire_u16(body);
    route->originated_sec = wire_u32(body);
    if (route->has_path_id)
        route->prefix.path_id = wire_u32(body);
    struct wire attributes = wire_carve(body, wire_u16(body));
    route->is_of_nobody = body->failed || index >= reader->peer_count;
    if (!route->is_of_nobody)
        route->peer = reader->peers[index];
    enum trouble trouble = body->failed                  ? TROUBLE_FIELDS
                           : index >= reader->peer_count ? TROUBLE_PEER
                                                         : bgp_attributes_parse(attributes, 4, &reader->attributes);
    if (trouble != TROUBLE_NONE) {
        route->attributes = NULL;
        mrt_tell_unreadable(reader, route);
        return trouble;
    }
    route->attributes = &reader->attributes;
    route->reach = reader->attributes.reach.is_present ? &reader->attributes.reach : NULL;
    mrt_tell_route(reader, route);
    return TROUBLE_NONE;
}

static enum trouble read_rib(struct mrt_reader *reader, struct wire body, uint16_t afi, uint8_t safi, bool has_path_id)
{
    struct mrt_route route = {
        .record = &reader->record, .kind = MRT_IN_TABLE, .safi = safi, .has_path_id = has_path_id};
    enum trouble ret = TROUBLE_NONE;
    struct bgp_prefix prefix;
    if (!bgp_prefix_next(&body, afi, false, &prefix, &ret))
        return TROUBLE_PREFIX;
    route.prefix = prefix;
    unsigned count = wire_u16(&body);
    for (unsigned i = 0; i < count && !body.failed; i++) {
        enum trouble trouble = read_entry(reader, &body, &route);
        ret = ret == TROUBLE_NONE ? trouble : ret;
    }
    return body.failed ? TROUBLE_FIELDS : ret;
}

enum trouble mrt_table_dump_v2(struct mrt_reader *reader, struct wire body)
{
    unsigned subtype = reader->record.subtype;
    if (subtype == V2_PEER_INDEX_TABLE)
        return read_peers(reader, body);
    if (subtype == V2_GEO_PEER_TABLE)
        return TROUBLE_NONE;
    if (subtype < V2_IPV4_UNICAST || subtype > V2_GENERIC_ADDPATH)
        return TROUBLE_SUBTYPE;
    bool has_path_id = subtype >= V2_IPV4_UNICAST_ADDPATH;
    unsigned plain = has_path_id ? subtype - (V2_IPV4_UNICAST_ADDPATH - V2_IPV4_UNICAST) : subtype;
    wire_skip(&body, 4); /* sequence */
    uint16_t afi = plain <= V2_IPV4_MULTICAST ? AFI_IPV4 : AFI_IPV6;
    uint8_t safi = plain == V2_IPV4_MULTICAST || plain == V2_IPV6_MULTICAST ? SAFI_MULTICAST : SAFI_UNICAST;
    if (plain == V2_GENERIC) {
        afi = wire_u16(&body);
        safi = wire_u8(&body);
    }
    if ((afi != AFI_IPV4 && afi != AFI_IPV6) || (safi != SAFI_UNICAST && safi != SAFI_MULTICAST))
        return TROUBLE_FAMILY;
    return read_rib(reader, body, afi, safi, has_path_id);
}
