/*
 * What packets say of the way they came: the hop limit of the remote's, and routers that sent one of the host's back.
 * Anybody can send a quote, so it counts only for a live flow whose packet it is, by all that the flow's record knows.
 */
#include "engine/shard_parts_internal.h"
#include "engine/view_internal.h"

/* A reset is often somebody else's, and starts with another hop limit where it is not. */
void shard_hop_limit_changed(struct shard *shard, struct flow *flow, unsigned side, const struct decoded *packet)
{
    uint8_t from = flow->hop_limit[side];
    if (packet->protocol == IP_PROTO_TCP && (packet->tcp_flags & TCP_RST))
        return;
    flow->hop_limit[side] = packet->hop_limit;
    struct view v = view_of(flow, shard->options.engine->home_nets);
    if (v.is_internal || side == v.host_side)
        return;
    struct flow_path *path = flow_paths_take(shard->paths, flow);
    if (path == NULL) {
        shard->path_counts.not_kept++;
        return;
    }
    if (path->change.changes == 0) {
        path->change =
            (struct path_change){.from = from, .to = packet->hop_limit, .side = (uint8_t)side, .at = packet->time};
        shard->path_counts.changed++;
    }
    if (path->change.side == side && path->change.changes < UINT32_MAX)
        path->change.changes++;
}

/* Bytes of whole frames are more than its sequence numbers have gone up by; beyond 4 GiB any may be. */
static bool sent_sequence(const struct flow *flow, unsigned side, uint32_t sequence)
{
    if (flow->client_isn == 0 || side != flow->client_side)
        return false;
    return flow->bytes[side] >= UINT32_MAX || sequence - flow->client_isn <= flow->bytes[side];
}

/* Whether the flow can have sent what is quoted, and on whose behalf it was sent back. */
static bool is_of_flow(const struct flow *flow, unsigned side, const struct view *v, const struct icmp_quote *quote)
{
    if (v->is_internal || side != v->host_side || flow->packets[side] == 0)
        return false;
    if (!ip_equal(&quote->receiver, &quote->source) || quote->hop_limit > flow->hop_limit[side])
        return false;
    return quote->protocol != IP_PROTO_TCP || (quote->has_sequence && sent_sequence(flow, side, quote->tcp_sequence));
}

/* Time runs out at the router that the packet's hop limit was enough for. */
static uint8_t hop_of(const struct flow *flow, unsigned side, const struct icmp_quote *quote)
{
    uint8_t sent = flow->hop_limit[side];
    return quote->is_time_exceeded ? sent : (uint8_t)(sent - quote->hop_limit + (quote->hop_limit > 0));
}

/* @return whether it is news. */
static bool add_router(struct flow_path *path, const struct ip_address *address, uint8_t hop)
{
    unsigned at = 0;
    for (unsigned i = 0; i < path->router_count; i++) {
        if (ip_equal(&path->routers[i].address, address))
            return false;
        at += path->routers[i].hop <= hop;
    }
    if (path->router_count == PATH_ROUTERS_MAX)
        return false;
    memmove(&path->routers[at + 1], &path->routers[at], (path->router_count - at) * sizeof(path->routers[0]));
    path->routers[at] = (struct path_router){*address, hop};
    path->router_count++;
    return true;
}

void shard_quote(struct shard *shard, const struct quote *quote, uint64_t number, const struct event_outlet *events)
{
    const struct decoded packet = quote_packet(&quote->icmp);
    unsigned side;
    struct flow *flow = flow_table_find(shard->flows, &packet, &side);
    if (flow == NULL || ip_equal(&quote->icmp.router, &quote->icmp.destination)) {
        shard->path_counts.quotes_unmatched += flow == NULL;
        return;
    }
    struct view v = view_of(flow, shard->options.engine->home_nets);
    if (!is_of_flow(flow, side, &v, &quote->icmp)) {
        shard->path_counts.quotes_doubtful++;
        return;
    }
    struct flow_path *path = flow_paths_take(shard->paths, flow);
    if (path == NULL) {
        shard->path_counts.not_kept++;
        return;
    }
    if (path->router_count == 0)
        path->first_quote = quote->time;
    if (!add_router(path, &quote->icmp.router, hop_of(flow, side, &quote->icmp)))
        return;
    shard->path_counts.quotes_taken++;
    if (flow->serial == 0) /* it will be judged with it */
        return;
    shard_begin_late(shard, number, events);
    const struct event event = shard_event(shard, EVENT_PATH, flow, quote->time);
    shard_send(shard, &event);
}

void shard_count_paths(const struct shard *shard, counter_visit *visit, void *context)
{
    const struct counter counters[] = {
        {"flow_path", "flows_with_changed_hop_limit", shard->path_counts.changed},
        {"flow_path", "routers_that_quoted_a_flow", shard->path_counts.quotes_taken},
        {"flow_path", "quotes_of_no_flow", shard->path_counts.quotes_unmatched},
        {"flow_path", "quotes_doubtful", shard->path_counts.quotes_doubtful},
        {"flow_path", "not_kept_table_full", shard->path_counts.not_kept},
    };
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
        visit(context, &counters[i]);
}
