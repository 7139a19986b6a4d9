/*
 * A borrowed run of characters. Not terminated; may hold any byte, as names and headers come from
 * the network. `data` is NULL when there is no value, which differs from a value of length 0.
 */
#ifndef BORDERTAP_TEXT_H
#define BORDERTAP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *data;
    size_t length; /* bytes */
};

static inline struct text text_of(const char *terminated)
{
    return (struct text){terminated, terminated ? strlen(terminated) : 0};
}

static inline bool text_is_empty(struct text t)
{
    return t.data == NULL || t.length == 0;
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || (a.data != NULL && memcmp(a.data, b.data, a.length) == 0));
}

static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/** ASCII case is ignored; other bytes compare as they are. */
bool text_equal_nocase(struct text a, struct text b);
bool text_starts_with_nocase(struct text t, struct text prefix);

/**
 * Copies with a terminating zero, cut at @p room - 1 bytes. @return length copied.
 * @param room size of @p ret in bytes, at least 1.
 */
size_t text_copy(struct text t, char *ret, size_t room);

#endif
