/*
 * A path is a word with the count, its AS numbers, and, only when it has an AS_SET, as many words that say which set
 * each belongs to. The number of a path is where it begins.
 */
#include "paths/path_store_internal.h"

#include <stdlib.h>

#include "hash.h"

#define HAS_SETS UINT32_C(0x80000000)

void path_store_init(struct path_store *store)
{
    *store = (struct path_store){.seed = hash_seed()};
}

void path_store_clear(struct path_store *store)
{
    free(store->words);
    free(store->slots);
    path_store_init(store);
}

size_t path_store_length(const struct path_store *store, uint32_t path)
{
    return store->words[path] & ~HAS_SETS;
}

static size_t words_of(const struct path_store *store, uint32_t path)
{
    size_t count = path_store_length(store, path);
    return 1 + (store->words[path] & HAS_SETS ? 2 * count : count);
}

static uint64_t hash_of(const struct path_store *store, uint32_t path)
{
    return hash_bytes(store->words + path, words_of(store, path) * sizeof(*store->words), store->seed);
}

/** @return the slot that holds an equal path, or the free one where it belongs. */
static uint32_t *slot_of(const struct path_store *store, uint32_t path)
{
    size_t mask = store->slot_count - 1, size = words_of(store, path);
    for (size_t at = hash_of(store, path) & mask;; at = (at + 1) & mask) {
        uint32_t other = store->slots[at];
        if (other == 0 || (words_of(store, other) == size &&
                           memcmp(store->words + other, store->words + path, size * sizeof(*store->words)) == 0))
            return &store->slots[at];
    }
}

static bool slots_grow(struct path_store *store)
{
    size_t count = store->slot_count ? store->slot_count * 2 : 1 << 10;
    uint32_t *slots = calloc(count, sizeof(*slots)), *before = store->slots;
    size_t count_before = store->slot_count;
    if (slots == NULL)
        return false;
    store->slots = slots;
    store->slot_count = count;
    for (size_t i = 0; i < count_before; i++)
        if (before[i] != 0)
            *slot_of(store, before[i]) = before[i];
    free(before);
    return true;
}

static bool words_reserve(struct path_store *store, size_t count)
{
    size_t wanted = store->word_count + count, room = store->word_room ? store->word_room : 1 << 12;
    if (wanted <= store->word_room)
        return true;
    while (room < wanted)
        room += room / 2;
    uint32_t *larger = room <= PATH_STORE_WORDS_MAX ? realloc(store->words, room * sizeof(*larger)) : NULL;
    if (larger == NULL)
        return false;
    store->words = larger;
    store->word_room = room;
    if (store->word_count == 0)
        store->words[store->word_count++] = 0; /* no path has the number 0 */
    return true;
}

static bool has_sets(const struct path_element *elements, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (elements[i].set != 0)
            return true;
    return false;
}

uint32_t path_store_add(struct path_store *store, const struct path_element *elements, size_t count)
{
    if (store->path_count * 4 >= store->slot_count * 3 && !slots_grow(store))
        return PATH_NONE;
    if (!words_reserve(store, 2 * count + 2))
        return PATH_NONE;
    bool is_mixed = has_sets(elements, count);
    uint32_t path = (uint32_t)store->word_count, *at = store->words + path;
    *at++ = (uint32_t)count | (is_mixed ? HAS_SETS : 0);
    for (size_t i = 0; i < count; i++)
        *at++ = elements[i].asn;
    for (size_t i = 0; i < count && is_mixed; i++)
        *at++ = elements[i].set;
    uint32_t *slot = slot_of(store, path);
    if (*slot != 0)
        return *slot;
    store->word_count = (size_t)(at - store->words);
    store->path_count++;
    return *slot = path;
}

size_t path_store_get(const struct path_store *store, uint32_t path, struct path_element *ret)
{
    size_t count = path_store_length(store, path);
    const uint32_t *numbers = store->words + path + 1;
    bool is_mixed = store->words[path] & HAS_SETS;
    for (size_t i = 0; i < count; i++)
        ret[i] = (struct path_element){numbers[i], is_mixed ? (uint16_t)numbers[count + i] : 0};
    return count;
}

size_t path_store_bytes(const struct path_store *store)
{
    return store->word_room * sizeof(*store->words) + store->slot_count * sizeof(*store->slots);
}

size_t path_elements(struct as_path path, struct path_element ret[static PATH_ELEMENTS_MAX])
{
    struct as_segment segment;
    size_t count = 0;
    uint16_t set = 0;
    while (as_path_next(&path, &segment)) {
        if (segment.type != AS_SEGMENT_SEQUENCE && segment.type != AS_SEGMENT_SET)
            continue;
        bool is_set = segment.type == AS_SEGMENT_SET && segment.count > 1;
        set = (uint16_t)(set + is_set);
        if (count + segment.count > PATH_ELEMENTS_MAX)
            return SIZE_MAX;
        for (unsigned i = 0; i < segment.count; i++)
            ret[count++] = (struct path_element){as_segment_number(&segment, i), is_set ? set : 0};
    }
    return count;
}
