/* An interface that goes and comes: what is asked of the system is answered here. */
#include "test.h"

#include "live_link_internal.h"
#include "live_ring_internal.h"

/* The system as the link sees it. */
static struct {
    int bound, there, hardware; /* indices, 0: none */
    bool is_running, refuses;
    unsigned times_listened;
} now;

static int bound_index(int fd)
{
    (void)fd;
    return now.bound;
}

static int index_of(int fd, const char *name)
{
    (void)fd;
    assert_string_equal(name, "span0");
    return now.there;
}

static int hardware_of(int fd, const char *name)
{
    (void)fd;
    (void)name;
    return now.there != 0 ? now.hardware : -1;
}

static bool is_running(int fd, const char *name)
{
    (void)fd;
    (void)name;
    return now.is_running;
}

static bool listen_to(int fd, int index)
{
    (void)fd;
    if (now.refuses)
        return false;
    now.times_listened++;
    now.bound = index;
    return true;
}

static const struct link_calls calls = {bound_index, index_of, hardware_of, is_running, listen_to};
static struct link link_;

static int set_up(void **state)
{
    (void)state;
    memset(&now, 0, sizeof(now));
    now.bound = now.there = 7;
    now.hardware = 1;
    now.is_running = true;
    link_init(&link_, &calls, 3, "span0");
    return 0;
}

static void nothing_happens_while_it_is_up(void **state)
{
    (void)state;

    assert_false(link_look(&link_));

    assert_int_equal(link_.state, INTERFACE_UP);
    assert_int_equal(now.times_listened, 0);
    assert_int_equal(link_.times_down + link_.times_gone, 0);
}

static void down_and_up_again_is_counted_once(void **state)
{
    (void)state;
    now.is_running = false;
    assert_false(link_look(&link_));
    assert_false(link_look(&link_));
    assert_int_equal(link_.state, INTERFACE_DOWN);

    now.is_running = true;
    assert_false(link_look(&link_));

    assert_int_equal(link_.state, INTERFACE_UP);
    assert_int_equal(link_.times_down, 1);
    assert_int_equal(now.times_listened, 0);
}

static void one_that_vanished_is_listened_to_when_it_is_back_under_another_index(void **state)
{
    (void)state;
    now.there = 0;
    now.bound = -1;
    assert_false(link_look(&link_));
    assert_false(link_look(&link_));
    assert_int_equal(link_.state, INTERFACE_GONE);
    assert_int_equal(now.times_listened, 0);

    now.there = 12;
    assert_true(link_look(&link_));

    assert_int_equal(link_.state, INTERFACE_UP);
    assert_int_equal(now.bound, 12);
    assert_int_equal(now.times_listened, 1);
    assert_int_equal(link_.times_gone, 1);
    assert_false(link_look(&link_));
}

static void one_that_came_back_between_two_looks_was_gone_too(void **state)
{
    (void)state;
    now.bound = -1;
    now.there = 8;

    assert_true(link_look(&link_));

    assert_int_equal(link_.state, INTERFACE_UP);
    assert_int_equal(link_.times_gone, 1);
}

static void one_that_is_back_but_down_is_listened_to_all_the_same(void **state)
{
    (void)state;
    now.bound = -1;
    now.there = 8;
    now.is_running = false;

    assert_true(link_look(&link_));

    assert_int_equal(link_.state, INTERFACE_DOWN);
    assert_int_equal(now.bound, 8);
}

static void it_is_tried_again_until_the_system_lets_us(void **state)
{
    (void)state;
    now.bound = -1;
    now.there = 8;
    now.refuses = true;
    assert_false(link_look(&link_));
    assert_false(link_look(&link_));
    assert_int_equal(link_.state, INTERFACE_GONE);
    assert_int_equal(link_.times_gone, 1);

    now.refuses = false;
    assert_true(link_look(&link_));

    assert_int_equal(link_.state, INTERFACE_UP);
}

static void one_of_the_name_but_another_kind_is_not_taken(void **state)
{
    (void)state;
    now.bound = -1;
    now.there = 8;
    now.hardware = 65534;

    assert_false(link_look(&link_));

    assert_int_equal(link_.state, INTERFACE_GONE);
    assert_int_equal(now.times_listened, 0);
}

static void a_number_counts_from_the_first_time_and_over_a_new_beginning(void **state)
{
    (void)state;
    struct running_count count = {0};
    const struct {
        bool is_known;
        uint64_t now, wanted;
    } rows[] = {
        {true, 100, 0}, {true, 103, 3}, {true, 103, 3}, {true, 2, 5}, {false, 0, 5}, {true, 9, 12},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        running_count_add(&count, rows[i].is_known, rows[i].now);

        assert_int_equal(count.total, rows[i].wanted);
        assert_int_equal(count.is_known, rows[i].is_known);
    }
}

static void wrong_names_and_filters_are_refused_with_one_sentence(void **state)
{
    (void)state;
    const char *const both[] = {"lo", "lo"};
    const char *const wrong[] = {"bordertap-no-such"};
    struct error error;

    assert_int_equal(live_check(&(struct live_options){.count = 0}, &error), STATUS_INVALID);
    assert_int_equal(live_check(&(struct live_options){.interfaces = wrong, .count = 1}, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "there is no interface 'bordertap-no-such'"));
    assert_int_equal(live_check(&(struct live_options){.interfaces = both, .count = 2}, &error), STATUS_INVALID);
    assert_int_equal(ring_check_filter("port 53 or", &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "--filter 'port 53 or': "));
    assert_int_equal(ring_check_filter("udp port 53", &error), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_happens_while_it_is_up, set_up),
        cmocka_unit_test_setup(down_and_up_again_is_counted_once, set_up),
        cmocka_unit_test_setup(one_that_vanished_is_listened_to_when_it_is_back_under_another_index, set_up),
        cmocka_unit_test_setup(one_that_came_back_between_two_looks_was_gone_too, set_up),
        cmocka_unit_test_setup(one_that_is_back_but_down_is_listened_to_all_the_same, set_up),
        cmocka_unit_test_setup(it_is_tried_again_until_the_system_lets_us, set_up),
        cmocka_unit_test_setup(one_of_the_name_but_another_kind_is_not_taken, set_up),
        cmocka_unit_test(a_number_counts_from_the_first_time_and_over_a_new_beginning),
        cmocka_unit_test(wrong_names_and_filters_are_refused_with_one_sentence),
    };
    return cmocka_run_group_tests_name("capture/live_link", tests, NULL, NULL);
}
