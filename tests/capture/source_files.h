/*
 * Capture files put together byte by byte, in a directory of their own per test.
 */
#ifndef BORDERTAP_TESTS_SOURCE_FILES_H
#define BORDERTAP_TESTS_SOURCE_FILES_H

#include "counter.h"
#include "source.h"
#include "test.h"

/** Bytes in the making; numbers are written in the byte order set. */
struct maker {
    uint8_t *data;
    size_t length, room;
    bool is_big_endian;
};

void make_bytes(struct maker *maker, const void *bytes, size_t length);
void make_fill(struct maker *maker, uint8_t byte, size_t count);
void make_u16(struct maker *maker, unsigned value);
void make_u32(struct maker *maker, uint32_t value);
void make_u64(struct maker *maker, uint64_t value);
void maker_clear(struct maker *maker);

void make_pcap_header(struct maker *maker, uint32_t magic, uint32_t snaplen, uint32_t network);
/** A record of @p captured bytes, each @p fill. */
void make_pcap_record(struct maker *maker, uint32_t sec, uint32_t fraction, uint32_t captured, uint32_t wire,
                      uint8_t fill);
/** Microseconds, Ethernet: header and @p count records of 60 bytes, one a second from @p sec, filled with 1, 2, ... */
void make_pcap(struct maker *maker, uint32_t sec, unsigned count);

void make_section(struct maker *maker); /* 28 bytes */
/** @param options with their padding, or NULL. */
void make_interface(struct maker *maker, unsigned link_type, uint32_t snaplen, const struct maker *options);
void make_option(struct maker *maker, unsigned code, const void *value, size_t length);
void make_enhanced(struct maker *maker, uint32_t interface, uint64_t ticks, uint32_t captured, uint32_t wire);
void make_simple(struct maker *maker, uint32_t captured, uint32_t wire);
void make_block(struct maker *maker, uint32_t type, uint32_t body_length);

/** Set-up and tear-down of a test that writes files: *state is the directory's path. */
int folder_make(void **state);
int folder_remove(void **state);

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

/** "folder/name"; good until the eighth next call. */
const char *folder_path(void *const *state, const char *name);
const char *folder_write(void *const *state, const char *name, const void *bytes, size_t length);
void folder_add(void *const *state, const char *name); /* a directory in it */

/** What came out of a run. */
struct run {
    enum status status; /* of source_open() */
    struct error error;
    struct packet packets[64]; /* data is not kept */
    uint8_t first_bytes[64];   /* of each packet; 0 for an empty one */
    size_t count;              /* of packets; may be more than 64 */
    struct source *source;     /* open; NULL when it could not be opened */
    size_t damage_count;
    const struct source_damage *damages;
};

struct run run_paths(const char *const *paths, size_t count);
struct run run_path(const char *path);
struct run run_bytes(void *const *state, const void *bytes, size_t length);
uint64_t run_counter(const struct run *run, const char *name);
void run_clear(struct run *run);

/** Reads every byte of each packet of one reader over exact memory; what for_each_prefix() takes. */
void read_memory(const uint8_t *data, size_t length, void *ret_packet_count);

#endif
