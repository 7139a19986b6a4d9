#include "paths/bmp_feed_internal.h"

#include <stdlib.h>

enum rib { RIB_NONE, RIB_IN, RIB_IN_POST_POLICY, RIB_LOCAL };

struct bmp_feed {
    struct paths *paths;
    struct paths_file *file;
    struct ip_address router;
    struct bmp_parser *parser;
    enum rib best; /* of those told so far */
    int64_t now_sec;
};

static enum rib rib_of(const struct bmp_peer *peer)
{
    bool is_of_an_instance = peer->distinguisher != 0 || peer->type == 1 || peer->type == 2;
    if (is_of_an_instance || peer->is_sent || peer->type > BMP_PEER_LOC_RIB)
        return RIB_NONE;
    return peer->type == BMP_PEER_LOC_RIB ? RIB_LOCAL : peer->is_post_policy ? RIB_IN_POST_POLICY : RIB_IN;
}

static bool is_ours(const struct bmp_feed *feed, const struct path_peer *peer)
{
    return peer->is_live && peer->source == (uint32_t)(feed->file - feed->paths->files);
}

static void drop_all(struct bmp_feed *feed)
{
    struct path_table *own = &feed->paths->own;
    for (size_t i = 0; i < own->peer_count; i++)
        if (is_ours(feed, &own->peers[i])) {
            path_table_drop_peer(own, i);
            own->peers[i].is_live = false;
        }
}

/** @return PATH_PEERS_MAX: nothing of this peer is used. */
static size_t peer_in_use(struct bmp_feed *feed, const struct bmp_peer *peer)
{
    enum rib rib = rib_of(peer);
    if (rib == RIB_NONE || rib < feed->best)
        return PATH_PEERS_MAX;
    if (rib > feed->best)
        drop_all(feed);
    feed->best = rib;
    return path_table_peer(&feed->paths->own, rib == RIB_LOCAL ? &feed->router : &peer->address, peer->asn);
}

static void on_route(void *context, const struct bmp_peer *peer, const struct bgp_change *change)
{
    struct bmp_feed *feed = context;
    struct path_table *own = &feed->paths->own;
    bool is_local =
        change->attributes != NULL && (!change->attributes->has_path || change->attributes->path.length == 0);
    feed->paths->local_routes += is_local;
    feed->paths->doubtful_updates += change->is_doubtful;
    if (change->is_doubtful || change->safi == SAFI_MULTICAST)
        return;
    size_t number = peer_in_use(feed, peer);
    if (number == PATH_PEERS_MAX)
        return;
    own->peers[number].is_live = true;
    own->peers[number].source = (uint8_t)(feed->file - feed->paths->files);
    feed->file->used++;
    int64_t time_sec = peer->time_sec != 0 ? peer->time_sec : feed->now_sec;
    if (change->is_withdrawal)
        path_table_withdraw(own, number, &change->prefix);
    else
        path_table_announce(own, number, &change->prefix, change->attributes->path, (uint32_t)time_sec);
}

static void on_peer_down(void *context, const struct bmp_peer *peer)
{
    struct bmp_feed *feed = context;
    struct path_table *own = &feed->paths->own;
    const struct ip_address *address = peer->type == BMP_PEER_LOC_RIB ? &feed->router : &peer->address;
    for (size_t i = 0; i < own->peer_count && rib_of(peer) == feed->best; i++)
        if (is_ours(feed, &own->peers[i]) && own->peers[i].asn == peer->asn &&
            ip_equal(&own->peers[i].address, address))
            path_table_drop_peer(own, i);
}

enum status bmp_feed_open(struct paths *paths, const struct ip_address *router, struct bmp_feed **ret,
                          struct error *error)
{
    char name[8 + IP_TEXT_SIZE] = "bmp:";
    struct bmp_feed *feed = calloc(1, sizeof(*feed));
    if (feed == NULL)
        return error_set(error, STATUS_NO_MEMORY, "BMP: no memory for a session");
    ip_print(router, name + strlen(name));
    feed->paths = paths;
    feed->router = *router;
    feed->parser = bmp_parser_new(&(struct bmp_visitor){on_route, NULL, on_peer_down, feed});
    for (size_t i = 0; i < paths->file_count; i++) /* a router that comes back has its place already */
        if (strcmp(paths->files[i].path, name) == 0)
            feed->file = &paths->files[i];
    if (feed->file == NULL)
        feed->file = paths_add_file(paths, name, error);
    if (feed->parser == NULL)
        error_set(error, STATUS_NO_MEMORY, "BMP: no memory for a session");
    if (feed->file == NULL || feed->parser == NULL) {
        bmp_feed_close(feed);
        return STATUS_NO_MEMORY;
    }
    feed->file->kind = "bmp";
    feed->file->use = "our own table, told by our router";
    *ret = feed;
    return STATUS_OK;
}

enum status bmp_feed_take(struct bmp_feed *feed, const uint8_t *bytes, size_t length, int64_t now_sec)
{
    feed->now_sec = now_sec;
    return bmp_parser_take(feed->parser, bytes, length);
}

void bmp_feed_settle(struct bmp_feed *feed, int64_t now_sec)
{
    struct path_table *own = &feed->paths->own;
    size_t peers = 0;
    for (size_t i = 0; i < own->peer_count; i++)
        if (is_ours(feed, &own->peers[i])) {
            own->peers[i].feeds[0].known_sec = own->peers[i].feeds[1].known_sec = now_sec;
            peers++;
        }
    feed->file->peers = peers;
    feed->file->time_sec = now_sec;
    paths_print_time(now_sec, feed->paths->file_times[feed->file - feed->paths->files]);
    path_table_settle(own);
    feed->file->prefixes = own->sorted_count;
    paths_explain_nothing(feed->paths);
}

void bmp_feed_close(struct bmp_feed *feed)
{
    if (feed == NULL)
        return;
    if (feed->file != NULL) {
        drop_all(feed);
        path_table_settle(&feed->paths->own);
        paths_explain_nothing(feed->paths);
    }
    bmp_parser_free(feed->parser);
    free(feed);
}

const struct bmp_parser *bmp_feed_parser(const struct bmp_feed *feed)
{
    return feed->parser;
}
