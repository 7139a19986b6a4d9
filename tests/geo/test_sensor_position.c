#include <math.h>

#include "distance/distance.h"
#include "test.h"

static void latitude_longitude_and_radius_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double lat, lon, radius_km;
    } rows[] = {
        {"50.11,8.68,5", 50.11, 8.68, 5},
        {"-33.9,-70,0.25", -33.9, -70, 0.25},
        {"90,180,0", 90, 180, 0},
        {"-90,-180,20038", -90, -180, 20038},
        {"-0,0,1", 0, 0, 1},
        {"000050.5,8,1", 50.5, 8, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sensor_position seen;

        assert_int_equal(sensor_position_parse(rows[i].text, &seen, NULL), STATUS_OK);

        assert_true(fabs(seen.lat - rows[i].lat) < 1e-9);
        assert_true(fabs(seen.lon - rows[i].lon) < 1e-9);
        assert_true(fabs(seen.radius_km - rows[i].radius_km) < 1e-9);
    }
}

static void anything_else_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "50.11,8.68", /* no default for how exactly it is known */
        "50.11,8.68,",
        "50.11,8.68,5,",
        "50.11,8.68,5 ",
        " 50.11,8.68,5",
        "50.11, 8.68,5",
        "+50.11,8.68,5",
        "--5,8,1",
        "-,8,1",
        ".5,8,1",
        "5.,8,1",
        "5.1.2,8,1",
        "nan,8,1",
        "50,inf,1",
        "5e1,8,1",
        "0x10,8,1",
        "50;8;1",
        "50.11N,8.68E,5",
        "90.0001,0,1",
        "-90.1,0,1",
        "0,180.1,1",
        "0,-181,1",
        "0,0,-1",
        "0,0,20039",
        "99999999999999999999999999999999999999999999999999999999999999,0,1",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sensor_position seen = {1, 2, 3};
        struct error error = {""};

        assert_int_equal(sensor_position_parse(rows[i], &seen, &error), STATUS_INVALID);

        assert_non_null(strstr(error.text, "'"));
        assert_true(seen.lat == 1 && seen.lon == 2 && seen.radius_km == 3);
    }
}

static void a_very_long_number_ends_like_any_other(void **state)
{
    (void)state;
    static char text[5000];
    struct sensor_position seen;
    memset(text, '9', sizeof(text) - 1);
    assert_int_equal(sensor_position_parse(text, &seen, NULL), STATUS_INVALID);
    memcpy(text + 2, ".", 1);
    memcpy(text + sizeof(text) - 5, ",0,1", 5);
    text[0] = '7';
    assert_int_equal(sensor_position_parse(text, &seen, NULL), STATUS_OK);
    assert_true(fabs(seen.lat - 80) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latitude_longitude_and_radius_are_read),
        cmocka_unit_test(anything_else_is_refused_with_a_sentence),
        cmocka_unit_test(a_very_long_number_ends_like_any_other),
    };
    return cmocka_run_group_tests_name("geo/sensor_position", tests, NULL, NULL);
}
