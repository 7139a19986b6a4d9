/*
 * The index of the flow table: hash to record number. Groups of 12 slots fill one cache line each, so that a look-up is
 * one line here and the record. A full group passes newcomers to the next one and counts them; taking one out counts
 * down again, so there are no tombstones and a table that ran for a year is as fast as a new one. It doubles inside
 * address space reserved at the start: nothing is allocated and nothing can fail after flow_index_init().
 */
#include "flow_table_internal.h"

#include <string.h>
#include <sys/mman.h>

#include "wire.h"

enum {
    GROUP_FILL = 9, /* average flows a group before doubling: of 12, then one search in eight needs a second line */
    GROUPS_AT_START = 64,
    PASSED_STUCK = 255,
};

void *flow_memory_reserve(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
#ifdef MADV_HUGEPAGE
    (void)madvise(memory, size, MADV_HUGEPAGE); /* only speed depends on it */
#endif
    return memory;
}

void flow_memory_release(void *memory, size_t size)
{
    if (memory != NULL)
        munmap(memory, size);
}

enum status flow_index_init(struct flow_index *index, uint32_t flows_max)
{
    uint32_t groups = 1;
    while ((uint64_t)groups * GROUP_FILL < flows_max)
        groups *= 2;
    struct index_group *memory = flow_memory_reserve((size_t)groups * sizeof(*memory));
    if (memory == NULL)
        return STATUS_NO_MEMORY;
    index->groups = memory;
    index->group_count_max = groups;
    index->group_count = groups < GROUPS_AT_START ? groups : GROUPS_AT_START;
    return STATUS_OK;
}

void flow_index_clear(struct flow_index *index)
{
    flow_memory_release(index->groups, (size_t)index->group_count_max * sizeof(*index->groups));
    *index = (struct flow_index){0};
}

static uint8_t tag_of(uint32_t hash)
{
    uint8_t tag = (uint8_t)(hash >> 24);
    return tag != 0 ? tag : 1;
}

/** Bit 7 of every byte of the eight at @p tags that is @p tag; also of some above such a one, so look before you trust.
 */
static uint64_t matches_of(const uint8_t *tags, uint8_t tag)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t differ = ((uint64_t)load_le32(tags + 4) << 32 | load_le32(tags)) ^ (ones * tag);
    return (differ - ones) & ~differ & (ones << 7);
}

/** Fields are read as wide as they were just written: a wider read would wait for the stores (no store forwarding). */
static bool key_equal(const struct flow_key *a, const struct flow_key *b)
{
    uint64_t differ = 0;
    for (size_t side = 0; side < 2; side++)
        for (size_t half = 0; half < 2; half++)
            differ |= flow_address_word(a, side, half) ^ flow_address_word(b, side, half);
    return differ == 0 && a->port[0] == b->port[0] && a->port[1] == b->port[1] && a->protocol == b->protocol;
}

static uint32_t search_group(const struct index_group *group, uint8_t tag, const struct flow *flows,
                             const struct flow_key *key)
{
    _Static_assert(sizeof(*group) == 64, "a group is one cache line");
    /* The second eight bytes are four tags; what else matches there is masked out. */
    for (size_t part = 0; part < 2; part++) {
        uint64_t matches = matches_of(group->tags + 8 * part, tag) & (part == 0 ? UINT64_MAX : UINT32_MAX);
        for (; matches != 0; matches &= matches - 1) {
            size_t slot = 8 * part + (size_t)__builtin_ctzll(matches) / 8;
            if (group->tags[slot] == tag && key_equal(&flows[group->flows[slot]].key, key))
                return group->flows[slot];
        }
    }
    return NO_FLOW;
}

uint32_t flow_index_find(const struct flow_index *index, const struct flow *flows, const struct flow_key *key,
                         uint32_t hash)
{
    uint32_t mask = index->group_count - 1;
    uint8_t tag = tag_of(hash);
    for (uint32_t step = 0; step <= mask; step++) {
        const struct index_group *group = &index->groups[(hash + step) & mask];
        uint32_t found = search_group(group, tag, flows, key);
        if (found != NO_FLOW || group->passed == 0)
            return found;
    }
    return NO_FLOW;
}

static const struct index_group *first_group(const struct flow_index *index, uint32_t hash)
{
    return &index->groups[hash & (index->group_count - 1)];
}

void flow_index_prefetch(const struct flow_index *index, uint32_t hash)
{
    __builtin_prefetch(first_group(index, hash));
}

void flow_index_prefetch_flow(const struct flow_index *index, const struct flow *flows, uint32_t hash)
{
    const struct index_group *group = first_group(index, hash);
    uint64_t matches = matches_of(group->tags, tag_of(hash));
    size_t slot = matches != 0 ? (size_t)__builtin_ctzll(matches) / 8 : INDEX_GROUP_SLOTS - 1;
    const uint8_t *record = (const uint8_t *)&flows[group->flows[slot]];
    __builtin_prefetch(record, 1);
    __builtin_prefetch(record + 64, 1);
}

bool flow_index_has_room(const struct flow_index *index, uint32_t flow_count)
{
    return flow_count < (uint64_t)index->group_count * GROUP_FILL || index->group_count == index->group_count_max;
}

void flow_index_double(struct flow_index *index)
{
    memset(index->groups, 0, (size_t)index->group_count * sizeof(*index->groups));
    index->group_count *= 2;
}

static int free_slot(const struct index_group *group)
{
    for (int slot = 0; slot < INDEX_GROUP_SLOTS; slot++)
        if (group->tags[slot] == 0)
            return slot;
    return -1;
}

void flow_index_insert(struct flow_index *index, uint32_t flow, uint32_t hash)
{
    uint32_t mask = index->group_count - 1;
    for (uint32_t at = hash;; at++) { /* ends: a quarter of the slots is always free */
        struct index_group *group = &index->groups[at & mask];
        int slot = free_slot(group);
        if (slot >= 0) {
            group->tags[slot] = tag_of(hash);
            group->flows[slot] = flow;
            return;
        }
        if (group->passed < PASSED_STUCK)
            group->passed++;
    }
}

static bool take_out(struct index_group *group, uint32_t flow)
{
    for (unsigned slot = 0; slot < INDEX_GROUP_SLOTS; slot++) {
        if (group->flows[slot] == flow && group->tags[slot] != 0) {
            group->tags[slot] = 0;
            return true;
        }
    }
    return false;
}

void flow_index_remove(struct flow_index *index, uint32_t flow, uint32_t hash)
{
    uint32_t mask = index->group_count - 1;
    for (uint32_t at = hash; !take_out(&index->groups[at & mask], flow); at++) {
        struct index_group *group = &index->groups[at & mask];
        if (group->passed < PASSED_STUCK)
            group->passed--;
    }
}
