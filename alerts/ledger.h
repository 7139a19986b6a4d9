/*
 * One finding per key, with counters. Sightings go in (once when a flow is judged, more when its verdict changes, and
 * once when it ends with its totals); `opened`, `updated`, `escalated` come out. Capped: what is turned away is
 * counted. One thread.
 */
#ifndef BORDERTAP_ALERTS_LEDGER_H
#define BORDERTAP_ALERTS_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "finding.h"
#include "kept_finding.h"
#include "policy.h"
#include "status.h"
#include "survivors.h"

struct ledger;

typedef void finding_told(void *context, const struct finding *finding);

struct ledger_options {
    const char *sensor;
    const struct policy_set *policies;
    uint32_t findings_max; /* 0: default */
    int64_t settle_ns;     /* packet time that news of a finding wait for the rest of their evidence; 0: told at once */
    int64_t update_interval_sec; /* packet time between `updated` records of one finding; 0: default, a day */
    finding_told *told;
    /* Asked before `told`: keeps what is about to be told. @return whether it is kept. NULL: nobody keeps it. */
    bool (*keep)(void *context, const struct kept_finding *kept, const struct finding *news);
    /* An exception has ended, and this run has seen no flow of the finding that a record could show; its revision is
     * the one to tell. NULL: nobody wants to know. */
    void (*lapsed)(void *context, const struct kept_finding *kept, const struct acceptance *accepted);
    void *context;
};

enum status ledger_new(const struct ledger_options *options, struct ledger **ret);

/**
 * Counts a sighting and tells what is news. A finding that loses its last flow to another key after it was told is told
 * once more, `closed` with zero counters: what it said was superseded. An internal sighting is a finding only when it
 * is an agent's: it talks through a proxy of the house.
 * @p previous is what an earlier call returned for the same flow, 0 for the first: the flow is then not counted
 * twice, only moved when its key changed (a better name gave another purpose).
 * @param previous_counters what the earlier call had counted for this flow's volume, NULL for the first.
 * @return a serial to keep in the flow: 0 when the sighting concerns no finding.
 */
uint32_t ledger_sight(struct ledger *ledger, const struct sighting *sighting, uint32_t previous,
                      const struct flow_counters *previous_counters);

/** Adds volume that a flow gained since it was last told (its totals at the end). */
void ledger_add_volume(struct ledger *ledger, uint32_t serial, const struct flow_counters *gained,
                       struct packet_time last_seen);

/** The product of the finding that @p serial counts into; NULL: no agent's. */
const struct product *ledger_product(const struct ledger *ledger, uint32_t serial);

/**
 * The way of a flow's packets changed. @param change of the flow, @p more of its changes were not told before, none of
 * them when @p is_first.
 */
void ledger_note_path(struct ledger *ledger, uint32_t serial, const struct path_change *change, uint32_t more,
                      bool is_first);

/**
 * Something more is known of a flow that counts into a finding: lets @p revise change the sighting that the finding
 * shows, if it is of this flow (it returns whether it is), and tells what is news.
 */
void ledger_look_again(struct ledger *ledger, uint32_t serial, bool (*revise)(void *context, struct sighting *sighting),
                       void *context);

/**
 * What is known of a host has changed: lets @p revise look at the attribution of each finding about @p product at @p
 * host, and keeps what it changed (it returns whether it did). The finding's key stays as it is; the change is told
 * with the next record.
 */
void ledger_revise(struct ledger *ledger, const struct ip_address *host, const struct product *product,
                   bool (*revise)(void *context, struct attribution *attribution), void *context);

/** One walk over all that findings point at of catalogue, policies, databases and paths. */
void ledger_survive(struct ledger *ledger, struct survivors *survivors);
/** The policies for the sightings that follow. */
void ledger_use_policies(struct ledger *ledger, const struct policy_set *policies);
/**
 * Takes back a finding of an earlier run, before the first sighting, in the order of `last_told`. It is not told until
 * this run sees it. @param product of the catalogue, NULL when @p kept has none.
 * @return STATUS_OK; STATUS_INVALID when it contradicts itself or is there already; STATUS_UNSUPPORTED when the table
 * is full; STATUS_NO_MEMORY.
 */
enum status ledger_restore(struct ledger *ledger, const struct kept_finding *kept, const struct product *product);

/** Gives every finding that was told and has changed since it was last kept; @p visit says whether it is kept now, and
 * false ends the round. Cheap when none has changed. */
void ledger_save(struct ledger *ledger, bool (*visit)(void *context, const struct kept_finding *kept), void *context);

/** Forgets every exception, before those in force are given anew. */
void ledger_clear_accepted(struct ledger *ledger);
/** @p accepted is copied. What an exception that has ended is worth is told by the next tick. A finding that is not
 * there is passed over. */
void ledger_accept(struct ledger *ledger, const char *finding_id, const struct acceptance *accepted);

/** Tells roll-ups that are due at packet time @p now. Cheap when none is. */
void ledger_tick(struct ledger *ledger, struct packet_time now);

/** End of input: a last `updated` for each finding whose counters grew since it was last told, in the order they were
 * opened. */
void ledger_close_run(struct ledger *ledger, struct packet_time now);

/** The inventory of what this run saw: hosts in address order, their products by id; a host with more than
 * HOST_PRODUCTS_MAX gets several records. Want of memory is counted. */
void ledger_hosts(struct ledger *ledger, void (*visit)(void *context, const struct host_record *host), void *context);

/** Of those that this run saw. */
void ledger_findings_by_severity(const struct ledger *ledger, uint64_t ret[static SEVERITY_COUNT]);
void ledger_count(const struct ledger *ledger, counter_visit *visit, void *context);
void ledger_free(struct ledger *ledger);

#endif
