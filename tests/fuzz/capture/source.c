/*
 * Capture files: the readers alone over exact memory, so that a sanitizer sees one byte too far, and the whole source
 * over a file in memory, with what is compressed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source.h"
#include "source_reader_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void touch(const struct packet *packet)
{
    static volatile uint8_t sum;
    for (uint32_t i = 0; i < packet->captured_len; i++)
        sum = (uint8_t)(sum + packet->data[i]);
    if (packet->captured_len > packet->wire_len)
        __builtin_trap();
}

static void read_memory(const uint8_t *data, size_t size)
{
    struct bytes bytes = {.at = data, .end = data + size, .end_offset = size, .is_ended = true};
    struct reported_file file = {"memory", 0};
    struct source_report report = {.file = &file};
    const struct reader_format *format = reader_format_of(data, size < FIRST_BYTES ? size : FIRST_BYTES);
    void *reader;
    struct packet packet;
    if (format == NULL || format->open(&bytes, &report, &reader, NULL) != STATUS_OK)
        return;
    while (format->next(reader, &packet))
        touch(&packet);
    format->free(reader);
    report_clear(&report);
}

static void read_file(const uint8_t *data, size_t size)
{
    char path[64];
    const char *paths[] = {path};
    struct source *source;
    struct packet packet;
    static int descriptor = -1; /* one for all inputs: making a file takes longer than most of them */
    if (descriptor < 0 && (descriptor = memfd_create("capture", 0)) < 0)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    if (pwrite(descriptor, data, size, 0) != (ssize_t)size || ftruncate(descriptor, (off_t)size) != 0)
        abort();
    if (source_open(paths, 1, &source, NULL) == STATUS_OK) {
        for (unsigned i = 0; i < 100000 && source_next(source, &packet) == STATUS_OK; i++)
            touch(&packet); /* a bomb may go on for long */
        source_close(source);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_memory(data, size);
    read_file(data, size);
    return 0;
}
