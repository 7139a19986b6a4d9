/* What the files that read, hold and apply policies share. */
#ifndef BORDERTAP_ALERTS_POLICY_INTERNAL_H
#define BORDERTAP_ALERTS_POLICY_INTERNAL_H

#include "arena.h"
#include "nearest_word.h"
#include "policy.h"
#include "yaml_reader.h"

enum { POLICY_CODES_MAX = 512, POLICY_VENDORS_MAX = 64, RULES_MAX = 128 };

/** Axes a rule's verdict condition looks at: each alone, then "place" and "any-axis". */
enum rule_scope {
    SCOPE_LOCATION,
    SCOPE_OPERATOR,
    SCOPE_VENDOR,
    SCOPE_TRANSIT,
    SCOPE_PLACE,
    SCOPE_ANY_AXIS,
    SCOPE_COUNT,
};

enum { VERDICT_BIT_COULD_BE_IN = 1 << 4 }; /* beside 1 << enum verdict */

/** Every mask 0: no condition. */
struct severity_rule {
    const char *id;
    enum severity severity;
    bool asks_agent, is_agent;
    uint32_t purposes;    /* 1 << enum purpose */
    uint32_t confidences; /* 1 << enum confidence */
    uint32_t exposures;   /* 1 << enum exposure_class */
    uint32_t verdicts[SCOPE_COUNT];
};

struct policy_set {
    struct arena *arena;
    size_t policy_count;
    const struct policy *policies[POLICIES_MAX];
    size_t rule_count;
    struct severity_rule rules[RULES_MAX];
};

typedef void problem_visit(void *context, const struct policy_problem *problem);

/** One reading of one file; what it finds wrong goes to `visit` and is counted. */
struct policy_reader {
    struct arena *arena; /* owns what is read */
    const char *file;
    problem_visit *visit;
    void *context;
    size_t errors;
    struct policy *policy; /* NULL for a file of rules only */
    size_t rule_count;
    struct severity_rule rules[RULES_MAX];
};

void policy_report(struct policy_reader *r, uint32_t line, bool is_error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/** Reports the keys of @p mapping that are not among @p known (NULL-terminated), each with the nearest that is. */
void policy_report_keys(struct policy_reader *r, const struct yaml_node *mapping, const char *const *known);

/** Reads a policy or a file of rules from a tree; reports, never stops early. */
void policy_read_tree(struct policy_reader *r, const struct yaml_node *root);
/** `rules:` items into r->rules. */
void severity_rules_read(struct policy_reader *r, const struct yaml_node *list);

/** An agent talks, not a person on a web site. */
bool sighting_is_agent(const struct sighting *sighting);

#endif
