/*
 * IPv4 and IPv6 with all that stands before the transport header: options, extension headers, fragments.
 * Checksums are not looked at: captures on the sending host show packets before the card fills them in.
 */
#include "decode_internal.h"
#include "hash.h"

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, IPV6_EXTENSIONS_MAX = 16 };

enum {
    NEXT_HOP_BY_HOP = 0,
    NEXT_IPV4 = 4,
    NEXT_IPV6 = 41,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AH = 51,
    NEXT_NONE = 59,
    NEXT_DESTINATION = 60,
    NEXT_MOBILITY = 135,
    NEXT_HIP = 139,
    NEXT_SHIM6 = 140,
};

/* Layer of an IP protocol number; 0 (LAYER_END) here means it has none of its own. */
static const uint8_t protocol_layers[256] = {
    [IP_PROTO_ICMP] = LAYER_ICMP,
    [IP_PROTO_TCP] = LAYER_TCP,
    [IP_PROTO_UDP] = LAYER_UDP,
    [IP_PROTO_ICMPV6] = LAYER_ICMPV6,
    [IP_PROTO_SCTP] = LAYER_SCTP,
    [NEXT_IPV4] = LAYER_IP_IN_IP,
    [NEXT_IPV6] = LAYER_IP_IN_IP,
    [NEXT_AH] = LAYER_AH,
    [47] = LAYER_GRE,
    [97] = LAYER_ETHERIP,
    [115] = LAYER_L2TPV3,
    [137] = LAYER_MPLS_IN_IP, /* RFC 4023 */
};

/* The IP packet is complete in *out but for its ports; what follows is what it carries. */
static enum layer ip_payload(struct walk *w, uint8_t protocol)
{
    struct decoded *out = w->out;
    out->protocol = protocol;
    out->source_port = out->destination_port = 0;
    out->payload = w->left ? w->at : NULL;
    out->payload_len = w->left;
    out->payload_wire_len = w->wire;
    w->type = protocol;
    enum layer layer = (enum layer)protocol_layers[protocol];
    return layer ? layer : LAYER_TRANSPORT;
}

/* A fragment that cannot be put together: the first one has the ports, the others stand without. */
static enum layer ip_lone_fragment(struct walk *w, const struct fragment *fragment)
{
    walk_note_loss(w, NOTE_FRAGMENT_LONE);
    if (fragment->offset == 0)
        return ip_payload(w, fragment->protocol);
    ip_payload(w, fragment->protocol);
    w->out->is_fragment = true;
    return walk_end(w, REASON_NONE);
}

static enum layer ip_fragment(struct walk *w, struct fragment *fragment)
{
    struct decoded *out = w->out;
    fragment->source = out->source;
    fragment->destination = out->destination;
    fragment->tunnel_hash = out->tunnel_hash;
    fragment->data = w->at;
    fragment->length = w->left;
    fragment->frame_len = out->wire_len;
    fragment->time = out->time;
    if (w->left < w->wire)
        return ip_lone_fragment(w, fragment);

    struct fragment_datagram datagram;
    switch (fragments_add(w->decoder->fragments, fragment, &datagram)) {
    case FRAGMENT_HELD:
        return walk_end(w, REASON_FRAGMENT_HELD);
    case FRAGMENT_COMPLETE:
        w->at = datagram.ip;
        w->left = w->wire = datagram.length;
        out->wire_len = datagram.frames_len;
        return LAYER_IP;
    case FRAGMENT_BAD_LENGTH:
        return walk_end(w, REASON_FRAGMENT_BAD_LENGTH);
    case FRAGMENT_BEYOND_MAX:
        return walk_end(w, REASON_FRAGMENT_BEYOND_MAX);
    case FRAGMENT_CONFLICT:
        return walk_end(w, REASON_FRAGMENT_CONFLICT);
    case FRAGMENT_OVERLAP:
        return walk_end(w, REASON_FRAGMENT_OVERLAP);
    case FRAGMENT_REFUSED:
        break;
    }
    return ip_lone_fragment(w, fragment);
}

static enum layer ipv4_fragment(struct walk *w, uint32_t header_len)
{
    const uint8_t *ip = w->out->ip;
    uint16_t field = load_be16(ip + 6);
    struct fragment fragment = {
        .id = w->out->ip_id,
        .protocol = ip[9],
        .offset = (uint32_t)(field & 0x1fff) * 8,
        .has_more = field & 0x2000,
        .header = ip,
        .header_len = header_len,
    };
    return ip_fragment(w, &fragment);
}

static enum layer ipv4_decode(struct walk *w)
{
    const uint8_t *ip = w->at;
    if (w->left < IPV4_HEADER)
        return walk_end(w, REASON_IPV4_TRUNCATED);
    uint32_t header_len = (ip[0] & 0x0fu) * 4;
    if (header_len < IPV4_HEADER)
        return walk_end(w, REASON_IPV4_HEADER_SHORT);
    uint32_t total = load_be16(ip + 2);
    if (total == 0) { /* left to the card by segmentation offload */
        total = w->wire;
        walk_note(w, NOTE_IPV4_LENGTH_ZERO);
    }
    if (total < header_len)
        return walk_end(w, REASON_IPV4_LENGTH_SHORT);
    if (w->depth > 0 && total > w->wire)
        return walk_end(w, REASON_IP_TOO_LONG_FOR_TUNNEL);
    walk_set_length(w, total);

    struct decoded *out = w->out;
    out->source = ip_from_v4(ip + 12);
    out->destination = ip_from_v4(ip + 16);
    out->hop_limit = ip[8];
    out->ip_id = load_be16(ip + 4);
    out->ip = ip;
    out->ip_len = w->left;
    if (!walk_skip(w, header_len))
        return walk_end(w, REASON_IPV4_TRUNCATED);
    if (load_be16(ip + 6) & 0x3fff)
        return ipv4_fragment(w, header_len);
    return ip_payload(w, ip[9]);
}

enum layer decode_ip(struct walk *w)
{
    if (w->left == 0)
        return walk_end(w, REASON_IP_TRUNCATED);
    switch (w->at[0] >> 4) {
    case 4:
        return ipv4_decode(w);
    case 6:
        return LAYER_IPV6;
    default:
        return walk_end(w, REASON_IP_VERSION);
    }
}

/* Length of a jumbogram from its hop-by-hop option (RFC 2675), 0 when there is none. */
static uint32_t ipv6_jumbo_length(const uint8_t *options, uint32_t length)
{
    uint32_t i = 2;
    while (i + 2 <= length) {
        if (options[i] == 0) { /* Pad1 */
            i++;
            continue;
        }
        if (options[i] == 0xc2 && options[i + 1] == 4 && i + 6 <= length)
            return load_be32(options + i + 2);
        i += 2u + options[i + 1];
    }
    return 0;
}

/* @param next_at the byte that names the fragment header: it gets the name of what the fragments carry. */
static enum layer ipv6_fragment(struct walk *w, const uint8_t *next_at)
{
    const uint8_t *ip = w->out->ip, *header = w->at;
    struct fragment fragment = {
        .is_ipv6 = true,
        .protocol = header[0],
        .id = load_be32(header + 4),
        .offset = load_be16(header + 2) & 0xfff8u,
        .has_more = header[3] & 1,
        .header = ip,
        .header_len = (uint32_t)(header - ip),
        .next_header_at = (uint32_t)(next_at - ip),
    };
    walk_skip(w, 8);
    return ip_fragment(w, &fragment);
}

static uint32_t ipv6_extension_length(uint8_t kind, const uint8_t *header)
{
    switch (kind) {
    case NEXT_FRAGMENT:
        return 8;
    case NEXT_AH:
        return (header[1] + 2u) * 4;
    default:
        return (header[1] + 1u) * 8;
    }
}

static bool ipv6_is_extension(uint8_t kind)
{
    switch (kind) {
    case NEXT_HOP_BY_HOP:
    case NEXT_ROUTING:
    case NEXT_FRAGMENT:
    case NEXT_AH:
    case NEXT_DESTINATION:
    case NEXT_MOBILITY:
    case NEXT_HIP:
    case NEXT_SHIM6:
        return true;
    default:
        return false;
    }
}

/* The jumbo option counts only where the header itself leaves the length open. */
static void ipv6_apply_jumbo(struct walk *w, uint32_t extension_length)
{
    if (load_be16(w->out->ip + 4) != 0)
        return;
    uint32_t jumbo = ipv6_jumbo_length(w->at, extension_length);
    if (jumbo > 0xffff && (w->depth == 0 || jumbo <= w->wire)) {
        walk_set_length(w, jumbo);
    }
}

static enum layer ipv6_extensions(struct walk *w)
{
    const uint8_t *next_at = w->out->ip + 6;
    for (unsigned i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
        uint8_t kind = *next_at;
        if (!ipv6_is_extension(kind))
            return ip_payload(w, kind);
        if (w->left < 8)
            return walk_end(w, REASON_IPV6_EXTENSION_TRUNCATED);
        uint32_t length = ipv6_extension_length(kind, w->at);
        if (length > w->left)
            return walk_end(w, REASON_IPV6_EXTENSION_TRUNCATED);
        if (kind == NEXT_HOP_BY_HOP)
            ipv6_apply_jumbo(w, length);
        if (kind == NEXT_FRAGMENT && (load_be16(w->at + 2) & 0xfff9)) /* else an atomic fragment, RFC 6946 */
            return ipv6_fragment(w, next_at);
        next_at = w->at;
        if (!walk_skip(w, length))
            return walk_end(w, REASON_IPV6_EXTENSION_TRUNCATED);
    }
    walk_note_loss(w, NOTE_IPV6_EXTENSIONS_TOO_MANY);
    ip_payload(w, *next_at);
    return walk_end(w, REASON_NONE); /* a flow without ports */
}

enum layer decode_ipv6(struct walk *w)
{
    const uint8_t *ip = w->at;
    if (w->left < IPV6_HEADER)
        return walk_end(w, REASON_IPV6_TRUNCATED);
    uint32_t payload = load_be16(ip + 4);
    if (w->depth > 0 && IPV6_HEADER + payload > w->wire)
        return walk_end(w, REASON_IP_TOO_LONG_FOR_TUNNEL);
    if (payload != 0 || ip[6] == NEXT_NONE) /* 0: a jumbogram, or left to the card */
        walk_set_length(w, IPV6_HEADER + payload);

    struct decoded *out = w->out;
    out->source = ip_from_v6(ip + 8);
    out->destination = ip_from_v6(ip + 24);
    out->hop_limit = ip[7];
    out->ip_id = 0;
    out->ip = ip;
    out->ip_len = w->left;
    walk_skip(w, IPV6_HEADER);
    return ipv6_extensions(w);
}

enum layer decode_ah(struct walk *w)
{
    if (w->left < 8)
        return walk_end(w, REASON_AH_TRUNCATED);
    const uint8_t *header = w->at;
    if (!walk_skip(w, ipv6_extension_length(NEXT_AH, header)))
        return walk_end(w, REASON_AH_TRUNCATED);
    return ip_payload(w, header[0]);
}
