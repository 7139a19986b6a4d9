#include "paths/bmp_internal.h"

#include <stdlib.h>

enum {
    VERSION = 3,
    HEADER_SIZE = 6,
    CAPABILITIES = 2,        /* RFC 5492 */
    CAPABILITY_ADDPATH = 69, /* RFC 7911 */
    ADDPATH_RECEIVES = 1,
    ADDPATH_SENDS = 2,
};

/** What a session between routers agreed on: a bit (1 << AFI) for each family with path identifiers. */
struct known_peer {
    uint8_t type;
    uint64_t distinguisher;
    struct ip_address address;
    uint32_t asn, path_ids;
};

struct bmp_parser {
    struct bmp_visitor visitor;
    uint8_t *bytes; /* of the message at hand */
    size_t length, room;
    uint64_t offset;
    bool is_lost, is_over;
    struct known_peer *peers;
    size_t peer_count, last;
    uint64_t messages[BMP_TYPE_COUNT], troubles[TROUBLE_COUNT];
    struct bgp_attributes attributes;
};

struct bmp_parser *bmp_parser_new(const struct bmp_visitor *visitor)
{
    struct bmp_parser *parser = calloc(1, sizeof(*parser));
    if (parser != NULL)
        parser->visitor = *visitor;
    return parser;
}

void bmp_parser_free(struct bmp_parser *parser)
{
    if (parser == NULL)
        return;
    free(parser->bytes);
    free(parser->peers);
    free(parser);
}

uint64_t bmp_parser_messages(const struct bmp_parser *parser, enum bmp_type type)
{
    return parser->messages[type];
}

uint64_t bmp_parser_troubles(const struct bmp_parser *parser, enum trouble trouble)
{
    return parser->troubles[trouble];
}

uint64_t bmp_parser_offset(const struct bmp_parser *parser)
{
    return parser->offset;
}

/* ---- peers ---- */

enum peer_flags { FLAG_IS_V6 = 0x80, FLAG_POST_POLICY = 0x40, FLAG_16_BIT = 0x20, FLAG_SENT = 0x10 };

static bool read_peer(struct wire *w, struct bmp_peer *ret)
{
    static const uint8_t zeros[16];
    *ret = (struct bmp_peer){.type = wire_u8(w)};
    uint8_t flags = wire_u8(w);
    ret->distinguisher = (uint64_t)wire_u32(w) << 32;
    ret->distinguisher |= wire_u32(w);
    const uint8_t *address = wire_bytes(w, 16);
    ret->asn = wire_u32(w);
    wire_skip(w, 4); /* BGP identifier */
    ret->time_sec = wire_u32(w);
    wire_skip(w, 4);
    if (w->failed)
        return false;
    bool is_loc_rib = ret->type == BMP_PEER_LOC_RIB; /* its flags mean something else */
    bool is_v6 = is_loc_rib || (flags & FLAG_IS_V6) != 0;
    ret->address = is_loc_rib ? ip_from_v6(zeros) : is_v6 ? ip_from_v6(address) : ip_from_v4(address + 12);
    ret->is_post_policy = !is_loc_rib && (flags & FLAG_POST_POLICY) != 0;
    ret->has_16_bit_paths = !is_loc_rib && (flags & FLAG_16_BIT) != 0;
    ret->is_sent = !is_loc_rib && (flags & FLAG_SENT) != 0;
    return true;
}

static bool is_same(const struct known_peer *known, const struct bmp_peer *peer)
{
    return known->type == peer->type && known->distinguisher == peer->distinguisher && known->asn == peer->asn &&
           ip_equal(&known->address, &peer->address);
}

static struct known_peer *find_peer(struct bmp_parser *parser, const struct bmp_peer *peer)
{
    if (parser->last < parser->peer_count && is_same(&parser->peers[parser->last], peer))
        return &parser->peers[parser->last];
    for (size_t i = 0; i < parser->peer_count; i++)
        if (is_same(&parser->peers[i], peer)) {
            parser->last = i;
            return &parser->peers[i];
        }
    return NULL;
}

static bool keep_peer(struct bmp_parser *parser, const struct bmp_peer *peer, uint32_t path_ids)
{
    struct known_peer *known = find_peer(parser, peer);
    if (known == NULL && parser->peer_count == BMP_PEERS_MAX)
        return true;
    if (known == NULL) {
        struct known_peer *larger = realloc(parser->peers, (parser->peer_count + 1) * sizeof(*larger));
        if (larger == NULL)
            return false;
        parser->peers = larger;
        known = &parser->peers[parser->peer_count++];
    }
    *known = (struct known_peer){peer->type, peer->distinguisher, peer->address, peer->asn, path_ids};
    return true;
}

/* ---- what two OPEN messages agree on ---- */

/** Families of which a speaker sends, or can receive, several paths (RFC 7911, 4). */
struct addpath {
    uint32_t sends, receives;
};

static void read_capabilities(struct wire w, struct addpath *ret)
{
    while (w.left > 0 && !w.failed) {
        uint8_t code = wire_u8(&w);
        struct wire value = wire_carve(&w, wire_u8(&w));
        while (code == CAPABILITY_ADDPATH && value.left >= 4) {
            uint16_t afi = wire_u16(&value);
            uint8_t safi = wire_u8(&value), mode = wire_u8(&value);
            if ((afi != AFI_IPV4 && afi != AFI_IPV6) || safi != SAFI_UNICAST)
                continue;
            ret->sends |= mode & ADDPATH_SENDS ? 1U << afi : 0;
            ret->receives |= mode & ADDPATH_RECEIVES ? 1U << afi : 0;
        }
    }
}

static enum trouble read_open(struct wire *w, struct addpath *ret)
{
    struct wire body;
    uint8_t type;
    enum trouble trouble = bgp_message_parse(w, &type, &body);
    if (trouble != TROUBLE_NONE)
        return trouble;
    if (type != BGP_OPEN)
        return TROUBLE_MESSAGE;
    wire_skip(&body, 9); /* version, AS, hold time, identifier */
    struct wire options = wire_carve(&body, wire_u8(&body));
    while (options.left > 0 && !options.failed) {
        uint8_t option = wire_u8(&options);
        struct wire value = wire_carve(&options, wire_u8(&options));
        if (option == CAPABILITIES && !value.failed)
            read_capabilities(value, ret);
    }
    return body.failed || options.failed ? TROUBLE_FIELDS : TROUBLE_NONE;
}

/* ---- messages ---- */

static enum trouble on_peer_up(struct bmp_parser *parser, const struct bmp_peer *peer, struct wire w)
{
    struct addpath sent = {0, 0}, received = {0, 0};
    wire_skip(&w, 20); /* our address, ports */
    enum trouble trouble = read_open(&w, &sent);
    if (trouble == TROUBLE_NONE)
        trouble = read_open(&w, &received);
    if (trouble != TROUBLE_NONE)
        return trouble;
    uint32_t path_ids = peer->is_sent ? sent.sends & received.receives : received.sends & sent.receives;
    if (!keep_peer(parser, peer, path_ids))
        return TROUBLE_MEMORY;
    if (parser->visitor.peer_up != NULL)
        parser->visitor.peer_up(parser->visitor.context, peer);
    return TROUBLE_NONE;
}

struct told {
    struct bmp_parser *parser;
    const struct bmp_peer *peer;
};

static void on_change(void *context, const struct bgp_change *change)
{
    const struct told *told = context;
    if (told->parser->visitor.route != NULL)
        told->parser->visitor.route(told->parser->visitor.context, told->peer, change);
}

static enum trouble on_route(struct bmp_parser *parser, const struct bmp_peer *peer, struct wire w)
{
    struct told told = {parser, peer};
    const struct known_peer *known = find_peer(parser, peer);
    struct wire body;
    uint8_t type;
    enum trouble trouble = bgp_message_parse(&w, &type, &body);
    if (trouble != TROUBLE_NONE)
        return trouble;
    if (type != BGP_UPDATE)
        return TROUBLE_MESSAGE;
    uint32_t path_ids = known ? known->path_ids : BGP_PATH_IDS_NONE;
    unsigned as_size = peer->has_16_bit_paths ? 2 : 4;
    trouble = bgp_update_visit(body, as_size, path_ids, &parser->attributes, on_change, &told);
    if (trouble == TROUBLE_AS_PATH && as_size == 4) /* FRR leaves the flag for 16-bit paths out; nothing was told yet */
        trouble = bgp_update_visit(body, 2, path_ids, &parser->attributes, on_change, &told);
    return trouble;
}

static enum trouble on_message(struct bmp_parser *parser, uint8_t type, struct wire w)
{
    struct bmp_peer peer;
    if (type >= BMP_TYPE_COUNT)
        return TROUBLE_TYPE;
    parser->messages[type]++;
    if (type == BMP_TERMINATION)
        parser->is_over = true;
    if (type == BMP_TERMINATION || type == BMP_INITIATION || type == BMP_STATISTICS || type == BMP_ROUTE_MIRRORING)
        return TROUBLE_NONE;
    if (!read_peer(&w, &peer))
        return TROUBLE_FIELDS;
    if (type == BMP_PEER_UP)
        return on_peer_up(parser, &peer, w);
    if (type == BMP_ROUTE_MONITORING)
        return on_route(parser, &peer, w);
    if (parser->visitor.peer_down != NULL)
        parser->visitor.peer_down(parser->visitor.context, &peer);
    return TROUBLE_NONE;
}

/* ---- the stream ---- */

/** Room grows with what has come, not with what a header promises. */
static bool append(struct bmp_parser *parser, const uint8_t *bytes, size_t length)
{
    if (parser->length + length > parser->room) {
        size_t room = parser->room ? parser->room : 4096;
        while (room < parser->length + length)
            room *= 2;
        uint8_t *larger = realloc(parser->bytes, room);
        if (larger == NULL)
            return false;
        parser->bytes = larger;
        parser->room = room;
    }
    memcpy(parser->bytes + parser->length, bytes, length);
    parser->length += length;
    return true;
}

/** @return bytes that the message at hand still lacks; 0: it is whole; SIZE_MAX: it is none. */
static size_t lacking(const struct bmp_parser *parser)
{
    if (parser->length < HEADER_SIZE)
        return HEADER_SIZE - parser->length;
    size_t length = load_be32(parser->bytes + 1);
    if (parser->bytes[0] != VERSION || length < HEADER_SIZE || length > BMP_MESSAGE_MAX)
        return SIZE_MAX;
    return length - parser->length;
}

enum status bmp_parser_take(struct bmp_parser *parser, const uint8_t *bytes, size_t length)
{
    while (length > 0 && !parser->is_lost && !parser->is_over) {
        size_t wanted = lacking(parser), piece = wanted < length ? wanted : length;
        if (!append(parser, bytes, piece))
            return STATUS_NO_MEMORY;
        bytes += piece;
        length -= piece;
        wanted = lacking(parser);
        if (wanted == SIZE_MAX) {
            parser->is_lost = true;
            parser->troubles[parser->bytes[0] != VERSION ? TROUBLE_VERSION : TROUBLE_RECORD_LONG]++;
        }
        if (wanted != 0)
            continue;
        parser->troubles[on_message(parser, parser->bytes[5],
                                    wire_of(parser->bytes + HEADER_SIZE, parser->length - HEADER_SIZE))]++;
        parser->offset += parser->length;
        parser->length = 0;
    }
    return parser->is_lost ? STATUS_MALFORMED : parser->is_over ? STATUS_END : STATUS_OK;
}
