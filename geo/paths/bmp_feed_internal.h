/*
 * A BMP session into the table of our own routes. A router may tell its table several times over: as it came in, after
 * its policy, and as it chose (Loc-RIB). The last of these that is told is used alone.
 */
#ifndef BORDERTAP_GEO_PATHS_BMP_FEED_INTERNAL_H
#define BORDERTAP_GEO_PATHS_BMP_FEED_INTERNAL_H

#include "paths/bmp_internal.h"
#include "paths/paths_internal.h"

struct bmp_feed;

/** @param router address of the session's other end. */
enum status bmp_feed_open(struct paths *paths, const struct ip_address *router, struct bmp_feed **ret,
                          struct error *error);
/** As bmp_parser_take(). @param now_sec stands for times that the router does not tell. */
enum status bmp_feed_take(struct bmp_feed *feed, const uint8_t *bytes, size_t length, int64_t now_sec);
/** What was told holds at @p now_sec: look-ups see it from now on. */
void bmp_feed_settle(struct bmp_feed *feed, int64_t now_sec);
/** The session ended: its routes go. Takes NULL. */
void bmp_feed_close(struct bmp_feed *feed);

const struct bmp_parser *bmp_feed_parser(const struct bmp_feed *feed);

#endif
