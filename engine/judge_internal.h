/*
 * The judge turns the shards' events into sightings and gives them to the ledger and the feeds: whose flow it is, what
 * product, whose law reaches it, how exposed it is. One thread at a time; events must come in their order.
 */
#ifndef BORDERTAP_ENGINE_JUDGE_INTERNAL_H
#define BORDERTAP_ENGINE_JUDGE_INTERNAL_H

#include "engine/engine.h"
#include "engine/event_internal.h"
#include "survivors.h"

struct judge;

enum status judge_new(const struct engine_options *options, struct judge **ret, struct error *error);
/** Its own; good while the judge lives, for its thread. */
struct concerns *judge_concerns(const struct judge *judge);
/** One walk over all that it points at of the data. */
void judge_survive(struct judge *judge, struct survivors *survivors);
/** The data for the events that follow @p now, after the second walk; those before are still there. */
void judge_use(struct judge *judge, const struct engine_data *data, struct packet_time now);
/** Before the first event: what earlier runs left in the store. */
void judge_begin(struct judge *judge);
void judge_event(struct judge *judge, const struct event *event);
/** Packet time goes on: roll-ups, and new findings whose evidence has settled. Cheap when nothing is due. */
void judge_tick(struct judge *judge, struct packet_time now);
/** After the last flow ended: the last findings and the inventory go out. */
void judge_close(struct judge *judge, struct packet_time now);

uint64_t judge_hosts(const struct judge *judge);
size_t judge_products(struct judge *judge, const struct product *const **ret); /* seen as agents, sorted by id */
void judge_findings(const struct judge *judge, uint64_t ret[static SEVERITY_COUNT]);
/** Zero when nobody asked for it. */
struct latency_sample judge_latency(const struct judge *judge);
enum severity judge_worst(const struct judge *judge);
void judge_count(const struct judge *judge, counter_visit *visit, void *context);
void judge_free(struct judge *judge);

/* The parts of a judgement that need no flow; `lookup` uses them too. */
void judge_vendor_axis(const struct product *product, struct axis_judgement *ret);
/** Of the address that geo_judge() judged, @p ret->judged. @param path of the flow at hand; NULL: nothing is known. */
void judge_transit_axis(const struct engine_options *options, struct packet_time time, const struct flow_path *path,
                        struct jurisdiction *ret);

#endif
