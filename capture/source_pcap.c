/*
 * pcap (draft-ietf-opsawg-pcap) and what writes its magic number with something else behind it. Records with longer
 * headers that hide behind the standard magic are found by looking at the first records, as Wireshark does; but only
 * when they fit without any doubt.
 */
#include <byteswap.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "source_reader_internal.h"
#include "wire.h"

enum {
    FILE_HEADER = 24,
    RECORD_HEADER = 16,          /* sec, fraction, captured, wire */
    RECORD_HEADER_NOKIA = 20,    /* and four bytes of its own */
    RECORD_HEADER_MODIFIED = 24, /* and interface, protocol, packet type: Kuznetzov's patches for Linux 2.x */
    RECORD_HEADER_SS990915 = 28, /* and CPU numbers: the second of these patches, shipped by SuSE 6.3 */
    GUESS_RECORDS = 3,
    GUESS_WINDOW = 8 << 10,
};

enum length_order { LENGTHS_AS_NOW, LENGTHS_EXCHANGED, LENGTHS_MAYBE_EXCHANGED };

struct pcap_reader {
    struct bytes *bytes; /* hot from here */
    struct source_report *report;
    uint32_t header_len;
    uint32_t limit; /* bytes a record may hold */
    int64_t ns_per_fraction;
    bool is_swapped;
    enum length_order lengths;
    uint16_t link_type, interface;
    uint64_t records; /* cold from here */
    uint32_t snaplen;
};

/* The variants by magic number, as read in the file's own byte order. */
static const struct pcap_magic {
    uint32_t magic;
    int64_t ns_per_fraction;
    uint32_t file_header_len, header_len;
    bool is_guessed; /* other record headers may hide behind it */
} magics[] = {
    {0xa1b2c3d4, 1000, FILE_HEADER, RECORD_HEADER, true},
    {0xa1b23c4d, 1, FILE_HEADER, RECORD_HEADER, false},
    {0xa1b2cd34, 1000, FILE_HEADER, RECORD_HEADER_MODIFIED, true},
    {0x1c0001ac, 1, FILE_HEADER + 4, RECORD_HEADER, false},    /* Ixia hardware; the size of all records follows */
    {0x1c0001ab, 1000, FILE_HEADER + 4, RECORD_HEADER, false}, /* Ixia software */
};

static const struct pcap_magic *find_magic(const uint8_t *first, bool *ret_is_big_endian)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        *ret_is_big_endian = load_be32(first) == magics[i].magic;
        if (*ret_is_big_endian || load_le32(first) == magics[i].magic)
            return &magics[i];
    }
    return NULL;
}

static bool pcap_recognises(const uint8_t *first, size_t length)
{
    bool is_big_endian;
    return length >= 4 && find_magic(first, &is_big_endian) != NULL;
}

static inline uint32_t load(const struct pcap_reader *reader, const uint8_t *p)
{
    uint32_t ret;
    memcpy(&ret, p, sizeof(ret));
    return reader->is_swapped ? bswap_32(ret) : ret;
}

/*
 * The network field (draft-ietf-opsawg-pcap, 4): upper bits give the length of the frame check sequence, which decoders
 * find out by themselves; reserved bits make it no link type we know.
 */
static uint16_t link_type_of(uint32_t network)
{
    return network & 0x03ff0000 ? LINK_TYPE_UNKNOWN : (uint16_t)network;
}

/* AIX writes version 2.2, nanoseconds and ifType values (RFC 1573) where others have link types. @return whether it is
 * AIX. */
static bool take_aix(struct pcap_reader *reader, uint32_t network)
{
    static const uint8_t link_types[][2] = {
        {6, 1}, {9, 6}, {15, 10}, {24, 0}}; /* Ethernet, token ring, FDDI, loopback */
    for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++) {
        if (network == link_types[i][0]) {
            reader->link_type = link_types[i][1];
            reader->ns_per_fraction = 1;
            return true;
        }
    }
    return false;
}

/* Before 2.3 the two lengths stood the other way round, and some 2.3 writers forgot; DG/UX wrote 543.0 (libpcap). */
static enum length_order length_order_of(unsigned major, unsigned minor)
{
    if ((major == 2 && minor < 3) || major == 543)
        return LENGTHS_EXCHANGED;
    return major == 2 && minor == 3 ? LENGTHS_MAYBE_EXCHANGED : LENGTHS_AS_NOW;
}

static bool is_credible_record(const struct pcap_reader *reader, const uint8_t *p, uint32_t header_len)
{
    uint32_t captured = load(reader, p + 8), wire = load(reader, p + 12);
    if (load(reader, p + 4) >= 1000000 || captured > wire || wire > RECORD_NORMAL_MAX || captured > reader->limit)
        return false;
    if (reader->snaplen != 0 && captured > reader->snaplen)
        return false;
    return header_len < RECORD_HEADER_MODIFIED || load(reader, p + 16) <= 10000; /* interface number */
}

/* @return how many of the first records make sense with headers of this length. */
static unsigned try_header(const struct pcap_reader *reader, uint32_t header_len, bool *ret_is_doubtful)
{
    const uint8_t *p = reader->bytes->at;
    size_t left = bytes_left(reader->bytes);
    unsigned good = 0;
    *ret_is_doubtful = false;
    while (good < GUESS_RECORDS && left >= header_len) {
        *ret_is_doubtful = !is_credible_record(reader, p, header_len);
        if (*ret_is_doubtful)
            break;
        good++;
        size_t size = header_len + (size_t)load(reader, p + 8);
        if (size > left)
            break;
        p += size;
        left -= size;
    }
    return good;
}

/* The magic's own headers unless only longer ones fit. Not on a pipe: waiting for more records could take for ever. */
static void guess_header(struct pcap_reader *reader)
{
    static const uint32_t longer[] = {RECORD_HEADER_MODIFIED, RECORD_HEADER_SS990915, RECORD_HEADER_NOKIA};
    bool is_doubtful;
    if (reader->bytes->is_stream)
        return;
    (void)bytes_need(reader->bytes, GUESS_WINDOW); /* fewer will do */
    if (try_header(reader, reader->header_len, &is_doubtful) >= 2 || !is_doubtful)
        return;
    for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
        if (longer[i] > reader->header_len && try_header(reader, longer[i], &is_doubtful) >= 2 && !is_doubtful) {
            reader->header_len = longer[i];
            return;
        }
    }
}

static enum status read_file_header(struct pcap_reader *reader, struct error *error)
{
    bool is_big_endian;
    const uint8_t *p = bytes_need(reader->bytes, FILE_HEADER);
    const struct pcap_magic *magic = p ? find_magic(p, &is_big_endian) : NULL;
    if (magic == NULL || bytes_need(reader->bytes, magic->file_header_len) == NULL)
        return error_set(error, STATUS_MALFORMED, "its file header is cut: %zu of %u bytes are there",
                         bytes_left(reader->bytes), magic ? magic->file_header_len : FILE_HEADER);
    p = reader->bytes->at;
    reader->is_swapped = is_big_endian == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    unsigned major = is_big_endian ? load_be16(p + 4) : load_le16(p + 4);
    unsigned minor = is_big_endian ? load_be16(p + 6) : load_le16(p + 6);
    if (major < 2)
        return error_set(error, STATUS_UNSUPPORTED, "it is pcap version %u.%u, and 2.0 is the oldest known", major,
                         minor);
    uint32_t network = load(reader, p + 20);
    reader->snaplen = load(reader, p + 16);
    reader->limit = reader_record_limit(reader->snaplen);
    reader->link_type = link_type_of(network);
    reader->header_len = magic->header_len;
    reader->ns_per_fraction = magic->ns_per_fraction;
    bool is_aix = magic->magic == 0xa1b2c3d4 && major == 2 && minor == 2 && take_aix(reader, network);
    reader->lengths = length_order_of(major, minor);
    bytes_take(reader->bytes, magic->file_header_len);
    if (magic->is_guessed && !is_aix && reader->lengths == LENGTHS_AS_NOW)
        guess_header(reader);
    return STATUS_OK;
}

static enum status pcap_open(struct bytes *bytes, struct source_report *report, void **ret, struct error *error)
{
    struct pcap_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL)
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    reader->bytes = bytes;
    reader->report = report;
    enum status status = read_file_header(reader, error);
    if (status != STATUS_OK) {
        free(reader);
        return status;
    }
    reader->interface = report_interface(report);
    *ret = reader;
    return STATUS_OK;
}

static bool end_too_long(struct pcap_reader *reader, uint32_t captured)
{
    report_damage(reader->report, bytes_offset(reader->bytes),
                  "record %" PRIu64 " claims %" PRIu32 " bytes, more than the %" PRIu32
                  " possible here: the rest of the file cannot be trusted",
                  reader->records + 1, captured, reader->limit);
    return false;
}

static bool end_here(struct pcap_reader *reader, size_t expected)
{
    reader_report_end(reader->bytes, reader->report, "record", reader->records + 1, expected);
    return false;
}

static inline bool is_exchanged(const struct pcap_reader *reader, uint32_t captured, uint32_t wire)
{
    return reader->lengths == LENGTHS_EXCHANGED || (reader->lengths == LENGTHS_MAYBE_EXCHANGED && captured > wire);
}

static bool pcap_next(void *state, struct packet *ret)
{
    struct pcap_reader *reader = state;
    const uint8_t *p = bytes_need(reader->bytes, reader->header_len);
    if (p == NULL)
        return end_here(reader, reader->header_len);
    uint32_t sec = load(reader, p), fraction = load(reader, p + 4);
    uint32_t captured = load(reader, p + 8), wire = load(reader, p + 12);
    if (reader->lengths != LENGTHS_AS_NOW && is_exchanged(reader, captured, wire)) {
        uint32_t first = captured;
        captured = wire;
        wire = first;
    }
    if (captured > reader->limit)
        return end_too_long(reader, captured);
    size_t size = reader->header_len + (size_t)captured;
    p = bytes_need(reader->bytes, size);
    if (p == NULL)
        return end_here(reader, size);
    bytes_take(reader->bytes, size);
    reader->records++;
    ret->data = p + reader->header_len;
    ret->captured_len = captured;
    ret->wire_len = reader_wire_len(reader->report, captured, wire);
    /* Unsigned seconds reach 2106; a fraction beyond one second carries over. Neither overflows 63 bits. */
    ret->time.ns = sec * NS_PER_SEC + fraction * reader->ns_per_fraction;
    ret->link_type = reader->link_type;
    ret->interface = reader->interface;
    ret->is_untimed = false;
    return true;
}

const struct reader_format reader_pcap = {"pcap", pcap_recognises, pcap_open, pcap_next, free};
