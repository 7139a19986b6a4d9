/*
 * From the names given to the files to read: directories are walked in name order, and what two links lead to is read
 * once.
 */
#ifndef BORDERTAP_CAPTURE_SOURCE_PATHS_INTERNAL_H
#define BORDERTAP_CAPTURE_SOURCE_PATHS_INTERNAL_H

#include <sys/types.h>

#include "source_report_internal.h"

enum {
    PATHS_MAX = 1000000, /* files and directories of a run */
    FOLDER_DEPTH_MAX = 32,
};

struct source_path {
    char *path;     /* owned */
    uint64_t size;  /* bytes as stored; 0 for what is no regular file */
    bool is_named;  /* by the user, not found in a directory */
    bool is_stream; /* no regular file */
};

struct path_list {
    struct source_path *paths; /* owned */
    size_t count, room;
};

/** The first thing that went wrong: what is told when nothing can be read. */
struct refusal {
    enum status status; /* STATUS_OK: nothing yet */
    struct error error;
};

/**
 * Lists @p names in order. What cannot be looked at is damage in @p report, the first such sentence also in @p error
 * (empty before).
 * @return STATUS_OK, also for an empty list; STATUS_NO_MEMORY, which @p ret_first says instead.
 */
enum status paths_list(const char *const *names, size_t count, struct path_list *ret, struct source_report *report,
                       struct refusal *ret_first);

/** Takes out the regular files that @p is_wanted does not want. @return how many. */
size_t paths_pass_over(struct path_list *list, bool (*is_wanted)(void *context, const char *path), void *context);

void paths_clear(struct path_list *list);

#endif
