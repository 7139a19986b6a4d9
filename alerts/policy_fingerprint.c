/* One number over all that policies and severity rules judge by. */
#include "hash.h"
#include "policy_internal.h"

static uint64_t mix_number(uint64_t so_far, uint64_t number)
{
    return hash_bytes(&number, sizeof(number), so_far);
}

static uint64_t mix_string(uint64_t so_far, const char *string)
{
    return hash_bytes(string, strlen(string), so_far);
}

static uint64_t mix_policy(uint64_t h, const struct policy *p)
{
    h = mix_number(mix_string(h, p->id), (uint64_t)p->axes << 1 | p->is_allow_list);
    for (size_t i = 0; i < p->code_count; i++) {
        const struct policy_code *code = &p->codes[i];
        h = mix_number(mix_string(h, code->country.code), code->is_conditional);
        h = mix_number(mix_number(h, (uint64_t)code->since.ns), (uint64_t)code->until.ns);
    }
    for (size_t i = 0; i < p->vendor_count; i++)
        h = mix_string(h, p->vendors[i]);
    return h;
}

static uint64_t mix_rule(uint64_t h, const struct severity_rule *rule)
{
    h = mix_number(mix_string(h, rule->id),
                   (uint64_t)rule->severity << 2 | (uint64_t)rule->asks_agent << 1 | rule->is_agent);
    h = mix_number(h, (uint64_t)rule->purposes << 32 | rule->confidences);
    h = mix_number(h, rule->exposures);
    return hash_bytes(rule->verdicts, sizeof(rule->verdicts), h);
}

uint64_t policy_set_fingerprint(const struct policy_set *set)
{
    uint64_t h = hash_seed();
    for (size_t i = 0; i < set->policy_count; i++)
        h = mix_policy(h, set->policies[i]);
    for (size_t i = 0; i < set->rule_count; i++)
        h = mix_rule(h, &set->rules[i]);
    return h;
}
