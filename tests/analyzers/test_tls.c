/* TLS over a stream, through the inspector: whatever way the bytes are cut, and whatever was lost. */
#include "tls_stream.h"

static void a_whole_handshake_of_13_finishes(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&modern, 16384);
    (void)send_all(w, CLIENT);
    server_13_records(&answer_13);

    unsigned seen = send_all(w, SERVER);

    assert_int_equal(seen, INSPECT_CHANGED | INSPECT_FINISHED);
    assert_int_equal(facts_of(w)->tls.version, 0x0304);
    assert_int_equal(facts_of(w)->tls.cipher, 0x1301);
    assert_int_equal(facts_of(w)->tls.key_exchange_group, 0x11ec);
    assert_false(facts_of(w)->tls.is_resumed);
    assert_int_equal(strlen(facts_of(w)->tls.ja3s), 32);
    watch_end(w);
}

/** Sends wire_bytes_out in segments of @p size bytes. */
static void send_in_segments(struct watched *w, unsigned side, size_t size)
{
    for (size_t at = 0; at < wire_bytes_out.length; at += size) {
        size_t left = wire_bytes_out.length - at;
        (void)send_bytes(w, side, wire_bytes_out.data + at, left < size ? left : size);
    }
}

static void any_cut_into_records_and_segments_gives_the_same(void **state)
{
    (void)state;
    static const size_t record_sizes[] = {1, 3, 50, 16384}, segment_sizes[] = {2, 7, 100, 1460, 65536};
    const struct inspector_options options = {.fingerprints = FINGERPRINTS_ALL, .packets_max = 255};
    for (size_t r = 0; r < 4; r++)
        for (size_t s = 0; s < 5; s++) {
            struct watched *w = watch(&options, IP_PROTO_TCP, 50000, 443);
            client_records(&classic, record_sizes[r]);
            send_in_segments(w, CLIENT, segment_sizes[s]);
            server_12_records(&answer_12, 2, record_sizes[r]);
            send_in_segments(w, SERVER, segment_sizes[s]);

            const struct tls_facts *tls = &facts_of(w)->tls;
            assert_text(tls->sni, "agent.example.com");
            assert_text(tls->alpn, "http/1.1");
            assert_int_equal(tls->certificate_count, 2);
            assert_true(tls->certificates_complete);
            assert_text(tls->certificate[1].subject_org, "Example Antivirus Labs");
            assert_text(tls->san_names, "updates.example.com *.cdn.example.com");
            assert_int_equal(tls->key_exchange_group, 0x001d);
            assert_true(w->state & INSPECT_FINISHED);
            watch_end(w);
        }
}

static void a_certificate_is_hashed_over_its_der(void **state)
{
    (void)state;
    char hex[65] = "";
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    (void)send_all(w, CLIENT);
    server_12_records(&answer_12, 1, 16384);
    (void)send_all(w, SERVER);

    for (size_t i = 0; i < 32; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", facts_of(w)->tls.certificate[0].sha256[i]);
    assert_string_equal(hex, certificate_sha256);
    watch_end(w);
}

static void a_chain_longer_than_the_cap_is_read_from_its_beginning(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    (void)send_all(w, CLIENT);
    server_12_records(&answer_12, 150, 16384); /* 79 KB */
    send_in_segments(w, SERVER, 1460);

    assert_int_equal(facts_of(w)->tls.certificate_count, TLS_CERTIFICATES_MAX);
    assert_false(facts_of(w)->tls.certificates_complete);
    assert_int_equal(facts_of(w)->tls.key_exchange_group, 0x001d);
    assert_int_equal(counted(w, "tls_handshake_too_long"), 1);
    watch_end(w);
}

static void change_cipher(struct watched *w, unsigned side)
{
    (void)send_bytes(w, side, "\x14\x03\x03\x00\x01\x01", 6);
}

static void an_echoed_session_id_is_a_resumption(void **state)
{
    (void)state;
    struct client_spec client = classic;
    struct server_spec server = answer_12;
    client.session_id_length = server.session_id_length = 32;
    struct watched *w = watch_tls();
    client_records(&client, 16384);
    (void)send_all(w, CLIENT);
    server_13_records(&server);
    (void)send_all(w, SERVER);
    change_cipher(w, SERVER);

    assert_true(facts_of(w)->tls.resumption_offered);
    assert_true(facts_of(w)->tls.is_resumed);
    assert_true(w->state & INSPECT_FINISHED);
    watch_end(w);
}

static void a_ticket_resumption_shows_by_the_missing_certificate(void **state)
{
    (void)state;
    struct client_spec client = classic;
    client.has_ticket = true;
    struct watched *w = watch_tls();
    client_records(&client, 16384);
    (void)send_all(w, CLIENT);
    server_13_records(&answer_12);
    (void)send_all(w, SERVER);
    assert_false(facts_of(w)->tls.is_resumed);
    change_cipher(w, SERVER);

    assert_true(facts_of(w)->tls.is_resumed);
    watch_end(w);
}

static void a_full_handshake_with_an_echoed_id_is_no_resumption(void **state)
{
    (void)state;
    struct client_spec client = classic;
    struct server_spec server = answer_12;
    client.session_id_length = server.session_id_length = 32;
    struct watched *w = watch_tls();
    client_records(&client, 16384);
    (void)send_all(w, CLIENT);
    server_12_records(&server, 1, 16384);
    (void)send_all(w, SERVER);

    assert_false(facts_of(w)->tls.is_resumed);
    watch_end(w);
}

static void lost_bytes_after_the_hello_prove_no_resumption(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    (void)send_all(w, CLIENT);
    server_13_records(&answer_12);
    (void)send_all(w, SERVER);
    (void)send_bytes_after(w, SERVER, "\x14\x03\x03\x00\x01\x01", 6, true);

    assert_false(facts_of(w)->tls.is_resumed);
    assert_true(facts_of(w)->has_gap);
    watch_end(w);
}

static void a_psk_of_13_is_a_resumption_and_early_data_is_noted(void **state)
{
    (void)state;
    struct client_spec client = modern;
    struct server_spec server = answer_13;
    client.has_psk = client.has_early_data = client.has_ech = true;
    server.has_psk = true;
    struct watched *w = watch_tls();
    client_records(&client, 16384);
    (void)send_all(w, CLIENT);
    server_13_records(&server);
    (void)send_all(w, SERVER);

    const struct tls_facts *tls = &facts_of(w)->tls;
    assert_true(tls->resumption_offered && tls->is_resumed && tls->early_data);
    assert_int_equal(tls->ech, ECH_OFFERED);
    watch_end(w);
}

static void after_a_hello_retry_the_real_hello_decides(void **state)
{
    (void)state;
    struct server_spec retry = answer_13;
    retry.is_retry = true;
    retry.group = 0x0017;
    struct watched *w = watch_tls();
    client_records(&modern, 16384);
    (void)send_all(w, CLIENT);
    server_13_records(&retry);
    (void)send_all(w, SERVER);
    change_cipher(w, SERVER);
    assert_false(facts_of(w)->tls.has_server_hello);
    change_cipher(w, CLIENT);
    client_records(&modern, 16384);
    (void)send_all(w, CLIENT);
    server_13_records(&answer_13);
    (void)send_all(w, SERVER);

    assert_true(facts_of(w)->tls.is_hello_retry);
    assert_true(facts_of(w)->tls.has_server_hello);
    assert_int_equal(facts_of(w)->tls.key_exchange_group, 0x11ec);
    assert_true(w->state & INSPECT_FINISHED);
    watch_end(w);
}

static void the_server_alone_says_what_it_says(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    server_12_records(&answer_12, 1, 16384);
    (void)send_all(w, SERVER);

    assert_true(facts_of(w)->client_side_known);
    assert_int_equal(facts_of(w)->client_side, CLIENT);
    assert_false(facts_of(w)->tls.has_client_hello);
    assert_int_equal(facts_of(w)->tls.cipher, 0xc02f);
    assert_true(facts_of(w)->tls.has_certificates);
    assert_false(w->state & INSPECT_FINISHED); /* the client's side may still come */
    watch_end(w);
}

static void a_stream_joined_in_the_middle_is_named(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    uint8_t record[5 + 300] = {0x17, 3, 3, 300 >> 8, 300 & 255};

    (void)send_bytes(w, CLIENT, record, sizeof(record));
    unsigned seen = send_bytes(w, SERVER, record, sizeof(record));

    assert_int_equal(facts_of(w)->app, APP_TLS);
    assert_true(seen & INSPECT_FINISHED);
    assert_null(facts_of(w)->tls.sni.data);
    watch_end(w);
}

static void after_a_gap_a_hello_is_found_again(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    (void)send_all(w, CLIENT);
    server_13_records(&answer_12);
    (void)send_bytes(w, SERVER, wire_bytes_out.data, 20);
    (void)send_bytes_after(w, SERVER, "in the middle of something", 26, true);
    assert_false(facts_of(w)->tls.has_server_hello);
    (void)send_all(w, SERVER);

    assert_true(facts_of(w)->tls.has_server_hello);
    watch_end(w);
}

/* The name stands first among the extensions; the session id and the suites are before it. */
static void a_hello_cut_by_the_snapshot_length_still_names_its_server(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    for (size_t length = 60; length < wire_bytes_out.length && text_is_empty(facts_of(w)->tls.sni); length++) {
        watch_end(w);
        w = watch_tls();
        client_records(&classic, 16384);
        (void)send_bytes(w, CLIENT, wire_bytes_out.data, length);
        (void)send_bytes_after(w, CLIENT, "\x14\x03\x03\x00\x01\x01", 6, true);
    }

    const struct tls_facts *tls = &facts_of(w)->tls;
    assert_true(tls->has_client_hello && facts_of(w)->has_gap);
    assert_int_equal(tls->sni.length, strlen(classic.sni));
    assert_memory_equal(tls->sni.data, classic.sni, tls->sni.length);
    assert_string_equal(tls->ja4, "");
    assert_string_equal(tls->ja3, "");
    assert_int_equal(counted(w, "tls_hello_malformed"), 0);
    watch_end(w);
}

static void a_side_that_is_no_tls_ends_the_inspection(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    (void)send_all(w, CLIENT);
    for (int i = 0; i < 10; i++)
        (void)send_text(w, SERVER, "HTTP/1.1 400 Bad Request\r\n");

    assert_true(w->state & INSPECT_FINISHED);
    assert_int_equal(counted(w, "tls_record_malformed"), 1);
    watch_end(w);
}

static void a_fatal_alert_ends_the_inspection(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    (void)send_all(w, CLIENT);

    assert_true(send_bytes(w, SERVER, "\x15\x03\x03\x00\x02\x02\x28", 7) & INSPECT_FINISHED);
    watch_end(w);
}

static void a_warning_before_the_hello_does_not(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    (void)send_all(w, CLIENT);
    assert_false(send_bytes(w, SERVER, "\x15\x03\x03\x00\x02\x01\x70", 7) & INSPECT_FINISHED);
    server_12_records(&answer_12, 1, 16384);
    (void)send_all(w, SERVER);

    assert_true(facts_of(w)->tls.has_server_hello);
    watch_end(w);
}

/** CLIENT-HELLO of SSL 2.0 framing for TLS 1.0, one cipher spec. */
static const uint8_t sslv2_hello[] = {0x80, 0x1c, 1, 3, 1, 0, 3, 0, 0,  0,  16, 0,  0,  0x2f, 1,
                                      2,    3,    4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,   16};

static void an_sslv2_framed_hello_is_read(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    (void)send_bytes(w, CLIENT, sslv2_hello, sizeof(sslv2_hello));
    server_12_records(&answer_12, 1, 16384);
    (void)send_all(w, SERVER);

    assert_true(facts_of(w)->tls.has_client_hello && facts_of(w)->tls.is_sslv2_hello);
    assert_int_equal(facts_of(w)->tls.offered_version, 0x0301);
    assert_true(facts_of(w)->tls.has_server_hello);
    watch_end(w);
}

static void an_sslv2_server_is_known_by_its_version(void **state)
{
    (void)state;
    uint8_t hello[13 + sizeof(certificate_bytes)] = {
        0, 0, 4, 0, 1, 0, 2, sizeof(certificate_bytes) >> 8, sizeof(certificate_bytes) & 255};
    hello[0] = (uint8_t)(0x80 | (sizeof(hello) - 2) >> 8);
    hello[1] = (uint8_t)(sizeof(hello) - 2);
    memcpy(hello + 13, certificate_bytes, sizeof(certificate_bytes));
    struct watched *w = watch_tls();
    (void)send_bytes(w, CLIENT, sslv2_hello, sizeof(sslv2_hello));
    (void)send_bytes(w, SERVER, hello, sizeof(hello));

    assert_int_equal(facts_of(w)->tls.version, 0x0002);
    assert_text(facts_of(w)->tls.certificate[0].issuer_country, "RU");
    assert_true(w->state & INSPECT_FINISHED);
    watch_end(w);
}

static void send_prefix(const uint8_t *data, size_t length, void *context)
{
    struct watched *w = watch_tls();
    (void)send_bytes(w, *(unsigned *)context, data, length);
    (void)send_bytes_after(w, *(unsigned *)context, data, length, true);
    watch_end(w);
}

static void every_prefix_of_the_streams_is_safe(void **state)
{
    (void)state;
    unsigned side = CLIENT;
    client_records(&classic, 16384);
    for_each_prefix(wire_bytes_out.data, wire_bytes_out.length, send_prefix, &side);
    side = SERVER;
    server_12_records(&answer_12, 1, 300);
    for_each_prefix(wire_bytes_out.data, wire_bytes_out.length, send_prefix, &side);
    for_each_prefix(sslv2_hello, sizeof(sslv2_hello), send_prefix, &side);
    assert_int_equal(side, SERVER);
}

static void a_hello_whose_tail_never_came_gives_its_name_when_the_flow_ends(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    (void)send_bytes(w, CLIENT, wire_bytes_out.data, wire_bytes_out.length - 8);
    assert_null(facts_of(w)->tls.sni.data);

    assert_int_equal(end_flow(w), INSPECT_CHANGED | INSPECT_FINISHED);
    assert_text(facts_of(w)->tls.sni, "agent.example.com");
    assert_true(facts_of(w)->has_gap);
    assert_string_equal(facts_of(w)->tls.ja3, "");
    assert_int_equal(end_flow(w), INSPECT_FINISHED);
    watch_end(w);
}

static void end_after_prefix(const uint8_t *bytes, size_t length, void *context)
{
    struct watched *w = watch_tls();
    size_t consumed, *named = context;
    (void)inspect_bytes(w->inspector, w->inspection, &w->flow, CLIENT, bytes, length, false, &consumed);
    assert_true(end_flow(w) & INSPECT_FINISHED);
    *named += facts_of(w)->tls.sni.data != NULL;
    watch_end(w);
}

static void a_hello_may_end_anywhere(void **state)
{
    (void)state;
    size_t named = 0;
    client_records(&classic, 16384);
    for_each_prefix(wire_bytes_out.data, wire_bytes_out.length, end_after_prefix, &named);
    assert_true(named > 1);
}

static void what_may_stand_before_a_hello_does_not_hide_it(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
    } before[] = {
        {"\x15\x03\x01\x00\x02\x02\x28", 7},     /* a fatal alert */
        {"\x14\x03\x03\x00\x01\x01", 6},         /* ChangeCipherSpec */
        {"\x18\x03\x03\x00\x03\x01\x00\x00", 8}, /* a heartbeat */
        {"\x16\x03\x01\x00\x00", 5},             /* an empty record */
        {"\x16\x03\x01\x00\x00\x15\x03\x01\x00\x02\x01\x00", 12},
    };
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
        for (unsigned is_apart = 0; is_apart < 2; is_apart++) {
            static struct bytes both;
            struct watched *w = watch_tls();
            client_records(&classic, 16384);
            both.length = 0;
            put(&both, before[i].bytes, before[i].length);
            put(&both, wire_bytes_out.data, wire_bytes_out.length);
            if (is_apart)
                (void)send_bytes(w, CLIENT, before[i].bytes, before[i].length);
            (void)send_bytes(w, CLIENT, both.data + (is_apart ? before[i].length : 0),
                             both.length - (is_apart ? before[i].length : 0));

            assert_text(facts_of(w)->tls.sni, "agent.example.com");
            watch_end(w);
        }
}

static void the_version_of_a_record_says_nothing(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    wire_bytes_out.data[2] = 0x7f;
    (void)send_all(w, CLIENT);

    assert_text(facts_of(w)->tls.sni, "agent.example.com");
    watch_end(w);
}

static void a_hello_that_comes_byte_by_byte_is_read(void **state)
{
    (void)state;
    struct watched *w = watch_tls();
    client_records(&classic, 16384);
    send_in_segments(w, CLIENT, 1);

    assert_text(facts_of(w)->tls.sni, "agent.example.com");
    watch_end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_handshake_of_13_finishes),
        cmocka_unit_test(any_cut_into_records_and_segments_gives_the_same),
        cmocka_unit_test(a_certificate_is_hashed_over_its_der),
        cmocka_unit_test(a_chain_longer_than_the_cap_is_read_from_its_beginning),
        cmocka_unit_test(an_echoed_session_id_is_a_resumption),
        cmocka_unit_test(a_ticket_resumption_shows_by_the_missing_certificate),
        cmocka_unit_test(a_full_handshake_with_an_echoed_id_is_no_resumption),
        cmocka_unit_test(lost_bytes_after_the_hello_prove_no_resumption),
        cmocka_unit_test(a_psk_of_13_is_a_resumption_and_early_data_is_noted),
        cmocka_unit_test(after_a_hello_retry_the_real_hello_decides),
        cmocka_unit_test(the_server_alone_says_what_it_says),
        cmocka_unit_test(a_stream_joined_in_the_middle_is_named),
        cmocka_unit_test(after_a_gap_a_hello_is_found_again),
        cmocka_unit_test(a_hello_cut_by_the_snapshot_length_still_names_its_server),
        cmocka_unit_test(a_side_that_is_no_tls_ends_the_inspection),
        cmocka_unit_test(a_fatal_alert_ends_the_inspection),
        cmocka_unit_test(a_warning_before_the_hello_does_not),
        cmocka_unit_test(an_sslv2_framed_hello_is_read),
        cmocka_unit_test(an_sslv2_server_is_known_by_its_version),
        cmocka_unit_test(every_prefix_of_the_streams_is_safe),
        cmocka_unit_test(a_hello_whose_tail_never_came_gives_its_name_when_the_flow_ends),
        cmocka_unit_test(a_hello_may_end_anywhere),
        cmocka_unit_test(what_may_stand_before_a_hello_does_not_hide_it),
        cmocka_unit_test(the_version_of_a_record_says_nothing),
        cmocka_unit_test(a_hello_that_comes_byte_by_byte_is_read),
    };
    return cmocka_run_group_tests_name("analyzers/tls", tests, NULL, NULL);
}
