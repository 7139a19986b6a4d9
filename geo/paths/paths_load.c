/*
 * From files to tables: whose routes are taken. Without a choice a file's only peer is; as soon as a second one shows
 * up the file is a collector's, and nothing of it holds for this sensor.
 */
#include <stdlib.h>

#include "hash.h"
#include "paths/mrt_internal.h"
#include "paths/paths_internal.h"

enum { SEEN_SLOTS = 4 * PATH_PEERS_MAX, FULL_FEED_TENTHS = 9 };

struct seen_peer {
    struct ip_address address;
    uint32_t asn;
    uint64_t routes;
    size_t own, upstream; /* its numbers in the tables; PATH_PEERS_MAX: it is not in use there */
};

struct loading {
    struct paths *paths;
    struct paths_file *file;
    struct seen_peer *seen;
    uint16_t *slots; /* index + 1 */
    size_t seen_count, last;
    uint64_t tables, updates, offset;
    bool is_many;
};

static bool matches_choice(const struct paths *paths, const struct mrt_peer *peer)
{
    switch (paths->choice) {
    case CHOICE_ONLY:
        return false;
    case CHOICE_ANY:
        return true;
    case CHOICE_ASN:
        return peer->asn == paths->rib_asn;
    case CHOICE_ADDRESS:
        return ip_equal(&peer->address, &paths->rib_address);
    }
    return false;
}

static size_t find_peer(const struct path_table *table, const struct mrt_peer *peer)
{
    for (size_t i = 0; i < table->peer_count; i++)
        if (table->peers[i].asn == peer->asn && ip_equal(&table->peers[i].address, &peer->address))
            return i;
    return PATH_PEERS_MAX;
}

static size_t add_peer(struct loading *l, struct path_table *table, const struct mrt_peer *peer)
{
    size_t before = table->peer_count, ret = path_table_peer(table, &peer->address, peer->asn);
    if (ret < PATH_PEERS_MAX && table->peer_count > before)
        table->peers[ret].source = (uint32_t)(l->file - l->paths->files);
    return ret;
}

/** A second peer in a file that nobody chose from. */
static void find_it_is_a_collector(struct loading *l)
{
    l->is_many = true;
    l->file->used = 0;
    for (size_t i = 0; i < l->seen_count; i++)
        if (l->seen[i].own < PATH_PEERS_MAX) {
            path_table_drop_peer(&l->paths->own, l->seen[i].own);
            l->seen[i].own = PATH_PEERS_MAX;
        }
}

/** Updates go on with what a table began; alone they begin one. */
static size_t choose_own(struct loading *l, const struct mrt_peer *peer, bool is_update)
{
    struct paths *paths = l->paths;
    if (paths->choice != CHOICE_ONLY)
        return matches_choice(paths, peer) ? add_peer(l, &paths->own, peer) : PATH_PEERS_MAX;
    if (is_update && paths->own.peer_count > 0 && find_peer(&paths->own, peer) < PATH_PEERS_MAX)
        return find_peer(&paths->own, peer);
    if (is_update && paths->own.sorted_count > 0)
        return PATH_PEERS_MAX;
    if (l->seen_count > 0 && !l->is_many)
        find_it_is_a_collector(l);
    bool is_upstream = peer->asn == paths->upstream_asn && peer->asn != 0;
    return l->is_many || is_upstream ? PATH_PEERS_MAX : add_peer(l, &paths->own, peer);
}

static size_t choose_upstream(struct loading *l, const struct mrt_peer *peer, bool is_update)
{
    struct path_table *table = &l->paths->upstream;
    if (l->paths->upstream_asn == 0 || peer->asn != l->paths->upstream_asn || matches_choice(l->paths, peer))
        return PATH_PEERS_MAX;
    return is_update ? find_peer(table, peer) : add_peer(l, table, peer);
}

/** @return NULL when there are too many peers. */
static struct seen_peer *see_peer(struct loading *l, const struct mrt_peer *peer, bool is_update)
{
    struct seen_peer *last = &l->seen[l->last];
    if (l->last < l->seen_count && last->asn == peer->asn && ip_equal(&last->address, &peer->address))
        return last;
    size_t at = hash_bytes(&peer->address, sizeof(peer->address), hash_seed() + peer->asn) % SEEN_SLOTS;
    for (; l->slots[at] != 0; at = (at + 1) % SEEN_SLOTS) {
        struct seen_peer *seen = &l->seen[l->slots[at] - 1];
        if (seen->asn == peer->asn && ip_equal(&seen->address, &peer->address)) {
            l->last = (size_t)l->slots[at] - 1U;
            return seen;
        }
    }
    if (l->seen_count == PATH_PEERS_MAX)
        return NULL;
    size_t own = choose_own(l, peer, is_update), upstream = choose_upstream(l, peer, is_update);
    l->last = l->seen_count;
    l->seen[l->seen_count++] = (struct seen_peer){peer->address, peer->asn, 0, own, upstream};
    l->slots[at] = (uint16_t)l->seen_count;
    return &l->seen[l->last];
}

static void take_into(struct loading *l, struct path_table *table, size_t peer, const struct mrt_route *route)
{
    int64_t *heard = &table->peers[peer].last_heard_sec;
    if (route->kind != MRT_IN_TABLE && route->record->time_sec < *heard) {
        l->paths->early_updates++;
        return;
    }
    *heard = route->record->time_sec > *heard ? route->record->time_sec : *heard;
    l->file->used++;
    if (route->kind == MRT_WITHDRAWN)
        path_table_withdraw(table, peer, &route->prefix);
    else
        path_table_announce(table, peer, &route->prefix, route->attributes->path, route->originated_sec);
}

static void on_route(void *context, const struct mrt_route *route)
{
    struct loading *l = context;
    bool is_update = route->kind != MRT_IN_TABLE;
    l->tables += !is_update;
    l->updates += is_update;
    l->file->time_sec = route->record->time_sec > l->file->time_sec ? route->record->time_sec : l->file->time_sec;
    if (route->safi == SAFI_MULTICAST)
        return;
    l->paths->sent_updates += route->is_sent;
    l->paths->doubtful_updates += route->is_doubtful;
    if (route->is_sent || route->is_doubtful)
        return;
    if (route->attributes != NULL && (!route->attributes->has_path || route->attributes->path.length == 0)) {
        l->paths->local_routes++;
        return;
    }
    struct seen_peer *seen = see_peer(l, &route->peer, is_update);
    if (seen == NULL)
        return;
    seen->routes++;
    if (seen->own < PATH_PEERS_MAX)
        take_into(l, &l->paths->own, seen->own, route);
    if (seen->upstream < PATH_PEERS_MAX)
        take_into(l, &l->paths->upstream, seen->upstream, route);
    l->paths->strange_updates += is_update && seen->own == PATH_PEERS_MAX && seen->upstream == PATH_PEERS_MAX;
}

static void on_state(void *context, const struct mrt_state *state)
{
    struct loading *l = context;
    size_t own = find_peer(&l->paths->own, &state->peer), upstream = find_peer(&l->paths->upstream, &state->peer);
    if (state->before != MRT_ESTABLISHED || state->after == MRT_ESTABLISHED)
        return;
    if (own < PATH_PEERS_MAX && state->record->time_sec >= l->paths->own.peers[own].last_heard_sec)
        path_table_drop_peer(&l->paths->own, own);
    if (upstream < PATH_PEERS_MAX && state->record->time_sec >= l->paths->upstream.peers[upstream].last_heard_sec)
        path_table_drop_peer(&l->paths->upstream, upstream);
}

static void on_trouble(void *context, const struct mrt_trouble *trouble)
{
    struct loading *l = context;
    l->paths->troubles[trouble->what]++;
    l->file->troubles++;
    if (l->file->trouble == NULL)
        l->file->trouble = arena_print(l->paths->arena, "offset %llu: %s", (unsigned long long)trouble->offset,
                                       trouble->detail ? trouble->detail : trouble_sentence(trouble->what));
}

/** A feed that lacks much of the table is not what the upstream routes by. */
static const struct seen_peer *drop_partial_feeds(struct loading *l, uint64_t most)
{
    const struct seen_peer *ret = NULL;
    for (size_t i = 0; i < l->seen_count; i++)
        if (l->seen[i].upstream < PATH_PEERS_MAX && l->tables > 0 && l->seen[i].routes * 10 < most * FULL_FEED_TENTHS) {
            path_table_drop_peer(&l->paths->upstream, l->seen[i].upstream);
            ret = &l->seen[i];
        }
    return ret;
}

static const char *use_of(struct loading *l, const struct seen_peer *partial, uint64_t most)
{
    bool has_own = false, has_upstream = false;
    for (size_t i = 0; i < l->seen_count; i++) {
        has_own |= l->seen[i].own < PATH_PEERS_MAX;
        has_upstream |= l->seen[i].upstream < PATH_PEERS_MAX;
    }
    if (partial != NULL && !has_own)
        return arena_print(l->paths->arena, "AS%u has %llu of %llu routes in it: no full feed", partial->asn,
                           (unsigned long long)partial->routes, (unsigned long long)most);
    if (has_own)
        return l->tables > 0 ? "our own table" : "keeps our own table current";
    if (has_upstream)
        return l->tables > 0 ? "a full feed of our upstream" : "keeps our upstream's table current";
    if (l->is_many)
        return arena_print(l->paths->arena,
                           "%zu peers, none of them chosen: name your router with --rib-peer, or your upstream with "
                           "--upstream-asn",
                           l->seen_count);
    return l->seen_count > 0 ? "none of its peers is the one asked for" : "holds no routes";
}

static void conclude(struct loading *l)
{
    uint64_t most = 0;
    struct paths_file *file = l->file;
    for (size_t i = 0; i < l->seen_count; i++)
        most = l->seen[i].routes > most ? l->seen[i].routes : most;
    const struct seen_peer *partial = drop_partial_feeds(l, most);
    file->kind = l->tables > 0 && l->updates > 0 ? "table and updates"
                 : l->tables > 0                 ? "table"
                 : l->updates > 0                ? "updates"
                                                 : "nothing";
    file->peers = l->seen_count;
    file->prefixes = most;
    file->use = use_of(l, partial, most);
    paths_print_time(file->time_sec, l->paths->file_times[file - l->paths->files]);
    path_table_settle(&l->paths->own);
    path_table_settle(&l->paths->upstream);
}

enum status paths_load(struct paths *paths, const char *path, struct error *error)
{
    struct loading l = {.paths = paths, .file = paths_add_file(paths, path, error)};
    if (l.file == NULL)
        return STATUS_UNSUPPORTED;
    struct mrt_visitor visitor = {on_route, on_state, on_trouble, &l};
    l.seen = calloc(PATH_PEERS_MAX, sizeof(*l.seen));
    l.slots = calloc(SEEN_SLOTS, sizeof(*l.slots));
    enum status status =
        l.seen && l.slots ? mrt_read(path, &visitor, error) : error_set(error, STATUS_NO_MEMORY, "%s: no memory", path);
    if (status == STATUS_OK)
        conclude(&l);
    else if (status == STATUS_UNSUPPORTED)
        status = paths_load_traces(paths, l.file, error);
    free(l.seen);
    free(l.slots);
    return status;
}
