#include "inspect_helper.h"

#include "hello_bytes.h"

struct row {
    const char *name;
    uint16_t port;
    struct turn {
        unsigned side;
        const char *bytes;
        size_t length; /* 0: text */
    } turns[6];
};

#define TDS_OPTIONS "\0\0\x0b\0\x06\x01\0\x11\0\x01\xff\x10\0\0\0\0\0\x01"

static const struct row rows[] = {
    {"irc",
     6667,
     {{CLIENT, "CAP LS 302\r\n", 0},
      {SERVER, ":irc.example CAP * LS :tls\r\n", 0},
      {CLIENT, "STARTTLS\r\n", 0},
      {SERVER, ":irc.example 670 me :go\r\n", 0}}},
    {"mssql-tds",
     1433,
     {{CLIENT, "\x12\x01\0\x1a\0\0\0\0" TDS_OPTIONS, 26}, {SERVER, "\x04\x01\0\x1a\0\0\0\0" TDS_OPTIONS, 26}}},
    {"smtp",
     587,
     {{SERVER, "220 mail.example ESMTP ready\r\n", 0},
      {CLIENT, "EHLO me\r\n", 0},
      {SERVER, "250-mail\r\n250 STARTTLS\r\n", 0},
      {CLIENT, "STARTTLS\r\n", 0},
      {SERVER, "220 go\r\n", 0}}},
    {"smtp", 2525, {{CLIENT, "EHLO me\r\n", 0}, {CLIENT, "STARTTLS\r\n", 0}}},
    {"imap", 143, {{SERVER, "* OK IMAP4rev1\r\n", 0}, {CLIENT, "a1 STARTTLS\r\n", 0}, {SERVER, "a1 OK\r\n", 0}}},
    {"imap", 9999, {{CLIENT, ". CAPABILITY\r\n", 0}, {CLIENT, ". STARTTLS\r\n", 0}}},
    {"pop3", 110, {{SERVER, "+OK ready\r\n", 0}, {CLIENT, "STLS\r\n", 0}, {SERVER, "+OK\r\n", 0}}},
    {"ftp", 21, {{SERVER, "220 (vsFTPd 3.0.3)\r\n", 0}, {CLIENT, "AUTH TLS\r\n", 0}, {SERVER, "234 ok\r\n", 0}}},
    {"xmpp", 5222, {{CLIENT, "<?xml version='1.0'?><stream:stream to='a'>", 0}, {CLIENT, "<starttls/>", 0}}},
    {"ldap",
     389,
     {{CLIENT,
       "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
       "1.3.6.1.4.1.1466.20037",
       31},
      {SERVER, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 14}}},
    {"postgresql", 5432, {{CLIENT, "\0\0\0\x08\x04\xd2\x16\x2f", 8}, {SERVER, "S", 1}}},
    {"postgresql",
     5432,
     {{CLIENT, "\0\0\0\x08\x04\xd2\x16\x30", 8},
      {SERVER, "N", 1},
      {CLIENT, "\0\0\0\x08\x04\xd2\x16\x2f", 8},
      {SERVER, "S", 1}}},
    {"rdp",
     3389,
     {{CLIENT, "\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0", 19},
      {SERVER, "\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\x1f\x08\0\x02\0\0\0", 19}}},
    {"mysql",
     3306,
     {{SERVER,
       "\x4a\0\0\0\x0a"
       "8.0.31\0\x08\0\0\0aaaaaaaa\0\xff\xff\xff",
       27},
      {CLIENT, "\x20\0\0\x01\x85\xae\xff\x19\0\0\0\x01\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 36}}},
};

static const struct inspector_options plain = {.packets_max = 0};

static void play(struct watched *w, const struct turn *turn)
{
    send_bytes(w, turn->side, turn->bytes, turn->length != 0 ? turn->length : strlen(turn->bytes));
}

static void tls_inside_a_protocol_is_found_and_says_which(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, rows[i].port);
        for (const struct turn *turn = rows[i].turns; turn->bytes != NULL; turn++)
            play(w, turn);
        assert_text(facts_of(w)->app_name, rows[i].name);

        send_bytes(w, CLIENT, client_hello, sizeof(client_hello));

        assert_text(facts_of(w)->tls.starttls, rows[i].name);
        assert_int_equal(facts_of(w)->app, APP_TLS);
        assert_int_equal(facts_of(w)->client_side, CLIENT);
        watch_end(w);
    }
}

static void send_joined(struct watched *w, const struct turn *turn, const uint8_t *hello, size_t length)
{
    uint8_t both[256];
    size_t words = turn->length != 0 ? turn->length : strlen(turn->bytes);
    assert_true(words + length <= sizeof(both));
    memcpy(both, turn->bytes, words);
    memcpy(both + words, hello, length);
    send_bytes(w, turn->side, both, words + length);
}

/* Segments that were held for a missing one come in one piece. */
static void hello_behind_the_last_words_of_its_side_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct turn *turns = rows[i].turns, *last[2] = {turns, turns};
        for (const struct turn *turn = turns; turn->bytes != NULL; turn++)
            last[turn->side] = turn;
        struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, rows[i].port);

        for (const struct turn *turn = turns; turn->bytes != NULL; turn++) {
            if (turn == last[CLIENT])
                send_joined(w, turn, client_hello, sizeof(client_hello));
            else if (turn == last[SERVER] && turn > last[CLIENT])
                send_joined(w, turn, server_hello, sizeof(server_hello));
            else
                play(w, turn);
        }

        assert_text(facts_of(w)->tls.starttls, rows[i].name);
        assert_true(facts_of(w)->tls.has_client_hello);
        assert_int_equal(facts_of(w)->tls.has_server_hello, last[SERVER] > last[CLIENT]);
        assert_int_equal(facts_of(w)->client_side, CLIENT);
        assert_int_equal(counted(w, "tls_record_malformed"), 0);
        watch_end(w);
    }
}

static void handshake_in_packets_of_its_own_is_followed(void **state)
{
    (void)state;
    static const struct turn change = {CLIENT, "\x12\x01\0\x0e\0\0\0\0\x14\x03\x03\0\x01\x01", 14};
    const struct row *row = &rows[1];
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, row->port);
    play(w, &row->turns[0]);
    play(w, &row->turns[1]);

    send_joined(w, &(struct turn){CLIENT, "\x12\x01\x01\0\0\0\0\0", 8}, client_hello, sizeof(client_hello));
    send_joined(w, &(struct turn){SERVER, "\x12\x01\x01\0\0\0\0\0", 8}, server_hello, sizeof(server_hello));
    play(w, &change);

    assert_text(facts_of(w)->tls.starttls, "mssql-tds");
    assert_true(facts_of(w)->tls.has_client_hello && facts_of(w)->tls.has_server_hello);
    assert_int_equal(counted(w, "tls_record_malformed"), 0);
    watch_end(w);
}

static void hello_behind_several_lines_after_a_gap_is_found(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 587);
    static const char words[] = "dXNlcg==\r\ncGFzcw==\r\nSTARTTLS\r\n";
    uint8_t both[sizeof(words) - 1 + sizeof(client_hello)];
    memcpy(both, words, sizeof(words) - 1);
    memcpy(both + sizeof(words) - 1, client_hello, sizeof(client_hello));
    send_text(w, SERVER, "220 mail.example ESMTP\r\n");
    send_text(w, CLIENT, "EHLO me\r\n");

    send_bytes_after(w, CLIENT, both, sizeof(both), true);

    assert_text(facts_of(w)->tls.starttls, "smtp");
    assert_true(facts_of(w)->tls.has_client_hello);
    watch_end(w);
}

static void hello_inside_a_line_is_no_tls(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 587);
    const struct turn data = {CLIENT, "Subject: ", 0};
    send_text(w, SERVER, "220 mail.example ESMTP\r\n");
    send_text(w, CLIENT, "DATA\r\n");

    send_joined(w, &data, client_hello, sizeof(client_hello));

    assert_text(facts_of(w)->app_name, "smtp");
    assert_false(facts_of(w)->tls.has_client_hello);
    watch_end(w);
}

/* One direction: the letter that grants TLS, then the hello, apart and joined. */
static void postgresql_server_alone_is_known(void **state)
{
    (void)state;
    static const struct turn answers[] = {{SERVER, "S", 1}, {SERVER, "NS", 2}};
    for (size_t i = 0; i < 2 * sizeof(answers) / sizeof(*answers); i++) {
        const struct turn *answer = &answers[i / 2];
        struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 5432);
        if (i % 2 == 0) {
            play(w, answer);
            send_bytes(w, SERVER, server_hello, sizeof(server_hello));
        } else {
            send_joined(w, answer, server_hello, sizeof(server_hello));
        }

        assert_text(facts_of(w)->tls.starttls, "postgresql");
        assert_true(facts_of(w)->tls.has_server_hello);
        assert_int_equal(facts_of(w)->client_side, CLIENT);
        watch_end(w);
    }
}

static void mysql_client_alone_is_known(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 9999);

    send_joined(w, &rows[sizeof(rows) / sizeof(*rows) - 1].turns[1], client_hello, sizeof(client_hello));

    assert_text(facts_of(w)->tls.starttls, "mysql");
    assert_true(facts_of(w)->tls.has_client_hello);
    watch_end(w);
}

/* The capture begins inside the dialogue: who said it, and what it is. */
static const struct middle {
    uint16_t port;
    unsigned side;
    const char *bytes, *name; /* NULL: nobody knows */
} middles[] = {
    {25, SERVER, "250 STARTTLS\r\n", "smtp"},
    {25, SERVER, "334 VXNlcm5hbWU6\r\n", "smtp"},
    {587, SERVER, "250-SIZE 1000\r\n250 STARTTLS\r\n", "smtp"},
    {2525, SERVER, "250 STARTTLS\r\n", NULL},
    {2525, CLIENT, "STARTTLS\r\n", "smtp"},
    {6667, CLIENT, "STARTTLS\r\n", "irc"},
    {21, SERVER, "234 go\r\n", "ftp"},
    {143, CLIENT, "250 STARTTLS\r\n", "imap"},
    {143, CLIENT, "A001 STARTTLS\r\n", "imap"},
    {9999, CLIENT, "12 STARTTLS\r\n", "imap"},
    {9999, CLIENT, "<stream:stream to='a.example' xmlns='jabber:client'>", "xmpp"},
    {9999, SERVER, "<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='7'>", "xmpp"},
};

static void a_dialogue_joined_late_tells_who_is_the_client(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(middles) / sizeof(*middles); i++) {
        struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, middles[i].port);

        send_text(w, middles[i].side, middles[i].bytes);

        if (middles[i].name == NULL) {
            assert_false(facts_of(w)->client_side_known);
        } else {
            assert_text(facts_of(w)->app_name, middles[i].name);
            assert_int_equal(facts_of(w)->client_side, CLIENT);
        }
        watch_end(w);
    }
}

static void a_handshake_tells_who_is_the_client_whatever_is_said(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 9999);
    w->flow.client_reason = DIRECTION_HANDSHAKE;

    send_text(w, SERVER, "a1 STARTTLS\r\n");
    assert_null(facts_of(w)->app_name.data);
    send_text(w, CLIENT, "a1 STARTTLS\r\n");

    assert_text(facts_of(w)->app_name, "imap");
    assert_int_equal(facts_of(w)->client_side, CLIENT);
    watch_end(w);
}

static void mysql_hello_may_share_a_segment_with_its_request(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 3306);
    const struct turn *turns = rows[sizeof(rows) / sizeof(*rows) - 1].turns;
    uint8_t both[36 + sizeof(client_hello)];
    memcpy(both, turns[1].bytes, 36);
    memcpy(both + 36, client_hello, sizeof(client_hello));
    play(w, &turns[0]);

    send_bytes(w, CLIENT, both, sizeof(both));

    assert_text(facts_of(w)->tls.starttls, "mysql");
    assert_int_equal(facts_of(w)->app, APP_TLS);
    watch_end(w);
}

static void mail_without_tls_is_named_and_finished(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 25);
    send_text(w, SERVER, "220 mail.example ESMTP\r\n");

    unsigned lines = 0;
    while ((send_text(w, CLIENT, "NOOP\r\n") & INSPECT_FINISHED) == 0)
        lines++;

    assert_in_range(lines, 100, 140);
    assert_int_equal(facts_of(w)->app, APP_OTHER);
    assert_text(facts_of(w)->app_name, "smtp");
    assert_null(facts_of(w)->tls.starttls.data);
    watch_end(w);
}

static void other_users_of_tpkt_are_no_rdp(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 102);

    send_bytes(w, CLIENT, "\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc1\x02\x01\0\xc2\x02\x01\x02\xc0\x01\x0a", 22);

    assert_int_equal(facts_of(w)->app, APP_UNKNOWN);
    watch_end(w);
}

static void socks5_is_passed_over_on_both_sides(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 1080);
    send_bytes(w, CLIENT, "\x05\x02\x00\x02", 4);
    send_bytes(w, SERVER, "\x05\x02", 2);
    send_bytes(w, CLIENT, "\x01\x01u\x01p", 5);
    send_bytes(w, SERVER, "\x01\x00", 2);
    send_bytes(w, CLIENT,
               "\x05\x01\x00\x03\x09"
               "a.example\x00\x50",
               16);
    send_bytes(w, SERVER, "\x05\x00\x00\x01\x0a", 5);
    send_bytes(w, SERVER, "\x00\x00\x01\x04\x38", 5);

    send_text(w, CLIENT, "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n");
    send_text(w, SERVER, "HTTP/1.1 204 No Content\r\n\r\n");

    assert_text(facts_of(w)->http.host, "a.example");
    assert_int_equal(facts_of(w)->http.status, 204);
    assert_int_equal(counted(w, "tunnel_malformed"), 0);
    assert_int_equal(counted(w, "http_malformed"), 0);
    watch_end(w);
}

static void socks4_is_passed_over_when_its_answer_is_missing(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 1080);
    send_bytes(w, CLIENT,
               "\x04\x01\x01\xbb\x00\x00\x00\x01me\x00"
               "a.example\x00",
               21);

    send_bytes(w, CLIENT, client_hello, sizeof(client_hello));

    assert_int_equal(facts_of(w)->app, APP_TLS);
    watch_end(w);
}

static void proxy_headers_are_passed_over(void **state)
{
    (void)state;
    static const char v2[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c"
                             "\x0a\0\0\x01\x0a\0\0\x02\x9c\x40\x00\x50"
                             "GET / HTTP/1.1\r\nHost: two.example\r\n\r\n";
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 80), *w2 = watch(&plain, IP_PROTO_TCP, 40000, 80);

    send_text(w, CLIENT, "PROXY TCP4 10.0.0.1 10.0.0.2 40000 80\r\nGET / HTTP/1.1\r\nHost: one.example\r\n\r\n");
    send_bytes(w2, CLIENT, v2, 10);
    send_bytes(w2, CLIENT, v2 + 10, sizeof(v2) - 1 - 10);

    assert_text(facts_of(w)->http.host, "one.example");
    assert_text(facts_of(w2)->http.host, "two.example");
    watch_end(w);
    watch_end(w2);
}

static void endless_tunnels_in_tunnels_are_given_up(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 80);
    char text[1024] = "";
    for (unsigned i = 0; i < 20; i++)
        strcat(text, "PROXY UNKNOWN\r\n");

    unsigned bits = send_text(w, CLIENT, text);

    assert_true(bits & INSPECT_FINISHED);
    assert_true(inspection_is_unknown(w->inspection));
    watch_end(w);
}

static void parse_prefix(const uint8_t *bytes, size_t length, void *context)
{
    const struct turn *turn = context;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 389);
    send_bytes(w, turn->side, bytes, length);
    send_bytes(w, !turn->side, bytes, length);
    watch_end(w);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct turn turn = rows[i].turns[0];
        for_each_prefix(turn.bytes, turn.length != 0 ? turn.length : strlen(turn.bytes), parse_prefix, &turn);
    }
    struct turn socks = {CLIENT,
                         "\x04\x01\x01\xbb\x00\x00\x00\x01me\x00"
                         "a.example\x00",
                         21};
    for_each_prefix(socks.bytes, socks.length, parse_prefix, &socks);

    assert_true(true);
}

static void a_long_greeting_still_ends_in_tls_and_an_endless_one_is_counted(void **state)
{
    (void)state;
    struct watched *w = watch(&(struct inspector_options){.fingerprints = FINGERPRINTS_ALL}, IP_PROTO_TCP, 50000, 2525);
    send_text(w, SERVER, "220 mail.example ESMTP\r\n");
    send_text(w, CLIENT, "EHLO agent.example\r\n");
    for (unsigned i = 0; i < 60; i++)
        assert_int_equal(send_text(w, SERVER, "250-EXTENSION\r\n"), INSPECT_MORE);
    send_bytes(w, CLIENT, client_hello, sizeof(client_hello));
    assert_int_equal(facts_of(w)->app, APP_TLS);
    watch_end(w);

    w = watch(&(struct inspector_options){.fingerprints = FINGERPRINTS_ALL}, IP_PROTO_TCP, 50000, 2525);
    send_text(w, SERVER, "220 mail.example ESMTP\r\n");
    for (unsigned i = 0; i < 200 && (w->state & INSPECT_FINISHED) == 0; i++)
        send_text(w, SERVER, "250-EXTENSION\r\n");
    assert_true(w->state & INSPECT_FINISHED);
    assert_int_equal(counted(w, "starttls_given_up"), 1);
    watch_end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_inside_a_protocol_is_found_and_says_which),
        cmocka_unit_test(hello_behind_the_last_words_of_its_side_is_found),
        cmocka_unit_test(handshake_in_packets_of_its_own_is_followed),
        cmocka_unit_test(hello_behind_several_lines_after_a_gap_is_found),
        cmocka_unit_test(hello_inside_a_line_is_no_tls),
        cmocka_unit_test(postgresql_server_alone_is_known),
        cmocka_unit_test(mysql_client_alone_is_known),
        cmocka_unit_test(a_dialogue_joined_late_tells_who_is_the_client),
        cmocka_unit_test(a_handshake_tells_who_is_the_client_whatever_is_said),
        cmocka_unit_test(mysql_hello_may_share_a_segment_with_its_request),
        cmocka_unit_test(mail_without_tls_is_named_and_finished),
        cmocka_unit_test(other_users_of_tpkt_are_no_rdp),
        cmocka_unit_test(socks5_is_passed_over_on_both_sides),
        cmocka_unit_test(socks4_is_passed_over_when_its_answer_is_missing),
        cmocka_unit_test(proxy_headers_are_passed_over),
        cmocka_unit_test(endless_tunnels_in_tunnels_are_given_up),
        cmocka_unit_test(every_prefix_is_safe),
        cmocka_unit_test(a_long_greeting_still_ends_in_tls_and_an_endless_one_is_counted),
    };
    return cmocka_run_group_tests_name("analyzers/starttls", tests, NULL, NULL);
}
