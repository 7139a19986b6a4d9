/*
 * A script of packets, 8 bytes each, through a table of 16 flows: every way to end, in every order. What is touched
 * must be alive and must end exactly once, and no packet or byte may be lost on the way. One seed, so that an input
 * does the same in every run.
 */
#include <stdlib.h>

#include "flow_table_internal.h"

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

static struct decoded packet_of(const uint8_t step[static 8], struct packet_time *now)
{
    static const uint8_t protocols[] = {IP_PROTO_TCP, IP_PROTO_TCP, IP_PROTO_UDP, IP_PROTO_ICMP};
    struct decoded ret = {.ip_len = 40, .wire_len = 60};
    ret.protocol = protocols[step[0] >> 6];
    ret.source = ip_from_v4((const uint8_t[]){10, 0, 0, step[0] & 7});
    ret.destination = ip_from_v4((const uint8_t[]){10, 0, 0, step[0] >> 3 & 7});
    ret.source_port = step[1] & 0x83;
    ret.destination_port = step[2] & 0x83;
    ret.tcp_flags = step[3];
    ret.tcp_sequence = step[4];
    ret.wire_len += step[5];
    now->ns += (int8_t)step[6] * (int64_t)step[7] * (NS_PER_SEC / 8); /* may go back */
    ret.time = *now;
    return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sums sums = {0};
    const struct flow_table_options options = {.flows_max = 16, .ended = on_ended, .context = &sums};
    struct packet_time now = packet_time_from_sec(1600000000);
    struct flow_table *table;
    if (flow_table_new_seeded(&options, 1, &table) != STATUS_OK)
        abort();
    for (; size >= 8; data += 8, size -= 8) {
        struct decoded packet = packet_of(data, &now);
        bool is_new;
        struct flow_lookup lookup;
        flow_table_prepare(table, &packet, &lookup);
        flow_table_foresee(table, &lookup);
        struct flow *flow = flow_table_touch_prepared(table, &packet, &lookup, &is_new);
        unsigned side = lookup.side;
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
