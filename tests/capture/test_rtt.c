#include "rtt.h"
#include "test.h"

enum { MS = 1000000 };

static const int64_t start_ns = INT64_C(1600000000123456789);

static struct decoded tcp(int64_t after_ns, uint8_t flags, uint32_t sequence, uint32_t acknowledgement, uint32_t length)
{
    return (struct decoded){
        .protocol = IP_PROTO_TCP,
        .time = {start_ns + after_ns},
        .tcp_flags = flags,
        .tcp_sequence = sequence,
        .tcp_acknowledgement = acknowledgement,
        .payload_wire_len = length,
    };
}

static struct decoded with(struct decoded packet, const void *payload, uint32_t length)
{
    packet.payload = payload;
    packet.payload_len = packet.payload_wire_len = length;
    return packet;
}

static struct decoded udp(int64_t after_ns, uint16_t from, uint16_t to, const void *payload, uint32_t length)
{
    struct decoded packet = {
        .protocol = IP_PROTO_UDP, .time = {start_ns + after_ns}, .source_port = from, .destination_port = to};
    return with(packet, payload, length);
}

struct watched {
    struct rtt_watch watch;
    struct round_trip best;
};

static struct watched watched(void)
{
    return (struct watched){.best = {.kind = ROUND_TRIP_NOT_SEEN}};
}

static void host_sends(struct watched *w, struct decoded packet)
{
    rtt_packet(&w->watch, &packet, true, &w->best);
}

static void remote_sends(struct watched *w, struct decoded packet)
{
    rtt_packet(&w->watch, &packet, false, &w->best);
}

/* Rounded up, and a microsecond of the clock's. */
#define assert_sample(w, expected_kind, expected_us)                                                                   \
    do {                                                                                                               \
        assert_int_equal((w).best.kind, (expected_kind));                                                              \
        assert_in_range((w).best.us, (expected_us) + 1, (expected_us) + 2);                                            \
    } while (0)

/* --- TCP --------------------------------------------------------------------------------------------------------- */

static void a_syn_and_its_answer_are_a_round_trip(void **state)
{
    (void)state;
    struct watched w = watched();

    host_sends(&w, tcp(0, TCP_SYN, 1000, 0, 0));
    remote_sends(&w, tcp(20 * MS, TCP_SYN | TCP_ACK, 7, 1001, 0));

    assert_sample(w, ROUND_TRIP_TCP, 20000);
}

static void the_first_of_a_retransmitted_syn_counts(void **state)
{
    (void)state;
    struct watched w = watched();

    host_sends(&w, tcp(0, TCP_SYN, 1000, 0, 0));
    host_sends(&w, tcp(1000 * MS, TCP_SYN, 1000, 0, 0));
    remote_sends(&w, tcp(1005 * MS, TCP_SYN | TCP_ACK, 7, 1001, 0));
    remote_sends(&w, tcp(1006 * MS, TCP_SYN | TCP_ACK, 7, 1001, 0));

    assert_sample(w, ROUND_TRIP_TCP, 1005000);
}

static void only_an_answer_to_this_syn_counts(void **state)
{
    (void)state;
    static const struct {
        uint8_t flags;
        uint32_t acknowledgement;
    } rows[] = {
        {TCP_SYN | TCP_ACK, 1000},
        {TCP_SYN | TCP_ACK, 1002},
        {TCP_SYN, 1001},
        {TCP_ACK, 1001},
        {TCP_ACK, 5000},
        {TCP_RST | TCP_ACK, 1001},
        {TCP_SYN | TCP_ACK | TCP_RST, 1001},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct watched w = watched();

        host_sends(&w, tcp(0, TCP_SYN, 1000, 0, 0));
        remote_sends(&w, tcp(MS, rows[i].flags, 7, rows[i].acknowledgement, 0));

        assert_int_equal(w.best.kind, ROUND_TRIP_NOT_SEEN);
    }
}

static void the_half_between_sensor_and_host_does_not_count(void **state)
{
    (void)state;
    struct watched w = watched();

    remote_sends(&w, tcp(0, TCP_SYN, 1000, 0, 0));
    host_sends(&w, tcp(1 * MS, TCP_SYN | TCP_ACK, 7, 1001, 0)); /* the host's half is 1 ms */
    assert_int_equal(w.best.kind, ROUND_TRIP_NOT_SEEN);
    remote_sends(&w, tcp(31 * MS, TCP_ACK, 1001, 8, 0));

    assert_sample(w, ROUND_TRIP_TCP, 30000);
}

static void sequence_numbers_wrap(void **state)
{
    (void)state;
    struct watched w = watched();
    host_sends(&w, tcp(0, TCP_SYN, UINT32_MAX, 0, 0));
    remote_sends(&w, tcp(MS, TCP_SYN | TCP_ACK, 7, 0, 0));
    assert_sample(w, ROUND_TRIP_TCP, 1000);

    w = watched();
    host_sends(&w, tcp(0, TCP_ACK, UINT32_MAX - 20, 7, 10));
    host_sends(&w, tcp(0, TCP_ACK, UINT32_MAX - 10, 7, 30));
    remote_sends(&w, tcp(MS, TCP_ACK, 7, UINT32_MAX, 0)); /* not all of it */
    remote_sends(&w, tcp(2 * MS, TCP_ACK, 7, 19, 0));
    assert_sample(w, ROUND_TRIP_TCP, 2000);
}

static void acknowledged_data_counts_where_the_handshake_was_missed(void **state)
{
    (void)state;
    struct watched w = watched();

    host_sends(&w, tcp(0, TCP_ACK, 1000, 7, 100)); /* may have been sent before */
    remote_sends(&w, tcp(1 * MS, TCP_ACK, 7, 1100, 0));
    assert_int_equal(w.best.kind, ROUND_TRIP_NOT_SEEN);
    host_sends(&w, tcp(10 * MS, TCP_ACK, 1100, 7, 100));
    host_sends(&w, tcp(11 * MS, TCP_ACK, 1200, 7, 100));
    remote_sends(&w, tcp(40 * MS, TCP_ACK, 7, 1300, 0));
    assert_sample(w, ROUND_TRIP_TCP, 30000);
    host_sends(&w, tcp(50 * MS, TCP_ACK, 1300, 7, 100));
    remote_sends(&w, tcp(75 * MS, TCP_ACK, 7, 1400, 0));

    assert_sample(w, ROUND_TRIP_TCP, 25000);
}

static void acknowledged_data_does_not_count_after_a_handshake(void **state)
{
    (void)state;
    struct watched w = watched();

    host_sends(&w, tcp(0, TCP_SYN, 1000, 0, 0));
    remote_sends(&w, tcp(20 * MS, TCP_SYN | TCP_ACK, 7, 1001, 0));
    host_sends(&w, tcp(21 * MS, TCP_ACK, 1001, 8, 100));
    host_sends(&w, tcp(22 * MS, TCP_ACK, 1101, 8, 100));
    remote_sends(&w, tcp(23 * MS, TCP_ACK, 8, 1201, 0)); /* acknowledged before it can have arrived */

    assert_sample(w, ROUND_TRIP_TCP, 20000);
}

static void what_was_retransmitted_is_no_question(void **state)
{
    (void)state;
    struct watched w = watched();

    host_sends(&w, tcp(0, TCP_ACK, 1000, 7, 100));
    host_sends(&w, tcp(10 * MS, TCP_ACK, 1100, 7, 100));
    host_sends(&w, tcp(300 * MS, TCP_ACK, 1100, 7, 100));
    remote_sends(&w, tcp(301 * MS, TCP_ACK, 7, 1200, 0));

    assert_int_equal(w.best.kind, ROUND_TRIP_NOT_SEEN);
}

/* --- content ----------------------------------------------------------------------------------------------------- */

static const uint8_t client_hello[] = {22, 3, 1, 0, 100, 1, 0, 0}, server_hello[] = {22, 3, 3, 0, 80, 2, 0, 0};

static void hellos_come_before_the_handshake_of_tcp_even_when_slower(void **state)
{
    (void)state;
    struct watched w = watched();

    host_sends(&w, tcp(0, TCP_SYN, 1000, 0, 0));
    remote_sends(&w, tcp(2 * MS, TCP_SYN | TCP_ACK, 7, 1001, 0)); /* a proxy near by */
    host_sends(&w, with(tcp(3 * MS, TCP_ACK, 1001, 8, 0), client_hello, sizeof(client_hello)));
    host_sends(&w, with(tcp(20 * MS, TCP_ACK, 1001, 8, 0), client_hello, sizeof(client_hello)));
    remote_sends(&w, tcp(5 * MS, TCP_ACK, 8, 1109, 0));
    remote_sends(&w, with(tcp(43 * MS, TCP_ACK, 8, 1109, 0), server_hello, sizeof(server_hello)));
    remote_sends(&w, with(tcp(44 * MS, TCP_ACK, 8, 1109, 0), server_hello, sizeof(server_hello)));

    assert_sample(w, ROUND_TRIP_TLS, 40000);
}

static void a_server_hello_alone_is_no_round_trip(void **state)
{
    (void)state;
    struct watched w = watched();
    remote_sends(&w, with(tcp(0, TCP_ACK, 8, 1109, 0), server_hello, sizeof(server_hello)));
    host_sends(&w, with(tcp(MS, TCP_ACK, 1001, 8, 0), client_hello, sizeof(client_hello)));
    assert_int_equal(w.best.kind, ROUND_TRIP_NOT_SEEN);
}

static void a_response_answers_the_query_with_its_id(void **state)
{
    (void)state;
    uint8_t query[12] = {0x12, 0x34, 1}, response[12] = {0x12, 0x34, 0x81}, other[12] = {0x12, 0x35, 0x81};
    struct watched w = watched();

    host_sends(&w, udp(0, 5000, 53, query, 12));
    host_sends(&w, udp(900 * MS, 5000, 53, query, 12)); /* asked again: the first counts */
    remote_sends(&w, udp(901 * MS, 53, 5000, other, 12));
    assert_int_equal(w.best.kind, ROUND_TRIP_NOT_SEEN);
    remote_sends(&w, udp(905 * MS, 53, 5000, response, 12));
    assert_sample(w, ROUND_TRIP_DNS, 905000);
    query[1] = response[1] = 0x77;
    host_sends(&w, udp(1000 * MS, 5000, 53, query, 12));
    remote_sends(&w, udp(1015 * MS, 53, 5000, response, 12));

    assert_sample(w, ROUND_TRIP_DNS, 15000);
}

static struct decoded dns(int64_t after_ms, uint8_t id, bool is_response)
{
    static uint8_t payload[256][2][12];
    uint8_t *bytes = payload[id][is_response];
    bytes[1] = id;
    bytes[2] = is_response ? 0x81 : 1;
    return is_response ? udp(after_ms * MS, 53, 5000, bytes, 12) : udp(after_ms * MS, 5000, 53, bytes, 12);
}

static void the_first_of_each_query_counts_where_two_are_resent_in_turn(void **state)
{
    (void)state;
    struct watched w = watched();

    host_sends(&w, dns(0, 1, false));
    host_sends(&w, dns(0, 2, false));
    host_sends(&w, dns(5000, 1, false));
    host_sends(&w, dns(5000, 2, false));
    remote_sends(&w, dns(5001, 1, true));

    assert_sample(w, ROUND_TRIP_DNS, 5001000);
}

static void a_late_answer_to_a_query_is_none_to_its_copies(void **state)
{
    (void)state;
    struct watched w = watched();

    host_sends(&w, dns(0, 1, false));
    host_sends(&w, dns(1000, 1, false));
    remote_sends(&w, dns(1100, 1, true));
    host_sends(&w, dns(2000, 1, false));
    remote_sends(&w, dns(2001, 1, true)); /* to the second */
    assert_sample(w, ROUND_TRIP_DNS, 1100000);
    remote_sends(&w, dns(3100, 1, true));
    host_sends(&w, dns(4000, 1, false)); /* nothing is left to come: a query of its own */
    remote_sends(&w, dns(4030, 1, true));

    assert_sample(w, ROUND_TRIP_DNS, 30000);
}

static void where_more_wait_than_there_is_room_for_nothing_new_is_asked(void **state)
{
    (void)state;
    struct watched w = watched();

    for (uint8_t id = 0; id <= RTT_EXCHANGES_MAX; id++)
        host_sends(&w, dns(id, id, false));
    remote_sends(&w, dns(1000, 0, true));
    host_sends(&w, dns(5000, RTT_EXCHANGES_MAX, false)); /* not the first, which was forgotten */
    remote_sends(&w, dns(5001, RTT_EXCHANGES_MAX, true));

    assert_sample(w, ROUND_TRIP_DNS, 1000000);
}

static void dns_is_not_looked_for_at_other_ports(void **state)
{
    (void)state;
    uint8_t query[12] = {0x12, 0x34, 1}, response[12] = {0x12, 0x34, 0x81};
    struct watched w = watched();
    host_sends(&w, udp(0, 53, 5353, query, 12));
    remote_sends(&w, udp(MS, 5353, 53, response, 12));
    assert_int_equal(w.best.kind, ROUND_TRIP_NOT_SEEN);
}

static void an_initial_answers_the_initial_whose_connection_id_it_carries(void **state)
{
    (void)state;
    static const uint8_t ours[] = {0xc3, 0, 0, 0, 1, 4, 1, 2, 3, 4, 2, 0xaa, 0xbb, 0};
    static const uint8_t theirs[] = {0xc1, 0, 0, 0, 1, 2, 0xaa, 0xbb, 1, 9, 0};
    static const uint8_t foreign[] = {0xc1, 0, 0, 0, 1, 2, 0xaa, 0xbc, 1, 9, 0};
    static const uint8_t handshake[] = {0xe1, 0, 0, 0, 1, 2, 0xaa, 0xbb, 1, 9, 0};
    static const uint8_t negotiation[] = {0xc1, 0, 0, 0, 0, 2, 0xaa, 0xbb, 1, 9, 0};
    struct watched w = watched();

    host_sends(&w, udp(0, 5000, 443, ours, sizeof(ours)));
    host_sends(&w, udp(10 * MS, 5000, 443, ours, sizeof(ours)));
    remote_sends(&w, udp(11 * MS, 443, 5000, foreign, sizeof(foreign)));
    remote_sends(&w, udp(12 * MS, 443, 5000, handshake, sizeof(handshake)));
    remote_sends(&w, udp(13 * MS, 443, 5000, negotiation, sizeof(negotiation)));
    assert_int_equal(w.best.kind, ROUND_TRIP_NOT_SEEN);
    remote_sends(&w, udp(25 * MS, 443, 5000, theirs, sizeof(theirs)));

    assert_sample(w, ROUND_TRIP_QUIC, 25000);
}

static void version_2_numbers_its_initial_differently(void **state)
{
    (void)state;
    static const uint8_t ours[] = {0xd3, 0x6b, 0x33, 0x43, 0xcf, 0, 1, 0xaa},
                         theirs[] = {0xd1, 0x6b, 0x33, 0x43, 0xcf, 1, 0xaa, 0};
    struct watched w = watched();
    host_sends(&w, udp(0, 5000, 443, ours, sizeof(ours)));
    remote_sends(&w, udp(MS, 443, 5000, theirs, sizeof(theirs)));
    assert_sample(w, ROUND_TRIP_QUIC, 1000);
}

static void an_echo_is_answered_by_its_id_and_number(void **state)
{
    (void)state;
    uint8_t request[8] = {8, 0, 0, 0, 1, 2, 0, 1}, reply[8] = {0, 0, 0, 0, 1, 2, 0, 1};
    struct decoded echo = {.protocol = IP_PROTO_ICMP, .time = {start_ns}};
    struct watched w = watched();

    host_sends(&w, with(echo, request, 8));
    request[7] = 2;
    echo.time.ns += 1000 * MS;
    host_sends(&w, with(echo, request, 8));
    echo.time.ns += MS;
    remote_sends(&w, with(echo, reply, 8)); /* to the first, late */
    assert_sample(w, ROUND_TRIP_ICMP, 1001000);
    reply[7] = 2;
    echo.time.ns += 8 * MS;
    remote_sends(&w, with(echo, reply, 8));
    assert_sample(w, ROUND_TRIP_ICMP, 9000);

    w = watched();
    request[0] = 128;
    reply[0] = 129;
    echo.protocol = IP_PROTO_ICMPV6;
    host_sends(&w, with(echo, request, 8));
    echo.time.ns += 3 * MS;
    remote_sends(&w, with(echo, reply, 8));
    assert_sample(w, ROUND_TRIP_ICMP, 3000);
}

static void every_cut_of_a_packet_is_survived(void **state)
{
    (void)state;
    static const uint8_t quic[] = {0xc3, 0, 0, 0, 1, 4, 1, 2, 3, 4, 2, 0xaa, 0xbb, 0};
    for (size_t n = 0; n <= sizeof(quic); n++) {
        struct guarded g = guarded_copy(quic, n);
        struct watched w = watched();
        host_sends(&w, udp(0, 5000, 53, g.data, (uint32_t)n));
        remote_sends(&w, udp(MS, 53, 5000, g.data, (uint32_t)n));
        host_sends(&w, with(tcp(0, TCP_ACK, 1, 1, 0), g.data, (uint32_t)n));
        guarded_free(&g);
    }
    uint8_t far[] = {0xc3, 0, 0, 0, 1, 21, 0}, source[] = {0xc3, 0, 0, 0, 1, 0, 21, 0};
    struct watched w = watched();
    host_sends(&w, udp(0, 5000, 443, far, sizeof(far)));
    host_sends(&w, udp(0, 5000, 443, source, sizeof(source)));
    assert_int_equal(w.watch.exchanges[0].kind, 0);
}

/* --- clocks ------------------------------------------------------------------------------------------------------ */

static struct watched handshake(struct decoded syn, struct decoded answer)
{
    struct watched w = watched();
    host_sends(&w, syn);
    remote_sends(&w, answer);
    return w;
}

static void what_clocks_cannot_tell_is_no_sample_and_says_why(void **state)
{
    (void)state;
    struct decoded syn = tcp(0, TCP_SYN, 1000, 0, 0), answer = tcp(5 * MS, TCP_SYN | TCP_ACK, 7, 1001, 0);

    struct decoded other = answer;
    other.interface = 1;
    assert_int_equal(handshake(syn, other).best.kind, ROUND_TRIP_TWO_CLOCKS);
    other = answer;
    other.time.ns = start_ns - 1;
    assert_int_equal(handshake(syn, other).best.kind, ROUND_TRIP_CLOCK_STEPS);
    other.time.ns = start_ns; /* too coarse a clock */
    assert_int_equal(handshake(syn, other).best.kind, ROUND_TRIP_CLOCK_STEPS);
    other = answer;
    other.clock_lost_us = UINT32_MAX;
    assert_int_equal(handshake(syn, other).best.kind, ROUND_TRIP_CLOCK_STEPS);
    other = answer;
    other.time.ns = 0;
    assert_int_equal(handshake(syn, other).best.kind, ROUND_TRIP_NO_TIME);
    other = answer;
    other.is_untimed = true; /* its time is that of the packet before it */
    assert_int_equal(handshake(syn, other).best.kind, ROUND_TRIP_NO_TIME);
    other = syn;
    other.is_untimed = true;
    assert_int_equal(handshake(other, answer).best.kind, ROUND_TRIP_NO_TIME);
    other = syn;
    other.time.ns = 0;
    assert_int_equal(handshake(other, answer).best.kind, ROUND_TRIP_NO_TIME);
    other.time.ns = INT64_MIN;
    assert_int_equal(handshake(other, answer).best.kind, ROUND_TRIP_NO_TIME);
}

static void a_step_back_on_the_way_is_added(void **state)
{
    (void)state;
    struct decoded syn = tcp(0, TCP_SYN, 1000, 0, 0), answer = tcp(5 * MS, TCP_SYN | TCP_ACK, 7, 1001, 0);
    syn.clock_lost_us = 70;
    answer.clock_lost_us = 100070;

    assert_sample(handshake(syn, answer), ROUND_TRIP_TCP, 105000);
}

static void a_coarse_clock_adds_its_granularity(void **state)
{
    (void)state;
    static const struct {
        int64_t syn_ns, answer_ns;
        uint32_t us;
    } rows[] = {
        {INT64_C(1600000000123456789), INT64_C(1600000000128456789), 5002}, /* 1 us at least */
        {INT64_C(1600000000123000000), INT64_C(1600000000128000000), 6001}, /* both whole milliseconds */
        {INT64_C(1600000000123000000), INT64_C(1600000000128000001), 5002},
        {INT64_C(1600000000000000000), INT64_C(1600000001000000000), 2000001},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct decoded syn = tcp(0, TCP_SYN, 1000, 0, 0), answer = tcp(0, TCP_SYN | TCP_ACK, 7, 1001, 0);
        syn.time.ns = rows[i].syn_ns;
        answer.time.ns = rows[i].answer_ns;

        assert_int_equal(handshake(syn, answer).best.us, rows[i].us);
    }
}

static void a_round_trip_of_more_than_an_hour_is_none(void **state)
{
    (void)state;
    struct decoded syn = tcp(0, TCP_SYN, 1000, 0, 0), answer = tcp(0, TCP_SYN | TCP_ACK, 7, 1001, 0);
    answer.time.ns = INT64_MAX;
    assert_int_equal(handshake(syn, answer).best.kind, ROUND_TRIP_NOT_SEEN);
}

static void each_interface_has_a_clock_of_its_own(void **state)
{
    (void)state;
    static const struct {
        uint16_t interface;
        int64_t ns;
        uint32_t lost_us;
    } rows[] = {
        {0, 1000000, 0},
        {1, 500000, 0},
        {0, 1000000, 0},
        {0, 999999, 1},
        {0, 900000, 101},
        {1, 600000, 0},
        {0, 2000000, 101},
        {255, 5, 0},
        {256, 5, UINT32_MAX},
        {1, INT64_MIN, UINT32_MAX},
        {1, INT64_MAX, UINT32_MAX},
    };
    struct clock_steps *steps = clock_steps_new();
    assert_non_null(steps);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(clock_steps_note(steps, rows[i].interface, (struct packet_time){rows[i].ns}), rows[i].lost_us);
    clock_steps_free(steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_syn_and_its_answer_are_a_round_trip),
        cmocka_unit_test(the_first_of_a_retransmitted_syn_counts),
        cmocka_unit_test(only_an_answer_to_this_syn_counts),
        cmocka_unit_test(the_half_between_sensor_and_host_does_not_count),
        cmocka_unit_test(sequence_numbers_wrap),
        cmocka_unit_test(acknowledged_data_counts_where_the_handshake_was_missed),
        cmocka_unit_test(acknowledged_data_does_not_count_after_a_handshake),
        cmocka_unit_test(what_was_retransmitted_is_no_question),
        cmocka_unit_test(hellos_come_before_the_handshake_of_tcp_even_when_slower),
        cmocka_unit_test(a_server_hello_alone_is_no_round_trip),
        cmocka_unit_test(a_response_answers_the_query_with_its_id),
        cmocka_unit_test(the_first_of_each_query_counts_where_two_are_resent_in_turn),
        cmocka_unit_test(a_late_answer_to_a_query_is_none_to_its_copies),
        cmocka_unit_test(where_more_wait_than_there_is_room_for_nothing_new_is_asked),
        cmocka_unit_test(dns_is_not_looked_for_at_other_ports),
        cmocka_unit_test(an_initial_answers_the_initial_whose_connection_id_it_carries),
        cmocka_unit_test(version_2_numbers_its_initial_differently),
        cmocka_unit_test(an_echo_is_answered_by_its_id_and_number),
        cmocka_unit_test(every_cut_of_a_packet_is_survived),
        cmocka_unit_test(what_clocks_cannot_tell_is_no_sample_and_says_why),
        cmocka_unit_test(a_step_back_on_the_way_is_added),
        cmocka_unit_test(a_coarse_clock_adds_its_granularity),
        cmocka_unit_test(a_round_trip_of_more_than_an_hour_is_none),
        cmocka_unit_test(each_interface_has_a_clock_of_its_own),
    };
    return cmocka_run_group_tests_name("capture/rtt", tests, NULL, NULL);
}
