#include "health_internal.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

enum {
    SERIES_MAX = 256,
    BUCKETS = 6, /* a minute */
    BUCKET_SEC = 10,
    SENTENCE_SIZE = 512,
    SILENCES_APART = 60, /* buckets: after a silence, the next one within ten minutes must last a minute to be told */
};

struct bucket {
    uint64_t events, of;
};

/* One condition of one subject over time. */
struct series {
    enum health_condition condition;
    char subject[SAMPLE_NAME_SIZE]; /* "": the sensor */
    bool is_raised;
    bool is_seen, is_broken;       /* by this sample; by a sample of this bucket not */
    uint64_t last_events, last_of; /* counts as of the last sample */
    struct bucket now, buckets[BUCKETS];
    unsigned filled, next; /* buckets in use, and the next to be written */
    unsigned since_told;   /* buckets; a silence counts as told */
};

struct health {
    const char *sensor;
    struct series series[SERIES_MAX];
    unsigned count;
    int64_t bucket_began_ns;
    bool has_began;
    /* Of the sample that is being taken. */
    struct packet_time time;
    health_told *told;
    void *context;
};

enum status health_new(const char *sensor, struct health **ret)
{
    struct health *health = calloc(1, sizeof(*health));
    if (health == NULL)
        return STATUS_NO_MEMORY;
    health->sensor = sensor;
    *ret = health;
    return STATUS_OK;
}

void health_free(struct health *health)
{
    free(health);
}

uint32_t health_raised(const struct health *health)
{
    uint32_t ret = 0;
    for (unsigned i = 0; i < health->count; i++)
        if (health->series[i].is_raised)
            ret |= UINT32_C(1) << health->series[i].condition;
    return ret;
}

/* ---- records ---- */

static uint64_t value_of(const struct health_rule *rule, struct bucket b)
{
    if (rule->kind != HEALTH_BY_SHARE)
        return b.events * 1000;
    return b.of == 0 ? 0 : (uint64_t)((double)b.events * 100000.0 / (double)b.of);
}

static void tell(struct health *health, struct series *s, bool is_raised, struct bucket b, uint32_t window_sec)
{
    const struct health_rule *rule = &health_rules[s->condition];
    char sentence[SENTENCE_SIZE];
    struct health_record record = {
        .time = health->time,
        .sensor = health->sensor,
        .condition = s->condition,
        .is_raised = is_raised,
        .subject = s->subject[0] != '\0' ? s->subject : NULL,
        .unit = rule->unit,
        .value = value_of(rule, b),
        .threshold = rule->threshold,
        .window_sec = window_sec,
        .sentence = sentence,
    };
    s->is_raised = is_raised;
    s->since_told = 0;
    health_sentence(&record, b.events, b.of, sentence, sizeof(sentence));
    health->told(health->context, &record);
}

/* ---- raising and clearing ---- */

/* Exact at the threshold, where value_of() rounds. */
static bool is_above(const struct health_rule *rule, struct bucket b, uint64_t threshold)
{
    if (rule->kind != HEALTH_BY_SHARE)
        return b.events > threshold / 1000;
    return b.of >= rule->of_least && (double)b.events * 100000.0 > (double)threshold * (double)b.of;
}

/* Nothing to judge by clears nothing. */
static bool is_better(const struct health_rule *rule, struct bucket b)
{
    bool says_something = rule->kind != HEALTH_BY_SHARE || (b.of > 0 && b.of >= rule->of_least);
    return says_something && !is_above(rule, b, rule->threshold / 2);
}

static struct bucket minute_of(const struct series *s)
{
    struct bucket ret = {0, 0};
    for (unsigned i = 0; i < s->filled; i++) {
        ret.events += s->buckets[i].events;
        ret.of += s->buckets[i].of;
    }
    return ret;
}

/* A silence is over with the first packet. One that follows another must be longer to be told: a sparse link. */
static void judge_silence(struct health *health, struct series *s, struct bucket last)
{
    bool is_repeated = s->since_told < SILENCES_APART;
    if (s->is_raised && last.events > 0)
        tell(health, s, false, last, BUCKET_SEC);
    else if (!s->is_raised && is_repeated && s->filled == BUCKETS && minute_of(s).events == 0)
        tell(health, s, true, last, BUCKETS * BUCKET_SEC);
    else if (!s->is_raised && !is_repeated && last.events == 0)
        tell(health, s, true, last, BUCKET_SEC);
    else if (last.events == 0)
        s->since_told = 0;
}

static void judge_window(struct health *health, struct series *s, struct bucket last)
{
    const struct health_rule *rule = &health_rules[s->condition];
    struct bucket minute = minute_of(s);
    if (rule->kind == HEALTH_BY_SILENCE)
        judge_silence(health, s, last);
    else if (!s->is_raised && is_above(rule, last, rule->threshold))
        tell(health, s, true, last, BUCKET_SEC);
    else if (s->is_raised && s->since_told >= BUCKETS && is_better(rule, minute))
        tell(health, s, false, minute, BUCKETS * BUCKET_SEC);
}

/* What was not known all the time is not judged. */
static void close_bucket(struct health *health, struct series *s)
{
    struct bucket last = s->now;
    bool is_whole = !s->is_broken;
    s->now = (struct bucket){0, 0};
    s->is_broken = !s->is_seen;
    s->since_told += s->since_told < SILENCES_APART;
    if (!is_whole || health_rules[s->condition].kind == HEALTH_BY_LEVEL)
        return;
    s->buckets[s->next] = last;
    s->next = (s->next + 1) % BUCKETS;
    s->filled += s->filled < BUCKETS;
    judge_window(health, s, last);
}

static void judge_level(struct health *health, struct series *s, const struct health_reading *reading)
{
    const struct health_rule *rule = &health_rules[s->condition];
    struct bucket b = {reading->events, 0};
    bool is_above_now = is_above(rule, b, rule->threshold);
    if (is_above_now != s->is_raised)
        tell(health, s, is_above_now, b, 0);
}

/* ---- samples ---- */

static struct series *series_of(struct health *health, const struct health_reading *reading)
{
    const char *subject = reading->subject != NULL ? reading->subject : "";
    for (unsigned i = 0; i < health->count; i++) {
        struct series *s = &health->series[i];
        if (s->condition == reading->condition && strcmp(s->subject, subject) == 0)
            return s;
    }
    if (health->count == SERIES_MAX)
        return NULL;
    struct series *s = &health->series[health->count++];
    *s = (struct series){.condition = reading->condition, .since_told = SILENCES_APART, .is_broken = health->has_began};
    text_copy(text_of(subject), s->subject, sizeof(s->subject));
    if (!health->has_began || reading->is_gauge)
        return s;
    s->last_events = reading->events; /* what was counted before it was looked at is nobody's news */
    s->last_of = reading->of;
    return s;
}

/* A count that is lower than it was began anew: its interface was opened again. */
static uint64_t gain(uint64_t now, uint64_t before)
{
    return now >= before ? now - before : now;
}

static void on_reading(void *context, const struct health_reading *reading)
{
    struct health *health = context;
    struct series *s = series_of(health, reading);
    if (s == NULL)
        return;
    s->is_seen = true;
    if (health_rules[s->condition].kind == HEALTH_BY_LEVEL) {
        judge_level(health, s, reading);
        return;
    }
    if (reading->is_gauge) {
        s->now = (struct bucket){reading->events, reading->of};
    } else {
        s->now.events += gain(reading->events, s->last_events);
        s->now.of += gain(reading->of, s->last_of);
        s->last_events = reading->events;
        s->last_of = reading->of;
    }
}

/* A database that was exchanged for one of another name, a feed that is no more: nothing is wrong with it now. */
static void drop_unseen_levels(struct health *health)
{
    for (unsigned i = 0; i < health->count;) {
        struct series *s = &health->series[i];
        if (s->is_seen || health_rules[s->condition].kind != HEALTH_BY_LEVEL) {
            i++;
            continue;
        }
        if (s->is_raised)
            tell(health, s, false, (struct bucket){0, 0}, 0);
        *s = health->series[--health->count];
    }
}

static void begin_sample(struct health *health, const struct run_sample *sample, health_told *told, void *context)
{
    health->time = sample->time;
    health->told = told;
    health->context = context;
}

void health_take(struct health *health, const struct run_sample *sample, health_told *told, void *context)
{
    begin_sample(health, sample, told, context);
    for (unsigned i = 0; i < health->count; i++)
        health->series[i].is_seen = false;
    health_read_sample(sample, on_reading, health);
    drop_unseen_levels(health);
    if (!health->has_began) {
        health->has_began = true;
        health->bucket_began_ns = sample->steady_ns;
    }
    for (unsigned i = 0; i < health->count; i++)
        health->series[i].is_broken |= !health->series[i].is_seen;
    if (sample->steady_ns - health->bucket_began_ns < BUCKET_SEC * NS_PER_SEC)
        return;
    health->bucket_began_ns = sample->steady_ns;
    for (unsigned i = 0; i < health->count; i++)
        close_bucket(health, &health->series[i]);
}

static void on_total(void *context, const struct health_reading *reading)
{
    struct health *health = context;
    const struct health_rule *rule = &health_rules[reading->condition];
    struct bucket b = {reading->events, reading->of};
    if (rule->kind == HEALTH_BY_SILENCE || !is_above(rule, b, rule->threshold))
        return;
    struct series *s = series_of(health, reading);
    if (s != NULL && !s->is_raised)
        tell(health, s, true, b, 0);
}

void health_take_whole(struct health *health, const struct run_sample *sample, health_told *told, void *context)
{
    begin_sample(health, sample, told, context);
    health_read_sample(sample, on_total, health);
}
