/* The ordered severity rules: reading them, and finding the first that matches a sighting. Design section 4. */
#include <stdio.h>
#include <string.h>

#include "policy_internal.h"

static const char *const purpose_words[] = {"unknown", "telemetry",  "reputation", "sample-upload",
                                            "update",  "management", "licensing",  "account",
                                            "vpn",     "web",        NULL};
static const char *const confidence_words[] = {"none", "possible", "probable", "confirmed", NULL};
static const char *const exposure_words[] = {
    "cleartext", "key-recoverable", "interceptable", "harvestable", "quantum-safe", "unknown", NULL};
static const char *const verdict_words[] = {"unknown", "out", "contested", "in", "could-be-in", NULL};
static const char *const scope_words[] = {"location", "operator", "vendor", "transit", "place", "any-axis", NULL};

static const uint8_t scope_axes[SCOPE_COUNT] = {
    [SCOPE_LOCATION] = 1 << AXIS_LOCATION,
    [SCOPE_OPERATOR] = 1 << AXIS_OPERATOR,
    [SCOPE_VENDOR] = 1 << AXIS_VENDOR,
    [SCOPE_TRANSIT] = 1 << AXIS_TRANSIT,
    [SCOPE_PLACE] = 1 << AXIS_LOCATION | 1 << AXIS_OPERATOR,
    [SCOPE_ANY_AXIS] = (1 << AXIS_COUNT) - 1,
};

/* A mask over the words of a condition; reports words that are none of @p words. */
static uint32_t read_mask(struct policy_reader *r, const struct yaml_node *when, const char *key,
                          const char *const *words)
{
    const struct yaml_node *list = yaml_get(when, key);
    uint32_t mask = 0;
    if (list == NULL)
        return 0;
    if (list->kind != YAML_SEQUENCE || list->count == 0) {
        policy_report(r, list->line, true, "'%s' must be a list of words", key);
        return 0;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *item = list->items[i];
        uint32_t bit = 0;
        while (words[bit] != NULL && strcmp(words[bit], item->scalar) != 0)
            bit++;
        if (words[bit] != NULL) {
            mask |= UINT32_C(1) << bit;
            continue;
        }
        const char *near = nearest_word(item->scalar, words);
        policy_report(r, item->line, true, "'%.40s' means nothing for '%s'%s%s%s", item->scalar, key,
                      near ? " (is '" : "", near ? near : "", near ? "' meant?)" : "");
    }
    return mask;
}

static void read_agent(struct policy_reader *r, const struct yaml_node *when, struct severity_rule *rule)
{
    const struct yaml_node *node = yaml_get(when, "agent");
    if (node == NULL)
        return;
    rule->asks_agent = true;
    rule->is_agent = strcmp(node->scalar, "true") == 0;
    if (!rule->is_agent && strcmp(node->scalar, "false") != 0)
        policy_report(r, node->line, true, "'agent' must be true or false");
}

static void read_when(struct policy_reader *r, const struct yaml_node *when, struct severity_rule *rule)
{
    static const char *const keys[] = {"agent",  "purpose", "confidence", "exposure", "location", "operator",
                                       "vendor", "transit", "place",      "any-axis", NULL};
    if (when == NULL || when->kind != YAML_MAPPING) {
        policy_report(r, when ? when->line : 0, true, "'when' must be a mapping of conditions ({} matches everything)");
        return;
    }
    policy_report_keys(r, when, keys);
    read_agent(r, when, rule);
    rule->purposes = read_mask(r, when, "purpose", purpose_words);
    rule->confidences = read_mask(r, when, "confidence", confidence_words);
    rule->exposures = read_mask(r, when, "exposure", exposure_words);
    for (unsigned scope = 0; scope < SCOPE_COUNT; scope++)
        rule->verdicts[scope] = read_mask(r, when, scope_words[scope], verdict_words);
}

static void read_rule(struct policy_reader *r, const struct yaml_node *item)
{
    static const char *const keys[] = {"id", "severity", "when", NULL};
    struct severity_rule *rule = &r->rules[r->rule_count];
    if (item->kind != YAML_MAPPING) {
        policy_report(r, item->line, true, "a rule is a mapping of id, severity and when");
        return;
    }
    *rule = (struct severity_rule){0};
    policy_report_keys(r, item, keys);
    const char *id = yaml_get_string(item, "id"), *severity = yaml_get_string(item, "severity");
    if (id == NULL)
        policy_report(r, item->line, true, "the rule has no 'id'");
    for (size_t i = 0; i < r->rule_count && id != NULL; i++)
        if (strcmp(r->rules[i].id, id) == 0)
            policy_report(r, item->line, true, "rule '%.60s' stands twice", id);
    if (severity == NULL || (strcmp(severity, "none") != 0 && !severity_parse(severity, &rule->severity)))
        policy_report(r, item->line, true, "'severity' must be none, info, low, medium, high or critical");
    read_when(r, yaml_get(item, "when"), rule);
    rule->id = arena_copy(r->arena, id ? id : "", id ? strlen(id) : 0);
    if (rule->id != NULL)
        r->rule_count++;
}

void severity_rules_read(struct policy_reader *r, const struct yaml_node *list)
{
    if (list->kind != YAML_SEQUENCE || list->count > RULES_MAX) {
        policy_report(r, list->line, true, "'rules' must be a list of at most %d rules", RULES_MAX);
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        read_rule(r, list->items[i]);
}

/* What all policies together said of the axes in @p axes, as a mask of 1 << verdict and VERDICT_BIT_COULD_BE_IN. */
static uint32_t verdict_mask(const struct verdicts *verdicts, uint8_t axes)
{
    uint32_t mask = 0;
    for (unsigned i = 0; i < verdicts->policy_count; i++) {
        const struct policy_verdict *p = &verdicts->policies[i];
        for (unsigned axis = 0; axis < AXIS_COUNT; axis++)
            if (axes & p->judged & 1U << axis)
                mask |= UINT32_C(1) << p->axes[axis];
        if (axes & p->judged & p->could_be_in)
            mask |= VERDICT_BIT_COULD_BE_IN;
    }
    return mask;
}

static bool allows(uint32_t mask, uint32_t bits)
{
    return mask == 0 || (mask & bits) != 0;
}

static bool rule_matches(const struct severity_rule *rule, const struct sighting *s, bool is_agent)
{
    if ((rule->asks_agent && rule->is_agent != is_agent) ||
        !allows(rule->purposes, UINT32_C(1) << s->attribution.purpose) ||
        !allows(rule->confidences, UINT32_C(1) << s->attribution.confidence) ||
        !allows(rule->exposures, UINT32_C(1) << s->exposure.class_))
        return false;
    for (unsigned scope = 0; scope < SCOPE_COUNT; scope++)
        if (rule->verdicts[scope] != 0 && !(rule->verdicts[scope] & verdict_mask(&s->verdicts, scope_axes[scope])))
            return false;
    return true;
}

bool sighting_is_agent(const struct sighting *s)
{
    return s->attribution.product != NULL && s->attribution.product->is_agent && s->attribution.purpose != PURPOSE_WEB;
}

static enum severity limit(enum severity severity, enum severity most)
{
    return severity < most ? severity : most;
}

enum severity policy_severity(const struct policy_set *set, const struct sighting *s, const char **ret_rule)
{
    bool is_agent = sighting_is_agent(s);
    for (size_t i = 0; i < set->rule_count; i++) {
        const struct severity_rule *rule = &set->rules[i];
        if (!rule_matches(rule, s, is_agent))
            continue;
        *ret_rule = rule->severity == SEVERITY_NONE ? NULL : rule->id;
        if (!is_agent)
            return limit(rule->severity, SEVERITY_LOW);
        return s->attribution.confidence >= CONFIDENCE_PROBABLE ? rule->severity
                                                                : limit(rule->severity, SEVERITY_MEDIUM);
    }
    *ret_rule = NULL;
    return SEVERITY_NONE;
}

static void append(char *ret, size_t room, const char *separator, const char *word)
{
    size_t length = strlen(ret);
    snprintf(ret + length, room - length, "%s%s", separator, word);
}

static void append_condition(char *ret, size_t room, const char *name, uint32_t mask, const char *const *words)
{
    const char *separator = ": ";
    if (mask == 0)
        return;
    append(ret, room, *ret ? "; " : "", name);
    for (uint32_t bit = 0; words[bit] != NULL; bit++) {
        if (!(mask & UINT32_C(1) << bit))
            continue;
        append(ret, room, separator, words[bit]);
        separator = " or ";
    }
}

bool policy_rule_text(const struct policy_set *set, const char *id, char *ret, size_t room)
{
    static const char *const no_yes[] = {"no", "yes", NULL};
    const struct severity_rule *rule = NULL;
    for (size_t i = 0; i < set->rule_count && rule == NULL; i++)
        if (strcmp(set->rules[i].id, id) == 0)
            rule = &set->rules[i];
    *ret = '\0';
    if (rule == NULL)
        return false;
    append_condition(ret, room, "agent", rule->asks_agent ? UINT32_C(1) << rule->is_agent : 0, no_yes);
    append_condition(ret, room, "purpose", rule->purposes, purpose_words);
    append_condition(ret, room, "confidence", rule->confidences, confidence_words);
    append_condition(ret, room, "exposure", rule->exposures, exposure_words);
    for (unsigned scope = 0; scope < SCOPE_COUNT; scope++)
        append_condition(ret, room, scope_words[scope], rule->verdicts[scope], verdict_words);
    if (*ret == '\0')
        append(ret, room, "", "everything");
    return true;
}
