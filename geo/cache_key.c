#include "cache_internal.h"

#include <string.h>
#include <sys/stat.h>

#include "hash.h"

/* The same for the same input in every run. */
static uint64_t mix(uint64_t so_far, uint64_t number)
{
    return hash_fold(so_far ^ UINT64_C(0xe7037ed1a0b428db), number ^ UINT64_C(0xa0761d6478bd642f));
}

static uint64_t mix_text(uint64_t so_far, const char *text)
{
    return hash_bytes(text, strlen(text), so_far);
}

static uint64_t mix_stat(uint64_t so_far, const struct stat *st)
{
    const uint64_t numbers[] = {
        (uint64_t)st->st_dev,          (uint64_t)st->st_ino,          (uint64_t)st->st_size,
        (uint64_t)st->st_mtim.tv_sec,  (uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_ctim.tv_sec,
        (uint64_t)st->st_ctim.tv_nsec,
    };
    return hash_bytes(numbers, sizeof(numbers), so_far);
}

static bool mix_file(struct geo_cache_key *key, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    key->state = mix_stat(mix_text(key->state, path), &st);
    key->bytes += (uint64_t)st.st_size;
    return true;
}

static bool mix_folder(struct geo_cache_key *key, struct arena *arena, const char *path)
{
    struct geo_files files = {.arena = arena};
    geo_files_find(&files, path);
    bool ret = !files.is_full;
    for (size_t i = 0; i < files.count && ret; i++)
        ret = mix_file(key, files.paths[i]);
    return ret;
}

/** "role=location,file=PATH" or a plain path. */
static const char *path_in(const char *text)
{
    const char *file = strstr(text, "file=");
    bool has_file = file != NULL && (file == text || file[-1] == ',');
    return has_file ? file + strlen("file=") : text;
}

bool geo_cache_key_of(const char *const *paths, size_t count, struct geo_cache_key *ret)
{
    struct stat st;
    struct geo_cache_key key = {.place = count, .state = count};
    struct arena *arena = arena_new();
    bool is_good = arena != NULL && stat("/proc/self/exe", &st) == 0;
    if (is_good)
        key.state = mix_stat(key.state, &st);
    for (size_t i = 0; i < count && is_good; i++) {
        const char *path = path_in(paths[i]);
        key.place = mix_text(key.place, paths[i]);
        key.state = mix(key.state, key.place);
        is_good = stat(path, &st) == 0;
        if (is_good)
            is_good = S_ISDIR(st.st_mode) ? mix_folder(&key, arena, path) : mix_file(&key, path);
    }
    is_good = is_good && !arena_failed(arena);
    arena_free(arena);
    if (is_good)
        *ret = key;
    return is_good;
}
