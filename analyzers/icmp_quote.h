/*
 * What a router says when it cannot pass a packet on: who it is, and the head of the packet it quotes. Evidence for one
 * flow's path only when the quote matches that flow; anybody can send one.
 * Sources: RFC 792, RFC 4443, RFC 4884 (extensions), RFC 4950 (MPLS).
 */
#ifndef BORDERTAP_ANALYZERS_ICMP_QUOTE_H
#define BORDERTAP_ANALYZERS_ICMP_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"

enum { ICMP_QUOTE_LABELS_MAX = 8 };

/** Why a packet gives no quote. Each is counted by its caller under the name that icmp_quote_reason_text() gives. */
enum icmp_quote_reason {
    ICMP_QUOTE_GOOD,
    ICMP_QUOTE_NO_ERROR, /* another ICMP message, or no ICMP at all: nothing to count */
    ICMP_QUOTE_CUT,      /* ends before the quoted addresses */
    ICMP_QUOTE_BAD_OUTER,
    ICMP_QUOTE_BAD_INNER,
    ICMP_QUOTE_REASON_COUNT,
};

/** "icmp_quote_cut" ...: constant; NULL for what is not counted. */
const char *icmp_quote_reason_text(enum icmp_quote_reason reason);

/** Numbers are in host byte order. */
struct icmp_quote {
    struct ip_address router;   /* who sent it */
    struct ip_address receiver; /* whom it was sent to: the quoted source, unless somebody rewrites addresses */
    uint8_t type, code;         /* as on the wire: of ICMP for IPv4, else of ICMPv6 */
    bool is_time_exceeded;
    uint32_t mtu; /* of the next hop, when the packet was too big for it; 0 not told */

    struct ip_address source, destination;  /* quoted, as are the next */
    uint16_t source_port, destination_port; /* TCP, UDP, SCTP; 0 when has_ports is not set */
    bool has_ports;
    bool is_later_fragment; /* the quoted packet is: it has no ports */
    uint8_t protocol;
    uint8_t hop_limit;     /* as it was when the router read it: 0 or 1 when time was exceeded */
    uint32_t tcp_sequence; /* has_sequence: all eight bytes behind the quoted IP header are there */
    bool has_sequence;

    uint8_t label_count;
    uint32_t labels[ICMP_QUOTE_LABELS_MAX]; /* MPLS label values, top of the stack first */
};

/**
 * @param ip first byte of an IPv4 or IPv6 header, @p length bytes captured from there; borrowed.
 * @param ret written on ICMP_QUOTE_GOOD only. Checksums are not looked at. Any thread.
 */
enum icmp_quote_reason icmp_quote_parse(const uint8_t *ip, size_t length, struct icmp_quote *ret);

#endif
