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
};

struct axis_judgement {
    enum axis_status status;
    uint8_t country_count, source_count;
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

struct jurisdiction {
    struct axis_judgement axes[AXIS_COUNT];
    struct operator_facts operator_facts;
    struct ip_address judged; /* the embedded IPv4 address when the remote carried one, else the remote */
    bool is_embedded;
    bool has_transit_excluded;           /* the flow's own round trip was timed: */
    struct country_set transit_excluded; /* these countries of concern carried no packet of it */
};

#endif
