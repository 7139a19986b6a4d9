/*
 * The bidirectional flow table: open addressing over cache lines, a hard cap, and expiry on packet
 * time. When the table is full a flow makes room and is counted: a closed one, else an unanswered one while there are
 * many of these, else the least recently used. The order in which flows end does not depend on the hash seed.
 *
 * Memory is 167 to 175 bytes a flow (record 160, index 7 to 14): address space for the cap is reserved by
 * flow_table_new(), pages are taken as the table fills, and nothing is allocated later. The index doubles in one go:
 * the last time, on the way to a million flows, one packet waits about 20 ms.
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
    uint32_t flows_max; /* hard cap, not 0; memory is taken as the table fills */
    /* Time-outs on packet time; 0 takes the default of 3600, 180 and 60. Unanswered TCP waits 120 at most, a closed
     * flow 5. */
    uint32_t tcp_idle_sec, udp_idle_sec, other_idle_sec;
    flow_ended *ended; /* NULL when nobody wants to know */
    void *context;
};

/** @return STATUS_OK, STATUS_INVALID for a cap of 0, STATUS_NO_MEMORY. @p ret belongs to the caller. */
enum status flow_table_new(const struct flow_table_options *options, struct flow_table **ret);

/**
 * Finds or makes the flow of a packet and counts the packet into it: times, packets, bytes, TCP flags,
 * end by FIN or RST, a new flow where a SYN or its answer reuses the 5-tuple or the idle time-out has passed. Client,
 * client_isn, hop limits, MACs, VLAN and encapsulation are set from each side's first packet and from SYNs. May end
 * other flows before it returns: the one replaced, the one that makes room.
 * @param ret_side 0 or 1: the side of the key that sent this packet.
 * @param ret_is_new whether this packet began the flow.
 * @return the flow, valid until it ends; never NULL.
 */
struct flow *flow_table_touch(struct flow_table *table, const struct decoded *packet, unsigned *ret_side,
                              bool *ret_is_new);

/** A packet's flow as the table will look it up: worked out ahead, so that memory can be on its way meanwhile. */
struct flow_lookup {
    struct flow_key key;
    uint32_t hash;
    unsigned side;
};

/**
 * The three parts of flow_table_touch(), for callers with many packets at hand: prepare one some packets before it is
 * looked for, foresee it half-way, touch it in its turn. What happens to the table in between does not matter.
 * flow_table_foresee() only makes it faster.
 */
void flow_table_prepare(const struct flow_table *table, const struct decoded *packet, struct flow_lookup *ret);
void flow_table_foresee(const struct flow_table *table, const struct flow_lookup *lookup);
/** @param lookup prepared from @p packet by this table. */
struct flow *flow_table_touch_prepared(struct flow_table *table, const struct decoded *packet,
                                       const struct flow_lookup *lookup, bool *ret_is_new);

/**
 * The flow of a packet that is only spoken of: nothing is counted, made or kept alive.
 * @param packet its addresses, ports and protocol are looked at.
 * @return the flow, valid until it ends, or NULL. It may be one whose time-out is over.
 */
struct flow *flow_table_find(const struct flow_table *table, const struct decoded *packet, unsigned *ret_side);

/**
 * Ends flows that are idle at @p now, to the second or two. Cheap to call often: work is bounded by what ends. A flow
 * whose last packet is later than @p now stays. How packets fall into flows does not depend on when this is called.
 */
void flow_table_expire(struct flow_table *table, struct packet_time now);

/** Ends all flows with @p reason (closed ones with theirs: fin, reset), in the order of their first packets. */
void flow_table_drain(struct flow_table *table, enum flow_end_reason reason);
/** The same for the first @p most of them, so that what their ends bring can be worked off in between. */
void flow_table_drain_some(struct flow_table *table, enum flow_end_reason reason, uint32_t most);

/** Of all flows that have ended. */
struct flow_sides flow_table_sides_ended(const struct flow_table *table);
/** Of some of those that had packets in the minute before @p now: the latest 512 of each kind, open, closed,
 * unanswered. */
struct flow_sides flow_table_sides_recent(const struct flow_table *table, struct packet_time now);

uint32_t flow_table_size(const struct flow_table *table); /* flows alive */
void flow_table_count(const struct flow_table *table, counter_visit *visit, void *context);
void flow_table_free(struct flow_table *table); /* ends nothing: drain first; NULL is fine */

#endif
