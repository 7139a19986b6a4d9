/* A table of any text: the first byte chooses who is said to have made it. */
#include "geo.h"
#include "sources_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"asn-ipv4.csv", "dbip-country.csv", "ip2asn-combined.tsv", "asn-holder-cc.tsv"};
    struct geo *geo = size > 0 ? geo_new() : NULL;
    if (geo == NULL)
        return 0;
    struct wish wish = {.path = names[data[0] % 4]};
    geo_load_table(geo, &wish, (struct text){(const char *)data + 1, size - 1}, NULL);
    geo_close(geo);
    return 0;
}
