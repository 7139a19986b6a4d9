/*
 * TLS over a byte stream: records, and handshake messages out of them, however both are cut. Bytes are consumed as they
 * come: only a message that is not whole in one piece is copied, into a block that goes back once the message is read.
 * A side is followed until nothing more of it can be in the clear.
 */
#include "tls_internal.h"

enum {
    RECORD_HEADER = 5,
    MESSAGE_HEADER = 4,
    RECORD_MAX = 16384 + 2048,   /* RFC 5246, 6.2.3 */
    MESSAGE_KEPT_MAX = 64 << 10, /* of a longer one the beginning is read */
    SSLV2_MAX = 8192,
    LEADING_RECORDS_MAX = 4,
    LOST_FEEDS_MAX = 8, /* segments to look for a record in before a side is given up */
};

enum record_type { RECORD_CHANGE_CIPHER = 20, RECORD_ALERT, RECORD_HANDSHAKE, RECORD_APPLICATION, RECORD_HEARTBEAT };

struct tls_side {
    uint8_t header[MESSAGE_HEADER]; /* of the message under way */
    uint8_t header_filled;
    uint8_t record_type;
    uint8_t lost_feeds;
    bool is_lost; /* not at a record's start: waits for one at a segment's start */
    bool has_started;
    uint16_t record_left;
    uint32_t wanted, filled, skip; /* bytes of the message: to keep, kept, to throw away after them */
    bool is_cut;                   /* the message is longer than what is kept */
    uint8_t *message;              /* block, NULL unless bytes are kept */
};

struct tls_state {
    struct tls_progress progress;
    struct tls_side sides[2];
};

static bool version_is_plausible(uint8_t major, uint8_t minor)
{
    return (major == 3 && minor <= 4) || (major == 1 && minor == 1); /* 0x0101: TLCP, GB/T 38636 */
}

/** Of a record nobody looks at the version (RFC 8446, 5.1), and some write what they like behind the 3. */
static bool record_version_is_plausible(uint8_t major, uint8_t minor)
{
    return major == 3 || version_is_plausible(major, minor);
}

static bool record_is_plausible(const uint8_t *header)
{
    uint16_t length = load_be16(header + 3);
    return header[0] >= RECORD_CHANGE_CIPHER && header[0] <= RECORD_HEARTBEAT &&
           record_version_is_plausible(header[1], header[2]) && length > 0 && length <= RECORD_MAX;
}

/** A record header that would hardly stand there by chance, for streams joined in the middle. */
static bool record_is_convincing(const uint8_t *data, size_t length)
{
    if (length < RECORD_HEADER || !record_is_plausible(data))
        return false;
    uint16_t record = load_be16(data + 3);
    switch (data[0]) {
    case RECORD_HANDSHAKE:
        if (length < RECORD_HEADER + MESSAGE_HEADER)
            return false;
        if (record < MESSAGE_HEADER) /* cut on purpose: the next record must go on */
            return (data[5] == TLS_CLIENT_HELLO || data[5] == TLS_SERVER_HELLO) &&
                   data[RECORD_HEADER + record] == RECORD_HANDSHAKE;
        switch (data[5]) {
        case TLS_CLIENT_HELLO:
        case TLS_SERVER_HELLO:
        case TLS_CERTIFICATE:
        case TLS_SERVER_KEY_EXCHANGE:
            return data[6] <= 1;
        case TLS_SERVER_HELLO_DONE:
            return data[6] == 0 && load_be16(data + 7) == 0;
        default:
            return false;
        }
    case RECORD_APPLICATION:
        return data[2] >= 1 && version_is_plausible(data[1], data[2]);
    case RECORD_CHANGE_CIPHER:
        return record == 1 && version_is_plausible(data[1], data[2]) && length > RECORD_HEADER && data[5] == 1;
    default:
        return false;
    }
}

/** SSL 2.0 framing: CLIENT-HELLO of any version, SERVER-HELLO of version 2 (RFC 5246, E.2). */
static bool is_sslv2(const uint8_t *data, size_t length)
{
    if (length < 5 || (data[0] & 0x80) == 0)
        return false;
    size_t record = load_be16(data) & 0x7fff;
    if (record < 9 || record > SSLV2_MAX)
        return false;
    if (data[2] == 1)
        return (data[3] == 3 && data[4] <= 3) || (data[3] == 0 && data[4] == 2);
    return length >= 7 && data[2] == 4 && data[3] <= 1 && data[4] <= 1 && data[5] == 0 && data[6] == 2;
}

static bool sslv2_lengths_fit(const uint8_t *data, size_t length)
{
    if (length < 11 || data[2] != 1)
        return data[2] != 1;
    size_t record = load_be16(data) & 0x7fff;
    uint16_t ciphers = load_be16(data + 5);
    return ciphers > 0 && ciphers % 3 == 0 && record == (size_t)9 + ciphers + load_be16(data + 7) + load_be16(data + 9);
}

static enum probe sslv2_probe(const uint8_t *data, size_t length)
{
    if (length >= 2 && (load_be16(data) & 0x7fff) > SSLV2_MAX)
        return PROBE_NO;
    if (length < 11)
        return PROBE_MORE;
    return is_sslv2(data, length) && sslv2_lengths_fit(data, length) ? PROBE_YES : PROBE_NO;
}

/** A record in the clear that says nothing about what follows: empty, an alert, ChangeCipherSpec, a heartbeat. */
static bool record_is_passing(const uint8_t *header)
{
    uint16_t length = load_be16(header + 3);
    if (header[0] < RECORD_CHANGE_CIPHER || header[0] > RECORD_HEARTBEAT || header[1] != 3)
        return false;
    return length == 0 || (header[0] == RECORD_CHANGE_CIPHER && length == 1) ||
           (header[0] == RECORD_ALERT && length == 2) || (header[0] == RECORD_HEARTBEAT && length <= RECORD_MAX);
}

/** Bytes of such records before the one that tells; there must be one behind them. */
static size_t leading_records(const uint8_t *data, size_t length)
{
    size_t at = 0;
    for (unsigned i = 0; i < LEADING_RECORDS_MAX && length - at > RECORD_HEADER; i++) {
        size_t record = RECORD_HEADER + (size_t)load_be16(data + at + 3);
        if (!record_is_passing(data + at) || length - at <= record)
            break;
        at += record;
    }
    return at;
}

static enum probe tls_probe(const struct probe_input *input)
{
    size_t leading = leading_records(input->data, input->length);
    const uint8_t *data = input->data + leading;
    size_t length = input->length - leading;
    if (length == 0)
        return PROBE_MORE;
    if (data[0] & 0x80)
        return leading == 0 ? sslv2_probe(data, length) : PROBE_NO;
    if (data[0] < RECORD_CHANGE_CIPHER || data[0] > RECORD_APPLICATION)
        return PROBE_NO;
    if (length >= 3 && !record_version_is_plausible(data[1], data[2]))
        return PROBE_NO;
    if (length < RECORD_HEADER + MESSAGE_HEADER)
        return data[0] == RECORD_ALERT && length == RECORD_HEADER + 2 ? PROBE_NO : PROBE_MORE;
    return record_is_convincing(data, length) ? PROBE_YES : PROBE_NO;
}

enum probe tls_handshake_probe(const struct probe_input *input)
{
    return input->length > 0 && input->data[0] == TLS_HANDSHAKE_BYTE ? tls_probe(input) : PROBE_NO;
}

static void message_drop(struct inspector *inspector, struct tls_side *side)
{
    inspector_give_block(inspector, side->message);
    side->message = NULL;
    side->header_filled = 0;
    side->wanted = side->filled = side->skip = 0;
    side->is_cut = false;
}

/** A ClientHello that the snapshot length, a loss or the flow's end has cut: its name may stand in what there is of it.
 */
static unsigned hello_salvage(const struct analyzer_input *input, struct tls_state *state, const struct tls_side *side)
{
    if (side->message == NULL || side->header[0] != TLS_CLIENT_HELLO)
        return INSPECT_MORE;
    input->inspection->facts.has_gap = true;
    return tls_facts_message(input, TLS_OVER_TCP, &state->progress, TLS_CLIENT_HELLO, side->message, side->filled,
                             true);
}

static void side_lose(const struct analyzer_input *input, struct tls_state *state, struct tls_side *side)
{
    const struct flow_facts *facts = &input->inspection->facts;
    message_drop(input->inspector, side);
    side->record_left = 0;
    side->is_lost = true;
    side->has_started = true;
    if (!facts->client_side_known || facts->client_side != input->side)
        state->progress.server_gap = true;
}

/** Client and server in the same state: which of the two flags is this side's. Unknown sides count as neither. */
static bool *side_done(const struct analyzer_input *input, struct tls_state *state)
{
    const struct flow_facts *facts = &input->inspection->facts;
    bool is_client =
        facts->client_side_known ? facts->client_side == input->side : input->flow->client_side == input->side;
    return is_client ? &state->progress.client_done : &state->progress.server_done;
}

/** The message's header is complete: decides how much of its body is wanted. */
static void message_begin(const struct analyzer_input *input, struct tls_side *side)
{
    uint32_t length = (uint32_t)side->header[1] << 16 | (uint32_t)side->header[2] << 8 | side->header[3];
    switch (side->header[0]) {
    case TLS_CLIENT_HELLO:
    case TLS_SERVER_HELLO:
    case TLS_CERTIFICATE:
    case TLS_SERVER_KEY_EXCHANGE:
        side->wanted = length < MESSAGE_KEPT_MAX ? length : MESSAGE_KEPT_MAX;
        break;
    default: /* only that it came matters */
        side->wanted = 0;
    }
    side->filled = 0;
    side->skip = length - side->wanted;
    side->is_cut = length > MESSAGE_KEPT_MAX;
    if (side->is_cut)
        inspector_refuse(input->inspector, REASON_TLS_HANDSHAKE_TOO_LONG);
}

static unsigned message_end(const struct analyzer_input *input, struct tls_state *state, struct tls_side *side,
                            const uint8_t *body)
{
    unsigned ret =
        tls_facts_message(input, TLS_OVER_TCP, &state->progress, side->header[0], body, side->wanted, side->is_cut);
    inspector_give_block(input->inspector, side->message);
    side->message = NULL;
    side->header_filled = 0;
    return ret;
}

/** Body bytes of the message under way. In one piece they are read where they are. */
static unsigned message_body(const struct analyzer_input *input, struct tls_state *state, struct tls_side *side,
                             struct wire *w)
{
    if (side->message == NULL && w->left >= side->wanted)
        return message_end(input, state, side, wire_bytes(w, side->wanted));
    if (side->message == NULL) {
        side->message = inspector_take_room(input->inspector, side->wanted);
        if (side->message == NULL) { /* counted there; read what is left of the stream without this message */
            side->skip += side->wanted;
            side->wanted = 0;
            side->header[0] = TLS_HELLO_REQUEST;
            return INSPECT_MORE;
        }
    }
    size_t part = side->wanted - side->filled < w->left ? side->wanted - side->filled : w->left;
    memcpy(side->message + side->filled, wire_bytes(w, part), part);
    side->filled += (uint32_t)part;
    return side->filled == side->wanted ? message_end(input, state, side, side->message) : INSPECT_MORE;
}

/** A piece of a handshake record: any number of messages, whole or cut. */
static unsigned take_handshake(const struct analyzer_input *input, struct tls_state *state, struct tls_side *side,
                               struct wire piece)
{
    unsigned ret = INSPECT_MORE;
    while (piece.left > 0 && !*side_done(input, state)) {
        if (side->header_filled == 0 && side->skip > 0) {
            size_t part = side->skip < piece.left ? side->skip : piece.left;
            wire_skip(&piece, part);
            side->skip -= (uint32_t)part;
            continue;
        }
        if (side->header_filled < MESSAGE_HEADER) {
            side->header[side->header_filled++] = wire_u8(&piece);
            if (side->header_filled < MESSAGE_HEADER)
                continue;
            message_begin(input, side);
        }
        if (piece.left > 0 || side->wanted == 0)
            ret |= message_body(input, state, side, &piece);
    }
    return ret;
}

/** Nothing that a handshake could have led to: seen from its first byte, and no hello yet. */
static bool is_before_hello(const struct analyzer_input *input, const struct tls_state *state)
{
    const struct flow_facts *facts = &input->inspection->facts;
    return !facts->is_midstream && !facts->has_gap && !facts->tls.has_client_hello && !facts->tls.has_server_hello &&
           !state->progress.client_done && !state->progress.server_done;
}

/** A piece of a record that is no handshake. Whatever its type says: these end what can be read of a side. */
static unsigned take_other(const struct analyzer_input *input, struct tls_state *state, struct tls_side *side,
                           struct wire piece)
{
    bool is_change_cipher = side->record_type == RECORD_CHANGE_CIPHER;
    if (side->record_type != RECORD_APPLICATION && is_before_hello(input, state))
        return INSPECT_MORE;
    if (is_change_cipher || side->record_type == RECORD_APPLICATION) {
        if (side_done(input, state) == &state->progress.server_done)
            return tls_facts_server_encrypts(input->inspection, &state->progress, is_change_cipher);
        if (!is_change_cipher || !input->inspection->facts.tls.is_hello_retry)
            state->progress.client_done = true;
        return INSPECT_MORE;
    }
    bool is_fatal_alert = side->record_type == RECORD_ALERT && piece.left == 2 && piece.at[0] == 2;
    if (is_fatal_alert)
        state->progress.client_done = state->progress.server_done = true;
    return INSPECT_MORE;
}

/** The header of a packet that carries the handshake's next records. */
static bool is_tds_header(const struct analyzer_input *input, const struct wire *w)
{
    return w->at[0] == TDS_PRELOGIN && text_equal(input->inspection->facts.tls.starttls, text_of(TDS_NAME));
}

/** @return false when more bytes are needed or the stream is lost. */
static bool record_begin(const struct analyzer_input *input, struct tls_state *state, struct tls_side *side,
                         struct wire *w)
{
    if (w->left < RECORD_HEADER)
        return false;
    if (is_tds_header(input, w)) {
        bool is_whole = w->left >= TDS_HEADER;
        wire_skip(w, is_whole ? TDS_HEADER : 0);
        return is_whole;
    }
    if (!record_is_plausible(w->at)) {
        if (w->at[3] == 0 && w->at[4] == 0 && record_version_is_plausible(w->at[1], w->at[2])) {
            wire_skip(w, RECORD_HEADER); /* empty records are allowed, and mean nothing */
            return true;
        }
        bool is_of_before = !side->has_started && input->inspection->hand_overs > 0; /* "220 go", held up */
        if (!is_of_before)
            inspector_refuse(input->inspector, REASON_TLS_RECORD_MALFORMED);
        side_lose(input, state, side);
        return false;
    }
    side->record_type = w->at[0];
    side->record_left = load_be16(w->at + 3);
    wire_skip(w, RECORD_HEADER);
    return true;
}

static unsigned take_sslv2(const struct analyzer_input *input, struct tls_state *state, struct tls_side *side,
                           struct wire *w)
{
    size_t record = load_be16(w->at) & 0x7fff;
    if (w->left < 2 + record)
        return INSPECT_MORE;
    wire_skip(w, 2);
    side->has_started = true;
    return tls_facts_sslv2(input, &state->progress, wire_bytes(w, record), record);
}

/** Consumes what it can from the front of @p w. */
static unsigned take_records(const struct analyzer_input *input, struct tls_state *state, struct tls_side *side,
                             struct wire *w)
{
    unsigned ret = INSPECT_MORE;
    if (!side->has_started && is_sslv2(w->at, w->left)) {
        ret |= take_sslv2(input, state, side, w);
        if (!side->has_started)
            return ret; /* not whole yet */
    }
    while (w->left > 0 && !*side_done(input, state)) {
        if (side->record_left == 0) {
            if (!record_begin(input, state, side, w))
                break;
            side->has_started = true;
            continue;
        }
        size_t part = side->record_left < w->left ? side->record_left : w->left;
        struct wire piece = wire_carve(w, part);
        side->record_left = (uint16_t)(side->record_left - part);
        ret |= side->record_type == RECORD_HANDSHAKE ? take_handshake(input, state, side, piece)
                                                     : take_other(input, state, side, piece);
    }
    return ret;
}

/** A hello somewhere in the bytes: what a proxy said before it stands in front. Version inside and outside must be
 * there. */
static bool hello_find(struct wire *w)
{
    while (w->left >= RECORD_HEADER + MESSAGE_HEADER + 2) {
        const uint8_t *found = memchr(w->at, RECORD_HANDSHAKE, w->left);
        if (found == NULL)
            return false;
        wire_skip(w, (size_t)(found - w->at));
        bool is_hello =
            record_is_convincing(w->at, w->left) && (w->at[5] == TLS_CLIENT_HELLO || w->at[5] == TLS_SERVER_HELLO);
        if (is_hello && w->left >= RECORD_HEADER + MESSAGE_HEADER + 2 && version_is_plausible(w->at[9], w->at[10]))
            return true;
        wire_skip(w, 1);
    }
    return false;
}

/** A lost side goes on at a record that stands at the front, or at a hello further in. */
static bool side_resume(struct tls_side *side, struct wire *w)
{
    if (!record_is_convincing(w->at, w->left)) {
        struct wire look = *w;
        if (!hello_find(&look))
            return false;
        *w = look;
    }
    side->is_lost = false;
    return true;
}

static unsigned finished_if_done(const struct tls_state *state)
{
    return state->progress.client_done && state->progress.server_done ? INSPECT_FINISHED : INSPECT_MORE;
}

static unsigned tls_feed(const struct analyzer_input *input, size_t *ret_consumed)
{
    struct inspection *inspection = input->inspection;
    *ret_consumed = input->length;
    inspection->facts.app = APP_TLS;
    if (inspection->state == NULL)
        inspection->state = inspector_take_block(input->inspector, sizeof(struct tls_state));
    struct tls_state *state = inspection->state;
    if (state == NULL)
        return INSPECT_FINISHED; /* counted by the inspector */

    struct tls_side *side = &state->sides[input->side];
    unsigned ret = INSPECT_MORE;
    if (inspection->facts.tls.over_connect && !side->has_started && http_pass_connect(input, ret_consumed, &ret))
        return ret;
    if (input->has_gap) {
        inspection->facts.has_gap = true;
        ret = hello_salvage(input, state, side);
        side_lose(input, state, side);
    }
    if (*side_done(input, state))
        return ret | finished_if_done(state);
    struct wire w = wire_of(input->data, input->length);
    if (side->is_lost && !side_resume(side, &w)) {
        if (++side->lost_feeds >= LOST_FEEDS_MAX)
            *side_done(input, state) = true;
        return ret | finished_if_done(state);
    }
    ret |= take_records(input, state, side, &w);
    if (side->is_lost && w.left > RECORD_HEADER && side_resume(side, &w))
        ret |= take_records(input, state, side, &w);
    if (!side->is_lost && !*side_done(input, state))
        *ret_consumed = input->length - w.left;
    return ret | finished_if_done(state);
}

static unsigned tls_end(const struct analyzer_input *input)
{
    struct tls_state *state = input->inspection->state;
    if (state == NULL)
        return INSPECT_MORE;
    struct tls_side *side = &state->sides[input->side];
    unsigned ret = hello_salvage(input, state, side);
    message_drop(input->inspector, side);
    return ret;
}

static void tls_release(struct inspector *inspector, struct inspection *inspection)
{
    struct tls_state *state = inspection->state;
    if (state == NULL)
        return;
    inspector_give_block(inspector, state->sides[0].message);
    inspector_give_block(inspector, state->sides[1].message);
    inspector_give_block(inspector, state);
    inspection->state = NULL;
}

const struct analyzer tls_analyzer = {
    .name = "tls",
    .is_stream = true,
    .probe = tls_probe,
    .feed = tls_feed,
    .release = tls_release,
    .end = tls_end,
};
