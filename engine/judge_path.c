/* What a judged flow's finding learns later. */
#include "engine/judge_parts_internal.h"

void judge_policies(struct judge *judge, struct sighting *s)
{
    const struct product *product = s->attribution.product;
    policy_judge(judge->options.policies, &s->jurisdiction, product ? product->vendor : NULL, s->time, &s->verdicts);
}

struct new_path {
    struct judge *judge;
    const struct event *event;
};

/* The side that is the client may have been corrected since. */
static bool is_of_flow(const struct flow_view *view, const struct flow *flow)
{
    unsigned client = !ip_equal(&view->client, &flow->key.address[0]) || view->client_port != flow->key.port[0];
    return view->protocol == flow->key.protocol && view->start.ns == flow->first.ns &&
           ip_equal(&view->client, &flow->key.address[client]) && view->client_port == flow->key.port[client] &&
           ip_equal(&view->server, &flow->key.address[!client]) && view->server_port == flow->key.port[!client];
}

static bool revise_transit(void *context, struct sighting *sighting)
{
    const struct new_path *new = context;
    if (!is_of_flow(&sighting->flow, new->event->flow))
        return false;
    sighting->time = new->event->time;
    judge_transit_axis(&new->judge->options, sighting->time, new->event->path, &sighting->jurisdiction);
    judge_policies(new->judge, sighting);
    return true;
}

void judge_look_again(struct judge *judge, const struct event *event)
{
    struct new_path new = {judge, event};
    const struct told_flow *told = told_flows_find(&judge->told, event->flow);
    if (told != NULL && event->path != NULL)
        ledger_look_again(judge->ledger, told->ledger_serial, revise_transit, &new);
}
