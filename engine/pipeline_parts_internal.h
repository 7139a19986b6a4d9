/* What the files of the pipeline share: pipeline.c (the steps, and who takes them) and pipeline_count.c (counts). */
#ifndef BORDERTAP_ENGINE_PIPELINE_PARTS_INTERNAL_H
#define BORDERTAP_ENGINE_PIPELINE_PARTS_INTERNAL_H

#include <pthread.h>

#include "capture/decode.h"
#include "capture/duplicates.h"
#include "capture/rtt.h"
#include "engine/batch_internal.h"
#include "engine/pipeline_internal.h"
#include "engine/sample_internal.h"

enum {
    RING_MAX = 8, /* batches between reading and judging; one thread needs one, which stays in its cache */
};

struct pipeline {
    struct engine_options options;
    struct judge *judge;
    struct sensor_health *health; /* NULL: nobody wants to know */
    struct shard *shards[SHARDS];
    struct concerns *concerns[SHARDS]; /* NULL where one thread does all and the judge's serves */
    struct decoder *decoder;
    struct duplicates *duplicates;
    struct clock_steps *clocks; /* NULL: nobody times round trips */

    /* The reader's own. */
    struct input input;
    struct pipeline_totals totals;
    struct packet_time
        now; /* of the last packet that was decoded: the highest ever would trust one wrong clock for ever */
    struct decoded waiting; /* did not fit into the last batch */
    bool has_waiting, is_at_end;
    uint32_t drains_left;
    uint32_t clock_lost_us; /* as of struct decoded: by the last packet of the source */
    uint64_t not_kept, clock_steps;
    uint64_t quotes_refused[ICMP_QUOTE_REASON_COUNT], quotes_beyond_room;
    struct refusals refusals;

    /* Under the lock. Counts of batches: read, worked on by each shard, judged. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct batch *ring[RING_MAX];
    unsigned ring_size;
    uint64_t read, judged, sharded[SHARDS];
    bool is_reading, is_judging, is_sharding[SHARDS], is_ended, is_resting;
    void (*rest)(void *context); /* waits for all to be at rest; NULL: nothing does */
    void *rest_context;
    unsigned idle, workers;

    struct packet_time flushed; /* the judge's own: when the feeds last were */
    struct sampler sampler;
    struct {
        uint64_t flows_begun, flows_alive;
        struct flow_sides sides;
    } sampled[SHARDS];
};

/* A batch that carries a sample: what each step adds to it, the judge's last. */
void pipeline_sample_reader(struct pipeline *pipeline);
void pipeline_sample_shard(struct pipeline *pipeline, unsigned shard);
void pipeline_sample_judge(struct pipeline *pipeline, const struct geo *geo);

#endif
