/* What `watch` gives up once all is open, and what it can therefore not do later, said at the start. */
#ifndef BORDERTAP_CLI_WATCH_RIGHTS_H
#define BORDERTAP_CLI_WATCH_RIGHTS_H

#include "cli/cli.h"

/** Looks at --user and --no-sandbox, and whether this machine has what they ask for. @return as watch_rights_drop(). */
int watch_rights_check(const struct options *options);

/** With one thread only, and for good; what is borrowed need not live on. @return EXIT_DONE; else after saying why,
 * with some rights left: the run must not go on. */
int watch_rights_drop(const struct options *options, struct feed *const *feeds, size_t feed_count);

#endif
