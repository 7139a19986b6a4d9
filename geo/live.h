/*
 * Databases that can be exchanged for newer ones while others look up in them.
 *
 *   geo_live_open() -> geo_live_hold() ... geo_live_release() by any thread
 *                      geo_live_has_changed(), geo_live_reload() by one thread at a time -> geo_live_close()
 *
 * A reader holds what it looks up in, for as long as it does or points at texts of it (names, editions); a reload loads
 * beside it. The old databases go with their last reader.
 */
#ifndef BORDERTAP_GEO_LIVE_H
#define BORDERTAP_GEO_LIVE_H

#include "geo.h"

struct geo_live;

/** As geo_open_cached(). Texts of the arguments are copied. */
enum status geo_live_open(const char *const *paths, size_t count, const char *operators_file, const char *cache_folder,
                          struct geo_live **ret, struct error *error);
/** All readers have released what they held. NULL is fine. */
void geo_live_close(struct geo_live *live);

/** geo_know_networks() for what is in force, which nobody holds yet for look-ups, and for all that follows. */
enum status geo_live_know_networks(struct geo_live *live);

/** The databases in force; they and their texts are good until they are released. Never NULL. */
const struct geo *geo_live_hold(struct geo_live *live);
/** @param geo NULL is fine. */
void geo_live_release(struct geo_live *live, const struct geo *geo);

/**
 * Whether a file was changed, added or removed since it was loaded, by size, time and inode. It looks at most once in a
 * second of @p now_sec, and wants to see the same twice: a file that is still being written waits.
 */
bool geo_live_has_changed(struct geo_live *live, int64_t now_sec);

/**
 * Loads all of it anew and puts it in force. Refused, with a sentence that names the file, and what was in force stays:
 * what is damaged, has less than half of the ranges it had, was built before what is loaded, or knows none of
 * @p countries where it knew some.
 */
enum status geo_live_reload(struct geo_live *live, const struct country *countries, size_t count, struct error *error);

#endif
