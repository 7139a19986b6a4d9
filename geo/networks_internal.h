/* What is known of AS numbers: name, registered country of the holder, the catalogue's parent. Numbered densely, in
 * order of arrival. */
#ifndef BORDERTAP_GEO_NETWORKS_INTERNAL_H
#define BORDERTAP_GEO_NETWORKS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "country.h"
#include "jurisdiction.h"
#include "text.h"

struct parent {
    const char *name;
    struct country country;
    const char *source, *as_of, *since; /* since: NULL when the fact has none */
    bool is_anycast;                    /* the network's addresses are in many places */
};

struct network {
    uint32_t asn;
    uint8_t holder_source; /* which source told the holder's country */
    struct country holder;
    const char *name; /* NULL unknown */
    const struct parent *parent;
};

/** Several ASes that announce the same range. */
struct origin_set {
    uint32_t count;
    uint32_t networks[OPERATOR_ASNS_MAX];
};

enum { NETWORKS_MAX = 1 << 20, ORIGIN_SETS_MAX = 1 << 16, NETWORK_NAME_MAX = 127 };

#define NETWORK_NONE UINT32_MAX

struct networks {
    struct network *items;
    size_t count, room;
    struct network_slot {
        uint32_t asn, index; /* index + 1; 0 is free */
    } * slots;
    size_t slot_count;
    uint64_t seed;
    struct origin_set *sets;
    size_t set_count, set_room;
};

void networks_init(struct networks *networks);
void networks_clear(struct networks *networks);
/** Gives back the room for networks to come. */
void networks_trim(struct networks *networks);
/** @return index of the network, made when it is new; NETWORK_NONE when there is no room. */
uint32_t networks_add(struct networks *networks, uint32_t asn);
/** @return NULL when nothing is known. */
const struct network *networks_find(const struct networks *networks, uint32_t asn);

/* A range's origin as a range value: a network, or a set of them. Never 0. */
uint32_t origin_of(uint32_t network);
/** @return the origin that holds @p network as well; @p origin itself when the set is full or holds it already. */
uint32_t origin_join(struct networks *networks, uint32_t origin, uint32_t network);
/** @return how many networks, written to @p ret. */
size_t origin_list(const struct networks *networks, uint32_t origin,
                   const struct network *ret[static OPERATOR_ASNS_MAX]);

#endif
