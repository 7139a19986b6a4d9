/*
 * The BGP Monitoring Protocol (RFC 7854; Loc-RIB: RFC 9069; Adj-RIB-Out: RFC 8671) as a stream of bytes: what a router
 * sends of its tables. Bytes come in pieces of any size; a message is told once it is whole.
 */
#ifndef BORDERTAP_GEO_PATHS_BMP_INTERNAL_H
#define BORDERTAP_GEO_PATHS_BMP_INTERNAL_H

#include "paths/bgp_internal.h"
#include "status.h"

enum {
    BMP_MESSAGE_MAX = 1 << 18, /* bytes; a BGP message has 65,535 at most (RFC 8654) */
    BMP_PEERS_MAX = 1 << 12,   /* of one session */
};

enum bmp_type {
    BMP_ROUTE_MONITORING = 0,
    BMP_STATISTICS = 1,
    BMP_PEER_DOWN = 2,
    BMP_PEER_UP = 3,
    BMP_INITIATION = 4,
    BMP_TERMINATION = 5,
    BMP_ROUTE_MIRRORING = 6,
    BMP_TYPE_COUNT,
};

enum { BMP_PEER_LOC_RIB = 3 };

/** The per-peer header. */
struct bmp_peer {
    uint8_t type; /* 0 global, 1 and 2 of a VPN or local instance, 3 Loc-RIB */
    uint64_t distinguisher;
    struct ip_address address; /* of Loc-RIB: :: */
    uint32_t asn;              /* of Loc-RIB: our own */
    bool is_post_policy, is_sent, has_16_bit_paths;
    int64_t time_sec; /* 0: the router does not say */
};

/** Any may be NULL. Borrowed for the call. */
struct bmp_visitor {
    void (*route)(void *context, const struct bmp_peer *peer, const struct bgp_change *change);
    void (*peer_up)(void *context, const struct bmp_peer *peer);
    void (*peer_down)(void *context, const struct bmp_peer *peer);
    void *context;
};

struct bmp_parser;

struct bmp_parser *bmp_parser_new(const struct bmp_visitor *visitor); /* copied; NULL: no memory */
void bmp_parser_free(struct bmp_parser *parser);

/**
 * Takes the next bytes of the session.
 * @return STATUS_OK to go on; STATUS_END after a termination message; STATUS_MALFORMED when the stream has lost its
 * beginnings of messages: nothing behind can be read; STATUS_NO_MEMORY.
 */
enum status bmp_parser_take(struct bmp_parser *parser, const uint8_t *bytes, size_t length);

uint64_t bmp_parser_messages(const struct bmp_parser *parser, enum bmp_type type);
uint64_t bmp_parser_troubles(const struct bmp_parser *parser, enum trouble trouble);
/** Where in the stream the message at hand begins, in bytes. */
uint64_t bmp_parser_offset(const struct bmp_parser *parser);

#endif
