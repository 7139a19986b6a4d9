/* A flow from its host's point of view, and what its own content says: the part of judging that needs nothing but the
 * flow. */
#ifndef BORDERTAP_ENGINE_VIEW_INTERNAL_H
#define BORDERTAP_ENGINE_VIEW_INTERNAL_H

#include <stdbool.h>

#include "analyzers/attribute.h"
#include "capture/direction.h"
#include "engine/engine.h"

struct view {
    unsigned host_side;
    enum host_reason reason;
    bool is_internal;
    const struct ip_address *host, *remote; /* into the flow's key */
};

struct view view_of(const struct flow *flow, const struct home_nets *nets);

/** The DNS name a flow's own content gives its remote; NAME_NONE leaves @p ret_name untouched. */
enum name_source own_name(const struct flow_facts *facts, struct text *ret_name);
/** DNS and its like: the remote is a resolver, what it is asked about is somebody else. */
/** Whether a DNS answer may tie a name to the flow's remote: it shows none, or one that may be a front's (ECH). */
bool wants_dns_name(const struct flow_facts *facts);
bool is_resolver_talk(const struct flow_facts *facts);
/** Without an agent only what the host itself sent is told: a scan from outside that nobody answers is no traffic of
 * the house. */
bool host_took_part(const struct flow *flow, const struct view *v);
bool is_agent(const struct attribution *a);

/**
 * Attribution by catalogue.
 * @param names what the host was told for the remote, @p name_count of them; 0 when the flow has its own name or
 * nothing is known.
 * @param is_final whether evidence beside the flow may count already: its own name can no longer come.
 */
void attribute_view(const struct engine_options *options, const struct flow *flow, const struct flow_facts *facts,
                    const struct view *v, const struct text *names, size_t name_count, bool names_are_common,
                    bool is_final, struct attribution *ret);

#endif
