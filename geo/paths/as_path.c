#include <string.h>

#include "paths/as_path_internal.h"

bool as_path_next(struct as_path *rest, struct as_segment *ret)
{
    if (rest->length < 2)
        return false;
    size_t size = 2 + (size_t)rest->bytes[1] * rest->as_size;
    if (size > rest->length)
        return false;
    *ret = (struct as_segment){(enum as_segment_type)rest->bytes[0], rest->bytes[1], rest->as_size, rest->bytes + 2};
    rest->bytes += size;
    rest->length -= size;
    return true;
}

uint32_t as_segment_number(const struct as_segment *segment, unsigned i)
{
    const uint8_t *at = segment->numbers + (size_t)i * segment->as_size;
    return segment->as_size == 4 ? load_be32(at) : load_be16(at);
}

bool as_path_is_whole(struct as_path path)
{
    struct as_segment segment;
    while (as_path_next(&path, &segment))
        if (segment.type < AS_SEGMENT_SET || segment.type > AS_SEGMENT_CONFED_SET)
            return false;
    return path.length == 0;
}

static bool is_confederation(const struct as_segment *segment)
{
    return segment->type == AS_SEGMENT_CONFED_SEQUENCE || segment->type == AS_SEGMENT_CONFED_SET;
}

/** RFC 4271, 9.1.2.2 and RFC 5065, 5.3: a set counts as one, confederation segments do not count. */
static size_t path_count(struct as_path path)
{
    struct as_segment segment;
    size_t count = 0;
    while (as_path_next(&path, &segment))
        if (!is_confederation(&segment))
            count += segment.type == AS_SEGMENT_SET ? 1 : segment.count;
    return count;
}

struct room {
    uint8_t *bytes;
    size_t length, most;
};

/** Appends the first @p count numbers of a segment in four bytes each. */
static bool append(struct room *room, const struct as_segment *segment, unsigned count)
{
    if (2 + (size_t)count * 4 > room->most - room->length)
        return false;
    uint8_t *at = room->bytes + room->length;
    *at++ = (uint8_t)segment->type;
    *at++ = (uint8_t)count;
    for (unsigned i = 0; i < count; i++, at += 4) {
        uint32_t number = as_segment_number(segment, i);
        uint8_t four[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
        memcpy(at, four, 4);
    }
    room->length += 2 + (size_t)count * 4;
    return true;
}

/** Appends the leading @p count of what path_count() counts, and the confederation segments before its end. */
static bool append_leading(struct room *room, struct as_path path, size_t count)
{
    struct as_segment segment;
    while (count > 0 && as_path_next(&path, &segment)) {
        unsigned take = segment.count;
        if (segment.type == AS_SEGMENT_SEQUENCE && take > count)
            take = (unsigned)count;
        if (!is_confederation(&segment))
            count -= segment.type == AS_SEGMENT_SET ? 1 : take;
        if (!append(room, &segment, take))
            return false;
    }
    return true;
}

bool as_path_repair(struct as_path *path, struct as_path four_bytes, uint8_t *bytes, size_t most)
{
    size_t count = path_count(*path), known = path_count(four_bytes);
    struct room room = {bytes, 0, most};
    struct as_segment segment;
    if (known > count)
        return false;
    if (!append_leading(&room, *path, count - known))
        return false;
    while (as_path_next(&four_bytes, &segment))
        if (!is_confederation(&segment) && !append(&room, &segment, segment.count))
            return false;
    *path = (struct as_path){bytes, room.length, 4};
    return true;
}
