/*
 * Where the headers of one packet are, innermost first: what the decoder found and the flow table
 * and analyzers need. Everything points into the packet (or the decoder's reassembly buffer) and is
 * good until the next decode. Multi-byte numbers are host byte order.
 */
#ifndef BORDERTAP_DECODED_H
#define BORDERTAP_DECODED_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "packet_time.h"

enum ip_protocol {
    IP_PROTO_ICMP = 1,
    IP_PROTO_TCP = 6,
    IP_PROTO_UDP = 17,
    IP_PROTO_ICMPV6 = 58,
    IP_PROTO_SCTP = 132,
};

/** As on the wire, RFC 9293. */
enum tcp_flag {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
};

/** Layers round the innermost IP packet, a bit each; only for the record and for the tests. */
enum encapsulation {
    ENCAP_VLAN = 1 << 0,
    ENCAP_MPLS = 1 << 1,
    ENCAP_PPPOE = 1 << 2,
    ENCAP_GRE = 1 << 3,
    ENCAP_ERSPAN = 1 << 4,
    ENCAP_VXLAN = 1 << 5,
    ENCAP_GENEVE = 1 << 6,
    ENCAP_GTP = 1 << 7,
    ENCAP_IP_IN_IP = 1 << 8, /* 4in4, 4in6, 6in4, 6in6 */
    ENCAP_TEREDO = 1 << 9,
    ENCAP_L2TP = 1 << 10,
    ENCAP_CAPWAP = 1 << 11,
    ENCAP_NSH = 1 << 12,
    ENCAP_VNTAG = 1 << 13,
    ENCAP_OTHER = 1 << 14,
};

struct decoded {
    struct ip_address source, destination;  /* innermost */
    uint16_t source_port, destination_port; /* 0 without ports; ICMP: type and code as Community ID v1 maps them */
    uint8_t protocol;                       /* IP protocol number after extension headers */
    uint8_t hop_limit;                      /* IPv4 TTL or IPv6 hop limit */
    uint8_t tcp_flags;
    bool is_untimed;  /* as of struct packet */
    bool is_fragment; /* a later fragment that could not be put together: no ports */
    uint32_t tcp_sequence, tcp_acknowledgement;
    uint16_t tcp_window;
    uint16_t ip_id; /* IPv4 identification, 0 for IPv6 */

    const uint8_t *payload;    /* above TCP or UDP (else above IP); NULL when nothing was captured */
    uint32_t payload_len;      /* bytes captured */
    uint32_t payload_wire_len; /* bytes the headers say were there; more than payload_len when snapped */

    const uint8_t *ip; /* first byte of the innermost IP header; ip_len bytes captured from there */
    uint32_t ip_len;

    const uint8_t *source_mac, *destination_mac; /* 6 bytes each of the outermost Ethernet frame, or NULL */
    uint16_t vlan;                               /* outermost VLAN id, 0 none */
    uint16_t encapsulation;                      /* enum encapsulation bits */
    uint32_t tunnel_hash; /* 0 outside tunnels; else a hash of outer addresses and keys. Not part of the flow's key */

    uint16_t interface;     /* as of struct packet */
    uint16_t part;          /* 0 for the first packet of its frame, 1 for the next */
    uint32_t clock_lost_us; /* what its interface's clock was set back in all so far; UINT32_MAX: too much to tell */

    uint32_t wire_len; /* whole frame, or its share of one with several packets; all frames of a datagram that came in
                          fragments */
    struct packet_time time;
    uint64_t number; /* packet number of the run */
};

#endif
