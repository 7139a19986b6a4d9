/*
 * A datagram in the making is one buffer and one bit per 8 bytes of it: offsets are multiples of 8 by format, so
 * the bits say exactly what is missing and what overlaps, whatever the order. A finished datagram leaves its key
 * behind for a moment: a doubled capture delivers the last fragment once more, and it must not open a new one.
 */
#include "fragment_internal.h"
#include "hash.h"
#include "wire.h"

#include <stdlib.h>

enum {
    UNIT = 8,
    UNITS_MAX = 65536 / UNIT,
    HEADER_ROOM = 256, /* before the payload: 60 bytes of IPv4, or IPv6 with a few extension headers */
    BUFFER_FIRST = 4096,
    DONE_MAX = 16, /* one a nesting level is possible */
    NONE = 0xffff,
};

#define FRAGMENT_REPEAT_NS (50 * 1000 * NS_PER_USEC) /* a finished key is remembered this long */

enum datagram_state {
    DATAGRAM_FREE,
    DATAGRAM_OPEN,
    DATAGRAM_DONE,    /* delivered: the key alone is kept */
    DATAGRAM_DROPPED, /* had an overlap: what else comes of it is dropped (RFC 5722) */
};

struct datagram_key { /* hashed and compared as bytes: no padding */
    struct ip_address source, destination;
    uint32_t id, tunnel_hash;
    uint8_t protocol, is_ipv6, zero[2];
};

struct datagram {
    struct datagram_key key;
    struct packet_time since;
    uint16_t next;         /* in its bucket, or of the free ones */
    uint16_t older, newer; /* in order of age */
    uint16_t bucket;
    uint8_t state;
    uint8_t protocol; /* of the first fragment */
    bool has_end;
    uint8_t *buffer; /* HEADER_ROOM, then `room` bytes of payload */
    uint32_t room;
    uint32_t header_len, next_header_at; /* 0: the first fragment is not here */
    uint32_t end;                        /* payload length once has_end; until then the furthest byte seen */
    uint32_t units_have;
    uint32_t frames_len;
    uint64_t have[UNITS_MAX / 64];
};

struct fragments {
    uint64_t seed;
    struct datagram datagrams[FRAGMENT_DATAGRAMS_MAX];
    uint16_t buckets[FRAGMENT_DATAGRAMS_MAX];
    uint16_t used; /* datagrams[] from here on were never touched, so they cost no memory */
    uint16_t free, oldest, newest;
    uint64_t bytes_held;
    struct {
        uint8_t *buffer;
        uint32_t size;
    } done[DONE_MAX];
    unsigned done_count;
    uint64_t completed, timed_out, evicted, repeated, overlapped, refused;
};

struct fragments *fragments_new(void)
{
    struct fragments *f = calloc(1, sizeof(*f));
    if (!f)
        return NULL;
    f->seed = hash_seed();
    f->oldest = f->newest = NONE;
    memset(f->buckets, 0xff, sizeof(f->buckets));
    f->free = NONE;
    return f;
}

static struct datagram_key key_of(const struct fragment *fragment)
{
    struct datagram_key key = {
        .source = fragment->source,
        .destination = fragment->destination,
        .id = fragment->id,
        .tunnel_hash = fragment->tunnel_hash,
        .protocol = fragment->is_ipv6 ? 0 : fragment->protocol, /* RFC 8200, 4.5 against RFC 791 */
        .is_ipv6 = fragment->is_ipv6,
    };
    return key;
}

static uint16_t bucket_of(const struct fragments *f, const struct datagram_key *key)
{
    return (uint16_t)(hash_bytes(key, sizeof(*key), f->seed) % FRAGMENT_DATAGRAMS_MAX);
}

static void age_unlink(struct fragments *f, struct datagram *d)
{
    *(d->older == NONE ? &f->oldest : &f->datagrams[d->older].newer) = d->newer;
    *(d->newer == NONE ? &f->newest : &f->datagrams[d->newer].older) = d->older;
}

static void age_append(struct fragments *f, struct datagram *d)
{
    uint16_t index = (uint16_t)(d - f->datagrams);
    d->older = f->newest;
    d->newer = NONE;
    *(f->newest == NONE ? &f->oldest : &f->datagrams[f->newest].newer) = index;
    f->newest = index;
}

static void bucket_unlink(struct fragments *f, const struct datagram *d)
{
    uint16_t *at = &f->buckets[d->bucket];
    while (&f->datagrams[*at] != d)
        at = &f->datagrams[*at].next;
    *at = d->next;
}

static void buffer_free(struct fragments *f, struct datagram *d)
{
    free(d->buffer);
    f->bytes_held -= d->room;
    d->buffer = NULL;
    d->room = 0;
}

static void datagram_remove(struct fragments *f, struct datagram *d)
{
    buffer_free(f, d);
    age_unlink(f, d);
    bucket_unlink(f, d);
    d->state = DATAGRAM_FREE;
    d->next = f->free;
    f->free = (uint16_t)(d - f->datagrams);
}

/* @param but may not go; NULL when any may. */
static void evict_oldest(struct fragments *f, const struct datagram *but)
{
    struct datagram *d = &f->datagrams[f->oldest];
    if (d == but)
        d = &f->datagrams[d->newer];
    f->evicted += d->state == DATAGRAM_OPEN;
    datagram_remove(f, d);
}

static void expire(struct fragments *f, struct packet_time now)
{
    while (f->oldest != NONE) {
        struct datagram *d = &f->datagrams[f->oldest];
        if (packet_time_between(d->since, now) <= FRAGMENT_TIMEOUT_SEC * NS_PER_SEC)
            return;
        f->timed_out += d->state == DATAGRAM_OPEN;
        datagram_remove(f, d);
    }
}

static struct datagram *find(struct fragments *f, const struct datagram_key *key, uint16_t bucket)
{
    for (uint16_t i = f->buckets[bucket]; i != NONE; i = f->datagrams[i].next)
        if (memcmp(&f->datagrams[i].key, key, sizeof(*key)) == 0)
            return &f->datagrams[i];
    return NULL;
}

static struct datagram *datagram_take(struct fragments *f)
{
    if (f->free == NONE && f->used < FRAGMENT_DATAGRAMS_MAX)
        return &f->datagrams[f->used++];
    if (f->free == NONE)
        evict_oldest(f, NULL);
    struct datagram *d = &f->datagrams[f->free];
    f->free = d->next;
    return d;
}

static struct datagram *datagram_begin(struct fragments *f, const struct datagram_key *key, uint16_t bucket,
                                       struct packet_time now)
{
    struct datagram *d = datagram_take(f);
    memset(d, 0, sizeof(*d));
    d->key = *key;
    d->since = now;
    d->state = DATAGRAM_OPEN;
    d->bucket = bucket;
    d->next = f->buckets[bucket];
    f->buckets[bucket] = (uint16_t)(d - f->datagrams);
    age_append(f, d);
    return d;
}

/* Room for @p need bytes of payload; other datagrams, oldest first, make way when the sum is too much. */
static bool buffer_grow(struct fragments *f, struct datagram *d, uint32_t need)
{
    if (need <= d->room)
        return true;
    uint32_t room = d->room ? d->room : BUFFER_FIRST;
    while (room < need)
        room *= 2;
    uint8_t *buffer = realloc(d->buffer, HEADER_ROOM + room);
    if (!buffer)
        return false;
    f->bytes_held += room - d->room;
    d->buffer = buffer;
    d->room = room;
    while (f->bytes_held > FRAGMENT_BYTES_MAX && f->oldest != f->newest)
        evict_oldest(f, d);
    return true;
}

static bool unit_is_set(const struct datagram *d, uint32_t unit)
{
    return d->have[unit / 64] >> (unit % 64) & 1;
}

/* Copies the units that are not there yet. @return how many there were already. */
static uint32_t copy_new_units(struct datagram *d, const struct fragment *fragment)
{
    uint32_t repeated = 0;
    for (uint32_t at = 0; at < fragment->length; at += UNIT) {
        uint32_t unit = (fragment->offset + at) / UNIT;
        if (unit_is_set(d, unit)) {
            repeated++;
            continue;
        }
        uint32_t left = fragment->length - at;
        memcpy(d->buffer + HEADER_ROOM + fragment->offset + at, fragment->data + at, left < UNIT ? left : UNIT);
        d->have[unit / 64] |= UINT64_C(1) << (unit % 64);
        d->units_have++;
    }
    return repeated;
}

/* @return how many units of @p fragment are there already. */
static uint32_t count_known_units(const struct datagram *d, const struct fragment *fragment)
{
    uint32_t known = 0;
    for (uint32_t at = 0; at < fragment->length; at += UNIT)
        known += unit_is_set(d, (fragment->offset + at) / UNIT);
    return known;
}

static void keep_header(struct datagram *d, const struct fragment *fragment)
{
    memcpy(d->buffer + HEADER_ROOM - fragment->header_len, fragment->header, fragment->header_len);
    d->header_len = fragment->header_len;
    d->next_header_at = fragment->next_header_at;
    d->protocol = fragment->protocol;
}

/* Makes the first fragment's header that of the whole datagram. */
static void patch_header(const struct datagram *d)
{
    uint8_t *ip = d->buffer + HEADER_ROOM - d->header_len;
    uint32_t total = d->header_len + d->end;
    if (d->key.is_ipv6) {
        ip[d->next_header_at] = d->protocol;
        ip[4] = (uint8_t)((total - 40) >> 8);
        ip[5] = (uint8_t)(total - 40);
    } else {
        ip[2] = (uint8_t)(total >> 8);
        ip[3] = (uint8_t)total;
        ip[6] = ip[7] = 0;
    }
}

static uint32_t datagram_length(bool is_ipv6, uint32_t header_len, uint32_t payload)
{
    return payload + header_len - (is_ipv6 ? 40 : 0); /* what the header's length field counts */
}

static enum fragment_result deliver(struct fragments *f, struct datagram *d, struct packet_time now,
                                    struct fragment_datagram *ret)
{
    if (datagram_length(d->key.is_ipv6, d->header_len, d->end) > 0xffff) {
        datagram_remove(f, d);
        return FRAGMENT_BEYOND_MAX;
    }
    patch_header(d);
    ret->ip = d->buffer + HEADER_ROOM - d->header_len;
    ret->length = d->header_len + d->end;
    ret->frames_len = d->frames_len;
    f->done[f->done_count].buffer = d->buffer;
    f->done[f->done_count++].size = d->room;
    d->buffer = NULL;
    d->room = 0;
    d->state = DATAGRAM_DONE;
    d->since = now;
    age_unlink(f, d);
    age_append(f, d);
    f->completed++;
    return FRAGMENT_COMPLETE;
}

/* The datagram's end is where its last fragment ends; no fragment may say otherwise. */
static bool end_agrees(struct datagram *d, const struct fragment *fragment)
{
    uint32_t end = fragment->offset + fragment->length;
    if (d->has_end)
        return fragment->has_more ? end < d->end : end == d->end;
    if (!fragment->has_more) {
        if (end < d->end)
            return false;
        d->has_end = true;
    }
    if (end > d->end)
        d->end = end;
    return true;
}

static enum fragment_result repeat(struct fragments *f)
{
    f->repeated++;
    return FRAGMENT_HELD;
}

static enum fragment_result drop_overlap(struct fragments *f, struct datagram *d)
{
    f->overlapped++;
    buffer_free(f, d);
    d->state = DATAGRAM_DROPPED;
    return FRAGMENT_OVERLAP;
}

static enum fragment_result refuse(struct fragments *f, struct datagram *d)
{
    f->refused++;
    datagram_remove(f, d);
    return FRAGMENT_REFUSED;
}

static enum fragment_result store(struct fragments *f, struct datagram *d, const struct fragment *fragment,
                                  struct fragment_datagram *ret)
{
    if (!end_agrees(d, fragment))
        return FRAGMENT_CONFLICT;
    uint32_t units = (fragment->length + UNIT - 1) / UNIT, known = count_known_units(d, fragment);
    if (known == units && memcmp(d->buffer + HEADER_ROOM + fragment->offset, fragment->data, fragment->length) == 0)
        return repeat(f);
    if (known > 0 && fragment->is_ipv6)
        return drop_overlap(f, d);
    if (!buffer_grow(f, d, fragment->offset + fragment->length))
        return refuse(f, d);
    if (fragment->offset == 0 && d->header_len == 0)
        keep_header(d, fragment);
    f->overlapped += copy_new_units(d, fragment) > 0;
    if (__builtin_add_overflow(d->frames_len, fragment->frame_len, &d->frames_len))
        d->frames_len = UINT32_MAX;
    if (d->has_end && d->header_len > 0 && d->units_have == (d->end + UNIT - 1) / UNIT)
        return deliver(f, d, fragment->time, ret);
    return FRAGMENT_HELD;
}

static enum fragment_result check(const struct fragments *f, const struct fragment *fragment)
{
    if (fragment->length == 0 || (fragment->has_more && fragment->length % UNIT))
        return FRAGMENT_BAD_LENGTH;
    uint32_t end = fragment->offset + fragment->length;
    if (fragment->length > 0xffff || datagram_length(fragment->is_ipv6, fragment->header_len, end) > 0xffff)
        return FRAGMENT_BEYOND_MAX;
    if (fragment->header_len > HEADER_ROOM || f->done_count == DONE_MAX)
        return FRAGMENT_REFUSED;
    return FRAGMENT_COMPLETE;
}

enum fragment_result fragments_add(struct fragments *f, const struct fragment *fragment, struct fragment_datagram *ret)
{
    enum fragment_result result = check(f, fragment);
    if (result != FRAGMENT_COMPLETE) {
        f->refused += result == FRAGMENT_REFUSED;
        return result;
    }
    expire(f, fragment->time);
    struct datagram_key key = key_of(fragment);
    uint16_t bucket = bucket_of(f, &key);
    struct datagram *d = find(f, &key, bucket);
    if (d && d->state == DATAGRAM_DONE) {
        if (packet_time_between(d->since, fragment->time) <= FRAGMENT_REPEAT_NS)
            return repeat(f);
        datagram_remove(f, d);
        d = NULL;
    }
    if (d && d->state == DATAGRAM_DROPPED)
        return FRAGMENT_OVERLAP;
    if (!d)
        d = datagram_begin(f, &key, bucket, fragment->time);
    return store(f, d, fragment, ret);
}

void fragments_release(struct fragments *f)
{
    while (f->done_count > 0) {
        f->done_count--;
        free(f->done[f->done_count].buffer);
        f->bytes_held -= f->done[f->done_count].size;
    }
}

static uint64_t count_open(const struct fragments *f)
{
    uint64_t open = 0;
    for (uint16_t i = f->oldest; i != NONE; i = f->datagrams[i].newer)
        open += f->datagrams[i].state == DATAGRAM_OPEN;
    return open;
}

/* At the end of input nothing more can complete what is open then. */
void fragments_count(const struct fragments *f, counter_visit *visit, void *context)
{
    const struct counter counters[] = {
        {"fragments", "datagrams_completed", f->completed}, {"fragments", "datagrams_timed_out", f->timed_out},
        {"fragments", "datagrams_evicted", f->evicted},     {"fragments", "datagrams_incomplete", count_open(f)},
        {"fragments", "fragments_repeated", f->repeated},   {"fragments", "fragments_overlapping", f->overlapped},
        {"fragments", "fragments_refused", f->refused},
    };
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
        visit(context, &counters[i]);
}

void fragments_free(struct fragments *f)
{
    if (!f)
        return;
    fragments_release(f);
    for (unsigned i = 0; i < f->used; i++)
        free(f->datagrams[i].buffer);
    free(f);
}
