#include <stdlib.h>
#include <string.h>

#include "engine/kept_facts_internal.h"
#include "engine/shard_parts_internal.h"
#include "engine/view_internal.h"

static void work_unlink(struct shard *shard, struct work *work)
{
    *(work->earlier ? &work->earlier->later : &shard->first_work) = work->later;
    *(work->later ? &work->later->earlier : &shard->last_work) = work->earlier;
}

static void work_link_last(struct shard *shard, struct work *work)
{
    work->earlier = shard->last_work;
    work->later = NULL;
    *(shard->last_work ? &shard->last_work->later : &shard->first_work) = work;
    shard->last_work = work;
}

void work_give(struct shard *shard, struct flow *flow)
{
    struct work *work = flow->inspection;
    stream_clear(shard->pool, &work->streams[0]);
    stream_clear(shard->pool, &work->streams[1]);
    if (work->inspection != NULL)
        inspection_give(shard->inspector, work->inspection);
    work_unlink(shard, work);
    shard->works_used--;
    work->next_free = shard->free_works;
    shard->free_works = work;
    flow->inspection = NULL;
}

bool flow_has_work(const struct flow *flow)
{
    return flow->state == FLOW_INSPECTED;
}

bool flow_is_nameless(const struct flow *flow)
{
    return flow->state == FLOW_NAMELESS;
}

const struct flow_facts *flow_facts_of(const struct flow *flow)
{
    if (!flow_has_work(flow))
        return flow->inspection; /* kept, or none */
    const struct work *work = flow->inspection;
    return inspection_facts(work->inspection);
}

/* A flow record shows the facts; without records, a DNS answer may still name the flow while it goes on. */
static bool facts_are_wanted(const struct shard *shard, const struct flow *flow)
{
    bool may_be_named = flow->serial != 0 && flow->end_reason == FLOW_END_NONE;
    return shard->options.keeps_facts || (may_be_named && wants_dns_name(flow_facts_of(flow)));
}

static struct flow_facts *keep_facts(struct shard *shard, const struct flow *flow)
{
    bool is_late = !shard->options.keeps_facts;
    bool has_room = !is_late || shard->late_facts < LATE_FACTS_MAX;
    struct flow_facts *kept = has_room ? facts_copy_new(flow_facts_of(flow)) : NULL;
    shard->late_facts += kept != NULL && is_late;
    shard->facts_not_kept += kept == NULL;
    return kept;
}

struct flow_facts *work_take_facts(struct shard *shard, struct flow *flow)
{
    struct flow_facts *facts = flow->inspection;
    shard->late_facts -= facts != NULL && !shard->options.keeps_facts;
    flow->inspection = NULL;
    return facts;
}

void work_retire(struct shard *shard, struct flow *flow, enum shard_state next)
{
    struct flow_facts *kept = facts_are_wanted(shard, flow) ? keep_facts(shard, flow) : NULL;
    work_give(shard, flow);
    flow->state = (uint8_t)next;
    flow->inspection = kept;
}

struct work *work_take(struct shard *shard)
{
    struct work *work = shard->free_works;
    if (work != NULL) {
        shard->free_works = work->next_free;
        memset(work, 0, sizeof(*work));
    } else if ((work = calloc(1, sizeof(*work))) == NULL) {
        return NULL;
    }
    shard->works_used++;
    work_link_last(shard, work);
    return work;
}

void work_note_acknowledgement(struct work *work, unsigned side, uint32_t acknowledgement)
{
    if (work->has_acknowledged[side] && (int32_t)(acknowledgement - work->acknowledged[side]) <= 0)
        return;
    work->acknowledged[side] = acknowledgement;
    work->has_acknowledged[side] = true;
}

void work_touch(struct shard *shard, struct work *work)
{
    work_unlink(shard, work);
    work_link_last(shard, work);
}
