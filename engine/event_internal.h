/*
 * What shards tell the judge. An event owns copies of all it points at, so that the shard may go on while the judge is
 * still behind; they live in the list's own memory until event_list_reset(). Events of all shards are put into one
 * order that does not depend on which thread did what: by packet, then by the flow's first packet.
 */
#ifndef BORDERTAP_ENGINE_EVENT_INTERNAL_H
#define BORDERTAP_ENGINE_EVENT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "dns_message.h"
#include "facts.h"
#include "flow.h"

enum event_kind {
    EVENT_NAMED,   /* the evidence suffices for a verdict, more may come */
    EVENT_SETTLED, /* nothing more can be learnt from content */
    EVENT_GAINED,  /* a flow that was told of goes on: its volume so far */
    EVENT_ENDED,
    EVENT_DNS,  /* an answer to the flow's client */
    EVENT_HOST, /* a host without anything to tell about */
};

struct event {
    uint64_t number; /* of the packet that caused it */
    struct packet_time time;
    struct flow flow;                /* as it was; `inspection` is NULL */
    const struct flow_facts *facts;  /* NULL: nothing inspected */
    const struct dns_answer *answer; /* EVENT_DNS */
    enum event_kind kind;
    bool is_late;                   /* caused by time or the end of input after the packet, not by the packet itself */
    uint32_t sequence;              /* order within its list */
    struct flow_facts *owned_facts; /* to be freed by the judge; NULL: facts live in the list */
};

struct event_list {
    struct event **events; /* owned */
    size_t count, room;
    struct event_chunk *chunks; /* owned: memory of the events */
    struct event_chunk *current;
    uint64_t lost; /* no memory */
};

/** @return a zeroed event at the end of the list with a copy of @p flow, or NULL (counted). */
struct event *event_add(struct event_list *list, enum event_kind kind, const struct flow *flow);
/** Copies facts, answers into the list's memory; NULL when there is none left. */
const struct flow_facts *event_keep_facts(struct event_list *list, const struct flow_facts *facts);
const struct dns_answer *event_keep_answer(struct event_list *list, const struct dns_answer *answer);
void event_list_reset(struct event_list *list); /* keeps the memory for the next batch */
void event_list_clear(struct event_list *list);

/** Puts a finished list into the one order. */
void event_list_sort(struct event_list *list);
/** The one order, over the lists of all shards. */
bool event_is_before(const struct event *a, const struct event *b);

#endif
