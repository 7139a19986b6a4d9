/*
 * From the ledger to the feeds and, when there is one, the store: what is told is kept before it is told, what grew is
 * kept now and then, exceptions are taken as they come. A store that fails costs what it would have kept, nothing else.
 */
#ifndef BORDERTAP_ENGINE_TELLER_INTERNAL_H
#define BORDERTAP_ENGINE_TELLER_INTERNAL_H

#include "alerts/ledger.h"
#include "engine/engine.h"

struct teller;

/** @param options what they point at is borrowed. @return NULL: no memory. */
struct teller *teller_new(const struct engine_options *options);
/** How a ledger tells it. */
void teller_listen(struct teller *teller, struct ledger_options *ret);
/** Takes @p ledger over into @p teller's care: gives it the findings of earlier runs and the exceptions in force; then
 * what nobody knows to be told goes to the feeds once more. */
void teller_begin(struct teller *teller, struct ledger *ledger);
/** Newer data; those before are still there. Findings of earlier runs come back whose products only now are known. */
void teller_use(struct teller *teller, const struct engine_data *data);
/** What has grown, and new exceptions, when it is time. Cheap when it is not. */
void teller_tick(struct teller *teller, struct packet_time now);
/** What has grown, now. */
void teller_save(struct teller *teller);
/** Highest severity told of what nobody answers for. */
enum severity teller_worst(const struct teller *teller);
/** From the packet that told to the feeds, of what was news. */
struct latency_sample teller_latency(const struct teller *teller);
void teller_count(const struct teller *teller, counter_visit *visit, void *context);
void teller_free(struct teller *teller);

#endif
