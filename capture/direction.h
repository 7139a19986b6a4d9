/*
 * Who is the client, and who is the host. Client: SYN, else what a protocol parser knows, else ports,
 * else the first packet. Host: the home address; when both or neither are home, the client.
 */
#ifndef BORDERTAP_CAPTURE_DIRECTION_H
#define BORDERTAP_CAPTURE_DIRECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "flow.h"
#include "sighting.h"

struct home_nets;

/**
 * @param list comma-separated prefixes; NULL takes the default: private, ULA, link-local, loopback and
 * multicast/broadcast-free ranges of RFC 1918, 4193, 3927, 4291, 6598.
 */
enum status home_nets_parse(const char *list, struct home_nets **ret, struct error *error);
bool home_nets_contain(const struct home_nets *nets, const struct ip_address *address);
void home_nets_free(struct home_nets *nets);

/** Sets client_side and client_reason of @p flow when @p reason is stronger than what is known. */
void flow_set_client(struct flow *flow, unsigned side, enum direction_reason reason);

/** @return the side (0 or 1) of @p flow that is the host. */
unsigned flow_host_side(const struct flow *flow, const struct home_nets *nets, enum host_reason *ret_reason, bool *ret_is_internal);

#endif
