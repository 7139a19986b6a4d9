#include "engine/told_flows_internal.h"

#include <stdlib.h>

#include "engine/flow_view_internal.h"
#include "hash.h"

enum { FIRST_ROOM = 256, ROOM_MAX = 1 << 23 };

static uint64_t id_of(const struct flow *flow)
{
    return ((uint64_t)flow->hash << 32 | flow->number_low) | UINT64_C(1) << 63;
}

static size_t home_of(const struct told_flows *told, uint64_t id)
{
    return hash_fold(id, UINT64_C(0x9e3779b97f4a7c15)) & (told->room - 1);
}

/* Linear probing: the entry, or the free slot where it would go. */
static struct told_flow *slot_of(const struct told_flows *told, uint64_t id)
{
    size_t at = home_of(told, id);
    while (told->slots[at].id != 0 && told->slots[at].id != id)
        at = (at + 1) & (told->room - 1);
    return &told->slots[at];
}

struct told_flow *told_flows_find(struct told_flows *told, const struct flow *flow)
{
    struct told_flow *slot = told->room ? slot_of(told, id_of(flow)) : NULL;
    return slot != NULL && slot->id != 0 ? slot : NULL;
}

static bool grow(struct told_flows *told)
{
    struct told_flows larger = {
        .room = told->room ? told->room * 2 : FIRST_ROOM, .used = told->used, .refused = told->refused};
    if (larger.room > ROOM_MAX || (larger.slots = calloc(larger.room, sizeof(*larger.slots))) == NULL)
        return false;
    for (size_t i = 0; i < told->room; i++)
        if (told->slots[i].id != 0)
            *slot_of(&larger, told->slots[i].id) = told->slots[i];
    free(told->slots);
    *told = larger;
    return true;
}

struct told_flow *told_flows_take(struct told_flows *told, const struct flow *flow)
{
    struct told_flow *slot = told_flows_find(told, flow);
    if (slot != NULL)
        return slot;
    if (told->used >= told->room / 2 && !grow(told)) {
        told->refused++;
        return NULL;
    }
    slot = slot_of(told, id_of(flow));
    slot->id = id_of(flow);
    told->used++;
    return slot;
}

/* What was pushed on by a full neighbourhood moves back, so that look-ups never meet a hole. */
void told_flows_forget(struct told_flows *told, struct told_flow *entry)
{
    size_t hole = (size_t)(entry - told->slots), mask = told->room - 1;
    for (size_t at = (hole + 1) & mask; told->slots[at].id != 0; at = (at + 1) & mask) {
        size_t home = home_of(told, told->slots[at].id);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            told->slots[hole] = told->slots[at];
            hole = at;
        }
    }
    told->slots[hole] = (struct told_flow){0};
    told->used--;
}

void told_flow_count_gain(struct told_flow *entry, const struct flow *flow, struct ledger *ledger)
{
    struct flow_counters now = flow_counters_of(flow, entry->host_side), *before = &entry->counted;
    struct flow_counters gained = {
        .packets_out = now.packets_out - before->packets_out,
        .packets_in = now.packets_in - before->packets_in,
        .bytes_out = now.bytes_out - before->bytes_out,
        .bytes_in = now.bytes_in - before->bytes_in,
    };
    if (gained.packets_out + gained.packets_in == 0)
        return;
    entry->counted = now;
    ledger_add_volume(ledger, entry->ledger_serial, &gained, flow->last);
}

bool told_flow_is_of_lost_product(const struct told_flow *entry, const struct ledger *ledger,
                                  const struct catalog *catalog)
{
    const struct product *product = ledger_product(ledger, entry->ledger_serial);
    return product != NULL && catalog_find_product(catalog, product->id) == NULL;
}

void told_flow_count_path(struct told_flow *entry, const struct path_change *change, struct ledger *ledger)
{
    if (change->side == entry->host_side || change->changes <= entry->path_changes)
        return;
    ledger_note_path(ledger, entry->ledger_serial, change, change->changes - entry->path_changes,
                     entry->path_changes == 0);
    entry->path_changes = change->changes;
}

void told_flows_clear(struct told_flows *told)
{
    free(told->slots);
    *told = (struct told_flows){0};
}
