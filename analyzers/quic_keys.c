/*
 * Initial packets of QUIC are sealed with keys anyone can derive from the first destination connection id (RFC
 * 9001, 5.2; RFC 9369, 3.3). Salts of the drafts are those of draft-ietf-quic-tls-22 to -34, Google's those of
 * Chromium's crypto_utils.
 */
#include "quic_internal.h"

static const struct quic_version versions[] = {
    {.first = 0x00000001,
     .last = 0x00000001, /* RFC 9001 */
     .salt = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
              0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a}},
    {.first = 0x6b3343cf,
     .last = 0x6b3343cf,
     .has_v2_labels = true,
     .has_v2_types = true, /* RFC 9369 */
     .salt = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
              0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9}},
    {.first = 0x709a50c4,
     .last = 0x709a50c4,
     .has_v2_labels = true,
     .has_v2_types = true, /* drafts of version 2 */
     .salt = {0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d,
              0x62, 0xca, 0x57, 0x04, 0x06, 0xea, 0x7a, 0xe3, 0xe5, 0xd3}},
    {.first = 0xff000021,
     .last = 0xff000022, /* drafts 33 and 34 */
     .salt = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
              0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a}},
    {.first = 0xff00001d,
     .last = 0xff000020, /* drafts 29 to 32 */
     .salt = {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
              0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99}},
    {.first = 0xff000017,
     .last = 0xff00001c, /* drafts 23 to 28 */
     .salt = {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
              0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02}},
    {.first = 0xff000016,
     .last = 0xff000016, /* draft 22 */
     .salt = {0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a,
              0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a}},
    {.first = 0xfaceb001,
     .last = 0xfaceb001, /* Facebook's mvfst, like draft 22 */
     .salt = {0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a,
              0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a}},
    {.first = 0xfaceb002,
     .last = 0xfaceb013, /* mvfst, like drafts 23 to 28 */
     .salt = {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
              0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02}},
    {.first = 0x51303530,
     .last = 0x51303530,
     .has_google_frames = true,
     .has_google_hello = true, /* Q050 */
     .salt = {0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94,
              0x5c, 0xfc, 0xdb, 0xd3, 0xa7, 0xf0, 0xd3, 0xb5, 0x6b, 0x45}},
    {.first = 0x54303530,
     .last = 0x54303530,
     .has_google_frames = true, /* T050 */
     .salt = {0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80,
              0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48, 0x83, 0x10}},
    {.first = 0x54303531,
     .last = 0x54303531,
     .has_google_frames = true, /* T051 */
     .salt = {0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50,
              0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e, 0x03, 0x3d}},
};

const struct quic_version *quic_version_find(uint32_t number)
{
    if (quic_version_is_reserved(number))
        return &versions[0];
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
        if (number >= versions[i].first && number <= versions[i].last)
            return &versions[i];
    return NULL;
}

bool quic_version_is_familiar(uint32_t number)
{
    switch (number >> 8) {
    case 0xff0000: /* drafts */
    case 0xff0200: /* drafts of version 2 */
    case 0xfaceb0: /* mvfst */
    case 0xabcd00: /* Microsoft */
    case 0x91c170: /* quicly */
    case 0xf123f0: /* mozquic */
    case 0x504351: /* picoquic */
    case 0x454747: /* quant */
    case 0x513035: /* Q05x */
    case 0x543035: /* T05x */
        return true;
    default:
        return quic_version_find(number) != NULL;
    }
}

/** HKDF-Expand-Label with an empty context and at most one block of output (RFC 8446, 7.1; RFC 5869). */
static void expand_label(const struct tls_hmac_key *secret, const char *label, size_t wanted, uint8_t *ret)
{
    uint8_t info[64] = {0, (uint8_t)wanted}, block[TLS_SHA256_SIZE];
    size_t used = 3, label_length = strlen(label);
    memcpy(info + used, "tls13 ", 6);
    memcpy(info + used + 6, label, label_length);
    info[2] = (uint8_t)(6 + label_length);
    used += 6 + label_length;
    info[used++] = 0; /* context */
    info[used++] = 1; /* first block */
    tls_hmac_sha256(secret, info, used, block);
    memcpy(ret, block, wanted);
}

void quic_keys_derive(const struct quic_version *version, const uint8_t *dcid, size_t dcid_length, bool is_server,
                      struct quic_keys *ret)
{
    bool is_v2 = version->has_v2_labels;
    uint8_t secret[TLS_SHA256_SIZE];
    struct tls_hmac_key key;
    tls_hmac_sha256_key(version->salt, sizeof(version->salt), &key);
    tls_hmac_sha256(&key, dcid, dcid_length, secret);
    tls_hmac_sha256_key(secret, sizeof(secret), &key);
    expand_label(&key, is_server ? "server in" : "client in", sizeof(secret), secret);
    tls_hmac_sha256_key(secret, sizeof(secret), &key);
    expand_label(&key, is_v2 ? "quicv2 key" : "quic key", sizeof(ret->key), ret->key);
    expand_label(&key, is_v2 ? "quicv2 iv" : "quic iv", sizeof(ret->iv), ret->iv);
    expand_label(&key, is_v2 ? "quicv2 hp" : "quic hp", sizeof(ret->hp), ret->hp);
    ret->is_set = true;
}

/** The packet number is taken as sent: in Initial packets it stays small enough not to be cut. */
size_t quic_packet_open(struct tls_crypto *crypto, const struct quic_keys *keys, const struct quic_header *header,
                        uint8_t *ret)
{
    enum { TAG = 16, SAMPLE_AT = 4 };
    uint8_t mask[16], nonce[12], aad[QUIC_PACKET_MAX];
    size_t at = header->number_offset, whole = at + header->sealed_length;
    bool is_snapped = whole > header->captured;
    size_t end = is_snapped ? header->captured : whole - TAG;
    if (header->sealed_length < SAMPLE_AT + TAG || header->captured < at + SAMPLE_AT + TAG ||
        header->captured > QUIC_PACKET_MAX || !tls_aes_block(crypto, keys->hp, header->packet + at + SAMPLE_AT, mask))
        return 0;

    memcpy(aad, header->packet, at + 4);
    aad[0] ^= mask[0] & 0x0f;
    size_t number_length = (aad[0] & 3u) + 1;
    memcpy(nonce, keys->iv, sizeof(nonce));
    for (size_t i = 0; i < number_length; i++) {
        aad[at + i] ^= mask[1 + i];
        nonce[sizeof(nonce) - number_length + i] ^= aad[at + i];
    }
    size_t body = at + number_length;
    if (end <= body || !tls_gcm_open(crypto, keys->key, nonce, aad, body, header->packet + body, end - body,
                                     is_snapped ? NULL : header->packet + end, ret))
        return 0;
    return end - body;
}
