#include "engine/view_internal.h"

#include <string.h>

#include "decoded.h"

struct view view_of(const struct flow *flow, const struct home_nets *nets)
{
    struct view v;
    v.host_side = flow_host_side(flow, nets, &v.reason, &v.is_internal);
    v.host = &flow->key.address[v.host_side];
    v.remote = &flow->key.address[!v.host_side];
    return v;
}

enum name_source own_name(const struct flow_facts *facts, struct text *ret_name)
{
    if (facts == NULL)
        return NAME_NONE;
    struct text host = name_of_host(facts->http.host);
    if (!text_is_empty(facts->tls.sni) && !name_is_address(facts->tls.sni)) {
        *ret_name = facts->tls.sni;
        return facts->app == APP_QUIC || facts->app == APP_GQUIC ? NAME_QUIC_SNI : NAME_TLS_SNI;
    }
    if (!text_is_empty(host)) {
        *ret_name = host;
        return NAME_HTTP_HOST;
    }
    return NAME_NONE;
}

bool is_resolver_talk(const struct flow_facts *facts)
{
    return facts != NULL && (facts->app == APP_DNS || facts->app == APP_MDNS || facts->app == APP_LLMNR);
}

bool wants_dns_name(const struct flow_facts *facts)
{
    struct text unused;
    return !is_resolver_talk(facts) && (own_name(facts, &unused) == NAME_NONE || facts->tls.ech == ECH_OFFERED);
}

bool host_took_part(const struct flow *flow, const struct view *v)
{
    if (flow->client_side == v->host_side)
        return true;
    if (flow->key.protocol == IP_PROTO_TCP)
        return flow->tcp_seen[v->host_side] & TCP_PSH;
    return flow->key.protocol == IP_PROTO_UDP && flow->packets[v->host_side] > 0;
}

bool is_agent(const struct attribution *a)
{
    return a->product != NULL && a->product->is_agent && a->purpose != PURPOSE_WEB;
}

/* A conversation, also where the mirror shows one direction only: a client that went on after its SYN, or a server that
 * sent content. */
static bool has_exchange(const struct flow *flow)
{
    unsigned client = flow->client_side;
    if (flow->key.protocol == IP_PROTO_TCP)
        return (flow->tcp_seen[client] & TCP_ACK) || (flow->tcp_seen[!client] & TCP_PSH);
    return flow->key.protocol == IP_PROTO_UDP && flow->packets[!client] > 0;
}

/* A network says nothing of a flow that has a name; but under ECH the visible name may be the front's. */
static bool names_itself(const struct flow_facts *facts)
{
    struct text unused;
    return own_name(facts, &unused) != NAME_NONE && facts->tls.ech == ECH_NONE;
}

void attribute_view(const struct engine_options *options, const struct flow *flow, const struct flow_facts *facts,
                    const struct view *v, const struct text *names, size_t name_count, bool names_are_common,
                    bool is_final, struct attribution *ret)
{
    uint32_t asns[OPERATOR_ASNS_MAX];
    struct attribution_input input = {
        .facts = facts,
        .remote = v->remote,
        .remote_port = flow->key.port[!v->host_side],
        .protocol = flow->key.protocol,
        .remote_is_client = flow->client_side != v->host_side,
        .dns_names = names,
        .dns_name_count = name_count,
        .dns_is_common = names_are_common,
        .asns = asns,
    };
    input.has_exchange = has_exchange(flow);
    if (is_final && !v->is_internal && !names_itself(facts))
        input.asn_count = geo_origin_asns(options->geo, v->remote, asns, OPERATOR_ASNS_MAX);
    attribute(options->catalog, &input, ret);
}
