/* SOCKS and PROXY headers, and what is probed behind them; a first segment that is neither is left to `inspect`. */
#include "fuzz_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct flow flow;
    size_t length = size > 2 ? (size_t)(data[0] >> 2) << 8 | data[1] : 0;
    const struct probe_input first = {data + 2, length + 2 < size ? length : size - 2, data[0] & 1, &flow};
    if (length == 0 || tunnel_analyzer.probe(&first) == PROBE_NO)
        return 0;
    return fuzz_flow(data, size, IP_PROTO_TCP, 1080);
}
