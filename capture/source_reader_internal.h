/*
 * A capture file format: packets out of bytes. One constant row and one file each.
 */
#ifndef BORDERTAP_CAPTURE_SOURCE_READER_INTERNAL_H
#define BORDERTAP_CAPTURE_SOURCE_READER_INTERNAL_H

#include "source_bytes_internal.h"
#include "source_report_internal.h"

enum {
    RECORD_NORMAL_MAX = 256 << 10, /* what libpcap writes at most by itself */
    RECORD_MAX = 16 << 20,         /* when the file's own snapshot length says so; longer is damage */
    FIRST_BYTES = 12,              /* what tells the formats apart */
    LINK_TYPE_UNKNOWN = 0xffff,
};

struct reader_format {
    const char *name;
    bool (*recognises)(const uint8_t *first, size_t length); /* up to FIRST_BYTES */
    /** @p bytes at the start of the file and @p report are borrowed until free. A failure's sentence lacks the file's
     * name. */
    enum status (*open)(struct bytes *bytes, struct source_report *report, void **ret, struct error *error);
    /** Fills @p ret but for its number. @return false at the end; what was not as it should be is in the report then.
     */
    bool (*next)(void *state, struct packet *ret);
    void (*free)(void *state);
};

extern const struct reader_format reader_pcap, reader_pcapng, reader_snoop;

/** The format of these first bytes, or NULL. */
const struct reader_format *reader_format_of(const uint8_t *first, size_t length);

/** Most bytes that a record may hold in a file with this snapshot length. */
uint32_t reader_record_limit(uint32_t snaplen);

/**
 * Tells the end of a file: nothing when it ends cleanly between two records, else damage.
 * @param what the piece that was expected, "record 15"; @param expected its length in bytes.
 */
void reader_report_end(struct bytes *bytes, struct source_report *report, const char *what, uint64_t number,
                       uint64_t expected);

/** Sets wire_len and counts where a record claims to hold more than the wire had. */
static inline uint32_t reader_wire_len(struct source_report *report, uint32_t captured, uint32_t wire)
{
    if (__builtin_expect(captured > wire, 0)) {
        report->counts.captured_beyond_wire++;
        return captured;
    }
    return wire;
}

#endif
