/* Newer databases for a run that goes on: on SIGHUP, or when a file was changed. Loaded on a thread beside the run. */
#ifndef BORDERTAP_CLI_REFRESH_H
#define BORDERTAP_CLI_REFRESH_H

#include "cli/cli.h"

struct refresh;

/** @return NULL: no memory. Everything is borrowed. */
struct refresh *refresh_new(const struct options *options, const struct loaded *loaded);
/** Looks whether to load and whether loading has ended, and says how it ended; between batches, on one thread. */
void refresh_look(struct refresh *refresh);
/** Whether something is being loaded. */
bool refresh_is_loading(const struct refresh *refresh);
/** Waits for what is being loaded. NULL is fine. */
void refresh_free(struct refresh *refresh);

#endif
