/* Findings for people: what happened in one line, then why we say so, one fact a line. */
#include <stdio.h>
#include <stdlib.h>

#include "text_internal.h"
#include "wire_names_internal.h"

enum { LABEL_WIDTH = 12, STATUS_WIDTH = 10 };

static void *text_open(const struct feed_options *options)
{
    struct text_state *t = calloc(1, sizeof(*t));
    if (t != NULL) {
        t->colour = options->colour;
        t->min_severity = options->min_severity;
        t->shows_accepted = options->accepted;
    }
    return t;
}

static void text_close(void *state)
{
    struct text_state *t = state;
    text_clear(&t->out);
    text_table_clear(t);
    free(t);
}

static const struct text nothing = {"", 0};

/* The whole record, or no data when memory ran out in the middle of it. */
static struct text end_record(struct text_state *t)
{
    return t->out.failed ? (struct text){NULL, 0} : (struct text){t->out.data, t->out.length};
}

void text_colour(struct text_state *t, enum severity severity)
{
    static const char *const colours[SEVERITY_COUNT] = {
        [SEVERITY_NONE] = "",           [SEVERITY_INFO] = "\033[36m", [SEVERITY_LOW] = "\033[32m",
        [SEVERITY_MEDIUM] = "\033[33m", [SEVERITY_HIGH] = "\033[31m", [SEVERITY_CRITICAL] = "\033[1;31m",
    };
    if (t->colour)
        text_print(&t->out, "%s", colours[severity]);
}

void text_bold(struct text_state *t)
{
    if (t->colour)
        text_print(&t->out, "\033[1m");
}

void text_plain(struct text_state *t)
{
    if (t->colour)
        text_print(&t->out, "\033[0m");
}

static void put_label(struct text_state *t, const char *label)
{
    text_print(&t->out, "  %-*s", LABEL_WIDTH, label);
}

static void put_endpoint(struct text_state *t, const struct ip_address *address, uint16_t port, uint8_t protocol)
{
    char text[ENDPOINT_TEXT_SIZE];
    if (ip_protocol_has_ports(protocol))
        endpoint_print(address, port, text);
    else
        ip_print(address, text);
    text_put_string(&t->out, text);
}

static void put_name(struct text_state *t, const struct sighting *s)
{
    if (s->name.data == NULL)
        return;
    text_print(&t->out, "  ");
    text_put(&t->out, s->name);
    text_print(&t->out, " (%s)", s->name_source != NAME_NONE ? name_source_text(s->name_source) : "unknown source");
}

static void put_hosts(struct text_state *t, const struct sighting *s)
{
    put_label(t, "host");
    put_endpoint(t, &s->host, 0, 0);
    if (s->has_mac)
        text_print(&t->out, "  %02x:%02x:%02x:%02x:%02x:%02x", s->host_mac[0], s->host_mac[1], s->host_mac[2],
                   s->host_mac[3], s->host_mac[4], s->host_mac[5]);
    text_print(&t->out, "\n");
    put_label(t, "remote");
    put_endpoint(t, &s->remote, s->remote_port, s->flow.protocol);
    put_name(t, s);
    text_print(&t->out, "\n");
}

static void put_product(struct text_state *t, const struct attribution *a)
{
    if (a->product == NULL)
        return;
    put_label(t, "product");
    text_put_string(&t->out, a->product->name);
    if (a->engine_host != NULL) {
        text_print(&t->out, " in ");
        text_put_string(&t->out, a->engine_host->name);
    }
    text_print(&t->out, " · %s · %s\n", purpose_text(a->purpose), confidence_text(a->confidence));
}

static void put_evidence(struct text_state *t, const struct attribution *a)
{
    for (unsigned i = 0; i < a->evidence_count; i++) {
        put_label(t, i == 0 ? "evidence" : "");
        text_print(&t->out, "%s ", a->evidence[i].kind);
        text_put_string(&t->out, a->evidence[i].value);
        if (a->evidence[i].indicator != NULL && a->evidence[i].indicator->source != NULL) {
            text_print(&t->out, "  [");
            text_put_string(&t->out, a->evidence[i].indicator->source);
            text_print(&t->out, "]");
        }
        text_print(&t->out, "\n");
    }
}

static bool begins_with_number(const char *reason, const char *number)
{
    size_t length = strlen(number);
    return strncmp(reason, number, length) == 0 && (reason[length] < '0' || reason[length] > '9');
}

/* The reason with the operator's name behind its AS number, each thing once: geo's reasons begin with the number. */
static void put_operator_reason(struct text_state *t, const char *reason, const struct operator_facts *o)
{
    char number[16] = "AS?";
    if (o->asn_count > 0)
        snprintf(number, sizeof(number), "AS%u", o->asn[0]);
    if (begins_with_number(reason, number)) {
        text_print(&t->out, "%s", number);
        reason += strlen(number);
    } else {
        text_put_string(&t->out, reason);
        reason = "";
        if (o->asn_count > 0)
            text_print(&t->out, "  %s", number);
    }
    if (o->asn_count > 0 && o->name != NULL) {
        text_print(&t->out, " ");
        text_put_string(&t->out, o->name);
        text_print(&t->out, "%s", *reason == ' ' ? "," : "");
    }
    text_put_string(&t->out, reason);
}

static void put_operator(struct text_state *t, const char *reason, const struct operator_facts *o)
{
    put_operator_reason(t, reason, o);
    if (o->parent == NULL || strstr(reason, o->parent) != NULL)
        return;
    text_print(&t->out, "; parent ");
    text_put_string(&t->out, o->parent);
    text_print(&t->out, " %s", o->parent_country.code);
}

/* Policies that flag this axis: "flagged by a, b". */
static void put_flagged_by(struct text_state *t, enum axis axis, const struct flag *flags, size_t count)
{
    const char *last = NULL;
    for (size_t i = 0; i < count; i++) {
        if (flags[i].axis != axis || (last != NULL && strcmp(last, flags[i].policy) == 0))
            continue;
        if (last == NULL)
            text_colour(t, SEVERITY_HIGH);
        text_print(&t->out, "%s%s", last == NULL ? "  flagged by " : ", ", flags[i].policy);
        last = flags[i].policy;
    }
    if (last != NULL)
        text_plain(t);
}

static void put_axes(struct text_state *t, const struct jurisdiction *j, const struct flag *flags, size_t count)
{
    for (unsigned axis = 0; axis < AXIS_COUNT; axis++) {
        const struct axis_judgement *judgement = &j->axes[axis];
        put_label(t, axis_text((enum axis)axis));
        size_t start = t->out.length;
        for (unsigned i = 0; i < judgement->country_count; i++)
            text_print(&t->out, "%s%s", i > 0 ? " " : "", judgement->countries[i].code);
        if (judgement->country_count == 0 || judgement->status == AXIS_CONTESTED)
            text_print(&t->out, "%s%s", judgement->country_count > 0 ? " " : "", axis_status_text(judgement->status));
        text_pad(&t->out, start, STATUS_WIDTH);
        text_print(&t->out, " ");
        if (axis == AXIS_OPERATOR)
            put_operator(t, judgement->reason, &j->operator_facts);
        else
            text_put_string(&t->out, judgement->reason);
        put_flagged_by(t, (enum axis)axis, flags, count);
        text_print(&t->out, "\n");
    }
}

static void put_exposure(struct text_state *t, const struct exposure *e)
{
    char readable[200];
    put_label(t, "readable");
    text_put_string(&t->out, exposure_readable_in_transit(e, readable, sizeof(readable)));
    text_print(&t->out, " · %s", exposure_class_text(e->class_));
    if (e->class_ != EXPOSURE_UNKNOWN &&
        e->class_ != EXPOSURE_INTERCEPTABLE) { /* there the sentence holds the reason */
        text_print(&t->out, ": ");
        text_put_string(&t->out, e->reason);
    }
    if (e->content_alterable)
        text_print(&t->out, " · can be altered");
    text_print(&t->out, "\n");
}

static void put_country_set(struct text_state *t, const struct country_set *set)
{
    struct country country;
    for (unsigned at = 0; country_set_next(set, &at, &country);)
        text_print(&t->out, " %s", country.code);
}

static bool is_empty(const struct country_set *set)
{
    unsigned at = 0;
    struct country country;
    return !country_set_next(set, &at, &country);
}

static void put_reach(struct text_state *t, const struct reach *r)
{
    if (r->shortest.kind == ROUND_TRIP_NOT_WATCHED)
        return;
    put_label(t, "round trip");
    if (!round_trip_is_sample(r->shortest.kind)) {
        text_print(&t->out, "unknown    %s\n", round_trip_kind_text(r->shortest.kind));
        return;
    }
    text_print(&t->out, "%u.%03u ms to %s: within %u km in fibre, %u in vacuum", r->shortest.us / 1000,
               r->shortest.us % 1000, round_trip_kind_text(r->shortest.kind), r->fibre_km, r->vacuum_km);
    if (!is_empty(&r->excluded_vacuum)) {
        text_print(&t->out, " · not in");
        put_country_set(t, &r->excluded_vacuum);
    }
    if (!is_empty(&r->excluded_fibre)) {
        text_print(&t->out, " · by fibre not in");
        put_country_set(t, &r->excluded_fibre);
    }
    if (r->handshake_us != 0)
        text_print(&t->out, " · TCP alone %u.%03u ms", r->handshake_us / 1000, r->handshake_us % 1000);
    text_print(&t->out, "\n");
}

static void put_path_change(struct text_state *t, const struct path_change *change)
{
    char sentence[PATH_CHANGE_TEXT_SIZE];
    if (change->changes == 0)
        return;
    put_label(t, "path");
    text_print(&t->out, "%s\n", path_change_print(change, sentence));
}

static void put_rule(struct text_state *t, const struct finding *finding)
{
    char time[PACKET_TIME_TEXT_SIZE];
    packet_time_print(finding->first_seen, time);
    put_label(t, "rule");
    text_print(&t->out, "%s · first seen %s · %llu flow%s, %llu remote%s\n\n", finding->rule ? finding->rule : "none",
               time, (unsigned long long)finding->counters.flows, finding->counters.flows == 1 ? "" : "s",
               (unsigned long long)finding->counters.remotes, finding->counters.remotes == 1 ? "" : "s");
}

static void put_severity(struct text_state *t, enum severity severity)
{
    static const char *const words[SEVERITY_COUNT] = {"NONE", "INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL"};
    text_colour(t, severity);
    text_print(&t->out, "%-9s ", words[severity]);
    text_plain(t);
}

static void put_headline(struct text_state *t, const struct finding *finding)
{
    put_severity(t, finding->severity);
    if (finding->action == FINDING_ESCALATED)
        text_print(&t->out, "(worse than before) ");
    text_bold(t);
    text_put_string(&t->out, finding->summary);
    text_plain(t);
    text_print(&t->out, "\n");
}

static void put_accepted(struct text_state *t, const struct acceptance *accepted)
{
    if (accepted == NULL)
        return;
    put_label(t, "accepted");
    text_print(&t->out, "by ");
    text_put_string(&t->out, accepted->owner);
    text_print(&t->out, " until %s%s: ", accepted->until, accepted->is_expired ? ", which is over" : "");
    text_put_string(&t->out, accepted->reason);
    text_print(&t->out, "\n");
}

/* Somebody answers for it. */
static bool is_to_hide(struct text_state *t, const struct acceptance *accepted)
{
    return accepted != NULL && !accepted->is_expired && !t->shows_accepted;
}

/* Roll-ups say nothing new to a person: the table at the end has the totals. */
static struct text text_finding(void *state, const struct finding *finding)
{
    struct text_state *t = state;
    text_reset(&t->out);
    if (finding->action == FINDING_UPDATED && (finding->accepted == NULL || !finding->accepted->is_expired))
        return nothing;
    if (is_to_hide(t, finding->accepted)) {
        t->accepted_hidden++;
        return nothing;
    }
    if (finding->action == FINDING_CLOSED) {
        text_print(&t->out, "WITHDRAWN ");
        text_put_string(&t->out, finding->summary);
        text_print(&t->out, "\n  its flow turned out to be something else\n\n");
        return end_record(t);
    }
    put_headline(t, finding);
    put_hosts(t, finding->sighting);
    put_product(t, &finding->sighting->attribution);
    put_axes(t, &finding->sighting->jurisdiction, finding->flags, finding->flag_count);
    put_reach(t, &finding->sighting->reach);
    put_path_change(t, &finding->path_change);
    put_exposure(t, &finding->sighting->exposure);
    put_evidence(t, &finding->sighting->attribution);
    put_accepted(t, finding->accepted);
    put_rule(t, finding);
    return end_record(t);
}

/* All that is left is its record: enough to say which one it was. */
static struct text text_kept(void *state, const struct kept_record *record)
{
    struct text_state *t = state;
    text_reset(&t->out);
    if (is_to_hide(t, record->accepted)) {
        t->accepted_hidden++;
        return nothing;
    }
    put_severity(t, record->severity);
    text_bold(t);
    text_put_string(&t->out, record->summary);
    text_plain(t);
    text_print(&t->out, "\n");
    put_accepted(t, record->accepted);
    put_label(t, "record");
    text_put_string(&t->out, record->event_id);
    text_print(&t->out, ", of an earlier run; `bordertap findings show` has the rest\n\n");
    return end_record(t);
}

/* One line a flow. */
static struct text text_flow(void *state, const struct sighting *s)
{
    struct text_state *t = state;
    char time[PACKET_TIME_TEXT_SIZE], room[WIRE_NAME_SIZE];
    text_reset(&t->out);
    packet_time_print(s->flow.start, time);
    text_print(&t->out, "flow %s %s ", time, ip_protocol_name(s->flow.protocol, room));
    put_endpoint(t, &s->flow.client, s->flow.client_port, s->flow.protocol);
    text_print(&t->out, " > ");
    put_endpoint(t, &s->flow.server, s->flow.server_port, s->flow.protocol);
    text_print(&t->out, "  %s  %llu bytes out, %llu in", s->flow.app ? s->flow.app : "unknown",
               (unsigned long long)s->flow.counters.bytes_out, (unsigned long long)s->flow.counters.bytes_in);
    put_name(t, s);
    if (s->attribution.product != NULL) {
        text_print(&t->out, "  ");
        text_put_string(&t->out, s->attribution.product->name);
        text_print(&t->out, " · %s · %s", purpose_text(s->attribution.purpose),
                   confidence_text(s->attribution.confidence));
    }
    text_print(&t->out, "\n");
    return end_record(t);
}

static struct text text_host(void *state, const struct host_record *host)
{
    text_put_host(state, host);
    return nothing;
}

static struct text text_health(void *state, const struct health_record *r)
{
    struct text_state *t = state;
    text_reset(&t->out);
    if (r->is_raised)
        text_colour(t, SEVERITY_MEDIUM);
    text_print(&t->out, "HEALTH    ");
    text_plain(t);
    text_put_string(&t->out, r->sentence);
    text_print(&t->out, " (%s %s)\n\n", health_condition_text(r->condition), r->is_raised ? "raised" : "cleared");
    return end_record(t);
}

static struct text text_summary(void *state, const struct summary_record *summary)
{
    struct text_state *t = state;
    text_reset(&t->out);
    text_put_summary(t, summary);
    return end_record(t);
}

/* A table of origins answers with AS numbers, and has no country to answer with. */
static bool tells_origin(const struct axis_source *source)
{
    return !country_is_known(source->country) && source->detail != NULL && strcmp(source->detail, "origin AS") == 0;
}

static void put_answer(struct text_state *t, enum axis axis, const struct axis_source *source,
                       const struct operator_facts *o)
{
    if (axis == AXIS_OPERATOR && tells_origin(source) && o->asn_count > 0)
        for (unsigned i = 0; i < o->asn_count; i++)
            text_print(&t->out, "%sAS%u", i > 0 ? ", " : "", o->asn[i]);
    else
        text_print(&t->out, "%s", country_is_known(source->country) ? source->country.code : "no answer");
}

static void put_source(struct text_state *t, enum axis axis, const struct axis_source *source,
                       const struct operator_facts *o)
{
    put_label(t, "source");
    text_print(&t->out, "%s ", axis_text(axis));
    put_answer(t, axis, source, o);
    text_print(&t->out, " by ");
    text_put_string(&t->out, source->database);
    if (source->edition != NULL) {
        text_print(&t->out, " ");
        text_put_string(&t->out, source->edition);
    }
    if (source->detail != NULL) {
        text_print(&t->out, ": ");
        text_put_string(&t->out, source->detail);
    }
    text_print(&t->out, "\n");
}

static void put_sources(struct text_state *t, const struct jurisdiction *j)
{
    for (unsigned axis = 0; axis < AXIS_COUNT; axis++)
        for (unsigned i = 0; i < j->axes[axis].source_count; i++)
            put_source(t, (enum axis)axis, &j->axes[axis].sources[i], &j->operator_facts);
}

static struct text text_lookup(void *state, const char *query, const struct sighting *s)
{
    struct text_state *t = state;
    text_reset(&t->out);
    text_bold(t);
    text_put_string(&t->out, query);
    text_plain(t);
    text_print(&t->out, "\n");
    put_product(t, &s->attribution);
    if (s->attribution.product == NULL) {
        put_label(t, "product");
        text_print(&t->out, "none known\n");
    }
    put_axes(t, &s->jurisdiction, s->verdicts.flags, s->verdicts.flag_count);
    put_sources(t, &s->jurisdiction);
    put_evidence(t, &s->attribution);
    text_print(&t->out, "\n");
    return end_record(t);
}

const struct feed_format feed_format_text = {
    .name = "text",
    .default_min_severity = SEVERITY_MEDIUM,
    .open = text_open,
    .close = text_close,
    .finding = text_finding,
    .kept = text_kept,
    .flow = text_flow,
    .host = text_host,
    .health = text_health,
    .summary = text_summary,
    .lookup = text_lookup,
};
