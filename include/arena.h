/*
 * Memory that lives and dies together: the texts and tables of one catalogue, one database set. Allocation never fails
 * singly: check arena_failed() once at the end, as with the wire cursor.
 */
#ifndef BORDERTAP_ARENA_H
#define BORDERTAP_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void); /* NULL: no memory */
/** Zeroed, aligned for any object; NULL when memory ran out (then arena_failed() stays true). */
void *arena_take(struct arena *arena, size_t size);
char *arena_copy(struct arena *arena, const char *bytes, size_t length); /* terminated copy */
const char *arena_print(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool arena_failed(const struct arena *arena);
size_t arena_size(const struct arena *arena); /* bytes taken from the system */
void arena_free(struct arena *arena);

#endif
