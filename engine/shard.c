#include "engine/shard_internal.h"

#include <stdlib.h>
#include <string.h>

#include "analyzers/inspect.h"
#include "capture/direction.h"
#include "capture/flow_table.h"
#include "capture/reassembly.h"
#include "engine/concerns_internal.h"
#include "engine/kept_facts_internal.h"
#include "engine/view_internal.h"
#include "hash.h"

enum {
    WORKS_MAX = 6 << 10,         /* flows under inspection at once; the inspector holds a few more */
    STREAM_BYTES_MAX = 64 << 10, /* out-of-order and unread bytes of one direction */
    POOL_BYTES_MAX = 64 << 20,   /* the same over all flows of the shard */
    LATER_SEGMENTS_MAX = 64,     /* this many wait behind a hole: what is missing will not come */
    LATER_SEGMENTS_ACKNOWLEDGED =
        4, /* the same where the receiver acknowledged it; a mirror may disorder the two directions a little */
    HOSTS_REMEMBERED = 1 << 10,
    GAIN_INTERVAL_SEC = 60, /* a flow that was told of reports its volume at least this often, while it has packets */
};

/** flow.state, and what flow.inspection then points to */
enum shard_state {
    FLOW_FRESH,     /* no content yet: nothing */
    FLOW_INSPECTED, /* struct work */
    FLOW_ASKS_ON,   /* DNS over UDP after its first answer: kept facts, or nothing */
    FLOW_JUDGED,    /* nothing more to learn: kept facts, or nothing */
};

enum ndpi_wish { NDPI_UNDECIDED, NDPI_WANTED, NDPI_UNWANTED };

/*
 * The work on one flow; from a free list, given back when content can teach nothing more. All works in use stand in a
 * list, the one longest without a packet first: when there are too many, that one is judged by what it has shown.
 */
struct work {
    struct flow *flow;
    struct work *earlier, *later;
    struct inspection *inspection;
    struct stream streams[2];
    uint32_t acknowledged[2]; /* by side, of the other side's bytes */
    bool has_acknowledged[2];
    bool snapped[2]; /* bytes of this side will never come */
    uint8_t ndpi;    /* enum ndpi_wish */
    struct work *next_free;
};

struct shard {
    struct shard_options options;
    struct concerns *concerns;
    struct flow_table *flows;
    struct stream_pool *pool;
    struct inspector *inspector;
    struct work *free_works, *first_work, *last_work;
    uint32_t works_used;
    struct event_list *events; /* of the call that is going on */
    struct packet_time now;
    uint64_t number; /* of the packet at hand */
    bool is_late;    /* what happens is not the packet's doing */
    uint64_t flows_begun, works_refused, works_cut_short, facts_not_kept;
    struct refusals refusals;
    struct ip_address
        hosts_told[HOSTS_REMEMBERED]; /* direct-mapped, so that a busy host is not told of for each flow */
};

static void unlink_work(struct shard *shard, struct work *work)
{
    *(work->earlier ? &work->earlier->later : &shard->first_work) = work->later;
    *(work->later ? &work->later->earlier : &shard->last_work) = work->earlier;
}

static void link_work_last(struct shard *shard, struct work *work)
{
    work->earlier = shard->last_work;
    work->later = NULL;
    *(shard->last_work ? &shard->last_work->later : &shard->first_work) = work;
    shard->last_work = work;
}

static void give_work(struct shard *shard, struct flow *flow)
{
    struct work *work = flow->inspection;
    stream_clear(shard->pool, &work->streams[0]);
    stream_clear(shard->pool, &work->streams[1]);
    if (work->inspection != NULL)
        inspection_give(shard->inspector, work->inspection);
    unlink_work(shard, work);
    shard->works_used--;
    work->next_free = shard->free_works;
    shard->free_works = work;
    flow->inspection = NULL;
}

static bool has_work(const struct flow *flow)
{
    return flow->state == FLOW_INSPECTED;
}

static const struct flow_facts *facts_of(const struct flow *flow)
{
    if (!has_work(flow))
        return flow->inspection; /* kept, or none */
    const struct work *work = flow->inspection;
    return inspection_facts(work->inspection);
}

static void adopt_client(struct flow *flow, const struct flow_facts *facts)
{
    if (facts->client_side_known)
        flow_set_client(flow, facts->client_side, DIRECTION_PROTOCOL);
}

/* The end of the work: facts stay where a flow record will want them. */
static void retire(struct shard *shard, struct flow *flow, enum shard_state next)
{
    struct flow_facts *kept = NULL;
    if (shard->options.keeps_facts && (kept = facts_copy_new(facts_of(flow))) == NULL)
        shard->facts_not_kept++;
    give_work(shard, flow);
    flow->state = (uint8_t)next;
    flow->inspection = kept;
}

/* ---- events ---- */

static struct event *add_event(struct shard *shard, enum event_kind kind, const struct flow *flow,
                               struct packet_time time)
{
    struct event *event = event_add(shard->events, kind, flow);
    if (event != NULL) {
        event->number = shard->number;
        event->time = time;
        event->is_late = shard->is_late;
    }
    return event;
}

/* flow.serial: the second of the last event about its volume, 0 when the judge does not know the flow. */
static void mark_told(struct flow *flow, struct packet_time now)
{
    uint32_t second = (uint32_t)packet_time_sec(now);
    flow->serial = second ? second : 1;
}

/* Whether the judge could make anything of the flow. It alone knows DNS answers: a flow without a name of its own may
 * be tied by one. */
static bool could_matter(struct shard *shard, const struct flow *flow, const struct flow_facts *facts,
                         const struct view *v, bool is_final)
{
    const struct engine_options *o = shard->options.engine;
    struct text name;
    struct attribution attribution;
    if (flow->serial != 0)
        return true;
    if (is_final && !is_resolver_talk(facts) && own_name(facts, &name) == NAME_NONE)
        return true;
    attribute_view(o, flow, facts, v, NULL, 0, false, false, &attribution); /* its own evidence is enough to ask */
    if (attribution.product != NULL)
        return true;
    return is_final && !v->is_internal && host_took_part(flow, v) &&
           concerns_ask(shard->concerns, v->remote, shard->now);
}

static void tell_host(struct shard *shard, const struct flow *flow, const struct view *v)
{
    struct ip_address *slot = &shard->hosts_told[hash_bytes(v->host, sizeof(*v->host), 0) % HOSTS_REMEMBERED];
    if (ip_equal(slot, v->host))
        return;
    *slot = *v->host;
    add_event(shard, EVENT_HOST, flow, shard->now);
}

static void tell(struct shard *shard, enum event_kind kind, struct flow *flow, struct packet_time time)
{
    const struct flow_facts *facts = facts_of(flow);
    struct view v = view_of(flow, shard->options.engine->home_nets);
    if (kind == EVENT_SETTLED)
        tell_host(shard, flow, &v);
    if (!could_matter(shard, flow, facts, &v, kind == EVENT_SETTLED))
        return;
    struct event *event = add_event(shard, kind, flow, time);
    if (event == NULL)
        return;
    event->facts = event_keep_facts(shard->events, facts);
    mark_told(flow, time);
}

/* Soon after the beginning, then less often: at twice the age each time, but once a minute at least. */
static void tell_gain(struct shard *shard, struct flow *flow)
{
    uint32_t now = (uint32_t)packet_time_sec(flow->last), first = (uint32_t)packet_time_sec(flow->first);
    uint32_t age = flow->serial > first ? flow->serial - first : 1;
    uint32_t interval = age < GAIN_INTERVAL_SEC ? age : GAIN_INTERVAL_SEC;
    if (now < flow->serial || now - flow->serial < interval)
        return;
    add_event(shard, EVENT_GAINED, flow, flow->last);
    mark_told(flow, flow->last);
}

static void settle(struct shard *shard, struct flow *flow)
{
    tell(shard, EVENT_SETTLED, flow, shard->now);
    retire(shard, flow, FLOW_JUDGED);
}

static struct work *take_work(struct shard *shard)
{
    struct work *work = shard->free_works;
    if (work != NULL) {
        shard->free_works = work->next_free;
        memset(work, 0, sizeof(*work));
    } else if ((work = calloc(1, sizeof(*work))) == NULL) {
        return NULL;
    }
    shard->works_used++;
    link_work_last(shard, work);
    return work;
}

/* What an inspector's answer means for the flow. */
static void apply(struct shard *shard, struct flow *flow, unsigned result)
{
    adopt_client(flow, facts_of(flow));
    if (result == INSPECT_MORE)
        return;
    if (result & INSPECT_FINISHED)
        settle(shard, flow);
    else
        tell(shard, EVENT_NAMED, flow, shard->now);
}

/* nDPI's answer reaches a record when the flow has one of its own, or a finding will be about it by its address alone.
 */
static bool wants_ndpi(struct shard *shard, const struct flow *flow)
{
    struct view v = view_of(flow, shard->options.engine->home_nets);
    struct attribution attribution;
    if (v.is_internal)
        return false;
    if (shard->options.keeps_facts)
        return true;
    if (!host_took_part(flow, &v))
        return false;
    if (concerns_ask(shard->concerns, v.remote, shard->now))
        return true;
    attribute_view(shard->options.engine, flow, NULL, &v, NULL, 0, false, true, &attribution);
    return attribution.product != NULL;
}

/* Beside our own parsers from the first packet on, as long as they have found nothing: a short flow has no packets to
 * spare. */
static unsigned look_with_ndpi(struct shard *shard, struct flow *flow, unsigned side, const struct decoded *packet)
{
    struct work *work = flow->inspection;
    bool is_unknown = inspection_is_unknown(work->inspection);
    if (inspection_facts(work->inspection)->app != APP_UNKNOWN)
        return INSPECT_MORE;
    if (work->ndpi == NDPI_UNDECIDED)
        work->ndpi = wants_ndpi(shard, flow) ? NDPI_WANTED : NDPI_UNWANTED;
    if (work->ndpi == NDPI_UNWANTED)
        return is_unknown ? INSPECT_FINISHED : INSPECT_MORE;
    return inspect_with_ndpi(shard->inspector, work->inspection, flow, side, packet->ip, packet->ip_len,
                             (uint64_t)(packet->time.ns / 1000000));
}

static unsigned inspect_stream(struct shard *shard, struct flow *flow, unsigned side)
{
    struct work *work = flow->inspection;
    struct stream *stream = &work->streams[side];
    unsigned result = 0;
    for (;;) {
        struct stream_view view = stream_peek(stream);
        size_t consumed = 0;
        if (view.length == 0)
            break;
        result |= inspect_bytes(shard->inspector, work->inspection, flow, side, view.data, view.length, stream->has_gap,
                                &consumed);
        stream->has_gap = false; /* told once */
        if (consumed > 0)
            stream_take(shard->pool, stream, consumed < view.length ? consumed : view.length);
        if (consumed == 0 || (result & INSPECT_FINISHED))
            break;
    }
    if (!(result & INSPECT_FINISHED))
        stream_keep(shard->pool, stream);
    return result;
}

/* The receiver has acknowledged what is missing here: the mirror lost it. Or so much waits behind the hole that nobody
 * will send it. */
static bool should_skip_gap(const struct work *work, unsigned side)
{
    const struct stream *stream = &work->streams[side];
    bool is_acknowledged =
        work->has_acknowledged[!side] && (int32_t)(work->acknowledged[!side] - stream->next_sequence) > 0;
    return work->snapped[side] ||
           stream->segments_waiting >= (is_acknowledged ? LATER_SEGMENTS_ACKNOWLEDGED : LATER_SEGMENTS_MAX);
}

static unsigned inspect_segment(struct shard *shard, struct flow *flow, unsigned side, const struct decoded *packet)
{
    struct work *work = flow->inspection;
    struct stream *stream = &work->streams[side];
    bool is_syn = packet->tcp_flags & TCP_SYN;
    uint32_t sequence = packet->tcp_sequence + (is_syn ? 1 : 0);
    unsigned result = 0;
    stream_push(shard->pool, stream, sequence, packet->payload, packet->payload_len);
    if (stream_peek(stream).length > 0)
        result = inspect_stream(shard, flow, side);
    while (!(result & INSPECT_FINISHED) && should_skip_gap(work, side) && stream_skip_gap(shard->pool, stream)) {
        result |= inspect_stream(shard, flow, side);
    }
    if (packet->payload_len < packet->payload_wire_len)
        work->snapped[side] = true;
    return result;
}

static unsigned look_with_own_parsers(struct shard *shard, struct flow *flow, unsigned side,
                                      const struct decoded *packet)
{
    struct work *work = flow->inspection;
    if (packet->protocol == IP_PROTO_TCP)
        return inspect_segment(shard, flow, side, packet);
    return inspect_datagram(shard->inspector, work->inspection, flow, side, packet->payload, packet->payload_len,
                            packet->payload_wire_len);
}

static void inspect(struct shard *shard, struct flow *flow, unsigned side, const struct decoded *packet)
{
    const struct work *work = flow->inspection;
    unsigned result = 0;
    if (!inspection_is_unknown(work->inspection))
        result = look_with_own_parsers(shard, flow, side, packet);
    if (inspection_is_unknown(work->inspection))
        result &= ~(unsigned)INSPECT_FINISHED; /* nDPI's word comes last */
    apply(shard, flow, result | look_with_ndpi(shard, flow, side, packet));
}

/* Whatever still waits behind a hole is looked at once before the flow goes. */
static void inspect_leftovers(struct shard *shard, struct flow *flow)
{
    struct work *work = flow->inspection;
    for (unsigned side = 0; side < 2; side++)
        while (flow->state == FLOW_INSPECTED && stream_skip_gap(shard->pool, &work->streams[side]))
            apply(shard, flow, inspect_stream(shard, flow, side));
}

/* The flow ends, or has to make room, before its inspection was through: what there is decides. */
static void end_inspection(struct shard *shard, struct flow *flow)
{
    if (flow->key.protocol == IP_PROTO_TCP)
        inspect_leftovers(shard, flow);
    if (flow->state != FLOW_INSPECTED)
        return;
    struct work *work = flow->inspection;
    apply(shard, flow, inspect_end(shard->inspector, work->inspection, flow) | INSPECT_FINISHED);
}

static bool begin_inspection(struct shard *shard, struct flow *flow)
{
    if (shard->works_used >= WORKS_MAX) {
        shard->works_cut_short++;
        end_inspection(shard, shard->first_work->flow);
    }
    struct work *work = take_work(shard);
    if (work == NULL) {
        shard->works_refused++;
        return false;
    }
    work->flow = flow;
    flow->inspection = work;
    work->inspection = inspection_take(shard->inspector, flow);
    if (work->inspection == NULL) {
        shard->works_refused++;
        give_work(shard, flow);
        return false;
    }
    flow->state = FLOW_INSPECTED;
    return true;
}

static bool has_content(const struct decoded *packet)
{
    return packet->payload_len > 0 && !packet->is_fragment &&
           (packet->protocol == IP_PROTO_TCP || packet->protocol == IP_PROTO_UDP);
}

/* The handshake is over when content comes: both sides' first bytes have known numbers, which a lost or late segment
 * cannot move. */
static void start_streams(struct flow *flow, unsigned side, const struct decoded *packet)
{
    struct work *work = flow->inspection;
    if (flow->client_isn != 0 && (flow->tcp_seen[flow->client_side] & TCP_SYN))
        stream_start(&work->streams[flow->client_side], flow->client_isn + 1);
    bool is_server_at_start = flow->packets[!side] <= 1 || (flow->tcp_seen[!side] & TCP_SYN);
    if ((packet->tcp_flags & TCP_ACK) && side == flow->client_side && is_server_at_start)
        stream_start(&work->streams[!side], packet->tcp_acknowledgement);
}

static bool asks_on(const struct flow *flow)
{
    const struct flow_facts *facts = facts_of(flow);
    return flow->key.protocol == IP_PROTO_UDP && facts->dns.has_response;
}

static void flow_content(struct shard *shard, struct flow *flow, unsigned side, const struct decoded *packet)
{
    if (flow->state == FLOW_ASKS_ON) {
        inspect_dns_datagram(shard->inspector, flow, side, packet->payload, packet->payload_len,
                             packet->payload_wire_len);
        return;
    }
    if (flow->state == FLOW_FRESH) {
        if (!begin_inspection(shard, flow)) {
            flow->state = FLOW_JUDGED; /* by its addresses, when it ends */
            return;
        }
        if (packet->protocol == IP_PROTO_TCP)
            start_streams(flow, side, packet);
    } else {
        unlink_work(shard, flow->inspection);
        link_work_last(shard, flow->inspection);
    }
    inspect(shard, flow, side, packet);
    if (flow->state == FLOW_INSPECTED && asks_on(flow))
        retire(shard, flow, FLOW_ASKS_ON);
}

static void note_acknowledgement(struct work *work, unsigned side, uint32_t acknowledgement)
{
    if (work->has_acknowledged[side] && (int32_t)(acknowledgement - work->acknowledged[side]) <= 0)
        return;
    work->acknowledged[side] = acknowledgement;
    work->has_acknowledged[side] = true;
}

static void take_packet(struct shard *shard, const struct decoded *packet)
{
    unsigned side;
    bool is_new;
    shard->number = packet->number;
    shard->now = packet->time;
    struct flow *flow = flow_table_touch(shard->flows, packet, &side, &is_new);
    shard->flows_begun += is_new;
    if (has_work(flow) && (packet->tcp_flags & TCP_ACK) && packet->protocol == IP_PROTO_TCP)
        note_acknowledgement(flow->inspection, side, packet->tcp_acknowledgement);
    if (flow->state != FLOW_JUDGED && has_content(packet))
        flow_content(shard, flow, side, packet);
    if (flow->serial != 0)
        tell_gain(shard, flow);
}

void shard_packets(struct shard *shard, const struct decoded *packets, const uint16_t *order, size_t count,
                   struct event_list *events)
{
    shard->events = events;
    shard->is_late = false;
    for (size_t i = 0; i < count; i++)
        take_packet(shard, &packets[order[i]]);
}

static void on_flow_ended(void *context, struct flow *flow)
{
    struct shard *shard = context;
    shard->now = flow->last;
    if (flow->state == FLOW_INSPECTED)
        end_inspection(shard, flow);
    else if (flow->state != FLOW_JUDGED)
        tell(shard, EVENT_SETTLED, flow, flow->last);
    struct event *event = NULL;
    if (shard->options.keeps_facts || flow->serial != 0)
        event = add_event(shard, EVENT_ENDED, flow, flow->last);
    if (event != NULL)
        event->facts = event->owned_facts = flow->inspection;
    else
        free(flow->inspection);
    flow->inspection = NULL;
}

static void on_dns_answered(void *context, const struct flow *flow, const struct dns_answer *answer)
{
    struct shard *shard = context;
    if (answer->chain_count == 0)
        return;
    struct event *event = add_event(shard, EVENT_DNS, flow, shard->now);
    if (event != NULL)
        event->answer = event_keep_answer(shard->events, answer);
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

enum status shard_new(const struct shard_options *options, struct shard **ret, struct error *error)
{
    struct shard *shard = calloc(1, sizeof(*shard));
    if (shard == NULL)
        return error_set(error, STATUS_NO_MEMORY, "the engine: out of memory");
    shard->options = *options;
    shard->now.ns = INT64_MIN;
    struct flow_table_options table = {.flows_max = options->flows_max, .ended = on_flow_ended, .context = shard};
    struct inspector_options inspector = {
        .wants_fingerprints = true,
        .wants_everything = options->keeps_facts,
        .use_ndpi = true,
        .answered = on_dns_answered,
        .refused = on_refused,
        .context = shard,
    };
    enum status status = concerns_new(options->engine->geo, options->engine->policies, &shard->concerns);
    if (status == STATUS_OK)
        status = flow_table_new(&table, &shard->flows);
    if (status == STATUS_OK)
        status = stream_pool_new(POOL_BYTES_MAX, STREAM_BYTES_MAX, &shard->pool);
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

static void begin_late(struct shard *shard, uint64_t number, struct event_list *events)
{
    shard->events = events;
    shard->number = number;
    shard->is_late = true;
}

void shard_expire(struct shard *shard, struct packet_time now, uint64_t number, struct event_list *events)
{
    begin_late(shard, number, events);
    shard->now = now;
    flow_table_expire(shard->flows, now);
}

void shard_drain_some(struct shard *shard, uint32_t most, uint64_t number, struct event_list *events)
{
    begin_late(shard, number, events);
    flow_table_drain_some(shard->flows, FLOW_END_INPUT, most);
}

uint64_t shard_flows(const struct shard *shard)
{
    return shard->flows_begun;
}

void shard_count(const struct shard *shard, counter_visit *visit, void *context)
{
    flow_table_count(shard->flows, visit, context);
    stream_pool_count(shard->pool, visit, context);
    inspector_count(shard->inspector, visit, context);
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
    concerns_free(shard->concerns);
    while (shard->free_works != NULL) {
        struct work *next = shard->free_works->next_free;
        free(shard->free_works);
        shard->free_works = next;
    }
    free(shard);
}
