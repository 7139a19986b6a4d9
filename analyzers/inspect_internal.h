/* What the inspector is made of; for inspect.c, inspect_pool.c, inspect_count.c and ndpi.c only. */
#ifndef BORDERTAP_ANALYZERS_INSPECT_INTERNAL_H
#define BORDERTAP_ANALYZERS_INSPECT_INTERNAL_H

#include "analyzer_internal.h"

enum {
    BLOCK_CLASSES = 12, /* 64 bytes ... 128 KiB */
    BLOCK_CLASS_BITS = 6,
    BLOCK_BYTES_MAX = 64 << 20, /* over one inspector, free lists included */
    INSPECTIONS_MAX = 16384,
    PACKETS_MAX_DEFAULT = 8,
    WAITS_MAX = 64,          /* segments of a stream that do not count, as a probe has seen too little ... */
    PROBE_BYTES_ENOUGH = 64, /* ... to say more than maybe */
    HAND_OVERS_MAX = 6,      /* SOCKS in CONNECT in ...: nobody honest nests deeper */
    NDPI_PACKETS_MAX = 8,
};

struct block;
struct inspection_slab;
struct ndpi_namer;

struct inspector {
    struct inspector_options options;
    struct tls_crypto *crypto;
    struct ndpi_namer *ndpi; /* NULL until the first flow wants it */

    struct inspection *free_inspections;
    struct inspection_slab *slabs;
    size_t inspections_made, inspections_used, inspections_used_most;
    uint64_t inspections_refused;

    struct block *free_blocks[BLOCK_CLASSES];
    size_t block_bytes; /* taken from the system */

    uint64_t refused[REASON_COUNT];
    uint64_t flows[APP_OTHER + 1]; /* given back, by what they spoke */
};

/* inspect_pool.c */
struct inspection *inspection_pool_take(struct inspector *inspector);
void inspection_pool_give(struct inspector *inspector, struct inspection *inspection);
void inspection_pool_free(struct inspector *inspector);
void block_pool_free(struct inspector *inspector);

/* ndpi.c */
struct ndpi_namer *ndpi_namer_open(void); /* NULL: no memory */
void ndpi_namer_close(struct ndpi_namer *namer);
void ndpi_flow_release(struct inspector *inspector, struct inspection *inspection);
/** Takes the name that was kept aside, unless our own parsers have one. @return whether it did. */
bool ndpi_adopt_name(struct inspection *inspection);

#endif
