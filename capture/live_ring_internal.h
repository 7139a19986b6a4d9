/* One interface: its ring through libpcap, a burst of packets copied out of it, and its counts. libpcap gives a block
 * of the ring back before the last packet in it is handed on, so packets cannot stay where they lie. */
#ifndef BORDERTAP_CAPTURE_LIVE_RING_INTERNAL_H
#define BORDERTAP_CAPTURE_LIVE_RING_INTERNAL_H

#include <stdatomic.h>

#include "live.h"
#include "live_link_internal.h"

enum {
    RING_BURST = 128,               /* packets */
    RING_SNAP_LEN = 256 << 10,      /* bytes; segmentation offload makes packets of up to 192 KiB */
    RING_BYTES = 2 * RING_SNAP_LEN, /* of a burst, which ends when another packet might not find room */
    RING_BLOCK_MS = 50,             /* a packet stays unseen in a block of the ring for no longer */
};

struct ring_entry {
    struct packet_time time;
    uint32_t offset, captured_len, wire_len;
};

/** A number of the system that begins anew with a new interface, and may not be told. */
struct running_count {
    uint64_t last, total;
    bool is_known, has_begun;
};

struct ring {
    struct pcap *pcap;
    struct link link;
    uint16_t link_type, interface;
    int fd;
    size_t at, count, used; /* of the burst: handed on, there, bytes */
    uint8_t *bytes;
    uint64_t received, kernel_drops;
    struct running_count interface_drops;
    struct ring_entry entries[RING_BURST];

    /* For other threads. */
    _Atomic uint64_t packets_received, dropped_by_kernel, dropped_by_interface, times_down, times_gone, read_errors;
    _Atomic uint64_t captured_short;
    atomic_bool is_kernel_known, is_interface_known;
    _Atomic int state;
};

enum status ring_check_filter(const char *filter, struct error *error);
enum status ring_open(const char *name, const struct live_options *options, struct ring **ret, struct error *error);
/** Takes the next burst, when the last one is handed on. @return whether there is a packet. Never waits. */
bool ring_fill(struct ring *ring);
/** Looks after the interface and publishes the counts. */
void ring_look(struct ring *ring);
/** Lets no further packet in. */
void ring_shut(struct ring *ring);
void ring_close(struct ring *ring); /* NULL is fine */

/** Adds what came since the last call, the first one only begins; a smaller number than then is a new beginning. */
void running_count_add(struct running_count *count, bool is_known, uint64_t now);

#endif
