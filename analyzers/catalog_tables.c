/*
 * Look-up by value for everything that is no name: sorted arrays and binary search. Address ranges nest, so each knows
 * the range round it: the last range that begins at or before an address is looked at, then those round it, narrowest
 * first.
 */
#include <stdlib.h>

#include "catalog_internal.h"

static int compare_text(struct text a, struct text b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    for (size_t i = 0; i < common; i++) {
        int order = (unsigned char)ascii_lower(a.data[i]) - (unsigned char)ascii_lower(b.data[i]);
        if (order != 0)
            return order;
    }
    return (a.length > b.length) - (a.length < b.length);
}

static const struct catalog_entry *item(const void *slot)
{
    return *(const struct catalog_entry *const *)slot;
}

/* Equal values keep the catalogue's order, so that the first line wins. */
static int by_place(const struct catalog_entry *a, const struct catalog_entry *b)
{
    int order = strcmp(a->indicator.file, b->indicator.file);
    return order != 0 ? order : (a->indicator.line > b->indicator.line) - (a->indicator.line < b->indicator.line);
}

static int by_value(const void *a, const void *b)
{
    int order = compare_text(item(a)->value, item(b)->value);
    return order != 0 ? order : by_place(item(a), item(b));
}

static int by_asn(const void *a, const void *b)
{
    uint32_t left = item(a)->asn, right = item(b)->asn;
    return left != right ? (left > right) - (left < right) : by_place(item(a), item(b));
}

static int by_prefix(const void *a, const void *b)
{
    int order = ip_compare(&item(a)->prefix.base, &item(b)->prefix.base);
    if (order == 0)
        order = item(a)->prefix.length - item(b)->prefix.length;
    return order != 0 ? order : by_place(item(a), item(b));
}

static bool build_prefixes(struct catalog *catalog)
{
    struct prefix_index *index = &catalog->prefixes;
    struct entry_list list = catalog->by_kind[INDICATOR_PREFIX];
    *index =
        (struct prefix_index){list.items, arena_take(catalog->arena, list.count * sizeof(*index->parent)), list.count};
    if (index->parent == NULL)
        return false;
    for (size_t i = 1; i < index->count; i++) {
        size_t round = i; /* index + 1 of the candidate */
        while (round > 0 && !ip_in_prefix(&index->items[i]->prefix.base, &index->items[round - 1]->prefix))
            round = index->parent[round - 1];
        index->parent[i] = (uint32_t)round;
    }
    return true;
}

bool catalog_build_tables(struct catalog *catalog)
{
    size_t used[INDICATOR_KIND_COUNT] = {0};
    for (size_t i = 0; i < catalog->indicator_count; i++)
        catalog->by_kind[catalog->indicators[i]->kind].count++;
    for (unsigned kind = 0; kind < INDICATOR_KIND_COUNT; kind++) {
        struct entry_list *list = &catalog->by_kind[kind];
        list->items = arena_take(catalog->arena, (list->count + 1) * sizeof(const struct catalog_entry *));
        if (list->items == NULL)
            return false;
    }
    for (size_t i = 0; i < catalog->indicator_count; i++) {
        enum indicator_kind kind = catalog->indicators[i]->kind;
        catalog->by_kind[kind].items[used[kind]++] = entry_of(catalog->indicators[i]);
    }
    for (unsigned kind = INDICATOR_CERT_ORG; kind <= INDICATOR_PREFIX; kind++) {
        struct entry_list list = catalog->by_kind[kind];
        qsort(list.items, list.count, sizeof(const struct catalog_entry *),
              kind == INDICATOR_ASN      ? by_asn
              : kind == INDICATOR_PREFIX ? by_prefix
                                         : by_value);
    }
    return build_prefixes(catalog);
}

const struct catalog_entry *catalog_match_value(const struct catalog *catalog, enum indicator_kind kind,
                                                struct text value)
{
    struct entry_list list = catalog->by_kind[kind];
    size_t low = 0, high = list.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_text(list.items[middle]->value, value) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list.count && compare_text(list.items[low]->value, value) == 0 ? list.items[low] : NULL;
}

bool catalog_has_kind(const struct catalog *catalog, enum indicator_kind kind)
{
    return catalog->by_kind[kind].count > 0;
}

const struct indicator *catalog_match_asn(const struct catalog *catalog, uint32_t asn)
{
    struct entry_list list = catalog->by_kind[INDICATOR_ASN];
    size_t low = 0, high = list.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list.items[middle]->asn < asn)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list.count && list.items[low]->asn == asn ? &list.items[low]->indicator : NULL;
}

const struct indicator *catalog_match_prefix(const struct catalog *catalog, const struct ip_address *address)
{
    const struct prefix_index *index = &catalog->prefixes;
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ip_compare(&index->items[middle]->prefix.base, address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low > 0 && !ip_in_prefix(address, &index->items[low - 1]->prefix))
        low = index->parent[low - 1];
    return low > 0 ? &index->items[low - 1]->indicator : NULL;
}

const struct catalog_entry *catalog_match_port(const struct catalog *catalog, const struct product *product,
                                               uint8_t protocol, uint16_t port)
{
    struct entry_list list = catalog->by_kind[INDICATOR_PORT];
    for (size_t i = 0; i < list.count; i++) {
        const struct catalog_entry *entry = list.items[i];
        if (entry->indicator.product == product && entry->ports[0].number == port &&
            entry->ports[0].protocol == protocol)
            return entry;
    }
    return NULL;
}
