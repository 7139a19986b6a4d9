/*
 * QUIC: opens Initial packets of both sides, puts the CRYPTO stream together and hands the hellos to the TLS code (RFC
 * 9000, 9001, 9369). Both sides' keys come from the destination connection id of the client's first Initial, or of its
 * first after a Retry; a client packet that does not open is therefore tried once more with the keys of its own id. One
 * direction alone gives what that side says, except for the server's: without the client's id nothing opens. The
 * server's packets that came first, by a tap's disorder, are held until there are keys for them.
 */
#include "quic_internal.h"
#include "tls_pieces_internal.h"

enum {
    HELLO_MAX = 16 << 10,  /* bytes of a side's CRYPTO stream */
    HELLO_USUAL = 4 << 10, /* room taken at first */
    DATAGRAMS_MAX = 32,    /* then the flow is given up */
    HELD_MAX = 4,          /* a server's hello and a retry before it take no more Initial packets */
};

enum role { CLIENT, SERVER };

/** A packet that did not open when it came. */
struct held_packet {
    uint8_t *data; /* block */
    uint16_t length;
    uint8_t side;
};

struct quic_state {
    struct tls_progress progress;
    uint8_t datagrams, held_count;
    bool has_new_keys;                      /* the held packets were not tried with them */
    const struct quic_version *versions[2]; /* of the keys, by role */
    struct quic_keys keys[2];
    uint8_t dcid_length;
    uint8_t dcid[QUIC_CID_MAX]; /* the keys are made from */
    struct tls_pieces crypto[2];
    uint32_t read[2]; /* bytes of the streams whose messages were read */
    struct held_packet held[HELD_MAX];
};

static bool is_version_negotiation(const struct probe_input *input, struct wire w)
{
    wire_skip(&w, 5);
    wire_skip(&w, wire_u8(&w));
    wire_skip(&w, wire_u8(&w));
    if (w.failed || w.left == 0 || w.left % 4 != 0)
        return false;
    bool has_familiar = input->flow->key.port[0] == 443 || input->flow->key.port[1] == 443;
    while (!has_familiar && w.left > 0)
        has_familiar = quic_version_is_familiar(wire_u32(&w));
    return has_familiar;
}

static enum probe quic_probe(const struct probe_input *input)
{
    struct wire w = wire_of(input->data, input->length);
    if (input->length < 7 || (input->data[0] & 0x80) == 0)
        return PROBE_NO;
    uint32_t version = load_be32(input->data + 1);
    if (version == 0)
        return is_version_negotiation(input, w) ? PROBE_YES : PROBE_NO;
    if (!quic_version_is_familiar(version))
        return PROBE_NO;
    struct quic_header header;
    return quic_header_take(&w, &header) && header.dcid.left + header.scid.left > 0 ? PROBE_YES : PROBE_NO;
}

static void crypto_reset(struct inspector *inspector, struct tls_pieces *crypto)
{
    inspector_give_block(inspector, crypto->data);
    *crypto = (struct tls_pieces){.data = NULL};
}

/** Makes room for @p end bytes of the stream. */
static bool crypto_grow(const struct analyzer_input *input, struct tls_pieces *crypto, uint64_t end)
{
    if (end <= crypto->capacity)
        return true;
    if (end > HELLO_MAX) {
        inspector_refuse(input->inspector, REASON_TLS_HANDSHAKE_TOO_LONG);
        return false;
    }
    uint32_t wanted = end <= HELLO_USUAL ? HELLO_USUAL : HELLO_MAX;
    uint8_t *larger = inspector_take_room(input->inspector, wanted);
    if (larger == NULL)
        return false;
    if (crypto->data != NULL)
        memcpy(larger, crypto->data, crypto->capacity);
    inspector_give_block(input->inspector, crypto->data);
    crypto->data = larger;
    crypto->capacity = wanted;
    return true;
}

/** Whole messages at the front of the stream, one after the other: a HelloRetryRequest stands before the real hello. */
static unsigned read_messages(const struct analyzer_input *input, struct quic_state *state, enum role role)
{
    const struct tls_pieces *crypto = &state->crypto[role];
    bool *is_done = role == CLIENT ? &state->progress.client_done : &state->progress.server_done;
    uint32_t front = tls_pieces_front(crypto);
    unsigned ret = INSPECT_MORE;
    while (!*is_done && front - state->read[role] >= 4) {
        const uint8_t *message = crypto->data + state->read[role];
        uint32_t length = (uint32_t)message[1] << 16 | (uint32_t)message[2] << 8 | message[3];
        if (length > HELLO_MAX - 4) {
            inspector_refuse(input->inspector, REASON_TLS_HANDSHAKE_TOO_LONG);
            *is_done = true;
        } else if (front - state->read[role] - 4 < length) {
            break;
        } else {
            ret |= tls_facts_message(input, TLS_OVER_QUIC, &state->progress, message[0], message + 4, length, false);
            state->read[role] += 4 + length;
        }
    }
    return ret;
}

static unsigned read_google_hello(const struct analyzer_input *input, struct quic_state *state)
{
    const struct tls_pieces *crypto = &state->crypto[CLIENT];
    uint32_t front = tls_pieces_front(crypto);
    if (!gquic_hello_is_whole(crypto->data, front))
        return INSPECT_MORE;
    state->progress.client_done = state->progress.server_done = true; /* the server's answers tell no name */
    return gquic_take_hello(input, crypto->data, front);
}

static unsigned take_frames(const struct analyzer_input *input, struct quic_state *state, enum role role,
                            struct wire plain)
{
    struct tls_pieces *crypto = &state->crypto[role];
    const struct quic_version *version = state->versions[role];
    uint64_t offset;
    struct wire data;
    enum quic_frame_result result;
    while ((result = quic_frame_next(&plain, version, &offset, &data)) == QUIC_FRAMES_CRYPTO)
        if (offset <= HELLO_MAX && crypto_grow(input, crypto, offset + data.left) &&
            !tls_pieces_add(crypto, offset, data.at, data.left))
            inspector_refuse(input->inspector, REASON_QUIC_MALFORMED);
    if (result == QUIC_FRAMES_BROKEN)
        inspector_refuse(input->inspector, REASON_QUIC_MALFORMED);
    if (crypto->data == NULL)
        return INSPECT_MORE;
    if (version->has_google_hello)
        return role == CLIENT ? read_google_hello(input, state) : INSPECT_MORE;
    return read_messages(input, state, role);
}

static size_t open_as_version(const struct analyzer_input *input, const struct quic_version *version,
                              const struct quic_header *header, struct quic_keys *ret_keys, uint8_t *ret)
{
    quic_keys_derive(version, header->dcid.at, header->dcid.left, false, ret_keys);
    return quic_packet_open(inspector_crypto(input->inspector), ret_keys, header, ret);
}

/** New keys for the client's side from this packet's id; what was put together under the old ones belongs to another
 * attempt. */
static size_t open_with_own_id(const struct analyzer_input *input, struct quic_state *state,
                               const struct quic_header *header, uint8_t *ret)
{
    const struct quic_version *version = header->known;
    struct quic_keys keys;
    size_t length = open_as_version(input, version, header, &keys, ret);
    if (length == 0 &&
        quic_version_is_reserved(header->version)) { /* a client that forces negotiation seals as it likes best */
        version = quic_version_find(QUIC_DRAFT_29);
        length = open_as_version(input, version, header, &keys, ret);
    }
    if (length == 0)
        return 0;
    state->keys[CLIENT] = keys;
    state->keys[SERVER].is_set = false;
    state->has_new_keys = true;
    state->versions[CLIENT] = version;
    state->dcid_length = (uint8_t)header->dcid.left;
    memcpy(state->dcid, header->dcid.at, header->dcid.left);
    for (enum role role = CLIENT; role <= SERVER; role++) {
        crypto_reset(input->inspector, &state->crypto[role]);
        state->read[role] = 0;
    }
    return length;
}

static size_t open_client_packet(const struct analyzer_input *input, struct quic_state *state,
                                 const struct quic_header *header, uint8_t *ret)
{
    size_t length = 0;
    if (state->keys[CLIENT].is_set && state->versions[CLIENT] == header->known)
        length = quic_packet_open(inspector_crypto(input->inspector), &state->keys[CLIENT], header, ret);
    return length > 0 ? length : open_with_own_id(input, state, header, ret);
}

/** The server may have moved to another version (RFC 9368): its keys are made for the one it speaks, from the same id.
 */
static size_t open_server_packet(const struct analyzer_input *input, struct quic_state *state,
                                 const struct quic_header *header, uint8_t *ret)
{
    if (!state->keys[CLIENT].is_set)
        return 0;
    if (!state->keys[SERVER].is_set || state->versions[SERVER] != header->known) {
        quic_keys_derive(header->known, state->dcid, state->dcid_length, true, &state->keys[SERVER]);
        state->versions[SERVER] = header->known;
    }
    return quic_packet_open(inspector_crypto(input->inspector), &state->keys[SERVER], header, ret);
}

static void keep_identity(struct inspection *inspection, const struct quic_header *header, enum role role)
{
    struct quic_facts *quic = &inspection->facts.quic;
    quic->version = header->version;
    inspection->facts.app = header->known->has_google_hello ? APP_GQUIC : APP_QUIC;
    if (role == CLIENT && quic->original_dcid_length == 0) {
        quic->original_dcid_length = (uint8_t)header->dcid.left;
        memcpy(quic->original_dcid, header->dcid.at, header->dcid.left);
    }
}

static void hold_packet(const struct analyzer_input *input, struct quic_state *state, const struct quic_header *header)
{
    if (state->held_count == HELD_MAX || header->captured > QUIC_PACKET_MAX)
        return;
    struct held_packet *held = &state->held[state->held_count];
    held->data = inspector_take_room(input->inspector, header->captured);
    if (held->data == NULL)
        return;
    memcpy(held->data, header->packet, header->captured);
    held->length = (uint16_t)header->captured;
    held->side = (uint8_t)input->side;
    state->held_count++;
}

static unsigned take_opened(const struct analyzer_input *input, struct quic_state *state,
                            const struct quic_header *header, enum role role, struct wire plain)
{
    if (role == CLIENT)
        tls_facts_set_client(input->inspection, input->side);
    keep_identity(input->inspection, header, role);
    return take_frames(input, state, role, plain);
}

/** The server's packets that came before the client's: they stay held where they do not open, as the keys may change
 * once more. */
static unsigned take_held(const struct analyzer_input *input, struct quic_state *state)
{
    uint8_t plain[QUIC_PACKET_MAX];
    unsigned ret = INSPECT_MORE, kept = 0;
    for (unsigned i = 0; i < state->held_count; i++) {
        struct held_packet held = state->held[i];
        struct wire w = wire_of(held.data, held.length);
        struct quic_header header;
        size_t length = 0;
        struct analyzer_input again = *input;
        again.side = held.side;
        if (held.side != input->side && quic_header_take(&w, &header))
            length = open_server_packet(&again, state, &header, plain);
        if (length == 0) {
            state->held[kept++] = held;
            continue;
        }
        ret |= take_opened(&again, state, &header, SERVER, wire_of(plain, length));
        inspector_give_block(input->inspector, held.data);
    }
    state->held_count = (uint8_t)kept;
    return ret;
}

static unsigned take_initial(const struct analyzer_input *input, struct quic_state *state,
                             const struct quic_header *header)
{
    const struct flow_facts *facts = &input->inspection->facts;
    uint8_t plain[QUIC_PACKET_MAX];
    enum role role = facts->client_side_known && facts->client_side != input->side ? SERVER : CLIENT;
    size_t length = role == CLIENT ? open_client_packet(input, state, header, plain)
                                   : open_server_packet(input, state, header, plain);
    if (length == 0) {
        inspector_refuse(input->inspector, REASON_QUIC_DECRYPT_FAILED);
        if (role == SERVER || !state->keys[CLIENT].is_set)
            hold_packet(input, state, header);
        return INSPECT_MORE;
    }
    unsigned ret = take_opened(input, state, header, role, wire_of(plain, length));
    if (state->has_new_keys) {
        state->has_new_keys = false;
        ret |= take_held(input, state);
    }
    return ret;
}

/** Packets without a version we open: version negotiation, and versions nobody gave us keys for. */
static unsigned take_unopened(const struct analyzer_input *input, const struct quic_header *header)
{
    struct flow_facts *facts = &input->inspection->facts;
    if (header->version == 0) {
        facts->quic.has_version_negotiation = true;
        if (!facts->client_side_known)
            tls_facts_set_client(input->inspection, !input->side);
        return INSPECT_MORE;
    }
    if (facts->quic.version == 0) {
        facts->quic.version = header->version;
        inspector_refuse(input->inspector, REASON_QUIC_UNKNOWN_VERSION);
    }
    return INSPECT_MORE;
}

static unsigned take_long(const struct analyzer_input *input, struct quic_state *state,
                          const struct quic_header *header)
{
    struct flow_facts *facts = &input->inspection->facts;
    bool is_from_client = facts->client_side_known && facts->client_side == input->side;
    if (header->known == NULL)
        return take_unopened(input, header);
    if (facts->quic.version == 0)
        facts->quic.version = header->version;
    switch (header->type) {
    case QUIC_INITIAL:
        return take_initial(input, state, header);
    case QUIC_ZERO_RTT:
        facts->tls.early_data = true;
        return INSPECT_MORE;
    case QUIC_HANDSHAKE: /* a client that sends one has had the server's hello; we have missed it */
        if (is_from_client && state->progress.client_done)
            state->progress.server_done = true;
        return INSPECT_MORE;
    case QUIC_RETRY:
        facts->quic.has_retry = true;
        if (!facts->client_side_known)
            tls_facts_set_client(input->inspection, !input->side);
        return INSPECT_MORE;
    }
    return INSPECT_MORE;
}

static unsigned take_datagram(const struct analyzer_input *input, struct quic_state *state)
{
    const struct flow_facts *facts = &input->inspection->facts;
    struct wire w = wire_of(input->data, input->length);
    unsigned ret = INSPECT_MORE;
    while (w.left > 0 && (w.at[0] & 0x80) != 0) {
        struct quic_header header;
        if (!quic_header_take(&w, &header)) {
            inspector_refuse(input->inspector, REASON_QUIC_MALFORMED);
            return ret;
        }
        ret |= take_long(input, state, &header);
    }
    /* A short header stands in a datagram of its own or last; from the client it means that the handshake is over. */
    bool has_short = w.left > 0 && (w.at[0] & 0xc0) == 0x40;
    if (has_short && facts->client_side_known && facts->client_side == input->side)
        state->progress.client_done = state->progress.server_done = true;
    return ret;
}

/** A hello whose last packets are missing: its name may stand in what came from its front on. */
static unsigned hello_salvage(const struct analyzer_input *input, struct quic_state *state)
{
    struct flow_facts *facts = &input->inspection->facts;
    const struct tls_pieces *crypto = &state->crypto[CLIENT];
    if (facts->tls.has_client_hello || crypto->data == NULL || state->versions[CLIENT]->has_google_hello)
        return INSPECT_MORE;
    const uint8_t *message = crypto->data + state->read[CLIENT];
    uint32_t front = tls_pieces_front(crypto), left = front - state->read[CLIENT];
    if (front <= state->read[CLIENT] || left <= 4 || message[0] != TLS_CLIENT_HELLO)
        return INSPECT_MORE;
    struct analyzer_input of_client = *input;
    of_client.side = facts->client_side;
    facts->has_gap = true;
    return tls_facts_message(&of_client, TLS_OVER_QUIC, &state->progress, TLS_CLIENT_HELLO, message + 4, left - 4,
                             true);
}

static unsigned quic_feed(const struct analyzer_input *input, size_t *ret_consumed)
{
    struct inspection *inspection = input->inspection;
    *ret_consumed = input->length;
    if (inspection->state == NULL) {
        inspection->facts.app = APP_QUIC;
        inspection->state = inspector_take_block(input->inspector, sizeof(struct quic_state));
    }
    struct quic_state *state = inspection->state;
    if (state == NULL)
        return INSPECT_FINISHED;
    if (input->wire_length > input->length)
        inspection->facts.has_gap = true;
    unsigned ret = take_datagram(input, state);
    if ((state->progress.client_done && state->progress.server_done) || ++state->datagrams >= DATAGRAMS_MAX)
        ret |= hello_salvage(input, state) | INSPECT_FINISHED;
    return ret;
}

static unsigned quic_end(const struct analyzer_input *input)
{
    struct quic_state *state = input->inspection->state;
    return state != NULL ? hello_salvage(input, state) : INSPECT_MORE;
}

static void quic_release(struct inspector *inspector, struct inspection *inspection)
{
    struct quic_state *state = inspection->state;
    if (state == NULL)
        return;
    inspector_give_block(inspector, state->crypto[CLIENT].data);
    inspector_give_block(inspector, state->crypto[SERVER].data);
    for (unsigned i = 0; i < state->held_count; i++)
        inspector_give_block(inspector, state->held[i].data);
    inspector_give_block(inspector, state);
    inspection->state = NULL;
}

const struct analyzer quic_analyzer = {
    .name = "quic",
    .is_stream = false,
    .probe = quic_probe,
    .feed = quic_feed,
    .release = quic_release,
    .end = quic_end,
};
