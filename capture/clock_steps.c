#include <stdlib.h>

#include "rtt.h"

enum { INTERFACES_MAX = 256 };

struct interface_clock {
    struct packet_time last;
    uint32_t lost_us;
    bool has_last;
};

struct clock_steps {
    struct interface_clock clocks[INTERFACES_MAX];
};

struct clock_steps *clock_steps_new(void)
{
    return calloc(1, sizeof(struct clock_steps));
}

uint32_t clock_steps_note(struct clock_steps *steps, uint16_t interface, struct packet_time time)
{
    if (interface >= INTERFACES_MAX)
        return UINT32_MAX;
    struct interface_clock *clock = &steps->clocks[interface];
    if (clock->has_last && packet_time_before(time, clock->last)) {
        uint64_t us = (uint64_t)(packet_time_between(time, clock->last) - 1) / NS_PER_USEC + 1;
        clock->lost_us = us < UINT32_MAX - clock->lost_us ? clock->lost_us + (uint32_t)us : UINT32_MAX;
    }
    clock->last = time;
    clock->has_last = true;
    return clock->lost_us;
}

void clock_steps_free(struct clock_steps *steps)
{
    free(steps);
}
