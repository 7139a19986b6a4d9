#include "engine/reach_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

enum { SLOTS = 1 << 16, TEXT_SIZE = 64 };

static const int64_t day_ns = 86400 * NS_PER_SEC;

/* A remote that meets another in its slot is forgotten: unseeded, so that the same file gives the same records. */
struct slot {
    struct ip_address remote;
    struct packet_time since;
    uint32_t tcp_us, content_us; /* the shortest; UINT32_MAX: none */
    uint32_t samples;            /* flows that had one; 0: the slot is free, or its first flow not at its last look */
    uint8_t tcp_kind, content_kind;
};

struct reaches {
    const struct sensor_place *place;
    char sensor[TEXT_SIZE];
    struct slot slots[];
};

enum status reaches_new(const struct sensor_place *place, struct reaches **ret)
{
    struct reaches *reaches = calloc(1, sizeof(*reaches) + (place != NULL ? SLOTS * sizeof(struct slot) : 0));
    if (reaches == NULL)
        return STATUS_NO_MEMORY;
    reaches->place = place;
    if (place != NULL)
        snprintf(reaches->sensor, sizeof(reaches->sensor), "%.2f,%.2f r%.0fkm", place->position.lat,
                 place->position.lon, ceil(place->position.radius_km));
    *ret = reaches;
    return STATUS_OK;
}

void reaches_free(struct reaches *reaches)
{
    free(reaches);
}

static struct round_trip round_trip_of(const struct flow *flow)
{
    return (struct round_trip){flow->round_trip_us, (enum round_trip_kind)flow->round_trip_kind};
}

static size_t place_of(const struct ip_address *remote)
{
    return hash_bytes(remote, sizeof(*remote), 0) % SLOTS;
}

static bool is_current(const struct slot *slot, const struct ip_address *remote, struct packet_time now)
{
    int64_t age = packet_time_between(slot->since, now);
    bool is_used = slot->tcp_kind != 0 || slot->content_kind != 0;
    return is_used && ip_equal(&slot->remote, remote) && age >= -day_ns && age <= day_ns;
}

void reaches_learn(struct reaches *reaches, const struct flow *flow, const struct ip_address *remote,
                   struct packet_time now, bool is_final)
{
    struct round_trip seen = round_trip_of(flow);
    if (reaches->place == NULL || !round_trip_is_sample(seen.kind))
        return;
    struct slot *slot = &reaches->slots[place_of(remote)];
    if (!is_current(slot, remote, now))
        *slot = (struct slot){.remote = *remote, .since = now, .tcp_us = UINT32_MAX, .content_us = UINT32_MAX};
    bool is_content = seen.kind > ROUND_TRIP_TCP;
    uint32_t *least = is_content ? &slot->content_us : &slot->tcp_us;
    uint8_t *kind = is_content ? &slot->content_kind : &slot->tcp_kind;
    if (seen.us < *least) {
        *least = seen.us;
        *kind = (uint8_t)seen.kind;
    }
    slot->samples += is_final && slot->samples < UINT32_MAX;
}

static struct round_trip shorter(struct round_trip own, struct round_trip remembered)
{
    return round_trip_is_sample(own.kind) && own.us < remembered.us ? own : remembered;
}

static struct round_trip shortest_of(const struct slot *slot, struct round_trip own)
{
    const struct round_trip tcp = {slot->tcp_us, (enum round_trip_kind)slot->tcp_kind};
    const struct round_trip content = {slot->content_us, (enum round_trip_kind)slot->content_kind};
    if (own.kind == ROUND_TRIP_TCP)
        return tcp.kind != 0 ? shorter(own, tcp) : own;
    if (content.kind != 0)
        return shorter(own, content);
    return round_trip_is_sample(own.kind) ? own : tcp;
}

static enum rtt_exclusion exclusion_of(const struct reaches *reaches, struct country country, struct round_trip trip)
{
    return rtt_excludes(&reaches->place->position, &reaches->place->distances, country, (int64_t)trip.us * NS_PER_USEC,
                        0); /* the clock's granularity is in it */
}

void reaches_judge(const struct reaches *reaches, const struct flow *flow, const struct ip_address *remote,
                   struct packet_time now, const struct country *countries, size_t count, struct reach *ret)
{
    *ret = (struct reach){.shortest = round_trip_of(flow)};
    if (reaches->place == NULL)
        return;
    const struct slot *slot = &reaches->slots[place_of(remote)];
    if (is_current(slot, remote, now)) {
        ret->shortest = shortest_of(slot, ret->shortest);
        ret->samples = slot->samples;
    }
    if (!round_trip_is_sample(ret->shortest.kind))
        return;
    ret->samples += ret->samples == 0;
    ret->sensor = reaches->sensor;
    int64_t ns = (int64_t)ret->shortest.us * NS_PER_USEC;
    ret->fibre_km = (uint32_t)ceil(rtt_radius_fibre_km(ns, 0));
    ret->vacuum_km = (uint32_t)ceil(rtt_radius_vacuum_km(ns, 0));
    for (size_t i = 0; i < count; i++) {
        enum rtt_exclusion exclusion = exclusion_of(reaches, countries[i], ret->shortest);
        if (exclusion == RTT_EXCLUDES_IN_VACUUM)
            country_set_add(&ret->excluded_vacuum, countries[i]);
        else if (exclusion == RTT_EXCLUDES_IN_FIBRE)
            country_set_add(&ret->excluded_fibre, countries[i]);
    }
}

/* --- the location axis -------------------------------------------------------------------------------------------- */

struct codes {
    char text[AXIS_COUNTRIES_MAX * 4];
    unsigned count;
};

static void add_code(struct codes *codes, struct country country)
{
    size_t used = strlen(codes->text);
    snprintf(codes->text + used, sizeof(codes->text) - used, "%s%s", codes->count > 0 ? " " : "", country.code);
    codes->count++;
}

static void add_reason(struct axis_judgement *location, const struct codes *codes, const char *what,
                       const struct reach *reach)
{
    size_t used = strlen(location->reason);
    snprintf(location->reason + used, sizeof(location->reason) - used, "; %s %s (%u.%u ms)", codes->text, what,
             reach->shortest.us / 1000, reach->shortest.us / 100 % 10);
}

static unsigned sources_naming(const struct axis_judgement *location, struct country country)
{
    unsigned count = 0;
    for (unsigned i = 0; i < location->source_count; i++)
        count += country_equal(location->sources[i].country, country);
    return count;
}

void reaches_refute(const struct reaches *reaches, const struct reach *reach, struct axis_judgement *location)
{
    struct codes refuted = {.count = 0}, doubtful = {.count = 0};
    unsigned kept = 0;
    if (reaches->place == NULL || !round_trip_is_sample(reach->shortest.kind) || location->country_count == 0)
        return;
    for (unsigned i = 0; i < location->country_count; i++) {
        enum rtt_exclusion exclusion = exclusion_of(reaches, location->countries[i], reach->shortest);
        if (exclusion == RTT_EXCLUDES_IN_VACUUM) {
            add_code(&refuted, location->countries[i]);
            continue;
        }
        if (exclusion == RTT_EXCLUDES_IN_FIBRE)
            add_code(&doubtful, location->countries[i]);
        location->countries[kept++] = location->countries[i];
    }
    location->country_count = (uint8_t)kept;
    if (kept == 0) {
        location->status = AXIS_UNKNOWN;
        snprintf(location->reason, sizeof(location->reason), "all claims refuted by RTT: %u.%u ms, %s is farther away",
                 reach->shortest.us / 1000, reach->shortest.us / 100 % 10, refuted.text);
        return;
    }
    if (refuted.count > 0) {
        add_reason(location, &refuted, "refuted by RTT", reach);
        if (kept == 1)
            location->status = sources_naming(location, location->countries[0]) > 1 ? AXIS_AGREED : AXIS_SINGLE_SOURCE;
    }
    if (doubtful.count > 0) {
        add_reason(location, &doubtful, "too far for this RTT in fibre", reach);
        location->status = AXIS_CONTESTED;
    }
}

void reaches_transit(const struct reaches *reaches, const struct flow *flow, const struct country *countries,
                     size_t count, struct jurisdiction *ret)
{
    struct round_trip own = round_trip_of(flow);
    if (reaches->place == NULL || !round_trip_is_sample(own.kind))
        return;
    ret->has_transit_excluded = true;
    memset(&ret->transit_excluded, 0, sizeof(ret->transit_excluded));
    for (size_t i = 0; i < count; i++)
        if (exclusion_of(reaches, countries[i], own) == RTT_EXCLUDES_IN_VACUUM)
            country_set_add(&ret->transit_excluded, countries[i]);
}
