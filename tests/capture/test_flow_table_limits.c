#include "flow_fixture.h"

/* --- time that is wrong ----------------------------------------------------------------------------------------- */

static void last_never_goes_back_and_first_is_the_earliest(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    touch(f, numbered(1, IP_PROTO_UDP), 100);

    touch(f, numbered(1, IP_PROTO_UDP), 90);
    touch(f, numbered(1, IP_PROTO_UDP), 95);

    assert_false(f->is_new);
    assert_int_equal(f->flow->first.ns, 90 * NS_PER_SEC);
    assert_int_equal(f->flow->last.ns, 100 * NS_PER_SEC);
    assert_int_equal(flow_count_of(f, "packets_back_in_time"), 2);
    fixture_free(f);
}

static void times_at_either_end_of_the_range_do_no_harm(void **state)
{
    (void)state;
    static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    const size_t count = sizeof(ends) / sizeof(ends[0]);
    struct fixture *f = fixture_new(10, 1);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            touch_ns(f, numbered(1, IP_PROTO_UDP), ends[i]);
            touch_ns(f, numbered(1, IP_PROTO_UDP), ends[j]);
            flow_table_expire(f->table, (struct packet_time){ends[i]});
            flow_table_expire(f->table, (struct packet_time){ends[j]});
        }
    }
    flow_table_drain(f->table, FLOW_END_INPUT);

    assert_int_equal(flow_table_size(f->table), 0);
    assert_int_equal(flow_count_of(f, "created"), f->ended_count);
    fixture_free(f);
}

static void a_flow_from_the_future_stays_and_does_not_hold_up_the_others(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(100, 1);
    touch(f, numbered(1, IP_PROTO_UDP), 1000000);
    for (uint32_t i = 2; i < 10; i++)
        touch(f, numbered(i, IP_PROTO_UDP), 100);

    flow_table_expire(f->table, packet_time_from_sec(500));

    assert_int_equal(f->ended_count, 8);
    assert_int_equal(flow_table_size(f->table), 1);
    fixture_free(f);
}

static void how_packets_fall_into_flows_does_not_depend_on_sweeping(void **state)
{
    (void)state;
    uint64_t created[3];
    for (int every = 0; every < 3; every++) {
        struct fixture *f = fixture_new(1000, 1);
        uint32_t x = 12345;
        int64_t ns = 0;
        for (int i = 0; i < 20000; i++) {
            x = x * 1664525 + 1013904223;
            ns += (int64_t)(x >> 8) * 2000; /* up to 33 s */
            touch_ns(f, numbered(x >> 26, x & 1 << 20 ? IP_PROTO_UDP : IP_PROTO_ICMP), ns);
            if (every > 0 && i % (every == 1 ? 1 : 137) == 0)
                flow_table_expire(f->table, (struct packet_time){ns});
        }
        created[every] = flow_count_of(f, "created");
        fixture_free(f);
    }

    assert_true(created[0] > 1000);
    assert_int_equal(created[0], created[1]);
    assert_int_equal(created[0], created[2]);
}

/* --- a full table ----------------------------------------------------------------------------------------------- */

static void a_full_table_lets_the_least_recently_used_flow_go(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(4, 1);
    for (uint32_t i = 0; i < 4; i++) {
        touch(f, numbered(i, i % 2 ? IP_PROTO_UDP : IP_PROTO_ICMP), 10 + i);
        touch(f, answer_to(numbered(i, i % 2 ? IP_PROTO_UDP : IP_PROTO_ICMP)), 10 + i);
    }
    touch(f, numbered(0, IP_PROTO_ICMP), 20);

    touch(f, numbered(9, IP_PROTO_UDP), 21);

    assert_ended(f, 0, 3, FLOW_END_EVICTED); /* of UDP flow 1, its packet 3 */
    assert_int_equal(flow_table_size(f->table), 4);
    assert_int_equal(flow_count_of(f, "ended_evicted"), 1);
    assert_int_equal(flow_count_of(f, "alive_peak"), 4);
    fixture_free(f);
}

static void a_flood_does_not_push_out_flows_that_were_answered(void **state)
{
    (void)state;
    static const uint8_t floods[] = {IP_PROTO_TCP, IP_PROTO_UDP, IP_PROTO_SCTP};
    for (size_t k = 0; k < sizeof(floods); k++) {
        struct fixture *f = fixture_new(1000, 1);
        for (uint32_t i = 0; i < 500; i++) {
            touch(f, numbered(i, IP_PROTO_UDP), 10);
            touch(f, answer_to(numbered(i, IP_PROTO_UDP)), 10);
        }

        for (uint32_t i = 0; i < 20000; i++) {
            struct decoded p = numbered(1000 + i, floods[k]);
            p.tcp_flags = TCP_SYN;
            touch_ns(f, p, 20 * NS_PER_SEC + i * 1000);
        }

        for (uint32_t i = 0; i < 500; i++) {
            touch(f, numbered(i, IP_PROTO_UDP), 40);
            assert_false(f->is_new);
        }
        assert_int_equal(flow_count_of(f, "evicted_unanswered"), flow_count_of(f, "ended_evicted"));
        assert_int_equal(flow_count_of(f, "ended_evicted"), 19500);
        fixture_free(f);
    }
}

static void half_open_connections_count_as_unanswered(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(100, 1);
    open_connection(f, 500, 10);

    for (uint32_t i = 0; i < 1000; i++) { /* forged clients: the server answers, they never do */
        struct decoded syn = numbered(i, IP_PROTO_TCP);
        syn.tcp_flags = TCP_SYN;
        touch(f, syn, 11);
        struct decoded answer = answer_to(syn);
        answer.tcp_flags = TCP_SYN | TCP_ACK;
        touch(f, answer, 11);
    }

    touch(f, tcp_out(TCP_ACK, 501), 12);
    assert_false(f->is_new);
    fixture_free(f);
}

static void a_table_full_of_quiet_flows_still_lets_new_ones_settle(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(100, 1);
    for (uint32_t i = 0; i < 100; i++) {
        touch(f, numbered(i, IP_PROTO_UDP), 10);
        touch(f, answer_to(numbered(i, IP_PROTO_UDP)), 10);
    }

    for (uint32_t i = 0; i < 5; i++) /* five queries at once, their answers after */
        touch(f, numbered(1000 + i, IP_PROTO_UDP), 20);
    for (uint32_t i = 0; i < 5; i++) {
        touch(f, answer_to(numbered(1000 + i, IP_PROTO_UDP)), 20);
        assert_false(f->is_new);
    }

    assert_int_equal(flow_count_of(f, "evicted_unanswered"), 0);
    fixture_free(f);
}

static void a_closed_flow_makes_room_before_any_other(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(3, 1);
    touch(f, numbered(1, IP_PROTO_UDP), 1);
    open_connection(f, 500, 10);
    close_connection(f, 10);
    touch(f, numbered(2, IP_PROTO_UDP), 11);

    touch(f, numbered(3, IP_PROTO_UDP), 11);

    assert_ended(f, 0, 2, FLOW_END_FIN);
    assert_int_equal(flow_count_of(f, "closed_early_for_room"), 1);
    assert_int_equal(flow_count_of(f, "ended_evicted"), 0);
    fixture_free(f);
}

/* --- against a model, and whatever the seed --------------------------------------------------------------------- */

static void run_traffic(struct fixture *f, uint32_t packets)
{
    uint32_t x = 1;
    for (uint32_t i = 0; i < packets; i++) {
        x = x * 1664525 + 1013904223;
        struct decoded p = numbered((x >> 8) % 3000, (x >> 24) % 4 == 0 ? IP_PROTO_TCP : IP_PROTO_UDP);
        p.tcp_flags = (uint8_t)(x >> 21 & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK));
        p.tcp_sequence = x >> 30;
        touch_ns(f, x & 1 << 20 ? answer_to(p) : p, (int64_t)i * 20000000);
        if (i % 500 == 0)
            flow_table_expire(f->table, (struct packet_time){(int64_t)i * 20000000});
    }
    flow_table_drain(f->table, FLOW_END_INPUT);
}

static void what_ends_when_does_not_depend_on_the_hash_seed(void **state)
{
    (void)state;
    struct fixture *a = fixture_new(500, 1), *b = fixture_new(500, UINT64_C(0xdeadbeefcafe));

    run_traffic(a, 30000);
    run_traffic(b, 30000);

    assert_true(a->ended_count > 4000);
    assert_int_equal(a->ended_count, b->ended_count);
    assert_memory_equal(a->ended, b->ended, sizeof(a->ended));
    fixture_free(a);
    fixture_free(b);
}

static void no_packet_is_lost_between_flows(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(400, 7);
    run_traffic(f, 3000);
    assert_true(f->ended_count < ENDED_MAX);
    uint64_t packets = 0;

    for (size_t i = 0; i < f->ended_count; i++)
        packets += f->ended[i].packets;

    assert_int_equal(packets, 3000);
    assert_int_equal(flow_count_of(f, "created"), f->ended_count);
    fixture_free(f);
}

static void every_flow_is_found_again_while_the_index_grows_and_shrinks(void **state)
{
    (void)state;
    enum { FLOWS = 50000 };
    struct fixture *f = fixture_new(FLOWS, 3);
    for (uint32_t i = 0; i < FLOWS; i++) {
        touch(f, numbered(i, IP_PROTO_UDP), 100);
        assert_true(f->is_new);
    }
    for (uint32_t i = 0; i < FLOWS; i++) {
        touch(f, answer_to(numbered(i, IP_PROTO_UDP)), 200);
        assert_false(f->is_new);
    }

    for (int64_t base = 200; base < 800; base += 200) { /* odd ones go and come back */
        for (uint32_t i = 0; i < FLOWS; i += 2)
            touch(f, numbered(i, IP_PROTO_UDP), base + 100);
        flow_table_expire(f->table, packet_time_from_sec(base + 190));
        assert_int_equal(flow_table_size(f->table), FLOWS / 2);
        for (uint32_t i = 0; i < FLOWS; i++) {
            touch(f, numbered(i, IP_PROTO_UDP), base + 200);
            assert_int_equal(f->is_new, i % 2);
        }
    }

    assert_int_equal(flow_table_size(f->table), FLOWS);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_never_goes_back_and_first_is_the_earliest),
        cmocka_unit_test(times_at_either_end_of_the_range_do_no_harm),
        cmocka_unit_test(a_flow_from_the_future_stays_and_does_not_hold_up_the_others),
        cmocka_unit_test(how_packets_fall_into_flows_does_not_depend_on_sweeping),
        cmocka_unit_test(a_full_table_lets_the_least_recently_used_flow_go),
        cmocka_unit_test(a_flood_does_not_push_out_flows_that_were_answered),
        cmocka_unit_test(half_open_connections_count_as_unanswered),
        cmocka_unit_test(a_table_full_of_quiet_flows_still_lets_new_ones_settle),
        cmocka_unit_test(a_closed_flow_makes_room_before_any_other),
        cmocka_unit_test(what_ends_when_does_not_depend_on_the_hash_seed),
        cmocka_unit_test(no_packet_is_lost_between_flows),
        cmocka_unit_test(every_flow_is_found_again_while_the_index_grows_and_shrinks),
    };
    return cmocka_run_group_tests_name("capture/flow_table_limits", tests, NULL, NULL);
}
