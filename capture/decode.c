/*
 * The loop over the layers, and the counts. Everything that knows a header is in the other decode, link and
 * tunnel files. The decoded packet is filled on the way down: an inner IP packet overwrites the outer one.
 */
#include "decode_internal.h"

#include <stdlib.h>

static layer_decode *const layers[LAYER_COUNT] = {
    [LAYER_LINK] = link_decode,
    [LAYER_ETHERNET] = link_ethernet_decode,
    [LAYER_ETHERTYPE] = link_ethertype_decode,
    [LAYER_LLC] = link_llc_decode,
    [LAYER_PPP] = link_ppp_decode,
    [LAYER_PPPOE] = link_pppoe_decode,
    [LAYER_MPLS] = link_mpls_decode,
    [LAYER_NSH] = link_nsh_decode,
    [LAYER_WIFI] = link_wifi_decode,
    [LAYER_AMSDU] = link_amsdu_decode,
    [LAYER_IP] = decode_ip,
    [LAYER_IPV6] = decode_ipv6,
    [LAYER_TRANSPORT] = decode_transport,
    [LAYER_AH] = decode_ah,
    [LAYER_TCP] = decode_tcp,
    [LAYER_UDP] = decode_udp,
    [LAYER_ICMP] = decode_icmp,
    [LAYER_ICMPV6] = decode_icmpv6,
    [LAYER_SCTP] = decode_sctp,
    [LAYER_IP_IN_IP] = tunnel_ip_in_ip,
    [LAYER_GRE] = tunnel_gre,
    [LAYER_ETHERIP] = tunnel_etherip,
    [LAYER_L2TPV3] = tunnel_l2tpv3,
    [LAYER_MPLS_IN_IP] = tunnel_mpls_in_ip,
};

#define DECODE_REASON_NAME(id, name, result) [id] = name,
#define DECODE_REASON_RESULT(id, name, result) [id] = result,
static const char *const reason_names[REASON_COUNT] = {DECODE_REASONS(DECODE_REASON_NAME)};
static const uint8_t reason_results[REASON_COUNT] = {DECODE_REASONS(DECODE_REASON_RESULT)};

enum status decoder_new(struct decoder **ret)
{
    struct decoder *decoder = calloc(1, sizeof(*decoder));
    if (!decoder)
        return STATUS_NO_MEMORY;
    decoder->fragments = fragments_new();
    if (!decoder->fragments) {
        free(decoder);
        return STATUS_NO_MEMORY;
    }
    *ret = decoder;
    return STATUS_OK;
}

void decoder_tell(struct decoder *decoder, decode_refused *refused, void *context)
{
    decoder->refused = refused;
    decoder->refused_context = context;
}

static void tell_refused(const struct walk *w, enum decode_reason reason)
{
    if (w->decoder->refused)
        w->decoder->refused(w->decoder->refused_context, reason_names[reason], w->out->number);
}

void walk_note_loss(struct walk *w, enum decode_reason note)
{
    walk_note(w, note);
    tell_refused(w, note);
}

bool walk_keep_rest(struct walk *w, uint32_t offset)
{
    struct decoder *decoder = w->decoder;
    if (decoder->has_rest)
        return false;
    decoder->has_rest = true;
    decoder->rest = *w;
    decoder->rest.has_outer = false; /* it is the first packet's flow should that fall back */
    walk_skip(&decoder->rest, offset);
    decoder->rest_out = *w->out;
    decoder->rest_out.wire_len = decoder->rest.wire;
    decoder->rest_out.part++;
    w->out->wire_len -= w->out->wire_len > decoder->rest.wire ? decoder->rest.wire : 0;
    return true;
}

static void walk_layers(struct walk *w, enum layer layer)
{
    for (unsigned i = 0; i < LAYERS_MAX; i++) {
        layer = layers[layer](w);
        if (layer == LAYER_END)
            return;
    }
    w->reason = REASON_LAYERS_TOO_MANY;
}

/* What a tunnel carries could not be read: its own packets are the flow then. A held fragment will be read. */
static void walk_fall_back(struct walk *w)
{
    if (reason_results[w->reason] == DECODE_OK || w->reason == REASON_FRAGMENT_HELD)
        return;
    *w->out = w->outer;
    w->reason = REASON_NONE;
    walk_note_loss(w, NOTE_TUNNEL_FALLBACK);
}

/* Only what no layer is sure to set: clearing all of it costs more than the layers do. */
static void decoded_begin(struct decoded *ret, const struct packet *packet, uint32_t wire_len)
{
    ret->tcp_flags = 0;
    ret->is_fragment = false;
    ret->tcp_sequence = ret->tcp_acknowledgement = 0;
    ret->tcp_window = 0;
    ret->source_mac = ret->destination_mac = NULL;
    ret->vlan = 0;
    ret->encapsulation = 0;
    ret->tunnel_hash = 0;
    ret->wire_len = wire_len;
    ret->time = packet->time;
    ret->interface = packet->interface;
    ret->part = 0;
    ret->is_untimed = packet->is_untimed;
    ret->number = packet->number;
}

static void walk_begin(struct walk *w, struct decoder *decoder, const struct packet *packet, struct decoded *ret)
{
    w->at = packet->data;
    w->left = packet->captured_len;
    w->wire = packet->wire_len > packet->captured_len ? packet->wire_len : packet->captured_len;
    w->type = packet->link_type;
    w->depth = 0;
    w->has_outer = false;
    w->reason = REASON_NONE;
    w->decoder = decoder;
    w->out = ret;
    decoded_begin(ret, packet, w->wire);
}

static enum decode_result walk_finish(struct walk *w)
{
    if (w->has_outer)
        walk_fall_back(w);
    w->decoder->counts[w->reason]++;
    w->decoder->last = w->reason;
    enum decode_result result = (enum decode_result)reason_results[w->reason];
    if (result > DECODE_HELD)
        tell_refused(w, w->reason);
    return result;
}

enum decode_result decode_packet(struct decoder *decoder, const struct packet *packet, struct decoded *ret)
{
    struct walk w;
    walk_begin(&w, decoder, packet, ret);
    decoder->has_rest = false;
    fragments_release(decoder->fragments);
    if (w.left == 0)
        w.reason = REASON_FRAME_EMPTY;
    else
        walk_layers(&w, LAYER_LINK);
    return walk_finish(&w);
}

bool decoder_has_rest(const struct decoder *decoder)
{
    return decoder->has_rest;
}

/* Datagrams put together are not released: the frame may be in one of them. */
enum decode_result decode_rest(struct decoder *decoder, struct decoded *ret)
{
    struct walk w = decoder->rest;
    *ret = decoder->rest_out;
    w.out = ret;
    decoder->has_rest = false;
    walk_layers(&w, LAYER_AMSDU);
    return walk_finish(&w);
}

const char *decoder_last_reason(const struct decoder *decoder)
{
    return reason_names[decoder->last];
}

void decoder_count(const struct decoder *decoder, counter_visit *visit, void *context)
{
    for (unsigned i = 0; i < REASON_COUNT; i++)
        visit(context, &(struct counter){"decode", reason_names[i], decoder->counts[i]});
    fragments_count(decoder->fragments, visit, context);
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder)
        return;
    fragments_free(decoder->fragments);
    free(decoder);
}
