#include "engine/shard_parts_internal.h"
#include "engine/view_internal.h"

static void adopt_client(struct flow *flow, const struct flow_facts *facts)
{
    if (!facts->client_side_known)
        return;
    if (flow->client_reason == DIRECTION_PROTOCOL)
        flow->client_side = facts->client_side; /* a hello knows better than the words before it */
    flow_set_client(flow, facts->client_side, DIRECTION_PROTOCOL);
}

static void shard_settle(struct shard *shard, struct flow *flow)
{
    enum app app = flow_facts_of(flow)->app;
    bool is_nameless = app == APP_UNKNOWN || app == APP_OTHER; /* no parser of ours found anything */
    shard_tell(shard, EVENT_SETTLED, flow, shard->now);
    work_retire(shard, flow, is_nameless ? FLOW_NAMELESS : FLOW_JUDGED);
}

/* What an inspector's answer means for the flow. */
static void apply(struct shard *shard, struct flow *flow, unsigned result)
{
    adopt_client(flow, flow_facts_of(flow));
    if (result == INSPECT_MORE)
        return;
    if (result & INSPECT_FINISHED)
        shard_settle(shard, flow);
    else
        shard_tell(shard, EVENT_NAMED, flow, shard->now);
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
    if (concerns_ask(shard->options.concerns, v.remote, shard->now))
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

static bool may_wait(const struct work *work, unsigned side)
{
    const struct stream *stream = &work->streams[side];
    return work->wait[side] == WAIT_NOT_YET && stream_may_begin_earlier(stream) &&
           inspection_is_undecided(work->inspection) && stream_peek(stream).length <= EARLIER_WAIT_MAX;
}

/* What a keep-alive carries before the first byte of all stands for one that was sent long ago. */
static bool is_keep_alive(const struct work *work, unsigned side, uint32_t sequence)
{
    const struct stream *stream = &work->streams[side];
    return stream_may_begin_earlier(stream) && stream_peek(stream).length == 1 && sequence == stream->start + 1 &&
           work->has_acknowledged[!side] && work->acknowledged[!side] == sequence;
}

/* Another segment of the side: did the first one overtake it, or was the first one none? */
static void end_wait(struct shard *shard, struct work *work, unsigned side, uint32_t sequence, uint32_t length)
{
    struct stream *stream = &work->streams[side];
    uint32_t before = stream->next_sequence - sequence;
    bool waits = work->wait[side] == WAIT_FOR_EARLIER;
    if (waits && before == 0)
        return; /* sent again */
    work->wait[side] = WAIT_OVER;
    if (is_keep_alive(work, side, sequence)) {
        stream_take(shard->pool, stream, 1);
        inspection_start_over(work->inspection, side);
    } else if (waits && before <= length && before <= EARLIER_WAIT_MAX) {
        stream_begin_earlier(shard->pool, stream, sequence);
        inspection_start_over(work->inspection, side);
    } else if (waits) {
        stream_take(shard->pool, stream, work->passed_over[side]);
    }
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
        if (may_wait(work, side)) {
            work->wait[side] = WAIT_FOR_EARLIER;
            work->passed_over[side] = (uint32_t)consumed;
            break;
        }
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
    if (stream->is_guessed && work->wait[side] != WAIT_OVER)
        end_wait(shard, work, side, sequence, packet->payload_len);
    stream_push(shard->pool, stream, sequence, packet->payload, packet->payload_len);
    if (stream_peek(stream).length > 0 && work->wait[side] != WAIT_FOR_EARLIER)
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
void shard_end_inspection(struct shard *shard, struct flow *flow)
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
        shard_end_inspection(shard, shard->first_work->flow);
    }
    struct work *work = work_take(shard);
    if (work == NULL) {
        shard->works_refused++;
        return false;
    }
    work->flow = flow;
    flow->inspection = work;
    work->inspection = inspection_take(shard->inspector, flow);
    if (work->inspection == NULL) {
        shard->works_refused++;
        work_give(shard, flow);
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
    struct stream *of_client = &work->streams[flow->client_side], *of_server = &work->streams[!flow->client_side];
    bool is_client = side == flow->client_side;
    if (is_client && (packet->tcp_flags & TCP_SYN)) /* its answer, if seen before, acknowledged its content too */
        stream_start(of_client, packet->tcp_sequence + 1);
    else if (flow->client_isn != 0)
        stream_start(of_client, flow->client_isn + 1);
    bool is_known = is_client && flow->client_reason != DIRECTION_FIRST;
    bool is_server_at_start = flow->packets[!side] <= 1 || (flow->tcp_seen[!side] & TCP_SYN);
    if ((packet->tcp_flags & TCP_ACK) && is_known && is_server_at_start)
        stream_start(of_server, packet->tcp_acknowledgement);
}

static bool asks_on(const struct flow *flow)
{
    const struct flow_facts *facts = flow_facts_of(flow);
    return flow->key.protocol == IP_PROTO_UDP && facts->dns.has_response;
}

void shard_content(struct shard *shard, struct flow *flow, unsigned side, const struct decoded *packet)
{
    if (!has_content(packet))
        return;
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
        work_touch(shard, flow->inspection);
    }
    inspect(shard, flow, side, packet);
    if (flow->state == FLOW_INSPECTED && asks_on(flow))
        work_retire(shard, flow, FLOW_ASKS_ON);
}
