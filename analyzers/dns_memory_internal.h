/* Names that stand once each, counted by their users, in a pool of fixed size; for dns_memory.c only. */
#ifndef BORDERTAP_ANALYZERS_DNS_MEMORY_INTERNAL_H
#define BORDERTAP_ANALYZERS_DNS_MEMORY_INTERNAL_H

#include <stdint.h>

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

#endif
