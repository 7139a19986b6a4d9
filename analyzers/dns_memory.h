/*
 * Which name a host was told for an address, with the answer's TTL and a grace beyond it (clients keep addresses).
 * A memory per host, and a common one for resolvers whose clients are not seen, marked weaker. Capped, least recently
 * used out first, evictions counted. Time is packet time. One thread.
 */
#ifndef BORDERTAP_ANALYZERS_DNS_MEMORY_H
#define BORDERTAP_ANALYZERS_DNS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "counter.h"
#include "dns_message.h"
#include "packet_time.h"
#include "status.h"

struct dns_memory;

struct dns_memory_names {
    struct text name;      /* the name that was asked: borrowed until the next learn */
    struct text canonical; /* the end of its CNAME chain; NULL data when there was none */
    bool is_common;        /* from another host's answer */
    bool is_expired;       /* TTL has passed, still within the grace */
    unsigned others;       /* further names tied to the same address at the same host (shared hosting) */
};

enum status dns_memory_new(size_t bindings_max, struct dns_memory **ret);
/** An answer without addresses, whose chain has an end, ties the name asked to what @p host is told for that end next.
 */
void dns_memory_learn(struct dns_memory *memory, const struct ip_address *host, const struct dns_answer *answer,
                      struct packet_time now);

/** The latest name @p host was told for @p remote, else from the common memory. @return false when none is known. */
bool dns_memory_find(struct dns_memory *memory, const struct ip_address *host, const struct ip_address *remote,
                     struct packet_time now, struct dns_memory_names *ret);

/** All names (up to @p room, latest first) @p host was told for @p remote, so that attribution can weigh shared
 * addresses. */
size_t dns_memory_find_all(struct dns_memory *memory, const struct ip_address *host, const struct ip_address *remote,
                           struct packet_time now, struct text *ret_names, size_t room);

/** Whether a name for @p remote was learnt after @p since that dns_memory_find() would give. Changes nothing. */
bool dns_memory_learned_since(const struct dns_memory *memory, const struct ip_address *host,
                              const struct ip_address *remote, struct packet_time since);

void dns_memory_count(const struct dns_memory *memory, counter_visit *visit, void *context);
void dns_memory_free(struct dns_memory *memory);

#endif
