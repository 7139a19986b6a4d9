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
 *
 * A port that shows everything twice gives itself away: nearly every packet that could not be equal by chance has its
 * copy. While that is so the others are copies as well, when they come as soon as copies come.
 */
#include "duplicates.h"
#include "hash.h"
#include "wire.h"

#include <stdlib.h>

enum {
    RING = 4096, /* packets remembered; a power of two */
    /* How far into the IP packet is looked: addresses, ports, sequence, checksum, first payload. */
    SAMPLE_IPV4 = 80,
    SAMPLE_IPV6 = 104,
    SHORT = 28,      /* less than any IPv4 packet with a transport header has */
    PROOFS_MAX = 64, /* packets that say whether the port doubles; older ones count less and less */
};

#define WINDOW_WITH_ID_NS (5000 * NS_PER_USEC)
#define WINDOW_CHANGED_NS (2000 * NS_PER_USEC) /* no identification, but another TTL, VLAN or MAC */
#define WINDOW_EQUAL_NS (50 * NS_PER_USEC)     /* no identification, all equal, with payload */
#define WINDOW_DOUBLING_NS (200 * NS_PER_USEC) /* the same at most, where the port shows everything twice */

struct remembered {
    uint64_t hash;
    struct packet_time time;
    uint32_t previous; /* serial of the packet before it in the same bucket */
    uint32_t path;     /* hash of what may change on the way */
};

struct duplicates {
    uint64_t seed, secret;
    uint32_t serial; /* of the last packet remembered; 0 none. Wraps after 2^32: an entry is then at worst forgotten */
    uint32_t buckets[RING]; /* serial of the last packet in each */
    struct remembered ring[RING];
    uint64_t equal, changed;
    uint32_t provable, proven; /* recent packets that can prove a doubling, and those that did */
    int64_t copy_delay_ns;     /* of the last of these */
};

enum status duplicates_new(struct duplicates **ret)
{
    struct duplicates *duplicates = calloc(1, sizeof(*duplicates));
    if (!duplicates)
        return STATUS_NO_MEMORY;
    duplicates->seed = hash_seed();
    duplicates->secret = hash_fold(duplicates->seed ^ UINT64_C(0x8ebc6af09c88c6e3), UINT64_C(0xe7037ed1a0b428db));
    *ret = duplicates;
    return STATUS_OK;
}

/* 16 bytes into the hash with one multiplication. Both factors hold a secret: no input makes one of them zero. */
static uint64_t mix(const struct duplicates *duplicates, uint64_t hash, const uint64_t words[static 2])
{
    return hash_fold(words[0] ^ hash, words[1] ^ duplicates->secret);
}

static uint64_t mix_bytes(const struct duplicates *duplicates, uint64_t hash, const uint8_t bytes[static 16])
{
    uint64_t words[2];
    memcpy(words, bytes, sizeof(words));
    return mix(duplicates, hash, words);
}

/* All but traffic class, flow label, TTL and checksum, which routers change; addresses from `rest` on are hashed with
 * what follows them. */
static const struct stable_header {
    uint8_t mask[16];
    uint32_t rest;
} stable_ipv4 = {{0xff, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff}, 16},
  stable_ipv6 = {{0xf0, 0, 0, 0, 0xff, 0xff, 0xff}, 8};

/* A short packet is padded, so that 16 bytes can be taken anywhere. */
static uint64_t hash_short(const struct duplicates *duplicates, uint64_t hash, const uint8_t *bytes, uint32_t length)
{
    uint8_t padded[SHORT] = {0};
    memcpy(padded, bytes, length);
    return mix_bytes(duplicates, mix_bytes(duplicates, hash, padded), padded + SHORT - 16);
}

/* The IP header and what is behind it: first bytes and, when all was captured, last ones. */
static uint64_t content_hash(const struct duplicates *duplicates, const struct decoded *packet)
{
    const uint8_t *ip = packet->ip;
    const struct stable_header *stable = ip[0] >> 4 == 4 ? &stable_ipv4 : &stable_ipv6;
    uint64_t words[2], mask[2];
    memcpy(words, ip, sizeof(words));
    memcpy(mask, stable->mask, sizeof(mask));
    words[0] &= mask[0];
    words[1] &= mask[1];
    uint64_t hash = mix(duplicates, duplicates->seed, words);

    uint32_t at = stable->rest, length = packet->ip_len, end = ip[0] >> 4 == 4 ? SAMPLE_IPV4 : SAMPLE_IPV6;
    if (length < SHORT)
        return hash_short(duplicates, hash, ip + at, length - at);
    if (end > length)
        end = length;
    for (; at + 16 <= end; at += 16)
        hash = mix_bytes(duplicates, hash, ip + at);
    if (at < end)
        hash = mix_bytes(duplicates, hash, ip + end - 16);
    /* A cut packet ends elsewhere when another tag stands before it. */
    if (length > end && packet->payload_len == packet->payload_wire_len)
        hash = mix_bytes(duplicates, hash, ip + length - 16);
    return hash;
}

static uint64_t mac_value(const uint8_t *mac)
{
    return mac ? (uint64_t)load_be32(mac) << 16 | load_be16(mac + 4) : 0;
}

/* What may change on the way: TTL, VLAN, addresses of the link. */
static uint32_t path_hash(const struct decoded *packet)
{
    uint64_t source = mac_value(packet->source_mac) << 16 | packet->vlan;
    uint64_t destination = mac_value(packet->destination_mac) << 16 | packet->hop_limit;
    return (uint32_t)hash_fold(source ^ UINT64_C(0xa0761d6478bd642f), destination ^ UINT64_C(0xe7037ed1a0b428db));
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

/* Hosts send equal ones in a row: answers to a burst. */
static bool is_bare(const struct decoded *packet)
{
    if (packet->protocol == IP_PROTO_ICMP || packet->protocol == IP_PROTO_ICMPV6)
        return true;
    return packet->protocol == IP_PROTO_TCP && packet->payload_wire_len == 0;
}

/* Only a copy can be equal to it so soon. */
static bool can_prove(const struct decoded *packet)
{
    return packet->ip_id != 0 || !is_bare(packet);
}

static bool is_doubling(const struct duplicates *duplicates)
{
    return duplicates->proven > 0 && duplicates->proven * 8 >= duplicates->provable * 7;
}

static void note_provable(struct duplicates *duplicates)
{
    if (duplicates->provable == PROOFS_MAX) {
        duplicates->provable /= 2;
        duplicates->proven /= 2;
    }
    duplicates->provable++;
}

/* Triples prove no more than doubles; a delay that was believed because of others is none to believe others by. */
static void note_proof(struct duplicates *duplicates, const struct decoded *packet, int64_t apart)
{
    if (duplicates->proven < duplicates->provable)
        duplicates->proven++;
    if (packet->ip_id != 0 || apart <= WINDOW_EQUAL_NS)
        duplicates->copy_delay_ns = apart;
}

/* For equal packets without identification. */
static bool is_equal_copy(const struct duplicates *duplicates, const struct decoded *packet, int64_t apart)
{
    if (!is_doubling(duplicates))
        return !is_bare(packet) && apart <= WINDOW_EQUAL_NS;
    return apart <= duplicates->copy_delay_ns + WINDOW_EQUAL_NS && apart <= WINDOW_DOUBLING_NS;
}

static bool is_copy(const struct duplicates *duplicates, const struct decoded *packet, const struct remembered *earlier,
                    bool is_changed)
{
    int64_t apart = packet_time_between(earlier->time, packet->time);
    if (apart < 0)
        return false;
    if (packet->ip_id != 0)
        return apart <= WINDOW_WITH_ID_NS;
    if (is_changed)
        return apart <= WINDOW_CHANGED_NS;
    return is_equal_copy(duplicates, packet, apart);
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
        if (is_copy(duplicates, packet, earlier, is_changed)) {
            *(is_changed ? &duplicates->changed : &duplicates->equal) += 1;
            if (!is_changed && can_prove(packet))
                note_proof(duplicates, packet, packet_time_between(earlier->time, packet->time));
            return true;
        }
    }
    if (can_prove(packet))
        note_provable(duplicates);
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
