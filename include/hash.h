/*
 * Hashing for tables (seeded, so that traffic cannot be made to collide) and for identifiers (unseeded, stable for
 * ever).
 */
#ifndef BORDERTAP_HASH_H
#define BORDERTAP_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** A seed from the operating system, drawn once a process. It must never reach any output. */
uint64_t hash_seed(void);

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** For tables: fast, seeded. Not stable between runs. */
static inline uint64_t hash_bytes(const void *data, size_t length, uint64_t seed)
{
    const uint8_t *p = data;
    uint64_t h = seed ^ UINT64_C(0x9e3779b97f4a7c15) ^ length;
    while (length >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        h = hash_fold(h ^ word, UINT64_C(0xa0761d6478bd642f));
        p += 8;
        length -= 8;
    }
    if (length > 0) {
        uint64_t word = 0;
        memcpy(&word, p, length);
        h = hash_fold(h ^ word, UINT64_C(0xe7037ed1a0b428db));
    }
    return hash_fold(h, UINT64_C(0x8ebc6af09c88c6e3) ^ seed);
}

/** For identifiers: FNV-1a, 64 bits. Chain by passing the last result; start with HASH_STABLE_START. */
#define HASH_STABLE_START UINT64_C(0xcbf29ce484222325)
static inline uint64_t hash_stable(const void *data, size_t length, uint64_t so_far)
{
    const uint8_t *p = data;
    for (size_t i = 0; i < length; i++)
        so_far = (so_far ^ p[i]) * UINT64_C(0x100000001b3);
    return so_far;
}

#endif
