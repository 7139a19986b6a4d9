/*
 * The bidirectional flow table: open addressing over cache lines, a hard cap, and expiry on packet
 * time. When the table is full the least recently used flow makes room and is counted. The order in
 * which flows end does not depend on the hash seed.
 */
#ifndef BORDERTAP_CAPTURE_FLOW_TABLE_H
#define BORDERTAP_CAPTURE_FLOW_TABLE_H

#include "counter.h"
#include "decoded.h"
#include "flow.h"
#include "status.h"

struct flow_table;

/** Called once for each flow that ends, before its record is reused; end_reason is set. */
typedef void flow_ended(void *context, struct flow *flow);

struct flow_table_options {
    uint32_t flows_max;           /* hard cap; memory is taken as the table fills */
    uint32_t tcp_idle_sec, udp_idle_sec, other_idle_sec; /* time-outs on packet time: 0 takes the default */
    flow_ended *ended;
    void *context;
};

enum status flow_table_new(const struct flow_table_options *options, struct flow_table **ret);

/**
 * Finds or makes the flow of a packet and counts the packet into it: times, packets, bytes, TCP flags,
 * end by FIN or RST, a new flow where a SYN reuses the 5-tuple or the idle time-out has passed.
 * @param ret_side 0 or 1: the side of the key that sent this packet.
 * @param ret_is_new whether this packet began the flow.
 * @return the flow, valid until it ends; NULL only when memory for a first flow cannot be had.
 */
struct flow *flow_table_touch(struct flow_table *table, const struct decoded *packet, unsigned *ret_side, bool *ret_is_new);

/** Ends flows that are idle at @p now. Cheap to call often: work is bounded by what ends. */
void flow_table_expire(struct flow_table *table, struct packet_time now);

/** Ends all flows with @p reason, in the order of their first packets. */
void flow_table_drain(struct flow_table *table, enum flow_end_reason reason);

uint32_t flow_table_size(const struct flow_table *table); /* flows alive */
void flow_table_count(const struct flow_table *table, counter_visit *visit, void *context);
void flow_table_free(struct flow_table *table); /* ends nothing: drain first */

#endif
