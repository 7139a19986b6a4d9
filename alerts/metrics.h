/*
 * A sample in Prometheus' text format 0.0.4. Pure: what is not known is left out, so that a gap shows where a 0 would
 * lie. Every name and label stays the same from scrape to scrape.
 */
#ifndef BORDERTAP_ALERTS_METRICS_H
#define BORDERTAP_ALERTS_METRICS_H

#include "run_sample.h"
#include "status.h"
#include "text.h"

struct metrics;

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum status metrics_new(struct metrics **ret);
/** @return borrowed until the next call; without data when memory ran out. */
struct text metrics_render(struct metrics *metrics, const struct run_sample *sample, const char *version);
void metrics_free(struct metrics *metrics); /* NULL is fine */

#endif
