/* How much of the address space each database answers for, and where two of them tell different countries. */
#include "geo.h"

#include <string.h>

#include "sources_internal.h"

static bool is_announced(const struct geo *geo, const uint32_t *values)
{
    for (size_t i = 0; i < geo->column_count; i++)
        if (geo->columns[i]->role == ROLE_ASN && values[i] != 0)
            return true;
    return false;
}

static size_t database_of(const struct geo *geo, size_t column)
{
    return (size_t)(geo->columns[column] - geo->sources);
}

/** Ranges of a column that answer something. */
static void measure6(const struct geo *geo, struct geo_coverage *ret)
{
    const struct merged *m = &geo->merged;
    for (size_t place = 1; place <= m->count6; place++) {
        const uint32_t *values = merged_values6(m, place);
        const uint64_t *begins = m->begins6 + (place - 1) / 64 * m->width;
        for (size_t i = 0; i < geo->column_count; i++)
            if (values[i] != 0 && begins[i] >> ((place - 1) % 64) & 1)
                ret[database_of(geo, i)].v6_prefixes++;
    }
}

uint64_t geo_measure(const struct geo *geo, struct geo_coverage *ret)
{
    const struct merged *m = &geo->merged;
    uint64_t announced = 0;
    memset(ret, 0, geo->source_count * sizeof(*ret));
    for (size_t place = 1; place <= m->count4; place++) {
        const uint32_t *values = merged_values4(m, place);
        struct block4 block = merged_range4(m, place);
        uint64_t addresses = (uint64_t)block.last - block.first + 1;
        bool is_here = is_announced(geo, values);
        announced += is_here ? addresses : 0;
        for (size_t i = 0; i < geo->column_count; i++) {
            if (values[i] == 0)
                continue;
            struct geo_coverage *coverage = &ret[database_of(geo, i)];
            coverage->v4_addresses += addresses;
            coverage->v4_announced += is_here ? addresses : 0;
        }
    }
    measure6(geo, ret);
    return announced;
}

/** Two columns, and the range where they have been telling the same different things up to now. */
struct comparison {
    const struct geo *geo;
    size_t columns[2];
    const struct country *wanted;
    size_t wanted_count;
    uint32_t values[2]; /* 0: none is going on */
    struct geo_difference difference;
    geo_difference_visit *visit;
    void *context;
};

static bool is_wanted(const struct comparison *c, struct country country)
{
    for (size_t i = 0; i < c->wanted_count; i++)
        if (country_equal(c->wanted[i], country))
            return true;
    return false;
}

static void finish(struct comparison *c)
{
    if (c->values[0] != 0)
        c->visit(c->context, &c->difference);
    c->values[0] = c->values[1] = 0;
}

/** @return whether the range goes on with what is told already. */
static bool begin_or_go_on(struct comparison *c, const uint32_t *values, const struct ip_address *first)
{
    uint32_t a = values[c->columns[0]], b = values[c->columns[1]];
    struct country left = country_of_value(a), right = country_of_value(b);
    if (c->values[0] != 0 && c->values[0] == a && c->values[1] == b)
        return true;
    finish(c);
    if (a == b || !country_is_known(left) || !country_is_known(right) || (!is_wanted(c, left) && !is_wanted(c, right)))
        return false;
    c->values[0] = a;
    c->values[1] = b;
    c->difference.countries[0] = left;
    c->difference.countries[1] = right;
    c->difference.first = *first;
    c->difference.v4_addresses = 0;
    return true;
}

static struct ip_address v4_of(uint32_t number)
{
    uint8_t four[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    return ip_from_v4(four);
}

static void compare(struct comparison *c)
{
    const struct merged *m = &c->geo->merged;
    for (size_t place = 1; place <= m->count4; place++) {
        struct block4 block = merged_range4(m, place);
        struct ip_address first = v4_of(block.first);
        if (begin_or_go_on(c, merged_values4(m, place), &first)) {
            c->difference.last = v4_of(block.last);
            c->difference.v4_addresses += (uint64_t)block.last - block.first + 1;
        }
    }
    finish(c);
    for (size_t place = 1; place <= m->count6; place++) {
        struct block6 block = merged_range6(m, place);
        struct ip_address first = wide_to_address(block.first);
        if (begin_or_go_on(c, merged_values6(m, place), &first))
            c->difference.last = wide_to_address(block.last);
    }
    finish(c);
}

size_t geo_compare(const struct geo *geo, const struct country *countries, size_t count, geo_difference_visit *visit,
                   void *context)
{
    size_t pairs = 0;
    for (size_t i = 0; i < geo->column_count; i++)
        for (size_t k = i + 1; k < geo->column_count; k++) {
            const struct geo_database *left = &geo->databases[database_of(geo, i)];
            const struct geo_database *right = &geo->databases[database_of(geo, k)];
            if (geo->columns[i]->role != ROLE_LOCATION || geo->columns[k]->role != ROLE_LOCATION ||
                strcmp(left->provider, right->provider) == 0)
                continue;
            struct comparison c = {.geo = geo,
                                   .columns = {i, k},
                                   .wanted = countries,
                                   .wanted_count = count,
                                   .difference = {.databases = {left, right}},
                                   .visit = visit,
                                   .context = context};
            compare(&c);
            pairs++;
        }
    return pairs;
}

bool geo_refused(const struct geo *geo, size_t database, struct geo_refusal *ret)
{
    const struct refusals *refusals = &geo->sources[database].refusals;
    *ret = (struct geo_refusal){refusals_total(refusals), refusals->first_line, geo_refusal_text(refusals->first)};
    return ret->lines > 0;
}
