/* TLS conversations by OpenSSL, both ends in memory; what OpenSSL 3.0 cannot do is patched into its hellos. */
#ifndef SCENARIOS_TLS_PAIR_H
#define SCENARIOS_TLS_PAIR_H

#include "talk.h"

enum tls_resumption { TLS_FULL, TLS_BY_TICKET, TLS_BY_SESSION_ID };

enum tls_patch {
    PATCH_NONE,
    PATCH_RC4,       /* the server chooses TLS_RSA_WITH_RC4_128_SHA, that OpenSSL does not build */
    PATCH_ECDHE_RC4, /* the server chooses TLS_ECDHE_RSA_WITH_RC4_128_SHA */
    PATCH_HYBRID,    /* X25519MLKEM768 offered and chosen */
    PATCH_ECH,       /* encrypted_client_hello offered beside the name given */
    PATCH_PSK_ONLY,  /* resumed without a key share */
};

struct tls_setup {
    const char *name;                                              /* SNI; NULL: none */
    const char *alpn;                                              /* offered and chosen; NULL: none */
    int version;                                                   /* TLS1_VERSION to TLS1_3_VERSION; 0: TLS 1.3 */
    const char *ciphers;                                           /* up to TLS 1.2; NULL: OpenSSL's choice */
    const char *subject_org, *subject_cn, *issuer_org, *issuer_cn; /* of the certificate; NULL: left out */
    const char *other_names;                                       /* "DNS:a,DNS:b"; NULL: none */
    enum tls_resumption resumption;
    enum tls_patch patch;
    const char *client_groups,
        *server_groups; /* NULL: OpenSSL's; a server without the client's first group asks again */
    bool is_quic;       /* hello with QUIC's transport parameters */
};

/** Handshake, a request and an answer, as they go over the wire. @param ret to be freed. */
void tls_talk(const struct tls_setup *setup, struct dialogue *ret);

#endif
