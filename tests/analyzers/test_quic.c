/* QUIC through the inspector: hellos over several packets, in any order, after Retry and version changes. */
#include "inspect_helper.h"
#include "quic_bytes.h"

static const struct inspector_options with_prints = {.fingerprints = FINGERPRINTS_ALL};
static const struct client_spec client = {.version = 0x0303,
                                          .sni = "cloud.example.com",
                                          .protocols = "\x02h3",
                                          .supported_versions = {0x0304},
                                          .groups = {0x11ec, 0x001d},
                                          .share = 0x11ec};
static const struct server_spec server = {
    .version = 0x0303, .cipher = 0x1302, .selected_version = 0x0304, .group = 0x001d};

enum { V1 = 1, V2 = 0x6b3343cf };
static const char dcid[] = "original", server_id[] = "srv-id", client_id[] = "cli";

static struct bytes hello, frames, datagram;
static struct tls_crypto *crypto;

static struct quic_keys keys_for(uint32_t version, const char *id, bool is_server)
{
    struct quic_keys keys;
    quic_keys_derive(quic_version_find(version), (const uint8_t *)id, strlen(id), is_server, &keys);
    return keys;
}

static uint8_t first_byte(uint32_t version)
{
    return version == V2 ? 0xd1 : 0xc1;
}

/** One client Initial with `frames`, sent to @p to, sealed for @p keyed_by. */
static void put_client_packet(uint32_t version, const char *to, const char *keyed_by, const char *token,
                              uint32_t number)
{
    struct quic_keys keys = keys_for(version, keyed_by, false);
    const struct initial_spec spec = {version, first_byte(version), to, client_id, token, number};
    if (frames.length < 1100)
        put_fill(&frames, 0, 1100 - frames.length);
    put_initial(&datagram, &keys, &spec, &frames);
    frames.length = 0;
}

static void put_server_packet(uint32_t version, const char *keyed_by)
{
    struct quic_keys keys = keys_for(version, keyed_by, true);
    const struct initial_spec spec = {version, first_byte(version), client_id, server_id, "", 0};
    put_initial(&datagram, &keys, &spec, &frames);
    frames.length = 0;
}

static void client_hello(void)
{
    hello.length = 0;
    put_client_message(&hello, &client);
}

static void server_hello(const struct server_spec *spec)
{
    hello.length = 0;
    put_server_message(&hello, spec);
}

static void put_hello_part(size_t offset, size_t length)
{
    put_crypto_frame(&frames, 6, offset, hello.data + offset, length);
}

static unsigned send_out(struct watched *w, unsigned side)
{
    unsigned state = send_datagram(w, side, datagram.data, datagram.length);
    datagram.length = 0;
    return state;
}

static struct watched *watch_quic(void)
{
    hello.length = frames.length = datagram.length = 0;
    return watch(&with_prints, IP_PROTO_UDP, 50000, 443);
}

static void send_client_hello(struct watched *w, uint32_t version)
{
    client_hello();
    put_hello_part(0, hello.length);
    put_client_packet(version, dcid, dcid, "", 0);
    (void)send_out(w, CLIENT);
}

static void both_hellos_are_read(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    send_client_hello(w, V1);
    assert_int_equal(w->state, INSPECT_CHANGED);
    put_fill(&frames, 0, 3);
    put(&frames, "\x02\x00\x00\x00\x00\x01", 6); /* ACK, PING */
    server_hello(&server);
    put_hello_part(0, hello.length);
    put_server_packet(V1, dcid);
    unsigned seen = send_out(w, SERVER);

    const struct flow_facts *facts = facts_of(w);
    assert_int_equal(seen, INSPECT_CHANGED | INSPECT_FINISHED);
    assert_int_equal(facts->app, APP_QUIC);
    assert_int_equal(facts->quic.version, 1);
    assert_text(facts->tls.sni, "cloud.example.com");
    assert_text(facts->tls.alpn, "h3");
    assert_memory_equal(facts->tls.ja4, "q13d0306h3_", 11);
    assert_int_equal(facts->tls.cipher, 0x1302);
    assert_int_equal(facts->tls.key_exchange_group, 0x001d);
    assert_int_equal(facts->quic.original_dcid_length, 8);
    assert_memory_equal(facts->quic.original_dcid, dcid, 8);
    watch_end(w);
}

static void a_hello_in_shuffled_frames_and_packets_is_put_together(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    client_hello();
    size_t half = hello.length / 2;
    put_hello_part(half + 10, hello.length - half - 10);
    put_hello_part(half, 10);
    put_client_packet(V1, dcid, dcid, "", 1);
    (void)send_out(w, CLIENT);
    assert_false(facts_of(w)->tls.has_client_hello);
    for (size_t i = half; i-- > half - 20;)
        put_hello_part(i, 1);
    put_hello_part(0, half - 20);
    put_client_packet(V1, dcid, dcid, "", 0);
    (void)send_out(w, CLIENT);

    assert_text(facts_of(w)->tls.sni, "cloud.example.com");
    watch_end(w);
}

static void packets_of_one_datagram_are_all_read(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    client_hello();
    put_hello_part(0, 100);
    put_client_packet(V1, dcid, dcid, "", 0);
    put_hello_part(100, hello.length - 100);
    put_client_packet(V1, dcid, dcid, "", 1);
    (void)send_out(w, CLIENT);

    assert_text(facts_of(w)->tls.sni, "cloud.example.com");
    watch_end(w);
}

static void after_a_retry_the_new_id_makes_the_keys(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    client_hello();
    put_hello_part(0, 50); /* the first attempt stays incomplete */
    put_client_packet(V1, dcid, dcid, "", 0);
    (void)send_out(w, CLIENT);
    put(&datagram,
        "\xf0\x00\x00\x00\x01\x03"
        "cli"
        "\x06"
        "retry1"
        "token"
        "0123456789abcdef",
        37);
    (void)send_out(w, SERVER);
    put_hello_part(0, hello.length);
    put_client_packet(V1, "retry1", "retry1", "token", 1);
    (void)send_out(w, CLIENT);
    server_hello(&server);
    put_hello_part(0, hello.length);
    put_server_packet(V1, "retry1");
    (void)send_out(w, SERVER);

    assert_true(facts_of(w)->quic.has_retry);
    assert_text(facts_of(w)->tls.sni, "cloud.example.com");
    assert_true(facts_of(w)->tls.has_server_hello);
    assert_memory_equal(facts_of(w)->quic.original_dcid, dcid, 8);
    assert_int_equal(counted(w, "quic_decrypt_failed"), 0);
    watch_end(w);
}

/* A tap that shows the answer before what it answers. */
static void a_servers_packet_before_the_clients_is_read_when_there_are_keys(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    server_hello(&server);
    put_hello_part(0, hello.length);
    put_server_packet(V1, dcid);
    (void)send_out(w, SERVER);
    assert_false(facts_of(w)->tls.has_server_hello);

    send_client_hello(w, V1);

    assert_true(w->state & INSPECT_FINISHED);
    assert_text(facts_of(w)->tls.sni, "cloud.example.com");
    assert_int_equal(facts_of(w)->tls.cipher, 0x1302);
    assert_int_equal(strlen(facts_of(w)->tls.ja3s), 32);
    assert_int_equal(facts_of(w)->client_side, CLIENT);
    watch_end(w);
}

static void a_servers_packet_before_the_client_took_the_retry_is_read_too(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    client_hello();
    put_hello_part(0, hello.length);
    put_client_packet(V1, dcid, dcid, "", 0);
    (void)send_out(w, CLIENT);
    server_hello(&server);
    put_hello_part(0, hello.length);
    put_server_packet(V1, "retry1");
    (void)send_out(w, SERVER);
    assert_false(facts_of(w)->tls.has_server_hello);

    client_hello();
    put_hello_part(0, hello.length);
    put_client_packet(V1, "retry1", "retry1", "token", 1);
    (void)send_out(w, CLIENT);

    assert_true(facts_of(w)->tls.has_server_hello);
    watch_end(w);
}

static void packets_that_never_open_are_held_within_a_cap(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    for (unsigned i = 0; i < 31; i++) {
        server_hello(&server);
        put_hello_part(0, hello.length);
        put_server_packet(V1, i % 2 ? "another!" : dcid);
        (void)send_out(w, i % 3 ? SERVER : CLIENT);
    }
    assert_int_equal(counted(w, "quic_decrypt_failed"), 31);
    assert_int_equal(counted(w, "blocks_exhausted"), 0);
    watch_end(w);
}

static void a_clients_second_packet_to_the_servers_id_keeps_the_keys(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    client_hello();
    put_hello_part(0, 100);
    put_client_packet(V1, dcid, dcid, "", 0);
    (void)send_out(w, CLIENT);
    put_hello_part(100, hello.length - 100);
    put_client_packet(V1, server_id, dcid, "", 1);
    (void)send_out(w, CLIENT);

    assert_text(facts_of(w)->tls.sni, "cloud.example.com");
    watch_end(w);
}

static void the_server_may_answer_in_version_2(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    send_client_hello(w, V1);
    server_hello(&server);
    put_hello_part(0, hello.length);
    put_server_packet(V2, dcid);
    (void)send_out(w, SERVER);

    assert_int_equal(facts_of(w)->quic.version, V2);
    assert_true(facts_of(w)->tls.has_server_hello);
    watch_end(w);
}

static void version_negotiation_is_noted_and_the_next_attempt_read(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    put_number(&datagram, 0xc0, 1);
    put_number(&datagram, 0xabcd0009, 4);
    put(&datagram,
        "\x08"
        "somebody"
        "\x03"
        "cli"
        "unreadable",
        23);
    (void)send_out(w, CLIENT);
    assert_int_equal(counted(w, "quic_unknown_version"), 1);
    put(&datagram,
        "\x80\x00\x00\x00\x00\x03"
        "cli"
        "\x08"
        "somebody"
        "\x00\x00\x00\x01",
        22);
    (void)send_out(w, SERVER);
    send_client_hello(w, V1);

    assert_true(facts_of(w)->quic.has_version_negotiation);
    assert_int_equal(facts_of(w)->quic.version, 1);
    assert_text(facts_of(w)->tls.sni, "cloud.example.com");
    watch_end(w);
}

static void a_forced_negotiation_is_opened_with_either_salt(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    client_hello();
    put_hello_part(0, hello.length);
    struct quic_keys keys = keys_for(QUIC_DRAFT_29, dcid, false);
    const struct initial_spec spec = {0x1a2a3a4a, 0xc0, dcid, client_id, "", 0};
    put_fill(&frames, 0, 300);
    put_initial(&datagram, &keys, &spec, &frames);
    (void)send_out(w, CLIENT);

    assert_text(facts_of(w)->tls.sni, "cloud.example.com");
    watch_end(w);
}

static void a_hello_retry_stands_before_the_real_hello(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    struct server_spec retry = server;
    retry.is_retry = true;
    send_client_hello(w, V1);
    server_hello(&retry);
    size_t first = hello.length;
    put_hello_part(0, first);
    put_server_packet(V1, dcid);
    assert_false(send_out(w, SERVER) & INSPECT_FINISHED);
    put_server_message(&hello, &server);
    put_hello_part(first, hello.length - first);
    put_server_packet(V1, dcid);
    (void)send_out(w, SERVER);

    assert_true(facts_of(w)->tls.is_hello_retry && facts_of(w)->tls.has_server_hello);
    watch_end(w);
}

static void zero_rtt_is_noted(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    client_hello();
    put_hello_part(0, hello.length);
    put_client_packet(V1, dcid, dcid, "", 0);
    put(&datagram,
        "\xd0\x00\x00\x00\x01\x08"
        "original"
        "\x03"
        "cli"
        "\x05"
        "12345",
        24);
    (void)send_out(w, CLIENT);

    assert_true(facts_of(w)->tls.early_data);
    watch_end(w);
}

static void a_clients_short_header_means_the_servers_hello_was_missed(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    send_client_hello(w, V1);
    put(&datagram, "\x45 something sealed", 18);

    assert_true(send_out(w, CLIENT) & INSPECT_FINISHED);
    assert_false(facts_of(w)->tls.has_server_hello);
    watch_end(w);
}

static void a_packet_that_does_not_open_is_counted(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    client_hello();
    put_hello_part(0, hello.length);
    put_client_packet(V1, dcid, "another!", "", 0);
    (void)send_out(w, CLIENT);

    assert_int_equal(counted(w, "quic_decrypt_failed"), 1);
    assert_int_equal(facts_of(w)->app, APP_QUIC);
    assert_int_equal(facts_of(w)->quic.version, 1);
    assert_false(facts_of(w)->tls.has_client_hello);
    watch_end(w);
}

static void a_snapped_packet_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    client_hello();
    put_hello_part(0, hello.length);
    put_client_packet(V1, dcid, dcid, "", 0);
    (void)inspect_datagram(w->inspector, w->inspection, &w->flow, CLIENT, datagram.data, 500, datagram.length);

    assert_text(facts_of(w)->tls.sni, "cloud.example.com");
    assert_true(facts_of(w)->has_gap);
    watch_end(w);
}

static void a_hello_beyond_the_cap_is_refused(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    put_crypto_frame(&frames, 6, 16380, (const uint8_t *)"0123456789", 10);
    put_client_packet(V1, dcid, dcid, "", 0);
    (void)send_out(w, CLIENT);
    put_crypto_frame(&frames, 6, 0, (const uint8_t *)"\x01\xff\xff\xff", 4);
    put_client_packet(V1, dcid, dcid, "", 1);
    (void)send_out(w, CLIENT);

    assert_int_equal(counted(w, "tls_handshake_too_long"), 2);
    watch_end(w);
}

static void unknown_frames_are_counted_malformed(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    put_fill(&frames, 0x3f, 20);
    put_client_packet(V1, dcid, dcid, "", 0);
    (void)send_out(w, CLIENT);

    assert_int_equal(counted(w, "quic_malformed"), 1);
    watch_end(w);
}

static void frames_of_prefix(const uint8_t *data, size_t length, void *context)
{
    struct wire w = wire_of(data, length), part;
    uint64_t offset;
    unsigned *crypto_frames = context;
    while (quic_frame_next(&w, quic_version_find(V1), &offset, &part) == QUIC_FRAMES_CRYPTO)
        (*crypto_frames)++;
    w = wire_of(data, length);
    while (quic_frame_next(&w, quic_version_find(0x51303530), &offset, &part) == QUIC_FRAMES_CRYPTO)
        (*crypto_frames)++;
}

static void every_prefix_of_the_frames_is_safe(void **state)
{
    (void)state;
    unsigned seen = 0;
    frames.length = 0;
    put(&frames, "\x01\x03\x40\x10\x00\x01\x02\x01\x01\x05\x06\x07", 12); /* PING, ACK with ranges and ECN */
    put_crypto_frame(&frames, 6, 70000, (const uint8_t *)"abc", 3);
    put(&frames,
        "\x1c\x40\x0a\x06\x03"
        "bye",
        8);
    put_crypto_frame(&frames, 6, 1, (const uint8_t *)"abc", 3);
    for_each_prefix(frames.data, frames.length, frames_of_prefix, &seen);
    frames.length = 0;
    put(&frames, "\x07\x60\x01\x02\x03\x01\x01\x01\x01\x02\x01\x02\x03\x04\x05\x06\x07\x08",
        18); /* Google's PING, ACK */
    put_crypto_frame(&frames, 8, 0, (const uint8_t *)"abc", 3);
    for_each_prefix(frames.data, frames.length, frames_of_prefix, &seen);
    assert_true(seen > 2);
}

static int set_up(void **state)
{
    (void)state;
    crypto = tls_crypto_new();
    return crypto == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    tls_crypto_free(crypto);
    return 0;
}

static void a_hello_whose_last_packet_never_came_gives_its_name_when_the_flow_ends(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    client_hello();
    put_hello_part(0, hello.length - 6);
    put_client_packet(V1, dcid, dcid, "", 0);
    (void)send_out(w, CLIENT);
    assert_null(facts_of(w)->tls.sni.data);

    assert_int_equal(end_flow(w), INSPECT_CHANGED | INSPECT_FINISHED);
    assert_text(facts_of(w)->tls.sni, "cloud.example.com");
    assert_true(facts_of(w)->has_gap);
    assert_int_equal(end_flow(w), INSPECT_FINISHED);
    watch_end(w);
}

static void a_cut_hello_gives_its_name_when_the_handshake_goes_on(void **state)
{
    (void)state;
    struct watched *w = watch_quic();
    client_hello();
    put_hello_part(0, hello.length - 6);
    put_client_packet(V1, dcid, dcid, "", 0);
    (void)send_out(w, CLIENT);
    put(&datagram, "\x45 something sealed", 18);

    assert_int_equal(send_out(w, CLIENT), INSPECT_CHANGED | INSPECT_FINISHED);
    assert_text(facts_of(w)->tls.sni, "cloud.example.com");
    assert_true(facts_of(w)->has_gap);
    watch_end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_hellos_are_read),
        cmocka_unit_test(a_hello_in_shuffled_frames_and_packets_is_put_together),
        cmocka_unit_test(packets_of_one_datagram_are_all_read),
        cmocka_unit_test(after_a_retry_the_new_id_makes_the_keys),
        cmocka_unit_test(a_servers_packet_before_the_clients_is_read_when_there_are_keys),
        cmocka_unit_test(a_servers_packet_before_the_client_took_the_retry_is_read_too),
        cmocka_unit_test(packets_that_never_open_are_held_within_a_cap),
        cmocka_unit_test(a_clients_second_packet_to_the_servers_id_keeps_the_keys),
        cmocka_unit_test(the_server_may_answer_in_version_2),
        cmocka_unit_test(version_negotiation_is_noted_and_the_next_attempt_read),
        cmocka_unit_test(a_forced_negotiation_is_opened_with_either_salt),
        cmocka_unit_test(a_hello_retry_stands_before_the_real_hello),
        cmocka_unit_test(zero_rtt_is_noted),
        cmocka_unit_test(a_clients_short_header_means_the_servers_hello_was_missed),
        cmocka_unit_test(a_packet_that_does_not_open_is_counted),
        cmocka_unit_test(a_snapped_packet_is_read_as_far_as_it_goes),
        cmocka_unit_test(a_hello_beyond_the_cap_is_refused),
        cmocka_unit_test(unknown_frames_are_counted_malformed),
        cmocka_unit_test(every_prefix_of_the_frames_is_safe),
        cmocka_unit_test(a_hello_whose_last_packet_never_came_gives_its_name_when_the_flow_ends),
        cmocka_unit_test(a_cut_hello_gives_its_name_when_the_handshake_goes_on),
    };
    return cmocka_run_group_tests_name("analyzers/quic", tests, set_up, tear_down);
}
