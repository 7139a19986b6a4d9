/*
 * A sighting has room for the most of everything, about 8 kB; a finding keeps one, so it is stored as one block of what
 * is in use. One walk over the fields measures, writes and reads, so that the three can never disagree.
 */
#include <stdlib.h>

#include "ledger_internal.h"

struct packed_sighting {
    struct flow_view flow;
    struct ip_address remote;
    struct round_trip shortest;
    uint8_t bytes[];
};

enum carry_mode { MEASURE, WRITE, READ };

struct carrier {
    enum carry_mode mode;
    uint8_t *out;
    const uint8_t *in;
    size_t used;
};

static void carry(struct carrier *c, void *field, size_t size)
{
    if (c->mode == WRITE)
        memcpy(c->out + c->used, field, size);
    else if (c->mode == READ)
        memcpy(field, c->in + c->used, size);
    c->used += size;
}

#define CARRY(c, field) carry(c, &(field), sizeof(field))

/* A terminated text in an array of its own. */
static void carry_string(struct carrier *c, char *text)
{
    uint16_t size = c->mode == READ ? 0 : (uint16_t)(strlen(text) + 1);
    CARRY(c, size);
    carry(c, text, size);
}

/* A borrowed text: read back, it points into the block. */
static void carry_text(struct carrier *c, struct text *text)
{
    CARRY(c, text->length);
    bool has_data = text->data != NULL;
    CARRY(c, has_data);
    if (c->mode == WRITE && has_data)
        memmove(c->out + c->used, text->data, text->length); /* it may be there already */
    else if (c->mode == READ)
        text->data = has_data ? (const char *)c->in + c->used : NULL;
    c->used += has_data ? text->length : 0;
}

static void carry_attribution(struct carrier *c, struct attribution *a)
{
    CARRY(c, a->product);
    CARRY(c, a->purpose);
    CARRY(c, a->confidence);
    CARRY(c, a->engine_host);
    CARRY(c, a->evidence_count);
    for (unsigned i = 0; i < a->evidence_count; i++) {
        CARRY(c, a->evidence[i].kind);
        CARRY(c, a->evidence[i].indicator);
        carry_string(c, a->evidence[i].value);
    }
}

static void carry_transit(struct carrier *c, struct transit_facts *t)
{
    CARRY(c, t->source);
    if (t->source == NULL)
        return;
    carry(c, t, offsetof(struct transit_facts, hops));
    carry(c, t->hops, t->hop_count * sizeof(t->hops[0]));
    carry_string(c, t->why);
}

static void carry_jurisdiction(struct carrier *c, struct jurisdiction *j)
{
    for (unsigned i = 0; i < AXIS_COUNT; i++) {
        struct axis_judgement *axis = &j->axes[i];
        CARRY(c, axis->status);
        CARRY(c, axis->country_count);
        CARRY(c, axis->source_count);
        carry(c, axis->countries, axis->country_count * sizeof(axis->countries[0]));
        carry(c, axis->sources, axis->source_count * sizeof(axis->sources[0]));
        CARRY(c, axis->certain);
        CARRY(c, axis->is_incomplete);
        carry_string(c, axis->reason);
    }
    CARRY(c, j->operator_facts);
    carry_transit(c, &j->transit_facts);
    CARRY(c, j->judged);
    CARRY(c, j->is_embedded);
    CARRY(c, j->has_transit_excluded);
    if (j->has_transit_excluded)
        CARRY(c, j->transit_excluded);
}

static void carry_reach(struct carrier *c, struct reach *r)
{
    if (round_trip_is_sample(r->shortest.kind))
        CARRY(c, *r);
}

static void carry_verdicts(struct carrier *c, struct verdicts *v)
{
    CARRY(c, v->policy_count);
    CARRY(c, v->flag_count);
    carry(c, v->policies, v->policy_count * sizeof(v->policies[0]));
    carry(c, v->flags, v->flag_count * sizeof(v->flags[0]));
}

static void carry_exposure(struct carrier *c, struct exposure *e)
{
    CARRY(c, e->class_);
    carry_string(c, e->reason);
    CARRY(c, e->is_resumed);
    CARRY(c, e->has_early_data);
    CARRY(c, e->name_is_hidden);
    CARRY(c, e->content_alterable);
}

/* Of the facts a finding shows what the exposure rests on. */
static void carry_facts(struct carrier *c, struct flow_facts *f)
{
    CARRY(c, f->app);
    CARRY(c, f->tls.has_client_hello);
    CARRY(c, f->tls.has_server_hello);
    CARRY(c, f->tls.version);
    CARRY(c, f->tls.cipher);
    CARRY(c, f->tls.key_exchange_group);
}

static void carry_sighting(struct carrier *c, struct sighting *s, struct flow_facts *facts)
{
    CARRY(c, s->time);
    CARRY(c, s->host);
    CARRY(c, s->remote_port);
    CARRY(c, s->has_mac);
    CARRY(c, s->host_mac);
    carry_text(c, &s->name);
    CARRY(c, s->name_source);
    CARRY(c, s->name_is_shared_memory);
    carry_string(c, s->registered_domain);
    carry_attribution(c, &s->attribution);
    carry_jurisdiction(c, &s->jurisdiction);
    carry_verdicts(c, &s->verdicts);
    carry_exposure(c, &s->exposure);
    carry_reach(c, &s->reach);
    bool has_facts = s->facts != NULL;
    CARRY(c, has_facts);
    if (has_facts)
        carry_facts(c, facts);
    if (c->mode == READ)
        s->facts = has_facts ? facts : NULL;
}

struct packed_sighting *sighting_pack(struct sighting *s)
{
    struct flow_facts facts = {0};
    if (s->facts != NULL)
        facts = *s->facts;
    struct carrier c = {.mode = MEASURE};
    carry_sighting(&c, s, &facts);
    struct packed_sighting *packed = malloc(sizeof(*packed) + c.used);
    if (packed == NULL)
        return NULL;
    packed->flow = s->flow;
    packed->remote = s->remote;
    packed->shortest = s->reach.shortest;
    c = (struct carrier){.mode = WRITE, .out = packed->bytes};
    carry_sighting(&c, s, &facts);
    return packed;
}

void sighting_unpack(const struct packed_sighting *packed, struct sighting *ret, struct flow_facts *ret_facts)
{
    struct carrier c = {.mode = READ, .in = packed->bytes};
    memset(ret, 0, sizeof(*ret));
    memset(ret_facts, 0, sizeof(*ret_facts));
    ret->flow = packed->flow;
    ret->remote = packed->remote;
    ret->reach.shortest = packed->shortest;
    carry_sighting(&c, ret, ret_facts);
}

void sighting_repoint(struct packed_sighting *packed, struct sighting *s)
{
    struct flow_facts facts = {0};
    if (s->facts != NULL)
        facts = *s->facts;
    struct carrier c = {.mode = WRITE, .out = packed->bytes};
    carry_sighting(&c, s, &facts);
}

void sighting_grow(struct packed_sighting *packed, const struct flow_counters *gained, struct packet_time end)
{
    struct flow_counters *counters = &packed->flow.counters;
    counters->packets_out += gained->packets_out;
    counters->packets_in += gained->packets_in;
    counters->bytes_out += gained->bytes_out;
    counters->bytes_in += gained->bytes_in;
    if (packet_time_before(packed->flow.end, end))
        packed->flow.end = end;
}

bool sighting_is_of_flow(const struct packed_sighting *packed, const char *uid)
{
    return strcmp(packed->flow.uid, uid) == 0;
}

bool sighting_is_timed_better(const struct packed_sighting *packed, const struct sighting *s)
{
    const struct round_trip before = packed->shortest, now = s->reach.shortest;
    if (!round_trip_is_sample(now.kind) || !ip_equal(&packed->remote, &s->remote))
        return false;
    bool is_same_end = (now.kind > ROUND_TRIP_TCP) == (before.kind > ROUND_TRIP_TCP);
    return !round_trip_is_sample(before.kind) || (is_same_end && now.us < before.us);
}
