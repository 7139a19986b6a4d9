/*
 * The round trips between the sensor and a flow's remote: a packet from the host's side, and what can only be an answer
 * to it. Pure: packets in, the best sample out.
 *
 * A sample errs on the long side only, as a short one would refute what is true: of a retransmitted SYN, hello, query
 * or echo the first counts, what was acknowledged after a retransmission does not, nor what two clocks stamped; what a
 * clock lost by being set back is added. Left out is what the remote could answer unasked: a remote that acknowledges
 * data before it has it looks nearer, so acknowledgements count only where the handshake was missed.
 */
#ifndef BORDERTAP_CAPTURE_RTT_H
#define BORDERTAP_CAPTURE_RTT_H

#include "decoded.h"
#include "packet_time.h"
#include "round_trip.h"

/** What the host's side sent and waits to be answered. */
struct rtt_question {
    struct packet_time time;
    uint32_t key;           /* what the answer must carry */
    uint32_t clock_lost_us; /* of its packet */
    uint16_t interface;
    bool is_untimed;
    uint8_t kind;    /* enum round_trip_kind, 0: nothing waits */
    uint8_t copies;  /* sent and not answered */
    bool wants_syn;  /* a SYN: answered by a SYN only */
    bool is_sampled; /* one of the copies was answered */
};

enum { RTT_EXCHANGES_MAX = 4 };

struct rtt_watch {
    struct rtt_question transport, hello;             /* TCP */
    struct rtt_question exchanges[RTT_EXCHANGES_MAX]; /* datagrams: each key stays until all its copies are answered */
    uint32_t sent_until;                              /* TCP: behind the last byte the host sent */
    bool has_sent, has_handshake, has_content;
    bool has_forgotten; /* more waited at once than there is room for: what comes now may have been sent before */
};

/** Whether a packet could change what is known, told without the watch: most cannot. @param kind of the best so far. */
bool rtt_could_matter(const struct decoded *packet, enum round_trip_kind kind);

/** One packet of the flow. @param best kept up to date; starts as ROUND_TRIP_NOT_SEEN. */
void rtt_packet(struct rtt_watch *watch, const struct decoded *packet, bool is_from_host, struct round_trip *best);

/** What each interface's clock was set back, so that a round trip over such a step is not taken for a short one. */
struct clock_steps;

struct clock_steps *clock_steps_new(void); /* NULL: no memory */
/**
 * The next packet of the capture, in its order. Two packets that a capture merely disordered count as a step, too: it
 * errs on the long side.
 * @return microseconds in all so far, UINT32_MAX when they are too many to tell, or the interfaces are.
 */
uint32_t clock_steps_note(struct clock_steps *steps, uint16_t interface, struct packet_time time);
void clock_steps_free(struct clock_steps *steps);

#endif
