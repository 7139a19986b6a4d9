#include "quic_initial.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum {
    HASH_SIZE = 32,
    KEY_SIZE = 16,
    IV_SIZE = 12,
    TAG_SIZE = 16,
    SAMPLE_SIZE = 16,
    CID_SIZE = 8,
    PAYLOAD_SIZE = 1140 /* the datagram then has 1,200 bytes at least */
};

struct keys {
    uint8_t key[KEY_SIZE], iv[IV_SIZE], hp[KEY_SIZE];
};

/* RFC 9001, 5.2 and RFC 9369, 3.3.1 */
static const uint8_t salt_v1[20] = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                                    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
static const uint8_t salt_v2[20] = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                                    0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};
static const uint8_t client_cid[CID_SIZE] = {0xc1, 1, 2, 3, 4, 5, 6, 7},
                     first_cid[CID_SIZE] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08},
                     server_cid[CID_SIZE] = {0x5e, 1, 2, 3, 4, 5, 6, 7},
                     retry_cid[CID_SIZE] = {0x77, 7, 6, 5, 4, 3, 2, 1};

/* A conversation as far as it has come. */
struct quic {
    struct capture *out;
    const struct peer *peers[2];
    enum quic_version version;
    const uint8_t *cid; /* the client's choice for the server, or the Retry's: makes the keys */
    const char *token;  /* of the Retry */
    bool is_client_only;
};

/* HKDF-Expand-Label of RFC 8446, 7.1 with an empty context; one block is enough here. */
static void expand_label(const uint8_t secret[static HASH_SIZE], const char *label, uint8_t *ret, size_t length)
{
    struct bytes info = {0};
    uint8_t block[HASH_SIZE];
    unsigned size = sizeof(block);
    bytes_add_u16(&info, (unsigned)length);
    bytes_add_u8(&info, (unsigned)strlen(label) + 6);
    bytes_add_text(&info, "tls13 ");
    bytes_add_text(&info, label);
    bytes_add_u8(&info, 0);
    bytes_add_u8(&info, 1);
    HMAC(EVP_sha256(), secret, HASH_SIZE, info.data, info.length, block, &size);
    memcpy(ret, block, length);
    bytes_free(&info);
}

static struct keys derive_keys(const struct quic *quic, enum side side)
{
    struct keys ret;
    uint8_t initial[HASH_SIZE], secret[HASH_SIZE];
    unsigned size = sizeof(initial);
    bool is_v2 = quic->version == QUIC_V2;
    HMAC(EVP_sha256(), is_v2 ? salt_v2 : salt_v1, sizeof(salt_v1), quic->cid, CID_SIZE, initial, &size);
    expand_label(initial, side == CLIENT ? "client in" : "server in", secret, sizeof(secret));
    expand_label(secret, is_v2 ? "quicv2 key" : "quic key", ret.key, KEY_SIZE);
    expand_label(secret, is_v2 ? "quicv2 iv" : "quic iv", ret.iv, IV_SIZE);
    expand_label(secret, is_v2 ? "quicv2 hp" : "quic hp", ret.hp, KEY_SIZE);
    return ret;
}

static void add_varint2(struct bytes *b, size_t value)
{
    bytes_add_u16(b, 0x4000U | (unsigned)value);
}

static void add_cid(struct bytes *b, const uint8_t *cid)
{
    bytes_add_u8(b, CID_SIZE);
    bytes_add(b, cid, CID_SIZE);
}

/* Long header with a packet number of two bytes; @return where the number stands. */
static size_t add_header(struct bytes *b, const struct quic *quic, enum side side, unsigned number, size_t payload)
{
    const char *token = side == CLIENT && quic->token != NULL ? quic->token : "";
    bytes_add_u8(b, quic->version == QUIC_V2 ? 0xd1 : 0xc1);
    bytes_add_u32(b, quic->version);
    add_cid(b, side == CLIENT ? quic->cid : client_cid);
    add_cid(b, side == CLIENT ? client_cid : server_cid);
    bytes_add_u8(b, (unsigned)strlen(token));
    bytes_add_text(b, token);
    add_varint2(b, 2 + payload + TAG_SIZE);
    bytes_add_u16(b, number);
    return b->length - 2;
}

static void add_sealed(struct bytes *packet, const struct keys *keys, unsigned number, const struct bytes *payload)
{
    uint8_t nonce[IV_SIZE];
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    size_t header = packet->length;
    int length = 0;
    memcpy(nonce, keys->iv, IV_SIZE);
    nonce[IV_SIZE - 1] ^= (uint8_t)number;
    bytes_add_noise(packet, payload->length + TAG_SIZE, 0); /* room */
    EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, keys->key, nonce);
    EVP_EncryptUpdate(context, NULL, &length, packet->data, (int)header);
    EVP_EncryptUpdate(context, packet->data + header, &length, payload->data, (int)payload->length);
    EVP_EncryptFinal_ex(context, packet->data + header + payload->length, &length);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, packet->data + header + payload->length);
    EVP_CIPHER_CTX_free(context);
}

/* RFC 9001, 5.4 */
static void protect_header(struct bytes *packet, const struct keys *keys, size_t number_at)
{
    uint8_t mask[SAMPLE_SIZE + KEY_SIZE];
    int length = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, keys->hp, NULL);
    EVP_EncryptUpdate(context, mask, &length, packet->data + number_at + 4, SAMPLE_SIZE);
    EVP_CIPHER_CTX_free(context);
    packet->data[0] ^= mask[0] & 0x0f;
    packet->data[number_at] ^= mask[1];
    packet->data[number_at + 1] ^= mask[2];
}

static void add_crypto(struct bytes *payload, const uint8_t *message, size_t offset, size_t length)
{
    bytes_add_u8(payload, 0x06);
    add_varint2(payload, offset);
    add_varint2(payload, length);
    bytes_add(payload, message + offset, length);
}

/* A part of the hello in frames; padded to the smallest datagram allowed (RFC 9000, 14.1). */
static void add_frames(struct bytes *payload, const uint8_t *message, size_t from, size_t length, size_t piece)
{
    size_t size = piece ? piece : length;
    for (size_t i = (length + size - 1) / size; i-- > 0;)
        add_crypto(payload, message, from + i * size, length - i * size < size ? length - i * size : size);
    while (payload->length < PAYLOAD_SIZE)
        bytes_add_u8(payload, 0);
}

static void send_datagram(const struct quic *quic, enum side side, const struct bytes *datagram)
{
    if (side == CLIENT || !quic->is_client_only)
        capture_udp(quic->out, quic->peers[side], quic->peers[!side], datagram->data, datagram->length);
}

static void send_packet(const struct quic *quic, enum side side, unsigned number, const struct bytes *payload)
{
    struct keys keys = derive_keys(quic, side);
    struct bytes packet = {0};
    size_t number_at = add_header(&packet, quic, side, number, payload->length);
    add_sealed(&packet, &keys, number, payload);
    protect_header(&packet, &keys, number_at);
    send_datagram(quic, side, &packet);
    bytes_free(&packet);
}

/* The hello without its record header; a long one, as post-quantum key exchange makes it, takes several packets. */
static void send_initials(const struct quic *quic, enum side side, const struct bytes *records, size_t piece)
{
    const size_t most = PAYLOAD_SIZE - 60; /* leaves room for the frames' heads */
    const uint8_t *message = records->data + 5;
    size_t length = get_u16(records->data + 3);
    unsigned number = 0;
    for (size_t at = 0; at < length; at += most, number++) {
        struct bytes payload = {0};
        add_frames(&payload, message, at, length - at < most ? length - at : most, piece);
        send_packet(quic, side, number, &payload);
        bytes_free(&payload);
    }
    capture_wait_ms(quic->out, 20);
}

/* The tag at the end is noise: nobody beside the path checks it. */
static void send_retry(struct quic *quic)
{
    struct bytes packet = {0};
    bytes_add_u8(&packet, quic->version == QUIC_V2 ? 0xc0 : 0xf0);
    bytes_add_u32(&packet, quic->version);
    add_cid(&packet, client_cid);
    add_cid(&packet, retry_cid);
    quic->token = "token-of-the-retry";
    quic->cid = retry_cid;
    bytes_add_text(&packet, quic->token);
    bytes_add_noise(&packet, TAG_SIZE, 30);
    send_datagram(quic, SERVER, &packet);
    bytes_free(&packet);
}

static void send_versions(const struct quic *quic)
{
    struct bytes packet = {0};
    bytes_add_u8(&packet, 0xca);
    bytes_add_u32(&packet, 0);
    add_cid(&packet, client_cid);
    add_cid(&packet, first_cid);
    bytes_add_u32(&packet, QUIC_V1);
    bytes_add_u32(&packet, 0x1a2a3a4a); /* greased */
    send_datagram(quic, SERVER, &packet);
    bytes_free(&packet);
}

static void send_short(const struct quic *quic, enum side side, size_t size, uint32_t seed)
{
    struct bytes packet = {0};
    bytes_add_u8(&packet, 0x5a);
    bytes_add(&packet, side == CLIENT ? server_cid : client_cid, CID_SIZE);
    bytes_add_noise(&packet, size, seed);
    send_datagram(quic, side, &packet);
    bytes_free(&packet);
}

void quic_talk(struct capture *out, const struct peer *client, const struct peer *server, const struct dialogue *tls,
               const struct quic_setup *setup)
{
    struct quic quic = {out, {client, server}, setup->version, first_cid, NULL, setup->is_client_only};
    const struct bytes *client_hello = &tls->flights[0].bytes, *server_hello = &tls->flights[1].bytes;
    if (setup->is_other_version_first) {
        quic.version = QUIC_V2;
        send_initials(&quic, CLIENT, client_hello, setup->piece);
        send_versions(&quic);
        quic.version = setup->version;
    }
    send_initials(&quic, CLIENT, client_hello, setup->piece);
    if (setup->is_retried) {
        send_retry(&quic);
        send_initials(&quic, CLIENT, client_hello, setup->piece);
    }
    send_initials(&quic, SERVER, server_hello, 0);
    for (uint32_t i = 0; i < 4; i++) {
        send_short(&quic, CLIENT, 300, 10 + i);
        capture_wait_ms(out, 20);
        send_short(&quic, SERVER, 1100, 20 + i);
    }
}
