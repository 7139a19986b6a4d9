/*
 * Fragments through the decoder: order, overlap, time, limits.
 */
#include "test.h"

#include "fragment_internal.h"
#include "frame_fixture.h"

static struct frame f;
static struct decoder *decoder;
static struct decoded d;
static int64_t now_ns;
static uint8_t payload[4000]; /* UDP from 1234 to 80 */

static int set_up(void **state)
{
    (void)state;
    now_ns = 1000 * NS_PER_SEC;
    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)(i * 7);
    memcpy(payload, "\x04\xd2\x00\x50\x0f\xa0\x00\x00", 8);
    return decoder_new(&decoder);
}

static int tear_down(void **state)
{
    (void)state;
    decoder_free(decoder);
    return 0;
}

static enum decode_result decode_now(void)
{
    struct packet packet = frame_packet(&f, 1);
    packet.time.ns = now_ns;
    return decode_packet(decoder, &packet, &d);
}

static enum decode_result send_v4(uint16_t id, unsigned offset, unsigned length, bool has_more)
{
    frame_begin(&f);
    frame_bytes(&f, payload + offset, length);
    frame_ipv4(&f, 17, 1, 2, id, (uint16_t)(offset / 8 | (has_more ? 0x2000u : 0)));
    frame_ethernet(&f, 0x0800);
    return decode_now();
}

static enum decode_result send_v6(uint8_t id, unsigned offset, unsigned length, bool has_more)
{
    uint8_t header[8] = {17, 0, (uint8_t)(offset >> 8), (uint8_t)(offset | has_more), 0, 0, 0, id};
    frame_begin(&f);
    frame_bytes(&f, payload + offset, length);
    frame_bytes(&f, header, sizeof(header));
    frame_hex(&f, "2c00 0000 00000000"); /* hop by hop */
    frame_ipv6(&f, 0, 1, 2);
    frame_ethernet(&f, 0x86dd);
    return decode_now();
}

static void assert_whole(uint32_t frames_len)
{
    assert_int_equal(d.protocol, IP_PROTO_UDP);
    assert_int_equal(d.source_port, 1234);
    assert_int_equal(d.destination_port, 80);
    assert_int_equal(d.payload_len, 3992);
    assert_int_equal(d.payload_wire_len, 3992);
    assert_memory_equal(d.payload, payload + 8, 3992);
    assert_int_equal(d.wire_len, frames_len);
    assert_false(d.is_fragment);
}

static void fragments_in_order_make_one_packet(void **state)
{
    (void)state;
    assert_int_equal(send_v4(5, 0, 1480, true), DECODE_HELD);
    assert_string_equal(decoder_last_reason(decoder), "fragment_held");
    assert_int_equal(send_v4(5, 1480, 1480, true), DECODE_HELD);
    assert_int_equal(send_v4(5, 2960, 1040, false), DECODE_OK);

    assert_whole(4000 + 3 * 34);
    assert_int_equal(d.ip_len, 4020);
    assert_int_equal(d.ip[2] << 8 | d.ip[3], 4020);
    assert_int_equal(d.ip[6], 0);
    assert_int_equal(d.ip_id, 5);
    assert_int_equal(decoder_value(decoder, "datagrams_completed"), 1);
}

static void fragments_in_any_order_make_one_packet(void **state)
{
    (void)state;
    assert_int_equal(send_v4(5, 2960, 1040, false), DECODE_HELD);
    assert_int_equal(send_v4(5, 0, 1480, true), DECODE_HELD);
    assert_int_equal(send_v4(5, 1480, 1480, true), DECODE_OK);
    assert_whole(4000 + 3 * 34);
}

static void ipv6_fragments_make_one_packet(void **state)
{
    (void)state;
    assert_int_equal(send_v6(5, 1480, 2520, false), DECODE_HELD);
    assert_int_equal(send_v6(5, 0, 1480, true), DECODE_OK);
    assert_whole(4000 + 2 * 70);
    assert_int_equal(d.ip_len, 48 + 4000);
    assert_int_equal(d.ip[4] << 8 | d.ip[5], 4008);
    assert_int_equal(d.ip[40], 17); /* hop by hop names UDP now */
}

static void tiny_first_fragment_is_put_together(void **state)
{
    (void)state;
    assert_int_equal(send_v4(5, 0, 8, true), DECODE_HELD);
    assert_int_equal(send_v4(5, 8, 3992, false), DECODE_OK);
    assert_whole(4000 + 2 * 34);
}

static void datagrams_do_not_mix(void **state)
{
    (void)state;
    assert_int_equal(send_v4(5, 0, 1480, true), DECODE_HELD);
    assert_int_equal(send_v4(6, 1480, 2520, false), DECODE_HELD);
    assert_int_equal(send_v4(6, 0, 1480, true), DECODE_OK);
    assert_int_equal(send_v4(5, 1480, 2520, false), DECODE_OK);
}

static void a_doubled_capture_gives_each_datagram_once(void **state)
{
    (void)state;
    unsigned complete = 0;
    for (unsigned i = 0; i < 6; i++) {
        unsigned offset = i / 2 * 1480, length = i < 4 ? 1480 : 1040;
        complete += send_v4(5, offset, length, i < 4) == DECODE_OK;
        now_ns += 10 * NS_PER_USEC;
    }
    assert_int_equal(complete, 1);
    assert_int_equal(decoder_value(decoder, "fragments_repeated"), 3);

    now_ns += NS_PER_SEC; /* the identification again, with other content */
    payload[100] ^= 0xff;
    assert_int_equal(send_v4(5, 0, 1480, true), DECODE_HELD);
    assert_int_equal(send_v4(5, 1480, 2520, false), DECODE_OK);
    assert_whole(4000 + 2 * 34);
}

static void ipv4_overlap_keeps_what_came_first(void **state)
{
    (void)state;
    assert_int_equal(send_v4(5, 0, 1480, true), DECODE_HELD);
    uint8_t right = payload[1000];
    payload[1000] ^= 0xff;
    assert_int_equal(send_v4(5, 800, 3200, false), DECODE_OK);
    payload[1000] = right;
    assert_whole(1480 + 3200 + 2 * 34);
    assert_int_equal(decoder_value(decoder, "fragments_overlapping"), 1);
}

static void ipv6_overlap_drops_the_datagram(void **state)
{
    (void)state;
    assert_int_equal(send_v6(5, 0, 1480, true), DECODE_HELD);
    assert_int_equal(send_v6(5, 0, 1480, true), DECODE_HELD); /* an exact repeat is none */
    assert_int_equal(send_v6(5, 800, 3200, false), DECODE_MALFORMED);
    assert_string_equal(decoder_last_reason(decoder), "fragment_overlap_ipv6");
    assert_int_equal(send_v6(5, 1480, 2520, false), DECODE_MALFORMED);
    assert_int_equal(decoder_value(decoder, "datagrams_completed"), 0);
}

static void fragments_that_contradict_are_malformed(void **state)
{
    (void)state;
    assert_int_equal(send_v4(5, 800, 200, false), DECODE_HELD);
    assert_int_equal(send_v4(5, 1600, 8, true), DECODE_MALFORMED);
    assert_string_equal(decoder_last_reason(decoder), "fragment_ends_conflict");
    assert_int_equal(send_v4(5, 0, 12, true), DECODE_MALFORMED);
    assert_string_equal(decoder_last_reason(decoder), "fragment_length_malformed");
    frame_begin(&f);
    frame_bytes(&f, payload, 1000);
    frame_ipv4(&f, 17, 1, 2, 9, 0x1fff);
    frame_ethernet(&f, 0x0800);
    assert_int_equal(decode_now(), DECODE_MALFORMED);
    assert_string_equal(decoder_last_reason(decoder), "fragment_beyond_64k");
}

static void what_stays_incomplete_times_out(void **state)
{
    (void)state;
    assert_int_equal(send_v4(5, 0, 1480, true), DECODE_HELD);
    now_ns += 31 * NS_PER_SEC;
    assert_int_equal(send_v4(5, 1480, 2520, false), DECODE_HELD);
    assert_int_equal(decoder_value(decoder, "datagrams_timed_out"), 1);
    assert_int_equal(decoder_value(decoder, "datagrams_incomplete"), 1);
}

static void what_is_open_at_the_end_is_incomplete(void **state)
{
    (void)state;
    assert_int_equal(decoder_value(decoder, "datagrams_incomplete"), 0);
    assert_int_equal(send_v4(5, 0, 1480, true), DECODE_HELD);
    assert_int_equal(send_v4(5, 1480, 1480, true), DECODE_HELD);
    assert_int_equal(send_v6(6, 0, 1480, true), DECODE_HELD);
    assert_int_equal(decoder_value(decoder, "datagrams_incomplete"), 2);
    assert_int_equal(send_v4(5, 2960, 1040, false), DECODE_OK);
    assert_int_equal(decoder_value(decoder, "datagrams_incomplete"), 1);
}

static void the_oldest_datagram_makes_room(void **state)
{
    (void)state;
    for (unsigned id = 1; id <= FRAGMENT_DATAGRAMS_MAX + 1; id++)
        assert_int_equal(send_v4((uint16_t)id, 0, 1480, true), DECODE_HELD);
    assert_int_equal(decoder_value(decoder, "datagrams_evicted"), 1);
    assert_int_equal(send_v4(1, 1480, 2520, false), DECODE_HELD);
    assert_int_equal(send_v4(3, 1480, 2520, false), DECODE_OK);
}

static void bytes_held_are_capped(void **state)
{
    (void)state;
    for (unsigned id = 1; id <= 400; id++) { /* each takes 64 KiB for one small fragment at the end */
        frame_begin(&f);
        frame_bytes(&f, payload, 100);
        frame_ipv4(&f, 17, 1, 2, (uint16_t)id, 8000);
        frame_ethernet(&f, 0x0800);
        assert_int_equal(decode_now(), DECODE_HELD);
    }
    assert_int_equal(decoder_value(decoder, "datagrams_evicted"), 400 - FRAGMENT_BYTES_MAX / 65536);
}

static void snapped_fragments_pass_alone(void **state)
{
    (void)state;
    send_v4(5, 0, 1480, true);
    struct packet packet = frame_packet(&f, 1);
    packet.captured_len = 100;

    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);
    assert_int_equal(d.destination_port, 80);
    assert_false(d.is_fragment);

    send_v4(6, 1480, 1480, true);
    packet = frame_packet(&f, 1);
    packet.captured_len = 100;
    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);
    assert_int_equal(d.protocol, 17);
    assert_int_equal(d.destination_port, 0);
    assert_true(d.is_fragment);
    assert_int_equal(decoder_value(decoder, "fragment_passed_alone"), 2);
}

static void a_tunnel_inside_fragments_is_opened(void **state)
{
    (void)state;
    static uint8_t whole[200];
    frame_inner(&f);
    frame_hex(&f, "0000 0800");
    uint32_t length = f.length;
    memcpy(whole, f.data, length);
    for (unsigned part = 0; part < 2; part++) {
        frame_begin(&f);
        frame_bytes(&f, whole + part * 24, part ? length - 24 : 24);
        frame_ipv4(&f, 47, 8, 9, 5, part ? 3 : 0x2000);
        frame_ethernet(&f, 0x0800);
        assert_int_equal(decode_now(), part ? DECODE_OK : DECODE_HELD);
    }
    assert_int_equal(d.source_port, 1234);
    assert_int_equal(d.encapsulation, ENCAP_GRE);
    assert_int_equal(d.wire_len, 2 * 34 + length);
}

static void decode_prefix(const uint8_t *bytes, size_t length, void *context)
{
    struct packet packet = {
        .data = bytes, .captured_len = (uint32_t)length, .wire_len = (uint32_t)length, .link_type = 1};
    enum decode_result result = decode_packet(decoder, &packet, &d);
    assert_true(result == DECODE_MALFORMED || result == DECODE_HELD || result == DECODE_OK);
    (void)context;
}

static void every_prefix_of_a_fragment_is_survived(void **state)
{
    (void)state;
    send_v4(5, 0, 64, true);
    for_each_prefix(f.data, f.length, decode_prefix, NULL);
    send_v6(5, 0, 64, true);
    for_each_prefix(f.data, f.length, decode_prefix, NULL);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(fragments_in_order_make_one_packet),
        T(fragments_in_any_order_make_one_packet),
        T(ipv6_fragments_make_one_packet),
        T(tiny_first_fragment_is_put_together),
        T(datagrams_do_not_mix),
        T(a_doubled_capture_gives_each_datagram_once),
        T(ipv4_overlap_keeps_what_came_first),
        T(ipv6_overlap_drops_the_datagram),
        T(fragments_that_contradict_are_malformed),
        T(what_stays_incomplete_times_out),
        T(what_is_open_at_the_end_is_incomplete),
        T(the_oldest_datagram_makes_room),
        T(bytes_held_are_capped),
        T(snapped_fragments_pass_alone),
        T(a_tunnel_inside_fragments_is_opened),
        T(every_prefix_of_a_fragment_is_survived),
    };
    return cmocka_run_group_tests_name("capture/fragments", tests, NULL, NULL);
}
