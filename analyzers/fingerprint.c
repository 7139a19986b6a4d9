/*
 * JA3, JA3S and JA4. The text to be hashed is written piece by piece into the digest through a small buffer, so a hello
 * of any size needs no more room than a usual one; only JA4's sorting has a limit.
 */
#include "fingerprint_internal.h"

enum { JA4_ENTRIES_MAX = 512 };

struct hashed_text {
    struct tls_crypto *crypto;
    size_t used;
    char room[512];
};

static void put_flush(struct hashed_text *t)
{
    tls_digest_add(t->crypto, t->room, t->used);
    t->used = 0;
}

static void put_char(struct hashed_text *t, char c)
{
    if (t->used == sizeof(t->room))
        put_flush(t);
    t->room[t->used++] = c;
}

static size_t digits_of(uint16_t value)
{
    return value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10000 ? 4 : 5;
}

static void put_decimal(struct hashed_text *t, uint16_t value)
{
    size_t n = digits_of(value);
    if (sizeof(t->room) - t->used < n)
        put_flush(t);
    char *end = t->room + t->used + n;
    t->used += n;
    for (; n > 0; n--, value /= 10)
        *--end = (char)('0' + value % 10);
}

static const char hex_digits[] = "0123456789abcdef";

static void put_hex16(struct hashed_text *t, uint16_t value)
{
    for (int shift = 12; shift >= 0; shift -= 4)
        put_char(t, hex_digits[value >> shift & 15]);
}

static void print_hex(const uint8_t *bytes, size_t count, char *ret)
{
    for (size_t i = 0; i < count; i++) {
        *ret++ = hex_digits[bytes[i] >> 4];
        *ret++ = hex_digits[bytes[i] & 15];
    }
    *ret = '\0';
}

/** A list of 16-bit numbers in decimal, "-" between them. */
static void put_numbers(struct hashed_text *t, struct wire list)
{
    bool is_first = true;
    while (list.left >= 2) {
        uint16_t value = wire_u16(&list);
        if (tls_is_grease(value))
            continue;
        if (!is_first)
            put_char(t, '-');
        is_first = false;
        put_decimal(t, value);
    }
}

static void put_extension_types(struct hashed_text *t, struct wire list)
{
    struct wire body;
    uint16_t type;
    bool is_first = true;
    while (tls_extension_next(&list, &type, &body)) {
        if (tls_is_grease(type))
            continue;
        if (!is_first)
            put_char(t, '-');
        is_first = false;
        put_decimal(t, type);
    }
}

static void put_bytes(struct hashed_text *t, struct wire list)
{
    for (size_t i = 0; i < list.left; i++) {
        if (i > 0)
            put_char(t, '-');
        put_decimal(t, list.at[i]);
    }
}

static void text_start(struct hashed_text *t, struct tls_crypto *crypto, enum tls_digest digest)
{
    tls_digest_start(crypto, digest);
    t->crypto = crypto;
    t->used = 0;
}

static void md5_finish(struct hashed_text *t, char ret[static 33])
{
    uint8_t md5[TLS_MD5_SIZE];
    put_flush(t);
    tls_digest_end(t->crypto, md5);
    print_hex(md5, sizeof(md5), ret);
}

void fingerprint_ja3(struct tls_crypto *crypto, const struct tls_client_hello *hello, char ret[static 33])
{
    struct hashed_text t;
    text_start(&t, crypto, TLS_MD5);
    put_decimal(&t, hello->legacy_version);
    put_char(&t, ',');
    put_numbers(&t, hello->ciphers);
    put_char(&t, ',');
    put_extension_types(&t, hello->extensions);
    put_char(&t, ',');
    put_numbers(&t, hello->groups);
    put_char(&t, ',');
    put_bytes(&t, hello->point_formats);
    md5_finish(&t, ret);
}

void fingerprint_ja3s(struct tls_crypto *crypto, const struct tls_server_hello *hello, char ret[static 33])
{
    struct hashed_text t;
    text_start(&t, crypto, TLS_MD5);
    put_decimal(&t, hello->legacy_version);
    put_char(&t, ',');
    put_decimal(&t, hello->cipher);
    put_char(&t, ',');
    put_extension_types(&t, hello->extensions);
    md5_finish(&t, ret);
}

struct number_list {
    size_t count; /* all that is no GREASE, kept or not */
    size_t kept;  /* entries of values */
    uint16_t values[JA4_ENTRIES_MAX];
};

static void list_add(struct number_list *list, uint16_t value)
{
    list->count++;
    if (list->kept < JA4_ENTRIES_MAX)
        list->values[list->kept++] = value;
}

static void list_sort(struct number_list *list) /* Shell's sort: short lists, no allocation */
{
    static const size_t gaps[] = {301, 132, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++)
        for (size_t i = gaps[g]; i < list->kept; i++) {
            uint16_t value = list->values[i];
            size_t at = i;
            for (; at >= gaps[g] && list->values[at - gaps[g]] > value; at -= gaps[g])
                list->values[at] = list->values[at - gaps[g]];
            list->values[at] = value;
        }
}

static void put_hex_list(struct hashed_text *t, const uint16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            put_char(t, ',');
        put_hex16(t, values[i]);
    }
}

/** First twelve hex digits of the SHA-256. */
static void sha256_finish(struct hashed_text *t, char ret[static 13])
{
    uint8_t sha256[TLS_SHA256_SIZE];
    put_flush(t);
    tls_digest_end(t->crypto, sha256);
    print_hex(sha256, 6, ret);
}

/** The highest number offered, as the authors compute it: a draft of TLS 1.3 beats 1.3 and prints as "00". DTLS counts
 * downwards. */
static uint16_t highest_version(const struct tls_client_hello *hello)
{
    struct wire list = hello->versions;
    uint16_t best = 0;
    while (list.left >= 2) {
        uint16_t version = wire_u16(&list);
        bool is_dtls = version >> 8 == 0xfe;
        if (!tls_is_grease(version) && (best == 0 || (is_dtls ? version < best : version > best)))
            best = version;
    }
    return best ? best : hello->legacy_version;
}

static const char *ja4_version(uint16_t version)
{
    switch (version) {
    case 0x0304:
        return "13";
    case 0x0303:
        return "12";
    case 0x0302:
        return "11";
    case 0x0301:
        return "10";
    case 0x0300:
        return "s3";
    case 0x0002:
        return "s2";
    case 0xfeff:
        return "d1";
    case 0xfefd:
        return "d2";
    case 0xfefc:
        return "d3";
    default:
        return "00";
    }
}

static bool is_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/** First and last character of the first ALPN value; of its hex form when either is no letter or digit; "00" without
 * one. */
static void ja4_protocol(const struct tls_client_hello *hello, char ret[static 2])
{
    struct wire list = hello->protocols;
    struct wire name = wire_carve(&list, wire_u8(&list));
    ret[0] = ret[1] = '0';
    if (name.failed || name.left == 0)
        return;
    uint8_t first = name.at[0], last = name.at[name.left - 1];
    bool is_plain = is_alphanumeric(first) && is_alphanumeric(last);
    ret[0] = is_plain ? (char)first : hex_digits[first >> 4];
    ret[1] = is_plain ? (char)last : hex_digits[last & 15];
}

static void put_two_digits(char *at, size_t value)
{
    value = value > 99 ? 99 : value;
    at[0] = (char)('0' + value / 10);
    at[1] = (char)('0' + value % 10);
}

/** JA4_a: transport, version, SNI, counts, ALPN; 10 characters. */
static void ja4_head(const struct tls_client_hello *hello, enum tls_transport transport, size_t ciphers,
                     size_t extensions, char ret[static 10])
{
    const char *version = ja4_version(highest_version(hello));
    ret[0] = transport == TLS_OVER_QUIC ? 'q' : transport == TLS_OVER_DATAGRAMS ? 'd' : 't';
    ret[1] = version[0];
    ret[2] = version[1];
    ret[3] = hello->has_server_name_extension ? 'd' : 'i';
    put_two_digits(ret + 4, ciphers);
    put_two_digits(ret + 6, extensions);
    ja4_protocol(hello, ret + 8);
}

static void ja4_ciphers(struct tls_crypto *crypto, struct number_list *ciphers, char ret[static 13])
{
    struct hashed_text t;
    text_start(&t, crypto, TLS_SHA256);
    list_sort(ciphers);
    put_hex_list(&t, ciphers->values, ciphers->kept);
    sha256_finish(&t, ret);
    if (ciphers->count == 0)
        memcpy(ret, "000000000000", 13);
}

/** Sorted extensions without SNI and ALPN, then the signature algorithms in their order. */
static void ja4_extensions(struct tls_crypto *crypto, struct number_list *extensions, struct wire algorithms,
                           char ret[static 13])
{
    struct hashed_text t;
    text_start(&t, crypto, TLS_SHA256);
    bool has_algorithms = false;
    list_sort(extensions);
    put_hex_list(&t, extensions->values, extensions->kept);
    while (algorithms.left >= 2) {
        uint16_t value = wire_u16(&algorithms);
        if (tls_is_grease(value))
            continue;
        put_char(&t, has_algorithms ? ',' : '_');
        has_algorithms = true;
        put_hex16(&t, value);
    }
    sha256_finish(&t, ret);
    if (extensions->count == 0 && !has_algorithms)
        memcpy(ret, "000000000000", 13);
}

void fingerprint_ja4(struct tls_crypto *crypto, const struct tls_client_hello *hello, enum tls_transport transport,
                     char ret[static 40])
{
    struct number_list list;
    struct wire walk = hello->ciphers, body;
    char cipher_hash[13], extension_hash[13];
    ret[0] = '\0';
    list.count = list.kept = 0;
    while (walk.left >= 2) {
        uint16_t cipher = wire_u16(&walk);
        if (!tls_is_grease(cipher))
            list_add(&list, cipher);
    }
    size_t ciphers = list.count, extensions = 0;
    if (ciphers != list.kept)
        return;
    ja4_ciphers(crypto, &list, cipher_hash);

    list.count = list.kept = 0;
    walk = hello->extensions;
    for (uint16_t type; tls_extension_next(&walk, &type, &body);) {
        if (tls_is_grease(type))
            continue;
        extensions++;
        if (type != TLS_EXT_SERVER_NAME && type != TLS_EXT_ALPN)
            list_add(&list, type);
    }
    if (list.count != list.kept)
        return;
    ja4_extensions(crypto, &list, hello->signature_algorithms, extension_hash);
    ja4_head(hello, transport, ciphers, extensions, ret);
    ret[10] = '_';
    memcpy(ret + 11, cipher_hash, 12);
    ret[23] = '_';
    memcpy(ret + 24, extension_hash, 13);
}
