/*
 * Whose law reaches a connection, by axis, and never merged. An axis holds the set of candidate
 * countries; "unknown" is a status with a reason. Texts are either constant, or belong to the
 * databases that were loaded and live as long as they do, or are printed into the struct itself.
 */
#ifndef BORDERTAP_JURISDICTION_H
#define BORDERTAP_JURISDICTION_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "country.h"
#include "round_trip.h"

enum axis {
    AXIS_LOCATION,
    AXIS_OPERATOR,
    AXIS_VENDOR,
    AXIS_TRANSIT,
    AXIS_COUNT,
};

/** "location", "operator", "vendor", "transit"; constant. */
const char *axis_text(enum axis axis);

enum axis_status {
    AXIS_UNKNOWN, /* no candidate; reason says why */
    AXIS_SINGLE_SOURCE,
    AXIS_AGREED,
    AXIS_CONTESTED,
};

/** "unknown", "single-source", "agreed", "contested"; constant. */
const char *axis_status_text(enum axis_status status);

enum { AXIS_COUNTRIES_MAX = 8, AXIS_SOURCES_MAX = 8, AXIS_REASON_MAX = 160 };

/** One source's answer. */
struct axis_source {
    const char *database;    /* "DB-IP Lite Country", "catalogue" ... */
    const char *edition;     /* date of the data, "2026-06-01"; NULL unknown */
    struct ip_prefix prefix; /* matched range; length 0 and base :: when there is none */
    bool has_prefix;
    struct country country; /* "" : the source has no answer */
    const char *detail;     /* a sentence or an URL for the record, or NULL */
    uint8_t provider;       /* whose word it is: those who follow each other have one number; 0: it has no vote */
    bool is_own_claim;      /* what the holder of the prefix says of itself: no candidate, no reason for concern */
    bool is_refuted;        /* a round trip was too short for its country */
};

struct axis_judgement {
    enum axis_status status;
    uint8_t country_count, source_count;
    /* Transit only, where a connection has all of several countries rather than one of them: when it is contested,
     * those of every candidate path, a bit for each of `countries`. */
    uint8_t certain;
    bool is_incomplete; /* some carrier's or origin's country is unknown, and so not among them */
    struct country countries[AXIS_COUNTRIES_MAX]; /* sorted, no doubles */
    struct axis_source sources[AXIS_SOURCES_MAX];
    char reason[AXIS_REASON_MAX]; /* never empty */
};

enum { OPERATOR_ASNS_MAX = 4 };

/** Beside the operator axis: who it is. */
struct operator_facts {
    uint32_t asn[OPERATOR_ASNS_MAX]; /* origin AS numbers, host byte order; asn_count of them */
    uint8_t asn_count;
    const char *name;              /* holder as the ASN table writes it, or NULL */
    struct country holder_country; /* registered country of the holder */
    const char *parent;            /* catalogue's parent, or NULL */
    struct country parent_country;
    const char *parent_source, *parent_since; /* NULL when there is no parent or the fact has none */
    struct country registration;              /* of the address block, where a source says so */
    const char *registration_source;
};

/** How good the knowledge of a path is. */
enum transit_grade {
    TRANSIT_T0, /* none that holds for this sensor */
    TRANSIT_T1, /* a public routing table with a full feed of our upstream: its path */
    TRANSIT_T2, /* own router's table, several candidate paths */
    TRANSIT_T3, /* own router's table, one path */
    TRANSIT_T4, /* these routers carried packets: a traceroute from the same site */
};

/** "T0" ... "T4"; constant. */
const char *transit_grade_text(enum transit_grade grade);

enum { TRANSIT_PATH_MAX = 32, TRANSIT_HOPS_MAX = 16, TRANSIT_WHY_MAX = 64 };

/** A network strictly between ours and the one that originates the remote's prefix. */
struct transit_hop {
    uint32_t asn;     /* host byte order */
    const char *name; /* holder; NULL unknown */
    struct country holder;
    const char *parent; /* catalogue's, or NULL */
    struct country parent_country;
    struct country place; /* where its routers stand; "": see transit_place_unknown() */
    bool is_in_set;       /* of an AS_SET: one of several, order unknown */
};

/** Beside the transit axis: the path of the first candidate. */
struct transit_facts {
    enum transit_grade grade;
    const char *source; /* file or session the path is from, lives as long as the path data; NULL: there is none */
    int64_t time_sec;   /* of the data, since the epoch */
    struct ip_prefix prefix;
    uint32_t as_path[TRANSIT_PATH_MAX]; /* as in the table, prepending and all; as_path_count of them */
    uint16_t as_path_length;            /* all of it */
    uint8_t as_path_count, hop_count;
    bool is_degraded;
    bool is_traceroute;     /* else of a routing table; then there is no AS path, and time_sec 0 is unknown */
    bool is_quoted;         /* a traceroute that the capture itself is: routers sent packets of the flow back */
    uint8_t places_refuted; /* routers of a traceroute whose claimed country their round trip excludes */
    uint16_t hop_total;     /* hop_count of them are here */
    uint16_t candidate_count;
    struct transit_hop hops[TRANSIT_HOPS_MAX];
    char why[TRANSIT_WHY_MAX]; /* of is_degraded */
};

/** "reverse path not observable": what is known of the way back; constant. */
const char *transit_reverse(void);
/** Why a hop has no place; constant. */
const char *transit_place_unknown(void);

struct jurisdiction {
    struct axis_judgement axes[AXIS_COUNT];
    struct operator_facts operator_facts;
    struct transit_facts transit_facts;
    struct ip_address judged; /* the embedded IPv4 address when the remote carried one, else the remote */
    bool is_embedded;
    bool has_transit_excluded;           /* the flow's own round trip was timed: */
    struct country_set transit_excluded; /* these countries of concern carried no packet of it */
};

#endif
