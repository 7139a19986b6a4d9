/* Builds hellos, records and DTLS fragments byte by byte for the tests. */
#ifndef BORDERTAP_TESTS_TLS_BYTES_H
#define BORDERTAP_TESTS_TLS_BYTES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    size_t length;
    uint8_t data[1 << 17];
};

static inline void put(struct bytes *b, const void *data, size_t length)
{
    assert(b->length + length <= sizeof(b->data));
    if (length > 0)
        memcpy(b->data + b->length, data, length);
    b->length += length;
}

static inline void put_number(struct bytes *b, uint64_t value, unsigned octets)
{
    while (octets-- > 0) {
        uint8_t octet = (uint8_t)(value >> (8 * octets));
        put(b, &octet, 1);
    }
}

static inline void put_fill(struct bytes *b, uint8_t value, size_t count)
{
    while (count-- > 0)
        put(b, &value, 1);
}

/** Leaves room for a length of @p octets; close_length() fills it in. */
static inline size_t open_length(struct bytes *b, unsigned octets)
{
    put_fill(b, 0, octets);
    return b->length;
}

static inline void close_length(struct bytes *b, size_t start, unsigned octets)
{
    size_t length = b->length - start;
    for (unsigned i = 0; i < octets; i++)
        b->data[start - 1 - i] = (uint8_t)(length >> (8 * i));
}

struct client_spec {
    uint16_t version;               /* legacy_version */
    const char *sni;                /* NULL: no extension */
    const char *protocols;          /* as on the wire: "\x02h2\x08http/1.1" */
    uint16_t supported_versions[4]; /* ended by 0 */
    uint16_t groups[4], share;      /* groups ended by 0 */
    uint8_t session_id_length;      /* bytes of 0x5a */
    bool has_psk, has_early_data, has_ech, has_ticket, has_grease, has_cookie;
};

static inline size_t open_extension(struct bytes *b, uint16_t type)
{
    put_number(b, type, 2);
    return open_length(b, 2);
}

static inline void put_list16(struct bytes *b, const uint16_t *values, unsigned length_octets)
{
    size_t list = open_length(b, length_octets);
    for (; *values != 0; values++)
        put_number(b, *values, 2);
    close_length(b, list, length_octets);
}

static inline void put_client_extensions(struct bytes *b, const struct client_spec *spec)
{
    size_t at;
    if (spec->has_grease)
        close_length(b, open_extension(b, 0x2a2a), 2);
    if (spec->sni != NULL) {
        at = open_extension(b, 0);
        put_number(b, strlen(spec->sni) + 3, 2);
        put_number(b, 0, 1);
        put_number(b, strlen(spec->sni), 2);
        put(b, spec->sni, strlen(spec->sni));
        close_length(b, at, 2);
    }
    if (spec->groups[0] != 0) {
        at = open_extension(b, 10);
        put_list16(b, spec->groups, 2);
        close_length(b, at, 2);
    }
    at = open_extension(b, 13);
    put_list16(b, (const uint16_t[]){0x0403, 0x0804, 0}, 2);
    close_length(b, at, 2);
    if (spec->protocols != NULL) {
        at = open_extension(b, 16);
        put_number(b, strlen(spec->protocols), 2);
        put(b, spec->protocols, strlen(spec->protocols));
        close_length(b, at, 2);
    }
    if (spec->has_ticket) {
        at = open_extension(b, 35);
        put_fill(b, 0x77, 32);
        close_length(b, at, 2);
    }
    if (spec->has_early_data)
        close_length(b, open_extension(b, 42), 2);
    if (spec->supported_versions[0] != 0) {
        at = open_extension(b, 43);
        put_list16(b, spec->supported_versions, 1);
        close_length(b, at, 2);
    }
    if (spec->share != 0) {
        at = open_extension(b, 51);
        size_t list = open_length(b, 2);
        put_number(b, spec->share, 2);
        put_number(b, 32, 2);
        put_fill(b, 0x33, 32);
        close_length(b, list, 2);
        close_length(b, at, 2);
    }
    if (spec->has_ech) {
        at = open_extension(b, 0xfe0d);
        put_fill(b, 0, 16);
        close_length(b, at, 2);
    }
    if (spec->has_psk) {
        at = open_extension(b, 41);
        put_fill(b, 1, 40);
        close_length(b, at, 2);
    }
}

/** The body of a ClientHello, without handshake header. */
static inline void put_client_hello(struct bytes *b, const struct client_spec *spec)
{
    put_number(b, spec->version, 2);
    put_fill(b, 0x11, 32);
    put_number(b, spec->session_id_length, 1);
    put_fill(b, 0x5a, spec->session_id_length);
    if (spec->version >> 8 == 0xfe) { /* DTLS cookie */
        put_number(b, spec->has_cookie ? 8 : 0, 1);
        put_fill(b, 0xcc, spec->has_cookie ? 8 : 0);
    }
    put_list16(b,
               spec->has_grease ? (const uint16_t[]){0x8a8a, 0x1301, 0xc02f, 0x002f, 0}
                                : (const uint16_t[]){0x1301, 0xc02f, 0x002f, 0},
               2);
    put_number(b, 0x0100, 2); /* no compression */
    size_t list = open_length(b, 2);
    put_client_extensions(b, spec);
    close_length(b, list, 2);
}

struct server_spec {
    uint16_t version, cipher;
    uint16_t selected_version, group; /* 0: no such extension */
    uint8_t session_id_length;        /* bytes of 0x5a */
    const char *protocol;             /* as on the wire: "\x02h2" */
    bool has_psk, is_retry;
};

static inline void put_server_hello(struct bytes *b, const struct server_spec *spec)
{
    static const uint8_t retry[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                      0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                      0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
    put_number(b, spec->version, 2);
    if (spec->is_retry)
        put(b, retry, sizeof(retry));
    else
        put_fill(b, 0x22, 32);
    put_number(b, spec->session_id_length, 1);
    put_fill(b, 0x5a, spec->session_id_length);
    put_number(b, spec->cipher, 2);
    put_number(b, 0, 1);
    size_t list = open_length(b, 2), at;
    if (spec->protocol != NULL) {
        at = open_extension(b, 16);
        put_number(b, strlen(spec->protocol), 2);
        put(b, spec->protocol, strlen(spec->protocol));
        close_length(b, at, 2);
    }
    if (spec->selected_version != 0) {
        at = open_extension(b, 43);
        put_number(b, spec->selected_version, 2);
        close_length(b, at, 2);
    }
    if (spec->group != 0) {
        at = open_extension(b, 51);
        put_number(b, spec->group, 2);
        if (!spec->is_retry) {
            put_number(b, 4, 2);
            put_fill(b, 0x44, 4);
        }
        close_length(b, at, 2);
    }
    if (spec->has_psk) {
        at = open_extension(b, 41);
        put_number(b, 0, 2);
        close_length(b, at, 2);
    }
    close_length(b, list, 2);
}

static inline size_t open_message(struct bytes *b, uint8_t type)
{
    put_number(b, type, 1);
    return open_length(b, 3);
}

static inline void put_client_message(struct bytes *b, const struct client_spec *spec)
{
    size_t at = open_message(b, 1);
    put_client_hello(b, spec);
    close_length(b, at, 3);
}

static inline void put_server_message(struct bytes *b, const struct server_spec *spec)
{
    size_t at = open_message(b, 2);
    put_server_hello(b, spec);
    close_length(b, at, 3);
}

/** A Certificate message of @p count copies. */
static inline void put_certificate_message(struct bytes *b, const uint8_t *der, size_t length, unsigned count)
{
    size_t at = open_message(b, 11), list = open_length(b, 3);
    while (count-- > 0) {
        put_number(b, length, 3);
        put(b, der, length);
    }
    close_length(b, list, 3);
    close_length(b, at, 3);
}

/** ServerKeyExchange with a named curve and a point of 32 bytes; no signature. */
static inline void put_key_exchange_message(struct bytes *b, uint16_t group)
{
    size_t at = open_message(b, 12);
    put_number(b, 3, 1);
    put_number(b, group, 2);
    put_number(b, 32, 1);
    put_fill(b, 0x44, 32);
    close_length(b, at, 3);
}

/** @p plain cut into TLS records of at most @p record_max bytes. */
static inline void put_records(struct bytes *b, uint8_t type, const uint8_t *plain, size_t length, size_t record_max)
{
    for (size_t at = 0; at < length;) {
        size_t part = length - at < record_max ? length - at : record_max;
        put_number(b, type, 1);
        put_number(b, 0x0301, 2);
        put_number(b, part, 2);
        put(b, plain + at, part);
        at += part;
    }
}

#endif
