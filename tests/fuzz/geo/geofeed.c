/* A geofeed, of any text. */
#include "geo.h"
#include "sources_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct geo *geo = geo_new();
    struct text bytes = {(const char *)data, size};
    if (geo == NULL)
        return 0;
    if (geo_is_geofeed(bytes))
        geo_load_geofeed(geo, &(struct wish){.path = "geofeed.csv"}, bytes, NULL);
    geo_close(geo);
    return 0;
}
