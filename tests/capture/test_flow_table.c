#include "flow_fixture.h"

/* --- records ---------------------------------------------------------------------------------------------------- */

static void a_record_stays_within_its_size(void **state)
{
    (void)state;
    assert_true(sizeof(struct flow) <= 160);
    assert_int_equal(sizeof(struct flow_key), 40);
}

static void a_table_of_no_flows_is_invalid(void **state)
{
    (void)state;
    struct flow_table_options options = {0};
    struct flow_table *table = NULL;

    assert_int_equal(flow_table_new(&options, &table), STATUS_INVALID);
    options.flows_max = UINT32_MAX;
    assert_int_equal(flow_table_new(&options, &table), STATUS_INVALID);

    assert_null(table);
    flow_table_free(NULL);
}

static void both_directions_are_one_flow_and_are_counted_apart(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    struct decoded query = udp("10.0.0.9", 5000, "10.0.0.8", 53), answer = answer_to(query);
    answer.wire_len = 300;

    struct flow *flow = touch(f, query, 1);
    assert_true(f->is_new);
    assert_int_equal(f->side, 1); /* 10.0.0.8 is lower */
    assert_ptr_equal(touch(f, answer, 2), flow);

    assert_false(f->is_new);
    assert_int_equal(f->side, 0);
    assert_int_equal(flow->packets[0], 1);
    assert_int_equal(flow->packets[1], 1);
    assert_int_equal(flow->bytes[0], 300);
    assert_int_equal(flow->bytes[1], 100);
    assert_int_equal(flow->first.ns, 1 * NS_PER_SEC);
    assert_int_equal(flow->last.ns, 2 * NS_PER_SEC);
    assert_int_equal(flow->number_low, 1);
    assert_int_equal(flow_table_size(f->table), 1);
    fixture_free(f);
}

static void any_part_of_the_tuple_makes_another_flow(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    static const char *const low = "10.0.0.1", *const high = "10.0.0.2";

    touch(f, udp(low, 1000, high, 2000), 1);
    touch(f, udp(low, 1001, high, 2000), 1);
    touch(f, udp(low, 1000, high, 2001), 1);
    touch(f, udp(low, 1000, "10.0.0.3", 2000), 1);
    touch(f, udp("::ffff:10.0.0.1", 1000, high, 2000), 1); /* the same endpoint to us */
    touch(f, packet_of(low, 1000, high, 2000, IP_PROTO_TCP), 1);
    touch(f, udp(high, 1000, low, 2000), 1); /* ports belong to their address */

    assert_int_equal(flow_table_size(f->table), 6);
    fixture_free(f);
}

static void a_look_up_prepared_long_before_finds_the_flow_as_it_is_then(void **state)
{
    (void)state;
    enum { FLOWS = 2000, FLOWS_MAX = 1500 }; /* the index doubles and flows make room meanwhile */
    struct fixture *f = fixture_new(FLOWS_MAX, 1);
    static struct flow_lookup lookups[FLOWS];
    for (uint32_t i = 0; i < FLOWS; i++) {
        struct decoded p = numbered(i, IP_PROTO_UDP);
        flow_table_prepare(f->table, &p, &lookups[i]);
    }

    for (uint32_t i = 0; i < FLOWS; i++) {
        struct decoded p = numbered(i, IP_PROTO_UDP);
        bool is_new;
        flow_table_foresee(f->table, &lookups[i]);
        struct flow *flow = flow_table_touch_prepared(f->table, &p, &lookups[i], &is_new);
        assert_true(is_new);
        assert_ptr_equal(touch(f, answer_to(p), 0), flow);
        assert_false(f->is_new);
        assert_int_equal(f->side, !lookups[i].side);
        assert_ptr_equal(flow_table_touch_prepared(f->table, &p, &lookups[i], &is_new), flow);
        assert_false(is_new);
    }
    assert_int_equal(flow_table_size(f->table), FLOWS_MAX);
    fixture_free(f);
}

static void an_endpoint_that_talks_to_itself_is_one_flow(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);

    touch(f, udp("127.0.0.1", 53, "127.0.0.1", 53), 1);
    touch(f, udp("127.0.0.1", 53, "127.0.0.1", 53), 1);

    assert_int_equal(flow_table_size(f->table), 1);
    assert_int_equal(f->side, 0);
    assert_int_equal(f->flow->packets[0], 2);
    fixture_free(f);
}

static void each_side_leaves_its_marks_with_its_first_packet(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    static const uint8_t mac_a[] = {2, 0, 0, 0, 0, 0xa}, mac_b[] = {2, 0, 0, 0, 0, 0xb};
    struct decoded out = udp("10.0.0.1", 5000, "192.0.2.1", 53), in = answer_to(out);
    out.source_mac = mac_a;
    out.hop_limit = 64;
    out.vlan = 12;
    out.encapsulation = ENCAP_VLAN;
    in.source_mac = mac_b;
    in.hop_limit = 57;
    in.vlan = 13;
    in.encapsulation = ENCAP_GRE;

    touch(f, out, 1);
    touch(f, in, 1);
    out.source_mac = mac_b;
    out.hop_limit = 1;
    out.encapsulation = ENCAP_MPLS;
    out.vlan = 99;
    touch(f, out, 1);

    assert_memory_equal(f->flow->mac[0], mac_a, 6);
    assert_memory_equal(f->flow->mac[1], mac_b, 6);
    assert_int_equal(f->flow->hop_limit[0], 64);
    assert_int_equal(f->flow->hop_limit[1], 57);
    assert_int_equal(f->flow->vlan, 12);
    assert_int_equal(f->flow->encapsulation, ENCAP_VLAN | ENCAP_GRE);
    fixture_free(f);
}

static void a_flow_is_found_without_being_touched(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    struct decoded packet = udp("10.0.0.1", 5000, "192.0.2.1", 53), other = udp("10.0.0.1", 5001, "192.0.2.1", 53);
    unsigned side = 7;

    assert_null(flow_table_find(f->table, &packet, &side));
    touch(f, packet, 1);

    struct decoded answer = answer_to(packet);
    assert_ptr_equal(flow_table_find(f->table, &answer, &side), f->flow);
    assert_int_equal(side, 1);
    assert_ptr_equal(flow_table_find(f->table, &packet, &side), f->flow);
    assert_int_equal(side, 0);
    assert_null(flow_table_find(f->table, &other, &side));
    assert_int_equal(f->flow->packets[0] + f->flow->packets[1], 1);
    assert_int_equal(flow_table_size(f->table), 1);
    fixture_free(f);
}

/* --- client ----------------------------------------------------------------------------------------------------- */

static void the_client_comes_from_handshake_ports_or_first_packet(void **state)
{
    (void)state;
    enum { SYN = TCP_SYN, SYN_ACK = TCP_SYN | TCP_ACK, ACK = TCP_ACK };
    static const struct {
        uint16_t from, to; /* ports of the first packet, sent by side 0 */
        uint8_t protocol, flags;
        unsigned client;
        enum direction_reason reason;
    } rows[] = {
        {40000, 443, IP_PROTO_TCP, SYN, 0, DIRECTION_HANDSHAKE},
        {443, 40000, IP_PROTO_TCP, SYN, 0, DIRECTION_HANDSHAKE}, /* whatever the ports say */
        {443, 40000, IP_PROTO_TCP, SYN_ACK, 1, DIRECTION_HANDSHAKE},
        {443, 40000, IP_PROTO_TCP, ACK, 1, DIRECTION_PORTS},
        {40000, 443, IP_PROTO_TCP, ACK, 0, DIRECTION_PORTS},
        {8443, 40000, IP_PROTO_TCP, ACK, 1, DIRECTION_PORTS},
        {8080, 443, IP_PROTO_TCP, ACK, 0, DIRECTION_PORTS},
        {50000, 40000, IP_PROTO_TCP, ACK, 0, DIRECTION_FIRST},
        {53, 40000, IP_PROTO_UDP, 0, 1, DIRECTION_PORTS},
        {123, 123, IP_PROTO_UDP, 0, 0, DIRECTION_FIRST},
        {0, 40000, IP_PROTO_UDP, 0, 0, DIRECTION_FIRST},
        {8, 1024, IP_PROTO_ICMP, 0, 0, DIRECTION_FIRST},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture *f = fixture_new(10, 1);
        struct decoded p = packet_of("10.0.0.1", rows[i].from, "10.0.0.2", rows[i].to, rows[i].protocol);
        p.tcp_flags = rows[i].flags;

        touch(f, p, 1);

        if (f->flow->client_side != rows[i].client || f->flow->client_reason != rows[i].reason)
            fail_msg("row %zu: client %u, reason %u", i, f->flow->client_side, f->flow->client_reason);
        fixture_free(f);
    }
}

static void a_later_handshake_corrects_the_client(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    touch(f, tcp_in(TCP_ACK, 1), 1);
    f->flow->client_side = 1; /* as a first packet would have it */

    touch(f, tcp_in(TCP_SYN | TCP_ACK, 501), 1);

    assert_int_equal(f->flow->client_side, 0);
    assert_int_equal(f->flow->client_reason, DIRECTION_HANDSHAKE);
    assert_int_equal(f->flow->client_isn, 500);
    fixture_free(f);
}

static void the_answered_syn_gives_the_initial_sequence_number(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);

    touch(f, tcp_out(TCP_SYN, 500), 1);
    assert_int_equal(f->flow->client_isn, 500);
    touch(f, tcp_in(TCP_SYN | TCP_ACK, 501), 1);
    touch(f, tcp_out(TCP_SYN, 999), 1); /* forged: the flow is open */

    assert_false(f->is_new);
    assert_int_equal(f->flow->client_isn, 500);
    fixture_free(f);
}

static void an_answer_to_a_syn_with_data_leaves_the_initial_sequence_number(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    struct decoded answer = tcp_in(TCP_SYN | TCP_ACK, 500 + 1 + 342); /* TCP Fast Open, RFC 7413 */

    touch(f, tcp_out(TCP_SYN, 500), 1);
    touch(f, answer, 1);

    assert_int_equal(f->flow->client_isn, 500);
    fixture_free(f);
}

/* --- ends ------------------------------------------------------------------------------------------------------- */

static void a_flow_both_sides_closed_lingers_and_ends_with_fin(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    open_connection(f, 500, 10);
    touch(f, tcp_out(TCP_FIN | TCP_ACK, 900), 11);
    flow_table_expire(f->table, packet_time_from_sec(100));
    assert_int_equal(f->ended_count, 0); /* half closed: still open */

    close_connection(f, 101);
    flow_table_expire(f->table, packet_time_from_sec(105));
    touch(f, tcp_out(TCP_ACK, 901), 105); /* late */
    assert_false(f->is_new);
    flow_table_expire(f->table, packet_time_from_sec(109));
    assert_int_equal(f->ended_count, 0);
    flow_table_expire(f->table, packet_time_from_sec(113));

    assert_int_equal(f->ended_count, 1);
    assert_ended(f, 0, 1, FLOW_END_FIN);
    assert_int_equal(f->ended[0].packets, 8);
    assert_int_equal(flow_count_of(f, "ended_fin"), 1);
    assert_int_equal(flow_table_size(f->table), 0);
    fixture_free(f);
}

static void a_reset_ends_a_flow_and_later_bytes_begin_another(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    open_connection(f, 500, 10);
    touch(f, tcp_in(TCP_RST, 0), 11);

    touch(f, tcp_out(TCP_ACK, 600), 12);
    assert_false(f->is_new);
    touch(f, tcp_out(TCP_ACK, 600), 60);

    assert_true(f->is_new);
    assert_ended(f, 0, 1, FLOW_END_RESET);
    fixture_free(f);
}

static void a_syn_on_a_closed_flow_begins_another_unless_it_is_the_old_one_again(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    open_connection(f, 500, 10);
    close_connection(f, 11);

    touch(f, tcp_out(TCP_SYN, 500), 12);
    assert_false(f->is_new);
    touch(f, tcp_out(TCP_SYN, 70000), 12);

    assert_true(f->is_new);
    assert_ended(f, 0, 1, FLOW_END_REUSED);
    assert_int_equal(f->flow->client_isn, 70000);
    assert_int_equal(f->flow->packets[0], 1);
    assert_int_equal(flow_table_size(f->table), 1);
    fixture_free(f);
}

static void a_syn_on_an_open_flow_begins_another_only_after_a_long_silence(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    open_connection(f, 500, 10);

    touch(f, tcp_out(TCP_SYN, 70000), 60);
    assert_false(f->is_new);
    touch(f, tcp_out(TCP_SYN, 80000), 121);

    assert_true(f->is_new);
    assert_ended(f, 0, 1, FLOW_END_REUSED);
    fixture_free(f);
}

static void the_answer_to_another_syn_begins_another_flow_on_an_open_one(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    open_connection(f, 500, 10);

    touch(f, tcp_out(TCP_SYN, 70000), 11);
    assert_false(f->is_new);
    touch(f, tcp_in(TCP_SYN | TCP_ACK, 501), 11); /* again, of the old one */
    assert_false(f->is_new);
    touch(f, tcp_in(TCP_SYN | TCP_ACK, 70001), 11);

    assert_true(f->is_new);
    assert_ended(f, 0, 1, FLOW_END_REUSED);
    assert_int_equal(f->ended[0].packets, 5);
    assert_int_equal(f->flow->client_isn, 70000);
    assert_int_equal(f->flow->client_side, 0);
    assert_int_equal(f->flow->client_reason, DIRECTION_HANDSHAKE);
    touch(f, tcp_out(TCP_SYN, 70000), 11); /* captured late */
    assert_false(f->is_new);
    fixture_free(f);
}

static void content_far_from_the_end_of_a_closed_flow_begins_another(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    struct decoded late = tcp_out(TCP_ACK | TCP_PSH, 700), other = tcp_out(TCP_ACK | TCP_PSH, UINT32_C(0x80000000));
    late.payload = other.payload = (const uint8_t *)"GET";
    late.payload_len = late.payload_wire_len = other.payload_len = other.payload_wire_len = 3;
    open_connection(f, 500, 10);
    touch(f, other, 11);
    assert_false(f->is_new);
    close_connection(f, 12);

    touch(f, late, 13);
    assert_false(f->is_new);
    touch(f, tcp_out(TCP_ACK, UINT32_C(0x80000000)), 14); /* without content: who knows */
    assert_false(f->is_new);
    touch(f, other, 15);

    assert_true(f->is_new);
    assert_ended(f, 0, 1, FLOW_END_REUSED);
    fixture_free(f);
}

static void a_flow_seen_from_the_middle_gives_way_to_an_answered_syn(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    touch(f, tcp_out(TCP_ACK, 400), 10);
    touch(f, tcp_in(TCP_ACK, 401), 10);

    touch(f, tcp_out(TCP_SYN, 70000), 11);
    assert_false(f->is_new);
    touch(f, tcp_in(TCP_SYN | TCP_ACK, 70001), 11);

    assert_true(f->is_new);
    fixture_free(f);
}

static void an_answer_before_the_handshake_is_through_stays_in_its_flow(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);

    touch(f, tcp_out(TCP_ACK, 501), 10); /* the two directions came out of order */
    touch(f, tcp_in(TCP_SYN | TCP_ACK, 501), 10);
    assert_false(f->is_new);
    touch(f, tcp_out(TCP_SYN, 500), 10);

    assert_false(f->is_new);
    assert_int_equal(f->flow->client_isn, 500);
    fixture_free(f);
}

static void of_one_direction_another_handshake_begins_another_flow(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    touch(f, tcp_in(TCP_SYN | TCP_ACK, 501), 10);
    touch(f, tcp_in(TCP_ACK, 700), 10);

    touch(f, tcp_in(TCP_SYN | TCP_ACK, 501), 11);
    assert_false(f->is_new);
    touch(f, tcp_in(TCP_SYN | TCP_ACK, 70001), 11);

    assert_true(f->is_new);
    assert_ended(f, 0, 1, FLOW_END_REUSED);
    fixture_free(f);
}

static void who_has_closed_opens_another_flow(void **state)
{
    (void)state;
    for (unsigned is_answer = 0; is_answer < 2; is_answer++) {
        struct fixture *f = fixture_new(10, 1);
        open_connection(f, 500, 10);

        touch(f, is_answer ? tcp_in(TCP_FIN | TCP_ACK, 501) : tcp_out(TCP_FIN | TCP_ACK, 501), 11);
        touch(f, is_answer ? tcp_in(TCP_SYN | TCP_ACK, 70001) : tcp_out(TCP_SYN, 70000), 11);

        assert_true(f->is_new);
        assert_int_equal(f->flow->client_isn, 70000);
        fixture_free(f);
    }
}

static void the_answer_to_a_lost_syn_begins_another_flow_on_a_closed_one(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);
    open_connection(f, 500, 10);
    close_connection(f, 11);

    touch(f, tcp_in(TCP_SYN | TCP_ACK, 501), 12);
    assert_false(f->is_new);
    touch(f, tcp_in(TCP_SYN | TCP_ACK, 70001), 12);

    assert_true(f->is_new);
    fixture_free(f);
}

static void a_syn_nobody_answered_gives_way_to_another_from_the_same_side(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(10, 1);

    touch(f, tcp_out(TCP_SYN, 500), 10);
    touch(f, tcp_out(TCP_SYN, 500), 11);
    assert_false(f->is_new);
    touch(f, tcp_out(TCP_SYN, 600), 12);
    assert_true(f->is_new);
    struct decoded from_other_side = tcp_in(TCP_SYN, 0); /* simultaneous open, RFC 9293 3.5 */
    touch(f, from_other_side, 12);

    assert_false(f->is_new);
    assert_int_equal(f->ended_count, 1);
    assert_int_equal(f->flow->client_isn, 600);
    fixture_free(f);
}

static void each_protocol_has_its_time_out(void **state)
{
    (void)state;
    static const struct {
        uint8_t protocol;
        int64_t idle_sec;
        bool is_answered;
    } rows[] = {
        {IP_PROTO_TCP, 3600, true}, {IP_PROTO_TCP, 120, false}, {IP_PROTO_UDP, 180, true},
        {IP_PROTO_UDP, 180, false}, {IP_PROTO_ICMP, 60, true},  {IP_PROTO_SCTP, 60, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int swept = 0; swept < 2; swept++) { /* ended by the sweep, and by the packet that comes too late */
            struct fixture *f = fixture_new(10, 1);
            struct decoded p = numbered(1, rows[i].protocol);
            p.tcp_flags = TCP_ACK;
            touch(f, p, 1000);
            if (rows[i].is_answered)
                touch(f, answer_to(p), 1000);
            touch(f, p, 1000 + rows[i].idle_sec - 1);
            assert_false(f->is_new);
            int64_t last = 1000 + rows[i].idle_sec - 1;

            if (swept) {
                flow_table_expire(f->table, packet_time_from_sec(last + rows[i].idle_sec - 1));
                assert_int_equal(f->ended_count, 0);
                flow_table_expire(f->table, packet_time_from_sec(last + rows[i].idle_sec + 3));
                assert_int_equal(flow_table_size(f->table), 0);
            } else {
                touch(f, p, last + rows[i].idle_sec);
                assert_true(f->is_new);
            }

            assert_ended(f, 0, 1, FLOW_END_IDLE);
            fixture_free(f);
        }
    }
}

static void time_outs_can_be_set(void **state)
{
    (void)state;
    struct fixture *f = fixture_new_with(
        (struct flow_table_options){.flows_max = 10, .tcp_idle_sec = 3, .udp_idle_sec = 2, .other_idle_sec = 1});

    touch(f, numbered(1, IP_PROTO_TCP), 100);
    touch(f, numbered(2, IP_PROTO_UDP), 100);
    touch(f, numbered(3, IP_PROTO_ICMP), 100);
    touch(f, numbered(3, IP_PROTO_ICMP), 101);
    assert_true(f->is_new);
    touch(f, numbered(2, IP_PROTO_UDP), 102);
    assert_true(f->is_new);
    touch(f, numbered(1, IP_PROTO_TCP), 103);

    assert_true(f->is_new);
    assert_int_equal(flow_count_of(f, "ended_idle"), 3);
    fixture_free(f);
}

static void flows_expire_in_the_order_of_their_last_packets(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(100, 1);
    for (uint32_t i = 0; i < 6; i++)
        touch(f, numbered(i, IP_PROTO_UDP), 10 * i);
    touch(f, numbered(1, IP_PROTO_UDP), 70);
    touch(f, numbered(3, IP_PROTO_UDP), 60);

    flow_table_expire(f->table, packet_time_from_sec(10000));

    static const uint32_t order[] = {1, 3, 5, 6, 2, 4};
    assert_int_equal(f->ended_count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_ended(f, i, order[i], FLOW_END_IDLE);
    fixture_free(f);
}

static void the_end_of_input_ends_flows_in_the_order_of_their_first_packets(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(100, 1);
    touch(f, numbered(1, IP_PROTO_UDP), 10);
    open_connection(f, 500, 11); /* number 2 */
    touch(f, numbered(2, IP_PROTO_ICMP), 12);
    touch(f, numbered(3, IP_PROTO_UDP), 13);
    touch(f, numbered(1, IP_PROTO_UDP), 14);
    close_connection(f, 15);

    flow_table_drain(f->table, FLOW_END_INPUT);

    assert_int_equal(f->ended_count, 4);
    assert_ended(f, 0, 1, FLOW_END_INPUT);
    assert_ended(f, 1, 2, FLOW_END_FIN);
    assert_ended(f, 2, 5, FLOW_END_INPUT);
    assert_ended(f, 3, 6, FLOW_END_INPUT);
    assert_int_equal(flow_table_size(f->table), 0);
    touch(f, numbered(1, IP_PROTO_UDP), 16);
    assert_true(f->is_new); /* and the table goes on */
    fixture_free(f);
}

static void every_end_has_its_word(void **state)
{
    (void)state;
    static const char *const words[] = {"none", "fin", "reset", "idle", "reused", "evicted", "end-of-input"};
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_string_equal(flow_end_reason_text((enum flow_end_reason)i), words[i]);
}

static void who_asked_by_icmp_is_the_client(void **state)
{
    (void)state;
    static const struct {
        uint8_t protocol;
        uint16_t type, other;
        const char *to;
        bool sender_is_client;
        enum direction_reason reason;
    } rows[] = {
        {IP_PROTO_ICMP, 8, 0, "192.0.2.1", true, DIRECTION_PROTOCOL},
        {IP_PROTO_ICMP, 0, 8, "192.0.2.1", false, DIRECTION_PROTOCOL},
        {IP_PROTO_ICMP, 14, 13, "192.0.2.1", false, DIRECTION_PROTOCOL},
        {IP_PROTO_ICMP, 16, 15, "192.0.2.1", false, DIRECTION_PROTOCOL},
        {IP_PROTO_ICMP, 18, 17, "192.0.2.1", false, DIRECTION_PROTOCOL},
        {IP_PROTO_ICMPV6, 128, 129, "2001:db8::1", true, DIRECTION_PROTOCOL},
        {IP_PROTO_ICMPV6, 129, 128, "2001:db8::1", false, DIRECTION_PROTOCOL},
        {IP_PROTO_ICMPV6, 134, 133, "2001:db8::1", false, DIRECTION_PROTOCOL},
        {IP_PROTO_ICMPV6, 136, 135, "2001:db8::1", false, DIRECTION_PROTOCOL},
        {IP_PROTO_ICMPV6, 134, 133, "ff02::1", true, DIRECTION_FIRST},
        {IP_PROTO_ICMP, 3, 13, "192.0.2.1", true, DIRECTION_FIRST},
        {IP_PROTO_ICMP, 0, 0, "192.0.2.1", true, DIRECTION_FIRST}, /* a later fragment */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture *f = fixture_new(16, 1);
        const char *from = rows[i].protocol == IP_PROTO_ICMP ? "10.0.0.1" : "fd00::1";

        touch(f, packet_of(from, rows[i].type, rows[i].to, rows[i].other, rows[i].protocol), 0);

        assert_int_equal(f->flow->client_side == f->side, rows[i].sender_is_client);
        assert_int_equal(f->flow->client_reason, rows[i].reason);
        fixture_free(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_stays_within_its_size),
        cmocka_unit_test(a_table_of_no_flows_is_invalid),
        cmocka_unit_test(both_directions_are_one_flow_and_are_counted_apart),
        cmocka_unit_test(any_part_of_the_tuple_makes_another_flow),
        cmocka_unit_test(a_look_up_prepared_long_before_finds_the_flow_as_it_is_then),
        cmocka_unit_test(an_endpoint_that_talks_to_itself_is_one_flow),
        cmocka_unit_test(each_side_leaves_its_marks_with_its_first_packet),
        cmocka_unit_test(a_flow_is_found_without_being_touched),
        cmocka_unit_test(the_client_comes_from_handshake_ports_or_first_packet),
        cmocka_unit_test(a_later_handshake_corrects_the_client),
        cmocka_unit_test(the_answered_syn_gives_the_initial_sequence_number),
        cmocka_unit_test(an_answer_to_a_syn_with_data_leaves_the_initial_sequence_number),
        cmocka_unit_test(a_flow_both_sides_closed_lingers_and_ends_with_fin),
        cmocka_unit_test(a_reset_ends_a_flow_and_later_bytes_begin_another),
        cmocka_unit_test(a_syn_on_a_closed_flow_begins_another_unless_it_is_the_old_one_again),
        cmocka_unit_test(a_syn_on_an_open_flow_begins_another_only_after_a_long_silence),
        cmocka_unit_test(the_answer_to_another_syn_begins_another_flow_on_an_open_one),
        cmocka_unit_test(content_far_from_the_end_of_a_closed_flow_begins_another),
        cmocka_unit_test(a_flow_seen_from_the_middle_gives_way_to_an_answered_syn),
        cmocka_unit_test(an_answer_before_the_handshake_is_through_stays_in_its_flow),
        cmocka_unit_test(of_one_direction_another_handshake_begins_another_flow),
        cmocka_unit_test(who_has_closed_opens_another_flow),
        cmocka_unit_test(the_answer_to_a_lost_syn_begins_another_flow_on_a_closed_one),
        cmocka_unit_test(a_syn_nobody_answered_gives_way_to_another_from_the_same_side),
        cmocka_unit_test(each_protocol_has_its_time_out),
        cmocka_unit_test(time_outs_can_be_set),
        cmocka_unit_test(flows_expire_in_the_order_of_their_last_packets),
        cmocka_unit_test(the_end_of_input_ends_flows_in_the_order_of_their_first_packets),
        cmocka_unit_test(every_end_has_its_word),
        cmocka_unit_test(who_asked_by_icmp_is_the_client),
    };
    return cmocka_run_group_tests_name("capture/flow_table", tests, NULL, NULL);
}
