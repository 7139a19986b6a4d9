/*
 * What readers have to tell besides packets: damage with its place, counts, interface numbers. One report serves a
 * whole run; what is told of a file that is only looked at for its first packet time is taken back with
 * report_rewind().
 */
#ifndef BORDERTAP_CAPTURE_SOURCE_REPORT_INTERNAL_H
#define BORDERTAP_CAPTURE_SOURCE_REPORT_INTERNAL_H

#include "source.h"

enum {
    DAMAGES_MAX = 10000,   /* entries kept over a run */
    DAMAGES_FILE_MAX = 16, /* and of one file: a file that is all damage does not drown the others */
    DAMAGE_TEXT_MAX = 256,
    LINK_TYPES_MAX = 16, /* told apart in a run */
};

struct source_counts {
    uint64_t packets, bytes_captured;
    uint64_t packets_captured_short; /* the snapshot length cut them: the rest was never seen */
    uint64_t files_read;             /* recognised as captures */
    uint64_t files_skipped;          /* in directories: no captures */
    uint64_t files_passed_over;      /* not wanted */
    uint64_t files_seen_twice;       /* in directories: links to what was already listed */
    uint64_t files_refused;          /* in directories: beyond the caps on files, folders or depth */
    uint64_t damages;                /* all, kept or not */
    uint64_t damages_not_kept;
    uint64_t captured_beyond_wire; /* records that hold more than the wire had: wire_len was raised */
    uint64_t packets_back_in_time; /* earlier than the packet before in the same file */
    uint64_t timestamps_clipped;   /* beyond what 64 bits of nanoseconds hold */
    uint64_t packets_without_time; /* simple packet blocks: they get the time of the packet before */
    uint64_t blocks_skipped;       /* pcapng blocks of other kinds */
    uint64_t blocks_damaged;       /* pcapng blocks that were skipped as damaged */
    uint64_t interfaces;
    uint64_t interfaces_beyond_max; /* share the last number */
};

struct link_packets {
    uint16_t link_type;
    uint64_t packets;
};

/** The file that is being read, and how many damages of it were told. */
struct reported_file {
    const char *path; /* borrowed */
    uint32_t damages;
};

struct source_report {
    struct source_counts counts;
    struct link_packets links[LINK_TYPES_MAX]; /* in the order they were met */
    size_t link_count, link_last;              /* link_last: of the last packet */
    struct source_damage *damages; /* owned; each text is one piece of memory with the file's name behind it */
    size_t damage_count, damage_room;
    struct reported_file *file; /* set by the source before each call of a reader */
};

/** Keeps (or only counts, when the caps are reached) one damage of the current file. */
void report_damage(struct source_report *report, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Counts a packet of @p link_type; cheap when the last one had the same. */
void report_link_type(struct source_report *report, uint16_t link_type);

/** A number for one more interface of the run. */
uint16_t report_interface(struct source_report *report);

/** Forgets the damages after the first @p damage_count. */
void report_rewind(struct source_report *report, size_t damage_count);

void report_clear(struct source_report *report);

#endif
