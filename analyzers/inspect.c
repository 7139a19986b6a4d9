/*
 * Which protocol a flow speaks, by its content. Every row of the table is shown each side's first bytes until one says
 * yes; from then on that analyzer has the flow. Ports are a hint a probe may use, never an answer. A side that nobody
 * knows is asked again at its next segment, because a capture may start in the middle, and a tunnel may open later.
 */
#include "inspect_internal.h"

#include <stdlib.h>

#include "decoded.h"
#include "stun_internal.h"

/* Order matters only where two could say yes to the same bytes: the stricter probe first. */
static const struct analyzer *const analyzers[] = {
    &tls_analyzer,  &dtls_analyzer,    &quic_analyzer,    &gquic_analyzer,    &http2_analyzer,
    &http_analyzer, &dns_tcp_analyzer, &dns_udp_analyzer, &starttls_analyzer, &tunnel_analyzer,
};

enum {
    ANALYZERS = sizeof(analyzers) / sizeof(*analyzers),
    SIDE_BITS = 16, /* candidates: side 0 in the low half */
};

_Static_assert(ANALYZERS <= SIDE_BITS, "the candidates of both sides share 32 bits");

static const uint32_t side_mask = (1u << ANALYZERS) - 1;

static uint32_t candidates_of(const struct inspection *inspection, unsigned side)
{
    return inspection->candidates >> (side * SIDE_BITS) & side_mask;
}

static void candidates_set(struct inspection *inspection, unsigned side, uint32_t bits)
{
    inspection->candidates &= ~(side_mask << (side * SIDE_BITS));
    inspection->candidates |= bits << (side * SIDE_BITS);
}

static void candidates_reset(struct inspection *inspection)
{
    inspection->candidates = side_mask | side_mask << SIDE_BITS;
}

enum status inspector_new(const struct inspector_options *options, struct inspector **ret, struct error *error)
{
    struct inspector *inspector = calloc(1, sizeof(*inspector));
    if (inspector == NULL)
        return error_set(error, STATUS_NO_MEMORY, "no memory for an inspector");
    inspector->options = *options;
    if (inspector->options.packets_max == 0)
        inspector->options.packets_max = PACKETS_MAX_DEFAULT;
    inspector->crypto = tls_crypto_new();
    if (inspector->crypto == NULL) {
        inspector_free(inspector);
        return error_set(error, STATUS_UNSUPPORTED, "libcrypto offers no SHA-256 or AES, which QUIC and JA4 need");
    }
    *ret = inspector;
    return STATUS_OK;
}

void inspector_want_fingerprints(struct inspector *inspector, uint8_t fingerprints)
{
    inspector->options.fingerprints = fingerprints;
}

void inspector_free(struct inspector *inspector)
{
    if (inspector == NULL)
        return;
    inspection_pool_free(inspector);
    block_pool_free(inspector);
    ndpi_namer_close(inspector->ndpi);
    tls_crypto_free(inspector->crypto);
    free(inspector);
}

const struct inspector_options *inspector_options_of(const struct inspector *inspector)
{
    return &inspector->options;
}

struct tls_crypto *inspector_crypto(const struct inspector *inspector)
{
    return inspector->crypto;
}

struct inspection *inspection_take(struct inspector *inspector, const struct flow *flow)
{
    struct inspection *inspection = inspection_pool_take(inspector);
    if (inspection == NULL)
        return NULL;
    candidates_reset(inspection);
    inspection->facts.is_midstream =
        flow->key.protocol == IP_PROTO_TCP && ((flow->tcp_seen[0] | flow->tcp_seen[1]) & TCP_SYN) == 0;
    return inspection;
}

static void analyzer_leave(struct inspector *inspector, struct inspection *inspection)
{
    if (inspection->analyzer != NULL && inspection->analyzer->release != NULL)
        inspection->analyzer->release(inspector, inspection);
    inspection->analyzer = NULL;
    inspection->state = NULL;
}

void inspection_give(struct inspector *inspector, struct inspection *inspection)
{
    if (inspection == NULL)
        return;
    analyzer_leave(inspector, inspection);
    ndpi_flow_release(inspector, inspection);
    if (inspection->is_text_cut)
        inspector_refuse(inspector, REASON_TEXT_POOL_FULL);
    inspector->flows[inspection->facts.app]++;
    inspection_pool_give(inspector, inspection);
}

void inspection_hand_over(struct inspector *inspector, struct inspection *inspection, const struct analyzer *to)
{
    analyzer_leave(inspector, inspection);
    candidates_reset(inspection);
    inspection->payload_packets[0] = inspection->payload_packets[1] = 0;
    inspection->hand_overs++;
    if (inspection->hand_overs > HAND_OVERS_MAX)
        inspection->is_unknown = true;
    else
        inspection->analyzer = to;
}

/** Asks the candidates about @p side's bytes; the first yes, in table order, gets the flow. */
static void probe_bytes(struct inspection *inspection, const struct probe_input *input, bool is_stream)
{
    uint32_t may_be = candidates_of(inspection, input->side);
    for (unsigned i = 0; i < ANALYZERS; i++) {
        if ((may_be & 1u << i) == 0)
            continue;
        enum probe answer = analyzers[i]->is_stream == is_stream ? analyzers[i]->probe(input) : PROBE_NO;
        if (answer == PROBE_YES) {
            inspection->analyzer = analyzers[i];
            return;
        }
        if (answer == PROBE_NO)
            may_be &= ~(1u << i);
    }
    candidates_set(inspection, input->side, may_be);
}

/* A side whose packets carried nothing yet (a handshake's end) was seen all the same. */
static void note_directions(struct inspection *inspection, const struct flow *flow)
{
    inspection->sides_seen |= (uint8_t)((flow->packets[0] > 0 ? 1u : 0u) | (flow->packets[1] > 0 ? 2u : 0u));
    inspection->facts.one_direction = inspection->sides_seen != 3;
}

static void note_payload(struct inspection *inspection, const struct flow *flow, unsigned side, bool has_gap)
{
    if (inspection->payload_packets[side] < UINT8_MAX)
        inspection->payload_packets[side]++;
    inspection->sides_seen |= (uint8_t)(1u << side);
    note_directions(inspection, flow);
    if (has_gap)
        inspection->facts.has_gap = true;
}

static unsigned state_of_unknown(const struct inspector *inspector, struct inspection *inspection)
{
    if (ndpi_adopt_name(inspection))
        return INSPECT_CHANGED | INSPECT_FINISHED;
    return inspector->options.use_ndpi ? INSPECT_MORE : INSPECT_FINISHED;
}

static unsigned give_up(struct inspector *inspector, struct inspection *inspection, bool packets_exhausted)
{
    inspection->is_unknown = true;
    if (packets_exhausted)
        inspector_refuse(inspector, REASON_PACKETS_EXHAUSTED);
    return state_of_unknown(inspector, inspection);
}

/** A stream may come byte by byte: what is still too short to be told is no packet without an answer. */
static bool is_too_short_to_tell(struct inspection *inspection, unsigned side, size_t shown)
{
    if (candidates_of(inspection, side) == 0 || shown >= PROBE_BYTES_ENOUGH || inspection->waits == WAITS_MAX)
        return false;
    inspection->waits++;
    if (inspection->payload_packets[side] > 0)
        inspection->payload_packets[side]--; /* counted when it came */
    return true;
}

/** What two machines send to find a way to each other says nothing of what they will speak. */
static bool is_check_before(struct inspection *inspection, unsigned side, const struct probe_input *input,
                            size_t wire_length)
{
    struct wire inside;
    if (inspection->waits == WAITS_MAX || stun_open(input->data, input->length, wire_length, &inside) != STUN_MESSAGE)
        return false;
    inspection->waits++;
    inspection->payload_packets[side]--; /* counted when it came */
    candidates_set(inspection, side, side_mask);
    return true;
}

/** After a round of probes without a yes: wait, ask afresh at the next segment, or give up. */
static unsigned probe_failed(struct inspector *inspector, struct inspection *inspection, unsigned side, bool is_stream)
{
    const uint8_t *packets = inspection->payload_packets;
    bool side_is_nobodys = candidates_of(inspection, side) == 0;
    if (packets[0] + packets[1] >= inspector->options.packets_max)
        return give_up(inspector, inspection, true);
    /* Seen from its first byte on both sides, and nobody knows either: the middle will tell no more. */
    bool from_start = !inspection->facts.is_midstream && !inspection->facts.has_gap && inspection->hand_overs == 0;
    if (side_is_nobodys && is_stream && from_start) {
        inspection->sides_refused |= (uint8_t)(1u << side);
        if (inspection->sides_refused == 3)
            return give_up(inspector, inspection, false);
    }
    if (side_is_nobodys)
        candidates_set(inspection, side, side_mask);
    return INSPECT_MORE;
}

unsigned inspect_bytes(struct inspector *inspector, struct inspection *inspection, const struct flow *flow,
                       unsigned side, const uint8_t *data, size_t length, bool has_gap, size_t *ret_consumed)
{
    unsigned state = INSPECT_MORE;
    size_t used = 0;
    note_payload(inspection, flow, side, has_gap);
    for (;;) {
        const uint8_t *rest = data + used;
        size_t left = length - used;
        if (inspection->is_unknown) {
            *ret_consumed = length;
            return state | state_of_unknown(inspector, inspection);
        }
        if (inspection->analyzer == NULL) {
            probe_bytes(inspection, &(struct probe_input){rest, left, side, flow}, true);
            if (inspection->analyzer == NULL) {
                if (is_too_short_to_tell(inspection, side, left)) {
                    *ret_consumed = used;
                    return state;
                }
                bool is_nobodys = candidates_of(inspection, side) == 0;
                state |= probe_failed(inspector, inspection, side, true);
                *ret_consumed = is_nobodys || inspection->is_unknown ? length : used;
                return state;
            }
        }
        const struct analyzer_input input = {inspector, inspection, flow, side, rest, left, left, has_gap};
        uint8_t hand_overs = inspection->hand_overs;
        size_t consumed = 0;
        state |= inspection->analyzer->feed(&input, &consumed);
        used += consumed < left ? consumed : left;
        if (inspection->hand_overs == hand_overs || used == length || (state & INSPECT_FINISHED) != 0)
            break;
        has_gap = false; /* the next analyzer gets the bytes right behind those just consumed */
    }
    *ret_consumed = used;
    return state;
}

unsigned inspect_datagram(struct inspector *inspector, struct inspection *inspection, const struct flow *flow,
                          unsigned side, const uint8_t *data, size_t length, size_t wire_length)
{
    note_payload(inspection, flow, side, false);
    if (inspection->is_unknown)
        return state_of_unknown(inspector, inspection);
    if (inspection->analyzer == NULL) {
        const struct probe_input probe = {data, length, side, flow};
        probe_bytes(inspection, &probe, false);
        if (inspection->analyzer == NULL) {
            if (is_check_before(inspection, side, &probe, wire_length))
                return INSPECT_MORE;
            candidates_set(inspection, side, 0); /* a datagram is whole: "more" means no */
            return probe_failed(inspector, inspection, side, false);
        }
    }
    const struct analyzer_input input = {inspector, inspection, flow, side, data, length, wire_length, false};
    size_t consumed;
    return inspection->analyzer->feed(&input, &consumed);
}

unsigned inspect_end(struct inspector *inspector, struct inspection *inspection, const struct flow *flow)
{
    const struct analyzer *analyzer = inspection->analyzer;
    unsigned state = INSPECT_FINISHED;
    note_directions(inspection, flow);
    for (unsigned side = 0; analyzer != NULL && analyzer->end != NULL && side < 2; side++) {
        const struct analyzer_input input = {
            .inspector = inspector, .inspection = inspection, .flow = flow, .side = side};
        state |= analyzer->end(&input);
    }
    return state | (ndpi_adopt_name(inspection) ? INSPECT_CHANGED : INSPECT_MORE);
}

bool inspection_is_unknown(const struct inspection *inspection)
{
    return inspection->is_unknown;
}

bool inspection_is_undecided(const struct inspection *inspection)
{
    return inspection->analyzer == NULL && !inspection->is_unknown;
}

void inspection_start_over(struct inspection *inspection, unsigned side)
{
    candidates_set(inspection, side, side_mask);
    inspection->payload_packets[side] = 0;
}

const struct flow_facts *inspection_facts(const struct inspection *inspection)
{
    return &inspection->facts;
}
