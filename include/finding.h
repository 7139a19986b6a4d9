/*
 * What a person is told: one per (host, product, purpose), or for traffic that is no agent's one per
 * (host, remote's registered domain, else its AS). Made by the ledger; borrowed until the callback
 * returns.
 */
#ifndef BORDERTAP_FINDING_H
#define BORDERTAP_FINDING_H

#include "severity.h"
#include "sighting.h"

enum finding_action {
    FINDING_OPENED,
    FINDING_UPDATED,
    FINDING_ESCALATED,
    FINDING_CLOSED,
};

/** "opened", "updated", "escalated", "closed"; constant. */
const char *finding_action_text(enum finding_action action);

enum { REMOTES_MAX = 10, REMOTE_NAME_MAX = 128 };

struct remote_seen {
    struct ip_address ip;
    uint16_t port;
    char name[REMOTE_NAME_MAX]; /* "" none */
    uint8_t country_count;
    struct country countries[AXIS_COUNTRIES_MAX]; /* location candidates */
    uint64_t flows;
};

struct finding_counters {
    uint64_t flows, remotes;
    struct flow_counters volume;
};

#define FINDING_ID_TEXT_SIZE 20 /* "f-" and 16 hex digits */
#define EVENT_ID_TEXT_SIZE 40

#define UNTIL_TEXT_SIZE 11 /* "2027-11-24" */

/** Somebody answers for a finding until a day: it is told on, but nobody is to be alarmed by it. */
struct acceptance {
    const char *owner, *reason;
    char until[UNTIL_TEXT_SIZE]; /* last day it holds, UTC */
    struct packet_time ends;     /* the midnight after it */
    bool is_expired;             /* this record is told because it has ended */
};

struct finding {
    char id[FINDING_ID_TEXT_SIZE];     /* hash of the key: the same in every run and at every sensor */
    char event_id[EVENT_ID_TEXT_SIZE]; /* this message: finding id and its revision */
    const char *sensor;                /* configured name */
    enum finding_action action;
    enum severity severity;
    const char *rule;  /* id of the rule that decided */
    char summary[384]; /* one sentence */
    struct packet_time time, first_seen, last_seen;
    const struct sighting *sighting; /* the worst flow so far: the one whose severity decided */
    uint8_t flag_count;
    const struct flag *flags; /* union over all flows so far */
    uint8_t remote_count;
    const struct remote_seen *remotes;
    struct finding_counters counters;  /* totals since first_seen */
    const struct acceptance *accepted; /* NULL: nobody has */
    struct path_change path_change; /* the first over all flows, `changes` of all of them; as flows are told or end */
    uint32_t path_changed_flows;
};

enum { HOST_PRODUCTS_MAX = 64 };

/** The inventory: who runs what. One per home address with an agent. */
struct host_product {
    const struct product *product;
    uint32_t purposes; /* 1 << enum purpose */
    enum confidence confidence;
    struct packet_time first_seen, last_seen;
    uint64_t bytes_out, bytes_in;
    uint64_t flows;
    enum severity severity; /* worst of its findings */
};

struct host_record {
    const char *sensor;
    struct ip_address host;
    bool has_mac;
    uint8_t mac[6];
    uint8_t product_count;
    const struct host_product *products;
};

#endif
