/*
 * Fingerprints of hellos, to the letter of their authors: JA3 and JA3S (github.com/salesforce/ja3), JA4
 * (github.com/FoxIO-LLC/ja4, technical_details/JA4.md). Values of RFC 8701 (GREASE) are left out everywhere.
 */
#ifndef BORDERTAP_ANALYZERS_FINGERPRINT_INTERNAL_H
#define BORDERTAP_ANALYZERS_FINGERPRINT_INTERNAL_H

#include "tls_internal.h"

/** Each fills @p ret, or makes it "" when libcrypto has no such digest or (JA4) the hello has too many entries. */
void fingerprint_ja3(struct tls_crypto *crypto, const struct tls_client_hello *hello, char ret[static 33]);
void fingerprint_ja3s(struct tls_crypto *crypto, const struct tls_server_hello *hello, char ret[static 33]);
void fingerprint_ja4(struct tls_crypto *crypto, const struct tls_client_hello *hello, enum tls_transport transport,
                     char ret[static 40]);

#endif
