/* QUIC's first packets, sealed as RFC 9001 (version 1) and RFC 9369 (version 2) say, written apart from the program's
 * own reader. */
#ifndef SCENARIOS_QUIC_INITIAL_H
#define SCENARIOS_QUIC_INITIAL_H

#include "talk.h"

enum quic_version { QUIC_V1 = 1, QUIC_V2 = 0x6b3343cf };

/**
 * A QUIC conversation around a TLS 1.3 dialogue (of `is_quic`): both Initials, then packets nobody can read.
 * @param crypto_piece the client's hello is cut into CRYPTO frames of this size, last one first; 0: one frame.
 */
void quic_talk(struct capture *out, const struct peer *client, const struct peer *server, const struct dialogue *tls,
               enum quic_version version, size_t crypto_piece);

#endif
