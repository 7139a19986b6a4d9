#include "flow_fixture.h"

static void assert_sides(struct flow_sides sides, uint64_t proven, uint64_t one_sided)
{
    assert_int_equal(sides.proven, proven);
    assert_int_equal(sides.one_sided, one_sided);
}

static struct flow_sides recent(const struct fixture *f, int64_t sec)
{
    return flow_table_sides_recent(f->table, packet_time_from_sec(sec));
}

static void one_side_counts_only_where_it_proves_the_other(void **state)
{
    (void)state;
    static const struct {
        uint8_t flags[3]; /* 0: no more */
        bool is_proof;
    } rows[] = {
        {{TCP_SYN}, false},
        {{TCP_SYN, TCP_SYN, TCP_SYN}, false},
        {{TCP_SYN | TCP_ACK}, false}, /* an answer to a forged address */
        {{TCP_RST | TCP_ACK}, false},
        {{TCP_SYN, TCP_ACK}, false},
        {{TCP_SYN, TCP_ACK | TCP_RST}, false},
        {{TCP_SYN, TCP_ACK, TCP_ACK | TCP_PSH}, true},
        {{TCP_SYN | TCP_ACK, TCP_ACK, TCP_ACK | TCP_FIN}, true},
        {{TCP_SYN, TCP_ACK, TCP_ACK}, false},
        {{TCP_ACK, TCP_ACK, TCP_ACK}, true}, /* in the middle of it */
        {{TCP_ACK | TCP_PSH, TCP_ACK, TCP_RST}, true},
        {{TCP_ACK | TCP_FIN, TCP_ACK}, false}, /* the end of one that is forgotten */
        {{TCP_PSH, TCP_PSH, TCP_PSH}, false},
        {{TCP_FIN, TCP_FIN, TCP_FIN}, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture *f = fixture_new(10, 1);
        for (size_t j = 0; j < 3 && rows[i].flags[j] != 0; j++)
            touch(f, tcp_out(rows[i].flags[j], 1), 100);
        assert_sides(recent(f, 100), rows[i].is_proof, rows[i].is_proof);
        assert_sides(flow_table_sides_ended(f->table), 0, 0);

        flow_table_drain(f->table, FLOW_END_INPUT);
        assert_sides(flow_table_sides_ended(f->table), rows[i].is_proof, rows[i].is_proof);
        assert_sides(recent(f, 100), 0, 0);
        fixture_free(f);
    }
}

static void both_sides_count_whatever_they_say(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    touch(f, tcp_out(TCP_SYN, 1), 100);
    touch(f, tcp_in(TCP_RST | TCP_ACK, 2), 100);
    assert_sides(recent(f, 100), 1, 0);
    flow_table_drain(f->table, FLOW_END_INPUT);
    assert_sides(flow_table_sides_ended(f->table), 1, 0);
    fixture_free(f);
}

static void other_protocols_say_nothing(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    touch(f, numbered(1, IP_PROTO_UDP), 100);
    flow_table_drain(f->table, FLOW_END_INPUT);
    assert_sides(flow_table_sides_ended(f->table), 0, 0);
    fixture_free(f);
}

static void only_the_last_minute_is_recent_and_the_look_is_bounded(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(4000, 1);
    for (uint32_t i = 0; i < 2000; i++) {
        struct decoded p = numbered(i, IP_PROTO_TCP);
        p.tcp_flags = TCP_ACK;
        for (unsigned packets = 0; packets < 3; packets++)
            touch(f, p, 100);
    }
    assert_sides(recent(f, 160), 512, 512);
    assert_sides(recent(f, 161), 0, 0);
    assert_sides(recent(f, 50), 512, 512); /* the clock went back */
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_side_counts_only_where_it_proves_the_other),
        cmocka_unit_test(both_sides_count_whatever_they_say),
        cmocka_unit_test(other_protocols_say_nothing),
        cmocka_unit_test(only_the_last_minute_is_recent_and_the_look_is_bounded),
    };
    return cmocka_run_group_tests_name("capture/flow_table_sides", tests, NULL, NULL);
}
