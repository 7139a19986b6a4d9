#include "counter.h"

#include <string.h>

void counters_merge(struct counter *counters, size_t *count, size_t room, const struct counter *counter)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(counters[i].name, counter->name) == 0 && strcmp(counters[i].group, counter->group) == 0) {
            counters[i].value += counter->value;
            return;
        }
    if (*count < room)
        counters[(*count)++] = *counter;
}
