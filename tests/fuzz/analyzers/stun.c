/* Any datagram, as long on the wire as the first two bytes say; what is inside must lie inside. */
#include <stdlib.h>

#include "stun_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire inside;
    if (size < 2)
        return 0;
    size_t length = size - 2, wire_length = load_be16(data);
    if (stun_open(data + 2, length, wire_length > length ? wire_length : length, &inside) == STUN_DATA &&
        (inside.at < data + 2 || inside.left > length || inside.at > data + size - inside.left))
        abort();
    return 0;
}
