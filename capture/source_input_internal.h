/*
 * One file of a run: closed until the merge reaches it, then bytes, reader and its next packet.
 */
#ifndef BORDERTAP_CAPTURE_SOURCE_INPUT_INTERNAL_H
#define BORDERTAP_CAPTURE_SOURCE_INPUT_INTERNAL_H

#include "source_paths_internal.h"
#include "source_reader_internal.h"

struct input {
    const struct reader_format *format; /* NULL while closed: these three are hot */
    void *reader;
    struct packet_time last_time; /* of the last packet fetched */

    struct packet head;
    struct bytes *bytes;
    struct reported_file reported;
    const struct source_path *path;
    uint64_t stored_read; /* while it is closed */
};

/**
 * Opens file and reader.
 * @param ret_is_capture whether it begins like one; set also where it cannot be read any further.
 * @return STATUS_OK; negative with the reason in @p error, without the file's name; the input is closed then.
 */
enum status input_open(struct input *input, bool hold_descriptor, struct source_report *report, bool *ret_is_capture,
                       struct error *error);

/** The next packet of the file, but for its number. @return false at the end. */
static inline bool input_fetch(struct input *input, struct source_report *report, struct packet *ret)
{
    report->file = &input->reported;
    if (!input->format->next(input->reader, ret))
        return false;
    report->counts.packets_back_in_time += packet_time_before(ret->time, input->last_time);
    input->last_time = ret->time;
    return true;
}

/** Bytes of the file as stored that are behind us, at most its size. */
uint64_t input_stored_read(const struct input *input);

/** Closes it for good: all of it counts as read. Fine when it is not open. */
void input_close(struct input *input);

#endif
