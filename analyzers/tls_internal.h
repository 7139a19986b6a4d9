/*
 * What TLS over TCP, DTLS and QUIC share: hellos as borrowed views, the suites' meaning, and the way from a handshake
 * message into flow_facts. Everything points into the caller's bytes; nothing here allocates.
 */
#ifndef BORDERTAP_ANALYZERS_TLS_INTERNAL_H
#define BORDERTAP_ANALYZERS_TLS_INTERNAL_H

#include "analyzer_internal.h"
#include "wire.h"

enum tls_transport {
    TLS_OVER_TCP,
    TLS_OVER_DATAGRAMS, /* DTLS */
    TLS_OVER_QUIC,
};

enum tls_handshake_type { /* RFC 8446, 4 and the older ones */
                          TLS_HELLO_REQUEST = 0,
                          TLS_CLIENT_HELLO = 1,
                          TLS_SERVER_HELLO = 2,
                          TLS_HELLO_VERIFY_REQUEST = 3,
                          TLS_HELLO_RETRY_REQUEST = 6, /* drafts of 1.3 before 22 */
                          TLS_CERTIFICATE = 11,
                          TLS_SERVER_KEY_EXCHANGE = 12,
                          TLS_SERVER_HELLO_DONE = 14,
};

enum tls_extension {
    TLS_EXT_SERVER_NAME = 0,
    TLS_EXT_SUPPORTED_GROUPS = 10,
    TLS_EXT_POINT_FORMATS = 11,
    TLS_EXT_SIGNATURE_ALGORITHMS = 13,
    TLS_EXT_ALPN = 16,
    TLS_EXT_SESSION_TICKET = 35,
    TLS_EXT_KEY_SHARE_OLD = 40, /* drafts of 1.3 before 23 */
    TLS_EXT_PRE_SHARED_KEY = 41,
    TLS_EXT_EARLY_DATA = 42,
    TLS_EXT_SUPPORTED_VERSIONS = 43,
    TLS_EXT_KEY_SHARE = 51,
    TLS_EXT_ECH_DRAFT_HRR = 0xfe09, /* drafts 8 and 9 */
    TLS_EXT_ECH_OLD = 0xfe0a,       /* draft 10 */
    TLS_EXT_ECH = 0xfe0d,           /* RFC 9849, drafts from 13 on */
    TLS_EXT_ESNI = 0xffce,          /* draft-ietf-tls-esni before 7 */
};

struct tls_client_hello {
    uint16_t legacy_version;
    struct wire session_id, ciphers, extensions; /* extensions: the whole list */
    struct wire groups, point_formats, signature_algorithms, versions, key_shares, protocols;
    struct wire server_name; /* host_name entry; at NULL when there is none */
    bool has_server_name_extension, has_ech, has_early_data, has_psk, has_ticket;
    bool is_damaged; /* an extension broke its length: what stood before is good */
};

struct tls_server_hello {
    uint16_t legacy_version, version; /* version: supported_versions honoured, as on the wire */
    uint16_t cipher, group;
    struct wire session_id, extensions, protocol; /* protocol: ALPN's choice, at NULL when absent */
    bool is_retry, has_psk, is_damaged;
};

/** @param body of the handshake message, without its header. @return false when it is no ClientHello; @p ret is then
 * undefined. */
bool tls_client_hello_parse(const uint8_t *body, size_t length, bool is_dtls, struct tls_client_hello *ret);
bool tls_server_hello_parse(const uint8_t *body, size_t length, struct tls_server_hello *ret);
/** Takes the next extension off @p list. @return false at its end or when its length breaks (list->failed tells). */
bool tls_extension_next(struct wire *list, uint16_t *ret_type, struct wire *ret_body);

static inline bool tls_is_grease(uint16_t value) /* RFC 8701 */
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/** TLS 1.3, its drafts (0x7fNN, Facebook's 0xfbNN), and DTLS 1.3. */
static inline bool tls_version_is_13(uint16_t version)
{
    return version == 0x0304 || version == 0xfefc || version >> 8 == 0x7f || version >> 8 == 0xfb;
}

/** Drafts of TLS 1.3 become 0x0304; everything else stays. */
static inline uint16_t tls_version_plain(uint16_t version)
{
    return version >> 8 == 0x7f || version >> 8 == 0xfb ? 0x0304 : version;
}

/** Orders TLS and DTLS versions, higher is newer: DTLS counts downwards on the wire. */
static inline uint16_t tls_version_rank(uint16_t version)
{
    return version >> 8 == 0xfe ? (uint16_t)(0x0301 + (uint8_t)~version) : tls_version_plain(version);
}

enum tls_key_exchange {
    TLS_KX_UNKNOWN,
    TLS_KX_13,  /* named by the key share, not by the suite */
    TLS_KX_RSA, /* RSA, RSA_PSK and other encryption to the server's long-lived key (GOST, SM2) */
    TLS_KX_STATIC_DH,
    TLS_KX_PSK,
    TLS_KX_KRB5,
    TLS_KX_DHE,
    TLS_KX_ECDHE,
    TLS_KX_ECDHE_PSK, /* an identity hint stands before the curve */
    TLS_KX_ANONYMOUS,
    TLS_KX_ANONYMOUS_EC,
    TLS_KX_SRP,
    TLS_KX_OTHER_FS, /* ECCPWD, ECJPAKE */
    TLS_KX_CECPQ1,   /* X25519 with New Hope, 2016 */
};

enum tls_strength {
    TLS_STRENGTH_SOUND,
    TLS_STRENGTH_NULL,
    TLS_STRENGTH_BROKEN,      /* export, DES, RC2, RC4 */
    TLS_STRENGTH_SMALL_BLOCK, /* 64-bit blocks: 3DES, IDEA, 28147 */
};

struct tls_suite {
    enum tls_key_exchange key_exchange;
    enum tls_strength strength;
};
struct tls_suite tls_suite_of(uint16_t cipher);

/** Hybrid or post-quantum named groups, drafts included. */
bool tls_group_is_post_quantum(uint16_t group);

/** How far a handshake is; part of each transport's state. */
struct tls_progress {
    uint8_t session_id[32]; /* the client's */
    uint8_t session_id_length;
    bool client_done, server_done; /* nothing more can come from that side in the clear */
    bool server_flight;            /* Certificate, ServerKeyExchange or ServerHelloDone was seen */
    bool server_gap;               /* server bytes were lost: the absence of a message means nothing */
};

/**
 * One whole handshake message into the facts.
 * @param body without the handshake header. @param is_cut only the first @p length bytes of it are here.
 * @return enum inspect_state bits, without INSPECT_FINISHED: see tls_progress.
 */
unsigned tls_facts_message(const struct analyzer_input *input, enum tls_transport transport,
                           struct tls_progress *progress, uint8_t type, const uint8_t *body, size_t length,
                           bool is_cut);
/** The server switched to encryption (ChangeCipherSpec, or an application record). */
unsigned tls_facts_server_encrypts(struct inspection *inspection, struct tls_progress *progress, bool is_change_cipher);
/** SSL 2.0 messages (draft-hickman-netscape-ssl-00); @p body starts at the message type. */
unsigned tls_facts_sslv2(const struct analyzer_input *input, struct tls_progress *progress, const uint8_t *body,
                         size_t length);

void tls_facts_set_client(struct inspection *inspection, unsigned side);

/* Digests: one at a time per crypto. */
enum tls_digest { TLS_MD5, TLS_SHA256 };
enum { TLS_MD5_SIZE = 16, TLS_SHA256_SIZE = 32 };
void tls_digest_start(struct tls_crypto *crypto, enum tls_digest digest);
void tls_digest_add(struct tls_crypto *crypto, const void *data, size_t length);
void tls_digest_end(struct tls_crypto *crypto, uint8_t *ret); /* 16 or 32 bytes */

/** HMAC-SHA-256 (RFC 2104) with a key of one block at most, made ready once for all that it signs. */
enum { TLS_HMAC_KEY_MAX = 64 };
struct tls_hmac_key {
    uint64_t digests[32]; /* opaque: the digests of the key's two blocks */
};
void tls_hmac_sha256_key(const uint8_t *key, size_t key_length, struct tls_hmac_key *ret);
void tls_hmac_sha256(const struct tls_hmac_key *key, const uint8_t *data, size_t length,
                     uint8_t ret[static TLS_SHA256_SIZE]);
/** One AES-128 block, for QUIC's header protection. */
bool tls_aes_block(struct tls_crypto *crypto, const uint8_t key[static 16], const uint8_t in[static 16],
                   uint8_t ret[static 16]);
/**
 * AES-128-GCM. @param sealed @p length bytes without the tag; @p tag NULL: the tag was not captured, take the bytes
 * unverified.
 */
bool tls_gcm_open(struct tls_crypto *crypto, const uint8_t key[static 16], const uint8_t nonce[static 12],
                  const uint8_t *aad, size_t aad_length, const uint8_t *sealed, size_t length, const uint8_t *tag,
                  uint8_t *ret);

#endif
