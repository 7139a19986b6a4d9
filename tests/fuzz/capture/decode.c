/*
 * Records of link type (1 byte), time step (1 byte, of 5 ms), how much more was on the wire (1 byte), length
 * (2 bytes) and a frame: several in one input, so that fragments and copies meet. One decoder serves all inputs; each
 * begins so much later that fragments and copies of the one before are forgotten.
 */
#include "decode.h"
#include "duplicates.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct decoded *d)
{
    if (d->payload_len > d->payload_wire_len || d->ip_len < 20 || (d->payload_len > 0 && d->payload < d->ip))
        abort();
    if (d->payload_len > 0 && d->payload + d->payload_len > d->ip + d->ip_len)
        abort();
}

/* Link types above a byte: PKTAP, LINUX_SLL2 and its neighbours up to DSA_TAG_BRCM. */
static uint16_t link_type_of(uint8_t byte)
{
    return byte >= 250 ? (uint16_t)(byte - 250 + 276) : byte == 249 ? 258 : byte;
}

#define APART_NS (100 * NS_PER_SEC) /* more than any fragment waits */

static struct decoder *decoder;
static struct duplicates *duplicates;
static struct packet packet;

static void begin(void)
{
    packet.time.ns += APART_NS;
    if (decoder != NULL && packet.time.ns < INT64_MAX / 2)
        return;
    decoder_free(decoder);
    duplicates_free(duplicates);
    packet.time = packet_time_from_sec(1);
    if (decoder_new(&decoder) != STATUS_OK || duplicates_new(&duplicates) != STATUS_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    while (size > 5) {
        uint32_t length = (uint32_t)(data[3] << 8 | data[4]);
        if (length > size - 5)
            length = (uint32_t)(size - 5);
        uint8_t *frame = malloc(length ? length : 1); /* its own block, so that one byte too far is seen */
        if (!frame)
            abort();
        for (uint32_t i = 0; i < length; i++)
            frame[i] = data[5 + i];
        packet.link_type = link_type_of(data[0]);
        packet.time.ns += data[1] * 5000 * NS_PER_USEC;
        packet.data = frame;
        packet.captured_len = length;
        packet.wire_len = length + data[2];
        packet.number++;
        struct decoded d;
        enum decode_result result = decode_packet(decoder, &packet, &d);
        for (;;) {
            if (result == DECODE_OK) {
                check(&d);
                duplicates_check(duplicates, &d);
            }
            if (!decoder_has_rest(decoder))
                break;
            result = decode_rest(decoder, &d);
        }
        free(frame);
        data += 5 + length;
        size -= 5 + length;
    }
    return 0;
}
