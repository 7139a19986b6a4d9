/*
 * From candidate paths to the transit axis. A connection is carried by all networks of its path, so the axis holds all
 * their countries; those that every candidate path has are certain.
 */
#include <stdarg.h>
#include <stdio.h>

#include "geo.h"
#include "paths/paths_internal.h"
#include "paths/transit_internal.h"

enum { HOP_TEXT_MAX = 110 };

static uint32_t bit_of(struct countries *countries, struct country country)
{
    if (!country_is_known(country))
        return 0;
    for (unsigned i = 0; i < countries->count; i++)
        if (country_equal(countries->items[i], country))
            return UINT32_C(1) << i;
    if (countries->count == TRANSIT_SET_MAX) {
        countries->is_full = true;
        return 0;
    }
    countries->items[countries->count] = country;
    return UINT32_C(1) << countries->count++;
}

/* ---- a path without us, without prepending, without its origin ---- */

size_t paths_keep_hops(struct path_element *path, size_t count, uint32_t own_asn)
{
    size_t from = 0, kept = 0;
    while (from < count && own_asn != 0 && path[from].asn == own_asn && path[from].set == 0)
        from++;
    if (from == count)
        return 0;
    uint16_t last_set = path[count - 1].set;
    uint32_t origin = path[count - 1].asn;
    while (count > from && (last_set != 0 ? path[count - 1].set == last_set : path[count - 1].asn == origin))
        count--;
    for (; from < count; from++)
        if (kept == 0 || path[from].asn != path[kept - 1].asn || path[from].set != path[kept - 1].set)
            path[kept++] = path[from];
    return kept;
}

/* ---- sources: each database and country once ---- */

static void add_source(struct axis_judgement *axis, const char *database, const char *edition, struct country country,
                       const char *detail)
{
    for (unsigned i = 0; i < axis->source_count; i++)
        if (axis->sources[i].database == database && country_equal(axis->sources[i].country, country))
            return;
    if (database != NULL && axis->source_count < AXIS_SOURCES_MAX)
        axis->sources[axis->source_count++] =
            (struct axis_source){.database = database, .edition = edition, .country = country, .detail = detail};
}

uint32_t transit_countries_of(struct judgement *j, const struct geo_network *network)
{
    if (country_is_known(network->holder))
        add_source(j->axis, network->holder_source, network->holder_edition, network->holder,
                   "country of a carrier's holder");
    if (network->parent != NULL)
        add_source(j->axis, "catalogue", network->parent_as_of, network->parent_country, network->parent_source);
    return bit_of(&j->countries, network->holder) | bit_of(&j->countries, network->parent_country);
}

void transit_note_hop(struct transit_facts *facts, const struct path_element *element,
                      const struct geo_network *network)
{
    facts->hop_total++;
    if (facts->hop_count == TRANSIT_HOPS_MAX)
        return;
    facts->hops[facts->hop_count++] = (struct transit_hop){
        .asn = element->asn,
        .name = network->name,
        .holder = network->holder,
        .parent = network->parent,
        .parent_country = network->parent_country,
        .place = network->place,
        .is_in_set = element->set != 0,
    };
}

/** Networks in a row are all on the way; of a set some are. */
static struct carried carry(struct judgement *j, const struct path_element *hops, size_t count, bool is_first)
{
    struct carried ret = {.hops = (unsigned)count};
    uint32_t every = 0;
    for (size_t i = 0; i < count; i++) {
        struct geo_network network;
        geo_network(j->geo, hops[i].asn, &network);
        uint32_t countries = transit_countries_of(j, &network);
        bool begins_set = hops[i].set != 0 && (i == 0 || hops[i - 1].set != hops[i].set);
        bool ends_set = hops[i].set != 0 && (i + 1 == count || hops[i + 1].set != hops[i].set);
        every = begins_set ? countries : every & countries;
        ret.possible |= countries;
        ret.certain |= hops[i].set == 0 ? countries : ends_set ? every : 0;
        ret.is_incomplete |= countries == 0;
        if (is_first)
            transit_note_hop(j->facts, &hops[i], &network);
    }
    return ret;
}

/* ---- words ---- */

void transit_say(struct axis_judgement *axis, const char *format, ...)
{
    size_t used = strlen(axis->reason);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(axis->reason + used, sizeof(axis->reason) - used, format, arguments);
    va_end(arguments);
}

void transit_say_hop(struct axis_judgement *axis, const struct transit_hop *hop)
{
    transit_say(axis, "AS%u (%s", hop->asn, country_is_known(hop->holder) ? hop->holder.code : "?");
    if (hop->parent != NULL && !country_equal(hop->holder, hop->parent_country))
        transit_say(axis, ", parent %s", hop->parent_country.code);
    transit_say(axis, ")");
}

static void say_carriers(struct axis_judgement *axis, const struct transit_facts *facts)
{
    unsigned told = 0;
    if (facts->candidate_count > 1)
        transit_say(axis, "one of %u paths: ", facts->candidate_count);
    transit_say(axis, "carried by ");
    for (; told < facts->hop_count && strlen(axis->reason) < HOP_TEXT_MAX - 20; told++) {
        transit_say(axis, "%s", told > 0 ? ", " : "");
        transit_say_hop(axis, &facts->hops[told]);
    }
    if (told < facts->hop_total)
        transit_say(axis, " and %u more", facts->hop_total - told);
}

static void say_source(struct axis_judgement *axis, const struct transit_facts *facts)
{
    char time[PATHS_TIME_TEXT_SIZE] = "unknown time";
    if (facts->time_sec != 0)
        paths_print_time(facts->time_sec, time);
    transit_say(axis, " on the forward path, %s, %s of %s", transit_grade_text(facts->grade),
                facts->is_quoted       ? "ICMP"
                : facts->is_traceroute ? "traceroute"
                                       : "RIB",
                time);
    if (facts->is_degraded)
        transit_say(axis, ", %s", facts->why);
}

static void judge_unknown(struct axis_judgement *axis, const char *why)
{
    axis->status = AXIS_UNKNOWN;
    snprintf(axis->reason, sizeof(axis->reason), "%s", why);
}

/* ---- age ---- */

/** One grade less when the data is not of the packet's time. */
static void degrade(struct judgement *j, int64_t time_sec)
{
    struct transit_facts *facts = j->facts;
    int64_t age = time_sec - facts->time_sec, least = j->is_live ? -j->paths->stale_after_sec : 0;
    if (age >= least && age <= j->paths->stale_after_sec)
        return;
    facts->is_degraded = true;
    facts->grade = (enum transit_grade)(facts->grade - 1);
    int64_t hours = (age < 0 ? -age : age) / 3600;
    if (age < 0)
        snprintf(facts->why, sizeof(facts->why), "taken after the packet");
    else if (hours < 72)
        snprintf(facts->why, sizeof(facts->why), "%lld hours old", (long long)hours);
    else
        snprintf(facts->why, sizeof(facts->why), "%lld days old", (long long)hours / 24);
}

/* ---- candidates ---- */

struct candidates {
    const struct path_table *table;
    const struct path_route *routes;
    size_t count;
    bool is_own;
};

static struct candidates find_candidates(const struct paths *paths, const struct ip_address *remote)
{
    struct candidates ret = {.table = &paths->own, .is_own = true};
    struct candidates other = {.table = &paths->upstream};
    ret.routes = path_table_find(&paths->own, remote, &ret.count);
    if (ret.routes != NULL && !path_route_is_default(ret.routes))
        return ret;
    other.routes = path_table_find(&paths->upstream, remote, &other.count);
    return other.routes != NULL ? other : ret;
}

/** Our own number, where the peer is our router: a chosen one is. */
static uint32_t own_asn(const struct paths *paths, const struct candidates *c, size_t i)
{
    bool is_our_router = c->is_own && (paths->choice == CHOICE_ASN || paths->choice == CHOICE_ADDRESS);
    return is_our_router ? c->table->peers[c->routes[i].peer].asn : 0;
}

static int64_t known_sec(const struct candidates *c, const struct path_route *route)
{
    return c->table->peers[route->peer].feeds[!ip_is_v4(&route->base)].known_sec;
}

static void take_facts(struct judgement *j, const struct candidates *c)
{
    struct path_element path[PATH_ELEMENTS_MAX];
    const struct path_route *first = &c->routes[0];
    struct transit_facts *facts = j->facts;
    size_t count = path_store_get(&c->table->store, first->path, path);
    facts->grade = !c->is_own ? TRANSIT_T1 : c->count > 1 ? TRANSIT_T2 : TRANSIT_T3;
    facts->source = paths_base_name(j->paths->files[first->source].path);
    facts->time_sec = known_sec(c, first);
    j->is_live = c->table->peers[first->peer].is_live;
    facts->prefix = (struct ip_prefix){c->routes[0].base, c->routes[0].length};
    facts->candidate_count = c->count < UINT16_MAX ? (uint16_t)c->count : UINT16_MAX;
    facts->as_path_length = (uint16_t)count;
    for (size_t i = 0; i < count && i < TRANSIT_PATH_MAX; i++)
        facts->as_path[facts->as_path_count++] = path[i].asn;
    for (size_t i = 1; i < c->count; i++)
        if (known_sec(c, &c->routes[i]) < facts->time_sec)
            facts->time_sec = known_sec(c, &c->routes[i]);
    j->axis->sources[j->axis->source_count++] = (struct axis_source){
        .database = facts->source,
        .edition = j->paths->file_times[first->source],
        .prefix = facts->prefix,
        .has_prefix = true,
        .detail = "AS path",
    };
}

/** AS 0 is nobody's (RFC 7607): such a path is damaged. */
static bool is_unreadable(const struct path_element *path, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (path[i].asn == 0)
            return true;
    return false;
}

static struct carried carry_all(struct judgement *j, const struct candidates *c)
{
    struct path_element path[PATH_ELEMENTS_MAX];
    struct carried all = {.certain = UINT32_MAX};
    for (size_t i = 0; i < c->count; i++) {
        size_t count = path_store_get(&c->table->store, c->routes[i].path, path);
        j->has_own_route |= c->is_own && count == 0;
        if (is_unreadable(path, count)) {
            all.is_incomplete = true;
            all.certain = 0;
            continue;
        }
        count = paths_keep_hops(path, count, own_asn(j->paths, c, i));
        struct carried one = carry(j, path, count, i == 0 || all.hops == 0);
        all.certain &= one.certain;
        all.possible |= one.possible;
        all.is_incomplete |= one.is_incomplete;
        all.hops += one.hops;
    }
    return all;
}

/** Sorted, and what does not fit is said to be missing. */
static void take_countries(struct judgement *j, const struct carried *all)
{
    struct axis_judgement *axis = j->axis;
    for (unsigned i = 0; i < j->countries.count; i++) {
        unsigned at = 0;
        struct country country = j->countries.items[i];
        while (at < axis->country_count && strcmp(axis->countries[at].code, country.code) < 0)
            at++;
        if (axis->country_count == AXIS_COUNTRIES_MAX) {
            axis->is_incomplete = true;
            continue;
        }
        memmove(&axis->countries[at + 1], &axis->countries[at],
                (axis->country_count - at) * sizeof(axis->countries[0]));
        uint8_t below = (uint8_t)((1U << at) - 1), bit = (uint8_t)((all->certain >> i & 1) << at);
        axis->certain = (uint8_t)((axis->certain & below) | (axis->certain & ~below) << 1 | bit);
        axis->countries[at] = country;
        axis->country_count++;
    }
}

static const char *why_nobody(const struct judgement *j, const struct carried *all)
{
    if (j->facts->is_traceroute)
        return "no network in between: every router is ours or the remote's";
    if (all->is_incomplete)
        return "no path data for this sensor: the route there is damaged in the routing table";
    return j->has_own_route ? "inside our own network: no carrier" : "no network in between: the peer is the origin";
}

void transit_conclude(struct judgement *j, const struct carried *all)
{
    struct axis_judgement *axis = j->axis;
    if (all->hops == 0) {
        judge_unknown(axis, why_nobody(j, all));
        return;
    }
    axis->is_incomplete = all->is_incomplete || j->countries.is_full;
    take_countries(j, all);
    say_carriers(axis, j->facts);
    say_source(axis, j->facts);
    if (axis->country_count == 0)
        axis->status = AXIS_UNKNOWN;
    else
        axis->status = all->certain == all->possible && !axis->is_incomplete ? AXIS_AGREED : AXIS_CONTESTED;
}

/** Whether a longer prefix may be missing in a table that was cut. */
static bool may_lack(const struct path_table *table, const struct ip_address *remote)
{
    for (size_t i = 0; i < table->peer_count; i++) {
        const struct path_feed *feed = &table->peers[i].feeds[!ip_is_v4(remote)];
        if (feed->is_torn && ip_compare(remote, &feed->torn_from) >= 0)
            return true;
    }
    return false;
}

void paths_judge(const struct paths *paths, const struct geo *geo, const struct ip_address *remote, int64_t time_sec,
                 struct axis_judgement *ret, struct transit_facts *ret_facts)
{
    *ret = (struct axis_judgement){.status = AXIS_UNKNOWN};
    *ret_facts = (struct transit_facts){.grade = TRANSIT_T0};
    struct judgement j = {.paths = paths, .geo = geo, .axis = ret, .facts = ret_facts};
    if (paths != NULL && transit_judge_traced(&j, remote, time_sec))
        return;
    if (paths == NULL || paths->nothing[0] != '\0') {
        judge_unknown(ret, paths != NULL ? paths->nothing : "no path data loaded");
        return;
    }
    struct candidates c = find_candidates(paths, remote);
    if (c.routes == NULL || path_route_is_default(c.routes)) {
        judge_unknown(ret, c.routes == NULL ? "no path data for this sensor: its routing table has no route there"
                                            : "no path data for this sensor: only a default route leads there");
        return;
    }
    if (paths->has_torn_tables && may_lack(c.table, remote)) {
        judge_unknown(ret,
                      "no path data for this sensor: its routing table is cut or damaged before what may lead there");
        return;
    }
    take_facts(&j, &c);
    degrade(&j, time_sec);
    if (ret_facts->grade == TRANSIT_T0) {
        ret->source_count = 0;
        judge_unknown(ret, "");
        transit_say(ret, "no path data for this sensor: its upstream's table is %s, load one of the packet's day",
                    ret_facts->why);
        return;
    }
    struct carried all = carry_all(&j, &c);
    transit_conclude(&j, &all);
}

/* ---- for people who ask ---- */

struct text_room {
    char text[PATH_ELEMENTS_MAX * 12];
    size_t used;
};

static void print_path(const struct path_element *path, size_t count, struct text_room *room)
{
    room->used = 0;
    room->text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        bool is_inside = i > 0 && path[i].set != 0 && path[i].set == path[i - 1].set;
        bool ends = path[i].set != 0 && (i + 1 == count || path[i + 1].set != path[i].set);
        const char *before = is_inside ? "," : i > 0 ? " " : "";
        int length = snprintf(room->text + room->used, sizeof(room->text) - room->used, "%s%s%u%s", before,
                              path[i].set != 0 && !is_inside ? "{" : "", path[i].asn, ends ? "}" : "");
        room->used += length > 0 ? (size_t)length : 0;
    }
}

size_t paths_candidates(const struct paths *paths, const struct ip_address *remote,
                        void (*visit)(void *context, const struct paths_candidate *candidate), void *context)
{
    struct path_element path[PATH_ELEMENTS_MAX];
    struct text_room room;
    struct candidates c = find_candidates(paths, remote);
    for (size_t i = 0; c.routes != NULL && i < c.count; i++) {
        const struct path_route *route = &c.routes[i];
        const struct path_peer *peer = &c.table->peers[route->peer];
        print_path(path, path_store_get(&c.table->store, route->path, path), &room);
        visit(context, &(struct paths_candidate){
                           .prefix = {route->base, route->length},
                           .peer = peer->address,
                           .peer_asn = peer->asn,
                           .path_id = route->path_id,
                           .originated_sec = route->originated_sec,
                           .as_path = room.text,
                           .source = paths_base_name(paths->files[route->source].path),
                       });
    }
    return c.routes != NULL ? c.count : 0;
}
