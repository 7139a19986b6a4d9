/* AS paths as they are on the wire. */
#ifndef BORDERTAP_GEO_PATHS_AS_PATH_INTERNAL_H
#define BORDERTAP_GEO_PATHS_AS_PATH_INTERNAL_H

#include "paths/bgp_internal.h"

/** Whether the segments fill the path exactly and are of known types. */
bool as_path_is_whole(struct as_path path);

/**
 * RFC 6793, 4.2.3: replaces the end of a path of 16-bit numbers by AS4_PATH, of @p four_bytes.
 * @param bytes where the new path is written, @p most of them; it points there afterwards.
 * @return false and @p path untouched when AS4_PATH is the longer one or there is no room.
 */
bool as_path_repair(struct as_path *path, struct as_path four_bytes, uint8_t *bytes, size_t most);

#endif
