/*
 * What the files of a shard share: shard.c (packets in, events out), shard_work.c (the work on one flow),
 * shard_inspect.c (content), shard_path.c (the way packets come) and shard_tell.c (events).
 */
#ifndef BORDERTAP_ENGINE_SHARD_PARTS_INTERNAL_H
#define BORDERTAP_ENGINE_SHARD_PARTS_INTERNAL_H

#include "analyzers/inspect.h"
#include "capture/flow_table.h"
#include "capture/reassembly.h"
#include "engine/flow_paths_internal.h"
#include "engine/shard_internal.h"

enum {
    WORKS_MAX = 6 << 10,         /* flows under inspection at once; the inspector holds a few more */
    STREAM_BYTES_MAX = 64 << 10, /* out-of-order and unread bytes of one direction */
    POOL_BYTES_MAX = 64 << 20,   /* the same over all flows of the shard */
    LATER_SEGMENTS_MAX = 64,     /* this many wait behind a hole: what is missing will not come */
    LATER_SEGMENTS_ACKNOWLEDGED =
        4, /* the same where the receiver acknowledged it; a mirror may disorder the two directions a little */
    LATE_FACTS_MAX = 4 << 10,    /* flows without a name of their own whose facts wait for one */
    EARLIER_WAIT_MAX = 16 << 10, /* bytes that wait for the segment before them */
    HOSTS_REMEMBERED = 1 << 10,
    GAIN_INTERVAL_SEC = 60, /* a flow that was told of reports its volume at least this often, while it has packets */
};

/** flow.state, and what flow.inspection then points to */
enum shard_state {
    FLOW_FRESH,     /* no content yet: nothing */
    FLOW_INSPECTED, /* struct work */
    FLOW_ASKS_ON,   /* DNS over UDP after its first answer: kept facts, or nothing */
    FLOW_JUDGED,    /* nothing more to learn: kept facts, or nothing; so from here on */
    FLOW_NAMELESS,  /* and nothing was seen of whose it is */
};

enum ndpi_wish { NDPI_UNDECIDED, NDPI_WANTED, NDPI_UNWANTED };

/*
 * The first segment of a side whose start nobody saw may have overtaken the one before it. When no parser knows it, it
 * waits for the side's next segment.
 */
enum wait { WAIT_NOT_YET, WAIT_FOR_EARLIER, WAIT_OVER };

/*
 * The work on one flow; from a free list, given back when content can teach nothing more. All works in use stand in a
 * list, the one longest without a packet first: when there are too many, that one is judged by what it has shown.
 */
struct work {
    struct flow *flow;
    struct work *earlier, *later;
    struct inspection *inspection;
    struct stream streams[2];
    uint32_t acknowledged[2]; /* by side, of the other side's bytes */
    bool has_acknowledged[2];
    bool snapped[2];         /* bytes of this side will never come */
    uint8_t wait[2];         /* enum wait */
    uint32_t passed_over[2]; /* bytes of what waits that nobody wants to see again */
    uint8_t ndpi;            /* enum ndpi_wish */
    struct work *next_free;
};

struct path_counts {
    uint64_t changed, quotes_taken, quotes_unmatched, quotes_doubtful, not_kept;
};

struct shard {
    struct shard_options options;
    struct engine_options engine; /* what `options` points to: the shard's own, as its data may change */
    struct flow_table *flows;
    struct stream_pool *pool;
    struct inspector *inspector;
    struct watches *watches; /* NULL: the sensor does not know its place */
    struct flow_paths *paths;
    struct path_counts path_counts;
    struct work *free_works, *first_work, *last_work;
    uint32_t works_used, late_facts;
    const struct event_outlet *events; /* of the call that is going on */
    struct packet_time now;
    uint64_t number; /* of the packet at hand */
    uint16_t part;   /* and its place in its frame */
    bool is_late;    /* what happens is not the packet's doing */
    uint64_t flows_begun, works_refused, works_cut_short, facts_not_kept;
    struct refusals refusals;
    struct ip_address
        hosts_told[HOSTS_REMEMBERED]; /* direct-mapped, so that a busy host is not told of for each flow */
};

/* shard_work.c */

/** A work for @p flow, last in the list; NULL when there is no memory. */
struct work *work_take(struct shard *shard);
void work_give(struct shard *shard, struct flow *flow);
/** The flow has a packet: it is the last to be cut short. */
void work_touch(struct shard *shard, struct work *work);
/** The end of the work: facts stay where a flow record will want them, or a name may still come. */
void work_retire(struct shard *shard, struct flow *flow, enum shard_state next);
/** What stayed of a flow without work; the caller frees it. NULL when nothing did. */
struct flow_facts *work_take_facts(struct shard *shard, struct flow *flow);
void work_note_acknowledgement(struct work *work, unsigned side, uint32_t acknowledgement);
bool flow_has_work(const struct flow *flow);
/** What was seen in the flow so far, or NULL. */
const struct flow_facts *flow_facts_of(const struct flow *flow);

/* shard_watch.c */

enum status watches_new(struct watches **ret);
void watches_free(struct watches *watches); /* NULL is fine */
/** A flow's first packet, then each until nothing more is to be learnt of it, then its end; only with watches. */
void shard_watch_begin(struct shard *shard, struct flow *flow, unsigned side);
void shard_watch(struct shard *shard, struct flow *flow, unsigned side, const struct decoded *packet);
void shard_watch_count(struct shard *shard, const struct flow *flow);

/* shard.c */

/** What happens from here on is not a packet's doing. */
void shard_begin_late(struct shard *shard, uint64_t number, const struct event_outlet *events);

/* shard_path.c */

/** @p packet came with another hop limit than the one before it of its side. */
void shard_hop_limit_changed(struct shard *shard, struct flow *flow, unsigned side, const struct decoded *packet);
void shard_count_paths(const struct shard *shard, counter_visit *visit, void *context);

/* shard_inspect.c */

/** One packet of a flow that may still teach something, if it has content. */
void shard_content(struct shard *shard, struct flow *flow, unsigned side, const struct decoded *packet);
/** The flow ends, or has to make room, before its inspection was through: what there is decides. */
void shard_end_inspection(struct shard *shard, struct flow *flow);

/* shard_tell.c */

/** An event of @p flow now, for the caller to complete and send. */
struct event shard_event(const struct shard *shard, enum event_kind kind, const struct flow *flow,
                         struct packet_time time);
void shard_send(const struct shard *shard, const struct event *event);
/** Tells of the flow if the judge could make anything of it. */
void shard_tell(struct shard *shard, enum event_kind kind, struct flow *flow, struct packet_time time);
void shard_tell_gain(struct shard *shard, struct flow *flow);

#endif
