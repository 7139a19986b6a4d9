#include "engine/flow_paths_internal.h"

#include <stdlib.h>

#include "hash.h"

enum { CHAINS = 2 * FLOW_PATHS_MAX };

/* A flow is known by its key's hash and the number of its first packet. */
struct entry {
    uint64_t id;
    uint32_t next; /* of its chain, or of the free ones; place + 1, 0: none */
    struct flow_path path;
};

struct flow_paths {
    uint32_t count, used, free; /* used: entries ever handed out; free: place + 1 */
    uint32_t chains[CHAINS];    /* place + 1 */
    struct entry entries[FLOW_PATHS_MAX];
};

enum status flow_paths_new(struct flow_paths **ret)
{
    *ret = calloc(1, sizeof(**ret));
    return *ret != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

void flow_paths_free(struct flow_paths *paths)
{
    free(paths);
}

static uint64_t id_of(const struct flow *flow)
{
    return (uint64_t)flow->hash << 32 | flow->number_low;
}

static size_t chain_of(uint64_t id)
{
    return hash_fold(id, UINT64_C(0x9e3779b97f4a7c15)) % CHAINS;
}

static uint32_t place_of(const struct flow_paths *paths, uint64_t id)
{
    if (paths->count == 0) /* as a rule */
        return 0;
    uint32_t at = paths->chains[chain_of(id)];
    while (at != 0 && paths->entries[at - 1].id != id)
        at = paths->entries[at - 1].next;
    return at;
}

const struct flow_path *flow_paths_find(const struct flow_paths *paths, const struct flow *flow)
{
    uint32_t at = place_of(paths, id_of(flow));
    return at != 0 ? &paths->entries[at - 1].path : NULL;
}

struct flow_path *flow_paths_take(struct flow_paths *paths, const struct flow *flow)
{
    uint64_t id = id_of(flow);
    uint32_t *chain = &paths->chains[chain_of(id)], at = place_of(paths, id);
    if (at != 0)
        return &paths->entries[at - 1].path;
    if (paths->count == FLOW_PATHS_MAX)
        return NULL;
    at = paths->free;
    if (at != 0)
        paths->free = paths->entries[at - 1].next;
    else
        at = ++paths->used;
    paths->entries[at - 1] = (struct entry){.id = id, .next = *chain};
    *chain = at;
    paths->count++;
    return &paths->entries[at - 1].path;
}

void flow_paths_forget(struct flow_paths *paths, const struct flow *flow)
{
    if (paths->count == 0)
        return;
    uint64_t id = id_of(flow);
    for (uint32_t *link = &paths->chains[chain_of(id)]; *link != 0; link = &paths->entries[*link - 1].next) {
        uint32_t at = *link;
        struct entry *entry = &paths->entries[at - 1];
        if (entry->id != id)
            continue;
        *link = entry->next;
        entry->next = paths->free;
        paths->free = at;
        paths->count--;
        return;
    }
}
