/* Datagrams of two sides for the DTLS analyzer: a byte for the side, a length of two bytes, the bytes; and so on. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "analyzer_internal.h"
#include "decoded.h"
#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct inspector *inspector;
    static const struct inspector_options options = {.fingerprints = FINGERPRINTS_ALL};
    struct flow flow = {.key = {.protocol = IP_PROTO_UDP}};
    struct wire w = wire_of(data, size);
    if (inspector == NULL && inspector_new(&options, &inspector, NULL) != STATUS_OK)
        abort();
    struct inspection *inspection = inspection_take(inspector, &flow);
    inspection_hand_over(inspector, inspection, &dtls_analyzer);
    for (unsigned state = 0; w.left > 0 && (state & INSPECT_FINISHED) == 0;) {
        unsigned side = wire_u8(&w) & 1;
        size_t length = wire_u16(&w);
        struct wire datagram = wire_carve(&w, length < w.left ? length : w.left);
        if (datagram.left > 0)
            state = inspect_datagram(inspector, inspection, &flow, side, datagram.at, datagram.left, datagram.left);
    }
    (void)inspect_end(inspector, inspection, &flow);
    inspection_give(inspector, inspection);
    return 0;
}
