#include "engine/shard_internal.h"

#include <stdlib.h>

#include "engine/data_internal.h"
#include "engine/shard_parts_internal.h"

enum { AHEAD = 8 }; /* packets from preparing a look-up to foreseeing it, and from there to doing it */

static void take_packet(struct shard *shard, const struct decoded *packet, const struct flow_lookup *lookup)
{
    unsigned side = lookup->side;
    bool is_new;
    shard->number = packet->number;
    shard->part = packet->part;
    shard->now = packet->time;
    struct flow *flow = flow_table_touch_prepared(shard->flows, packet, lookup, &is_new);
    shard->flows_begun += is_new;
    if (flow->hop_limit[side] != packet->hop_limit)
        shard_hop_limit_changed(shard, flow, side, packet);
    if (shard->watches != NULL && flow->state < FLOW_JUDGED) {
        if (is_new)
            shard_watch_begin(shard, flow, side);
        shard_watch(shard, flow, side, packet);
    }
    if (flow_has_work(flow) && (packet->tcp_flags & TCP_ACK) && packet->protocol == IP_PROTO_TCP)
        work_note_acknowledgement(flow->inspection, side, packet->tcp_acknowledgement);
    if (flow->state < FLOW_JUDGED)
        shard_content(shard, flow, side, packet);
    if (flow->serial != 0)
        shard_tell_gain(shard, flow);
}

static void begin(struct shard *shard, const struct event_outlet *events)
{
    shard->events = events;
    shard->is_late = false;
}

void shard_packet(struct shard *shard, const struct decoded *packet, const struct event_outlet *events)
{
    struct flow_lookup lookup;
    begin(shard, events);
    flow_table_prepare(shard->flows, packet, &lookup);
    take_packet(shard, packet, &lookup);
}

void shard_packets(struct shard *shard, const struct decoded *packets, const uint16_t *order, size_t count,
                   const struct event_outlet *events)
{
    struct flow_lookup lookups[2 * AHEAD];
    begin(shard, events);
    for (size_t i = 0; i < count + 2 * AHEAD; i++) {
        struct flow_lookup *lookup = &lookups[i % (2 * AHEAD)];
        if (i >= 2 * AHEAD)
            take_packet(shard, &packets[order[i - 2 * AHEAD]], lookup);
        if (i < count)
            flow_table_prepare(shard->flows, &packets[order[i]], lookup);
        if (i >= AHEAD && i - AHEAD < count)
            flow_table_foresee(shard->flows, &lookups[(i - AHEAD) % (2 * AHEAD)]);
    }
}

static void on_flow_ended(void *context, struct flow *flow)
{
    struct shard *shard = context;
    struct packet_time now = shard->now;
    bool was_settled = flow->state >= FLOW_JUDGED;
    shard->now = flow->last; /* what is told of it is of its own time */
    if (flow->state == FLOW_INSPECTED)
        shard_end_inspection(shard, flow);
    else if (flow->state < FLOW_JUDGED)
        shard_tell(shard, EVENT_SETTLED, flow, flow->last);
    struct event event = shard_event(shard, EVENT_ENDED, flow, flow->last);
    event.facts = event.owned_facts = work_take_facts(shard, flow);
    event.was_settled = was_settled;
    if (shard->options.keeps_facts || flow->serial != 0)
        shard_send(shard, &event);
    else
        free(event.owned_facts);
    if (shard->watches != NULL)
        shard_watch_count(shard, flow);
    flow_paths_forget(shard->paths, flow);
    shard->now = now;
}

static void on_dns_answered(void *context, const struct flow *flow, const struct dns_answer *answer)
{
    struct shard *shard = context;
    if (answer->chain_count == 0)
        return;
    struct event event = shard_event(shard, EVENT_DNS, flow, shard->now);
    event.answer = answer;
    shard_send(shard, &event);
}

static void on_refused(void *context, const char *reason)
{
    struct shard *shard = context;
    refusals_note(&shard->refusals, reason, shard->number);
}

const struct refusals *shard_refusals(const struct shard *shard)
{
    return &shard->refusals;
}

/* Only a record shows all of them; the catalogue knows agents by two kinds. */
static uint8_t fingerprints_wanted(const struct shard_options *options)
{
    const struct catalog *catalog = options->engine->catalog;
    if (options->keeps_facts)
        return FINGERPRINTS_ALL;
    return (catalog_has_kind(catalog, INDICATOR_JA3) ? FINGERPRINT_JA3 : 0) |
           (catalog_has_kind(catalog, INDICATOR_JA4) ? FINGERPRINT_JA4 : 0);
}

enum status shard_new(const struct shard_options *options, struct shard **ret, struct error *error)
{
    struct shard *shard = calloc(1, sizeof(*shard));
    if (shard == NULL)
        return error_set(error, STATUS_NO_MEMORY, "the engine: out of memory");
    shard->options = *options;
    shard->engine = *options->engine;
    shard->options.engine = &shard->engine;
    shard->now.ns = INT64_MIN;
    struct flow_table_options table = {.flows_max = options->flows_max, .ended = on_flow_ended, .context = shard};
    struct inspector_options inspector = {
        .fingerprints = fingerprints_wanted(options),
        .wants_everything = options->keeps_facts,
        .use_ndpi = true,
        .answered = on_dns_answered,
        .refused = on_refused,
        .context = shard,
    };
    enum status status = flow_table_new(&table, &shard->flows);
    if (status == STATUS_OK)
        status = stream_pool_new(POOL_BYTES_MAX, STREAM_BYTES_MAX, &shard->pool);
    if (status == STATUS_OK)
        stream_pool_tell(shard->pool, on_refused, shard);
    if (status == STATUS_OK)
        status = flow_paths_new(&shard->paths);
    if (status == STATUS_OK && options->engine->sensor_place != NULL)
        status = watches_new(&shard->watches);
    if (status != STATUS_OK)
        error_set(error, status, "the engine: %s", status_text(status));
    else
        status = inspector_new(&inspector, &shard->inspector, error);
    if (status != STATUS_OK) {
        shard_free(shard);
        return status;
    }
    *ret = shard;
    return STATUS_OK;
}

void shard_use(struct shard *shard, const struct engine_data *data)
{
    options_use(&shard->engine, data);
    concerns_use(shard->options.concerns, data->geo, data->policies);
    inspector_want_fingerprints(shard->inspector, fingerprints_wanted(&shard->options));
}

void shard_begin_late(struct shard *shard, uint64_t number, const struct event_outlet *events)
{
    shard->events = events;
    shard->number = number;
    shard->is_late = true;
}

void shard_expire(struct shard *shard, struct packet_time now, uint64_t number, const struct event_outlet *events)
{
    shard_begin_late(shard, number, events);
    shard->now = now;
    flow_table_expire(shard->flows, now);
}

void shard_drain_some(struct shard *shard, uint32_t most, uint64_t number, const struct event_outlet *events)
{
    shard_begin_late(shard, number, events);
    flow_table_drain_some(shard->flows, FLOW_END_INPUT, most);
}

uint64_t shard_flows(const struct shard *shard)
{
    return shard->flows_begun;
}

uint64_t shard_flows_alive(const struct shard *shard)
{
    return flow_table_size(shard->flows);
}

struct flow_sides shard_sides(const struct shard *shard, bool is_whole_run)
{
    return is_whole_run ? flow_table_sides_ended(shard->flows) : flow_table_sides_recent(shard->flows, shard->now);
}

void shard_count(const struct shard *shard, counter_visit *visit, void *context)
{
    flow_table_count(shard->flows, visit, context);
    stream_pool_count(shard->pool, visit, context);
    inspector_count(shard->inspector, visit, context);
    shard_count_paths(shard, visit, context);
    visit(context, &(struct counter){"engine", "inspections_refused", shard->works_refused});
    visit(context, &(struct counter){"engine", "inspections_cut_short", shard->works_cut_short});
    visit(context, &(struct counter){"engine", "facts_not_kept", shard->facts_not_kept});
}

void shard_free(struct shard *shard)
{
    if (shard == NULL)
        return;
    flow_table_free(shard->flows);
    inspector_free(shard->inspector);
    stream_pool_free(shard->pool);
    watches_free(shard->watches);
    flow_paths_free(shard->paths);
    while (shard->free_works != NULL) {
        struct work *next = shard->free_works->next_free;
        free(shard->free_works);
        shard->free_works = next;
    }
    free(shard);
}
