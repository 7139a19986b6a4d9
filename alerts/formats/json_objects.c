/* Shared objects of the records; names and order are the contract of design section 5. */
#include <stdio.h>

#include "json_internal.h"
#include "wire_names_internal.h"

static void put_country(struct json_writer *w, const char *key, struct country country)
{
    json_member_string(w, key, country_is_known(country) ? country.code : NULL);
}

void json_put_countries(struct json_writer *w, const char *key, const struct country *countries, size_t count)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        json_string(w, countries[i].code);
    json_end_array(w);
}

void json_put_host(struct json_writer *w, const struct ip_address *host, const uint8_t *mac)
{
    json_key(w, "host");
    json_begin_object(w);
    json_key(w, "ip");
    json_address(w, host);
    if (mac != NULL) {
        char text[18];
        snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
        json_member_string(w, "mac", text);
    }
    json_end_object(w);
}

void json_put_remote(struct json_writer *w, const struct sighting *s)
{
    json_key(w, "remote");
    json_begin_object(w);
    json_key(w, "ip");
    json_address(w, &s->remote);
    if (ip_protocol_has_ports(s->flow.protocol))
        json_member_u64(w, "port", s->remote_port);
    json_key(w, "name");
    json_text(w, s->name);
    json_member_string(w, "name_source", s->name.data ? name_source_text(s->name_source) : NULL);
    json_end_object(w);
}

static void put_endpoint(struct json_writer *w, const char *key, const struct ip_address *address, uint16_t port)
{
    char text[ENDPOINT_TEXT_SIZE];
    endpoint_print(address, port, text);
    json_member_string(w, key, text);
}

void json_put_flow(struct json_writer *w, const struct flow_view *flow, bool is_flow_record)
{
    char room[WIRE_NAME_SIZE];
    bool has_ports = ip_protocol_has_ports(flow->protocol);
    json_key(w, "flow");
    json_begin_object(w);
    json_member_string(w, "uid", flow->uid);
    put_endpoint(w, "client", &flow->client, has_ports ? flow->client_port : 0);
    put_endpoint(w, "server", &flow->server, has_ports ? flow->server_port : 0);
    json_member_string(w, "community_id", flow->community_id);
    json_member_string(w, "proto", ip_protocol_name(flow->protocol, room));
    json_member_string(w, "app", flow->app ? flow->app : "unknown");
    json_member_time(w, "start", flow->start);
    if (is_flow_record) {
        json_member_time(w, "end", flow->end);
    }
    if (flow->vlan != 0)
        json_member_u64(w, "vlan", flow->vlan);
    json_member_u64(w, "packets_out", flow->counters.packets_out);
    json_member_u64(w, "packets_in", flow->counters.packets_in);
    json_member_u64(w, "bytes_out", flow->counters.bytes_out);
    json_member_u64(w, "bytes_in", flow->counters.bytes_in);
    json_member_string(w, "direction_reason", host_reason_text(flow->direction_reason));
    json_end_object(w);
}

static void put_evidence(struct json_writer *w, const struct evidence *evidence)
{
    json_begin_object(w);
    json_member_string(w, "kind", evidence->kind);
    json_member_string(w, "value", evidence->value);
    if (evidence->indicator != NULL) {
        json_member_string(w, "indicator", evidence->indicator->value);
        json_member_string(w, "source", evidence->indicator->source);
    }
    json_end_object(w);
}

static void put_product_names(struct json_writer *w, const struct product *product)
{
    json_member_string(w, "vendor", product->vendor->id);
    json_member_string(w, "vendor_name", product->vendor->name);
    json_member_string(w, "id", product->id);
    json_member_string(w, "name", product->name);
}

void json_put_product(struct json_writer *w, const struct attribution *attribution)
{
    json_key(w, "product");
    json_begin_object(w);
    put_product_names(w, attribution->product);
    json_member_string(w, "purpose", purpose_text(attribution->purpose));
    json_member_string(w, "confidence", confidence_text(attribution->confidence));
    if (attribution->engine_host != NULL) {
        json_key(w, "embedded_in");
        json_begin_object(w);
        put_product_names(w, attribution->engine_host);
        json_end_object(w);
    }
    json_key(w, "evidence");
    json_begin_array(w);
    for (unsigned i = 0; i < attribution->evidence_count; i++)
        put_evidence(w, &attribution->evidence[i]);
    json_end_array(w);
    json_end_object(w);
}

/* ---- jurisdiction ---- */

static void put_source(struct json_writer *w, const struct axis_source *source)
{
    json_begin_object(w);
    json_member_string(w, "database", source->database);
    if (source->edition != NULL)
        json_member_string(w, "edition", source->edition);
    if (source->has_prefix) {
        char prefix[IP_PREFIX_TEXT_SIZE];
        ip_prefix_print(&source->prefix, prefix);
        json_member_string(w, "prefix", prefix);
    }
    put_country(w, "country", source->country);
    if (source->detail != NULL)
        json_member_string(w, "detail", source->detail);
    if (source->is_refuted)
        json_member_bool(w, "refuted", true);
    json_end_object(w);
}

static void put_parent(struct json_writer *w, const struct operator_facts *o)
{
    json_key(w, "parent");
    if (o->parent == NULL) {
        json_null(w);
        return;
    }
    json_begin_object(w);
    json_member_string(w, "name", o->parent);
    put_country(w, "country", o->parent_country);
    if (o->parent_since != NULL)
        json_member_string(w, "since", o->parent_since);
    if (o->parent_source != NULL)
        json_member_string(w, "source", o->parent_source);
    json_end_object(w);
}

/* Who runs the network, and under it who the registry says holds the block. */
static void put_operator(struct json_writer *w, const struct operator_facts *o)
{
    json_key(w, "asn");
    if (o->asn_count > 0)
        json_u64(w, o->asn[0]);
    else
        json_null(w);
    if (o->asn_count > 1) {
        json_key(w, "asns");
        json_begin_array(w);
        for (unsigned i = 0; i < o->asn_count; i++)
            json_u64(w, o->asn[i]);
        json_end_array(w);
    }
    json_member_string(w, "name", o->name);
    if (country_is_known(o->holder_country))
        json_member_string(w, "holder_country", o->holder_country.code);
    put_parent(w, o);
    if (country_is_known(o->registration)) {
        json_key(w, "registration");
        json_begin_object(w);
        json_member_string(w, "country", o->registration.code);
        json_member_string(w, "source", o->registration_source);
        json_end_object(w);
    }
}

static void put_country_set(struct json_writer *w, const char *key, const struct country_set *set)
{
    struct country country;
    json_key(w, key);
    json_begin_array(w);
    for (unsigned at = 0; country_set_next(set, &at, &country);)
        json_string(w, country.code);
    json_end_array(w);
}

void json_put_reach(struct json_writer *w, const struct reach *r)
{
    json_key(w, "rtt");
    json_begin_object(w);
    json_key(w, "min_ms");
    if (!round_trip_is_sample(r->shortest.kind)) {
        json_null(w);
        json_member_string(w, "reason", round_trip_kind_text(r->shortest.kind));
        json_end_object(w);
        return;
    }
    json_thousandths(w, r->shortest.us);
    json_member_string(w, "terminates", round_trip_kind_text(r->shortest.kind));
    if (r->handshake_us != 0) {
        json_key(w, "handshake_ms");
        json_thousandths(w, r->handshake_us);
    }
    json_member_u64(w, "samples", r->samples);
    json_member_string(w, "sensor", r->sensor);
    json_key(w, "radius_km");
    json_begin_object(w);
    json_member_u64(w, "fibre", r->fibre_km);
    json_member_u64(w, "vacuum", r->vacuum_km);
    json_end_object(w);
    put_country_set(w, "excluded_vacuum", &r->excluded_vacuum);
    put_country_set(w, "excluded_fibre", &r->excluded_fibre);
    json_end_object(w);
}

void json_put_path_change(struct json_writer *w, const struct path_change *change, uint64_t flows)
{
    char sentence[PATH_CHANGE_TEXT_SIZE];
    if (change->changes == 0)
        return;
    json_key(w, "path_changed");
    json_begin_object(w);
    if (flows > 0)
        json_member_u64(w, "flows", flows);
    json_member_u64(w, "changes", change->changes);
    json_member_time(w, "time", change->at);
    json_member_u64(w, "hop_limit_before", change->from);
    json_member_u64(w, "hop_limit_after", change->to);
    json_member_string(w, "reason", path_change_print(change, sentence));
    json_end_object(w);
}

static void put_carrier(struct json_writer *w, const struct transit_hop *hop)
{
    json_begin_object(w);
    json_member_u64(w, "asn", hop->asn);
    json_member_string(w, "name", hop->name);
    put_country(w, "country", hop->holder);
    json_key(w, "parent");
    if (hop->parent != NULL) {
        json_begin_object(w);
        json_member_string(w, "name", hop->parent);
        put_country(w, "country", hop->parent_country);
        json_end_object(w);
    } else {
        json_null(w);
    }
    put_country(w, "place", hop->place);
    if (hop->is_in_set) {
        json_member_bool(w, "in_set", true);
    }
    json_end_object(w);
}

/* The path of the first candidate: the axis has the countries of all. */
static void put_transit(struct json_writer *w, const struct transit_facts *t)
{
    char prefix[IP_PREFIX_TEXT_SIZE];
    json_member_string(w, "grade", transit_grade_text(t->grade));
    json_key(w, t->is_quoted ? "icmp" : t->is_traceroute ? "traceroute" : "rib");
    if (t->time_sec != 0)
        json_time(w, packet_time_from_sec(t->time_sec));
    else
        json_null(w);
    json_member_string(w, "file", t->source);
    ip_prefix_print(&t->prefix, prefix);
    json_member_string(w, "prefix", prefix);
    json_member_u64(w, "candidates", t->candidate_count);
    if (!t->is_traceroute) {
        json_key(w, "as_path");
        json_begin_array(w);
        for (unsigned i = 0; i < t->as_path_count; i++)
            json_u64(w, t->as_path[i]);
        json_end_array(w);
    }
    if (t->as_path_length > t->as_path_count)
        json_member_u64(w, "as_path_length", t->as_path_length);
    json_key(w, "carriers");
    json_begin_array(w);
    for (unsigned i = 0; i < t->hop_count; i++)
        put_carrier(w, &t->hops[i]);
    json_end_array(w);
    if (t->hop_total > t->hop_count)
        json_member_u64(w, "carrier_count", t->hop_total);
    json_member_string(w, "place", transit_place_unknown());
    if (t->places_refuted > 0)
        json_member_u64(w, "places_refuted", t->places_refuted);
    json_member_string(w, "reverse", transit_reverse());
    if (t->is_degraded)
        json_member_string(w, "degraded", t->why);
}

static void put_axis(struct json_writer *w, enum axis axis, const struct jurisdiction *j)
{
    const struct axis_judgement *judgement = &j->axes[axis];
    json_key(w, axis_text(axis));
    json_begin_object(w);
    json_member_string(w, "status", axis_status_text(judgement->status));
    json_put_countries(w, "countries", judgement->countries, judgement->country_count);
    json_member_string(w, "reason", judgement->reason);
    if (axis == AXIS_OPERATOR)
        put_operator(w, &j->operator_facts);
    if (axis == AXIS_TRANSIT && j->has_transit_excluded)
        put_country_set(w, "excluded", &j->transit_excluded);
    if (axis == AXIS_TRANSIT && j->transit_facts.source != NULL)
        put_transit(w, &j->transit_facts);
    if (judgement->source_count > 0 || judgement->status != AXIS_UNKNOWN) {
        json_key(w, "sources");
        json_begin_array(w);
        for (unsigned i = 0; i < judgement->source_count; i++)
            put_source(w, &judgement->sources[i]);
        json_end_array(w);
    }
    json_end_object(w);
}

void json_put_jurisdiction(struct json_writer *w, const struct jurisdiction *j)
{
    json_key(w, "jurisdiction");
    json_begin_object(w);
    if (j->is_embedded) {
        json_key(w, "judged");
        json_address(w, &j->judged);
    }
    for (unsigned axis = 0; axis < AXIS_COUNT; axis++)
        put_axis(w, (enum axis)axis, j);
    json_end_object(w);
}

void json_put_verdicts(struct json_writer *w, const struct verdicts *verdicts)
{
    json_key(w, "verdicts");
    json_begin_object(w);
    for (unsigned i = 0; i < verdicts->policy_count; i++) {
        const struct policy_verdict *policy = &verdicts->policies[i];
        json_key(w, policy->policy);
        json_begin_object(w);
        for (unsigned axis = 0; axis < AXIS_COUNT; axis++)
            if (policy->judged & 1U << axis)
                json_member_string(w, axis_text((enum axis)axis), verdict_text(policy->axes[axis]));
        json_end_object(w);
    }
    json_end_object(w);
}

void json_put_flags(struct json_writer *w, const struct flag *flags, size_t count)
{
    json_key(w, "flagged");
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        json_begin_object(w);
        json_member_string(w, "axis", axis_text(flags[i].axis));
        put_country(w, "country", flags[i].country);
        json_member_string(w, "policy", flags[i].policy);
        json_end_object(w);
    }
    json_end_array(w);
}
