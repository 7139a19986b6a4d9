#include "engine/pipeline_parts_internal.h"

enum { PART_READER = SHARDS, PART_JUDGE, PART_COUNT }; /* of a sample; before them those of the shards */

_Static_assert((int)PART_COUNT <= (int)SAMPLE_PARTS_MAX, "a sample has a part for each step");

static void count_reader(const struct pipeline *p, counter_visit *visit, void *context)
{
    decoder_count(p->decoder, visit, context);
    duplicates_count(p->duplicates, visit, context);
    for (enum icmp_quote_reason reason = 0; reason < ICMP_QUOTE_REASON_COUNT; reason++)
        if (icmp_quote_reason_text(reason) != NULL)
            visit(context, &(struct counter){"flow_path", icmp_quote_reason_text(reason), p->quotes_refused[reason]});
    visit(context, &(struct counter){"flow_path", "quotes_beyond_room", p->quotes_beyond_room});
}

static void count_not_kept(const struct pipeline *p, counter_visit *visit, void *context)
{
    visit(context, &(struct counter){"engine", "out_of_memory", p->not_kept});
}

/* Also the events that found no room in its lists of all batches: nobody else writes those numbers. */
static void count_shard(const struct pipeline *p, unsigned shard, counter_visit *visit, void *context)
{
    uint64_t lost = 0;
    for (unsigned i = 0; i < p->ring_size; i++)
        lost += p->ring[i]->events[shard].lost;
    shard_count(p->shards[shard], visit, context);
    visit(context, &(struct counter){"engine", "out_of_memory", lost});
}

void pipeline_sample_reader(struct pipeline *p)
{
    struct run_sample *s = &p->sampler.sample;
    s->time = p->now;
    s->packets = p->totals.packets;
    s->bytes = p->totals.bytes;
    s->clock_steps = p->clock_steps;
    input_count(&p->input, sample_part_add, &p->sampler.parts[PART_READER]);
    count_reader(p, sample_part_add, &p->sampler.parts[PART_READER]);
    count_not_kept(p, sample_part_add, &p->sampler.parts[PART_READER]);
}

static void sample_shard(struct pipeline *p, unsigned shard, bool is_whole_run)
{
    p->sampled[shard].flows_begun = shard_flows(p->shards[shard]);
    p->sampled[shard].flows_alive = shard_flows_alive(p->shards[shard]);
    p->sampled[shard].sides = shard_sides(p->shards[shard], is_whole_run);
    count_shard(p, shard, sample_part_add, &p->sampler.parts[shard]);
}

void pipeline_sample_shard(struct pipeline *p, unsigned shard)
{
    sample_shard(p, shard, false);
}

static void sample_judge(struct pipeline *p)
{
    struct run_sample *s = &p->sampler.sample;
    for (unsigned i = 0; i < SHARDS; i++) {
        s->flows_begun += p->sampled[i].flows_begun;
        s->flows_alive += p->sampled[i].flows_alive;
        s->sides.proven += p->sampled[i].sides.proven;
        s->sides.one_sided += p->sampled[i].sides.one_sided;
    }
    s->hosts = judge_hosts(p->judge);
    s->has_latency = p->options.wall_ns != NULL;
    s->latency = judge_latency(p->judge);
    judge_findings(p->judge, s->findings);
    judge_count(p->judge, sample_part_add, &p->sampler.parts[PART_JUDGE]);
    sampler_merge(&p->sampler);
}

void pipeline_sample_judge(struct pipeline *p, const struct geo *geo)
{
    sample_judge(p);
    if (p->health != NULL)
        sensor_health_take(p->health, geo, &p->sampler.sample, false);
    sampler_finish(&p->sampler);
}

void pipeline_sample_whole(struct pipeline *p, const struct run_sample *outside, const struct geo *geo)
{
    sampler_begin_anew(&p->sampler, outside);
    pipeline_sample_reader(p);
    for (unsigned i = 0; i < SHARDS; i++)
        sample_shard(p, i, true);
    sample_judge(p);
    sensor_health_take(p->health, geo, &p->sampler.sample, true);
    sampler_finish(&p->sampler);
}

uint64_t pipeline_flows(const struct pipeline *p)
{
    uint64_t ret = 0;
    for (unsigned i = 0; i < SHARDS; i++)
        ret += shard_flows(p->shards[i]);
    return ret;
}

void pipeline_count(const struct pipeline *p, counter_visit *visit, void *context)
{
    count_reader(p, visit, context);
    for (unsigned i = 0; i < SHARDS; i++)
        count_shard(p, i, visit, context);
    count_not_kept(p, visit, context);
}

struct sampler *pipeline_sampler(struct pipeline *p)
{
    return &p->sampler;
}

void pipeline_reach(const struct pipeline *p, struct reach_totals *ret)
{
    *ret = (struct reach_totals){0};
    for (unsigned i = 0; i < SHARDS; i++)
        shard_watch_totals(p->shards[i], ret);
}

void pipeline_refusals(const struct pipeline *p, struct refusals *ret)
{
    refusals_merge(ret, &p->refusals);
    for (unsigned i = 0; i < SHARDS; i++)
        refusals_merge(ret, shard_refusals(p->shards[i]));
}
