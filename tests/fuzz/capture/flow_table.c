/*
 * A script of packets, 8 bytes each, through a table of 16 flows: every way to end, in every order. What is touched
 * must be alive and must end exactly once, and no packet or byte may be lost on the way.
 */
#include "flow_table.h"

#include <stdlib.h>

#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sums {
    uint64_t begun, ended, packets_in, packets_out, bytes_in, bytes_out;
};

static void on_ended(void *context, struct flow *flow)
{
    struct sums *sums = context;
    if (flow->end_reason == FLOW_END_NONE || packet_time_before(flow->last, flow->first))
        abort();
    sums->ended++;
    sums->packets_out += flow->packets[0] + flow->packets[1];
    sums->bytes_out += flow->bytes[0] + flow->bytes[1];
}

static struct decoded packet_of(struct wire *step, struct packet_time *now)
{
    static const uint8_t protocols[] = {IP_PROTO_TCP, IP_PROTO_TCP, IP_PROTO_UDP, IP_PROTO_ICMP};
    struct decoded ret = {.ip_len = 40, .wire_len = 60};
    uint8_t ends = wire_u8(step);
    ret.protocol = protocols[ends >> 6];
    ret.source = ip_from_v4((const uint8_t[]){10, 0, 0, ends & 7});
    ret.destination = ip_from_v4((const uint8_t[]){10, 0, 0, ends >> 3 & 7});
    ret.source_port = wire_u8(step) & 0x83;
    ret.destination_port = wire_u8(step) & 0x83;
    ret.tcp_flags = wire_u8(step);
    ret.tcp_sequence = wire_u8(step);
    ret.wire_len += wire_u8(step);
    int8_t later = (int8_t)wire_u8(step);
    now->ns += later * (int64_t)wire_u8(step) * (NS_PER_SEC / 8); /* may go back */
    ret.time = *now;
    return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sums sums = {0};
    const struct flow_table_options options = {.flows_max = 16, .ended = on_ended, .context = &sums};
    struct packet_time now = packet_time_from_sec(1600000000);
    struct wire script = wire_of(data, size);
    struct flow_table *table;
    if (flow_table_new(&options, &table) != STATUS_OK)
        abort();
    while (script.left >= 8) {
        struct wire step = wire_carve(&script, 8);
        struct decoded packet = packet_of(&step, &now);
        unsigned side;
        bool is_new;
        struct flow *flow = flow_table_touch(table, &packet, &side, &is_new);
        sums.begun += is_new;
        sums.packets_in++;
        sums.bytes_in += packet.wire_len;
        if (side > 1 || !ip_equal(&flow->key.address[side], &packet.source) || flow_table_size(table) > 16)
            abort();
        if (packet.tcp_sequence & 1)
            flow_table_expire(table, now);
    }
    flow_table_drain(table, FLOW_END_INPUT);
    if (flow_table_size(table) != 0 || sums.begun != sums.ended || sums.packets_in != sums.packets_out ||
        sums.bytes_in != sums.bytes_out)
        abort();
    flow_table_free(table);
    return 0;
}
