/*
 * cmocka behind one header (1.x and 2.x differ), and the two things most tests of ours need: bytes that end at a guard
 * page, and a way to feed every prefix of a good packet.
 */
#ifndef BORDERTAP_TEST_H
#define BORDERTAP_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/** A copy of some bytes whose last one touches an unmapped page: one byte of over-read is a crash, without any tool. */
struct guarded {
    uint8_t *data;
    size_t length;
    void *map;
    size_t map_size;
};

static inline struct guarded guarded_copy(const void *bytes, size_t length)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t body = (length + page - 1) / page * page;
    struct guarded g = {NULL, length, NULL, body + page};
    g.map = mmap(NULL, g.map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.map == MAP_FAILED || mprotect((uint8_t *)g.map + body, page, PROT_NONE) != 0)
        abort();
    g.data = (uint8_t *)g.map + body - length;
    if (length > 0)
        memcpy(g.data, bytes, length);
    return g;
}

static inline void guarded_free(struct guarded *g)
{
    munmap(g->map, g->map_size);
}

/** Calls @p parse with each prefix 0...length of @p bytes, each ending at a guard page. */
static inline void for_each_prefix(const void *bytes, size_t length, void (*parse)(const uint8_t *, size_t, void *),
                                   void *context)
{
    for (size_t n = 0; n <= length; n++) {
        struct guarded g = guarded_copy(bytes, n);
        parse(g.data, n, context);
        guarded_free(&g);
    }
}

#endif
