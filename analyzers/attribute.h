/*
 * From a flow's facts to product x purpose, with confidence and evidence. A pure function of the catalogue and its
 * input. Rules: design section 4.
 */
#ifndef BORDERTAP_ANALYZERS_ATTRIBUTE_H
#define BORDERTAP_ANALYZERS_ATTRIBUTE_H

#include "attribution.h"
#include "catalog.h"
#include "facts.h"

struct attribution_input {
    const struct flow_facts *facts; /* NULL: nothing inspected */
    const struct text *dns_names; /* names the host was told for the remote, latest first; shared hosting gives several.
                                     Asked for when the flow has no name of its own, or facts->tls.ech is ECH_OFFERED */
    size_t dns_name_count;
    bool dns_is_common; /* those names come from other hosts' answers */
    const struct ip_address *remote;
    uint16_t remote_port;
    uint8_t protocol;
    bool remote_is_client; /* the remote opened the flow: a scan or a callback, no agent's call home */
    /* TCP or UDP and a conversation: both sides sent payload, or TCP's handshake was completed. False (the default):
     * an AS or address range alone is never more than `possible`. ICMP is never attributed, whatever this says. */
    bool has_exchange;
    const uint32_t *asns;
    size_t asn_count;
};

/** @param ret always filled; product NULL when no agent and no vendor's web site was seen. Any thread. */
void attribute(const struct catalog *catalog, const struct attribution_input *input, struct attribution *ret);

/**
 * Engine versus product: @p seen are the products seen so far at the same host; turns an engine's attribution into
 * "<engine> inside <product>" by the catalogue's rules (sets engine_host). @return whether it changed @p attribution.
 */
bool attribute_engine_host(const struct catalog *catalog, const struct product *const *seen, size_t seen_count,
                           struct attribution *attribution);

#endif
