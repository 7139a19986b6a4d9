/*
 * A finding as it outlives the run: what the ledger gives to a store and takes back from it. Borrowed for the call.
 */
#ifndef BORDERTAP_KEPT_FINDING_H
#define BORDERTAP_KEPT_FINDING_H

#include "finding.h"

struct kept_finding {
    char id[FINDING_ID_TEXT_SIZE];
    uint32_t revision; /* of the last record that was told, from 1 */
    bool is_told;      /* false: the last record was `closed` */
    bool has_mac;
    uint8_t mac[6];
    struct ip_address host;
    const char *vendor, *product; /* catalogue ids; NULL: no agent's traffic, `target` instead */
    const char *target;           /* registered domain, "AS1234" or address; NULL with a product */
    enum purpose purpose;
    enum severity severity, told_severity; /* worst so far; as of the last record */
    enum confidence confidence;            /* best so far */
    uint8_t axes, told_axes;               /* 1 << enum axis: flagged so far; as of the last record */
    const char *rule;                      /* that decided the severity; NULL: none did */
    uint8_t flag_count, remote_count;
    const struct flag *flags;          /* FLAGS_MAX at most */
    const struct remote_seen *remotes; /* REMOTES_MAX at most */
    struct finding_counters counters;
    struct packet_time first_seen, last_seen, last_told;
};

#endif
