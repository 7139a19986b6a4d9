/* Routing data of any bytes, packed or not, read and printed. */
#include "paths/mrt_print_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_route(void *context, const struct mrt_route *route)
{
    mrt_print_route(context, route);
}

static void on_state(void *context, const struct mrt_state *state)
{
    mrt_print_state(context, state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *out;
    if (out == NULL)
        out = fopen("/dev/null", "w");
    struct mrt_visitor visitor = {on_route, on_state, NULL, out, NULL};
    if (out != NULL)
        mrt_read_bytes("fuzz", data, size, &visitor, NULL);
    return 0;
}
