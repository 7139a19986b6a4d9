#include "icmp_quote.h"

#include "decoded.h"
#include "wire.h"

enum {
    V4_HEADER = 20,
    V6_HEADER = 40,
    V4_UNREACHABLE = 3,
    V4_TIME_EXCEEDED = 11,
    V4_CODE_TOO_BIG = 4,
    V6_UNREACHABLE = 1,
    V6_TOO_BIG = 2,
    V6_TIME_EXCEEDED = 3,
    NEXT_HOP_BY_HOP = 0,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AUTHENTICATION = 51,
    NEXT_DESTINATION_OPTIONS = 60,
    EXTENSION_HEADERS_MAX = 8,
    LEGACY_QUOTE = 128, /* RFC 4884, 5.5: where extensions start when no length says it */
    CLASS_MPLS = 1,
    TYPE_STACK_IN = 1,
};

const char *icmp_quote_reason_text(enum icmp_quote_reason reason)
{
    switch (reason) {
    case ICMP_QUOTE_CUT:
        return "icmp_quote_cut";
    case ICMP_QUOTE_BAD_OUTER:
        return "icmp_quote_bad_outer";
    case ICMP_QUOTE_BAD_INNER:
        return "icmp_quote_bad_inner";
    case ICMP_QUOTE_GOOD:
    case ICMP_QUOTE_NO_ERROR:
    case ICMP_QUOTE_REASON_COUNT:
        break;
    }
    return NULL;
}

/** An IP header and what stands behind it. */
struct ip_head {
    struct ip_address source, destination;
    uint8_t protocol, hop_limit;
    bool is_v4, is_later_fragment;
    bool is_open; /* extension headers were cut: the protocol is not known */
    struct wire payload;
};

static enum icmp_quote_reason read_v4(const uint8_t *ip, size_t length, struct ip_head *ret)
{
    if (length < V4_HEADER)
        return ICMP_QUOTE_CUT;
    size_t header = (ip[0] & 0x0fu) * 4u, total = load_be16(ip + 2);
    if (header < V4_HEADER || (total != 0 && total < header)) /* 0: left to the card */
        return ICMP_QUOTE_BAD_INNER;
    size_t end = total != 0 && total < length ? total : length;
    *ret = (struct ip_head){.source = ip_from_v4(ip + 12),
                            .destination = ip_from_v4(ip + 16),
                            .protocol = ip[9],
                            .hop_limit = ip[8],
                            .is_v4 = true,
                            .is_later_fragment = (load_be16(ip + 6) & 0x1fff) != 0};
    ret->payload = wire_of(ip, end);
    wire_skip(&ret->payload, header);
    return ICMP_QUOTE_GOOD;
}

static bool is_extension(uint8_t kind)
{
    return kind == NEXT_HOP_BY_HOP || kind == NEXT_ROUTING || kind == NEXT_FRAGMENT || kind == NEXT_AUTHENTICATION ||
           kind == NEXT_DESTINATION_OPTIONS;
}

/** Steps over one extension header. */
static void skip_extension(struct ip_head *head)
{
    struct wire *wire = &head->payload;
    uint8_t kind = head->protocol, next = wire_u8(wire), length = wire_u8(wire);
    if (kind == NEXT_FRAGMENT) {
        head->is_later_fragment |= wire_u16(wire) >> 3 != 0;
        wire_skip(wire, 4);
    } else {
        wire_skip(wire, kind == NEXT_AUTHENTICATION ? length * 4u + 6 : length * 8u + 6);
    }
    head->protocol = next;
}

static enum icmp_quote_reason read_v6(const uint8_t *ip, size_t length, struct ip_head *ret)
{
    if (length < V6_HEADER)
        return ICMP_QUOTE_CUT;
    size_t payload = load_be16(ip + 4); /* 0: a jumbogram, or left to the card */
    size_t behind = length - V6_HEADER;
    *ret = (struct ip_head){.source = ip_from_v6(ip + 8),
                            .destination = ip_from_v6(ip + 24),
                            .protocol = ip[6],
                            .hop_limit = ip[7],
                            .payload = wire_of(ip + V6_HEADER, payload != 0 && payload < behind ? payload : behind)};
    for (int i = 0; i < EXTENSION_HEADERS_MAX && is_extension(ret->protocol) && !ret->is_later_fragment; i++)
        skip_extension(ret);
    ret->is_open = ret->payload.failed || is_extension(ret->protocol);
    return ICMP_QUOTE_GOOD;
}

/** @return a bad header as ICMP_QUOTE_BAD_INNER. */
static enum icmp_quote_reason read_head(const uint8_t *ip, size_t length, struct ip_head *ret)
{
    if (length == 0)
        return ICMP_QUOTE_CUT;
    if (ip[0] >> 4 == 4)
        return read_v4(ip, length, ret);
    return ip[0] >> 4 == 6 ? read_v6(ip, length, ret) : ICMP_QUOTE_BAD_INNER;
}

static bool is_error(const struct icmp_quote *quote, bool is_v4)
{
    if (is_v4)
        return quote->type == V4_UNREACHABLE || quote->type == V4_TIME_EXCEEDED;
    return quote->type == V6_UNREACHABLE || quote->type == V6_TOO_BIG || quote->type == V6_TIME_EXCEEDED;
}

static bool is_right_checksum(struct wire wire)
{
    uint32_t sum = 0;
    while (wire.left > 1)
        sum += wire_u16(&wire);
    if (wire.left == 1)
        sum += (uint32_t)wire_u8(&wire) << 8;
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

static void read_stack(struct wire object, struct icmp_quote *quote)
{
    while (object.left >= 4 && quote->label_count < ICMP_QUOTE_LABELS_MAX)
        quote->labels[quote->label_count++] = wire_u32(&object) >> 12;
}

/** RFC 4884, 7: without a right checksum these bytes may be anything; none at all is allowed where a length points. */
static void read_extensions(struct wire wire, bool is_pointed_at, struct icmp_quote *quote)
{
    struct wire whole = wire;
    uint8_t version = wire_u8(&wire) >> 4;
    wire_skip(&wire, 1);
    uint16_t checksum = wire_u16(&wire);
    if (wire.failed || version != 2 || !((checksum == 0 && is_pointed_at) || is_right_checksum(whole)))
        return;
    while (wire.left >= 4 && quote->label_count == 0) {
        uint16_t length = wire_u16(&wire);
        uint8_t class = wire_u8(&wire), type = wire_u8(&wire);
        if (length < 4)
            return;
        struct wire object = wire_carve(&wire, length - 4u);
        if (class == CLASS_MPLS && type == TYPE_STACK_IN)
            read_stack(object, quote);
    }
}

/** Cuts the quoted packet off at where extensions start, and reads those. */
static void split_quote(struct wire *quoted, size_t told_length, struct icmp_quote *quote)
{
    size_t length = told_length != 0 ? told_length : LEGACY_QUOTE;
    if (quoted->left <= length)
        return;
    struct wire extensions = *quoted;
    wire_skip(&extensions, length);
    read_extensions(extensions, told_length != 0, quote);
    if (told_length != 0 || quote->label_count > 0)
        quoted->left = length;
}

static void read_transport(const struct ip_head *head, struct icmp_quote *quote)
{
    struct wire wire = head->payload;
    bool may_have_ports =
        head->protocol == IP_PROTO_TCP || head->protocol == IP_PROTO_UDP || head->protocol == IP_PROTO_SCTP;
    if (!may_have_ports || head->is_open || head->is_later_fragment)
        return;
    uint16_t source = wire_u16(&wire), destination = wire_u16(&wire);
    if (wire.failed)
        return;
    quote->source_port = source;
    quote->destination_port = destination;
    quote->has_ports = true;
    if (head->protocol != IP_PROTO_TCP)
        return;
    uint32_t sequence = wire_u32(&wire);
    quote->has_sequence = !wire.failed;
    quote->tcp_sequence = sequence;
}

static enum icmp_quote_reason read_quoted(struct wire quoted, bool is_v4, struct icmp_quote *quote)
{
    struct ip_head inner;
    enum icmp_quote_reason reason = read_head(quoted.at, quoted.left, &inner);
    if (reason != ICMP_QUOTE_GOOD)
        return reason;
    if (inner.is_v4 != is_v4)
        return ICMP_QUOTE_BAD_INNER;
    quote->source = inner.source;
    quote->destination = inner.destination;
    quote->protocol = inner.protocol;
    quote->hop_limit = inner.hop_limit;
    quote->is_later_fragment = inner.is_later_fragment;
    read_transport(&inner, quote);
    return ICMP_QUOTE_GOOD;
}

enum icmp_quote_reason icmp_quote_parse(const uint8_t *ip, size_t length, struct icmp_quote *ret)
{
    struct ip_head outer;
    enum icmp_quote_reason reason = read_head(ip, length, &outer);
    if (reason != ICMP_QUOTE_GOOD)
        return reason == ICMP_QUOTE_BAD_INNER ? ICMP_QUOTE_BAD_OUTER : reason;
    if (outer.is_open || outer.is_later_fragment || outer.protocol != (outer.is_v4 ? IP_PROTO_ICMP : IP_PROTO_ICMPV6))
        return ICMP_QUOTE_NO_ERROR;
    struct icmp_quote quote = {.router = outer.source, .receiver = outer.destination};
    struct wire wire = outer.payload;
    quote.type = wire_u8(&wire);
    quote.code = wire_u8(&wire);
    wire_skip(&wire, 2);
    uint32_t rest = wire_u32(&wire); /* unused, length or MTU */
    if (wire.failed)
        return ICMP_QUOTE_CUT;
    if (!is_error(&quote, outer.is_v4))
        return ICMP_QUOTE_NO_ERROR;
    quote.is_time_exceeded = quote.type == (outer.is_v4 ? V4_TIME_EXCEEDED : V6_TIME_EXCEEDED);
    if (outer.is_v4 && quote.type == V4_UNREACHABLE && quote.code == V4_CODE_TOO_BIG)
        quote.mtu = rest & 0xffff;
    if (!outer.is_v4 && quote.type == V6_TOO_BIG)
        quote.mtu = rest;
    else /* words of four bytes in ICMP, of eight in ICMPv6 */
        split_quote(&wire, outer.is_v4 ? (rest >> 16 & 0xff) * 4 : (rest >> 24) * 8, &quote);
    reason = read_quoted(wire, outer.is_v4, &quote);
    if (reason == ICMP_QUOTE_GOOD)
        *ret = quote;
    return reason;
}
