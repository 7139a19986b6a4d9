/* Any bytes as a dump of PeeringDB. */
#include "paths/ixp_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t four[4] = {192, 0, 2, 1};
    struct ip_address address = ip_from_v4(four);
    struct ixp_table *table;
    struct ixp_report report;
    uint32_t ixlan;
    ixp_table_read_bytes("file", (struct text){(const char *)data, size}, &table, &report, NULL);
    ixp_contains(table, &address, &ixlan);
    ixp_table_free(table);
    return 0;
}
