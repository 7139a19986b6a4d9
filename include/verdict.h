/*
 * What a policy says of an axis. A policy belongs to the policy set that loaded it; here it is only
 * pointed at.
 */
#ifndef BORDERTAP_VERDICT_H
#define BORDERTAP_VERDICT_H

#include <stdint.h>

#include "country.h"
#include "jurisdiction.h"

enum verdict {
    VERDICT_UNKNOWN,   /* no candidate country */
    VERDICT_OUT,       /* no candidate is listed */
    VERDICT_CONTESTED, /* some candidates are listed */
    VERDICT_IN,        /* every candidate is listed */
};

/** "unknown", "out", "contested", "in"; constant. */
const char *verdict_text(enum verdict verdict);

enum { POLICIES_MAX = 16, FLAGS_MAX = 32 };

struct policy_verdict {
    const char *policy; /* id, lives as long as the policy set */
    enum verdict axes[AXIS_COUNT];
    uint8_t judged;      /* 1 << enum axis: axes this policy judges; the others stay out of records and rules */
    uint8_t could_be_in; /* 1 << enum axis: contested, or unknown while a source names a country of concern */
};

/** One reason for concern: this axis reaches this country, says this policy. Country of a vendor that the
 *  policy names: its domicile, "" when that is unknown. */
struct flag {
    enum axis axis;
    struct country country;
    const char *policy;
};

struct verdicts {
    uint8_t policy_count, flag_count;
    struct policy_verdict policies[POLICIES_MAX];
    struct flag flags[FLAGS_MAX]; /* axes judged `in`, sorted by policy, axis, country; no doubles */
};

#endif
