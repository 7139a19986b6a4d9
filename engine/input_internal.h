/* Where packets come from: files, or interfaces that may have none for a while. */
#ifndef BORDERTAP_ENGINE_INPUT_INTERNAL_H
#define BORDERTAP_ENGINE_INPUT_INTERNAL_H

#include "capture/live.h"
#include "capture/source.h"

/** One of the two; borrowed. */
struct input {
    struct source *source;
    struct live *live;
};

/** @return STATUS_OK, STATUS_END, or of interfaces STATUS_NOT_FOUND as live_next(). */
enum status input_next(const struct input *input, bool may_wait, struct packet *ret);
const struct source_damage *input_damages(const struct input *input, size_t *ret_count);
void input_count(const struct input *input, counter_visit *visit, void *context);

#endif
