/*
 * What stands inside sealed packets cannot be reached by changing their bytes, so the first byte chooses: a datagram
 * for either analyzer, or the plain bytes of an Initial packet, whose frames are put together and read as a hello.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "decoded.h"
#include "quic_internal.h"
#include "tls_pieces_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct inspector *inspector;

static void read_hello(const struct flow *flow, bool is_google, const uint8_t *data, size_t length)
{
    struct inspection *inspection = inspection_take(inspector, flow);
    const struct analyzer_input input = {inspector, inspection, flow, 0, data, length, length, false};
    struct tls_progress progress = {.client_done = false};
    if (is_google)
        (void)(gquic_hello_is_whole(data, length) ? gquic_take_hello(&input, data, length) : 0);
    else
        (void)tls_facts_message(&input, TLS_OVER_QUIC, &progress, data[0], data + 1, length - 1, false);
    (void)inspect_end(inspector, inspection, flow);
    inspection_give(inspector, inspection);
}

static void read_frames(const struct flow *flow, uint32_t version, struct wire plain)
{
    uint8_t *stream = calloc(1, 4096); /* on the heap: a byte too far is seen */
    struct tls_pieces pieces = {.data = stream, .capacity = 4096};
    uint64_t offset;
    struct wire part;
    while (quic_frame_next(&plain, quic_version_find(version), &offset, &part) == QUIC_FRAMES_CRYPTO)
        (void)tls_pieces_add(&pieces, offset, part.at, part.left);
    if (tls_pieces_front(&pieces) > 0)
        read_hello(flow, version == 0x51303530, stream, tls_pieces_front(&pieces));
    free(stream);
}

static void send_datagram(const struct flow *flow, const struct analyzer *analyzer, struct wire datagram)
{
    struct inspection *inspection = inspection_take(inspector, flow);
    inspection_hand_over(inspector, inspection, analyzer);
    (void)inspect_datagram(inspector, inspection, flow, 0, datagram.at, datagram.left, datagram.left);
    (void)inspect_datagram(inspector, inspection, flow, 1, datagram.at, datagram.left, datagram.left + 100);
    (void)inspect_end(inspector, inspection, flow);
    inspection_give(inspector, inspection);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct inspector_options options = {.fingerprints = FINGERPRINTS_ALL};
    const struct flow flow = {.key = {.protocol = IP_PROTO_UDP}};
    struct wire w = wire_of(data, size);
    if (inspector == NULL && inspector_new(&options, &inspector, NULL) != STATUS_OK)
        abort();
    uint8_t choice = wire_u8(&w);
    if (w.left == 0)
        return 0;
    if (choice & 2)
        send_datagram(&flow, choice & 1 ? &quic_analyzer : &gquic_analyzer, w);
    else
        read_frames(&flow, choice & 1 ? 1 : 0x51303530, w);
    return 0;
}
