/*
 * Bindings (host, remote address, name) in one hash table by host and address; latest first in their bucket. Each
 * binding is on two lists in order of use: all of its host's, and everybody's. A host may hold a sixteenth of the
 * table, the common memory a quarter: who floods answers pushes out its own. Address space is taken at the start, pages
 * as the table fills; names stand once each in a pool of 64-byte units (dns_memory_names.c). An answer that only leads
 * to another name is remembered too (dns_memory_aliases.c), and what that name is answered with is tied to the first.
 *
 * Clients hold addresses beyond their TTL, in caches of their own and in open connections: a host's binding serves for
 * an hour after max(TTL, 60 s), marked expired; one of the common memory, a guess about somebody else's cache, for a
 * minute.
 */
#include "dns_memory.h"

#include <assert.h>
#include <stdlib.h>

#include "dns_memory_internal.h"
#include "hash.h"
#include "name.h"

enum {
    TTL_MIN_SEC = 60,
    TTL_MAX_SEC = 86400,
    HOST_GRACE_SEC = 3600,
    COMMON_GRACE_SEC = 60,
    NAMES_PER_ADDRESS_MAX = 16,
    BINDINGS_LEAST = 64,
    ALIASES_SHARE = 64, /* bindings for one alias there is room for */
    NONE = 0,   /* no binding, host or name: they are numbered from 1, so that untouched memory is an empty table */
    COMMON = 1, /* index of the common memory among the hosts */
    LISTS = 2,  /* of a host, of all */
};

struct link {
    uint32_t newer, older;
};

struct binding {
    struct ip_address remote;
    uint32_t host, name, canonical; /* indices; canonical NONE: same as name */
    uint32_t bucket_next;
    struct link link[LISTS];
    int64_t expires_sec;
    struct packet_time learned; /* or last refreshed */
};

/** Least recently used is `oldest`. */
struct use_list {
    uint32_t newest, oldest, count;
};

struct host {
    struct ip_address address;
    struct use_list used;
    uint32_t bucket_next; /* also links the free ones */
};

struct dns_memory {
    uint64_t seed;
    struct dns_names *names;
    struct dns_aliases *aliases;
    struct binding *bindings;
    struct host *hosts;
    uint32_t *buckets, *host_buckets;
    uint32_t mask, max;               /* buckets - 1 of either table; bindings (and hosts beside the common one) */
    uint32_t free_binding, free_host; /* given back; those above the next two were never used */
    uint32_t bindings_touched, hosts_touched;
    struct use_list used;
    uint64_t learned, refreshed, evicted_for_host, evicted_for_all, evicted_names, refused_names, expired;
};

/* Lists in order of use. */

static void list_add(struct binding *bindings, struct use_list *list, unsigned which, uint32_t index)
{
    bindings[index].link[which] = (struct link){NONE, list->newest};
    if (list->newest != NONE)
        bindings[list->newest].link[which].newer = index;
    else
        list->oldest = index;
    list->newest = index;
    list->count++;
}

static void list_remove(struct binding *bindings, struct use_list *list, unsigned which, uint32_t index)
{
    struct link link = bindings[index].link[which];
    if (link.newer != NONE)
        bindings[link.newer].link[which].older = link.older;
    else
        list->newest = link.older;
    if (link.older != NONE)
        bindings[link.older].link[which].newer = link.newer;
    else
        list->oldest = link.newer;
    list->count--;
}

static void touch(struct dns_memory *memory, uint32_t index)
{
    struct use_list *of_host = &memory->hosts[memory->bindings[index].host].used;
    if (of_host->newest != index) {
        list_remove(memory->bindings, of_host, 0, index);
        list_add(memory->bindings, of_host, 0, index);
    }
    if (memory->used.newest != index) {
        list_remove(memory->bindings, &memory->used, 1, index);
        list_add(memory->bindings, &memory->used, 1, index);
    }
}

/* Hosts. */

static uint32_t *host_bucket(const struct dns_memory *memory, const struct ip_address *address)
{
    return &memory->host_buckets[hash_bytes(address->octets, sizeof(address->octets), memory->seed) & memory->mask];
}

static uint32_t host_find(const struct dns_memory *memory, const struct ip_address *address)
{
    uint32_t index = *host_bucket(memory, address);
    while (index != NONE && !ip_equal(&memory->hosts[index].address, address))
        index = memory->hosts[index].bucket_next;
    return index;
}

static uint32_t host_add(struct dns_memory *memory, const struct ip_address *address)
{
    uint32_t index = memory->free_host, *bucket = host_bucket(memory, address);
    if (index != NONE)
        memory->free_host = memory->hosts[index].bucket_next;
    else if (memory->hosts_touched < COMMON + memory->max)
        index = ++memory->hosts_touched;
    else
        return NONE;
    struct host *host = &memory->hosts[index];
    host->address = *address;
    host->used = (struct use_list){NONE, NONE, 0};
    host->bucket_next = *bucket;
    *bucket = index;
    return index;
}

static void host_drop_if_empty(struct dns_memory *memory, uint32_t index)
{
    struct host *host = &memory->hosts[index];
    if (index == COMMON || host->used.count > 0)
        return;
    uint32_t *at = host_bucket(memory, &host->address);
    while (*at != index)
        at = &memory->hosts[*at].bucket_next;
    *at = host->bucket_next;
    host->bucket_next = memory->free_host;
    memory->free_host = index;
}

/* Bindings. */

static uint32_t *binding_bucket(const struct dns_memory *memory, uint32_t host, const struct ip_address *remote)
{
    return &memory->buckets[hash_bytes(remote->octets, sizeof(remote->octets), memory->seed ^ host) & memory->mask];
}

static bool binding_is_of(const struct binding *binding, uint32_t host, const struct ip_address *remote)
{
    return binding->host == host && ip_equal(&binding->remote, remote);
}

static void bucket_remove(struct dns_memory *memory, uint32_t index)
{
    struct binding *binding = &memory->bindings[index];
    uint32_t *at = binding_bucket(memory, binding->host, &binding->remote);
    while (*at != index)
        at = &memory->bindings[*at].bucket_next;
    *at = binding->bucket_next;
}

/** May free its host too. */
static void binding_forget(struct dns_memory *memory, uint32_t index)
{
    struct binding *binding = &memory->bindings[index];
    uint32_t host = binding->host;
    bucket_remove(memory, index);
    list_remove(memory->bindings, &memory->hosts[host].used, 0, index);
    list_remove(memory->bindings, &memory->used, 1, index);
    dns_names_give(memory->names, binding->name);
    if (binding->canonical != NONE)
        dns_names_give(memory->names, binding->canonical);
    binding->bucket_next = memory->free_binding;
    memory->free_binding = index;
    host_drop_if_empty(memory, host);
}

static bool is_full(const struct dns_memory *memory)
{
    return memory->free_binding == NONE && memory->bindings_touched == memory->max;
}

/** Only when the table is not full. */
static uint32_t binding_take(struct dns_memory *memory)
{
    uint32_t index = memory->free_binding;
    if (index == NONE)
        return ++memory->bindings_touched;
    memory->free_binding = memory->bindings[index].bucket_next;
    return index;
}

static uint32_t share_of(const struct dns_memory *memory, uint32_t host)
{
    return host == COMMON ? memory->max / 4 : memory->max / 16;
}

/** Keeps the name, pushing out the longest unused bindings while the pool has no room for it. */
static uint32_t name_keep(struct dns_memory *memory, struct text name)
{
    enum { TRIES = 8 };
    for (unsigned i = 0;; i++) {
        uint32_t kept = dns_names_take(memory->names, name);
        if (kept != NONE)
            return kept;
        if (i == TRIES || memory->used.oldest == NONE)
            break;
        binding_forget(memory, memory->used.oldest);
        memory->evicted_names++;
    }
    memory->refused_names++;
    return NONE;
}

/** The binding of exactly this name, and how many names the address has at this host; the oldest of too many is
 * forgotten. */
static uint32_t binding_find(struct dns_memory *memory, uint32_t host, const struct ip_address *remote,
                             struct text name)
{
    uint32_t last = NONE;
    unsigned count = 0;
    for (uint32_t i = *binding_bucket(memory, host, remote); i != NONE; i = memory->bindings[i].bucket_next) {
        if (!binding_is_of(&memory->bindings[i], host, remote))
            continue;
        if (text_equal(dns_names_text(memory->names, memory->bindings[i].name), name))
            return i;
        last = i;
        count++;
    }
    if (count >= NAMES_PER_ADDRESS_MAX) {
        memory->evicted_for_host++;
        binding_forget(memory, last);
    }
    return NONE;
}

static void make_room(struct dns_memory *memory, uint32_t host)
{
    const struct use_list *of_host = &memory->hosts[host].used;
    if (of_host->count > 1 && of_host->count >= share_of(memory, host)) {
        memory->evicted_for_host++;
        binding_forget(memory, of_host->oldest);
    } else if (is_full(memory)) {
        memory->evicted_for_all++;
        binding_forget(memory, memory->used.oldest);
    }
}

static void put_in_front(struct dns_memory *memory, uint32_t index)
{
    struct binding *binding = &memory->bindings[index];
    uint32_t *bucket = binding_bucket(memory, binding->host, &binding->remote);
    binding->bucket_next = *bucket;
    *bucket = index;
}

static bool refresh(struct dns_memory *memory, uint32_t host, const struct ip_address *remote, struct text name,
                    int64_t expires_sec, struct packet_time now)
{
    uint32_t index = binding_find(memory, host, remote, name);
    if (index == NONE)
        return false;
    bucket_remove(memory, index);
    put_in_front(memory, index);
    touch(memory, index);
    memory->bindings[index].expires_sec = expires_sec;
    memory->bindings[index].learned = now;
    memory->refreshed++;
    return true;
}

static void add(struct dns_memory *memory, const struct ip_address *address, const struct ip_address *remote,
                struct text name, struct text canonical, int64_t expires_sec, struct packet_time now)
{
    uint32_t host = address != NULL ? host_find(memory, address) : COMMON;
    if (host != NONE) {
        if (refresh(memory, host, remote, name, expires_sec, now))
            return;
        make_room(memory, host);
    } else if (is_full(memory)) {
        memory->evicted_for_all++;
        binding_forget(memory, memory->used.oldest);
    }
    uint32_t kept = name_keep(memory, name);
    if (kept == NONE)
        return;
    uint32_t kept_canonical = canonical.data != NULL ? name_keep(memory, canonical) : NONE;
    /* Making room may have dropped the host with its last binding. */
    host = address != NULL ? host_find(memory, address) : COMMON;
    if (host == NONE)
        host = host_add(memory, address);
    assert(host != NONE && !is_full(memory)); /* room was made, and there are as many hosts as bindings */
    uint32_t index = binding_take(memory);
    struct binding *binding = &memory->bindings[index];
    *binding = (struct binding){.remote = *remote,
                                .host = host,
                                .name = kept,
                                .canonical = kept_canonical,
                                .expires_sec = expires_sec,
                                .learned = now};
    put_in_front(memory, index);
    list_add(memory->bindings, &memory->hosts[host].used, 0, index);
    list_add(memory->bindings, &memory->used, 1, index);
    memory->learned++;
}

/** 0.0.0.0, ::, 127/8 and ::1 are how names are blocked, and tie nothing. */
static bool ties_nothing(const struct ip_address *a)
{
    static const uint8_t zeros[15];
    if (ip_is_v4(a))
        return a->octets[12] == 127 || ip_v4_value(a) == 0;
    return memcmp(a->octets, zeros, sizeof(zeros)) == 0 && a->octets[15] <= 1;
}

static int64_t ttl_bounded(uint32_t ttl_sec)
{
    return ttl_sec < TTL_MIN_SEC ? TTL_MIN_SEC : ttl_sec > TTL_MAX_SEC ? TTL_MAX_SEC : (int64_t)ttl_sec;
}

static void learn_alias(struct dns_memory *memory, const struct ip_address *host, struct text name,
                        const struct dns_answer *answer, int64_t expires_sec, int64_t now_sec)
{
    for (unsigned i = 1; i < answer->chain_count; i++)
        dns_aliases_add(memory->aliases, host, name, answer->chain[i], expires_sec, now_sec);
}

/** The chain goes on in another message: all names that led to its beginning lead to its end. */
static void learn_aliases(struct dns_memory *memory, const struct ip_address *host, const struct dns_answer *answer,
                          int64_t now_sec)
{
    int64_t expires_sec = now_sec + ttl_bounded(answer->chain_ttl_sec);
    struct dns_alias before[DNS_ALIASES_PER_TARGET];
    char names[DNS_ALIASES_PER_TARGET][NAME_MAX_LENGTH]; /* adding may push out what they stand in */
    unsigned count = dns_aliases_find(memory->aliases, host, answer->chain[0], now_sec, before);
    for (unsigned i = 0; i < count; i++) {
        memcpy(names[i], before[i].name.data, before[i].name.length);
        before[i].name.data = names[i];
    }
    if (count == 0)
        learn_alias(memory, host, answer->chain[0], answer, expires_sec, now_sec);
    for (unsigned i = 0; i < count; i++)
        learn_alias(memory, host, before[i].name, answer,
                    before[i].expires_sec < expires_sec ? before[i].expires_sec : expires_sec, now_sec);
}

static void learn_name(struct dns_memory *memory, const struct ip_address *host, struct text name,
                       const struct dns_answer *answer, struct packet_time now, int64_t name_expires_sec)
{
    struct text canonical = {NULL, 0};
    if (!text_equal(name, answer->chain[answer->chain_count - 1]))
        canonical = answer->chain[answer->chain_count - 1];
    for (unsigned i = 0; i < answer->binding_count; i++) {
        const struct dns_binding *binding = &answer->bindings[i];
        int64_t expires_sec = packet_time_sec(now) + ttl_bounded(binding->ttl_sec);
        if (expires_sec > name_expires_sec)
            expires_sec = name_expires_sec;
        if (ties_nothing(&binding->address))
            continue;
        add(memory, NULL, &binding->address, name, canonical, expires_sec, now);
        add(memory, host, &binding->address, name, canonical, expires_sec, now);
    }
}

void dns_memory_learn(struct dns_memory *memory, const struct ip_address *host, const struct dns_answer *answer,
                      struct packet_time now)
{
    struct dns_alias aliases[DNS_ALIASES_PER_TARGET];
    int64_t now_sec = packet_time_sec(now);
    if (answer->chain_count == 0 || text_is_empty(answer->chain[0]))
        return;
    if (answer->binding_count == 0) {
        learn_aliases(memory, host, answer, now_sec);
        return;
    }
    unsigned count = dns_aliases_find(memory->aliases, host, answer->chain[0], now_sec, aliases);
    for (unsigned i = 0; i < count; i++)
        learn_name(memory, host, aliases[i].name, answer, now, aliases[i].expires_sec);
    if (count == 0)
        learn_name(memory, host, answer->chain[0], answer, now, INT64_MAX);
}

/* Look-up. */

static size_t find_in(struct dns_memory *memory, uint32_t host, const struct ip_address *remote, int64_t oldest_sec,
                      uint32_t *ret_indices, size_t room)
{
    size_t count = 0;
    uint32_t next;
    for (uint32_t i = *binding_bucket(memory, host, remote); i != NONE; i = next) {
        next = memory->bindings[i].bucket_next;
        if (!binding_is_of(&memory->bindings[i], host, remote))
            continue;
        if (memory->bindings[i].expires_sec < oldest_sec) {
            memory->expired++;
            binding_forget(memory, i);
        } else if (count < room) {
            ret_indices[count++] = i;
        }
    }
    for (size_t i = count; i-- > 0;)
        touch(memory, ret_indices[i]);
    return count;
}

/** What is known of @p remote, latest first: the host's own, else the common memory. */
static size_t find(struct dns_memory *memory, const struct ip_address *host, const struct ip_address *remote,
                   struct packet_time now, uint32_t ret_indices[static NAMES_PER_ADDRESS_MAX], bool *ret_is_common)
{
    int64_t now_sec = packet_time_sec(now);
    uint32_t own = host_find(memory, host);
    size_t count = 0;
    if (own != NONE)
        count = find_in(memory, own, remote, now_sec - HOST_GRACE_SEC, ret_indices, NAMES_PER_ADDRESS_MAX);
    *ret_is_common = count == 0;
    if (count == 0)
        count = find_in(memory, COMMON, remote, now_sec - COMMON_GRACE_SEC, ret_indices, NAMES_PER_ADDRESS_MAX);
    return count;
}

bool dns_memory_find(struct dns_memory *memory, const struct ip_address *host, const struct ip_address *remote,
                     struct packet_time now, struct dns_memory_names *ret)
{
    uint32_t found[NAMES_PER_ADDRESS_MAX];
    bool is_common;
    size_t count = find(memory, host, remote, now, found, &is_common);
    if (count == 0)
        return false;
    const struct binding *latest = &memory->bindings[found[0]];
    ret->name = dns_names_text(memory->names, latest->name);
    ret->canonical =
        latest->canonical != NONE ? dns_names_text(memory->names, latest->canonical) : (struct text){NULL, 0};
    ret->is_common = is_common;
    ret->is_expired = latest->expires_sec < packet_time_sec(now);
    ret->others = (unsigned)count - 1;
    return true;
}

size_t dns_memory_find_all(struct dns_memory *memory, const struct ip_address *host, const struct ip_address *remote,
                           struct packet_time now, struct text *ret_names, size_t room)
{
    uint32_t found[NAMES_PER_ADDRESS_MAX];
    bool is_common;
    size_t count = find(memory, host, remote, now, found, &is_common);
    if (is_common)
        return 0;
    if (count > room)
        count = room;
    for (size_t i = 0; i < count; i++)
        ret_names[i] = dns_names_text(memory->names, memory->bindings[found[i]].name);
    return count;
}

static bool learned_since(const struct dns_memory *memory, uint32_t host, const struct ip_address *remote,
                          struct packet_time since)
{
    for (uint32_t i = *binding_bucket(memory, host, remote); i != NONE; i = memory->bindings[i].bucket_next)
        if (binding_is_of(&memory->bindings[i], host, remote) && packet_time_before(since, memory->bindings[i].learned))
            return true;
    return false;
}

bool dns_memory_learned_since(const struct dns_memory *memory, const struct ip_address *host,
                              const struct ip_address *remote, struct packet_time since)
{
    uint32_t own = host_find(memory, host);
    return (own != NONE && learned_since(memory, own, remote, since)) || learned_since(memory, COMMON, remote, since);
}

/* Life. */

enum status dns_memory_new(size_t bindings_max, struct dns_memory **ret)
{
    if (bindings_max > (size_t)1 << 28)
        return STATUS_INVALID;
    struct dns_memory *memory = calloc(1, sizeof(*memory));
    if (memory == NULL)
        return STATUS_NO_MEMORY;
    memory->seed = hash_seed();
    memory->max = bindings_max < BINDINGS_LEAST ? BINDINGS_LEAST : (uint32_t)bindings_max;
    uint32_t buckets = BINDINGS_LEAST;
    while (buckets < memory->max)
        buckets *= 2;
    memory->mask = buckets - 1;
    memory->names = dns_names_new(memory->max, memory->seed);
    if (memory->names != NULL)
        memory->aliases = dns_aliases_new(memory->max / ALIASES_SHARE, memory->seed, memory->names);
    memory->hosts_touched = COMMON;
    memory->bindings = calloc(memory->max + 1u, sizeof(*memory->bindings));
    memory->hosts = calloc(memory->max + 1u + COMMON, sizeof(*memory->hosts));
    memory->buckets = calloc(buckets, sizeof(*memory->buckets));
    memory->host_buckets = calloc(buckets, sizeof(*memory->host_buckets));
    if (memory->aliases == NULL || memory->bindings == NULL || memory->hosts == NULL || memory->buckets == NULL ||
        memory->host_buckets == NULL) {
        dns_memory_free(memory);
        return STATUS_NO_MEMORY;
    }
    *ret = memory;
    return STATUS_OK;
}

void dns_memory_free(struct dns_memory *memory)
{
    if (memory == NULL)
        return;
    dns_aliases_free(memory->aliases);
    dns_names_free(memory->names);
    free(memory->bindings);
    free(memory->hosts);
    free(memory->buckets);
    free(memory->host_buckets);
    free(memory);
}

void dns_memory_count(const struct dns_memory *memory, counter_visit *visit, void *context)
{
    const struct counter counters[] = {
        {"dns_memory", "bindings", memory->used.count},
        {"dns_memory", "bindings_max", memory->max},
        {"dns_memory", "bindings_common", memory->hosts[COMMON].used.count},
        {"dns_memory", "learned", memory->learned},
        {"dns_memory", "refreshed", memory->refreshed},
        {"dns_memory", "expired", memory->expired},
        {"dns_memory", "evicted_for_host_share", memory->evicted_for_host},
        {"dns_memory", "evicted_for_table", memory->evicted_for_all},
        {"dns_memory", "evicted_for_names", memory->evicted_names},
        {"dns_memory", "names_refused", memory->refused_names},
        {"dns_memory", "name_units", dns_names_used(memory->names)},
    };
    for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
        visit(context, &counters[i]);
    dns_aliases_count(memory->aliases, visit, context);
}
