/*
 * Transport headers: ports, TCP fields, and where the payload is. A header cut by the snapshot length still
 * gives its ports; one that its own packet is too short for is malformed.
 */
#include "decode_internal.h"

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

/* Messages that answer each other get each other's type as "port", others type and code: Community ID v1. */
static void icmp_ports(struct walk *w, const uint8_t pairs[][2], size_t count)
{
    uint8_t type = w->at[0];
    w->out->source_port = type;
    w->out->destination_port = w->at[1];
    for (size_t i = 0; i < count; i++) {
        if (pairs[i][0] == type)
            w->out->destination_port = pairs[i][1];
        else if (pairs[i][1] == type)
            w->out->destination_port = pairs[i][0];
    }
}

static enum layer icmp_decode(struct walk *w, const uint8_t pairs[][2], size_t count)
{
    if (w->left < 2)
        return walk_end(w, REASON_ICMP_TRUNCATED);
    icmp_ports(w, pairs, count);
    return walk_end(w, REASON_NONE);
}

enum layer decode_icmp(struct walk *w)
{
    /* echo, timestamp, information, address mask, router discovery */
    static const uint8_t pairs[][2] = {{8, 0}, {13, 14}, {15, 16}, {17, 18}, {10, 9}};
    return icmp_decode(w, pairs, sizeof(pairs) / sizeof(pairs[0]));
}

enum layer decode_icmpv6(struct walk *w)
{
    /* echo, listener query, router and neighbour discovery, who-are-you, home agent discovery */
    static const uint8_t pairs[][2] = {{128, 129}, {130, 131}, {133, 134}, {135, 136}, {139, 140}, {144, 145}};
    return icmp_decode(w, pairs, sizeof(pairs) / sizeof(pairs[0]));
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
    return walk_end(w, REASON_NONE);
}
