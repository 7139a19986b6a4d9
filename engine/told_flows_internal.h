/*
 * The flows that count into a finding, for as long as they live: what of their volume the ledger has had. The judge
 * sees copies of flows, so it knows one by its key's hash and the number of its first packet.
 */
#ifndef BORDERTAP_ENGINE_TOLD_FLOWS_INTERNAL_H
#define BORDERTAP_ENGINE_TOLD_FLOWS_INTERNAL_H

#include "alerts/ledger.h"
#include "analyzers/catalog.h"
#include "flow.h"

struct told_flow {
    uint64_t id; /* 0: free */
    uint32_t ledger_serial;
    uint32_t path_changes; /* that the ledger had */
    uint8_t host_side;
    bool has_name; /* it was known by a name when it was told */
    struct flow_counters counted;
};

struct told_flows {
    struct told_flow *slots; /* owned; zeroed struct to begin with */
    size_t room, used;
    uint64_t refused;
};

/** The flow's entry, or NULL. Good until the next call that takes or forgets. */
struct told_flow *told_flows_find(struct told_flows *told, const struct flow *flow);
/** The same, made when it has none; NULL when there is no more room (counted). */
struct told_flow *told_flows_take(struct told_flows *told, const struct flow *flow);
void told_flows_forget(struct told_flows *told, struct told_flow *entry);
/** Gives the ledger what the flow gained since it was last asked. */
void told_flow_count_gain(struct told_flow *entry, const struct flow *flow, struct ledger *ledger);
/** Whether it counts into a finding of a product that is in the catalogue no more. */
bool told_flow_is_of_lost_product(const struct told_flow *entry, const struct ledger *ledger,
                                  const struct catalog *catalog);
/** The same of changes of its way. */
void told_flow_count_path(struct told_flow *entry, const struct path_change *change, struct ledger *ledger);
void told_flows_clear(struct told_flows *told);

#endif
