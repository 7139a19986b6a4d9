/*
 * What a round trip rules out. Nothing is faster than light: when a packet and the answer to it passed a sensor within
 * a time, no machine that either of them visited, the remote or any router, is farther away than light travels in half
 * of it; so none stands in a country that is. Only ever "not there": a long round trip proves nothing.
 *
 * Distances are great circles on a sphere to boundaries that are drawn over territorial waters (country-coder, see
 * setup/make-boundaries); the margins of rtt_excludes() pay for both. Any thread.
 */
#ifndef BORDERTAP_GEO_DISTANCE_DISTANCE_H
#define BORDERTAP_GEO_DISTANCE_DISTANCE_H

#include <stdint.h>

#include "country.h"
#include "jurisdiction.h"
#include "round_trip.h"
#include "status.h"

/** Where the sensor stands: within radius_km of a point, degrees north and east. */
struct sensor_position {
    double lat, lon, radius_km;
};

/** "LAT,LON,RADIUS_KM", plain decimals: "50.11,8.68,5". @return STATUS_OK, or STATUS_INVALID with a sentence. */
enum status sensor_position_parse(const char *text, struct sensor_position *ret, struct error *error);

/** To the nearest point of @p country; 0 inside, NAN when its boundary is not known. Takes up to 100 us. */
double distance_to_country_km(double lat, double lon, struct country country);

/** The distances of all countries from one place. */
struct country_distances {
    float km[COUNTRY_CODES]; /* by country_set_place(); NAN: no boundary is known */
};

/** A few milliseconds of work. */
void country_distances_measure(double lat, double lon, struct country_distances *ret);

/** A sensor that knows where it stands. */
struct sensor_place {
    struct sensor_position position;
    struct country_distances distances; /* from there */
};

/** How surely a round trip excludes a country. */
enum rtt_exclusion {
    RTT_EXCLUDES_NO,
    RTT_EXCLUDES_IN_FIBRE,  /* light in glass is too slow for it; a microwave or laser link might not be */
    RTT_EXCLUDES_IN_VACUUM, /* nothing is fast enough */
};

/**
 * @param distances from @p position.
 * @param rtt_ns from a packet to what can only be an answer to it, both stamped at the sensor by one clock; a negative
 * one excludes nothing.
 * @param granularity_ns of that clock.
 */
enum rtt_exclusion rtt_excludes(const struct sensor_position *position, const struct country_distances *distances,
                                struct country country, int64_t rtt_ns, int64_t granularity_ns);

/**
 * Takes candidates that a round trip refutes out of a location axis, and contests it where fibre alone excludes one.
 * @param us microseconds, rounded up, the clock's granularity added.
 */
void rtt_refute(const struct sensor_place *place, uint32_t us, struct axis_judgement *location);

/** How far a packet of the round trip can have been at most, before any margin. */
double rtt_radius_fibre_km(int64_t rtt_ns, int64_t granularity_ns);
double rtt_radius_vacuum_km(int64_t rtt_ns, int64_t granularity_ns);

#endif
