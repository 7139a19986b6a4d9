#include "inspect_helper.h"

static const struct inspector_options with_ndpi = {.use_ndpi = true};

struct packet_bytes {
    uint8_t data[256];
    size_t length;
};

/** An IPv4 and TCP header before @p payload; checksums stay zero, as after offloading. */
static struct packet_bytes tcp_packet(const struct watched *w, unsigned side, const void *payload, size_t length)
{
    const struct flow_key *key = &w->flow.key;
    struct packet_bytes p = {{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6}, 40 + length};
    p.data[3] = (uint8_t)p.length;
    memcpy(p.data + 12, key->address[side].octets + 12, 4);
    memcpy(p.data + 16, key->address[!side].octets + 12, 4);
    p.data[20] = (uint8_t)(key->port[side] >> 8);
    p.data[21] = (uint8_t)key->port[side];
    p.data[22] = (uint8_t)(key->port[!side] >> 8);
    p.data[23] = (uint8_t)key->port[!side];
    p.data[32] = 0x50;
    p.data[33] = 0x18;
    memcpy(p.data + 40, payload, length);
    return p;
}

static unsigned show(struct watched *w, unsigned side, const void *payload, size_t length)
{
    struct packet_bytes p = tcp_packet(w, side, payload, length);
    struct guarded g = guarded_copy(p.data, p.length);
    unsigned bits = inspect_with_ndpi(w->inspector, w->inspection, &w->flow, side, g.data, g.length, 1700000000000);
    guarded_free(&g);
    return bits;
}

static void ssh_is_named_by_its_content(void **state)
{
    (void)state;
    static const char banner[] = "SSH-2.0-OpenSSH_9.2\r\n";
    struct watched *w = watch(&with_ndpi, IP_PROTO_TCP, 40000, 2222);

    send_text(w, CLIENT, banner);
    send_text(w, SERVER, banner);
    unsigned bits = show(w, CLIENT, banner, sizeof(banner) - 1) | show(w, SERVER, banner, sizeof(banner) - 1);

    assert_true(bits & INSPECT_CHANGED);
    assert_true(bits & INSPECT_FINISHED);
    assert_int_equal(facts_of(w)->app, APP_OTHER);
    assert_text(facts_of(w)->app_name, "ssh");
    watch_end(w);
}

static void port_is_never_a_guess(void **state)
{
    (void)state;
    struct watched *w = watch(&with_ndpi, IP_PROTO_TCP, 40000, 22);
    static const char noise[] = "\x01\x9f\x33\x72\x10\xab\xcd\xef";

    for (unsigned i = 0; i < 10; i++)
        show(w, i % 2, noise, sizeof(noise) - 1);

    assert_int_equal(facts_of(w)->app, APP_UNKNOWN);
    watch_end(w);
}

static void unknown_flow_is_finished_after_its_packets(void **state)
{
    (void)state;
    struct watched *w = watch(&with_ndpi, IP_PROTO_TCP, 40000, 2222);
    send_bytes(w, CLIENT, "\xfe\xed\xfa\xce\xfe\xed\xfa\xce\xfe\xed\xfa\xce", 12);
    send_bytes(w, SERVER, "\xfe\xed\xfa\xce\xfe\xed\xfa\xce\xfe\xed\xfa\xce", 12);
    assert_true(inspection_is_unknown(w->inspection));
    assert_false(w->state & INSPECT_FINISHED);

    unsigned packets = 0;
    while (packets < 20 && (show(w, CLIENT, "\x01\x9f\x33\x72\x10\xab\xcd\xef", 8) & INSPECT_FINISHED) == 0)
        packets++;

    assert_int_equal(facts_of(w)->app, APP_UNKNOWN);
    assert_in_range(packets, 5, 8);
    watch_end(w);
}

static void flows_of_our_own_parsers_are_not_shown(void **state)
{
    (void)state;
    struct watched *w = watch(&with_ndpi, IP_PROTO_TCP, 40000, 80);
    static const char get[] = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
    send_text(w, CLIENT, get);

    unsigned bits = show(w, CLIENT, get, sizeof(get) - 1);

    assert_int_equal(bits, INSPECT_MORE);
    assert_int_equal(facts_of(w)->app, APP_HTTP);
    watch_end(w);
}

static void without_ndpi_nothing_happens(void **state)
{
    (void)state;
    struct watched *w = watch(&(struct inspector_options){.use_ndpi = false}, IP_PROTO_TCP, 40000, 22);

    assert_int_equal(show(w, CLIENT, "SSH-2.0-x\r\n", 11), INSPECT_MORE);

    assert_int_equal(facts_of(w)->app, APP_UNKNOWN);
    watch_end(w);
}

static void parse_prefix(const uint8_t *bytes, size_t length, void *context)
{
    struct watched *w = context;
    struct inspection *inspection = inspection_take(w->inspector, &w->flow);
    inspect_with_ndpi(w->inspector, inspection, &w->flow, CLIENT, bytes, length, 1);
    inspection_give(w->inspector, inspection);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    struct watched *w = watch(&with_ndpi, IP_PROTO_TCP, 40000, 2222);
    struct packet_bytes p = tcp_packet(w, CLIENT, "SSH-2.0-OpenSSH_9.2\r\n", 21);

    for_each_prefix(p.data, p.length, parse_prefix, w);

    assert_int_equal(p.length, 61);
    watch_end(w);
}

static void a_name_is_kept_aside_until_our_own_parsers_give_up(void **state)
{
    (void)state;
    static const char banner[] = "SSH-2.0-OpenSSH_9.2\r\n";
    struct watched *w = watch(&with_ndpi, IP_PROTO_TCP, 40000, 2222);
    assert_int_equal(send_text(w, CLIENT, banner) | show(w, CLIENT, banner, sizeof(banner) - 1), INSPECT_MORE);
    assert_int_equal(show(w, SERVER, banner, sizeof(banner) - 1), INSPECT_MORE);
    assert_int_equal(facts_of(w)->app, APP_UNKNOWN);

    assert_int_equal(send_text(w, SERVER, banner), INSPECT_CHANGED | INSPECT_FINISHED);
    assert_text(facts_of(w)->app_name, "ssh");
    watch_end(w);
}

static void a_short_flow_gets_its_name_when_it_ends(void **state)
{
    (void)state;
    static const char handshake[68] = "\x13"
                                      "BitTorrent protocol";
    struct watched *w = watch(&with_ndpi, IP_PROTO_TCP, 40000, 6881);
    send_bytes(w, CLIENT, handshake, sizeof(handshake));
    show(w, CLIENT, handshake, sizeof(handshake));
    assert_int_equal(facts_of(w)->app, APP_UNKNOWN);

    assert_int_equal(end_flow(w), INSPECT_CHANGED | INSPECT_FINISHED);
    assert_int_equal(facts_of(w)->app, APP_OTHER);
    assert_text(facts_of(w)->app_name, "bittorrent");
    assert_int_equal(end_flow(w), INSPECT_FINISHED);
    watch_end(w);
}

static void our_own_parsers_are_never_overridden(void **state)
{
    (void)state;
    static const char get[] = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
    struct watched *w = watch(&with_ndpi, IP_PROTO_TCP, 40000, 80);
    show(w, CLIENT, get, sizeof(get) - 1);
    send_text(w, CLIENT, get);

    end_flow(w);
    assert_int_equal(facts_of(w)->app, APP_HTTP);
    assert_null(facts_of(w)->app_name.data);
    watch_end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ssh_is_named_by_its_content),
        cmocka_unit_test(port_is_never_a_guess),
        cmocka_unit_test(unknown_flow_is_finished_after_its_packets),
        cmocka_unit_test(flows_of_our_own_parsers_are_not_shown),
        cmocka_unit_test(without_ndpi_nothing_happens),
        cmocka_unit_test(every_prefix_is_safe),
        cmocka_unit_test(a_name_is_kept_aside_until_our_own_parsers_give_up),
        cmocka_unit_test(a_short_flow_gets_its_name_when_it_ends),
        cmocka_unit_test(our_own_parsers_are_never_overridden),
    };
    return cmocka_run_group_tests_name("analyzers/ndpi", tests, NULL, NULL);
}
