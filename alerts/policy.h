/*
 * Policies: which countries are of concern, on which axes, by which authority, since when; and the ordered severity
 * rules. The YAML files of catalog/jurisdictions/. Loaded once, read-only afterwards.
 */
#ifndef BORDERTAP_ALERTS_POLICY_H
#define BORDERTAP_ALERTS_POLICY_H

#include <stdbool.h>
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
    struct packet_time since,
        until;        /* of this line: from the day `since` up to, not with, the day `until`; ns 0: open */
    const char *note; /* or NULL */
};

struct policy {
    const char *id, *title, *source, *checked; /* checked: YYYY-MM-DD */
    const char *since; /* date of the rule itself, to be shown; never used in judging. NULL unknown */
    const char *note;  /* or NULL */
    const char *file;
    bool is_allow_list; /* the verdict is inverted: listed countries are fine, others `in` */
    unsigned axes;      /* 1 << enum axis: which axes it judges */
    size_t code_count;
    const struct policy_code *codes;
    size_t vendor_count;
    const char *const *vendors; /* vendor ids it names, whatever their domicile */
};

/**
 * The severity rules are those of the loaded policies that carry some, in their order, then those of
 * DIRECTORY/../severity.yaml.
 * @param directory of the shipped policies.
 * @param names ids or file paths; count 0 takes the default: us-foreign-adversaries and us-kaspersky.
 * @param flag_codes "RU,CN" of --flag, or NULL: an unnamed policy "flag" over location, operator, vendor and transit.
 */
enum status policy_set_load(const char *directory, const char *const *names, size_t count, const char *flag_codes,
                            struct policy_set **ret, struct error *error);
void policy_set_free(struct policy_set *set);

/** The same for sets that judge the same, in this run only. */
uint64_t policy_set_fingerprint(const struct policy_set *set);
size_t policy_set_policies(const struct policy_set *set, const struct policy *const **ret);
/** Ids of all policies shipped in @p directory, for `policy list`. */
enum status policy_list(const char *directory, void (*visit)(void *context, const struct policy *policy), void *context,
                        struct error *error);

/** Whether its `checked` day lies more than 180 days before @p today: it is used, with a warning. */
bool policy_is_stale(const struct policy *policy, struct packet_time today);
/** A sentence for each of @p set that is stale @p today. */
void policy_warnings(const struct policy_set *set, struct packet_time today,
                     void (*visit)(void *context, const char *sentence), void *context);

/**
 * Judges all axes by all policies. A policy judges traffic of any date: today's policy over an old capture. Only a
 * code's own since and until are compared with @p now, packet time; ns 0 (no traffic, a lookup) means the list as it
 * stands.
 * @param vendor NULL when no product was identified.
 */
void policy_judge(const struct policy_set *set, const struct jurisdiction *jurisdiction, const struct vendor *vendor,
                  struct packet_time now, struct verdicts *ret);

/** Every country that some policy of the set is concerned about at @p now; @return count written, at most @p room. */
size_t policy_flagged_countries(const struct policy_set *set, struct packet_time now, struct country *ret, size_t room);

/**
 * The ordered rules: first match wins. Whatever they say, a `possible` attribution is at most medium and traffic of no
 * agent at most low.
 * @param ret_rule id of the rule that decided, constant for the set's life; NULL with SEVERITY_NONE.
 */
enum severity policy_severity(const struct policy_set *set, const struct sighting *sighting, const char **ret_rule);

/**
 * A rule's conditions in words: "agent: yes; vendor: in; exposure: cleartext", "everything" without any.
 * @return false when no rule of the set has that id.
 */
bool policy_rule_text(const struct policy_set *set, const char *id, char *ret, size_t room);

struct policy_problem {
    const char *file;
    uint32_t line;
    bool is_error;
    char text[256];
};
/**
 * Everything `policy check` looks for in one file of a policy or of severity rules.
 * @param today for the warning about an old `checked` day; ns 0 leaves it out.
 * @return number of errors.
 */
size_t policy_check(const char *path, struct packet_time today,
                    void (*visit)(void *context, const struct policy_problem *problem), void *context);

#endif
