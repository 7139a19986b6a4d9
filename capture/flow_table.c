/*
 * The flow table itself: finding, beginning and ending flows. Time-outs are judged twice by design: exactly when a
 * packet touches a flow, so that how packets fall into flows never depends on how often flow_table_expire() runs; and
 * in ticks of 2^30 ns (about a second) when sweeping, so that a flow moves in its list once a tick and not with every
 * packet.
 */
#include "flow_table_internal.h"

#include <stdlib.h>
#include <string.h>

#include "direction_internal.h"
#include "hash.h"
#include "wire.h"

enum {
    TCP_IDLE_SEC = 3600,
    TCP_UNANSWERED_IDLE_SEC = 120, /* longer than the longest usual pause between two SYNs */
    TCP_CLOSED_LINGER_SEC = 5,
    TCP_REUSE_SILENCE_SEC = 60, /* a SYN after this much silence begins a new flow: the end of the old one was missed */
    UDP_IDLE_SEC = 180,
    OTHER_IDLE_SEC = 60,
    CLOSED_SEQUENCES = 1 << 24, /* this much before a connection's end may be sent again: the largest usual window */
    ONE_WAY_PACKETS_FEW = 8,    /* with more, a flow that only one side is seen of counts as answered */
    UNANSWERED_SHARE = 8,       /* unanswered flows make room first while they hold more than 1/8 of the table */
    FUTURE_FLOWS_A_SWEEP = 4,   /* flows later than `now` put behind the others, a sweep and list */
};

static int64_t tick_of(struct packet_time time)
{
    return time.ns >> 30;
}

/* --- life of the table ------------------------------------------------------------------------------------------ */

static uint32_t sec_or(uint32_t given, uint32_t otherwise)
{
    return given != 0 ? given : otherwise;
}

static void set_time_outs(struct flow_table *table, const struct flow_table_options *options)
{
    uint32_t tcp = sec_or(options->tcp_idle_sec, TCP_IDLE_SEC);
    uint32_t udp = sec_or(options->udp_idle_sec, UDP_IDLE_SEC);
    uint32_t other = sec_or(options->other_idle_sec, OTHER_IDLE_SEC);
    const uint32_t sec[FLOW_LIST_COUNT] = {
        [FLOW_LIST_TCP_UNANSWERED] = tcp < TCP_UNANSWERED_IDLE_SEC ? tcp : TCP_UNANSWERED_IDLE_SEC,
        [FLOW_LIST_UDP_UNANSWERED] = udp,
        [FLOW_LIST_OTHER_UNANSWERED] = other,
        [FLOW_LIST_TCP_CLOSED] = tcp < TCP_CLOSED_LINGER_SEC ? tcp : TCP_CLOSED_LINGER_SEC,
        [FLOW_LIST_TCP] = tcp,
        [FLOW_LIST_UDP] = udp,
        [FLOW_LIST_OTHER] = other,
    };
    for (unsigned list = 0; list < FLOW_LIST_COUNT; list++)
        table->lists[list] = (struct flow_list){NO_FLOW, NO_FLOW, 0, (int64_t)sec[list] * NS_PER_SEC};
}

enum status flow_table_new_seeded(const struct flow_table_options *options, uint64_t seed, struct flow_table **ret)
{
    size_t size;
    if (options->flows_max == 0 || options->flows_max == NO_FLOW ||
        __builtin_mul_overflow(options->flows_max, sizeof(struct flow), &size))
        return STATUS_INVALID;
    struct flow_table *table = calloc(1, sizeof(*table));
    if (table == NULL)
        return STATUS_NO_MEMORY;
    for (uint64_t i = 0; i < 4; i++)
        table->seeds[i] = hash_bytes(&i, sizeof(i), seed);
    table->flows_max = options->flows_max;
    table->ended = options->ended;
    table->context = options->context;
    table->free_head = table->birth_head = table->birth_tail = NO_FLOW;
    set_time_outs(table, options);
    table->flows = flow_memory_reserve(size);
    if (table->flows == NULL || flow_index_init(&table->index, table->flows_max) != STATUS_OK) {
        flow_table_free(table);
        return STATUS_NO_MEMORY;
    }
    *ret = table;
    return STATUS_OK;
}

enum status flow_table_new(const struct flow_table_options *options, struct flow_table **ret)
{
    return flow_table_new_seeded(options, hash_seed(), ret);
}

void flow_table_free(struct flow_table *table)
{
    if (table == NULL)
        return;
    flow_memory_release(table->flows, (size_t)table->flows_max * sizeof(*table->flows));
    flow_index_clear(&table->index);
    free(table);
}

uint32_t flow_table_size(const struct flow_table *table)
{
    return table->size;
}

/* --- ends ------------------------------------------------------------------------------------------------------- */

/** How the two sides closed a TCP flow; FLOW_END_NONE while it is open. */
static enum flow_end_reason closed_by(const struct flow *flow)
{
    if (flow->tcp_seen[0] & flow->tcp_seen[1] & TCP_FIN)
        return FLOW_END_FIN;
    return (flow->tcp_seen[0] | flow->tcp_seen[1]) & TCP_RST ? FLOW_END_RESET : FLOW_END_NONE;
}

static bool list_is_unanswered(unsigned list)
{
    return list == FLOW_LIST_TCP_UNANSWERED || list == FLOW_LIST_UDP_UNANSWERED || list == FLOW_LIST_OTHER_UNANSWERED;
}

static void end_flow(struct flow_table *table, uint32_t at, enum flow_end_reason reason)
{
    struct flow *flow = &table->flows[at];
    flow->end_reason = (uint8_t)reason;
    table->counts.ended[reason]++;
    table->counts.ended_unanswered += list_is_unanswered(flow->table_list);
    flow_sides_add(&table->counts.sides, flow);
    if (table->ended != NULL)
        table->ended(table->context, flow);
    flow_index_remove(&table->index, at, flow->hash);
    flow_list_remove(table, at);
    flow_birth_remove(table, at);
    flow->table_links[0] = table->free_head;
    table->free_head = at;
    table->size--;
}

/** Time-out of the flow's list, or how it was closed when that list is the closed one. */
static enum flow_end_reason idle_reason(const struct flow *flow)
{
    return flow->table_list == FLOW_LIST_TCP_CLOSED ? closed_by(flow) : FLOW_END_IDLE;
}

static void sweep_list(struct flow_table *table, struct flow_list *list, struct packet_time now)
{
    int64_t idle_ticks = (list->idle_ns >> 30) + 1;
    unsigned put_behind = 0;
    while (list->head != NO_FLOW) {
        const struct flow *flow = &table->flows[list->head];
        int64_t quiet_ticks = tick_of(now) - tick_of(flow->last);
        if (quiet_ticks > idle_ticks) {
            end_flow(table, list->head, idle_reason(flow));
        } else if (quiet_ticks < 0 && put_behind++ < FUTURE_FLOWS_A_SWEEP) {
            uint32_t at = list->head; /* a broken time stamp must not hold up all that waits behind it */
            flow_list_remove(table, at);
            flow_list_append(table, (unsigned)(list - table->lists), at);
        } else {
            return;
        }
    }
}

void flow_table_expire(struct flow_table *table, struct packet_time now)
{
    for (unsigned list = FLOW_LIST_NONE + 1; list < FLOW_LIST_COUNT; list++)
        sweep_list(table, &table->lists[list], now);
}

void flow_table_drain_some(struct flow_table *table, enum flow_end_reason reason, uint32_t most)
{
    for (; most > 0 && table->birth_head != NO_FLOW; most--) {
        uint32_t next = table->flows[table->birth_head].birth_links[FLOW_NEXT];
        if (next != NO_FLOW)
            flow_index_prefetch(&table->index, table->flows[next].hash);
        enum flow_end_reason closed = closed_by(&table->flows[table->birth_head]);
        end_flow(table, table->birth_head, closed != FLOW_END_NONE ? closed : reason);
    }
}

void flow_table_drain(struct flow_table *table, enum flow_end_reason reason)
{
    flow_table_drain_some(table, reason, UINT32_MAX);
}

/** The head of lists @p from ... @p to (not included) that was quiet longest; NO_FLOW when all are empty. */
static uint32_t oldest_head(const struct flow_table *table, unsigned from, unsigned to)
{
    uint32_t oldest = NO_FLOW;
    for (unsigned list = from; list < to; list++) {
        uint32_t head = table->lists[list].head;
        if (head != NO_FLOW &&
            (oldest == NO_FLOW || packet_time_before(table->flows[head].last, table->flows[oldest].last)))
            oldest = head;
    }
    return oldest;
}

/**
 * Ends one flow of a full table. A closed one costs nothing. Then the unanswered ones, so that a flood of SYNs or
 * datagrams does not push out long-lived flows; but only while there are many of them, so that a table full of quiet
 * flows still lets new ones in.
 */
static void make_room(struct flow_table *table)
{
    uint32_t closed = table->lists[FLOW_LIST_TCP_CLOSED].head;
    if (closed != NO_FLOW) {
        table->counts.evicted_closed++;
        end_flow(table, closed, closed_by(&table->flows[closed]));
        return;
    }
    uint64_t unanswered = (uint64_t)table->lists[FLOW_LIST_TCP_UNANSWERED].count +
                          table->lists[FLOW_LIST_UDP_UNANSWERED].count + table->lists[FLOW_LIST_OTHER_UNANSWERED].count;
    bool from_unanswered = unanswered > table->flows_max / UNANSWERED_SHARE;
    uint32_t victim = oldest_head(table, FLOW_LIST_NONE + 1, from_unanswered ? FLOW_LIST_TCP_CLOSED : FLOW_LIST_COUNT);
    table->counts.evicted_unanswered += list_is_unanswered(table->flows[victim].table_list);
    end_flow(table, victim, FLOW_END_EVICTED);
}

/* --- a packet --------------------------------------------------------------------------------------------------- */

static uint64_t load_be64(const uint8_t *p)
{
    return (uint64_t)load_be32(p) << 32 | load_be32(p + 4);
}

/** Whether the source is the higher endpoint, and so side 1. */
static bool source_is_higher(const struct decoded *packet)
{
    const uint8_t *a = packet->source.octets, *b = packet->destination.octets;
    uint64_t x = load_be64(a), y = load_be64(b);
    if (x != y)
        return x > y;
    x = load_be64(a + 8);
    y = load_be64(b + 8);
    if (x != y)
        return x > y;
    return packet->source_port > packet->destination_port;
}

static unsigned key_of(const struct decoded *packet, struct flow_key *ret)
{
    unsigned side = source_is_higher(packet);
    ret->address[side] = packet->source;
    ret->address[!side] = packet->destination;
    ret->port[side] = packet->source_port;
    ret->port[!side] = packet->destination_port;
    ret->protocol = packet->protocol;
    memset(ret->zero, 0, sizeof(ret->zero));
    return side;
}

/** Two multiplications side by side and one after them, where hash_bytes() has six in a row. */
static uint32_t hash_of(const struct flow_key *key, const uint64_t seeds[static 4])
{
    uint64_t ports = (uint64_t)key->protocol << 32 | (uint64_t)key->port[0] << 16 | key->port[1];
    uint64_t hash = hash_fold(flow_address_word(key, 0, 0) ^ seeds[0], flow_address_word(key, 0, 1) ^ seeds[1]) ^
                    hash_fold(flow_address_word(key, 1, 0) ^ seeds[2], flow_address_word(key, 1, 1) ^ seeds[3]);
    hash = hash_fold(hash ^ ports, UINT64_C(0xa0761d6478bd642f) ^ seeds[0]);
    return (uint32_t)(hash ^ hash >> 32);
}

static void double_index(struct flow_table *table)
{
    flow_index_double(&table->index);
    for (uint32_t at = 0; at < table->used; at++)
        if (table->flows[at].table_list != FLOW_LIST_NONE)
            flow_index_insert(&table->index, at, table->flows[at].hash);
}

static uint32_t take_record(struct flow_table *table)
{
    uint32_t at = table->free_head;
    if (at == NO_FLOW)
        return table->used++;
    table->free_head = table->flows[at].table_links[0];
    memset(&table->flows[at], 0, sizeof(table->flows[at]));
    return at;
}

static uint32_t begin_flow(struct flow_table *table, const struct flow_key *key, uint32_t hash,
                           const struct decoded *packet, unsigned side)
{
    if (table->size == table->flows_max)
        make_room(table);
    if (!flow_index_has_room(&table->index, table->size))
        double_index(table);
    uint32_t at = take_record(table);
    struct flow *flow = &table->flows[at];
    flow->key = *key;
    flow->hash = hash;
    flow->first = flow->last = packet->time;
    flow->number_low = (uint32_t)packet->number;
    flow->vlan = packet->vlan;
    direction_begin(flow, packet, side);
    flow_index_insert(&table->index, at, hash);
    flow_birth_append(table, at);
    table->counts.created++;
    if (++table->size > table->counts.peak)
        table->counts.peak = table->size;
    return at;
}

/**
 * Whether a SYN, or the answer to one, is of another connection on the same 5-tuple. On an open flow a SYN alone is not
 * enough, else a forged one could cut it in two: its answer is, which the other side gives to a true one only (RFC
 * 9293, 3.10.7.4). Else something must say that the old connection is over: a FIN of the sender's, a sender that still
 * waits for an answer, a long silence.
 */
static bool syn_reuses(const struct flow *flow, const struct decoded *packet, unsigned side)
{
    if ((packet->tcp_flags & (TCP_SYN | TCP_RST)) != TCP_SYN || direction_knows_syn(flow, packet))
        return false;
    bool is_answer = packet->tcp_flags & TCP_ACK;
    return flow->table_list == FLOW_LIST_TCP_CLOSED || flow->packets[!side] == 0 ||
           (is_answer && flow->table_list == FLOW_LIST_TCP) || flow->tcp_seen[side] & TCP_FIN ||
           packet_time_between(flow->last, packet->time) >= TCP_REUSE_SILENCE_SEC * NS_PER_SEC;
}

static void note_fin(struct flow_table *table, const struct flow *flow, const struct decoded *packet, unsigned side)
{
    uint32_t at = (uint32_t)(flow - table->flows);
    struct flow_closing *closing = &table->closings[at % CLOSINGS];
    if (closing->flow != at + 1)
        *closing = (struct flow_closing){.flow = at + 1};
    closing->end[side] = packet->tcp_sequence + packet->payload_wire_len;
    closing->is_known[side] = true;
}

/** Content of another connection, whose handshake was not captured: behind the end of this one, or too far before it
 * to be sent again. */
static bool content_reuses(const struct flow_table *table, const struct flow *flow, const struct decoded *packet,
                           unsigned side)
{
    uint32_t at = (uint32_t)(flow - table->flows);
    const struct flow_closing *closing = &table->closings[at % CLOSINGS];
    if (packet->payload_len == 0 || packet->tcp_flags & (TCP_SYN | TCP_RST) || closed_by(flow) != FLOW_END_FIN ||
        closing->flow != at + 1 || !closing->is_known[side])
        return false;
    return closing->end[side] - packet->tcp_sequence > CLOSED_SEQUENCES;
}

/** Why the flow found for a packet is not the packet's; FLOW_END_NONE when it is. */
static enum flow_end_reason over_before(const struct flow_table *table, const struct flow *flow,
                                        const struct decoded *packet, unsigned side)
{
    if (packet_time_between(flow->last, packet->time) >= table->lists[flow->table_list].idle_ns)
        return idle_reason(flow);
    if (flow->key.protocol != IP_PROTO_TCP)
        return FLOW_END_NONE;
    if (syn_reuses(flow, packet, side) ||
        (flow->table_list == FLOW_LIST_TCP_CLOSED && content_reuses(table, flow, packet, side)))
        return FLOW_END_REUSED;
    return FLOW_END_NONE;
}

static void note_first_of_side(struct flow *flow, const struct decoded *packet, unsigned side)
{
    flow->hop_limit[side] = packet->hop_limit;
    flow->encapsulation |= packet->encapsulation;
    if (packet->source_mac != NULL)
        memcpy(flow->mac[side], packet->source_mac, sizeof(flow->mac[side]));
}

static void count_packet(struct flow_table *table, struct flow *flow, const struct decoded *packet, unsigned side)
{
    if (flow->packets[side] == 0)
        note_first_of_side(flow, packet, side);
    flow->packets[side]++;
    flow->bytes[side] += packet->wire_len;
    if (packet_time_before(flow->last, packet->time)) {
        flow->last = packet->time;
    } else if (packet_time_before(packet->time, flow->last)) {
        table->counts.packets_back_in_time++;
        if (packet_time_before(packet->time, flow->first))
            flow->first = packet->time;
    }
    if (flow->key.protocol != IP_PROTO_TCP)
        return;
    flow->tcp_seen[side] |= packet->tcp_flags;
    if (packet->tcp_flags & TCP_SYN)
        direction_see_syn(flow, packet, side);
    if (packet->tcp_flags & TCP_FIN)
        note_fin(table, flow, packet, side);
}

static unsigned list_for(const struct flow *flow)
{
    bool both = flow->packets[0] > 0 && flow->packets[1] > 0;
    bool many = flow->packets[0] + flow->packets[1] > ONE_WAY_PACKETS_FEW;
    switch (flow->key.protocol) {
    case IP_PROTO_TCP:
        if (closed_by(flow) != FLOW_END_NONE)
            return FLOW_LIST_TCP_CLOSED;
        /* a SYN and its answer are not enough: the ACK that completes the handshake proves that the client is real */
        return many || flow->tcp_seen[0] & flow->tcp_seen[1] & TCP_ACK ? FLOW_LIST_TCP : FLOW_LIST_TCP_UNANSWERED;
    case IP_PROTO_UDP:
        return both || many ? FLOW_LIST_UDP : FLOW_LIST_UDP_UNANSWERED;
    default:
        return both || many ? FLOW_LIST_OTHER : FLOW_LIST_OTHER_UNANSWERED;
    }
}

/** Puts the flow last in the list it belongs to, at most once a tick. */
static void place_flow(struct flow_table *table, uint32_t at, struct packet_time now)
{
    struct flow *flow = &table->flows[at];
    unsigned list = list_for(flow);
    uint16_t tick = (uint16_t)tick_of(now);
    if (list == flow->table_list && tick == flow->table_tick)
        return;
    flow->table_tick = tick;
    if (list == flow->table_list && table->lists[list].tail == at)
        return;
    if (flow->table_list != FLOW_LIST_NONE)
        flow_list_remove(table, at);
    flow_list_append(table, list, at);
}

void flow_table_prepare(const struct flow_table *table, const struct decoded *packet, struct flow_lookup *ret)
{
    ret->side = key_of(packet, &ret->key);
    ret->hash = hash_of(&ret->key, table->seeds);
    flow_index_prefetch(&table->index, ret->hash);
}

void flow_table_foresee(const struct flow_table *table, const struct flow_lookup *lookup)
{
    flow_index_prefetch_flow(&table->index, table->flows, lookup->hash);
}

struct flow *flow_table_touch_prepared(struct flow_table *table, const struct decoded *packet,
                                       const struct flow_lookup *lookup, bool *ret_is_new)
{
    unsigned side = lookup->side;
    uint32_t at = flow_index_find(&table->index, table->flows, &lookup->key, lookup->hash);
    bool is_new = at == NO_FLOW;
    if (!is_new) {
        enum flow_end_reason over = over_before(table, &table->flows[at], packet, side);
        if (over != FLOW_END_NONE) {
            end_flow(table, at, over);
            is_new = true;
        }
    }
    if (is_new)
        at = begin_flow(table, &lookup->key, lookup->hash, packet, side);
    count_packet(table, &table->flows[at], packet, side);
    place_flow(table, at, packet->time);
    *ret_is_new = is_new;
    return &table->flows[at];
}

struct flow *flow_table_find(const struct flow_table *table, const struct decoded *packet, unsigned *ret_side)
{
    struct flow_lookup lookup;
    flow_table_prepare(table, packet, &lookup);
    *ret_side = lookup.side;
    uint32_t at = flow_index_find(&table->index, table->flows, &lookup.key, lookup.hash);
    return at != NO_FLOW ? &table->flows[at] : NULL;
}

struct flow *flow_table_touch(struct flow_table *table, const struct decoded *packet, unsigned *ret_side,
                              bool *ret_is_new)
{
    struct flow_lookup lookup;
    flow_table_prepare(table, packet, &lookup);
    *ret_side = lookup.side;
    return flow_table_touch_prepared(table, packet, &lookup, ret_is_new);
}

/* --- counters --------------------------------------------------------------------------------------------------- */

void flow_table_count(const struct flow_table *table, counter_visit *visit, void *context)
{
    const struct counter counters[] = {
        {"flow", "created", table->counts.created},
        {"flow", "alive_peak", table->counts.peak},
        {"flow", "ended_fin", table->counts.ended[FLOW_END_FIN]},
        {"flow", "ended_reset", table->counts.ended[FLOW_END_RESET]},
        {"flow", "ended_idle", table->counts.ended[FLOW_END_IDLE]},
        {"flow", "ended_reused", table->counts.ended[FLOW_END_REUSED]},
        {"flow", "ended_evicted", table->counts.ended[FLOW_END_EVICTED]},
        {"flow", "ended_end_of_input", table->counts.ended[FLOW_END_INPUT]},
        {"flow", "ended_unanswered", table->counts.ended_unanswered},
        {"flow", "evicted_unanswered", table->counts.evicted_unanswered},
        {"flow", "closed_early_for_room", table->counts.evicted_closed},
        {"flow", "packets_back_in_time", table->counts.packets_back_in_time},
    };
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
        visit(context, &counters[i]);
}
