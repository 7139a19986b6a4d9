/* The catalogue's parents as any YAML. */
#include "geo.h"
#include "sources_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct geo *geo = geo_new();
    if (geo == NULL)
        return 0;
    geo_load_operators_bytes(geo, "operators.yaml", (const char *)data, size, NULL);
    geo_close(geo);
    return 0;
}
