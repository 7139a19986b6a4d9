/*
 * What may stand between Ethernet and IP: VLAN and other tags, MPLS, PPPoE, NSH.
 */
#include "decode_internal.h"

enum { MPLS_LABELS_MAX = 16 };

static enum layer tag_skip(struct walk *w, uint32_t n, enum layer next)
{
    return walk_skip(w, n) ? next : walk_end(w, REASON_TAG_TRUNCATED);
}

/* @p n bytes whose last two are the EtherType of what follows. */
static enum layer tag_skip_to_ethertype(struct walk *w, uint32_t n)
{
    if (w->left < n)
        return walk_end(w, REASON_TAG_TRUNCATED);
    uint16_t type = load_be16(w->at + n - 2);
    walk_skip(w, n);
    w->type = type;
    if (type >= 0x0600)
        return LAYER_ETHERTYPE;
    walk_trim(w, type);
    return LAYER_LLC;
}

static enum layer tag_vlan(struct walk *w)
{
    w->out->encapsulation |= ENCAP_VLAN;
    if (w->left >= 2 && w->out->vlan == 0)
        w->out->vlan = load_be16(w->at) & 0x0fff;
    return tag_skip_to_ethertype(w, 4);
}

/* IEEE 802.1AE. Integrity without encryption leaves the EtherType readable; the check value is IP's padding. */
static enum layer tag_macsec(struct walk *w)
{
    if (w->left < 6)
        return walk_end(w, REASON_TAG_TRUNCATED);
    uint8_t control = w->at[0];
    if (control & 0x0c)
        return walk_end(w, REASON_MACSEC_ENCRYPTED);
    w->out->encapsulation |= ENCAP_OTHER;
    return tag_skip_to_ethertype(w, 6 + (control & 0x20 ? 8 : 0) + 2);
}

/* RFC 6325, 3: six bytes and options, then the customer's frame. */
static enum layer tag_trill(struct walk *w)
{
    if (w->left < 6)
        return walk_end(w, REASON_TAG_TRUNCATED);
    uint32_t option_words = (load_be16(w->at) >> 6) & 0x1f;
    w->out->encapsulation |= ENCAP_OTHER;
    return tag_skip(w, 6 + option_words * 4, LAYER_ETHERNET);
}

/* Arista writes a time stamp before the EtherType: kind, time scale, format and hardware in a nibble each, then 64 or
 * 48 bits. */
static enum layer tag_arista_time(struct walk *w)
{
    enum { FORMAT_64 = 1, FORMAT_48 = 2 };
    if (w->left < 4)
        return walk_end(w, REASON_TAG_TRUNCATED);
    unsigned format = w->at[3] >> 4;
    if (load_be16(w->at) != 0x0001 || (format != FORMAT_64 && format != FORMAT_48))
        return walk_end(w, REASON_OTHER_ETHERTYPE);
    w->out->encapsulation |= ENCAP_OTHER;
    return tag_skip_to_ethertype(w, 4 + (format == FORMAT_64 ? 8 : 6) + 2);
}

enum layer link_tag_decode(struct walk *w)
{
    switch (w->type) {
    case 0x8100: /* 802.1Q */
    case 0x88a8: /* 802.1ad */
    case 0x9100:
    case 0x9200:
    case 0x9300:
        return tag_vlan(w);
    case 0x8926: /* VN-Tag */
        w->out->encapsulation |= ENCAP_VNTAG;
        return tag_skip_to_ethertype(w, 6);
    case 0x88e7: /* 802.1ah: service tag, then the customer's frame */
        w->out->encapsulation |= ENCAP_OTHER;
        return tag_skip(w, 4, LAYER_ETHERNET);
    case 0x88e5:
        return tag_macsec(w);
    case 0x8903: /* Cisco FabricPath: a tag, then the customer's frame */
        w->out->encapsulation |= ENCAP_OTHER;
        return tag_skip(w, 2, LAYER_ETHERNET);
    case 0xf1c1: /* 802.1CB redundancy tag */
        w->out->encapsulation |= ENCAP_OTHER;
        return tag_skip_to_ethertype(w, 6);
    case 0x893f: /* 802.1BR: three fields of port extenders */
    case 0x8909: /* Cisco metadata: version, length, option, security group */
    case 0xdada: /* switch tag of Marvell: two reserved bytes, tag */
        w->out->encapsulation |= ENCAP_OTHER;
        return tag_skip_to_ethertype(w, 8);
    case 0x22f3:
        return tag_trill(w);
    case 0xd28b:
        return tag_arista_time(w);
    default:
        return walk_end(w, REASON_OTHER_ETHERTYPE);
    }
}

enum layer link_pppoe_decode(struct walk *w)
{
    const uint8_t *header = w->at;
    if (!walk_skip(w, 6))
        return walk_end(w, REASON_PPPOE_TRUNCATED);
    if (header[0] != 0x11)
        return walk_end(w, REASON_PPPOE_BAD);
    if (header[1] != 0) /* a discovery packet (RFC 2516) */
        return walk_end(w, REASON_OTHER_PPP);
    walk_trim(w, load_be16(header + 4));
    w->out->encapsulation |= ENCAP_PPPOE;
    return LAYER_PPP;
}

enum layer link_mpls_decode(struct walk *w)
{
    w->out->encapsulation |= ENCAP_MPLS;
    for (unsigned i = 0; i < MPLS_LABELS_MAX; i++) {
        const uint8_t *label = w->at;
        if (!walk_skip(w, 4))
            return walk_end(w, REASON_MPLS_TRUNCATED);
        if (label[2] & 1) { /* bottom of the stack: nothing says what follows but itself (RFC 4928) */
            if (walk_is_ip(w, 0))
                return LAYER_IP;
            return walk_pseudowire(w);
        }
    }
    return walk_end(w, REASON_MPLS_TOO_DEEP);
}

enum layer walk_pseudowire(struct walk *w)
{
    if (w->left >= 4 && w->at[0] >> 4 == 0 && walk_is_ethernet_ip(w, 4)) {
        walk_skip(w, 4);
        return LAYER_ETHERNET;
    }
    if (walk_is_ethernet_ip(w, 0))
        return LAYER_ETHERNET;
    if (w->left > 0 && (w->at[0] >> 4 == 4 || w->at[0] >> 4 == 6))
        return LAYER_IP; /* to be counted for what is wrong with it */
    return walk_end(w, REASON_MPLS_NOT_IP);
}

/* RFC 8300 */
enum layer link_nsh_decode(struct walk *w)
{
    if (w->left < 8)
        return walk_end(w, REASON_NSH_BAD);
    const uint8_t *header = w->at;
    uint32_t length = (load_be16(header) & 0x3fu) * 4;
    if (length < 8 || !walk_skip(w, length))
        return walk_end(w, REASON_NSH_BAD);
    w->out->encapsulation |= ENCAP_NSH;
    switch (header[3]) {
    case 1:
    case 2:
        return LAYER_IP;
    case 3:
        return LAYER_ETHERNET;
    case 4:
        return LAYER_NSH;
    case 5:
        return LAYER_MPLS;
    default:
        return walk_end(w, REASON_OTHER_TUNNEL);
    }
}
