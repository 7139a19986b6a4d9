/*
 * What the head of a message means: facts of the first request and response, later requests that differ, and how the
 * body is framed (RFC 9112, 6.3).
 */
#include "http_internal.h"

enum { FURTHER_PATH_MAX = 256, FURTHER_AGENT_MAX = 128, CONTENT_TYPE_MAX = 128, SERVER_MAX = 128 };

static void field_set(struct http_field *field, char *room, size_t size, struct text value)
{
    if (field->is_seen)
        return; /* of a header sent twice the first counts, as for most servers */
    field->is_seen = true;
    field->length = (uint16_t)(value.length < size ? value.length : size);
    if (field->length > 0)
        memcpy(room, value.data, field->length);
}

static struct text field_text(const struct http_field *field, const char *room)
{
    return (struct text){field->is_seen ? room : NULL, field->length};
}

static struct text text_cut(struct text text, size_t max)
{
    return (struct text){text.data, text.length < max ? text.length : max};
}

/** "http://user@host:port/path": the authority's host and the rest; an absolute target overrides the Host header (RFC
 * 9112, 3.2.2). */
static bool split_absolute(struct text target, struct text *ret_host, struct text *ret_path)
{
    const char *end = target.data + target.length, *at = target.data;
    while (at < end && *at != ':' && *at != '/')
        at++;
    if (end - at < 3 || memcmp(at, "://", 3) != 0)
        return false;
    const char *host = at + 3, *stop = host;
    while (stop < end && *stop != '/' && *stop != '?' && *stop != '#')
        stop++;
    for (const char *c = host; c < stop; c++) {
        if (*c == '@')
            host = c + 1;
    }
    *ret_host = (struct text){host, (size_t)(stop - host)};
    *ret_path = stop < end ? (struct text){stop, (size_t)(end - stop)} : text_of("/");
    return true;
}

/** A host with bytes that no name has is left out, as if it had not been sent. */
static void host_set(const struct analyzer_input *input, struct http_state *state, struct text host)
{
    if (!name_is_printable(host.data, host.length)) {
        inspector_refuse(input->inspector, REASON_HTTP_HOST_MALFORMED);
        return;
    }
    field_set(&state->host_field, state->host, sizeof(state->host), host);
}

static void request_begin(const struct analyzer_input *input, struct http_state *state,
                          const struct http_request_line *line)
{
    struct text host, path = line->target;
    state->method_field = state->host_field = state->path_field = state->agent_field = (struct http_field){0, false};
    field_set(&state->method_field, state->method, sizeof(state->method), line->method);
    if (text_equal(line->method, text_of("CONNECT"))) {
        host_set(input, state, line->target);
        return;
    }
    if (!text_is_empty(line->target) && line->target.data[0] != '/' && split_absolute(line->target, &host, &path))
        host_set(input, state, host);
    field_set(&state->path_field, state->path, sizeof(state->path), path);
}

static struct text keep_field(struct inspection *inspection, struct text value)
{
    return value.data != NULL ? inspection_keep(inspection, value.data, value.length) : value;
}

static struct text keep_host(struct inspection *inspection, struct text value)
{
    return value.data != NULL ? inspection_keep_name(inspection, value.data, value.length) : value;
}

/** The first request's facts as they come, line by line: the capture may end, or cut packets short, inside the head. */
static void record_first(struct inspection *inspection, const struct http_state *state)
{
    struct http_facts *http = &inspection->facts.http;
    if (http->method.data == NULL) {
        http->method = keep_field(inspection, field_text(&state->method_field, state->method));
        http->path = keep_field(inspection, field_text(&state->path_field, state->path));
        http->is_connect = text_equal(http->method, text_of("CONNECT"));
        http->has_request = true;
    }
    if (http->host.data == NULL)
        http->host = keep_host(inspection, field_text(&state->host_field, state->host));
    if (http->user_agent.data == NULL)
        http->user_agent = keep_field(inspection, field_text(&state->agent_field, state->agent));
}

static void note_client(struct flow_facts *facts, unsigned side)
{
    if (facts->client_side_known)
        return;
    facts->client_side_known = true;
    facts->client_side = (uint8_t)side;
}

bool http_head_begin(const struct analyzer_input *input, struct http_state *state, struct text line, bool is_cut)
{
    struct http_side *side = &state->side[input->side];
    struct http_facts *http = &input->inspection->facts.http;
    struct http_request_line request = {{NULL, 0}, {NULL, 0}};
    side->is_request = !http_line_is_status(line);
    if (side->is_request ? !http_request_line_parse(line, is_cut, &request)
                         : !http_status_line_parse(line, &side->status))
        return false;
    side->head_bytes = 0;
    side->header_count = side->names_used = 0;
    side->has_length = side->is_chunked = false;
    side->body_left = 0;
    if (side->is_request) {
        side->is_recorded = !http->has_request;
        request_begin(input, state, &request);
        note_client(&input->inspection->facts, input->side);
        if (http->requests < UINT32_MAX)
            http->requests++;
        if (side->is_recorded)
            record_first(input->inspection, state);
        return true;
    }
    note_client(&input->inspection->facts, !input->side);
    side->is_recorded = !http->has_response && side->status >= 200;
    if (side->is_recorded) {
        http->has_response = true;
        http->status = side->status;
    }
    return true;
}

static void note_name(struct http_side *side, struct text name)
{
    if (!side->is_recorded || name.length + 1 > (size_t)HTTP_NAMES_ROOM - side->names_used)
        return;
    memcpy(side->names + side->names_used, name.data, name.length);
    side->names[side->names_used + name.length] = '\n';
    side->names_used = (uint16_t)(side->names_used + name.length + 1);
}

static void note_length(const struct analyzer_input *input, struct http_side *side, struct text value)
{
    uint64_t length = 0;
    bool is_number = value.length > 0 && value.length <= 18;
    for (size_t i = 0; is_number && i < value.length; i++) {
        is_number = value.data[i] >= '0' && value.data[i] <= '9';
        length = length * 10 + (uint64_t)(value.data[i] - '0');
    }
    if (!is_number) {
        inspector_refuse(input->inspector, REASON_HTTP_MALFORMED);
        return;
    }
    if (!side->has_length)
        side->body_left = length;
    side->has_length = true;
}

/** A folded value (RFC 9112, 5.2) reads as one line with a space for each fold. @return length in @p ret. */
static size_t unfold(struct text value, char *ret, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < value.length && n < room; i++) {
        if (value.data[i] != '\r' && value.data[i] != '\n') {
            ret[n++] = value.data[i];
            continue;
        }
        while (i + 1 < value.length && strchr("\r\n\t ", value.data[i + 1]) != NULL && value.data[i + 1] != '\0')
            i++;
        ret[n++] = ' ';
    }
    return n;
}

static void note_request_header(const struct analyzer_input *input, struct http_state *state,
                                const struct http_side *side, struct text name, struct text value)
{
    if (text_equal_nocase(name, text_of("host")))
        host_set(input, state, value);
    else if (text_equal_nocase(name, text_of("user-agent")))
        field_set(&state->agent_field, state->agent, sizeof(state->agent), value);
    else
        return;
    if (side->is_recorded)
        record_first(input->inspection, state);
}

static void note_response_header(struct inspection *inspection, struct text name, struct text value)
{
    struct http_facts *http = &inspection->facts.http;
    if (http->content_type.data == NULL && text_equal_nocase(name, text_of("content-type")))
        http->content_type = inspection_keep(inspection, value.data, text_cut(value, CONTENT_TYPE_MAX).length);
    else if (http->server.data == NULL && text_equal_nocase(name, text_of("server")))
        http->server = inspection_keep(inspection, value.data, text_cut(value, SERVER_MAX).length);
}

void http_head_add(const struct analyzer_input *input, struct http_state *state, struct text line)
{
    struct http_side *side = &state->side[input->side];
    struct text name, value;
    char unfolded[HTTP_AGENT_ROOM];
    if (!http_header_parse(line, &name, &value)) {
        inspector_refuse(input->inspector, REASON_HTTP_MALFORMED);
        return;
    }
    note_name(side, name);
    if (memchr(value.data, '\n', value.length) != NULL)
        value = http_trim((struct text){unfolded, unfold(value, unfolded, sizeof(unfolded))});
    if (text_equal_nocase(name, text_of("content-length")))
        note_length(input, side, value);
    else if (text_equal_nocase(name, text_of("transfer-encoding")))
        side->is_chunked =
            value.length >= 7 && text_equal_nocase((struct text){value.data + value.length - 7, 7}, text_of("chunked"));
    else if (side->is_request)
        note_request_header(input, state, side, name, value);
    else if (side->is_recorded)
        note_response_header(input->inspection, name, value);
}

static void pending_push(struct http_state *state, enum http_asked asked)
{
    if (state->pending_count == HTTP_PENDING_MAX) { /* nobody pipelines that deep: forget the oldest */
        state->pending_first = (uint8_t)((state->pending_first + 1) % HTTP_PENDING_MAX);
        state->pending_count--;
    }
    state->pending[(state->pending_first + state->pending_count) % HTTP_PENDING_MAX] = (uint8_t)asked;
    state->pending_count++;
}

static enum http_asked pending_pop(struct http_state *state)
{
    if (state->pending_count == 0)
        return HTTP_ASKED_PLAIN;
    enum http_asked asked = state->pending[state->pending_first];
    state->pending_first = (uint8_t)((state->pending_first + 1) % HTTP_PENDING_MAX);
    state->pending_count--;
    return asked;
}

static struct text keep_names(struct inspection *inspection, const struct http_side *side)
{
    size_t length = side->names_used > 0 ? side->names_used - 1u : 0; /* without the last separator */
    return inspection_keep(inspection, side->names, length);
}

static bool cuts_equal(struct text kept, struct text seen, size_t max)
{
    return (kept.data == NULL) == (seen.data == NULL) && text_equal_nocase(text_cut(kept, max), text_cut(seen, max));
}

bool http_note_further(struct inspection *inspection, struct text method, struct text host, struct text path,
                       struct text agent)
{
    struct http_facts *http = &inspection->facts.http;
    const size_t room = sizeof(http->further) / sizeof(*http->further);
    if (cuts_equal(http->host, host, HTTP_HOST_ROOM) && cuts_equal(http->path, path, FURTHER_PATH_MAX) &&
        cuts_equal(http->user_agent, agent, FURTHER_AGENT_MAX))
        return false;
    for (unsigned i = 0; i < http->further_count; i++) {
        if (cuts_equal(http->further[i].host, host, HTTP_HOST_ROOM) &&
            cuts_equal(http->further[i].path, path, FURTHER_PATH_MAX) &&
            cuts_equal(http->further[i].user_agent, agent, FURTHER_AGENT_MAX))
            return false;
    }
    if (http->further_count == room)
        return false;
    unsigned i = http->further_count++;
    http->further[i].method = keep_field(inspection, method);
    http->further[i].host = keep_host(inspection, host);
    http->further[i].path = keep_field(inspection, text_cut(path, FURTHER_PATH_MAX));
    http->further[i].user_agent = keep_field(inspection, text_cut(agent, FURTHER_AGENT_MAX));
    return true;
}

static bool record_further(struct inspection *inspection, const struct http_state *state)
{
    return http_note_further(inspection, field_text(&state->method_field, state->method),
                             field_text(&state->host_field, state->host), field_text(&state->path_field, state->path),
                             field_text(&state->agent_field, state->agent));
}

static void frame_body(struct http_side *side, bool has_no_body, bool may_run_to_close)
{
    if (has_no_body) {
        side->phase = HTTP_START;
    } else if (side->is_chunked) {
        side->phase = HTTP_CHUNK_SIZE;
    } else if (side->has_length) {
        side->phase = side->body_left > 0 ? HTTP_BODY : HTTP_START;
    } else {
        side->phase = may_run_to_close ? HTTP_BODY_TO_CLOSE : HTTP_START;
    }
    side->blank_lines = 0;
    if (side->phase == HTTP_START)
        side->is_recorded = false;
}

static unsigned request_end(const struct analyzer_input *input, struct http_state *state, struct http_side *side)
{
    struct text method = field_text(&state->method_field, state->method);
    bool is_connect = text_equal(method, text_of("CONNECT")), is_news = true;
    if (side->is_recorded)
        input->inspection->facts.http.header_names = keep_names(input->inspection, side);
    else
        is_news = record_further(input->inspection, state);
    pending_push(state, is_connect                            ? HTTP_ASKED_CONNECT
                        : text_equal(method, text_of("HEAD")) ? HTTP_ASKED_HEAD
                                                              : HTTP_ASKED_PLAIN);
    state->tunnel_asked = is_connect;
    frame_body(side, is_connect, false);
    return is_news ? INSPECT_CHANGED : INSPECT_MORE;
}

static unsigned response_end(const struct analyzer_input *input, struct http_state *state, struct http_side *side)
{
    struct inspection *inspection = input->inspection;
    unsigned news = INSPECT_MORE;
    if (side->status < 200) { /* interim; 101 ends HTTP on this connection */
        state->is_upgraded = side->status == 101;
        frame_body(side, true, false);
        return INSPECT_MORE;
    }
    if (side->is_recorded) {
        inspection->facts.http.response_header_names = keep_names(inspection, side);
        news = INSPECT_CHANGED;
    }
    bool is_framed = side->has_length || side->is_chunked || side->status == 204;
    state->answers_unseen = state->pending_count == 0 && side->status < 300 && !is_framed;
    enum http_asked asked = pending_pop(state);
    state->is_tunnel = asked == HTTP_ASKED_CONNECT && side->status < 300;
    frame_body(side, state->is_tunnel || asked == HTTP_ASKED_HEAD || side->status == 204 || side->status == 304, true);
    return news;
}

unsigned http_head_end(const struct analyzer_input *input, struct http_state *state)
{
    struct http_side *side = &state->side[input->side];
    return side->is_request ? request_end(input, state, side) : response_end(input, state, side);
}
