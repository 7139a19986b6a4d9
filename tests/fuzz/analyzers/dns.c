/* One DNS message over UDP, as multicast DNS, and over TCP. */
#include "fuzz_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_flow(data, size, IP_PROTO_UDP, 53);
    fuzz_flow(data, size, IP_PROTO_UDP, 5353);
    return fuzz_flow(data, size, IP_PROTO_TCP, 53);
}
