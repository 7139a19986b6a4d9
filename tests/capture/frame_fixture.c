#include "frame_fixture.h"

#include <assert.h>
#include <string.h>

void frame_begin(struct frame *f)
{
    f->data = f->room + FRAME_ROOM;
    f->length = 0;
}

void frame_bytes(struct frame *f, const void *bytes, size_t length)
{
    assert(length <= (size_t)(f->data - f->room));
    f->data -= length;
    f->length += (uint32_t)length;
    memcpy(f->data, bytes, length);
}

static uint8_t digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

void frame_hex(struct frame *f, const char *hex)
{
    uint8_t bytes[512];
    size_t digits = 0;
    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        assert(digits / 2 < sizeof(bytes));
        uint8_t *byte = &bytes[digits / 2];
        *byte = (uint8_t)(digits % 2 ? *byte * 16 + digit(*hex) : digit(*hex));
        digits++;
    }
    frame_bytes(f, bytes, digits / 2);
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void frame_tcp(struct frame *f, uint16_t source, uint16_t destination, uint8_t flags)
{
    uint8_t tcp[20] = {[4] = 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x50, flags, 0x01, 0x00};
    put16(tcp, source);
    put16(tcp + 2, destination);
    frame_bytes(f, tcp, sizeof(tcp));
}

void frame_udp(struct frame *f, uint16_t source, uint16_t destination)
{
    uint8_t udp[8] = {0};
    put16(udp, source);
    put16(udp + 2, destination);
    put16(udp + 4, f->length + 8);
    frame_bytes(f, udp, sizeof(udp));
}

void frame_ipv4(struct frame *f, uint8_t protocol, uint8_t source, uint8_t destination, uint16_t id, uint16_t fragment)
{
    uint8_t ip[20] = {0x45, [8] = 64, protocol, [12] = 10, 0, 0, source, 10, 0, 0, destination};
    put16(ip + 2, f->length + 20);
    put16(ip + 4, id);
    put16(ip + 6, fragment);
    frame_bytes(f, ip, sizeof(ip));
}

void frame_ipv6(struct frame *f, uint8_t next, uint8_t source, uint8_t destination)
{
    uint8_t ip[40] = {0x60, [6] = next,        64, 0x20, 0x01, 0x0d, 0xb8, [23] = source, 0x20, 0x01, 0x0d,
                      0xb8, [39] = destination};
    put16(ip + 4, f->length);
    frame_bytes(f, ip, sizeof(ip));
}

void frame_ethernet(struct frame *f, uint16_t ethertype)
{
    uint8_t ethernet[14] = {0x02, 0, 0, 0, 0, 0xd, 0x02, 0, 0, 0, 0, 0x5};
    put16(ethernet + 12, ethertype);
    frame_bytes(f, ethernet, sizeof(ethernet));
}

void frame_inner(struct frame *f)
{
    frame_begin(f);
    frame_bytes(f, "abc", 3);
    frame_tcp(f, 1234, 80, TCP_ACK | TCP_PSH);
    frame_ipv4(f, IP_PROTO_TCP, 1, 2, 7, 0x4000);
}

struct packet frame_packet(const struct frame *f, uint16_t link_type)
{
    return (struct packet){.data = f->data,
                           .captured_len = f->length,
                           .wire_len = f->length,
                           .time = packet_time_from_sec(1000),
                           .number = 1,
                           .link_type = link_type};
}

enum decode_result frame_decode(struct decoder *decoder, const struct frame *f, struct decoded *ret)
{
    struct packet packet = frame_packet(f, 1);
    return decode_packet(decoder, &packet, ret);
}

struct wanted {
    const char *name;
    uint64_t value;
};

static void look(void *context, const struct counter *counter)
{
    struct wanted *wanted = context;
    if (strcmp(counter->name, wanted->name) == 0)
        wanted->value = counter->value;
}

uint64_t decoder_value(const struct decoder *decoder, const char *name)
{
    struct wanted wanted = {name, UINT64_MAX};
    decoder_count(decoder, look, &wanted);
    assert(wanted.value != UINT64_MAX);
    return wanted.value;
}
