/*
 * Round trips of the shard's flows: only where the sensor's place is known. The watch of a flow stands in one of a
 * fixed number of slots and is lost when a younger flow needs it; what it has measured stays in the flow. Which flows
 * share a slot follows from the capture alone, so that the same file gives the same records.
 */
#include <stdlib.h>

#include "capture/rtt.h"
#include "engine/shard_parts_internal.h"
#include "engine/view_internal.h"
#include "geo/distance/distance.h"
#include "hash.h"

enum { WATCHES = 2 << 10 };

struct watch_slot {
    uint32_t flow; /* number_low of the flow */
    uint32_t hash; /* of its key: one frame may begin two flows */
    bool in_use, has_sides;
    uint8_t asker; /* the host's side; until has_sides that of the first packet */
    struct rtt_watch watch;
};

struct watches {
    struct watch_slot slots[WATCHES];
    struct reach_totals totals;
};

enum status watches_new(struct watches **ret)
{
    *ret = calloc(1, sizeof(**ret));
    return *ret != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

void watches_free(struct watches *watches)
{
    free(watches);
}

static struct watch_slot *slot_of(struct watches *watches, const struct flow *flow)
{
    return &watches->slots[hash_fold(flow->number_low, UINT64_C(0x9e3779b97f4a7c15)) % WATCHES];
}

static bool can_be_timed(uint8_t protocol)
{
    return protocol == IP_PROTO_TCP || protocol == IP_PROTO_UDP || protocol == IP_PROTO_ICMP ||
           protocol == IP_PROTO_ICMPV6;
}

void shard_watch_begin(struct shard *shard, struct flow *flow, unsigned side)
{
    flow->round_trip_kind = ROUND_TRIP_NOT_SEEN;
    if (can_be_timed(flow->key.protocol))
        *slot_of(shard->watches, flow) =
            (struct watch_slot){.flow = flow->number_low, .hash = flow->hash, .in_use = true, .asker = (uint8_t)side};
}

/* Whose flow it is costs more to find out than all the rest: asked once there is an answer. */
static void take_sides(struct shard *shard, struct flow *flow, struct watch_slot *slot)
{
    struct view v = view_of(flow, shard->options.engine->home_nets);
    slot->has_sides = true;
    if (v.is_internal) {
        flow->round_trip_kind = ROUND_TRIP_INSIDE;
        slot->in_use = false;
    } else if (v.host_side != slot->asker) {
        slot->asker = (uint8_t)v.host_side;
        slot->watch = (struct rtt_watch){.has_sent = false};
    }
}

void shard_watch(struct shard *shard, struct flow *flow, unsigned side, const struct decoded *packet)
{
    if (!rtt_could_matter(packet, (enum round_trip_kind)flow->round_trip_kind))
        return;
    struct watch_slot *slot = slot_of(shard->watches, flow);
    if (!slot->in_use || slot->flow != flow->number_low || slot->hash != flow->hash)
        return;
    if (!slot->has_sides && side != slot->asker)
        take_sides(shard, flow, slot);
    if (!slot->in_use)
        return;
    struct round_trip best = {flow->round_trip_us, (enum round_trip_kind)flow->round_trip_kind};
    rtt_packet(&slot->watch, packet, side == slot->asker, &best);
    flow->round_trip_us = best.us;
    flow->round_trip_kind = (uint8_t)best.kind;
}

static void count_volume(struct reach_volume *volume, uint64_t bytes)
{
    volume->flows++;
    volume->bytes += bytes;
}

void shard_watch_count(struct shard *shard, const struct flow *flow)
{
    const struct sensor_place *place = shard->options.engine->sensor_place;
    struct reach_totals *totals = &shard->watches->totals;
    uint64_t bytes = flow->bytes[0] + flow->bytes[1];
    const struct country *countries;
    if (flow->round_trip_kind == ROUND_TRIP_INSIDE || flow->packets[0] == 0 || flow->packets[1] == 0)
        return;
    count_volume(&totals->all, bytes);
    if (!round_trip_is_sample((enum round_trip_kind)flow->round_trip_kind))
        return;
    count_volume(&totals->timed, bytes);
    size_t count = concerns_countries(shard->options.concerns, flow->last, &countries);
    for (size_t i = 0; i < count; i++) {
        struct reach_share *share = &totals->shares[country_set_place(countries[i])];
        enum rtt_exclusion exclusion = rtt_excludes(&place->position, &place->distances, countries[i],
                                                    (int64_t)flow->round_trip_us * NS_PER_USEC, 0);
        share->is_of_concern = true;
        if (exclusion != RTT_EXCLUDES_NO)
            count_volume(&share->fibre, bytes);
        if (exclusion == RTT_EXCLUDES_IN_VACUUM)
            count_volume(&share->vacuum, bytes);
    }
}

static void add_volume(struct reach_volume *to, struct reach_volume from)
{
    to->flows += from.flows;
    to->bytes += from.bytes;
}

void shard_watch_totals(const struct shard *shard, struct reach_totals *ret)
{
    if (shard->watches == NULL)
        return;
    const struct reach_totals *totals = &shard->watches->totals;
    add_volume(&ret->all, totals->all);
    add_volume(&ret->timed, totals->timed);
    for (unsigned i = 0; i < COUNTRY_CODES; i++) {
        ret->shares[i].is_of_concern |= totals->shares[i].is_of_concern;
        add_volume(&ret->shares[i].vacuum, totals->shares[i].vacuum);
        add_volume(&ret->shares[i].fibre, totals->shares[i].fibre);
    }
}
