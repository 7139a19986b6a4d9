#include "stun_internal.h"

enum {
    HEADER = 20,
    SEND_INDICATION = 0x0016,
    DATA_INDICATION = 0x0017,
    ATTRIBUTE_DATA = 0x0013,
    CHANNEL_HEADER = 4,
    CHANNEL_FIRST = 0x40, /* high byte of a channel's number */
    CHANNEL_LAST = 0x4f,
};
#define MAGIC_COOKIE 0x2112a442

static enum stun_kind open_message(struct wire w, uint16_t type, struct wire *ret_inside)
{
    if (type != SEND_INDICATION && type != DATA_INDICATION)
        return STUN_MESSAGE;
    while (w.left >= 4) {
        uint16_t attribute = wire_u16(&w), size = wire_u16(&w);
        if (attribute == ATTRIBUTE_DATA) {
            *ret_inside = wire_carve(&w, size < w.left ? size : w.left);
            return STUN_DATA;
        }
        wire_skip(&w, (size + 3u) & ~3u);
    }
    return STUN_MESSAGE;
}

/** Over UDP a relay may pad to four bytes, or not (RFC 8656, 12.5). */
static enum stun_kind open_channel(const uint8_t *data, size_t length, size_t wire_length, struct wire *ret_inside)
{
    enum { PADDING_MAX = 3 };
    size_t size = load_be16(data + 2), there = length - CHANNEL_HEADER;
    if (wire_length < CHANNEL_HEADER + size || wire_length > CHANNEL_HEADER + size + PADDING_MAX)
        return STUN_NONE;
    *ret_inside = wire_of(data + CHANNEL_HEADER, size < there ? size : there);
    return STUN_DATA;
}

enum stun_kind stun_open(const uint8_t *data, size_t length, size_t wire_length, struct wire *ret_inside)
{
    if (length < CHANNEL_HEADER)
        return STUN_NONE;
    if (data[0] >= CHANNEL_FIRST && data[0] <= CHANNEL_LAST)
        return open_channel(data, length, wire_length, ret_inside);
    if ((data[0] & 0xc0) != 0 || length < HEADER || load_be32(data + 4) != MAGIC_COOKIE ||
        wire_length != (size_t)HEADER + load_be16(data + 2))
        return STUN_NONE;
    return open_message(wire_of(data + HEADER, length - HEADER), load_be16(data), ret_inside);
}
