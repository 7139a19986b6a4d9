#include <math.h>

#include "distance/boundaries_internal.h"
#include "distance/distance.h"
#include "test.h"

static const double fibre_km_per_ms = 102.1, vacuum_km_per_ms = 149.896;

static struct country country_of(const char *code)
{
    struct country ret;
    assert_true(country_parse(code, 2, &ret));
    return ret;
}

static double distance(double lat, double lon, const char *code)
{
    return distance_to_country_km(lat, lon, country_of(code));
}

/* --- places whose distances are known --------------------------------------------------------------------------- */

enum { SENSORS = 5, COUNTRIES = 7 };

static const struct {
    const char *name;
    double lat, lon;
} sensors[SENSORS] = {{"Washington", 38.90, -77.04},
                      {"London", 51.51, -0.13},
                      {"Frankfurt", 50.11, 8.68},
                      {"Singapore", 1.35, 103.82},
                      {"Tokyo", 35.68, 139.69}};
static const char *const countries[COUNTRIES] = {"RU", "CN", "IR", "KP", "BY", "CU", "VE"};

/*
 * The round trip below which a country is excluded, before margins, in ms of fibre and of vacuum, by the coastlines of
 * Natural Earth 1:10m. Ours lie up to 8.5 km farther (0.09 ms of fibre; the last digit adds as much again), and nearer
 * where waters count: by the tens of km everywhere, and by more in the rows below.
 */
static const double natural_earth_ms[SENSORS][COUNTRIES][2] = {
    {{60.5, 41.2}, {93.5, 63.7}, {92.5, 63.0}, {102.9, 70.1}, {70.7, 48.2}, {17.4, 11.8}, {28.3, 19.3}},
    {{13.3, 9.1}, {55.2, 37.6}, {35.6, 24.2}, {82.7, 56.3}, {15.6, 10.6}, {70.2, 47.8}, {66.8, 45.5}},
    {{8.7, 5.9}, {49.7, 33.9}, {29.4, 20.0}, {79.9, 54.4}, {10.1, 6.9}, {76.3, 52.0}, {72.7, 49.5}},
    {{51.7, 35.2}, {17.6, 12.0}, {50.6, 34.5}, {45.0, 30.7}, {84.7, 57.7}, {168, 115}, {173, 118}},
    {{9.2, 6.3}, {10.7, 7.3}, {66.9, 45.6}, {10.2, 6.9}, {76.8, 52.3}, {118, 80}, {135, 92}},
};

/* How much nearer, in ms of fibre, the waters bring a country to a sensor. */
static double nearer_by_waters_ms(unsigned sensor, unsigned country)
{
    static const struct {
        const char *sensor, *country;
        double ms;
    } rows[] = {
        {"Washington", "RU", 2.1}, /* the sea north of Franz Josef Land, to 84 degrees */
        {"London", "RU", 0.6},     /* the Baltic before Kaliningrad */
        {"Singapore", "CN", 2.0},  /* the South China Sea, to 13.6 degrees */
        {"Singapore", "KP", 0.9},  /* the Yellow Sea */
        {"Tokyo", "KP", 1.1},      /* the Sea of Japan */
        {"Washington", "CU", 0.9}, /* the Straits of Florida */
        {"London", "CU", 0.9},     {"Frankfurt", "CU", 0.9}, {"Washington", "VE", 0.6}, /* the Isla de Aves, at 16.4
                                                                                           degrees */
        {"London", "VE", 1.0},     {"Frankfurt", "VE", 1.0}, {"Singapore", "VE", 1.3},  {"Singapore", "CU", 1.0},
        {"Tokyo", "VE", 1.3},      {"Tokyo", "CU", 0.8},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].sensor, sensors[sensor].name) == 0 && strcmp(rows[i].country, countries[country]) == 0)
            return rows[i].ms;
    return 0.35;
}

static void round_trips_that_exclude_are_those_of_natural_earth_or_shorter(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SENSORS; s++)
        for (unsigned c = 0; c < COUNTRIES; c++) {
            const double *expected = natural_earth_ms[s][c];
            double digit = expected[0] >= 105 ? 0.5 : 0.05; /* the last one given */

            double km = distance(sensors[s].lat, sensors[s].lon, countries[c]);

            assert_true(km / fibre_km_per_ms <= expected[0] + 0.09 + digit);
            assert_true(km / vacuum_km_per_ms <= expected[1] + 0.06 + digit);
            assert_true(km / fibre_km_per_ms >= expected[0] - nearer_by_waters_ms(s, c) - digit);
            assert_true(km / vacuum_km_per_ms >= expected[1] - nearer_by_waters_ms(s, c) - digit);
        }
}

static void distances_of_a_few_places_are_exact(void **state)
{
    (void)state;
    static const struct {
        double lat, lon;
        const char *country;
        double km; /* by an independent program: every edge sampled each 2 km */
    } rows[] = {
        {38.90, -77.04, "RU", 5969.7}, /* over the pole: 2,909 by an edge that goes the wrong way round the earth */
        {51.51, -0.13, "RU", 1304.1},   {1.35, 103.82, "RU", 5282.2}, {35.68, 139.69, "RU", 907.1},
        {38.90, -77.04, "CN", 9546.9},  {1.35, 103.82, "CN", 1606.4}, {38.90, -77.04, "CU", 1697.3},
        {1.35, 103.82, "CU", 17101.6},  {51.51, -0.13, "VE", 6731.2}, {35.68, 139.69, "VE", 13699.9},
        {38.90, -77.04, "KP", 10507.3}, {51.51, -0.13, "KP", 8448.8},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_true(fabs(distance(rows[i].lat, rows[i].lon, rows[i].country) - rows[i].km) < 0.3);
}

static void places_inside_a_country_are_at_no_distance_on_both_sides_of_the_antimeridian(void **state)
{
    (void)state;
    static const struct {
        const char *country;
        double lat, lon;
    } rows[] = {
        {"RU", 55.75, 37.62},                                                                        /* Moscow */
        {"RU", 66.5, 179.5},    {"RU", 66.5, -179.5},    {"RU", 66.5, 180},      {"RU", 66.5, -180}, /* Chukotka */
        {"RU", 45.0, 34.1},     {"UA", 45.0, 34.1},                              /* Crimea: of both */
        {"FJ", -16.8, 179.9},   {"FJ", -16.8, -179.9},   {"FJ", -18.1, 178.4},   /* Fiji */
        {"KI", 1.45, 173.0},    {"KI", 1.87, -157.4},    {"KI", -2.8, -171.7},   /* Kiribati */
        {"NZ", -36.85, 174.76}, {"NZ", -43.95, -176.55}, {"NZ", -29.25, -177.9}, /* Chatham, Kermadec */
        {"US", 52.9, 172.9},    {"US", 51.88, -176.65},  {"US", 21.3, -157.86},  {"US", 38.9, -77}, /* Attu, Adak */
        {"AQ", -90, 0},         {"AQ", -90, 180},        {"AQ", -75, 179.999},   {"AQ", -75, -179.999},
        {"HK", 22.3, 114.17},   {"MO", 22.19, 113.54},   {"TW", 25.04, 121.56},  {"CN", 39.9, 116.4},
        {"XK", 42.66, 21.16},   {"SJ", 78.22, 15.63},    {"PR", 18.4, -66.1},    {"GB", 55.95, -3.19},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (distance(rows[i].lat, rows[i].lon, rows[i].country) > 0.1) /* the halves of some leave a gap of 100 m */
            fail_msg("%.2f %.2f is %.1f km from %s", rows[i].lat, rows[i].lon,
                     distance(rows[i].lat, rows[i].lon, rows[i].country), rows[i].country);
}

static void territories_are_not_the_country_they_belong_to(void **state)
{
    (void)state;
    assert_true(distance(22.3, 114.17, "CN") > 0);
    assert_true(distance(25.04, 121.56, "CN") > 50);
    assert_true(distance(18.4, -66.1, "US") > 1000);
    assert_true(distance(-20.9, 55.5, "FR") > 1000);
}

static void a_hole_is_outside_and_what_stands_in_it_is_inside(void **state)
{
    (void)state;
    assert_true(distance(-29.5, 28.3, "LS") == 0);
    assert_true(distance(-29.5, 28.3, "ZA") > 10);
    assert_true(distance(43.94, 12.46, "IT") > 0);
}

static void a_pole_is_one_place_whatever_its_longitude(void **state)
{
    (void)state;
    static const char *const north[] = {"RU", "CA", "GL", "NO", "US"};
    for (size_t i = 0; i < sizeof(north) / sizeof(north[0]); i++)
        for (int lon = -180; lon <= 180; lon += 45)
            assert_true(fabs(distance(90, lon, north[i]) - distance(90, 0, north[i])) < 0.001);
    assert_true(fabs(distance(-90, 0, "NZ") - distance(-90, 137, "NZ")) < 0.001);
    assert_true(distance(90, 0, "AQ") > 16000);
}

static void the_antimeridian_is_no_wall(void **state)
{
    (void)state;
    static const char *const around[] = {"RU", "FJ", "KI", "NZ", "US", "TV", "JP"};
    for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++)
        for (int lat = -85; lat <= 85; lat += 17)
            assert_true(fabs(distance(lat, 180, around[i]) - distance(lat, -180, around[i])) < 0.001);
}

static void a_straight_edge_is_a_parallel_not_an_arc(void **state)
{
    (void)state;
    /* The 49th parallel: the arc between its ends would run more than 100 km north of it. */
    double south = distance(48.5, -110, "CA");

    assert_true(fabs(south - 55.6) < 1);
}

static void a_code_without_a_boundary_has_no_distance_and_is_never_excluded(void **state)
{
    (void)state;
    static struct country_distances distances;
    struct sensor_position here = {50.11, 8.68, 0};
    struct country none[] = {{""}, {"AN"}, {"\xff\x7f"}, {"ZZ"}};
    country_distances_measure(here.lat, here.lon, &distances);

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_false(distance_to_country_km(here.lat, here.lon, none[i]) >= 0);
        assert_int_equal(rtt_excludes(&here, &distances, none[i], 0, 0), RTT_EXCLUDES_NO);
    }
}

static void every_assigned_code_has_a_boundary(void **state)
{
    (void)state;
    static struct country_distances distances;
    country_distances_measure(0, 0, &distances);
    unsigned known = 0;
    for (char first = 'A'; first <= 'Z'; first++)
        for (char second = 'A'; second <= 'Z'; second++) {
            const char code[3] = {first, second, '\0'};
            struct country country;
            if (!country_parse(code, 2, &country))
                continue;
            known++;
            assert_true(distances.km[(first - 'A') * 26 + (second - 'A')] >= 0);
        }
    assert_int_equal(known, 250);
}

static void boundaries_are_ordered_whole_and_on_the_earth(void **state)
{
    (void)state;
    uint32_t next = 0;
    assert_false(boundary_rings[0].is_hole);
    for (size_t i = 0; i < boundary_ring_count; i++) {
        const struct boundary_ring *ring = &boundary_rings[i];
        struct country known;
        assert_true(country_parse(ring->country.code, 2, &known));
        if (i > 0)
            assert_true(strcmp(boundary_rings[i - 1].country.code, ring->country.code) <= 0);
        if (ring->is_hole)
            assert_true(country_equal(boundary_rings[i - 1].country, ring->country));
        assert_int_equal(ring->first, next);
        assert_true(ring->count >= 3);
        next += ring->count;
        for (uint32_t k = ring->first; k < next; k++) {
            const struct boundary_point *a = &boundary_points[k];
            const struct boundary_point *b = k + 1 < next ? a + 1 : &boundary_points[ring->first];
            assert_in_range(a->lat + 9000000, 0, 18000000);
            assert_in_range(a->lon + 36000000, 0, 72000000);
            assert_in_range(abs(a->lon - b->lon), 0, 18000000);
        }
    }
}

/* --- properties over random places ------------------------------------------------------------------------------ */

static uint64_t random_state;

static double random_share(void)
{
    uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

struct place {
    double lat, lon;
};

static struct place random_place(void)
{
    return (struct place){asin(2 * random_share() - 1) * 180 / M_PI, random_share() * 360 - 180};
}

/* Somewhere in the country of a random ring, its border and the sea before it included. */
static struct place random_place_inside(struct country *ret)
{
    for (;;) {
        const struct boundary_ring *ring = &boundary_rings[(size_t)(random_share() * (double)boundary_ring_count)];
        const struct boundary_point *points = &boundary_points[ring->first];
        int32_t west = points->lon, east = west, south = points->lat, north = south;
        for (uint32_t i = 1; i < ring->count; i++) {
            west = points[i].lon < west ? points[i].lon : west;
            east = points[i].lon > east ? points[i].lon : east;
            south = points[i].lat < south ? points[i].lat : south;
            north = points[i].lat > north ? points[i].lat : north;
        }
        struct place p = {(south + random_share() * (north - south)) / 1e5,
                          (west + random_share() * (east - west)) / 1e5};
        p.lon += p.lon > 180 ? -360 : p.lon < -180 ? 360 : 0;
        *ret = ring->country;
        if (!ring->is_hole && distance_to_country_km(p.lat, p.lon, *ret) == 0)
            return p;
    }
}

static double arc_km(struct place a, struct place b)
{
    double r = M_PI / 180, dlat = (b.lat - a.lat) * r / 2, dlon = (b.lon - a.lon) * r / 2;
    double h = sin(dlat) * sin(dlat) + cos(a.lat * r) * cos(b.lat * r) * sin(dlon) * sin(dlon);
    return 2 * 6371.0 * asin(sqrt(fmin(h, 1)));
}

static void a_sensor_inside_a_country_never_excludes_it(void **state)
{
    (void)state;
    static struct country_distances distances;
    random_state = 1;
    for (int i = 0; i < COUNTRY_CODES; i++)
        distances.km[i] = NAN;
    for (int i = 0; i < 10000; i++) {
        struct country country;
        struct place p = random_place_inside(&country);
        struct sensor_position here = {p.lat, p.lon, random_share() * 100};
        distances.km[(country.code[0] - 'A') * 26 + (country.code[1] - 'A')] =
            (float)distance_to_country_km(p.lat, p.lon, country);
        for (int64_t rtt_ns = 0; rtt_ns < 1000000000; rtt_ns = rtt_ns * 10 + 1)
            assert_int_equal(rtt_excludes(&here, &distances, country, rtt_ns, 0), RTT_EXCLUDES_NO);
    }
}

/* What light itself needs from a sensor to a machine and back, over an ellipsoid at its shortest (0.9945 of a sphere),
 * excludes the machine's country at no place. */
static void light_from_inside_a_country_never_excludes_it(void **state)
{
    (void)state;
    static struct country_distances distances;
    random_state = 2;
    for (int i = 0; i < 100; i++) {
        struct place s = random_place();
        struct sensor_position here = {s.lat, s.lon, 0};
        country_distances_measure(s.lat, s.lon, &distances);
        for (int k = 0; k < 100; k++) {
            struct country country;
            struct place machine = random_place_inside(&country);
            double light_ns = 2 * 0.9945 * arc_km(s, machine) / 299792.458 * 1e9;
            assert_int_not_equal(rtt_excludes(&here, &distances, country, (int64_t)light_ns, 0),
                                 RTT_EXCLUDES_IN_VACUUM);
            assert_int_equal(rtt_excludes(&here, &distances, country, (int64_t)(1.468 * light_ns), 0), RTT_EXCLUDES_NO);
        }
    }
}

static void a_longer_round_trip_excludes_less_and_vacuum_no_more_than_fibre(void **state)
{
    (void)state;
    static struct country_distances distances;
    random_state = 3;
    for (int i = 0; i < 20; i++) {
        struct place s = random_place();
        struct sensor_position here = {s.lat, s.lon, 10};
        country_distances_measure(s.lat, s.lon, &distances);
        for (size_t r = 0; r < boundary_ring_count; r += 7) {
            enum rtt_exclusion before = RTT_EXCLUDES_IN_VACUUM;
            for (int64_t rtt_ns = 0; rtt_ns < 250000000; rtt_ns += 500000) {
                enum rtt_exclusion now = rtt_excludes(&here, &distances, boundary_rings[r].country, rtt_ns, 1000);
                assert_true(now <= before);
                before = now;
            }
            assert_int_equal(before, RTT_EXCLUDES_NO); /* half round the earth and back, in fibre */
        }
    }
    for (int64_t rtt_ns = 0; rtt_ns < 1000000000; rtt_ns = rtt_ns * 3 + 1)
        assert_true(rtt_radius_fibre_km(rtt_ns, 1000) < rtt_radius_vacuum_km(rtt_ns, 1000));
}

static void distances_change_no_faster_than_one_moves(void **state)
{
    (void)state;
    random_state = 4;
    for (int i = 0; i < 2000; i++) {
        struct place a = random_place(), b = {a.lat + random_share() - 0.5, a.lon + random_share() - 0.5};
        struct country country = boundary_rings[(size_t)(random_share() * (double)boundary_ring_count)].country;
        if (b.lat > 90 || b.lat < -90)
            continue;
        double from_a = distance_to_country_km(a.lat, a.lon, country);
        double from_b = distance_to_country_km(b.lat, b.lon, country);
        assert_true(fabs(from_a - from_b) <= arc_km(a, b) + 0.05);
    }
}

/* --- the rule ---------------------------------------------------------------------------------------------------- */

static void the_margins_are_ellipsoid_position_boundary_and_clock(void **state)
{
    (void)state;
    static struct country_distances distances;
    struct country ru = country_of("RU");
    distances.km[('R' - 'A') * 26 + ('U' - 'A')] = 1000;
    struct sensor_position here = {0, 0, 0}, doubtful = {0, 0, 100};
    /* 0.994 * 1000 - 25 = 969 km: 6.4645 ms of vacuum, 9.4899 of fibre */
    assert_int_equal(rtt_excludes(&here, &distances, ru, 6464000, 0), RTT_EXCLUDES_IN_VACUUM);
    assert_int_equal(rtt_excludes(&here, &distances, ru, 6466000, 0), RTT_EXCLUDES_IN_FIBRE);
    assert_int_equal(rtt_excludes(&here, &distances, ru, 9489000, 0), RTT_EXCLUDES_IN_FIBRE);
    assert_int_equal(rtt_excludes(&here, &distances, ru, 9491000, 0), RTT_EXCLUDES_NO);
    assert_int_equal(rtt_excludes(&here, &distances, ru, 6464000, 1000000), RTT_EXCLUDES_IN_FIBRE);
    assert_int_equal(rtt_excludes(&doubtful, &distances, ru, 6464000, 0), RTT_EXCLUDES_IN_FIBRE);
    assert_int_equal(rtt_excludes(&doubtful, &distances, ru, 5797000, 0), RTT_EXCLUDES_IN_VACUUM);
}

static void a_negative_or_endless_round_trip_excludes_nothing(void **state)
{
    (void)state;
    static struct country_distances distances;
    struct sensor_position here = {50.11, 8.68, 1};
    country_distances_measure(here.lat, here.lon, &distances);
    assert_int_equal(rtt_excludes(&here, &distances, country_of("CN"), 0, 0), RTT_EXCLUDES_IN_VACUUM);
    assert_int_equal(rtt_excludes(&here, &distances, country_of("CN"), -1, 0), RTT_EXCLUDES_NO);
    assert_int_equal(rtt_excludes(&here, &distances, country_of("CN"), INT64_MIN, INT64_MAX), RTT_EXCLUDES_NO);
    assert_int_equal(rtt_excludes(&here, &distances, country_of("CN"), 0, -1), RTT_EXCLUDES_NO);
    assert_int_equal(rtt_excludes(&here, &distances, country_of("CN"), INT64_MAX, INT64_MAX), RTT_EXCLUDES_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips_that_exclude_are_those_of_natural_earth_or_shorter),
        cmocka_unit_test(distances_of_a_few_places_are_exact),
        cmocka_unit_test(places_inside_a_country_are_at_no_distance_on_both_sides_of_the_antimeridian),
        cmocka_unit_test(territories_are_not_the_country_they_belong_to),
        cmocka_unit_test(a_hole_is_outside_and_what_stands_in_it_is_inside),
        cmocka_unit_test(a_pole_is_one_place_whatever_its_longitude),
        cmocka_unit_test(the_antimeridian_is_no_wall),
        cmocka_unit_test(a_straight_edge_is_a_parallel_not_an_arc),
        cmocka_unit_test(a_code_without_a_boundary_has_no_distance_and_is_never_excluded),
        cmocka_unit_test(every_assigned_code_has_a_boundary),
        cmocka_unit_test(boundaries_are_ordered_whole_and_on_the_earth),
        cmocka_unit_test(a_sensor_inside_a_country_never_excludes_it),
        cmocka_unit_test(light_from_inside_a_country_never_excludes_it),
        cmocka_unit_test(a_longer_round_trip_excludes_less_and_vacuum_no_more_than_fibre),
        cmocka_unit_test(distances_change_no_faster_than_one_moves),
        cmocka_unit_test(the_margins_are_ellipsoid_position_boundary_and_clock),
        cmocka_unit_test(a_negative_or_endless_round_trip_excludes_nothing),
    };
    return cmocka_run_group_tests_name("geo/distance", tests, NULL, NULL);
}
