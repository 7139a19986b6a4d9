/*
 * What the analyzers saw in one flow. Built up while the flow is inspected; every text points into
 * the inspection's own pool and is good while the inspection lives (the receiver of an event copies
 * what it keeps). A text with NULL data was not seen. Field order follows the flow record of the
 * JSON contract.
 */
#ifndef BORDERTAP_FACTS_H
#define BORDERTAP_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "name.h"
#include "text.h"

enum app {
    APP_UNKNOWN,
    APP_TLS,
    APP_DTLS,
    APP_QUIC, /* IETF versions and drafts */
    APP_GQUIC,
    APP_HTTP,
    APP_HTTP2, /* with prior knowledge, clear text */
    APP_DNS,
    APP_MDNS,
    APP_LLMNR,
    APP_OTHER, /* nDPI named it: facts.app_name */
};

enum ech_state {
    ECH_NONE,
    ECH_OFFERED, /* encrypted_client_hello extension present: real or GREASE, nobody on the path can tell (RFC 9849) */
};

#define TLS_CERTIFICATES_MAX 8
#define DNS_ANSWERS_MAX 16

/** One X.509 certificate of the server's chain; texts as in the DER, UTF-8 or raw bytes. */
struct certificate_facts {
    struct text subject_org, subject_cn, issuer_org, issuer_cn, issuer_country, subject_country;
    uint8_t sha256[32];
    int64_t not_before_sec, not_after_sec; /* seconds since the epoch */
};

struct tls_facts {
    bool has_client_hello, has_server_hello, has_certificates;
    bool is_sslv2_hello;
    uint16_t version; /* negotiated (supported_versions honoured); 0 unknown. 0x0303 = TLS 1.2; DTLS as on the wire */
    uint16_t offered_version;    /* the highest the client offered; 0 unknown */
    uint16_t cipher;             /* chosen suite; 0 with has_server_hello false means unknown */
    uint16_t key_exchange_group; /* chosen named group (key_share or ServerKeyExchange); 0 unknown or none */
    bool is_hello_retry;         /* a HelloRetryRequest was seen */
    bool client_offers_hybrid;   /* a hybrid or post-quantum group in key_share or supported_groups */
    bool is_resumed;             /* PSK accepted, or session id / ticket resumption (TLS <= 1.2) */
    bool resumption_offered;
    bool early_data; /* 0-RTT offered by the client */
    enum ech_state ech;
    struct text sni;                 /* lower case, no trailing dot; may be an address literal as sent */
    struct text alpn;                /* chosen by the server when seen, else the first one offered */
    struct text alpn_offered;        /* comma-joined, in order */
    char ja3[33], ja3s[33], ja4[40]; /* "" when not computed */
    uint8_t certificate_count;       /* filled entries below, leaf first */
    bool certificates_complete;
    struct certificate_facts certificate[TLS_CERTIFICATES_MAX];
    struct text san_names; /* space-joined dNSName entries of the leaf, cut at 1,024 bytes */
    struct text starttls;  /* "smtp", "imap" ...: protocol it was started in, NULL for TLS from the first byte */
    bool over_connect;     /* inside an HTTP CONNECT tunnel */
};

struct quic_facts {
    uint32_t version; /* as on the wire, 0 unknown: 1 = v1, 0x6b3343cf = v2, 0xff0000NN drafts, 'Qnnn' gQUIC */
    bool has_retry, has_version_negotiation;
    uint8_t original_dcid[20];
    uint8_t original_dcid_length;
    struct text user_agent; /* gQUIC */
};

/** First body bytes of a response tell what kind of content it is, whatever the type header says. */
enum { HTTP_BODY_PREFIX = 32 };

struct http_facts {
    bool has_request, has_response;
    bool is_connect; /* CONNECT: host is its target */
    struct text method, host /* lower case, with ":port" as sent */, path /* with query */, user_agent;
    struct text content_type, server; /* of the first response */
    struct text header_names; /* names of the first request's headers: "Host\nUser-Agent\n...", cut at 1,024 bytes */
    struct text response_header_names;
    uint16_t status; /* of the first response */
    uint8_t request_body[HTTP_BODY_PREFIX], response_body[HTTP_BODY_PREFIX];
    uint8_t request_body_length, response_body_length; /* bytes kept above */
    uint32_t requests;                                 /* seen on this flow, pipelined and kept alive */
    /* Later requests of the same flow with another host or path, oldest first: an agent may reuse a connection. */
    struct {
        struct text method, host, path, user_agent;
    } further[4];
    uint8_t further_count;
};

struct dns_facts {
    bool has_query, has_response;
    struct text query; /* first question of the flow, lower case */
    uint16_t query_type, response_code;
    struct ip_address answers[DNS_ANSWERS_MAX];
    uint8_t answer_count;
    uint32_t messages;
};

struct flow_facts {
    enum app app;
    struct text app_name;   /* lower case; set when app is APP_OTHER */
    bool client_side_known; /* an analyzer knows who the client is ... */
    uint8_t client_side;    /* ... and it is this side of the flow's key */
    bool is_midstream;      /* TCP without its SYN */
    bool one_direction;     /* the other side sent no packet at all (so far) */
    bool has_gap;           /* bytes that mattered were lost or snapped */
    struct tls_facts tls;
    struct quic_facts quic;
    struct http_facts http;
    struct dns_facts dns;
};

/** "tls", "dtls", "quic", "gquic", "http", "http2", "dns", "mdns", "llmnr"; NULL for APP_UNKNOWN and APP_OTHER. */
const char *app_text(enum app app);

#endif
