#include "engine/concerns_internal.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

enum { SLOTS = 1 << 14, GROUPS = 1 << 13, COUNTRIES_MAX = 256, SEC_PER_DAY = 86400 };

struct slot {
    struct ip_address address;
    bool is_known, is_flagged;
};

struct concerns {
    const struct geo *geo;
    const struct policy_set *policies;
    int64_t day;
    size_t country_count;
    struct country countries[COUNTRIES_MAX];
    struct slot slots[SLOTS]; /* direct-mapped, as is the next */
    uint64_t groups[GROUPS];  /* as of geo_group(), twice, and 1 more when flagged; 0: free */
};

enum status concerns_new(const struct geo *geo, const struct policy_set *policies, struct concerns **ret)
{
    struct concerns *concerns = calloc(1, sizeof(*concerns));
    if (concerns == NULL)
        return STATUS_NO_MEMORY;
    concerns->geo = geo;
    concerns->policies = policies;
    concerns->day = INT64_MIN;
    *ret = concerns;
    return STATUS_OK;
}

void concerns_use(struct concerns *concerns, const struct geo *geo, const struct policy_set *policies)
{
    concerns->geo = geo;
    concerns->policies = policies;
    concerns->day = INT64_MIN; /* all is asked again */
}

static void follow_time(struct concerns *concerns, struct packet_time now)
{
    int64_t day = packet_time_sec(now) / SEC_PER_DAY;
    if (day == concerns->day)
        return;
    concerns->day = day;
    concerns->country_count = policy_flagged_countries(concerns->policies, now, concerns->countries, COUNTRIES_MAX);
    memset(concerns->slots, 0, sizeof(concerns->slots));
    memset(concerns->groups, 0, sizeof(concerns->groups));
}

static bool flags_place(const struct verdicts *verdicts)
{
    for (unsigned i = 0; i < verdicts->flag_count; i++)
        if (verdicts->flags[i].axis == AXIS_LOCATION || verdicts->flags[i].axis == AXIS_OPERATOR)
            return true;
    return false;
}

static bool judge_place(const struct concerns *concerns, const struct ip_address *remote, struct packet_time now)
{
    struct jurisdiction place;
    struct verdicts verdicts;
    memset(&place, 0, sizeof(place));
    geo_judge(concerns->geo, remote, &place);
    policy_judge(concerns->policies, &place, NULL, now, &verdicts);
    return flags_place(&verdicts);
}

/* Addresses come by the million, what databases say of them by the thousand. */
static bool ask_of_group(struct concerns *concerns, const struct ip_address *remote, struct packet_time now)
{
    uint64_t group = geo_group(concerns->geo, remote);
    uint64_t *known = &concerns->groups[group % GROUPS];
    if (group == 0)
        return judge_place(concerns, remote, now);
    if (*known >> 1 != group)
        *known = group << 1 | judge_place(concerns, remote, now);
    return *known & 1;
}

bool concerns_ask(struct concerns *concerns, const struct ip_address *remote, struct packet_time now)
{
    follow_time(concerns, now);
    struct slot *slot = &concerns->slots[hash_bytes(remote, sizeof(*remote), hash_seed()) % SLOTS];
    if (!slot->is_known || !ip_equal(&slot->address, remote))
        *slot = (struct slot){.address = *remote, .is_known = true, .is_flagged = ask_of_group(concerns, remote, now)};
    return slot->is_flagged;
}

size_t concerns_countries(struct concerns *concerns, struct packet_time now, const struct country **ret)
{
    follow_time(concerns, now);
    *ret = concerns->countries;
    return concerns->country_count;
}

void concerns_free(struct concerns *concerns)
{
    free(concerns);
}
