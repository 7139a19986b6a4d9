/* A file of traceroutes of any bytes. Warts are left to scamper's tool, which is a program of its own. */
#include "paths/traceroute_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(void *context, const struct traceroute *trace)
{
    (void)context;
    if (trace->hop_count == 0 || trace->hop_count > TRACE_HOPS_MAX)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace_report report;
    struct error error;
    if (size < 2 || (data[0] == 0x12 && data[1] == 0x05))
        return 0;
    traceroute_read_bytes("file", (struct text){(const char *)data, size}, look, NULL, &report, &error);
    return 0;
}
