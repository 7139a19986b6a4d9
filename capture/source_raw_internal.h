/*
 * A file, pipe or standard input as stored, in order. A regular file may be closed between reads: then each read opens
 * it again and makes sure that it is still the same one.
 */
#ifndef BORDERTAP_CAPTURE_SOURCE_RAW_INTERNAL_H
#define BORDERTAP_CAPTURE_SOURCE_RAW_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "status.h"

struct raw_file {
    const char *path; /* borrowed */
    uint64_t offset;  /* bytes read so far */
    int descriptor;   /* -1 while closed */
    bool is_stream, is_stdin, holds_descriptor;
    dev_t device;
    ino_t inode;
};

enum status raw_open(struct raw_file *raw, const char *path, bool hold_descriptor, struct error *error);

/** @return bytes read; 0 at the end; -1 with a sentence fragment in @p ret_reason. */
ssize_t raw_read(struct raw_file *raw, uint8_t *ret, size_t room, const char **ret_reason);

void raw_close(struct raw_file *raw);

#endif
