/* A growing run of bytes, big-endian numbers; running out of memory ends the program. */
#ifndef SCENARIOS_BYTES_H
#define SCENARIOS_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *data; /* owned; bytes_free() */
    size_t length, room;
};

void bytes_add(struct bytes *b, const void *data, size_t length);
void bytes_add_text(struct bytes *b, const char *text);
void bytes_add_u8(struct bytes *b, unsigned value);
void bytes_add_u16(struct bytes *b, unsigned value);
void bytes_add_u32(struct bytes *b, uint32_t value);
/** @p count bytes that look like anything, the same in every run for the same @p seed. */
void bytes_add_noise(struct bytes *b, size_t count, uint32_t seed);
/** Replaces @p removed bytes at @p at by @p length others. */
void bytes_splice(struct bytes *b, size_t at, size_t removed, const void *data, size_t length);
void bytes_free(struct bytes *b);

static inline unsigned get_u16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static inline void put_u16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

/** Ends the program with a sentence. */
_Noreturn void give_up(const char *what, const char *on_what);

#endif
