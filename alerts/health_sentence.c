/* One sentence for each thing that is raised or cleared: what, in which time, and what to do about it. */
#include <stdio.h>

#include "health_internal.h"

enum { WINDOW_TEXT_SIZE = 48 };

static void print_window(const struct health_record *r, char ret[static WINDOW_TEXT_SIZE])
{
    if (r->window_sec == 0)
        snprintf(ret, WINDOW_TEXT_SIZE, "in the whole run");
    else if (r->window_sec == 60)
        snprintf(ret, WINDOW_TEXT_SIZE, "in the last minute");
    else
        snprintf(ret, WINDOW_TEXT_SIZE, "in the last %u s", r->window_sec);
}

/* What stands between number and window; what follows when it is raised. */
static const struct {
    const char *what, *advice;
} words[HEALTH_CONDITIONS] = {
    [HEALTH_KERNEL_DROPS] = {"packets were dropped by the kernel",
                             "what was in them is not known; the sensor needs more processor time or a larger ring"},
    [HEALTH_INTERFACE_DROPS] = {"packets were dropped by the interface",
                                "what was in them is not known; look at the adapter's queues and the mirror's rate"},
    [HEALTH_PACKETS_LOST] = {"packets or events were lost for want of memory", "the sensor needs more of it"},
    [HEALTH_FLOWS_EVICTED] = {"flows were ended early to make room", "raise --max-flows"},
    [HEALTH_ONE_DIRECTION] = {"TCP flows show packets of one side only",
                              "the mirror must copy what is received and what is sent"},
    [HEALTH_DUPLICATES] = {"packets came twice", "the mirror should copy one place of the way only"},
    [HEALTH_PACKETS_SNAPPED] = {"packets were cut by the capture's snap length", "names in them may be missing"},
    [HEALTH_CLOCK_STEPPED] = {"times the clock was set back or forth",
                              "times around that moment are not to be trusted"},
};

static void print_counted(const struct health_record *r, uint64_t events, uint64_t of, char *ret, size_t room)
{
    char window[WINDOW_TEXT_SIZE], share[80] = "";
    print_window(r, window);
    if (health_rules[r->condition].kind == HEALTH_BY_SHARE)
        snprintf(share, sizeof(share), ", %llu.%02llu %% of %llu", (unsigned long long)(r->value / 1000),
                 (unsigned long long)(r->value % 1000 / 10), (unsigned long long)of);
    snprintf(ret, room, "%s%s%llu %s %s%s%s%s", r->subject != NULL ? r->subject : "", r->subject != NULL ? ": " : "",
             (unsigned long long)events, words[r->condition].what, window, share, r->is_raised ? ": " : "",
             r->is_raised ? words[r->condition].advice : "");
}

static void print_stale(const struct health_record *r, const char *advice, char *ret, size_t room)
{
    if (!r->is_raised)
        snprintf(ret, room, "%s is no longer too old", r->subject);
    else
        snprintf(ret, room, "%s is %llu days old, more than %llu: %s", r->subject,
                 (unsigned long long)(r->value / 1000), (unsigned long long)(r->threshold / 1000), advice);
}

void health_sentence(const struct health_record *r, uint64_t events, uint64_t of, char *ret, size_t room)
{
    switch (r->condition) {
    case HEALTH_INTERFACE_GONE:
        snprintf(ret, room, r->is_raised ? "%s is down or gone: nothing of it is seen until it is back" : "%s is back",
                 r->subject);
        return;
    case HEALTH_NOTHING_ARRIVES:
        if (r->is_raised)
            snprintf(ret, room, "%s: nothing arrived for %u s: look at the mirror port and its cable", r->subject,
                     r->window_sec);
        else
            snprintf(ret, room, "%s: packets arrive again", r->subject);
        return;
    case HEALTH_DATABASE_STALE:
        print_stale(r, "addresses move; fetch newer", ret, room);
        return;
    case HEALTH_CATALOGUE_STALE:
        print_stale(r, "products may have names that it does not know; install a newer one", ret, room);
        return;
    case HEALTH_FEED_FAILING:
        snprintf(ret, room, r->is_raised ? "%s takes no records: what it should be told is lost" : "%s takes records",
                 r->subject);
        return;
    case HEALTH_STORE_FAILING:
        snprintf(ret, room, "%s",
                 r->is_raised ? "the store of findings cannot be written: a restart will forget what is told now"
                              : "the store of findings is written again");
        return;
    case HEALTH_KERNEL_DROPS:
    case HEALTH_INTERFACE_DROPS:
    case HEALTH_PACKETS_LOST:
    case HEALTH_FLOWS_EVICTED:
    case HEALTH_ONE_DIRECTION:
    case HEALTH_DUPLICATES:
    case HEALTH_PACKETS_SNAPPED:
    case HEALTH_CLOCK_STEPPED:
        print_counted(r, events, of, ret, room);
        return;
    case HEALTH_CONDITIONS:
        return;
    }
}
