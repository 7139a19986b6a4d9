/*
 * What a traceroute says about the networks that carried packets to a remote: its routers in order, each with its
 * carrier (whose law binds the network) and its place (where it stands), which are two facts. Hops that say nothing
 * stay unknown: MPLS and tunnels hide routers, so that no country is ever ruled out by its absence.
 */
#ifndef BORDERTAP_GEO_PATHS_TRACE_JUDGE_INTERNAL_H
#define BORDERTAP_GEO_PATHS_TRACE_JUDGE_INTERNAL_H

#include "distance/distance.h"
#include "geo.h"
#include "paths/ixp_internal.h"
#include "paths/traceroute_internal.h"

enum trace_role {
    TRACE_CARRIER,
    TRACE_EXCHANGE,    /* peering network of an Internet exchange: belongs to no carrier */
    TRACE_DESTINATION, /* the remote, or a router of the network it is in: the operator axis speaks of it */
    TRACE_OWN,         /* one's own network, beyond the first hops */
    TRACE_SPECIAL,     /* private and other special addresses behind the first hops: nobody can say whose */
    TRACE_UNANNOUNCED, /* no AS announces it, or no ASN table is loaded */
};

struct judged_router {
    uint8_t ttl;
    enum trace_role role;
    uint32_t rtt_min_us; /* 0 unknown */
    uint32_t ixlan;      /* TRACE_EXCHANGE: PeeringDB's number of it, 0 unknown */
    struct ip_address address;
    struct operator_facts carrier; /* all zero for TRACE_EXCHANGE and TRACE_SPECIAL */
    struct country place;          /* "" unknown; else all location databases that answered name it, at least two */
    char place_reason[AXIS_REASON_MAX];
};

enum { TRACE_JUDGED_MAX = 128 };

struct trace_judgement {
    uint8_t router_count;
    uint8_t skipped_hops; /* first ones, in home nets and special ranges */
    uint8_t silent_hops;  /* behind those and before the remote: nobody answered, or nobody wrote it down */
    bool is_full;         /* routers beyond TRACE_JUDGED_MAX were left out */
    uint8_t refuted; /* routers that answered sooner than light comes back from a country they were said to be in */
    bool reached;    /* else the path goes on where the traceroute ends */
    struct judged_router routers[TRACE_JUDGED_MAX]; /* by ttl; several of one ttl are candidates, one a packet */
};

/** What is known beside the traceroute. All borrowed. */
struct trace_surroundings {
    const struct geo *geo;
    const struct ixp_table *ixps;                                        /* NULL: none loaded */
    bool (*is_home)(const void *home, const struct ip_address *address); /* NULL: nothing is */
    const void *home;
    const uint32_t *own_asns;
    size_t own_asn_count;
    const struct sensor_place *sensor; /* where the traceroute began; NULL: not known, and no round trip refutes */
};

/** @param remote whom the packets went to, usually the traceroute's target. Any thread. */
void trace_judge(const struct trace_surroundings *around, const struct traceroute *trace,
                 const struct ip_address *remote, struct trace_judgement *ret);

/** A network among the carriers. */
struct trace_carrier {
    struct operator_facts facts;
    struct country place; /* where all its routers seen here stand; "" when one is unknown or they stand apart */
    bool is_candidate; /* one of several at each of its hops, or of several origins: some packets, maybe none, went here
                        */
    uint8_t first_ttl, last_ttl;
};

enum { TRACE_CARRIERS_MAX = 16 };

/**
 * The networks strictly between one's own and the remote's, in the order in which they first answer, each once.
 * @param ret_total all of them; what is returned is at most TRACE_CARRIERS_MAX.
 */
size_t trace_carriers(const struct trace_judgement *judgement, struct trace_carrier ret[static TRACE_CARRIERS_MAX],
                      size_t *ret_total);
/** Whether there may be carriers beside those: hops that are silent, special or unannounced, or no end. */
bool trace_is_incomplete(const struct trace_judgement *judgement);

#endif
