/*
 * Whether traffic to an address is of concern by its location or operator: asked for every flow, answered once an
 * address while it stays in a small cache. Policies change with packet time: all is asked again when the day changes.
 */
#ifndef BORDERTAP_ENGINE_CONCERNS_INTERNAL_H
#define BORDERTAP_ENGINE_CONCERNS_INTERNAL_H

#include "alerts/policy.h"
#include "geo/geo.h"
#include "status.h"

struct concerns;

enum status concerns_new(const struct geo *geo, const struct policy_set *policies, struct concerns **ret);
/** From now on these databases and policies answer. */
void concerns_use(struct concerns *concerns, const struct geo *geo, const struct policy_set *policies);
bool concerns_ask(struct concerns *concerns, const struct ip_address *remote, struct packet_time now);
/** Countries of concern at @p now; owned by @p concerns until the next call. */
size_t concerns_countries(struct concerns *concerns, struct packet_time now, const struct country **ret);
void concerns_free(struct concerns *concerns);

#endif
