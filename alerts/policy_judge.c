/* Verdicts: set membership of an axis's candidate countries, by policy, at packet time. Design section 1. */
#include <string.h>

#include "policy_internal.h"

enum concern { CONCERN_NO, CONCERN_PERHAPS, CONCERN_YES };

static bool is_in_force(const struct policy_code *code, struct packet_time now)
{
    if (now.ns == 0)
        return code->until.ns == 0;
    return (code->since.ns == 0 || now.ns >= code->since.ns) && (code->until.ns == 0 || now.ns < code->until.ns);
}

static enum concern country_concern(const struct policy *policy, struct country country, struct packet_time now)
{
    enum concern listed = CONCERN_NO;
    for (size_t i = 0; i < policy->code_count && listed != CONCERN_YES; i++)
        if (country_equal(policy->codes[i].country, country) && is_in_force(&policy->codes[i], now))
            listed = policy->codes[i].is_conditional ? CONCERN_PERHAPS : CONCERN_YES;
    return policy->is_allow_list ? (enum concern)(CONCERN_YES - listed) : listed;
}

static enum verdict judge_countries(const struct policy *policy, const struct axis_judgement *axis,
                                    struct packet_time now)
{
    unsigned yes = 0, no = 0;
    for (unsigned i = 0; i < axis->country_count; i++) {
        enum concern concern = country_concern(policy, axis->countries[i], now);
        yes += concern == CONCERN_YES;
        no += concern == CONCERN_NO;
    }
    if (axis->country_count == 0)
        return VERDICT_UNKNOWN;
    if (yes == axis->country_count)
        return axis->is_incomplete ? VERDICT_CONTESTED : VERDICT_IN;
    if (no == axis->country_count)
        return axis->is_incomplete ? VERDICT_UNKNOWN : VERDICT_OUT;
    return VERDICT_CONTESTED;
}

static bool is_sure_carrier(const struct policy *policy, const struct axis_judgement *axis, unsigned i,
                            struct packet_time now)
{
    bool is_certain = axis->status != AXIS_CONTESTED || (axis->certain >> i & 1) != 0;
    return is_certain && country_concern(policy, axis->countries[i], now) == CONCERN_YES;
}

/*
 * A connection is carried by all the networks of its path: one country of concern that every candidate path has is
 * enough, and "out" needs the countries of all carriers.
 */
static enum verdict judge_carriers(const struct policy *policy, const struct axis_judgement *axis,
                                   struct packet_time now)
{
    bool is_perhaps = false;
    for (unsigned i = 0; i < axis->country_count; i++) {
        if (is_sure_carrier(policy, axis, i, now))
            return VERDICT_IN;
        is_perhaps |= country_concern(policy, axis->countries[i], now) != CONCERN_NO;
    }
    if (is_perhaps)
        return VERDICT_CONTESTED;
    return axis->country_count == 0 || axis->is_incomplete ? VERDICT_UNKNOWN : VERDICT_OUT;
}

/* Unknown, but some source says a country of concern that physics leaves possible: anycast keeps what the databases
 * said. */
static bool source_is_of_concern(const struct policy *policy, const struct axis_judgement *axis, struct packet_time now)
{
    for (unsigned i = 0; i < axis->source_count; i++) {
        const struct axis_source *source = &axis->sources[i];
        if (!source->is_own_claim && !source->is_refuted && country_is_known(source->country) &&
            country_concern(policy, source->country, now) != CONCERN_NO)
            return true;
    }
    return false;
}

static bool names_vendor(const struct policy *policy, const struct vendor *vendor)
{
    for (size_t i = 0; i < policy->vendor_count && vendor != NULL; i++)
        if (strcmp(policy->vendors[i], vendor->id) == 0)
            return true;
    return false;
}

static int flag_compare(const struct flag *a, const struct flag *b)
{
    int order = strcmp(a->policy, b->policy);
    if (order == 0)
        order = (int)a->axis - (int)b->axis;
    return order != 0 ? order : strcmp(a->country.code, b->country.code);
}

/* Insertion keeps them sorted; a flag beyond the room is one more country of an axis that is flagged already. */
static void add_flag(struct verdicts *ret, struct flag flag)
{
    unsigned at = 0;
    while (at < ret->flag_count && flag_compare(&ret->flags[at], &flag) < 0)
        at++;
    if (ret->flag_count == FLAGS_MAX || (at < ret->flag_count && flag_compare(&ret->flags[at], &flag) == 0))
        return;
    memmove(&ret->flags[at + 1], &ret->flags[at], (ret->flag_count - at) * sizeof(*ret->flags));
    ret->flags[at] = flag;
    ret->flag_count++;
}

static void judge_axis(const struct policy *policy, enum axis axis, const struct jurisdiction *jurisdiction,
                       const struct vendor *vendor, struct packet_time now, struct verdicts *ret)
{
    const struct axis_judgement *judgement = &jurisdiction->axes[axis];
    struct policy_verdict *verdict = &ret->policies[ret->policy_count];
    verdict->judged |= (uint8_t)(1U << axis);
    if (axis == AXIS_VENDOR && names_vendor(policy, vendor)) {
        verdict->axes[axis] = VERDICT_IN;
        add_flag(ret, (struct flag){axis, vendor->domicile, policy->id});
        return;
    }
    verdict->axes[axis] =
        axis == AXIS_TRANSIT ? judge_carriers(policy, judgement, now) : judge_countries(policy, judgement, now);
    if (verdict->axes[axis] == VERDICT_CONTESTED ||
        (verdict->axes[axis] == VERDICT_UNKNOWN && source_is_of_concern(policy, judgement, now)))
        verdict->could_be_in |= (uint8_t)(1U << axis);
    if (verdict->axes[axis] == VERDICT_IN)
        for (unsigned i = 0; i < judgement->country_count; i++)
            if (axis != AXIS_TRANSIT || is_sure_carrier(policy, judgement, i, now))
                add_flag(ret, (struct flag){axis, judgement->countries[i], policy->id});
}

void policy_judge(const struct policy_set *set, const struct jurisdiction *jurisdiction, const struct vendor *vendor,
                  struct packet_time now, struct verdicts *ret)
{
    ret->policy_count = ret->flag_count = 0;
    for (size_t i = 0; i < set->policy_count; i++) {
        const struct policy *policy = set->policies[i];
        ret->policies[ret->policy_count] = (struct policy_verdict){.policy = policy->id};
        for (unsigned axis = 0; axis < AXIS_COUNT; axis++)
            if (policy->axes & 1U << axis)
                judge_axis(policy, (enum axis)axis, jurisdiction, vendor, now, ret);
        ret->policy_count++;
    }
}

size_t policy_flagged_countries(const struct policy_set *set, struct packet_time now, struct country *ret, size_t room)
{
    size_t count = 0;
    for (unsigned i = 0; i < 26 * 26 && count < room; i++) {
        struct country country;
        char code[2] = {(char)('A' + i / 26), (char)('A' + i % 26)};
        if (!country_parse(code, 2, &country))
            continue;
        for (size_t p = 0; p < set->policy_count; p++)
            if (country_concern(set->policies[p], country, now) == CONCERN_YES) {
                ret[count++] = country;
                break;
            }
    }
    return count;
}
