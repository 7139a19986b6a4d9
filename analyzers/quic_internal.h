/* What QUIC's files share: versions, headers, keys of Initial packets, and Google's hello. */
#ifndef BORDERTAP_ANALYZERS_QUIC_INTERNAL_H
#define BORDERTAP_ANALYZERS_QUIC_INTERNAL_H

#include "tls_internal.h"

enum { QUIC_CID_MAX = 20, QUIC_PACKET_MAX = 4096 /* bytes of an Initial packet we open */ };
#define QUIC_DRAFT_29 0xff00001d

/** Numbers kept free to force version negotiation (RFC 9000, 15). */
static inline bool quic_version_is_reserved(uint32_t number)
{
    return (number & 0x0f0f0f0f) == 0x0a0a0a0a;
}

struct quic_version {
    uint32_t first, last; /* numbers this row is for */
    uint8_t salt[20];
    bool has_v2_labels, has_v2_types;
    bool has_google_frames; /* CRYPTO is 0x08, ACK has the old form */
    bool has_google_hello;  /* CHLO instead of a ClientHello */
};

/** @return NULL when we have no keys for it. Reserved numbers (?a?a?a?a) are read as version 1. */
const struct quic_version *quic_version_find(uint32_t number);
/** Numbers that some implementation is known to use, and that a probe may therefore believe. */
bool quic_version_is_familiar(uint32_t number);

enum quic_packet_type { QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE, QUIC_RETRY };

struct quic_header {
    uint8_t first;
    uint32_t version;
    const struct quic_version *known; /* NULL: version negotiation, or one we have no keys for */
    struct wire dcid, scid;
    enum quic_packet_type type;
    const uint8_t *packet;
    size_t number_offset; /* of the packet number, from packet */
    size_t sealed_length; /* packet number and payload as announced */
    size_t captured;      /* bytes of the packet that are there */
};

/**
 * One long header off @p w; moves behind the packet, or to the end when its length is unknown or runs past what is
 * there.
 * @return false when it is broken.
 */
bool quic_header_take(struct wire *w, struct quic_header *ret);

struct quic_keys {
    bool is_set;
    uint8_t key[16], iv[12], hp[16];
};

/** Keys of one side's Initial packets (RFC 9001, 5.2). */
void quic_keys_derive(const struct quic_version *version, const uint8_t *dcid, size_t dcid_length, bool is_server,
                      struct quic_keys *ret);

/** Takes header protection and sealing off. @param ret room for QUIC_PACKET_MAX bytes. @return plain bytes, 0 when it
 * fails. */
size_t quic_packet_open(struct tls_crypto *crypto, const struct quic_keys *keys, const struct quic_header *header,
                        uint8_t *ret);

/** Variable-length integer (RFC 9000, 16). */
uint64_t quic_varint(struct wire *w);

enum quic_frame_result { QUIC_FRAMES_END, QUIC_FRAMES_CRYPTO, QUIC_FRAMES_BROKEN };
/** Walks to the next CRYPTO frame of an Initial packet's plain bytes. */
enum quic_frame_result quic_frame_next(struct wire *w, const struct quic_version *version, uint64_t *ret_offset,
                                       struct wire *ret_data);

/** gquic.c: whether the bytes hold a whole CHLO; and its tags into the facts. @return enum inspect_state bits. */
bool gquic_hello_is_whole(const uint8_t *data, size_t length);
unsigned gquic_take_hello(const struct analyzer_input *input, const uint8_t *data, size_t length);
/** An ACK frame of the old form, its type byte already taken (Chromium's QUIC wire layout). */
void gquic_skip_ack(struct wire *w, uint8_t type);

#endif
