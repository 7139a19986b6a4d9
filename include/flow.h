/*
 * A flow: both directions of one 5-tuple after decapsulation. `struct flow` is the hot record, one
 * a flow for as long as it lives, so that a packet of a judged flow costs one look-up and a few
 * additions: fields the packet path reads come first, and the size is held by a test.
 * Side 0 is the endpoint with the lower (address, port); side 1 the other one.
 */
#ifndef BORDERTAP_FLOW_H
#define BORDERTAP_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "packet_time.h"

struct flow_key {
    struct ip_address address[2]; /* lower endpoint first */
    uint16_t port[2];             /* host byte order */
    uint8_t protocol;             /* enum ip_protocol or any other number */
    uint8_t zero[3];              /* kept zero: keys are hashed and compared as bytes */
};

enum flow_end_reason {
    FLOW_END_NONE,
    FLOW_END_FIN, /* both sides closed */
    FLOW_END_RESET,
    FLOW_END_IDLE,    /* nothing for the time-out of its protocol */
    FLOW_END_REUSED,  /* a new SYN on the same 5-tuple */
    FLOW_END_EVICTED, /* the table was full */
    FLOW_END_INPUT,   /* the capture ended */
};

/** "fin", "reset", "idle", "reused", "evicted", "end-of-input"; constant. */
const char *flow_end_reason_text(enum flow_end_reason reason);

/** How we know which side sent the SYN, hello, request or query. Later ones are weaker. */
enum direction_reason {
    DIRECTION_UNKNOWN,
    DIRECTION_HANDSHAKE, /* SYN, or SYN+ACK seen */
    DIRECTION_PROTOCOL,  /* a hello, request, query or their answers */
    DIRECTION_PORTS,     /* one port is a well-known server's, the other is not */
    DIRECTION_FIRST,     /* the first packet's sender, nothing better known */
};

struct flow {
    struct flow_key key;
    uint32_t hash;           /* of key, seeded a run */
    uint8_t state;           /* owned by the engine (enum shard_state) */
    uint8_t client_side;     /* 0 or 1: the side that opened the flow */
    uint8_t client_reason;   /* enum direction_reason for client_side */
    uint8_t end_reason;      /* enum flow_end_reason */
    uint8_t tcp_seen[2];     /* OR of TCP flags a side sent */
    uint16_t table_tick;     /* owned by the flow table, as are the next two */
    uint32_t table_links[2]; /* neighbours in its expiry list */
    uint8_t table_list;
    uint8_t hop_limit[2];    /* of each side's first packet, 0 when it sent none; the engine keeps it up to date */
    uint8_t round_trip_kind; /* enum round_trip_kind; owned by the engine, as is round_trip_us */
    struct packet_time last;
    uint64_t packets[2]; /* sent by side 0, by side 1 */
    uint64_t bytes[2];   /* wire length of whole frames, sent by side */
    void *inspection;    /* the engine's per-flow work, NULL once judged */
    uint32_t serial;     /* index of the ledger's sighting + 1 for this flow, 0 none; owned by the engine */
    uint32_t client_isn; /* TCP: sequence number of the client's SYN, 0 not seen */
    struct packet_time first;
    /* What follows is cold: written when a side first speaks, read when the flow is judged or ends. */
    uint32_t birth_links[2]; /* owned by the flow table: neighbours in the order of first packets */
    uint32_t number_low;     /* low 32 bits of the number of its first packet */
    uint16_t vlan;           /* of its first packet */
    uint16_t encapsulation;  /* enum encapsulation bits of both sides' first packets */
    uint8_t mac[2][6];       /* Ethernet source of each side's first packet; zero when none */
    uint32_t round_trip_us;  /* as of struct round_trip */
};

/** How many TCP flows show that both sides spoke, and in how many of them the packets of one side are missing. */
struct flow_sides {
    uint64_t proven, one_sided;
};

static inline const struct ip_address *flow_client(const struct flow *f)
{
    return &f->key.address[f->client_side];
}
static inline const struct ip_address *flow_server(const struct flow *f)
{
    return &f->key.address[!f->client_side];
}
static inline uint16_t flow_client_port(const struct flow *f)
{
    return f->key.port[f->client_side];
}
static inline uint16_t flow_server_port(const struct flow *f)
{
    return f->key.port[!f->client_side];
}

#endif
