/*
 * Windows tracert, in any language: a hop line is a number, three times or stars, and whoever answered; any other line
 * with an address announces a target. The address ends the line, so a last line without its end may be cut.
 */
#include "paths/traceroute_reader_internal.h"

/** "<1 ms", "12 ms" or "*". @return false: none of them. */
static bool take_time(struct text *rest, uint32_t *ret_us)
{
    struct text word, unit;
    uint32_t rtt_us;
    if (!trace_word(rest, &word))
        return false;
    if (text_equal(word, text_of("*")))
        return true;
    bool is_below = word.data[0] == '<';
    if (is_below)
        word = (struct text){word.data + 1, word.length - 1};
    if (!trace_rtt(word, 1000, &rtt_us) || !trace_word(rest, &unit) || !text_starts(unit, "ms"))
        return false;
    if (is_below)
        rtt_us = TRACE_RTT_BELOW_STEP;
    if (*ret_us == 0 || rtt_us < *ret_us)
        *ret_us = rtt_us;
    return true;
}

/** "address", "name [address]", either with a remark behind it. @return false: neither. */
static bool take_host(struct trace_reader *reader, struct text rest, struct text line, struct ip_address *ret)
{
    struct text first, second = {NULL, 0};
    if (!trace_word(&rest, &first))
        return false;
    bool has_second = trace_word(&rest, &second);
    if (has_second && second.data[0] == '[')
        return trace_address(second, ret);
    return trace_address(first, ret) && (has_second || !trace_line_is_open(reader, line));
}

static void read_hop(struct trace_reader *reader, uint64_t ttl, struct text line, struct text rest)
{
    struct ip_address address;
    uint32_t rtt_us = 0;
    uint8_t last = reader->trace.hop_count ? reader->trace.hops[reader->trace.hop_count - 1].ttl : 0;
    if (!reader->is_open || (ttl == 1 && last > 0))
        trace_begin(reader, 1000);
    else if (ttl <= last) {
        trace_refuse(reader, TRACE_REFUSED_HOP, line.data);
        return;
    }
    for (int i = 0; i < 3; i++)
        if (!take_time(&rest, &rtt_us)) {
            trace_refuse(reader, TRACE_REFUSED_CUT, line.data);
            return;
        }
    struct trace_hop *hop = trace_hop(reader, ttl, line.data);
    if (hop == NULL)
        return;
    if (take_host(reader, rest, line, &address))
        trace_answer(hop, &address, rtt_us);
    else if (trace_line_is_open(reader, line) && rtt_us != 0)
        trace_refuse(reader, TRACE_REFUSED_CUT, line.data);
    else if (rtt_us != 0)
        reader->report->named_only++;
}

static void read_other(struct trace_reader *reader, struct text line)
{
    struct text rest = line, word;
    struct ip_address address;
    while (trace_word(&rest, &word))
        if (trace_address(word, &address)) {
            trace_begin(reader, 1000);
            trace_set_target(reader, &address);
            return;
        }
    if (text_starts(line, "Tracing route"))
        trace_refuse(reader, TRACE_REFUSED_ADDRESS, line.data);
    else
        reader->report->passed_over++;
}

void trace_read_tracert(struct trace_reader *reader, struct text text)
{
    struct text line, rest, word;
    uint64_t ttl;
    while (trace_line(reader, &text, &line)) {
        rest = line;
        if (!trace_word(&rest, &word))
            continue;
        if (trace_whole(word, UINT8_MAX, &ttl))
            read_hop(reader, ttl, line, rest);
        else
            read_other(reader, line);
    }
}
