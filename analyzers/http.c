/*
 * HTTP/1.x: where lines, heads and bodies end. Bodies are passed over by their framing, so that later requests of a
 * kept-alive connection are found; where bytes are missing, the next start line at the front of a segment is waited
 * for. Unless everything is wanted, a flow is finished when the first response is known and 8 requests or 64 KiB have
 * passed.
 */
#include "http_internal.h"

_Static_assert(sizeof(struct http_state) <= 4096, "one block of 4 KiB");

static enum probe http_probe(const struct probe_input *input)
{
    return http_start_probe(input->data, input->length);
}

/** The first line of @p data. @return bytes of it with its end, 0 when it is not whole. */
static size_t take_line(struct http_side *side, const uint8_t *data, size_t left, bool may_fold, struct text *ret,
                        bool *ret_is_cut)
{
    size_t shown = left < HTTP_LINE_MAX ? left : HTTP_LINE_MAX, at = 0;
    *ret_is_cut = false;
    for (;;) {
        const uint8_t *end = memchr(data + at, '\n', shown - at);
        if (end == NULL)
            break;
        at = (size_t)(end - data) + 1;
        bool is_blank = end == data || (end == data + 1 && data[0] == '\r');
        if (may_fold && !is_blank) {
            if (at == left)
                return 0; /* the next line may go on with this one */
            if (at < shown && (data[at] == ' ' || data[at] == '\t'))
                continue;
        }
        *ret = (struct text){(const char *)data, at - 1};
        return at;
    }
    if (left < HTTP_LINE_MAX)
        return 0;
    side->passes_line = *ret_is_cut = true;
    *ret = (struct text){(const char *)data, HTTP_LINE_MAX};
    return HTTP_LINE_MAX;
}

static size_t lose(struct http_side *side, size_t left)
{
    side->phase = HTTP_LOST;
    side->passes_line = side->is_recorded = false;
    return left;
}

static size_t refuse(const struct analyzer_input *input, struct http_side *side, enum inspect_reason reason,
                     size_t left)
{
    inspector_refuse(input->inspector, reason);
    return lose(side, left);
}

static size_t step_start(const struct analyzer_input *input, struct http_state *state, struct http_side *side,
                         const uint8_t *data, size_t left)
{
    struct text line;
    bool is_cut;
    if (http_start_probe(data, left) == PROBE_NO) {
        bool is_expected = input->inspection->facts.is_midstream || input->inspection->facts.has_gap;
        return is_expected ? lose(side, left) : refuse(input, side, REASON_HTTP_MALFORMED, left);
    }
    size_t n = take_line(side, data, left, false, &line, &is_cut);
    if (n == 0)
        return 0;
    line = http_trim(line);
    if (line.length == 0)
        return ++side->blank_lines <= HTTP_BLANK_LINES_MAX ? n : refuse(input, side, REASON_HTTP_MALFORMED, left);
    if (is_cut)
        inspector_refuse(input->inspector, REASON_HTTP_HEADER_TOO_LONG);
    if (!http_head_begin(input, state, line, is_cut))
        return refuse(input, side, REASON_HTTP_MALFORMED, left);
    side->phase = HTTP_HEADERS;
    return n;
}

static size_t step_headers(const struct analyzer_input *input, struct http_state *state, struct http_side *side,
                           const uint8_t *data, size_t left, unsigned *news)
{
    struct text line;
    bool is_cut;
    size_t n = take_line(side, data, left, true, &line, &is_cut);
    if (n == 0)
        return 0;
    side->head_bytes += (uint32_t)n;
    side->header_count++;
    if (is_cut)
        inspector_refuse(input->inspector, REASON_HTTP_HEADER_TOO_LONG);
    if (http_trim(line).length == 0) {
        *news |= http_head_end(input, state);
    } else if (side->head_bytes > HTTP_HEAD_MAX || side->header_count > HTTP_HEADERS_MAX) {
        *news |= http_head_end(input, state);
        return refuse(input, side, REASON_HTTP_HEADER_TOO_LONG, left);
    } else {
        http_head_add(input, state, line);
    }
    return n;
}

static unsigned keep_body(const struct analyzer_input *input, struct http_side *side, const uint8_t *data,
                          size_t length)
{
    struct http_facts *http = &input->inspection->facts.http;
    if (!side->is_recorded)
        return INSPECT_MORE;
    uint8_t *kept = side->is_request ? http->request_body : http->response_body;
    uint8_t *used = side->is_request ? &http->request_body_length : &http->response_body_length;
    size_t room = HTTP_BODY_PREFIX - *used;
    size_t n = length < room ? length : room;
    memcpy(kept + *used, data, n);
    *used = (uint8_t)(*used + n);
    if (*used < HTTP_BODY_PREFIX)
        return INSPECT_MORE;
    side->is_recorded = false;
    return INSPECT_CHANGED;
}

static unsigned body_ends(struct http_side *side)
{
    bool is_news = side->is_recorded; /* a body shorter than the prefix is known now */
    side->phase = HTTP_START;
    side->is_recorded = false;
    return is_news ? INSPECT_CHANGED : INSPECT_MORE;
}

static size_t step_body(const struct analyzer_input *input, struct http_side *side, const uint8_t *data, size_t left,
                        unsigned *news)
{
    size_t n = side->phase == HTTP_BODY_TO_CLOSE || left < side->body_left ? left : (size_t)side->body_left;
    *news |= keep_body(input, side, data, n);
    if (side->phase == HTTP_BODY_TO_CLOSE)
        return n;
    side->body_left -= n;
    if (side->body_left == 0 && side->phase == HTTP_CHUNK_DATA)
        side->phase = HTTP_CHUNK_END;
    else if (side->body_left == 0)
        *news |= body_ends(side);
    return n;
}

static bool parse_chunk_size(struct text line, uint64_t *ret)
{
    uint64_t size = 0;
    size_t i = 0;
    for (; i < line.length && i < 16; i++) {
        char c = ascii_lower(line.data[i]);
        if (c >= '0' && c <= '9')
            size = size << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            size = size << 4 | (uint64_t)(c - 'a' + 10);
        else
            break;
    }
    *ret = size;
    return i > 0 && size >> 60 == 0 &&
           (i == line.length || line.data[i] == ';' || line.data[i] == ' ' || line.data[i] == '\t');
}

/** Chunk size lines, the line end behind a chunk, and trailers (RFC 9112, 7.1). */
static size_t step_chunk(const struct analyzer_input *input, struct http_side *side, const uint8_t *data, size_t left,
                         unsigned *news)
{
    struct text line;
    bool is_cut;
    size_t n = take_line(side, data, left, false, &line, &is_cut);
    if (n == 0)
        return 0;
    line = http_trim(line);
    if (side->phase == HTTP_CHUNK_END) {
        if (line.length > 0)
            return refuse(input, side, REASON_HTTP_MALFORMED, left);
        side->phase = HTTP_CHUNK_SIZE;
    } else if (side->phase == HTTP_TRAILERS) {
        side->head_bytes += (uint32_t)n;
        if (side->head_bytes > HTTP_HEAD_MAX)
            return refuse(input, side, REASON_HTTP_HEADER_TOO_LONG, left);
        if (line.length == 0)
            *news |= body_ends(side);
    } else {
        if (!parse_chunk_size(line, &side->body_left))
            return refuse(input, side, REASON_HTTP_MALFORMED, left);
        side->phase = side->body_left > 0 ? HTTP_CHUNK_DATA : HTTP_TRAILERS;
    }
    return n;
}

static size_t pass_line(struct http_side *side, const uint8_t *data, size_t left)
{
    const uint8_t *end = memchr(data, '\n', left);
    side->passes_line = end == NULL;
    return end != NULL ? (size_t)(end - data) + 1 : left;
}

/** One line or one run of body. @return bytes consumed, 0 when more are needed. */
static size_t step(const struct analyzer_input *input, struct http_state *state, const uint8_t *data, size_t left,
                   unsigned *news)
{
    struct http_side *side = &state->side[input->side];
    if (side->passes_line)
        return pass_line(side, data, left);
    switch ((enum http_phase)side->phase) {
    case HTTP_START:
        return step_start(input, state, side, data, left);
    case HTTP_HEADERS:
        return step_headers(input, state, side, data, left, news);
    case HTTP_BODY:
    case HTTP_CHUNK_DATA:
    case HTTP_BODY_TO_CLOSE:
        return step_body(input, side, data, left, news);
    case HTTP_CHUNK_SIZE:
    case HTTP_CHUNK_END:
    case HTTP_TRAILERS:
        return step_chunk(input, side, data, left, news);
    case HTTP_LOST:
        break;
    }
    return left;
}

/** No more of the message under way will come: what is there of it is all there will be. */
static unsigned cut_short(const struct analyzer_input *input, struct http_state *state)
{
    struct http_side *side = &state->side[input->side];
    unsigned news = INSPECT_MORE;
    if (side->phase == HTTP_HEADERS)
        news = http_head_end(input, state);
    if (side->phase == HTTP_BODY && side->is_recorded)
        news |= INSPECT_CHANGED;
    (void)lose(side, 0);
    return news;
}

/** At the front of a segment: after a loss, does a message begin here? */
static unsigned resume(const struct analyzer_input *input, struct http_state *state)
{
    struct http_side *side = &state->side[input->side];
    unsigned news = input->has_gap ? cut_short(input, state) : INSPECT_MORE;
    if (side->phase == HTTP_LOST && http_start_probe(input->data, input->length) == PROBE_YES) {
        side->phase = HTTP_START;
        side->blank_lines = 0;
    }
    return news;
}

/** A hello where a message would have to begin, or in the body of an answer whose request nobody saw. */
static bool hello_stands_here(const struct analyzer_input *input, const struct http_state *state, const uint8_t *data,
                              size_t left)
{
    const struct http_side *side = &state->side[input->side];
    if (left == 0 || data[0] != TLS_HANDSHAKE_BYTE)
        return false;
    bool is_between = side->phase == HTTP_START || side->phase == HTTP_LOST;
    bool is_unasked_body = side->phase == HTTP_BODY_TO_CLOSE && state->answers_unseen;
    return !side->passes_line && (is_between || is_unasked_body) &&
           tls_handshake_probe(&(struct probe_input){data, left, input->side, input->flow}) == PROBE_YES;
}

/** Whether the stream belongs to something else from here on. CONNECT, or the proxy's answer, may be missing from the
 * capture: then the client's next bytes tell, which are no request. */
static bool tunnel_begins(const struct analyzer_input *input, const struct http_state *state, const uint8_t *data,
                          size_t left)
{
    const struct http_side *side = &state->side[input->side];
    if (state->is_tunnel)
        return true;
    bool is_asked = state->tunnel_asked && side->is_request && side->phase == HTTP_START;
    bool is_answered = state->answers_unseen && input->side == input->inspection->facts.client_side &&
                       (side->phase == HTTP_START || side->phase == HTTP_LOST);
    if ((is_asked || is_answered) && left > 0 && http_start_probe(data, left) == PROBE_NO)
        return true;
    return hello_stands_here(input, state, data, left);
}

bool http_has_seen_enough(const struct analyzer_input *input, uint64_t bytes, bool awaits_body)
{
    const struct http_facts *http = &input->inspection->facts.http;
    bool for_records = inspector_options_of(input->inspector)->wants_everything;
    if (bytes >= (for_records ? HTTP_BYTES_ENOUGH_FOR_RECORDS : HTTP_BYTES_ENOUGH))
        return true;
    return http->has_response && !awaits_body &&
           http->requests >= (for_records ? HTTP_REQUESTS_ENOUGH_FOR_RECORDS : HTTP_REQUESTS_ENOUGH);
}

static struct http_state *state_new(struct inspector *inspector)
{
    struct http_state *state = inspector_take_room(inspector, sizeof(*state));
    if (state == NULL)
        return NULL;
    memset(state, 0, offsetof(struct http_state, names));
    state->side[0].names = state->names[0];
    state->side[1].names = state->names[1];
    return state;
}

static unsigned http_feed(const struct analyzer_input *input, size_t *ret_consumed)
{
    struct inspection *inspection = input->inspection;
    if (inspection->state == NULL)
        inspection->state = state_new(input->inspector);
    struct http_state *state = inspection->state;
    *ret_consumed = input->length;
    if (state == NULL)
        return INSPECT_FINISHED;
    inspection->facts.app = APP_HTTP;

    unsigned news = resume(input, state);
    size_t used = 0, n;
    bool is_over;
    while (!(is_over = tunnel_begins(input, state, input->data + used, input->length - used)) && used < input->length &&
           !state->is_upgraded) {
        n = step(input, state, input->data + used, input->length - used, &news);
        if (n == 0)
            break;
        used += n;
    }
    state->bytes += used;
    *ret_consumed = used;
    if (is_over) {
        inspection->facts.tls.over_connect = true;
        inspection_hand_over(input->inspector, inspection, NULL);
        return news;
    }
    bool awaits_body = state->side[!inspection->facts.client_side].is_recorded;
    bool is_done = state->is_upgraded || http_has_seen_enough(input, state->bytes, awaits_body);
    return news | (is_done ? INSPECT_FINISHED : INSPECT_MORE);
}

bool http_pass_connect(const struct analyzer_input *input, size_t *ret_consumed, unsigned *ret_news)
{
    static const char method[] = "CONNECT ";
    enum { METHOD = sizeof(method) - 1 };
    size_t shown = input->length < METHOD ? input->length : METHOD;
    if (memcmp(input->data, method, shown) != 0)
        return false;
    *ret_consumed = 0;
    *ret_news = INSPECT_MORE;
    bool is_whole = memmem(input->data, input->length, "\r\n\r\n", 4) != NULL || input->length > HTTP_HEAD_MAX / 2;
    if (!is_whole)
        return true;
    struct http_state *state = state_new(input->inspector);
    struct http_side *side = state != NULL ? &state->side[input->side] : NULL;
    size_t used = state != NULL ? 0 : input->length, n = 1;
    while (n > 0 && used < input->length && !state->tunnel_asked && side->phase != HTTP_LOST) {
        n = step(input, state, input->data + used, input->length - used, ret_news);
        used += n;
    }
    *ret_consumed = used > 0 ? used : input->length;
    inspector_give_block(input->inspector, state);
    return true;
}

static unsigned http_end(const struct analyzer_input *input)
{
    struct http_state *state = input->inspection->state;
    return state != NULL ? cut_short(input, state) : INSPECT_MORE;
}

static void http_release(struct inspector *inspector, struct inspection *inspection)
{
    inspector_give_block(inspector, inspection->state);
}

const struct analyzer http_analyzer = {"http", true, http_probe, http_feed, http_release, http_end};
