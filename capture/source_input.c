#include "source_input_internal.h"

#include <stdio.h>

/* "is no capture file: it begins with 48 65 6c 6c 6f" */
static enum input_kind refuse_content(const char *path, struct bytes *bytes, const uint8_t *first, size_t length,
                                      struct error *error)
{
    const char *name = bytes_name(path);
    const char *packed = bytes_compression(bytes);
    if (bytes->failure[0] != '\0') {
        error_set(error, STATUS_MALFORMED, "cannot read %s: %s; get an undamaged copy", name, bytes->failure);
        return INPUT_REFUSED;
    }
    if (length == 0) {
        error_set(error, STATUS_MALFORMED, "%s is no capture file: %s; capture again or name another file", name,
                  packed ? "there is nothing in it once unpacked" : "it is empty");
        return INPUT_NO_CAPTURE;
    }
    char hex[FIRST_BYTES * 3 + 1] = "";
    for (size_t i = 0; i < length && i < 8; i++)
        snprintf(hex + 3 * i, 4, " %02x", first[i]);
    error_set(error, STATUS_MALFORMED,
              "%s is no capture file: %sit begins with%s; give a pcap, pcapng or snoop file, plain or in gzip, zstd, "
              "xz or lz4",
              name, packed ? "unpacked, " : "", hex);
    return INPUT_NO_CAPTURE;
}

static enum input_kind open_reader(struct input *input, struct source_report *report, struct error *error)
{
    (void)bytes_need(input->bytes, FIRST_BYTES); /* fewer will do */
    size_t length = bytes_left(input->bytes) < FIRST_BYTES ? bytes_left(input->bytes) : FIRST_BYTES;
    input->format = reader_format_of(input->bytes->at, length);
    if (input->format == NULL)
        return refuse_content(input->path->path, input->bytes, input->bytes->at, length, error);
    struct error why = {""};
    report->file = &input->reported;
    if (input->format->open(input->bytes, report, &input->reader, &why) == STATUS_OK)
        return INPUT_CAPTURE;
    input->format = NULL;
    error_set(error, STATUS_MALFORMED, "cannot read %s: %s; get an undamaged copy", bytes_name(input->path->path),
              why.text);
    return INPUT_REFUSED;
}

enum input_kind input_open(struct input *input, bool hold_descriptor, struct source_report *report, struct error *error)
{
    if (bytes_open(input->path->path, hold_descriptor, &input->bytes, error) != STATUS_OK)
        return INPUT_REFUSED;
    enum input_kind kind = open_reader(input, report, error);
    if (kind != INPUT_CAPTURE)
        input_close(input);
    return kind;
}

void input_close(struct input *input)
{
    if (input->format != NULL)
        input->format->free(input->reader);
    if (input->bytes != NULL)
        input->stored_read = bytes_stored_read(input->bytes);
    bytes_close(input->bytes);
    input->format = NULL;
    input->reader = NULL;
    input->bytes = NULL;
    input->has_head = false;
}
