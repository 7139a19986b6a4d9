/*
 * One stream and what was read from it. Shared by the tests of reassembly.
 */
#ifndef BORDERTAP_TESTS_STREAM_FIXTURE_H
#define BORDERTAP_TESTS_STREAM_FIXTURE_H

#include "test.h"

#include <stdbool.h>

#include "reassembly.h"

struct reader {
    struct stream_pool *pool;
    struct stream stream;
    uint8_t taken[1 << 16];
    size_t taken_length;
};

struct reader reader_of(size_t bytes_max, size_t stream_bytes_max, uint32_t sequence);
void reader_close(struct reader *r);
/** Takes at most @p most bytes; what is looked at is copied, so that a sanitizer sees it read. */
void read_some(struct reader *r, size_t most);
/** One packet: bytes at a guard page that are gone afterwards. */
void push_and_read(struct reader *r, uint32_t sequence, const void *bytes, size_t length, size_t most);
void push_text(struct reader *r, uint32_t sequence, const char *text);
void assert_taken(const struct reader *r, const char *text);
uint64_t stream_count_of(const struct reader *r, const char *name);

#endif
