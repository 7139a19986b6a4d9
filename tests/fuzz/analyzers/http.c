/* HTTP/1 and HTTP/2 streams; the first bytes decide which. */
#include "fuzz_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_flow(data, size, IP_PROTO_TCP, 80);
}
