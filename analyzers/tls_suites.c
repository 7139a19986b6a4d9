/*
 * What a cipher suite's number says of the key exchange and of the cipher, for judging exposure: suite names are read
 * from the IANA registry (TLS Cipher Suites), from GB/T 38636 (SM2, SM4) and from what browsers tried. RC4: RFC 7465.
 * Export, DES, RC2: RFC 9325, 4.1. 64-bit blocks are apart: weak over very long connections only (RFC 9325, 4.2;
 * Sweet32).
 */
#include "tls_internal.h"

struct suite_range {
    uint16_t first, last;
    uint8_t key_exchange, strength;
};

enum {
    SOUND = TLS_STRENGTH_SOUND,
    NONE = TLS_STRENGTH_NULL,
    BROKEN = TLS_STRENGTH_BROKEN,
    SMALL = TLS_STRENGTH_SMALL_BLOCK
};

static const struct suite_range ranges[] = {
    /* ascending, no overlap */
    // clang-format off
    {0x0000, 0x0000, TLS_KX_UNKNOWN, NONE}, {0x0001, 0x0002, TLS_KX_RSA, NONE}, {0x0003, 0x0006, TLS_KX_RSA, BROKEN},
    {0x0007, 0x0007, TLS_KX_RSA, SMALL}, {0x0008, 0x0009, TLS_KX_RSA, BROKEN}, {0x000a, 0x000a, TLS_KX_RSA, SMALL},
    {0x000b, 0x000c, TLS_KX_STATIC_DH, BROKEN}, {0x000d, 0x000d, TLS_KX_STATIC_DH, SMALL},
    {0x000e, 0x000f, TLS_KX_STATIC_DH, BROKEN}, {0x0010, 0x0010, TLS_KX_STATIC_DH, SMALL},
    {0x0011, 0x0012, TLS_KX_DHE, BROKEN}, {0x0013, 0x0013, TLS_KX_DHE, SMALL}, {0x0014, 0x0015, TLS_KX_DHE, BROKEN},
    {0x0016, 0x0016, TLS_KX_DHE, SMALL}, {0x0017, 0x001a, TLS_KX_ANONYMOUS, BROKEN},
    {0x001b, 0x001b, TLS_KX_ANONYMOUS, SMALL}, {0x001c, 0x001c, TLS_KX_RSA, NONE},
    {0x001d, 0x001d, TLS_KX_RSA, SMALL}, {0x001e, 0x001e, TLS_KX_KRB5, BROKEN}, {0x001f, 0x001f, TLS_KX_KRB5, SMALL},
    {0x0020, 0x0020, TLS_KX_KRB5, BROKEN}, {0x0021, 0x0021, TLS_KX_KRB5, SMALL},
    {0x0022, 0x0022, TLS_KX_KRB5, BROKEN}, {0x0023, 0x0023, TLS_KX_KRB5, SMALL},
    {0x0024, 0x0024, TLS_KX_KRB5, BROKEN}, {0x0025, 0x0025, TLS_KX_KRB5, SMALL},
    {0x0026, 0x002b, TLS_KX_KRB5, BROKEN}, {0x002c, 0x002c, TLS_KX_PSK, NONE}, {0x002d, 0x002d, TLS_KX_DHE, NONE},
    {0x002e, 0x002e, TLS_KX_RSA, NONE}, {0x002f, 0x002f, TLS_KX_RSA, SOUND},
    {0x0030, 0x0031, TLS_KX_STATIC_DH, SOUND}, {0x0032, 0x0033, TLS_KX_DHE, SOUND},
    {0x0034, 0x0034, TLS_KX_ANONYMOUS, SOUND}, {0x0035, 0x0035, TLS_KX_RSA, SOUND},
    {0x0036, 0x0037, TLS_KX_STATIC_DH, SOUND}, {0x0038, 0x0039, TLS_KX_DHE, SOUND},
    {0x003a, 0x003a, TLS_KX_ANONYMOUS, SOUND}, {0x003b, 0x003b, TLS_KX_RSA, NONE},
    {0x003c, 0x003d, TLS_KX_RSA, SOUND}, {0x003e, 0x003f, TLS_KX_STATIC_DH, SOUND},
    {0x0040, 0x0040, TLS_KX_DHE, SOUND}, {0x0041, 0x0041, TLS_KX_RSA, SOUND},
    {0x0042, 0x0043, TLS_KX_STATIC_DH, SOUND}, {0x0044, 0x0045, TLS_KX_DHE, SOUND},
    {0x0046, 0x0046, TLS_KX_ANONYMOUS, SOUND}, {0x0060, 0x0062, TLS_KX_RSA, BROKEN},
    {0x0063, 0x0063, TLS_KX_DHE, BROKEN}, {0x0064, 0x0064, TLS_KX_RSA, BROKEN}, {0x0065, 0x0066, TLS_KX_DHE, BROKEN},
    {0x0067, 0x0067, TLS_KX_DHE, SOUND}, {0x0068, 0x0069, TLS_KX_STATIC_DH, SOUND},
    {0x006a, 0x006b, TLS_KX_DHE, SOUND}, {0x006c, 0x006d, TLS_KX_ANONYMOUS, SOUND},
    {0x0080, 0x0081, TLS_KX_RSA, SMALL}, {0x0082, 0x0083, TLS_KX_RSA, NONE}, {0x0084, 0x0084, TLS_KX_RSA, SOUND},
    {0x0085, 0x0086, TLS_KX_STATIC_DH, SOUND}, {0x0087, 0x0088, TLS_KX_DHE, SOUND},
    {0x0089, 0x0089, TLS_KX_ANONYMOUS, SOUND}, {0x008a, 0x008a, TLS_KX_PSK, BROKEN},
    {0x008b, 0x008b, TLS_KX_PSK, SMALL}, {0x008c, 0x008d, TLS_KX_PSK, SOUND}, {0x008e, 0x008e, TLS_KX_DHE, BROKEN},
    {0x008f, 0x008f, TLS_KX_DHE, SMALL}, {0x0090, 0x0091, TLS_KX_DHE, SOUND}, {0x0092, 0x0092, TLS_KX_RSA, BROKEN},
    {0x0093, 0x0093, TLS_KX_RSA, SMALL}, {0x0094, 0x0096, TLS_KX_RSA, SOUND},
    {0x0097, 0x0098, TLS_KX_STATIC_DH, SOUND}, {0x0099, 0x009a, TLS_KX_DHE, SOUND},
    {0x009b, 0x009b, TLS_KX_ANONYMOUS, SOUND}, {0x009c, 0x009d, TLS_KX_RSA, SOUND},
    {0x009e, 0x009f, TLS_KX_DHE, SOUND}, {0x00a0, 0x00a1, TLS_KX_STATIC_DH, SOUND},
    {0x00a2, 0x00a3, TLS_KX_DHE, SOUND}, {0x00a4, 0x00a5, TLS_KX_STATIC_DH, SOUND},
    {0x00a6, 0x00a7, TLS_KX_ANONYMOUS, SOUND}, {0x00a8, 0x00a9, TLS_KX_PSK, SOUND},
    {0x00aa, 0x00ab, TLS_KX_DHE, SOUND}, {0x00ac, 0x00ad, TLS_KX_RSA, SOUND}, {0x00ae, 0x00af, TLS_KX_PSK, SOUND},
    {0x00b0, 0x00b1, TLS_KX_PSK, NONE}, {0x00b2, 0x00b3, TLS_KX_DHE, SOUND}, {0x00b4, 0x00b5, TLS_KX_DHE, NONE},
    {0x00b6, 0x00b7, TLS_KX_RSA, SOUND}, {0x00b8, 0x00b9, TLS_KX_RSA, NONE}, {0x00ba, 0x00ba, TLS_KX_RSA, SOUND},
    {0x00bb, 0x00bc, TLS_KX_STATIC_DH, SOUND}, {0x00bd, 0x00be, TLS_KX_DHE, SOUND},
    {0x00bf, 0x00bf, TLS_KX_ANONYMOUS, SOUND}, {0x00c0, 0x00c0, TLS_KX_RSA, SOUND},
    {0x00c1, 0x00c2, TLS_KX_STATIC_DH, SOUND}, {0x00c3, 0x00c4, TLS_KX_DHE, SOUND},
    {0x00c5, 0x00c5, TLS_KX_ANONYMOUS, SOUND}, {0x00c6, 0x00c7, TLS_KX_13, SOUND}, {0x1301, 0x1305, TLS_KX_13, SOUND},
    {0x16b7, 0x16ba, TLS_KX_CECPQ1, SOUND}, {0xc001, 0xc001, TLS_KX_STATIC_DH, NONE},
    {0xc002, 0xc002, TLS_KX_STATIC_DH, BROKEN}, {0xc003, 0xc003, TLS_KX_STATIC_DH, SMALL},
    {0xc004, 0xc005, TLS_KX_STATIC_DH, SOUND}, {0xc006, 0xc006, TLS_KX_ECDHE, NONE},
    {0xc007, 0xc007, TLS_KX_ECDHE, BROKEN}, {0xc008, 0xc008, TLS_KX_ECDHE, SMALL},
    {0xc009, 0xc00a, TLS_KX_ECDHE, SOUND}, {0xc00b, 0xc00b, TLS_KX_STATIC_DH, NONE},
    {0xc00c, 0xc00c, TLS_KX_STATIC_DH, BROKEN}, {0xc00d, 0xc00d, TLS_KX_STATIC_DH, SMALL},
    {0xc00e, 0xc00f, TLS_KX_STATIC_DH, SOUND}, {0xc010, 0xc010, TLS_KX_ECDHE, NONE},
    {0xc011, 0xc011, TLS_KX_ECDHE, BROKEN}, {0xc012, 0xc012, TLS_KX_ECDHE, SMALL},
    {0xc013, 0xc014, TLS_KX_ECDHE, SOUND}, {0xc015, 0xc015, TLS_KX_ANONYMOUS_EC, NONE},
    {0xc016, 0xc016, TLS_KX_ANONYMOUS_EC, BROKEN}, {0xc017, 0xc017, TLS_KX_ANONYMOUS_EC, SMALL},
    {0xc018, 0xc019, TLS_KX_ANONYMOUS_EC, SOUND}, {0xc01a, 0xc01c, TLS_KX_SRP, SMALL},
    {0xc01d, 0xc022, TLS_KX_SRP, SOUND}, {0xc023, 0xc024, TLS_KX_ECDHE, SOUND},
    {0xc025, 0xc026, TLS_KX_STATIC_DH, SOUND}, {0xc027, 0xc028, TLS_KX_ECDHE, SOUND},
    {0xc029, 0xc02a, TLS_KX_STATIC_DH, SOUND}, {0xc02b, 0xc02c, TLS_KX_ECDHE, SOUND},
    {0xc02d, 0xc02e, TLS_KX_STATIC_DH, SOUND}, {0xc02f, 0xc030, TLS_KX_ECDHE, SOUND},
    {0xc031, 0xc032, TLS_KX_STATIC_DH, SOUND}, {0xc033, 0xc033, TLS_KX_ECDHE_PSK, BROKEN},
    {0xc034, 0xc034, TLS_KX_ECDHE_PSK, SMALL}, {0xc035, 0xc038, TLS_KX_ECDHE_PSK, SOUND},
    {0xc039, 0xc03b, TLS_KX_ECDHE_PSK, NONE}, {0xc03c, 0xc03d, TLS_KX_RSA, SOUND},
    {0xc03e, 0xc041, TLS_KX_STATIC_DH, SOUND}, {0xc042, 0xc045, TLS_KX_DHE, SOUND},
    {0xc046, 0xc047, TLS_KX_ANONYMOUS, SOUND}, {0xc048, 0xc049, TLS_KX_ECDHE, SOUND},
    {0xc04a, 0xc04b, TLS_KX_STATIC_DH, SOUND}, {0xc04c, 0xc04d, TLS_KX_ECDHE, SOUND},
    {0xc04e, 0xc04f, TLS_KX_STATIC_DH, SOUND}, {0xc050, 0xc051, TLS_KX_RSA, SOUND},
    {0xc052, 0xc053, TLS_KX_DHE, SOUND}, {0xc054, 0xc055, TLS_KX_STATIC_DH, SOUND},
    {0xc056, 0xc057, TLS_KX_DHE, SOUND}, {0xc058, 0xc059, TLS_KX_STATIC_DH, SOUND},
    {0xc05a, 0xc05b, TLS_KX_ANONYMOUS, SOUND}, {0xc05c, 0xc05d, TLS_KX_ECDHE, SOUND},
    {0xc05e, 0xc05f, TLS_KX_STATIC_DH, SOUND}, {0xc060, 0xc061, TLS_KX_ECDHE, SOUND},
    {0xc062, 0xc063, TLS_KX_STATIC_DH, SOUND}, {0xc064, 0xc065, TLS_KX_PSK, SOUND},
    {0xc066, 0xc067, TLS_KX_DHE, SOUND}, {0xc068, 0xc069, TLS_KX_RSA, SOUND}, {0xc06a, 0xc06b, TLS_KX_PSK, SOUND},
    {0xc06c, 0xc06d, TLS_KX_DHE, SOUND}, {0xc06e, 0xc06f, TLS_KX_RSA, SOUND},
    {0xc070, 0xc071, TLS_KX_ECDHE_PSK, SOUND}, {0xc072, 0xc073, TLS_KX_ECDHE, SOUND},
    {0xc074, 0xc075, TLS_KX_STATIC_DH, SOUND}, {0xc076, 0xc077, TLS_KX_ECDHE, SOUND},
    {0xc078, 0xc079, TLS_KX_STATIC_DH, SOUND}, {0xc07a, 0xc07b, TLS_KX_RSA, SOUND},
    {0xc07c, 0xc07d, TLS_KX_DHE, SOUND}, {0xc07e, 0xc07f, TLS_KX_STATIC_DH, SOUND},
    {0xc080, 0xc081, TLS_KX_DHE, SOUND}, {0xc082, 0xc083, TLS_KX_STATIC_DH, SOUND},
    {0xc084, 0xc085, TLS_KX_ANONYMOUS, SOUND}, {0xc086, 0xc087, TLS_KX_ECDHE, SOUND},
    {0xc088, 0xc089, TLS_KX_STATIC_DH, SOUND}, {0xc08a, 0xc08b, TLS_KX_ECDHE, SOUND},
    {0xc08c, 0xc08d, TLS_KX_STATIC_DH, SOUND}, {0xc08e, 0xc08f, TLS_KX_PSK, SOUND},
    {0xc090, 0xc091, TLS_KX_DHE, SOUND}, {0xc092, 0xc093, TLS_KX_RSA, SOUND}, {0xc094, 0xc095, TLS_KX_PSK, SOUND},
    {0xc096, 0xc097, TLS_KX_DHE, SOUND}, {0xc098, 0xc099, TLS_KX_RSA, SOUND},
    {0xc09a, 0xc09b, TLS_KX_ECDHE_PSK, SOUND}, {0xc09c, 0xc09d, TLS_KX_RSA, SOUND},
    {0xc09e, 0xc09f, TLS_KX_DHE, SOUND}, {0xc0a0, 0xc0a1, TLS_KX_RSA, SOUND}, {0xc0a2, 0xc0a3, TLS_KX_DHE, SOUND},
    {0xc0a4, 0xc0a5, TLS_KX_PSK, SOUND}, {0xc0a6, 0xc0a7, TLS_KX_DHE, SOUND}, {0xc0a8, 0xc0a9, TLS_KX_PSK, SOUND},
    {0xc0aa, 0xc0ab, TLS_KX_DHE, SOUND}, {0xc0ac, 0xc0af, TLS_KX_ECDHE, SOUND},
    {0xc0b0, 0xc0b3, TLS_KX_OTHER_FS, SOUND}, {0xc0b4, 0xc0b5, TLS_KX_13, NONE},
    {0xc0ff, 0xc0ff, TLS_KX_OTHER_FS, SOUND}, {0xc100, 0xc100, TLS_KX_RSA, SOUND},
    {0xc101, 0xc102, TLS_KX_RSA, SMALL}, {0xc103, 0xc103, TLS_KX_13, SOUND}, {0xc104, 0xc104, TLS_KX_13, SMALL},
    {0xc105, 0xc105, TLS_KX_13, SOUND}, {0xc106, 0xc106, TLS_KX_13, SMALL}, {0xcc13, 0xcc14, TLS_KX_ECDHE, SOUND},
    {0xcc15, 0xcc15, TLS_KX_DHE, SOUND}, {0xcca8, 0xcca9, TLS_KX_ECDHE, SOUND}, {0xccaa, 0xccaa, TLS_KX_DHE, SOUND},
    {0xccab, 0xccab, TLS_KX_PSK, SOUND}, {0xccac, 0xccac, TLS_KX_ECDHE_PSK, SOUND},
    {0xccad, 0xccad, TLS_KX_DHE, SOUND}, {0xccae, 0xccae, TLS_KX_RSA, SOUND},
    {0xd001, 0xd003, TLS_KX_ECDHE_PSK, SOUND}, {0xd005, 0xd005, TLS_KX_ECDHE_PSK, SOUND},
    {0xe001, 0xe001, TLS_KX_ECDHE, SOUND}, {0xe003, 0xe003, TLS_KX_RSA, SOUND},
    {0xe005, 0xe005, TLS_KX_OTHER_FS, SOUND}, {0xe007, 0xe007, TLS_KX_RSA, SOUND},
    {0xe009, 0xe00a, TLS_KX_RSA, SOUND}, {0xe011, 0xe011, TLS_KX_ECDHE, SOUND}, {0xe013, 0xe013, TLS_KX_RSA, SOUND},
    {0xe015, 0xe015, TLS_KX_OTHER_FS, SOUND}, {0xe017, 0xe017, TLS_KX_RSA, SOUND},
    {0xe019, 0xe01a, TLS_KX_RSA, SOUND}, {0xe01c, 0xe01c, TLS_KX_RSA, SOUND}, {0xe051, 0xe051, TLS_KX_ECDHE, SOUND},
    {0xe053, 0xe053, TLS_KX_RSA, SOUND}, {0xe055, 0xe055, TLS_KX_OTHER_FS, SOUND},
    {0xe057, 0xe057, TLS_KX_RSA, SOUND}, {0xe059, 0xe05a, TLS_KX_RSA, SOUND}, {0xe410, 0xe411, TLS_KX_RSA, SOUND},
    {0xe412, 0xe415, TLS_KX_ECDHE, SOUND}, {0xe416, 0xe417, TLS_KX_PSK, SOUND},
    {0xe418, 0xe419, TLS_KX_ECDHE_PSK, SOUND}, {0xe41a, 0xe41b, TLS_KX_RSA, SOUND},
    {0xe41c, 0xe41f, TLS_KX_DHE, SOUND}, {0xfefe, 0xfefe, TLS_KX_RSA, BROKEN}, {0xfeff, 0xfeff, TLS_KX_RSA, SMALL},
    {0xffe0, 0xffe0, TLS_KX_RSA, SMALL}, {0xffe1, 0xffe1, TLS_KX_RSA, BROKEN},
    // clang-format on
};

struct tls_suite tls_suite_of(uint16_t cipher)
{
    size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]);
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct suite_range *range = &ranges[middle];
        if (cipher < range->first)
            high = middle;
        else if (cipher > range->last)
            low = middle + 1;
        else
            return (struct tls_suite){(enum tls_key_exchange)range->key_exchange, (enum tls_strength)range->strength};
    }
    return (struct tls_suite){TLS_KX_UNKNOWN, TLS_STRENGTH_SOUND};
}

bool tls_group_is_post_quantum(uint16_t group)
{
    switch (group) {
    case 0x0200: /* MLKEM512 ... */
    case 0x0201:
    case 0x0202: /* ... MLKEM1024 */
    case 0x11eb: /* SecP256r1MLKEM768 */
    case 0x11ec: /* X25519MLKEM768 */
    case 0x11ed: /* SecP384r1MLKEM1024 */
    case 0x11ee: /* curveSM2MLKEM768 */
    case 0x6399: /* X25519Kyber768Draft00 */
    case 0x639a: /* SecP256r1Kyber768Draft00 */
    case 0xfe30: /* X25519Kyber512Draft00 */
    case 0xfe31: /* X25519Kyber768Draft00, first number */
    case 0xfe32: /* P256Kyber768Draft00, first number */
    case 0x023a: /* Open Quantum Safe: kyber512, 768, 1024 alone ... */
    case 0x023c:
    case 0x023d:
    case 0x2f39: /* ... and with x25519, p256, x25519, p384, p521 */
    case 0x2f3a:
    case 0x2f26:
    case 0x2f3c:
    case 0x2f3d:
    case 0x4138: /* CECPQ2: X25519 with NTRU-HRSS */
        return true;
    default:
        return false;
    }
}
