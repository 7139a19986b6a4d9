/* DNS messages (RFC 1035, 4.1). */
#ifndef SCENARIOS_DNS_BYTES_H
#define SCENARIOS_DNS_BYTES_H

#include "talk.h"

/**
 * A host asks the resolver of the house and is answered.
 * @param chain what the name leads to: "a.example b.example", CNAMEs in order; NULL: none.
 * @param addresses of the last name, IPv4 or IPv6, separated by blanks; NULL: the name does not exist.
 */
void dns_ask(struct capture *out, const char *host, const char *name, const char *chain, const char *addresses);

#endif
