/* A sorted list of the stretches that are there, merged as the holes close. */
#include "tls_pieces_internal.h"

#include <string.h>

/** Writes only into holes: a later copy of a byte never replaces the first (an injected one may be either, but stays
 * the same). */
static void fill_holes(struct tls_pieces *pieces, uint32_t start, uint32_t end, const uint8_t *data)
{
    uint32_t at = start;
    for (unsigned i = 0; i < pieces->count && at < end; i++) {
        if (pieces->ranges[i].end <= at)
            continue;
        uint32_t stop = pieces->ranges[i].start < end ? pieces->ranges[i].start : end;
        if (stop > at)
            memcpy(pieces->data + at, data + (at - start), stop - at);
        at = pieces->ranges[i].end;
    }
    if (at < end)
        memcpy(pieces->data + at, data + (at - start), end - at);
}

bool tls_pieces_add(struct tls_pieces *pieces, uint64_t offset, const uint8_t *data, size_t length)
{
    if (length == 0)
        return true;
    if (offset > pieces->capacity || length > pieces->capacity - offset)
        return false;
    uint32_t start = (uint32_t)offset, end = (uint32_t)(offset + length);
    unsigned first = 0, last;
    while (first < pieces->count && pieces->ranges[first].end < start)
        first++;
    for (last = first; last < pieces->count && pieces->ranges[last].start <= end;)
        last++;
    if (first == last && pieces->count == TLS_PIECES_MAX)
        return false;
    fill_holes(pieces, start, end, data);

    if (first < last) { /* touches ranges first ... last - 1: they become one */
        start = pieces->ranges[first].start < start ? pieces->ranges[first].start : start;
        end = pieces->ranges[last - 1].end > end ? pieces->ranges[last - 1].end : end;
    }
    memmove(&pieces->ranges[first + 1], &pieces->ranges[last], (pieces->count - last) * sizeof(pieces->ranges[0]));
    pieces->ranges[first].start = start;
    pieces->ranges[first].end = end;
    pieces->count = (uint8_t)(pieces->count - (last - first) + 1);
    return true;
}
