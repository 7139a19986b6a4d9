/*
 * The last packets are remembered in a ring, by a hash of what a router or switch does not change, with the time.
 * A ring, not a cache: what is remembered depends on the packets alone, never on the seed, so every run says the
 * same. The seed keeps an attacker from making packets that look like copies of others.
 *
 * How close two equal packets must be is measured on real captures. Copies from a doubled mirror port are under
 * 20 us apart (a home line recorded twice, 1,046 of 1,046 pairs). An IPv4 packet with an identification is never
 * sent twice with the same one, so there the window can be generous. Without one (IPv6, and Linux where
 * fragmentation is forbidden) equal packets also come from hosts that answer a burst with equal resets or
 * acknowledgements, 4 us to 1 ms apart (a capture of Ethereum peers, 124 of them under 20 us): these are copies
 * only when something on the way changed, and packets with a payload when they come faster than any host repeats
 * itself: the quickest retransmission waits a round trip.
 */
#include "duplicates.h"
#include "hash.h"
#include "wire.h"

#include <stdlib.h>

enum {
    RING = 4096,      /* packets remembered; a power of two */
    HEAD_SAMPLE = 64, /* bytes from the transport header on: ports, sequence, checksum, first payload */
    TAIL_SAMPLE = 16,
};

#define WINDOW_WITH_ID_NS (5000 * NS_PER_USEC)
#define WINDOW_CHANGED_NS (2000 * NS_PER_USEC) /* no identification, but another TTL, VLAN or MAC */
#define WINDOW_EQUAL_NS (50 * NS_PER_USEC)     /* no identification, all equal, with payload */

struct remembered {
    uint64_t hash;
    struct packet_time time;
    uint32_t previous; /* serial of the packet before it in the same bucket */
    uint32_t path;     /* hash of what may change on the way */
};

struct duplicates {
    uint64_t seed;
    uint32_t serial; /* of the last packet remembered; 0 none. Wraps after 2^32: an entry is then at worst forgotten */
    uint32_t buckets[RING]; /* serial of the last packet in each */
    struct remembered ring[RING];
    uint64_t equal, changed;
};

enum status duplicates_new(struct duplicates **ret)
{
    struct duplicates *duplicates = calloc(1, sizeof(*duplicates));
    if (!duplicates)
        return STATUS_NO_MEMORY;
    duplicates->seed = hash_seed();
    *ret = duplicates;
    return STATUS_OK;
}

static uint32_t header_length(const struct decoded *packet)
{
    uint32_t length = packet->ip[0] >> 4 == 4 ? (packet->ip[0] & 0x0fu) * 4 : 40;
    return length < packet->ip_len ? length : packet->ip_len;
}

/* What a router leaves alone: all but traffic class, TTL, header checksum. Options and extension headers are in the
 * sample. */
static uint64_t content_hash(const struct duplicates *duplicates, const struct decoded *packet)
{
    struct {
        struct ip_address source, destination;
        uint32_t length, id;
        uint8_t fragment[2], protocol, zero[5];
    } fixed = {
        packet->source, packet->destination, packet->payload_wire_len, packet->ip_id, {0}, packet->protocol, {0}};
    if (packet->ip[0] >> 4 == 4)
        memcpy(fixed.fragment, packet->ip + 6, 2);
    uint64_t hash = hash_bytes(&fixed, sizeof(fixed), duplicates->seed);

    uint32_t header = header_length(packet), rest = packet->ip_len - header;
    uint32_t head = rest < HEAD_SAMPLE ? rest : HEAD_SAMPLE;
    hash = hash_bytes(packet->ip + header, head, hash);
    if (packet->payload_len != packet->payload_wire_len) /* cut: where differs with the tags before it */
        return hash;
    uint32_t tail = rest - head < TAIL_SAMPLE ? rest - head : TAIL_SAMPLE;
    return hash_bytes(packet->ip + packet->ip_len - tail, tail, hash);
}

static uint32_t path_hash(const struct decoded *packet)
{
    uint64_t macs[2] = {(uint64_t)packet->vlan << 8 | packet->hop_limit, 0};
    if (packet->source_mac) {
        memcpy((uint8_t *)macs + 4, packet->source_mac, 6);
        if (packet->destination_mac)
            memcpy((uint8_t *)macs + 10, packet->destination_mac, 6);
    }
    return (uint32_t)hash_fold(macs[0] ^ UINT64_C(0xa0761d6478bd642f), macs[1] ^ UINT64_C(0xe7037ed1a0b428db));
}

static const struct remembered *find(const struct duplicates *duplicates, uint64_t hash)
{
    uint32_t serial = duplicates->buckets[hash % RING];
    while (serial != 0 && duplicates->serial - serial < RING) {
        const struct remembered *entry = &duplicates->ring[serial % RING];
        if (entry->hash == hash)
            return entry;
        if (entry->previous >= serial) /* only where serials have wrapped */
            return NULL;
        serial = entry->previous;
    }
    return NULL;
}

static bool is_bare(const struct decoded *packet)
{
    return packet->protocol == IP_PROTO_TCP && packet->payload_wire_len == 0;
}

static bool is_copy(const struct decoded *packet, const struct remembered *earlier, bool is_changed)
{
    int64_t apart = packet_time_between(earlier->time, packet->time);
    if (apart < 0)
        return false;
    if (packet->ip_id != 0)
        return apart <= WINDOW_WITH_ID_NS;
    if (is_changed)
        return apart <= WINDOW_CHANGED_NS;
    return !is_bare(packet) && apart <= WINDOW_EQUAL_NS;
}

static void remember(struct duplicates *duplicates, uint64_t hash, uint32_t path, struct packet_time time)
{
    uint32_t serial = ++duplicates->serial;
    if (serial == 0)
        serial = ++duplicates->serial;
    uint32_t *bucket = &duplicates->buckets[hash % RING];
    duplicates->ring[serial % RING] = (struct remembered){hash, time, *bucket, path};
    *bucket = serial;
}

bool duplicates_check(struct duplicates *duplicates, const struct decoded *packet)
{
    uint64_t hash = content_hash(duplicates, packet);
    uint32_t path = path_hash(packet);
    const struct remembered *earlier = find(duplicates, hash);
    if (earlier) {
        bool is_changed = earlier->path != path;
        if (is_copy(packet, earlier, is_changed)) {
            *(is_changed ? &duplicates->changed : &duplicates->equal) += 1;
            return true;
        }
    }
    remember(duplicates, hash, path, packet->time);
    return false;
}

void duplicates_count(const struct duplicates *duplicates, counter_visit *visit, void *context)
{
    visit(context, &(struct counter){"duplicates", "packets_equal", duplicates->equal});
    visit(context, &(struct counter){"duplicates", "packets_changed_on_the_way", duplicates->changed});
}

void duplicates_free(struct duplicates *duplicates)
{
    free(duplicates);
}
