/*
 * Packet time: when the capture says a packet passed. A struct, so that seconds, nanoseconds and
 * wall time cannot be mixed up. Every module takes `now` as an argument; none reads a clock.
 */
#ifndef BORDERTAP_PACKET_TIME_H
#define BORDERTAP_PACKET_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet_time {
    int64_t ns; /* nanoseconds since 1970-01-01T00:00:00Z */
};

#define NS_PER_SEC INT64_C(1000000000)
#define NS_PER_USEC INT64_C(1000)

static inline struct packet_time packet_time_from_sec(int64_t sec)
{
    return (struct packet_time){sec * NS_PER_SEC};
}

static inline int64_t packet_time_sec(struct packet_time t)
{
    return t.ns / NS_PER_SEC - (t.ns % NS_PER_SEC < 0);
}

/** Nanoseconds from @p earlier to @p later, negative when they are the other way round. */
static inline int64_t packet_time_between(struct packet_time earlier, struct packet_time later)
{
    int64_t ret;
    if (__builtin_sub_overflow(later.ns, earlier.ns, &ret))
        return later.ns > earlier.ns ? INT64_MAX : INT64_MIN;
    return ret;
}

static inline bool packet_time_before(struct packet_time a, struct packet_time b)
{
    return a.ns < b.ns;
}

#define PACKET_TIME_TEXT_SIZE 32

/** RFC 3339 UTC with microseconds, "2018-08-07T16:10:33.750000Z". */
void packet_time_print(struct packet_time t, char ret[static PACKET_TIME_TEXT_SIZE]);

/** Parses "YYYY-MM-DD" (midnight UTC) or RFC 3339. @return false when it is neither. */
bool packet_time_parse(const char *text, struct packet_time *ret);

#endif
