/* What judging by routing tables and judging by routers that answered share: the transit axis in the making. */
#ifndef BORDERTAP_GEO_PATHS_TRANSIT_INTERNAL_H
#define BORDERTAP_GEO_PATHS_TRANSIT_INTERNAL_H

#include "geo.h"
#include "paths/paths_internal.h"

enum { TRANSIT_SET_MAX = 32 };

/** Countries met so far; a set of them is a word of bits. */
struct countries {
    struct country items[TRANSIT_SET_MAX];
    unsigned count;
    bool is_full;
};

/** Of one candidate, or of all. */
struct carried {
    uint32_t certain, possible;
    bool is_incomplete; /* by a network of unknown country */
    unsigned hops;
};

struct judgement {
    const struct paths *paths;
    const struct geo *geo;
    struct axis_judgement *axis;
    struct transit_facts *facts;
    struct countries countries;
    bool has_own_route; /* a candidate path has no network at all */
    bool is_live;       /* a session that is open tells the paths */
};

/** The countries of a network's holder and parent, as bits of j->countries; its sources go to the axis. */
uint32_t transit_countries_of(struct judgement *j, const struct geo_network *network);
void transit_note_hop(struct transit_facts *facts, const struct path_element *element,
                      const struct geo_network *network);
/** Appends to the reason. */
void transit_say(struct axis_judgement *axis, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** "AS4134 (CN)". */
void transit_say_hop(struct axis_judgement *axis, const struct transit_hop *hop);
/** Fills the axis from what carries the packets and from the facts. */
void transit_conclude(struct judgement *j, const struct carried *all);

/** @return false when no traceroute tells who carries packets to @p remote; the axis is then untouched. */
bool transit_judge_traced(struct judgement *j, const struct ip_address *remote, int64_t time_sec);

#endif
