/*
 * Lists threaded through the flow records: one a time-out class, least recently used first, so that what expires next
 * is at the head; and one of all flows in the order of their first packets.
 */
#include "flow_table_internal.h"

void flow_list_append(struct flow_table *table, unsigned list, uint32_t at)
{
    struct flow_list *l = &table->lists[list];
    struct flow *flow = &table->flows[at];
    flow->table_list = (uint8_t)list;
    flow->table_links[FLOW_PREVIOUS] = l->tail;
    flow->table_links[FLOW_NEXT] = NO_FLOW;
    if (l->tail == NO_FLOW)
        l->head = at;
    else
        table->flows[l->tail].table_links[FLOW_NEXT] = at;
    l->tail = at;
    l->count++;
}

void flow_list_remove(struct flow_table *table, uint32_t at)
{
    struct flow *flow = &table->flows[at];
    struct flow_list *l = &table->lists[flow->table_list];
    uint32_t previous = flow->table_links[FLOW_PREVIOUS], next = flow->table_links[FLOW_NEXT];
    if (previous == NO_FLOW)
        l->head = next;
    else
        table->flows[previous].table_links[FLOW_NEXT] = next;
    if (next == NO_FLOW)
        l->tail = previous;
    else
        table->flows[next].table_links[FLOW_PREVIOUS] = previous;
    l->count--;
    flow->table_list = FLOW_LIST_NONE;
}

void flow_birth_append(struct flow_table *table, uint32_t at)
{
    struct flow *flow = &table->flows[at];
    flow->birth_links[FLOW_PREVIOUS] = table->birth_tail;
    flow->birth_links[FLOW_NEXT] = NO_FLOW;
    if (table->birth_tail == NO_FLOW)
        table->birth_head = at;
    else
        table->flows[table->birth_tail].birth_links[FLOW_NEXT] = at;
    table->birth_tail = at;
}

void flow_birth_remove(struct flow_table *table, uint32_t at)
{
    const struct flow *flow = &table->flows[at];
    uint32_t previous = flow->birth_links[FLOW_PREVIOUS], next = flow->birth_links[FLOW_NEXT];
    if (previous == NO_FLOW)
        table->birth_head = next;
    else
        table->flows[previous].birth_links[FLOW_NEXT] = next;
    if (next == NO_FLOW)
        table->birth_tail = previous;
    else
        table->flows[next].birth_links[FLOW_PREVIOUS] = previous;
}
