/*
 * A script of packets of one flow: 12 bytes of header each, then as many of content as the header says. Whatever comes,
 * a sample is as long as the clock says at least.
 */
#include "rtt.h"

#include <stdlib.h>

#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct decoded packet_of(struct wire *script, uint8_t protocol, struct packet_time *now, bool *ret_is_from_host)
{
    uint8_t head = wire_u8(script), length = wire_u8(script);
    struct decoded ret = {.protocol = protocol, .interface = head >> 1 & 1, .clock_lost_us = head >> 2 & 3};
    *ret_is_from_host = head & 1;
    ret.source_port = head & 1 ? 5000 : 53;
    ret.destination_port = head & 1 ? 53 : 5000;
    ret.tcp_flags = wire_u8(script);
    ret.tcp_sequence = wire_u8(script) * UINT32_C(0x01000001);
    ret.tcp_acknowledgement = wire_u8(script) * UINT32_C(0x01000001);
    now->ns += (int32_t)wire_u32(script);
    ret.time = *now;
    wire_skip(script, 3);
    ret.payload = wire_bytes(script, length);
    ret.payload_len = ret.payload ? length : 0;
    ret.payload_wire_len = length;
    return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t protocols[] = {IP_PROTO_TCP, IP_PROTO_UDP, IP_PROTO_ICMP, IP_PROTO_ICMPV6};
    uint8_t protocol = size > 0 ? protocols[data[0] >> 6] : 0;
    struct wire script = wire_of(data, size);
    struct packet_time now = packet_time_from_sec(1600000000);
    struct rtt_watch watch = {0};
    struct round_trip best = {.kind = ROUND_TRIP_NOT_SEEN};
    while (script.left >= 12) {
        bool is_from_host;
        struct decoded packet = packet_of(&script, protocol, &now, &is_from_host);
        struct round_trip before = best;
        rtt_packet(&watch, &packet, is_from_host, &best);
        bool is_same = (best.kind > ROUND_TRIP_TCP) == (before.kind > ROUND_TRIP_TCP);
        if ((is_same && round_trip_is_sample(before.kind) && best.us > before.us) ||
            (!is_same && before.kind > ROUND_TRIP_TCP) || (round_trip_is_sample(best.kind) && best.us < 2) ||
            (is_from_host && best.us != before.us))
            abort();
    }
    return 0;
}
