/* Google's QUIC: the CHLO in the clear of Q024 to Q046, sealed in Q050; ClientHello in T051. */
#include "inspect_helper.h"
#include "quic_bytes.h"

static const struct inspector_options plain_options = {.fingerprints = FINGERPRINTS_ALL};
static struct bytes hello, packet;

static void put_little(struct bytes *b, uint32_t value, unsigned octets)
{
    for (unsigned i = 0; i < octets; i++)
        put_number(b, value >> (8 * i) & 0xff, 1);
}

/** A CHLO with SNI, VER and UAID. */
static void make_hello(const char *name)
{
    uint32_t end = (uint32_t)strlen(name);
    hello.length = 0;
    put(&hello, "CHLO", 4);
    put_little(&hello, 3, 2);
    put_little(&hello, 0, 2);
    put(&hello, "SNI\0", 4);
    put_little(&hello, end, 4);
    put(&hello, "VER\0", 4);
    put_little(&hello, end += 4, 4);
    put(&hello, "UAID", 4);
    put_little(&hello, end += 10, 4);
    put(&hello, name, strlen(name));
    put(&hello, "Q043Chrome/1.0", 14);
}

/** Stream 1 with a data length, big or little endian, and some padding. */
static void put_stream(bool is_little)
{
    put_number(&packet, 0xa0, 1);
    put_number(&packet, 1, 1);
    if (is_little)
        put_little(&packet, (uint32_t)hello.length, 2);
    else
        put_number(&packet, hello.length, 2);
    put(&packet, hello.data, hello.length);
    put_fill(&packet, 0, 30);
}

static void old_packet(const char *version, bool has_private_flags, bool is_little)
{
    packet.length = 0;
    put(&packet,
        "\x0d"
        "12345678",
        9);
    put(&packet, version, 4);
    put_number(&packet, 1, 1); /* packet number */
    put_fill(&packet, 0xee, 12);
    if (has_private_flags)
        put_number(&packet, 1, 1);
    put_stream(is_little);
}

static void check(const char *version, enum app app)
{
    struct watched *w = watch(&plain_options, IP_PROTO_UDP, 50000, 443);
    unsigned seen = send_datagram(w, CLIENT, packet.data, packet.length);

    assert_true(seen & INSPECT_FINISHED);
    assert_int_equal(facts_of(w)->app, app);
    assert_text(facts_of(w)->tls.sni, "www.example.com");
    assert_text(facts_of(w)->quic.user_agent, "Chrome/1.0");
    assert_int_equal(facts_of(w)->quic.version, load_be32((const uint8_t *)version));
    assert_int_equal(facts_of(w)->client_side, CLIENT);
    watch_end(w);
}

static void the_hello_of_each_layout_is_read(void **state)
{
    (void)state;
    make_hello("WWW.Example.com");
    old_packet("Q024", true, true);
    check("Q024", APP_GQUIC);
    old_packet("Q035", false, true);
    check("Q035", APP_GQUIC);
    old_packet("Q043", false, false);
    check("Q043", APP_GQUIC);

    packet.length = 0;
    put(&packet,
        "\xc3Q046\x50"
        "12345678"
        "\0\0\0\1",
        18);
    put_fill(&packet, 0xee, 12);
    put_stream(false);
    check("Q046", APP_GQUIC);
}

static void the_sealed_hello_of_q050_is_read(void **state)
{
    (void)state;
    static struct bytes frames;
    struct tls_crypto *crypto = tls_crypto_new();
    struct quic_keys keys;
    const struct initial_spec spec = {0x51303530, 0xc3, "12345678", "", "", 1};
    make_hello("www.example.com");
    put_crypto_frame(&frames, 8, 0, hello.data, hello.length);
    put_fill(&frames, 0, 200);
    packet.length = 0;
    quic_keys_derive(quic_version_find(spec.version), (const uint8_t *)spec.dcid, 8, false, &keys);
    put_initial(&packet, &keys, &spec, &frames);
    tls_crypto_free(crypto);

    check("Q050", APP_GQUIC);
}

static void a_cut_packet_gives_the_name_that_is_there(void **state)
{
    (void)state;
    make_hello("www.example.com");
    old_packet("Q043", false, false);
    packet.length -= 30 + 10; /* padding and the user agent's value */
    struct watched *w = watch(&plain_options, IP_PROTO_UDP, 50000, 443);
    (void)send_datagram(w, CLIENT, packet.data, packet.length);

    assert_text(facts_of(w)->tls.sni, "www.example.com");
    assert_null(facts_of(w)->quic.user_agent.data);
    watch_end(w);
}

static void hostile_tables_are_refused(void **state)
{
    (void)state;
    make_hello("www.example.com");
    hello.data[4] = 0xff; /* number of tags */
    old_packet("Q043", false, false);
    struct watched *w = watch(&plain_options, IP_PROTO_UDP, 50000, 443);
    (void)send_datagram(w, CLIENT, packet.data, packet.length);

    assert_int_equal(counted(w, "quic_malformed"), 1);
    assert_false(facts_of(w)->tls.has_client_hello);
    watch_end(w);
}

static void send_prefix(const uint8_t *data, size_t length, void *context)
{
    struct watched *w = watch(&plain_options, IP_PROTO_UDP, 50000, 443);
    (void)send_datagram(w, CLIENT, data, length);
    *(unsigned *)context += facts_of(w)->tls.has_client_hello;
    watch_end(w);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    unsigned read = 0;
    make_hello("www.example.com");
    old_packet("Q024", true, true);
    for_each_prefix(packet.data, packet.length, send_prefix, &read);
    assert_true(read > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hello_of_each_layout_is_read),
        cmocka_unit_test(the_sealed_hello_of_q050_is_read),
        cmocka_unit_test(a_cut_packet_gives_the_name_that_is_there),
        cmocka_unit_test(hostile_tables_are_refused),
        cmocka_unit_test(every_prefix_is_safe),
    };
    return cmocka_run_group_tests_name("analyzers/quic_google", tests, NULL, NULL);
}
