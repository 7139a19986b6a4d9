/* What happened at one network interface that is watched, for status, metrics and the summary record. */
#ifndef BORDERTAP_INTERFACE_COUNTS_H
#define BORDERTAP_INTERFACE_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

enum interface_state {
    INTERFACE_UP,
    INTERFACE_DOWN, /* there, but off or without a carrier */
    INTERFACE_GONE, /* there is none of that name */
};

/** "up", "down", "gone". */
static inline const char *interface_state_text(enum interface_state state)
{
    return state == INTERFACE_UP ? "up" : state == INTERFACE_DOWN ? "down" : "gone";
}

/** A count that the system may not tell: then it is unknown, which is not 0. */
struct known_count {
    uint64_t value; /* 0 when not known */
    bool is_known;
};

enum { INTERFACE_NAME_SIZE = 16 }; /* IFNAMSIZ */

struct interface_counts {
    char name[INTERFACE_NAME_SIZE];
    enum interface_state state;
    uint64_t packets_received;                       /* handed on for judging */
    struct known_count packets_dropped_by_kernel;    /* passed the filter, but the ring was full */
    struct known_count packets_dropped_by_interface; /* before they could reach the ring; 0 at the start */
    uint64_t times_down, times_gone;
    uint64_t read_errors;
};

#endif
