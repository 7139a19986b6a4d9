/*
 * RIPE Atlas results of type "traceroute", all firmwares: result[].result[] with from, rtt, err, icmpext
 * (RIPE Atlas documentation, "Data structures"). A late answer belongs to an earlier probe, and nothing says to which:
 * it can show that the target answers, never who stands at a hop.
 */
#include <string.h>

#include "paths/json_internal.h"
#include "paths/traceroute_reader_internal.h"

static void read_extension(struct trace_hop *hop, const struct json_t *extension)
{
    const struct json_t *objects = value_member(extension, "obj");
    uint64_t label;
    if (hop->label_count > 0)
        return;
    for (size_t i = 0; i < value_count(objects); i++) {
        const struct json_t *stack = value_member(value_item(objects, i), "mpls");
        for (size_t k = 0; k < value_count(stack); k++)
            if (value_whole(value_member(value_item(stack, k), "label"), 0xfffff, &label))
                trace_label(hop, label);
    }
}

static void read_reply(struct trace_reader *reader, struct trace_hop *hop, const struct json_t *reply, const char *at)
{
    const struct json_t *from = value_member(reply, "from");
    struct ip_address address;
    uint32_t rtt_us = 0;
    if (from == NULL)
        return; /* {"x":"*"}, {"error":...} */
    if (!trace_json_address(from, &address)) {
        trace_refuse(reader, TRACE_REFUSED_ADDRESS, at);
        return;
    }
    if (value_member(reply, "late") != NULL) {
        reader->report->late_replies++;
        reader->trace.reached |= reader->has_file_target && ip_equal(&address, &reader->trace.target);
        return;
    }
    trace_json_rtt(value_member(reply, "rtt"), &rtt_us);
    trace_answer(hop, &address, rtt_us);
    read_extension(hop, value_member(reply, "icmpext"));
}

static void read_hop(struct trace_reader *reader, const struct json_t *entry, const char *at)
{
    const struct json_t *replies = value_member(entry, "result");
    uint64_t ttl;
    if (value_member(entry, "hop") == NULL && value_member(entry, "error") != NULL)
        return; /* the whole measurement failed */
    if (!value_whole(value_member(entry, "hop"), UINT8_MAX, &ttl)) {
        trace_refuse(reader, TRACE_REFUSED_HOP, at);
        return;
    }
    struct trace_hop *hop = trace_hop(reader, ttl, at);
    for (size_t i = 0; hop != NULL && i < value_count(replies); i++)
        read_reply(reader, hop, value_item(replies, i), at);
}

bool trace_atlas_record(struct trace_reader *reader, const struct json_t *record, const char *at)
{
    const char *type = value_string(value_member(record, "type"));
    const struct json_t *hops = value_member(record, "result");
    struct ip_address address;
    uint64_t start;
    if (type == NULL || strcmp(type, "traceroute") != 0)
        return false;
    if (!value_is_array(hops)) {
        trace_refuse(reader, TRACE_REFUSED_FIELD, at);
        return true;
    }
    trace_begin(reader, 1);
    if (trace_json_address(value_member(record, "dst_addr"), &address))
        trace_set_target(reader, &address); /* there is none when its name could not be resolved */
    /* Behind a NAT, "from" is what the network sees. */
    if (trace_json_address(value_member(record, "from"), &address) ||
        trace_json_address(value_member(record, "src_addr"), &address))
        reader->trace.source = address;
    if (value_whole(value_member(record, "timestamp"), UINT32_MAX, &start))
        reader->trace.start_sec = (int64_t)start;
    for (size_t i = 0; i < value_count(hops); i++)
        read_hop(reader, value_item(hops, i), at);
    return true;
}
