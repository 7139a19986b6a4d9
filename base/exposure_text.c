#include "exposure.h"

#include <stdio.h>

/*
 * `interceptable` says who could stand in the middle, never that somebody does: the handshake cannot show it, so the
 * sentence stays "unknown" with that reason.
 */
const char *exposure_readable_in_transit(const struct exposure *e, char *ret, unsigned room)
{
    switch (e->class_) {
    case EXPOSURE_CLEARTEXT:
        snprintf(ret, room, "yes");
        return ret;
    case EXPOSURE_KEY_RECOVERABLE:
        snprintf(ret, room, "later, with the server's key");
        return ret;
    case EXPOSURE_HARVESTABLE:
    case EXPOSURE_QUANTUM_SAFE:
        snprintf(ret, room, "no, as far as known today");
        return ret;
    case EXPOSURE_INTERCEPTABLE:
    case EXPOSURE_UNKNOWN:
        break;
    }
    snprintf(ret, room, "unknown: %s", e->reason);
    return ret;
}
