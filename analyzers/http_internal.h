/* HTTP/1.x in three parts: http_line.c what a line says, http_head.c what a head means for the facts, http.c where
 * messages end. */
#ifndef BORDERTAP_ANALYZERS_HTTP_INTERNAL_H
#define BORDERTAP_ANALYZERS_HTTP_INTERNAL_H

#include "analyzer_internal.h"
#include "name.h"

enum {
    HTTP_LINE_MAX = 8192,     /* of a line is looked at; the rest is passed over and counted */
    HTTP_HEAD_MAX = 65536,    /* bytes of one head */
    HTTP_HEADERS_MAX = 256,   /* lines of one head */
    HTTP_BLANK_LINES_MAX = 4, /* before a message (RFC 9112, 2.2 asks for one) */
    HTTP_NAMES_ROOM = 1024,
    HTTP_METHOD_ROOM = 24,
    HTTP_HOST_ROOM = NAME_MAX_LENGTH + 6, /* ":65535" */
    HTTP_PATH_ROOM = 1024,
    HTTP_AGENT_ROOM = 384,
    HTTP_PENDING_MAX = 32,

    HTTP_REQUESTS_ENOUGH = 8, /* a flow is finished with */
    HTTP_BYTES_ENOUGH = 64 << 10,
    HTTP_REQUESTS_ENOUGH_FOR_RECORDS = 1000,
    HTTP_BYTES_ENOUGH_FOR_RECORDS = 16 << 20,
};

enum http_phase {
    HTTP_START,
    HTTP_HEADERS,
    HTTP_BODY,
    HTTP_CHUNK_SIZE,
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_END,
    HTTP_TRAILERS,
    HTTP_BODY_TO_CLOSE,
    HTTP_LOST, /* waits for a start line at the front of a segment */
};

/** What an answer depends on in its request. */
enum http_asked { HTTP_ASKED_PLAIN, HTTP_ASKED_HEAD, HTTP_ASKED_CONNECT };

/** One direction of the stream. */
struct http_side {
    uint64_t body_left;
    uint32_t head_bytes;
    uint16_t header_count, names_used, status;
    uint8_t phase; /* enum http_phase */
    uint8_t blank_lines;
    bool is_request;
    bool passes_line; /* rest of an overlong line */
    bool has_length, is_chunked;
    bool is_recorded; /* the message whose head and body prefix the facts show */
    char *names;      /* HTTP_NAMES_ROOM bytes of the state */
};

struct http_field {
    uint16_t length;
    bool is_seen;
};

struct http_state {
    struct http_side side[2];
    uint64_t bytes;                    /* seen so far, both sides */
    uint8_t pending[HTTP_PENDING_MAX]; /* enum http_asked of requests without answer, a ring */
    uint8_t pending_first, pending_count;
    bool tunnel_asked;   /* a CONNECT was sent: what follows may be anything */
    bool answers_unseen; /* a 2xx without length came, and no request for it: it may be CONNECT's */
    bool is_tunnel, is_upgraded;
    bool host_is_from_target;

    /* The request whose head is being read. */
    struct http_field method_field, host_field, path_field, agent_field;
    /* Texts, last because nobody clears them. */
    char names[2][HTTP_NAMES_ROOM];
    char method[HTTP_METHOD_ROOM], host[HTTP_HOST_ROOM], path[HTTP_PATH_ROOM], agent[HTTP_AGENT_ROOM];
};

struct http_request_line {
    struct text method, target;
};

/** Whether @p data can be the start of a message. */
enum probe http_start_probe(const uint8_t *data, size_t length);
bool http_line_is_status(struct text line);
bool http_request_line_parse(struct text line, bool is_cut, struct http_request_line *ret);
bool http_status_line_parse(struct text line, uint16_t *ret_status);
/** Splits "Name: value", without the space around either. */
bool http_header_parse(struct text line, struct text *ret_name, struct text *ret_value);
struct text http_trim(struct text text);

/** A start line was read. @return false when it is none. */
bool http_head_begin(const struct analyzer_input *input, struct http_state *state, struct text line, bool is_cut);
void http_head_add(const struct analyzer_input *input, struct http_state *state, struct text line);
/** The empty line: facts and the body's framing are known. @return enum inspect_state bits. */
unsigned http_head_end(const struct analyzer_input *input, struct http_state *state);

/** Whether a flow is finished. @param awaits_body the first response's body prefix is not known yet. */
bool http_has_seen_enough(const struct analyzer_input *input, uint64_t bytes, bool awaits_body);

/** A later request of the flow, kept when it differs from those before. @return whether it did. */
bool http_note_further(struct inspection *inspection, struct text method, struct text host, struct text path,
                       struct text agent);

#endif
