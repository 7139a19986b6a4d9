#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_FIRST = 4 << 10, CHUNK = 64 << 10, ALIGNMENT = 16 };

struct chunk {
    struct chunk *next;
    size_t room, used;
    _Alignas(ALIGNMENT) char bytes[];
};

struct arena {
    struct chunk *chunks; /* the one with room first */
    size_t size;
    bool failed;
};

struct arena *arena_new(void)
{
    return calloc(1, sizeof(struct arena));
}

/** As large as all before it together, within bounds; what is large for that has a chunk of its own. */
static struct chunk *add_chunk(struct arena *arena, size_t size)
{
    size_t usual = arena->size < CHUNK_FIRST ? CHUNK_FIRST : arena->size < CHUNK ? arena->size : CHUNK;
    size_t room = size > usual / 4 ? size : usual;
    if (room > SIZE_MAX - sizeof(struct chunk))
        return NULL;
    struct chunk *chunk = calloc(1, sizeof(*chunk) + room);
    if (chunk == NULL)
        return NULL;
    chunk->room = room;
    arena->size += sizeof(*chunk) + room;
    if (room == size && arena->chunks != NULL) {
        chunk->next = arena->chunks->next; /* a full chunk: behind the one that still has room */
        arena->chunks->next = chunk;
    } else {
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    return chunk;
}

void *arena_take(struct arena *arena, size_t size)
{
    if (arena->failed || size > SIZE_MAX / 2) {
        arena->failed = true;
        return NULL;
    }
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct chunk *chunk = arena->chunks;
    if ((chunk == NULL || chunk->room - chunk->used < size) && (chunk = add_chunk(arena, size)) == NULL) {
        arena->failed = true;
        return NULL;
    }
    void *ret = chunk->bytes + chunk->used;
    chunk->used += size;
    return ret;
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
    char *ret = length < SIZE_MAX ? arena_take(arena, length + 1) : NULL;
    if (ret != NULL && length > 0)
        memcpy(ret, bytes, length);
    return ret;
}

const char *arena_print(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *ret = length < 0 ? NULL : arena_take(arena, (size_t)length + 1);
    if (ret != NULL)
        vsnprintf(ret, (size_t)length + 1, format, again);
    va_end(again);
    return ret;
}

bool arena_failed(const struct arena *arena)
{
    return arena->failed;
}

size_t arena_size(const struct arena *arena)
{
    return arena->size;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    for (struct chunk *chunk = arena->chunks, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(arena);
}
