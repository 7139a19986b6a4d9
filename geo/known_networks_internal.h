/* What the addresses that an AS announces tell of it. */
#ifndef BORDERTAP_GEO_KNOWN_NETWORKS_INTERNAL_H
#define BORDERTAP_GEO_KNOWN_NETWORKS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "country.h"

struct known_network {
    struct country holder; /* of most of its ranges */
    struct country place;
    int holder_votes; /* how far `holder` is ahead of all others */
    bool is_in_many_places;
    uint8_t holder_column;
};

#endif
