/* What a hello says: names, versions, suites; hostile ones too. */
#include "tls_internal.h"
#include "tls_stream.h"

static void a_hello_gives_name_versions_and_prints(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&modern, 16384);

    unsigned seen = send_all(w, CLIENT);

    const struct flow_facts *facts = facts_of(w);
    assert_int_equal(seen, INSPECT_CHANGED);
    assert_int_equal(facts->app, APP_TLS);
    assert_true(facts->client_side_known);
    assert_int_equal(facts->client_side, CLIENT);
    assert_text(facts->tls.sni, "updates.example.com");
    assert_text(facts->tls.alpn, "h2");
    assert_text(facts->tls.alpn_offered, "h2,http/1.1");
    assert_int_equal(facts->tls.offered_version, 0x0304);
    assert_true(facts->tls.client_offers_hybrid);
    assert_false(facts->tls.resumption_offered); /* the session id of 1.3 is for middleboxes */
    assert_memory_equal(facts->tls.ja4, "t13d0306h2_", 11);
    assert_int_equal(strlen(facts->tls.ja3), 32);
    watch_end(w);
}

static void hostile_names_are_refused_and_counted(void **state)
{
    (void)state;
    static char too_long[300];
    memset(too_long, 'a', sizeof(too_long) - 1);
    static const char *const names[] = {"", "a\nb", "a\x7f", too_long};
    for (size_t i = 0; i < 4; i++) {
        struct client_spec spec = classic;
        spec.sni = names[i];
        struct watched *w = watch_tls();
        client_records(&spec, 16384);
        (void)send_all(w, CLIENT);

        assert_null(facts_of(w)->tls.sni.data);
        assert_true(facts_of(w)->tls.has_client_hello);
        assert_int_equal(counted(w, "tls_hello_malformed"), 1);
        watch_end(w);
    }
}

static void an_address_as_name_is_kept_as_it_is(void **state)
{
    (void)state;
    struct client_spec spec = classic;
    spec.sni = "192.0.2.7";
    struct watched *w = watch_tls();
    client_records(&spec, 16384);
    (void)send_all(w, CLIENT);

    assert_text(facts_of(w)->tls.sni, "192.0.2.7");
    watch_end(w);
}

static void what_stood_before_a_broken_extension_is_kept(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    wire_bytes_out.data[wire_bytes_out.length - 7] = 0xff; /* signature algorithms: length */
    (void)send_all(w, CLIENT);

    assert_text(facts_of(w)->tls.sni, "agent.example.com");
    assert_int_equal(counted(w, "tls_hello_malformed"), 1);
    watch_end(w);
}

static void only_prints_that_are_wanted_are_made(void **state)
{
    (void)state;
    for (unsigned wanted = 0; wanted <= FINGERPRINTS_ALL; wanted++) {
        const struct inspector_options options = {.fingerprints = (uint8_t)wanted};
        struct watched *w = watch(&options, IP_PROTO_TCP, 50000, 443);
        client_records(&modern, 16384);
        (void)send_all(w, CLIENT);

        assert_int_equal(facts_of(w)->tls.ja3[0] != '\0', (wanted & FINGERPRINT_JA3) != 0);
        assert_int_equal(facts_of(w)->tls.ja4[0] != '\0', (wanted & FINGERPRINT_JA4) != 0);
        watch_end(w);
    }
}

static void parse_client(const uint8_t *data, size_t length, void *context)
{
    struct tls_client_hello hello;
    struct tls_server_hello answer;
    unsigned *good = context;
    *good += tls_client_hello_parse(data, length, false, &hello);
    *good += tls_server_hello_parse(data, length, &answer);
}

static void every_prefix_of_the_hellos_is_safe(void **state)
{
    (void)state;
    unsigned good = 0;
    struct client_spec client = modern;
    client.has_psk = client.has_early_data = client.has_ech = client.has_ticket = true;
    struct server_spec server = answer_13;
    server.protocol = "\x02h2";
    server.has_psk = true;
    plain.length = 0;
    put_client_hello(&plain, &client);
    for_each_prefix(plain.data, plain.length, parse_client, &good);
    plain.length = 0;
    put_server_hello(&plain, &server);
    for_each_prefix(plain.data, plain.length, parse_client, &good);

    assert_true(good > 0);
}

static void suites_are_known_by_their_key_exchange(void **state)
{
    (void)state;
    static const struct {
        uint16_t cipher;
        enum tls_key_exchange key_exchange;
        enum tls_strength strength;
    } rows[] = {
        {0x0001, TLS_KX_RSA, TLS_STRENGTH_NULL},        {0x0003, TLS_KX_RSA, TLS_STRENGTH_BROKEN},
        {0x0005, TLS_KX_RSA, TLS_STRENGTH_BROKEN},      {0x000a, TLS_KX_RSA, TLS_STRENGTH_SMALL_BLOCK},
        {0x0016, TLS_KX_DHE, TLS_STRENGTH_SMALL_BLOCK}, {0x002f, TLS_KX_RSA, TLS_STRENGTH_SOUND},
        {0x0034, TLS_KX_ANONYMOUS, TLS_STRENGTH_SOUND}, {0x0039, TLS_KX_DHE, TLS_STRENGTH_SOUND},
        {0x0080, TLS_KX_RSA, TLS_STRENGTH_SMALL_BLOCK}, {0x00a8, TLS_KX_PSK, TLS_STRENGTH_SOUND},
        {0x00aa, TLS_KX_DHE, TLS_STRENGTH_SOUND},       {0x00ac, TLS_KX_RSA, TLS_STRENGTH_SOUND},
        {0x1302, TLS_KX_13, TLS_STRENGTH_SOUND},        {0xc004, TLS_KX_STATIC_DH, TLS_STRENGTH_SOUND},
        {0xc011, TLS_KX_ECDHE, TLS_STRENGTH_BROKEN},    {0xc018, TLS_KX_ANONYMOUS_EC, TLS_STRENGTH_SOUND},
        {0xc02f, TLS_KX_ECDHE, TLS_STRENGTH_SOUND},     {0xc035, TLS_KX_ECDHE_PSK, TLS_STRENGTH_SOUND},
        {0xc0b4, TLS_KX_13, TLS_STRENGTH_NULL},         {0xcca8, TLS_KX_ECDHE, TLS_STRENGTH_SOUND},
        {0xe013, TLS_KX_RSA, TLS_STRENGTH_SOUND},       {0x16b7, TLS_KX_CECPQ1, TLS_STRENGTH_SOUND},
        {0x5600, TLS_KX_UNKNOWN, TLS_STRENGTH_SOUND},   {0xffff, TLS_KX_UNKNOWN, TLS_STRENGTH_SOUND},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tls_suite suite = tls_suite_of(rows[i].cipher);
        assert_int_equal(suite.key_exchange, rows[i].key_exchange);
        assert_int_equal(suite.strength, rows[i].strength);
    }
}

static void a_server_name_with_bytes_that_no_name_has_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"a b.kaspersky.com", "a\x1b[2J.kaspersky.com", "\xff.kaspersky.com"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct client_spec spec = classic;
        struct watched *w = watch_tls();
        spec.sni = names[i];
        client_records(&spec, 16384);
        (void)send_all(w, CLIENT);

        assert_true(facts_of(w)->tls.has_client_hello);
        assert_null(facts_of(w)->tls.sni.data);
        assert_int_equal(counted(w, "tls_hello_malformed"), 1);
        watch_end(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_gives_name_versions_and_prints),
        cmocka_unit_test(hostile_names_are_refused_and_counted),
        cmocka_unit_test(an_address_as_name_is_kept_as_it_is),
        cmocka_unit_test(what_stood_before_a_broken_extension_is_kept),
        cmocka_unit_test(only_prints_that_are_wanted_are_made),
        cmocka_unit_test(every_prefix_of_the_hellos_is_safe),
        cmocka_unit_test(suites_are_known_by_their_key_exchange),
        cmocka_unit_test(a_server_name_with_bytes_that_no_name_has_is_refused),
    };
    return cmocka_run_group_tests_name("analyzers/tls_hello", tests, NULL, NULL);
}
