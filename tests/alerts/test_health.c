#include "health.h"

#include "test.h"

enum { TOLD_MAX = 64, DAY_SEC = 86400 };

static const int64_t began_sec = 1800000000;

struct told {
    enum health_condition condition;
    bool is_raised;
    uint64_t value, threshold;
    uint32_t window_sec;
    char subject[SAMPLE_NAME_SIZE], unit[16], sentence[512];
    int64_t second; /* of the run */
};

static struct told told[TOLD_MAX];
static size_t told_count;
static struct health *health;
static struct run_sample s;

static void keep(void *context, const struct health_record *r)
{
    (void)context;
    assert_true(told_count < TOLD_MAX);
    struct told *t = &told[told_count++];
    *t = (struct told){r->condition, r->is_raised, r->value, r->threshold, r->window_sec, "", "", "", 0};
    snprintf(t->subject, sizeof(t->subject), "%s", r->subject != NULL ? r->subject : "");
    snprintf(t->unit, sizeof(t->unit), "%s", r->unit);
    snprintf(t->sentence, sizeof(t->sentence), "%s", r->sentence);
    t->second = packet_time_sec(r->time) - began_sec;
    assert_string_equal(r->sensor, "tap-1");
}

static int set_up(void **state)
{
    (void)state;
    told_count = 0;
    s = (struct run_sample){.time = packet_time_from_sec(began_sec), .clock_ns = began_sec * NS_PER_SEC};
    return health_new("tap-1", &health);
}

static int tear_down(void **state)
{
    (void)state;
    health_free(health);
    return 0;
}

static void take(void)
{
    health_take(health, &s, keep, NULL);
}

/* A second goes by, then the sample is taken. */
static void tick(void)
{
    s.time.ns += NS_PER_SEC;
    s.clock_ns += NS_PER_SEC;
    s.steady_ns += NS_PER_SEC;
    take();
}

static void ticks(unsigned seconds)
{
    while (seconds-- > 0)
        tick();
}

static struct interface_counts *add_link(const char *name)
{
    struct interface_counts *link = &s.links[s.link_count++];
    *link = (struct interface_counts){.packets_dropped_by_kernel.is_known = true,
                                      .packets_dropped_by_interface.is_known = true};
    snprintf(link->name, sizeof(link->name), "%s", name);
    return link;
}

static void count(const char *group, const char *name, uint64_t value)
{
    run_sample_count(&s, &(struct counter){group, name, value});
}

static void assert_told(size_t at, enum health_condition condition, bool is_raised)
{
    if (at >= told_count)
        fail_msg("only %zu records were told, %s is missing", told_count, health_condition_text(condition));
    assert_string_equal(health_condition_text(told[at].condition), health_condition_text(condition));
    assert_int_equal(told[at].is_raised, is_raised);
}

/* @p lost of every 10,000 packets that come each second, for so long. */
static void drop(struct interface_counts *link, unsigned lost, unsigned seconds)
{
    while (seconds-- > 0) {
        link->packets_received += 10000 - lost;
        link->packets_dropped_by_kernel.value += lost;
        tick();
    }
}

static void drops_are_raised_within_ten_seconds_and_cleared_by_a_better_minute(void **state)
{
    (void)state;
    struct interface_counts *link = add_link("span0");
    take();
    drop(link, 10, 20); /* 0.1 % is not over 0.1 % */
    assert_int_equal(told_count, 0);

    drop(link, 11, 10);
    assert_int_equal(told_count, 1);
    assert_told(0, HEALTH_KERNEL_DROPS, true);
    assert_string_equal(told[0].subject, "span0");
    assert_string_equal(told[0].unit, "percent");
    assert_int_equal(told[0].value, 110);
    assert_int_equal(told[0].threshold, 100);
    assert_int_equal(told[0].window_sec, 10);
    assert_int_equal(told[0].second, 30);
    assert_string_equal(told[0].sentence,
                        "span0: 110 packets were dropped by the kernel in the last 10 s, 0.11 % of 100000: what was in "
                        "them is not known; the sensor needs more processor time or a larger ring");
    assert_int_equal(health_raised(health), 1 << HEALTH_KERNEL_DROPS);

    drop(link, 6, 300); /* better, but not half as good */
    assert_int_equal(told_count, 1);

    drop(link, 5, 59);
    assert_int_equal(told_count, 1);
    drop(link, 5, 1);
    assert_int_equal(told_count, 2);
    assert_told(1, HEALTH_KERNEL_DROPS, false);
    assert_int_equal(told[1].window_sec, 60);
    assert_string_equal(told[1].sentence, "span0: 300 packets were dropped by the kernel in the last minute, 0.05 % of "
                                          "600000");
    assert_int_equal(health_raised(health), 0);
}

static void drops_that_come_and_go_do_not_flap(void **state)
{
    (void)state;
    struct interface_counts *link = add_link("span0");
    take();
    for (unsigned i = 0; i < 20; i++) {
        drop(link, 100, 10);
        drop(link, 0, 20);
    }
    assert_int_equal(told_count, 1);
}

static void each_interface_has_its_own_state(void **state)
{
    (void)state;
    struct interface_counts *a = add_link("span0"), *b = add_link("span1");
    take();
    for (unsigned i = 0; i < 10; i++) {
        a->packets_received += 100;
        b->packets_received += 100;
        b->packets_dropped_by_interface.value += 100;
        tick();
    }
    assert_int_equal(told_count, 1);
    assert_told(0, HEALTH_INTERFACE_DROPS, true);
    assert_string_equal(told[0].subject, "span1");
    assert_int_equal(told[0].value, 50000);
}

static void unknown_drops_raise_nothing_and_clear_nothing(void **state)
{
    (void)state;
    struct interface_counts *link = add_link("span0");
    link->packets_dropped_by_kernel.is_known = false;
    take();
    drop(link, 5000, 30);
    assert_int_equal(told_count, 0);

    link->packets_dropped_by_kernel.is_known = true;
    drop(link, 5000, 20);
    assert_int_equal(told_count, 1);
    link->packets_dropped_by_kernel.is_known = false;
    drop(link, 0, 200);
    assert_int_equal(told_count, 1);
}

static void counts_that_begin_anew_are_no_flood(void **state)
{
    (void)state;
    struct interface_counts *link = add_link("span0");
    link->packets_received = UINT64_MAX / 2;
    link->packets_dropped_by_kernel.value = 1000000;
    s.link_count = 0;
    take();
    s.link_count = 1; /* opened later: what it counted before is no news */
    tick();
    drop(link, 0, 20);
    assert_int_equal(told_count, 0);

    link->packets_received = link->packets_dropped_by_kernel.value = 0;
    drop(link, 0, 20);
    assert_int_equal(told_count, 0);
}

static void silence_is_raised_once_and_a_sparse_link_is_no_silence(void **state)
{
    (void)state;
    struct interface_counts *link = add_link("span0");
    take();
    ticks(9);
    assert_int_equal(told_count, 0);
    tick();
    assert_told(0, HEALTH_NOTHING_ARRIVES, true);
    assert_string_equal(told[0].sentence, "span0: nothing arrived for 10 s: look at the mirror port and its cable");

    link->packets_received++;
    ticks(10);
    assert_told(1, HEALTH_NOTHING_ARRIVES, false);
    assert_string_equal(told[1].sentence, "span0: packets arrive again");

    for (unsigned i = 0; i < 100; i++) { /* a packet each 50 s */
        ticks(49);
        link->packets_received++;
        tick();
    }
    assert_int_equal(told_count, 2);
    ticks(70);
    assert_int_equal(told_count, 3);
    assert_told(2, HEALTH_NOTHING_ARRIVES, true);
    assert_int_equal(told[2].window_sec, 60);
}

static void an_interface_that_vanishes_is_told_at_once_and_not_as_silent_too(void **state)
{
    (void)state;
    struct interface_counts *link = add_link("span0");
    take();
    link->state = INTERFACE_GONE;
    tick();
    assert_int_equal(told_count, 1);
    assert_told(0, HEALTH_INTERFACE_GONE, true);
    ticks(100);
    assert_int_equal(told_count, 1);

    link->state = INTERFACE_UP;
    link->packets_received = 1;
    tick();
    assert_int_equal(told_count, 2);
    assert_told(1, HEALTH_INTERFACE_GONE, false);
    assert_string_equal(told[1].sentence, "span0 is back");
}

static void events_of_our_own_are_raised_by_one_and_cleared_by_a_minute_without(void **state)
{
    (void)state;
    static const struct {
        const char *group, *name;
        enum health_condition condition;
    } rows[] = {
        {"flow", "ended_evicted", HEALTH_FLOWS_EVICTED},
        {"engine", "out_of_memory", HEALTH_PACKETS_LOST},
        {"source", "packets_captured_short", HEALTH_PACKETS_SNAPPED},
    };
    take();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        told_count = 0;
        count(rows[i].group, rows[i].name, 1);
        ticks(10);
        assert_int_equal(told_count, 1);
        assert_told(0, rows[i].condition, true);
        assert_int_equal(told[0].value, 1000);
        ticks(60);
        assert_int_equal(told_count, 2);
        assert_told(1, rows[i].condition, false);
    }
}

static void a_clock_step_is_raised(void **state)
{
    (void)state;
    take();
    s.clock_steps = 2;
    ticks(10);
    assert_told(0, HEALTH_CLOCK_STEPPED, true);
    assert_string_equal(told[0].sentence, "2 times the clock was set back or forth in the last 10 s: times around that "
                                          "moment are not to be trusted");
}

static void one_direction_needs_enough_flows(void **state)
{
    (void)state;
    take();
    s.sides = (struct flow_sides){9, 9};
    ticks(20);
    assert_int_equal(told_count, 0);
    s.sides = (struct flow_sides){1000, 200};
    ticks(20);
    assert_int_equal(told_count, 0);
    s.sides.one_sided = 201;
    ticks(10);
    assert_told(0, HEALTH_ONE_DIRECTION, true);
    assert_int_equal(told[0].value, 20100);
    s.sides = (struct flow_sides){0, 0}; /* no flows at all say nothing of the mirror */
    ticks(200);
    assert_int_equal(told_count, 1);
    s.sides.proven = 1000;
    ticks(60);
    assert_int_equal(told_count, 2);
    assert_told(1, HEALTH_ONE_DIRECTION, false);
}

static void duplicates_are_both_kinds(void **state)
{
    (void)state;
    take();
    s.packets = 10000;
    count("duplicates", "packets_equal", 300);
    count("duplicates", "packets_changed_on_the_way", 201);
    ticks(10);
    assert_int_equal(told_count, 1);
    assert_told(0, HEALTH_DUPLICATES, true);
    assert_int_equal(told[0].value, 5010);
}

static void old_data_is_told_by_its_name_and_cleared_by_newer(void **state)
{
    (void)state;
    s.database_count = 2;
    s.databases[0] = (struct data_sample){"Places", began_sec - 61 * DAY_SEC};
    s.databases[1] = (struct data_sample){"Without a date", 0};
    s.catalogue = (struct data_sample){"catalogue", began_sec - 180 * DAY_SEC};
    take();
    assert_int_equal(told_count, 1);
    assert_told(0, HEALTH_DATABASE_STALE, true);
    assert_string_equal(told[0].sentence, "Places is 61 days old, more than 60: addresses move; fetch newer");
    ticks(100);
    assert_int_equal(told_count, 1);

    s.clock_ns += DAY_SEC * NS_PER_SEC;
    tick();
    assert_told(1, HEALTH_CATALOGUE_STALE, true);

    s.databases[0].built_sec = began_sec;
    tick();
    assert_told(2, HEALTH_DATABASE_STALE, false);
    assert_string_equal(told[2].sentence, "Places is no longer too old");

    s.databases[0].built_sec = 1;
    tick();
    assert_told(3, HEALTH_DATABASE_STALE, true);
    s.database_count = 0; /* another one took its place */
    tick();
    assert_told(4, HEALTH_DATABASE_STALE, false);
    assert_int_equal(health_raised(health), 1 << HEALTH_CATALOGUE_STALE);
}

static void feeds_and_store_that_fail_are_told(void **state)
{
    (void)state;
    s.feed_count = 1;
    s.feeds[0] = (struct feed_sample){.name = "unix:/run/soc"};
    s.has_store = true;
    take();
    assert_int_equal(told_count, 0);
    s.feeds[0].is_failing = s.is_store_failing = true;
    tick();
    assert_told(0, HEALTH_FEED_FAILING, true);
    assert_string_equal(told[0].subject, "unix:/run/soc");
    assert_told(1, HEALTH_STORE_FAILING, true);
    s.feeds[0].is_failing = s.is_store_failing = false;
    tick();
    assert_told(2, HEALTH_FEED_FAILING, false);
    assert_told(3, HEALTH_STORE_FAILING, false);
}

static void a_run_that_is_over_is_judged_by_its_totals(void **state)
{
    (void)state;
    s.packets = 1000;
    s.clock_steps = 1;
    s.sides = (struct flow_sides){20, 10};
    count("duplicates", "packets_equal", 50);
    count("flow", "ended_evicted", 3);
    add_link("span0");
    health_take_whole(health, &s, keep, NULL);
    assert_int_equal(told_count, 3);
    assert_told(0, HEALTH_FLOWS_EVICTED, true);
    assert_int_equal(told[0].window_sec, 0);
    assert_string_equal(told[0].sentence, "3 flows were ended early to make room in the whole run: raise --max-flows");
    assert_told(1, HEALTH_ONE_DIRECTION, true);
    assert_told(2, HEALTH_CLOCK_STEPPED, true);
}

static void more_subjects_than_fit_are_passed_over(void **state)
{
    (void)state;
    s.link_count = SAMPLE_LINKS_MAX;
    s.feed_count = SAMPLE_FEEDS_MAX;
    s.database_count = SAMPLE_DATA_MAX;
    for (unsigned i = 0; i < SAMPLE_LINKS_MAX; i++)
        s.links[i].state = INTERFACE_DOWN;
    for (unsigned i = 0; i < SAMPLE_LINKS_MAX; i++)
        snprintf(s.links[i].name, INTERFACE_NAME_SIZE, "link%u", i);
    for (unsigned i = 0; i < SAMPLE_FEEDS_MAX; i++)
        snprintf(s.feeds[i].name, SAMPLE_NAME_SIZE, "feed%u", i);
    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = 0; i < SAMPLE_DATA_MAX; i++) {
            snprintf(s.databases[i].name, SAMPLE_NAME_SIZE, "%u-%u", round, i);
            s.databases[i].built_sec = began_sec;
        }
        ticks(10);
    }
    assert_int_equal(told_count, SAMPLE_LINKS_MAX);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(drops_are_raised_within_ten_seconds_and_cleared_by_a_better_minute),
        CASE(drops_that_come_and_go_do_not_flap),
        CASE(each_interface_has_its_own_state),
        CASE(unknown_drops_raise_nothing_and_clear_nothing),
        CASE(counts_that_begin_anew_are_no_flood),
        CASE(silence_is_raised_once_and_a_sparse_link_is_no_silence),
        CASE(an_interface_that_vanishes_is_told_at_once_and_not_as_silent_too),
        CASE(events_of_our_own_are_raised_by_one_and_cleared_by_a_minute_without),
        CASE(a_clock_step_is_raised),
        CASE(one_direction_needs_enough_flows),
        CASE(duplicates_are_both_kinds),
        CASE(old_data_is_told_by_its_name_and_cleared_by_newer),
        CASE(feeds_and_store_that_fail_are_told),
        CASE(a_run_that_is_over_is_judged_by_its_totals),
        CASE(more_subjects_than_fit_are_passed_over),
    };
    return cmocka_run_group_tests_name("alerts/health", tests, NULL, NULL);
}
