#include "test.h"

#include "engine/flow_paths_internal.h"

static struct flow flow_number(uint32_t number)
{
    return (struct flow){.hash = number * UINT32_C(2654435761), .number_low = number};
}

static void each_flow_has_its_own_until_it_is_forgotten(void **state)
{
    (void)state;
    struct flow_paths *paths;
    const struct flow a = flow_number(1), b = flow_number(2);
    assert_int_equal(flow_paths_new(&paths), STATUS_OK);
    assert_null(flow_paths_find(paths, &a));

    flow_paths_take(paths, &a)->change.changes = 7;

    assert_null(flow_paths_find(paths, &b));
    flow_paths_take(paths, &b)->change.changes = 8;
    assert_int_equal(flow_paths_find(paths, &a)->change.changes, 7);
    assert_ptr_equal(flow_paths_take(paths, &b), flow_paths_find(paths, &b));
    flow_paths_forget(paths, &a);
    flow_paths_forget(paths, &a);
    assert_null(flow_paths_find(paths, &a));
    assert_int_equal(flow_paths_find(paths, &b)->change.changes, 8);
    assert_int_equal(flow_paths_take(paths, &a)->change.changes, 0); /* a place that was used before */
    flow_paths_free(paths);
}

static void a_full_table_turns_away_and_takes_again(void **state)
{
    (void)state;
    struct flow_paths *paths;
    assert_int_equal(flow_paths_new(&paths), STATUS_OK);
    for (uint32_t i = 0; i < FLOW_PATHS_MAX; i++) {
        const struct flow flow = flow_number(i);
        flow_paths_take(paths, &flow)->change.changes = i + 1;
    }
    const struct flow more = flow_number(FLOW_PATHS_MAX), third = flow_number(3);

    assert_null(flow_paths_take(paths, &more));
    flow_paths_forget(paths, &third);

    assert_non_null(flow_paths_take(paths, &more));
    assert_null(flow_paths_take(paths, &third));
    for (uint32_t i = 4; i < FLOW_PATHS_MAX; i++) {
        const struct flow flow = flow_number(i);
        assert_int_equal(flow_paths_find(paths, &flow)->change.changes, i + 1);
        flow_paths_forget(paths, &flow);
        assert_null(flow_paths_find(paths, &flow));
    }
    flow_paths_free(paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_flow_has_its_own_until_it_is_forgotten),
        cmocka_unit_test(a_full_table_turns_away_and_takes_again),
    };
    return cmocka_run_group_tests_name("engine/flow_paths", tests, NULL, NULL);
}
