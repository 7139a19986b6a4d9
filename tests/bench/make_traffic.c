/*
 * One large capture out of small real ones: every Ethernet packet of the given files again and again, the addresses of
 * each round shifted, so that each round's flows are new. Shifting keeps a private address private and a public one in
 * its /16. Times run on evenly.
 *
 *   make_traffic OUTPUT.pcap BYTES CAPTURE|DIRECTORY...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/decode.h"
#include "capture/source.h"
#include "hash.h"
#include "wire.h"

enum { LINKTYPE_ETHERNET = 1, FRAME_MAX = 65535, PACKETS_MAX = 1 << 20 };

struct kept {
    uint8_t *data;
    uint32_t captured_len, wire_len, ip_offset;
};

static struct kept kept[PACKETS_MAX];
static size_t kept_count, kept_bytes;

static void keep_packet(const struct packet *packet, const struct decoded *decoded)
{
    if (kept_count == PACKETS_MAX || packet->captured_len > FRAME_MAX)
        return;
    uint8_t *copy = malloc(packet->captured_len);
    if (copy == NULL)
        exit(1);
    memcpy(copy, packet->data, packet->captured_len);
    uint32_t offset = (uint32_t)(decoded->ip - packet->data);
    kept[kept_count++] = (struct kept){copy, packet->captured_len, packet->wire_len, offset};
    kept_bytes += packet->captured_len + 16;
}

/* A fragment that was put together stands in the decoder's own memory: it has no place in the frame to shift. */
static bool lies_in_frame(const struct packet *packet, const struct decoded *decoded)
{
    return decoded->ip >= packet->data && decoded->ip < packet->data + packet->captured_len;
}

static void keep_all(const char *const *paths, size_t count)
{
    struct source *source;
    struct decoder *decoder;
    struct packet packet;
    struct decoded decoded;
    struct error error;
    if (source_open(paths, count, &source, &error) != STATUS_OK || decoder_new(&decoder) != STATUS_OK) {
        fprintf(stderr, "make_traffic: %s\n", error.text);
        exit(1);
    }
    while (source_next(source, &packet) == STATUS_OK)
        if (packet.link_type == LINKTYPE_ETHERNET && decode_packet(decoder, &packet, &decoded) == DECODE_OK &&
            lies_in_frame(&packet, &decoded))
            keep_packet(&packet, &decoded);
    decoder_free(decoder);
    source_close(source);
}

static void shift16(uint8_t *at, uint16_t mask)
{
    at[0] ^= (uint8_t)(mask >> 8);
    at[1] ^= (uint8_t)mask;
}

static void shift_addresses(uint8_t *frame, const struct kept *k, uint16_t mask)
{
    uint8_t *ip = frame + k->ip_offset;
    bool v4 = ip[0] >> 4 == 4;
    size_t source_end = v4 ? 16 : 24, destination_end = v4 ? 20 : 40;
    if (k->ip_offset + destination_end > k->captured_len)
        return;
    shift16(ip + source_end - 2, mask);
    shift16(ip + destination_end - 2, mask);
}

static void put_record(FILE *out, uint64_t usec, const struct kept *k, const uint8_t *frame)
{
    uint32_t header[4] = {(uint32_t)(usec / 1000000), (uint32_t)(usec % 1000000), k->captured_len, k->wire_len};
    if (fwrite(header, sizeof(header), 1, out) != 1 || fwrite(frame, k->captured_len, 1, out) != 1) {
        perror("make_traffic");
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static const uint32_t file_header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 262144, LINKTYPE_ETHERNET};
    static uint8_t frame[FRAME_MAX];
    if (argc < 4) {
        fprintf(stderr, "usage: make_traffic OUTPUT.pcap BYTES CAPTURE|DIRECTORY...\n");
        return 2;
    }
    keep_all((const char *const *)argv + 3, (size_t)argc - 3);
    FILE *out = fopen(argv[1], "wb");
    uint64_t wanted = strtoull(argv[2], NULL, 10), written = 0, usec = UINT64_C(1700000000) * 1000000;
    if (out == NULL || kept_count == 0 || fwrite(file_header, sizeof(file_header), 1, out) != 1) {
        fprintf(stderr, "make_traffic: nothing to write, or nowhere to\n");
        return 1;
    }
    for (uint16_t round = 0; written < wanted && round < UINT16_MAX; round++, written += kept_bytes)
        for (size_t i = 0; i < kept_count; i++) {
            memcpy(frame, kept[i].data, kept[i].captured_len);
            shift_addresses(frame, &kept[i], (uint16_t)(round * 40503U)); /* odd: every round its own mask */
            put_record(out, usec += 10, &kept[i], frame);
        }
    return fclose(out) == 0 ? 0 : 1;
}
