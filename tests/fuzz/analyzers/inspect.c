/* Any bytes as a flow of any kind: probes, hand-overs, giving up. The first byte chooses protocol and port. */
#include "fuzz_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t ports[] = {80, 443, 53, 9999};
    if (size == 0)
        return 0;
    return fuzz_flow(data + 1, size - 1, (data[0] & 4) != 0 ? IP_PROTO_UDP : IP_PROTO_TCP, ports[data[0] & 3]);
}
