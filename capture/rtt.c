#include "rtt.h"

#include "hash.h"
#include "wire.h"

enum {
    DNS_PORT = 53,
    DNS_HEADER = 12,
    TLS_RECORD_HEADER = 5,
    TLS_HANDSHAKE = 22,
    TLS_CLIENT_HELLO = 1,
    TLS_SERVER_HELLO = 2,
    QUIC_LONG_INITIAL = 0xc0,
    QUIC_CONNECTION_ID_MAX = 20,
    ICMP_ECHO_HEADER = 8,
};

static const uint32_t quic_version_2 = 0x6b3343cf; /* RFC 9369 */

/* --- questions and answers --------------------------------------------------------------------------------------- */

/* Stamps that are all whole milliseconds come from a clock that counts no finer. */
static int64_t granularity_ns(struct packet_time a, struct packet_time b)
{
    static const int64_t coarse_ns[] = {NS_PER_SEC, 100 * 1000000, 10 * 1000000, 1000000, 100000, 10000};
    for (size_t i = 0; i < sizeof(coarse_ns) / sizeof(coarse_ns[0]); i++)
        if (a.ns % coarse_ns[i] == 0 && b.ns % coarse_ns[i] == 0)
            return coarse_ns[i];
    return NS_PER_USEC;
}

static bool is_content(enum round_trip_kind kind)
{
    return kind > ROUND_TRIP_TCP;
}

static void take_sample(struct round_trip *best, struct round_trip sample)
{
    bool is_better = is_content(sample.kind) == is_content(best->kind) && round_trip_is_sample(best->kind)
                         ? sample.us < best->us
                         : sample.kind > best->kind;
    if (is_better)
        *best = sample;
}

static void say_why_none(struct round_trip *best, enum round_trip_kind why)
{
    if (best->kind < why)
        best->kind = why;
}

static void ask(struct rtt_question *question, const struct decoded *packet, enum round_trip_kind kind, uint32_t key)
{
    *question = (struct rtt_question){
        .time = packet->time,
        .key = key,
        .clock_lost_us = packet->clock_lost_us,
        .interface = packet->interface,
        .is_untimed = packet->is_untimed,
        .kind = (uint8_t)kind,
    };
}

static void answer(struct rtt_question *question, const struct decoded *packet, struct round_trip *best)
{
    const struct rtt_question q = *question;
    question->kind = 0;
    if (q.is_untimed || packet->is_untimed || q.time.ns <= 0 || packet->time.ns <= 0) {
        say_why_none(best, ROUND_TRIP_NO_TIME);
        return;
    }
    if (q.interface != packet->interface) {
        say_why_none(best, ROUND_TRIP_TWO_CLOCKS);
        return;
    }
    int64_t ns = packet_time_between(q.time, packet->time);
    if (ns <= 0 || packet->clock_lost_us == UINT32_MAX) {
        say_why_none(best, ROUND_TRIP_CLOCK_STEPS);
        return;
    }
    uint64_t us = (uint64_t)(ns / NS_PER_USEC) + 1 + (uint64_t)(granularity_ns(q.time, packet->time) / NS_PER_USEC) +
                  (packet->clock_lost_us - q.clock_lost_us);
    if (us < UINT32_MAX)
        take_sample(best, (struct round_trip){(uint32_t)us, (enum round_trip_kind)q.kind});
}

/* --- TCP ---------------------------------------------------------------------------------------------------------- */

/* A retransmitted SYN leaves the first one's time, as the answer may be to either. */
static void ask_handshake(struct rtt_watch *watch, const struct decoded *packet)
{
    uint32_t key = packet->tcp_sequence + 1;
    watch->has_handshake = true;
    if (watch->transport.kind != 0 && watch->transport.key == key)
        return;
    ask(&watch->transport, packet, ROUND_TRIP_TCP, key);
    watch->transport.wants_syn = !(packet->tcp_flags & TCP_ACK);
}

/* Karn: what was sent before, or could have been before we looked, is no question, and a question that is sent again is
 * none any more. */
static void ask_data(struct rtt_watch *watch, const struct decoded *packet)
{
    uint32_t end = packet->tcp_sequence + packet->payload_wire_len;
    bool is_new = watch->has_sent && (int32_t)(packet->tcp_sequence - watch->sent_until) >= 0;
    if (watch->transport.kind != 0 && (int32_t)(packet->tcp_sequence - watch->transport.key) < 0)
        watch->transport.kind = 0;
    else if (is_new && watch->transport.kind == 0)
        ask(&watch->transport, packet, ROUND_TRIP_TCP, end);
    if (!watch->has_sent || (int32_t)(end - watch->sent_until) > 0)
        watch->sent_until = end;
    watch->has_sent = true;
}

static bool is_handshake_record(const struct decoded *packet, uint8_t message)
{
    const uint8_t *p = packet->payload;
    return packet->payload_len > TLS_RECORD_HEADER && p[0] == TLS_HANDSHAKE && p[1] == 3 &&
           p[TLS_RECORD_HEADER] == message;
}

static void tcp_from_host(struct rtt_watch *watch, const struct decoded *packet)
{
    if (packet->tcp_flags & TCP_SYN)
        ask_handshake(watch, packet);
    else if (!watch->has_handshake && packet->payload_wire_len > 0)
        ask_data(watch, packet);
    if (!watch->has_content && watch->hello.kind == 0 && is_handshake_record(packet, TLS_CLIENT_HELLO))
        ask(&watch->hello, packet, ROUND_TRIP_TLS, 0);
}

/* A SYN is answered by what carries its number: other acknowledgements may be left from an older use of the ports. */
static bool is_acknowledged(const struct rtt_question *question, const struct decoded *packet)
{
    if (question->kind == 0 || (packet->tcp_flags & (TCP_ACK | TCP_RST)) != TCP_ACK)
        return false;
    if (question->wants_syn)
        return (packet->tcp_flags & TCP_SYN) && packet->tcp_acknowledgement == question->key;
    return (int32_t)(packet->tcp_acknowledgement - question->key) >= 0;
}

static void tcp_from_remote(struct rtt_watch *watch, const struct decoded *packet, struct round_trip *best)
{
    if (is_acknowledged(&watch->transport, packet))
        answer(&watch->transport, packet, best);
    if (watch->hello.kind != 0 && is_handshake_record(packet, TLS_SERVER_HELLO)) {
        answer(&watch->hello, packet, best);
        watch->has_content = true;
    }
}

/* --- UDP and ICMP ------------------------------------------------------------------------------------------------- */

/* An Initial's source or destination connection id, as a key: the server's Initial goes to the id the client chose. */
static bool quic_initial_key(const struct decoded *packet, bool is_from_host, uint32_t *ret)
{
    const uint8_t *p = packet->payload, *destination = p + 6;
    if (packet->payload_len < 7 || (p[0] & QUIC_LONG_INITIAL) != QUIC_LONG_INITIAL)
        return false;
    uint32_t version = load_be32(p + 1);
    size_t destination_length = p[5], source_at = 6 + destination_length;
    if (version == 0 || (p[0] & 0x30) != (version == quic_version_2 ? 0x10 : 0) ||
        destination_length > QUIC_CONNECTION_ID_MAX || source_at >= packet->payload_len)
        return false;
    size_t source_length = p[source_at];
    if (source_length > QUIC_CONNECTION_ID_MAX || source_at + 1 + source_length > packet->payload_len)
        return false;
    uint64_t h = is_from_host ? hash_stable(p + source_at + 1, source_length, HASH_STABLE_START)
                              : hash_stable(destination, destination_length, HASH_STABLE_START);
    *ret = (uint32_t)(h ^ h >> 32);
    return true;
}

static bool dns_key(const struct decoded *packet, bool is_from_host, uint32_t *ret)
{
    uint16_t port = is_from_host ? packet->destination_port : packet->source_port;
    if (port != DNS_PORT || packet->payload_len < DNS_HEADER || (packet->payload[2] >> 7) == is_from_host)
        return false;
    *ret = load_be16(packet->payload);
    return true;
}

static bool echo_key(const struct decoded *packet, bool is_from_host, uint32_t *ret)
{
    static const uint8_t types[2][2] = {{0, 8}, {129, 128}}; /* reply, request: RFC 792, RFC 4443 */
    const uint8_t *p = packet->payload;
    if (packet->payload_len < ICMP_ECHO_HEADER || p[0] != types[packet->protocol == IP_PROTO_ICMPV6][is_from_host])
        return false;
    *ret = load_be32(p + 4);
    return true;
}

static struct rtt_question *find_exchange(struct rtt_watch *watch, enum round_trip_kind kind, uint32_t key)
{
    for (size_t i = 0; i < RTT_EXCHANGES_MAX; i++)
        if (watch->exchanges[i].kind == kind && (kind == 0 || watch->exchanges[i].key == key))
            return &watch->exchanges[i];
    return NULL;
}

static void ask_exchange(struct rtt_watch *watch, const struct decoded *packet, enum round_trip_kind kind, uint32_t key)
{
    struct rtt_question *asked = find_exchange(watch, kind, key), *room = find_exchange(watch, 0, 0);
    if (asked != NULL) {
        if (asked->copies < UINT8_MAX)
            asked->copies++;
        return;
    }
    watch->has_forgotten |= room == NULL;
    if (watch->has_forgotten)
        return;
    ask(room, packet, kind, key);
    room->copies = 1;
}

/* The answer may be to any of the copies: the first counts. Those to the others are still to come. */
static void answer_exchange(struct rtt_watch *watch, const struct decoded *packet, struct round_trip *best,
                            enum round_trip_kind kind, uint32_t key)
{
    struct rtt_question *asked = find_exchange(watch, kind, key);
    if (asked == NULL)
        return;
    struct rtt_question first = *asked;
    if (!asked->is_sampled)
        answer(&first, packet, best);
    asked->is_sampled = true;
    if (asked->copies < UINT8_MAX && --asked->copies == 0)
        asked->kind = 0;
}

static void exchange(struct rtt_watch *watch, const struct decoded *packet, bool is_from_host, struct round_trip *best,
                     enum round_trip_kind kind, uint32_t key)
{
    if (is_from_host)
        ask_exchange(watch, packet, kind, key);
    else
        answer_exchange(watch, packet, best, kind, key);
}

static void datagram(struct rtt_watch *watch, const struct decoded *packet, bool is_from_host, struct round_trip *best)
{
    uint32_t key;
    if (packet->protocol != IP_PROTO_UDP) {
        if (echo_key(packet, is_from_host, &key))
            exchange(watch, packet, is_from_host, best, ROUND_TRIP_ICMP, key);
    } else if (dns_key(packet, is_from_host, &key)) {
        exchange(watch, packet, is_from_host, best, ROUND_TRIP_DNS, key);
    } else if (!watch->has_content && quic_initial_key(packet, is_from_host, &key)) {
        exchange(watch, packet, is_from_host, best, ROUND_TRIP_QUIC, key);
        watch->has_content = best->kind == ROUND_TRIP_QUIC;
    }
}

/* Behind the handshake of TCP only hellos matter; the handshake itself is two or three packets without content. */
bool rtt_could_matter(const struct decoded *packet, enum round_trip_kind kind)
{
    return packet->protocol != IP_PROTO_TCP || (packet->tcp_flags & TCP_SYN) || !round_trip_is_sample(kind) ||
           is_handshake_record(packet, TLS_CLIENT_HELLO) || is_handshake_record(packet, TLS_SERVER_HELLO);
}

void rtt_packet(struct rtt_watch *watch, const struct decoded *packet, bool is_from_host, struct round_trip *best)
{
    if (packet->is_fragment)
        return;
    switch (packet->protocol) {
    case IP_PROTO_TCP:
        if (is_from_host)
            tcp_from_host(watch, packet);
        else
            tcp_from_remote(watch, packet, best);
        return;
    case IP_PROTO_UDP:
    case IP_PROTO_ICMP:
    case IP_PROTO_ICMPV6:
        datagram(watch, packet, is_from_host, best);
        return;
    default:
        return;
    }
}
