/*
 * A walk over DER (X.690) along the path of RFC 5280, 4.1: no recursion, no allocation, every length checked against
 * the element it stands in. Lengths are read generously (non-minimal ones pass), because real certificates have them.
 */
#include "x509_internal.h"

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_UNIVERSAL_STRING = 0x1c,
    DER_BMP_STRING = 0x1e,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_DNS_NAME = 0x82, /* GeneralName [2] */
    DER_VERSION = 0xa0,
    DER_EXTENSIONS = 0xa3,
};

/** One element off @p w. @return its content; failed when it does not fit. */
static struct wire der_take(struct wire *w, uint8_t *ret_tag)
{
    *ret_tag = wire_u8(w);
    size_t length = wire_u8(w);
    if (length == 0x80 || length > 0x84) /* indefinite: not DER */
        w->failed = true;
    else if (length > 0x80) {
        unsigned octets = (unsigned)length & 0x7f;
        for (length = 0; octets > 0; octets--)
            length = length << 8 | wire_u8(w);
    }
    return wire_carve(w, length);
}

static struct wire der_expect(struct wire *w, uint8_t tag)
{
    uint8_t got;
    struct wire content = der_take(w, &got);
    if (got != tag)
        content.failed = w->failed = true;
    return content;
}

static bool der_next_is(const struct wire *w, uint8_t tag)
{
    return !w->failed && w->left > 0 && w->at[0] == tag;
}

/** AttributeTypeAndValue of id-at (2.5.4.N): keeps the first value of each kind we show. */
static void read_attribute(struct wire attribute, struct x509_name *name)
{
    struct wire oid = der_expect(&attribute, DER_OID);
    uint8_t tag;
    struct wire value = der_take(&attribute, &tag);
    if (attribute.failed || oid.left != 3 || oid.at[0] != 0x55 || oid.at[1] != 0x04)
        return;
    struct x509_text *place = oid.at[2] == 3    ? &name->common_name
                              : oid.at[2] == 6  ? &name->country
                              : oid.at[2] == 10 ? &name->organization
                                                : NULL;
    if (place != NULL && place->data == NULL)
        *place = (struct x509_text){value.at, value.left, tag};
}

static struct x509_name read_name(struct wire *w)
{
    struct x509_name name = {{0}, {0}, {0}};
    struct wire sequence = der_expect(w, DER_SEQUENCE);
    while (!sequence.failed && sequence.left > 0) {
        struct wire set = der_expect(&sequence, DER_SET);
        while (!set.failed && set.left > 0)
            read_attribute(der_expect(&set, DER_SEQUENCE), &name);
    }
    return name;
}

/** Days from 1970-01-01 to the first of a month, proleptic Gregorian (H. Hinnant's days_from_civil). */
static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    unsigned year_of_era = (unsigned)(year - era * 400);
    unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + (int64_t)day_of_era - 719468;
}

static int two_digits(struct wire *w)
{
    uint8_t tens = wire_u8(w), ones = wire_u8(w);
    if (w->failed || tens < '0' || tens > '9' || ones < '0' || ones > '9') {
        w->failed = true;
        return 0;
    }
    return (tens - '0') * 10 + (ones - '0');
}

/** RFC 5280, 4.1.2.5: UTCTime YYMMDDHHMM[SS]Z with years 1950-2049, or GeneralizedTime YYYYMMDDHHMMSSZ. */
static int64_t read_time(struct wire *w)
{
    uint8_t tag;
    struct wire text = der_take(w, &tag);
    int year = two_digits(&text);
    if (tag == DER_GENERALIZED_TIME)
        year = year * 100 + two_digits(&text);
    else if (tag == DER_UTC_TIME)
        year += year < 50 ? 2000 : 1900;
    else
        text.failed = true;
    int month = two_digits(&text), day = two_digits(&text), hour = two_digits(&text), minute = two_digits(&text);
    int second = !text.failed && text.left >= 2 && text.at[0] >= '0' && text.at[0] <= '9' ? two_digits(&text) : 0;
    if (text.failed || month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60)
        return 0;
    return ((days_from_civil(year, (unsigned)month, (unsigned)day) * 24 + hour) * 60 + minute) * 60 + second;
}

/** Extensions: only subjectAltName (2.5.29.17) is kept. */
static void read_extensions(struct wire list, struct x509 *ret)
{
    while (!list.failed && list.left > 0) {
        struct wire extension = der_expect(&list, DER_SEQUENCE);
        struct wire oid = der_expect(&extension, DER_OID);
        if (der_next_is(&extension, DER_BOOLEAN))
            (void)der_expect(&extension, DER_BOOLEAN);
        struct wire value = der_expect(&extension, DER_OCTET_STRING);
        if (extension.failed || oid.left != 3 || memcmp(oid.at, "\x55\x1d\x11", 3) != 0)
            continue;
        struct wire names = der_expect(&value, DER_SEQUENCE);
        if (!names.failed)
            ret->alternative_names = names;
        return;
    }
}

bool x509_parse(const uint8_t *der, size_t length, struct x509 *ret)
{
    struct wire w = wire_of(der, length);
    struct wire certificate = der_expect(&w, DER_SEQUENCE);
    struct wire body = der_expect(&certificate, DER_SEQUENCE);
    uint8_t tag;
    *ret = (struct x509){0};
    if (der_next_is(&body, DER_VERSION))
        (void)der_expect(&body, DER_VERSION);
    (void)der_take(&body, &tag);           /* serial number */
    (void)der_expect(&body, DER_SEQUENCE); /* signature algorithm */
    ret->issuer = read_name(&body);
    struct wire validity = der_expect(&body, DER_SEQUENCE);
    ret->not_before_sec = read_time(&validity);
    ret->not_after_sec = read_time(&validity);
    ret->subject = read_name(&body);
    if (body.failed)
        return false;
    (void)der_expect(&body, DER_SEQUENCE);  /* subject public key */
    while (!body.failed && body.left > 0) { /* unique identifiers of version 2, then extensions */
        struct wire element = der_take(&body, &tag);
        if (tag == DER_EXTENSIONS && !body.failed)
            read_extensions(der_expect(&element, DER_SEQUENCE), ret);
    }
    return true;
}

bool x509_next_dns_name(struct wire *names, struct wire *ret)
{
    while (!names->failed && names->left > 0) {
        uint8_t tag;
        struct wire name = der_take(names, &tag);
        if (tag == DER_DNS_NAME && !names->failed) {
            *ret = name;
            return true;
        }
    }
    return false;
}

static size_t put_utf8(uint32_t c, uint8_t ret[static 4])
{
    if (c < 0x80) {
        ret[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        ret[0] = (uint8_t)(0xc0 | c >> 6);
        ret[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        ret[0] = (uint8_t)(0xe0 | c >> 12);
        ret[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        ret[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    ret[0] = (uint8_t)(0xf0 | (c >> 18 & 7));
    ret[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    ret[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    ret[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

size_t x509_text_bytes(const struct x509_text *text, uint8_t ret[static X509_TEXT_MAX])
{
    size_t width = text->tag == DER_BMP_STRING ? 2 : text->tag == DER_UNIVERSAL_STRING ? 4 : 1;
    struct wire w = wire_of(text->data, text->length);
    size_t used = 0;
    if (width == 1) {
        used = text->length < X509_TEXT_MAX ? text->length : X509_TEXT_MAX;
        if (used > 0)
            memcpy(ret, text->data, used);
        return used;
    }
    while (w.left >= width && used + 4 <= X509_TEXT_MAX) {
        uint32_t c = width == 2 ? wire_u16(&w) : wire_u32(&w);
        if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
            c = 0xfffd;
        used += put_utf8(c, ret + used);
    }
    return used;
}
