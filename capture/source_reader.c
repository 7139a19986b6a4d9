#include "source_reader_internal.h"

#include <inttypes.h>

const struct reader_format *reader_format_of(const uint8_t *first, size_t length)
{
    static const struct reader_format *const formats[] = {&reader_pcap, &reader_pcapng, &reader_snoop};
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (formats[i]->recognises(first, length))
            return formats[i];
    return NULL;
}

uint32_t reader_record_limit(uint32_t snaplen)
{
    if (snaplen <= RECORD_NORMAL_MAX)
        return RECORD_NORMAL_MAX;
    return snaplen < RECORD_MAX ? snaplen : RECORD_MAX;
}

void reader_report_end(struct bytes *bytes, struct source_report *report, const char *what, uint64_t number,
                       uint64_t expected)
{
    size_t left = bytes_left(bytes);
    if (bytes->failure[0] != '\0')
        report_damage(report, bytes_offset(bytes), "%s %" PRIu64 " cannot be read: %s", what, number, bytes->failure);
    else if (left > 0)
        report_damage(report, bytes_offset(bytes), "%s %" PRIu64 " is cut: %zu of %" PRIu64 " bytes are there", what,
                      number, left, expected);
}
