#include "engine/judge_parts_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzers/assess_exposure.h"
#include "analyzers/attribute.h"
#include "engine/flow_view_internal.h"
#include "engine/view_internal.h"
#include "registered_domain.h"

enum {
    DNS_BINDINGS_MAX_ALL = 1 << 20,
    HOSTS_MAX = 1 << 20,
    DNS_NAMES_WEIGHED = 8,
};

static const int64_t tick_ns = NS_PER_SEC / 10;

/* Protocol names are few; nDPI's come in memory that goes with the inspection. */
static const char *app_name(struct judge *judge, const struct flow_facts *facts)
{
    if (facts == NULL)
        return NULL;
    if (facts->app != APP_OTHER)
        return app_text(facts->app);
    for (size_t i = 0; i < judge->app_name_count; i++)
        if (text_equal(facts->app_name, text_of(judge->app_names[i])))
            return judge->app_names[i];
    if (text_is_empty(facts->app_name) || facts->app_name.length >= sizeof(judge->app_names[0]) ||
        judge->app_name_count == APP_NAMES_MAX)
        return NULL;
    char *name = judge->app_names[judge->app_name_count++];
    text_copy(facts->app_name, name, sizeof(judge->app_names[0]));
    return name;
}

/* Most flows are judged only to find that nothing is to be told of them: what no attribution needs is cleared once it
 * is needed. */
static void begin_sighting(struct sighting *s, struct packet_time now)
{
    memset(s, 0, offsetof(struct sighting, attribution));
    s->time = now;
}

static void clear_jurisdiction(struct sighting *s)
{
    memset(&s->jurisdiction, 0, sizeof(*s) - offsetof(struct sighting, jurisdiction));
}

/* Names the host was told for the remote; only when the flow itself has none. */
static size_t dns_names(struct judge *judge, const struct view *v, struct packet_time now, struct sighting *s,
                        struct text ret[static DNS_NAMES_WEIGHED])
{
    struct dns_memory_names found;
    if (!dns_memory_find(judge->dns, v->host, v->remote, now, &found))
        return 0;
    s->name = found.name;
    s->name_source = NAME_DNS_ANSWER;
    s->name_is_shared_memory = found.is_common;
    size_t count = dns_memory_find_all(judge->dns, v->host, v->remote, now, ret, DNS_NAMES_WEIGHED);
    if (count == 0) {
        ret[0] = found.name;
        count = 1;
    }
    return count;
}

/* The name that decided is the one to show: a connection may carry several hosts, an address several names. */
static void show_deciding_name(struct sighting *s)
{
    for (unsigned i = 0; i < s->attribution.evidence_count; i++) {
        const struct evidence *e = &s->attribution.evidence[i];
        for (int source = NAME_TLS_SNI; source <= NAME_DNS_ANSWER; source++) {
            if (strcmp(e->kind, name_source_text((enum name_source)source)) != 0)
                continue;
            s->name = text_of(e->value);
            s->name_source = (enum name_source)source;
            return;
        }
    }
}

static void attribute_flow(struct judge *judge, const struct flow *flow, const struct flow_facts *facts,
                           const struct view *v, bool is_final, struct sighting *s)
{
    struct text names[DNS_NAMES_WEIGHED];
    size_t count = 0;
    s->name_source = own_name(facts, &s->name);
    const struct text visible = s->name;
    const enum name_source source = s->name_source;
    if (is_final && wants_dns_name(facts))
        count = dns_names(judge, v, s->time, s, names);
    attribute_view(&judge->options, flow, facts, v, names, count, s->name_is_shared_memory, is_final, &s->attribution);
    if (source != NAME_NONE && !s->attribution.name_is_hidden) {
        s->name = visible;
        s->name_source = source;
        s->name_is_shared_memory = false;
    }
    show_deciding_name(s);
}

/* Where a proxy of the house goes on to is not seen: its own address says nothing of location or operator. */
static void behind_proxy(const struct view *v, struct axis_judgement *axis)
{
    char proxy[IP_TEXT_SIZE];
    ip_print(v->remote, proxy);
    *axis = (struct axis_judgement){.status = AXIS_UNKNOWN};
    snprintf(axis->reason, sizeof(axis->reason), "reached through %s inside the house; where it goes on to is not seen",
             proxy);
}

static void judge_reach(struct judge *judge, const struct flow *flow, const struct view *v, struct sighting *s)
{
    const struct country *countries;
    size_t count = concerns_countries(judge->concerns, s->time, &countries);
    reaches_judge(judge->reaches, flow, v->remote, s->time, countries, count, &s->reach);
    reaches_refute(judge->reaches, &s->reach, &s->jurisdiction.axes[AXIS_LOCATION]);
    reaches_transit(judge->reaches, flow, countries, count, &s->jurisdiction);
}

static void judge_jurisdiction(struct judge *judge, const struct flow *flow, const struct flow_path *path,
                               const struct view *v, struct sighting *s)
{
    clear_jurisdiction(s);
    geo_judge(judge->options.geo, v->remote, &s->jurisdiction);
    if (v->is_internal) {
        behind_proxy(v, &s->jurisdiction.axes[AXIS_LOCATION]);
        behind_proxy(v, &s->jurisdiction.axes[AXIS_OPERATOR]);
    }
    judge_vendor_axis(s->attribution.product, &s->jurisdiction.axes[AXIS_VENDOR]);
    judge_transit_axis(&judge->options, s->time, path, &s->jurisdiction);
    if (v->is_internal && judge->options.paths != NULL)
        behind_proxy(v, &s->jurisdiction.axes[AXIS_TRANSIT]);
    judge_reach(judge, flow, v, s);
    judge_policies(judge, s);
}

static void judge_exposure(struct judge *judge, const struct flow_facts *facts, struct sighting *s)
{
    const struct country *flagged;
    size_t count = concerns_countries(judge->concerns, s->time, &flagged);
    assess_exposure(judge->options.catalog, facts, flagged, count, &s->exposure);
    s->exposure.name_is_hidden |= s->attribution.name_is_hidden;
}

static void fill_flow(struct judge *judge, const struct flow *flow, const struct flow_facts *facts,
                      const struct view *v, struct sighting *s)
{
    static const uint8_t no_mac[6];
    flow_view_make(flow, facts, v->host_side, v->reason, app_name(judge, facts), &s->flow);
    s->host = *v->host;
    s->remote = *v->remote;
    s->remote_port = flow->key.port[!v->host_side];
    s->is_internal = v->is_internal;
    s->has_mac = memcmp(flow->mac[v->host_side], no_mac, sizeof(no_mac)) != 0;
    memcpy(s->host_mac, flow->mac[v->host_side], sizeof(s->host_mac));
    s->facts = facts;
    if (s->name.data != NULL)
        registered_domain(s->name, s->registered_domain, sizeof(s->registered_domain));
}

struct seen_at_host {
    const struct catalog *catalog;
    const struct host_seen *host;
};

static bool revise_engine(void *context, struct attribution *attribution)
{
    const struct seen_at_host *seen = context;
    return attribute_engine_host(seen->catalog, seen->host->products->items, seen->host->products->count, attribution);
}

/* A product that embeds an engine may show itself after the engine did: what was told of the engine is seen in another
 * light. */
static void add_product(struct judge *judge, struct host_seen *host, const struct product *product)
{
    if (!host_add_product(host, product))
        return;
    struct seen_at_host seen = {judge->options.catalog, host};
    const struct host_products *shown = host->products;
    for (unsigned i = 0; i < shown->count; i++)
        if (shown->items[i]->is_engine && shown->items[i] != product)
            ledger_revise(judge->ledger, &host->address, shown->items[i], revise_engine, &seen);
}

static void note_products(struct judge *judge, const struct view *v, struct sighting *s)
{
    struct host_seen *host = hosts_touch(judge->hosts, v->host);
    if (host == NULL || !is_agent(&s->attribution))
        return;
    add_product(judge, host, s->attribution.product);
    attribute_engine_host(judge->options.catalog, host->products->items, host->products->count, &s->attribution);
}

static void see_product(struct judge *judge, const struct product *product)
{
    for (size_t i = 0; i < judge->product_count; i++)
        if (judge->products[i] == product)
            return;
    if (judge->product_count < PRODUCTS_MAX)
        judge->products[judge->product_count++] = product;
}

static void give_to_ledger(struct judge *judge, const struct flow *flow, const struct view *v, const struct sighting *s)
{
    struct told_flow *told = told_flows_take(&judge->told, flow);
    if (told == NULL)
        return;
    bool is_first = told->ledger_serial == 0;
    told->ledger_serial = ledger_sight(judge->ledger, s, told->ledger_serial, is_first ? NULL : &told->counted);
    told->counted = s->flow.counters;
    told->host_side = (uint8_t)v->host_side;
    told->has_name = s->name.data != NULL;
    if (told->ledger_serial == 0)
        told_flows_forget(&judge->told, told);
}

static void judge_attributed(struct judge *judge, const struct event *event, const struct view *v, struct sighting *s)
{
    judge_jurisdiction(judge, event->flow, event->path, v, s);
    judge_exposure(judge, event->facts, s);
    fill_flow(judge, event->flow, event->facts, v, s);
    if (is_agent(&s->attribution))
        see_product(judge, s->attribution.product);
    give_to_ledger(judge, event->flow, v, s);
}

static void weigh_flow(struct judge *judge, const struct event *event, const struct view *v, bool is_final)
{
    const struct flow *flow = event->flow;
    const struct flow_facts *facts = event->facts;
    struct packet_time now = event->time;
    struct sighting s;
    begin_sighting(&s, now);
    attribute_flow(judge, flow, facts, v, is_final, &s);
    if (is_final || s.attribution.product != NULL)
        note_products(judge, v, &s);
    bool has_product = s.attribution.product != NULL;
    bool may_concern =
        is_final && !v->is_internal && host_took_part(flow, v) && concerns_ask(judge->concerns, v->remote, now);
    struct told_flow *told = flow->serial != 0 ? told_flows_find(&judge->told, flow) : NULL;
    if (!has_product && !may_concern && told == NULL)
        return;
    if (!has_product && told != NULL && told_flow_is_of_lost_product(told, judge->ledger, judge->options.catalog)) {
        told_flow_count_gain(told, flow, judge->ledger); /* it stays as it was told */
        return;
    }
    judge_attributed(judge, event, v, &s);
}

/* Judges a flow by what is known now. Only a final look may rest on evidence beside the flow: its own name may still
 * come. */
static void judge_flow(struct judge *judge, const struct event *event, bool is_final)
{
    struct view v = view_of(event->flow, judge->options.home_nets);
    reaches_learn(judge->reaches, event->flow, v.remote, event->time, is_final);
    weigh_flow(judge, event, &v, is_final);
}

/* Once more at the end: the answer that names a flow may come after the flow has shown all it will. One that was told
 * of by a name stays as it was told; the ledger moves one that was told of by its place. */
static void judge_late_name(struct judge *judge, const struct event *event)
{
    const struct flow *flow = event->flow;
    struct view v = view_of(flow, judge->options.home_nets);
    const struct told_flow *told = told_flows_find(&judge->told, flow);
    if (flow->serial == 0 || (told != NULL && told->has_name) || !wants_dns_name(event->facts) ||
        !dns_memory_learned_since(judge->dns, v.host, v.remote, flow->first))
        return;
    struct sighting s;
    begin_sighting(&s, flow->last);
    attribute_flow(judge, flow, event->facts, &v, true, &s);
    if (s.attribution.product == NULL)
        return;
    note_products(judge, &v, &s);
    judge_attributed(judge, event, &v, &s);
}

/* A flow record shows everything; made only for feeds that asked for flows. */
static void tell_flow(struct judge *judge, const struct event *event)
{
    const struct flow *flow = event->flow;
    const struct flow_facts *facts = event->facts;
    struct view v = view_of(flow, judge->options.home_nets);
    struct sighting s;
    begin_sighting(&s, flow->last);
    attribute_flow(judge, flow, facts, &v, true, &s);
    judge_jurisdiction(judge, flow, event->path, &v, &s);
    judge_exposure(judge, facts, &s);
    fill_flow(judge, flow, facts, &v, &s);
    if (event->path != NULL && event->path->change.side != v.host_side)
        s.path_change = event->path->change;
    struct host_seen *host = hosts_touch(judge->hosts, v.host);
    if (host != NULL && is_agent(&s.attribution))
        attribute_engine_host(judge->options.catalog, host->products->items, host->products->count, &s.attribution);
    for (size_t i = 0; i < judge->options.feed_count; i++)
        if (feed_wants_flows(judge->options.feeds[i]))
            feed_flow(judge->options.feeds[i], &s);
}

/* Its entry, when it counts into a finding: perhaps only since what is of concern changed. */
static struct told_flow *told_of(struct judge *judge, const struct event *event, const struct flow_facts *facts)
{
    const struct flow *flow = event->flow;
    struct told_flow *told = told_flows_find(&judge->told, flow);
    if (told != NULL || !judge_may_look_again(judge, flow, facts))
        return told;
    struct view v = view_of(flow, judge->options.home_nets);
    struct event last = *event;
    last.facts = facts;
    last.time = flow->last;
    weigh_flow(judge, &last, &v, true);
    return told_flows_find(&judge->told, flow);
}

static struct told_flow *gain_flow(struct judge *judge, const struct event *event, const struct flow_facts *facts)
{
    struct told_flow *told = told_of(judge, event, facts);
    if (told == NULL)
        return NULL;
    told_flow_count_gain(told, event->flow, judge->ledger);
    if (event->path != NULL)
        told_flow_count_path(told, &event->path->change, judge->ledger);
    return told;
}

static void end_flow(struct judge *judge, const struct event *event)
{
    if (event->was_settled)
        judge_late_name(judge, event);
    struct told_flow *told = gain_flow(judge, event, event->facts);
    if (told != NULL)
        told_flows_forget(&judge->told, told);
    if (judge->wants_flows)
        tell_flow(judge, event);
}

static void learn_answer(struct judge *judge, const struct flow *flow, const struct dns_answer *answer,
                         struct packet_time now)
{
    dns_memory_learn(judge->dns, flow_client(flow), answer, now);
    /* What a host asks for is a hint which product it runs, for the engine rule only. */
    const struct indicator *found = catalog_match_name(judge->options.catalog, answer->chain[0]);
    if (found == NULL || !found->is_exclusive || !found->product->is_agent || found->purpose == PURPOSE_WEB ||
        !home_nets_contain(judge->options.home_nets, flow_client(flow)))
        return;
    struct host_seen *host = hosts_touch(judge->hosts, flow_client(flow));
    if (host != NULL)
        add_product(judge, host, found->product);
}

static void note_host(struct judge *judge, const struct flow *flow)
{
    struct view v = view_of(flow, judge->options.home_nets);
    hosts_touch(judge->hosts, v.host);
}

struct concerns *judge_concerns(const struct judge *judge)
{
    return judge->concerns;
}

void judge_event(struct judge *judge, const struct event *event)
{
    judge_tick(judge, event->time);
    switch (event->kind) {
    case EVENT_NAMED:
        judge_flow(judge, event, false);
        return;
    case EVENT_SETTLED:
        judge_flow(judge, event, true);
        return;
    case EVENT_GAINED:
        gain_flow(judge, event, NULL);
        return;
    case EVENT_ENDED:
        end_flow(judge, event);
        return;
    case EVENT_DNS:
        if (event->answer != NULL)
            learn_answer(judge, event->flow, event->answer, event->time);
        return;
    case EVENT_PATH:
        judge_look_again(judge, event);
        return;
    case EVENT_HOST:
        note_host(judge, event->flow);
        return;
    }
}

/* A clock that jumps back far (one packet was stamped in the future) does not silence the ticks. */
void judge_tick(struct judge *judge, struct packet_time now)
{
    int64_t until = packet_time_between(now, judge->next_tick);
    if (until > 0 && until <= tick_ns)
        return;
    judge->next_tick.ns = now.ns > INT64_MAX - tick_ns ? INT64_MAX : now.ns + tick_ns;
    ledger_tick(judge->ledger, now);
    teller_tick(judge->teller, now);
}

void judge_begin(struct judge *judge)
{
    teller_begin(judge->teller, judge->ledger);
}

static void on_host(void *context, const struct host_record *host)
{
    struct judge *judge = context;
    for (size_t i = 0; i < judge->options.feed_count; i++)
        feed_host(judge->options.feeds[i], host);
}

void judge_close(struct judge *judge, struct packet_time now)
{
    ledger_close_run(judge->ledger, now);
    teller_save(judge->teller);
    ledger_hosts(judge->ledger, on_host, judge);
}

static bool any_feed_wants_flows(const struct engine_options *options)
{
    for (size_t i = 0; i < options->feed_count; i++)
        if (feed_wants_flows(options->feeds[i]))
            return true;
    return false;
}

enum status judge_new(const struct engine_options *options, struct judge **ret, struct error *error)
{
    struct judge *judge = calloc(1, sizeof(*judge));
    enum status status = judge ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        judge->options = *options;
        judge->wants_flows = any_feed_wants_flows(options);
        judge->next_tick.ns = 0;
        status = concerns_new(options->geo, options->policies, &judge->concerns);
        if (status == STATUS_OK)
            status = reaches_new(options->sensor_place, &judge->reaches);
    }
    struct ledger_options ledger = {
        .sensor = options->sensor,
        .policies = options->policies,
        .settle_ns = options->settle_ns,
    };
    if (status == STATUS_OK && (judge->teller = teller_new(options)) == NULL)
        status = STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        teller_listen(judge->teller, &ledger);
    if (status == STATUS_OK)
        status = dns_memory_new(DNS_BINDINGS_MAX_ALL, &judge->dns);
    if (status == STATUS_OK)
        status = ledger_new(&ledger, &judge->ledger);
    if (status == STATUS_OK)
        status = hosts_new(HOSTS_MAX, &judge->hosts);
    if (status != STATUS_OK) {
        judge_free(judge);
        return error_set(error, status, "the judge: %s", status_text(status));
    }
    *ret = judge;
    return STATUS_OK;
}

void judge_free(struct judge *judge)
{
    if (judge == NULL)
        return;
    hosts_free(judge->hosts);
    ledger_free(judge->ledger);
    teller_free(judge->teller);
    dns_memory_free(judge->dns);
    concerns_free(judge->concerns);
    reaches_free(judge->reaches);
    told_flows_clear(&judge->told);
    free(judge);
}
