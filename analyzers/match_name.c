/*
 * The longest name wins. Every suffix of every catalogue name is a node of one hash table, so a look-up walks the
 * name's labels from the right and stops at the first suffix nobody knows: most names of the world cost two probes,
 * whatever the size of the catalogue.
 */
#include <stdlib.h>

#include "catalog_internal.h"
#include "hash.h"

enum { SLOTS_AT_FIRST = 1024 };

/* Of one label after the labels to its right. The table holds no names from the network, so a fixed start is safe. */
static uint32_t label_hash(const char *label, size_t length, uint32_t right)
{
    return (uint32_t)hash_bytes(label, length, right);
}

static bool node_is(const struct name_node *node, uint32_t hash, const char *suffix, size_t length)
{
    return node->hash == hash && node->length == length && memcmp(node->suffix, suffix, length) == 0;
}

static struct name_node *find_node(const struct name_index *index, uint32_t hash, const char *suffix, size_t length,
                                   uint32_t *ret_slot, size_t *probes)
{
    uint32_t slot = hash & index->mask;
    for (; index->slots[slot] != 0; slot = (slot + 1) & index->mask) {
        struct name_node *node = &index->nodes[index->slots[slot]];
        ++*probes;
        if (node_is(node, hash, suffix, length))
            return node;
    }
    ++*probes;
    *ret_slot = slot;
    return NULL;
}

static bool resize_slots(struct name_index *index, uint32_t slot_count)
{
    uint32_t *slots = calloc(slot_count, sizeof(*slots));
    if (slots == NULL)
        return false;
    free(index->slots);
    index->slots = slots;
    index->mask = slot_count - 1;
    for (size_t i = 1; i < index->count; i++) {
        uint32_t slot = index->nodes[i].hash & index->mask;
        while (slots[slot] != 0)
            slot = (slot + 1) & index->mask;
        slots[slot] = (uint32_t)i;
    }
    return true;
}

static bool make_room(struct name_index *index)
{
    if (index->count + 1 >= index->room) {
        size_t room = index->room == 0 ? SLOTS_AT_FIRST : index->room * 2;
        struct name_node *nodes = realloc(index->nodes, room * sizeof(*nodes));
        if (nodes == NULL)
            return false;
        index->nodes = nodes;
        index->room = room;
        if (index->count == 0)
            memset(&nodes[index->count++], 0, sizeof(*nodes));
    }
    /* At most a third full: a probe is a cache line, an empty slot costs four bytes. */
    if (index->slots == NULL || index->count * 3 > index->mask)
        return resize_slots(index, index->slots == NULL ? SLOTS_AT_FIRST : (index->mask + 1) * 4);
    return true;
}

static struct name_node *get_node(struct name_index *index, uint32_t hash, const char *suffix, size_t length)
{
    uint32_t slot = 0;
    size_t probes = 0;
    if (!make_room(index))
        return NULL;
    struct name_node *node = find_node(index, hash, suffix, length, &slot, &probes);
    if (node != NULL)
        return node;
    node = &index->nodes[index->count];
    *node = (struct name_node){.suffix = suffix, .length = (uint32_t)length, .hash = hash};
    index->slots[slot] = (uint32_t)index->count++;
    return node;
}

/* Start of the label that ends before @p end. */
static size_t label_start(const char *name, size_t end)
{
    while (end > 0 && name[end - 1] != '.')
        end--;
    return end;
}

/* The node of a whole name, made with all above it. */
static struct name_node *get_path(struct name_index *index, struct text name)
{
    struct name_node *node = NULL;
    uint32_t hash = 0;
    size_t end = name.length;
    for (;;) {
        size_t start = label_start(name.data, end);
        hash = label_hash(name.data + start, end - start, hash);
        node = get_node(index, hash, name.data + start, name.length - start);
        if (node == NULL || start == 0)
            return node;
        end = start - 1;
    }
}

static bool add_pattern(struct name_index *index, struct arena *arena, const struct catalog_entry *entry)
{
    struct name_node *node = get_path(index, pattern_fixed_suffix(entry->value));
    if (node == NULL)
        return false;
    if (node->pattern_count == node->pattern_room) {
        if (node->pattern_count >= CATALOG_PATTERNS_PER_ZONE)
            return true; /* refused by the reader before */
        uint16_t room = node->pattern_room == 0 ? 4 : (uint16_t)(node->pattern_room * 2);
        const struct catalog_entry **patterns = arena_take(arena, room * sizeof(*patterns));
        if (patterns == NULL)
            return false;
        if (node->pattern_count > 0)
            memcpy(patterns, node->patterns, node->pattern_count * sizeof(*patterns));
        node->patterns = patterns;
        node->pattern_room = room;
    }
    size_t at = node->pattern_count++, literals = pattern_literals(entry->value);
    for (; at > 0 && pattern_literals(node->patterns[at - 1]->value) < literals; at--)
        node->patterns[at] = node->patterns[at - 1];
    node->patterns[at] = entry;
    return true;
}

/* The first line that names a value keeps it; catalog_check() reports the others. */
bool name_index_add(struct name_index *index, struct arena *arena, const struct catalog_entry *entry)
{
    if (entry->indicator.kind == INDICATOR_PATTERN)
        return add_pattern(index, arena, entry);
    struct name_node *node = get_path(index, entry->value);
    if (node == NULL)
        return false;
    const struct catalog_entry **place = entry->indicator.kind == INDICATOR_DOMAIN ? &node->exact : &node->zone;
    if (*place == NULL)
        *place = entry;
    return true;
}

static const struct catalog_entry *match_patterns(const struct name_node *node, struct text name, size_t *probes)
{
    for (size_t i = 0; i < node->pattern_count; i++) {
        ++*probes;
        if (pattern_matches(node->patterns[i]->value, name))
            return node->patterns[i];
    }
    return NULL;
}

static bool is_web_label(const struct name_index *index, const char *label, size_t length)
{
    size_t low = 0, high = index->web_label_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct text candidate = index->web_labels[middle];
        size_t common = candidate.length < length ? candidate.length : length;
        int order = memcmp(candidate.data, label, common);
        if (order == 0 && candidate.length == length)
            return true;
        if (order < 0 || (order == 0 && candidate.length < length))
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* A mixed zone's own page and its www, blog, support ... are for people. */
static const struct catalog_entry *zone_or_web(const struct name_index *index, const struct catalog_entry *zone,
                                               struct text name)
{
    if (zone->web == NULL)
        return zone;
    if (name.length == zone->value.length)
        return zone->web;
    size_t end = name.length - zone->value.length - 1;
    size_t start = label_start(name.data, end);
    return is_web_label(index, name.data + start, end - start) ? zone->web : zone;
}

static const struct catalog_entry *find_entry(const struct name_index *index, struct text name, size_t *probes)
{
    const struct name_node *path[CATALOG_NAME_LABELS_MAX];
    size_t depth = 0, end = name.length;
    uint32_t hash = 0, slot;
    if (index->slots == NULL || name.length == 0 || name.length > NAME_MAX_LENGTH)
        return NULL;
    for (bool whole = false; !whole && depth < CATALOG_NAME_LABELS_MAX; depth++) {
        size_t start = label_start(name.data, end);
        hash = label_hash(name.data + start, end - start, hash);
        path[depth] = find_node(index, hash, name.data + start, name.length - start, &slot, probes);
        if (path[depth] == NULL)
            break;
        whole = start == 0;
        if (whole && path[depth]->exact != NULL)
            return path[depth]->exact;
        end = whole ? 0 : start - 1;
    }
    for (size_t i = depth; i-- > 0;) {
        const struct catalog_entry *pattern = match_patterns(path[i], name, probes);
        if (pattern != NULL)
            return pattern;
    }
    for (size_t i = depth; i-- > 0;)
        if (path[i]->zone != NULL)
            return zone_or_web(index, path[i]->zone, name);
    return NULL;
}

/* Letters, digits, "-" and "_" (RFC 952, 1123): what has other bytes is no host's name, however it ends. */
const struct catalog_entry *name_index_find(const struct name_index *index, struct text name, size_t *probes)
{
    size_t unused = 0;
    const struct catalog_entry *entry = find_entry(index, name, probes != NULL ? probes : &unused);
    return entry != NULL && name_has_only_name_characters(name) ? entry : NULL;
}

void name_index_clear(struct name_index *index)
{
    free(index->nodes);
    free(index->slots);
    *index = (struct name_index){0};
}
