#include "packet_time.h"
#include "test.h"

static const struct {
    const char *text;
    int64_t ns;
} rows[] = {
    {"1970-01-01T00:00:00.000000Z", 0},
    {"2018-08-07T16:10:33.773168Z", INT64_C(1533658233773168000)},
    {"2000-02-29T23:59:59.999999Z", INT64_C(951868799999999000)},
    {"1969-12-31T23:59:59.999999Z", -1000},
    {"2200-01-01T00:00:00.000000Z", INT64_C(7258118400000000000)},
};

static void times_print_and_parse_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[PACKET_TIME_TEXT_SIZE];
        struct packet_time t;
        packet_time_print((struct packet_time){rows[i].ns}, text);
        assert_string_equal(text, rows[i].text);
        assert_true(packet_time_parse(text, &t));
        assert_int_equal(t.ns, rows[i].ns);
    }
}

static void the_extremes_of_the_type_print_whole(void **state)
{
    char text[PACKET_TIME_TEXT_SIZE];
    (void)state;
    packet_time_print((struct packet_time){INT64_MAX}, text);
    assert_string_equal(text, "2262-04-11T23:47:16.854775Z");
    packet_time_print((struct packet_time){INT64_MIN + 1}, text);
    assert_string_equal(text, "1677-09-21T00:12:43.145224Z");
}

static void offsets_and_bare_days_parse(void **state)
{
    struct packet_time a, b;
    (void)state;
    assert_true(packet_time_parse("2026-11-24", &a) && packet_time_parse("2026-11-24T01:30:00+01:30", &b));
    assert_int_equal(a.ns, b.ns);
}

static void what_is_no_day_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "2026",
                                        "2026-13-01",
                                        "2026-02-30",
                                        "2025-02-29",
                                        "2026-1-1",
                                        "2026-01-01T",
                                        "2026-01-01T24:00:00Z",
                                        "2026-01-01T00:00:00",
                                        "2026-01-01T00:00:00.Z",
                                        "2026-01-01x",
                                        "0000-01-01"};
    struct packet_time t;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(packet_time_parse(wrong[i], &t));
}

static void distances_do_not_overflow(void **state)
{
    struct packet_time low = {INT64_MIN}, high = {INT64_MAX};
    (void)state;
    assert_int_equal(packet_time_between(low, high), INT64_MAX);
    assert_int_equal(packet_time_between(high, low), INT64_MIN);
    assert_int_equal(packet_time_sec((struct packet_time){-1}), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_print_and_parse_back),  cmocka_unit_test(the_extremes_of_the_type_print_whole),
        cmocka_unit_test(offsets_and_bare_days_parse), cmocka_unit_test(what_is_no_day_is_refused),
        cmocka_unit_test(distances_do_not_overflow),
    };
    return cmocka_run_group_tests_name("base/packet_time", tests, NULL, NULL);
}
