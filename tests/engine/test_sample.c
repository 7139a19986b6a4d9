/* Counts of a run that goes on: who may ask, what travels with a batch, what comes out. */
#include "test.h"

#include "engine/sample_internal.h"

static struct sampler sampler;
static struct run_sample sample;

static int set_up(void **state)
{
    (void)state;
    memset(&sampler, 0, sizeof(sampler));
    return 0;
}

static void add(size_t part, const char *group, const char *name, uint64_t value)
{
    sample_part_add(&sampler.parts[part], &(struct counter){group, name, value});
}

static void nothing_begins_unless_asked_for(void **state)
{
    (void)state;

    assert_false(sampler_begin(&sampler));
    assert_false(sampler_take(&sampler, &sample));
}

static void one_batch_carries_what_was_asked_for(void **state)
{
    (void)state;

    sampler_ask(&sampler, &(struct run_sample){.clock_ns = 9});
    assert_true(sampler_begin(&sampler));
    assert_false(sampler_begin(&sampler));
    assert_false(sampler_take(&sampler, &sample)); /* not all steps have seen it */
    sampler_merge(&sampler);
    sampler_finish(&sampler);

    assert_true(sampler_take(&sampler, &sample));
    assert_false(sampler_take(&sampler, &sample));
}

static void asking_again_under_way_begins_no_second_one(void **state)
{
    (void)state;

    sampler_ask(&sampler, &(struct run_sample){.clock_ns = 9});
    assert_true(sampler_begin(&sampler));
    sampler_ask(&sampler, &(struct run_sample){.clock_ns = 9});
    assert_false(sampler_begin(&sampler));
    sampler_merge(&sampler);
    sampler_finish(&sampler);
    sampler_ask(&sampler, &(struct run_sample){.clock_ns = 9});
    assert_false(sampler_begin(&sampler));
    assert_true(sampler_take(&sampler, &sample));
}

static void counts_of_all_steps_are_added_up_by_group_and_name(void **state)
{
    (void)state;
    sampler_ask(&sampler, &(struct run_sample){.clock_ns = 9});
    assert_true(sampler_begin(&sampler));
    sampler.sample.packets = 7;
    add(0, "flow", "created", 3);
    add(1, "flow", "created", 4);
    add(1, "findings", "created", 1);
    sampler_merge(&sampler);
    sampler_finish(&sampler);

    assert_true(sampler_take(&sampler, &sample));

    assert_int_equal(sample.packets, 7);
    assert_int_equal(sample.clock_ns, 9);
    assert_int_equal(sample.counter_count, 2);
    assert_int_equal(sample.counters[0].value, 7);
    assert_int_equal(sample.counters[1].value, 1);
}

static void the_next_sample_has_nothing_of_the_last_one(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        sampler_ask(&sampler, &(struct run_sample){.clock_ns = 9});
        assert_true(sampler_begin(&sampler));
        add(0, "flow", "created", 5);
        sampler_merge(&sampler);
        sampler_finish(&sampler);
        assert_true(sampler_take(&sampler, &sample));
    }

    assert_int_equal(sample.counters[0].value, 5);
}

static void more_counts_than_there_is_room_for_are_left_out(void **state)
{
    (void)state;
    sampler_ask(&sampler, &(struct run_sample){.clock_ns = 9});
    assert_true(sampler_begin(&sampler));
    for (unsigned i = 0; i < SAMPLE_PART_COUNTERS_MAX + 5; i++)
        add(0, "flow", "created", 1);
    sampler_merge(&sampler);
    sampler_finish(&sampler);

    assert_true(sampler_take(&sampler, &sample));

    assert_int_equal(sample.counters[0].value, SAMPLE_PART_COUNTERS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_begins_unless_asked_for, set_up),
        cmocka_unit_test_setup(one_batch_carries_what_was_asked_for, set_up),
        cmocka_unit_test_setup(asking_again_under_way_begins_no_second_one, set_up),
        cmocka_unit_test_setup(counts_of_all_steps_are_added_up_by_group_and_name, set_up),
        cmocka_unit_test_setup(the_next_sample_has_nothing_of_the_last_one, set_up),
        cmocka_unit_test_setup(more_counts_than_there_is_room_for_are_left_out, set_up),
    };
    return cmocka_run_group_tests_name("engine/sample", tests, NULL, NULL);
}
