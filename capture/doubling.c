/* A score that copies raise and packets without one lower; old ones count less and less, since it is bounded. */
#include "doubling_internal.h"
#include "packet_time.h"

/* Copies do not all take the same time. */
#define DELAY_SLACK_NS (50 * NS_PER_USEC)

/* Above 0 when @p place is still to be settled; the difference of two counters that may wrap. */
static int32_t ahead(const struct doubling *doubling, uint32_t place)
{
    return (int32_t)(place - doubling->settled);
}

static int charged(const struct doubling *doubling, int32_t lost)
{
    if (lost <= 0)
        return doubling->trust;
    if (lost > TRUST_MAX)
        return TRUST_MIN;
    int trust = doubling->trust - TRUST_LOST * lost;
    return trust < TRUST_MIN ? TRUST_MIN : trust;
}

int doubling_trust(const struct doubling *doubling, uint32_t place)
{
    return charged(doubling, ahead(doubling, place));
}

bool doubling_fits(const struct doubling *doubling, int64_t apart_ns)
{
    int64_t delay = doubling->delay_ns, slack = delay / 4 > DELAY_SLACK_NS ? delay / 4 : DELAY_SLACK_NS;
    return doubling->has_delay && apart_ns >= delay - slack && apart_ns <= delay + slack;
}

void doubling_settle(struct doubling *doubling, uint32_t place, bool is_proof)
{
    if ((int32_t)(place - doubling->provable) > 0) /* counted before this record began */
        return;
    if (ahead(doubling, place) <= 0) /* a third copy proves no more than a second */
        return;
    int trust = charged(doubling, ahead(doubling, place) - 1) + is_proof;
    doubling->trust = (int16_t)(trust > TRUST_MAX ? TRUST_MAX : trust);
    doubling->settled = place;
}

void doubling_set_delay(struct doubling *doubling, int64_t apart_ns)
{
    doubling->delay_ns = (uint32_t)apart_ns;
    doubling->has_delay = true;
}
