/* A loader of address databases, with bytes for its file. */
#ifndef BORDERTAP_TESTS_FUZZ_GEO_LOADER_H
#define BORDERTAP_TESTS_FUZZ_GEO_LOADER_H

#include "geo.h"
#include "sources_internal.h"

typedef enum status load_bytes(struct geo *geo, const struct wish *wish, struct text bytes, struct error *error);

static inline int fuzz_loader(load_bytes *load, const char *name, const uint8_t *data, size_t size)
{
    struct geo *geo = geo_new();
    if (geo == NULL)
        return 0;
    load(geo, &(struct wish){.path = name}, (struct text){(const char *)data, size}, NULL);
    geo_close(geo);
    return 0;
}

#endif
