/*
 * For dns_memory*.c only: names that stand once each, counted by their users, in a pool of fixed size; and which name a
 * host was told is another's alias, without an address: it asks for the other next.
 */
#ifndef BORDERTAP_ANALYZERS_DNS_MEMORY_INTERNAL_H
#define BORDERTAP_ANALYZERS_DNS_MEMORY_INTERNAL_H

#include <stdint.h>

#include "address.h"
#include "counter.h"
#include "text.h"

struct dns_names;

/** @param units of 64 bytes; a name of up to 52 bytes takes one. NULL: no memory. */
struct dns_names *dns_names_new(uint32_t units, uint64_t seed);
void dns_names_free(struct dns_names *names);
/** One more user of the name, cut at 255 bytes. @return its index, 0 when the pool is full. */
uint32_t dns_names_take(struct dns_names *names, struct text name);
void dns_names_give(struct dns_names *names, uint32_t index);
/** Good until its last user gives it back. */
struct text dns_names_text(const struct dns_names *names, uint32_t index);
uint32_t dns_names_used(const struct dns_names *names); /* units */

enum { DNS_ALIASES_PER_TARGET = 8 };

struct dns_aliases;

struct dns_alias {
    struct text name; /* good until the next call that adds one, or takes or gives a name */
    int64_t expires_sec;
};

/** @param names outlives it. NULL: no memory. */
struct dns_aliases *dns_aliases_new(uint32_t max, uint64_t seed, struct dns_names *names);
void dns_aliases_free(struct dns_aliases *aliases);
/** @p host was told that @p name is @p target until @p expires_sec. */
void dns_aliases_add(struct dns_aliases *aliases, const struct ip_address *host, struct text name, struct text target,
                     int64_t expires_sec, int64_t now_sec);
/** @return how many names lead @p host to @p target. */
unsigned dns_aliases_find(struct dns_aliases *aliases, const struct ip_address *host, struct text target,
                          int64_t now_sec, struct dns_alias ret[static DNS_ALIASES_PER_TARGET]);
void dns_aliases_count(const struct dns_aliases *aliases, counter_visit *visit, void *context);

#endif
