#include "flow_path.h"

#include <stdio.h>

unsigned path_hops(uint8_t hop_limit)
{
    unsigned initial = hop_limit <= 32 ? 32 : hop_limit <= 64 ? 64 : hop_limit <= 128 ? 128 : 255;
    return initial - hop_limit;
}

const char *path_change_print(const struct path_change *change, char ret[static PATH_CHANGE_TEXT_SIZE])
{
    snprintf(ret, PATH_CHANGE_TEXT_SIZE,
             "path changed: the remote's packets came over %u hops (hop limit %u), then %u (%u): another path, or "
             "another machine answered",
             path_hops(change->from), change->from, path_hops(change->to), change->to);
    return ret;
}
