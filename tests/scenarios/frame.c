#include "frame.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_GRE = 47, SNAP_LENGTH = 60, FRAME_STEP_US = 137 };

static const int64_t start_us = INT64_C(1780000000) * 1000000; /* 2026-05-28T20:26:40Z */

/* The packet written last, without Ethernet: for capture_again(). */
static struct bytes last_packet;
static uint8_t last_macs[12];

static void write_u32(FILE *file, uint32_t value)
{
    fwrite(&value, sizeof(value), 1, file);
}

void capture_open(struct capture *ret, const char *path)
{
    static const uint32_t header[] = {0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1};
    *ret = (struct capture){.file = fopen(path, "wb"), .now_us = start_us, .ip_number = 4711, .hop_limit = 64};
    if (ret->file == NULL)
        give_up("cannot be written", path);
    for (size_t i = 0; i < sizeof(header) / sizeof(header[0]); i++)
        write_u32(ret->file, header[i]);
}

void capture_close(struct capture *out)
{
    if (fclose(out->file) != 0)
        give_up("cannot be written to the end", "capture");
    bytes_free(&last_packet);
}

void capture_wait_ms(struct capture *out, int64_t ms)
{
    out->now_us += ms * 1000;
}

void capture_wait_hours(struct capture *out, int64_t hours)
{
    out->now_us += hours * 3600 * 1000000;
}

void capture_start_at(struct capture *out, int64_t sec)
{
    out->now_us = sec * 1000000;
}

struct peer peer_of(const char *address, uint16_t port)
{
    struct peer ret = {.is_v6 = strchr(address, ':') != NULL, .port = port};
    if (inet_pton(ret.is_v6 ? AF_INET6 : AF_INET, address, ret.address) != 1)
        give_up("is no address", address);
    return ret;
}

static uint32_t sum_of(const uint8_t *data, size_t length, uint32_t sum)
{
    for (size_t i = 0; i < length; i++)
        sum += (uint32_t)data[i] << (i % 2 ? 0 : 8);
    return sum;
}

/* RFC 1071 */
static unsigned fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

/* Home addresses have a network card each, all others stand behind the router. */
static void add_mac(struct bytes *frame, const struct peer *peer)
{
    uint8_t home[6] = {0x02, 0x10, 0, 0, 0, peer->address[peer->is_v6 ? 15 : 3]};
    static const uint8_t router[6] = {0x02, 0x5e, 0, 0, 0, 1};
    bool is_home = peer->is_v6 ? (peer->address[0] & 0xfe) == 0xfc : peer->address[0] == 10;
    bytes_add(frame, is_home ? home : router, 6);
}

static void add_ip(struct capture *out, struct bytes *packet, const struct peer *from, const struct peer *to,
                   unsigned protocol, const struct bytes *inside)
{
    size_t start = packet->length;
    if (from->is_v6) {
        bytes_add_u32(packet, 0x60000000);
        bytes_add_u16(packet, (unsigned)inside->length);
        bytes_add_u8(packet, protocol);
        bytes_add_u8(packet, out->hop_limit);
        bytes_add(packet, from->address, 16);
        bytes_add(packet, to->address, 16);
    } else {
        bytes_add_u16(packet, 0x4500);
        bytes_add_u16(packet, (unsigned)inside->length + 20);
        bytes_add_u16(packet, out->ip_number++);
        bytes_add_u16(packet, 0x4000);
        bytes_add_u8(packet, out->hop_limit);
        bytes_add_u8(packet, protocol);
        bytes_add_u16(packet, 0);
        bytes_add(packet, from->address, 4);
        bytes_add(packet, to->address, 4);
        put_u16(packet->data + start + 10, fold(sum_of(packet->data + start, 20, 0)));
    }
    bytes_add(packet, inside->data, inside->length);
}

/* RFC 9293, 3.1; RFC 8200, 8.1 */
static void set_checksum(struct bytes *inside, size_t at, const struct peer *from, const struct peer *to,
                         unsigned protocol)
{
    size_t size = from->is_v6 ? 16 : 4;
    uint32_t sum = protocol + (uint32_t)inside->length;
    sum = sum_of(from->address, size, sum);
    sum = sum_of(to->address, size, sum);
    put_u16(inside->data + at, fold(sum_of(inside->data, inside->length, sum)));
}

static void write_frame(struct capture *out, const struct bytes *frame)
{
    size_t kept = out->wrap == WRAP_SNAPPED && frame->length > SNAP_LENGTH ? SNAP_LENGTH : frame->length;
    write_u32(out->file, (uint32_t)(out->now_us / 1000000));
    write_u32(out->file, (uint32_t)(out->now_us % 1000000));
    write_u32(out->file, (uint32_t)kept);
    write_u32(out->file, (uint32_t)frame->length);
    fwrite(frame->data, kept, 1, out->file);
    out->now_us += FRAME_STEP_US;
}

static void write_packet(struct capture *out, uint16_t vlan)
{
    struct bytes frame = {0};
    bytes_add(&frame, last_macs, sizeof(last_macs));
    if (vlan != 0) {
        bytes_add_u16(&frame, 0x8100);
        bytes_add_u16(&frame, vlan);
    }
    bytes_add_u16(&frame, last_packet.data[0] >> 4 == 6 ? 0x86dd : 0x0800);
    bytes_add(&frame, last_packet.data, last_packet.length);
    write_frame(out, &frame);
    bytes_free(&frame);
}

void capture_again(struct capture *out, uint16_t vlan)
{
    write_packet(out, vlan);
}

static void udp_around(struct bytes *ret, const struct peer *from, const struct peer *to, const uint8_t *payload,
                       size_t length)
{
    bytes_add_u16(ret, from->port);
    bytes_add_u16(ret, to->port);
    bytes_add_u16(ret, (unsigned)length + 8);
    bytes_add_u16(ret, 0);
    bytes_add(ret, payload, length);
    set_checksum(ret, 6, from, to, PROTO_UDP);
}

/* RFC 7348: the inner Ethernet frame in UDP 4789. */
static void vxlan_around(const struct bytes *inner, const struct peer *outer, struct bytes *ret)
{
    static const uint8_t header[8] = {0x08, 0, 0, 0, 0, 0, 42, 0};
    struct bytes payload = {0};
    bytes_add(&payload, header, sizeof(header));
    bytes_add(&payload, last_macs, sizeof(last_macs));
    bytes_add_u16(&payload, inner->data[0] >> 4 == 6 ? 0x86dd : 0x0800);
    bytes_add(&payload, inner->data, inner->length);
    udp_around(ret, &outer[0], &outer[1], payload.data, payload.length);
    bytes_free(&payload);
}

/* RFC 2784 (GRE), RFC 7348 (VXLAN), RFC 4380 (Teredo: IPv6 in UDP 3544) */
static void wrap_packet(struct capture *out, const struct bytes *inner)
{
    struct peer outer[2] = {peer_of("10.9.0.1", 40000), peer_of("10.9.0.2", 4789)};
    struct bytes between = {0};
    unsigned protocol = PROTO_UDP;
    if (out->wrap == WRAP_GRE) {
        protocol = PROTO_GRE;
        bytes_add_u16(&between, 0);
        bytes_add_u16(&between, inner->data[0] >> 4 == 6 ? 0x86dd : 0x0800);
        bytes_add(&between, inner->data, inner->length);
    } else if (out->wrap == WRAP_TEREDO) {
        outer[0] = peer_of("10.0.0.20", 51413);
        outer[1] = peer_of("65.54.227.120", 3544);
        udp_around(&between, &outer[0], &outer[1], inner->data, inner->length);
    } else {
        vxlan_around(inner, outer, &between);
    }
    add_ip(out, &last_packet, &outer[0], &outer[1], protocol, &between);
    bytes_free(&between);
}

static void send_packet(struct capture *out, const struct peer *from, const struct peer *to, unsigned protocol,
                        const struct bytes *inside)
{
    struct bytes macs = {0}, inner = {0};
    add_mac(&macs, to);
    add_mac(&macs, from);
    memcpy(last_macs, macs.data, sizeof(last_macs));
    last_packet.length = 0;
    add_ip(out, &inner, from, to, protocol, inside);
    if (out->wrap == WRAP_GRE || out->wrap == WRAP_VXLAN || out->wrap == WRAP_TEREDO)
        wrap_packet(out, &inner);
    else
        bytes_add(&last_packet, inner.data, inner.length);
    write_packet(out, out->wrap == WRAP_VLAN ? out->vlan : 0);
    bytes_free(&macs);
    bytes_free(&inner);
}

static void tcp_around(struct bytes *ret, const struct segment *segment)
{
    static const uint8_t syn_options[] = {2, 4, 0x05, 0xb4, 1, 3, 3, 7, 1, 1, 4, 2}; /* MSS 1460, scale, SACK */
    bool is_syn = segment->flags & TCP_SYN_BIT;
    bytes_add_u16(ret, segment->from->port);
    bytes_add_u16(ret, segment->to->port);
    bytes_add_u32(ret, segment->sequence);
    bytes_add_u32(ret, segment->acknowledgement);
    bytes_add_u16(ret, (is_syn ? 8U : 5U) << 12 | segment->flags);
    bytes_add_u16(ret, 64240);
    bytes_add_u32(ret, 0);
    if (is_syn)
        bytes_add(ret, syn_options, sizeof(syn_options));
    bytes_add(ret, segment->payload, segment->length);
    set_checksum(ret, 16, segment->from, segment->to, PROTO_TCP);
}

void capture_tcp(struct capture *out, const struct segment *segment)
{
    struct bytes inside = {0};
    tcp_around(&inside, segment);
    send_packet(out, segment->from, segment->to, PROTO_TCP, &inside);
    bytes_free(&inside);
}

void capture_udp(struct capture *out, const struct peer *from, const struct peer *to, const uint8_t *payload,
                 size_t length)
{
    struct bytes inside = {0};
    udp_around(&inside, from, to, payload, length);
    send_packet(out, from, to, PROTO_UDP, &inside);
    bytes_free(&inside);
}

void capture_ping(struct capture *out, const struct peer *from, const struct peer *to)
{
    struct bytes inside = {0};
    bytes_add_u32(&inside, 0x08000000);
    bytes_add_u32(&inside, 0x00010001);
    bytes_add_noise(&inside, 56, 40);
    put_u16(inside.data + 2, fold(sum_of(inside.data, inside.length, 0)));
    send_packet(out, from, to, PROTO_ICMP, &inside);
    bytes_free(&inside);
}

void capture_time_exceeded(struct capture *out, const char *router, const struct segment *quoted)
{
    enum { TIME_EXCEEDED = 0x0b00, HOP_LIMIT_AT = 8, ICMP_HEADER = 8, QUOTE_LENGTH = 28 };
    struct bytes inside = {0}, segment = {0}, packet = {0};
    struct peer sender = peer_of(router, 0);
    tcp_around(&segment, quoted);
    add_ip(out, &packet, quoted->from, quoted->to, PROTO_TCP, &segment);
    packet.data[HOP_LIMIT_AT] = 1;
    bytes_add_u16(&inside, TIME_EXCEEDED);
    bytes_add(&inside, (const uint8_t[ICMP_HEADER - 2]){0}, ICMP_HEADER - 2);
    bytes_add(&inside, packet.data, QUOTE_LENGTH);
    put_u16(inside.data + 2, fold(sum_of(inside.data, inside.length, 0)));
    send_packet(out, &sender, quoted->from, PROTO_ICMP, &inside);
    bytes_free(&packet);
    bytes_free(&segment);
    bytes_free(&inside);
}
