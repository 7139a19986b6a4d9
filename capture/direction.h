/*
 * Who is the client, and who is the host. Client: SYN, else what a protocol parser knows, else ports,
 * else the first packet. Host: the home address; when both or neither are home, the client. A multicast, broadcast or
 * unspecified address is neither: never the host, and at home when the other side is.
 */
#ifndef BORDERTAP_CAPTURE_DIRECTION_H
#define BORDERTAP_CAPTURE_DIRECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "flow.h"
#include "sighting.h"

struct home_nets;

/**
 * @param list comma-separated prefixes or addresses, blanks allowed, overlaps joined; NULL takes the default: private
 * (RFC 1918), shared (RFC 6598), link-local (RFC 3927, 4291), loopback and unique local (RFC 4193).
 * @return STATUS_OK, or negative with a sentence in @p error.
 */
enum status home_nets_parse(const char *list, struct home_nets **ret, struct error *error);
bool home_nets_contain(const struct home_nets *nets, const struct ip_address *address);
void home_nets_free(struct home_nets *nets); /* NULL is fine */

/** Sets client_side and client_reason of @p flow when @p reason is stronger than what is known. */
void flow_set_client(struct flow *flow, unsigned side, enum direction_reason reason);

/**
 * @param ret_is_internal whether both sides are in the house: home, or a group or unspecified address beside a home
 * one; link-local groups and the limited broadcast always, as they are never forwarded.
 * @return the side (0 or 1) of @p flow that is the host.
 */
unsigned flow_host_side(const struct flow *flow, const struct home_nets *nets, enum host_reason *ret_reason,
                        bool *ret_is_internal);

#endif
