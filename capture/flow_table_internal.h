/*
 * The parts of the flow table: records in one reserved array (a page is taken when the first flow on it begins), an
 * index of 64-byte groups over them, and lists threaded through the records by 32-bit numbers. Only
 * capture/flow_table*.c include this.
 */
#ifndef BORDERTAP_CAPTURE_FLOW_TABLE_INTERNAL_H
#define BORDERTAP_CAPTURE_FLOW_TABLE_INTERNAL_H

#include <string.h>

#include "flow_table.h"

#define NO_FLOW UINT32_MAX

/* --- index ------------------------------------------------------------------------------------------------------ */

enum { INDEX_GROUP_SLOTS = 12 };

/** One cache line. A tag is 0 for an empty slot, else 8 bits of the hash. */
struct index_group {
    uint8_t tags[INDEX_GROUP_SLOTS];
    uint8_t passed; /* entries that found this group full and went on; sticks at 255. 0: a search ends here */
    uint8_t unused[3];
    uint32_t flows[INDEX_GROUP_SLOTS];
};

struct flow_index {
    struct index_group *groups;            /* reserved for group_count_max, the first group_count are in use */
    uint32_t group_count, group_count_max; /* powers of two */
};

/** Half an address as a number, for comparing and hashing: its byte order is the machine's. */
static inline uint64_t flow_address_word(const struct flow_key *key, size_t side, size_t half)
{
    uint64_t word;
    memcpy(&word, key->address[side].octets + 8 * half, sizeof(word));
    return word;
}

enum status flow_index_init(struct flow_index *index, uint32_t flows_max);
uint32_t flow_index_find(const struct flow_index *index, const struct flow *flows, const struct flow_key *key,
                         uint32_t hash);
/** Asks for the cache line where a search begins. */
void flow_index_prefetch(const struct flow_index *index, uint32_t hash);
/** Asks for the records that a search will look at first. */
void flow_index_prefetch_flow(const struct flow_index *index, const struct flow *flows, uint32_t hash);
/** @return false when the index holds all it should at this size: flow_index_double(), insert every flow, try again. */
bool flow_index_has_room(const struct flow_index *index, uint32_t flow_count);
void flow_index_double(struct flow_index *index); /* empties it */
void flow_index_insert(struct flow_index *index, uint32_t flow, uint32_t hash);
void flow_index_remove(struct flow_index *index, uint32_t flow, uint32_t hash);
void flow_index_clear(struct flow_index *index);

/* --- lists ------------------------------------------------------------------------------------------------------ */

/** One list a time-out class, least recently used first. A flow is "unanswered" until both sides have spoken. */
enum flow_list_id {
    FLOW_LIST_NONE, /* the record is free, or not yet in a list */
    FLOW_LIST_TCP_UNANSWERED,
    FLOW_LIST_UDP_UNANSWERED,
    FLOW_LIST_OTHER_UNANSWERED,
    FLOW_LIST_TCP_CLOSED, /* lingers, so that late packets do not make a new flow */
    FLOW_LIST_TCP,
    FLOW_LIST_UDP,
    FLOW_LIST_OTHER,
    FLOW_LIST_COUNT,
};

struct flow_list {
    uint32_t head, tail, count;
    int64_t idle_ns;
};

/** Where the sides of a flow ended, while there is room: flows that close share the slots by their number. */
struct flow_closing {
    uint32_t flow; /* number + 1; 0 none */
    uint32_t end[2];
    bool is_known[2];
};

enum { CLOSINGS = 1024 };

struct flow_table {
    struct flow *flows; /* reserved for flows_max */
    struct flow_index index;
    uint64_t seeds[4];
    uint32_t flows_max, used, size; /* used: records ever handed out */
    uint32_t free_head;             /* records given back, linked by table_links[0] */
    uint32_t birth_head, birth_tail;
    struct flow_list lists[FLOW_LIST_COUNT];
    struct flow_closing closings[CLOSINGS];
    flow_ended *ended;
    void *context;
    struct {
        uint64_t created, ended[FLOW_END_INPUT + 1], ended_unanswered, evicted_unanswered, evicted_closed,
            packets_back_in_time;
        uint32_t peak;
        struct flow_sides sides;
    } counts;
};

/** Counts @p flow in, if it is of TCP and says something. */
void flow_sides_add(struct flow_sides *sides, const struct flow *flow);

/** For tests: the table with a seed of the caller's, to show that no result depends on it. */
enum status flow_table_new_seeded(const struct flow_table_options *options, uint64_t seed, struct flow_table **ret);

/* Places in table_links and birth_links. */
enum { FLOW_PREVIOUS, FLOW_NEXT };

void flow_list_append(struct flow_table *table, unsigned list, uint32_t at);
void flow_list_remove(struct flow_table *table, uint32_t at);
void flow_birth_append(struct flow_table *table, uint32_t at);
void flow_birth_remove(struct flow_table *table, uint32_t at);

/** Address space without memory behind it yet; large pages where the system has them. @return NULL when refused. */
void *flow_memory_reserve(size_t size);
void flow_memory_release(void *memory, size_t size); /* NULL is fine */

#endif
