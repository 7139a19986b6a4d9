/* The store of a run: opened before the input, begun with it, closed after it. */
#ifndef BORDERTAP_CLI_RUN_STORE_H
#define BORDERTAP_CLI_RUN_STORE_H

#include "cli/cli.h"
#include "store/store.h"

struct run_store {
    struct store *store; /* NULL: none, or it could not be opened */
    bool has_failed;     /* and that is said */
    struct store_input *inputs;
    size_t count, room;
    size_t known; /* files passed over */
    char known_path[256];
    char known_when[STORE_DAY_SIZE];
};

/** Opens the file of --store, if there is one. What is wrong with it is said, and the run goes on without. */
void run_store_open(const struct options *options, struct run_store *ret);
/** For source_open_wanted(): false for a file that a run has read to its end. @param context struct run_store. */
bool run_store_wants(void *context, const char *path);
/** All inputs are known. */
void run_store_begin(struct run_store *store, const struct options *options);
/** Says what has gone wrong since it was opened, once. Any thread, one at a time. */
void run_store_say(struct run_store *store);
/** @param is_whole the input was read to its end. @return false when the store has failed at any time. */
bool run_store_close(struct run_store *store, bool is_whole);

#endif
