/*
 * HTTP/2 in the clear with prior knowledge (RFC 9113, 3.3): the heads of requests and responses, and the first body
 * bytes of the first one each. Frames are passed over by their length; where bytes are missing the flow is finished, as
 * neither frames nor the header table can be found again.
 */
#include "hpack_internal.h"
#include "http_internal.h"

#include "wire.h"

enum {
    FRAME_HEAD = 9,
    FRAME_MAX = 16384, /* default SETTINGS_MAX_FRAME_SIZE; more of a head is not looked at */
    BLOCK_MAX = 16384, /* a head over several frames */
    PREFACE_SIZE = 24,

    FRAME_DATA = 0,
    FRAME_HEADERS = 1,
    FRAME_SETTINGS = 4,
    FRAME_CONTINUATION = 9,

    FLAG_END_STREAM = 0x01,
    FLAG_END_HEADERS = 0x04,
    FLAG_PADDED = 0x08,
    FLAG_PRIORITY = 0x20,
};

static const char preface[PREFACE_SIZE + 1] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct http2_side {
    struct hpack hpack;
    uint32_t skip;        /* bytes of a frame still to pass over */
    uint32_t body_stream; /* whose DATA the facts show, 0 none */
    uint32_t block_stream;
    uint32_t block_used;
    uint8_t *block; /* of BLOCK_MAX bytes, while a head goes on in CONTINUATION frames */
    bool preface_seen;
};

struct http2_state {
    struct http2_side side[2];
    uint64_t bytes;
    uint8_t client;
};

/** What one head said. Texts are kept in the inspection's pool only when they are wanted. */
struct http2_head {
    struct inspection *inspection;
    bool is_request, is_recorded, host_is_authority;
    uint16_t status, names_used;
    struct http_field method_field, host_field, path_field, agent_field;
    char method[HTTP_METHOD_ROOM], host[HTTP_HOST_ROOM], path[HTTP_PATH_ROOM], agent[HTTP_AGENT_ROOM];
    char names[HTTP_NAMES_ROOM];
};

struct frame {
    size_t length; /* of the payload */
    uint8_t type, flags;
    uint32_t stream;
    const uint8_t *payload;
};

/** The server's preface is a SETTINGS frame: all that is to be seen when the client's side is missing. */
static enum probe probe_settings(const uint8_t *data, size_t length)
{
    if (length > 0 && data[0] != 0)
        return PROBE_NO;
    if (length > 3 && data[3] != FRAME_SETTINGS)
        return PROBE_NO;
    if (length < FRAME_HEAD)
        return PROBE_MORE;
    size_t size = load_be16(data + 1);
    return size > 0 && size % 6 == 0 && size <= 120 && data[4] == 0 && load_be32(data + 5) == 0 ? PROBE_YES : PROBE_NO;
}

static enum probe http2_probe(const struct probe_input *input)
{
    size_t shown = input->length < PREFACE_SIZE ? input->length : PREFACE_SIZE;
    if (memcmp(input->data, preface, shown) == 0)
        return shown == PREFACE_SIZE ? PROBE_YES : PROBE_MORE;
    return probe_settings(input->data, input->length);
}

static void set_once(struct http_field *field, char *room, size_t size, struct text value)
{
    if (field->is_seen)
        return;
    field->is_seen = true;
    field->length = (uint16_t)(value.length < size ? value.length : size);
    memcpy(room, value.data, field->length);
}

static struct text text_seen(const struct http_field *field, const char *room)
{
    return (struct text){field->is_seen ? room : NULL, field->length};
}

static void note_name(struct http2_head *head, struct text name)
{
    if (name.length == 0 || name.data[0] == ':' || name.length + 1 > sizeof(head->names) - head->names_used)
        return;
    memcpy(head->names + head->names_used, name.data, name.length);
    head->names[head->names_used + name.length] = '\n';
    head->names_used = (uint16_t)(head->names_used + name.length + 1);
}

static void note_request_field(struct http2_head *head, struct text name, struct text value)
{
    if (text_equal(name, text_of(":method"))) {
        set_once(&head->method_field, head->method, sizeof(head->method), value);
    } else if (text_equal(name, text_of(":path"))) {
        set_once(&head->path_field, head->path, sizeof(head->path), value);
    } else if (text_equal(name, text_of(":authority"))) {
        head->host_field.is_seen = false; /* goes before a Host field (RFC 9113, 8.3.1) */
        set_once(&head->host_field, head->host, sizeof(head->host), value);
    } else if (text_equal(name, text_of("host"))) {
        set_once(&head->host_field, head->host, sizeof(head->host), value);
    } else if (text_equal(name, text_of("user-agent"))) {
        set_once(&head->agent_field, head->agent, sizeof(head->agent), value);
    }
}

static void note_field(void *context, struct text name, struct text value)
{
    enum { KEPT_MAX = 128 };
    struct http2_head *head = context;
    struct http_facts *http = &head->inspection->facts.http;
    size_t kept = value.length < KEPT_MAX ? value.length : KEPT_MAX;
    note_name(head, name);
    if (head->is_request) {
        note_request_field(head, name, value);
    } else if (text_equal(name, text_of(":status")) && value.length == 3) {
        for (size_t i = 0; i < 3; i++)
            head->status = (uint16_t)(head->status * 10 + (value.data[i] - '0'));
    } else if (head->is_recorded && http->server.data == NULL && text_equal(name, text_of("server"))) {
        http->server = inspection_keep(head->inspection, value.data, kept);
    } else if (head->is_recorded && http->content_type.data == NULL && text_equal(name, text_of("content-type"))) {
        http->content_type = inspection_keep(head->inspection, value.data, kept);
    }
}

static struct text keep_names(const struct http2_head *head)
{
    return inspection_keep(head->inspection, head->names, head->names_used > 0 ? head->names_used - 1u : 0);
}

static struct text keep_seen(struct inspection *inspection, const struct http_field *field, const char *room)
{
    return field->is_seen ? inspection_keep(inspection, room, field->length) : (struct text){NULL, 0};
}

static unsigned record_request(struct http2_head *head)
{
    struct inspection *inspection = head->inspection;
    struct http_facts *http = &inspection->facts.http;
    if (http->requests < UINT32_MAX)
        http->requests++;
    struct text host = text_seen(&head->host_field, head->host);
    if (!name_is_printable(host.data, host.length)) {
        inspector_refuse(inspection->inspector, REASON_HTTP_HOST_MALFORMED);
        host = (struct text){NULL, 0};
    }
    if (!head->is_recorded) {
        bool is_news =
            http_note_further(inspection, text_seen(&head->method_field, head->method), host,
                              text_seen(&head->path_field, head->path), text_seen(&head->agent_field, head->agent));
        return is_news ? INSPECT_CHANGED : INSPECT_MORE;
    }
    http->has_request = true;
    http->method = keep_seen(inspection, &head->method_field, head->method);
    http->path = keep_seen(inspection, &head->path_field, head->path);
    http->user_agent = keep_seen(inspection, &head->agent_field, head->agent);
    if (host.data != NULL)
        http->host = inspection_keep_name(inspection, host.data, host.length);
    http->header_names = keep_names(head);
    http->is_connect = text_equal(http->method, text_of("CONNECT"));
    return INSPECT_CHANGED;
}

/** A head is whole. */
static unsigned take_head(const struct analyzer_input *input, struct http2_state *state, uint32_t stream,
                          bool ends_stream, const uint8_t *block, size_t length, bool *ret_is_good)
{
    struct http2_side *side = &state->side[input->side];
    struct http_facts *http = &input->inspection->facts.http;
    struct http2_head head = {.inspection = input->inspection, .is_request = input->side == state->client};
    head.is_recorded = head.is_request ? !http->has_request : !http->has_response;
    *ret_is_good = hpack_decode(&side->hpack, block, length, note_field, &head);
    if (!*ret_is_good)
        return INSPECT_MORE;
    bool is_first = head.is_recorded;
    unsigned news = INSPECT_MORE;
    if (head.is_request) {
        if (!head.method_field.is_seen)
            return INSPECT_MORE; /* trailers */
        news = record_request(&head);
    } else if (is_first && head.status >= 200) {
        http->has_response = true;
        http->status = head.status;
        http->response_header_names = keep_names(&head);
        news = INSPECT_CHANGED;
    } else {
        return INSPECT_MORE;
    }
    if (is_first && !ends_stream)
        side->body_stream = stream;
    return news;
}

static unsigned take_data(const struct analyzer_input *input, struct http2_state *state, const struct frame *frame,
                          const uint8_t *data, size_t length)
{
    struct http2_side *side = &state->side[input->side];
    struct http_facts *http = &input->inspection->facts.http;
    bool is_request = input->side == state->client;
    uint8_t *kept = is_request ? http->request_body : http->response_body;
    uint8_t *used = is_request ? &http->request_body_length : &http->response_body_length;
    size_t room = HTTP_BODY_PREFIX - (size_t)*used, n = length < room ? length : room;
    memcpy(kept + *used, data, n);
    *used = (uint8_t)(*used + n);
    if (*used < HTTP_BODY_PREFIX && (frame->flags & FLAG_END_STREAM) == 0)
        return INSPECT_MORE;
    side->body_stream = 0;
    return INSPECT_CHANGED;
}

/** Without padding and priority (RFC 9113, 6.1 and 6.2). */
static bool strip(const struct frame *frame, const uint8_t **ret_at, size_t *ret_length)
{
    struct wire w = wire_of(frame->payload, frame->length);
    size_t padding = (frame->flags & FLAG_PADDED) != 0 ? wire_u8(&w) : 0;
    if (frame->type == FRAME_HEADERS && (frame->flags & FLAG_PRIORITY) != 0)
        wire_skip(&w, 5);
    if (w.failed || padding > w.left)
        return false;
    *ret_at = w.at;
    *ret_length = w.left - padding;
    return true;
}

static bool block_add(const struct analyzer_input *input, struct http2_side *side, const uint8_t *data, size_t length)
{
    if (side->block == NULL)
        side->block = inspector_take_block(input->inspector, BLOCK_MAX);
    if (side->block == NULL || length > BLOCK_MAX - side->block_used)
        return false;
    if (length > 0)
        memcpy(side->block + side->block_used, data, length);
    side->block_used += (uint32_t)length;
    return true;
}

static void block_clear(struct inspector *inspector, struct http2_side *side)
{
    inspector_give_block(inspector, side->block);
    side->block = NULL;
    side->block_used = side->block_stream = 0;
}

/** @return false when the stream cannot be followed any further. */
static bool take_frame(const struct analyzer_input *input, struct http2_state *state, const struct frame *frame,
                       unsigned *news)
{
    struct http2_side *side = &state->side[input->side];
    const uint8_t *at = frame->payload;
    size_t length = frame->length;
    bool is_good = true;
    if (frame->type == FRAME_HEADERS || frame->type == FRAME_DATA) {
        if (!strip(frame, &at, &length))
            return false;
    }
    if (frame->type == FRAME_DATA) {
        if (frame->stream == side->body_stream && frame->stream != 0)
            *news |= take_data(input, state, frame, at, length);
        return true;
    }
    bool ends = (frame->flags & FLAG_END_HEADERS) != 0;
    if (frame->type == FRAME_HEADERS && ends) {
        *news |= take_head(input, state, frame->stream, (frame->flags & FLAG_END_STREAM) != 0, at, length, &is_good);
    } else if (frame->type == FRAME_HEADERS ||
               (frame->type == FRAME_CONTINUATION && side->block_stream == frame->stream)) {
        side->block_stream = frame->stream;
        if (!block_add(input, side, at, length))
            return false;
        if (ends) {
            *news |= take_head(input, state, frame->stream, false, side->block, side->block_used, &is_good);
            block_clear(input->inspector, side);
        }
    }
    return is_good;
}

/** One frame off the front. @return bytes consumed, 0 when more are needed. */
static size_t step(const struct analyzer_input *input, struct http2_state *state, const uint8_t *data, size_t left,
                   unsigned *news, bool *is_good)
{
    struct http2_side *side = &state->side[input->side];
    if (side->skip > 0) {
        size_t passed = left < side->skip ? left : side->skip;
        side->skip -= (uint32_t)passed;
        return passed;
    }
    if (input->side == state->client && !side->preface_seen) {
        if (left < PREFACE_SIZE)
            return 0;
        side->preface_seen = true;
        if (memcmp(data, preface, PREFACE_SIZE) == 0)
            return PREFACE_SIZE;
    }
    if (left < FRAME_HEAD)
        return 0;
    size_t length = (size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2];
    struct frame frame = {length, data[3], data[4], load_be32(data + 5) & 0x7fffffff, data + FRAME_HEAD};
    bool is_head = frame.type == FRAME_HEADERS || frame.type == FRAME_CONTINUATION;
    bool is_body = frame.type == FRAME_DATA && frame.stream == side->body_stream && side->body_stream != 0;
    if ((!is_head && !is_body) || (is_body && length > FRAME_MAX)) {
        side->skip = (uint32_t)length;
        return FRAME_HEAD;
    }
    *is_good = length <= FRAME_MAX;
    if (!*is_good || left - FRAME_HEAD < length)
        return 0;
    *is_good = take_frame(input, state, &frame, news);
    return FRAME_HEAD + length;
}

static struct http2_state *open_state(const struct analyzer_input *input)
{
    struct http2_state *state = inspector_take_block(input->inspector, sizeof(*state));
    if (state == NULL)
        return NULL;
    bool is_client = input->length >= PREFACE_SIZE && memcmp(input->data, preface, PREFACE_SIZE) == 0;
    state->client = (uint8_t)(is_client ? input->side : !input->side);
    hpack_init(&state->side[0].hpack);
    hpack_init(&state->side[1].hpack);
    input->inspection->facts.app = APP_HTTP2;
    input->inspection->facts.client_side_known = true;
    input->inspection->facts.client_side = state->client;
    return state;
}

static unsigned http2_feed(const struct analyzer_input *input, size_t *ret_consumed)
{
    struct inspection *inspection = input->inspection;
    bool is_first = inspection->state == NULL;
    if (is_first)
        inspection->state = open_state(input);
    struct http2_state *state = inspection->state;
    *ret_consumed = input->length;
    if (state == NULL || (input->has_gap && !is_first))
        return INSPECT_FINISHED;

    unsigned news = INSPECT_MORE;
    bool is_good = true;
    size_t used = 0, n;
    while (is_good && used < input->length &&
           (n = step(input, state, input->data + used, input->length - used, &news, &is_good)) > 0)
        used += n;
    if (!is_good) {
        inspector_refuse(input->inspector, REASON_HTTP_MALFORMED);
        return news | INSPECT_FINISHED;
    }
    state->bytes += used;
    *ret_consumed = used;
    bool awaits_body = state->side[!state->client].body_stream != 0;
    return news | (http_has_seen_enough(input, state->bytes, awaits_body) ? INSPECT_FINISHED : INSPECT_MORE);
}

static void http2_release(struct inspector *inspector, struct inspection *inspection)
{
    struct http2_state *state = inspection->state;
    if (state == NULL)
        return;
    block_clear(inspector, &state->side[0]);
    block_clear(inspector, &state->side[1]);
    inspector_give_block(inspector, state);
}

const struct analyzer http2_analyzer = {"http2", true, http2_probe, http2_feed, http2_release, NULL};
