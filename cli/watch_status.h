/* What `watch` says of itself while it runs: one line on a terminal, a paragraph when asked, words for the manager. */
#ifndef BORDERTAP_CLI_WATCH_STATUS_H
#define BORDERTAP_CLI_WATCH_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

enum { STATUS_LINE_SIZE = 384, STATUS_PARAGRAPH_SIZE = 4096 };

/** What is told; all borrowed. */
struct watch_status {
    const struct interface_counts *interfaces;
    size_t interface_count;
    const struct run_sample *before, *now; /* the rates are between the two */
    int64_t between_ns;                    /* real time between them */
    int64_t up_sec;                        /* since the start */
    const char *editions;                  /* of catalogue and databases */
};

void status_line(const struct watch_status *status, char ret[static STATUS_LINE_SIZE]);
void status_paragraph(const struct watch_status *status, char ret[static STATUS_PARAGRAPH_SIZE]);

#endif
