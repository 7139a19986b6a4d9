/*
 * From frame to innermost transport header: link layers, tags, tunnels, IP, extension headers,
 * fragments. One function per layer, top to bottom; a new layer is one row in a table.
 * UDP tunnels are known by port and content. Where a tunnel holds nothing readable, its own packets are the flow.
 *
 * A datagram that came in fragments is one packet: the decoded packet has time and number of the frame that made it
 * whole and the wire length of all of them; the frames before give DECODE_HELD. What never becomes whole gives
 * nothing more than its counter. Fragments cut by the snapshot length cannot be put together: the first one is
 * decoded as it is, the others have is_fragment.
 *
 * A frame may hold several packets (IEEE 802.11, A-MSDU): decode_packet() gives the first, decode_rest() each of the
 * others. They share time and number, not `part`; their wire lengths add up to the frame's.
 *
 * Malformed input is counted by named reason. No allocation after decoder_new() but for the capped
 * fragment store.
 */
#ifndef BORDERTAP_CAPTURE_DECODE_H
#define BORDERTAP_CAPTURE_DECODE_H

#include "counter.h"
#include "decoded.h"
#include "packet.h"
#include "status.h"

struct decoder;

enum decode_result {
    DECODE_OK,        /* *ret is filled */
    DECODE_HELD,      /* a fragment; kept until the rest arrives */
    DECODE_NOT_IP,    /* ARP, STP, ...: nothing for us, counted */
    DECODE_MALFORMED, /* counted by reason */
    DECODE_UNKNOWN_LINK,
};

enum status decoder_new(struct decoder **ret);

/** Told of a packet that gave nothing, or less than was in it. @param reason as decoder_last_reason(). */
typedef void decode_refused(void *context, const char *reason, uint64_t packet_number);
/** From now on @p refused is called from inside decode_packet(), once for each reason; held fragments are none. */
void decoder_tell(struct decoder *decoder, decode_refused *refused, void *context);

/**
 * @param ret filled on DECODE_OK only; borrows from @p packet or from the decoder, good until the next call.
 */
enum decode_result decode_packet(struct decoder *decoder, const struct packet *packet, struct decoded *ret);

/** Whether the frame holds another packet. Ask after decode_packet() and decode_rest(), whatever they returned. */
bool decoder_has_rest(const struct decoder *decoder);

/** The next packet of the frame; only when decoder_has_rest(). @param ret as of decode_packet(): good until the next
 * call, and the frame's bytes must be there still. */
enum decode_result decode_rest(struct decoder *decoder, struct decoded *ret);

/** The reason of the last result that was not DECODE_OK: snake_case name of its counter; constant. */
const char *decoder_last_reason(const struct decoder *decoder);

/** Whether packets of this LINKTYPE_ value can be decoded. */
bool decoder_knows_link_type(uint16_t link_type);

void decoder_count(const struct decoder *decoder, counter_visit *visit, void *context);
void decoder_free(struct decoder *decoder);

#endif
