#include "cli/file_watch.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "hash.h"

void file_watch_add(struct file_watch *watch, const char *path)
{
    if (path != NULL && watch->count < FILE_WATCH_MAX)
        watch->paths[watch->count++] = path;
}

static uint64_t state_of_file(const char *path, const struct stat *st)
{
    const uint64_t numbers[] = {(uint64_t)st->st_dev, (uint64_t)st->st_ino, (uint64_t)st->st_size,
                                (uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec};
    return hash_bytes(numbers, sizeof(numbers), hash_bytes(path, strlen(path), 0));
}

/* The order in which a folder names its files does not count. */
static uint64_t state_of_folder(const char *path)
{
    char file[PATH_MAX];
    struct stat st;
    uint64_t ret = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.' && snprintf(file, sizeof(file), "%s/%s", path, entry->d_name) < (int)sizeof(file) &&
            stat(file, &st) == 0 && S_ISREG(st.st_mode))
            ret += state_of_file(file, &st);
    closedir(folder);
    return ret;
}

static uint64_t state_of(const struct file_watch *watch)
{
    uint64_t ret = 0;
    for (size_t i = 0; i < watch->count; i++) {
        struct stat st;
        if (stat(watch->paths[i], &st) != 0)
            continue; /* some may be missing, and come later */
        ret += S_ISDIR(st.st_mode) ? state_of_folder(watch->paths[i]) : state_of_file(watch->paths[i], &st);
    }
    return ret;
}

void file_watch_load(struct file_watch *watch)
{
    watch->loaded = watch->seen = state_of(watch);
}

bool file_watch_has_changed(struct file_watch *watch)
{
    uint64_t state = state_of(watch);
    bool is_settled = state == watch->seen;
    watch->seen = state;
    return is_settled && state != watch->loaded;
}
