/*
 * A fuzzer's bytes as one flow: each piece is a head byte (bit 0 side, bit 1 gap before, bits 2-7 the length's high
 * bits), a byte of length, and so many bytes. Streams keep what was not consumed, as reassembly does.
 */
#ifndef BORDERTAP_TESTS_FUZZ_FLOW_H
#define BORDERTAP_TESTS_FUZZ_FLOW_H

#include <stdlib.h>
#include <string.h>

#include "analyzer_internal.h"
#include "decoded.h"

static inline void fuzz_answered(void *context, const struct flow *flow, const struct dns_answer *answer)
{
    size_t *total = context;
    for (unsigned i = 0; i < answer->chain_count; i++) {
        for (size_t k = 0; k < answer->chain[i].length; k++)
            *total += (uint8_t)answer->chain[i].data[k];
    }
    *total += flow->client_side;
}

struct fuzz_side {
    uint8_t *held;
    size_t length;
};

/** A fresh block of exactly these bytes each time, so that ASan sees one byte too far. */
static inline void fuzz_push(struct fuzz_side *side, const uint8_t *data, size_t length)
{
    uint8_t *grown = malloc(side->length + length + 1);
    if (grown == NULL)
        abort();
    if (side->length > 0)
        memcpy(grown, side->held, side->length);
    if (length > 0)
        memcpy(grown + side->length, data, length);
    free(side->held);
    side->held = grown;
    side->length += length;
}

static inline unsigned fuzz_stream(struct inspector *inspector, struct inspection *inspection, const struct flow *flow,
                                   unsigned which, struct fuzz_side *side, bool has_gap)
{
    enum { HELD_MAX = 1 << 17 };
    size_t consumed = 0;
    uint8_t *exact = malloc(side->length > 0 ? side->length : 1);
    if (exact == NULL)
        abort();
    memcpy(exact, side->held, side->length);
    unsigned state = inspect_bytes(inspector, inspection, flow, which, exact, side->length, has_gap, &consumed);
    free(exact);
    if (consumed > side->length)
        abort();
    side->length -= consumed;
    memmove(side->held, side->held + consumed, side->length);
    if (side->length > HELD_MAX)
        side->length = 0;
    return state;
}

/** One inspector for all inputs: an inspection given back leaves nothing behind but counters. */
static inline struct inspector *fuzz_inspector(void)
{
    static size_t total;
    static struct inspector *inspector;
    const struct inspector_options options = {.wants_everything = true,
                                              .fingerprints = FINGERPRINTS_ALL,
                                              .packets_max = 100,
                                              .answered = fuzz_answered,
                                              .context = &total};
    if (inspector == NULL && inspector_new(&options, &inspector, NULL) != STATUS_OK)
        abort();
    return inspector;
}

static inline unsigned fuzz_datagram(struct inspector *inspector, struct inspection *inspection,
                                     const struct flow *flow, unsigned side, const uint8_t *data, size_t length,
                                     bool is_snapped)
{
    uint8_t *exact = malloc(length > 0 ? length : 1);
    if (exact == NULL)
        abort();
    memcpy(exact, data, length);
    unsigned state = inspect_datagram(inspector, inspection, flow, side, exact, length, length + is_snapped);
    inspect_dns_datagram(inspector, flow, side, exact, length, length);
    free(exact);
    return state;
}

/** @param analyzer NULL: probes find it. */
static inline int fuzz_flow_of(const struct analyzer *analyzer, const uint8_t *data, size_t size, uint8_t protocol,
                               uint16_t port)
{
    struct inspector *inspector = fuzz_inspector();
    struct flow flow = {.tcp_seen = {TCP_SYN, TCP_SYN}};
    struct fuzz_side sides[2] = {{NULL, 0}, {NULL, 0}};
    flow.key.protocol = protocol;
    flow.key.port[0] = 40000;
    flow.key.port[1] = port;
    struct inspection *inspection = inspection_take(inspector, &flow);
    unsigned state = 0;
    if (analyzer != NULL)
        inspection_hand_over(inspector, inspection, analyzer);
    for (size_t at = 0; at + 2 <= size && (state & INSPECT_FINISHED) == 0;) {
        unsigned side = data[at] & 1;
        bool flag = (data[at] & 2) != 0;
        size_t length = (size_t)(data[at] >> 2) << 8 | data[at + 1];
        at += 2;
        if (length > size - at)
            length = size - at;
        if (protocol != IP_PROTO_TCP) {
            state = fuzz_datagram(inspector, inspection, &flow, side, data + at, length, flag);
        } else {
            if (flag)
                sides[side].length = 0;
            fuzz_push(&sides[side], data + at, length);
            state = fuzz_stream(inspector, inspection, &flow, side, &sides[side], flag);
        }
        at += length;
    }
    (void)inspect_end(inspector, inspection, &flow);
    inspection_give(inspector, inspection);
    free(sides[0].held);
    free(sides[1].held);
    return 0;
}

static inline int fuzz_flow(const uint8_t *data, size_t size, uint8_t protocol, uint16_t port)
{
    return fuzz_flow_of(NULL, data, size, protocol, port);
}

#endif
