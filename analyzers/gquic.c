/*
 * Google's QUIC before the IETF's, Q024 to Q046: the client's hello (CHLO) stands in the clear on stream 1, as a table
 * of tags (Chromium, net/third_party/quiche: quic_framer.cc, crypto_framer.cc). Q050 seals it like IETF QUIC: quic.c,
 * which uses the CHLO reader.
 */
#include "quic_internal.h"

enum {
    HASH = 12, /* of the null encrypter, before the frames */
    DATAGRAMS_MAX = 12,
    TAGS_MAX = 128, /* kMaxEntries */
    FIRST_VERSION = 24,
    FIRST_LONG_HEADER = 44,
    FIRST_BIG_ENDIAN = 39,
    FIRST_WITHOUT_PRIVATE_FLAGS = 34,
};

/** "Q043" -> 43, or 0. */
static unsigned version_number(uint32_t version)
{
    uint8_t tens = (uint8_t)(version >> 8), ones = (uint8_t)version;
    if (version >> 16 != 0x5130 || tens < '0' || tens > '9' || ones < '0' || ones > '9')
        return 0;
    return (unsigned)(tens - '0') * 10 + (unsigned)(ones - '0');
}

struct gquic_packet {
    unsigned number; /* of the version; 0: the packet names none */
    uint32_t version;
    struct wire dcid;
    struct wire rest; /* frames, behind the hash */
};

/** Q024 to Q043: public flags, connection id, version, packet number. */
static bool public_header_take(struct wire *w, struct gquic_packet *ret)
{
    static const uint8_t number_lengths[4] = {1, 2, 4, 6};
    uint8_t flags = wire_u8(w);
    if ((flags & 0xc3) != 0x01) /* version present; no reset, no multipath */
        return false;
    ret->dcid = wire_carve(w, flags & 0x08 ? 8 : 0);
    ret->version = wire_u32(w);
    ret->number = version_number(ret->version);
    wire_skip(w, number_lengths[flags >> 4 & 3]);
    return ret->number >= FIRST_VERSION && ret->number < FIRST_LONG_HEADER;
}

/** Q044 to Q046: the long header of draft-ietf-quic-transport-12, both id lengths in one byte. */
static bool long_header_take(struct wire *w, struct gquic_packet *ret)
{
    uint8_t flags = wire_u8(w);
    ret->version = wire_u32(w);
    ret->number = version_number(ret->version);
    uint8_t lengths = wire_u8(w);
    ret->dcid = wire_carve(w, lengths >> 4 ? (size_t)(lengths >> 4) + 3 : 0);
    wire_skip(w, lengths & 15 ? (size_t)(lengths & 15) + 3 : 0);
    wire_skip(w, ret->number >= 46 ? (flags & 3u) + 1 : 4);
    return (flags & 0x80) != 0 && ret->number >= FIRST_LONG_HEADER && ret->number < 50;
}

static bool packet_take(const uint8_t *data, size_t length, struct gquic_packet *ret)
{
    struct wire w = wire_of(data, length);
    *ret = (struct gquic_packet){.number = 0};
    bool is_known = length > 0 && (data[0] & 0x80 ? long_header_take(&w, ret) : public_header_take(&w, ret));
    wire_skip(&w, HASH);
    ret->rest = w;
    return is_known && !w.failed;
}

static enum probe gquic_probe(const struct probe_input *input)
{
    struct gquic_packet packet;
    return packet_take(input->data, input->length, &packet) ? PROBE_YES : PROBE_NO;
}

/** 01ntllmm: largest, delay, [count], first block, blocks, time stamps. */
void gquic_skip_ack(struct wire *w, uint8_t type)
{
    static const uint8_t lengths[4] = {1, 2, 4, 6};
    uint8_t block = lengths[type & 3];
    wire_skip(w, (size_t)lengths[type >> 2 & 3] + 2);
    unsigned blocks = type & 0x20 ? wire_u8(w) : 0;
    wire_skip(w, block);
    wire_skip(w, blocks * ((size_t)block + 1));
    unsigned stamps = wire_u8(w);
    if (stamps > 0)
        wire_skip(w, 5 + (size_t)(stamps - 1) * 3);
}

/** A stream frame (1fdoooss), its type already taken. @return its data; *ret_is_crypto: stream 1 from its beginning. */
static struct wire stream_frame_take(struct wire *w, uint8_t type, unsigned version, bool *ret_is_crypto)
{
    bool is_little = version < FIRST_BIG_ENDIAN;
    size_t id_length = (type & 3u) + 1, offset_length = type >> 2 & 7;
    const uint8_t *id = wire_bytes(w, id_length);
    const uint8_t *offset = wire_bytes(w, offset_length ? offset_length + 1 : 0);
    size_t length = w->left;
    if (type & 0x20) {
        const uint8_t *at = wire_bytes(w, 2);
        length = at == NULL ? 0 : is_little ? load_le16(at) : load_be16(at);
    }
    *ret_is_crypto = !w->failed && id[is_little ? 0 : id_length - 1] == 1;
    for (size_t i = 0; !w->failed && offset_length && i <= offset_length; i++)
        *ret_is_crypto &= offset[i] == 0;
    return wire_carve(w, length < w->left ? length : w->left); /* a snapped packet's frame is cut */
}

/** The CHLO among a packet's frames; at NULL when there is none. */
static struct wire find_hello(struct wire w, unsigned version)
{
    while (!w.failed && w.left > 0) {
        uint8_t type = wire_u8(&w);
        if (type & 0x80) {
            bool is_crypto;
            struct wire data = stream_frame_take(&w, type, version, &is_crypto);
            if (is_crypto && data.left >= 8 && memcmp(data.at, "CHLO", 4) == 0)
                return data;
        } else if ((type & 0xc0) == 0x40 && version >= FIRST_WITHOUT_PRIVATE_FLAGS) {
            gquic_skip_ack(&w, type);
        } else if (type != 0x00 && type != 0x07) { /* PADDING, PING */
            break;
        }
    }
    return (struct wire){NULL, 0, true};
}

bool gquic_hello_is_whole(const uint8_t *data, size_t length)
{
    if (length < 8)
        return false;
    size_t tags = load_le16(data + 4);
    if (memcmp(data, "CHLO", 4) != 0 || tags == 0 || tags > TAGS_MAX)
        return true; /* it will not get better */
    return length >= 8 + tags * 8 && length - (8 + tags * 8) >= load_le32(data + 8 * tags + 4);
}

static void keep_name(const struct analyzer_input *input, struct wire name)
{
    if (name.left > 0 && name.left <= NAME_MAX_LENGTH && name_is_printable(name.at, name.left))
        input->inspection->facts.tls.sni = inspection_keep_name(input->inspection, name.at, name.left);
    else
        inspector_refuse(input->inspector, REASON_QUIC_MALFORMED);
}

/** Tags with the end of their value each; values follow the table. What lies beyond a cut packet is left out. */
unsigned gquic_take_hello(const struct analyzer_input *input, const uint8_t *data, size_t length)
{
    struct wire table = wire_of(data, length);
    struct flow_facts *facts = &input->inspection->facts;
    const uint8_t *head = wire_bytes(&table, 8);
    size_t tags = head ? load_le16(head + 4) : 0;
    if (head == NULL || memcmp(head, "CHLO", 4) != 0 || tags > TAGS_MAX || table.left < tags * 8) {
        inspector_refuse(input->inspector, REASON_QUIC_MALFORMED);
        return INSPECT_MORE;
    }
    struct wire values = wire_of(data + 8 + tags * 8, length - 8 - tags * 8);
    uint32_t start = 0;
    for (size_t i = 0; i < tags; i++) {
        const uint8_t *tag = wire_bytes(&table, 8);
        uint32_t end = load_le32(tag + 4);
        if (end < start || end - start > values.left)
            break;
        struct wire value = wire_carve(&values, end - start);
        start = end;
        if (memcmp(tag, "SNI\0", 4) == 0)
            keep_name(input, value);
        else if (memcmp(tag, "UAID", 4) == 0)
            facts->quic.user_agent = inspection_keep(input->inspection, value.at, value.left < 256 ? value.left : 256);
    }
    tls_facts_set_client(input->inspection, input->side);
    facts->tls.has_client_hello = true;
    return INSPECT_CHANGED;
}

static void keep_identity(struct inspection *inspection, const struct gquic_packet *packet)
{
    struct quic_facts *quic = &inspection->facts.quic;
    quic->version = packet->version;
    if (quic->original_dcid_length == 0 && packet->dcid.left > 0 && packet->dcid.left <= sizeof(quic->original_dcid)) {
        quic->original_dcid_length = (uint8_t)packet->dcid.left;
        memcpy(quic->original_dcid, packet->dcid.at, packet->dcid.left);
    }
}

static unsigned gquic_feed(const struct analyzer_input *input, size_t *ret_consumed)
{
    struct inspection *inspection = input->inspection;
    struct gquic_packet packet;
    *ret_consumed = input->length;
    inspection->facts.app = APP_GQUIC;
    if (input->wire_length > input->length)
        inspection->facts.has_gap = true;
    bool is_exhausted = inspection->payload_packets[0] + inspection->payload_packets[1] >= DATAGRAMS_MAX;
    unsigned ret = is_exhausted ? INSPECT_FINISHED : INSPECT_MORE;
    if (!packet_take(input->data, input->length, &packet))
        return ret;
    keep_identity(inspection, &packet);
    if (packet.number < FIRST_WITHOUT_PRIVATE_FLAGS)
        wire_skip(&packet.rest, 1);
    struct wire hello = find_hello(packet.rest, packet.number);
    return hello.at == NULL ? ret : gquic_take_hello(input, hello.at, hello.left) | INSPECT_FINISHED;
}

const struct analyzer gquic_analyzer = {
    .name = "gquic",
    .is_stream = false,
    .probe = gquic_probe,
    .feed = gquic_feed,
    .release = NULL,
};
