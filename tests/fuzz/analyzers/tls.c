/* Segments of two sides for the TLS analyzer: a byte of flags (side, gap), a length of two bytes, the bytes; and so on.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "analyzer_internal.h"
#include "decoded.h"
#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HELD_MAX = 1 << 17 };

static uint8_t held[2][HELD_MAX];
static size_t held_length[2];

static unsigned send_segment(struct inspector *inspector, struct inspection *inspection, const struct flow *flow,
                             unsigned flags, struct wire segment)
{
    unsigned side = flags & 1;
    bool has_gap = (flags & 2) != 0;
    size_t consumed = 0, before = has_gap ? 0 : held_length[side];
    if (before + segment.left > HELD_MAX)
        return INSPECT_FINISHED;
    if (segment.left > 0)
        memcpy(held[side] + before, segment.at, segment.left);
    size_t length = before + segment.left;
    unsigned state = inspect_bytes(inspector, inspection, flow, side, held[side], length, has_gap, &consumed);
    if (consumed > length)
        abort();
    held_length[side] = length - consumed;
    memmove(held[side], held[side] + consumed, held_length[side]);
    return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct inspector *inspector;
    static const struct inspector_options options = {.fingerprints = FINGERPRINTS_ALL, .packets_max = 255};
    struct flow flow = {.key = {.protocol = IP_PROTO_TCP}};
    struct wire w = wire_of(data, size);
    if (inspector == NULL && inspector_new(&options, &inspector, NULL) != STATUS_OK)
        abort();
    struct inspection *inspection = inspection_take(inspector, &flow);
    inspection_hand_over(inspector, inspection, &tls_analyzer);
    held_length[0] = held_length[1] = 0;
    for (unsigned state = 0; w.left > 0 && (state & INSPECT_FINISHED) == 0;) {
        unsigned flags = wire_u8(&w);
        size_t length = wire_u16(&w);
        state = send_segment(inspector, inspection, &flow, flags, wire_carve(&w, length < w.left ? length : w.left));
    }
    (void)inspect_end(inspector, inspection, &flow);
    inspection_give(inspector, inspection);
    return 0;
}
