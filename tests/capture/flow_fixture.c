#include "flow_fixture.h"

static void remember(void *context, struct flow *flow)
{
    struct fixture *f = context;
    if (f->ended_count < ENDED_MAX)
        f->ended[f->ended_count] = (struct ended_flow){flow->number_low, (enum flow_end_reason)flow->end_reason,
                                                       flow->packets[0] + flow->packets[1]};
    f->ended_count++;
}

static struct fixture *fixture_new_seeded(struct flow_table_options options, uint64_t seed)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    options.ended = remember;
    options.context = f;
    assert_int_equal(flow_table_new_seeded(&options, seed, &f->table), STATUS_OK);
    f->number = 1;
    return f;
}

struct fixture *fixture_new(uint32_t flows_max, uint64_t seed)
{
    return fixture_new_seeded((struct flow_table_options){.flows_max = flows_max}, seed);
}

struct fixture *fixture_new_with(struct flow_table_options options)
{
    return fixture_new_seeded(options, 1);
}

void fixture_free(struct fixture *f)
{
    flow_table_free(f->table);
    free(f);
}

struct decoded packet_of(const char *source, uint16_t source_port, const char *destination, uint16_t destination_port,
                         uint8_t protocol)
{
    struct decoded p = {
        .source_port = source_port, .destination_port = destination_port, .protocol = protocol, .wire_len = 100};
    assert_true(ip_parse(source, &p.source));
    assert_true(ip_parse(destination, &p.destination));
    return p;
}

struct decoded udp(const char *source, uint16_t source_port, const char *destination, uint16_t destination_port)
{
    return packet_of(source, source_port, destination, destination_port, IP_PROTO_UDP);
}

struct decoded tcp_out(uint8_t flags, uint32_t sequence)
{
    struct decoded p = packet_of("10.0.0.1", 40000, "192.0.2.1", 443, IP_PROTO_TCP);
    p.tcp_flags = flags;
    p.tcp_sequence = sequence;
    return p;
}

struct decoded tcp_in(uint8_t flags, uint32_t acknowledgement)
{
    struct decoded p = packet_of("192.0.2.1", 443, "10.0.0.1", 40000, IP_PROTO_TCP);
    p.tcp_flags = flags;
    p.tcp_sequence = 7000;
    p.tcp_acknowledgement = acknowledgement;
    return p;
}

struct decoded numbered(uint32_t i, uint8_t protocol)
{
    struct decoded p = packet_of("10.0.0.1", (uint16_t)(1024 + i % 60000), "192.0.2.1", 5000, protocol);
    p.destination.octets[13] = (uint8_t)(i / 60000);
    return p;
}

struct decoded answer_to(struct decoded p)
{
    struct decoded answer = p;
    answer.source = p.destination;
    answer.destination = p.source;
    answer.source_port = p.destination_port;
    answer.destination_port = p.source_port;
    return answer;
}

struct flow *touch_ns(struct fixture *f, struct decoded p, int64_t ns)
{
    p.time.ns = ns;
    p.number = f->number++;
    f->flow = flow_table_touch(f->table, &p, &f->side, &f->is_new);
    assert_non_null(f->flow);
    return f->flow;
}

struct flow *touch(struct fixture *f, struct decoded p, int64_t sec)
{
    return touch_ns(f, p, sec * NS_PER_SEC);
}

void assert_ended(const struct fixture *f, size_t at, uint32_t number, enum flow_end_reason reason)
{
    assert_true(at < f->ended_count);
    assert_int_equal(f->ended[at].number, number);
    assert_int_equal(f->ended[at].reason, reason);
}

struct wanted {
    const char *name;
    uint64_t value;
    bool found;
};

static void find_counter(void *context, const struct counter *counter)
{
    struct wanted *wanted = context;
    assert_string_equal(counter->group, "flow");
    if (strcmp(counter->name, wanted->name) == 0)
        *wanted = (struct wanted){wanted->name, counter->value, true};
}

uint64_t flow_count_of(const struct fixture *f, const char *name)
{
    struct wanted wanted = {name, 0, false};
    flow_table_count(f->table, find_counter, &wanted);
    assert_true(wanted.found);
    return wanted.value;
}

void open_connection(struct fixture *f, uint32_t isn, int64_t sec)
{
    touch(f, tcp_out(TCP_SYN, isn), sec);
    touch(f, tcp_in(TCP_SYN | TCP_ACK, isn + 1), sec);
    touch(f, tcp_out(TCP_ACK, isn + 1), sec);
}

void close_connection(struct fixture *f, int64_t sec)
{
    touch(f, tcp_out(TCP_FIN | TCP_ACK, 900), sec);
    touch(f, tcp_in(TCP_FIN | TCP_ACK, 901), sec);
    touch(f, tcp_out(TCP_ACK, 901), sec);
}
