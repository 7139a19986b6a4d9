/* The examples of RFC 9001 and RFC 9369, Appendix A. */
#include "quic_bytes.h"

static const char dcid[] = "\x83\x94\xc8\xf0\x3e\x51\x57\x08";

static void assert_hex(const uint8_t *bytes, const char *hex)
{
    uint8_t wanted[256];
    size_t length = from_hex(hex, wanted);
    assert_memory_equal(bytes, wanted, length);
}

static void a_key_signs_as_rfc_4231_says(void **state)
{
    static const char data[] = "what do ya want for nothing?";
    struct tls_hmac_key key;
    uint8_t signature[TLS_SHA256_SIZE];
    (void)state;
    tls_hmac_sha256_key((const uint8_t *)"Jefe", 4, &key);
    for (int i = 0; i < 2; i++) { /* it serves more than once */
        tls_hmac_sha256(&key, (const uint8_t *)data, strlen(data), signature);
        assert_hex(signature, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}

static void keys_equal_the_examples(void **state)
{
    (void)state;
    static const struct {
        uint32_t version;
        bool is_server;
        const char *key, *iv, *hp;
    } rows[] = {
        {1, false, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2"},
        {1, true, "cf3a5331653c364c88f0f379b6067e37", "0ac1493ca1905853b0bba03e", "c206b8d9b9f0f37644430b490eeaa314"},
        {0x6b3343cf, false, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f",
         "45b95e15235d6f45a6b19cbcb0294ba9"},
        {0x6b3343cf, true, "82db637861d55e1d011f19ea71d5d2a7", "dd13c276499c0249d3310652",
         "edf6d05c83121201b436e16877593c3a"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct quic_keys keys;
        quic_keys_derive(quic_version_find(rows[i].version), (const uint8_t *)dcid, 8, rows[i].is_server, &keys);
        assert_hex(keys.key, rows[i].key);
        assert_hex(keys.iv, rows[i].iv);
        assert_hex(keys.hp, rows[i].hp);
    }
}

/** CRYPTO frame of A.2 in both RFCs. */
static const char client_frame[] =
    "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000000010"
    "000e00000b65"
    "78616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e000500050100000000003300260024001d0020"
    "9370b2c9caa4"
    "7fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306030203080408050806002d0002"
    "0101001c0002"
    "40010039003204"
    "08ffffffffffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff";

static size_t open_packet(struct tls_crypto *crypto, const struct bytes *packet, bool is_server, uint8_t *ret)
{
    struct wire w = wire_of(packet->data, packet->length);
    struct quic_header header;
    struct quic_keys keys;
    assert_true(quic_header_take(&w, &header));
    assert_int_equal(header.type, QUIC_INITIAL);
    assert_int_equal(w.left, 0);
    quic_keys_derive(header.known, (const uint8_t *)dcid, 8, is_server, &keys);
    return quic_packet_open(crypto, &keys, &header, ret);
}

/** Seals the frame as A.2 does and holds the result against the RFC's bytes, then opens it. */
static void check_client_packet(struct tls_crypto *crypto, uint32_t version, uint8_t first, const char *head,
                                const char *tag)
{
    static struct bytes plain, packet;
    uint8_t opened[QUIC_PACKET_MAX];
    struct quic_keys keys;
    const struct initial_spec spec = {version, first, dcid, "", "", 2};
    plain.length = from_hex(client_frame, plain.data);
    packet.length = 0;
    assert_int_equal(plain.length, 245);
    put_fill(&plain, 0, 1162 - plain.length);
    quic_keys_derive(quic_version_find(version), (const uint8_t *)dcid, 8, false, &keys);
    put_initial(&packet, &keys, &spec, &plain);
    assert_int_equal(packet.length, 1200);
    assert_hex(packet.data, head);
    if (tag != NULL)
        assert_hex(packet.data + 1200 - 16, tag);

    assert_int_equal(open_packet(crypto, &packet, false, opened), 1162);
    assert_memory_equal(opened, plain.data, 1162);
    packet.data[600] ^= 1;
    assert_int_equal(open_packet(crypto, &packet, false, opened), 0);
}

static void the_clients_packet_opens(void **state)
{
    check_client_packet(*state, 1, 0xc3, "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
                        "e221af44860018ab0856972e194cd934");
    check_client_packet(*state, 0x6b3343cf, 0xd3, "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485",
                        NULL);
}

static void the_servers_packet_opens(void **state)
{
    static struct bytes packet;
    uint8_t opened[QUIC_PACKET_MAX];
    packet.length =
        from_hex("cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb3"
                 "8cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84"
                 "022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee",
                 packet.data);

    assert_int_equal(open_packet(*state, &packet, true, opened), 99);
    assert_hex(opened, "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf739");
}

static void header_prefix(const uint8_t *data, size_t length, void *context)
{
    struct wire w = wire_of(data, length);
    struct quic_header header;
    struct quic_keys keys = {.is_set = true};
    uint8_t opened[QUIC_PACKET_MAX];
    while (w.left > 0 && quic_header_take(&w, &header))
        if (header.known != NULL && header.type == QUIC_INITIAL)
            (void)quic_packet_open(context, &keys, &header, opened);
}

static void every_prefix_of_a_packet_is_safe(void **state)
{
    static struct bytes packet;
    packet.length =
        from_hex("cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb3",
                 packet.data);
    put_fill(&packet, 0xc0, 60);
    for_each_prefix(packet.data, packet.length, header_prefix, *state);
    assert_true(packet.length > 60);
}

static void versions_are_found_by_range(void **state)
{
    (void)state;
    assert_null(quic_version_find(0));
    assert_null(quic_version_find(0xff000015));
    assert_non_null(quic_version_find(0xff000016));
    assert_non_null(quic_version_find(0xff000022));
    assert_null(quic_version_find(0xff000023));
    assert_ptr_equal(quic_version_find(0x1a2a3a4a), quic_version_find(1));
    assert_true(quic_version_find(0x6b3343cf)->has_v2_types);
    assert_true(quic_version_find(0x51303530)->has_google_hello);
    assert_false(quic_version_is_familiar(0x12345678));
}

static int set_up(void **state)
{
    *state = tls_crypto_new();
    return *state == NULL;
}

static int tear_down(void **state)
{
    tls_crypto_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_signs_as_rfc_4231_says),     cmocka_unit_test(keys_equal_the_examples),
        cmocka_unit_test(the_clients_packet_opens),         cmocka_unit_test(the_servers_packet_opens),
        cmocka_unit_test(every_prefix_of_a_packet_is_safe), cmocka_unit_test(versions_are_found_by_range),
    };
    return cmocka_run_group_tests_name("analyzers/quic_keys", tests, set_up, tear_down);
}
