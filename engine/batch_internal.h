/*
 * Some packets on their way from the source to the judge, and what the shards learn from them. Several threads need
 * copies, so that reading goes on; one thread only counts a packet in and works on it where it lies. Where batches end
 * is the same.
 */
#ifndef BORDERTAP_ENGINE_BATCH_INTERNAL_H
#define BORDERTAP_ENGINE_BATCH_INTERNAL_H

#include "decoded.h"
#include "engine/event_internal.h"
#include "engine/quote_internal.h"
#include "status.h"

enum { BATCH_PACKETS = 1024, BATCH_BYTES = 1 << 20, BATCH_SHARDS = 4, BATCH_QUOTES = 64 };

struct batch {
    struct decoded packets[BATCH_PACKETS];
    uint16_t order[BATCH_SHARDS][BATCH_PACKETS]; /* places in packets, by shard */
    uint16_t order_count[BATCH_SHARDS];
    size_t count, used;
    size_t room;    /* bytes; more for a packet that is larger than usual */
    uint8_t *bytes; /* owned; NULL until there are copies */
    size_t bytes_room;
    struct packet_time first; /* of its first packet */
    struct packet_time now;   /* of the last packet decoded */
    uint64_t number;          /* of the last packet read */
    struct quote quotes[BATCH_QUOTES];
    size_t quote_count;
    bool is_sampled; /* each step adds its counts to the sample */
    bool is_drain;   /* no packets: some of the flows end, as the input has */
    struct event_list events[BATCH_SHARDS];
};

enum status batch_new(struct batch **ret);
void batch_reset(struct batch *batch);
/**
 * Whether @p packet should wait for the next batch: no room, or it came later than a finding may wait. So a slow stream
 * is judged as it comes, and where batches end depends on the packets alone.
 */
bool batch_is_full(const struct batch *batch, const struct decoded *packet);
/** Counts @p packet in without keeping it. @return its shard. */
unsigned batch_count_in(struct batch *batch, const struct decoded *packet);
/** Counts it in and keeps a copy; @return false when there was no memory for it. */
bool batch_add(struct batch *batch, const struct decoded *packet);
/** Keeps what a router sent back; @return false when there is no room for it. */
bool batch_add_quote(struct batch *batch, const struct icmp_quote *quote, struct packet_time time);
void batch_free(struct batch *batch);

#endif
