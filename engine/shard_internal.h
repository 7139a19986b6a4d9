/*
 * A shard owns some flows from their first packet to their end: decoding, duplicates, the flow table, reassembly and
 * inspection. It knows nothing of products or countries; what it learns goes to the judge as events, in packet order.
 * The judge answers one question on the way: whether nDPI's answer about a flow could reach a record.
 */
#ifndef BORDERTAP_ENGINE_SHARD_INTERNAL_H
#define BORDERTAP_ENGINE_SHARD_INTERNAL_H

#include <stdbool.h>

#include "counter.h"
#include "dns_message.h"
#include "facts.h"
#include "flow.h"
#include "packet.h"
#include "status.h"

struct shard;

/** What a shard tells. Facts are NULL when nothing was inspected; all pointers are borrowed for the call. */
struct shard_listener {
    /* The evidence suffices for a verdict, or has changed since: more may come. */
    void (*flow_named)(void *context, struct flow *flow, const struct flow_facts *facts, struct packet_time now);
    /* Nothing more can be learnt from content. */
    void (*flow_settled)(void *context, struct flow *flow, const struct flow_facts *facts, struct packet_time now);
    void (*flow_ended)(void *context, struct flow *flow, const struct flow_facts *facts);
    void (*dns_answered)(void *context, const struct flow *flow, const struct dns_answer *answer,
                         struct packet_time now);
    bool (*wants_ndpi)(void *context, const struct flow *flow);
    void *context;
};

struct shard_options {
    uint32_t flows_max;
    bool keeps_facts; /* flow records are wanted: facts live as long as their flow */
    bool wants_fingerprints;
    struct shard_listener listener;
    void (*refused)(void *context, const char *reason, uint64_t packet_number);
    void *refused_context;
};

enum status shard_new(const struct shard_options *options, struct shard **ret, struct error *error);
void shard_packet(struct shard *shard, const struct packet *packet);
/** Ends what is idle at @p now. */
void shard_expire(struct shard *shard, struct packet_time now);
/** End of input: all flows end. */
void shard_drain(struct shard *shard);
uint64_t shard_flows(const struct shard *shard); /* begun so far */
void shard_count(const struct shard *shard, counter_visit *visit, void *context);
void shard_free(struct shard *shard);

#endif
