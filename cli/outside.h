/*
 * What only the program knows of a sample: clocks, interfaces, memory, processor. One thread, which is not the
 * packets'. What it needs of the system is opened by outside_new(), before privileges fall.
 */
#ifndef BORDERTAP_CLI_OUTSIDE_H
#define BORDERTAP_CLI_OUTSIDE_H

#include "capture/live.h"
#include "run_sample.h"

struct outside;

/** @param live borrowed. @return NULL: no memory. */
struct outside *outside_new(const struct live *live);
/** @param ret all of it is set, the rest to zero: for engine_ask_sample(). */
void outside_look(const struct outside *outside, struct run_sample *ret);
void outside_free(struct outside *outside); /* NULL is fine */

/** Wall time, for engine_options.wall_ns. */
int64_t outside_wall_ns(void *context);

#endif
