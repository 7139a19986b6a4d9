/* A capture file in the making: Ethernet frames with valid checksums, at times that are the same in every run. */
#ifndef SCENARIOS_FRAME_H
#define SCENARIOS_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bytes.h"

struct peer {
    bool is_v6;
    uint8_t address[16]; /* network order; 4 bytes used for IPv4 */
    uint16_t port;
};

enum wrap { WRAP_NONE, WRAP_VLAN, WRAP_GRE, WRAP_VXLAN, WRAP_TEREDO, WRAP_SNAPPED };

struct capture {
    FILE *file;
    int64_t now_us;
    enum wrap wrap;     /* what is around each packet from now on */
    uint16_t vlan;      /* of WRAP_VLAN */
    uint16_t ip_number; /* identification of the next IPv4 packet */
    uint8_t hop_limit;  /* of all packets from now on */
};

void capture_open(struct capture *ret, const char *path);
void capture_close(struct capture *out);
/** Lets packet time pass. */
void capture_wait_ms(struct capture *out, int64_t ms);
void capture_wait_hours(struct capture *out, int64_t hours);
/** Begins at another day, seconds since the epoch. */
void capture_start_at(struct capture *out, int64_t sec);

/** @param address text, IPv4 or IPv6. */
struct peer peer_of(const char *address, uint16_t port);

enum { TCP_FIN_BIT = 1, TCP_SYN_BIT = 2, TCP_RST_BIT = 4, TCP_PSH_BIT = 8, TCP_ACK_BIT = 16 };

struct segment {
    const struct peer *from, *to;
    uint32_t sequence, acknowledgement;
    uint8_t flags;
    const uint8_t *payload;
    size_t length;
};

void capture_tcp(struct capture *out, const struct segment *segment);
void capture_udp(struct capture *out, const struct peer *from, const struct peer *to, const uint8_t *payload,
                 size_t length);
/** An echo request (ICMP, IPv4). */
void capture_ping(struct capture *out, const struct peer *from, const struct peer *to);
/** A router tells the sender of @p quoted that it was not passed on (RFC 792); IPv4. */
void capture_time_exceeded(struct capture *out, const char *router, const struct segment *quoted);
/** Writes the last frame again, as a span port that sees both sides does; in another VLAN when @p vlan is not 0. */
void capture_again(struct capture *out, uint16_t vlan);

#endif
