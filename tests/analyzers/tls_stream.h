/* Hellos and flights as TLS records, and a flow to send them through. */
#ifndef BORDERTAP_TESTS_TLS_STREAM_H
#define BORDERTAP_TESTS_TLS_STREAM_H

#include "inspect_helper.h"

#include "certificate_bytes.h"
#include "tls_bytes.h"

static const struct inspector_options with_prints = {.fingerprints = FINGERPRINTS_ALL};

static const struct client_spec modern = {
    .version = 0x0303,
    .sni = "Updates.Example.COM.",
    .protocols = "\x02h2\x08http/1.1",
    .supported_versions = {0x0a0a, 0x0304, 0x0303},
    .groups = {0x11ec, 0x001d},
    .share = 0x11ec,
    .session_id_length = 32,
    .has_grease = true,
};
static const struct client_spec classic = {.version = 0x0303, .sni = "agent.example.com", .groups = {0x001d}};
static const struct server_spec answer_13 = {
    .version = 0x0303, .cipher = 0x1301, .selected_version = 0x0304, .group = 0x11ec, .session_id_length = 32};
static const struct server_spec answer_12 = {.version = 0x0303, .cipher = 0xc02f, .protocol = "\x08http/1.1"};

/** Both are large, so they live here and not on the stack. */
static struct bytes plain, wire_bytes_out;

static inline void client_records(const struct client_spec *spec, size_t record_max)
{
    plain.length = wire_bytes_out.length = 0;
    put_client_message(&plain, spec);
    put_records(&wire_bytes_out, 22, plain.data, plain.length, record_max);
}

static inline void server_13_records(const struct server_spec *spec)
{
    plain.length = wire_bytes_out.length = 0;
    put_server_message(&plain, spec);
    put_records(&wire_bytes_out, 22, plain.data, plain.length, 16384);
}

/** ServerHello, Certificate, ServerKeyExchange, ServerHelloDone. */
static inline void server_12_records(const struct server_spec *spec, unsigned certificates, size_t record_max)
{
    plain.length = wire_bytes_out.length = 0;
    put_server_message(&plain, spec);
    put_certificate_message(&plain, certificate_bytes, sizeof(certificate_bytes), certificates);
    put_key_exchange_message(&plain, 0x001d);
    close_length(&plain, open_message(&plain, 14), 3);
    put_records(&wire_bytes_out, 22, plain.data, plain.length, record_max);
}

static inline struct watched *watch_tls(void)
{
    return watch(&with_prints, IP_PROTO_TCP, 50000, 443);
}

static inline unsigned send_all(struct watched *w, unsigned side)
{
    return send_bytes(w, side, wire_bytes_out.data, wire_bytes_out.length);
}

#endif
