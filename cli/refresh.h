/*
 * Newer data for a run that goes on, on SIGHUP or when a file was changed: catalogue, policies, address databases and
 * paths are loaded on a thread beside the run and exchanged between two batches of packets. Each of the four is taken
 * whole or not at all. SIGHUP has the files of the feeds opened anew, too, so that they can be moved away.
 */
#ifndef BORDERTAP_CLI_REFRESH_H
#define BORDERTAP_CLI_REFRESH_H

#include "cli/cli.h"

struct refresh;

/**
 * @param loaded what is in force: changes as newer data are taken, within refresh_look().
 * @return NULL: no memory. Everything is borrowed.
 */
struct refresh *refresh_new(const struct options *options, struct loaded *loaded, struct engine *engine,
                            struct feed *const *feeds, size_t feed_count);
/** Looks whether there is something to do, and says what was done; a few times a second, one thread at a time, also
 * from within the callbacks of the engine. */
void refresh_look(struct refresh *refresh);
/** Whether something is being loaded, or has yet to be exchanged. */
bool refresh_is_loading(const struct refresh *refresh);
/** After engine_free(). Waits for what is being loaded. NULL is fine. */
void refresh_free(struct refresh *refresh);

#endif
