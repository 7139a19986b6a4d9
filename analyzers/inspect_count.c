/* The inspector's numbers, for the summary: what was refused and why, what flows spoke, how full the pools are. */
#include "inspect_internal.h"

static const char *const reason_names[REASON_COUNT] = {
    [REASON_TLS_RECORD_MALFORMED] = "tls_record_malformed",
    [REASON_TLS_HELLO_MALFORMED] = "tls_hello_malformed",
    [REASON_TLS_HANDSHAKE_TOO_LONG] = "tls_handshake_too_long",
    [REASON_TLS_CERTIFICATE_MALFORMED] = "tls_certificate_malformed",
    [REASON_DTLS_MALFORMED] = "dtls_malformed",
    [REASON_QUIC_MALFORMED] = "quic_malformed",
    [REASON_QUIC_DECRYPT_FAILED] = "quic_decrypt_failed",
    [REASON_QUIC_UNKNOWN_VERSION] = "quic_unknown_version",
    [REASON_HTTP_MALFORMED] = "http_malformed",
    [REASON_HTTP_HEADER_TOO_LONG] = "http_header_too_long",
    [REASON_HTTP_HOST_MALFORMED] = "http_host_malformed",
    [REASON_DNS_MALFORMED] = "dns_malformed",
    [REASON_DNS_NAME_LOOP] = "dns_name_loop",
    [REASON_DNS_NAME_UNPRINTABLE] = "dns_name_unprintable",
    [REASON_DNS_ANSWER_TOO_LONG] = "dns_answer_too_long",
    [REASON_TUNNEL_MALFORMED] = "tunnel_malformed",
    [REASON_STARTTLS_GIVEN_UP] = "starttls_given_up",
    [REASON_TEXT_POOL_FULL] = "text_pool_full",
    [REASON_BLOCKS_EXHAUSTED] = "blocks_exhausted",
    [REASON_PACKETS_EXHAUSTED] = "packets_exhausted",
};

static const char *const flow_names[APP_OTHER + 1] = {
    [APP_UNKNOWN] = "flows_unknown", [APP_TLS] = "flows_tls",     [APP_DTLS] = "flows_dtls",
    [APP_QUIC] = "flows_quic",       [APP_GQUIC] = "flows_gquic", [APP_HTTP] = "flows_http",
    [APP_HTTP2] = "flows_http2",     [APP_DNS] = "flows_dns",     [APP_MDNS] = "flows_mdns",
    [APP_LLMNR] = "flows_llmnr",     [APP_OTHER] = "flows_other",
};

static void count_one(counter_visit *visit, void *context, const char *name, uint64_t value)
{
    visit(context, &(struct counter){"inspect", name, value});
}

void inspector_count(const struct inspector *inspector, counter_visit *visit, void *context)
{
    for (size_t i = 0; i < REASON_COUNT; i++)
        count_one(visit, context, reason_names[i], inspector->refused[i]);
    for (size_t i = 0; i <= APP_OTHER; i++)
        count_one(visit, context, flow_names[i], inspector->flows[i]);
    count_one(visit, context, "inspections_refused", inspector->inspections_refused);
    count_one(visit, context, "inspections_used_most", inspector->inspections_used_most);
    count_one(visit, context, "block_bytes", inspector->block_bytes);
}

void inspector_refuse(struct inspector *inspector, enum inspect_reason reason)
{
    const struct inspector_options *options = &inspector->options;
    inspector->refused[reason]++;
    if (options->refused != NULL)
        options->refused(options->context, reason_names[reason]);
}
