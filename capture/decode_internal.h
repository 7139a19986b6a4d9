/*
 * What the layers of the decoder share. A layer is a function that reads one header at the walk's view, moves
 * the view behind it and names the layer that follows; decode.c runs them in a loop, so nothing recurses.
 * How a walk ends is a reason, and the reason says what the caller is told.
 */
#ifndef BORDERTAP_DECODE_INTERNAL_H
#define BORDERTAP_DECODE_INTERNAL_H

#include "decode.h"
#include "fragment_internal.h"
#include "wire.h"

/* Why a packet gave nothing (third column: what the caller is told), or, as DECODE_OK, what is worth knowing of
 * one that did. One row, one counter. */
#define DECODE_REASONS(X)                                                                                              \
    X(REASON_NONE, "decoded", DECODE_OK)                                                                               \
    X(NOTE_TUNNEL_FALLBACK, "tunnel_inner_not_ip", DECODE_OK)                                                          \
    X(NOTE_TUNNEL_UNKNOWN, "tunnel_header_not_known", DECODE_OK)                                                       \
    X(NOTE_TUNNEL_FRAGMENT, "tunnel_fragment", DECODE_OK)                                                              \
    X(NOTE_TUNNEL_TOO_DEEP, "tunnel_nested_too_deep", DECODE_OK)                                                       \
    X(NOTE_IPV4_LENGTH_ZERO, "ipv4_length_zero", DECODE_OK)                                                            \
    X(NOTE_IPV6_EXTENSIONS_TOO_MANY, "ipv6_extensions_too_many", DECODE_OK)                                            \
    X(NOTE_TCP_SNAPPED, "tcp_header_snapped", DECODE_OK)                                                               \
    X(NOTE_UDP_SNAPPED, "udp_header_snapped", DECODE_OK)                                                               \
    X(NOTE_UDP_LENGTH_BEYOND_IP, "udp_length_beyond_packet", DECODE_OK)                                                \
    X(NOTE_AMSDU_MORE, "wifi_amsdu_rest_ignored", DECODE_OK)                                                           \
    X(NOTE_FRAGMENT_LONE, "fragment_passed_alone", DECODE_OK)                                                          \
    X(REASON_FRAGMENT_HELD, "fragment_held", DECODE_HELD)                                                              \
    X(REASON_ARP, "arp", DECODE_NOT_IP)                                                                                \
    X(REASON_OTHER_ETHERTYPE, "ethertype_not_ip", DECODE_NOT_IP)                                                       \
    X(REASON_OTHER_LLC, "llc_not_ip", DECODE_NOT_IP)                                                                   \
    X(REASON_OTHER_PPP, "ppp_not_ip", DECODE_NOT_IP)                                                                   \
    X(REASON_OTHER_LINK, "link_not_ip", DECODE_NOT_IP)                                                                 \
    X(REASON_OTHER_TUNNEL, "tunnel_not_ip", DECODE_NOT_IP)                                                             \
    X(REASON_PPP_COMPRESSED, "ppp_compressed", DECODE_NOT_IP)                                                          \
    X(REASON_SLIP_COMPRESSED, "slip_compressed", DECODE_NOT_IP)                                                        \
    X(REASON_MACSEC_ENCRYPTED, "macsec_encrypted", DECODE_NOT_IP)                                                      \
    X(REASON_WIFI_PROTECTED, "wifi_protected", DECODE_NOT_IP)                                                          \
    X(REASON_WIFI_NO_DATA, "wifi_no_data", DECODE_NOT_IP)                                                              \
    X(REASON_LINK_FRAGMENT, "link_fragment", DECODE_NOT_IP)                                                            \
    X(REASON_MPLS_NOT_IP, "mpls_not_ip", DECODE_NOT_IP)                                                                \
    X(REASON_FRAME_EMPTY, "frame_empty", DECODE_MALFORMED)                                                             \
    X(REASON_LAYERS_TOO_MANY, "layers_too_many", DECODE_MALFORMED)                                                     \
    X(REASON_LINK_TRUNCATED, "link_header_truncated", DECODE_MALFORMED)                                                \
    X(REASON_LINK_BAD_LENGTH, "link_header_bad_length", DECODE_MALFORMED)                                              \
    X(REASON_ETHERNET_TRUNCATED, "ethernet_header_truncated", DECODE_MALFORMED)                                        \
    X(REASON_LLC_TRUNCATED, "llc_header_truncated", DECODE_MALFORMED)                                                  \
    X(REASON_TAG_TRUNCATED, "tag_truncated", DECODE_MALFORMED)                                                         \
    X(REASON_MPLS_TRUNCATED, "mpls_stack_truncated", DECODE_MALFORMED)                                                 \
    X(REASON_MPLS_TOO_DEEP, "mpls_stack_too_deep", DECODE_MALFORMED)                                                   \
    X(REASON_PPP_TRUNCATED, "ppp_header_truncated", DECODE_MALFORMED)                                                  \
    X(REASON_PPPOE_TRUNCATED, "pppoe_header_truncated", DECODE_MALFORMED)                                              \
    X(REASON_PPPOE_BAD, "pppoe_header_malformed", DECODE_MALFORMED)                                                    \
    X(REASON_NSH_BAD, "nsh_header_malformed", DECODE_MALFORMED)                                                        \
    X(REASON_IP_TRUNCATED, "ip_packet_empty", DECODE_MALFORMED)                                                        \
    X(REASON_IP_VERSION, "ip_version_unknown", DECODE_MALFORMED)                                                       \
    X(REASON_IP_TOO_LONG_FOR_TUNNEL, "ip_longer_than_tunnel", DECODE_MALFORMED)                                        \
    X(REASON_IPV4_TRUNCATED, "ipv4_header_truncated", DECODE_MALFORMED)                                                \
    X(REASON_IPV4_HEADER_SHORT, "ipv4_header_length_too_small", DECODE_MALFORMED)                                      \
    X(REASON_IPV4_LENGTH_SHORT, "ipv4_length_smaller_than_header", DECODE_MALFORMED)                                   \
    X(REASON_IPV6_TRUNCATED, "ipv6_header_truncated", DECODE_MALFORMED)                                                \
    X(REASON_IPV6_EXTENSION_TRUNCATED, "ipv6_extension_truncated", DECODE_MALFORMED)                                   \
    X(REASON_AH_TRUNCATED, "ah_header_truncated", DECODE_MALFORMED)                                                    \
    X(REASON_TCP_TRUNCATED, "tcp_header_truncated", DECODE_MALFORMED)                                                  \
    X(REASON_TCP_OFFSET_SMALL, "tcp_offset_too_small", DECODE_MALFORMED)                                               \
    X(REASON_TCP_OFFSET_BEYOND, "tcp_offset_beyond_packet", DECODE_MALFORMED)                                          \
    X(REASON_UDP_TRUNCATED, "udp_header_truncated", DECODE_MALFORMED)                                                  \
    X(REASON_UDP_LENGTH_SHORT, "udp_length_too_small", DECODE_MALFORMED)                                               \
    X(REASON_ICMP_TRUNCATED, "icmp_header_truncated", DECODE_MALFORMED)                                                \
    X(REASON_SCTP_TRUNCATED, "sctp_header_truncated", DECODE_MALFORMED)                                                \
    X(REASON_TUNNEL_TRUNCATED, "tunnel_header_truncated", DECODE_MALFORMED)                                            \
    X(REASON_FRAGMENT_BAD_LENGTH, "fragment_length_malformed", DECODE_MALFORMED)                                       \
    X(REASON_FRAGMENT_BEYOND_MAX, "fragment_beyond_64k", DECODE_MALFORMED)                                             \
    X(REASON_FRAGMENT_CONFLICT, "fragment_ends_conflict", DECODE_MALFORMED)                                            \
    X(REASON_FRAGMENT_OVERLAP, "fragment_overlap_ipv6", DECODE_MALFORMED)                                              \
    X(REASON_UNKNOWN_LINK, "link_type_unknown", DECODE_UNKNOWN_LINK)

#define DECODE_REASON_ENUM(id, name, result) id,
enum decode_reason { DECODE_REASONS(DECODE_REASON_ENUM) REASON_COUNT };

/* What follows; a row each in decode.c. */
enum layer {
    LAYER_END,  /* walk.reason says how */
    LAYER_LINK, /* walk.type: link type */
    LAYER_ETHERNET,
    LAYER_ETHERTYPE, /* walk.type: EtherType */
    LAYER_LLC,
    LAYER_PPP, /* with or without address and control bytes */
    LAYER_PPPOE,
    LAYER_MPLS,
    LAYER_NSH,
    LAYER_WIFI, /* walk.type: enum wifi_quirk bits */
    LAYER_AMSDU,
    LAYER_IP, /* version by its first four bits */
    LAYER_IPV6,
    LAYER_TRANSPORT, /* walk.type: IP protocol number without a layer of its own */
    LAYER_AH,
    LAYER_TCP,
    LAYER_UDP,
    LAYER_ICMP,
    LAYER_ICMPV6,
    LAYER_SCTP,
    LAYER_IP_IN_IP,
    LAYER_GRE,
    LAYER_ETHERIP,
    LAYER_L2TPV3,
    LAYER_MPLS_IN_IP,
    LAYER_COUNT,
};

enum { TUNNEL_DEPTH_MAX = 8, LAYERS_MAX = 64 };

enum wifi_quirk {
    WIFI_PADDED = 1,  /* the body is aligned to 4 bytes (radiotap's data pad) */
    WIFI_SWAPPED = 2, /* control fields with their bytes swapped */
};

struct walk {
    const uint8_t *at; /* next header */
    uint32_t left;     /* bytes captured from there; never more than wire */
    uint32_t wire;     /* bytes the headers so far say are there */
    uint16_t type;     /* tells the next layer what it is, see enum layer */
    uint8_t depth;     /* tunnels entered */
    bool has_outer;    /* `outer` is the flow of the last tunnel's own packets */
    enum decode_reason reason;
    struct decoder *decoder;
    struct decoded *out;
    struct decoded outer;
};

struct decoder {
    uint64_t counts[REASON_COUNT];
    enum decode_reason last;
    bool has_rest; /* rest and rest_out are where the next packet of the frame begins */
    struct walk rest;
    struct decoded rest_out;
    struct fragments *fragments;
    decode_refused *refused; /* NULL when nobody wants to know */
    void *refused_context;
};

typedef enum layer layer_decode(struct walk *w);

static inline enum layer walk_end(struct walk *w, enum decode_reason reason)
{
    w->reason = reason;
    return LAYER_END;
}

/** Counts what is worth knowing of a packet that is decoded all the same. */
static inline void walk_note(struct walk *w, enum decode_reason note)
{
    w->decoder->counts[note]++;
}

/** The same where something of the packet is lost: the caller of the decoder is told. */
void walk_note_loss(struct walk *w, enum decode_reason note);

/** Keeps what begins @p offset bytes from here, a LAYER_AMSDU, for decode_rest(). @return false when another rest is
 * kept already. */
bool walk_keep_rest(struct walk *w, uint32_t offset);

/** @return false, and nothing moves, when fewer than @p n bytes were captured. */
static inline bool walk_skip(struct walk *w, uint32_t n)
{
    if (n > w->left)
        return false;
    w->at += n;
    w->left -= n;
    w->wire -= n;
    return true;
}

/** Believes a header that says @p n bytes follow from here: trims what is more, says "snapped" of what is less. */
static inline void walk_set_length(struct walk *w, uint32_t n)
{
    w->wire = n;
    if (w->left > n)
        w->left = n;
}

/** Trims to @p n bytes when more are there; never makes the packet longer. */
static inline void walk_trim(struct walk *w, uint32_t n)
{
    if (n < w->wire)
        walk_set_length(w, n);
}

static inline enum layer walk_ethertype(struct walk *w, uint16_t type)
{
    w->type = type;
    return LAYER_ETHERTYPE;
}

/**
 * Leaves the present IP packet, now complete in *out, for one inside it. Should nothing readable be there, the
 * walk ends with the present one.
 * @param key whatever else tells this tunnel from others between the same addresses: VNI, session, GRE key.
 * @return false when the nesting is too deep: the present packet is the flow.
 */
bool tunnel_enter(struct walk *w, enum encapsulation kind, uint32_t key);

/** Whether an Ethernet frame with a believable IP packet, if need be behind VLAN tags, MPLS or PPPoE, begins @p offset
 * bytes from here. */
bool walk_is_ethernet_ip(const struct walk *w, uint32_t offset);
/** Whether a believable IP packet begins @p offset bytes from here: version, header and total length. */
bool walk_is_ip(const struct walk *w, uint32_t offset);

/** The layer of a pseudowire's payload: Ethernet with or without control word (RFC 4448), or the end. */
enum layer walk_pseudowire(struct walk *w);

/** Opens what a UDP packet carries when its ports and content say it is a tunnel. *out is complete. */
enum layer tunnel_open_udp(struct walk *w);

/* link.c: */
layer_decode link_decode, link_ethernet_decode, link_ethertype_decode, link_llc_decode;
/* link_tag.c: tags between Ethernet and IP, by EtherType; LAYER_COUNT when it is none of them */
enum layer link_tag_decode(struct walk *w);
layer_decode link_pppoe_decode, link_mpls_decode, link_nsh_decode;
/* link_serial.c */
layer_decode link_ppp_decode, link_ppp_hdlc, link_ppp_direction, link_chdlc, link_frame_relay, link_slip;
/* link_wifi.c */
layer_decode link_wifi_decode, link_amsdu_decode, link_radiotap, link_prism, link_ppi;
/* link_pseudo.c: headers that a capturing system puts before the frame */
layer_decode link_erf, link_sll, link_sll2, link_null, link_pktap, link_nflog, link_pflog, link_enc, link_juniper_ether,
    link_juniper_ppp, link_juniper_frelay, link_juniper_chdlc;
/* decode_ip.c */
layer_decode decode_ip, decode_ipv6, decode_ah;
/* decode_transport.c */
layer_decode decode_tcp, decode_udp, decode_icmp, decode_icmpv6, decode_sctp, decode_transport;
/* tunnel.c */
layer_decode tunnel_ip_in_ip, tunnel_etherip, tunnel_l2tpv3, tunnel_mpls_in_ip;
/* tunnel_gre.c */
layer_decode tunnel_gre;

#endif
