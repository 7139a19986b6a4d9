/*
 * Tunnels inside UDP, by port and by what their headers must look like. Ordinary traffic on these ports fails one
 * of the tests, here or in the IP packet that must follow, and stays what it is.
 */
#include "decode_internal.h"

enum { TEREDO_PORT = 3544, IPV6_HEADER = 40 };

/* The header of @p length bytes is good: go behind it. */
static enum layer open_behind(struct walk *w, uint32_t length, enum encapsulation kind, uint32_t key, enum layer next)
{
    if (length > w->left)
        return LAYER_END;
    if (!tunnel_enter(w, kind, key))
        return LAYER_END;
    walk_skip(w, length);
    return next;
}

/* The generic protocol extension says what follows; LAYER_END when it says nothing known. */
static enum layer vxlan_next(const uint8_t header[static 8])
{
    static const uint8_t next[6] = {
        [1] = LAYER_IP, [2] = LAYER_IP, [3] = LAYER_ETHERNET, [4] = LAYER_NSH, [5] = LAYER_MPLS};
    return header[0] & 0x04 && header[3] < sizeof(next) ? (enum layer)next[header[3]] : LAYER_END;
}

/* RFC 7348, with the group policy bits of some switches, and the generic protocol extension. Reserved bits are to be
 * ignored (section 5): where one is set, the content must look like what it should be. */
static enum layer open_vxlan(struct walk *w)
{
    const uint8_t *header = w->at;
    if (!(header[0] & 0x08))
        return LAYER_END;
    uint32_t network = load_be32(header + 4) >> 8;
    enum layer next = vxlan_next(header);
    if (next != LAYER_END)
        return open_behind(w, 8, ENCAP_VXLAN, network, next);
    if (header[0] & 0x77 && !walk_is_ethernet_ip(w, 8))
        return LAYER_END;
    return open_behind(w, 8, ENCAP_VXLAN, network, LAYER_ETHERNET);
}

/* RFC 8926; reserved bits as in VXLAN (section 3.4). */
static enum layer open_geneve(struct walk *w)
{
    enum { TRANSPARENT_ETHERNET = 0x6558 };
    const uint8_t *header = w->at;
    uint32_t length = 8 + (header[0] & 0x3fu) * 4;
    uint16_t type = load_be16(header + 2);
    bool has_reserved = header[1] & 0x3f || header[7] != 0;
    if (header[0] >> 6 != 0) /* version */
        return LAYER_END;
    if (has_reserved && !(type == TRANSPARENT_ETHERNET ? walk_is_ethernet_ip(w, length) : walk_is_ip(w, length)))
        return LAYER_END;
    w->type = type;
    return open_behind(w, length, ENCAP_GENEVE, load_be32(header + 4) >> 8, LAYER_ETHERTYPE);
}

/* Length of a GTP-U header with its extension headers (3GPP TS 29.281, 5), 0 when it is malformed. */
static uint32_t gtp_header_length(const struct walk *w)
{
    enum { EXTENSIONS_MAX = 8 };
    if ((w->at[0] & 0x07) == 0)
        return 8;
    uint32_t length = 12;
    if (w->left < length)
        return 0;
    uint8_t next = w->at[0] & 0x04 ? w->at[11] : 0;
    for (unsigned i = 0; next != 0; i++) {
        if (i == EXTENSIONS_MAX || length + 1 > w->left || w->at[length] == 0)
            return 0;
        length += w->at[length] * 4u;
        if (length > w->left)
            return 0;
        next = w->at[length - 1];
    }
    return length;
}

static enum layer open_gtp(struct walk *w)
{
    enum { GTP_PACKET = 0xff };
    const uint8_t *header = w->at;
    if ((header[0] & 0xf0) != 0x30 || header[1] != GTP_PACKET) /* version 1, no GTP' */
        return LAYER_END;
    uint32_t length = gtp_header_length(w);
    if (length == 0)
        return LAYER_END;
    bool is_ip = walk_is_ip(w, length);
    if (!is_ip && !walk_is_ethernet_ip(w, length)) /* a session of the type Ethernet */
        return LAYER_END;
    return open_behind(w, length, ENCAP_GTP, load_be32(header + 4), is_ip ? LAYER_IP : LAYER_ETHERNET);
}

/* RFC 5415: header length in words, then flags; T says the frame is a wireless one. */
static enum layer open_capwap(struct walk *w)
{
    const uint8_t *header = w->at;
    uint32_t length = (header[1] >> 3) * 4u;
    bool is_wireless = header[2] & 0x01, is_fragment = header[3] & 0x80, is_keepalive = header[3] & 0x08;
    if (header[0] != 0 || length < 8 || is_keepalive || length + 2 > w->left)
        return LAYER_END;
    if (is_fragment) {
        walk_note_loss(w, NOTE_TUNNEL_FRAGMENT);
        return LAYER_END;
    }
    if (!is_wireless)
        return open_behind(w, length, ENCAP_CAPWAP, 0, LAYER_ETHERNET);
    /* One vendor sends the control fields with their bytes swapped. */
    w->type = (header[length] & 0x0f) == 0x08 ? 0 : WIFI_SWAPPED;
    return open_behind(w, length, ENCAP_CAPWAP, 0, LAYER_WIFI);
}

/* RFC 3931, 4.1.2.1: flags, two reserved bytes, session; then as over IP. */
static enum layer open_l2tpv3(struct walk *w)
{
    if (w->left < 8 || load_be16(w->at + 2) != 0)
        return LAYER_END;
    walk_skip(w, 4);
    return tunnel_l2tpv3(w);
}

static enum layer open_l2tp(struct walk *w)
{
    struct wire header = wire_of(w->at, w->left);
    uint16_t flags = wire_u16(&header);
    if (flags & 0x8000) /* control */
        return LAYER_END;
    if ((flags & 0x000f) == 3)
        return open_l2tpv3(w);
    if ((flags & 0x000f) != 2 || flags & 0x34f0) /* reserved bits of RFC 2661 */
        return LAYER_END;
    if (flags & 0x4000)
        wire_skip(&header, 2);
    uint32_t session = wire_u32(&header); /* tunnel and session */
    if (flags & 0x0800)
        wire_skip(&header, 4);
    if (flags & 0x0200)
        wire_skip(&header, wire_u16(&header));
    if (header.failed)
        return LAYER_END;
    return open_behind(w, (uint32_t)(header.at - w->at), ENCAP_L2TP, session, LAYER_PPP);
}

/* draft-massar-v6ops-ayiya: lengths of identity and signature in the first bytes. */
static enum layer open_ayiya(struct walk *w)
{
    const uint8_t *header = w->at;
    uint32_t length = 8 + (1u << (header[0] >> 4)) + (header[1] >> 4) * 4u;
    bool is_forward = (header[2] & 0x0f) == 1, is_ip = header[3] == 41 || header[3] == 4;
    if (!is_forward || !is_ip || !walk_is_ip(w, length))
        return LAYER_END;
    return open_behind(w, length, ENCAP_OTHER, 0, LAYER_IP);
}

/* TaZmen sniffer protocol: version 1, what is inside, then tags up to an end tag. */
static enum layer open_tzsp(struct walk *w)
{
    enum { TAGS_MAX = 32, TAG_PADDING = 0, TAG_END = 1 };
    struct wire header = wire_of(w->at, w->left);
    uint8_t version = wire_u8(&header), type = wire_u8(&header);
    uint16_t inside = wire_u16(&header);
    if (version != 1 || type > 1 || (inside != 1 && inside != 18))
        return LAYER_END;
    for (unsigned i = 0; i < TAGS_MAX && !header.failed; i++) {
        uint8_t tag = wire_u8(&header);
        if (tag == TAG_END) {
            w->type = 0;
            return open_behind(w, (uint32_t)(header.at - w->at), ENCAP_OTHER, 0,
                               inside == 1 ? LAYER_ETHERNET : LAYER_WIFI);
        }
        if (tag != TAG_PADDING)
            wire_skip(&header, wire_u8(&header));
    }
    return LAYER_END;
}

/* draft-ietf-intarea-gue: version 1 is a bare IP packet; in version 0 a length in words and a protocol number, and bit
 * C for control. */
static enum layer open_gue(struct walk *w)
{
    const uint8_t *header = w->at;
    bool is_bare = header[0] >> 6 == 1, is_data = header[0] >> 5 == 0 && (header[1] == 4 || header[1] == 41);
    uint32_t length = is_bare ? 0 : 4 + (header[0] & 0x1fu) * 4;
    if ((!is_bare && !is_data) || !walk_is_ip(w, length))
        return LAYER_END;
    return open_behind(w, length, ENCAP_OTHER, 0, LAYER_IP);
}

/* RFC 7450, multicast to a gateway; and HP's remote mirroring. Neither is read: both are told of. */
static enum layer open_nothing(struct walk *w)
{
    (void)w;
    return LAYER_END;
}

/* RFC 7510 */
static enum layer open_mpls(struct walk *w)
{
    return open_behind(w, 0, ENCAP_MPLS, 0, LAYER_MPLS);
}

/* RFC 9300 */
static enum layer open_lisp(struct walk *w)
{
    return walk_is_ip(w, 8) ? open_behind(w, 8, ENCAP_OTHER, 0, LAYER_IP) : LAYER_END;
}

/* RFC 4380, 5.1.1: an authentication header, an origin indication, both or none, then IPv6. @return its offset. */
static uint32_t teredo_ipv6_offset(const struct walk *w)
{
    struct wire header = wire_of(w->at, w->left);
    uint32_t offset = 0;
    if (header.left >= 4 && load_be16(header.at) == 0x0001) {
        offset = 13u + header.at[2] + header.at[3];
        wire_skip(&header, offset);
    }
    if (!header.failed && header.left >= 8 && load_be16(header.at) == 0x0000)
        offset += 8;
    return offset;
}

static bool has_teredo_prefix(const uint8_t *address)
{
    return load_be32(address) == 0x20010000;
}

/* @param is_by_content no port says so: then all of it must fit. */
static enum layer open_teredo(struct walk *w, bool is_by_content)
{
    uint32_t offset = teredo_ipv6_offset(w);
    if (offset + IPV6_HEADER > w->left || w->at[offset] >> 4 != 6 || !walk_is_ip(w, offset))
        return LAYER_END;
    const uint8_t *ip = w->at + offset;
    if (is_by_content) {
        if (offset + IPV6_HEADER + load_be16(ip + 4) != w->wire)
            return LAYER_END;
        if (!has_teredo_prefix(ip + 8) && !has_teredo_prefix(ip + 24))
            return LAYER_END;
    }
    return open_behind(w, offset, ENCAP_TEREDO, 0, LAYER_IP);
}

static enum layer open_teredo_port(struct walk *w)
{
    return open_teredo(w, false);
}

static layer_decode *tunnel_of_port(uint16_t port)
{
    switch (port) {
    case 1701:
        return open_l2tp;
    case 2152:
        return open_gtp;
    case 2268:
    case 7932:
        return open_nothing;
    case TEREDO_PORT:
        return open_teredo_port;
    case 4341:
        return open_lisp;
    case 4789:
    case 4790:
    case 8472:
        return open_vxlan;
    case 5072:
        return open_ayiya;
    case 5247:
        return open_capwap;
    case 6080:
        return open_gue;
    case 6081:
        return open_geneve;
    case 6635:
        return open_mpls;
    case 37008:
        return open_tzsp;
    default:
        return NULL;
    }
}

/* The packet goes to a tunnel's port: worth knowing when no tunnel is there. */
static enum layer open_expected(struct walk *w, layer_decode *open)
{
    unsigned depth = w->depth;
    enum layer next = open(w);
    if (w->depth == depth && next == LAYER_END)
        walk_note_loss(w, NOTE_TUNNEL_UNKNOWN);
    return next;
}

/* RFC 3948: IPsec behind NAT, unless it is key exchange or a keep-alive. */
static bool is_esp(const struct walk *w)
{
    enum { PORT = 4500 };
    return w->out->destination_port == PORT && load_be32(w->at) != 0;
}

/* A whole IP packet and nothing else ("foo over UDP"), on whatever port was agreed. */
static bool is_bare_ip(const struct walk *w)
{
    unsigned version = w->at[0] >> 4;
    if (w->left < IPV6_HEADER || (version != 4 && version != 6) || !walk_is_ip(w, 0))
        return false;
    return w->wire == (version == 4 ? load_be16(w->at + 2) : IPV6_HEADER + (uint32_t)load_be16(w->at + 4));
}

enum layer tunnel_open_udp(struct walk *w)
{
    if (w->left < 8)
        return walk_end(w, REASON_NONE);
    layer_decode *open = tunnel_of_port(w->out->destination_port);
    if (open)
        return open_expected(w, open);
    open = tunnel_of_port(w->out->source_port);
    if (open)
        return open(w);
    uint8_t first = w->at[0];
    unsigned depth = w->depth;
    enum layer next = LAYER_END;
    if (first >> 4 == 6 || first == 0) /* Teredo between two clients uses any port */
        next = open_teredo(w, true);
    if (next == LAYER_END && w->depth == depth && (is_esp(w) || is_bare_ip(w)))
        walk_note_loss(w, NOTE_TUNNEL_UNKNOWN);
    return next;
}
