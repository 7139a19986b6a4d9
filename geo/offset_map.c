#include "offset_map_internal.h"

#include <stdlib.h>

#include "hash.h"

static size_t slot_of(const struct offset_map *map, uint32_t key)
{
    size_t at = hash_fold(key, UINT64_C(0xa0761d6478bd642f)) & (map->size - 1);
    while (map->offsets[at] != 0 && map->offsets[at] != key)
        at = (at + 1) & (map->size - 1);
    return at;
}

static bool grow(struct offset_map *map)
{
    struct offset_map larger = *map;
    larger.size = map->size ? map->size * 2 : 1024;
    larger.offsets = calloc(larger.size, sizeof(*larger.offsets));
    larger.values = calloc(larger.size, sizeof(*larger.values));
    if (larger.offsets == NULL || larger.values == NULL) {
        offset_map_clear(&larger);
        return false;
    }
    for (size_t i = 0; i < map->size; i++) {
        if (map->offsets[i] == 0)
            continue;
        size_t at = slot_of(&larger, map->offsets[i]);
        larger.offsets[at] = map->offsets[i];
        larger.values[at] = map->values[i];
    }
    offset_map_clear(map);
    *map = larger;
    return true;
}

uint32_t *offset_map_take(struct offset_map *map, uint32_t offset, bool *ret_is_new)
{
    if (map->count * 2 >= map->size && !grow(map))
        return NULL;
    size_t at = slot_of(map, offset + 1);
    *ret_is_new = map->offsets[at] == 0;
    if (*ret_is_new) {
        map->offsets[at] = offset + 1;
        map->count++;
    }
    return &map->values[at];
}

void offset_map_clear(struct offset_map *map)
{
    free(map->offsets);
    free(map->values);
    map->offsets = map->values = NULL;
    map->count = map->size = 0;
}
