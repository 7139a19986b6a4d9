/* What the analyzers saw, in the words of the flow record, and the exposure that follows from it. */
#include "json_internal.h"
#include "wire_names_internal.h"

/* Absent when it was not seen. */
static void put_text(struct json_writer *w, const char *key, struct text value)
{
    if (value.data == NULL)
        return;
    json_key(w, key);
    json_text(w, value);
}

static void put_seen(struct json_writer *w, const char *key, const char *value)
{
    if (value[0] != '\0')
        json_member_string(w, key, value);
}

/* Version, cipher and key exchange: null until the server chose. */
static void put_negotiated(struct json_writer *w, const struct tls_facts *tls, bool with_group)
{
    char room[WIRE_NAME_SIZE];
    json_member_string(w, "version", tls->version ? tls_version_name(tls->version, room) : NULL);
    json_member_string(w, "cipher", tls->has_server_hello ? tls_suite_name(tls->cipher, room) : NULL);
    if (with_group)
        json_member_string(w, "key_exchange",
                           tls->key_exchange_group ? tls_group_name(tls->key_exchange_group, room) : NULL);
}

static void put_certificate(struct json_writer *w, const struct certificate_facts *certificate)
{
    json_key(w, "certificate");
    json_begin_object(w);
    put_text(w, "subject_org", certificate->subject_org);
    put_text(w, "issuer_org", certificate->issuer_org);
    json_key(w, "sha256");
    json_hex(w, certificate->sha256, sizeof(certificate->sha256));
    json_end_object(w);
}

static void put_tls(struct json_writer *w, const struct tls_facts *tls)
{
    char room[WIRE_NAME_SIZE];
    json_key(w, "tls");
    json_begin_object(w);
    put_negotiated(w, tls, false);
    put_text(w, "sni", tls->sni);
    put_text(w, "alpn", tls->alpn);
    put_seen(w, "ja3", tls->ja3);
    put_seen(w, "ja3s", tls->ja3s);
    put_seen(w, "ja4", tls->ja4);
    if (tls->has_client_hello)
        json_member_bool(w, "ech", tls->ech == ECH_OFFERED);
    if (tls->has_server_hello)
        json_member_bool(w, "resumed", tls->is_resumed);
    json_member_string(w, "key_exchange",
                       tls->key_exchange_group ? tls_group_name(tls->key_exchange_group, room) : NULL);
    if (tls->certificate_count > 0)
        put_certificate(w, &tls->certificate[0]);
    json_end_object(w);
}

static void put_quic(struct json_writer *w, const struct flow_facts *facts)
{
    char room[WIRE_NAME_SIZE];
    json_key(w, "quic");
    json_begin_object(w);
    json_member_string(w, "version", facts->quic.version ? quic_version_name(facts->quic.version, room) : NULL);
    put_text(w, "sni", facts->tls.sni);
    put_seen(w, "ja4", facts->tls.ja4);
    json_end_object(w);
}

static void put_http(struct json_writer *w, const struct http_facts *http)
{
    json_key(w, "http");
    json_begin_object(w);
    put_text(w, "host", http->host);
    put_text(w, "path", http->path);
    put_text(w, "user_agent", http->user_agent);
    put_text(w, "method", http->method);
    json_end_object(w);
}

static void put_dns(struct json_writer *w, const struct dns_facts *dns)
{
    json_key(w, "dns");
    json_begin_object(w);
    put_text(w, "query", dns->query);
    json_key(w, "answers");
    json_begin_array(w);
    for (unsigned i = 0; i < dns->answer_count; i++)
        json_address(w, &dns->answers[i]);
    json_end_array(w);
    json_end_object(w);
}

static bool has_tls(const struct tls_facts *tls)
{
    return tls->has_client_hello || tls->has_server_hello || tls->has_certificates;
}

void json_put_facts(struct json_writer *w, const struct flow_facts *facts)
{
    if (facts == NULL)
        return;
    if (has_tls(&facts->tls))
        put_tls(w, &facts->tls);
    if (facts->app == APP_QUIC || facts->app == APP_GQUIC)
        put_quic(w, facts);
    if (facts->http.has_request || facts->http.has_response)
        put_http(w, &facts->http);
    if (facts->dns.has_query || facts->dns.has_response)
        put_dns(w, &facts->dns);
}

void json_put_exposure(struct json_writer *w, const struct sighting *s)
{
    char readable[200];
    const struct exposure *e = &s->exposure;
    json_key(w, "exposure");
    json_begin_object(w);
    json_member_string(w, "class", exposure_class_text(e->class_));
    json_member_string(w, "readable_in_transit", exposure_readable_in_transit(e, readable, sizeof(readable)));
    json_member_string(w, "reason", e->reason);
    if (e->content_alterable)
        json_member_bool(w, "content_alterable", true);
    if (e->is_resumed)
        json_member_bool(w, "resumed", true);
    if (e->has_early_data)
        json_member_bool(w, "early_data", true);
    if (e->name_is_hidden)
        json_member_bool(w, "name_hidden", true);
    json_key(w, "tls");
    if (s->facts != NULL && has_tls(&s->facts->tls)) {
        json_begin_object(w);
        put_negotiated(w, &s->facts->tls, true);
        json_end_object(w);
    } else {
        json_null(w);
    }
    json_end_object(w);
}
