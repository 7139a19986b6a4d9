/*
 * What shards tell the judge. An event points into the flow it is about: whoever takes it uses it at once, or keeps it
 * in a list, which owns copies of all of it until event_list_reset(), so that the shard may go on while the judge is
 * still behind. Events of all shards are put into one order that does not depend on which thread did what: by packet,
 * then by the flow's first packet.
 */
#ifndef BORDERTAP_ENGINE_EVENT_INTERNAL_H
#define BORDERTAP_ENGINE_EVENT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "dns_message.h"
#include "facts.h"
#include "flow.h"
#include "flow_path.h"

enum event_kind {
    EVENT_NAMED,   /* the evidence suffices for a verdict, more may come */
    EVENT_SETTLED, /* nothing more can be learnt from content */
    EVENT_GAINED,  /* a flow that was told of goes on: its volume so far */
    EVENT_ENDED,
    EVENT_DNS,  /* an answer to the flow's client */
    EVENT_HOST, /* a host without anything to tell about */
    EVENT_PATH, /* a router quoted a flow that was told of */
};

struct event {
    uint64_t number; /* of the packet that caused it */
    struct packet_time time;
    const struct flow *flow;         /* as it was */
    const struct flow_facts *facts;  /* NULL: nothing inspected */
    const struct dns_answer *answer; /* EVENT_DNS */
    const struct flow_path *path;    /* what is known of the flow's way; NULL: nothing */
    enum event_kind kind;
    bool was_settled;               /* EVENT_ENDED: judged before; what was learnt since may name it */
    bool is_late;                   /* caused by time or the end of input after the packet, not by the packet itself */
    uint16_t part;                  /* of that packet in its frame, as of struct decoded */
    uint32_t sequence;              /* order within its list */
    struct flow_facts *owned_facts; /* facts that whoever takes the event frees; NULL: they live elsewhere */
};

/** Takes an event; what it points at is good until this returns. */
typedef void event_told(void *context, const struct event *event);
struct event_outlet {
    event_told *tell;
    void *context;
};

struct event_list {
    struct event **events; /* owned */
    size_t count, room;
    struct event_chunk *chunks; /* owned: memory of the events */
    struct event_chunk *current;
    uint64_t lost; /* no memory */
};

/**
 * Adds a copy; its flow has no `inspection`. Takes owned_facts. Without memory (counted in `lost`) the event is
 * missing, or lacks its facts, answer or path.
 */
void event_list_add(struct event_list *list, const struct event *event);
void event_list_reset(struct event_list *list); /* keeps the memory for the next batch */
void event_list_clear(struct event_list *list);

/** Puts a finished list into the one order. */
void event_list_sort(struct event_list *list);
/** The one order, over the lists of all shards. */
bool event_is_before(const struct event *a, const struct event *b);

#endif
