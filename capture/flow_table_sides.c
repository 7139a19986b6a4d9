/* Whether a mirror shows both directions: from what one side's packets prove of the other. */
#include "flow_table_internal.h"

enum {
    LATEST_FLOWS = 512,
    RECENT_SEC = 60,
    ONE_SIDED_PACKETS = 3, /* fewer are the late ends of a flow that was seen on both sides */
};

/* Content, an end or an acknowledgement outside of the handshake: the other side must have spoken. A SYN alone, or what
 * answers one, proves nothing: scans and forged addresses have one side on a healthy mirror, too. */
static bool proves_peer(uint8_t tcp_seen)
{
    return (tcp_seen & TCP_ACK) && ((tcp_seen & (TCP_FIN | TCP_PSH)) || !(tcp_seen & (TCP_SYN | TCP_RST)));
}

void flow_sides_add(struct flow_sides *sides, const struct flow *flow)
{
    if (flow->key.protocol != IP_PROTO_TCP)
        return;
    bool has_both = flow->packets[0] > 0 && flow->packets[1] > 0;
    bool is_one_sided = flow->packets[0] + flow->packets[1] >= ONE_SIDED_PACKETS && !has_both &&
                        proves_peer(flow->tcp_seen[0] | flow->tcp_seen[1]);
    sides->proven += has_both || is_one_sided;
    sides->one_sided += is_one_sided;
}

struct flow_sides flow_table_sides_ended(const struct flow_table *table)
{
    return table->counts.sides;
}

struct flow_sides flow_table_sides_recent(const struct flow_table *table, struct packet_time now)
{
    static const enum flow_list_id lists[] = {FLOW_LIST_TCP, FLOW_LIST_TCP_CLOSED, FLOW_LIST_TCP_UNANSWERED};
    struct flow_sides ret = {0, 0};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        uint32_t at = table->lists[lists[i]].tail;
        for (unsigned left = LATEST_FLOWS; left > 0 && at != NO_FLOW; left--) {
            const struct flow *flow = &table->flows[at];
            if (packet_time_between(flow->last, now) > RECENT_SEC * NS_PER_SEC)
                break;
            flow_sides_add(&ret, flow);
            at = flow->table_links[FLOW_PREVIOUS];
        }
    }
    return ret;
}
