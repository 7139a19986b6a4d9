#include "inspect_helper.h"

#include "hpack_internal.h"

/*
 * Made with python3-hpack: preface, SETTINGS, HEADERS (POST /v1/traces?x=1 at Agent.Example:4317, grpc-c/1.0), DATA
 * "\0\0\0\0\5hello", and a second HEADERS, padded and with priority, that leans on the first one's table. Responses:
 * SETTINGS, HEADERS and CONTINUATION, DATA.
 */
static const uint8_t requests[] = {
    0x50, 0x52, 0x49, 0x20, 0x2a, 0x20, 0x48, 0x54, 0x54, 0x50, 0x2f, 0x32, 0x2e, 0x30, 0x0d, 0x0a, 0x0d, 0x0a,
    0x53, 0x4d, 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x35,
    0x01, 0x04, 0x00, 0x00, 0x00, 0x01, 0x83, 0x86, 0x44, 0x8b, 0x63, 0xb8, 0x58, 0x4d, 0x83, 0x21, 0x51, 0xfe,
    0x79, 0x80, 0x3f, 0x41, 0x8e, 0x86, 0x62, 0xd4, 0x95, 0xf0, 0x79, 0x1d, 0x35, 0xd0, 0x5b, 0x8d, 0x32, 0x17,
    0x7f, 0x7a, 0x87, 0x9a, 0xca, 0xc8, 0xb1, 0x18, 0x0a, 0xe0, 0x5f, 0x8b, 0x1d, 0x75, 0xd0, 0x62, 0x0d, 0x26,
    0x3d, 0x4c, 0x4d, 0x65, 0x64, 0x00, 0x00, 0x0a, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
    0x05, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x00, 0x00, 0x15, 0x01, 0x2c, 0x00, 0x00, 0x00, 0x03, 0x02, 0x00, 0x00,
    0x00, 0x00, 0x10, 0x83, 0x86, 0x44, 0x86, 0x63, 0xb8, 0x58, 0xa0, 0xf3, 0x23, 0xc1, 0xc0, 0xbf, 0x00, 0x00,
};

static const uint8_t responses[] = {
    0x00, 0x00, 0x06, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x64, 0x00,
    0x00, 0x03, 0x01, 0x00, 0x00, 0x00, 0x00, 0x01, 0x88, 0x76, 0x84, 0x00, 0x00, 0x0d, 0x09, 0x04,
    0x00, 0x00, 0x00, 0x01, 0xaa, 0x63, 0x55, 0xe7, 0x5f, 0x87, 0x49, 0x7c, 0xa5, 0x8a, 0xe8, 0x19,
    0xaa, 0x00, 0x00, 0x05, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x77, 0x6f, 0x72, 0x6c, 0x64,
};

static const struct inspector_options plain = {.packets_max = 0};

static struct watched *watch_h2(void)
{
    return watch(&plain, IP_PROTO_TCP, 40000, 4317);
}

static void assert_requests(const struct http_facts *http)
{
    assert_text(http->method, "POST");
    assert_text(http->host, "agent.example:4317");
    assert_text(http->path, "/v1/traces?x=1");
    assert_text(http->user_agent, "grpc-c/1.0");
    assert_text(http->header_names, "user-agent\ncontent-type");
    assert_int_equal(http->request_body_length, 10);
    assert_memory_equal(http->request_body, "\0\0\0\0\5hello", 10);
    assert_int_equal(http->requests, 2);
    assert_int_equal(http->further_count, 1);
    assert_text(http->further[0].path, "/v1/logs");
    assert_text(http->further[0].user_agent, "grpc-c/1.0");
}

static void requests_give_host_path_agent_and_body(void **state)
{
    (void)state;
    struct watched *w = watch_h2();

    unsigned bits = send_bytes(w, CLIENT, requests, sizeof(requests));

    assert_int_equal(bits, INSPECT_CHANGED);
    assert_int_equal(facts_of(w)->app, APP_HTTP2);
    assert_int_equal(facts_of(w)->client_side, CLIENT);
    assert_requests(&facts_of(w)->http);
    watch_end(w);
}

static void responses_give_status_server_and_body(void **state)
{
    (void)state;
    struct watched *w = watch_h2();

    send_bytes(w, SERVER, responses, sizeof(responses));

    const struct http_facts *http = &facts_of(w)->http;
    assert_int_equal(facts_of(w)->client_side, CLIENT);
    assert_int_equal(http->status, 200);
    assert_text(http->server, "nginx");
    assert_text(http->content_type, "text/plain");
    assert_int_equal(http->response_body_length, 5);
    watch_end(w);
}

static void every_split_of_the_bytes_gives_the_same_facts(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < sizeof(requests); cut++) {
        struct watched *w = watch_h2();

        send_bytes(w, CLIENT, requests, cut);
        send_bytes(w, CLIENT, requests + cut, sizeof(requests) - cut);

        assert_requests(&facts_of(w)->http);
        watch_end(w);
    }
}

static void broken_header_block_finishes_the_flow_and_is_counted(void **state)
{
    (void)state;
    struct watched *w = watch_h2();
    uint8_t bytes[24 + 9 + 1];
    memcpy(bytes, requests, 24);
    memcpy(bytes + 24, "\0\0\1\1\4\0\0\0\1\xff", 10);

    unsigned bits = send_bytes(w, CLIENT, bytes, sizeof(bytes));

    assert_true(bits & INSPECT_FINISHED);
    assert_int_equal(counted(w, "http_malformed"), 1);
    watch_end(w);
}

static void gap_finishes_the_flow(void **state)
{
    (void)state;
    struct watched *w = watch_h2();
    send_bytes(w, CLIENT, requests, 40);

    assert_true(send_bytes_after(w, CLIENT, "x", 1, true) & INSPECT_FINISHED);

    watch_end(w);
}

/* RFC 7541, appendix C.4.1 and C.6.1 */
static void huffman_examples_of_the_rfc_decode(void **state)
{
    (void)state;
    static const struct {
        const char *coded;
        size_t length;
        const char *text;
    } examples[] = {
        {"\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff", 12, "www.example.com"},
        {"\xa8\xeb\x10\x64\x9c\xbf", 6, "no-cache"},
        {"\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f", 8, "custom-key"},
        {"\xae\xc3\x77\x1a\x4b", 5, "private"},
    };
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
        char text[64];
        size_t length;

        assert_true(
            hpack_huffman_decode((const uint8_t *)examples[i].coded, examples[i].length, text, sizeof(text), &length));

        assert_text((struct text){text, length}, examples[i].text);
    }
}

static void huffman_padding_must_be_short_and_all_ones(void **state)
{
    (void)state;
    char text[8];
    size_t length;

    assert_false(hpack_huffman_decode((const uint8_t *)"\xff\xff\xff\xff", 4, text, sizeof(text), &length)); /* EOS */
    assert_false(hpack_huffman_decode((const uint8_t *)"\x1c", 1, text, sizeof(text), &length));     /* 'a', zeros */
    assert_false(hpack_huffman_decode((const uint8_t *)"\x1f\xff", 2, text, sizeof(text), &length)); /* 'a', 11 ones */
    assert_true(hpack_huffman_decode((const uint8_t *)"\x1f", 1, text, sizeof(text), &length));
    assert_int_equal(length, 1);
}

static void count_header(void *context, struct text name, struct text value)
{
    unsigned *count = context;
    *count += name.length > 0 || value.length > 0;
}

static void dynamic_table_evicts_and_never_grows_over_its_limit(void **state)
{
    (void)state;
    static struct hpack hpack;
    unsigned count = 0;
    uint8_t field[6 + 300];
    memset(&hpack, 0, sizeof(hpack));
    hpack_init(&hpack);
    memset(field, 'v', sizeof(field));
    memcpy(field, "\x40\x01n\x7f\xad\x01", 6); /* literal, indexed: name "n", a value of 300 bytes */

    for (unsigned i = 0; i < 1000; i++)
        assert_true(hpack_decode(&hpack, field, sizeof(field), count_header, &count));

    assert_int_equal(count, 1000);
    assert_true(hpack.used + hpack.count * 32u <= HPACK_TABLE_SIZE);
    assert_false(hpack_decode(&hpack, (const uint8_t *)"\x3f\xe2\x1f", 3, count_header, &count)); /* limit 4097 */
    assert_true(hpack_decode(&hpack, (const uint8_t *)"\x20", 1, count_header, &count));          /* limit 0 */
    assert_int_equal(hpack.count, 0);
}

static void parse_prefix(const uint8_t *bytes, size_t length, void *context)
{
    struct watched *w = watch_h2();
    send_bytes(w, *(const unsigned *)context, bytes, length);
    watch_end(w);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    unsigned side = CLIENT;
    for_each_prefix(requests, sizeof(requests), parse_prefix, &side);
    side = SERVER;
    for_each_prefix(responses, sizeof(responses), parse_prefix, &side);
    assert_int_equal(side, SERVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_give_host_path_agent_and_body),
        cmocka_unit_test(responses_give_status_server_and_body),
        cmocka_unit_test(every_split_of_the_bytes_gives_the_same_facts),
        cmocka_unit_test(broken_header_block_finishes_the_flow_and_is_counted),
        cmocka_unit_test(gap_finishes_the_flow),
        cmocka_unit_test(huffman_examples_of_the_rfc_decode),
        cmocka_unit_test(huffman_padding_must_be_short_and_all_ones),
        cmocka_unit_test(dynamic_table_evicts_and_never_grows_over_its_limit),
        cmocka_unit_test(every_prefix_is_safe),
    };
    return cmocka_run_group_tests_name("analyzers/http2", tests, NULL, NULL);
}
