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
    bool is_of_table;     /* else updates alone speak of it so far */
    size_t own, upstream; /* its numbers in the tables; PATH_PEERS_MAX: it is not in use there */
};

struct loading {
    struct paths *paths;
    struct paths_file *file;
    struct seen_peer *seen;
    uint16_t *slots; /* index + 1 */
    size_t seen_count, last, table_peers;
    size_t local; /* whose routes of our own there are, when nothing else is of it; PATH_PEERS_MAX: nobody's */
    uint64_t tables, updates, early;
    bool is_many;
    bool is_unordered, is_torn, is_told; /* the last damage is told by its prefix */
    struct ip_address last_base, torn_from;
};

static uint8_t number_of(const struct loading *l)
{
    return (uint8_t)(l->file - l->paths->files);
}

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

static size_t add_peer(struct path_table *table, const struct mrt_peer *peer)
{
    return path_table_peer(table, &peer->address, peer->asn);
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
    if (l->local < PATH_PEERS_MAX)
        path_table_drop_peer(&l->paths->own, l->local);
    l->local = PATH_PEERS_MAX;
}

/** Updates go on with what a table began; alone they say nothing of the prefixes that stay as they are. */
static size_t choose_own(struct loading *l, const struct mrt_peer *peer, bool is_update)
{
    struct paths *paths = l->paths;
    if (is_update)
        return find_peer(&paths->own, peer);
    if (paths->choice != CHOICE_ONLY)
        return matches_choice(paths, peer) ? add_peer(&paths->own, peer) : PATH_PEERS_MAX;
    if (l->table_peers > 0 && !l->is_many)
        find_it_is_a_collector(l);
    bool is_upstream = peer->asn == paths->upstream_asn && peer->asn != 0;
    return l->is_many || is_upstream ? PATH_PEERS_MAX : add_peer(&paths->own, peer);
}

static size_t choose_upstream(struct loading *l, const struct mrt_peer *peer, bool is_update)
{
    struct path_table *table = &l->paths->upstream;
    if (l->paths->upstream_asn == 0 || peer->asn != l->paths->upstream_asn || matches_choice(l->paths, peer))
        return PATH_PEERS_MAX;
    return is_update ? find_peer(table, peer) : add_peer(table, peer);
}

static struct seen_peer *choose(struct loading *l, struct seen_peer *seen, const struct mrt_peer *peer, bool is_update)
{
    seen->own = choose_own(l, peer, is_update);
    seen->upstream = choose_upstream(l, peer, is_update);
    seen->is_of_table = !is_update;
    l->table_peers += !is_update;
    return seen;
}

/** A peer whose updates stood before its table is chosen again. */
static struct seen_peer *see_again(struct loading *l, size_t index, const struct mrt_peer *peer, bool is_update)
{
    struct seen_peer *seen = &l->seen[index];
    l->last = index;
    return is_update || seen->is_of_table ? seen : choose(l, seen, peer, false);
}

/** @return NULL when there are too many peers. */
static struct seen_peer *see_peer(struct loading *l, const struct mrt_peer *peer, bool is_update)
{
    struct seen_peer *last = &l->seen[l->last];
    if (l->last < l->seen_count && last->asn == peer->asn && ip_equal(&last->address, &peer->address))
        return see_again(l, l->last, peer, is_update);
    size_t at = hash_bytes(&peer->address, sizeof(peer->address), hash_seed() + peer->asn) % SEEN_SLOTS;
    for (; l->slots[at] != 0; at = (at + 1) % SEEN_SLOTS) {
        struct seen_peer *seen = &l->seen[l->slots[at] - 1];
        if (seen->asn == peer->asn && ip_equal(&seen->address, &peer->address))
            return see_again(l, (size_t)l->slots[at] - 1U, peer, is_update);
    }
    if (l->seen_count == PATH_PEERS_MAX)
        return NULL;
    struct seen_peer *ret = &l->seen[l->seen_count];
    *ret = (struct seen_peer){.address = peer->address, .asn = peer->asn};
    choose(l, ret, peer, is_update);
    l->last = l->seen_count++;
    l->slots[at] = (uint16_t)l->seen_count;
    return ret;
}

/** A table takes the place of the one before; several files of one time are one table. @return false: it is older. */
static bool take_time_of_table(struct loading *l, struct path_table *table, size_t peer, bool is_v6, int64_t time_sec)
{
    struct path_feed *feed = &table->peers[peer].feeds[is_v6];
    bool goes_on = feed->has_table && (feed->table == number_of(l) || feed->table_sec == time_sec);
    if (!goes_on && time_sec < feed->heard_sec) {
        l->paths->early_routes++;
        l->early++;
        return false;
    }
    if (!goes_on && feed->has_table)
        path_table_drop_feed(table, peer, is_v6);
    if (!goes_on) {
        bool is_dropped = feed->is_dropped;
        *feed = (struct path_feed){.is_dropped = is_dropped, .has_table = true};
    }
    feed->table = number_of(l);
    if (time_sec > feed->heard_sec)
        feed->table_sec = feed->heard_sec = feed->known_sec = time_sec;
    return true;
}

/** @return false: it is older than what is known. */
static bool take_time_of_update(struct loading *l, struct path_feed *feed, int64_t time_sec)
{
    if (!feed->has_table) {
        l->paths->orphan_updates++;
        return false;
    }
    if (time_sec < feed->heard_sec) {
        l->paths->early_updates++;
        return false;
    }
    if (time_sec - feed->known_sec <= l->paths->stale_after_sec)
        feed->known_sec = time_sec;
    feed->heard_sec = time_sec;
    return true;
}

static void take_into(struct loading *l, struct path_table *table, size_t peer, const struct mrt_route *route)
{
    bool is_v6 = route->prefix.is_v6;
    int64_t time_sec = route->record->time_sec;
    if (route->kind == MRT_IN_TABLE ? !take_time_of_table(l, table, peer, is_v6, time_sec)
                                    : !take_time_of_update(l, &table->peers[peer].feeds[is_v6], time_sec))
        return;
    table->peers[peer].source = number_of(l);
    l->file->used++;
    if (route->kind == MRT_WITHDRAWN)
        path_table_withdraw(table, peer, &route->prefix);
    else if (route->attributes == NULL)
        path_table_announce_unreadable(table, peer, &route->prefix);
    else
        path_table_announce(table, peer, &route->prefix, route->attributes->path, route->originated_sec);
}

static void take_from(struct loading *l, const struct seen_peer *seen, const struct mrt_route *route)
{
    if (seen->own < PATH_PEERS_MAX)
        take_into(l, &l->paths->own, seen->own, route);
    if (seen->upstream < PATH_PEERS_MAX)
        take_into(l, &l->paths->upstream, seen->upstream, route);
}

/**
 * A route of our own hides whatever surrounds it. Some routers tell such routes as of a peer of their own that has no
 * other: it makes no second peer of the file.
 */
static void take_local(struct loading *l, const struct mrt_route *route)
{
    struct paths *paths = l->paths;
    size_t own = find_peer(&paths->own, &route->peer);
    bool is_update = route->kind != MRT_IN_TABLE, is_itself = route->peer.asn == 0;
    bool may_be_ours = paths->choice == CHOICE_ONLY ? !l->is_many && l->local == PATH_PEERS_MAX
                                                    : is_itself || matches_choice(paths, &route->peer);
    paths->local_routes++;
    if (!is_update && own == PATH_PEERS_MAX && may_be_ours)
        own = l->local = add_peer(&paths->own, &route->peer);
    if (own < PATH_PEERS_MAX)
        take_into(l, &paths->own, own, route);
}

static void note_order(struct loading *l, const struct mrt_route *route)
{
    const struct ip_address *base = &route->prefix.prefix.base;
    l->is_unordered |= ip_compare(base, &l->last_base) < 0;
    l->last_base = *base;
}

static void on_unreadable(void *context, const struct mrt_route *route)
{
    struct loading *l = context;
    l->is_told = true;
    note_order(l, route);
    if (route->safi == SAFI_MULTICAST)
        return;
    for (size_t i = 0; route->is_of_nobody && i < l->seen_count; i++)
        take_from(l, &l->seen[i], route);
    struct seen_peer *seen = route->is_of_nobody ? NULL : see_peer(l, &route->peer, false);
    if (seen != NULL)
        take_from(l, seen, route);
}

static void on_route(void *context, const struct mrt_route *route)
{
    struct loading *l = context;
    bool is_update = route->kind != MRT_IN_TABLE;
    if (!is_update)
        note_order(l, route);
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
        take_local(l, route);
        return;
    }
    struct seen_peer *seen = see_peer(l, &route->peer, is_update);
    if (seen == NULL)
        return;
    seen->routes++;
    take_from(l, seen, route);
    if (!is_update || seen->own < PATH_PEERS_MAX || seen->upstream < PATH_PEERS_MAX)
        return;
    bool has_table = l->paths->own.peer_count > 0 || l->paths->upstream.peer_count > 0;
    l->paths->strange_updates += has_table;
    l->paths->orphan_updates += !has_table;
}

static void end_session(struct path_table *table, size_t peer, int64_t time_sec)
{
    if (peer == PATH_PEERS_MAX)
        return;
    const struct path_feed *feeds = table->peers[peer].feeds;
    if (time_sec >= feeds[0].heard_sec && time_sec >= feeds[1].heard_sec)
        path_table_drop_peer(table, peer);
}

static void on_state(void *context, const struct mrt_state *state)
{
    struct loading *l = context;
    if (state->before != MRT_ESTABLISHED || state->after == MRT_ESTABLISHED)
        return;
    end_session(&l->paths->own, find_peer(&l->paths->own, &state->peer), state->record->time_sec);
    end_session(&l->paths->upstream, find_peer(&l->paths->upstream, &state->peer), state->record->time_sec);
}

/** Damage that may hide routes of a table; where it does not, the rest of a file is as good as without it. */
static bool hides_routes(enum trouble what)
{
    return what == TROUBLE_PACKING || what == TROUBLE_HEADER_CUT || what == TROUBLE_RECORD_CUT ||
           what == TROUBLE_RECORD_LONG || what == TROUBLE_FIELDS || what == TROUBLE_PREFIX;
}

static void tear(struct path_table *table, uint8_t number, const struct ip_address *from)
{
    for (size_t i = 0; i < table->peer_count; i++)
        for (unsigned k = 0; k < 2; k++) {
            struct path_feed *feed = &table->peers[i].feeds[k];
            if (!feed->has_table || feed->table != number)
                continue;
            feed->is_torn = true;
            feed->torn_from = *from;
        }
}

/** A table in order lacks what stands behind the damage, any other may lack anything. */
static void tear_tables(struct loading *l)
{
    static const struct ip_address everything;
    const struct ip_address *from = l->is_unordered ? &everything : &l->torn_from;
    if (!l->is_torn)
        return;
    tear(&l->paths->own, number_of(l), from);
    tear(&l->paths->upstream, number_of(l), from);
    l->paths->has_torn_tables = true;
}

static void on_trouble(void *context, const struct mrt_trouble *trouble)
{
    struct loading *l = context;
    l->paths->troubles[trouble->what]++;
    l->file->troubles++;
    if (!l->is_told && !l->is_torn && l->updates == 0 && hides_routes(trouble->what)) {
        l->is_torn = true;
        l->torn_from = l->last_base;
    }
    l->is_told = false;
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
    bool has_own = l->local < PATH_PEERS_MAX, has_upstream = false;
    for (size_t i = 0; i < l->seen_count; i++) {
        has_own |= l->seen[i].own < PATH_PEERS_MAX;
        has_upstream |= l->seen[i].upstream < PATH_PEERS_MAX;
    }
    if (partial != NULL && !has_own)
        return arena_print(l->paths->arena, "AS%u has %llu of %llu routes in it: no full feed", partial->asn,
                           (unsigned long long)partial->routes, (unsigned long long)most);
    if (l->early > 0 && l->file->used == 0)
        return "older than the table that is in use: not taken";
    if (has_own)
        return l->tables > 0 ? "our own table" : "keeps our own table current";
    if (has_upstream)
        return l->tables > 0 ? "a full feed of our upstream" : "keeps our upstream's table current";
    if (l->is_many)
        return arena_print(l->paths->arena,
                           "%zu peers, none of them chosen: name your router with --rib-peer, or your upstream with "
                           "--upstream-asn",
                           l->seen_count);
    if (l->tables == 0 && l->updates > 0 && l->paths->own.peer_count + l->paths->upstream.peer_count == 0)
        return "updates without a table that they could keep current";
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
    if (l->early > 0 && file->troubles++ == 0)
        file->trouble = "older than the table that is in use: not taken";
    tear_tables(l);
    paths_print_time(file->time_sec, l->paths->file_times[file - l->paths->files]);
    path_table_settle(&l->paths->own);
    path_table_settle(&l->paths->upstream);
}

enum status paths_load(struct paths *paths, const char *path, struct error *error)
{
    struct loading l = {.paths = paths, .file = paths_add_file(paths, path, error), .local = PATH_PEERS_MAX};
    if (l.file == NULL)
        return STATUS_UNSUPPORTED;
    struct mrt_visitor visitor = {on_route, on_state, on_trouble, &l, on_unreadable};
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
