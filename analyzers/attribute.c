/*
 * From facts to product x purpose. Everything the flow shows is collected as findings of the catalogue, each with the
 * confidence it can carry alone; the strongest decides product and confidence, those of the same vendor support it.
 * What a flow calls itself (SNI, Host, CONNECT target) silences what merely lies beside it: DNS, certificate, AS,
 * address range. Under ECH (RFC 9849) the visible SNI may be the front's public name, and silences only where something
 * vouches for it.
 */
#include "attribute.h"

#include <stdio.h>

#include "catalog_internal.h"
#include "decoded.h"

enum { FOUND_MAX = 32, OWN_NAMES_MAX = 8 };

struct found {
    const struct catalog_entry *entry;
    const char *kind; /* word of the record */
    struct text value;
    enum confidence confidence; /* alone */
    bool only_supports;
};

struct search {
    const struct catalog *catalog;
    const struct attribution_input *input;
    struct found found[FOUND_MAX];
    size_t count;
    bool has_own_name;       /* the flow names itself ... */
    bool own_name_known;     /* ... and the catalogue knows that name */
    bool name_may_be_public; /* ... but under ECH, which hides the true one */
    char asn[16], address[IP_TEXT_SIZE], port[16];
};

static enum confidence lower(enum confidence a, enum confidence b)
{
    return a < b ? a : b;
}

/* What an indicator can carry at most, wherever it was seen. */
static enum confidence ceiling(const struct indicator *indicator)
{
    bool is_weak = !indicator->is_exclusive || indicator->is_unconfirmed || indicator->is_mixed;
    return is_weak ? CONFIDENCE_POSSIBLE : CONFIDENCE_CONFIRMED;
}

static void add(struct search *s, const struct catalog_entry *entry, const char *kind, struct text value,
                enum confidence most)
{
    if (entry == NULL || s->count == FOUND_MAX)
        return;
    s->found[s->count++] = (struct found){entry, kind, value, lower(most, ceiling(&entry->indicator)), false};
}

static void add_support(struct search *s, const struct catalog_entry *entry, const char *kind, struct text value)
{
    size_t before = s->count;
    add(s, entry, kind, value, CONFIDENCE_POSSIBLE);
    if (s->count > before)
        s->found[before].only_supports = true;
}

static const struct catalog_entry *match_name(const struct search *s, struct text name)
{
    return name_index_find(&s->catalog->names, name, NULL);
}

static void add_own_name(struct search *s, struct text name, enum name_source source)
{
    if (text_is_empty(name) || name_is_address(name))
        return;
    const struct catalog_entry *entry = match_name(s, name);
    s->has_own_name = true;
    s->own_name_known |= entry != NULL;
    add(s, entry, name_source_text(source), name, CONFIDENCE_CONFIRMED);
}

/*
 * A path that any host may serve, asked of a name that is none of the vendor's: mirrors do so, and so does who only
 * tries the path. What is answered decides; a claim cannot be taken back, so it waits for the answer.
 */
static enum confidence mirrored_path(const struct search *s, const struct catalog_entry *path,
                                     const struct http_facts *answer)
{
    if (answer == NULL || !answer->has_response || answer->status >= 400)
        return CONFIDENCE_POSSIBLE;
    const struct catalog_entry *body =
        catalog_match_body(s->catalog, answer->response_body, answer->response_body_length);
    bool is_vendors = body != NULL && body->indicator.product->vendor == path->indicator.product->vendor;
    return is_vendors ? CONFIDENCE_CONFIRMED : CONFIDENCE_PROBABLE;
}

/* @param answer to this request, NULL when it is not known which it is. */
static void look_at_path(struct search *s, struct text path, struct text name, const struct http_facts *answer)
{
    const struct catalog_entry *entry = catalog_match_path(s->catalog, path, name);
    if (entry == NULL)
        return;
    const struct catalog_entry *zone = match_name(s, name);
    bool is_foreign = entry->host_count == 0 && !text_is_empty(name) &&
                      (zone == NULL || zone->indicator.product->vendor != entry->indicator.product->vendor);
    add(s, entry, indicator_kind_text(INDICATOR_HTTP_PATH), path,
        is_foreign ? mirrored_path(s, entry, answer) : CONFIDENCE_CONFIRMED);
}

static void look_at_request(struct search *s, struct text host, struct text path, struct text user_agent,
                            const struct http_facts *answer)
{
    struct text name = name_of_host(host);
    add_own_name(s, name, NAME_HTTP_HOST);
    if (!text_is_empty(path))
        look_at_path(s, path, name, answer);
    if (!text_is_empty(user_agent))
        add(s, catalog_match_user_agent(s->catalog, user_agent, name), indicator_kind_text(INDICATOR_USER_AGENT),
            user_agent, CONFIDENCE_POSSIBLE);
}

static bool is_no_http(const struct http_facts *http)
{
    return text_is_empty(http->host) && text_is_empty(http->path) && text_is_empty(http->user_agent) &&
           http->further_count == 0 && text_is_empty(http->header_names) && http->response_body_length == 0;
}

static void look_at_http(struct search *s, const struct http_facts *http)
{
    struct text header = {NULL, 0};
    if (is_no_http(http)) /* most flows */
        return;
    look_at_request(s, http->host, http->path, http->user_agent, http);
    for (size_t i = 0; i < http->further_count && i < sizeof(http->further) / sizeof(http->further[0]); i++)
        look_at_request(s, http->further[i].host, http->further[i].path, http->further[i].user_agent, NULL);
    const struct catalog_entry *entry = catalog_match_header(s->catalog, http->header_names, &header);
    add(s, entry, indicator_kind_text(INDICATOR_HTTP_HEADER), header, CONFIDENCE_CONFIRMED);
    /* A few bytes that look like the vendor's file format: good when nothing else speaks, little when the host has
     * another name. */
    entry = catalog_match_body(s->catalog, http->response_body, http->response_body_length);
    if (entry != NULL)
        add(s, entry, indicator_kind_text(INDICATOR_HTTP_BODY), text_of(entry->indicator.value),
            s->has_own_name && !s->own_name_known ? CONFIDENCE_POSSIBLE : CONFIDENCE_PROBABLE);
}

static bool is_told(const struct attribution_input *in, struct text name)
{
    for (size_t i = 0; i < in->dns_name_count; i++)
        if (text_equal_nocase(in->dns_names[i], name))
            return true;
    return false;
}

/*
 * Browsers send ECH to everybody, and where the server has none (GREASE) beside the true name. So the visible name is
 * believed when the catalogue knows it, when DNS gave this address for it, or when a proxy was asked for a name.
 */
static bool name_may_be_public(const struct search *s)
{
    const struct flow_facts *facts = s->input->facts;
    struct text sni = facts->tls.sni;
    return facts->tls.ech == ECH_OFFERED && !text_is_empty(sni) && !name_is_address(sni) &&
           match_name(s, sni) == NULL && !is_told(s->input, sni) && text_is_empty(name_of_host(facts->http.host));
}

static void look_at_hello(struct search *s, const struct flow_facts *facts)
{
    const struct tls_facts *tls = &facts->tls;
    bool is_quic = facts->app == APP_QUIC || facts->app == APP_GQUIC;
    add_own_name(s, tls->sni, is_quic ? NAME_QUIC_SNI : NAME_TLS_SNI);
    if (!text_is_empty(facts->quic.user_agent))
        add(s, catalog_match_user_agent(s->catalog, facts->quic.user_agent, tls->sni),
            indicator_kind_text(INDICATOR_USER_AGENT), facts->quic.user_agent, CONFIDENCE_POSSIBLE);
}

/* Products that filter TLS on the machine re-open the browser's connections, so a fingerprint says nothing towards a
 * named site. */
static void look_at_fingerprints(struct search *s, const struct tls_facts *tls)
{
    static const enum indicator_kind kinds[] = {INDICATOR_JA3, INDICATOR_JA4};
    const struct text values[] = {text_of(tls->ja3), text_of(tls->ja4)};
    for (size_t i = 0; i < 2; i++) {
        const struct catalog_entry *entry =
            values[i].length > 0 ? catalog_match_value(s->catalog, kinds[i], values[i]) : NULL;
        if (entry != NULL && s->has_own_name)
            add_support(s, entry, indicator_kind_text(kinds[i]), values[i]);
        else
            add(s, entry, indicator_kind_text(kinds[i]), values[i], CONFIDENCE_POSSIBLE);
    }
}

static void look_at_issuer(struct search *s, const struct certificate_facts *leaf)
{
    static const enum indicator_kind kinds[] = {INDICATOR_ISSUER_CN, INDICATOR_ISSUER_ORG};
    const struct text values[] = {leaf->issuer_cn, leaf->issuer_org};
    for (size_t i = 0; i < 2; i++)
        if (!text_is_empty(values[i]))
            add(s, catalog_match_value(s->catalog, kinds[i], values[i]), indicator_kind_text(kinds[i]), values[i],
                CONFIDENCE_PROBABLE);
}

/*
 * The subject's organisation counts where the flow has no name of its own, and supports a name that the catalogue
 * knows. The list of alternative names never counts: clouds put many services on one certificate.
 */
static void look_at_certificate(struct search *s, const struct tls_facts *tls)
{
    if (tls->certificate_count == 0)
        return;
    const struct certificate_facts *leaf = &tls->certificate[0];
    look_at_issuer(s, leaf);
    if (text_is_empty(leaf->subject_org))
        return;
    const struct catalog_entry *entry = catalog_match_value(s->catalog, INDICATOR_CERT_ORG, leaf->subject_org);
    if (s->has_own_name)
        add_support(s, entry, indicator_kind_text(INDICATOR_CERT_ORG), leaf->subject_org);
    else
        add(s, entry, indicator_kind_text(INDICATOR_CERT_ORG), leaf->subject_org, CONFIDENCE_PROBABLE);
}

static bool is_agent_purpose(const struct indicator *indicator)
{
    return indicator->product->is_agent && indicator->purpose != PURPOSE_WEB;
}

/*
 * Several names may share an address. The latest is what the flow is for most likely; it carries `probable` only when
 * most of the others are the same vendor's.
 */
static bool look_at_dns(struct search *s)
{
    const struct attribution_input *in = s->input;
    const struct catalog_entry *best = NULL;
    size_t best_at = 0, agreeing = 0;
    for (size_t i = 0; i < in->dns_name_count; i++) {
        const struct catalog_entry *entry = match_name(s, in->dns_names[i]);
        if (entry == NULL || (s->name_may_be_public && !is_agent_purpose(&entry->indicator)) ||
            (best != NULL && (is_agent_purpose(&best->indicator) || !is_agent_purpose(&entry->indicator))))
            continue;
        best = entry;
        best_at = i;
    }
    if (best == NULL)
        return in->dns_name_count > 0 && !in->dns_is_common;
    for (size_t i = 0; i < in->dns_name_count; i++) {
        const struct catalog_entry *entry = match_name(s, in->dns_names[i]);
        agreeing += entry != NULL && entry->indicator.product->vendor == best->indicator.product->vendor;
    }
    bool is_agreed = best_at == 0 && agreeing * 2 > in->dns_name_count;
    add(s, best, name_source_text(NAME_DNS_ANSWER), in->dns_names[best_at],
        in->dns_is_common || !is_agreed ? CONFIDENCE_POSSIBLE : CONFIDENCE_PROBABLE);
    return true;
}

/* An address alone is evidence of a conversation, not of a knock that nobody answered; against a visible name only the
 * vendor's own network counts. */
static void add_network(struct search *s, const struct indicator *network, struct text value)
{
    bool is_shared = !network->is_exclusive || network->is_unconfirmed;
    if (s->name_may_be_public && is_shared)
        return;
    add(s, entry_of(network), indicator_kind_text(network->kind), value,
        s->input->has_exchange ? CONFIDENCE_PROBABLE : CONFIDENCE_POSSIBLE);
}

static void look_at_network(struct search *s)
{
    const struct attribution_input *in = s->input;
    const struct indicator *range = in->remote ? catalog_match_prefix(s->catalog, in->remote) : NULL;
    if (range != NULL) {
        ip_print(in->remote, s->address);
        add_network(s, range, text_of(s->address));
    }
    for (size_t i = 0; i < in->asn_count; i++) {
        const struct indicator *asn = catalog_match_asn(s->catalog, in->asns[i]);
        if (asn == NULL)
            continue;
        snprintf(s->asn, sizeof(s->asn), "AS%u", (unsigned)in->asns[i]);
        add_network(s, asn, text_of(s->asn));
        return;
    }
}

/* Order among equals: what tells most about the very request comes first. */
static unsigned rank_of_kind(enum indicator_kind kind)
{
    static const unsigned char ranks[INDICATOR_KIND_COUNT] = {
        [INDICATOR_HTTP_PATH] = 0, [INDICATOR_HTTP_HEADER] = 1, [INDICATOR_DOMAIN] = 2,
        [INDICATOR_PATTERN] = 3,   [INDICATOR_SUFFIX] = 4,      [INDICATOR_HTTP_BODY] = 5,
        [INDICATOR_CERT_ORG] = 6,  [INDICATOR_PREFIX] = 7,      [INDICATOR_ASN] = 8,
        [INDICATOR_ISSUER_CN] = 9, [INDICATOR_ISSUER_ORG] = 10, [INDICATOR_USER_AGENT] = 11,
        [INDICATOR_JA4] = 12,      [INDICATOR_JA3] = 13,        [INDICATOR_PORT] = 14,
    };
    return ranks[kind];
}

static bool is_stronger(const struct found *a, const struct found *b)
{
    bool a_agent = is_agent_purpose(&a->entry->indicator), b_agent = is_agent_purpose(&b->entry->indicator);
    if (a->only_supports != b->only_supports)
        return b->only_supports;
    if (a->confidence != b->confidence)
        return a->confidence > b->confidence;
    if (a_agent != b_agent)
        return a_agent;
    return rank_of_kind(a->entry->indicator.kind) < rank_of_kind(b->entry->indicator.kind);
}

/* Stable, so that among equals the first seen stays first. */
static void sort_found(struct search *s)
{
    for (size_t i = 1; i < s->count; i++) {
        struct found moving = s->found[i];
        size_t at = i;
        for (; at > 0 && is_stronger(&moving, &s->found[at - 1]); at--)
            s->found[at] = s->found[at - 1];
        s->found[at] = moving;
    }
}

static bool is_same_evidence(const struct evidence *e, const struct found *f)
{
    return e->indicator == &f->entry->indicator && e->kind == f->kind;
}

static void add_evidence(struct attribution *ret, const struct found *f)
{
    if (ret->evidence_count == EVIDENCE_MAX)
        return;
    for (size_t i = 0; i < ret->evidence_count; i++)
        if (is_same_evidence(&ret->evidence[i], f))
            return;
    struct evidence *e = &ret->evidence[ret->evidence_count++];
    e->kind = f->kind;
    e->indicator = &f->entry->indicator;
    text_copy(f->value, e->value, sizeof(e->value));
}

/* A host that does several jobs: path, header or user agent of the same vendor may name the job. */
static enum purpose refined_purpose(const struct search *s, const struct indicator *main)
{
    if (main->purpose != PURPOSE_UNKNOWN)
        return main->purpose;
    for (size_t i = 0; i < s->count; i++) {
        const struct indicator *other = &s->found[i].entry->indicator;
        bool is_request = other->kind == INDICATOR_HTTP_PATH || other->kind == INDICATOR_HTTP_HEADER ||
                          other->kind == INDICATOR_USER_AGENT || other->kind == INDICATOR_HTTP_BODY;
        if (is_request && !other->is_unconfirmed && other->product->vendor == main->product->vendor &&
            other->purpose != PURPOSE_WEB && other->purpose != PURPOSE_UNKNOWN)
            return other->purpose;
    }
    return PURPOSE_UNKNOWN;
}

static void add_port(struct search *s, const struct product *product)
{
    const struct attribution_input *in = s->input;
    const struct catalog_entry *entry = catalog_match_port(s->catalog, product, in->protocol, in->remote_port);
    if (entry == NULL)
        return;
    snprintf(s->port, sizeof(s->port), "%u/%s", (unsigned)in->remote_port,
             in->protocol == IP_PROTO_TCP ? "tcp" : "udp");
    add_support(s, entry, indicator_kind_text(INDICATOR_PORT), text_of(s->port));
}

static bool is_beside_the_flow(const struct evidence *e)
{
    return e->indicator->kind == INDICATOR_ASN || e->indicator->kind == INDICATOR_PREFIX ||
           strcmp(e->kind, name_source_text(NAME_DNS_ANSWER)) == 0;
}

static void decide(struct search *s, struct attribution *ret)
{
    sort_found(s);
    if (s->count == 0 || s->found[0].only_supports)
        return;
    const struct indicator *main = &s->found[0].entry->indicator;
    ret->product = main->product;
    ret->confidence = s->found[0].confidence;
    ret->purpose = main->product->is_agent ? refined_purpose(s, main) : PURPOSE_WEB;
    /* Who only inspects TLS tells no job: the connection is the browser's. */
    if (main->kind == INDICATOR_ISSUER_CN || main->kind == INDICATOR_ISSUER_ORG)
        ret->purpose = PURPOSE_UNKNOWN;
    add_port(s, main->product);
    for (size_t i = 0; i < s->count; i++)
        if (s->found[i].entry->indicator.product->vendor == main->product->vendor)
            add_evidence(ret, &s->found[i]);
    ret->name_is_hidden = s->name_may_be_public && is_beside_the_flow(&ret->evidence[0]);
}

/* The remote of a DNS flow is a resolver, whatever is asked. */
static bool is_name_service(const struct flow_facts *facts)
{
    return facts != NULL && (facts->app == APP_DNS || facts->app == APP_MDNS || facts->app == APP_LLMNR);
}

/* Errors and pings are no conversation of an agent, whoever sends them. */
static bool is_icmp(uint8_t protocol)
{
    return protocol == IP_PROTO_ICMP || protocol == IP_PROTO_ICMPV6;
}

void attribute(const struct catalog *catalog, const struct attribution_input *input, struct attribution *ret)
{
    struct search s; /* the arrays are large and fill from the front: they need no clearing */
    s.catalog = catalog;
    s.input = input;
    s.count = 0;
    s.has_own_name = s.own_name_known = s.name_may_be_public = false;
    ret->product = NULL;
    ret->purpose = PURPOSE_UNKNOWN;
    ret->confidence = CONFIDENCE_NONE;
    ret->name_is_hidden = false;
    ret->engine_host = NULL;
    ret->evidence_count = 0;
    if (input->remote_is_client || is_icmp(input->protocol) || is_name_service(input->facts))
        return;
    if (input->facts != NULL) {
        s.name_may_be_public = name_may_be_public(&s);
        look_at_hello(&s, input->facts);
        look_at_http(&s, &input->facts->http);
        look_at_certificate(&s, &input->facts->tls);
        look_at_fingerprints(&s, &input->facts->tls);
    }
    if ((!s.has_own_name || s.name_may_be_public) && !look_at_dns(&s))
        look_at_network(&s);
    decide(&s, ret);
}
