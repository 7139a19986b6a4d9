/* One DNS message: which records it has, and which addresses they tie to a name (RFC 1035, 6672, 9460). */
#include "analyzer_internal.h"
#include "dns_internal.h"

#include "wire.h"

bool dns_message_open(const uint8_t *data, size_t length, struct dns_message *ret)
{
    if (length < DNS_HEADER_SIZE)
        return false;
    ret->data = data;
    ret->length = length < UINT16_MAX ? length : UINT16_MAX;
    ret->flags = load_be16(data + 2);
    ret->question_count = load_be16(data + 4);
    ret->answer_count = load_be16(data + 6);
    ret->authority_count = load_be16(data + 8);
    ret->additional_count = load_be16(data + 10);
    ret->has_question = ret->has_soa = false;
    ret->record_count = 0;
    ret->end = DNS_HEADER_SIZE;
    return true;
}

static enum dns_parse read_questions(struct dns_message *m)
{
    struct dns_name other;
    enum dns_parse why;
    for (unsigned i = 0; i < m->question_count; i++) {
        size_t behind = dns_name_read(m->data, m->length, m->end, i == 0 ? &m->question : &other, &why);
        if (behind == 0)
            return why;
        if (m->length - behind < 4)
            return DNS_PARSE_CUT;
        if (i == 0) {
            m->has_question = true;
            m->question_type = load_be16(m->data + behind);
            m->question_class = load_be16(m->data + behind + 2);
        }
        m->end = behind + 4;
    }
    return DNS_PARSE_WHOLE;
}

/** Behind the name at @p at without reading it; owners are read only when somebody asks for them. 0: cut or malformed.
 */
static size_t skip_name(const struct dns_message *m, size_t at, enum dns_parse *ret_why)
{
    *ret_why = DNS_PARSE_CUT;
    while (at < m->length) {
        uint8_t size = m->data[at];
        if (size >= 0xc0)
            return m->length - at >= 2 ? at + 2 : 0;
        if (size == 0)
            return at + 1;
        if (size > 63) {
            *ret_why = DNS_PARSE_MALFORMED;
            return 0;
        }
        at += 1u + size;
    }
    return 0;
}

/** @param keep false: only whether a SOA is among them matters. */
static enum dns_parse read_records(struct dns_message *m, unsigned count, bool keep)
{
    enum dns_parse why;
    for (unsigned i = 0; i < count; i++) {
        size_t at = skip_name(m, m->end, &why);
        if (at == 0)
            return why;
        if (m->length - at < 10)
            return DNS_PARSE_CUT;
        struct dns_record record = {.owner = (uint16_t)m->end,
                                    .type = load_be16(m->data + at),
                                    .ttl_sec = load_be32(m->data + at + 4),
                                    .rdata = (uint16_t)(at + 10),
                                    .rdata_length = load_be16(m->data + at + 8)};
        uint16_t class_ = load_be16(m->data + at + 2);
        if (m->length - at - 10 < record.rdata_length)
            return DNS_PARSE_CUT;
        m->end = at + 10 + record.rdata_length;
        m->has_soa |= !keep && record.type == DNS_TYPE_SOA;
        if (keep && (class_ & ~DNS_CLASS_FLAG) == DNS_CLASS_IN && m->record_count < DNS_RECORDS_MAX)
            m->record[m->record_count++] = record;
    }
    return DNS_PARSE_WHOLE;
}

enum dns_parse dns_message_parse(const uint8_t *data, size_t length, struct dns_message *ret)
{
    if (!dns_message_open(data, length, ret))
        return DNS_PARSE_CUT;
    enum dns_parse result = read_questions(ret);
    if (result == DNS_PARSE_WHOLE)
        result = read_records(ret, ret->answer_count, true);
    if (result == DNS_PARSE_WHOLE)
        result = read_records(ret, ret->authority_count, false); /* SOA and NS tie no address to the question */
    if (result == DNS_PARSE_WHOLE)
        result = read_records(ret, ret->additional_count, true);
    return result;
}

static struct text name_text(const struct dns_name *name)
{
    return (struct text){name->text, name->length};
}

/** Whether the record stands under this name: the usual owner is a pointer right to it and needs no reading. */
static bool record_is_of(const struct dns_message *m, const struct dns_record *record, const struct dns_name *name)
{
    const uint8_t *owner = m->data + record->owner;
    if (m->length - record->owner >= 2 && owner[0] >= 0xc0 && (load_be16(owner) & 0x3fff) == name->offset)
        return true;
    struct dns_name read;
    enum dns_parse why;
    return dns_name_read(m->data, m->length, record->owner, &read, &why) != 0 &&
           text_equal(name_text(&read), name_text(name));
}

struct resolving {
    const struct dns_message *message;
    struct dns_chain *room;
    struct dns_answer *answer;
};

static void add_alias(struct resolving *r, const struct dns_name *target, uint32_t ttl_sec)
{
    struct dns_answer *answer = r->answer;
    struct text text = name_text(target);
    if (target->length == 0)
        return;
    if (!name_is_printable(target->text, target->length)) {
        r->room->has_unprintable = true;
        return;
    }
    for (unsigned i = 0; i < answer->chain_count; i++) {
        if (text_equal(answer->chain[i], text))
            return; /* a loop of aliases, or an HTTPS record that names its own owner */
    }
    if (answer->chain_count == DNS_CHAIN_MAX) {
        r->room->is_cut = true;
        return;
    }
    struct dns_name *kept = &r->room->name[answer->chain_count];
    kept->length = target->length;
    kept->offset = target->offset;
    memcpy(kept->text, target->text, target->length);
    r->room->ttl_sec[answer->chain_count] = ttl_sec;
    answer->chain[answer->chain_count++] = name_text(kept);
}

static void add_binding(struct resolving *r, struct ip_address address, uint32_t ttl_sec, bool is_hint)
{
    struct dns_answer *answer = r->answer;
    for (unsigned i = 0; i < answer->binding_count; i++) {
        if (ip_equal(&answer->bindings[i].address, &address)) {
            answer->bindings[i].is_hint = answer->bindings[i].is_hint && is_hint;
            return;
        }
    }
    if (answer->binding_count == DNS_BINDINGS_MAX)
        r->room->is_cut = true;
    else
        answer->bindings[answer->binding_count++] = (struct dns_binding){address, ttl_sec, is_hint};
}

static void follow_alias(struct resolving *r, const struct dns_record *record, uint32_t ttl_sec)
{
    struct dns_name target;
    enum dns_parse why;
    if (dns_name_read(r->message->data, r->message->length, record->rdata, &target, &why) != 0)
        add_alias(r, &target, ttl_sec);
}

static void add_hints(struct resolving *r, struct wire value, size_t address_size, uint32_t ttl_sec)
{
    while (value.left >= address_size) {
        const uint8_t *octets = wire_bytes(&value, address_size);
        add_binding(r, address_size == 4 ? ip_from_v4(octets) : ip_from_v6(octets), ttl_sec, true);
    }
}

/** RFC 9460: priority, target (never compressed), and in service mode parameters with address hints and ECH keys. */
static void follow_service(struct resolving *r, const struct dns_record *record, uint32_t ttl_sec)
{
    enum { PARAM_IPV4HINT = 4, PARAM_ECH = 5, PARAM_IPV6HINT = 6 };
    const struct dns_message *m = r->message;
    size_t end = record->rdata + (size_t)record->rdata_length;
    struct dns_name target;
    enum dns_parse why;
    if (record->rdata_length < 3)
        return;
    size_t at = dns_name_read(m->data, end, record->rdata + 2u, &target, &why);
    if (at == 0 || at > end)
        return;
    add_alias(r, &target, ttl_sec); /* "." is the owner itself, and no alias */
    if (load_be16(m->data + record->rdata) == 0)
        return;
    struct wire params = wire_of(m->data + at, end - at);
    while (params.left > 0) {
        uint16_t key = wire_u16(&params);
        struct wire value = wire_carve(&params, wire_u16(&params));
        if (value.failed)
            return;
        if (key == PARAM_IPV4HINT)
            add_hints(r, value, 4, ttl_sec);
        else if (key == PARAM_IPV6HINT)
            add_hints(r, value, 16, ttl_sec);
        else if (key == PARAM_ECH)
            r->answer->offers_ech = true;
    }
}

/** RFC 6672: everything under the owner is renamed. Servers add the CNAME themselves; this is for those that do not. */
static void follow_dname(struct resolving *r, const struct dns_record *record, const struct dns_name *name,
                         uint32_t ttl_sec)
{
    const struct dns_message *m = r->message;
    struct dns_name owner, target, renamed = {.length = 0, .offset = 0};
    enum dns_parse why;
    if (dns_name_read(m->data, m->length, record->owner, &owner, &why) == 0 ||
        dns_name_read(m->data, m->length, record->rdata, &target, &why) == 0)
        return;
    if (owner.length == 0 || name->length <= owner.length + 1u)
        return;
    size_t prefix = name->length - owner.length; /* with its dot */
    if (name->text[prefix - 1] != '.' || memcmp(name->text + prefix, owner.text, owner.length) != 0)
        return;
    if (prefix + target.length > sizeof(renamed.text))
        return;
    memcpy(renamed.text, name->text, prefix);
    memcpy(renamed.text + prefix, target.text, target.length);
    renamed.length = (uint16_t)(prefix + target.length);
    add_alias(r, &renamed, ttl_sec);
}

static void follow_record(struct resolving *r, const struct dns_record *record, const struct dns_name *name,
                          uint32_t ttl_sec)
{
    const uint8_t *rdata = r->message->data + record->rdata;
    switch (record->type) {
    case DNS_TYPE_A:
        if (record->rdata_length == 4)
            add_binding(r, ip_from_v4(rdata), ttl_sec, false);
        break;
    case DNS_TYPE_AAAA:
        if (record->rdata_length == 16)
            add_binding(r, ip_from_v6(rdata), ttl_sec, false);
        break;
    case DNS_TYPE_CNAME:
        follow_alias(r, record, ttl_sec);
        break;
    case DNS_TYPE_SVCB:
    case DNS_TYPE_HTTPS:
        follow_service(r, record, ttl_sec);
        break;
    case DNS_TYPE_DNAME:
        follow_dname(r, record, name, ttl_sec);
        break;
    default:
        break;
    }
}

void dns_message_resolve(const struct dns_message *message, const struct dns_name *from, struct dns_chain *room,
                         struct dns_answer *ret)
{
    /* cppcheck-suppress ctuuninitvar ; names are written before they count */
    struct resolving r = {message, room, ret};
    ret->chain_count = ret->binding_count = 0;
    ret->offers_ech = false;
    room->is_cut = room->has_unprintable = false;
    add_alias(&r, from, UINT32_MAX);
    for (unsigned i = 0; i < ret->chain_count; i++) {
        const struct dns_name *name = &room->name[i];
        for (unsigned k = 0; k < message->record_count; k++) {
            const struct dns_record *record = &message->record[k];
            if (record->type != DNS_TYPE_DNAME && !record_is_of(message, record, name))
                continue;
            uint32_t ttl_sec = record->ttl_sec < room->ttl_sec[i] ? record->ttl_sec : room->ttl_sec[i];
            follow_record(&r, record, name, ttl_sec);
        }
    }
    ret->chain_ttl_sec = UINT32_MAX;
    for (unsigned i = 1; i < ret->chain_count; i++)
        if (room->ttl_sec[i] < ret->chain_ttl_sec)
            ret->chain_ttl_sec = room->ttl_sec[i];
}
