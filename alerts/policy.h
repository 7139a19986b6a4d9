/*
 * Policies: which countries are of concern, on which axes, by which authority, since when; and the ordered severity rules.
 * The YAML files of catalog/jurisdictions/. Loaded once, read-only afterwards.
 */
#ifndef BORDERTAP_ALERTS_POLICY_H
#define BORDERTAP_ALERTS_POLICY_H

#include <stddef.h>

#include "attribution.h"
#include "jurisdiction.h"
#include "packet_time.h"
#include "severity.h"
#include "sighting.h"
#include "status.h"
#include "verdict.h"

struct policy_set;

/** One line of a policy: a code, conditional or not, for a time. */
struct policy_code {
    struct country country;
    bool is_conditional;
    struct packet_time since, until; /* ns 0: open */
    const char *note;                /* or NULL */
};

struct policy {
    const char *id, *title, *source, *checked; /* checked: YYYY-MM-DD */
    const char *file;
    bool is_allow_list;  /* the verdict is inverted: listed countries are fine */
    unsigned axes;       /* 1 << enum axis: which axes it judges */
    size_t code_count;
    const struct policy_code *codes;
    size_t vendor_count;
    const char *const *vendors; /* vendor ids it names, whatever their domicile */
};

/**
 * @param directory of the shipped policies.
 * @param names ids or file paths; count 0 takes the default: us-foreign-adversaries and us-kaspersky.
 * @param flag_codes "RU,CN" of --flag, or NULL: an unnamed policy "flag" over location, operator, vendor and transit.
 */
enum status policy_set_load(const char *directory, const char *const *names, size_t count, const char *flag_codes,
                            struct policy_set **ret, struct error *error);
void policy_set_free(struct policy_set *set);

size_t policy_set_policies(const struct policy_set *set, const struct policy *const **ret);
/** Ids of all policies shipped in @p directory, for `policy list`. */
enum status policy_list(const char *directory, void (*visit)(void *context, const struct policy *policy), void *context, struct error *error);

/** Judges all axes by all policies at packet time. @param vendor NULL when no product was identified. */
void policy_judge(const struct policy_set *set, const struct jurisdiction *jurisdiction, const struct vendor *vendor,
                  struct packet_time now, struct verdicts *ret);

/** Every country that some policy of the set is concerned about at @p now; @return count written, at most @p room. */
size_t policy_flagged_countries(const struct policy_set *set, struct packet_time now, struct country *ret, size_t room);

/** The ordered rules: first match wins. @param ret_rule id of the rule that decided; constant for the set's life. */
enum severity policy_severity(const struct policy_set *set, const struct sighting *sighting, const char **ret_rule);

struct policy_problem {
    const char *file;
    uint32_t line;
    bool is_error;
    char text[256];
};
/** Everything `policy check` looks for in one file. @return number of errors. */
size_t policy_check(const char *path, void (*visit)(void *context, const struct policy_problem *problem), void *context);

#endif
