/*
 * Packets from network interfaces through libpcap: Linux, a memory-mapped ring for each interface (TPACKET_V3),
 * promiscuous, whole packets, nanosecond stamps of the kernel.
 *
 *   live_open() -> live_next() until STATUS_END, which comes after live_stop() -> live_close()
 *
 * Several interfaces become one stream in order of time: a packet waits for as long as another interface may still hold
 * an earlier one back, a tenth of a second. An interface that goes down or vanishes ends nothing: it is waited for, and
 * listened to again, with the socket that is there, so that it works without privileges.
 *
 * One thread reads; live_stop(), live_interfaces() and live_count() may be called by any.
 */
#ifndef BORDERTAP_CAPTURE_LIVE_H
#define BORDERTAP_CAPTURE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "interface_counts.h"
#include "packet.h"
#include "status.h"

struct live;

enum { LIVE_INTERFACES_MAX = 8, LIVE_RING_MIB_DEFAULT = 64, LIVE_RING_MIB_MAX = 2047 };

struct live_options {
    const char *const *interfaces; /* names, borrowed during the call */
    size_t count;
    const char *filter; /* as pcap-filter(7); NULL: every packet */
    uint32_t ring_mib;  /* of each interface's ring; 0: default */
};

/** Looks at names and filter, without rights and without opening anything. @return STATUS_OK, or STATUS_INVALID. */
enum status live_check(const struct live_options *options, struct error *error);

/** @return STATUS_OK; STATUS_INVALID when live_check() says so, STATUS_IO when the system refuses; with a sentence. */
enum status live_open(const struct live_options *options, struct live **ret, struct error *error);

/**
 * @param may_wait for up to a tenth of a second, when there is no packet yet.
 * @param ret on STATUS_OK borrowed until the next call. On STATUS_NOT_FOUND only its time is set: all packets before it
 * have been handed out.
 * @return STATUS_OK, STATUS_NOT_FOUND (nothing now), or STATUS_END: stopped, and what was in the rings is handed out.
 */
enum status live_next(struct live *live, bool may_wait, struct packet *ret);

/** No packet that arrives from now on is taken; those in the rings still are, for a second at most. */
void live_stop(struct live *live);

/** @return how many there are; fills the first @p room of @p ret, as of a quarter of a second ago at most. */
size_t live_interfaces(const struct live *live, struct interface_counts *ret, size_t room);

/** Over all interfaces; what is not known of every one of them is left out. */
void live_count(const struct live *live, counter_visit *visit, void *context);
void live_close(struct live *live); /* NULL is fine */

#endif
