/* Any bytes as a vendor's file; what loads is then asked for a name, a path and an address. */
#include <stddef.h>
#include <stdint.h>

#include "catalog_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct catalog *catalog, struct text tail)
{
    struct ip_address address = {{0}};
    struct text header;
    memcpy(address.octets, tail.data, tail.length < 16 ? tail.length : 16);
    (void)catalog_match_name(catalog, tail);
    (void)catalog_match_path(catalog, tail, tail);
    (void)catalog_match_user_agent(catalog, tail, tail);
    (void)catalog_match_header(catalog, tail, &header);
    (void)catalog_match_body(catalog, (const uint8_t *)tail.data, tail.length);
    (void)catalog_match_prefix(catalog, &address);
    (void)catalog_match_asn(catalog, (uint32_t)tail.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct catalog *catalog = NULL;
    if (catalog_load_bytes("fuzz.yaml", (const char *)data, size, &catalog, NULL) != STATUS_OK)
        return 0;
    size_t tail = size < 64 ? size : 64;
    if (tail > 0)
        ask(catalog, (struct text){(const char *)data + size - tail, tail});
    catalog_free(catalog);
    return 0;
}
