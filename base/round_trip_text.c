#include "round_trip.h"

const char *round_trip_kind_text(enum round_trip_kind kind)
{
    switch (kind) {
    case ROUND_TRIP_NOT_WATCHED:
        return "no sensor position";
    case ROUND_TRIP_INSIDE:
        return "inside the house";
    case ROUND_TRIP_NOT_SEEN:
        return "no packet with its answer was seen";
    case ROUND_TRIP_NO_TIME:
        return "packets without a time";
    case ROUND_TRIP_TWO_CLOCKS:
        return "question and answer were captured by two clocks";
    case ROUND_TRIP_CLOCK_STEPS:
        return "the capture's clock was set back";
    case ROUND_TRIP_TCP:
        return "tcp";
    case ROUND_TRIP_ICMP:
        return "icmp";
    case ROUND_TRIP_DNS:
        return "dns";
    case ROUND_TRIP_QUIC:
        return "quic";
    case ROUND_TRIP_TLS:
        return "tls";
    case ROUND_TRIP_KIND_COUNT:
        break;
    }
    return "unknown";
}
