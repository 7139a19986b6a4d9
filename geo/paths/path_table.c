#include "paths/path_table_internal.h"

#include <stdlib.h>

enum {
    TOP_COUNT = 2 * 65536, /* IPv4 by its upper 16 bits, then 2000::/3 by the 16 bits behind the three */
    CHANGES_LEAST = 1 << 16,
    GLOBAL_LENGTH = 3,
};

bool path_table_init(struct path_table *table)
{
    *table = (struct path_table){.is_in_order = true};
    path_store_init(&table->store);
    table->top = calloc(TOP_COUNT + 1, sizeof(*table->top));
    table->peers = calloc(1, sizeof(*table->peers));
    return table->top != NULL && table->peers != NULL;
}

void path_table_clear(struct path_table *table)
{
    path_store_clear(&table->store);
    free(table->routes);
    free(table->peers);
    free(table->top);
    *table = (struct path_table){0};
}

size_t path_table_peer(struct path_table *table, const struct ip_address *address, uint32_t asn)
{
    for (size_t i = 0; i < table->peer_count; i++)
        if (table->peers[i].asn == asn && ip_equal(&table->peers[i].address, address))
            return i;
    if (table->peer_count == PATH_PEERS_MAX)
        return PATH_PEERS_MAX;
    struct path_peer *larger = realloc(table->peers, (table->peer_count + 1) * sizeof(*larger));
    if (larger == NULL)
        return PATH_PEERS_MAX;
    table->peers = larger;
    table->peers[table->peer_count] = (struct path_peer){.address = *address, .asn = asn, .first_change = SIZE_MAX};
    return table->peer_count++;
}

static void clear_bits(struct ip_address *address, unsigned from)
{
    for (unsigned i = from / 8; i < 16; i++)
        address->octets[i] &= (uint8_t)(i > from / 8 ? 0 : 0xff00U >> from % 8);
}

/** IPv6 that reaches beyond 2000::/3, such as ::/0, is that much of it. @return false: none of it is there. */
static bool take_prefix(const struct bgp_prefix *prefix, struct path_route *ret)
{
    static const struct ip_address global = {{0x20}};
    ret->base = prefix->prefix.base;
    ret->length = prefix->prefix.length;
    clear_bits(&ret->base, ret->length);
    if (!prefix->is_v6)
        return true;
    if (ret->length >= GLOBAL_LENGTH)
        return ret->base.octets[0] >> 5 == 1;
    struct ip_address same = global;
    clear_bits(&same, ret->length);
    if (!ip_equal(&same, &ret->base))
        return false;
    ret->base = global;
    ret->length = GLOBAL_LENGTH;
    return true;
}

bool path_route_is_default(const struct path_route *route)
{
    return ip_is_v4(&route->base) ? route->length == 96 : route->length <= GLOBAL_LENGTH;
}

static int compare_prefixes(const struct path_route *a, const struct path_route *b)
{
    int order = ip_compare(&a->base, &b->base);
    return order != 0 ? order : (int)a->length - (int)b->length;
}

/** What one announcement replaces: same prefix, peer and path identifier (RFC 7911, 3). */
static int compare_keys(const struct path_route *a, const struct path_route *b)
{
    int order = compare_prefixes(a, b);
    if (order == 0)
        order = (int)a->peer - (int)b->peer;
    return order != 0 ? order : (a->path_id > b->path_id) - (a->path_id < b->path_id);
}

static int compare_changes(const void *left, const void *right)
{
    const struct path_route *a = left, *b = right;
    int order = compare_keys(a, b);
    return order != 0 ? order : (a->parent > b->parent) - (a->parent < b->parent);
}

static bool routes_grow(struct path_table *table)
{
    if (table->count < table->room)
        return true;
    size_t room = table->room + table->room / 2 + (1 << 8);
    struct path_route *larger = realloc(table->routes, room * sizeof(*larger));
    if (larger == NULL)
        return false;
    table->routes = larger;
    table->room = room;
    return true;
}

static void note(struct path_table *table, struct path_route change)
{
    size_t changes = table->count - table->sorted_count;
    bool is_full = table->count >= PATH_ROUTES_MAX;
    if (changes >= CHANGES_LEAST && (is_full || (table->sorted_count > 0 && changes >= table->sorted_count / 8)))
        path_table_settle(table);
    if (table->count >= PATH_ROUTES_MAX || !routes_grow(table)) {
        table->refused[table->count >= PATH_ROUTES_MAX ? PATH_REFUSED_FULL : PATH_REFUSED_MEMORY]++;
        return;
    }
    struct path_peer *peer = &table->peers[change.peer];
    change.source = peer->source;
    if (peer->first_change == SIZE_MAX)
        peer->first_change = table->count;
    table->is_in_order = table->is_in_order && change.path != PATH_NONE &&
                         (table->count == 0 || compare_keys(&table->routes[table->count - 1], &change) < 0);
    change.parent = (uint32_t)(table->count - table->sorted_count);
    table->routes[table->count++] = change;
}

/** AS 0 is nobody's (RFC 7607): alone it stands for a path that cannot be read. */
static const struct path_element unreadable = {.asn = 0};

static void announce(struct path_table *table, struct path_route change, const struct bgp_prefix *prefix,
                     const struct path_element *elements, size_t count)
{
    if (!take_prefix(prefix, &change)) {
        table->refused[PATH_REFUSED_OUTSIDE]++;
        return;
    }
    change.path = path_store_add(&table->store, elements, count);
    if (change.path == PATH_NONE)
        table->refused[PATH_REFUSED_MEMORY]++;
    else
        note(table, change);
}

void path_table_announce(struct path_table *table, size_t peer, const struct bgp_prefix *prefix, struct as_path path,
                         uint32_t originated_sec)
{
    struct path_element elements[PATH_ELEMENTS_MAX];
    struct path_route change = {.originated_sec = originated_sec, .path_id = prefix->path_id, .peer = (uint16_t)peer};
    size_t count = path_elements(path, elements);
    if (count <= PATH_ELEMENTS_MAX) {
        announce(table, change, prefix, elements, count);
        return;
    }
    table->refused[PATH_REFUSED_LENGTH]++;
    announce(table, change, prefix, &unreadable, 1);
}

void path_table_announce_unreadable(struct path_table *table, size_t peer, const struct bgp_prefix *prefix)
{
    announce(table, (struct path_route){.path_id = prefix->path_id, .peer = (uint16_t)peer}, prefix, &unreadable, 1);
}

void path_table_withdraw(struct path_table *table, size_t peer, const struct bgp_prefix *prefix)
{
    struct path_route change = {.path = PATH_NONE, .path_id = prefix->path_id, .peer = (uint16_t)peer};
    if (take_prefix(prefix, &change))
        note(table, change);
}

void path_table_drop_feed(struct path_table *table, size_t number, bool is_v6)
{
    struct path_peer *peer = &table->peers[number];
    for (size_t i = peer->first_change; i < table->count; i++)
        if (table->routes[i].peer == number && ip_is_v4(&table->routes[i].base) != is_v6)
            table->routes[i].path = PATH_NONE;
    table->is_in_order = false;
    peer->feeds[is_v6].is_dropped = true;
}

void path_table_drop_peer(struct path_table *table, size_t number)
{
    path_table_drop_feed(table, number, false);
    path_table_drop_feed(table, number, true);
    table->peers[number].first_change = SIZE_MAX;
}

/** Puts the changes into their places among the sorted routes; of equal keys the newer one comes last. */
static bool merge_changes(struct path_table *table)
{
    size_t count = table->count - table->sorted_count;
    struct path_route *changes = table->routes + table->sorted_count, *copy = NULL;
    qsort(changes, count, sizeof(*changes), compare_changes);
    if (table->sorted_count == 0 || count == 0)
        return true;
    copy = malloc(count * sizeof(*copy));
    if (copy == NULL)
        return false;
    memcpy(copy, changes, count * sizeof(*copy));
    size_t from = table->sorted_count, to = table->count;
    while (count > 0) {
        bool is_old_last = from > 0 && compare_keys(&table->routes[from - 1], &copy[count - 1]) > 0;
        table->routes[--to] = is_old_last ? table->routes[--from] : copy[--count];
    }
    free(copy);
    return true;
}

static bool is_dropping(const struct path_table *table)
{
    for (size_t i = 0; i < table->peer_count; i++)
        if (table->peers[i].feeds[0].is_dropped || table->peers[i].feeds[1].is_dropped)
            return true;
    return false;
}

/** Marks what dropped peers have in the sorted part. */
static void forget_dropped(struct path_table *table)
{
    bool is_any = is_dropping(table);
    for (size_t i = 0; is_any && i < table->sorted_count; i++)
        if (table->peers[table->routes[i].peer].feeds[!ip_is_v4(&table->routes[i].base)].is_dropped)
            table->routes[i].path = PATH_NONE;
    for (size_t i = 0; i < table->peer_count; i++) {
        table->peers[i].feeds[0].is_dropped = table->peers[i].feeds[1].is_dropped = false;
        table->peers[i].first_change = SIZE_MAX;
    }
}

/** Of equal keys the last one stays, and goes when it is a withdrawal. */
static void compact(struct path_table *table)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->count; i++) {
        bool is_replaced = i + 1 < table->count && compare_keys(&table->routes[i], &table->routes[i + 1]) == 0;
        if (!is_replaced && table->routes[i].path != PATH_NONE)
            table->routes[kept++] = table->routes[i];
    }
    table->count = kept;
}

static bool encloses(const struct path_route *outer, const struct ip_address *address)
{
    return ip_in_prefix(address, &(struct ip_prefix){outer->base, outer->length});
}

/** Prefixes nest, so those around the one at hand are a stack. */
static void find_parents(struct path_table *table)
{
    uint32_t stack[129];
    size_t depth = 0;
    for (size_t i = 0; i < table->count; i++) {
        struct path_route *route = &table->routes[i];
        if (i > 0 && compare_prefixes(route - 1, route) == 0) {
            route->parent = route[-1].parent;
            continue;
        }
        while (depth > 0 && !encloses(&table->routes[stack[depth - 1]], &route->base))
            depth--;
        route->parent = depth > 0 ? stack[depth - 1] + 1 : 0;
        stack[depth++] = (uint32_t)i;
    }
}

static uint32_t top_of(const struct ip_address *address)
{
    if (ip_is_v4(address))
        return load_be16(address->octets + 12);
    return 65536 + (load_be32(address->octets) >> 13 & 0xffff);
}

static void index_routes(struct path_table *table)
{
    uint32_t bucket = 0;
    for (size_t i = 0; i < table->count; i++)
        for (uint32_t here = top_of(&table->routes[i].base); bucket <= here; bucket++)
            table->top[bucket] = (uint32_t)i;
    for (; bucket <= TOP_COUNT; bucket++)
        table->top[bucket] = (uint32_t)table->count;
}

/** When half of the stored words may be of paths that no route has, keeps those in use. */
static void drop_unused_paths(struct path_table *table)
{
    struct path_store fresh;
    struct path_element elements[PATH_ELEMENTS_MAX];
    if (table->store.word_count <= 2 * table->words_live + (1 << 20))
        return;
    path_store_init(&fresh);
    for (size_t i = 0; i < table->count; i++) {
        size_t count = path_store_get(&table->store, table->routes[i].path, elements);
        uint32_t path = path_store_add(&fresh, elements, count);
        if (path == PATH_NONE) {
            path_store_clear(&fresh);
            return;
        }
        table->routes[i].parent = path; /* free until find_parents() */
    }
    for (size_t i = 0; i < table->count; i++)
        table->routes[i].path = table->routes[i].parent;
    path_store_clear(&table->store);
    table->store = fresh;
    table->words_live = fresh.word_count;
}

static void trim(struct path_table *table)
{
    if (table->room <= table->count + table->count / 8)
        return;
    size_t room = table->count + table->count / 16 + 1;
    struct path_route *smaller = realloc(table->routes, room * sizeof(*smaller));
    if (smaller != NULL) {
        table->routes = smaller;
        table->room = room;
    }
}

void path_table_settle(struct path_table *table)
{
    if (table->count == table->sorted_count && !is_dropping(table))
        return;
    forget_dropped(table);
    if (!table->is_in_order && !merge_changes(table)) {
        table->refused[PATH_REFUSED_MEMORY] += table->count - table->sorted_count;
        table->count = table->sorted_count;
    }
    if (!table->is_in_order)
        compact(table);
    if (table->words_live == 0)
        table->words_live = table->store.word_count;
    drop_unused_paths(table);
    find_parents(table);
    index_routes(table);
    trim(table);
    table->sorted_count = table->count;
    table->is_in_order = true;
}

/** @return the last route whose base is not above @p address, + 1. */
static size_t upper_bound(const struct path_table *table, const struct ip_address *address)
{
    uint32_t bucket = top_of(address);
    size_t low = table->top[bucket], high = table->top[bucket + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ip_compare(&table->routes[middle].base, address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct path_route *path_table_find(const struct path_table *table, const struct ip_address *address,
                                         size_t *ret_count)
{
    if (!ip_is_v4(address) && address->octets[0] >> 5 != 1)
        return NULL;
    size_t at = upper_bound(table, address);
    while (at > 0 && !encloses(&table->routes[at - 1], address))
        at = table->routes[at - 1].parent;
    if (at == 0)
        return NULL;
    const struct path_route *first = &table->routes[at - 1], *end = table->routes + table->sorted_count;
    while (first > table->routes && compare_prefixes(first - 1, first) == 0)
        first--;
    const struct path_route *behind = first + 1;
    while (behind < end && compare_prefixes(behind, first) == 0)
        behind++;
    *ret_count = (size_t)(behind - first);
    return first;
}

size_t path_table_prefixes(const struct path_table *table)
{
    size_t ret = 0;
    for (size_t i = 0; i < table->sorted_count; i++)
        ret += i == 0 || compare_prefixes(&table->routes[i - 1], &table->routes[i]) != 0;
    return ret;
}

size_t path_table_bytes(const struct path_table *table)
{
    return path_store_bytes(&table->store) + table->room * sizeof(*table->routes) +
           (TOP_COUNT + 1) * sizeof(*table->top) + table->peer_count * sizeof(*table->peers);
}
