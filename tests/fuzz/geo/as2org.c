/* An AS-to-organisation file, of any text. */
#include "geo.h"
#include "sources_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct geo *geo = geo_new();
    struct text bytes = {(const char *)data, size};
    if (geo == NULL)
        return 0;
    geo_load_as2org(geo, &(struct wish){.path = "as2org"}, bytes, NULL);
    geo_close(geo);
    return 0;
}
