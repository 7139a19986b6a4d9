/*
 * The few fields of an X.509 certificate that a record shows, by a bounded reader of DER: hostile certificates never
 * reach a library's object parser. Texts are borrowed from the DER.
 */
#ifndef BORDERTAP_ANALYZERS_X509_INTERNAL_H
#define BORDERTAP_ANALYZERS_X509_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct x509_text {
    const uint8_t *data; /* NULL: the name has no such attribute */
    size_t length;       /* bytes */
    uint8_t tag;         /* DER: 0x0c UTF8String, 0x13 PrintableString, 0x1e BMPString ... */
};

struct x509_name {
    struct x509_text organization, common_name, country; /* the first of each */
};

struct x509 {
    struct x509_name issuer, subject;
    int64_t not_before_sec, not_after_sec; /* 0 when unreadable */
    struct wire alternative_names;         /* GeneralName entries; at NULL when there are none */
};

/** @return false when the structure up to the validity and subject is broken; a broken extension only hides the
 * alternative names. */
bool x509_parse(const uint8_t *der, size_t length, struct x509 *ret);

/** Takes the next dNSName off @p names. @return false at the end. */
bool x509_next_dns_name(struct wire *names, struct wire *ret);

enum { X509_TEXT_MAX = 256 };

/** The text as UTF-8 (BMPString and UniversalString converted), other kinds byte for byte; cut at X509_TEXT_MAX.
 * @return length. */
size_t x509_text_bytes(const struct x509_text *text, uint8_t ret[static X509_TEXT_MAX]);

#endif
