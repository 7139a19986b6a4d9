#include "inspect_helper.h"

#include "certificate_bytes.h"
#include "tls_bytes.h"
#include "tls_internal.h"
#include "tls_pieces_internal.h"

static const struct inspector_options with_prints = {.fingerprints = FINGERPRINTS_ALL};
static const struct client_spec client = {.version = 0xfefd, .sni = "vpn.example.com", .groups = {0x001d}};
static const struct server_spec server = {.version = 0xfefd, .cipher = 0xc02f};

static struct bytes body, out;

static void put_record_header(uint8_t type, uint16_t epoch, size_t length)
{
    put_number(&out, type, 1);
    put_number(&out, 0xfefd, 2);
    put_number(&out, epoch, 2);
    put_number(&out, 7, 6);
    put_number(&out, length, 2);
}

/** One record with the part of `body` from @p offset. */
static void put_fragment(uint8_t type, uint16_t sequence, size_t offset, size_t part)
{
    put_record_header(22, 0, 12 + part);
    put_number(&out, type, 1);
    put_number(&out, body.length, 3);
    put_number(&out, sequence, 2);
    put_number(&out, offset, 3);
    put_number(&out, part, 3);
    put(&out, body.data + offset, part);
}

static unsigned send_out(struct watched *w, unsigned side)
{
    unsigned state = send_datagram(w, side, out.data, out.length);
    out.length = 0;
    return state;
}

static void client_body(bool has_cookie)
{
    struct client_spec spec = client;
    spec.has_cookie = has_cookie;
    body.length = out.length = 0;
    put_client_hello(&body, &spec);
}

static struct watched *watch_dtls(void)
{
    return watch(&with_prints, IP_PROTO_UDP, 50000, 443);
}

static void send_client_hello(struct watched *w)
{
    client_body(false);
    put_fragment(1, 0, 0, body.length);
    (void)send_out(w, CLIENT);
}

static void a_hello_with_and_without_cookie_gives_one_name(void **state)
{
    (void)state;
    struct watched *w = watch_dtls();
    send_client_hello(w);
    body.length = 0;
    put_number(&body, 0xfeff, 2);
    put_number(&body, 8, 1);
    put_fill(&body, 0xcc, 8);
    put_fragment(3, 0, 0, body.length); /* HelloVerifyRequest */
    assert_false(send_out(w, SERVER) & INSPECT_FINISHED);
    client_body(true);
    put_fragment(1, 1, 0, body.length);
    (void)send_out(w, CLIENT);

    assert_int_equal(facts_of(w)->app, APP_DTLS);
    assert_text(facts_of(w)->tls.sni, "vpn.example.com");
    assert_int_equal(facts_of(w)->tls.offered_version, 0xfefd);
    assert_memory_equal(facts_of(w)->tls.ja4, "dd2d0303", 8);
    watch_end(w);
}

static void fragments_in_any_order_are_put_together(void **state)
{
    (void)state;
    struct watched *w = watch_dtls();
    client_body(false);
    size_t third = body.length / 3;
    put_fragment(1, 0, 2 * third, body.length - 2 * third);
    (void)send_out(w, CLIENT);
    put_fragment(1, 0, 0, third);
    put_fragment(1, 0, 0, third); /* twice */
    (void)send_out(w, CLIENT);
    assert_false(facts_of(w)->tls.has_client_hello);
    put_fragment(1, 0, third - 5, third + 5); /* overlaps */
    (void)send_out(w, CLIENT);

    assert_text(facts_of(w)->tls.sni, "vpn.example.com");
    watch_end(w);
}

static void a_hello_whose_last_fragment_never_came_gives_its_name_when_the_flow_ends(void **state)
{
    (void)state;
    struct watched *w = watch_dtls();
    client_body(false);
    put_fragment(1, 0, 0, body.length - 4);
    (void)send_out(w, CLIENT);
    assert_null(facts_of(w)->tls.sni.data);

    assert_int_equal(end_flow(w), INSPECT_CHANGED | INSPECT_FINISHED);
    assert_text(facts_of(w)->tls.sni, "vpn.example.com");
    assert_int_equal(facts_of(w)->client_side, CLIENT);
    assert_true(facts_of(w)->has_gap);
    assert_string_equal(facts_of(w)->tls.ja4, "");
    assert_int_equal(end_flow(w), INSPECT_FINISHED);
    watch_end(w);
}

static void a_cut_hello_gives_its_name_when_the_handshake_goes_on(void **state)
{
    (void)state;
    struct watched *w = watch_dtls();
    client_body(false);
    put_fragment(1, 0, 0, body.length - 4);
    (void)send_out(w, CLIENT);
    body.length = 0;
    put_server_hello(&body, &server);
    put_fragment(2, 0, 0, body.length);
    put_record_header(22, 1, 20);
    put_fill(&out, 7, 20);
    (void)send_out(w, SERVER);
    put_record_header(23, 1, 20);
    put_fill(&out, 7, 20);

    unsigned seen = send_out(w, CLIENT);

    assert_int_equal(seen, INSPECT_CHANGED | INSPECT_FINISHED);
    assert_text(facts_of(w)->tls.sni, "vpn.example.com");
    watch_end(w);
}

static void the_servers_flight_gives_version_certificate_and_group(void **state)
{
    (void)state;
    struct watched *w = watch_dtls();
    send_client_hello(w);
    body.length = 0;
    put_server_hello(&body, &server);
    put_fragment(2, 1, 0, body.length);
    body.length = 0;
    put_certificate_message(&body, certificate_bytes, sizeof(certificate_bytes), 1);
    body.length -= 4;
    memmove(body.data, body.data + 4, body.length); /* the handshake header of TLS */
    put_fragment(11, 2, 0, 200);
    (void)send_out(w, SERVER);
    put_fragment(11, 2, 200, body.length - 200);
    body.length = 0;
    put_key_exchange_message(&body, 0x0017);
    body.length -= 4;
    memmove(body.data, body.data + 4, body.length);
    put_fragment(12, 3, 0, body.length);
    unsigned seen = send_out(w, SERVER);

    const struct tls_facts *tls = &facts_of(w)->tls;
    assert_true(seen & INSPECT_FINISHED);
    assert_int_equal(tls->version, 0xfefd);
    assert_text(tls->certificate[0].subject_cn, "updates.example.com");
    assert_int_equal(tls->key_exchange_group, 0x0017);
    watch_end(w);
}

static void an_encrypted_record_of_the_server_ends_the_inspection(void **state)
{
    (void)state;
    struct watched *w = watch_dtls();
    send_client_hello(w);
    put_record_header(22, 1, 40);
    put_fill(&out, 0xee, 40);

    assert_true(send_out(w, SERVER) & INSPECT_FINISHED);
    assert_false(facts_of(w)->tls.has_server_hello);
    watch_end(w);
}

static void a_fragment_beyond_its_message_is_counted(void **state)
{
    (void)state;
    struct watched *w = watch_dtls();
    send_client_hello(w);
    body.length = 10;
    put_fragment(2, 1, 0, 10);
    out.data[out.length - 10 - 1] = 60; /* fragment length */
    (void)send_out(w, SERVER);

    assert_int_equal(counted(w, "dtls_malformed"), 1);
    watch_end(w);
}

static void send_prefix(const uint8_t *data, size_t length, void *context)
{
    struct watched *w = watch_dtls();
    (void)send_datagram(w, *(unsigned *)context, data, length);
    watch_end(w);
}

static void every_prefix_of_a_datagram_is_safe(void **state)
{
    (void)state;
    unsigned side = CLIENT;
    client_body(false);
    put_fragment(1, 0, 0, 50);
    put_fragment(1, 0, 50, body.length - 50);
    for_each_prefix(out.data, out.length, send_prefix, &side);
    assert_int_equal(side, CLIENT);
}

static void pieces_keep_what_came_first_and_refuse_what_is_too_far(void **state)
{
    (void)state;
    uint8_t room[64] = {0};
    struct tls_pieces pieces = {.data = room, .capacity = sizeof(room)};
    assert_true(tls_pieces_add(&pieces, 10, (const uint8_t *)"bbbbb", 5));
    assert_true(tls_pieces_add(&pieces, 8, (const uint8_t *)"aaaaaaaaaa", 10));
    assert_int_equal(tls_pieces_front(&pieces), 0);
    assert_true(tls_pieces_add(&pieces, 0, (const uint8_t *)"cccccccc", 8));
    assert_false(tls_pieces_add(&pieces, 60, (const uint8_t *)"ddddd", 5));
    assert_false(tls_pieces_add(&pieces, UINT64_MAX, (const uint8_t *)"d", 1));

    assert_int_equal(tls_pieces_front(&pieces), 18);
    assert_memory_equal(room, "ccccccccaabbbbbaaa", 18);
    assert_int_equal(pieces.count, 1);
}

static void too_many_stretches_are_refused_until_holes_close(void **state)
{
    (void)state;
    uint8_t room[256] = {0};
    struct tls_pieces pieces = {.data = room, .capacity = sizeof(room)};
    for (unsigned i = 0; i < TLS_PIECES_MAX; i++)
        assert_true(tls_pieces_add(&pieces, 2 * i + 1, (const uint8_t *)"x", 1));
    assert_false(tls_pieces_add(&pieces, 200, (const uint8_t *)"x", 1));
    for (unsigned i = 0; i < TLS_PIECES_MAX; i++)
        assert_true(tls_pieces_add(&pieces, 2 * i, (const uint8_t *)"y", 1));

    assert_int_equal(pieces.count, 1);
    assert_int_equal(tls_pieces_front(&pieces), 2 * TLS_PIECES_MAX);
}

static const uint8_t check[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};

/** Puts @p head before what is in `out`. */
static void wrap_out(const uint8_t *head, size_t length)
{
    memmove(out.data + length, out.data, out.length);
    memcpy(out.data, head, length);
    out.length += length;
}

static void a_hello_among_checks_and_media_is_read(void **state)
{
    (void)state;
    struct watched *w = watch_dtls();
    for (unsigned i = 0; i < 60; i++)
        assert_int_equal(send_datagram(w, i % 2, check, sizeof(check)), INSPECT_MORE);

    send_client_hello(w);
    (void)send_datagram(w, SERVER, check, sizeof(check));
    (void)send_datagram(w, SERVER, (const uint8_t[12]){0x80, 0x6f}, 12); /* RTP */

    assert_text(facts_of(w)->tls.sni, "vpn.example.com");
    assert_int_equal(facts_of(w)->app, APP_DTLS);
    assert_int_equal(counted(w, "dtls_malformed"), 0);
    watch_end(w);
}

static void endless_checks_are_given_up(void **state)
{
    (void)state;
    struct watched *w = watch_dtls();
    unsigned sent = 1;
    while ((send_datagram(w, CLIENT, check, sizeof(check)) & INSPECT_FINISHED) == 0)
        sent++;

    assert_in_range(sent, 60, 80);
    assert_int_equal(counted(w, "packets_exhausted"), 1);
    watch_end(w);
}

static void a_hello_through_a_relay_is_read(void **state)
{
    (void)state;
    for (unsigned is_channel = 0; is_channel < 2; is_channel++) {
        struct watched *w = watch_dtls();
        client_body(false);
        put_fragment(1, 0, 0, body.length);
        uint8_t size[2] = {(uint8_t)(out.length >> 8), (uint8_t)out.length};
        if (is_channel) {
            wrap_out((const uint8_t[]){0x40, 0x01, size[0], size[1]}, 4);
        } else {
            put_fill(&out, 0, (4 - out.length % 4) % 4);
            size_t length = out.length + 4;
            wrap_out((const uint8_t[]){0, 0x13, size[0], size[1]}, 4);
            wrap_out((const uint8_t[20]){0, 0x16, (uint8_t)(length >> 8), (uint8_t)length, 0x21, 0x12, 0xa4, 0x42}, 20);
        }

        (void)send_out(w, CLIENT);

        assert_text(facts_of(w)->tls.sni, "vpn.example.com");
        assert_int_equal(facts_of(w)->app, APP_DTLS);
        watch_end(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_with_and_without_cookie_gives_one_name),
        cmocka_unit_test(fragments_in_any_order_are_put_together),
        cmocka_unit_test(a_hello_whose_last_fragment_never_came_gives_its_name_when_the_flow_ends),
        cmocka_unit_test(a_cut_hello_gives_its_name_when_the_handshake_goes_on),
        cmocka_unit_test(a_hello_among_checks_and_media_is_read),
        cmocka_unit_test(endless_checks_are_given_up),
        cmocka_unit_test(a_hello_through_a_relay_is_read),
        cmocka_unit_test(the_servers_flight_gives_version_certificate_and_group),
        cmocka_unit_test(an_encrypted_record_of_the_server_ends_the_inspection),
        cmocka_unit_test(a_fragment_beyond_its_message_is_counted),
        cmocka_unit_test(every_prefix_of_a_datagram_is_safe),
        cmocka_unit_test(pieces_keep_what_came_first_and_refuse_what_is_too_far),
        cmocka_unit_test(too_many_stretches_are_refused_until_holes_close),
    };
    return cmocka_run_group_tests_name("analyzers/dtls", tests, NULL, NULL);
}
