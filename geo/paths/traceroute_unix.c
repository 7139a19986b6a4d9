/*
 * The hop lines of Linux, BSD, JunOS, IOS and IOS XR: hop number, then for each answer an address (or a name with the
 * address in parentheses), and its times. An address counts once something follows it, so that one which the end of a
 * cut file shortened is never taken.
 */
#include "paths/traceroute_reader_internal.h"

struct answers {
    struct trace_reader *reader;
    struct trace_hop *hop;
    struct ip_address address;
    bool has_address, is_fresh; /* fresh: nothing follows it yet */
    bool has_name, is_cut, is_interrupted;
};

static void take_rtt(struct answers *a, uint32_t rtt_us)
{
    if (a->has_address)
        trace_answer(a->hop, &a->address, rtt_us);
    else if (a->has_name && a->is_fresh)
        a->reader->report->named_only++;
    a->is_fresh = false;
}

static void take_brackets(struct answers *a, struct text word)
{
    if (a->hop->label_count > 0)
        return;
    trace_labels(a->hop, word, "L=");
    trace_labels(a->hop, word, "Label ");
    trace_labels(a->hop, word, "Labels ");
}

static bool is_unit(struct text word)
{
    return text_equal(word, text_of("ms")) || text_equal(word, text_of("msec")) || text_equal(word, text_of("ms,"));
}

static void take_host(struct answers *a, struct text word)
{
    bool is_address = trace_address(word, &a->address);
    if (!is_address && word.data[0] == '(')
        return; /* (AS 123), (ttl=52!) */
    a->has_name = !is_address;
    a->has_address = is_address;
    a->is_fresh = true;
}

/** A number must be a time. @return false: it is no number. */
static bool take_number(struct answers *a, struct text word, struct text *rest)
{
    struct text unit, behind = *rest;
    uint32_t rtt_us;
    if (!trace_rtt(word, 1000, &rtt_us))
        return false;
    if (trace_word(&behind, &unit) && is_unit(unit)) {
        *rest = behind;
        take_rtt(a, rtt_us);
    } else {
        a->is_cut = true;
    }
    return true;
}

static void take_word(struct answers *a, struct text word, struct text *rest)
{
    if (text_contains(word, "^C"))
        a->is_interrupted = true;
    else if (word.data[0] == '!' && a->is_fresh)
        take_rtt(a, 0); /* IOS writes no time beside it */
    else if (word.data[0] == '!' || text_equal(word, text_of("*")))
        return;
    else if ((word.data[0] == '[' && !trace_address(word, &a->address)) || word.data[0] == '<')
        take_brackets(a, word);
    else if (is_unit(word))
        a->is_cut = true;
    else if (!take_number(a, word, rest))
        take_host(a, word);
}

static void read_answers(struct trace_reader *reader, struct trace_hop *hop, struct text line, struct text rest)
{
    struct answers a = {.reader = reader, .hop = hop};
    struct text word;
    while (!a.is_interrupted && trace_word(&rest, &word))
        take_word(&a, word, &rest);
    if (a.is_cut || (a.is_fresh && !a.is_interrupted))
        trace_refuse(reader, TRACE_REFUSED_CUT, line.data);
}

/** "traceroute to NAME (ADDRESS) from SOURCE, 30 hops max", "Tracing the route to ADDRESS". */
static void read_header(struct trace_reader *reader, struct text line)
{
    struct text rest = line, word;
    struct ip_address address;
    bool wants_target = false, wants_source = false;
    trace_begin(reader, text_starts(line, "Tracing") ? 1000 : 1);
    while (trace_word(&rest, &word)) {
        if (text_equal(word, text_of("to")) || text_equal(word, text_of("from"))) {
            wants_target = word.length == 2;
            wants_source = !wants_target;
        } else if ((wants_target || wants_source) && trace_address(word, &address)) {
            if (wants_target)
                trace_set_target(reader, &address);
            else
                reader->trace.source = address;
        }
    }
    if (!reader->has_file_target)
        trace_refuse(reader, TRACE_REFUSED_ADDRESS, line.data);
}

static bool is_header(struct text line)
{
    return (text_starts(line, "traceroute") && text_contains(line, " to ")) || text_starts(line, "Tracing the route");
}

static void read_numbered(struct trace_reader *reader, uint64_t ttl, struct text line, struct text rest)
{
    uint8_t last = reader->trace.hop_count ? reader->trace.hops[reader->trace.hop_count - 1].ttl : 0;
    if (!reader->is_open || (ttl == 1 && last > 0)) /* several, without headers */
        trace_begin(reader, text_contains(line, "msec") ? 1000 : 1);
    else if (ttl <= last) {
        trace_refuse(reader, TRACE_REFUSED_HOP, line.data);
        return;
    }
    struct trace_hop *hop = trace_hop(reader, ttl, line.data);
    if (hop != NULL)
        read_answers(reader, hop, line, rest);
}

/** A line without hop number goes on with the hop above it. */
static void read_further(struct trace_reader *reader, struct text line, struct text rest, struct text word)
{
    bool is_indented = line.data[0] == ' ' || line.data[0] == '\t';
    if (!is_indented)
        reader->report->passed_over++; /* a prompt, a remark */
    else if (!reader->is_open || reader->trace.hop_count == 0)
        trace_refuse(reader, TRACE_REFUSED_LINE, line.data);
    else if (text_equal(word, text_of("MPLS"))) { /* JunOS: a line for each label */
        struct trace_hop *hop = &reader->trace.hops[reader->trace.hop_count - 1];
        if (hop->label_count == 0 || reader->is_in_labels)
            trace_labels(hop, rest, "Label=");
        reader->is_in_labels = true;
    } else {
        read_answers(reader, &reader->trace.hops[reader->trace.hop_count - 1], line, line);
    }
}

void trace_unix_line(struct trace_reader *reader, struct text line)
{
    struct text rest = line, word;
    uint64_t ttl;
    if (!trace_word(&rest, &word))
        return;
    if (!text_equal(word, text_of("MPLS")))
        reader->is_in_labels = false;
    if (is_header(line))
        read_header(reader, line);
    else if (trace_whole(word, UINT8_MAX, &ttl) && rest.length > 0)
        read_numbered(reader, ttl, line, rest);
    else
        read_further(reader, line, rest, word);
}

void trace_read_unix(struct trace_reader *reader, struct text text)
{
    struct text line;
    while (trace_line(reader, &text, &line))
        trace_unix_line(reader, line);
}
