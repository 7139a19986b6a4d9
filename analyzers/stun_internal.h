/*
 * STUN (RFC 8489) and TURN (RFC 8656) as far as they stand before or around something else: checks that come before a
 * DTLS handshake on the same ports, and datagrams that a relay wraps.
 */
#ifndef BORDERTAP_ANALYZERS_STUN_INTERNAL_H
#define BORDERTAP_ANALYZERS_STUN_INTERNAL_H

#include "wire.h"

enum stun_kind {
    STUN_NONE,    /* something else */
    STUN_MESSAGE, /* a message that carries nothing */
    STUN_DATA,    /* a relayed datagram */
};

/**
 * @param wire_length of the datagram, more than @p length when snapped.
 * @param ret_inside the relayed bytes that are there, borrowed; set for STUN_DATA only.
 */
enum stun_kind stun_open(const uint8_t *data, size_t length, size_t wire_length, struct wire *ret_inside);

#endif
