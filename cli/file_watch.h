/* Whether files were changed, added or removed since they were loaded: by size, time and inode. */
#ifndef BORDERTAP_CLI_FILE_WATCH_H
#define BORDERTAP_CLI_FILE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FILE_WATCH_MAX = 72 };

struct file_watch {
    const char *paths[FILE_WATCH_MAX]; /* files, or folders whose files are meant; borrowed */
    size_t count;
    uint64_t loaded, seen; /* states: when they were loaded, at the last look */
};

/** @param path NULL, or one too many: passed over. */
void file_watch_add(struct file_watch *watch, const char *path);
/** They are about to be loaded: what changes from now on counts. */
void file_watch_load(struct file_watch *watch);
/** To be asked now and then. Wants to see the same twice: a file that is still being written waits. */
bool file_watch_has_changed(struct file_watch *watch);

#endif
