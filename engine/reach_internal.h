/*
 * From round trips to what they rule out: the shortest of each remote over a day of packet time, the countries of
 * concern it excludes, and the location claims it refutes. One thread.
 */
#ifndef BORDERTAP_ENGINE_REACH_INTERNAL_H
#define BORDERTAP_ENGINE_REACH_INTERNAL_H

#include "flow.h"
#include "geo/distance/distance.h"
#include "jurisdiction.h"
#include "round_trip.h"
#include "status.h"

struct reaches;

/** @param place borrowed; NULL: nothing is known of any round trip, and records say so. */
enum status reaches_new(const struct sensor_place *place, struct reaches **ret);
/** A flow has been looked at. @param is_final: its last look; flows are counted then. */
void reaches_learn(struct reaches *reaches, const struct flow *flow, const struct ip_address *remote,
                   struct packet_time now, bool is_final);
/**
 * What is known of @p remote, by the kind of round trip that @p flow had, else by any.
 * @param countries of concern, @p count of them.
 */
void reaches_judge(const struct reaches *reaches, const struct flow *flow, const struct ip_address *remote,
                   struct packet_time now, const struct country *countries, size_t count, struct reach *ret);
/** Takes refuted candidates out of the location axis, and contests those that only fibre excludes. */
void reaches_refute(const struct reaches *reaches, const struct reach *reach, struct axis_judgement *location);
/** The countries of concern that carried no packet of the flow's own round trip. */
void reaches_transit(const struct reaches *reaches, const struct flow *flow, const struct country *countries,
                     size_t count, struct jurisdiction *ret);
void reaches_free(struct reaches *reaches);

#endif
