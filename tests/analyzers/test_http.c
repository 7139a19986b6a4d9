#include "inspect_helper.h"

#include "hello_bytes.h"

static const struct inspector_options plain = {.wants_everything = false};
static const struct inspector_options everything = {.wants_everything = true};

static struct watched *watch_http(const struct inspector_options *options)
{
    return watch(options, IP_PROTO_TCP, 40000, 8081);
}

static void request_gives_its_host_path_agent_and_header_names(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);

    unsigned bits =
        send_text(w, CLIENT,
                  "GET /updaters/updater.xml.dif?a=1 HTTP/1.1\r\nHOST: Update.Example.COM.\r\nuser-agent:  *abc \r\n"
                  "Cookie: x\r\n\r\n");

    const struct http_facts *http = &facts_of(w)->http;
    assert_true(bits & INSPECT_CHANGED);
    assert_int_equal(facts_of(w)->app, APP_HTTP);
    assert_true(http->has_request);
    assert_text(http->method, "GET");
    assert_text(http->host, "update.example.com");
    assert_text(http->path, "/updaters/updater.xml.dif?a=1");
    assert_text(http->user_agent, "*abc");
    assert_text(http->header_names, "HOST\nuser-agent\nCookie");
    assert_int_equal(http->requests, 1);
    assert_true(facts_of(w)->client_side_known);
    assert_int_equal(facts_of(w)->client_side, CLIENT);
    watch_end(w);
}

static void response_gives_status_type_server_and_first_body_bytes(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    send_text(w, CLIENT, "GET / HTTP/1.0\r\n\r\n");

    send_text(
        w, SERVER,
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nServer: nginx\r\nContent-Length: 40\r\n\r\n");
    unsigned bits = send_text(w, SERVER, "KLZF0123456789012345678901234567ABCDEFGH");

    const struct http_facts *http = &facts_of(w)->http;
    assert_true(bits & INSPECT_CHANGED);
    assert_int_equal(http->status, 200);
    assert_text(http->content_type, "application/octet-stream");
    assert_text(http->server, "nginx");
    assert_text(http->response_header_names, "Content-Type\nServer\nContent-Length");
    assert_int_equal(http->response_body_length, 32);
    assert_memory_equal(http->response_body, "KLZF0123456789012345678901234567", 32);
    assert_null(http->host.data);
    watch_end(w);
}

static void chunked_body_prefix_is_without_chunk_headers(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);

    send_text(
        w, SERVER,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: 1\r\n\r\n"
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");

    const struct http_facts *http = &facts_of(w)->http;
    assert_int_equal(http->response_body_length, 5);
    assert_memory_equal(http->response_body, "abcde", 5);
    assert_int_equal(http->status, 200);
    assert_int_equal(facts_of(w)->client_side, CLIENT);
    assert_int_equal(counted(w, "http_malformed"), 0);
    watch_end(w);
}

static void request_body_prefix_is_kept(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);

    unsigned bits = send_text(w, CLIENT, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\x01\x02\x03\x04");

    assert_true(bits & INSPECT_CHANGED);
    assert_int_equal(facts_of(w)->http.request_body_length, 4);
    assert_memory_equal(facts_of(w)->http.request_body, "\x01\x02\x03\x04", 4);
    watch_end(w);
}

static void absolute_target_names_the_host(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);

    send_text(w, CLIENT, "GET http://user@Real.example:8080/a/b?c HTTP/1.1\r\nHost: proxy.example\r\n\r\n");

    assert_text(facts_of(w)->http.host, "real.example:8080");
    assert_text(facts_of(w)->http.path, "/a/b?c");
    watch_end(w);
}

static void folded_header_reads_as_one_line(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);

    send_text(w, CLIENT, "GET / HTTP/1.1\r\nUser-Agent: one\r\n");
    send_text(w, CLIENT, "\t two\r\nHost:\r\n h.example\r\n\r\n");

    assert_text(facts_of(w)->http.user_agent, "one two");
    assert_text(facts_of(w)->http.host, "h.example");
    watch_end(w);
}

static void bare_line_feeds_and_blank_lines_before_are_accepted(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);

    send_text(w, CLIENT, "\r\n\nFOO /x HTTP/1.1\nHost: a.example\n\n");

    assert_text(facts_of(w)->http.method, "FOO");
    assert_text(facts_of(w)->http.host, "a.example");
    watch_end(w);
}

static void every_split_of_the_bytes_gives_the_same_facts(void **state)
{
    (void)state;
    static const char bytes[] =
        "POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
        "GET /b HTTP/1.1\r\nHost: b.example\r\nUser-Agent: agent\r\n\r\n";
    for (size_t cut = 1; cut < sizeof(bytes) - 1; cut++) {
        struct watched *w = watch_http(&plain);

        send_bytes(w, CLIENT, bytes, cut);
        send_bytes(w, CLIENT, bytes + cut, sizeof(bytes) - 1 - cut);

        const struct http_facts *http = &facts_of(w)->http;
        assert_text(http->host, "a.example");
        assert_int_equal(http->request_body_length, 2);
        assert_int_equal(http->requests, 2);
        assert_int_equal(http->further_count, 1);
        assert_text(http->further[0].host, "b.example");
        assert_text(http->further[0].user_agent, "agent");
        assert_int_equal(counted(w, "http_malformed"), 0);
        watch_end(w);
    }
}

static void same_request_again_is_counted_but_not_listed(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    static const char get[] = "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n";

    send_text(w, CLIENT, get);
    unsigned bits = send_text(w, CLIENT, get);

    assert_false(bits & INSPECT_CHANGED);
    assert_int_equal(facts_of(w)->http.requests, 2);
    assert_int_equal(facts_of(w)->http.further_count, 0);
    watch_end(w);
}

static void flow_is_finished_after_eight_requests_and_a_response(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain), *all = watch_http(&everything);
    static const char get[] = "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n",
                      ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";

    for (unsigned i = 0; i < 7; i++) {
        assert_false((send_text(w, CLIENT, get) | send_text(w, SERVER, ok)) & INSPECT_FINISHED);
        assert_false((send_text(all, CLIENT, get) | send_text(all, SERVER, ok)) & INSPECT_FINISHED);
    }

    assert_true(send_text(w, CLIENT, get) & INSPECT_FINISHED);
    assert_false(send_text(all, CLIENT, get) & INSPECT_FINISHED);
    watch_end(w);
    watch_end(all);
}

static void big_download_is_finished_after_64_kib(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    static const uint8_t zeros[1400];
    send_text(w, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");

    unsigned segments = 0;
    while ((send_bytes(w, SERVER, zeros, sizeof(zeros)) & INSPECT_FINISHED) == 0)
        segments++;

    assert_in_range(segments, 44, 47);
    watch_end(w);
}

static void response_to_head_has_no_body(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    send_text(w, CLIENT, "HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n");

    send_text(w, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");

    assert_int_equal(facts_of(w)->http.response_body_length, 0);
    assert_int_equal(counted(w, "http_malformed"), 0);
    watch_end(w);
}

static void interim_response_is_passed_over(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);

    send_text(w, SERVER, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");

    assert_int_equal(facts_of(w)->http.status, 403);
    watch_end(w);
}

static void upgrade_finishes_the_flow(void **state)
{
    (void)state;
    struct watched *w = watch_http(&everything);
    send_text(w, CLIENT, "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n");

    unsigned bits = send_text(w, SERVER, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi");

    assert_true(bits & INSPECT_FINISHED);
    assert_int_equal(counted(w, "http_malformed"), 0);
    watch_end(w);
}

static void connect_hands_the_stream_to_what_is_inside(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    send_text(w, CLIENT, "CONNECT ts01-b.cloudsink.net:443 HTTP/1.0\r\nUser-Agent: CSAgent\r\n\r\n");
    send_text(w, SERVER, "HTTP/1.0 200 Connection established\r\n\r\n");

    send_text(w, CLIENT, "GET /inside HTTP/1.1\r\nHost: inner.example\r\n\r\n");

    const struct http_facts *http = &facts_of(w)->http;
    assert_true(http->is_connect);
    assert_text(http->host, "ts01-b.cloudsink.net:443");
    assert_null(http->path.data);
    assert_true(facts_of(w)->tls.over_connect);
    assert_int_equal(http->further_count, 1);
    assert_text(http->further[0].host, "inner.example");
    watch_end(w);
}

static void refused_connect_is_asked_again(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    send_text(w, CLIENT, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
    send_text(w, SERVER, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno");

    send_text(w, CLIENT, "CONNECT a.example:443 HTTP/1.1\r\nProxy-Authorization: x\r\n\r\n");

    assert_false(facts_of(w)->tls.over_connect);
    assert_int_equal(facts_of(w)->http.requests, 2);
    send_text(w, SERVER, "HTTP/1.1 200 OK\r\n\r\n");
    assert_true(facts_of(w)->tls.over_connect);
    watch_end(w);
}

static void tunnel_is_followed_when_only_the_client_is_seen(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    send_text(w, CLIENT, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");

    send_bytes(w, CLIENT, "\x16\x03\x01\x02\x00\x01", 6);

    assert_true(facts_of(w)->tls.over_connect);
    assert_true(facts_of(w)->one_direction);
    watch_end(w);
}

static const char connect_answers[][96] = {
    "HTTP/1.1 200 Connection established\r\n\r\n",
    "HTTP/1.0 200 OK\r\nVia: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
};

static void tunnel_is_followed_when_connect_is_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(connect_answers) / sizeof(*connect_answers); i++) {
        struct watched *w = watch_http(&plain);
        send_text(w, SERVER, connect_answers[i]);

        send_bytes(w, CLIENT, client_hello, sizeof(client_hello));
        send_bytes(w, SERVER, server_hello, sizeof(server_hello));

        assert_int_equal(facts_of(w)->app, APP_TLS);
        assert_true(facts_of(w)->tls.over_connect);
        assert_true(facts_of(w)->tls.has_client_hello && facts_of(w)->tls.has_server_hello);
        assert_int_equal(facts_of(w)->client_side, CLIENT);
        watch_end(w);
    }
}

static void tunnel_is_followed_when_only_the_proxy_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(connect_answers) / sizeof(*connect_answers); i++) {
        struct watched *w = watch_http(&plain);
        send_text(w, SERVER, connect_answers[i]);

        send_bytes(w, SERVER, server_hello, sizeof(server_hello));

        assert_int_equal(facts_of(w)->app, APP_TLS);
        assert_true(facts_of(w)->tls.has_server_hello);
        assert_int_equal(facts_of(w)->client_side, CLIENT);
        watch_end(w);
    }
}

static void tunnel_is_followed_when_a_repeated_connect_is_missing(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    send_text(w, CLIENT, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
    send_text(w, SERVER, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno");
    send_text(w, SERVER, "HTTP/1.1 200 OK\r\n\r\n");
    send_bytes(w, SERVER, server_hello, sizeof(server_hello));

    send_bytes_after(w, CLIENT, client_hello, sizeof(client_hello), true);

    assert_int_equal(facts_of(w)->app, APP_TLS);
    assert_true(facts_of(w)->tls.has_client_hello && facts_of(w)->tls.has_server_hello);
    assert_text(facts_of(w)->http.host, "a.example:443");
    watch_end(w);
}

/* The two directions come in two files, and the proxy's clock is ahead. */
static void connect_behind_its_answer_names_the_tunnel(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    send_text(w, SERVER, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno");
    send_text(w, SERVER, "HTTP/1.1 200 OK\r\n\r\n");
    send_bytes(w, SERVER, server_hello, sizeof(server_hello));

    send_text(w, CLIENT, "CONN");
    send_text(w, CLIENT, "ECT a.example:443 HTTP/1.1\r\nUser-Agent: x\r\n");
    send_text(w, CLIENT, "\r\n");
    send_text(w, CLIENT, "CONNECT a.example:443 HTTP/1.1\r\nProxy-Authorization: x\r\n\r\n");
    send_bytes(w, CLIENT, client_hello, sizeof(client_hello));

    assert_int_equal(facts_of(w)->app, APP_TLS);
    assert_true(facts_of(w)->tls.over_connect && facts_of(w)->http.is_connect);
    assert_true(facts_of(w)->tls.has_client_hello && facts_of(w)->tls.has_server_hello);
    assert_text(facts_of(w)->http.host, "a.example:443");
    assert_text(facts_of(w)->http.user_agent, "x");
    assert_int_equal(facts_of(w)->http.requests, 2);
    watch_end(w);
}

static void mail_in_a_tunnel_without_its_connect_is_known(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    send_text(w, SERVER, connect_answers[0]);
    send_text(w, SERVER, "220 mail.example ESMTP\r\n");

    send_text(w, CLIENT, "EHLO me\r\n");

    assert_text(facts_of(w)->app_name, "smtp");
    watch_end(w);
}

/* What a server sends in answer to a request we saw may be anything, hellos too. */
static void a_hello_in_a_body_is_no_tunnel(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
    };
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
        struct watched *w = watch_http(&plain);
        send_text(w, CLIENT, "GET /dump HTTP/1.1\r\nHost: a.example\r\n\r\n");
        send_text(w, SERVER, heads[i]);

        send_bytes(w, SERVER, server_hello, sizeof(server_hello));

        assert_int_equal(facts_of(w)->app, APP_HTTP);
        assert_false(facts_of(w)->tls.over_connect);
        assert_memory_equal(facts_of(w)->http.response_body, server_hello, HTTP_BODY_PREFIX);
        watch_end(w);
    }
}

static void after_a_gap_the_next_request_at_a_segment_start_counts(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    send_text(w, CLIENT, "POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100000\r\n\r\nxxxx");

    send_bytes_after(w, CLIENT, "yyyy", 4, true);
    send_text(w, CLIENT, "GET /later HTTP/1.1\r\nHost: a.example\r\n\r\n");

    assert_int_equal(facts_of(w)->http.further_count, 1);
    assert_text(facts_of(w)->http.further[0].path, "/later");
    assert_true(facts_of(w)->has_gap);
    watch_end(w);
}

static void cut_head_still_gives_what_was_seen(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);

    send_text(w, CLIENT, "GET /update HTTP/1.1\r\nHost: a.example\r\nUser-Ag");

    assert_true(facts_of(w)->http.has_request);
    assert_text(facts_of(w)->http.host, "a.example");
    assert_text(facts_of(w)->http.path, "/update");
    watch_end(w);
}

static void overlong_header_is_passed_over_and_counted(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    static char cookie[20000];
    memset(cookie, 'c', sizeof(cookie));
    send_text(w, CLIENT, "GET / HTTP/1.1\r\nCookie: ");
    send_bytes(w, CLIENT, cookie, sizeof(cookie));

    send_text(w, CLIENT, "\r\nHost: a.example\r\n\r\n");

    assert_text(facts_of(w)->http.host, "a.example");
    assert_int_equal(counted(w, "http_header_too_long"), 1);
    watch_end(w);
}

static void endless_head_is_refused_and_counted(void **state)
{
    (void)state;
    struct watched *w = watch_http(&everything);
    send_text(w, CLIENT, "GET / HTTP/1.1\r\n");

    for (unsigned i = 0; i < 300; i++)
        send_text(w, CLIENT, "X: y\r\n");

    assert_int_equal(counted(w, "http_header_too_long"), 1);
    watch_end(w);
}

static void path_is_cut_at_1024_bytes(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    static char line[3000];
    memset(line, 'p', sizeof(line));
    memcpy(line, "GET /", 5);
    memcpy(line + sizeof(line) - 13, " HTTP/1.1\r\n\r\n", 13);

    send_bytes(w, CLIENT, line, sizeof(line));

    assert_int_equal(facts_of(w)->http.path.length, 1024);
    watch_end(w);
}

static void content_length_that_is_no_number_is_counted(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);

    send_text(w, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n");

    assert_int_equal(counted(w, "http_malformed"), 1);
    watch_end(w);
}

static void other_text_protocols_are_no_http(void **state)
{
    (void)state;
    static const char *const lines[] = {"OPTIONS rtsp://a/ RTSP/1.0\r\n\r\n", "INVITE sip:a@b SIP/2.0\r\n\r\n",
                                        "NICK someone\r\n", "GET / SPDY/9\r\n", "hello world\r\n"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        struct watched *w = watch_http(&plain);

        send_text(w, CLIENT, lines[i]);

        assert_int_not_equal(facts_of(w)->app, APP_HTTP);
        watch_end(w);
    }
}

static void text_pool_full_is_counted_and_harmless(void **state)
{
    (void)state;
    struct watched *w = watch_http(&everything);
    static char head[9000];
    for (unsigned i = 0; i < 6; i++) {
        int n = snprintf(head, sizeof(head),
                         "GET /%u%01200d HTTP/1.1\r\nHost: h%0250u\r\nUser-Agent: a%0380u\r\nX%0900u: 1\r\n\r\n", i, 0,
                         i, i, i);
        send_bytes(w, CLIENT, head, (size_t)n);
    }
    send_text(w, SERVER, "HTTP/1.1 200 OK\r\nServer: s\r\n\r\n");

    struct inspector *inspector = w->inspector;
    assert_int_equal(facts_of(w)->http.further_count, 4);
    inspection_give(inspector, w->inspection);
    w->inspection = NULL;
    assert_in_range(counted(w, "text_pool_full"), 0, 1);
    watch_end(w);
}

static void parse_prefix(const uint8_t *bytes, size_t length, void *context)
{
    struct watched *w = watch_http(&plain);
    (void)context;
    send_bytes(w, CLIENT, bytes, length);
    send_bytes(w, SERVER, bytes, length);
    watch_end(w);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    static const char request[] =
        "POST http://h.example/p HTTP/1.1\r\nHost: a\r\nX:\r\n y\r\nTransfer-Encoding: chunked\r\n\r\n"
        "4;a\r\nabcd\r\n0\r\nT: u\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    static const char response[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nServer: s\r\n\r\nabcHTTP/1.0 204 No\r\n\r\n";

    for_each_prefix(request, sizeof(request) - 1, parse_prefix, NULL);
    for_each_prefix(response, sizeof(response) - 1, parse_prefix, NULL);

    assert_true(true);
}

static void a_later_request_whose_head_was_cut_counts_when_the_flow_ends(void **state)
{
    (void)state;
    struct watched *w = watch_http(&plain);
    send_text(w, CLIENT, "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n");
    send_text(w, CLIENT, "GET /b HTTP/1.1\r\nHost: b.example\r\nUser-Agent: x\r\nAcc");
    assert_int_equal(facts_of(w)->http.further_count, 0);

    assert_int_equal(end_flow(w), INSPECT_CHANGED | INSPECT_FINISHED);
    assert_int_equal(facts_of(w)->http.further_count, 1);
    assert_text(facts_of(w)->http.further[0].host, "b.example");
    assert_int_equal(end_flow(w), INSPECT_FINISHED);
    watch_end(w);
}

static void a_host_with_bytes_that_no_name_has_is_left_out_and_counted(void **state)
{
    (void)state;
    static const char get[] = "GET / HTTP/1.1\r\nHost: dnl\0\xff\x1b[2J.kaspersky.com\r\nUser-Agent: x\r\n\r\n";
    struct watched *w = watch_http(&plain);
    send_bytes(w, CLIENT, get, sizeof(get) - 1);

    assert_null(facts_of(w)->http.host.data);
    assert_text(facts_of(w)->http.user_agent, "x");
    assert_int_equal(counted(w, "http_host_malformed"), 1);

    send_text(w, CLIENT, "GET http://a b.example/ HTTP/1.1\r\nHost: c d.example\r\n\r\n");
    send_text(w, CLIENT, "GET /later HTTP/1.1\r\nHost: a\tb.example\r\n\r\n");
    for (unsigned i = 0; i < facts_of(w)->http.further_count; i++)
        assert_true(text_is_empty(facts_of(w)->http.further[i].host));
    assert_true(counted(w, "http_host_malformed") > 1);
    watch_end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_gives_its_host_path_agent_and_header_names),
        cmocka_unit_test(response_gives_status_type_server_and_first_body_bytes),
        cmocka_unit_test(chunked_body_prefix_is_without_chunk_headers),
        cmocka_unit_test(request_body_prefix_is_kept),
        cmocka_unit_test(absolute_target_names_the_host),
        cmocka_unit_test(folded_header_reads_as_one_line),
        cmocka_unit_test(bare_line_feeds_and_blank_lines_before_are_accepted),
        cmocka_unit_test(every_split_of_the_bytes_gives_the_same_facts),
        cmocka_unit_test(same_request_again_is_counted_but_not_listed),
        cmocka_unit_test(flow_is_finished_after_eight_requests_and_a_response),
        cmocka_unit_test(big_download_is_finished_after_64_kib),
        cmocka_unit_test(response_to_head_has_no_body),
        cmocka_unit_test(interim_response_is_passed_over),
        cmocka_unit_test(upgrade_finishes_the_flow),
        cmocka_unit_test(connect_hands_the_stream_to_what_is_inside),
        cmocka_unit_test(refused_connect_is_asked_again),
        cmocka_unit_test(tunnel_is_followed_when_only_the_client_is_seen),
        cmocka_unit_test(tunnel_is_followed_when_connect_is_missing),
        cmocka_unit_test(tunnel_is_followed_when_only_the_proxy_is_seen),
        cmocka_unit_test(tunnel_is_followed_when_a_repeated_connect_is_missing),
        cmocka_unit_test(connect_behind_its_answer_names_the_tunnel),
        cmocka_unit_test(mail_in_a_tunnel_without_its_connect_is_known),
        cmocka_unit_test(a_hello_in_a_body_is_no_tunnel),
        cmocka_unit_test(after_a_gap_the_next_request_at_a_segment_start_counts),
        cmocka_unit_test(cut_head_still_gives_what_was_seen),
        cmocka_unit_test(overlong_header_is_passed_over_and_counted),
        cmocka_unit_test(endless_head_is_refused_and_counted),
        cmocka_unit_test(path_is_cut_at_1024_bytes),
        cmocka_unit_test(content_length_that_is_no_number_is_counted),
        cmocka_unit_test(other_text_protocols_are_no_http),
        cmocka_unit_test(text_pool_full_is_counted_and_harmless),
        cmocka_unit_test(every_prefix_is_safe),
        cmocka_unit_test(a_later_request_whose_head_was_cut_counts_when_the_flow_ends),
        cmocka_unit_test(a_host_with_bytes_that_no_name_has_is_left_out_and_counted),
    };
    return cmocka_run_group_tests_name("analyzers/http", tests, NULL, NULL);
}
