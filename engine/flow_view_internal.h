/* How a flow looks in a record: Community ID, uid, sides by host. */
#ifndef BORDERTAP_ENGINE_FLOW_VIEW_INTERNAL_H
#define BORDERTAP_ENGINE_FLOW_VIEW_INTERNAL_H

#include "facts.h"
#include "flow.h"
#include "sighting.h"

/** Counters seen from @p host_side. */
struct flow_counters flow_counters_of(const struct flow *flow, unsigned host_side);

/**
 * Fills all of @p ret; identifiers are hashed here, so only for flows that reach a record.
 * @param app name of the protocol, NULL unknown; lives as long as the run.
 */
void flow_view_make(const struct flow *flow, const struct flow_facts *facts, unsigned host_side,
                    enum host_reason reason, const char *app, struct flow_view *ret);

/** Community ID v1, seed 0 (https://github.com/corelight/community-id-spec). */
void community_id_make(const struct flow *flow, char ret[static COMMUNITY_ID_TEXT_SIZE]);

#endif
