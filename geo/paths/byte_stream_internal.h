/*
 * Bytes of a file in order: as they are, or unpacked when they are gzip (RFC 1952) or bzip2, told by content and never
 * by name. Several packed parts behind each other are one stream. Memory does not depend on the file.
 */
#ifndef BORDERTAP_GEO_PATHS_BYTE_STREAM_INTERNAL_H
#define BORDERTAP_GEO_PATHS_BYTE_STREAM_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

struct byte_stream;

/** @p path may be a pipe. */
enum status byte_stream_open(const char *path, struct byte_stream **ret, struct error *error);
/** The same over bytes in memory, borrowed. NULL: no memory. */
struct byte_stream *byte_stream_of(const uint8_t *bytes, size_t length);
void byte_stream_close(struct byte_stream *stream);

/** @return bytes written to @p ret: fewer than @p length only at the end, or where damage begins. */
size_t byte_stream_read(struct byte_stream *stream, uint8_t *ret, size_t length);
/** Unpacked bytes given so far. */
uint64_t byte_stream_offset(const struct byte_stream *stream);
/** Why no more comes, constant; NULL when the stream is whole so far. */
const char *byte_stream_damage(const struct byte_stream *stream);

#endif
