#include "engine/told_flows_internal.h"

#include <stdlib.h>

#include "engine/flow_view_internal.h"

enum { FIRST_ROOM = 256, ROOM_MAX = 1 << 22 };

static bool grow(struct told_flows *told)
{
    uint32_t room = told->room ? told->room * 2 : FIRST_ROOM;
    struct told_flow *entries = room > ROOM_MAX ? NULL : realloc(told->entries, room * sizeof(*entries));
    if (entries == NULL)
        return false;
    told->entries = entries;
    for (uint32_t i = room; i > told->room; i--) {
        entries[i - 1] = (struct told_flow){.next_free = told->first_free};
        told->first_free = i;
    }
    told->room = room;
    return true;
}

struct told_flow *told_flows_take(struct told_flows *told, struct flow *flow)
{
    if (flow->serial != 0)
        return &told->entries[flow->serial - 1];
    if (told->first_free == 0 && !grow(told)) {
        told->refused++;
        return NULL;
    }
    flow->serial = told->first_free;
    struct told_flow *entry = &told->entries[flow->serial - 1];
    told->first_free = entry->next_free;
    *entry = (struct told_flow){.flow = flow};
    return entry;
}

void told_flows_forget(struct told_flows *told, struct flow *flow)
{
    told->entries[flow->serial - 1] = (struct told_flow){.next_free = told->first_free};
    told->first_free = flow->serial;
    flow->serial = 0;
}

void told_flow_count_gain(struct told_flow *entry, struct ledger *ledger)
{
    struct flow_counters now = flow_counters_of(entry->flow, entry->host_side), *before = &entry->counted;
    struct flow_counters gained = {
        .packets_out = now.packets_out - before->packets_out,
        .packets_in = now.packets_in - before->packets_in,
        .bytes_out = now.bytes_out - before->bytes_out,
        .bytes_in = now.bytes_in - before->bytes_in,
    };
    if (gained.packets_out + gained.packets_in == 0)
        return;
    entry->counted = now;
    ledger_add_volume(ledger, entry->ledger_serial, &gained, entry->flow->last);
}

void told_flows_count_all_gains(struct told_flows *told, struct ledger *ledger)
{
    for (uint32_t i = 0; i < told->room; i++)
        if (told->entries[i].flow != NULL)
            told_flow_count_gain(&told->entries[i], ledger);
}

void told_flows_clear(struct told_flows *told)
{
    free(told->entries);
    *told = (struct told_flows){0};
}
