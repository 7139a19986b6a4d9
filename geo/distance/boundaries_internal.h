/* Boundaries of countries as boundaries_data.c has them: one list of points, cut into rings. */
#ifndef BORDERTAP_GEO_DISTANCE_BOUNDARIES_INTERNAL_H
#define BORDERTAP_GEO_DISTANCE_BOUNDARIES_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "country.h"

/** In units of 1e-5 degrees, WGS 84. A longitude may lie beyond 180 degrees where a ring crosses the antimeridian. */
struct boundary_point {
    int32_t lon, lat;
};

/** A closed line: straight in longitude and latitude between its points, the last one joined to the first. */
struct boundary_ring {
    struct country country;
    bool is_hole; /* in the ring before it that is none */
    uint32_t first, count;
};

/** In the order of their countries' codes. Land that two codes are used for is there twice. */
extern const struct boundary_ring boundary_rings[];
extern const size_t boundary_ring_count;
extern const struct boundary_point boundary_points[];

#endif
