/* JA3, JA3S and JA4 against the examples their authors publish, and the corner cases of their texts. */
#include "test.h"

#include "fingerprint_internal.h"
#include "tls_bytes.h"

static struct wire numbers(struct bytes *room, const uint16_t *values)
{
    size_t start = room->length;
    for (; *values != 0; values++)
        put_number(room, *values, 2);
    return wire_of(room->data + start, room->length - start);
}

/** Extensions with those types and no content. */
static struct wire extensions(struct bytes *room, const uint16_t *types, size_t count)
{
    size_t start = room->length;
    for (size_t i = 0; i < count; i++) {
        put_number(room, types[i], 2);
        put_number(room, 0, 2);
    }
    return wire_of(room->data + start, room->length - start);
}

static struct bytes room;

static int set_up(void **state)
{
    room.length = 0;
    *state = tls_crypto_new();
    return *state == NULL;
}

static int tear_down(void **state)
{
    tls_crypto_free(*state);
    return 0;
}

static void ja3_equals_the_published_examples(void **state)
{
    static const uint8_t formats[] = {0};
    char ja3[33];
    struct tls_client_hello full = {.legacy_version = 769, .point_formats = {formats, 1, false}};
    full.ciphers = numbers(&room, (const uint16_t[]){47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4, 0});
    full.groups = numbers(&room, (const uint16_t[]){23, 24, 25, 0});
    full.extensions = extensions(&room, (const uint16_t[]){0, 10, 11}, 3);
    struct tls_client_hello bare = {.legacy_version = 769};
    bare.ciphers = numbers(&room, (const uint16_t[]){4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99, 0});

    fingerprint_ja3(*state, &full, ja3);
    assert_string_equal(ja3, "ada70206e40642a3e4461f35503241d5");
    fingerprint_ja3(*state, &bare, ja3);
    assert_string_equal(ja3, "de350869b8c85de67a350c8d186f11e6");
}

static void ja3s_is_the_md5_of_its_text(void **state)
{
    char ja3s[33];
    struct tls_server_hello hello = {.legacy_version = 769, .cipher = 47};
    hello.extensions = extensions(&room, (const uint16_t[]){65281, 0, 11, 35, 5, 16}, 6);

    fingerprint_ja3s(*state, &hello, ja3s);

    assert_string_equal(ja3s, "836ce314215654b5b1f85f97c73e506f"); /* of 769,47,65281-0-11-35-5-16 */
}

/** The Chrome hello of JA4.md. */
static struct tls_client_hello chrome(void)
{
    struct tls_client_hello hello = {.legacy_version = 0x0303, .has_server_name_extension = true};
    hello.ciphers =
        numbers(&room, (const uint16_t[]){0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                                          0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035, 0});
    static const uint16_t types[] = {0x4a4a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d,
                                     0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015};
    hello.extensions = extensions(&room, types, sizeof(types) / sizeof(types[0]));
    hello.versions = numbers(&room, (const uint16_t[]){0x6a6a, 0x0304, 0x0303, 0});
    hello.signature_algorithms =
        numbers(&room, (const uint16_t[]){0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0});
    hello.protocols = wire_of((const uint8_t *)"\x02h2\x08http/1.1", 12);
    return hello;
}

static void ja4_equals_the_published_example(void **state)
{
    char ja4[40];
    struct tls_client_hello hello = chrome();

    fingerprint_ja4(*state, &hello, TLS_OVER_TCP, ja4);
    assert_string_equal(ja4, "t13d1516h2_8daaf6152771_e5627efa2ab1");
    fingerprint_ja4(*state, &hello, TLS_OVER_QUIC, ja4);
    assert_string_equal(ja4, "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

static void ja4_without_extensions_hashes_to_zeros(void **state)
{
    char ja4[40];
    struct tls_client_hello hello = {.legacy_version = 0x0300};
    hello.ciphers = numbers(&room, (const uint16_t[]){0x0a0a, 0});

    fingerprint_ja4(*state, &hello, TLS_OVER_TCP, ja4);

    assert_string_equal(ja4, "ts3i000000_000000000000_000000000000");
}

static void ja4_protocol_and_version_follow_the_rules(void **state)
{
    static const struct {
        const char *protocols;
        size_t length;
        uint16_t version;
        enum tls_transport transport;
        const char *head;
    } rows[] = {
        {"\x02h2", 3, 0x0303, TLS_OVER_TCP, "t12i0000h2"},
        {"\x01h", 2, 0x0303, TLS_OVER_TCP, "t12i0000hh"},
        {"\x01\xab", 2, 0x0303, TLS_OVER_TCP, "t12i0000ab"},
        {"\x02\xab\xcd", 3, 0x0303, TLS_OVER_TCP, "t12i0000ad"},
        {"\x02\x30\xab", 3, 0x0303, TLS_OVER_TCP, "t12i00003b"},
        {"\x04\x30\x31\xab\xcd", 5, 0x0303, TLS_OVER_TCP, "t12i00003d"},
        {"\x00", 1, 0x0303, TLS_OVER_TCP, "t12i000000"},
        {"", 0, 0x0302, TLS_OVER_TCP, "t11i000000"},
        {"", 0, 0x0002, TLS_OVER_TCP, "ts2i000000"},
        {"", 0, 0x7f1c, TLS_OVER_TCP, "t00i000000"},
        {"", 0, 0xfeff, TLS_OVER_DATAGRAMS, "dd1i000000"},
        {"", 0, 0xfefd, TLS_OVER_DATAGRAMS, "dd2i000000"},
        {"", 0, 0xfefc, TLS_OVER_DATAGRAMS, "dd3i000000"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char ja4[40];
        struct tls_client_hello hello = {.legacy_version = rows[i].version};
        hello.protocols = wire_of((const uint8_t *)rows[i].protocols, rows[i].length);

        fingerprint_ja4(*state, &hello, rows[i].transport, ja4);

        assert_memory_equal(ja4, rows[i].head, 10);
    }
}

static void ja4_counts_stop_at_99(void **state)
{
    char ja4[40];
    struct tls_client_hello hello = {.legacy_version = 0x0303};
    for (uint16_t i = 0; i < 150; i++)
        put_number(&room, 0xc100u + i, 2);
    hello.ciphers = wire_of(room.data, room.length);

    fingerprint_ja4(*state, &hello, TLS_OVER_TCP, ja4);

    assert_memory_equal(ja4, "t12i9900", 8);
}

static void a_hello_with_too_many_entries_has_no_ja4_but_a_ja3(void **state)
{
    char ja4[40] = "untouched", ja3[33];
    struct tls_client_hello hello = {.legacy_version = 0x0303};
    for (unsigned i = 0; i < 30000; i++)
        put_number(&room, 0xc02f, 2);
    hello.ciphers = wire_of(room.data, room.length);

    fingerprint_ja4(*state, &hello, TLS_OVER_TCP, ja4);
    fingerprint_ja3(*state, &hello, ja3);

    assert_string_equal(ja4, "");
    assert_int_equal(strlen(ja3), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ja3_equals_the_published_examples, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ja3s_is_the_md5_of_its_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ja4_equals_the_published_example, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ja4_without_extensions_hashes_to_zeros, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ja4_protocol_and_version_follow_the_rules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ja4_counts_stop_at_99, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hello_with_too_many_entries_has_no_ja4_but_a_ja3, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("analyzers/fingerprint", tests, NULL, NULL);
}
