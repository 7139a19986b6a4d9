/*
 * Why a flow ended and why one side is called the host, in the words of the records.
 */
#include "flow.h"
#include "sighting.h"

const char *flow_end_reason_text(enum flow_end_reason reason)
{
    switch (reason) {
    case FLOW_END_NONE:
        return "none";
    case FLOW_END_FIN:
        return "fin";
    case FLOW_END_RESET:
        return "reset";
    case FLOW_END_IDLE:
        return "idle";
    case FLOW_END_REUSED:
        return "reused";
    case FLOW_END_EVICTED:
        return "evicted";
    case FLOW_END_INPUT:
        return "end-of-input";
    }
    return "none";
}

const char *host_reason_text(enum host_reason reason)
{
    switch (reason) {
    case HOST_HOME_NET:
        return "home-net";
    case HOST_HANDSHAKE:
        return "initiator: handshake";
    case HOST_PROTOCOL:
        return "initiator: protocol";
    case HOST_PORTS:
        return "initiator: ports";
    case HOST_FIRST:
        return "initiator: first packet";
    }
    return "initiator: first packet";
}
