/*
 * From the answers of all databases to the location and operator axes. No vote is ever counted against another:
 * agreement needs two providers that name one country and none that names a second.
 */
#include "geo.h"

#include <string.h>

#include "phrase_internal.h"
#include "sources_internal.h"
#include "special_ranges_internal.h"

/** One address and what every database says of it. */
struct lookup {
    const struct geo *geo;
    const uint32_t *values; /* what each column says, 0: nothing */
    size_t place;           /* in the merged table */
    bool is_v4;
    uint32_t v4;
    struct wide v6;
};

static struct lookup lookup_of(const struct geo *geo, const struct ip_address *address)
{
    struct lookup ret = {.geo = geo, .is_v4 = ip_is_v4(address)};
    if (ret.is_v4) {
        ret.v4 = ip_v4_value(address);
        ret.place = merged_find4(&geo->merged, ret.v4);
        ret.values = merged_values4(&geo->merged, ret.place);
    } else {
        ret.v6 = wide_of(address);
        ret.place = merged_find6(&geo->merged, ret.v6);
        ret.values = merged_values6(&geo->merged, ret.place);
    }
    return ret;
}

/** Whether the database knows this address family at all. */
static bool knows_family(const struct lookup *lookup, const struct geo_source *source)
{
    return lookup->is_v4 ? source->v4_ranges > 0 : source->v6_ranges > 0;
}

/** @return false when the column begins behind the address. */
static bool prefix_of(const struct lookup *lookup, size_t column, struct ip_prefix *ret)
{
    const struct merged *merged = &lookup->geo->merged;
    struct block4 block4;
    struct block6 block6;
    bool has_block = lookup->is_v4 ? merged_block4(merged, column, lookup->place, &block4)
                                   : merged_block6(merged, column, lookup->place, &block6);
    if (has_block)
        *ret = lookup->is_v4 ? prefix_within4(block4, lookup->v4) : prefix_within6(block6, lookup->v6);
    return has_block;
}

static void judge_unknown(struct axis_judgement *axis, const char *why, const char *detail)
{
    struct phrase phrase = phrase_of(axis);
    axis->status = AXIS_UNKNOWN;
    axis->country_count = 0;
    say(&phrase, why);
    say(&phrase, detail);
}

/** Adds to the sorted set; what it holds already, and what finds no room, is left out. */
static void add_country(struct axis_judgement *axis, struct country country)
{
    uint8_t at = 0;
    while (at < axis->country_count && strcmp(axis->countries[at].code, country.code) < 0)
        at++;
    if ((at < axis->country_count && country_equal(axis->countries[at], country)) ||
        axis->country_count == AXIS_COUNTRIES_MAX)
        return;
    memmove(&axis->countries[at + 1], &axis->countries[at], (axis->country_count - at) * sizeof(axis->countries[0]));
    axis->countries[at] = country;
    axis->country_count++;
}

static struct axis_source *add_source(struct axis_judgement *axis, const char *database, const char *edition,
                                      struct country country, const char *detail)
{
    if (axis->source_count == AXIS_SOURCES_MAX)
        return NULL;
    struct axis_source *source = &axis->sources[axis->source_count++];
    *source = (struct axis_source){.database = database, .edition = edition, .country = country, .detail = detail};
    return source;
}

/** First of all sources: it must not fall victim to their limit. */
static void add_override(struct axis_judgement *axis, const struct override *override)
{
    if (override == NULL)
        return;
    struct axis_source *source = add_source(axis, "override", NULL, override->country, override->detail);
    source->provider = UINT8_MAX;
    source->has_prefix = true;
    source->prefix = override->prefix;
}

/** What somebody states is the answer, whatever databases say. */
static void conclude_override(struct axis_judgement *axis, const struct override *override)
{
    struct phrase phrase = phrase_of(axis);
    axis->status = AXIS_SINGLE_SOURCE;
    axis->country_count = 1;
    axis->countries[0] = override->country;
    say(&phrase, "override by ");
    say(&phrase, override->author);
    say(&phrase, " until ");
    say(&phrase, override->expires);
}

static struct axis_source *add_database(struct axis_judgement *axis, const struct lookup *lookup, size_t column,
                                        struct country country, const char *detail)
{
    const struct geo *geo = lookup->geo;
    const struct geo_database *database = &geo->databases[geo->columns[column] - geo->sources];
    struct axis_source *source = add_source(axis, database->name, database->edition, country, detail);
    if (source != NULL)
        source->has_prefix = prefix_of(lookup, column, &source->prefix);
    return source;
}

/** Distinct providers; files that follow each other, and copies, share one. */
struct providers {
    const char *names[LAYERS_MAX];
    uint32_t count;
};

/** @return its number, from 1 on. */
static uint8_t add_provider(struct providers *providers, const struct geo *geo, const struct geo_source *source)
{
    const char *name = geo->databases[source - geo->sources].provider;
    uint8_t i = 0;
    while (i < providers->count && strcmp(providers->names[i], name) != 0)
        i++;
    if (i == providers->count && i < LAYERS_MAX)
        providers->names[providers->count++] = name;
    return (uint8_t)(i + 1);
}

static void conclude_location(struct axis_judgement *axis, uint32_t answering, uint32_t asked)
{
    struct phrase phrase = phrase_of(axis);
    if (axis->country_count > 1) {
        axis->status = AXIS_CONTESTED;
        say_number(&phrase, answering);
        say(&phrase, answering == 1 ? " provider names " : " providers name ");
        say_number(&phrase, axis->country_count);
        say(&phrase, " countries");
        return;
    }
    axis->status = answering > 1 ? AXIS_AGREED : AXIS_SINGLE_SOURCE;
    say_number(&phrase, answering);
    say(&phrase, " of ");
    say_number(&phrase, asked);
    say(&phrase, asked == 1 ? " provider" : " providers");
}

/** Which list says that an address is in many places: one that was made before one that was reckoned. */
static const struct geo_source *anycast_here(const struct lookup *lookup)
{
    const struct geo *geo = lookup->geo;
    const struct geo_source *ret = NULL;
    for (size_t i = 0; i < geo->column_count; i++)
        if (geo->columns[i]->role == ROLE_ANYCAST && lookup->values[i] != 0 &&
            (ret == NULL || (ret->is_derived && !geo->columns[i]->is_derived)))
            ret = geo->columns[i];
    return ret;
}

/** A geofeed speaks of its own prefixes only. */
static bool may_answer(const struct lookup *lookup, size_t column)
{
    const struct geo_source *source = lookup->geo->columns[column];
    return source->role == ROLE_LOCATION && knows_family(lookup, source) &&
           (!source->is_geofeed || lookup->values[column] != 0);
}

/** A geofeed is shown, and has no vote: whoever holds a prefix may write what he likes of it. */
static void add_own_claim(struct axis_judgement *axis, const struct lookup *lookup, size_t column,
                          struct country country)
{
    struct axis_source *source =
        add_database(axis, lookup, column, country, "what the holder of the prefix says of itself");
    if (source != NULL)
        source->is_own_claim = true;
}

/** Origins of an address over all ASN tables, no doubles. @return how many. */
static size_t collect_origins(const struct lookup *lookup, const struct network *ret[static OPERATOR_ASNS_MAX])
{
    const struct geo *geo = lookup->geo;
    size_t count = 0;
    for (size_t i = 0; i < geo->column_count; i++) {
        const struct network *networks[OPERATOR_ASNS_MAX];
        if (geo->columns[i]->role != ROLE_ASN)
            continue;
        size_t here = origin_list(&geo->networks, lookup->values[i], networks);
        for (size_t k = 0; k < here && count < OPERATOR_ASNS_MAX; k++) {
            size_t same = 0;
            while (same < count && ret[same] != networks[k])
                same++;
            if (same == count)
                ret[count++] = networks[k];
        }
    }
    return count;
}

/** The first origin whose network the catalogue names as one that is in many places, or NULL. */
static const struct network *anycast_network(const struct lookup *lookup)
{
    const struct network *origins[OPERATOR_ASNS_MAX];
    size_t count = collect_origins(lookup, origins);
    for (size_t i = 0; i < count; i++)
        if (origins[i]->parent != NULL && origins[i]->parent->is_anycast)
            return origins[i];
    return NULL;
}

/** Lists come first, then the catalogue, then what somebody reckoned. @return false: it is in one place. */
static bool judge_anycast(const struct lookup *lookup, struct axis_judgement *axis)
{
    const struct geo_source *list = anycast_here(lookup);
    const struct network *network = list == NULL || list->is_derived ? anycast_network(lookup) : NULL;
    if (network != NULL) {
        struct phrase phrase;
        judge_unknown(axis, "anycast: by the catalogue, AS", "");
        phrase = (struct phrase){axis->reason + strlen(axis->reason), axis->reason + AXIS_REASON_MAX - 1};
        say_number(&phrase, network->asn);
    } else if (list != NULL) {
        judge_unknown(axis, list->is_derived ? "anycast: flagged by " : "anycast: listed in ",
                      lookup->geo->databases[list - lookup->geo->sources].name);
    }
    return network != NULL || list != NULL;
}

/** One vote a provider, never a majority: what disagrees is contested, and what cannot be known says why. */
static void judge_location(const struct lookup *lookup, const struct override *override, struct axis_judgement *axis)
{
    const struct geo *geo = lookup->geo;
    struct providers asked = {.count = 0}, answering = {.count = 0};
    const char *withheld = NULL;
    bool has_other_family = false, has_claim = false;
    add_override(axis, override);
    for (size_t i = 0; i < geo->column_count; i++) {
        const struct geo_source *source = geo->columns[i];
        uint32_t value = lookup->values[i];
        struct country country = country_of_value(value);
        has_other_family |= source->role == ROLE_LOCATION && !knows_family(lookup, source);
        if (!may_answer(lookup, i))
            continue;
        if (source->is_geofeed) {
            add_own_claim(axis, lookup, i, country);
            has_claim = true;
            continue;
        }
        uint8_t provider = add_provider(&asked, geo, source);
        struct axis_source *answer =
            add_database(axis, lookup, i, country, value == VALUE_WITHHELD ? "withheld by the provider" : NULL);
        if (answer != NULL)
            answer->provider = provider;
        if (value == VALUE_WITHHELD)
            withheld = geo->databases[source - geo->sources].provider;
        if (!country_is_known(country))
            continue;
        add_provider(&answering, geo, source);
        add_country(axis, country);
    }
    if (override != NULL)
        conclude_override(axis, override);
    else if (judge_anycast(lookup, axis))
        return;
    else if (withheld != NULL && answering.count < 2)
        judge_unknown(axis, "withheld by ", withheld);
    else if (answering.count == 0 && has_claim)
        judge_unknown(axis, "only a geofeed names a country: ", "what the holder of the prefix says of itself");
    else if (asked.count == 0)
        judge_unknown(axis, "no location database loaded",
                      !has_other_family ? ""
                      : lookup->is_v4   ? " that knows IPv4"
                                        : " that knows IPv6");
    else if (answering.count == 0)
        judge_unknown(axis, "in no location database", "");
    else
        conclude_location(axis, answering.count, asked.count);
}

/** What the operator axis is put together from. */
struct operator_case {
    const struct lookup *lookup;
    struct axis_judgement *axis;
    struct operator_facts *facts;
    const struct network *origins[OPERATOR_ASNS_MAX];
    size_t origin_count;
    const struct parent *parent;                /* of the first origin that has one */
    struct country holders[AXIS_COUNTRIES_MAX]; /* as told, for the reason */
    size_t holder_count;
};

static void add_holder(struct operator_case *c, struct country holder)
{
    for (size_t i = 0; i < c->holder_count; i++)
        if (country_equal(c->holders[i], holder))
            return;
    if (c->holder_count < AXIS_COUNTRIES_MAX)
        c->holders[c->holder_count++] = holder;
    if (!country_is_known(c->facts->holder_country))
        c->facts->holder_country = holder;
}

/** Registered countries: of each origin AS, where an AS table says so, ... */
static void take_holders_of_networks(struct operator_case *c)
{
    const struct geo *geo = c->lookup->geo;
    for (size_t i = 0; i < c->origin_count; i++) {
        const struct network *network = c->origins[i];
        if (!country_is_known(network->holder))
            continue;
        const struct geo_database *database = &geo->databases[network->holder_source];
        add_holder(c, network->holder);
        add_source(c->axis, database->name, database->edition, network->holder, "country of the AS's holder");
        if (network->parent == NULL)
            add_country(c->axis, network->holder);
    }
}

/** ... and of whoever originates this address, where a table says that. */
static void take_holders_of_address(struct operator_case *c)
{
    const struct geo *geo = c->lookup->geo;
    bool parents_tell_all = c->origin_count > 0;
    for (size_t i = 0; i < c->origin_count; i++)
        parents_tell_all &= c->origins[i]->parent != NULL;
    for (size_t i = 0; i < geo->column_count; i++) {
        const struct geo_source *source = geo->columns[i];
        struct country country = country_of_value(c->lookup->values[i]);
        if (source->role != ROLE_HOLDER || !knows_family(c->lookup, source))
            continue;
        add_database(c->axis, c->lookup, i, country, "country of the AS's holder");
        if (!country_is_known(country))
            continue;
        add_holder(c, country);
        if (!parents_tell_all)
            add_country(c->axis, country);
    }
}

/** The catalogue wins over the registry, and both are shown. */
static void take_parents(struct operator_case *c)
{
    for (size_t i = 0; i < c->origin_count; i++) {
        const struct parent *parent = c->origins[i]->parent;
        if (parent == NULL)
            continue;
        add_country(c->axis, parent->country);
        add_source(c->axis, "catalogue", parent->as_of, parent->country, parent->source);
        if (c->parent != NULL)
            continue;
        c->parent = parent;
        c->facts->parent = parent->name;
        c->facts->parent_country = parent->country;
        c->facts->parent_source = parent->source;
        c->facts->parent_since = parent->since;
    }
}

static void take_origins(struct operator_case *c)
{
    const struct geo *geo = c->lookup->geo;
    c->origin_count = collect_origins(c->lookup, c->origins);
    for (size_t i = 0; i < c->origin_count; i++) {
        c->facts->asn[c->facts->asn_count++] = c->origins[i]->asn;
        if (c->facts->name == NULL)
            c->facts->name = c->origins[i]->name;
    }
    for (size_t i = 0; i < geo->column_count; i++)
        if (geo->columns[i]->role == ROLE_ASN && c->lookup->values[i] != 0)
            add_database(c->axis, c->lookup, i, (struct country){{0}}, "origin AS");
}

static void say_operator(const struct operator_case *c, struct phrase *phrase)
{
    for (size_t i = 0; i < c->origin_count; i++) {
        say(phrase, i ? ", AS" : "AS");
        say_number(phrase, c->origins[i]->asn);
    }
    if (c->origin_count == 0)
        say(phrase, "origin AS");
    for (size_t i = 0; i < c->holder_count; i++) {
        say(phrase, i ? ", " : " held in ");
        say(phrase, c->holders[i].code);
    }
    if (c->parent != NULL) {
        say(phrase, c->holder_count ? "; parent " : ": parent ");
        say(phrase, c->parent->name);
        say(phrase, ", ");
        say(phrase, c->parent->country.code);
        say(phrase, ", by catalogue");
    }
    if (c->axis->country_count == 0)
        say(phrase, ": its holder's country is in no loaded database");
}

static bool has_asn_table(const struct lookup *lookup)
{
    for (size_t i = 0; i < lookup->geo->column_count; i++)
        if (lookup->geo->columns[i]->role == ROLE_ASN && knows_family(lookup, lookup->geo->columns[i]))
            return true;
    return false;
}

/** Whatever tells a holder's country has it from the registries: the catalogue is the only other provider. */
static bool is_agreed(const struct operator_case *c)
{
    for (size_t i = 0; i < c->origin_count; i++)
        if (c->origins[i]->parent == NULL)
            return false;
    return c->origin_count > 0 && c->axis->country_count == 1 && c->holder_count == 1 &&
           country_equal(c->holders[0], c->axis->countries[0]);
}

/** Of several origins one may be in no database: then its country may be any. */
static void note_unknown_origins(struct operator_case *c, struct phrase *phrase)
{
    if (c->origin_count < 2 || c->axis->country_count == 0)
        return;
    for (size_t i = 0; i < c->origin_count; i++) {
        if (c->origins[i]->parent != NULL || country_is_known(c->origins[i]->holder))
            continue;
        say(phrase, c->axis->is_incomplete ? ", AS" : "; in no loaded database is the holder of AS");
        say_number(phrase, c->origins[i]->asn);
        c->axis->is_incomplete = true;
    }
}

static void conclude_operator(struct operator_case *c)
{
    struct axis_judgement *axis = c->axis;
    struct phrase phrase = phrase_of(axis);
    axis->status = axis->country_count == 0  ? AXIS_UNKNOWN
                   : axis->country_count > 1 ? AXIS_CONTESTED
                   : is_agreed(c)            ? AXIS_AGREED
                                             : AXIS_SINGLE_SOURCE;
    if (c->origin_count > 0) {
        say_operator(c, &phrase);
        note_unknown_origins(c, &phrase);
        return;
    }
    if (axis->country_count > 0) {
        say_operator(c, &phrase);
        say(&phrase, "; ");
    }
    say(&phrase, has_asn_table(c->lookup) ? "not announced by any AS in the ASN table" : "no ASN table loaded");
}

/** Origin AS, the registered country of its holder, and above both the parent that the catalogue knows. */
static void judge_operator(const struct lookup *lookup, const struct override *override, struct axis_judgement *axis,
                           struct operator_facts *facts)
{
    struct operator_case c = {.lookup = lookup, .axis = axis, .facts = facts};
    add_override(axis, override);
    take_origins(&c);
    take_holders_of_networks(&c);
    take_holders_of_address(&c);
    take_parents(&c);
    if (override != NULL)
        conclude_override(axis, override);
    else
        conclude_operator(&c);
}

static void take_registration(const struct lookup *lookup, struct operator_facts *facts)
{
    const struct geo *geo = lookup->geo;
    for (size_t i = 0; i < geo->column_count; i++) {
        struct country country = country_of_value(lookup->values[i]);
        if (geo->columns[i]->role != ROLE_REGISTRATION || !country_is_known(country))
            continue;
        facts->registration = country;
        facts->registration_source = geo->databases[geo->columns[i] - geo->sources].name;
        return;
    }
}

void geo_judge(const struct geo *geo, const struct ip_address *remote, struct jurisdiction *ret)
{
    struct axis_judgement *location = &ret->axes[AXIS_LOCATION], *operated = &ret->axes[AXIS_OPERATOR];
    ret->is_embedded = geo_unwrap(remote, &ret->judged);
    if (!ret->is_embedded)
        ret->judged = *remote;
    location->country_count = location->source_count = 0;
    operated->country_count = operated->source_count = 0;
    operated->is_incomplete = false;
    ret->operator_facts = (struct operator_facts){0};
    const char *special = geo_special_range(&ret->judged);
    if (special != NULL) {
        judge_unknown(location, "special: ", special);
        judge_unknown(operated, "special: ", special);
        return;
    }
    struct lookup lookup = lookup_of(geo, &ret->judged);
    judge_location(&lookup, overrides_find(&geo->overrides, OVERRIDE_LOCATION, &ret->judged), location);
    judge_operator(&lookup, overrides_find(&geo->overrides, OVERRIDE_OPERATOR, &ret->judged), operated,
                   &ret->operator_facts);
    take_registration(&lookup, &ret->operator_facts);
}

uint64_t geo_group(const struct geo *geo, const struct ip_address *remote)
{
    struct ip_address inner;
    if (geo->overrides.count > 0 || geo_unwrap(remote, &inner) || geo_special_range(remote) != NULL)
        return 0;
    struct lookup lookup = lookup_of(geo, remote);
    uint64_t tuple = geo->merged.width > 0 ? (uint64_t)(lookup.values - geo->merged.tuples) / geo->merged.width : 0;
    return 2 + 2 * tuple + lookup.is_v4;
}

size_t geo_origin_asns(const struct geo *geo, const struct ip_address *remote, uint32_t *ret, size_t room)
{
    struct ip_address inner;
    const struct network *origins[OPERATOR_ASNS_MAX];
    if (geo_unwrap(remote, &inner))
        remote = &inner;
    struct lookup lookup = lookup_of(geo, remote);
    size_t count = collect_origins(&lookup, origins);
    for (size_t i = 0; i < count && i < room; i++)
        ret[i] = origins[i]->asn;
    return count < room ? count : room;
}
