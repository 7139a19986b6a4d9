/* What the files of alerts/health share: health.c (windows, raising, clearing), health_readings.c (what a sample says
 * about each condition) and health_sentence.c. */
#ifndef BORDERTAP_ALERTS_HEALTH_INTERNAL_H
#define BORDERTAP_ALERTS_HEALTH_INTERNAL_H

#include "health.h"

enum health_kind {
    HEALTH_BY_SHARE,   /* events of all in the window, more than the threshold */
    HEALTH_BY_ANY,     /* any event in the window */
    HEALTH_BY_SILENCE, /* no event in the window */
    HEALTH_BY_LEVEL,   /* what is true now, above the threshold */
};

struct health_rule {
    enum health_kind kind;
    const char *unit;
    uint64_t threshold; /* thousandths of the unit */
    uint64_t of_least;  /* a share of fewer says nothing */
};

/** By condition. */
extern const struct health_rule health_rules[HEALTH_CONDITIONS];

/** What one sample says about a condition. */
struct health_reading {
    enum health_condition condition;
    const char *subject; /* NULL: the sensor */
    uint64_t events, of; /* counts so far; a level: what is so now, in units */
    bool is_gauge;       /* events and of are of this moment alone */
};

typedef void health_read(void *context, const struct health_reading *reading);

/** All that is known; what is unknown is left out. */
void health_read_sample(const struct run_sample *sample, health_read *read, void *context);

/** @param events, of what value was made of; @p ret is cut at @p room bytes. */
void health_sentence(const struct health_record *record, uint64_t events, uint64_t of, char *ret, size_t room);

#endif
