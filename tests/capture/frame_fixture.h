/*
 * Frames built from the inside out: each call puts a header before what is there and fills in its lengths.
 */
#ifndef BORDERTAP_TESTS_FRAME_FIXTURE_H
#define BORDERTAP_TESTS_FRAME_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "decode.h"

enum { FRAME_ROOM = 66000 };

struct frame {
    uint8_t room[FRAME_ROOM];
    uint8_t *data; /* into room */
    uint32_t length;
};

void frame_begin(struct frame *f);
void frame_bytes(struct frame *f, const void *bytes, size_t length);
/** Digits with spaces anywhere. */
void frame_hex(struct frame *f, const char *hex);
void frame_tcp(struct frame *f, uint16_t source, uint16_t destination, uint8_t flags);
void frame_udp(struct frame *f, uint16_t source, uint16_t destination);
/** @param source, destination last byte of 10.0.0.x; @param fragment the field at offset 6. */
void frame_ipv4(struct frame *f, uint8_t protocol, uint8_t source, uint8_t destination, uint16_t id, uint16_t fragment);
/** 2001:db8::x */
void frame_ipv6(struct frame *f, uint8_t next, uint8_t source, uint8_t destination);
void frame_ethernet(struct frame *f, uint16_t ethertype);

/** "abc" from 10.0.0.1:1234 to 10.0.0.2:80 in TCP in IPv4 with identification 7. */
void frame_inner(struct frame *f);

struct packet frame_packet(const struct frame *f, uint16_t link_type);
/** Decodes as Ethernet. */
enum decode_result frame_decode(struct decoder *decoder, const struct frame *f, struct decoded *ret);

/** Value of the counter @p name of the decoder, over all groups. */
uint64_t decoder_value(const struct decoder *decoder, const char *name);

#endif
