/*
 * What only announces a stream: SOCKS 4, 4a and 5, and HAProxy's PROXY header. It is passed over, on both sides, and
 * the stream behind it is probed anew.
 */
#include "analyzer_internal.h"

#include "wire.h"

/* Lengths below: bytes at the front; NONE it is none; UNFINISHED more are needed. */
#define NONE 0
#define UNFINISHED SIZE_MAX

enum tunnel_kind { TUNNEL_PROXY, TUNNEL_SOCKS4, TUNNEL_SOCKS5 };

struct tunnel_state {
    uint8_t kind; /* enum tunnel_kind */
    uint8_t client;
    bool greeting_seen, request_seen;
    size_t left; /* of a PROXY header */
};

/** A printable text and its zero. @return offset behind it, 0 when it is none (or not whole). */
static size_t text_end(const uint8_t *data, size_t length, size_t from)
{
    for (size_t i = from; i < length && i < from + 256; i++) {
        if (data[i] == 0)
            return i + 1;
        if (data[i] < 0x20)
            return 0;
    }
    return 0;
}

/** CONNECT: 04 01 port address user 00 [name 00 when the address is 0.0.0.x]; the client waits then, so nothing stands
 * behind it. */
static bool is_socks4_request(const uint8_t *data, size_t length)
{
    if (length < 9 || data[0] != 4 || data[1] != 1 || load_be16(data + 2) == 0)
        return false;
    uint32_t address = load_be32(data + 4);
    size_t end = text_end(data, length, 8);
    if (end != 0 && address > 0 && address < 256)
        end = text_end(data, length, end);
    else if (address >> 24 == 0)
        return false;
    return end == length;
}

/** RFC 1928, 3: version and methods are all there is of the first segment. */
static bool is_socks5_greeting(const uint8_t *data, size_t length)
{
    if (length < 3 || data[0] != 5 || data[1] == 0 || data[1] > 8 || length != 2u + data[1])
        return false;
    for (size_t i = 2; i < length; i++) {
        if (data[i] > 9 && data[i] < 0x80)
            return false;
    }
    return true;
}

/** Request and reply alike: version, command or result, 00, kind of address, address, port. */
static size_t socks5_message_length(const uint8_t *data, size_t length)
{
    if (data[0] != 5 || (length > 2 && data[2] != 0))
        return NONE;
    if (length < 5)
        return UNFINISHED;
    size_t size = data[3] == 1 ? 10 : data[3] == 4 ? 22 : data[3] == 3 ? 7u + data[4] : NONE;
    return length < size ? UNFINISHED : size;
}

/** proxy-protocol.txt, 2.1 and 2.2. The length of version 2 may be more than is there. */
static size_t proxy_length(const uint8_t *data, size_t length)
{
    static const char v1[] = "PROXY ", v2[] = "\r\n\r\n\0\r\nQUIT\n";
    enum { V1_SIZE = 6, V1_MAX = 107, V2_SIZE = 12, V2_HEAD = 16 };
    if (memcmp(data, v1, length < V1_SIZE ? length : V1_SIZE) == 0) {
        const uint8_t *end = memchr(data, '\n', length < V1_MAX ? length : V1_MAX);
        if (end == NULL)
            return length < V1_MAX ? UNFINISHED : NONE;
        return (size_t)(end - data) + 1;
    }
    if (memcmp(data, v2, length < V2_SIZE ? length : V2_SIZE) != 0)
        return NONE;
    if (length < V2_HEAD)
        return UNFINISHED;
    return data[12] >> 4 == 2 ? V2_HEAD + (size_t)load_be16(data + 14) : NONE;
}

static enum probe tunnel_probe(const struct probe_input *input)
{
    const uint8_t *data = input->data;
    if (input->length == 0)
        return PROBE_MORE;
    if (is_socks4_request(data, input->length) || is_socks5_greeting(data, input->length))
        return PROBE_YES;
    size_t proxy = proxy_length(data, input->length);
    return proxy == UNFINISHED ? PROBE_MORE : proxy != NONE ? PROBE_YES : PROBE_NO;
}

static struct tunnel_state *begin(const struct analyzer_input *input)
{
    struct flow_facts *facts = &input->inspection->facts;
    struct tunnel_state *state = inspector_take_block(input->inspector, sizeof(*state));
    if (state == NULL)
        return NULL;
    state->client = (uint8_t)input->side;
    if (is_socks4_request(input->data, input->length)) {
        state->kind = TUNNEL_SOCKS4;
    } else if (is_socks5_greeting(input->data, input->length)) {
        state->kind = TUNNEL_SOCKS5;
    } else {
        state->kind = TUNNEL_PROXY;
        state->left = proxy_length(input->data, input->length);
    }
    facts->client_side_known = true;
    facts->client_side = state->client;
    if (state->kind != TUNNEL_PROXY) {
        facts->app = APP_OTHER;
        facts->app_name = text_of("socks");
    }
    return state;
}

/** @param consumed of what was shown; what is behind goes to whoever knows it. */
static void open_stream(const struct analyzer_input *input, size_t consumed, size_t *ret_consumed)
{
    *ret_consumed = consumed;
    inspection_hand_over(input->inspector, input->inspection, NULL);
}

static void refuse(const struct analyzer_input *input, size_t *ret_consumed)
{
    inspector_refuse(input->inspector, REASON_TUNNEL_MALFORMED);
    open_stream(input, 0, ret_consumed);
}

/** Greeting, perhaps a log-in (RFC 1929: begins with 01), request. */
static void feed_client(const struct analyzer_input *input, struct tunnel_state *state, size_t *ret_consumed)
{
    if (state->request_seen) { /* the answer is missing, and the client goes on */
        open_stream(input, 0, ret_consumed);
        return;
    }
    if (state->kind == TUNNEL_SOCKS4) {
        state->request_seen = true;
        return;
    }
    if (!state->greeting_seen || input->data[0] == 1) {
        state->greeting_seen = true;
        return;
    }
    size_t length = socks5_message_length(input->data, input->length);
    if (length == NONE) {
        refuse(input, ret_consumed);
        return;
    }
    *ret_consumed = length == UNFINISHED ? 0 : length;
    state->request_seen = length != UNFINISHED;
}

/** SOCKS 4 answers with 8 bytes; SOCKS 5 with 2 for the method, 2 for a log-in, then with a message like the request.
 */
static void feed_server(const struct analyzer_input *input, struct tunnel_state *state, size_t *ret_consumed)
{
    enum { SOCKS4_REPLY = 8, SOCKS5_METHOD = 2 };
    size_t length = state->kind == TUNNEL_SOCKS4    ? (input->length < SOCKS4_REPLY ? UNFINISHED : SOCKS4_REPLY)
                    : state->request_seen           ? socks5_message_length(input->data, input->length)
                    : input->length < SOCKS5_METHOD ? UNFINISHED
                                                    : SOCKS5_METHOD;
    if (length == NONE) {
        refuse(input, ret_consumed);
        return;
    }
    *ret_consumed = length == UNFINISHED ? 0 : length;
    if (length != UNFINISHED && (state->request_seen || state->kind == TUNNEL_SOCKS4))
        open_stream(input, length, ret_consumed);
}

static void pass_proxy_header(const struct analyzer_input *input, struct tunnel_state *state, size_t *ret_consumed)
{
    if (input->side != state->client)
        return;
    size_t passed = input->length < state->left ? input->length : state->left;
    state->left -= passed;
    *ret_consumed = passed;
    if (state->left == 0)
        open_stream(input, passed, ret_consumed);
}

static unsigned tunnel_feed(const struct analyzer_input *input, size_t *ret_consumed)
{
    struct inspection *inspection = input->inspection;
    if (inspection->state == NULL)
        inspection->state = begin(input);
    struct tunnel_state *state = inspection->state;
    *ret_consumed = input->length;
    if (state == NULL)
        return INSPECT_FINISHED;
    if (input->length == 0)
        return INSPECT_MORE;
    if (state->kind == TUNNEL_PROXY)
        pass_proxy_header(input, state, ret_consumed);
    else if (input->side == state->client)
        feed_client(input, state, ret_consumed);
    else
        feed_server(input, state, ret_consumed);
    return INSPECT_MORE;
}

static void tunnel_release(struct inspector *inspector, struct inspection *inspection)
{
    inspector_give_block(inspector, inspection->state);
}

const struct analyzer tunnel_analyzer = {"tunnel", true, tunnel_probe, tunnel_feed, tunnel_release, NULL};
