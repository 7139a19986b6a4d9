#include "engine/data_internal.h"
#include "engine/judge_parts_internal.h"
#include "engine/shard_internal.h"

void judge_survive(struct judge *judge, struct survivors *survivors)
{
    ledger_survive(judge->ledger, survivors);
    for (size_t i = 0; i < judge->product_count; i++)
        survive_product(survivors, &judge->products[i]);
}

static bool say_the_same(const struct engine_options *older, const struct engine_data *newer)
{
    return catalog_fingerprint(older->catalog) == catalog_fingerprint(newer->catalog) &&
           policy_set_fingerprint(older->policies) == policy_set_fingerprint(newer->policies);
}

void judge_use(struct judge *judge, const struct engine_data *data, struct packet_time now)
{
    if (!say_the_same(&judge->options, data)) {
        judge->has_changed = true;
        judge->changed_at = now;
    }
    options_use(&judge->options, data);
    teller_use(judge->teller, data);
    hosts_use_catalog(judge->hosts, data->catalog);
    ledger_use_policies(judge->ledger, data->policies);
    concerns_use(judge->concerns, data->geo, data->policies);
}

bool judge_may_look_again(const struct judge *judge, const struct flow *flow, const struct flow_facts *facts)
{
    if (!judge->has_changed || !packet_time_before(flow->first, judge->changed_at))
        return false;
    if (facts != NULL)
        return true;
    return flow_is_nameless(flow) && (int64_t)flow->serial <= packet_time_sec(judge->changed_at);
}
