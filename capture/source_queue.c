#include "source_queue_internal.h"

#include <assert.h>

void queue_push(struct queue *queue, struct queue_entry entry)
{
    size_t i = queue->count++;
    for (; i > 0 && queue_entry_before(entry, queue->entries[(i - 1) / 2]); i = (i - 1) / 2)
        queue->entries[i] = queue->entries[(i - 1) / 2];
    queue->entries[i] = entry;
}

struct queue_entry queue_pop(struct queue *queue)
{
    assert(queue->count > 0);
    struct queue_entry ret = queue->entries[0];
    struct queue_entry last = queue->entries[--queue->count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < queue->count; i = child) {
        if (child + 1 < queue->count && queue_entry_before(queue->entries[child + 1], queue->entries[child]))
            child++;
        if (!queue_entry_before(queue->entries[child], last))
            break;
        queue->entries[i] = queue->entries[child];
    }
    queue->entries[i] = last;
    return ret;
}
