/*
 * Sets of eight, by host and target; all aliases of one target are in one set. A full set gives up an entry of the same
 * host first, so that who floods answers pushes out its own.
 */
#include "dns_memory_internal.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

enum { WAYS = DNS_ALIASES_PER_TARGET, NONE = 0 };

struct alias {
    struct ip_address host;
    uint32_t target, name; /* of the pool; target NONE: the entry is free */
    int64_t expires_sec;
};

struct dns_aliases {
    struct dns_names *names;
    uint64_t seed;
    uint32_t mask; /* sets - 1 */
    uint64_t learned, evicted, refused;
    struct alias entries[];
};

struct dns_aliases *dns_aliases_new(uint32_t max, uint64_t seed, struct dns_names *names)
{
    uint32_t sets = 1;
    while (sets * WAYS < max)
        sets *= 2;
    struct dns_aliases *aliases = calloc(1, sizeof(*aliases) + (size_t)sets * WAYS * sizeof(aliases->entries[0]));
    if (aliases == NULL)
        return NULL;
    aliases->names = names;
    aliases->seed = seed;
    aliases->mask = sets - 1;
    return aliases;
}

void dns_aliases_free(struct dns_aliases *aliases)
{
    free(aliases);
}

static struct alias *set_of(struct dns_aliases *aliases, const struct ip_address *host, struct text target)
{
    uint64_t hash = hash_bytes(target.data, target.length, aliases->seed);
    hash = hash_bytes(host->octets, sizeof(host->octets), hash);
    return &aliases->entries[(hash & aliases->mask) * WAYS];
}

static bool text_is(const struct dns_aliases *aliases, uint32_t kept, struct text text)
{
    return text_equal(dns_names_text(aliases->names, kept), text);
}

static bool alias_is_of(const struct dns_aliases *aliases, const struct alias *alias, const struct ip_address *host,
                        struct text target)
{
    return alias->target != NONE && ip_equal(&alias->host, host) && text_is(aliases, alias->target, target);
}

static void alias_forget(struct dns_aliases *aliases, struct alias *alias)
{
    if (alias->target == NONE)
        return;
    dns_names_give(aliases->names, alias->target);
    dns_names_give(aliases->names, alias->name);
    alias->target = NONE;
}

static int alias_worth(const struct alias *alias, const struct ip_address *host, int64_t now_sec)
{
    return alias->target == NONE || alias->expires_sec < now_sec ? 0 : ip_equal(&alias->host, host) ? 1 : 2;
}

/** The entry that is missed least: of equal ones the first to expire. */
static struct alias *least_of(struct alias *set, const struct ip_address *host, int64_t now_sec)
{
    struct alias *least = &set[0];
    for (unsigned i = 1; i < WAYS; i++) {
        int worth = alias_worth(&set[i], host, now_sec), least_worth = alias_worth(least, host, now_sec);
        if (worth < least_worth || (worth == least_worth && set[i].expires_sec < least->expires_sec))
            least = &set[i];
    }
    return least;
}

void dns_aliases_add(struct dns_aliases *aliases, const struct ip_address *host, struct text name, struct text target,
                     int64_t expires_sec, int64_t now_sec)
{
    struct alias *set = set_of(aliases, host, target);
    for (unsigned i = 0; i < WAYS; i++) {
        if (alias_is_of(aliases, &set[i], host, target) && text_is(aliases, set[i].name, name)) {
            set[i].expires_sec = expires_sec;
            return;
        }
    }
    struct alias *alias = least_of(set, host, now_sec);
    aliases->evicted += alias_worth(alias, host, now_sec) > 0;
    uint32_t kept_target = dns_names_take(aliases->names, target);
    uint32_t kept_name = dns_names_take(aliases->names, name);
    alias_forget(aliases, alias); /* last: the texts may be its own */
    if (kept_target != NONE && kept_name != NONE) {
        *alias = (struct alias){*host, kept_target, kept_name, expires_sec};
        aliases->learned++;
        return;
    }
    aliases->refused++;
    if (kept_target != NONE)
        dns_names_give(aliases->names, kept_target);
    if (kept_name != NONE)
        dns_names_give(aliases->names, kept_name);
}

unsigned dns_aliases_find(struct dns_aliases *aliases, const struct ip_address *host, struct text target,
                          int64_t now_sec, struct dns_alias ret[static DNS_ALIASES_PER_TARGET])
{
    struct alias *set = set_of(aliases, host, target);
    unsigned count = 0;
    for (unsigned i = 0; i < WAYS; i++)
        if (alias_is_of(aliases, &set[i], host, target) && set[i].expires_sec >= now_sec)
            ret[count++] = (struct dns_alias){dns_names_text(aliases->names, set[i].name), set[i].expires_sec};
    return count;
}

void dns_aliases_count(const struct dns_aliases *aliases, counter_visit *visit, void *context)
{
    const struct counter counters[] = {
        {"dns_memory", "aliases_learned", aliases->learned},
        {"dns_memory", "aliases_evicted", aliases->evicted},
        {"dns_memory", "aliases_refused", aliases->refused},
    };
    for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
        visit(context, &counters[i]);
}
