/* snoop, Solaris: RFC 1761. Everything is big-endian; records are padded, and say to what length. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "source_reader_internal.h"
#include "wire.h"

enum { FILE_HEADER = 16, RECORD_HEADER = 24, PADDING_MAX = 4096 };

struct snoop_reader {
    struct bytes *bytes;
    struct source_report *report;
    uint16_t link_type, interface;
    uint64_t records;
};

static bool snoop_recognises(const uint8_t *first, size_t length)
{
    return length >= 8 && memcmp(first, "snoop\0\0\0", 8) == 0;
}

/* RFC 1761, "Datalink Type". */
static uint16_t link_type_of(uint32_t datalink)
{
    switch (datalink) {
    case 0: /* IEEE 802.3 */
    case 4: /* Ethernet */
        return 1;
    case 2: /* token ring */
        return 6;
    case 8: /* FDDI */
        return 10;
    default:
        return LINK_TYPE_UNKNOWN;
    }
}

static enum status snoop_open(struct bytes *bytes, struct source_report *report, void **ret, struct error *error)
{
    const uint8_t *p = bytes_need(bytes, FILE_HEADER);
    if (p == NULL)
        return error_set(error, STATUS_MALFORMED, "its file header is cut: %zu of %d bytes are there",
                         bytes_left(bytes), FILE_HEADER);
    if (load_be32(p + 8) != 2)
        return error_set(error, STATUS_UNSUPPORTED, "it is snoop version %" PRIu32 ", and only 2 is known",
                         load_be32(p + 8));
    struct snoop_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL)
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    *reader = (struct snoop_reader){bytes, report, link_type_of(load_be32(p + 12)), report_interface(report), 0};
    bytes_take(bytes, FILE_HEADER);
    *ret = reader;
    return STATUS_OK;
}

static bool snoop_next(void *state, struct packet *ret)
{
    struct snoop_reader *reader = state;
    const uint8_t *p = bytes_need(reader->bytes, RECORD_HEADER);
    if (p == NULL) {
        reader_report_end(reader->bytes, reader->report, "record", reader->records + 1, RECORD_HEADER);
        return false;
    }
    uint32_t wire = load_be32(p), captured = load_be32(p + 4), size = load_be32(p + 8);
    if (captured > RECORD_NORMAL_MAX || size < RECORD_HEADER + captured ||
        size > RECORD_HEADER + captured + PADDING_MAX) {
        report_damage(reader->report, bytes_offset(reader->bytes),
                      "record %" PRIu64 " claims %" PRIu32 " bytes of packet in %" PRIu32
                      " of record: the rest of the file cannot be trusted",
                      reader->records + 1, captured, size);
        return false;
    }
    uint32_t sec = load_be32(p + 16), usec = load_be32(p + 20);
    p = bytes_need(reader->bytes, size);
    if (p == NULL) {
        reader_report_end(reader->bytes, reader->report, "record", reader->records + 1, size);
        return false;
    }
    bytes_take(reader->bytes, size);
    reader->records++;
    ret->data = p + RECORD_HEADER;
    ret->captured_len = captured;
    ret->wire_len = reader_wire_len(reader->report, captured, wire);
    ret->time.ns = sec * NS_PER_SEC + usec * NS_PER_USEC;
    ret->link_type = reader->link_type;
    ret->interface = reader->interface;
    ret->is_untimed = false;
    return true;
}

const struct reader_format reader_snoop = {"snoop", snoop_recognises, snoop_open, snoop_next, free};
