/* A finding's record as steps a person can follow: what was seen, which product, whose law, by which policy and rule.
 */
#ifndef BORDERTAP_CLI_EXPLAIN_INTERNAL_H
#define BORDERTAP_CLI_EXPLAIN_INTERNAL_H

#include <jansson.h>
#include <stdio.h>

#include "alerts/policy.h"

struct explanation {
    FILE *out;
    const char *directory;        /* of the shipped policies */
    const struct policy_set *set; /* those of the command line, and the severity rules */
};

/** @param record a record of type "finding": hostile, whatever is missing in it is left out. */
void explain_finding(const struct explanation *e, const json_t *record);

#endif
