#include "test.h"

#include <stdlib.h>

#include "engine/event_internal.h"

static void a_kept_event_owns_what_it_points_at(void **state)
{
    (void)state;
    char host[] = "update.example";
    int work = 0;
    struct flow flow = {.number_low = 7, .inspection = &work};
    struct flow_facts facts = {.http.host = text_of(host)};
    struct event_list list = {0};

    event_list_add(&list, &(struct event){.number = 3, .flow = &flow, .facts = &facts, .kind = EVENT_NAMED});
    flow.number_low = 8;
    host[0] = 'X';

    assert_int_equal(list.count, 1);
    const struct event *kept = list.events[0];
    assert_int_equal(kept->number, 3);
    assert_int_equal(kept->flow->number_low, 7);
    assert_null(kept->flow->inspection);
    assert_true(text_equal(kept->facts->http.host, text_of("update.example")));
    event_list_clear(&list);
}

static void the_way_of_a_flow_is_copied(void **state)
{
    (void)state;
    const struct flow flow = {0};
    struct flow_path path = {.router_count = 1, .change = {.changes = 3}};
    struct event_list list = {0};

    event_list_add(&list, &(struct event){.flow = &flow, .path = &path, .kind = EVENT_PATH});
    path.router_count = 0;

    assert_int_equal(list.events[0]->path->router_count, 1);
    assert_int_equal(list.events[0]->path->change.changes, 3);
    event_list_clear(&list);
}

static void facts_that_are_handed_over_are_not_copied(void **state)
{
    (void)state;
    const struct flow flow = {0};
    struct flow_facts *facts = calloc(1, sizeof(*facts));
    struct event_list list = {0};

    event_list_add(&list, &(struct event){.flow = &flow, .facts = facts, .owned_facts = facts, .kind = EVENT_ENDED});

    assert_ptr_equal(list.events[0]->facts, facts);
    assert_ptr_equal(list.events[0]->owned_facts, facts);
    free(list.events[0]->owned_facts);
    event_list_clear(&list);
}

static void events_of_one_frame_go_by_its_packets(void **state)
{
    (void)state;
    const struct flow flow = {0};
    const struct event first = {.number = 9, .part = 0, .flow = &flow, .sequence = 5};
    const struct event second = {.number = 9, .part = 1, .flow = &flow, .sequence = 1};
    const struct event late = {.number = 9, .part = 0, .flow = &flow, .is_late = true};

    assert_true(event_is_before(&first, &second));
    assert_false(event_is_before(&second, &first));
    assert_true(event_is_before(&second, &late));
}

static void what_a_packet_caused_comes_before_what_came_late_by_first_packet(void **state)
{
    (void)state;
    const struct flow older = {.number_low = 1}, newer = {.number_low = 2};
    const struct event late_newer = {.number = 9, .flow = &newer, .kind = EVENT_ENDED, .is_late = true};
    const struct event late_older = {.number = 9, .flow = &older, .kind = EVENT_ENDED, .is_late = true};
    const struct event prompt = {.number = 9, .flow = &newer, .kind = EVENT_NAMED};
    struct event_list list = {0};
    event_list_add(&list, &prompt);
    event_list_add(&list, &late_newer);
    event_list_add(&list, &late_older);

    event_list_sort(&list);

    assert_false(list.events[0]->is_late);
    assert_int_equal(list.events[1]->flow->number_low, 1);
    assert_int_equal(list.events[2]->flow->number_low, 2);
    event_list_clear(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_event_owns_what_it_points_at),
        cmocka_unit_test(the_way_of_a_flow_is_copied),
        cmocka_unit_test(facts_that_are_handed_over_are_not_copied),
        cmocka_unit_test(events_of_one_frame_go_by_its_packets),
        cmocka_unit_test(what_a_packet_caused_comes_before_what_came_late_by_first_packet),
    };
    return cmocka_run_group_tests_name("engine/event", tests, NULL, NULL);
}
