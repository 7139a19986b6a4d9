/*
 * The flows that count into a finding, for as long as they live: what of their volume the ledger has had. A flow refers
 * to its entry by flow.serial (index + 1).
 */
#ifndef BORDERTAP_ENGINE_TOLD_FLOWS_INTERNAL_H
#define BORDERTAP_ENGINE_TOLD_FLOWS_INTERNAL_H

#include "alerts/ledger.h"
#include "flow.h"

struct told_flow {
    struct flow *flow; /* NULL: free */
    uint32_t ledger_serial;
    uint32_t next_free; /* index + 1 */
    struct flow_counters counted;
    uint8_t host_side;
};

struct told_flows {
    struct told_flow *entries; /* owned; zeroed struct to begin with */
    uint32_t room, first_free;
    uint64_t refused;
};

/** The flow's entry, made when it has none; NULL when there is no more room (counted). Good until the next call. */
struct told_flow *told_flows_take(struct told_flows *told, struct flow *flow);
void told_flows_forget(struct told_flows *told, struct flow *flow);
/** Gives the ledger what the flow gained since it was last asked. */
void told_flow_count_gain(struct told_flow *entry, struct ledger *ledger);
void told_flows_count_all_gains(struct told_flows *told, struct ledger *ledger);
void told_flows_clear(struct told_flows *told);

#endif
