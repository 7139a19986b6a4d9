/*
 * A cursor over borrowed bytes with a sticky error: a read past the end yields zero and sets `failed`, later reads do
 * nothing. A header is read as a plain list of fields and checked once. Numbers are big-endian on the wire, host byte
 * order in return.
 */
#ifndef BORDERTAP_WIRE_H
#define BORDERTAP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct wire {
    const uint8_t *at;
    size_t left;
    bool failed;
};

static inline struct wire wire_of(const uint8_t *data, size_t length)
{
    return (struct wire){data, length, false};
}

/** @return pointer to @p n bytes and moves on, or NULL. */
static inline const uint8_t *wire_bytes(struct wire *w, size_t n)
{
    if (w->failed || n > w->left) {
        w->failed = true;
        w->left = 0;
        return NULL;
    }
    const uint8_t *ret = w->at;
    if (n > 0)
        w->at += n;
    w->left -= n;
    return ret;
}

static inline void wire_skip(struct wire *w, size_t n)
{
    (void)wire_bytes(w, n);
}

static inline uint8_t wire_u8(struct wire *w)
{
    const uint8_t *p = wire_bytes(w, 1);
    return p ? p[0] : 0;
}
static inline uint16_t wire_u16(struct wire *w)
{
    const uint8_t *p = wire_bytes(w, 2);
    return (uint16_t)(p ? p[0] << 8 | p[1] : 0);
}
static inline uint32_t wire_u24(struct wire *w)
{
    const uint8_t *p = wire_bytes(w, 3);
    return p ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}
static inline uint32_t wire_u32(struct wire *w)
{
    const uint8_t *p = wire_bytes(w, 4);
    return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

/** Carves a cursor over the next @p n bytes, so that an inner length can never run past its frame. A failed carve is a
 * failed cursor. */
static inline struct wire wire_carve(struct wire *w, size_t n)
{
    const uint8_t *p = wire_bytes(w, n);
    return (struct wire){p, p ? n : 0, p == NULL};
}

static inline uint16_t load_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t load_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline uint16_t load_le16(const uint8_t *p)
{
    return (uint16_t)(p[1] << 8 | p[0]);
}
static inline uint32_t load_le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

#endif
