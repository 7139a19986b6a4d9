/*
 * Entering a tunnel, and the tunnels right above IP that need no parsing to speak of. The tunnel's own packet is
 * complete in *out before: it is the flow when nothing readable is inside.
 */
#include "decode_internal.h"
#include "hash.h"

/* Both directions of a tunnel get the same hash when they use the same key. Unseeded: equal in every run. */
static uint32_t tunnel_hash(const struct decoded *outer, uint32_t key)
{
    uint64_t hash = hash_bytes(&outer->source, sizeof(outer->source), 0) +
                    hash_bytes(&outer->destination, sizeof(outer->destination), 0);
    uint64_t parts[2] = {hash, (uint64_t)outer->tunnel_hash << 32 | key};
    hash = hash_bytes(parts, sizeof(parts), 0);
    uint32_t folded = (uint32_t)(hash ^ hash >> 32);
    return folded ? folded : 1;
}

bool tunnel_enter(struct walk *w, enum encapsulation kind, uint32_t key)
{
    if (w->depth == TUNNEL_DEPTH_MAX) {
        walk_note_loss(w, NOTE_TUNNEL_TOO_DEEP);
        w->reason = REASON_NONE;
        return false;
    }
    struct decoded *out = w->out;
    w->outer = *out;
    w->has_outer = true;
    w->depth++;
    out->tunnel_hash = tunnel_hash(out, key);
    out->encapsulation |= (uint16_t)kind;
    return true;
}

static bool is_ipv4(const uint8_t *ip, uint32_t left, uint32_t wire)
{
    if (left < 20)
        return false;
    uint32_t header = (ip[0] & 0x0fu) * 4, total = load_be16(ip + 2);
    return header >= 20 && total >= header && total <= wire;
}

bool walk_is_ip(const struct walk *w, uint32_t offset)
{
    if (offset >= w->left)
        return false;
    const uint8_t *ip = w->at + offset;
    uint32_t left = w->left - offset, wire = w->wire - offset;
    if (ip[0] >> 4 == 4)
        return is_ipv4(ip, left, wire);
    return ip[0] >> 4 == 6 && left >= 40 && 40u + load_be16(ip + 4) <= wire;
}

static bool is_mpls_ip(const struct walk *w, uint32_t at)
{
    enum { LABELS_MAX = 16 };
    for (unsigned i = 0; i < LABELS_MAX && at + 4 <= w->left; i++, at += 4)
        if (w->at[at + 2] & 1)
            return walk_is_ip(w, at + 4);
    return false;
}

/* A session packet (RFC 2516) with IPv4 or IPv6 in PPP. */
static bool is_pppoe_ip(const struct walk *w, uint32_t at)
{
    if (at + 8 > w->left || load_be16(w->at + at) != 0x1100)
        return false;
    uint16_t protocol = load_be16(w->at + at + 6);
    return (protocol == 0x0021 || protocol == 0x0057) && walk_is_ip(w, at + 8);
}

bool walk_is_ethernet_ip(const struct walk *w, uint32_t offset)
{
    enum { TAGS_MAX = 3 };
    uint32_t at = offset + 12;
    for (unsigned i = 0; i <= TAGS_MAX; i++, at += 4) {
        if (at + 2 > w->left)
            return false;
        uint16_t type = load_be16(w->at + at);
        if (type == 0x0800 || type == 0x86dd)
            return walk_is_ip(w, at + 2) && (type == 0x0800) == (w->at[at + 2] >> 4 == 4);
        if (type == 0x8847 || type == 0x8848)
            return is_mpls_ip(w, at + 2);
        if (type == 0x8864)
            return is_pppoe_ip(w, at + 2);
        if (type != 0x8100 && type != 0x88a8)
            return false;
    }
    return false;
}

enum layer tunnel_ip_in_ip(struct walk *w)
{
    return tunnel_enter(w, ENCAP_IP_IN_IP, 0) ? LAYER_IP : LAYER_END;
}

/* RFC 4023 */
enum layer tunnel_mpls_in_ip(struct walk *w)
{
    return tunnel_enter(w, ENCAP_MPLS, 0) ? LAYER_MPLS : LAYER_END;
}

/* RFC 3378: version 3 and twelve zero bits, then a frame. */
enum layer tunnel_etherip(struct walk *w)
{
    if (w->left < 2 || w->at[0] != 0x30)
        return walk_end(w, REASON_NONE);
    walk_skip(w, 2);
    return tunnel_enter(w, ENCAP_OTHER, 0) ? LAYER_ETHERNET : LAYER_END;
}

/* RFC 3931 over IP. How long the cookie is and whether a sublayer follows was agreed in the control connection:
 * the content tells. */
enum layer tunnel_l2tpv3(struct walk *w)
{
    if (w->left < 4 || load_be32(w->at) == 0) /* session 0: control */
        return walk_end(w, REASON_NONE);
    uint32_t session = load_be32(w->at);
    walk_skip(w, 4);
    for (uint32_t cookie = 0; cookie <= 12; cookie += 4) {
        bool is_ethernet = walk_is_ethernet_ip(w, cookie);
        if (!is_ethernet && !walk_is_ip(w, cookie))
            continue;
        walk_skip(w, cookie);
        if (!tunnel_enter(w, ENCAP_L2TP, session))
            return LAYER_END;
        return is_ethernet ? LAYER_ETHERNET : LAYER_IP;
    }
    return walk_end(w, REASON_NONE);
}
