/*
 * Packets out of capture files: pcap (micro- and nanoseconds, either byte order, and the variants
 * found in the wild), pcapng, snoop; each also inside gzip, zstd, xz or lz4; several files merged on
 * packet time; a directory; "-" for standard input. Plain files that can be mapped are read in place.
 *
 *   source_open() -> source_next() until STATUS_END -> source_damages(), source_close()
 *
 * A damaged or truncated file does not end the run: what was good is delivered, and the damage is
 * kept with file and offset. One thread at a time.
 */
#ifndef BORDERTAP_CAPTURE_SOURCE_H
#define BORDERTAP_CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "library.h"
#include "packet.h"
#include "status.h"

struct source;

struct source_damage {
    const char *file; /* path as given */
    uint64_t offset;  /* of the damaged block or record, in bytes of the (decompressed) capture */
    const char *text; /* "record 15 is cut: 60 of 1,514 bytes are there" */
};

/**
 * Opens @p count files or directories (read recursively, in name order; what is no capture file in a
 * directory is skipped and counted). Files are merged on packet time; at most a few are held open at once
 * when their times do not overlap.
 * @return STATUS_OK; negative with a sentence in @p error when nothing can be read at all (a named file does
 * not exist or is not a capture). @p ret belongs to the caller, source_close() it.
 */
enum status source_open(const char *const *paths, size_t count, struct source **ret, struct error *error);

/**
 * @param ret borrowed until the next call on @p source.
 * @return STATUS_OK, or STATUS_END after the last packet. Never negative: damage is recorded and the next file goes on.
 */
enum status source_next(struct source *source, struct packet *ret);

/** Bytes read of bytes to read over all files, of the files as stored; total 0 when unknown (standard input). */
void source_progress(const struct source *source, uint64_t *ret_read, uint64_t *ret_total);

/** Damage found so far; @p ret_count entries, owned by @p source. */
const struct source_damage *source_damages(const struct source *source, size_t *ret_count);

/** Name of a LINKTYPE_ value ("EN10MB"), or NULL. */
const char *source_link_type_name(uint16_t link_type);

void source_count(const struct source *source, counter_visit *visit, void *context);
void source_close(struct source *source); /* NULL is fine */

/** Names and versions of the libraries captures are read with. */
void source_libraries(library_visit *visit, void *context);

#endif
