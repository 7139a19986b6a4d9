/* AS paths, each distinct one once. A path is known by a number that stays the same until path_store_clear(). */
#ifndef BORDERTAP_GEO_PATHS_PATH_STORE_INTERNAL_H
#define BORDERTAP_GEO_PATHS_PATH_STORE_INTERNAL_H

#include "paths/bgp_internal.h"

enum { PATH_ELEMENTS_MAX = 1024, PATH_STORE_WORDS_MAX = 1 << 27 };

#define PATH_NONE UINT32_MAX

/** An AS of a path, as in the table: prepending is kept, confederation segments are left out (RFC 5065). */
struct path_element {
    uint32_t asn;
    uint16_t set; /* 0: in its order; else the number of the AS_SET that it belongs to */
};

struct path_store {
    uint32_t *words, *slots; /* slots: an open table of numbers, 0 is free */
    size_t word_count, word_room, slot_count, path_count;
    uint64_t seed;
};

void path_store_init(struct path_store *store);
void path_store_clear(struct path_store *store);
/** @return the path's number, or PATH_NONE: no memory, or more than PATH_STORE_WORDS_MAX. */
uint32_t path_store_add(struct path_store *store, const struct path_element *elements, size_t count);
/** @return how many elements, at most PATH_ELEMENTS_MAX. */
size_t path_store_get(const struct path_store *store, uint32_t path, struct path_element *ret);
size_t path_store_length(const struct path_store *store, uint32_t path);
size_t path_store_bytes(const struct path_store *store);

/** @return how many elements; SIZE_MAX when there are more than PATH_ELEMENTS_MAX. */
size_t path_elements(struct as_path path, struct path_element ret[static PATH_ELEMENTS_MAX]);

#endif
