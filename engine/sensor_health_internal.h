/*
 * The last step of a sample: adds the ages of data and how the feeds do, judges what all of it says of the sensor's
 * health, and tells the feeds. On the thread that judges, as feeds are its own.
 */
#ifndef BORDERTAP_ENGINE_SENSOR_HEALTH_INTERNAL_H
#define BORDERTAP_ENGINE_SENSOR_HEALTH_INTERNAL_H

#include "engine/engine.h"

struct sensor_health;

/** @param options borrowed. */
enum status sensor_health_new(const struct engine_options *options, struct sensor_health **ret, struct error *error);
/**
 * @param sample with all its counts; `clock_steps` of the packets alone becomes that of all clocks, and what is missing
 * is filled in.
 * @param is_whole_run it is over: judged by its totals.
 */
void sensor_health_take(struct sensor_health *health, const struct geo *geo, struct run_sample *sample,
                        bool is_whole_run);
void sensor_health_free(struct sensor_health *health); /* NULL is fine */

#endif
