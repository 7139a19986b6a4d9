/*
 * IP and transport: lengths that lie, headers that are cut, extension headers, ports of ICMP.
 */
#include "test.h"

#include "frame_fixture.h"

static struct frame f;
static struct decoder *decoder;
static struct decoded d;

static int set_up(void **state)
{
    (void)state;
    return decoder_new(&decoder);
}

static int tear_down(void **state)
{
    (void)state;
    decoder_free(decoder);
    return 0;
}

static enum decode_result decode_raw(const char *hex)
{
    frame_begin(&f);
    frame_hex(&f, hex);
    struct packet packet = frame_packet(&f, 101);
    return decode_packet(decoder, &packet, &d);
}

static void ethernet_padding_is_no_payload(void **state)
{
    (void)state;
    frame_begin(&f);
    frame_hex(&f, "0000 0000 0000");
    frame_tcp(&f, 1234, 80, TCP_ACK);
    frame_ipv4(&f, 6, 1, 2, 7, 0);
    f.data[3] = 40; /* total length without the padding */
    frame_ethernet(&f, 0x0800);

    assert_int_equal(frame_decode(decoder, &f, &d), DECODE_OK);

    assert_int_equal(d.payload_len, 0);
    assert_null(d.payload);
    assert_int_equal(d.ip_len, 40);
    assert_int_equal(d.wire_len, 60);
}

static void a_snapped_packet_tells_what_was_on_the_wire(void **state)
{
    (void)state;
    frame_begin(&f);
    frame_bytes(&f, "abcdefghij", 10);
    frame_tcp(&f, 1234, 80, TCP_ACK);
    frame_ipv4(&f, 6, 1, 2, 7, 0);
    frame_ethernet(&f, 0x0800);
    struct packet packet = frame_packet(&f, 1);
    packet.captured_len -= 6;

    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);

    assert_int_equal(d.payload_len, 4);
    assert_int_equal(d.payload_wire_len, 10);
    assert_int_equal(d.wire_len, 64);
}

static void a_snapped_tcp_header_gives_its_ports(void **state)
{
    (void)state;
    frame_begin(&f);
    frame_tcp(&f, 1234, 80, TCP_SYN);
    frame_ipv4(&f, 6, 1, 2, 7, 0);
    struct packet packet = frame_packet(&f, 101);
    packet.captured_len = 34;

    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);
    assert_int_equal(d.source_port, 1234);
    assert_int_equal(d.tcp_flags, TCP_SYN);
    assert_int_equal(d.tcp_sequence, 0x11223344);
    packet.captured_len = 24;
    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);
    assert_int_equal(d.destination_port, 80);
    assert_int_equal(d.tcp_flags, 0);
    assert_int_equal(decoder_value(decoder, "tcp_header_snapped"), 2);
    packet.captured_len = 23;
    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_MALFORMED);
}

static void length_zero_takes_what_was_captured(void **state)
{
    (void)state;
    frame_begin(&f);
    frame_bytes(&f, "abc", 3);
    frame_tcp(&f, 1234, 80, TCP_ACK);
    frame_ipv4(&f, 6, 1, 2, 7, 0);
    f.data[2] = f.data[3] = 0;
    frame_ethernet(&f, 0x0800);

    assert_int_equal(frame_decode(decoder, &f, &d), DECODE_OK);

    assert_int_equal(d.payload_len, 3);
    assert_int_equal(decoder_value(decoder, "ipv4_length_zero"), 1);
}

static void options_are_stepped_over(void **state)
{
    (void)state;
    assert_int_equal(decode_raw("4600002c 00070000 40060000 0a000001 0a000002 94040000"
                                "04d20050 11223344 55667788 50100100 00000000"),
                     DECODE_OK);
    assert_int_equal(d.destination_port, 80);
    assert_int_equal(d.tcp_acknowledgement, 0x55667788);
    assert_int_equal(d.tcp_window, 0x100);
}

static void malformed_packets_are_counted_once_each_by_reason(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *reason;
    } rows[] = {
        {"15", "ip_version_unknown"},
        {"4500001c 00070000 40110000 0a0000", "ipv4_header_truncated"},
        {"4400001c 00070000 40110000 0a000001 0a000002", "ipv4_header_length_too_small"},
        {"46000014 00070000 40110000 0a000001 0a000002", "ipv4_length_smaller_than_header"},
        {"46000018 00070000 40110000 0a000001 0a000002", "ipv4_header_truncated"},
        {"4500001a 00070000 40110000 0a000001 0a000002 04d2 0050 0008", "udp_header_truncated"},
        {"4500001c 00070000 40110000 0a000001 0a000002 04d20050 00070000", "udp_length_too_small"},
        {"45000020 00070000 40060000 0a000001 0a000002 04d20050 00000000 00000000", "tcp_header_truncated"},
        {"45000028 00070000 40060000 0a000001 0a000002 04d20050 00000000 00000000 40100100 00000000",
         "tcp_offset_too_small"},
        {"45000028 00070000 40060000 0a000001 0a000002 04d20050 00000000 00000000 60100100 00000000",
         "tcp_offset_beyond_packet"},
        {"45000015 00070000 40010000 0a000001 0a000002 08", "icmp_header_truncated"},
        {"45000016 00070000 40840000 0a000001 0a000002 0000", "sctp_header_truncated"},
        {"4500001c 00070000 40330000 0a000001 0a000002 06040000 00000000", "ah_header_truncated"},
        {"45000014 00072000 40110000 0a000001 0a000002", "fragment_length_malformed"},
        {"60000000 0000 3b40 0000", "ipv6_header_truncated"},
        {"60000000 0004 0040 00000000000000000000000000000001 00000000000000000000000000000002 06000000",
         "ipv6_extension_truncated"},
        {"60000000 0008 0040 00000000000000000000000000000001 00000000000000000000000000000002 06010000 00000000",
         "ipv6_extension_truncated"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t before = decoder_value(decoder, rows[i].reason);

        assert_int_equal(decode_raw(rows[i].hex), DECODE_MALFORMED);

        assert_string_equal(decoder_last_reason(decoder), rows[i].reason);
        assert_int_equal(decoder_value(decoder, rows[i].reason), before + 1);
    }
    assert_int_equal(decoder_value(decoder, "decoded"), 0);
}

struct told {
    char text[512];
};

static void tell(void *context, const char *reason, uint64_t packet_number)
{
    struct told *told = context;
    size_t length = strlen(told->text);
    snprintf(told->text + length, sizeof(told->text) - length, "%u %s, ", (unsigned)packet_number, reason);
}

static void what_is_lost_of_a_packet_is_told_with_its_number(void **state)
{
    (void)state;
    static const char *const packets[] = {
        "15",
        "4500001f 00070000 40110000 0a000001 0a000002 04d20050 000b0000 616263", /* good */
        "4500001f 00070000 40110000 0a000001 0a000002 04d20050 00ff0000 616263",
        "45000000 00070000 40110000 0a000001 0a000002 04d20050 000b0000 616263", /* whole, though its length is 0 */
        "4500001c 00072000 40110000 0a000001 0a000002 04d20050 00ff0000",        /* waits for the rest */
        "4500001c 00070000 402f0000 0a000001 0a000002 00000800 616263ff",
    };
    struct told told = {""};
    decoder_tell(decoder, tell, &told);
    for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
        frame_begin(&f);
        frame_hex(&f, packets[i]);
        struct packet packet = frame_packet(&f, 101);
        packet.number = i + 1;
        decode_packet(decoder, &packet, &d);
    }

    assert_string_equal(told.text, "1 ip_version_unknown, 3 udp_length_beyond_packet, 6 tunnel_inner_not_ip, ");
}

static void udp_length_beyond_the_packet_is_tolerated(void **state)
{
    (void)state;
    assert_int_equal(decode_raw("4500001f 00070000 40110000 0a000001 0a000002 04d20050 00ff0000 616263"), DECODE_OK);
    assert_int_equal(d.payload_len, 3);
    assert_int_equal(d.payload_wire_len, 3);
    assert_int_equal(decoder_value(decoder, "udp_length_beyond_packet"), 1);
}

static void udp_length_trims_what_follows(void **state)
{
    (void)state;
    assert_int_equal(decode_raw("4500001f 00070000 40110000 0a000001 0a000002 04d20050 00090000 616263"), DECODE_OK);
    assert_int_equal(d.payload_len, 1);
    assert_int_equal(d.payload_wire_len, 1);
}

static void ipv6_extension_headers_are_stepped_over(void **state)
{
    (void)state;
    frame_begin(&f);
    frame_udp(&f, 1234, 80);
    frame_hex(&f, "1101 0000 00000000 0000000000000000"); /* destination options of 16 bytes */
    frame_hex(&f, "3c01 0000 00000000 00000000");         /* authentication of 12 */
    frame_hex(&f, "3300 0000 00000000");                  /* atomic fragment */
    frame_hex(&f, "2c00 0000 00000000");                  /* routing */
    frame_hex(&f, "2b00 0000 00000000");                  /* hop by hop */
    frame_ipv6(&f, 0, 1, 2);
    frame_ethernet(&f, 0x86dd);

    assert_int_equal(frame_decode(decoder, &f, &d), DECODE_OK);

    assert_int_equal(d.protocol, IP_PROTO_UDP);
    assert_int_equal(d.destination_port, 80);
    assert_int_equal(d.hop_limit, 64);
    assert_int_equal(d.ip_id, 0);
}

static void too_many_extension_headers_are_counted_and_leave_a_flow_without_ports(void **state)
{
    (void)state;
    frame_begin(&f);
    frame_udp(&f, 1234, 80);
    for (int i = 0; i < 20; i++)
        frame_hex(&f, "3c00 0000 00000000");
    frame_ipv6(&f, 60, 1, 2);
    frame_ethernet(&f, 0x86dd);

    assert_int_equal(frame_decode(decoder, &f, &d), DECODE_OK);

    assert_int_equal(decoder_value(decoder, "ipv6_extensions_too_many"), 1);
    assert_int_equal(d.protocol, 60);
    assert_int_equal(d.destination_port, 0);
}

static void a_jumbogram_has_the_length_of_its_option(void **state)
{
    (void)state;
    frame_begin(&f);
    frame_bytes(&f, "abc", 3);
    frame_udp(&f, 1234, 80);
    f.data[4] = f.data[5] = 0;
    frame_hex(&f, "1100 c204 00011170"); /* 70,000 bytes */
    frame_ipv6(&f, 0, 1, 2);
    f.data[4] = f.data[5] = 0;
    struct packet packet = frame_packet(&f, 101);
    packet.wire_len = 70040;

    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);

    assert_int_equal(d.payload_len, 3);
    assert_int_equal(d.payload_wire_len, 70000 - 16);
}

static void no_next_header_is_a_flow_without_ports(void **state)
{
    (void)state;
    frame_begin(&f);
    frame_ipv6(&f, 59, 1, 2);
    struct packet packet = frame_packet(&f, 101);

    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);

    assert_int_equal(d.protocol, 59);
    assert_int_equal(d.source_port, 0);
    assert_int_equal(d.payload_len, 0);
}

static void icmp_gets_the_ports_of_community_id(void **state)
{
    (void)state;
    static const struct {
        uint8_t protocol, type, code;
        uint16_t source, destination;
    } rows[] = {
        {1, 8, 0, 8, 0},        {1, 0, 0, 0, 8},        {1, 13, 0, 13, 14},     {1, 14, 0, 14, 13},
        {1, 15, 0, 15, 16},     {1, 17, 0, 17, 18},     {1, 10, 0, 10, 9},      {1, 9, 0, 9, 10},
        {1, 3, 1, 3, 1},        {1, 11, 0, 11, 0},      {58, 128, 0, 128, 129}, {58, 129, 0, 129, 128},
        {58, 130, 0, 130, 131}, {58, 133, 0, 133, 134}, {58, 134, 0, 134, 133}, {58, 135, 0, 135, 136},
        {58, 136, 0, 136, 135}, {58, 139, 0, 139, 140}, {58, 144, 0, 144, 145}, {58, 1, 4, 1, 4},
        {58, 143, 0, 143, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t icmp[8] = {rows[i].type, rows[i].code};
        frame_begin(&f);
        frame_bytes(&f, icmp, sizeof(icmp));
        if (rows[i].protocol == 1)
            frame_ipv4(&f, 1, 1, 2, 7, 0);
        else
            frame_ipv6(&f, 58, 1, 2);
        struct packet packet = frame_packet(&f, 101);

        assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);

        assert_int_equal(d.source_port, rows[i].source);
        assert_int_equal(d.destination_port, rows[i].destination);
        assert_int_equal(d.payload_len, 8);
    }
}

static void other_protocols_have_no_ports(void **state)
{
    (void)state;
    assert_int_equal(decode_raw("4500001c 00070000 40320000 0a000001 0a000002 04d20050 00000001"), DECODE_OK);
    assert_int_equal(d.protocol, 50);
    assert_int_equal(d.source_port, 0);
    assert_int_equal(d.payload_len, 8);
    assert_int_equal(decode_raw("45000020 00070000 40840000 0a000001 0a000002 04d20050 00000001 00000000"), DECODE_OK);
    assert_int_equal(d.source_port, 1234);
    assert_int_equal(d.destination_port, 80);
}

static void teredo_between_clients_is_known_by_its_content(void **state)
{
    (void)state;
    frame_begin(&f);
    frame_udp(&f, 1234, 80);
    frame_ipv6(&f, 17, 1, 2);
    memcpy(f.data + 8, "\x20\x01\0\0", 4);
    frame_udp(&f, 50000, 50001);
    frame_ipv4(&f, 17, 1, 2, 7, 0);
    struct packet packet = frame_packet(&f, 101);

    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);
    assert_int_equal(d.encapsulation, ENCAP_TEREDO);
    assert_int_equal(d.destination_port, 80);
    f.data[28 + 8] = 0x24; /* no Teredo address any more */
    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);
    assert_int_equal(d.encapsulation, 0);
    assert_int_equal(d.destination_port, 50001);
}

/* An A-MSDU of three: "abc" in TCP, ARP, "xyz" in UDP, each from a machine of its own; and a frame check sequence. */
static const char aggregate[] = "8802 0000 02000000000a 02000000000b 02000000000c 1000 8000"
                                "020000000011 020000000001 0033 aaaa03 000000 0800"
                                "4500002b 00070000 40060000 0a000001 0a000002"
                                "04d20050 00000001 00000002 50100100 00000000 616263 000000"
                                "020000000022 020000000002 000c aaaa03 000000 0806 00010800 0000"
                                "020000000033 020000000003 0027 aaaa03 000000 0800"
                                "4500001f 00080000 40110000 0a000003 0a000004 13880035 000b0000 78797a"
                                "01020304";

static void every_packet_of_an_aggregate_is_decoded(void **state)
{
    (void)state;
    frame_begin(&f);
    frame_hex(&f, aggregate);
    struct packet packet = frame_packet(&f, 105);

    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);
    assert_int_equal(d.source_port, 1234);
    assert_int_equal(d.payload_len, 3);
    assert_int_equal(d.source_mac[5], 1);
    assert_int_equal(d.destination_mac[5], 0x11);
    assert_int_equal(d.wire_len, 26 + 68);
    assert_true(decoder_has_rest(decoder));
    assert_int_equal(decode_rest(decoder, &d), DECODE_NOT_IP);
    assert_string_equal(decoder_last_reason(decoder), "arp");
    assert_true(decoder_has_rest(decoder));
    assert_int_equal(decode_rest(decoder, &d), DECODE_OK);

    assert_false(decoder_has_rest(decoder));
    assert_int_equal(d.source_port, 5000);
    assert_int_equal(d.payload_len, 3);
    assert_memory_equal(d.payload, "xyz", 3);
    assert_int_equal(d.source_mac[5], 3);
    assert_int_equal(d.wire_len, 53 + 4);
    assert_int_equal(d.number, packet.number);
    assert_int_equal(d.part, 2);
    assert_int_equal(d.time.ns, packet.time.ns);
    assert_int_equal(decoder_value(decoder, "wifi_amsdu_rest_ignored"), 0);
}

static void decode_all(const uint8_t *bytes, size_t length, void *context)
{
    const uint32_t *wire_len = context;
    struct packet packet = {.data = bytes, .captured_len = (uint32_t)length, .wire_len = *wire_len, .link_type = 105};
    unsigned packets = 0;
    enum decode_result result = decode_packet(decoder, &packet, &d);
    for (;; result = decode_rest(decoder, &d), packets++) {
        if (result == DECODE_OK)
            assert_true(d.ip >= bytes && d.ip + d.ip_len <= bytes + length);
        if (!decoder_has_rest(decoder))
            break;
    }
    assert_true(packets <= 2);
}

static void an_aggregate_that_was_cut_gives_what_is_left_and_is_counted(void **state)
{
    (void)state;
    frame_begin(&f);
    frame_hex(&f, aggregate);
    uint32_t wire_len = f.length;

    for_each_prefix(f.data, f.length, decode_all, &wire_len);

    assert_true(decoder_value(decoder, "wifi_amsdu_rest_ignored") > 0);
}

/* The first packet of the outer one is a tunnel with another one inside: one rest is kept. */
static void an_aggregate_inside_one_is_read_to_its_first_packet(void **state)
{
    (void)state;
    uint8_t inner[FRAME_ROOM / 64], udp_header[] = {0x9c, 0x40, 0x14, 0x7f, 0, 0, 0, 0};
    frame_begin(&f);
    frame_hex(&f, aggregate);
    frame_hex(&f, "00104100 00000000"); /* CAPWAP, a wireless frame */
    udp_header[5] = (uint8_t)(f.length + 8);
    frame_bytes(&f, udp_header, sizeof(udp_header));
    frame_ipv4(&f, IP_PROTO_UDP, 8, 9, 1, 0);
    frame_hex(&f, "aaaa03 000000 0800");
    uint32_t length = f.length, padding = (4 - (14 + length) % 4) % 4;
    assert_true(length <= sizeof(inner) && length < 256);
    memcpy(inner, f.data, length);
    frame_begin(&f);
    frame_hex(&f, "020000000022 020000000002 000c aaaa03 000000 0806 00010800");
    frame_bytes(&f, "\0\0\0", padding);
    frame_bytes(&f, inner, length);
    frame_bytes(&f, &(uint8_t){(uint8_t)length}, 1);
    frame_hex(&f, "8802 0000 02000000000a 02000000000b 02000000000c 1000 8000 020000000011 020000000001 00");
    struct packet packet = frame_packet(&f, 105);

    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);
    assert_int_equal(d.source_port, 1234);
    assert_int_equal(decoder_value(decoder, "wifi_amsdu_rest_ignored"), 1);
    assert_int_equal(decode_rest(decoder, &d), DECODE_NOT_IP);

    assert_false(decoder_has_rest(decoder));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(ethernet_padding_is_no_payload),
        T(a_snapped_packet_tells_what_was_on_the_wire),
        T(a_snapped_tcp_header_gives_its_ports),
        T(length_zero_takes_what_was_captured),
        T(options_are_stepped_over),
        T(malformed_packets_are_counted_once_each_by_reason),
        T(what_is_lost_of_a_packet_is_told_with_its_number),
        T(udp_length_beyond_the_packet_is_tolerated),
        T(udp_length_trims_what_follows),
        T(ipv6_extension_headers_are_stepped_over),
        T(too_many_extension_headers_are_counted_and_leave_a_flow_without_ports),
        T(a_jumbogram_has_the_length_of_its_option),
        T(no_next_header_is_a_flow_without_ports),
        T(icmp_gets_the_ports_of_community_id),
        T(other_protocols_have_no_ports),
        T(every_packet_of_an_aggregate_is_decoded),
        T(an_aggregate_that_was_cut_gives_what_is_left_and_is_counted),
        T(an_aggregate_inside_one_is_read_to_its_first_packet),
        T(teredo_between_clients_is_known_by_its_content),
    };
    return cmocka_run_group_tests_name("capture/decode", tests, NULL, NULL);
}
