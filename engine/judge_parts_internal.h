/* What the files of the judge share: judge.c (events in, sightings out), judge_replace.c (newer data) and
 * judge_totals.c (counts). */
#ifndef BORDERTAP_ENGINE_JUDGE_PARTS_INTERNAL_H
#define BORDERTAP_ENGINE_JUDGE_PARTS_INTERNAL_H

#include "alerts/ledger.h"
#include "analyzers/dns_memory.h"
#include "engine/concerns_internal.h"
#include "engine/hosts_internal.h"
#include "engine/judge_internal.h"
#include "engine/reach_internal.h"
#include "engine/teller_internal.h"
#include "engine/told_flows_internal.h"

enum {
    APP_NAMES_MAX = 512,
    PRODUCTS_MAX = 1024,
};

struct judge {
    struct engine_options options;
    bool wants_flows;
    struct dns_memory *dns;
    struct ledger *ledger;
    struct teller *teller;
    struct hosts *hosts;
    struct told_flows told;
    struct concerns *concerns;
    struct reaches *reaches;
    struct packet_time next_tick;
    char app_names[APP_NAMES_MAX][32];
    size_t app_name_count;
    const struct product *products[PRODUCTS_MAX];
    size_t product_count;
    bool has_changed; /* catalogue or policies, and in what they say; flows judged before changed_at may look new */
    struct packet_time changed_at;
};

void judge_policies(struct judge *judge, struct sighting *sighting);
/** A router quoted a flow after it was judged: the finding that shows it is judged anew. */
void judge_look_again(struct judge *judge, const struct event *event);

/* judge_replace.c */

/**
 * Whether a flow that nothing was told of was judged by older data, which say other things, and what it was judged by
 * is still there: its facts, or that it has none and its addresses are all; each only once.
 * @param facts at its end; NULL: none were kept.
 */
bool judge_may_look_again(const struct judge *judge, const struct flow *flow, const struct flow_facts *facts);

#endif
