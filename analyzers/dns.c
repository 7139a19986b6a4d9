/*
 * DNS over UDP and TCP, multicast DNS and LLMNR: names and answers for the record, and every answer to the receiver
 * that ties addresses to names. A flow of DNS is never finished, as a resolver's connection may live for days; it has
 * no state over UDP.
 */
#include "analyzer_internal.h"
#include "dns_internal.h"

#include "wire.h"

enum {
    PORT_DNS = 53,
    PORT_MDNS = 5353,
    PORT_LLMNR = 5355,
    OWNERS_MAX = 16,          /* names of one multicast announcement */
    MESSAGE_SHOWN_MAX = 16384 /* of one message over TCP; a zone transfer's rest is skipped */
};

static enum app app_of(const struct flow *flow)
{
    const uint16_t *port = flow->key.port;
    if (port[0] == PORT_MDNS || port[1] == PORT_MDNS)
        return APP_MDNS;
    if (port[0] == PORT_LLMNR || port[1] == PORT_LLMNR)
        return APP_LLMNR;
    return APP_DNS;
}

static bool has_dns_port(const struct flow *flow)
{
    const uint16_t *port = flow->key.port;
    return port[0] == PORT_DNS || port[1] == PORT_DNS || app_of(flow) != APP_DNS;
}

/** Whether the header can be one, for ports where DNS is expected anyway. */
static bool header_is_sane(const struct dns_message *m, enum app app)
{
    unsigned opcode = dns_opcode(m);
    if (opcode > 5 || opcode == 3) /* query, inverse query, status, notify, update */
        return false;
    if (app == APP_MDNS)
        return m->question_count + m->answer_count + m->authority_count + m->additional_count > 0;
    if (m->question_count == 0)
        return dns_is_response(m);
    return m->question_count == 1 && (dns_is_response(m) || opcode == 5 || m->answer_count == 0);
}

static bool name_is_plain(const struct dns_name *name)
{
    bool has_dot = false;
    for (unsigned i = 0; i < name->length; i++) {
        char c = name->text[i];
        has_dot = has_dot || c == '.';
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
            return false;
    }
    return has_dot;
}

/** On any other port all of it must fit: one question for a plain name, known class, no stray bytes behind. */
static bool message_is_convincing(const uint8_t *data, size_t length)
{
    struct dns_message m;
    if (length < DNS_HEADER_SIZE || load_be16(data + 4) != 1 || dns_message_parse(data, length, &m) != DNS_PARSE_WHOLE)
        return false;
    if (m.end != length || dns_opcode(&m) != 0 || m.question_class != DNS_CLASS_IN || m.question_type == 0 ||
        m.question_type > 260 || (m.flags & 0x0040) != 0 || !name_is_plain(&m.question))
        return false;
    return dns_is_response(&m) || (m.answer_count == 0 && m.authority_count == 0 && dns_response_code(&m) == 0);
}

static enum probe dns_udp_probe(const struct probe_input *input)
{
    struct dns_message m;
    if (!dns_message_open(input->data, input->length, &m))
        return PROBE_NO;
    if (has_dns_port(input->flow))
        return header_is_sane(&m, app_of(input->flow)) ? PROBE_YES : PROBE_NO;
    return message_is_convincing(input->data, input->length) ? PROBE_YES : PROBE_NO;
}

/** Whether who asked has to ask again for where the chain led. A SOA says that there is nothing (RFC 2308, 2.2). */
static bool leads_on(const struct dns_message *m, const struct dns_answer *answer)
{
    return answer->chain_count > 1 && !m->has_soa && dns_response_code(m) == 0;
}

/** @p side sent the response: the other one asked, whatever the flow table thought so far. */
static void tell_receiver(const struct inspector_options *options, const struct flow *flow, unsigned side,
                          const struct dns_message *m, const struct dns_answer *answer)
{
    if (options->answered == NULL || (answer->binding_count == 0 && !leads_on(m, answer)))
        return;
    if (flow->client_side != side) {
        options->answered(options->context, flow, answer);
        return;
    }
    struct flow turned = *flow;
    turned.client_side = !side;
    options->answered(options->context, &turned, answer);
}

/** A multicast announcement has no question: each name with an address stands for itself. */
static void tell_announced(const struct inspector_options *options, const struct flow *flow, unsigned side,
                           const struct dns_message *m, struct dns_chain *room, struct dns_answer *answer)
{
    struct text told[OWNERS_MAX];
    char kept[OWNERS_MAX][NAME_MAX_LENGTH];
    unsigned count = 0;
    for (unsigned i = 0; i < m->record_count && count < OWNERS_MAX; i++) {
        struct dns_name owner;
        enum dns_parse why;
        if (m->record[i].type != DNS_TYPE_A && m->record[i].type != DNS_TYPE_AAAA)
            continue;
        if (dns_name_read(m->data, m->length, m->record[i].owner, &owner, &why) == 0)
            continue;
        struct text name = {owner.text, owner.length};
        unsigned k = 0;
        while (k < count && !text_equal(told[k], name))
            k++;
        if (k < count)
            continue;
        memcpy(kept[count], owner.text, owner.length);
        told[count] = (struct text){kept[count], owner.length};
        count++;
        dns_message_resolve(m, &owner, room, answer);
        tell_receiver(options, flow, side, m, answer);
    }
}

static void add_answers(struct dns_facts *dns, const struct dns_answer *answer)
{
    for (unsigned i = 0; i < answer->binding_count && dns->answer_count < DNS_ANSWERS_MAX; i++) {
        unsigned k = 0;
        while (k < dns->answer_count && !ip_equal(&dns->answers[k], &answer->bindings[i].address))
            k++;
        if (k == dns->answer_count && !answer->bindings[i].is_hint)
            dns->answers[dns->answer_count++] = answer->bindings[i].address;
    }
}

/** The record shows the flow's first question, and the answers to that one. @return whether it is @p m's question. */
static bool note_question(struct inspection *inspection, const struct dns_message *m)
{
    struct dns_facts *dns = &inspection->facts.dns;
    if (!m->has_question)
        return dns->query.data == NULL;
    if (dns->query.data == NULL) {
        dns->query = inspection_keep(inspection, m->question.text, m->question.length);
        dns->query_type = m->question_type;
        return true;
    }
    return text_equal(dns->query, (struct text){m->question.text, m->question.length});
}

static unsigned note_message(struct inspection *inspection, const struct dns_message *m, unsigned side,
                             const struct dns_answer *answer)
{
    struct flow_facts *facts = &inspection->facts;
    struct dns_facts *dns = &facts->dns;
    bool is_response = dns_is_response(m);
    bool is_news = is_response ? !dns->has_response : !dns->has_query;
    bool is_first_question = note_question(inspection, m);
    if (dns->messages < UINT32_MAX)
        dns->messages++;
    if (!facts->client_side_known) {
        facts->client_side_known = true;
        facts->client_side = (uint8_t)(is_response && facts->app != APP_MDNS ? !side : side);
    }
    if (is_response) {
        if (!dns->has_response)
            dns->response_code = (uint16_t)dns_response_code(m);
        dns->has_response = true;
        if (is_first_question && answer != NULL)
            add_answers(dns, answer);
    } else {
        dns->has_query = true;
    }
    return is_news ? INSPECT_CHANGED : INSPECT_MORE;
}

/** @param inspection NULL when only the answers matter. */
static unsigned take_message(struct inspector *inspector, struct inspection *inspection, const struct flow *flow,
                             unsigned side, const uint8_t *data, size_t length, bool is_snapped)
{
    const struct inspector_options *options = inspector_options_of(inspector);
    struct dns_message m;
    struct dns_chain room;
    struct dns_answer answer = {.chain_count = 0};
    bool has_answer = false;
    enum dns_parse parsed = dns_message_parse(data, length, &m);
    if (parsed == DNS_PARSE_LOOP)
        inspector_refuse(inspector, REASON_DNS_NAME_LOOP);
    else if (parsed == DNS_PARSE_MALFORMED || (parsed == DNS_PARSE_CUT && !is_snapped))
        inspector_refuse(inspector, REASON_DNS_MALFORMED);
    if (length < DNS_HEADER_SIZE)
        return INSPECT_MORE;
    if (inspection != NULL && is_snapped && parsed == DNS_PARSE_CUT)
        inspection->facts.has_gap = true;
    if (dns_is_response(&m) && dns_opcode(&m) == 0 && m.record_count > 0) {
        if (m.has_question) {
            dns_message_resolve(&m, &m.question, &room, &answer);
            if (room.has_unprintable)
                inspector_refuse(inspector, REASON_DNS_NAME_UNPRINTABLE);
            if (room.is_cut)
                inspector_refuse(inspector, REASON_DNS_ANSWER_TOO_LONG);
            tell_receiver(options, flow, side, &m, &answer);
            has_answer = true;
        } else if (m.question_count == 0) {
            tell_announced(options, flow, side, &m, &room, &answer);
        }
    }
    return inspection != NULL ? note_message(inspection, &m, side, has_answer ? &answer : NULL) : INSPECT_MORE;
}

static unsigned dns_udp_feed(const struct analyzer_input *input, size_t *ret_consumed)
{
    *ret_consumed = input->length;
    input->inspection->facts.app = app_of(input->flow);
    return take_message(input->inspector, input->inspection, input->flow, input->side, input->data, input->length,
                        input->wire_length > input->length);
}

void inspect_dns_datagram(struct inspector *inspector, const struct flow *flow, unsigned side, const uint8_t *data,
                          size_t length, size_t wire_length)
{
    if (length >= DNS_HEADER_SIZE && (data[2] & 0x80) != 0) /* questions tie nothing */
        (void)take_message(inspector, NULL, flow, side, data, length, wire_length > length);
}

const struct analyzer dns_udp_analyzer = {"dns", false, dns_udp_probe, dns_udp_feed, NULL, NULL};

/* Over TCP each message has its length before it (RFC 1035, 4.2.2). */

struct dns_stream {
    uint32_t skip[2]; /* bytes of a long message still to pass over, by side */
    bool is_lost[2];  /* bytes are missing: where a message begins is not known */
};

static enum probe dns_tcp_probe(const struct probe_input *input)
{
    struct dns_message m;
    if (input->length < 2)
        return PROBE_MORE;
    size_t length = load_be16(input->data);
    bool is_expected = has_dns_port(input->flow);
    if (length <= DNS_HEADER_SIZE || (!is_expected && length > 4096))
        return PROBE_NO;
    if (!dns_message_open(input->data + 2, input->length - 2, &m))
        return PROBE_MORE;
    if (is_expected)
        return header_is_sane(&m, APP_DNS) ? PROBE_YES : PROBE_NO;
    if (m.question_count != 1 || dns_opcode(&m) != 0)
        return PROBE_NO;
    if (input->length - 2 < length)
        return PROBE_MORE;
    return message_is_convincing(input->data + 2, length) ? PROBE_YES : PROBE_NO;
}

/** One message off the front. @return bytes consumed, 0 when more are needed. */
static size_t take_from_stream(const struct analyzer_input *input, struct dns_stream *stream, const uint8_t *at,
                               size_t left, unsigned *state)
{
    uint32_t *skip = &stream->skip[input->side];
    if (*skip > 0) {
        size_t passed = left < *skip ? left : *skip;
        *skip -= (uint32_t)passed;
        return passed;
    }
    if (left < 2)
        return 0;
    size_t length = load_be16(at);
    size_t shown = length < MESSAGE_SHOWN_MAX ? length : MESSAGE_SHOWN_MAX;
    if (left - 2 < shown)
        return 0;
    *skip = (uint32_t)(length - shown);
    *state |= take_message(input->inspector, input->inspection, input->flow, input->side, at + 2, shown, *skip > 0);
    return 2 + shown;
}

static unsigned dns_tcp_feed(const struct analyzer_input *input, size_t *ret_consumed)
{
    struct inspection *inspection = input->inspection;
    if (inspection->state == NULL)
        inspection->state = inspector_take_block(input->inspector, sizeof(struct dns_stream));
    struct dns_stream *stream = inspection->state;
    *ret_consumed = input->length;
    if (stream == NULL)
        return INSPECT_FINISHED;
    inspection->facts.app = APP_DNS;
    bool *is_lost = &stream->is_lost[input->side];
    if (input->has_gap) {
        stream->skip[input->side] = 0;
        *is_lost = true;
    }
    const struct probe_input again = {input->data, input->length, input->side, input->flow};
    if (*is_lost && dns_tcp_probe(&again) == PROBE_NO)
        return INSPECT_MORE;
    *is_lost = false;

    unsigned state = INSPECT_MORE;
    size_t used = 0, n;
    while (used < input->length &&
           (n = take_from_stream(input, stream, input->data + used, input->length - used, &state)) > 0)
        used += n;
    *ret_consumed = used;
    return state;
}

static void dns_tcp_release(struct inspector *inspector, struct inspection *inspection)
{
    inspector_give_block(inspector, inspection->state);
}

const struct analyzer dns_tcp_analyzer = {"dns", true, dns_tcp_probe, dns_tcp_feed, dns_tcp_release, NULL};
