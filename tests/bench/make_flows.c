/*
 * A capture in which many flows live at once: each gets its first packet before any gets its second. A flow is a
 * handshake, a request, an answer, then acknowledgements from both sides.
 *
 *   make_flows OUTPUT.pcap FLOWS PACKETS_PER_FLOW
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS = 14 + 20 + 20, FRAME_MAX = 256, SYN = 0x02, ACK = 0x10, PUSH_ACK = 0x18 };

static const char request[] = "GET /a HTTP/1.1\r\nHost: example.com\r\nUser-Agent: bench\r\n\r\n";
static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n";

static void put_be16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put_be32(uint8_t *at, uint32_t value)
{
    put_be16(at, value >> 16);
    put_be16(at + 2, value);
}

/* 16 million hosts in 10.0.0.0/8, each with one flow to one of 65,536 servers in 93.184.0.0/16. */
static void put_addresses(uint8_t *ip, uint32_t flow, int is_from_client)
{
    uint8_t *client = ip + (is_from_client ? 12 : 16), *server = ip + (is_from_client ? 16 : 12);
    uint8_t *tcp = ip + 20;
    put_be32(client, UINT32_C(0x0a000000) | (flow & 0xffffff));
    put_be32(server, UINT32_C(0x5db80000) | (flow * UINT32_C(40503) & 0xffff));
    put_be16(tcp + (is_from_client ? 0 : 2), 40000);
    put_be16(tcp + (is_from_client ? 2 : 0), 80);
}

static size_t make_frame(uint8_t *frame, uint32_t flow, uint32_t round)
{
    int is_from_client = round % 2 == 0 && round != 1;
    const char *content = round == 2 ? request : round == 3 ? answer : "";
    size_t length = strlen(content);
    uint8_t *ip = frame + 14, *tcp = ip + 20;
    uint32_t sent = round > 3 ? (uint32_t)(is_from_client ? sizeof(request) : sizeof(answer)) - 1 : 0;
    uint32_t got =
        round > (is_from_client ? 3U : 2U) ? (uint32_t)(is_from_client ? sizeof(answer) : sizeof(request)) - 1 : 0;
    memset(frame, 0, HEADERS);
    frame[0] = frame[6] = 2;
    put_be16(frame + 12, 0x0800);
    ip[0] = 0x45;
    put_be16(ip + 2, (uint32_t)(40 + length));
    put_be16(ip + 4, round + 1);
    ip[8] = 64;
    ip[9] = 6;
    put_addresses(ip, flow, is_from_client);
    put_be32(tcp + 4, (is_from_client ? 1000U : 2000U) + (round > 1) + sent);
    put_be32(tcp + 8, round == 0 ? 0 : (is_from_client ? 2001U : 1001U) + got);
    tcp[12] = 0x50;
    tcp[13] = round == 0 ? SYN : round == 1 ? SYN | ACK : length > 0 ? PUSH_ACK : ACK;
    put_be16(tcp + 14, 65535);
    memcpy(frame + HEADERS, content, length);
    return HEADERS + length;
}

int main(int argc, char **argv)
{
    static const uint32_t file_header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1};
    uint8_t frame[FRAME_MAX];
    FILE *out = argc == 4 ? fopen(argv[1], "wb") : NULL;
    if (out == NULL || fwrite(file_header, sizeof(file_header), 1, out) != 1) {
        fprintf(stderr, "usage: make_flows OUTPUT.pcap FLOWS PACKETS_PER_FLOW\n");
        return 2;
    }
    uint32_t flows = (uint32_t)strtoul(argv[2], NULL, 10), rounds = (uint32_t)strtoul(argv[3], NULL, 10);
    uint64_t usec = UINT64_C(1700000000) * 1000000;
    for (uint32_t round = 0; round < rounds; round++)
        for (uint32_t flow = 0; flow < flows; flow++, usec += 5) {
            uint32_t size = (uint32_t)make_frame(frame, flow, round);
            const uint32_t header[4] = {(uint32_t)(usec / 1000000), (uint32_t)(usec % 1000000), size, size};
            if (fwrite(header, sizeof(header), 1, out) != 1 || fwrite(frame, size, 1, out) != 1)
                return 1;
        }
    return fclose(out) == 0 ? 0 : 1;
}
