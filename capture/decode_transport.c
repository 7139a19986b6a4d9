/*
 * Transport headers: ports, TCP fields, and where the payload is. A header cut by the snapshot length still
 * gives its ports; one that its own packet is too short for is malformed.
 */
#include "decode_internal.h"
#include "icmp_internal.h"

enum { TCP_HEADER = 20, UDP_HEADER = 8, PORTS = 4 };

static void transport_ports(struct walk *w)
{
    w->out->source_port = load_be16(w->at);
    w->out->destination_port = load_be16(w->at + 2);
}

static enum layer transport_end(struct walk *w)
{
    struct decoded *out = w->out;
    out->payload = w->left ? w->at : NULL;
    out->payload_len = w->left;
    out->payload_wire_len = w->wire;
    return walk_end(w, REASON_NONE);
}

/* Less than the fixed header was captured of a packet that had it. */
static enum layer tcp_snapped(struct walk *w)
{
    struct decoded *out = w->out;
    if (w->left < PORTS || w->wire < TCP_HEADER)
        return walk_end(w, REASON_TCP_TRUNCATED);
    transport_ports(w);
    if (w->left >= 8)
        out->tcp_sequence = load_be32(w->at + 4);
    if (w->left >= 14)
        out->tcp_flags = w->at[13];
    walk_note_loss(w, NOTE_TCP_SNAPPED);
    walk_skip(w, w->left);
    w->wire = 0; /* the header's length is not known, so the payload's is not */
    return transport_end(w);
}

enum layer decode_tcp(struct walk *w)
{
    if (w->left < TCP_HEADER)
        return tcp_snapped(w);
    const uint8_t *tcp = w->at;
    uint32_t header_len = (tcp[12] >> 4) * 4u;
    if (header_len < TCP_HEADER)
        return walk_end(w, REASON_TCP_OFFSET_SMALL);
    if (header_len > w->wire)
        return walk_end(w, REASON_TCP_OFFSET_BEYOND);
    struct decoded *out = w->out;
    transport_ports(w);
    out->tcp_sequence = load_be32(tcp + 4);
    out->tcp_acknowledgement = load_be32(tcp + 8);
    out->tcp_flags = tcp[13];
    out->tcp_window = load_be16(tcp + 14);
    if (header_len > w->left) { /* options cut by the snapshot length */
        w->wire -= header_len - w->left;
        header_len = w->left;
    }
    walk_skip(w, header_len);
    return transport_end(w);
}

static enum layer udp_snapped(struct walk *w)
{
    if (w->left < PORTS || w->wire < UDP_HEADER)
        return walk_end(w, REASON_UDP_TRUNCATED);
    transport_ports(w);
    walk_note_loss(w, NOTE_UDP_SNAPPED);
    w->wire -= UDP_HEADER - w->left;
    walk_skip(w, w->left);
    return transport_end(w);
}

enum layer decode_udp(struct walk *w)
{
    if (w->left < UDP_HEADER)
        return udp_snapped(w);
    uint32_t length = load_be16(w->at + 4);
    if (length == 0) /* a jumbogram (RFC 2675), or left to the card */
        length = w->wire;
    if (length < UDP_HEADER)
        return walk_end(w, REASON_UDP_LENGTH_SHORT);
    if (length > w->wire)
        walk_note_loss(w, NOTE_UDP_LENGTH_BEYOND_IP);
    transport_ports(w);
    walk_trim(w, length);
    walk_skip(w, UDP_HEADER);
    transport_end(w);
    return tunnel_open_udp(w);
}

enum icmp_role icmp_role_of(uint8_t protocol, uint16_t type, uint16_t *ret_other)
{
    static const struct {
        uint8_t protocol, asks, answers;
    } pairs[] = {
        /* echo, timestamp, information, address mask, router discovery */
        {IP_PROTO_ICMP, 8, 0},
        {IP_PROTO_ICMP, 13, 14},
        {IP_PROTO_ICMP, 15, 16},
        {IP_PROTO_ICMP, 17, 18},
        {IP_PROTO_ICMP, 10, 9},
        /* echo, listener query, router and neighbour discovery, who-are-you, home agent discovery */
        {IP_PROTO_ICMPV6, 128, 129},
        {IP_PROTO_ICMPV6, 130, 131},
        {IP_PROTO_ICMPV6, 133, 134},
        {IP_PROTO_ICMPV6, 135, 136},
        {IP_PROTO_ICMPV6, 139, 140},
        {IP_PROTO_ICMPV6, 144, 145},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        bool asks = pairs[i].asks == type;
        if (pairs[i].protocol != protocol || (!asks && pairs[i].answers != type))
            continue;
        *ret_other = asks ? pairs[i].answers : pairs[i].asks;
        return asks ? ICMP_ASKS : ICMP_ANSWERS;
    }
    return ICMP_TELLS;
}

/* Messages that answer each other get each other's type as "port", others type and code: Community ID v1. */
static enum layer icmp_decode(struct walk *w, uint8_t protocol)
{
    if (w->left < 2)
        return walk_end(w, REASON_ICMP_TRUNCATED);
    w->out->source_port = w->at[0];
    w->out->destination_port = w->at[1];
    (void)icmp_role_of(protocol, w->at[0], &w->out->destination_port);
    return walk_end(w, REASON_NONE);
}

enum layer decode_icmp(struct walk *w)
{
    return icmp_decode(w, IP_PROTO_ICMP);
}

enum layer decode_icmpv6(struct walk *w)
{
    return icmp_decode(w, IP_PROTO_ICMPV6);
}

enum layer decode_sctp(struct walk *w)
{
    if (w->left < PORTS)
        return walk_end(w, REASON_SCTP_TRUNCATED);
    transport_ports(w);
    return walk_end(w, REASON_NONE);
}

enum layer decode_transport(struct walk *w)
{
    enum { ESP = 50 }; /* RFC 4303: encrypted, or not even that, which it does not say */
    if (w->type == ESP)
        walk_note_loss(w, NOTE_TUNNEL_UNKNOWN);
    return walk_end(w, REASON_NONE);
}
