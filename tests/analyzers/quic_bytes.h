/* Seals Initial packets for the tests, the mirror of what the analyzer opens. */
#ifndef BORDERTAP_TESTS_QUIC_BYTES_H
#define BORDERTAP_TESTS_QUIC_BYTES_H

#include <openssl/evp.h>

#include "quic_internal.h"
#include "test.h"
#include "tls_bytes.h"

static inline size_t from_hex(const char *text, uint8_t *ret)
{
    size_t n = 0;
    for (unsigned high; sscanf(text, "%2x", &high) == 1; text += 2)
        ret[n++] = (uint8_t)high;
    return n;
}

struct initial_spec {
    uint32_t version;
    uint8_t first;                   /* unprotected, with the packet number's length */
    const char *dcid, *scid, *token; /* terminated, "" none */
    uint32_t number;
};

static inline void put_varint(struct bytes *b, uint64_t value)
{
    if (value < 64)
        put_number(b, value, 1);
    else if (value < 16384)
        put_number(b, value | 0x4000, 2);
    else
        put_number(b, value | UINT64_C(0x80000000), 4);
}

static inline void put_crypto_frame(struct bytes *b, uint8_t type, uint64_t offset, const uint8_t *data, size_t length)
{
    put_number(b, type, 1);
    put_varint(b, offset);
    put_varint(b, length);
    put(b, data, length);
}

static inline void seal(const struct quic_keys *keys, const uint8_t *nonce, uint8_t *packet, size_t header,
                        size_t length)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written;
    assert_int_equal(EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, keys->key, nonce), 1);
    assert_int_equal(EVP_EncryptUpdate(context, NULL, &written, packet, (int)header), 1);
    assert_int_equal(EVP_EncryptUpdate(context, packet + header, &written, packet + header, (int)length), 1);
    assert_int_equal(EVP_EncryptFinal_ex(context, packet + header + length, &written), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, packet + header + length), 1);
    EVP_CIPHER_CTX_free(context);
}

/** Appends one sealed packet with @p plain as its frames. */
static inline void put_initial(struct bytes *b, const struct quic_keys *keys, const struct initial_spec *spec,
                               const struct bytes *plain)
{
    size_t start = b->length, number_length = (spec->first & 3u) + 1;
    put_number(b, spec->first, 1);
    put_number(b, spec->version, 4);
    put_number(b, strlen(spec->dcid), 1);
    put(b, spec->dcid, strlen(spec->dcid));
    put_number(b, strlen(spec->scid), 1);
    put(b, spec->scid, strlen(spec->scid));
    put_varint(b, strlen(spec->token));
    put(b, spec->token, strlen(spec->token));
    put_number(b, (number_length + plain->length + 16) | 0x4000, 2);
    size_t number_at = b->length;
    put_number(b, spec->number, (unsigned)number_length);
    size_t header = b->length - start;
    put(b, plain->data, plain->length);
    put_fill(b, 0, 16);

    uint8_t nonce[12], mask[32];
    memcpy(nonce, keys->iv, 12);
    for (unsigned i = 0; i < 4; i++)
        nonce[11 - i] ^= (uint8_t)(spec->number >> (8 * i));
    seal(keys, nonce, b->data + start, header, plain->length);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written;
    assert_int_equal(EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, keys->hp, NULL), 1);
    assert_int_equal(EVP_EncryptUpdate(context, mask, &written, b->data + number_at + 4, 16), 1);
    EVP_CIPHER_CTX_free(context);
    b->data[start] ^= mask[0] & 0x0f;
    for (size_t i = 0; i < number_length; i++)
        b->data[number_at + i] ^= mask[1 + i];
}

#endif
