/*
 * One interface of a pcapng section and its clock: what a tick is, and from where it counts.
 */
#ifndef BORDERTAP_CAPTURE_SOURCE_PCAPNG_INTERNAL_H
#define BORDERTAP_CAPTURE_SOURCE_PCAPNG_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "packet_time.h"

enum pcapng_clock {
    CLOCK_TIMES,   /* a tick is `factor` nanoseconds */
    CLOCK_PARTS,   /* a nanosecond is `factor` ticks */
    CLOCK_BINARY,  /* a second is 2^shift ticks */
    CLOCK_STOPPED, /* ticks too fine for any time to pass in 64 bits */
};

struct pcapng_interface {
    enum pcapng_clock clock;
    uint8_t shift;
    uint16_t link_type, run_index;
    uint32_t snaplen; /* 0: no limit */
    uint64_t factor;
    int64_t offset_sec;
};

enum { PCAPNG_MICROSECONDS = 6 }; /* if_tsresol when there is none */

/** @param if_tsresol as in the option: a negative power of 10, or of 2 when its highest bit is set. */
void pcapng_set_resolution(struct pcapng_interface *interface, uint8_t if_tsresol);

struct packet_time pcapng_time(const struct pcapng_interface *interface, uint64_t ticks, bool *ret_is_clipped);

#endif
