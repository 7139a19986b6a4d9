/* Streams that may turn into TLS, with the ports that a probe may take as a hint. */
#include "fuzz_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t ports[8] = {21, 110, 3389, 587, 5432, 6667, 143, 3306};
    if (size == 0)
        return 0;
    return fuzz_flow(data + 1, size - 1, IP_PROTO_TCP, ports[data[0] & 7]);
}
