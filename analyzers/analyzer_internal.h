/*
 * What one protocol's analyzer is to the inspector, and what it may use. A protocol is one file and one row in the
 * inspector's table. Analyzers write into inspection->facts and keep texts in the inspection's pool; their own state
 * hangs on `state`.
 */
#ifndef BORDERTAP_ANALYZERS_ANALYZER_INTERNAL_H
#define BORDERTAP_ANALYZERS_ANALYZER_INTERNAL_H

#include "inspect.h"

struct analyzer;

enum {
    INSPECTION_TEXT_NEAR = 640,  /* enough for most flows: an inspection is small, as thousands are open at once */
    INSPECTION_TEXT_ROOM = 6144, /* for the others, in a block taken on demand */
};

/* What every look reads stands together at the front: of thousands that are open, most are out of the cache. */
struct inspection {
    struct inspector *inspector;     /* whose it is */
    const struct analyzer *analyzer; /* NULL until a probe says yes */
    void *state;                     /* the analyzer's, from inspector_take_block(); freed by its release() */
    uint32_t candidates;             /* bits of the inspector's table that may still be it */
    uint8_t payload_packets[2];      /* seen, by side; saturating */
    uint8_t waits;                   /* segments that only lengthened what a probe wants more of */
    uint8_t hand_overs;              /* from one analyzer to the next, so far */
    uint8_t sides_seen;              /* bits of the sides that sent payload */
    uint8_t sides_refused;           /* bits of the sides whose first bytes no probe knew */
    uint8_t ndpi_packets;            /* shown to nDPI */
    bool is_unknown;                 /* own parsers gave up */
    bool is_text_cut;                /* the pool below was full once */
    void *ndpi_flow;                 /* NULL until nDPI looks */
    const char *ndpi_name;           /* kept aside; nDPI's own constant, NULL until it has one */
    uint16_t near_used, far_used;
    char *far_text; /* NULL until the texts no longer fit below */
    struct flow_facts facts;
    char near_text[INSPECTION_TEXT_NEAR];
};

enum probe {
    PROBE_NO,
    PROBE_MORE, /* could be; show more bytes */
    PROBE_YES,
};

struct probe_input {
    const uint8_t *data;
    size_t length;
    unsigned side;           /* of the flow's key that sent it */
    const struct flow *flow; /* ports as a hint */
};

/** Per flow: which side and whether bytes before are missing. */
struct analyzer_input {
    struct inspector *inspector;
    struct inspection *inspection;
    const struct flow *flow;
    unsigned side;
    const uint8_t *data;
    size_t length;
    size_t wire_length; /* datagrams: more than length when snapped */
    bool has_gap;       /* streams: bytes before data are missing */
};

struct analyzer {
    const char *name;
    bool is_stream; /* TCP; else datagrams */
    enum probe (*probe)(const struct probe_input *input);
    /* Streams: consume from the front, set *ret_consumed. Datagrams: *ret_consumed is ignored. Return enum
     * inspect_state bits. */
    unsigned (*feed)(const struct analyzer_input *input, size_t *ret_consumed);
    void (*release)(struct inspector *inspector, struct inspection *inspection); /* gives state back; may be NULL */
    /* The flow ends, once for each side, without data: takes what is there of a cut message. May be NULL. */
    unsigned (*end)(const struct analyzer_input *input);
};

/* Rows of the table, one file each. */
extern const struct analyzer tls_analyzer, dtls_analyzer, quic_analyzer,
    gquic_analyzer; /* tls.c dtls.c quic.c gquic.c */
extern const struct analyzer http_analyzer, http2_analyzer, dns_tcp_analyzer, dns_udp_analyzer, starttls_analyzer,
    tunnel_analyzer;

/** Whether a handshake stands at the front, for TLS that begins inside another protocol: the other records' few fixed
 * bytes are too easily something else. Says no to all that does not begin with TLS_HANDSHAKE_BYTE. */
enum probe tls_handshake_probe(const struct probe_input *input);
enum { TLS_HANDSHAKE_BYTE = 22 };

/**
 * Passes over the CONNECT at the front of a side whose tunnel was found by the other side's bytes, and notes it.
 * @return false when there is none; else @p ret_consumed and @p ret_news as of a feed.
 */
bool http_pass_connect(const struct analyzer_input *input, size_t *ret_consumed, unsigned *ret_news);

/** SQL Server's protocol carries the handshake in packets of its own. */
#define TDS_NAME "mssql-tds"
enum { TDS_PRELOGIN = 0x12, TDS_HEADER = 8 };

/** A copy of some bytes in the inspection's pool; cut when the pool is full. Empty input gives a non-NULL empty text.
 */
struct text inspection_keep(struct inspection *inspection, const void *bytes, size_t length);
/** The same in lower case, with one trailing dot removed: for names. */
struct text inspection_keep_name(struct inspection *inspection, const void *bytes, size_t length);

/** Whether all of it is ASCII that prints, without spaces: other bytes stand in no host's name, and are there to
 * deceive. */
bool name_is_printable(const void *bytes, size_t length);

/**
 * Zeroed memory for state and buffers, from free lists by size class (up to 128 KiB) with a cap over the inspector;
 * NULL when the cap is reached (counted).
 */
void *inspector_take_block(struct inspector *inspector, size_t size);
/** The same, not zeroed: for buffers that are written before they are read. */
void *inspector_take_room(struct inspector *inspector, size_t size);
void inspector_give_block(struct inspector *inspector, void *block); /* NULL is fine */

const struct inspector_options *inspector_options_of(const struct inspector *inspector);

/**
 * libcrypto's ciphers and a digest, set up once (tls_crypto.c). The inspector makes it in inspector_new(), hands it out
 * with inspector_crypto() and frees it at its end.
 */
struct tls_crypto;
struct tls_crypto *tls_crypto_new(void);         /* NULL: libcrypto refused */
void tls_crypto_free(struct tls_crypto *crypto); /* NULL is fine */
struct tls_crypto *inspector_crypto(const struct inspector *inspector);

/** Reasons for refusing input, one counter each; the table of names stands in inspect.c. Add a row for a new one. */
enum inspect_reason {
    REASON_TLS_RECORD_MALFORMED,
    REASON_TLS_HELLO_MALFORMED,
    REASON_TLS_HANDSHAKE_TOO_LONG,
    REASON_TLS_CERTIFICATE_MALFORMED,
    REASON_DTLS_MALFORMED,
    REASON_QUIC_MALFORMED,
    REASON_QUIC_DECRYPT_FAILED,
    REASON_QUIC_UNKNOWN_VERSION,
    REASON_HTTP_MALFORMED,
    REASON_HTTP_HEADER_TOO_LONG,
    REASON_HTTP_HOST_MALFORMED, /* bytes that no name has: the host is left out */
    REASON_DNS_MALFORMED,
    REASON_DNS_NAME_LOOP,
    REASON_DNS_NAME_UNPRINTABLE, /* tied to no address */
    REASON_DNS_ANSWER_TOO_LONG,  /* more addresses, names or records than we keep */
    REASON_TUNNEL_MALFORMED,
    REASON_STARTTLS_GIVEN_UP, /* a long dialogue without TLS */
    REASON_TEXT_POOL_FULL,
    REASON_BLOCKS_EXHAUSTED,
    REASON_PACKETS_EXHAUSTED, /* flow given up: too many packets without an answer */
    REASON_COUNT,
};
void inspector_refuse(struct inspector *inspector, enum inspect_reason reason);

/**
 * Another analyzer takes over a stream in the middle: after STARTTLS, after CONNECT's 200. The present one is released;
 * what it did not consume and all later bytes go to @p to, or are probed anew when that is NULL.
 */
void inspection_hand_over(struct inspector *inspector, struct inspection *inspection, const struct analyzer *to);

#endif
