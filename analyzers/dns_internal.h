/* DNS messages (RFC 1035) as dns.c needs them: bounded, borrowed, and in any of the four transports the same. */
#ifndef BORDERTAP_ANALYZERS_DNS_INTERNAL_H
#define BORDERTAP_ANALYZERS_DNS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns_message.h"
#include "name.h"
#include "text.h"

enum {
    DNS_HEADER_SIZE = 12,
    DNS_RECORDS_MAX = 96, /* of a message; what comes behind is ignored */

    DNS_TYPE_A = 1,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_SOA = 6,
    DNS_TYPE_AAAA = 28,
    DNS_TYPE_DNAME = 39,
    DNS_TYPE_OPT = 41,
    DNS_TYPE_SVCB = 64,
    DNS_TYPE_HTTPS = 65,

    DNS_CLASS_IN = 1,
    DNS_CLASS_FLAG = 0x8000, /* mDNS: unicast response wanted, cache flush (RFC 6762, 18.12 and 18.13) */
};

enum dns_parse {
    DNS_PARSE_WHOLE,
    DNS_PARSE_CUT,       /* ends inside a record: what came before is good */
    DNS_PARSE_MALFORMED, /* the question cannot be read, or a record breaks its format */
    DNS_PARSE_LOOP,      /* a compression pointer that does not point back */
};

/** Lower case, labels joined by dots; a dot or backslash inside a label is escaped by a backslash (RFC 1035, 5.1). */
struct dns_name {
    uint16_t length;
    uint16_t offset; /* where in the message its first label stands, compression resolved */
    char text[NAME_MAX_LENGTH];
};

struct dns_record {
    uint16_t owner; /* offset of the name */
    uint16_t type;
    uint32_t ttl_sec;
    uint16_t rdata, rdata_length; /* offset and bytes, inside the message */
};

struct dns_message {
    const uint8_t *data;
    size_t length; /* at most 65535 */
    uint16_t flags, question_count, answer_count, authority_count, additional_count;
    bool has_question, has_soa; /* has_soa: in the authority section */
    struct dns_name question;   /* the first one */
    uint16_t question_type, question_class;
    uint16_t record_count; /* of the answer and additional sections, class IN */
    size_t end;            /* where parsing stopped */
    struct dns_record record[DNS_RECORDS_MAX];
};

static inline bool dns_is_response(const struct dns_message *m)
{
    return (m->flags & 0x8000) != 0;
}
static inline unsigned dns_opcode(const struct dns_message *m)
{
    return m->flags >> 11 & 15;
}
static inline unsigned dns_response_code(const struct dns_message *m)
{
    return m->flags & 15;
}

/** @return offset behind the name at @p at, or 0 and the reason in @p ret_why; @p ret is then undefined. */
size_t dns_name_read(const uint8_t *data, size_t length, size_t at, struct dns_name *ret, enum dns_parse *ret_why);

/** Reads the header alone. @return false when there are not even 12 bytes. */
bool dns_message_open(const uint8_t *data, size_t length, struct dns_message *ret);
/** Header, questions and records. @p ret borrows @p data. */
enum dns_parse dns_message_parse(const uint8_t *data, size_t length, struct dns_message *ret);

/** The names an answer's texts point into. */
struct dns_chain {
    struct dns_name name[DNS_CHAIN_MAX];
    uint32_t ttl_sec[DNS_CHAIN_MAX];
    bool has_unprintable; /* a name that is tied to nothing, and nothing to it */
    bool is_cut;          /* more names or addresses than an answer holds */
};

/**
 * What the message ties to the name @p from: its aliases and the addresses at their end, from the answer and additional
 * sections. Records of names that are not reached from it are ignored. @p ret borrows @p room.
 */
void dns_message_resolve(const struct dns_message *message, const struct dns_name *from, struct dns_chain *room,
                         struct dns_answer *ret);

#endif
