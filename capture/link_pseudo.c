/*
 * Headers that a capturing system puts before the frame or instead of it.
 */
#include "decode_internal.h"

enum { SLL_HEADER = 16, SLL2_HEADER = 20, MAC = 6 };

/* Linux's if_arp.h */
enum hardware {
    ARPHRD_ETHERNET = 1,
    ARPHRD_IEEE80211 = 801,
    ARPHRD_IEEE80211_PRISM = 802,
    ARPHRD_IEEE80211_RADIOTAP = 803,
    ARPHRD_NETLINK = 824,
};

/* @param address where the sender's link address stands, of @p address_len bytes. */
static enum layer sll_payload(struct walk *w, uint16_t protocol, uint16_t hardware, const uint8_t *address,
                              unsigned address_len)
{
    switch (hardware) {
    case ARPHRD_NETLINK:
        return walk_end(w, REASON_OTHER_LINK);
    case ARPHRD_IEEE80211:
        w->type = 0;
        return LAYER_WIFI;
    case ARPHRD_IEEE80211_PRISM:
        return link_prism(w);
    case ARPHRD_IEEE80211_RADIOTAP:
        return link_radiotap(w);
    default:
        break;
    }
    if (hardware == ARPHRD_ETHERNET && address_len == MAC)
        w->out->source_mac = address;
    if (protocol == 0x0004)
        return LAYER_LLC;
    if (protocol == 0x0001) /* Novell's 802.3 without LLC */
        return walk_end(w, REASON_OTHER_LLC);
    return walk_ethertype(w, protocol);
}

enum layer link_sll(struct walk *w)
{
    const uint8_t *sll = w->at;
    if (!walk_skip(w, SLL_HEADER))
        return walk_end(w, REASON_LINK_TRUNCATED);
    return sll_payload(w, load_be16(sll + 14), load_be16(sll + 2), sll + 6, load_be16(sll + 4));
}

enum layer link_sll2(struct walk *w)
{
    const uint8_t *sll = w->at;
    if (!walk_skip(w, SLL2_HEADER))
        return walk_end(w, REASON_LINK_TRUNCATED);
    return sll_payload(w, load_be16(sll), load_be16(sll + 8), sll + 12, sll[11]);
}

/* IPv6 has another number on every system: NetBSD and OpenBSD, FreeBSD, macOS, Linux, Windows. */
static bool is_ip_family(uint32_t family)
{
    return family == 2 || family == 24 || family == 28 || family == 30 || family == 10 || family == 23;
}

/* NULL and LOOP: the address family, in one byte order or the other. */
enum layer link_null(struct walk *w)
{
    if (w->left < 4)
        return walk_end(w, REASON_LINK_TRUNCATED);
    uint32_t little = load_le32(w->at), big = load_be32(w->at);
    walk_skip(w, 4);
    return is_ip_family(little) || is_ip_family(big) ? LAYER_IP : walk_end(w, REASON_OTHER_LINK);
}

/* Apple's: length of the header at 0, record type at 4, link type of what follows at 8; little-endian. */
enum layer link_pktap(struct walk *w)
{
    if (w->left < 12)
        return walk_end(w, REASON_LINK_TRUNCATED);
    uint32_t length = load_le32(w->at), record = load_le32(w->at + 4), type = load_le32(w->at + 8);
    if (length < 12)
        return walk_end(w, REASON_LINK_BAD_LENGTH);
    if (!walk_skip(w, length))
        return walk_end(w, REASON_LINK_TRUNCATED);
    if (record != 1) /* no packet follows */
        return walk_end(w, REASON_OTHER_LINK);
    w->type = type > 0xffff ? 0xffff : (uint16_t)type;
    return LAYER_LINK;
}

/* Attributes of netfilter's log, in the byte order of the machine; the packet is one of them. */
enum layer link_nflog(struct walk *w)
{
    enum { NFULA_PAYLOAD = 9 };
    if (!walk_skip(w, 4))
        return walk_end(w, REASON_LINK_TRUNCATED);
    while (w->left >= 4) {
        uint32_t length = load_le16(w->at), type = load_le16(w->at + 2);
        if (type > 0xff) { /* a big-endian machine: no attribute's number is that high */
            length = load_be16(w->at);
            type = load_be16(w->at + 2);
        }
        if (length < 4)
            return walk_end(w, REASON_LINK_BAD_LENGTH);
        if ((type & 0x7fff) == NFULA_PAYLOAD) {
            walk_trim(w, length);
            walk_skip(w, 4);
            return LAYER_IP;
        }
        if (!walk_skip(w, (length + 3) & ~3u))
            return walk_end(w, REASON_LINK_TRUNCATED);
    }
    return walk_end(w, REASON_OTHER_LINK);
}

/* OpenBSD's packet filter: the first byte is the header's length, padded to 4. */
enum layer link_pflog(struct walk *w)
{
    if (w->left < 4)
        return walk_end(w, REASON_LINK_TRUNCATED);
    uint32_t length = (w->at[0] + 3u) & ~3u;
    if (length < 4)
        return walk_end(w, REASON_LINK_BAD_LENGTH);
    return walk_skip(w, length) ? LAYER_IP : walk_end(w, REASON_LINK_TRUNCATED);
}

/* OpenBSD's IPsec interface: family, SPI, flags. */
enum layer link_enc(struct walk *w)
{
    return walk_skip(w, 12) ? LAYER_IP : walk_end(w, REASON_LINK_TRUNCATED);
}

/* Juniper: "MGC", flags, and extension fields of a stated length when a flag says so. */
static enum layer juniper(struct walk *w, layer_decode *next)
{
    if (w->left < 6)
        return walk_end(w, REASON_LINK_TRUNCATED);
    const uint8_t *header = w->at;
    if (header[0] != 'M' || header[1] != 'G' || header[2] != 'C')
        return walk_end(w, REASON_OTHER_LINK);
    bool has_extension = header[3] & 0x80, has_no_link = header[3] & 0x02;
    uint32_t length = has_extension ? 6u + load_be16(header + 4) : 4u;
    if (!walk_skip(w, length))
        return walk_end(w, REASON_LINK_TRUNCATED);
    if (!has_no_link)
        return next(w);
    return walk_skip(w, 4) ? LAYER_IP : walk_end(w, REASON_LINK_TRUNCATED); /* address family */
}

static enum layer next_ethernet(struct walk *w)
{
    (void)w;
    return LAYER_ETHERNET;
}

enum layer link_juniper_ether(struct walk *w)
{
    return juniper(w, next_ethernet);
}

enum layer link_juniper_ppp(struct walk *w)
{
    return juniper(w, link_ppp_decode);
}

enum layer link_juniper_frelay(struct walk *w)
{
    return juniper(w, link_frame_relay);
}

enum layer link_juniper_chdlc(struct walk *w)
{
    return juniper(w, link_chdlc);
}

/* Endace's extensible record format: 16 bytes, of which the ninth says what follows; extension headers of 8 bytes, each
 * saying in its first bit whether another one comes; Ethernet has two bytes more. */
enum layer link_erf(struct walk *w)
{
    enum { HEADER = 16, EXTENSIONS_MAX = 16 };
    const uint8_t *header = w->at;
    if (!walk_skip(w, HEADER))
        return walk_end(w, REASON_LINK_TRUNCATED);
    bool has_more = header[8] & 0x80;
    for (unsigned i = 0; has_more; i++) {
        if (i == EXTENSIONS_MAX)
            return walk_end(w, REASON_LINK_BAD_LENGTH);
        has_more = w->left > 0 && w->at[0] & 0x80;
        if (!walk_skip(w, 8))
            return walk_end(w, REASON_LINK_TRUNCATED);
    }
    switch (header[8] & 0x7f) {
    case 2:  /* Ethernet */
    case 11: /* the same with a colour, twice, or a hash */
    case 16:
    case 20:
        return walk_skip(w, 2) ? LAYER_ETHERNET : walk_end(w, REASON_LINK_TRUNCATED);
    case 22:
    case 23:
        return LAYER_IP;
    case 1: /* packet over SONET: PPP or Cisco HDLC */
    case 10:
    case 15:
    case 19:
        return link_ppp_hdlc(w);
    default:
        return walk_end(w, REASON_OTHER_LINK);
    }
}
