#include "engine/shard_parts_internal.h"
#include "engine/view_internal.h"
#include "hash.h"

struct event shard_event(const struct shard *shard, enum event_kind kind, const struct flow *flow,
                         struct packet_time time)
{
    return (struct event){.number = shard->number,
                          .part = shard->part,
                          .time = time,
                          .flow = flow,
                          .path = flow_paths_find(shard->paths, flow),
                          .kind = kind,
                          .is_late = shard->is_late};
}

void shard_send(const struct shard *shard, const struct event *event)
{
    shard->events->tell(shard->events->context, event);
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
    struct attribution attribution;
    if (flow->serial != 0)
        return true;
    if (is_final && wants_dns_name(facts))
        return true;
    attribute_view(o, flow, facts, v, NULL, 0, false, false, &attribution); /* its own evidence is enough to ask */
    if (attribution.product != NULL)
        return true;
    return is_final && !v->is_internal && host_took_part(flow, v) &&
           concerns_ask(shard->options.concerns, v->remote, shard->now);
}

static void tell_host(struct shard *shard, const struct flow *flow, const struct view *v)
{
    struct ip_address *slot = &shard->hosts_told[hash_bytes(v->host, sizeof(*v->host), 0) % HOSTS_REMEMBERED];
    if (ip_equal(slot, v->host))
        return;
    *slot = *v->host;
    const struct event event = shard_event(shard, EVENT_HOST, flow, shard->now);
    shard_send(shard, &event);
}

void shard_tell(struct shard *shard, enum event_kind kind, struct flow *flow, struct packet_time time)
{
    const struct flow_facts *facts = flow_facts_of(flow);
    struct view v = view_of(flow, shard->options.engine->home_nets);
    if (kind == EVENT_SETTLED)
        tell_host(shard, flow, &v);
    if (!could_matter(shard, flow, facts, &v, kind == EVENT_SETTLED))
        return;
    struct event event = shard_event(shard, kind, flow, time);
    event.facts = facts;
    shard_send(shard, &event);
    mark_told(flow, time);
}

/* Soon after the beginning, then less often: at twice the age each time, but once a minute at least. */
void shard_tell_gain(struct shard *shard, struct flow *flow)
{
    uint32_t now = (uint32_t)packet_time_sec(flow->last), first = (uint32_t)packet_time_sec(flow->first);
    uint32_t age = flow->serial > first ? flow->serial - first : 1;
    uint32_t interval = age < GAIN_INTERVAL_SEC ? age : GAIN_INTERVAL_SEC;
    if (now < flow->serial || now - flow->serial < interval)
        return;
    const struct event event = shard_event(shard, EVENT_GAINED, flow, flow->last);
    shard_send(shard, &event);
    mark_told(flow, flow->last);
}
