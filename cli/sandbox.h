/*
 * Rights that a process gives up for good, once everything that needs one is open. Three steps, each of which holds
 * alone: the user with all capabilities, files and networks by Landlock, system calls by seccomp. A step is taken
 * whole, or the caller is told why not and must not go on: none is ever silently missing.
 *
 * The process has one thread yet: capabilities and Landlock are a thread's own, and later threads inherit them. Only
 * the start needs a lookup of users, so nothing here is called again.
 */
#ifndef BORDERTAP_CLI_SANDBOX_H
#define BORDERTAP_CLI_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

enum sandbox_step { SANDBOX_USER, SANDBOX_LANDLOCK, SANDBOX_SECCOMP, SANDBOX_STEPS };

enum sandbox_use {
    SANDBOX_READ,   /* the file, or all below the folder */
    SANDBOX_APPEND, /* files in the folder are made and written to the end of, not read, cut or removed */
    SANDBOX_KEEP,   /* files in the folder are made, read, written and removed */
};

struct sandbox_place {
    const char *path; /* a symbolic link means what it points to now */
    enum sandbox_use use;
};

struct sandbox_options {
    const char *user; /* whom root becomes; NULL: bordertap if there is one, else nobody */
    bool skips[SANDBOX_STEPS];
    const struct sandbox_place *places; /* one that cannot be opened is passed over: it stays out of reach */
    size_t place_count;
};

enum { SANDBOX_SAID_SIZE = 2048 };

/** Takes a step out. @param word "user", "landlock", "seccomp" or "all". @return STATUS_OK or STATUS_INVALID. */
enum status sandbox_skip(struct sandbox_options *options, const char *word, struct error *error);

/** Looks whether the user is there and the kernel has what is asked of it, without changing anything.
 * @return STATUS_OK, STATUS_INVALID for a user that will not do, STATUS_IO. */
enum status sandbox_check(const struct sandbox_options *options, struct error *error);

/**
 * @param ret_said one sentence: what was given up, and what was not as the options say.
 * @return STATUS_OK; else the process has kept some rights and must end: STATUS_INVALID, STATUS_NO_MEMORY, STATUS_IO,
 * with a sentence that says how to do without the step.
 */
enum status sandbox_enter(const struct sandbox_options *options, char ret_said[static SANDBOX_SAID_SIZE],
                          struct error *error);

/** As "2.5.4"; lives until the next call. */
const char *sandbox_library_version(void);

#endif
