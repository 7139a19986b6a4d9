/*
 * What loading and merging the databases gave, kept in one file for the next start: reading 50 MB of tables takes 0.2
 * s, mapping their image a few milliseconds. An image is the memory of this very program for these very files: its key
 * holds both, so it needs no format and is never converted, only thrown away.
 */
#ifndef BORDERTAP_GEO_CACHE_INTERNAL_H
#define BORDERTAP_GEO_CACHE_INTERNAL_H

#include "sources_internal.h"

/** Which image belongs to some databases. */
struct geo_cache_key {
    uint64_t place; /* names the file: the paths as given */
    uint64_t state; /* must be equal: every file with size and time, and the program */
    uint64_t bytes; /* of all files */
};

/** @return false when a file cannot be looked at: then loading will say why. */
bool geo_cache_key_of(const char *const *paths, size_t count, struct geo_cache_key *ret);

/** Fills an empty @p geo. @return false, and @p geo untouched, when there is no good image. */
bool geo_cache_load(struct geo *geo, const char *folder, const struct geo_cache_key *key);

/** Writes the image of a geo without operators; whatever goes wrong, the next start will only be slower. */
void geo_cache_save(const struct geo *geo, const char *folder, const struct geo_cache_key *key);

void geo_image_close(struct geo_image *image);

#endif
