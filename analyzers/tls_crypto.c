/*
 * The only file of this folder that names libcrypto. Contexts and algorithms are fetched once per inspector, because a
 * fetch costs more than digesting a ClientHello, and are set up again for each use.
 */
#include "tls_internal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct tls_crypto {
    EVP_MD *digests[2]; /* by enum tls_digest */
    EVP_MD_CTX *digest;
    EVP_CIPHER *gcm, *block;
    EVP_CIPHER_CTX *gcm_context, *block_context;
    bool has_failed; /* sticky over one digest */
};

struct tls_crypto *tls_crypto_new(void)
{
    if (OSSL_LIB_CTX_get0_global_default() == NULL) /* out of memory: OpenSSL 3.0 crashes in a fetch then */
        return NULL;
    struct tls_crypto *crypto = calloc(1, sizeof(*crypto));
    if (crypto == NULL)
        return NULL;
    crypto->digests[TLS_MD5] = EVP_MD_fetch(NULL, "MD5", NULL); /* NULL under a FIPS policy: then no JA3 */
    crypto->digests[TLS_SHA256] = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    crypto->digest = EVP_MD_CTX_new();
    crypto->gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    crypto->block = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
    crypto->gcm_context = EVP_CIPHER_CTX_new();
    crypto->block_context = EVP_CIPHER_CTX_new();
    if (crypto->digests[TLS_SHA256] && crypto->digest && crypto->gcm && crypto->block && crypto->gcm_context &&
        crypto->block_context && EVP_DecryptInit_ex2(crypto->gcm_context, crypto->gcm, NULL, NULL, NULL) == 1 &&
        EVP_EncryptInit_ex2(crypto->block_context, crypto->block, NULL, NULL, NULL) == 1)
        return crypto;
    tls_crypto_free(crypto);
    return NULL;
}

void tls_crypto_free(struct tls_crypto *crypto)
{
    if (crypto == NULL)
        return;
    EVP_CIPHER_CTX_free(crypto->block_context);
    EVP_CIPHER_CTX_free(crypto->gcm_context);
    EVP_CIPHER_free(crypto->block);
    EVP_CIPHER_free(crypto->gcm);
    EVP_MD_CTX_free(crypto->digest);
    EVP_MD_free(crypto->digests[TLS_SHA256]);
    EVP_MD_free(crypto->digests[TLS_MD5]);
    free(crypto);
}

void tls_digest_start(struct tls_crypto *crypto, enum tls_digest digest)
{
    const EVP_MD *md = crypto->digests[digest];
    crypto->has_failed = md == NULL || EVP_DigestInit_ex2(crypto->digest, md, NULL) != 1;
}

void tls_digest_add(struct tls_crypto *crypto, const void *data, size_t length)
{
    if (!crypto->has_failed && length > 0)
        crypto->has_failed = EVP_DigestUpdate(crypto->digest, data, length) != 1;
}

bool tls_digest_end(struct tls_crypto *crypto, uint8_t *ret)
{
    return !crypto->has_failed && EVP_DigestFinal_ex(crypto->digest, ret, NULL) == 1;
}

/** RFC 2104, for keys of at most one block (all of ours). */
bool tls_hmac_sha256(struct tls_crypto *crypto, const uint8_t *key, size_t key_length, const uint8_t *data,
                     size_t length, uint8_t ret[static TLS_SHA256_SIZE])
{
    uint8_t pad[64] = {0}, inner[TLS_SHA256_SIZE];
    if (key_length > sizeof(pad))
        return false;
    memcpy(pad, key, key_length);
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= 0x36;
    tls_digest_start(crypto, TLS_SHA256);
    tls_digest_add(crypto, pad, sizeof(pad));
    tls_digest_add(crypto, data, length);
    if (!tls_digest_end(crypto, inner))
        return false;
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= 0x36 ^ 0x5c;
    tls_digest_start(crypto, TLS_SHA256);
    tls_digest_add(crypto, pad, sizeof(pad));
    tls_digest_add(crypto, inner, sizeof(inner));
    return tls_digest_end(crypto, ret);
}

bool tls_aes_block(struct tls_crypto *crypto, const uint8_t key[static 16], const uint8_t in[static 16],
                   uint8_t ret[static 16])
{
    int written = 0;
    return EVP_EncryptInit_ex2(crypto->block_context, NULL, key, NULL, NULL) == 1 &&
           EVP_CIPHER_CTX_set_padding(crypto->block_context, 0) == 1 &&
           EVP_EncryptUpdate(crypto->block_context, ret, &written, in, 16) == 1 && written == 16;
}

bool tls_gcm_open(struct tls_crypto *crypto, const uint8_t key[static 16], const uint8_t nonce[static 12],
                  const uint8_t *aad, size_t aad_length, const uint8_t *sealed, size_t length, const uint8_t *tag,
                  uint8_t *ret)
{
    EVP_CIPHER_CTX *context = crypto->gcm_context;
    uint8_t tag_copy[16];
    int written = 0;
    if (EVP_DecryptInit_ex2(context, NULL, key, nonce, NULL) != 1 ||
        EVP_DecryptUpdate(context, NULL, &written, aad, (int)aad_length) != 1 ||
        EVP_DecryptUpdate(context, ret, &written, sealed, (int)length) != 1)
        return false;
    if (tag == NULL)
        return true;
    memcpy(tag_copy, tag, sizeof(tag_copy)); /* the control call takes no const */
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof(tag_copy), tag_copy) == 1 &&
           EVP_DecryptFinal_ex(context, ret + length, &written) == 1;
}
