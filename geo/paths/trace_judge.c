#include "paths/trace_judge_internal.h"

#include <string.h>

/** What a judgement is made from. */
struct bench {
    const struct trace_surroundings *around;
    const struct ip_address *remote;
    uint32_t rtt_step_us;
    uint32_t remote_asns[OPERATOR_ASNS_MAX];
    size_t remote_asn_count;
    struct trace_judgement *ret;
};

static bool is_home(const struct trace_surroundings *around, const struct ip_address *address)
{
    return around->is_home != NULL && around->is_home(around->home, address);
}

/** RFC 6598: a provider's own, between it and its customers. */
static bool is_shared(const struct ip_address *address)
{
    static const struct ip_prefix shared = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 100, 64}}, 96 + 10};
    return ip_in_prefix(address, &shared);
}

static bool is_outside(const struct trace_surroundings *around, const struct trace_hop *hop)
{
    for (unsigned i = 0; i < hop->router_count; i++) {
        const struct ip_address *address = &hop->routers[i].address;
        if (is_shared(address) || (!is_home(around, address) && geo_special_range(address) == NULL))
            return true;
    }
    return false;
}

/** How many first hops are at home: up to the last that answers before anybody outside does. */
static unsigned first_outside(const struct trace_surroundings *around, const struct traceroute *trace)
{
    unsigned ret = 0;
    for (unsigned i = 0; i < trace->hop_count && !is_outside(around, &trace->hops[i]); i++)
        if (trace->hops[i].router_count > 0)
            ret = i + 1;
    return ret;
}

static bool share_asn(const struct operator_facts *facts, const uint32_t *asns, size_t count)
{
    for (unsigned i = 0; i < facts->asn_count; i++)
        for (size_t k = 0; k < count; k++)
            if (facts->asn[i] == asns[k])
                return true;
    return false;
}

static enum trace_role role_of(const struct bench *bench, const struct judged_router *router)
{
    const struct trace_surroundings *around = bench->around;
    if (ip_equal(&router->address, bench->remote))
        return TRACE_DESTINATION;
    if (is_home(around, &router->address) || share_asn(&router->carrier, around->own_asns, around->own_asn_count))
        return TRACE_OWN;
    if (share_asn(&router->carrier, bench->remote_asns, bench->remote_asn_count))
        return TRACE_DESTINATION;
    return router->carrier.asn_count > 0 ? TRACE_CARRIER : TRACE_UNANNOUNCED;
}

/** @return whether a claim was refuted. */
static bool refute_place(const struct bench *bench, const struct judged_router *router, struct axis_judgement *location)
{
    unsigned claims = location->country_count;
    uint32_t us;
    if (bench->around->sensor == NULL || router->rtt_min_us == 0 ||
        __builtin_add_overflow(router->rtt_min_us, bench->rtt_step_us, &us))
        return false;
    rtt_refute(bench->around->sensor, us, location);
    return location->country_count < claims;
}

static void judge_place(const struct axis_judgement *location, struct judged_router *router)
{
    if (location->status == AXIS_AGREED && location->country_count == 1)
        router->place = location->countries[0];
    text_copy(text_of(location->reason), router->place_reason, sizeof(router->place_reason));
}

static void judge_router(const struct bench *bench, struct judged_router *router)
{
    struct jurisdiction facts;
    const char *special = geo_special_range(&router->address);
    if (ixp_contains(bench->around->ixps, &router->address, &router->ixlan)) {
        router->role = TRACE_EXCHANGE;
    } else if (special != NULL) { /* also where the house has the same block: behind others it is not ours */
        router->role = TRACE_SPECIAL;
        text_copy(text_of(special), router->place_reason, sizeof(router->place_reason));
        return;
    }
    geo_judge(bench->around->geo, &router->address, &facts);
    bench->ret->refuted += refute_place(bench, router, &facts.axes[AXIS_LOCATION]);
    judge_place(&facts.axes[AXIS_LOCATION], router);
    if (router->role == TRACE_EXCHANGE)
        return;
    router->carrier = facts.operator_facts;
    router->role = role_of(bench, router);
}

static void judge_hop(const struct bench *bench, const struct trace_hop *hop)
{
    for (unsigned i = 0; i < hop->router_count; i++) {
        if (bench->ret->router_count == TRACE_JUDGED_MAX) {
            bench->ret->is_full = true;
            return;
        }
        struct judged_router *router = &bench->ret->routers[bench->ret->router_count++];
        *router = (struct judged_router){
            .ttl = hop->ttl, .address = hop->routers[i].address, .rtt_min_us = hop->routers[i].rtt_min_us};
        judge_router(bench, router);
    }
}

static bool answers(const struct trace_hop *hop, const struct ip_address *remote)
{
    for (unsigned i = 0; i < hop->router_count; i++)
        if (ip_equal(&hop->routers[i].address, remote))
            return true;
    return false;
}

void trace_judge(const struct trace_surroundings *around, const struct traceroute *trace,
                 const struct ip_address *remote, struct trace_judgement *ret)
{
    struct bench bench = {.around = around, .remote = remote, .rtt_step_us = trace->rtt_step_us, .ret = ret};
    unsigned first = first_outside(around, trace), silent = 0;
    unsigned last_ttl = first > 0 ? trace->hops[first - 1].ttl : 0;
    ret->router_count = ret->refuted = 0;
    ret->is_full = ret->reached = false;
    ret->skipped_hops = (uint8_t)first;
    ret->silent_hops = 0;
    bench.remote_asn_count = geo_origin_asns(around->geo, remote, bench.remote_asns, OPERATOR_ASNS_MAX);
    for (unsigned i = first; i < trace->hop_count && !ret->reached; i++) {
        const struct trace_hop *hop = &trace->hops[i];
        if (hop->router_count == 0)
            continue; /* as one that is missing: counted with the next that answers */
        silent += hop->ttl - last_ttl - 1;
        last_ttl = hop->ttl;
        judge_hop(&bench, hop);
        ret->reached = answers(hop, remote);
    }
    ret->silent_hops = (uint8_t)silent;
}

static bool same_network(const struct operator_facts *a, const struct operator_facts *b)
{
    return a->asn_count == b->asn_count && memcmp(a->asn, b->asn, a->asn_count * sizeof(a->asn[0])) == 0;
}

/** Whether another network than the router's own answered for the same hop. */
static bool has_rivals(const struct trace_judgement *judgement, const struct judged_router *router)
{
    for (unsigned i = 0; i < judgement->router_count; i++) {
        const struct judged_router *other = &judgement->routers[i];
        if (other->ttl == router->ttl &&
            (other->role != TRACE_CARRIER || !same_network(&other->carrier, &router->carrier)))
            return true;
    }
    return router->carrier.asn_count > 1;
}

static struct trace_carrier *find_carrier(struct trace_carrier *carriers, size_t count,
                                          const struct operator_facts *facts)
{
    for (size_t i = 0; i < count; i++)
        if (same_network(&carriers[i].facts, facts))
            return &carriers[i];
    return NULL;
}

/** Whether an earlier router is of the same network: needed only beyond the room for carriers. */
static bool is_new(const struct trace_judgement *judgement, unsigned place)
{
    for (unsigned i = 0; i < place; i++)
        if (judgement->routers[i].role == TRACE_CARRIER &&
            same_network(&judgement->routers[i].carrier, &judgement->routers[place].carrier))
            return false;
    return true;
}

size_t trace_carriers(const struct trace_judgement *judgement, struct trace_carrier ret[static TRACE_CARRIERS_MAX],
                      size_t *ret_total)
{
    size_t count = 0, total = 0;
    for (unsigned i = 0; i < judgement->router_count; i++) {
        const struct judged_router *router = &judgement->routers[i];
        if (router->role != TRACE_CARRIER)
            continue;
        bool is_candidate = has_rivals(judgement, router);
        struct trace_carrier *known = find_carrier(ret, count, &router->carrier);
        if (known != NULL) {
            known->last_ttl = router->ttl;
            known->is_candidate &= is_candidate;
            if (!country_equal(known->place, router->place))
                known->place = (struct country){{0}};
            continue;
        }
        total += is_new(judgement, i);
        if (count < TRACE_CARRIERS_MAX)
            ret[count++] =
                (struct trace_carrier){router->carrier, router->place, is_candidate, router->ttl, router->ttl};
    }
    *ret_total = total;
    return count;
}

bool trace_is_incomplete(const struct trace_judgement *judgement)
{
    for (unsigned i = 0; i < judgement->router_count; i++)
        if (judgement->routers[i].role == TRACE_SPECIAL || judgement->routers[i].role == TRACE_UNANNOUNCED)
            return true;
    return judgement->silent_hops > 0 || judgement->is_full || !judgement->reached;
}
