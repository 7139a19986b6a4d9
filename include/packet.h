/*
 * One captured frame as a source hands it out. The bytes are borrowed: good until the next call on
 * the same source, copy what must live longer.
 */
#ifndef BORDERTAP_PACKET_H
#define BORDERTAP_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "packet_time.h"

struct packet {
    const uint8_t *data;
    uint32_t captured_len; /* bytes at data; at most wire_len */
    uint32_t wire_len;     /* bytes the frame had on the wire */
    struct packet_time time;
    uint64_t number;    /* 1 for the first packet of the run, over all files */
    uint16_t link_type; /* LINKTYPE_ value of the capture file formats (tcpdump.org/linktypes.html) */
    uint16_t interface; /* index over the run's interfaces, from 0 */
    bool is_untimed;    /* the capture gives it no time: that of the packet before it is taken */
};

#endif
