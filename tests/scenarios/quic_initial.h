/*
 * QUIC's first packets, sealed as RFC 9001 (version 1) and RFC 9369 (version 2) say, written apart from the program's
 * own reader.
 */
#ifndef SCENARIOS_QUIC_INITIAL_H
#define SCENARIOS_QUIC_INITIAL_H

#include "talk.h"

enum quic_version { QUIC_V1 = 1, QUIC_V2 = 0x6b3343cf };

struct quic_setup {
    enum quic_version version;
    size_t piece;                /* the hello is cut into CRYPTO frames of this size, last one first; 0: one a packet */
    bool is_retried;             /* the server sends a Retry first (RFC 9000, 17.2.5) */
    bool is_other_version_first; /* the client tries version 2, and is told what the server speaks (RFC 9000, 17.2.1) */
    bool is_client_only;         /* the tap sees one direction */
};

/** A conversation around a TLS 1.3 dialogue (of `is_quic`): both Initials, then packets nobody can read. */
void quic_talk(struct capture *out, const struct peer *client, const struct peer *server, const struct dialogue *tls,
               const struct quic_setup *setup);

#endif
