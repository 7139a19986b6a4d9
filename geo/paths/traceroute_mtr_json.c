/*
 * What `mtr --json` writes (report.hubs), and the flatter dialect of a fork (hops). Of a hub that has a name only, the
 * address is not known.
 */
#include <string.h>

#include "paths/json_internal.h"
#include "paths/traceroute_reader_internal.h"

enum { MTR_STEP_US = 10 };

/** The names that a dialect gives to the same things. */
struct dialect {
    const char *number, *address, *best;
};

static void read_hub(struct trace_reader *reader, const struct dialect *dialect, const struct json_t *hub,
                     const char *at)
{
    uint64_t ttl;
    uint32_t rtt_us = 0;
    struct ip_address address;
    const char *host = value_string(value_member(hub, dialect->address));
    if (!value_whole(value_member(hub, dialect->number), UINT8_MAX, &ttl)) {
        trace_refuse(reader, TRACE_REFUSED_HOP, at);
        return;
    }
    struct trace_hop *hop = trace_hop(reader, ttl, at);
    if (hop == NULL || host == NULL || *host == '\0' || strcmp(host, "???") == 0)
        return;
    trace_json_rtt(value_member(hub, dialect->best), &rtt_us);
    if (trace_json_address(value_member(hub, dialect->address), &address))
        trace_answer(hop, &address, rtt_us);
    else
        reader->report->named_only++;
}

bool trace_mtr_record(struct trace_reader *reader, const struct json_t *record, const char *at)
{
    static const struct dialect usual = {"count", "host", "Best"}, flat = {"hop", "ipaddr", "best"};
    const struct json_t *report = value_member(record, "report"), *head = value_member(report, "mtr");
    const struct json_t *hubs = value_member(report, "hubs");
    const struct dialect *dialect = &usual;
    struct ip_address address;
    if (report == NULL) {
        head = record;
        hubs = value_member(record, "hops");
        dialect = &flat;
    }
    if (!value_is_array(hubs))
        return false;
    trace_begin(reader, MTR_STEP_US);
    if (trace_json_address(value_member(head, "dst"), &address))
        trace_set_target(reader, &address);
    if (trace_json_address(value_member(head, "src"), &address))
        reader->trace.source = address;
    for (size_t i = 0; i < value_count(hubs); i++)
        read_hub(reader, dialect, value_item(hubs, i), at);
    return true;
}
