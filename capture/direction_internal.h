/*
 * What the flow table tells the direction code; only capture/ includes this.
 */
#ifndef BORDERTAP_CAPTURE_DIRECTION_INTERNAL_H
#define BORDERTAP_CAPTURE_DIRECTION_INTERNAL_H

#include "decoded.h"
#include "direction.h"

/** What the first packet of a flow, sent by @p side, says about who is the client. */
void direction_begin(struct flow *flow, const struct decoded *packet, unsigned side);

/** Whether a SYN, or the answer to one, is of the connection that the flow is known to be. */
bool direction_knows_syn(const struct flow *flow, const struct decoded *packet);

/** What a TCP packet with SYN, counted into the flow already, says; also notes the client's initial sequence number. */
void direction_see_syn(struct flow *flow, const struct decoded *packet, unsigned side);

#endif
