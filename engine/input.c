#include "engine/input_internal.h"

enum status input_next(const struct input *input, bool may_wait, struct packet *ret)
{
    return input->live == NULL ? source_next(input->source, ret) : live_next(input->live, may_wait, ret);
}

const struct source_damage *input_damages(const struct input *input, size_t *ret_count)
{
    if (input->source != NULL)
        return source_damages(input->source, ret_count);
    *ret_count = 0;
    return NULL;
}

void input_count(const struct input *input, counter_visit *visit, void *context)
{
    if (input->live == NULL)
        source_count(input->source, visit, context);
    else
        live_count(input->live, visit, context);
}
