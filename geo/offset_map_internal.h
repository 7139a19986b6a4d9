/* What the records of a database mean, by their place in it: many addresses share a record, which is read once. */
#ifndef BORDERTAP_GEO_OFFSET_MAP_INTERNAL_H
#define BORDERTAP_GEO_OFFSET_MAP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct offset_map {
    uint32_t *offsets, *values; /* offset + 1; 0 is free */
    size_t count, size;
    uint32_t last_offset, last_value; /* for the caller: neighbours often share a record */
};

/** @return where the value of @p offset stands, good until the next call; 0 when it is new. NULL: no memory. */
uint32_t *offset_map_take(struct offset_map *map, uint32_t offset, bool *ret_is_new);
void offset_map_clear(struct offset_map *map);

#endif
