#include "source_input_internal.h"

#include <stdio.h>

static enum status refuse_content(const struct bytes *bytes, size_t length, struct error *error)
{
    const char *packed = bytes_compression(bytes);
    if (length == 0)
        return error_set(error, STATUS_MALFORMED, "%s; capture again or name another file",
                         packed ? "there is nothing in it once unpacked" : "it is empty");
    char hex[8 * 3 + 1] = "";
    for (size_t i = 0; i < length && i < 8; i++)
        snprintf(hex + 3 * i, 4, " %02x", bytes->at[i]);
    return error_set(error, STATUS_MALFORMED,
                     "%sit begins with%s; give a pcap, pcapng or snoop file, plain or in gzip, zstd, xz or lz4",
                     packed ? "unpacked, " : "", hex);
}

static enum status open_reader(struct input *input, struct source_report *report, bool *ret_is_capture,
                               struct error *error)
{
    struct bytes *bytes = input->bytes;
    (void)bytes_need(bytes, FIRST_BYTES); /* fewer will do */
    size_t length = bytes_left(bytes) < FIRST_BYTES ? bytes_left(bytes) : FIRST_BYTES;
    const struct reader_format *format = reader_format_of(bytes->at, length);
    *ret_is_capture = format != NULL || bytes->failure[0] != '\0';
    if (format == NULL && *ret_is_capture) /* it may have been one: who can tell */
        return error_set(error, STATUS_MALFORMED, "%s; get an undamaged copy", bytes->failure);
    if (format == NULL)
        return refuse_content(bytes, length, error);
    struct error why = {""};
    report->file = &input->reported;
    enum status status = format->open(bytes, report, &input->reader, &why);
    if (status != STATUS_OK)
        return error_set(error, status, "%s; %s", why.text,
                         status == STATUS_UNSUPPORTED ? "write it again with a current tool" : "get an undamaged copy");
    input->format = format;
    return STATUS_OK;
}

enum status input_open(struct input *input, bool hold_descriptor, struct source_report *report, bool *ret_is_capture,
                       struct error *error)
{
    *ret_is_capture = true;
    enum status status = bytes_open(input->path->path, hold_descriptor, &input->bytes, error);
    if (status == STATUS_OK)
        status = open_reader(input, report, ret_is_capture, error);
    if (status != STATUS_OK)
        input_close(input);
    return status;
}

uint64_t input_stored_read(const struct input *input)
{
    if (input->bytes == NULL)
        return input->stored_read;
    uint64_t read = bytes_stored_read(input->bytes);
    return input->path->is_stream || read < input->path->size ? read : input->path->size; /* it may have grown */
}

void input_close(struct input *input)
{
    if (input->format != NULL)
        input->format->free(input->reader);
    if (input->path->is_stream && input->bytes != NULL)
        input->stored_read = bytes_stored_read(input->bytes);
    if (!input->path->is_stream)
        input->stored_read = input->path->size; /* what is left of it will not be read */
    bytes_close(input->bytes);
    input->format = NULL;
    input->reader = NULL;
    input->bytes = NULL;
}
