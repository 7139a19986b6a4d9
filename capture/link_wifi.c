/*
 * IEEE 802.11, bare and behind the headers that capturing systems put before it. Only data frames that are not
 * encrypted hold something for us.
 */
#include "decode_internal.h"

enum { WIFI_HEADER = 24, MAC = 6 };

enum wifi_kind {                   /* first byte of the frame control field */
                 WIFI_TYPE = 0x0f, /* with the version, which is 0 */
                 WIFI_DATA = 0x08,
                 WIFI_NULL = 0x40,
                 WIFI_QOS = 0x80,
};

enum wifi_control { /* second byte of the frame control field */
                    WIFI_TO_DS = 0x01,
                    WIFI_FROM_DS = 0x02,
                    WIFI_MORE_FRAGMENTS = 0x04,
                    WIFI_PROTECTED = 0x40,
                    WIFI_ORDER = 0x80,
};

struct wifi {
    const uint8_t *frame;
    uint8_t kind, control; /* the two bytes of the frame control field */
    bool is_padded, is_swapped;
};

/* Source and destination, by who relays (IEEE 802.11, table "address field contents"). */
static void wifi_macs(struct walk *w, const struct wifi *wifi)
{
    const uint8_t *first = wifi->frame + 4, *second = wifi->frame + 10, *third = wifi->frame + 16;
    struct decoded *out = w->out;
    if (out->source_mac)
        return;
    bool to = wifi->control & WIFI_TO_DS, from = wifi->control & WIFI_FROM_DS;
    out->destination_mac = to ? third : first;
    out->source_mac = !from ? second : !to ? third : wifi->frame + WIFI_HEADER;
}

/* @param ret_qos offset of the QoS control field, 0 without. */
static uint32_t wifi_header_length(const struct wifi *wifi, uint32_t *ret_qos)
{
    uint32_t length = WIFI_HEADER;
    *ret_qos = 0;
    if ((wifi->control & (WIFI_TO_DS | WIFI_FROM_DS)) == (WIFI_TO_DS | WIFI_FROM_DS))
        length += MAC;
    if (wifi->kind & WIFI_QOS) {
        *ret_qos = length;
        length += 2;
        if (wifi->control & WIFI_ORDER) /* HT control */
            length += 4;
    }
    return wifi->is_padded ? (length + 3) & ~3u : length;
}

/* One of several packets in a frame (IEEE 802.11, A-MSDU): destination, source and length, then the packet, and padding
 * to a multiple of 4 bytes when another one follows. */
enum layer link_amsdu_decode(struct walk *w)
{
    enum { HEADER = 14, LLC_HEADER = 8 }; /* what is shorter than both is padding and frame check sequence */
    const uint8_t *header = w->at;
    if (w->left < HEADER)
        return walk_end(w, REASON_LINK_TRUNCATED);
    uint32_t length = load_be16(header + 12), next = (HEADER + length + 3) & ~3u;
    bool has_next = w->wire >= next + HEADER + LLC_HEADER;
    if (has_next && (w->left < next + HEADER || !walk_keep_rest(w, next)))
        walk_note_loss(w, NOTE_AMSDU_MORE);
    if (!w->out->source_mac) {
        w->out->destination_mac = header;
        w->out->source_mac = header + MAC;
    }
    walk_skip(w, HEADER);
    walk_trim(w, length);
    return LAYER_LLC;
}

static enum layer wifi_data(struct walk *w, const struct wifi *wifi)
{
    if (wifi->kind & WIFI_NULL)
        return walk_end(w, REASON_WIFI_NO_DATA);
    if (wifi->control & WIFI_PROTECTED)
        return walk_end(w, REASON_WIFI_PROTECTED);
    if (wifi->control & WIFI_MORE_FRAGMENTS || wifi->frame[22 + wifi->is_swapped] & 0x0f)
        return walk_end(w, REASON_LINK_FRAGMENT);
    uint32_t qos, length = wifi_header_length(wifi, &qos);
    if (length > w->left)
        return walk_end(w, REASON_LINK_TRUNCATED);
    bool is_amsdu = qos && wifi->frame[qos + wifi->is_swapped] & 0x80;
    if (!is_amsdu)
        wifi_macs(w, wifi);
    walk_skip(w, length);
    return is_amsdu ? LAYER_AMSDU : LAYER_LLC;
}

enum layer link_wifi_decode(struct walk *w)
{
    if (w->left < 2)
        return walk_end(w, REASON_LINK_TRUNCATED);
    bool is_swapped = w->type & WIFI_SWAPPED;
    struct wifi wifi = {w->at, w->at[is_swapped], w->at[!is_swapped], w->type & WIFI_PADDED, is_swapped};
    if ((wifi.kind & WIFI_TYPE) != WIFI_DATA) /* management, control */
        return walk_end(w, REASON_WIFI_NO_DATA);
    if (w->left < WIFI_HEADER)
        return walk_end(w, REASON_LINK_TRUNCATED);
    return wifi_data(w, &wifi);
}

/* Whether radiotap's flags field, the second of its fields, has the data pad bit. */
static bool radiotap_is_padded(const uint8_t *header, uint32_t length)
{
    enum { HAS_TSFT = 1, HAS_FLAGS = 2, DATA_PAD = 0x20 };
    uint32_t at = 4, present = load_le32(header + 4);
    if (!(present & HAS_FLAGS))
        return false;
    while (at + 4 <= length && load_le32(header + at) >> 31) /* more words of the same */
        at += 4;
    at += 4;
    if (present & HAS_TSFT)
        at = ((at + 7) & ~7u) + 8;
    return at < length && header[at] & DATA_PAD;
}

enum layer link_radiotap(struct walk *w)
{
    if (w->left < 8)
        return walk_end(w, REASON_LINK_TRUNCATED);
    const uint8_t *header = w->at;
    uint32_t length = load_le16(header + 2);
    if (length < 8)
        return walk_end(w, REASON_LINK_BAD_LENGTH);
    if (!walk_skip(w, length))
        return walk_end(w, REASON_LINK_TRUNCATED);
    w->type = radiotap_is_padded(header, length) ? WIFI_PADDED : 0;
    return LAYER_WIFI;
}

/* Prism II (144 bytes, length in host order of the card's machine) or AVS (a magic, length big-endian). */
enum layer link_prism(struct walk *w)
{
    if (w->left < 8)
        return walk_end(w, REASON_LINK_TRUNCATED);
    uint32_t big = load_be32(w->at + 4), little = load_le32(w->at + 4);
    uint32_t length = big < little ? big : little;
    if (length < 8)
        return walk_end(w, REASON_LINK_BAD_LENGTH);
    w->type = 0;
    return walk_skip(w, length) ? LAYER_WIFI : walk_end(w, REASON_LINK_TRUNCATED);
}

/* Per-Packet Information: length and the link type of what follows, little-endian. */
enum layer link_ppi(struct walk *w)
{
    if (w->left < 8)
        return walk_end(w, REASON_LINK_TRUNCATED);
    uint32_t length = load_le16(w->at + 2), type = load_le32(w->at + 4);
    if (length < 8)
        return walk_end(w, REASON_LINK_BAD_LENGTH);
    if (!walk_skip(w, length))
        return walk_end(w, REASON_LINK_TRUNCATED);
    w->type = type > 0xffff ? 0xffff : (uint16_t)type;
    return LAYER_LINK;
}
