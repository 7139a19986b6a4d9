#include "engine/event_internal.h"

#include <stdlib.h>
#include <string.h>

#include "engine/kept_facts_internal.h"

enum { CHUNK_ROOM = 256 << 10, ALIGNMENT = 16 };

struct event_chunk {
    struct event_chunk *next;
    size_t room, used;
    _Alignas(ALIGNMENT) char bytes[];
};

static struct event_chunk *chunk_new(size_t size)
{
    size_t room = size > CHUNK_ROOM ? size : CHUNK_ROOM;
    struct event_chunk *chunk = malloc(sizeof(*chunk) + room);
    if (chunk != NULL)
        *chunk = (struct event_chunk){.room = room};
    return chunk;
}

/* Chunks behind the current one are empty and wait to be used again. */
static void *take(void *context, size_t size)
{
    struct event_list *list = context;
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct event_chunk *chunk = list->current;
    while (chunk != NULL && chunk->room - chunk->used < size)
        chunk = chunk->next;
    if (chunk == NULL) {
        if ((chunk = chunk_new(size)) == NULL)
            return NULL;
        if (list->current == NULL) {
            chunk->next = list->chunks;
            list->chunks = chunk;
        } else {
            chunk->next = list->current->next;
            list->current->next = chunk;
        }
    }
    list->current = chunk;
    void *ret = chunk->bytes + chunk->used;
    chunk->used += size;
    return ret;
}

static bool make_room(struct event_list *list)
{
    if (list->count < list->room)
        return true;
    size_t room = list->room ? list->room * 2 : 256;
    struct event **events = realloc(list->events, room * sizeof(struct event *));
    if (events == NULL)
        return false;
    list->events = events;
    list->room = room;
    return true;
}

static bool keep_text(struct event_list *list, struct text *text)
{
    if (text->data == NULL)
        return true;
    char *bytes = take(list, text->length + 1);
    if (bytes == NULL)
        return false;
    memcpy(bytes, text->data, text->length);
    text->data = bytes;
    return true;
}

static const struct dns_answer *keep_answer(struct event_list *list, const struct dns_answer *answer)
{
    struct dns_answer *kept = take(list, sizeof(*kept));
    if (kept == NULL)
        return NULL;
    *kept = *answer;
    for (unsigned i = 0; i < kept->chain_count; i++)
        if (!keep_text(list, &kept->chain[i]))
            return NULL;
    return kept;
}

static const struct flow_path *keep_path(struct event_list *list, const struct flow_path *path)
{
    struct flow_path *kept = take(list, sizeof(*kept));
    if (kept != NULL)
        *kept = *path;
    return kept;
}

struct kept_event {
    struct event event;
    struct flow flow;
};

void event_list_add(struct event_list *list, const struct event *event)
{
    struct kept_event *kept = make_room(list) ? take(list, sizeof(*kept)) : NULL;
    if (kept == NULL) {
        list->lost++;
        free(event->owned_facts);
        return;
    }
    *kept = (struct kept_event){.event = *event, .flow = *event->flow};
    kept->flow.inspection = NULL;
    kept->event.flow = &kept->flow;
    kept->event.sequence = (uint32_t)list->count;
    if (event->facts != NULL && event->owned_facts == NULL)
        kept->event.facts = facts_copy(event->facts, take, list);
    if (event->answer != NULL)
        kept->event.answer = keep_answer(list, event->answer);
    if (event->path != NULL)
        kept->event.path = keep_path(list, event->path);
    list->events[list->count++] = &kept->event;
}

void event_list_reset(struct event_list *list)
{
    for (struct event_chunk *chunk = list->chunks; chunk != NULL; chunk = chunk->next)
        chunk->used = 0;
    list->current = list->chunks;
    list->count = 0;
}

void event_list_clear(struct event_list *list)
{
    while (list->chunks != NULL) {
        struct event_chunk *next = list->chunks->next;
        free(list->chunks);
        list->chunks = next;
    }
    free(list->events);
    *list = (struct event_list){0};
}

/* A packet belongs to one shard, so its own events keep their order; the packets of one frame may not; late ones of all
 * shards go by the flow's first packet. */
bool event_is_before(const struct event *a, const struct event *b)
{
    if (a->number != b->number)
        return a->number < b->number;
    if (a->is_late != b->is_late)
        return b->is_late;
    if (a->is_late && a->flow->number_low != b->flow->number_low)
        return a->flow->number_low < b->flow->number_low;
    if (!a->is_late && a->part != b->part)
        return a->part < b->part;
    return a->sequence < b->sequence;
}

static int in_order(const void *left, const void *right)
{
    const struct event *a = *(const struct event *const *)left, *b = *(const struct event *const *)right;
    return event_is_before(a, b) ? -1 : event_is_before(b, a);
}

static bool is_sorted(struct event *const *events, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (event_is_before(events[i], events[i - 1]))
            return false;
    return true;
}

/* Events come in packet order; only the late ones at the end may have to be sorted. */
void event_list_sort(struct event_list *list)
{
    size_t late = list->count;
    while (late > 0 && list->events[late - 1]->is_late)
        late--;
    if (!is_sorted(list->events + late, list->count - late))
        qsort(list->events + late, list->count - late, sizeof(struct event *), in_order);
}
