/* The transit axis by routers that answered: traceroutes of this site, and what routers sent back of a flow itself. */
#include <stdio.h>

#include "paths/trace_judge_internal.h"
#include "paths/transit_internal.h"

static void take_trace_facts(struct judgement *j, const struct traceroute *trace, const struct trace_match *match,
                             const struct ip_address *remote)
{
    struct transit_facts *facts = j->facts;
    facts->is_traceroute = true;
    facts->grade = TRANSIT_T4;
    facts->source = paths_base_name(trace->file);
    facts->time_sec = match->start_sec;
    facts->prefix = (struct ip_prefix){*remote, 128};
    facts->candidate_count = 1;
    if (match->closeness == TRACE_SAME_ADDRESS_AT_UNKNOWN_TIME) {
        facts->grade = TRANSIT_T3;
        facts->is_degraded = true;
        facts->time_sec = 0;
        snprintf(facts->why, sizeof(facts->why), "its file does not say when");
    }
    j->axis->sources[j->axis->source_count++] = (struct axis_source){
        .database = facts->source,
        .prefix = facts->prefix,
        .has_prefix = true,
        .detail = trace->target_is_last_hop ? "traceroute that names no target but its last router" : "traceroute",
    };
}

/** What is known of a carrier's network; without geo_know_networks() what its router's address tells. */
static struct geo_network network_of(const struct geo *geo, const struct trace_carrier *carrier)
{
    struct geo_network ret;
    const struct operator_facts *facts = &carrier->facts;
    geo_network(geo, facts->asn[0], &ret);
    if (!country_is_known(ret.holder))
        ret.holder = facts->holder_country;
    ret.place = carrier->place;
    return ret;
}

/** A carrier that is one of several at its hop may have carried nothing. */
static struct carried carry_traced(struct judgement *j, const struct trace_judgement *judged)
{
    struct trace_carrier carriers[TRACE_CARRIERS_MAX];
    size_t total, count = trace_carriers(judged, carriers, &total);
    struct carried ret = {.hops = (unsigned)total, .is_incomplete = trace_is_incomplete(judged) || total > count};
    for (size_t i = 0; i < count; i++) {
        const struct path_element element = {carriers[i].facts.asn[0], carriers[i].is_candidate};
        struct geo_network network = network_of(j->geo, &carriers[i]);
        uint32_t countries = transit_countries_of(j, &network);
        ret.possible |= countries;
        ret.certain |= carriers[i].is_candidate ? 0 : countries;
        ret.is_incomplete |= countries == 0;
        transit_note_hop(j->facts, &element, &network);
    }
    j->facts->hop_total = (uint16_t)total;
    return ret;
}

static struct trace_surroundings surroundings_of(const struct paths *paths, const struct geo *geo)
{
    return (struct trace_surroundings){
        .geo = geo,
        .ixps = paths->ixps,
        .is_home = paths->is_home,
        .home = paths->home,
        .own_asns = &paths->rib_asn,
        .own_asn_count = paths->choice == CHOICE_ASN,
        .sensor = paths->sensor,
    };
}

bool transit_judge_traced(struct judgement *j, const struct ip_address *remote, int64_t time_sec)
{
    struct trace_match matches[TRACE_MATCHES_MAX];
    struct traceroute trace;
    struct trace_judgement judged;
    const struct paths *paths = j->paths;
    const struct trace_surroundings around = surroundings_of(paths, j->geo);
    size_t found = trace_table_find(paths->traces, remote, time_sec, paths->stale_after_sec, matches);
    if (found == 0 || matches[0].closeness == TRACE_SAME_PREFIX)
        return false;
    trace_table_get(paths->traces, matches[0].index, &trace);
    trace_judge(&around, &trace, remote, &judged);
    struct carried all = carry_traced(j, &judged);
    if (all.hops == 0 && all.is_incomplete) { /* silence proves nothing */
        *j->facts = (struct transit_facts){.grade = TRANSIT_T0};
        return false;
    }
    take_trace_facts(j, &trace, &matches[0], remote);
    j->facts->places_refuted = judged.refuted;
    transit_conclude(j, &all);
    return true;
}

/* ---- routers that sent a packet of the flow back ---- */

static const char quoted_source[] = "ICMP in the capture";

/** As a traceroute that no end is known of: hops between these routers, and behind the last, are silent. */
static void trace_of_quotes(const struct paths_quotes *quotes, const struct ip_address *remote, struct traceroute *ret)
{
    *ret = (struct traceroute){.file = quoted_source, .start_sec = quotes->time_sec, .target = *remote};
    for (size_t i = 0; i < quotes->count && ret->hop_count < PATH_ROUTERS_MAX; i++) {
        struct trace_hop *hop = &ret->hops[ret->hop_count++];
        *hop = (struct trace_hop){.ttl = ret->hop_count, .router_count = 1};
        hop->routers[0].address = quotes->routers[i].address;
    }
}

static struct axis_source quoted_as_source(const struct ip_address *remote)
{
    return (struct axis_source){.database = quoted_source,
                                .prefix = {*remote, 128},
                                .has_prefix = true,
                                .detail = "routers that quoted the flow"};
}

/** Nothing else tells of the path: these routers do. */
static void conclude_quoted(struct judgement *j, const struct carried *all, const struct ip_address *remote,
                            int64_t time_sec)
{
    struct transit_facts *facts = j->facts;
    facts->is_traceroute = facts->is_quoted = true;
    facts->grade = TRANSIT_T4;
    facts->source = quoted_source;
    facts->time_sec = time_sec;
    facts->prefix = (struct ip_prefix){*remote, 128};
    facts->candidate_count = 1;
    if (j->axis->source_count < AXIS_SOURCES_MAX)
        j->axis->sources[j->axis->source_count++] = quoted_as_source(remote);
    transit_conclude(j, all);
}

/** A country that is certain to be on the way, into an axis that is concluded. @return false: it was certain before. */
static bool add_certain(struct axis_judgement *axis, struct country country)
{
    unsigned at = 0;
    while (at < axis->country_count && strcmp(axis->countries[at].code, country.code) < 0)
        at++;
    uint8_t bit = (uint8_t)(1U << at);
    if (at < axis->country_count && country_equal(axis->countries[at], country)) {
        bool was_certain = axis->certain & bit;
        axis->certain |= bit;
        return !was_certain;
    }
    if (axis->country_count == AXIS_COUNTRIES_MAX) {
        axis->is_incomplete = true;
        return true;
    }
    memmove(&axis->countries[at + 1], &axis->countries[at], (axis->country_count - at) * sizeof(axis->countries[0]));
    axis->certain = (uint8_t)((axis->certain & (bit - 1U)) | (axis->certain & ~(bit - 1U)) << 1 | bit);
    axis->countries[at] = country;
    axis->country_count++;
    return true;
}

static bool names_hop(const struct transit_facts *facts, uint32_t asn)
{
    for (unsigned i = 0; i < facts->hop_count; i++)
        if (facts->hops[i].asn == asn)
            return true;
    return false;
}

/** The path is known otherwise: carriers that it does not name, and whatever is now certain. */
static void add_quoted(struct judgement *j, const struct transit_facts *quoted, const struct ip_address *remote)
{
    bool is_news = false;
    for (unsigned i = 0; i < quoted->hop_count; i++) {
        const struct transit_hop *hop = &quoted->hops[i];
        const struct country countries[] = {hop->holder, hop->parent_country};
        bool is_new = !names_hop(j->facts, hop->asn);
        for (unsigned k = 0; k < 2; k++)
            if (country_is_known(countries[k]) && !hop->is_in_set)
                is_new |= add_certain(j->axis, countries[k]);
        if (!is_new)
            continue;
        is_news = true;
        transit_say(j->axis, "; ");
        transit_say_hop(j->axis, hop);
        transit_say(j->axis, " sent a packet back");
        if (names_hop(j->facts, hop->asn))
            continue;
        j->facts->hop_total++;
        if (j->facts->hop_count < TRANSIT_HOPS_MAX)
            j->facts->hops[j->facts->hop_count++] = *hop;
    }
    if (!is_news)
        return;
    j->axis->status = AXIS_CONTESTED;
    if (j->axis->source_count < AXIS_SOURCES_MAX)
        j->axis->sources[j->axis->source_count++] = quoted_as_source(remote);
}

void paths_add_quotes(const struct paths *paths, const struct geo *geo, const struct ip_address *remote,
                      const struct paths_quotes *quotes, struct axis_judgement *axis, struct transit_facts *facts)
{
    struct traceroute trace;
    struct trace_judgement judged;
    struct axis_judgement own_axis = {.status = AXIS_UNKNOWN};
    struct transit_facts own_facts = {.grade = TRANSIT_T0};
    struct judgement j = {.paths = paths, .geo = geo, .axis = &own_axis, .facts = &own_facts};
    struct trace_surroundings around = {.geo = geo};
    if (paths != NULL)
        around = surroundings_of(paths, geo);
    around.is_home = quotes->is_home;
    around.home = quotes->home;
    trace_of_quotes(quotes, remote, &trace);
    trace_judge(&around, &trace, remote, &judged);
    struct carried all = carry_traced(&j, &judged);
    if (own_facts.hop_count == 0)
        return;
    if (axis->country_count == 0) {
        conclude_quoted(&j, &all, remote, quotes->time_sec);
        *axis = own_axis;
        *facts = own_facts;
        return;
    }
    j.axis = axis;
    j.facts = facts;
    add_quoted(&j, &own_facts, remote);
}
