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
        if (slot->tcp_kind != 0 && ret->shortest.kind > ROUND_TRIP_TCP)
            ret->handshake_us = slot->tcp_us;
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

void reaches_refute(const struct reaches *reaches, const struct reach *reach, struct axis_judgement *location)
{
    if (reaches->place != NULL && round_trip_is_sample(reach->shortest.kind))
        rtt_refute(reaches->place, reach->shortest.us, location);
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
