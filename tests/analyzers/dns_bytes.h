/* DNS messages as bytes, built record by record. */
#ifndef BORDERTAP_TESTS_DNS_BYTES_H
#define BORDERTAP_TESTS_DNS_BYTES_H

#include "test.h"

struct dns_bytes {
    uint8_t data[4096];
    size_t length;
};

enum { DNS_QUERY = 0x0100, DNS_RESPONSE = 0x8180 };

static inline void put8(struct dns_bytes *b, unsigned value)
{
    assert_true(b->length < sizeof(b->data));
    b->data[b->length++] = (uint8_t)value;
}

static inline void put16(struct dns_bytes *b, unsigned value)
{
    put8(b, value >> 8);
    put8(b, value & 255);
}

/** "a.b" uncompressed; "*12" is a pointer to offset 12; "a.*12" a label and a pointer. */
static inline void put_name(struct dns_bytes *b, const char *name)
{
    while (*name != '\0') {
        if (*name == '*') {
            put16(b, 0xc000u | (unsigned)atoi(name + 1));
            return;
        }
        size_t label = strcspn(name, ".");
        put8(b, (unsigned)label);
        for (size_t i = 0; i < label; i++)
            put8(b, (uint8_t)name[i]);
        name += label + (name[label] == '.');
    }
    put8(b, 0);
}

static inline void dns_begin(struct dns_bytes *b, unsigned flags, unsigned questions, unsigned answers,
                             unsigned authority, unsigned additional)
{
    b->length = 0;
    put16(b, 0x1234);
    put16(b, flags);
    put16(b, questions);
    put16(b, answers);
    put16(b, authority);
    put16(b, additional);
}

static inline void put_question(struct dns_bytes *b, const char *name, unsigned type)
{
    put_name(b, name);
    put16(b, type);
    put16(b, 1);
}

/** The head of a record; its data follows. */
static inline void put_record(struct dns_bytes *b, const char *owner, unsigned type, unsigned ttl, unsigned length)
{
    put_name(b, owner);
    put16(b, type);
    put16(b, 1);
    put16(b, ttl >> 16);
    put16(b, ttl & 0xffff);
    put16(b, length);
}

static inline void put_a(struct dns_bytes *b, const char *owner, unsigned ttl, unsigned last)
{
    put_record(b, owner, 1, ttl, 4);
    put16(b, 192 << 8);
    put16(b, 2 << 8 | last);
}

static inline void put_named(struct dns_bytes *b, const char *owner, unsigned type, unsigned ttl, const char *target)
{
    struct dns_bytes name = {.length = 0};
    put_name(&name, target);
    put_record(b, owner, type, ttl, (unsigned)name.length);
    put_name(b, target);
}

#endif
