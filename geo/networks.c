#include "networks_internal.h"

#include <stdlib.h>

#include "hash.h"

#define ORIGIN_IS_SET UINT32_C(0x80000000)

void networks_init(struct networks *networks)
{
    *networks = (struct networks){.seed = hash_seed()};
}

void networks_clear(struct networks *networks)
{
    free(networks->items);
    free(networks->slots);
    free(networks->sets);
    *networks = (struct networks){0};
}

void networks_trim(struct networks *networks)
{
    struct network *smaller = networks->count > 0 ? realloc(networks->items, networks->count * sizeof(*smaller)) : NULL;
    if (smaller == NULL)
        return;
    networks->items = smaller;
    networks->room = networks->count;
}

/** @return the slot that holds @p asn, or the empty one where it belongs. */
static struct network_slot *slot_of(const struct networks *networks, uint32_t asn)
{
    size_t mask = networks->slot_count - 1;
    size_t at = hash_fold(asn ^ networks->seed, UINT64_C(0xa0761d6478bd642f)) & mask;
    while (networks->slots[at].index != 0 && networks->slots[at].asn != asn)
        at = (at + 1) & mask;
    return &networks->slots[at];
}

static bool slots_double(struct networks *networks)
{
    size_t count = networks->slot_count ? networks->slot_count * 2 : 1 << 10;
    struct network_slot *slots = calloc(count, sizeof(*slots));
    if (slots == NULL)
        return false;
    free(networks->slots);
    networks->slots = slots;
    networks->slot_count = count;
    for (size_t i = 0; i < networks->count; i++)
        *slot_of(networks, networks->items[i].asn) = (struct network_slot){networks->items[i].asn, (uint32_t)i + 1};
    return true;
}

uint32_t networks_add(struct networks *networks, uint32_t asn)
{
    if (networks->count * 2 >= networks->slot_count && !slots_double(networks))
        return NETWORK_NONE;
    struct network_slot *slot = slot_of(networks, asn);
    if (slot->index != 0)
        return slot->index - 1;
    if (networks->count == networks->room) {
        size_t room = networks->room ? networks->room * 2 : 1024;
        struct network *larger = room <= NETWORKS_MAX ? realloc(networks->items, room * sizeof(*larger)) : NULL;
        if (larger == NULL)
            return NETWORK_NONE;
        networks->items = larger;
        networks->room = room;
    }
    networks->items[networks->count] = (struct network){.asn = asn};
    *slot = (struct network_slot){asn, (uint32_t)++networks->count};
    return slot->index - 1;
}

const struct network *networks_find(const struct networks *networks, uint32_t asn)
{
    uint32_t found = networks->slot_count > 0 ? slot_of(networks, asn)->index : 0;
    return found ? &networks->items[found - 1] : NULL;
}

uint32_t origin_of(uint32_t network)
{
    return network + 1;
}

static struct origin_set origin_members(const struct networks *networks, uint32_t origin)
{
    if (origin == 0)
        return (struct origin_set){0};
    if (origin & ORIGIN_IS_SET)
        return networks->sets[origin & ~ORIGIN_IS_SET];
    return (struct origin_set){1, {origin - 1}};
}

uint32_t origin_join(struct networks *networks, uint32_t origin, uint32_t network)
{
    struct origin_set set = origin_members(networks, origin);
    for (uint32_t i = 0; i < set.count; i++)
        if (set.networks[i] == network)
            return origin;
    if (set.count == 0)
        return origin_of(network);
    if (set.count == OPERATOR_ASNS_MAX)
        return origin;
    if (networks->set_count == networks->set_room) {
        size_t room = networks->set_room ? networks->set_room * 2 : 64;
        struct origin_set *larger = room <= ORIGIN_SETS_MAX ? realloc(networks->sets, room * sizeof(*larger)) : NULL;
        if (larger == NULL)
            return origin;
        networks->sets = larger;
        networks->set_room = room;
    }
    set.networks[set.count++] = network;
    networks->sets[networks->set_count] = set;
    return ORIGIN_IS_SET | (uint32_t)networks->set_count++;
}

size_t origin_list(const struct networks *networks, uint32_t origin,
                   const struct network *ret[static OPERATOR_ASNS_MAX])
{
    struct origin_set set = origin_members(networks, origin);
    for (uint32_t i = 0; i < set.count; i++)
        ret[i] = &networks->items[set.networks[i]];
    return set.count;
}
