/*
 * The only file of this folder that names libcrypto. Digests go through its own functions of one algorithm, as the
 * general interface costs more than hashing the few bytes of a hello; ciphers are fetched once per inspector, because
 * a fetch costs more than opening a packet.
 */
#include "tls_internal.h"

#define OPENSSL_SUPPRESS_DEPRECATED /* what is discouraged is one algorithm's own interface, not the algorithm */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdlib.h>

struct tls_crypto {
    enum tls_digest kind; /* of the digest at hand */
    union {
        MD5_CTX md5;
        SHA256_CTX sha256;
    } digest;
    EVP_CIPHER *gcm, *block;
    EVP_CIPHER_CTX *gcm_context, *block_context;
};

struct tls_crypto *tls_crypto_new(void)
{
    if (OSSL_LIB_CTX_get0_global_default() == NULL) /* out of memory: OpenSSL 3.0 crashes in a fetch then */
        return NULL;
    struct tls_crypto *crypto = calloc(1, sizeof(*crypto));
    if (crypto == NULL)
        return NULL;
    crypto->gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    crypto->block = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
    crypto->gcm_context = EVP_CIPHER_CTX_new();
    crypto->block_context = EVP_CIPHER_CTX_new();
    if (crypto->gcm && crypto->block && crypto->gcm_context && crypto->block_context &&
        EVP_DecryptInit_ex2(crypto->gcm_context, crypto->gcm, NULL, NULL, NULL) == 1 &&
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
    free(crypto);
}

void tls_digest_start(struct tls_crypto *crypto, enum tls_digest digest)
{
    crypto->kind = digest;
    if (digest == TLS_MD5)
        MD5_Init(&crypto->digest.md5);
    else
        SHA256_Init(&crypto->digest.sha256);
}

void tls_digest_add(struct tls_crypto *crypto, const void *data, size_t length)
{
    if (crypto->kind == TLS_MD5)
        MD5_Update(&crypto->digest.md5, data, length);
    else
        SHA256_Update(&crypto->digest.sha256, data, length);
}

void tls_digest_end(struct tls_crypto *crypto, uint8_t *ret)
{
    if (crypto->kind == TLS_MD5)
        MD5_Final(ret, &crypto->digest.md5);
    else
        SHA256_Final(ret, &crypto->digest.sha256);
}

/* The two blocks of the key are the same for all that it signs: they are hashed once (RFC 2104, 4). */
struct signer {
    SHA256_CTX inner, outer;
};

_Static_assert(sizeof(struct signer) <= sizeof(struct tls_hmac_key), "a key holds both digests");

void tls_hmac_sha256_key(const uint8_t *key, size_t key_length, struct tls_hmac_key *ret)
{
    uint8_t pad[TLS_HMAC_KEY_MAX] = {0};
    struct signer signer;
    memcpy(pad, key, key_length < sizeof(pad) ? key_length : sizeof(pad));
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= 0x36;
    SHA256_Init(&signer.inner);
    SHA256_Update(&signer.inner, pad, sizeof(pad));
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= 0x36 ^ 0x5c;
    SHA256_Init(&signer.outer);
    SHA256_Update(&signer.outer, pad, sizeof(pad));
    memcpy(ret, &signer, sizeof(signer));
}

void tls_hmac_sha256(const struct tls_hmac_key *key, const uint8_t *data, size_t length,
                     uint8_t ret[static TLS_SHA256_SIZE])
{
    struct signer signer;
    uint8_t inner[TLS_SHA256_SIZE];
    memcpy(&signer, key, sizeof(signer));
    SHA256_Update(&signer.inner, data, length);
    SHA256_Final(inner, &signer.inner);
    SHA256_Update(&signer.outer, inner, sizeof(inner));
    SHA256_Final(ret, &signer.outer);
}

bool tls_aes_block(struct tls_crypto *crypto, const uint8_t key[static 16], const uint8_t in[static 16],
                   uint8_t ret[static 16])
{
    int written = 0;
    return EVP_EncryptInit_ex2(crypto->block_context, NULL, key, NULL, NULL) == 1 &&
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
