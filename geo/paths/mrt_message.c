/* Updates and state changes: BGP4MP (RFC 6396, 4.4; RFC 8050 for path identifiers). */
#include "paths/mrt_parts_internal.h"

enum message_subtype {
    MESSAGE_STATE_CHANGE = 0,
    MESSAGE = 1,
    MESSAGE_OLD_ENTRY = 2,
    MESSAGE_OLD_SNAPSHOT = 3,
    MESSAGE_AS4 = 4,
    MESSAGE_STATE_CHANGE_AS4 = 5,
    MESSAGE_LOCAL = 6,
    MESSAGE_AS4_LOCAL = 7,
    MESSAGE_ADDPATH = 8,
    MESSAGE_AS4_ADDPATH = 9,
    MESSAGE_LOCAL_ADDPATH = 10,
    MESSAGE_AS4_LOCAL_ADDPATH = 11,
};

enum { BGP_MESSAGE_LAST = 5 /* ROUTE-REFRESH */ };

static enum trouble read_ends(struct wire *body, unsigned as_size, struct mrt_peer *ret_peer, uint32_t *ret_local_asn)
{
    uint32_t peer_asn = as_size == 4 ? wire_u32(body) : wire_u16(body);
    *ret_local_asn = as_size == 4 ? wire_u32(body) : wire_u16(body);
    wire_skip(body, 2); /* interface */
    unsigned afi = wire_u16(body);
    if (!body->failed && afi != AFI_IPV4 && afi != AFI_IPV6)
        return TROUBLE_FAMILY;
    ret_peer->asn = peer_asn;
    ret_peer->is_v6 = afi == AFI_IPV6;
    ret_peer->address = mrt_address(body, ret_peer->is_v6);
    wire_skip(body, ret_peer->is_v6 ? 16 : 4); /* our own address */
    return body->failed ? TROUBLE_FIELDS : TROUBLE_NONE;
}

static enum trouble read_state(struct mrt_reader *reader, struct wire body, unsigned as_size)
{
    struct mrt_state state = {.record = &reader->record};
    uint32_t local_asn;
    enum trouble trouble = read_ends(&body, as_size, &state.peer, &local_asn);
    if (trouble != TROUBLE_NONE)
        return trouble;
    state.before = wire_u16(&body);
    state.after = wire_u16(&body);
    if (body.failed)
        return TROUBLE_FIELDS;
    if (reader->visitor->state != NULL)
        reader->visitor->state(reader->visitor->context, &state);
    return TROUBLE_NONE;
}

struct told {
    const struct mrt_reader *reader;
    struct mrt_route route;
};

static void on_change(void *context, const struct bgp_change *change)
{
    struct told *told = context;
    told->route.kind = change->is_withdrawal ? MRT_WITHDRAWN : MRT_ANNOUNCED;
    told->route.safi = change->safi;
    told->route.is_doubtful = change->is_doubtful;
    told->route.prefix = change->prefix;
    told->route.attributes = change->attributes;
    told->route.reach = change->reach;
    mrt_tell_route(told->reader, &told->route);
}

static enum trouble read_message(struct mrt_reader *reader, struct wire body, unsigned as_size, bool has_path_id,
                                 bool is_sent)
{
    struct told told = {reader, {.record = &reader->record, .has_path_id = has_path_id, .is_sent = is_sent}};
    struct wire message;
    uint8_t type;
    enum trouble trouble = read_ends(&body, as_size, &told.route.peer, &told.route.local_asn);
    if (trouble == TROUBLE_NONE)
        trouble = bgp_message_parse(&body, &type, &message);
    if (trouble != TROUBLE_NONE)
        return trouble;
    if (type != BGP_UPDATE)
        return type >= BGP_OPEN && type <= BGP_MESSAGE_LAST ? TROUBLE_NONE : TROUBLE_MESSAGE;
    return bgp_update_visit(message, as_size, has_path_id ? BGP_PATH_IDS_ALL : BGP_PATH_IDS_NONE, &reader->attributes,
                            on_change, &told);
}

enum trouble mrt_bgp4mp(struct mrt_reader *reader, struct wire body)
{
    switch (reader->record.subtype) {
    case MESSAGE_STATE_CHANGE:
        return read_state(reader, body, 2);
    case MESSAGE_STATE_CHANGE_AS4:
        return read_state(reader, body, 4);
    case MESSAGE:
        return read_message(reader, body, 2, false, false);
    case MESSAGE_AS4:
        return read_message(reader, body, 4, false, false);
    case MESSAGE_LOCAL:
        return read_message(reader, body, 2, false, true);
    case MESSAGE_AS4_LOCAL:
        return read_message(reader, body, 4, false, true);
    case MESSAGE_ADDPATH:
        return read_message(reader, body, 2, true, false);
    case MESSAGE_AS4_ADDPATH:
        return read_message(reader, body, 4, true, false);
    case MESSAGE_LOCAL_ADDPATH:
        return read_message(reader, body, 2, true, true);
    case MESSAGE_AS4_LOCAL_ADDPATH:
        return read_message(reader, body, 4, true, true);
    case MESSAGE_OLD_ENTRY:
    case MESSAGE_OLD_SNAPSHOT:
        return TROUBLE_OLD_ENTRY;
    default:
        return TROUBLE_SUBTYPE;
    }
}
