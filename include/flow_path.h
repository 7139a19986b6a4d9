/*
 * What a capture itself says of the path of one flow: routers that sent one of its packets back, and whether the
 * remote's packets began to come another way. Few flows have any of it.
 */
#ifndef BORDERTAP_FLOW_PATH_H
#define BORDERTAP_FLOW_PATH_H

#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "packet_time.h"

/** The IPv4 TTL or IPv6 hop limit with which a side's packets arrive. */
struct path_change {
    uint32_t changes;      /* how often it was another than that of the packet before; 0: never */
    uint8_t from, to;      /* the first time */
    uint8_t side;          /* of the flow's key: who sent those packets */
    struct packet_time at; /* of the first packet with another */
};

/** A router that could not pass a packet of the flow on, and quoted it (ICMP time exceeded or unreachable). */
struct path_router {
    struct ip_address address;
    uint8_t hop; /* counted from the sensor, 1 is next to it; 0 unknown */
};

enum { PATH_ROUTERS_MAX = 8 };

struct flow_path {
    struct path_change change;
    struct packet_time first_quote;
    uint8_t router_count;
    struct path_router routers[PATH_ROUTERS_MAX]; /* by hop, no address twice */
};

#define PATH_CHANGE_TEXT_SIZE 160

/** Routers a packet has passed that arrives with @p hop_limit, if it began with the next of 32, 64, 128 and 255. */
unsigned path_hops(uint8_t hop_limit);
/** The change as a sentence: what it may mean, no more. @return @p ret. */
const char *path_change_print(const struct path_change *change, char ret[static PATH_CHANGE_TEXT_SIZE]);

#endif
