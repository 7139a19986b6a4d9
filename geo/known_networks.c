/*
 * AS tables seldom say in which country the holder is registered; tables of addresses do. Both are merged already: one
 * walk over the ranges joins them. Of 77,749 ASes 99.5 % have one holder country over all their addresses; for the
 * others the one that most ranges have is taken (Boyer and Moore's majority vote).
 */
#include "known_networks_internal.h"

#include <stdlib.h>

#include "sources_internal.h"

struct walk {
    struct geo *geo;
    const uint32_t *values; /* of one range, by column */
};

static void vote_holder(struct known_network *known, struct country country, size_t column)
{
    if (known->holder_votes == 0) {
        known->holder = country;
        known->holder_column = (uint8_t)column;
    }
    known->holder_votes += country_equal(known->holder, country) ? 1 : -1;
}

static void see_place(struct known_network *known, struct country country)
{
    if (!country_is_known(known->place))
        known->place = country;
    else if (!country_equal(known->place, country))
        known->is_in_many_places = true;
}

static void see_row(const struct walk *walk, struct known_network *known)
{
    for (size_t i = 0; i < walk->geo->column_count; i++) {
        enum role role = walk->geo->columns[i]->role;
        struct country country =
            role == ROLE_HOLDER || role == ROLE_LOCATION ? country_of_value(walk->values[i]) : (struct country){{0}};
        if (role == ROLE_HOLDER && country_is_known(country))
            vote_holder(known, country, i);
        if (role == ROLE_LOCATION && country_is_known(country))
            see_place(known, country);
    }
}

static void see_origins(const struct walk *walk)
{
    const struct networks *networks = &walk->geo->networks;
    for (size_t i = 0; i < walk->geo->column_count; i++) {
        const struct network *origins[OPERATOR_ASNS_MAX];
        if (walk->geo->columns[i]->role != ROLE_ASN)
            continue;
        size_t count = origin_list(networks, walk->values[i], origins);
        for (size_t k = 0; k < count; k++)
            see_row(walk, &walk->geo->known[origins[k] - networks->items]);
    }
}

enum status geo_know_networks(struct geo *geo)
{
    struct walk walk = {.geo = geo};
    const struct merged *merged = &geo->merged;
    if (geo->known != NULL || geo->networks.count == 0)
        return STATUS_OK;
    geo->known = calloc(geo->networks.count, sizeof(*geo->known));
    if (geo->known == NULL)
        return STATUS_NO_MEMORY;
    geo->known_count = geo->networks.count;
    for (size_t place = 1; place <= merged->count4; place++) {
        walk.values = merged_values4(merged, place);
        see_origins(&walk);
    }
    for (size_t place = 1; place <= merged->count6; place++) {
        walk.values = merged_values6(merged, place);
        see_origins(&walk);
    }
    return STATUS_OK;
}

static void take_known(const struct geo *geo, const struct known_network *known, struct geo_network *ret)
{
    if (!country_is_known(ret->holder) && country_is_known(known->holder)) {
        const struct geo_database *database = &geo->databases[geo->columns[known->holder_column] - geo->sources];
        ret->holder = known->holder;
        ret->holder_source = database->name;
        ret->holder_edition = database->edition;
    }
    if (!known->is_in_many_places)
        ret->place = known->place;
}

bool geo_network(const struct geo *geo, uint32_t asn, struct geo_network *ret)
{
    const struct network *network = networks_find(&geo->networks, asn);
    *ret = (struct geo_network){0};
    if (network == NULL)
        return false;
    ret->name = network->name;
    ret->holder = network->holder;
    if (country_is_known(network->holder)) {
        ret->holder_source = geo->databases[network->holder_source].name;
        ret->holder_edition = geo->databases[network->holder_source].edition;
    }
    if (network->parent != NULL) {
        ret->parent = network->parent->name;
        ret->parent_country = network->parent->country;
        ret->parent_source = network->parent->source;
        ret->parent_as_of = network->parent->as_of;
    }
    size_t index = (size_t)(network - geo->networks.items);
    if (index < geo->known_count)
        take_known(geo, &geo->known[index], ret);
    return true;
}
