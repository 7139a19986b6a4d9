/*
 * One judged flow: what the ledger counts, and what the finding and flow records show. Made by the
 * engine's judge; pointers are borrowed for the call (facts, name) or belong to the catalogue,
 * databases and policies that are loaded for the whole run.
 */
#ifndef BORDERTAP_SIGHTING_H
#define BORDERTAP_SIGHTING_H

#include <stdbool.h>
#include <stdint.h>

#include "attribution.h"
#include "exposure.h"
#include "facts.h"
#include "flow.h"
#include "flow_path.h"
#include "jurisdiction.h"
#include "packet_time.h"
#include "round_trip.h"
#include "verdict.h"

/** Why we call one side the host. */
enum host_reason {
    HOST_HOME_NET,  /* it is the only home address of the two */
    HOST_HANDSHAKE, /* both or neither are home addresses; it opened the flow: by its handshake ... */
    HOST_PROTOCOL,  /* ... by its hello, request or query ... */
    HOST_PORTS,     /* ... by the ports ... */
    HOST_FIRST,     /* ... or because its packet came first */
};

/** "home-net", "initiator: handshake", "initiator: protocol", "initiator: ports", "initiator: first packet"; constant.
 */
const char *host_reason_text(enum host_reason reason);

struct flow_counters {
    uint64_t packets_out, packets_in; /* out: from the host */
    uint64_t bytes_out, bytes_in;     /* wire length of whole frames */
};

#define COMMUNITY_ID_TEXT_SIZE 32 /* "1:" and 28 of base64 */
#define FLOW_UID_TEXT_SIZE 20

/** A flow as a record shows it. */
struct flow_view {
    char uid[FLOW_UID_TEXT_SIZE];
    char community_id[COMMUNITY_ID_TEXT_SIZE]; /* Community ID v1, seed 0 */
    struct ip_address client, server;
    uint16_t client_port, server_port;
    uint8_t protocol;
    uint16_t vlan;
    struct packet_time start, end;
    struct flow_counters counters;
    enum host_reason direction_reason;
    enum flow_end_reason end_reason; /* FLOW_END_NONE while it goes on */
    const char *app;                 /* "tls", "http", nDPI's name; NULL unknown */
};

struct sighting {
    struct packet_time time; /* of the packet that told */
    struct ip_address host, remote;
    uint16_t remote_port;
    bool has_mac;
    bool is_internal; /* both sides are home addresses: a finding only when an agent talks through the house's own proxy
                       */
    uint8_t host_mac[6];
    struct text name; /* tied to the remote; NULL data: none */
    enum name_source name_source;
    bool name_is_shared_memory;  /* from the common DNS memory, not the host's own answers: weaker */
    char registered_domain[256]; /* of name; "" when there is none */
    struct flow_view flow;
    struct attribution attribution;
    struct jurisdiction jurisdiction;
    struct verdicts verdicts;
    struct exposure exposure;
    struct reach reach;
    struct path_change path_change; /* of the remote's packets; only in flow records, as it is known at the end */
    const struct flow_facts *facts; /* NULL when nothing was inspected */
};

#endif
