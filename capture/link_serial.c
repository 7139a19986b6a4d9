/*
 * Serial lines: PPP, Cisco HDLC, frame relay, SLIP.
 */
#include "decode_internal.h"

static bool is_ppp_ip(const struct walk *w, uint32_t offset)
{
    if (offset + 2 > w->left)
        return false;
    offset += w->at[offset] == 0;
    return (w->at[offset] == 0x21 || w->at[offset] == 0x57) && walk_is_ip(w, offset + 1);
}

/* RFC 1990: a packet whole in one fragment. Whether its header has 4 bytes or 2 was negotiated: the content tells. */
static enum layer ppp_multilink(struct walk *w)
{
    enum { BEGINS_AND_ENDS = 0xc0, LONG = 4, SHORT = 2 };
    if (w->left < LONG)
        return walk_end(w, REASON_PPP_TRUNCATED);
    if ((w->at[0] & BEGINS_AND_ENDS) != BEGINS_AND_ENDS)
        return walk_end(w, REASON_LINK_FRAGMENT);
    walk_skip(w, !is_ppp_ip(w, LONG) && is_ppp_ip(w, SHORT) ? SHORT : LONG);
    return LAYER_PPP;
}

static enum layer ppp_protocol(struct walk *w, uint16_t protocol)
{
    switch (protocol) {
    case 0x0021:
    case 0x0057:
        return LAYER_IP;
    case 0x003d:
        return ppp_multilink(w);
    case 0x0281:
    case 0x0283:
        return LAYER_MPLS;
    case 0x002d: /* Van Jacobson, and compression of whole packets or links */
    case 0x00fb:
    case 0x00fd:
        return walk_end(w, REASON_PPP_COMPRESSED);
    default:
        return walk_end(w, REASON_OTHER_PPP);
    }
}

/* RFC 1661 and 1662: address and control bytes may be left out, and so may the protocol's zero byte. */
enum layer link_ppp_decode(struct walk *w)
{
    if (w->left >= 2 && w->at[0] == 0xff && w->at[1] == 0x03)
        walk_skip(w, 2);
    if (w->left < 1)
        return walk_end(w, REASON_PPP_TRUNCATED);
    uint16_t protocol = w->at[0];
    if (protocol & 1) {
        walk_skip(w, 1);
        return ppp_protocol(w, protocol);
    }
    if (w->left < 2)
        return walk_end(w, REASON_PPP_TRUNCATED);
    protocol = load_be16(w->at);
    walk_skip(w, 2);
    return ppp_protocol(w, protocol);
}

enum layer link_ppp_direction(struct walk *w)
{
    return walk_skip(w, 1) ? LAYER_PPP : walk_end(w, REASON_PPP_TRUNCATED);
}

static bool is_cisco_hdlc(uint8_t address)
{
    return address == 0x0f || address == 0x8f; /* unicast, multicast */
}

enum layer link_chdlc(struct walk *w)
{
    const uint8_t *header = w->at;
    if (w->left < 4)
        return walk_end(w, REASON_LINK_TRUNCATED);
    if (!is_cisco_hdlc(header[0]))
        return header[0] == 0xff ? LAYER_PPP : walk_end(w, REASON_OTHER_LINK);
    walk_skip(w, 4);
    return walk_ethertype(w, load_be16(header + 2));
}

enum layer link_ppp_hdlc(struct walk *w)
{
    return w->left > 0 && is_cisco_hdlc(w->at[0]) ? link_chdlc(w) : LAYER_PPP;
}

/* Length of the Q.922 address: its last byte has the lowest bit set. */
static uint32_t frame_relay_address(const struct walk *w)
{
    for (uint32_t n = 2; n <= 4 && n <= w->left; n++)
        if (w->at[n - 1] & 1)
            return n;
    return 0;
}

/* RFC 2427: control byte, perhaps padding, and the network layer protocol identifier. */
static enum layer frame_relay_nlpid(struct walk *w)
{
    walk_skip(w, 1);
    if (w->left > 0 && w->at[0] == 0)
        walk_skip(w, 1);
    if (w->left == 0)
        return walk_end(w, REASON_LINK_TRUNCATED);
    uint8_t nlpid = w->at[0];
    walk_skip(w, 1);
    switch (nlpid) {
    case 0xcc:
    case 0x8e:
        return LAYER_IP;
    case 0xcf:
        return LAYER_PPP;
    case 0x80:
        break;
    default:
        return walk_end(w, REASON_OTHER_LINK);
    }
    if (w->left < 5)
        return walk_end(w, REASON_LINK_TRUNCATED);
    const uint8_t *snap = w->at;
    walk_skip(w, 5);
    if (snap[0] == 0 && snap[1] == 0 && snap[2] == 0)
        return walk_ethertype(w, load_be16(snap + 3));
    if (snap[0] == 0 && snap[1] == 0x80 && snap[2] == 0xc2 && (load_be16(snap + 3) == 1 || load_be16(snap + 3) == 7))
        return LAYER_ETHERNET;
    return walk_end(w, REASON_OTHER_LINK);
}

enum layer link_frame_relay(struct walk *w)
{
    uint32_t address = frame_relay_address(w);
    if (address == 0 || !walk_skip(w, address) || w->left < 2)
        return walk_end(w, REASON_LINK_TRUNCATED);
    if (w->at[0] == 0x03)
        return frame_relay_nlpid(w);
    uint16_t type = load_be16(w->at); /* Cisco's own: an EtherType at once */
    walk_skip(w, 2);
    return walk_ethertype(w, type);
}

/* The pseudo-header of the BSDs: direction, then the compressed TCP/IP header (RFC 1144) if there was one. */
enum layer link_slip(struct walk *w)
{
    if (w->left < 16)
        return walk_end(w, REASON_LINK_TRUNCATED);
    const uint8_t *header = w->at;
    walk_skip(w, 16);
    if (header[1] & 0x80 || (header[1] >> 4) == 7)
        return walk_end(w, REASON_SLIP_COMPRESSED);
    return LAYER_IP;
}
