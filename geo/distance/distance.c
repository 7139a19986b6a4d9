/*
 * Boundaries are straight in longitude and latitude (the 49th parallel is a line, not an arc), so an edge is cut into
 * short pieces before the nearest point of each is taken. Distances are compared as chords of the unit sphere: they
 * grow with the angle and need no trigonometry.
 */
#include "distance/distance.h"

#include <math.h>
#include <stdlib.h>

#include "boundaries_internal.h"

static const double earth_radius_km = 6371.0, piece_km = 10.0, unit_degrees = 1e-5;
static const double light_km_per_ms = 299.792458, fibre_index = 1.468; /* group index of common fibre */
static const double sphere_share = 0.994; /* an ellipsoid's distance is at least this share of a sphere's */
static const double boundary_error_km = 25;

struct vector {
    double x, y, z;
};

static double radians(double degrees)
{
    return degrees * (M_PI / 180);
}

static struct vector vector_of(double lat, double lon)
{
    double level = cos(radians(lat));
    return (struct vector){level * cos(radians(lon)), level * sin(radians(lon)), sin(radians(lat))};
}

static struct vector vector_of_point(const struct boundary_point *p)
{
    return vector_of(p->lat * unit_degrees, p->lon * unit_degrees);
}

static struct vector less(struct vector a, struct vector b)
{
    return (struct vector){a.x - b.x, a.y - b.y, a.z - b.z};
}

static double dot(struct vector a, struct vector b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static double chord(struct vector a, struct vector b)
{
    struct vector d = less(a, b);
    return sqrt(dot(d, d));
}

static double km_of_chord(double length)
{
    return 2 * earth_radius_km * asin(fmin(length / 2, 1));
}

/* To the nearest point of the short arc from a to b. */
static double chord_to_piece(struct vector from, struct vector a, struct vector b)
{
    struct vector along = less(b, a);
    double length = dot(along, along);
    double share = length > 0 ? fmin(fmax(dot(less(from, a), along) / length, 0), 1) : 0;
    struct vector nearest = {a.x + share * along.x, a.y + share * along.y, a.z + share * along.z};
    double norm = sqrt(dot(nearest, nearest));
    return chord(from, (struct vector){nearest.x / norm, nearest.y / norm, nearest.z / norm});
}

/* Not less than the length of the edge, as an angle. */
static double edge_length(const struct boundary_point *a, const struct boundary_point *b)
{
    bool crosses_equator = (a->lat < 0) != (b->lat < 0);
    double least_lat = crosses_equator ? 0 : fmin(abs(a->lat), abs(b->lat)) * unit_degrees;
    return hypot(radians((b->lat - a->lat) * unit_degrees),
                 radians((b->lon - a->lon) * unit_degrees) * cos(radians(least_lat)));
}

static double chord_to_edge(struct vector from, const struct boundary_point *a, const struct boundary_point *b,
                            double length)
{
    unsigned pieces = (unsigned)(length * earth_radius_km / piece_km) + 1;
    struct vector before = vector_of_point(a);
    double best = INFINITY;
    for (unsigned i = 1; i <= pieces; i++) {
        double share = (double)i / pieces;
        struct vector next = vector_of((a->lat + share * (b->lat - a->lat)) * unit_degrees,
                                       (a->lon + share * (b->lon - a->lon)) * unit_degrees);
        best = fmin(best, chord_to_piece(from, before, next));
        before = next;
    }
    return best;
}

static double chord_to_points(struct vector from, const struct boundary_ring *ring)
{
    double best = INFINITY;
    for (uint32_t i = 0; i < ring->count; i++)
        best = fmin(best, chord(from, vector_of_point(&boundary_points[ring->first + i])));
    return best;
}

/* @param best known so far: edges that cannot be nearer are passed over. */
static double chord_to_ring(struct vector from, const struct boundary_ring *ring, double best)
{
    const struct boundary_point *a = &boundary_points[ring->first + ring->count - 1];
    double to_a = chord(from, vector_of_point(a));
    for (uint32_t i = 0; i < ring->count; i++) {
        const struct boundary_point *b = &boundary_points[ring->first + i];
        double to_b = chord(from, vector_of_point(b)), length = edge_length(a, b);
        if ((to_a + to_b - length) / 2 < best)
            best = fmin(best, chord_to_edge(from, a, b, length));
        a = b;
        to_a = to_b;
    }
    return best;
}

/* Even-odd, in units of the boundaries. */
static bool ring_surrounds(const struct boundary_ring *ring, double lat, double lon)
{
    const struct boundary_point *a = &boundary_points[ring->first + ring->count - 1];
    bool ret = false;
    for (uint32_t i = 0; i < ring->count; i++) {
        const struct boundary_point *b = &boundary_points[ring->first + i];
        if ((a->lat > lat) != (b->lat > lat) &&
            lon < a->lon + (lat - a->lat) / ((double)b->lat - a->lat) * ((double)b->lon - a->lon))
            ret = !ret;
        a = b;
    }
    return ret;
}

static bool ring_contains(const struct boundary_ring *ring, double lat, double lon)
{
    double y = lat / unit_degrees, x = lon / unit_degrees, turn = 360 / unit_degrees;
    return ring_surrounds(ring, y, x) || ring_surrounds(ring, y, x + turn) || ring_surrounds(ring, y, x - turn);
}

static bool rings_contain(const struct boundary_ring *rings, size_t count, double lat, double lon)
{
    bool ret = false;
    for (size_t i = 0; i < count; i++) {
        if (!rings[i].is_hole && ret)
            return true;
        if (ring_contains(&rings[i], lat, lon))
            ret = !rings[i].is_hole;
    }
    return ret;
}

/* @param rings all of one country. */
static double distance_to_rings_km(const struct boundary_ring *rings, size_t count, double lat, double lon)
{
    struct vector from = vector_of(lat, lon);
    double best = INFINITY;
    if (rings_contain(rings, count, lat, lon))
        return 0;
    for (size_t i = 0; i < count; i++)
        best = fmin(best, chord_to_points(from, &rings[i]));
    for (size_t i = 0; i < count; i++)
        best = chord_to_ring(from, &rings[i], best);
    return km_of_chord(best);
}

static size_t rings_of_country(size_t first)
{
    size_t count = 1;
    while (first + count < boundary_ring_count &&
           country_equal(boundary_rings[first].country, boundary_rings[first + count].country))
        count++;
    return count;
}

double distance_to_country_km(double lat, double lon, struct country country)
{
    for (size_t i = 0; i < boundary_ring_count; i++)
        if (country_equal(boundary_rings[i].country, country))
            return distance_to_rings_km(&boundary_rings[i], rings_of_country(i), lat, lon);
    return NAN;
}

static int place_of(struct country country)
{
    int first = country.code[0] - 'A', second = country.code[1] - 'A';
    return first >= 0 && first < 26 && second >= 0 && second < 26 ? first * 26 + second : -1;
}

void country_distances_measure(double lat, double lon, struct country_distances *ret)
{
    for (int i = 0; i < COUNTRY_CODES; i++)
        ret->km[i] = NAN;
    for (size_t i = 0, count; i < boundary_ring_count; i += count) {
        count = rings_of_country(i);
        ret->km[place_of(boundary_rings[i].country)] = (float)distance_to_rings_km(&boundary_rings[i], count, lat, lon);
    }
}

double rtt_radius_vacuum_km(int64_t rtt_ns, int64_t granularity_ns)
{
    return light_km_per_ms / 2 * ((double)rtt_ns + (double)granularity_ns) / 1e6;
}

double rtt_radius_fibre_km(int64_t rtt_ns, int64_t granularity_ns)
{
    return rtt_radius_vacuum_km(rtt_ns, granularity_ns) / fibre_index;
}

enum rtt_exclusion rtt_excludes(const struct sensor_position *position, const struct country_distances *distances,
                                struct country country, int64_t rtt_ns, int64_t granularity_ns)
{
    int place = place_of(country);
    if (place < 0 || rtt_ns < 0 || granularity_ns < 0)
        return RTT_EXCLUDES_NO;
    /* With NAN for the distance every comparison is false. */
    double least_km = sphere_share * (double)distances->km[place] - position->radius_km - boundary_error_km;
    if (least_km > rtt_radius_vacuum_km(rtt_ns, granularity_ns))
        return RTT_EXCLUDES_IN_VACUUM;
    return least_km > rtt_radius_fibre_km(rtt_ns, granularity_ns) ? RTT_EXCLUDES_IN_FIBRE : RTT_EXCLUDES_NO;
}
