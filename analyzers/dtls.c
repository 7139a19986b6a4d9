/*
 * DTLS 1.0 to 1.3 (RFC 4347, 6347, 9147): handshake messages out of records with epoch 0, put together from fragments.
 * Two messages per side may be under way, because a flight's messages overlap when datagrams change places. Between
 * browsers the datagrams may come through a relay, with STUN's checks and media between them.
 */
#include "stun_internal.h"
#include "tls_internal.h"
#include "tls_pieces_internal.h"

enum {
    RECORD_HEADER = 13,
    FRAGMENT_HEADER = 12,
    MESSAGE_MAX = 64 << 10,
    SLOTS = 2,
    DATAGRAMS_MAX = 64, /* a handshake that takes longer is given up */
};

enum record_type { RECORD_CHANGE_CIPHER = 20, RECORD_ALERT, RECORD_HANDSHAKE, RECORD_APPLICATION };

struct dtls_slot {
    bool is_used;
    uint8_t type;
    uint16_t sequence;
    struct tls_pieces pieces; /* capacity is the message's length */
};

struct dtls_state {
    struct tls_progress progress;
    uint8_t datagrams;
    uint8_t next_slot[2];
    struct dtls_slot slots[2][SLOTS];
};

struct record {
    uint8_t type;
    uint16_t epoch;
    struct wire body;
};

static bool version_is_dtls(uint16_t version)
{
    return version == 0xfeff || version == 0xfefd ||
           version == 0x0100; /* 0x0100: OpenSSL's early DTLS, still at Cisco's */
}

static bool record_take(struct wire *w, struct record *ret)
{
    ret->type = wire_u8(w);
    uint16_t version = wire_u16(w);
    ret->epoch = wire_u16(w);
    wire_skip(w, 6); /* sequence number */
    uint16_t length = wire_u16(w);
    ret->body = wire_carve(w, length);
    return !w->failed && version_is_dtls(version) && ret->type >= RECORD_CHANGE_CIPHER && ret->type <= 26;
}

static enum probe dtls_probe(const struct probe_input *input)
{
    struct wire w = wire_of(input->data, input->length);
    struct record record;
    if (stun_open(input->data, input->length, input->length, &w) == STUN_MESSAGE || !record_take(&w, &record))
        return PROBE_NO;
    if (record.type == RECORD_APPLICATION && record.epoch > 0)
        return record.body.left > 8 && w.left == 0 ? PROBE_YES : PROBE_NO;
    if (record.type != RECORD_HANDSHAKE || record.epoch != 0)
        return PROBE_NO;
    uint8_t type = wire_u8(&record.body);
    uint32_t length = wire_u24(&record.body);
    wire_skip(&record.body, 2);
    uint32_t offset = wire_u24(&record.body), part = wire_u24(&record.body);
    bool is_known = type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO || type == TLS_HELLO_VERIFY_REQUEST ||
                    type == TLS_CERTIFICATE;
    return is_known && !record.body.failed && part <= length && offset <= length - part ? PROBE_YES : PROBE_NO;
}

static bool side_is_server(const struct analyzer_input *input)
{
    const struct flow_facts *facts = &input->inspection->facts;
    return facts->client_side_known && facts->client_side != input->side;
}

static bool type_is_wanted(uint8_t type)
{
    return type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO || type == TLS_CERTIFICATE ||
           type == TLS_SERVER_KEY_EXCHANGE;
}

static void slot_clear(struct inspector *inspector, struct dtls_slot *slot)
{
    inspector_give_block(inspector, slot->pieces.data);
    *slot = (struct dtls_slot){.is_used = false};
}

static struct dtls_slot *slot_find(const struct analyzer_input *input, struct dtls_state *state, uint8_t type,
                                   uint16_t sequence, uint32_t length)
{
    struct dtls_slot *slots = state->slots[input->side];
    for (unsigned i = 0; i < SLOTS; i++)
        if (slots[i].is_used && slots[i].sequence == sequence && slots[i].type == type &&
            slots[i].pieces.capacity == length)
            return &slots[i];
    struct dtls_slot *slot = &slots[state->next_slot[input->side]++ % SLOTS];
    slot_clear(input->inspector, slot);
    slot->pieces.data = inspector_take_room(input->inspector, length);
    if (slot->pieces.data == NULL)
        return NULL;
    slot->pieces.capacity = length;
    slot->is_used = true;
    slot->type = type;
    slot->sequence = sequence;
    return slot;
}

static unsigned take_fragment(const struct analyzer_input *input, struct dtls_state *state, struct wire *w)
{
    uint8_t type = wire_u8(w);
    uint32_t length = wire_u24(w);
    uint16_t sequence = wire_u16(w);
    uint32_t offset = wire_u24(w), part = wire_u24(w);
    struct wire body = wire_carve(w, part);
    if (w->failed || part > length || offset > length - part) {
        w->failed = true;
        inspector_refuse(input->inspector, REASON_DTLS_MALFORMED);
        return INSPECT_MORE;
    }
    if (part == length)
        return tls_facts_message(input, TLS_OVER_DATAGRAMS, &state->progress, type, body.at, length, false);
    if (!type_is_wanted(type) || (type == TLS_CLIENT_HELLO && input->inspection->facts.tls.has_client_hello))
        return INSPECT_MORE;
    if (length > MESSAGE_MAX) {
        inspector_refuse(input->inspector, REASON_TLS_HANDSHAKE_TOO_LONG);
        return INSPECT_MORE;
    }
    struct dtls_slot *slot = slot_find(input, state, type, sequence, length);
    if (slot == NULL || !tls_pieces_add(&slot->pieces, offset, body.at, part) ||
        tls_pieces_front(&slot->pieces) < length)
        return INSPECT_MORE;
    unsigned ret =
        tls_facts_message(input, TLS_OVER_DATAGRAMS, &state->progress, type, slot->pieces.data, length, false);
    slot_clear(input->inspector, slot);
    return ret;
}

static unsigned take_record(const struct analyzer_input *input, struct dtls_state *state, struct record *record)
{
    unsigned ret = INSPECT_MORE;
    bool is_encrypted = record->epoch > 0 || record->type == RECORD_APPLICATION;
    if (record->type == RECORD_HANDSHAKE && !is_encrypted) {
        while (!record->body.failed && record->body.left > 0)
            ret |= take_fragment(input, state, &record->body);
        return ret;
    }
    if (!is_encrypted && record->type != RECORD_CHANGE_CIPHER) {
        if (record->type == RECORD_ALERT && record->body.left == 2 && record->body.at[0] == 2)
            state->progress.client_done = state->progress.server_done = true;
        return INSPECT_MORE;
    }
    if (side_is_server(input))
        return tls_facts_server_encrypts(input->inspection, &state->progress, record->type == RECORD_CHANGE_CIPHER);
    state->progress.client_done |= is_encrypted;
    return INSPECT_MORE;
}

/** Media and others share the ports, told apart by their first byte (RFC 7983, 7). */
static bool is_no_dtls(const struct wire *w)
{
    return w->left > 0 && (w->at[0] < 20 || w->at[0] > 63);
}

/** DTLS 1.3 ciphertext starts with 001 (RFC 9147, 4): nothing readable follows. */
static bool is_unified_header(const struct wire *w)
{
    return w->left > 0 && (w->at[0] & 0xe0) == 0x20;
}

/** A hello whose last fragments are missing: its name may stand in what came from its front on. */
static unsigned hello_salvage(const struct analyzer_input *input, struct dtls_state *state)
{
    struct flow_facts *facts = &input->inspection->facts;
    for (unsigned i = 0; i < 2 * SLOTS && !facts->tls.has_client_hello; i++) {
        struct analyzer_input of_side = *input;
        of_side.side = i / SLOTS;
        const struct dtls_slot *slot = &state->slots[of_side.side][i % SLOTS];
        uint32_t front = tls_pieces_front(&slot->pieces);
        if (!slot->is_used || slot->type != TLS_CLIENT_HELLO || front == 0)
            continue;
        facts->has_gap = true;
        unsigned ret = tls_facts_message(&of_side, TLS_OVER_DATAGRAMS, &state->progress, TLS_CLIENT_HELLO,
                                         slot->pieces.data, front, true);
        if (ret != INSPECT_MORE)
            return ret;
    }
    return INSPECT_MORE;
}

static unsigned dtls_feed(const struct analyzer_input *input, size_t *ret_consumed)
{
    struct inspection *inspection = input->inspection;
    *ret_consumed = input->length;
    inspection->facts.app = APP_DTLS;
    if (inspection->state == NULL)
        inspection->state = inspector_take_block(input->inspector, sizeof(struct dtls_state));
    struct dtls_state *state = inspection->state;
    if (state == NULL)
        return INSPECT_FINISHED;

    unsigned ret = INSPECT_MORE;
    struct wire w = wire_of(input->data, input->length);
    if (stun_open(input->data, input->length, input->wire_length, &w) == STUN_MESSAGE || is_no_dtls(&w))
        w.left = 0;
    while (w.left > 0 && !is_unified_header(&w)) {
        struct record record;
        if (!record_take(&w, &record)) {
            if (input->wire_length > input->length)
                inspection->facts.has_gap = true;
            else
                inspector_refuse(input->inspector, REASON_DTLS_MALFORMED);
            break;
        }
        ret |= take_record(input, state, &record);
    }
    if ((state->progress.client_done && state->progress.server_done) || ++state->datagrams >= DATAGRAMS_MAX)
        ret |= hello_salvage(input, state) | INSPECT_FINISHED;
    return ret;
}

static unsigned dtls_end(const struct analyzer_input *input)
{
    struct dtls_state *state = input->inspection->state;
    return state != NULL ? hello_salvage(input, state) : INSPECT_MORE;
}

static void dtls_release(struct inspector *inspector, struct inspection *inspection)
{
    struct dtls_state *state = inspection->state;
    if (state == NULL)
        return;
    for (unsigned side = 0; side < 2; side++)
        for (unsigned i = 0; i < SLOTS; i++)
            slot_clear(inspector, &state->slots[side][i]);
    inspector_give_block(inspector, state);
    inspection->state = NULL;
}

const struct analyzer dtls_analyzer = {
    .name = "dtls",
    .is_stream = false,
    .probe = dtls_probe,
    .feed = dtls_feed,
    .release = dtls_release,
    .end = dtls_end,
};
