/*
 * Decides from samples of counters what the sensor must say about itself. Pure: samples in, records out; the clock is
 * in the samples. A condition is raised by what ten seconds show, and cleared only by a whole minute that is better
 * than half of what raised it, so that nothing flaps. What is unknown raises and clears nothing. One thread.
 */
#ifndef BORDERTAP_ALERTS_HEALTH_H
#define BORDERTAP_ALERTS_HEALTH_H

#include "health_record.h"
#include "run_sample.h"
#include "status.h"

struct health;

/** @param record borrowed until the callback returns. */
typedef void health_told(void *context, const struct health_record *record);

/** @param sensor borrowed; NULL: none named. @return STATUS_OK or STATUS_NO_MEMORY. */
enum status health_new(const char *sensor, struct health **ret);

/** The next sample of a run that goes on; a second after the last one, or later. Tells what is raised or cleared. */
void health_take(struct health *health, const struct run_sample *sample, health_told *told, void *context);

/** The totals of a run that is over: tells what they raise. */
void health_take_whole(struct health *health, const struct run_sample *sample, health_told *told, void *context);

/** 1 << enum health_condition, of all that is raised. */
uint32_t health_raised(const struct health *health);

void health_free(struct health *health); /* NULL is fine */

#endif
