/*
 * What one DNS response ties together, as the DNS analyzer hands it to the address memory: the name
 * asked, its CNAME chain, and the addresses at its end. Without addresses the chain is all the
 * server knew: who asked goes on with its end. Borrowed until the callback returns.
 */
#ifndef BORDERTAP_DNS_MESSAGE_H
#define BORDERTAP_DNS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "text.h"

#define DNS_BINDINGS_MAX 32
#define DNS_CHAIN_MAX 16

struct dns_binding {
    struct ip_address address;
    uint32_t ttl_sec; /* smallest of the chain */
    bool is_hint;     /* ipv4hint/ipv6hint of an HTTPS/SVCB record (RFC 9460) */
};

struct dns_answer {
    struct text chain[DNS_CHAIN_MAX]; /* [0] the question's name, then each CNAME/SVCB target; lower case */
    uint8_t chain_count;
    uint32_t chain_ttl_sec; /* smallest of the chain, when there is more than the question */
    struct dns_binding bindings[DNS_BINDINGS_MAX];
    uint8_t binding_count;
    bool offers_ech; /* an ech SvcParam was in the answer */
};

#endif
