/*
 * Sightings into findings. A finding is told when it opens, when it gets worse, and in roll-ups; the list in the order
 * of telling has the one due next at its head, so that a tick with nothing due looks at one entry.
 */
#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "ledger_internal.h"
#include "policy_internal.h"

enum { FINDINGS_MAX_DEFAULT = 65536, UPDATE_INTERVAL_DEFAULT_SEC = 86400 };

enum status ledger_new(const struct ledger_options *options, struct ledger **ret)
{
    struct ledger *l = calloc(1, sizeof(*l));
    if (l == NULL)
        return STATUS_NO_MEMORY;
    l->options = *options;
    if (l->options.findings_max == 0)
        l->options.findings_max = FINDINGS_MAX_DEFAULT;
    if (l->options.update_interval_sec <= 0)
        l->options.update_interval_sec = UPDATE_INTERVAL_DEFAULT_SEC;
    l->seed = hash_seed();
    l->next_lapse.ns = INT64_MAX;
    *ret = l;
    return STATUS_OK;
}

void ledger_free(struct ledger *l)
{
    if (l == NULL)
        return;
    for (uint32_t i = 0; i < l->count; i++)
        entry_clear(&l->entries[i]);
    free(l->entries);
    free(l->slots);
    free(l->slots_by_id);
    arena_free(l->texts);
    free(l);
}

/* ---- telling ---- */

static void unlink_told(struct ledger *l, struct entry *e)
{
    uint32_t self = (uint32_t)(e - l->entries) + 1;
    if (e->earlier != 0)
        l->entries[e->earlier - 1].later = e->later;
    else if (l->told_first == self)
        l->told_first = e->later;
    if (e->later != 0)
        l->entries[e->later - 1].earlier = e->earlier;
    else if (l->told_last == self)
        l->told_last = e->earlier;
    e->earlier = e->later = 0;
}

void entry_link_told(struct ledger *l, struct entry *e, struct packet_time now)
{
    uint32_t self = (uint32_t)(e - l->entries) + 1;
    unlink_told(l, e);
    e->last_told = now;
    e->earlier = l->told_last;
    if (l->told_last != 0)
        l->entries[l->told_last - 1].later = self;
    else
        l->told_first = self;
    l->told_last = self;
}

static void fill_finding(struct ledger *l, const struct entry *e, struct packet_time now, struct finding *ret)
{
    sighting_unpack(e->worst, &l->scratch, &l->scratch_facts);
    finding_id_print(e, ret->id);
    snprintf(ret->event_id, sizeof(ret->event_id), "%s-%u", ret->id, e->revision);
    ret->sensor = l->options.sensor;
    ret->severity = (enum severity)e->severity;
    ret->rule = e->rule;
    finding_summarise(&l->scratch, e->target, e->flags, e->flag_count, ret->summary, sizeof(ret->summary));
    ret->time = now;
    ret->first_seen = e->first_seen;
    ret->last_seen = e->last_seen;
    ret->sighting = &l->scratch;
    ret->flag_count = e->flag_count;
    ret->flags = e->flags;
    ret->remote_count = e->remote_count;
    ret->remotes = e->remotes;
    ret->counters = entry_counters(e);
    ret->path_change = e->path_change;
    ret->path_changed_flows = e->path_changed_flows;
}

void ledger_tell(struct ledger *l, struct entry *e, enum finding_action action, const struct acceptance *accepted,
                 struct packet_time now)
{
    struct finding finding = {.action = action, .accepted = accepted};
    e->revision++;
    fill_finding(l, e, now, &finding);
    e->is_told = action != FINDING_CLOSED;
    e->has_grown = false;
    e->told_severity = e->severity;
    e->told_axes = e->axes;
    if (e->is_told)
        entry_link_told(l, e, now);
    else
        unlink_told(l, e);
    l->told[action]++;
    entry_mark_unsaved(l, e);
    if (l->options.keep != NULL) {
        struct kept_finding kept = entry_kept(e);
        if (l->options.keep(l->options.context, &kept, &finding))
            entry_mark_saved(l, e);
    }
    l->options.told(l->options.context, &finding);
}

static void tell(struct ledger *l, struct entry *e, enum finding_action action, struct packet_time now)
{
    ledger_tell(l, e, action, entry_accepted(e, now), now);
}

static bool has_news(const struct entry *e)
{
    if (e->severity == SEVERITY_NONE || e->worst == NULL)
        return false;
    return !e->is_told || e->severity > e->told_severity || (e->axes & ~e->told_axes) != 0;
}

static void tell_news_now(struct ledger *l, struct entry *e, struct packet_time now)
{
    if (has_news(e))
        tell(l, e, e->is_told ? FINDING_ESCALATED : FINDING_OPENED, now);
}

/* A hello is followed by its answer within a round trip: news wait for it, so that one record tells both. */
static void tell_news(struct ledger *l, struct entry *e, struct packet_time now)
{
    if (e->is_waiting || !has_news(e))
        return;
    if (l->options.settle_ns <= 0) {
        tell_news_now(l, e, now);
        return;
    }
    uint32_t self = (uint32_t)(e - l->entries) + 1;
    e->is_waiting = true;
    e->news_at = now;
    e->waits_before = 0;
    if (l->waiting_last != 0)
        l->entries[l->waiting_last - 1].waits_before = self;
    else
        l->waiting_first = self;
    l->waiting_last = self;
}

/* Tells what has waited for @p settle_ns; all of it when that is 0. */
static void tell_settled(struct ledger *l, struct packet_time now, int64_t settle_ns)
{
    while (l->waiting_first != 0) {
        struct entry *e = &l->entries[l->waiting_first - 1];
        if (settle_ns > 0 && packet_time_between(e->news_at, now) < settle_ns)
            return;
        l->waiting_first = e->waits_before;
        if (l->waiting_first == 0)
            l->waiting_last = 0;
        e->is_waiting = false;
        tell_news_now(l, e, e->news_at);
    }
}

/* ---- counting ---- */

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static struct flow_counters counters_less(const struct flow_counters *a, const struct flow_counters *b)
{
    return (struct flow_counters){less(a->packets_out, b->packets_out), less(a->packets_in, b->packets_in),
                                  less(a->bytes_out, b->bytes_out), less(a->bytes_in, b->bytes_in)};
}

static void add_counters(struct flow_counters *sum, const struct flow_counters *more)
{
    sum->packets_out += more->packets_out;
    sum->packets_in += more->packets_in;
    sum->bytes_out += more->bytes_out;
    sum->bytes_in += more->bytes_in;
}

static bool has_volume(const struct flow_counters *c)
{
    return (c->packets_out | c->packets_in | c->bytes_out | c->bytes_in) != 0;
}

static void note_times(struct entry *e, const struct sighting *s)
{
    struct packet_time start = s->flow.start.ns != 0 ? s->flow.start : s->time;
    struct packet_time end = packet_time_before(s->flow.end, s->time) ? s->time : s->flow.end;
    if (e->first_seen.ns == 0 || packet_time_before(start, e->first_seen))
        e->first_seen = start;
    if (packet_time_before(e->last_seen, end))
        e->last_seen = end;
}

/* The scratch sighting becomes the one that @p e shows; it may point into the one that was. */
static bool keep_scratch(struct ledger *l, struct entry *e)
{
    struct packed_sighting *packed = sighting_pack(&l->scratch);
    if (packed == NULL) {
        l->out_of_memory++;
        return false;
    }
    free(e->worst);
    e->worst = packed;
    return true;
}

/* Keeps the worst flow: more severe, or as severe and surer, or a fuller view of the one kept. */
static void note_worst(struct ledger *l, struct entry *e, const struct sighting *s, enum severity severity,
                       const char *rule)
{
    bool is_worse = e->worst == NULL || severity > e->shown_severity;
    bool is_as_bad = severity == e->shown_severity;
    bool is_better_known = is_as_bad && (s->attribution.confidence > e->confidence ||
                                         (e->worst != NULL && sighting_is_of_flow(e->worst, s->flow.uid)));
    if (s->attribution.confidence > e->confidence) {
        e->confidence = (uint8_t)s->attribution.confidence;
        e->has_grown = true;
    }
    if (!is_worse && !is_better_known)
        return;
    l->scratch = *s;
    if (!keep_scratch(l, e))
        return;
    e->shown_severity = (uint8_t)severity;
    if (severity < e->severity)
        return;
    e->severity = (uint8_t)severity;
    e->rule = rule;
}

/* Where the flow that is shown goes to was timed since, maybe by another flow: what that refutes is taken over. What
 * was told stays as severe as it was; what was not, of one flow, is what it is now. */
static void follow_round_trip(struct ledger *l, struct entry *e, const struct sighting *s)
{
    struct sighting *shown = &l->scratch;
    if (e->worst == NULL || !sighting_is_timed_better(e->worst, s))
        return;
    sighting_unpack(e->worst, shown, &l->scratch_facts);
    const struct product *product = shown->attribution.product;
    shown->jurisdiction.axes[AXIS_LOCATION] = s->jurisdiction.axes[AXIS_LOCATION];
    shown->reach = s->reach;
    if (sighting_is_of_flow(e->worst, s->flow.uid)) {
        shown->jurisdiction.has_transit_excluded = s->jurisdiction.has_transit_excluded;
        shown->jurisdiction.transit_excluded = s->jurisdiction.transit_excluded;
    }
    policy_judge(l->options.policies, &shown->jurisdiction, product ? product->vendor : NULL, shown->time,
                 &shown->verdicts);
    if (!e->is_told && e->counters.remotes == 1) {
        e->severity = (uint8_t)policy_severity(l->options.policies, shown, &e->rule);
        e->flag_count = e->axes = 0;
        entry_add_flags(l, e, &shown->verdicts);
    }
    if (keep_scratch(l, e))
        e->has_grown = true;
}

static void count_sighting(struct ledger *l, struct entry *e, const struct sighting *s,
                           const struct flow_counters *already)
{
    struct flow_counters gained = already ? counters_less(&s->flow.counters, already) : s->flow.counters;
    add_counters(&e->counters.volume, &gained);
    e->counters.flows += already == NULL;
    e->is_of_before = false;
    e->has_grown |= already == NULL || has_volume(&gained);
    if (!e->has_mac && s->has_mac) {
        e->has_mac = true;
        memcpy(e->mac, s->host_mac, sizeof(e->mac));
    }
    entry_add_remote(l, e, s, already == NULL);
    entry_add_flags(l, e, &s->verdicts);
    note_times(e, s);
    entry_mark_unsaved(l, e);
}

/* Nothing is left of it: should its key be seen again, it starts anew under its old id and the next revision. */
static void entry_forget(struct entry *e)
{
    free(e->worst);
    e->worst = NULL;
    e->severity = e->shown_severity = SEVERITY_NONE;
    e->confidence = CONFIDENCE_NONE;
    e->axes = e->flag_count = 0;
    e->remotes_before = 0;
    e->first_seen = e->last_seen = (struct packet_time){0};
    e->path_change = (struct path_change){0};
    e->path_changed_flows = 0;
}

/* The flow belongs to another finding after all. */
static void take_flow_away(struct ledger *l, uint32_t serial, const struct sighting *s,
                           const struct flow_counters *counted)
{
    struct entry *e = &l->entries[serial - 1];
    if (counted != NULL)
        e->counters.volume = counters_less(&e->counters.volume, counted);
    e->counters.flows = less(e->counters.flows, 1);
    entry_remove_remote(e, &s->remote);
    e->has_grown = true;
    l->moved++;
    entry_mark_unsaved(l, e);
    if (e->counters.flows > 0)
        return;
    if (e->is_told && e->worst != NULL)
        tell(l, e, FINDING_CLOSED, s->time);
    entry_forget(e);
}

uint32_t ledger_sight(struct ledger *l, const struct sighting *s, uint32_t previous,
                      const struct flow_counters *previous_counters)
{
    static const struct flow_counters nothing;
    const char *rule = NULL;
    struct finding_key key;
    enum severity severity = policy_severity(l->options.policies, s, &rule);
    struct entry *e = NULL;
    if (finding_key_of(s, severity, &key))
        e = ledger_take_entry(l, &key, key.product != NULL && key.purpose != PURPOSE_WEB);
    uint32_t serial = e ? (uint32_t)(e - l->entries) + 1 : 0;
    bool is_known = previous != 0 && previous <= l->count;
    if (is_known && previous != serial)
        take_flow_away(l, previous, s, previous_counters);
    if (e == NULL)
        return 0;
    const struct flow_counters *already = NULL;
    if (is_known && previous == serial)
        already = previous_counters ? previous_counters : &nothing;
    follow_round_trip(l, e, s);
    count_sighting(l, e, s, already);
    note_worst(l, e, s, severity, rule);
    tell_news(l, e, s->time);
    return serial;
}

void ledger_add_volume(struct ledger *l, uint32_t serial, const struct flow_counters *gained,
                       struct packet_time last_seen)
{
    if (serial == 0 || serial > l->count)
        return;
    struct entry *e = &l->entries[serial - 1];
    add_counters(&e->counters.volume, gained);
    if (has_volume(gained)) {
        e->has_grown = true;
        entry_mark_unsaved(l, e);
    }
    if (packet_time_before(e->last_seen, last_seen))
        e->last_seen = last_seen;
    if (e->counters.flows == 1 && e->worst != NULL) /* then the flow shown is this one */
        sighting_grow(e->worst, gained, last_seen);
}

const struct product *ledger_product(const struct ledger *l, uint32_t serial)
{
    return serial != 0 && serial <= l->count ? l->entries[serial - 1].product : NULL;
}

void ledger_note_path(struct ledger *l, uint32_t serial, const struct path_change *change, uint32_t more, bool is_first)
{
    if (serial == 0 || serial > l->count || more == 0)
        return;
    struct entry *e = &l->entries[serial - 1];
    uint32_t changes = e->path_change.changes;
    if (changes == 0 || packet_time_before(change->at, e->path_change.at))
        e->path_change = *change;
    e->path_change.changes = changes > UINT32_MAX - more ? UINT32_MAX : changes + more;
    e->path_changed_flows += is_first;
    e->has_grown = true;
}

void ledger_look_again(struct ledger *l, uint32_t serial, bool (*revise)(void *context, struct sighting *sighting),
                       void *context)
{
    struct sighting sighting;
    if (serial == 0 || serial > l->count)
        return;
    struct entry *e = &l->entries[serial - 1];
    if (e->worst == NULL)
        return;
    sighting_unpack(e->worst, &sighting, &l->scratch_facts);
    if (!revise(context, &sighting))
        return;
    ledger_sight(l, &sighting, serial, &sighting.flow.counters);
    e->has_grown = true;
}

static void revise_entry(struct ledger *l, struct entry *e, bool (*revise)(void *, struct attribution *), void *context)
{
    sighting_unpack(e->worst, &l->scratch, &l->scratch_facts);
    if (!revise(context, &l->scratch.attribution))
        return;
    if (keep_scratch(l, e))
        e->has_grown = true;
}

void ledger_revise(struct ledger *l, const struct ip_address *host, const struct product *product,
                   bool (*revise)(void *context, struct attribution *attribution), void *context)
{
    struct finding_key key = {.host = *host, .product = product};
    for (unsigned purpose = 0; purpose < PURPOSE_COUNT; purpose++) {
        key.purpose = (enum purpose)purpose;
        struct entry *e = ledger_find_entry(l, &key);
        if (e != NULL && e->worst != NULL)
            revise_entry(l, e, revise, context);
    }
}

/* ---- roll-ups ---- */

void ledger_tick(struct ledger *l, struct packet_time now)
{
    int64_t interval_sec = l->options.update_interval_sec;
    tell_settled(l, now, l->options.settle_ns);
    if (!packet_time_before(now, l->next_lapse))
        ledger_tell_lapses(l, now);
    while (l->told_first != 0) {
        struct entry *e = &l->entries[l->told_first - 1];
        if (packet_time_between(e->last_told, now) / NS_PER_SEC < interval_sec)
            return;
        if (e->has_grown)
            tell(l, e, FINDING_UPDATED, now);
        else
            entry_link_told(l, e, now);
    }
}

void ledger_close_run(struct ledger *l, struct packet_time now)
{
    tell_settled(l, now, 0);
    for (uint32_t i = 0; i < l->count; i++) {
        struct entry *e = &l->entries[i];
        if (e->severity == SEVERITY_NONE || e->counters.flows == 0 || e->worst == NULL || !e->has_grown)
            continue;
        tell(l, e, e->is_told ? FINDING_UPDATED : FINDING_OPENED, now);
    }
}

/* ---- what came together ---- */

void ledger_findings_by_severity(const struct ledger *l, uint64_t ret[static SEVERITY_COUNT])
{
    memset(ret, 0, SEVERITY_COUNT * sizeof(ret[0]));
    for (uint32_t i = 0; i < l->count; i++)
        if (l->entries[i].severity != SEVERITY_NONE && l->entries[i].counters.flows > 0 && !l->entries[i].is_of_before)
            ret[l->entries[i].severity]++;
}

void ledger_count(const struct ledger *l, counter_visit *visit, void *context)
{
    const struct counter counters[] = {
        {"findings", "opened", l->told[FINDING_OPENED]},
        {"findings", "updated", l->told[FINDING_UPDATED]},
        {"findings", "escalated", l->told[FINDING_ESCALATED]},
        {"findings", "closed", l->told[FINDING_CLOSED]},
        {"findings", "refused_table_full", l->refused},
        {"findings", "flows_moved", l->moved},
        {"findings", "remotes_not_counted", l->remotes_uncounted},
        {"findings", "flags_not_listed", l->flags_refused},
        {"findings", "out_of_memory", l->out_of_memory},
    };
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
        visit(context, &counters[i]);
}
