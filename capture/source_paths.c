#include "source_paths_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Files and directories met in directories: open addressing over device and inode, never more than half full. */
struct seen {
    struct seen_file {
        dev_t device;
        ino_t inode;
        bool is_taken;
    } * slots;
    size_t count, room; /* room is a power of two */
};

struct walk {
    struct path_list *list;
    struct source_report *report;
    struct refusal *first;
    struct seen seen;
    bool is_out_of_memory;
};

static struct seen_file *find_slot(struct seen_file *slots, size_t room, dev_t device, ino_t inode)
{
    size_t i = (size_t)(((uint64_t)inode ^ (uint64_t)device << 40) * UINT64_C(0x9e3779b97f4a7c15) >> 20);
    for (i &= room - 1; slots[i].is_taken; i = (i + 1) & (room - 1))
        if (slots[i].device == device && slots[i].inode == inode)
            break;
    return &slots[i];
}

static bool grow_seen(struct seen *seen)
{
    if (seen->count < seen->room / 2)
        return true;
    size_t room = seen->room ? seen->room * 2 : 64;
    struct seen_file *slots = calloc(room, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < seen->room; i++)
        if (seen->slots[i].is_taken)
            *find_slot(slots, room, seen->slots[i].device, seen->slots[i].inode) = seen->slots[i];
    free(seen->slots);
    seen->slots = slots;
    seen->room = room;
    return true;
}

/* @return whether it is the first time; remembers it. */
static bool is_new(struct walk *walk, const struct stat *st)
{
    if (!grow_seen(&walk->seen)) {
        walk->is_out_of_memory = true;
        return false;
    }
    struct seen_file *slot = find_slot(walk->seen.slots, walk->seen.room, st->st_dev, st->st_ino);
    if (slot->is_taken) {
        walk->report->counts.files_seen_twice++;
        return false;
    }
    *slot = (struct seen_file){st->st_dev, st->st_ino, true};
    walk->seen.count++;
    return true;
}

static void refuse(struct walk *walk, const char *path, int reason)
{
    const char *advice = reason == ENOENT ? "check the path" : "check its rights and its disk";
    struct reported_file file = {path, 0};
    walk->report->file = &file;
    report_damage(walk->report, 0, "cannot be read: %s; %s", strerror(reason), advice);
    walk->report->file = NULL;
    if (walk->first->status == STATUS_OK)
        walk->first->status =
            error_set(&walk->first->error, STATUS_IO, "cannot read %s: %s; %s", path, strerror(reason), advice);
}

/* Takes @p path over. @return false when memory ran out. */
static bool add_path(struct walk *walk, char *path, const struct stat *st, bool is_named)
{
    struct path_list *list = walk->list;
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 16;
        struct source_path *grown = realloc(list->paths, room * sizeof(*grown));
        if (grown == NULL) {
            free(path);
            return false;
        }
        list->paths = grown;
        list->room = room;
    }
    bool is_stream = st == NULL || !S_ISREG(st->st_mode);
    list->paths[list->count++] = (struct source_path){path, is_stream ? 0 : (uint64_t)st->st_size, is_named, is_stream};
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b); /* bytes, whatever the locale */
}

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

/* Names in a directory but for "." and "..", sorted. @return NULL with count 0 when there are none or memory ran out.
 */
static char **read_names(struct walk *walk, DIR *folder, size_t *ret_count)
{
    char **names = NULL;
    size_t count = 0, room = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (count == PATHS_MAX) {
            walk->report->counts.files_refused++;
            continue;
        }
        if (count == room) {
            room = room ? room * 2 : 32;
            char **grown = realloc(names, room * sizeof(*grown));
            if (grown == NULL)
                goto no_memory;
            names = grown;
        }
        char *name = strdup(entry->d_name);
        if (name == NULL)
            goto no_memory;
        names[count++] = name;
    }
    if (count > 0)
        qsort(names, count, sizeof(*names), by_name);
    *ret_count = count;
    return names;

no_memory:
    walk->is_out_of_memory = true;
    free_names(names, count);
    *ret_count = 0;
    return NULL;
}

static char *join(const char *folder, const char *name)
{
    size_t length = strlen(folder), room = length + strlen(name) + 2;
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    char *ret = malloc(room);
    if (ret != NULL)
        snprintf(ret, room, "%s%s%s", folder, slash, name);
    return ret;
}

static void walk_folder(struct walk *walk, const char *path, unsigned depth);

/* One entry of a directory: takes @p path over. */
static void walk_entry(struct walk *walk, char *path, unsigned depth)
{
    struct stat st;
    if (path == NULL) {
        walk->is_out_of_memory = true;
    } else if (stat(path, &st) != 0 || (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))) {
        walk->report->counts.files_skipped++; /* a link to nowhere, or a pipe: opening it would wait for its writer */
    } else if (walk->seen.count >= PATHS_MAX || (S_ISDIR(st.st_mode) && depth >= FOLDER_DEPTH_MAX)) {
        walk->report->counts.files_refused++;
    } else if (is_new(walk, &st)) {
        if (S_ISREG(st.st_mode)) {
            walk->is_out_of_memory |= !add_path(walk, path, &st, false);
            return;
        }
        walk_folder(walk, path, depth + 1);
    }
    free(path);
}

static void walk_folder(struct walk *walk, const char *path, unsigned depth)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        refuse(walk, path, errno);
        return;
    }
    size_t count = 0;
    char **names = read_names(walk, folder, &count);
    closedir(folder);
    for (size_t i = 0; i < count && !walk->is_out_of_memory; i++)
        walk_entry(walk, join(path, names[i]), depth);
    free_names(names, count);
}

static void walk_named(struct walk *walk, const char *name)
{
    struct stat st;
    bool is_stdin = strcmp(name, "-") == 0;
    if (!is_stdin && stat(name, &st) != 0) {
        refuse(walk, name, errno);
        return;
    }
    if (!is_stdin && S_ISDIR(st.st_mode)) {
        if (is_new(walk, &st))
            walk_folder(walk, name, 1);
        return;
    }
    if (!is_stdin && S_ISREG(st.st_mode) && !is_new(walk, &st))
        return; /* the same packets again would count double */
    char *path = strdup(name);
    walk->is_out_of_memory |= path == NULL || !add_path(walk, path, is_stdin ? NULL : &st, true);
}

enum status paths_list(const char *const *names, size_t count, struct path_list *ret, struct source_report *report,
                       struct refusal *ret_first)
{
    struct walk walk = {.list = ret, .report = report, .first = ret_first};
    for (size_t i = 0; i < count && !walk.is_out_of_memory; i++)
        walk_named(&walk, names[i]);
    free(walk.seen.slots);
    if (!walk.is_out_of_memory)
        return STATUS_OK;
    return ret_first->status = error_set(&ret_first->error, STATUS_NO_MEMORY,
                                         "out of memory while listing capture files; name fewer of them");
}

size_t paths_pass_over(struct path_list *list, bool (*is_wanted)(void *context, const char *path), void *context)
{
    size_t kept = 0, before = list->count;
    for (size_t i = 0; i < before; i++) {
        struct source_path *path = &list->paths[i];
        if (path->is_stream || is_wanted(context, path->path))
            list->paths[kept++] = *path;
        else
            free(path->path);
    }
    list->count = kept;
    return before - kept;
}

void paths_clear(struct path_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i].path);
    free(list->paths);
    *list = (struct path_list){0};
}
