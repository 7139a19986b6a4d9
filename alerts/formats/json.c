/* One JSON object a line: the contract of design section 5, held by docs/record.schema.json. */
#include <stdlib.h>

#include "feed_internal.h"
#include "finding_json.h"
#include "json_internal.h"
#include "wire_names_internal.h"

static void *json_open(const struct feed_options *options)
{
    (void)options;
    struct json_writer *w = malloc(sizeof(*w));
    if (w != NULL)
        json_init(w);
    return w;
}

static void json_close(void *state)
{
    json_clear(state);
    free(state);
}

static void begin_object(struct json_writer *w, const char *type)
{
    json_begin_object(w);
    json_member_string(w, "type", type);
}

static void begin_record(struct json_writer *w, const char *type)
{
    json_reset(w);
    begin_object(w, type);
}

/* Nothing when memory ran out in the middle of it. */
static struct text whole_line(struct json_writer *w)
{
    json_newline(w);
    return w->failed ? (struct text){NULL, 0} : (struct text){w->data, w->length};
}

static struct text end_record(struct json_writer *w)
{
    json_end_object(w);
    return whole_line(w);
}

static void put_counters(struct json_writer *w, const struct flow_counters *c)
{
    json_member_u64(w, "packets_out", c->packets_out);
    json_member_u64(w, "packets_in", c->packets_in);
    json_member_u64(w, "bytes_out", c->bytes_out);
    json_member_u64(w, "bytes_in", c->bytes_in);
}

static void put_remotes(struct json_writer *w, const struct finding *finding)
{
    bool has_ports = ip_protocol_has_ports(finding->sighting->flow.protocol);
    json_key(w, "remotes");
    json_begin_array(w);
    for (unsigned i = 0; i < finding->remote_count; i++) {
        const struct remote_seen *remote = &finding->remotes[i];
        json_begin_object(w);
        json_key(w, "ip");
        json_address(w, &remote->ip);
        if (has_ports)
            json_member_u64(w, "port", remote->port);
        json_member_string(w, "name", remote->name[0] != '\0' ? remote->name : NULL);
        json_put_countries(w, "location", remote->countries, remote->country_count);
        json_member_u64(w, "flows", remote->flows);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_finding_head(struct json_writer *w, const struct finding *finding)
{
    json_member_string(w, "id", finding->id);
    json_member_string(w, "event_id", finding->event_id);
    if (finding->sensor != NULL)
        json_member_string(w, "sensor", finding->sensor);
    json_member_string(w, "action", finding_action_text(finding->action));
    json_member_string(w, "severity", severity_text(finding->severity));
    json_member_string(w, "rule", finding->rule);
    json_member_string(w, "summary", finding->summary);
    json_member_time(w, "time", finding->time);
    json_member_time(w, "first_seen", finding->first_seen);
    json_member_time(w, "last_seen", finding->last_seen);
    if (finding->accepted != NULL) {
        json_key(w, "accepted");
        acceptance_write_json(w, finding->accepted);
    }
}

void acceptance_write_json(struct json_writer *w, const struct acceptance *accepted)
{
    json_begin_object(w);
    json_member_string(w, "owner", accepted->owner);
    json_member_string(w, "reason", accepted->reason);
    json_member_string(w, "until", accepted->until);
    json_member_bool(w, "expired", accepted->is_expired);
    json_end_object(w);
}

void finding_write_json(struct json_writer *w, const struct finding *finding)
{
    const struct sighting *s = finding->sighting;
    begin_object(w, "finding");
    put_finding_head(w, finding);
    json_put_host(w, &s->host, s->has_mac ? s->host_mac : NULL);
    json_put_remote(w, s);
    json_put_flow(w, &s->flow, false);
    if (s->attribution.product != NULL)
        json_put_product(w, &s->attribution);
    json_put_jurisdiction(w, &s->jurisdiction);
    json_put_verdicts(w, &s->verdicts);
    json_put_flags(w, finding->flags, finding->flag_count);
    json_put_exposure(w, s);
    json_put_reach(w, &s->reach);
    json_put_path_change(w, &finding->path_change, finding->path_changed_flows);
    put_remotes(w, finding);
    json_key(w, "counters");
    json_begin_object(w);
    json_member_u64(w, "flows", finding->counters.flows);
    put_counters(w, &finding->counters.volume);
    json_member_u64(w, "remotes", finding->counters.remotes);
    json_end_object(w);
    json_end_object(w);
}

static struct text json_finding(void *state, const struct finding *finding)
{
    struct json_writer *w = state;
    json_reset(w);
    finding_write_json(w, finding);
    return whole_line(w);
}

static struct text json_kept(void *state, const struct kept_record *record)
{
    struct json_writer *w = state;
    json_reset(w);
    json_raw(w, record->json);
    return whole_line(w);
}

static struct text json_flow(void *state, const struct sighting *s)
{
    struct json_writer *w = state;
    begin_record(w, "flow");
    json_member_time(w, "time", s->time);
    json_put_host(w, &s->host, s->has_mac ? s->host_mac : NULL);
    json_put_remote(w, s);
    json_put_flow(w, &s->flow, true);
    if (s->attribution.product != NULL)
        json_put_product(w, &s->attribution);
    if (!s->is_internal || s->attribution.product != NULL) { /* inside the house nobody's law but ours is asked for */
        json_put_jurisdiction(w, &s->jurisdiction);
        json_put_verdicts(w, &s->verdicts);
        json_put_flags(w, s->verdicts.flags, s->verdicts.flag_count);
        json_put_reach(w, &s->reach);
        json_put_path_change(w, &s->path_change, 0);
    }
    json_put_exposure(w, s);
    json_put_facts(w, s->facts);
    json_member_string(w, "end_reason", flow_end_reason_text(s->flow.end_reason));
    return end_record(w);
}

static void put_host_product(struct json_writer *w, const struct host_product *p)
{
    json_begin_object(w);
    json_member_string(w, "id", p->product->id);
    json_member_string(w, "vendor", p->product->vendor->id);
    json_key(w, "purposes");
    json_begin_array(w);
    for (unsigned purpose = 0; purpose < PURPOSE_COUNT; purpose++)
        if (p->purposes & UINT32_C(1) << purpose)
            json_string(w, purpose_text((enum purpose)purpose));
    json_end_array(w);
    json_member_string(w, "confidence", confidence_text(p->confidence));
    json_member_time(w, "first_seen", p->first_seen);
    json_member_time(w, "last_seen", p->last_seen);
    json_member_u64(w, "bytes_out", p->bytes_out);
    json_member_u64(w, "bytes_in", p->bytes_in);
    json_end_object(w);
}

static struct text json_host(void *state, const struct host_record *host)
{
    struct json_writer *w = state;
    begin_record(w, "host");
    if (host->sensor != NULL)
        json_member_string(w, "sensor", host->sensor);
    json_put_host(w, &host->host, host->has_mac ? host->mac : NULL);
    json_key(w, "products");
    json_begin_array(w);
    for (unsigned i = 0; i < host->product_count; i++)
        put_host_product(w, &host->products[i]);
    json_end_array(w);
    return end_record(w);
}

static struct text json_health(void *state, const struct health_record *r)
{
    struct json_writer *w = state;
    begin_record(w, "health");
    json_member_time(w, "time", r->time);
    if (r->sensor != NULL)
        json_member_string(w, "sensor", r->sensor);
    json_member_string(w, "condition", health_condition_text(r->condition));
    json_member_string(w, "state", r->is_raised ? "raised" : "cleared");
    if (r->subject != NULL)
        json_member_string(w, "subject", r->subject);
    json_key(w, "value");
    json_thousandths(w, r->value);
    json_key(w, "threshold");
    json_thousandths(w, r->threshold);
    json_member_string(w, "unit", r->unit);
    if (r->window_sec > 0)
        json_member_u64(w, "window_sec", r->window_sec);
    json_member_string(w, "sentence", r->sentence);
    return end_record(w);
}

/* ---- summary ---- */

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool group_was_written(const struct summary_record *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (same(s->counters[i].group, s->counters[at].group))
            return true;
    return false;
}

/* All counters of one group; several modules (workers) may list the same one. */
static void put_group(struct json_writer *w, const struct summary_record *s, size_t first)
{
    const char *group = s->counters[first].group;
    json_key(w, group);
    json_begin_object(w);
    for (size_t i = first; i < s->counter_count; i++) {
        uint64_t sum = 0;
        bool is_first = same(s->counters[i].group, group);
        for (size_t j = first; j < i && is_first; j++)
            is_first = !same(s->counters[j].group, group) || !same(s->counters[j].name, s->counters[i].name);
        for (size_t j = i; j < s->counter_count && is_first; j++)
            if (same(s->counters[j].group, group) && same(s->counters[j].name, s->counters[i].name))
                sum += s->counters[j].value;
        if (is_first)
            json_member_u64(w, s->counters[i].name, sum);
    }
    json_end_object(w);
}

static void put_strings(struct json_writer *w, const char *key, const char *const *strings, size_t count)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        json_string(w, strings[i]);
    json_end_array(w);
}

static void put_totals(struct json_writer *w, const struct summary_record *s)
{
    if (s->sensor != NULL)
        json_member_string(w, "sensor", s->sensor);
    json_member_string(w, "version", s->version);
    if (s->packets > 0) {
        json_member_time(w, "first_packet", s->first);
        json_member_time(w, "last_packet", s->last);
    }
    json_member_u64(w, "packets", s->packets);
    json_member_u64(w, "bytes", s->bytes);
    json_member_u64(w, "flows", s->flows);
    json_member_u64(w, "hosts", s->hosts);
    json_key(w, "findings");
    json_begin_object(w);
    for (unsigned severity = SEVERITY_CRITICAL; severity >= SEVERITY_INFO; severity--)
        json_member_u64(w, severity_text((enum severity)severity), s->findings[severity]);
    json_end_object(w);
    json_key(w, "products");
    json_begin_array(w);
    for (size_t i = 0; i < s->product_count; i++)
        json_string(w, s->products[i]->id);
    json_end_array(w);
}

static void put_volume(struct json_writer *w, const char *key, const struct reach_volume *volume)
{
    json_key(w, key);
    json_begin_object(w);
    json_member_u64(w, "flows", volume->flows);
    json_member_u64(w, "bytes", volume->bytes);
    json_end_object(w);
}

static void put_reach_totals(struct json_writer *w, const struct reach_totals *reach)
{
    json_key(w, "rtt");
    json_begin_object(w);
    if (reach == NULL) {
        json_key(w, "timed");
        json_null(w);
        json_member_string(w, "reason", round_trip_kind_text(ROUND_TRIP_NOT_WATCHED));
        json_end_object(w);
        return;
    }
    put_volume(w, "all", &reach->all);
    put_volume(w, "timed", &reach->timed);
    json_key(w, "excluded");
    json_begin_object(w);
    for (unsigned i = 0; i < COUNTRY_CODES; i++) {
        const char code[3] = {(char)('A' + i / 26), (char)('A' + i % 26), '\0'};
        if (!reach->shares[i].is_of_concern)
            continue;
        json_key(w, code);
        json_begin_object(w);
        put_volume(w, "vacuum", &reach->shares[i].vacuum);
        put_volume(w, "fibre", &reach->shares[i].fibre);
        json_end_object(w);
    }
    json_end_object(w);
    json_end_object(w);
}

static void put_known(struct json_writer *w, const char *key, struct known_count count)
{
    if (count.is_known)
        json_member_u64(w, key, count.value);
    else
        json_member_string(w, key, "unknown");
}

static void put_interfaces(struct json_writer *w, const struct summary_record *s)
{
    json_key(w, "interfaces");
    json_begin_array(w);
    for (size_t i = 0; i < s->interface_count; i++) {
        const struct interface_counts *c = &s->interfaces[i];
        json_begin_object(w);
        json_member_string(w, "name", c->name);
        json_member_string(w, "state", interface_state_text(c->state));
        json_member_u64(w, "packets_received", c->packets_received);
        put_known(w, "packets_dropped_by_kernel", c->packets_dropped_by_kernel);
        put_known(w, "packets_dropped_by_interface", c->packets_dropped_by_interface);
        json_member_u64(w, "times_down", c->times_down);
        json_member_u64(w, "times_gone", c->times_gone);
        json_member_u64(w, "read_errors", c->read_errors);
        json_end_object(w);
    }
    json_end_array(w);
}

static struct text json_summary(void *state, const struct summary_record *s)
{
    struct json_writer *w = state;
    begin_record(w, "summary");
    put_totals(w, s);
    put_reach_totals(w, s->reach);
    if (s->interface_count > 0)
        put_interfaces(w, s);
    json_key(w, "counters");
    json_begin_object(w);
    for (size_t i = 0; i < s->counter_count; i++)
        if (!group_was_written(s, i))
            put_group(w, s, i);
    json_end_object(w);
    put_strings(w, "warnings", s->warnings, s->warning_count);
    put_strings(w, "damages", s->damages, s->damage_count);
    put_strings(w, "databases", s->databases, s->database_count);
    return end_record(w);
}

static struct text json_lookup(void *state, const char *query, const struct sighting *s)
{
    struct json_writer *w = state;
    begin_record(w, "lookup");
    json_member_string(w, "query", query);
    if (s->attribution.product != NULL) {
        json_put_product(w, &s->attribution);
    } else {
        json_key(w, "product");
        json_null(w);
    }
    json_put_jurisdiction(w, &s->jurisdiction);
    json_put_verdicts(w, &s->verdicts);
    json_put_flags(w, s->verdicts.flags, s->verdicts.flag_count);
    return end_record(w);
}

const struct feed_format feed_format_json = {
    .name = "json",
    .default_min_severity = SEVERITY_INFO,
    .open = json_open,
    .close = json_close,
    .finding = json_finding,
    .kept = json_kept,
    .flow = json_flow,
    .host = json_host,
    .health = json_health,
    .summary = json_summary,
    .lookup = json_lookup,
};
