/*
 * pcapng (draft-ietf-opsawg-pcapng). Every section brings its own byte order and interfaces. A block whose two lengths
 * agree can be stepped over when its contents are bad; when they disagree, nothing tells where the next block begins
 * and the file ends there.
 */
#include <byteswap.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "source_pcapng_internal.h"
#include "source_reader_internal.h"
#include "wire.h"

enum block_type {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, /* obsolete, still met */
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_ENHANCED_PACKET = 6,
};

enum {
    BLOCK_FRAME = 12, /* type and the length, twice */
    BLOCK_HEAD = 8,
    BLOCK_MAX = RECORD_MAX + (64 << 10), /* of those that are looked into */
    SECTION_MIN = 28,
    INTERFACES_MAX = 65536, /* of one section */
    OPTION_END = 0,
    OPTION_TSRESOL = 9,
    OPTION_TSOFFSET = 14,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4dU

enum step { STEP_PACKET, STEP_ON, STEP_END };

struct pcapng_reader {
    struct bytes *bytes;
    struct source_report *report;
    bool is_swapped; /* of this section */
    struct pcapng_interface *interfaces;
    size_t interface_count, interface_room;
    struct packet_time last_time;
    uint64_t blocks; /* read so far, for the sentences */
};

static inline uint16_t load16(const struct pcapng_reader *reader, const uint8_t *p)
{
    uint16_t ret;
    memcpy(&ret, p, sizeof(ret));
    return reader->is_swapped ? bswap_16(ret) : ret;
}

static inline uint32_t load32(const struct pcapng_reader *reader, const uint8_t *p)
{
    uint32_t ret;
    memcpy(&ret, p, sizeof(ret));
    return reader->is_swapped ? bswap_32(ret) : ret;
}

static inline uint64_t load64(const struct pcapng_reader *reader, const uint8_t *p)
{
    uint64_t ret;
    memcpy(&ret, p, sizeof(ret));
    return reader->is_swapped ? bswap_64(ret) : ret;
}

static bool pcapng_recognises(const uint8_t *first, size_t length)
{
    return length >= 4 && load_be32(first) == BLOCK_SECTION &&
           (length < 12 || load_be32(first + 8) == BYTE_ORDER_MAGIC || load_le32(first + 8) == BYTE_ORDER_MAGIC);
}

/* Counts a block that is stepped over, with a sentence of why. */
static void damaged_block(struct pcapng_reader *reader, const char *why)
{
    reader->report->counts.blocks_damaged++;
    report_damage(reader->report, bytes_offset(reader->bytes), "block %" PRIu64 " is left out: %s", reader->blocks,
                  why);
}

static enum step end_untrusted_at(struct pcapng_reader *reader, uint64_t offset, const char *why)
{
    report_damage(reader->report, offset, "block %" PRIu64 " %s: the rest of the file cannot be trusted",
                  reader->blocks, why);
    return STEP_END;
}

static enum step end_untrusted(struct pcapng_reader *reader, const char *why)
{
    return end_untrusted_at(reader, bytes_offset(reader->bytes), why);
}

static enum step end_cut(struct pcapng_reader *reader, uint64_t expected)
{
    reader_report_end(reader->bytes, reader->report, "block", reader->blocks, expected);
    return STEP_END;
}

/* Some writers leave the padding out of the length; the next block is on a multiple of four nevertheless. */
static uint64_t padded(uint32_t length)
{
    return ((uint64_t)length + 3) & ~(uint64_t)3;
}

/* Steps over a block in the window or beyond it. */
static enum step skip_block(struct pcapng_reader *reader, uint32_t length)
{
    uint64_t body = padded(length) - 4, begin = bytes_offset(reader->bytes);
    const uint8_t *trailer = bytes_skip(reader->bytes, body) ? bytes_need(reader->bytes, 4) : NULL;
    if (trailer == NULL) {
        if (reader->bytes->failure[0] != '\0')
            return end_cut(reader, length);
        report_damage(reader->report, begin, "block %" PRIu64 " is cut: %" PRIu64 " of %" PRIu32 " bytes are there",
                      reader->blocks, bytes_offset(reader->bytes) + bytes_left(reader->bytes) - begin, length);
        return STEP_END;
    }
    if (load32(reader, trailer) != length)
        return end_untrusted_at(reader, begin, "ends with another length than it begins with");
    bytes_take(reader->bytes, 4);
    return STEP_ON;
}

/* The whole block in one piece, its lengths checked. @return NULL when the file must end here. */
static const uint8_t *whole_block(struct pcapng_reader *reader, uint32_t length)
{
    size_t size = (size_t)padded(length);
    const uint8_t *p = bytes_need(reader->bytes, size);
    if (p == NULL) {
        end_cut(reader, size);
        return NULL;
    }
    if (load32(reader, p + size - 4) != length) {
        end_untrusted(reader, "ends with another length than it begins with");
        return NULL;
    }
    return p;
}

/* Sets byte order and forgets the interfaces of the section before. */
static enum step begin_section(struct pcapng_reader *reader)
{
    const uint8_t *p = bytes_need(reader->bytes, SECTION_MIN);
    if (p == NULL)
        return end_cut(reader, SECTION_MIN);
    bool is_big_endian = load_be32(p + 8) == BYTE_ORDER_MAGIC;
    if (!is_big_endian && load_le32(p + 8) != BYTE_ORDER_MAGIC)
        return end_untrusted(reader, "begins a section without a byte order");
    reader->is_swapped = is_big_endian == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    unsigned major = load16(reader, p + 12), minor = load16(reader, p + 14);
    /* 1.2 was written by some tools and means the same as 1.0 (draft-ietf-opsawg-pcapng, 4.1). */
    if (major != 1 || (minor != 0 && minor != 2))
        return end_untrusted(reader, "begins a section of another version than 1.0");
    uint32_t length = load32(reader, p + 4);
    if (length < SECTION_MIN)
        return end_untrusted(reader, "begins a section that is too short");
    reader->interface_count = 0;
    return skip_block(reader, length);
}

static bool grow_interfaces(struct pcapng_reader *reader)
{
    if (reader->interface_count < reader->interface_room)
        return true;
    size_t room = reader->interface_room ? reader->interface_room * 2 : 4;
    if (room > INTERFACES_MAX)
        return false;
    struct pcapng_interface *grown = realloc(reader->interfaces, room * sizeof(*grown));
    if (grown == NULL)
        return false;
    reader->interfaces = grown;
    reader->interface_room = room;
    return true;
}

/* Time resolution and offset out of the options. @return false when they run past their block. */
static bool read_options(const struct pcapng_reader *reader, const uint8_t *p, size_t left,
                         struct pcapng_interface *ret)
{
    while (left >= 4) {
        unsigned code = load16(reader, p), length = load16(reader, p + 2);
        p += 4;
        left -= 4;
        if (code == OPTION_END)
            return true;
        size_t size = padded(length);
        if (length > left)
            return false;
        if (code == OPTION_TSRESOL && length >= 1)
            pcapng_set_resolution(ret, p[0]);
        if (code == OPTION_TSOFFSET && length >= 8)
            ret->offset_sec = (int64_t)load64(reader, p);
        if (size > left)
            return true;
        p += size;
        left -= size;
    }
    return true;
}

/* An interface always takes its place, even a damaged one, since packets count them. */
static enum step add_interface(struct pcapng_reader *reader, uint32_t length)
{
    const uint8_t *p = whole_block(reader, length);
    if (p == NULL)
        return STEP_END;
    if (!grow_interfaces(reader))
        return end_untrusted(reader, "describes one interface too many");
    struct pcapng_interface new = {.link_type = LINK_TYPE_UNKNOWN, .run_index = report_interface(reader->report)};
    pcapng_set_resolution(&new, PCAPNG_MICROSECONDS);
    if (length < BLOCK_FRAME + 8) {
        damaged_block(reader, "it is too short for an interface");
    } else {
        new.link_type = load16(reader, p + 8);
        new.snaplen = load32(reader, p + 12);
        if (!read_options(reader, p + 16, length - BLOCK_FRAME - 8, &new))
            damaged_block(reader, "an option is longer than its interface block; the usual clock is taken");
    }
    reader->interfaces[reader->interface_count++] = new;
    bytes_take(reader->bytes, (size_t)padded(length));
    return STEP_ON;
}

/* What the three kinds of packet blocks have in common. */
struct packet_block {
    uint32_t interface, captured, wire;
    uint32_t data_at; /* from the beginning of the block */
    uint64_t ticks;
    bool has_time;
};

static struct packet_block read_packet_block(const struct pcapng_reader *reader, const uint8_t *p, uint32_t type)
{
    struct packet_block ret = {.data_at = BLOCK_HEAD + 20, .has_time = true};
    switch (type) {
    case BLOCK_ENHANCED_PACKET:
        ret.interface = load32(reader, p + 8);
        break;
    case BLOCK_PACKET: /* 16 bits, and a count of drops */
        ret.interface = load16(reader, p + 8);
        break;
    default: /* simple: its length on the wire only; what is there follows from the snapshot length */
        ret.wire = ret.captured = load32(reader, p + 8);
        ret.data_at = BLOCK_HEAD + 4;
        ret.has_time = false;
        if (reader->interface_count > 0 && reader->interfaces[0].snaplen != 0 &&
            reader->interfaces[0].snaplen < ret.captured)
            ret.captured = reader->interfaces[0].snaplen;
        return ret;
    }
    ret.ticks = (uint64_t)load32(reader, p + 12) << 32 | load32(reader, p + 16);
    ret.captured = load32(reader, p + 20);
    ret.wire = load32(reader, p + 24);
    return ret;
}

static struct packet_time block_time(struct pcapng_reader *reader, const struct pcapng_interface *interface,
                                     const struct packet_block *block)
{
    if (!block->has_time) {
        reader->report->counts.packets_without_time++;
        return reader->last_time;
    }
    bool is_clipped = false;
    reader->last_time = pcapng_time(interface, block->ticks, &is_clipped);
    reader->report->counts.timestamps_clipped += is_clipped;
    return reader->last_time;
}

static enum step read_packet(struct pcapng_reader *reader, uint32_t type, uint32_t length, struct packet *ret)
{
    const uint8_t *p = whole_block(reader, length);
    if (p == NULL)
        return STEP_END;
    uint32_t least = BLOCK_FRAME + (type == BLOCK_SIMPLE_PACKET ? 4 : 20);
    struct packet_block block = {0};
    if (length >= least)
        block = read_packet_block(reader, p, type);
    if (length < least)
        damaged_block(reader, "it is too short for a packet");
    else if (block.interface >= reader->interface_count)
        damaged_block(reader, "its packet is of an interface that was not described");
    else if (block.captured > length - least || block.captured > RECORD_MAX)
        damaged_block(reader, "its packet is longer than the block");
    else {
        const struct pcapng_interface *interface = &reader->interfaces[block.interface];
        ret->data = p + block.data_at;
        ret->captured_len = block.captured;
        ret->wire_len = reader_wire_len(reader->report, block.captured, block.wire);
        ret->time = block_time(reader, interface, &block);
        ret->link_type = interface->link_type;
        ret->interface = interface->run_index;
        ret->is_untimed = !block.has_time;
        bytes_take(reader->bytes, (size_t)padded(length));
        return STEP_PACKET;
    }
    bytes_take(reader->bytes, (size_t)padded(length));
    return STEP_ON;
}

static enum step read_block(struct pcapng_reader *reader, struct packet *ret)
{
    const uint8_t *p = bytes_need(reader->bytes, BLOCK_FRAME);
    reader->blocks++;
    if (p == NULL)
        return end_cut(reader, BLOCK_FRAME);
    uint32_t type = load32(reader, p), length = load32(reader, p + 4);
    if (type == BLOCK_SECTION) /* the same in both byte orders; its length is not */
        return begin_section(reader);
    if (length < BLOCK_FRAME)
        return end_untrusted(reader, "is shorter than a block can be");
    bool is_packet = type == BLOCK_ENHANCED_PACKET || type == BLOCK_SIMPLE_PACKET || type == BLOCK_PACKET;
    if ((is_packet || type == BLOCK_INTERFACE) && length > BLOCK_MAX) {
        damaged_block(reader, "it is longer than such a block can be");
        return skip_block(reader, length);
    }
    if (is_packet)
        return read_packet(reader, type, length, ret);
    if (type == BLOCK_INTERFACE)
        return add_interface(reader, length);
    reader->report->counts.blocks_skipped++;
    return skip_block(reader, length);
}

static bool pcapng_next(void *state, struct packet *ret)
{
    struct pcapng_reader *reader = state;
    enum step step;
    do
        step = read_block(reader, ret);
    while (step == STEP_ON);
    return step == STEP_PACKET;
}

static void pcapng_free(void *state)
{
    struct pcapng_reader *reader = state;
    if (reader == NULL)
        return;
    free(reader->interfaces);
    free(reader);
}

/* The first section is read at once, so that a version we do not know is said when the file is opened. */
static enum status pcapng_open(struct bytes *bytes, struct source_report *report, void **ret, struct error *error)
{
    const uint8_t *p = bytes_need(bytes, SECTION_MIN);
    if (p == NULL)
        return error_set(error, STATUS_MALFORMED, "its section header is cut: %zu of %d bytes are there",
                         bytes_left(bytes), SECTION_MIN);
    bool is_big_endian = load_be32(p + 8) == BYTE_ORDER_MAGIC;
    unsigned major = is_big_endian ? load_be16(p + 12) : load_le16(p + 12);
    unsigned minor = is_big_endian ? load_be16(p + 14) : load_le16(p + 14);
    if (major != 1 || (minor != 0 && minor != 2))
        return error_set(error, STATUS_UNSUPPORTED, "it is pcapng version %u.%u, and only 1.0 is known", major, minor);
    struct pcapng_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL)
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    reader->bytes = bytes;
    reader->report = report;
    *ret = reader;
    return STATUS_OK;
}

const struct reader_format reader_pcapng = {"pcapng", pcapng_recognises, pcapng_open, pcapng_next, pcapng_free};
