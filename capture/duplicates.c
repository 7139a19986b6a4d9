/*
 * The last packets are remembered in a ring, by a hash of what a router or switch does not change, with the time.
 * A ring, not a cache: what is remembered depends on the packets alone, never on the seed, so every run says the
 * same. The seed keeps an attacker from making packets that look like copies of others.
 *
 * How close two equal packets must be is measured on real captures. Copies from a doubled mirror port are under
 * 20 us apart (a home line recorded twice, 1,046 of 1,046 pairs). An IPv4 packet with an identification is never
 * sent twice with the same one, so there the window can be generous, unless the host is one that writes the same into
 * all of its packets. Without one (IPv6, and Linux where fragmentation is forbidden) equal packets also come from hosts
 * that answer a burst with equal resets or acknowledgements, 4 us to 1 ms apart (a capture of Ethereum peers, 124 of
 * them under 20 us). These are copies when something on the way changed; a SYN, which no host repeats before a second
 * has passed; packets with a payload when they come faster than any host repeats itself: the quickest retransmission
 * waits a round trip. All others are copies where the port shows everything twice (doubling_internal.h), when they come
 * as late as copies do there.
 */
#include "duplicates.h"
#include "doubling_internal.h"
#include "hash.h"
#include "wire.h"

#include <stdlib.h>

enum {
    RING = 4096, /* packets remembered; a power of two */
    /* How far into the IP packet is looked: addresses, ports, sequence, checksum, first payload. */
    SAMPLE_IPV4 = 80,
    SAMPLE_IPV6 = 104,
    SHORT = 28,     /* less than any IPv4 packet with a transport header has */
    SENDERS = 4096, /* a power of two */
    PATH_MASK = 0x7fffffff,
    SEEN_WORDS = 2048, /* 32 KB of bits: one new packet in 20 falls on one that is set; a power of two */
};

#define WINDOW_WITH_ID_NS (5000 * NS_PER_USEC)
#define WINDOW_NS (2000 * NS_PER_USEC)     /* no identification, but a sign: another TTL, VLAN or MAC, SYN, doubling */
#define WINDOW_EQUAL_NS (50 * NS_PER_USEC) /* no identification, all equal, with payload */

struct remembered {
    uint64_t hash;
    struct packet_time time;
    uint32_t previous;                        /* serial of the packet before it in the same bucket */
    uint32_t path : 31, is_provable : 1;      /* hash of what may change on the way; only a copy can be equal so soon */
    uint32_t before_of_sender, before_of_all; /* places of the last provable packets before it, see struct doubling */
};

/* What is known of one address sending to another. A slot is the newest one's that falls there: what is forgotten
 * depends on the addresses alone, so here too every run says the same. */
struct sender {
    uint32_t tag;
    uint16_t last_id;
    bool id_is_constant;
    struct doubling doubling;
};

/*
 * Which hashes may be in the ring, a bit each: it tells nearly all new packets without a look at the ring, whose
 * cache misses would be waited for. Bits live for one to two rings' lengths, so none in the ring is without its bit.
 */
struct seen_word {
    uint64_t newer, older;
};

struct duplicates {
    struct seen_word seen[SEEN_WORDS];
    uint64_t seed, secret;
    uint32_t serial; /* of the last packet remembered; 0 none. Wraps after 2^32: an entry is then at worst forgotten */
    uint32_t buckets[RING]; /* serial of the last packet in each */
    struct remembered ring[RING];
    uint32_t seen_newer; /* hashes in `newer` */
    struct sender senders[SENDERS];
    struct doubling all;
    uint64_t equal, changed;
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

/* What may change on the way: TTL, VLAN, addresses of the link. 31 bits. */
static uint32_t path_hash(const struct decoded *packet)
{
    uint64_t source = mac_value(packet->source_mac) << 16 | packet->vlan;
    uint64_t destination = mac_value(packet->destination_mac) << 16 | packet->hop_limit;
    return (uint32_t)hash_fold(source ^ UINT64_C(0xa0761d6478bd642f), destination ^ UINT64_C(0xe7037ed1a0b428db)) >> 1;
}

static uint64_t seen_bit(uint64_t hash)
{
    return UINT64_C(1) << (hash >> 58);
}

static bool may_be_seen(const struct duplicates *duplicates, uint64_t hash)
{
    const struct seen_word *word = &duplicates->seen[(hash >> 32) % SEEN_WORDS];
    return (word->newer | word->older) & seen_bit(hash);
}

static void note_seen(struct duplicates *duplicates, uint64_t hash)
{
    if (duplicates->seen_newer++ == RING) {
        for (size_t i = 0; i < SEEN_WORDS; i++)
            duplicates->seen[i] = (struct seen_word){.older = duplicates->seen[i].newer};
        duplicates->seen_newer = 1;
    }
    duplicates->seen[(hash >> 32) % SEEN_WORDS].newer |= seen_bit(hash);
}

static const struct remembered *find(const struct duplicates *duplicates, uint64_t hash)
{
    if (!may_be_seen(duplicates, hash))
        return NULL;
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

static uint64_t sender_hash(const struct decoded *packet)
{
    uint64_t source[2], destination[2];
    memcpy(source, packet->source.octets, sizeof(source));
    memcpy(destination, packet->destination.octets, sizeof(destination));
    return hash_fold(source[0] ^ UINT64_C(0xa0761d6478bd642f), destination[0] ^ UINT64_C(0xe7037ed1a0b428db)) ^
           hash_fold(source[1] ^ UINT64_C(0x8ebc6af09c88c6e3), destination[1] ^ UINT64_C(0x589965cc75374cc3));
}

static struct sender *sender_of(struct duplicates *duplicates, uint64_t hash)
{
    struct sender *sender = &duplicates->senders[hash % SENDERS];
    uint32_t tag = (uint32_t)(hash >> 32);
    if (sender->tag != tag) {
        memset(sender, 0, sizeof(*sender));
        sender->tag = tag;
    }
    return sender;
}

/* Two packets in a row with the same one: it tells nothing of this sender's. */
static void note_id(struct sender *sender, uint16_t id)
{
    if (id == 0)
        return;
    sender->id_is_constant = id == sender->last_id;
    sender->last_id = id;
}

static bool has_id(const struct sender *sender, const struct decoded *packet)
{
    return packet->ip_id != 0 && !sender->id_is_constant;
}

static bool is_syn(const struct decoded *packet)
{
    return packet->protocol == IP_PROTO_TCP && packet->tcp_flags & TCP_SYN;
}

/* Hosts send equal ones in a row: answers to a burst. */
static bool is_bare(const struct decoded *packet)
{
    if (packet->protocol == IP_PROTO_ICMP || packet->protocol == IP_PROTO_ICMPV6)
        return true;
    return packet->protocol == IP_PROTO_TCP && packet->payload_wire_len == 0 && !(packet->tcp_flags & TCP_SYN);
}

/* A copy by itself, whatever the port does otherwise. */
static bool is_own_proof(const struct sender *sender, const struct decoded *packet, const struct remembered *earlier,
                         int64_t apart)
{
    if (is_syn(packet))
        return doubling_trust(&sender->doubling, earlier->before_of_sender) > TRUST_MIN;
    return !is_bare(packet) && apart <= WINDOW_EQUAL_NS;
}

/* An equal packet again: what speaks for the mirror port? */
enum likeness {
    IS_OTHER,
    IS_LATE_AS_COPIES, /* not enough, but it would fit */
    IS_COPY,
    IS_PROOF, /* and says that the port makes copies */
};

/* The sender's own packets say whether they are doubled; where they do not, those of all others. */
static enum likeness likeness_by_doubling(const struct duplicates *duplicates, const struct sender *sender,
                                          const struct remembered *earlier, int64_t apart)
{
    const struct doubling *own = &sender->doubling, *all = &duplicates->all;
    int trust = doubling_trust(own, earlier->before_of_sender);
    bool is_by_all = trust == 0;
    if (is_by_all)
        trust = doubling_trust(all, earlier->before_of_all);
    if (trust > 0 && doubling_fits(is_by_all ? all : own, apart))
        return IS_COPY;
    return doubling_fits(own, apart) ? IS_LATE_AS_COPIES : IS_OTHER;
}

static enum likeness likeness_of(const struct duplicates *duplicates, const struct sender *sender,
                                 const struct decoded *packet, const struct remembered *earlier, bool is_changed)
{
    int64_t apart = packet_time_between(earlier->time, packet->time);
    if (apart < 0)
        return IS_OTHER;
    if (has_id(sender, packet))
        return apart <= WINDOW_WITH_ID_NS ? IS_PROOF : IS_OTHER;
    if (apart > WINDOW_NS)
        return IS_OTHER;
    if (is_changed)
        return IS_COPY;
    return is_own_proof(sender, packet, earlier, apart) ? IS_PROOF
                                                        : likeness_by_doubling(duplicates, sender, earlier, apart);
}

/* A delay that was believed because of others is none to believe others by. */
static void note_delay(struct duplicates *duplicates, struct sender *sender, enum likeness likeness, int64_t apart)
{
    if (likeness == IS_PROOF) {
        doubling_set_delay(&sender->doubling, apart);
        doubling_set_delay(&duplicates->all, apart);
    } else if (likeness == IS_COPY && !sender->doubling.has_delay) {
        doubling_set_delay(&sender->doubling, duplicates->all.delay_ns);
    }
}

/* A packet came once more as it was. */
static void note_repeat(struct duplicates *duplicates, struct sender *sender, const struct remembered *earlier,
                        enum likeness likeness, int64_t apart)
{
    if (!earlier->is_provable)
        return;
    doubling_settle(&sender->doubling, earlier->before_of_sender + 1, likeness > IS_OTHER);
    doubling_settle(&duplicates->all, earlier->before_of_all + 1, likeness > IS_LATE_AS_COPIES);
    note_delay(duplicates, sender, likeness, apart);
}

static void remember(struct duplicates *duplicates, struct sender *sender, uint64_t hash, uint32_t path,
                     bool is_provable, struct packet_time time)
{
    uint32_t serial = ++duplicates->serial;
    if (serial == 0)
        serial = ++duplicates->serial;
    uint32_t *bucket = &duplicates->buckets[hash % RING];
    duplicates->ring[serial % RING] = (struct remembered){.hash = hash,
                                                          .time = time,
                                                          .previous = *bucket,
                                                          .path = path & PATH_MASK,
                                                          .is_provable = is_provable,
                                                          .before_of_sender = sender->doubling.provable,
                                                          .before_of_all = duplicates->all.provable};
    *bucket = serial;
    note_seen(duplicates, hash);
    sender->doubling.provable += is_provable;
    duplicates->all.provable += is_provable;
}

/* What comes again within this time says nothing by having no copy: it may be one that was not believed. */
static bool is_new(const struct remembered *earlier, const struct decoded *packet)
{
    return !earlier || packet_time_between(earlier->time, packet->time) > WINDOW_WITH_ID_NS;
}

/* @return whether @p packet is a copy of the equal one before it. */
static bool compare(struct duplicates *duplicates, struct sender *sender, const struct remembered *earlier,
                    const struct decoded *packet, uint32_t path)
{
    bool is_changed = earlier->path != path;
    enum likeness likeness = likeness_of(duplicates, sender, packet, earlier, is_changed);
    if (!is_changed && !is_new(earlier, packet))
        note_repeat(duplicates, sender, earlier, likeness, packet_time_between(earlier->time, packet->time));
    if (likeness < IS_COPY)
        return false;
    *(is_changed ? &duplicates->changed : &duplicates->equal) += 1;
    return true;
}

bool duplicates_check(struct duplicates *duplicates, const struct decoded *packet)
{
    uint64_t of_sender = sender_hash(packet);
    __builtin_prefetch(&duplicates->senders[of_sender % SENDERS], 1);
    uint64_t hash = content_hash(duplicates, packet);
    __builtin_prefetch(&duplicates->buckets[hash % RING], 1);
    uint32_t path = path_hash(packet);
    const struct remembered *earlier = find(duplicates, hash);
    struct sender *sender = sender_of(duplicates, of_sender);
    if (!earlier)
        note_id(sender, packet->ip_id);
    else if (compare(duplicates, sender, earlier, packet, path))
        return true;
    bool is_provable = is_new(earlier, packet) && (has_id(sender, packet) || !is_bare(packet));
    remember(duplicates, sender, hash, path, is_provable, packet->time);
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
