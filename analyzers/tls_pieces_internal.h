/*
 * Bytes that arrive in pieces, in any order and more than once: DTLS handshake fragments, QUIC CRYPTO frames. What came
 * first stays.
 */
#ifndef BORDERTAP_ANALYZERS_TLS_PIECES_INTERNAL_H
#define BORDERTAP_ANALYZERS_TLS_PIECES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TLS_PIECES_MAX = 32 }; /* separate stretches at one time; Chrome splits a hello into some ten */

struct tls_pieces {
    uint8_t *data; /* block, owned by whoever keeps this */
    uint32_t capacity;
    uint8_t count;
    struct {
        uint32_t start, end;
    } ranges[TLS_PIECES_MAX]; /* ascending, apart from each other */
};

/** @return false when the piece lies beyond the capacity or makes one stretch too many; nothing is then kept of it. */
bool tls_pieces_add(struct tls_pieces *pieces, uint64_t offset, const uint8_t *data, size_t length);

/** Contiguous bytes from the beginning. */
static inline uint32_t tls_pieces_front(const struct tls_pieces *pieces)
{
    return pieces->count > 0 && pieces->ranges[0].start == 0 ? pieces->ranges[0].end : 0;
}

#endif
