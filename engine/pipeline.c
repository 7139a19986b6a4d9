#include "engine/pipeline_internal.h"

#include <stdlib.h>
#include <string.h>

#include "engine/data_internal.h"
#include "engine/pipeline_parts_internal.h"

static const int64_t clock_step_ns = NS_PER_SEC; /* packets are disordered by less */

_Static_assert((int)SHARDS == (int)BATCH_SHARDS, "a batch has a list for each shard");

enum {
    FLOWS_DEFAULT = 2 << 20,
    DRAINED_AT_ONCE = 4096, /* flows of a shard that end in one batch */
    LOOKED_AT_MAX = 8192,   /* packets of an interface in one batch, those that give nothing too: signals are waiting */
    WORKERS_MAX = 64,
};

enum step { STEP_NONE, STEP_READ, STEP_SHARD, STEP_JUDGE, STEP_REST };

/* ---- the three steps; each is on one thread at a time ---- */

static void on_refused(void *context, const char *reason, uint64_t packet_number)
{
    struct pipeline *p = context;
    refusals_note(&p->refusals, reason, packet_number);
}

static void count_packet(struct pipeline_totals *t, const struct packet *packet)
{
    if (t->packets == 0 || packet_time_before(packet->time, t->first))
        t->first = packet->time;
    if (t->packets == 0 || packet_time_before(t->last, packet->time))
        t->last = packet->time;
    t->packets++;
    t->bytes += packet->wire_len;
}

static void tell_judge(void *context, const struct event *event)
{
    struct judge *judge = context;
    judge_event(judge, event);
    free(event->owned_facts);
}

static void tell_list(void *context, const struct event *event)
{
    struct event_list *list = context;
    event_list_add(list, event);
}

/* What a router sent back is for the shard of the flow it quotes, which comes to it after the batch's packets. */
static void put_quote(struct pipeline *p, struct batch *batch, const struct decoded *decoded)
{
    struct icmp_quote quote;
    enum icmp_quote_reason reason = icmp_quote_parse(decoded->ip, decoded->ip_len, &quote);
    if (reason != ICMP_QUOTE_GOOD)
        p->quotes_refused[reason]++;
    else if (!batch_add_quote(batch, &quote, decoded->time))
        p->quotes_beyond_room++;
}

/* One thread works on a packet where it lies. */
static void put(struct pipeline *p, struct batch *batch, const struct decoded *decoded)
{
    const struct event_outlet at_once = {tell_judge, p->judge};
    p->now = decoded->time;
    if (decoded->protocol == IP_PROTO_ICMP || decoded->protocol == IP_PROTO_ICMPV6)
        put_quote(p, batch, decoded);
    if (p->workers == 1)
        shard_packet(p->shards[batch_count_in(batch, decoded)], decoded, &at_once);
    else if (!batch_add(batch, decoded))
        p->not_kept++;
}

/* @return whether to stop early. */
static bool breathe(struct pipeline *p)
{
    const struct engine_options *o = &p->options;
    if (o->progress != NULL)
        o->progress(o->context, p->input.source, p->totals.packets);
    return o->should_stop != NULL && o->should_stop(o->context);
}

/* @return STATUS_OK when there was a packet, else as input_next(). */
static enum status next_decoded(struct pipeline *p, bool may_wait, struct decoded *ret, enum decode_result *ret_result)
{
    struct packet packet;
    if (decoder_has_rest(p->decoder)) {
        *ret_result = decode_rest(p->decoder, ret);
    } else {
        enum status status = input_next(&p->input, may_wait, &packet);
        if (status == STATUS_NOT_FOUND || (status == STATUS_OK && p->input.live != NULL))
            p->now = packet.time; /* of the kernel: also what gives nothing tells the time */
        if (status != STATUS_OK)
            return status;
        count_packet(&p->totals, &packet);
        p->clock_lost_us = p->clocks != NULL ? clock_steps_note(p->clocks, packet.interface, packet.time) : 0;
        *ret_result = decode_packet(p->decoder, &packet, ret);
    }
    ret->clock_lost_us = p->clock_lost_us;
    return STATUS_OK;
}

/* A packet larger than what is left is decoded into the source's or the decoder's memory: its batch must be the next
 * one read, before either is asked again. Where an interface has nothing for now, the batch ends.
 * @return false at the end of the input. */
static bool fill(struct pipeline *p, struct batch *batch)
{
    struct decoded decoded;
    enum decode_result result;
    bool may_wait = !p->has_waiting;
    if (p->has_waiting)
        put(p, batch, &p->waiting);
    p->has_waiting = false;
    for (unsigned i = 0; batch->count < BATCH_PACKETS; i++, may_wait = false) {
        if (p->input.live != NULL && i == LOOKED_AT_MAX)
            break;
        enum status status = next_decoded(p, may_wait, &decoded, &result);
        if (status != STATUS_OK)
            return status == STATUS_NOT_FOUND;
        if (result != DECODE_OK)
            continue;
        if (duplicates_check(p->duplicates, &decoded))
            continue;
        if (batch_is_full(batch, &decoded)) {
            p->waiting = decoded;
            p->has_waiting = true;
            break;
        }
        put(p, batch, &decoded);
    }
    return true;
}

/* After the last packet come as many batches without packets as it takes to end every flow there can be: how many flows
 * a batch ends must not depend on how far the shards are. */
static void step_read(struct pipeline *p, struct batch *batch)
{
    batch_reset(batch);
    if (p->is_at_end) {
        batch->is_drain = true;
        p->drains_left--;
    } else {
        struct packet_time before = p->now;
        p->is_at_end = !fill(p, batch) || breathe(p);
        p->clock_steps += packet_time_between(p->now, before) > clock_step_ns;
    }
    batch->now = p->now;
    batch->number = p->totals.packets;
    batch->is_sampled = sampler_begin(&p->sampler);
    if (batch->is_sampled)
        pipeline_sample_reader(p);
}

static void step_shard(struct pipeline *p, struct batch *batch, unsigned shard)
{
    const struct event_outlet later = {tell_list, &batch->events[shard]};
    shard_packets(p->shards[shard], batch->packets, batch->order[shard], batch->order_count[shard], &later);
    for (size_t i = 0; i < batch->quote_count; i++)
        if (batch->quotes[i].shard == shard)
            shard_quote(p->shards[shard], &batch->quotes[i], batch->number, &later);
    if (batch->is_drain)
        shard_drain_some(p->shards[shard], DRAINED_AT_ONCE, batch->number, &later);
    else
        shard_expire(p->shards[shard], batch->now, batch->number, &later);
    event_list_sort(&batch->events[shard]);
    if (batch->is_sampled)
        pipeline_sample_shard(p, shard);
}

/* The lists are each in order: the first of the heads is next. */
static struct event *next_event(struct batch *batch, size_t at[static SHARDS])
{
    unsigned first = SHARDS;
    for (unsigned i = 0; i < SHARDS; i++)
        if (at[i] < batch->events[i].count &&
            (first == SHARDS ||
             event_is_before(batch->events[i].events[at[i]], batch->events[first].events[at[first]])))
            first = i;
    return first < SHARDS ? batch->events[first].events[at[first]++] : NULL;
}

/* What is no finding waits in the feeds for a full buffer: on an interface, a second at most. */
static void flush_feeds(struct pipeline *p, struct packet_time now)
{
    int64_t since = packet_time_between(p->flushed, now);
    if (since >= 0 && since < NS_PER_SEC)
        return;
    p->flushed = now;
    for (size_t i = 0; i < p->options.feed_count; i++)
        feed_flush(p->options.feeds[i]);
}

static void step_judge(struct pipeline *p, struct batch *batch)
{
    size_t at[SHARDS] = {0};
    for (struct event *event; (event = next_event(batch, at)) != NULL;)
        tell_judge(p->judge, event);
    if (batch->number > 0)
        judge_tick(p->judge, batch->now);
    if (p->input.live != NULL)
        flush_feeds(p, batch->now);
    if (batch->is_sampled)
        pipeline_sample_judge(p, p->options.geo);
}

/* ---- who does what next ---- */

/* All that was read is judged, and nobody reads on: what no thread uses then may change. */
static bool can_rest(const struct pipeline *p)
{
    return p->rest != NULL && p->judged == p->read && !p->is_reading && !p->is_resting;
}

static bool can_judge(const struct pipeline *p)
{
    if (p->is_judging || p->judged == p->read)
        return false;
    for (unsigned i = 0; i < SHARDS; i++)
        if (p->sharded[i] == p->judged)
            return false;
    return true;
}

/* The furthest step first: it gives memory back. @return STEP_NONE when nothing is ready. */
static enum step pick(struct pipeline *p, unsigned *ret_shard)
{
    if (can_judge(p))
        return STEP_JUDGE;
    unsigned behind = SHARDS;
    for (unsigned i = 0; i < SHARDS; i++)
        if (!p->is_sharding[i] && p->sharded[i] < p->read && (behind == SHARDS || p->sharded[i] < p->sharded[behind]))
            behind = i;
    *ret_shard = behind;
    if (behind < SHARDS)
        return STEP_SHARD;
    if (can_rest(p))
        return STEP_REST;
    if (p->rest == NULL && !p->is_reading && !p->is_ended && p->read - p->judged < p->ring_size)
        return STEP_READ;
    return STEP_NONE;
}

/* Enters with the lock held, works without it, leaves with it held. */
static void take_step(struct pipeline *p, enum step step, unsigned shard)
{
    uint64_t at = step == STEP_READ ? p->read : step == STEP_JUDGE ? p->judged : p->sharded[shard];
    struct batch *batch = p->ring[at % p->ring_size];
    bool *busy = step == STEP_READ ? &p->is_reading : step == STEP_JUDGE ? &p->is_judging : &p->is_sharding[shard];
    *busy = true;
    pthread_mutex_unlock(&p->lock);
    if (step == STEP_READ)
        step_read(p, batch);
    else if (step == STEP_SHARD)
        step_shard(p, batch, shard);
    else
        step_judge(p, batch);
    pthread_mutex_lock(&p->lock);
    *busy = false;
    if (step == STEP_READ) {
        p->read++;
        p->is_ended = p->is_at_end && p->drains_left == 0;
    } else if (step == STEP_SHARD) {
        p->sharded[shard]++;
    } else {
        p->judged++;
    }
    if (p->idle > 0)
        pthread_cond_broadcast(&p->changed);
}

/* The same, for what waits for rest. */
static void take_rest(struct pipeline *p)
{
    void (*rest)(void *) = p->rest;
    void *context = p->rest_context;
    p->is_resting = true;
    pthread_mutex_unlock(&p->lock);
    rest(context);
    pthread_mutex_lock(&p->lock);
    p->is_resting = false;
    p->rest = NULL;
    if (p->idle > 0)
        pthread_cond_broadcast(&p->changed);
}

static void *work(void *context)
{
    struct pipeline *p = context;
    pthread_mutex_lock(&p->lock);
    while (!p->is_ended || p->judged < p->read) {
        unsigned shard = 0;
        enum step step = pick(p, &shard);
        if (step == STEP_REST) {
            take_rest(p);
            continue;
        }
        if (step != STEP_NONE) {
            take_step(p, step, shard);
            continue;
        }
        p->idle++;
        pthread_cond_wait(&p->changed, &p->lock);
        p->idle--;
    }
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void work_alone(struct pipeline *p)
{
    struct batch *batch = p->ring[0];
    while (!p->is_ended) {
        step_read(p, batch);
        for (unsigned i = 0; i < SHARDS; i++)
            step_shard(p, batch, i);
        step_judge(p, batch);
        p->is_ended = p->is_at_end && p->drains_left == 0;
        pthread_mutex_lock(&p->lock);
        if (p->rest != NULL && !p->is_ended)
            take_rest(p);
        pthread_mutex_unlock(&p->lock);
    }
}

void pipeline_run(struct pipeline *p, const struct input *input, struct pipeline_totals *ret)
{
    pthread_t threads[WORKERS_MAX];
    unsigned started = 0;
    p->input = *input;
    if (p->workers == 1) {
        work_alone(p);
        *ret = p->totals;
        return;
    }
    /* A thread that cannot be had only makes it slower: this one does all the steps if it must. */
    while (started + 1 < p->workers && pthread_create(&threads[started], NULL, work, p) == 0)
        started++;
    work(p);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    *ret = p->totals;
}

bool pipeline_at_rest(struct pipeline *p, void (*call)(void *context), void *context)
{
    pthread_mutex_lock(&p->lock);
    bool ret = p->rest == NULL;
    if (ret) {
        p->rest = call;
        p->rest_context = context;
    }
    pthread_mutex_unlock(&p->lock);
    return ret;
}

struct packet_time pipeline_now(const struct pipeline *p)
{
    return p->now;
}

void pipeline_use(struct pipeline *p, const struct engine_data *data)
{
    options_use(&p->options, data);
    for (unsigned i = 0; i < SHARDS; i++)
        shard_use(p->shards[i], data);
}

/* ---- life ---- */

static enum status make_shards(struct pipeline *p, struct error *error)
{
    bool wants_flows = false;
    uint32_t flows_max = p->options.flows_max ? p->options.flows_max : FLOWS_DEFAULT;
    for (size_t i = 0; i < p->options.feed_count; i++)
        wants_flows |= feed_wants_flows(p->options.feeds[i]);
    struct shard_options options = {
        .engine = &p->options, .flows_max = flows_max / SHARDS ? flows_max / SHARDS : 1, .keeps_facts = wants_flows};
    p->drains_left = options.flows_max / DRAINED_AT_ONCE + 1;
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < SHARDS && status == STATUS_OK; i++) {
        if (p->workers > 1)
            status = concerns_new(p->options.geo, p->options.policies, &p->concerns[i]);
        if (status != STATUS_OK)
            return error_set(error, status, "the engine: %s", status_text(status));
        options.concerns = p->workers > 1 ? p->concerns[i] : judge_concerns(p->judge);
        status = shard_new(&options, &p->shards[i], error);
    }
    return status;
}

enum status pipeline_new(const struct engine_options *options, struct judge *judge, struct sensor_health *health,
                         struct pipeline **ret, struct error *error)
{
    struct pipeline *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return error_set(error, STATUS_NO_MEMORY, "the engine: out of memory");
    p->options = *options;
    p->judge = judge;
    p->health = health;
    p->workers = options->workers == 0 ? 1 : options->workers > WORKERS_MAX ? WORKERS_MAX : options->workers;
    p->ring_size = p->workers == 1 ? 1 : p->workers + 2 < RING_MAX ? p->workers + 2 : RING_MAX;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    enum status status = decoder_new(&p->decoder);
    if (status == STATUS_OK)
        decoder_tell(p->decoder, on_refused, p);
    if (status == STATUS_OK)
        status = duplicates_new(&p->duplicates);
    if (status == STATUS_OK && options->sensor_place != NULL && (p->clocks = clock_steps_new()) == NULL)
        status = STATUS_NO_MEMORY;
    for (unsigned i = 0; i < p->ring_size && status == STATUS_OK; i++)
        status = batch_new(&p->ring[i]);
    if (status != STATUS_OK)
        error_set(error, status, "the engine: %s", status_text(status));
    else
        status = make_shards(p, error);
    if (status != STATUS_OK) {
        pipeline_free(p);
        return status;
    }
    *ret = p;
    return STATUS_OK;
}

void pipeline_free(struct pipeline *p)
{
    if (p == NULL)
        return;
    for (unsigned i = 0; i < SHARDS; i++)
        shard_free(p->shards[i]);
    for (unsigned i = 0; i < SHARDS; i++)
        concerns_free(p->concerns[i]);
    for (unsigned i = 0; i < p->ring_size; i++)
        batch_free(p->ring[i]);
    clock_steps_free(p->clocks);
    duplicates_free(p->duplicates);
    decoder_free(p->decoder);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
