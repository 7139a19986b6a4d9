/*
 * Link types as data, and the Ethernet family: Ethernet II, 802.3 with LLC and SNAP, token ring, FDDI. A new
 * link type is one row.
 */
#include "decode_internal.h"

enum { ETHERNET_HEADER = 14, ISL_HEADER = 26, MAC = 6 };

/* LINKTYPE_ values, https://www.tcpdump.org/linktypes.html. Some are DLT_ values that files carry all the same. */
enum { LINK_TYPES = 300 };

static enum layer link_ip(struct walk *w)
{
    (void)w;
    return LAYER_IP;
}

static enum layer link_skip(struct walk *w, uint32_t n, enum layer next)
{
    return walk_skip(w, n) ? next : walk_end(w, REASON_LINK_TRUNCATED);
}

/* EtherType in two bytes, then @p rest bytes of the same header. */
static enum layer link_skip_ethertype(struct walk *w, uint32_t before, uint32_t rest)
{
    if (w->left < before + 2 + rest)
        return walk_end(w, REASON_LINK_TRUNCATED);
    uint16_t type = load_be16(w->at + before);
    walk_skip(w, before + 2 + rest);
    return walk_ethertype(w, type);
}

static enum layer link_fddi(struct walk *w)
{
    if (w->left > 0 && (w->at[0] & 0x10) == 0) /* not LLC: station management, MAC frames */
        return walk_end(w, REASON_OTHER_LINK);
    return link_skip(w, 13, LAYER_LLC);
}

static enum layer link_token_ring(struct walk *w)
{
    if (w->left < 16)
        return walk_end(w, REASON_LINK_TRUNCATED);
    if ((w->at[1] & 0xc0) != 0x40)
        return walk_end(w, REASON_OTHER_LINK);
    uint32_t routing = w->at[8] & 0x80 ? w->at[14] & 0x1fu : 0; /* source routing, IEEE 802.5 */
    return link_skip(w, 14 + routing, LAYER_LLC);
}

/* ARCNET as Linux delivers it: RFC 1201 has sequence fields, RFC 1051 has not. */
static enum layer link_arcnet(struct walk *w)
{
    if (w->left < 6)
        return walk_end(w, REASON_LINK_TRUNCATED);
    switch (w->at[4]) {
    case 240:
        return link_skip(w, 5, LAYER_IP);
    case 212:
    case 196:
        return w->at[5] ? walk_end(w, REASON_LINK_FRAGMENT) : link_skip(w, 8, LAYER_IP);
    case 213:
    case 241:
        return walk_end(w, REASON_ARP);
    default:
        return walk_end(w, REASON_OTHER_LINK);
    }
}

/* Behind the InfiniBand global route header stand EtherType and two bytes (RFC 4391). */
static enum layer link_ipoib(struct walk *w)
{
    return link_skip_ethertype(w, 40, 2);
}

/* IP over IEEE 1394: two addresses of 8 bytes, EtherType. */
static enum layer link_ieee1394(struct walk *w)
{
    return link_skip_ethertype(w, 16, 0);
}

/* IP over Fibre Channel (RFC 2625): two network addresses of 8 bytes, LLC. */
static enum layer link_fibre_channel(struct walk *w)
{
    return link_skip(w, 16, LAYER_LLC);
}

/* ATM as RFC 1483 has it; SunATM puts four bytes before. */
static enum layer link_sunatm(struct walk *w)
{
    return link_skip(w, 4, LAYER_LLC);
}

static enum layer link_llc(struct walk *w)
{
    (void)w;
    return LAYER_LLC;
}

static enum layer link_ethernet(struct walk *w)
{
    (void)w;
    return LAYER_ETHERNET;
}

static enum layer link_wifi(struct walk *w)
{
    w->type = 0;
    return LAYER_WIFI;
}

static enum layer link_ppp(struct walk *w)
{
    (void)w;
    return LAYER_PPP;
}

static enum layer link_pppoe(struct walk *w)
{
    (void)w;
    return LAYER_PPPOE;
}

/* Four bytes of the capturing device or the switch before the Ethernet frame. */
static enum layer link_ethernet_behind_4(struct walk *w)
{
    return link_skip(w, 4, LAYER_ETHERNET);
}

/* A tag between the addresses and the EtherType: four bytes of Broadcom's or Marvell's switches. */
static enum layer link_dsa(struct walk *w)
{
    return link_skip_ethertype(w, 16, 0);
}

/* The same behind an EtherType of its own and two reserved bytes. */
static enum layer link_edsa(struct walk *w)
{
    return link_skip_ethertype(w, 20, 0);
}

static layer_decode *const links[LINK_TYPES] = {
    [0] = link_null,                /* NULL: address family in the byte order of the capturing machine */
    [1] = link_ethernet,            /* EN10MB */
    [6] = link_token_ring,          /* IEEE802 */
    [8] = link_slip,                /* SLIP */
    [9] = link_ppp,                 /* PPP */
    [10] = link_fddi,               /* FDDI */
    [12] = link_ip,                 /* DLT_RAW of most systems */
    [14] = link_ip,                 /* DLT_RAW of OpenBSD */
    [50] = link_ppp_hdlc,           /* PPP_HDLC */
    [51] = link_pppoe,              /* PPP_ETHER */
    [100] = link_llc,               /* ATM_RFC1483 */
    [101] = link_ip,                /* RAW */
    [104] = link_chdlc,             /* C_HDLC */
    [105] = link_wifi,              /* IEEE802_11 */
    [107] = link_frame_relay,       /* FRELAY */
    [108] = link_null,              /* LOOP */
    [109] = link_enc,               /* ENC */
    [113] = link_sll,               /* LINUX_SLL */
    [117] = link_pflog,             /* PFLOG */
    [119] = link_prism,             /* IEEE802_11_PRISM */
    [122] = link_fibre_channel,     /* IP_OVER_FC */
    [123] = link_sunatm,            /* SUNATM */
    [127] = link_radiotap,          /* IEEE802_11_RADIOTAP */
    [129] = link_arcnet,            /* ARCNET_LINUX */
    [138] = link_ieee1394,          /* APPLE_IP_OVER_IEEE1394 */
    [149] = link_pktap,             /* USER2, what Apple's tools write for PKTAP */
    [163] = link_prism,             /* IEEE802_11_AVS */
    [166] = link_ppp_direction,     /* PPP_PPPD */
    [178] = link_juniper_ether,     /* JUNIPER_ETHER */
    [179] = link_juniper_ppp,       /* JUNIPER_PPP */
    [180] = link_juniper_frelay,    /* JUNIPER_FRELAY */
    [181] = link_juniper_chdlc,     /* JUNIPER_CHDLC */
    [192] = link_ppi,               /* PPI */
    [197] = link_erf,               /* ERF */
    [204] = link_ppp_direction,     /* PPP_WITH_DIR */
    [228] = link_ip,                /* IPV4 */
    [229] = link_ip,                /* IPV6 */
    [239] = link_nflog,             /* NFLOG */
    [240] = link_ethernet_behind_4, /* NETANALYZER */
    [242] = link_ipoib,             /* IPOIB */
    [258] = link_pktap,             /* PKTAP */
    [276] = link_sll2,              /* LINUX_SLL2 */
    [281] = link_dsa,               /* DSA_TAG_BRCM */
    [282] = link_ethernet_behind_4, /* DSA_TAG_BRCM_PREPEND */
    [284] = link_dsa,               /* DSA_TAG_DSA */
    [285] = link_edsa,              /* DSA_TAG_EDSA */
};

bool decoder_knows_link_type(uint16_t link_type)
{
    return link_type < LINK_TYPES && links[link_type] != NULL;
}

enum layer link_decode(struct walk *w)
{
    layer_decode *decode = w->type < LINK_TYPES ? links[w->type] : NULL;
    return decode ? decode(w) : walk_end(w, REASON_UNKNOWN_LINK);
}

/* Cisco ISL: a whole frame behind 26 bytes, told by its group address. */
static bool ethernet_is_isl(const uint8_t *frame)
{
    return (frame[0] == 0x01 || frame[0] == 0x03) && frame[1] == 0x00 && frame[2] == 0x0c && frame[3] == 0x00 &&
           frame[4] == 0x00;
}

enum layer link_ethernet_decode(struct walk *w)
{
    const uint8_t *frame = w->at;
    if (!walk_skip(w, ETHERNET_HEADER))
        return walk_end(w, REASON_ETHERNET_TRUNCATED);
    struct decoded *out = w->out;
    if (!out->source_mac) {
        out->destination_mac = frame;
        out->source_mac = frame + MAC;
    }
    w->type = load_be16(frame + 12);
    if (w->type >= 0x0600)
        return link_ethertype_decode(w);
    if (ethernet_is_isl(frame)) {
        out->source_mac = out->destination_mac = NULL; /* the frame inside has the real ones */
        return link_skip(w, ISL_HEADER - ETHERNET_HEADER, LAYER_ETHERNET);
    }
    if (w->type > 0 && w->type <= 1500) /* others: length written wrong or 0 by offload, believe what was captured */
        walk_trim(w, w->type);
    return LAYER_LLC;
}

enum layer link_ethertype_decode(struct walk *w)
{
    switch (w->type) {
    case 0x0800:
    case 0x86dd:
        return LAYER_IP;
    case 0x0806:
    case 0x8035:
        return walk_end(w, REASON_ARP);
    case 0x6558: /* transparent Ethernet bridging */
        return LAYER_ETHERNET;
    case 0x8847:
    case 0x8848:
        return LAYER_MPLS;
    case 0x8864:
        return LAYER_PPPOE;
    case 0x880b:
        return LAYER_PPP;
    case 0x894f:
        return LAYER_NSH;
    case 0x8870: /* "jumbo" LLC, length not written */
        return LAYER_LLC;
    default:
        return link_tag_decode(w);
    }
}

/* SNAP with an organisation that uses EtherTypes: none, or the bridge tunnel encapsulation of 802.1H. */
static bool snap_has_ethertype(const uint8_t *snap)
{
    return snap[0] == 0 && snap[1] == 0 && (snap[2] == 0 || snap[2] == 0xf8);
}

enum layer link_llc_decode(struct walk *w)
{
    const uint8_t *llc = w->at;
    if (w->left < 3)
        return walk_end(w, REASON_LLC_TRUNCATED);
    if (llc[0] == 0x06 && llc[1] == 0x06 && llc[2] == 0x03) /* RFC 948 */
        return link_skip(w, 3, LAYER_IP);
    if (llc[0] != 0xaa || llc[1] != 0xaa || llc[2] != 0x03)
        return walk_end(w, REASON_OTHER_LLC);
    if (w->left < 8)
        return walk_end(w, REASON_LLC_TRUNCATED);
    uint16_t type = load_be16(llc + 6);
    walk_skip(w, 8);
    if (snap_has_ethertype(llc + 3))
        return walk_ethertype(w, type);
    if (llc[3] == 0x00 && llc[4] == 0x80 && llc[5] == 0xc2) { /* RFC 2684: bridged Ethernet, padded to 2 */
        if (type == 0x0001 || type == 0x0007)
            return link_skip(w, 2, LAYER_ETHERNET);
    }
    return walk_end(w, REASON_OTHER_LLC);
}
