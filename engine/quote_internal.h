/* An ICMP error on its way to the shard of the flow that it quotes; the packet itself goes the way of all packets. */
#ifndef BORDERTAP_ENGINE_QUOTE_INTERNAL_H
#define BORDERTAP_ENGINE_QUOTE_INTERNAL_H

#include "analyzers/icmp_quote.h"
#include "decoded.h"
#include "packet_time.h"

struct quote {
    struct icmp_quote icmp;
    struct packet_time time;
    uint8_t shard;
};

/** As much of the packet that is quoted as names its flow. */
static inline struct decoded quote_packet(const struct icmp_quote *quote)
{
    return (struct decoded){.source = quote->source,
                            .destination = quote->destination,
                            .source_port = quote->source_port,
                            .destination_port = quote->destination_port,
                            .protocol = quote->protocol};
}

#endif
