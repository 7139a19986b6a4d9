/*
 * scamper's JSON lines of types "trace" and "tracelb" (a graph of nodes and links), as scamper and sc_warts2json write
 * them and M-Lab stores them. What M-Lab's first dialect lost is written "" or "*".
 */
#include <string.h>

#include "paths/json_internal.h"
#include "paths/traceroute_reader_internal.h"

static bool is_nobody(const struct json_t *address)
{
    const char *written = value_string(address);
    return written != NULL && (*written == '\0' || strcmp(written, "*") == 0);
}

static bool begin(struct trace_reader *reader, const struct json_t *record, const char *at)
{
    struct ip_address target, source;
    uint64_t start;
    if (!trace_json_address(value_member(record, "dst"), &target)) {
        trace_refuse(reader, TRACE_REFUSED_ADDRESS, at);
        return false;
    }
    trace_begin(reader, 1);
    trace_set_target(reader, &target);
    if (trace_json_address(value_member(record, "src"), &source))
        reader->trace.source = source;
    if (value_whole(value_member(value_member(record, "start"), "sec"), UINT32_MAX, &start))
        reader->trace.start_sec = (int64_t)start;
    return true;
}

static void read_extensions(struct trace_hop *hop, const struct json_t *extensions)
{
    uint64_t label;
    if (hop->label_count > 0)
        return;
    for (size_t i = 0; i < value_count(extensions); i++) {
        const struct json_t *stack = value_member(value_item(extensions, i), "mpls_labels");
        for (size_t k = 0; k < value_count(stack); k++)
            if (value_whole(value_member(value_item(stack, k), "mpls_label"), 0xfffff, &label))
                trace_label(hop, label);
    }
}

static void read_hop(struct trace_reader *reader, const struct json_t *entry, const char *at)
{
    const struct json_t *from = value_member(entry, "addr");
    struct ip_address address;
    uint64_t ttl;
    uint32_t rtt_us = 0;
    if (!value_whole(value_member(entry, "probe_ttl"), UINT8_MAX, &ttl)) {
        trace_refuse(reader, TRACE_REFUSED_HOP, at);
        return;
    }
    struct trace_hop *hop = trace_hop(reader, ttl, at);
    if (hop == NULL || is_nobody(from))
        return;
    if (!trace_json_address(from, &address)) {
        trace_refuse(reader, TRACE_REFUSED_ADDRESS, at);
        return;
    }
    trace_json_rtt(value_member(entry, "rtt"), &rtt_us);
    trace_answer(hop, &address, rtt_us);
    read_extensions(hop, value_member(entry, "icmpext"));
}

static void read_trace(struct trace_reader *reader, const struct json_t *record, const char *at)
{
    const struct json_t *hops = value_member(record, "hops"); /* there is none when nobody answered */
    if (!begin(reader, record, at))
        return;
    for (size_t i = 0; i < value_count(hops); i++)
        read_hop(reader, value_item(hops, i), at);
}

/** @p address may be "*". @return false: neither an address nor nobody. */
static bool add_node(struct trace_reader *reader, const struct json_t *written, uint64_t ttl, uint32_t rtt_us,
                     const struct json_t *extensions, const char *at)
{
    struct ip_address address;
    bool is_known = trace_json_address(written, &address);
    if (!is_known && !is_nobody(written))
        return false;
    struct trace_hop *hop = trace_hop(reader, ttl, at);
    if (hop == NULL || !is_known)
        return true;
    trace_answer(hop, &address, rtt_us);
    read_extensions(hop, extensions);
    return true;
}

/** A link's far end: who answered the probes. @return the smallest TTL of them, 0 when there is none. */
static uint64_t read_link(struct trace_reader *reader, const struct json_t *link, const char *at)
{
    const struct json_t *probes = value_member(link, "probes");
    uint64_t ttl, first = 0;
    for (size_t i = 0; i < value_count(probes); i++) {
        const struct json_t *probe = value_item(probes, i), *replies = value_member(probe, "replies");
        if (!value_whole(value_member(probe, "ttl"), UINT8_MAX, &ttl) || ttl == 0) {
            trace_refuse(reader, TRACE_REFUSED_HOP, at);
            continue;
        }
        first = first == 0 || ttl < first ? ttl : first;
        trace_hop(reader, ttl, at);
        for (size_t k = 0; k < value_count(replies); k++) {
            const struct json_t *reply = value_item(replies, k);
            uint32_t rtt_us = 0;
            trace_json_rtt(value_member(reply, "rtt"), &rtt_us);
            if (!add_node(reader, value_member(link, "addr"), ttl, rtt_us, value_member(reply, "icmpext"), at))
                trace_refuse(reader, TRACE_REFUSED_ADDRESS, at);
        }
    }
    return first;
}

/** The far ends of a node's links, one set for each hop behind it. @return the TTL of the first set, 0 unknown. */
static uint64_t read_links(struct trace_reader *reader, const struct json_t *sets, const char *at)
{
    uint64_t behind = 0;
    for (size_t i = 0; i < value_count(sets); i++)
        for (size_t k = 0; k < value_count(value_item(sets, i)); k++) {
            uint64_t ttl = read_link(reader, value_item(value_item(sets, i), k), at);
            if (ttl > i && (behind == 0 || ttl - i < behind))
                behind = ttl - i;
        }
    return behind;
}

/** The node itself stands one hop before its links, and those that nobody answered ("*") were probed without a word. */
static void read_node(struct trace_reader *reader, const struct json_t *node, const char *at)
{
    const struct json_t *sets = value_member(node, "links");
    uint64_t behind = read_links(reader, sets, at);
    for (size_t i = 0; behind > 0 && i < value_count(sets) && i < TRACE_HOPS_MAX; i++)
        trace_hop(reader, behind + i, at);
    if (behind > 1 && !add_node(reader, value_member(node, "addr"), behind - 1, 0, NULL, at))
        trace_refuse(reader, TRACE_REFUSED_ADDRESS, at);
}

static void read_tracelb(struct trace_reader *reader, const struct json_t *record, const char *at)
{
    const struct json_t *nodes = value_member(record, "nodes");
    if (!begin(reader, record, at))
        return;
    for (size_t i = 0; i < value_count(nodes); i++)
        read_node(reader, value_item(nodes, i), at);
}

bool trace_scamper_record(struct trace_reader *reader, const struct json_t *record, const char *at)
{
    const char *type = value_string(value_member(record, "type"));
    if (type != NULL && strcmp(type, "trace") == 0)
        read_trace(reader, record, at);
    else if (type != NULL && strcmp(type, "tracelb") == 0)
        read_tracelb(reader, record, at);
    else
        return false;
    return true;
}
