/* Long headers (RFC 8999, RFC 9000, 17.2) and the frames that may stand in an Initial packet (RFC 9000, 12.4;
 * Chromium's before). */
#include "quic_internal.h"

uint64_t quic_varint(struct wire *w)
{
    uint8_t first = wire_u8(w);
    uint64_t value = first & 0x3f;
    for (unsigned more = (1u << (first >> 6)) - 1; more > 0; more--)
        value = value << 8 | wire_u8(w);
    return w->failed ? 0 : value;
}

static enum quic_packet_type packet_type(uint8_t first, const struct quic_version *version)
{
    unsigned bits = first >> 4 & 3;
    if (version != NULL && version->has_v2_types) /* RFC 9369, 3.2: turned by one */
        bits = (bits + 3) & 3;
    return (enum quic_packet_type)bits;
}

bool quic_header_take(struct wire *w, struct quic_header *ret)
{
    struct wire start = *w;
    *ret = (struct quic_header){.packet = start.at};
    ret->first = wire_u8(w);
    ret->version = wire_u32(w);
    ret->dcid = wire_carve(w, wire_u8(w));
    ret->scid = wire_carve(w, wire_u8(w));
    if (w->failed || (ret->first & 0x80) == 0)
        return false;
    ret->known = ret->version ? quic_version_find(ret->version) : NULL;
    ret->type = packet_type(ret->first, ret->known);
    ret->captured = start.left;
    if (ret->known == NULL || ret->type == QUIC_RETRY) { /* no length: the datagram's rest */
        ret->number_offset = start.left - w->left;
        wire_skip(w, w->left);
        return true;
    }
    if (ret->dcid.left > QUIC_CID_MAX || ret->scid.left > QUIC_CID_MAX)
        return false;
    if (ret->type == QUIC_INITIAL) {
        uint64_t token = quic_varint(w);
        wire_skip(w, token < SIZE_MAX ? (size_t)token : SIZE_MAX);
    }
    uint64_t length = quic_varint(w);
    if (w->failed || length > UINT16_MAX)
        return false;
    ret->number_offset = start.left - w->left;
    ret->sealed_length = (size_t)length;
    wire_skip(w, length < w->left ? (size_t)length : w->left);
    if (ret->captured > ret->number_offset + ret->sealed_length)
        ret->captured = ret->number_offset + ret->sealed_length;
    return true;
}

static void skip_ack(struct wire *w, bool has_ecn)
{
    (void)quic_varint(w); /* largest */
    (void)quic_varint(w); /* delay */
    uint64_t ranges = quic_varint(w);
    (void)quic_varint(w); /* first range */
    for (; ranges > 0 && !w->failed; ranges--) {
        (void)quic_varint(w);
        (void)quic_varint(w);
    }
    for (unsigned i = 0; has_ecn && i < 3; i++)
        (void)quic_varint(w);
}

static void skip_close(struct wire *w)
{
    (void)quic_varint(w); /* error */
    (void)quic_varint(w); /* frame type */
    uint64_t reason = quic_varint(w);
    wire_skip(w, reason < w->left ? (size_t)reason : w->left);
}

static enum quic_frame_result take_crypto(struct wire *w, uint64_t *ret_offset, struct wire *ret_data)
{
    *ret_offset = quic_varint(w);
    uint64_t length = quic_varint(w);
    if (w->failed || length > w->left)
        return QUIC_FRAMES_BROKEN;
    *ret_data = wire_carve(w, (size_t)length);
    return QUIC_FRAMES_CRYPTO;
}

/** PADDING is zeros, often a thousand of them. */
static void skip_padding(struct wire *w)
{
    static const uint8_t zeros[16];
    while (w->left >= sizeof(zeros) && memcmp(w->at, zeros, sizeof(zeros)) == 0)
        wire_skip(w, sizeof(zeros));
}

enum quic_frame_result quic_frame_next(struct wire *w, const struct quic_version *version, uint64_t *ret_offset,
                                       struct wire *ret_data)
{
    bool is_google = version->has_google_frames;
    while (!w->failed && w->left > 0) {
        uint8_t type = wire_u8(w);
        if (type == (is_google ? 0x08 : 0x06))
            return take_crypto(w, ret_offset, ret_data);
        if (type == 0x00 || type == (is_google ? 0x07 : 0x01)) { /* PADDING, PING */
            skip_padding(w);
            continue;
        }
        if (is_google && (type & 0xc0) == 0x40)
            gquic_skip_ack(w, type);
        else if (!is_google && (type == 0x02 || type == 0x03))
            skip_ack(w, type == 0x03);
        else if (!is_google && type == 0x1c)
            skip_close(w);
        else
            return QUIC_FRAMES_BROKEN;
    }
    return w->failed ? QUIC_FRAMES_BROKEN : QUIC_FRAMES_END;
}
