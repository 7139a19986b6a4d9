/* What findings point at, when the data it came from are exchanged: every pointer of an entry and of its sighting. */
#include "ledger_internal.h"

static void survive_attribution(struct survivors *s, struct attribution *a)
{
    survive_product(s, &a->product);
    survive_product(s, &a->engine_host);
    for (unsigned i = 0; i < a->evidence_count; i++)
        survive_indicator(s, &a->evidence[i].indicator);
}

static void survive_axis(struct survivors *s, struct axis_judgement *axis)
{
    for (unsigned i = 0; i < axis->source_count; i++) {
        survive_text(s, &axis->sources[i].database);
        survive_text(s, &axis->sources[i].edition);
        survive_text(s, &axis->sources[i].detail);
    }
}

static void survive_transit(struct survivors *s, struct transit_facts *t)
{
    survive_text(s, &t->source);
    for (unsigned i = 0; i < t->hop_count; i++) {
        survive_text(s, &t->hops[i].name);
        survive_text(s, &t->hops[i].parent);
    }
}

static void survive_jurisdiction(struct survivors *s, struct jurisdiction *j)
{
    struct operator_facts *o = &j->operator_facts;
    for (unsigned i = 0; i < AXIS_COUNT; i++)
        survive_axis(s, &j->axes[i]);
    survive_text(s, &o->name);
    survive_text(s, &o->parent);
    survive_text(s, &o->parent_source);
    survive_text(s, &o->parent_since);
    survive_text(s, &o->registration_source);
    survive_transit(s, &j->transit_facts);
}

static void survive_verdicts(struct survivors *s, struct verdicts *v)
{
    for (unsigned i = 0; i < v->policy_count; i++)
        survive_text(s, &v->policies[i].policy);
    for (unsigned i = 0; i < v->flag_count; i++)
        survive_text(s, &v->flags[i].policy);
}

static void survive_entry(struct ledger *l, struct entry *e, struct survivors *s)
{
    survive_product(s, &e->product);
    survive_text(s, &e->rule);
    for (unsigned i = 0; i < e->flag_count; i++)
        survive_text(s, &e->flags[i].policy);
    if (e->worst == NULL)
        return;
    sighting_unpack(e->worst, &l->scratch, &l->scratch_facts);
    survive_attribution(s, &l->scratch.attribution);
    survive_jurisdiction(s, &l->scratch.jurisdiction);
    survive_verdicts(s, &l->scratch.verdicts);
    sighting_repoint(e->worst, &l->scratch);
}

void ledger_survive(struct ledger *l, struct survivors *survivors)
{
    for (uint32_t i = 0; i < l->count; i++)
        survive_entry(l, &l->entries[i], survivors);
}

void ledger_use_policies(struct ledger *l, const struct policy_set *policies)
{
    l->options.policies = policies;
}
