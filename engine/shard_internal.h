/*
 * A shard owns some flows from their first packet to their end: the flow table, reassembly and inspection. What it
 * learns becomes events for the judge, but only where an event could reach a record. Shards share nothing they write;
 * each is worked on by one thread at a time. How many there are does not depend on the number of threads, so that
 * results do not either.
 */
#ifndef BORDERTAP_ENGINE_SHARD_INTERNAL_H
#define BORDERTAP_ENGINE_SHARD_INTERNAL_H

#include "counter.h"
#include "decoded.h"
#include "engine/concerns_internal.h"
#include "engine/engine.h"
#include "engine/event_internal.h"
#include "engine/quote_internal.h"
#include "engine/refusals_internal.h"
#include "flow.h"
#include "round_trip.h"
#include "status.h"

struct shard;

enum { SHARDS = 4 };

struct shard_options {
    const struct engine_options *engine; /* borrowed */
    struct concerns *concerns;           /* borrowed; what the same thread works on may share one */
    uint32_t flows_max;                  /* of this shard */
    bool keeps_facts;                    /* flow records are wanted: facts live as long as their flow */
};

enum status shard_new(const struct shard_options *options, struct shard **ret, struct error *error);
/** The data for the calls that follow, those of its concerns too. */
void shard_use(struct shard *shard, const struct engine_data *data);
/** Works on one packet; what it learns goes to @p events. */
void shard_packet(struct shard *shard, const struct decoded *packet, const struct event_outlet *events);
/** The same for @p count packets at once, those of @p packets that @p order names. */
void shard_packets(struct shard *shard, const struct decoded *packets, const uint16_t *order, size_t count,
                   const struct event_outlet *events);
/** A router sent a packet back that may be of one of the shard's flows. @param number of the last packet so far. */
void shard_quote(struct shard *shard, const struct quote *quote, uint64_t number, const struct event_outlet *events);
/** Ends what is idle at @p now. @param number of the last packet of the run so far. */
void shard_expire(struct shard *shard, struct packet_time now, uint64_t number, const struct event_outlet *events);
/** End of input: the first @p most flows end. */
void shard_drain_some(struct shard *shard, uint32_t most, uint64_t number, const struct event_outlet *events);
/** Whether a judged flow has nothing that names it or its remote: it was judged by its addresses, and what its host was
 * told of them. */
bool flow_is_nameless(const struct flow *flow);
const struct refusals *shard_refusals(const struct shard *shard);
/** Adds to @p ret what the round trips of its ended flows exclude; nothing without a sensor's place. */
void shard_watch_totals(const struct shard *shard, struct reach_totals *ret);
uint64_t shard_flows(const struct shard *shard); /* begun so far */
/** Flows that it has now. */
uint64_t shard_flows_alive(const struct shard *shard);
/** TCP flows by the sides seen of them: of the last minute, or of all that ended. */
struct flow_sides shard_sides(const struct shard *shard, bool is_whole_run);
void shard_count(const struct shard *shard, counter_visit *visit, void *context);
void shard_free(struct shard *shard);

#endif
