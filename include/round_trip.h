/*
 * How long a remote took to answer, as seen at the sensor, and what that rules out. A flow keeps the least time of its
 * best kind of sample: what speaks the content (TLS, QUIC, DNS, an echo) before what only completed a TCP handshake,
 * since a proxy or a satellite gateway on the way may do the latter for a machine that is farther.
 */
#ifndef BORDERTAP_ROUND_TRIP_H
#define BORDERTAP_ROUND_TRIP_H

#include <stdbool.h>
#include <stdint.h>

#include "country.h"

/** Samples come last, the best of them at the end; what stands before says why there is none. */
enum round_trip_kind {
    ROUND_TRIP_NOT_WATCHED, /* no sensor position */
    ROUND_TRIP_INSIDE,      /* both sides are at home */
    ROUND_TRIP_NOT_SEEN,    /* no packet and its answer */
    ROUND_TRIP_NO_TIME,     /* packets without a time */
    ROUND_TRIP_TWO_CLOCKS,  /* question and answer came from two interfaces or files */
    ROUND_TRIP_CLOCK_STEPS, /* the answer before the question or with it, or a clock that is set back again and again */
    ROUND_TRIP_TCP,         /* SYN and SYN+ACK, or data and its first acknowledgement */
    ROUND_TRIP_ICMP,        /* echo */
    ROUND_TRIP_DNS,         /* query and response */
    ROUND_TRIP_QUIC,        /* Initial and Initial */
    ROUND_TRIP_TLS,         /* ClientHello and ServerHello */
    ROUND_TRIP_KIND_COUNT,
};

static inline bool round_trip_is_sample(enum round_trip_kind kind)
{
    return kind >= ROUND_TRIP_TCP;
}

/** Samples: "tcp", "tls" ..., what ends there; else why there is none, half a sentence. Constant. */
const char *round_trip_kind_text(enum round_trip_kind kind);

struct round_trip {
    uint32_t us; /* microseconds, rounded up, the clock's granularity added: it took no longer */
    enum round_trip_kind kind;
};

enum { COUNTRY_SET_BYTES = 85 };

/** A set of country codes. */
struct country_set {
    uint8_t bits[COUNTRY_SET_BYTES];
};

static inline unsigned country_set_place(struct country c)
{
    return (unsigned)(c.code[0] - 'A') * 26 + (unsigned)(c.code[1] - 'A');
}

/** @param c a country that country_parse() gave. */
static inline void country_set_add(struct country_set *set, struct country c)
{
    unsigned at = country_set_place(c);
    set->bits[at / 8] |= (uint8_t)(1U << at % 8);
}

/** Visits the members in the order of their codes: start with @p at 0. @return false after the last. */
static inline bool country_set_next(const struct country_set *set, unsigned *at, struct country *ret)
{
    while (*at < 26 * 26) {
        unsigned rest = (unsigned)set->bits[*at / 8] >> *at % 8, here = *at;
        *at = rest == 0 ? (here / 8 + 1) * 8 : here + 1; /* most bytes are empty */
        if (rest & 1) {
            *ret = (struct country){{(char)('A' + here / 26), (char)('A' + here % 26), '\0'}};
            return true;
        }
    }
    return false;
}

struct reach_volume {
    uint64_t flows, bytes; /* wire length of whole frames */
};

struct reach_share {
    bool is_of_concern;                /* some policy lists it; else nothing was counted */
    struct reach_volume vacuum, fibre; /* by what it was too far away; fibre: vacuum, too */
};

enum { COUNTRY_CODES = 26 * 26 };

/** Of the flows that cross the border of the house both ways: how many no packet of can have been in a country. */
struct reach_totals {
    struct reach_volume all, timed;           /* timed: with a round trip */
    struct reach_share shares[COUNTRY_CODES]; /* by country_set_place() */
};

/** What round trips say of one remote: the shortest of a day, and the countries of concern it was too short for. */
struct reach {
    struct round_trip shortest;   /* of this flow's kind, else of any: kind may say why there is none */
    uint32_t handshake_us;        /* to content: the shortest of TCP alone that is known of the remote; 0: none is */
    uint32_t samples;             /* flows with this remote that had one */
    uint32_t fibre_km, vacuum_km; /* how far it can be at most, before margins, rounded up */
    const char *sensor;           /* "50.11,8.68 r5km", lives as long as the run; NULL without a position */
    struct country_set excluded_vacuum, excluded_fibre; /* fibre: what is not excluded in vacuum */
};

#endif
