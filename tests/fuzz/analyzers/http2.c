/* HTTP/2 streams, without the preface that a probe waits for: frames of two sides. */
#include "fuzz_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_flow_of(&http2_analyzer, data, size, IP_PROTO_TCP, 80);
}
