/*
 * Fragments of IPv4 and IPv6 datagrams, put together within stated limits. Held on packet time; the oldest
 * makes room. What comes first is kept where IPv4 fragments overlap; an IPv6 datagram with an overlap is
 * dropped whole (RFC 5722), exact repeats aside.
 */
#ifndef BORDERTAP_FRAGMENT_INTERNAL_H
#define BORDERTAP_FRAGMENT_INTERNAL_H

#include "address.h"
#include "counter.h"
#include "packet_time.h"

enum {
    FRAGMENT_DATAGRAMS_MAX = 1024,
    FRAGMENT_BYTES_MAX = 16 << 20, /* over all datagrams */
    FRAGMENT_TIMEOUT_SEC = 30,     /* from the first fragment seen, as Linux does */
};

struct fragments;

struct fragment {
    struct ip_address source, destination;
    uint32_t id;
    uint32_t tunnel_hash; /* the same addresses in another tunnel are other hosts */
    uint8_t protocol;     /* what the datagram carries */
    bool is_ipv6, has_more;
    uint32_t offset;       /* bytes */
    const uint8_t *header; /* IP header, for IPv6 up to the fragment header; borrowed */
    uint32_t header_len;
    uint32_t next_header_at; /* IPv6: offset in header of the byte that names the fragment header */
    const uint8_t *data;
    uint32_t length;
    uint32_t frame_len; /* of the frame it came in */
    struct packet_time time;
};

struct fragment_datagram {
    const uint8_t *ip; /* good until fragments_release() */
    uint32_t length;
    uint32_t frames_len; /* all frames of its fragments together */
};

enum fragment_result {
    FRAGMENT_HELD,
    FRAGMENT_COMPLETE,   /* *ret is filled */
    FRAGMENT_BAD_LENGTH, /* empty, or not a multiple of 8 where more follow */
    FRAGMENT_BEYOND_MAX, /* would make a datagram over 65,535 bytes */
    FRAGMENT_CONFLICT,   /* beyond the datagram's end, or a second end */
    FRAGMENT_OVERLAP,    /* IPv6 only: the datagram is dropped */
    FRAGMENT_REFUSED,    /* no memory, or a header too long to keep */
};

struct fragments *fragments_new(void); /* NULL: no memory */
enum fragment_result fragments_add(struct fragments *fragments, const struct fragment *fragment,
                                   struct fragment_datagram *ret);
/** Gives back the datagrams that fragments_add() completed. */
void fragments_release(struct fragments *fragments);
void fragments_count(const struct fragments *fragments, counter_visit *visit, void *context);
void fragments_free(struct fragments *fragments);

#endif
