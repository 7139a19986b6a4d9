/*
 * GRE (RFC 2784, 2890, with the routing of 1701), its PPTP variant (RFC 2637), and what is carried in it.
 */
#include "decode_internal.h"

enum gre_flag {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACKNOWLEDGEMENT = 0x0080, /* version 1 only */
    GRE_VERSION = 0x0007,
};

enum { GRE_PPP = 0x880b, GRE_ERSPAN = 0x88be, GRE_ERSPAN_III = 0x22eb, GRE_WCCP = 0x883e, GRE_ROUTES_MAX = 16 };

/* All of a header that needs to be read: the last 8 bytes of the longest do not. */
enum { ERSPAN_HEADER = 12, ERSPAN_VERSION_II = 1, ERSPAN_VERSION_III = 2, ERSPAN_FRAME_IP = 2 };

struct gre {
    uint16_t flags, protocol;
    uint32_t key;
};

/* Source route entries: family 2, offset 1, length 1; one of family and length 0 ends them. */
static bool gre_skip_routes(struct wire *header)
{
    for (unsigned i = 0; i < GRE_ROUTES_MAX; i++) {
        uint16_t family = wire_u16(header);
        wire_skip(header, 1);
        uint8_t length = wire_u8(header);
        if (family == 0 && length == 0)
            return !header->failed;
        wire_skip(header, length);
    }
    return false;
}

static bool gre_read(struct walk *w, struct gre *ret)
{
    struct wire header = wire_of(w->at, w->left);
    ret->flags = wire_u16(&header);
    ret->protocol = wire_u16(&header);
    ret->key = 0;
    unsigned version = ret->flags & GRE_VERSION;
    if (version > 1)
        return false;
    if (ret->flags & (GRE_CHECKSUM | GRE_ROUTING))
        wire_skip(&header, 4);
    if (ret->flags & GRE_KEY)
        ret->key = wire_u32(&header);
    if (ret->flags & GRE_SEQUENCE)
        wire_skip(&header, 4);
    if (version == 1 && ret->flags & GRE_ACKNOWLEDGEMENT)
        wire_skip(&header, 4);
    if (ret->flags & GRE_ROUTING && !gre_skip_routes(&header))
        return false;
    return !header.failed && walk_skip(w, (uint32_t)(header.at - w->at));
}

/* draft-foschiano-erspan-03: type I has no header, type II 8 bytes; type III 12, which also say what kind of frame
 * follows, and 8 more when their last bit says so. */
struct erspan {
    uint32_t length;
    bool is_ip;
};

static struct erspan erspan_read(const uint8_t header[static ERSPAN_HEADER])
{
    if (header[0] >> 4 != ERSPAN_VERSION_III)
        return (struct erspan){8, false};
    return (struct erspan){header[11] & 1 ? 20 : 12, (header[10] >> 2 & 0x1f) == ERSPAN_FRAME_IP};
}

/* Types II and III have a sequence number. Some senders leave it away: the content decides then, for a MAC address may
 * begin like a header. */
static bool erspan_is_type_i(const struct walk *w, const struct gre *gre)
{
    if (gre->flags & GRE_SEQUENCE || gre->protocol == GRE_ERSPAN_III)
        return false;
    unsigned version = w->left < ERSPAN_HEADER ? 0 : w->at[0] >> 4;
    if (walk_is_ethernet_ip(w, 0) || (version != ERSPAN_VERSION_II && version != ERSPAN_VERSION_III))
        return true;
    struct erspan erspan = erspan_read(w->at);
    return erspan.is_ip ? !walk_is_ip(w, erspan.length) : !walk_is_ethernet_ip(w, erspan.length);
}

static enum layer gre_erspan(struct walk *w, const struct gre *gre)
{
    w->out->encapsulation |= ENCAP_ERSPAN;
    if (erspan_is_type_i(w, gre))
        return LAYER_ETHERNET;
    if (w->left < ERSPAN_HEADER)
        return walk_end(w, REASON_TUNNEL_TRUNCATED);
    struct erspan erspan = erspan_read(w->at);
    if (!walk_skip(w, erspan.length))
        return walk_end(w, REASON_TUNNEL_TRUNCATED);
    return erspan.is_ip ? LAYER_IP : LAYER_ETHERNET;
}

static enum layer gre_payload(struct walk *w, const struct gre *gre)
{
    switch (gre->protocol) {
    case GRE_ERSPAN:
    case GRE_ERSPAN_III:
        return gre_erspan(w, gre);
    case GRE_PPP:
        return LAYER_PPP;
    case GRE_WCCP: /* version 2 puts a redirect header of 4 bytes before the packet */
        if (w->left > 0 && w->at[0] >> 4 != 4)
            walk_skip(w, w->left < 4 ? w->left : 4);
        return LAYER_IP;
    default:
        break;
    }
    if (gre->protocol >= 0x8200 && gre->protocol <= 0x83ff) { /* Aruba's access points: a wireless frame */
        w->type = 0;
        return LAYER_WIFI;
    }
    return walk_ethertype(w, gre->protocol);
}

enum layer tunnel_gre(struct walk *w)
{
    struct gre gre;
    if (!gre_read(w, &gre)) {
        walk_note_loss(w, NOTE_TUNNEL_UNKNOWN);
        return walk_end(w, REASON_NONE);
    }
    if (w->left == 0) /* a keep-alive */
        return walk_end(w, REASON_NONE);
    if ((gre.flags & GRE_VERSION) == 1) {
        if (gre.protocol != GRE_PPP)
            return walk_end(w, REASON_NONE);
        walk_trim(w, gre.key >> 16);
        gre.key &= 0xffff; /* the call */
    }
    if (!tunnel_enter(w, ENCAP_GRE, gre.key))
        return LAYER_END;
    return gre_payload(w, &gre);
}
