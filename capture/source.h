/*
 * Packets out of capture files: pcap (micro- and nanoseconds, either byte order, and the variants
 * found in the wild), pcapng, snoop; each also inside gzip, zstd, xz or lz4; several files merged on
 * packet time; a directory; "-" for standard input. All is read through one buffer per file, of constant size: that
 * measured twice as fast as mapping, and a file that is cut meanwhile cannot crash us (source_bytes_internal.h).
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
    uint64_t offset;  /* of the damaged block or record, in bytes of the (decompressed) capture; 0 for a whole file */
    const char *text; /* "record 15 is cut: 60 of 1514 bytes are there" */
};

/**
 * Opens @p count files or directories (read recursively, in name order; what is no capture file in a
 * directory is skipped and counted). Files are merged on packet time, at equal times in the order given;
 * those whose times do not overlap are open one after the other, and no run needs more than a few descriptors.
 * With several files, one that cannot be read is damage.
 * @return STATUS_OK; negative with a sentence in @p error when nothing can be read at all (a named file does
 * not exist or is not a capture). @p ret belongs to the caller, source_close() it.
 */
enum status source_open(const char *const *paths, size_t count, struct source **ret, struct error *error);

/**
 * As source_open(), but asks @p is_wanted for each regular file before it is opened; others are passed over and
 * counted. With nothing but such files it is STATUS_OK and a source without packets.
 */
enum status source_open_wanted(const char *const *paths, size_t count,
                               bool (*is_wanted)(void *context, const char *path), void *context, struct source **ret,
                               struct error *error);

/**
 * @param ret borrowed until the next call on @p source.
 * @return STATUS_OK, or STATUS_END after the last packet. Never negative: damage is recorded and the next file goes on.
 */
enum status source_next(struct source *source, struct packet *ret);

/** Bytes read of bytes to read over all files, of the files as stored; total 0 when unknown (standard input). */
void source_progress(const struct source *source, uint64_t *ret_read, uint64_t *ret_total);

/**
 * Damage found so far: @p ret_count entries, at most 16 of one file and 10,000 in all (more are counted). Owned by
 * @p source, good until its next call.
 */
const struct source_damage *source_damages(const struct source *source, size_t *ret_count);

enum { SOURCE_PLACE_SIZE = 40 };

/** What stands between a damage's file and a blank before its text: ": offset 24:", nothing for a whole file. */
const char *source_damage_place(const struct source_damage *damage, char ret[static SOURCE_PLACE_SIZE]);

/** Name of a LINKTYPE_ value ("EN10MB"), or NULL. */
const char *source_link_type_name(uint16_t link_type);

typedef void link_type_visit(void *context, uint16_t link_type, uint64_t packets);

/** The link types of the packets handed out so far, in the order they were met, of the first 16 at most. */
void source_link_types(const struct source *source, link_type_visit *visit, void *context);

void source_count(const struct source *source, counter_visit *visit, void *context);
void source_close(struct source *source); /* NULL is fine */

/** Names and versions of the libraries captures are read with. */
void source_libraries(library_visit *visit, void *context);

#endif
