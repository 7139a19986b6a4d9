#include "run_sample.h"

#include "test.h"

static struct run_sample s;

static void a_latency_falls_into_the_first_class_that_holds_it(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        unsigned class;
    } rows[] = {
        {INT64_MIN, 0}, {-1, 0},         {0, 0},           {5000000, 0},      {5000001, 1},
        {10000000, 1},  {1000000000, 7}, {10000000000, 9}, {10000000001, 10}, {INT64_MAX, 10},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct latency_sample latency = {.sum_ns = 0};
        latency_note(&latency, rows[i].ns);
        assert_int_equal(latency.counts[rows[i].class], 1);
        assert_int_equal(latency.sum_ns, rows[i].ns > 0 ? rows[i].ns : 0);
    }
}

static void counters_of_one_name_are_one_and_those_without_room_are_left_out(void **state)
{
    (void)state;
    static char names[SAMPLE_COUNTERS_MAX + 1][8];
    run_sample_count(&s, &(struct counter){"a", "x", 1});
    run_sample_count(&s, &(struct counter){"b", "x", 2});
    run_sample_count(&s, &(struct counter){"a", "x", 4});
    assert_int_equal(s.counter_count, 2);
    assert_int_equal(run_sample_counted(&s, "a", "x"), 5);
    assert_int_equal(run_sample_counted(&s, "b", "x"), 2);
    assert_int_equal(run_sample_counted(&s, "b", "y"), 0);
    for (unsigned i = 0; i <= SAMPLE_COUNTERS_MAX; i++) {
        snprintf(names[i], sizeof(names[i]), "%u", i);
        run_sample_count(&s, &(struct counter){"c", names[i], 1});
    }
    assert_int_equal(s.counter_count, SAMPLE_COUNTERS_MAX);
    run_sample_count(&s, &(struct counter){"a", "x", 1});
    assert_int_equal(run_sample_counted(&s, "a", "x"), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_latency_falls_into_the_first_class_that_holds_it),
        cmocka_unit_test(counters_of_one_name_are_one_and_those_without_room_are_left_out),
    };
    return cmocka_run_group_tests_name("base/run_sample", tests, NULL, NULL);
}
