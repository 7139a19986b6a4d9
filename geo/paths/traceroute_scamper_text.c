/*
 * scamper's text: the short form of `scamper -O text` and sc_warts2text (hop lines as traceroute's; of tracelb the
 * links of the graph), and the long form of sc_wartsdump. Times of day are without zone there: only a probe's "tx:" is
 * one.
 */
#include "paths/traceroute_reader_internal.h"

struct scamper_text {
    struct trace_reader *reader;
    uint64_t ttl; /* of the hop or probe under way, 0 none */
    struct ip_address address;
    bool has_address;         /* of a "hop" or "node" line, nothing follows it yet */
    const char *address_line; /* of a "hop", which needs what follows; NULL of a "node" */
};

/** The word behind @p key. */
static bool word_behind(struct text line, const char *key, struct text *ret)
{
    struct text word;
    while (trace_word(&line, &word))
        if (text_equal(word, text_of(key)))
            return trace_word(&line, ret);
    return false;
}

static bool address_behind(struct text line, const char *key, struct ip_address *ret)
{
    struct text word;
    return word_behind(line, key, &word) && trace_address(word, ret);
}

/** "ttl: 2," */
static bool number_behind(struct text line, const char *key, uint64_t most, uint64_t *ret)
{
    struct text word;
    if (!word_behind(line, key, &word))
        return false;
    while (word.length > 0 && (word.data[word.length - 1] == ',' || word.data[word.length - 1] == 's'))
        word.length--;
    return trace_whole(word, most, ret);
}

/** "rtt: 0.001057s," or "rtt: 0.001057," */
static bool rtt_of(struct text line, uint32_t *ret_us)
{
    struct text word;
    if (!word_behind(line, "rtt:", &word))
        return false;
    while (word.length > 0 && (word.data[word.length - 1] == ',' || word.data[word.length - 1] == 's'))
        word.length--;
    return trace_rtt(word, 1000000, ret_us);
}

static void close_pending(struct scamper_text *s)
{
    if (s->has_address && s->address_line != NULL)
        trace_refuse(s->reader, TRACE_REFUSED_CUT, s->address_line);
    s->has_address = false;
}

static void read_header(struct scamper_text *s, struct text line)
{
    struct ip_address target, source;
    close_pending(s);
    s->ttl = 0;
    trace_begin(s->reader, 1);
    if (address_behind(line, "from", &source))
        s->reader->trace.source = source;
    if (address_behind(line, "to", &target) && !trace_line_is_open(s->reader, line))
        trace_set_target(s->reader, &target);
    else
        trace_refuse(s->reader, TRACE_REFUSED_ADDRESS, line.data);
}

/** "hop  7  8.8.8.8" */
static void read_hop(struct scamper_text *s, struct text line)
{
    struct text word;
    close_pending(s);
    s->ttl = 0;
    if (!word_behind(line, "hop", &word) || !trace_whole(word, UINT8_MAX, &s->ttl)) {
        trace_refuse(s->reader, TRACE_REFUSED_HOP, line.data);
        return;
    }
    struct text rest = {word.data + word.length, (size_t)(line.data + line.length - word.data) - word.length};
    s->address_line = line.data;
    while (trace_word(&rest, &word))
        s->has_address |= trace_address(word, &s->address);
    if (!s->has_address)
        trace_refuse(s->reader, TRACE_REFUSED_ADDRESS, line.data);
}

/** The times of an attempt make the address of its hop good. */
static void read_attempt(struct scamper_text *s, struct text line)
{
    uint32_t rtt_us;
    struct trace_hop *hop = NULL;
    if (s->ttl == 0 || !rtt_of(line, &rtt_us))
        trace_refuse(s->reader, TRACE_REFUSED_CUT, line.data);
    else
        hop = trace_hop(s->reader, s->ttl, line.data);
    if (hop != NULL)
        trace_answer(hop, &s->address, rtt_us);
    s->has_address = false;
}

/** "node 0 137.194.164.254, q-ttl 1" */
static void read_node(struct scamper_text *s, struct text line)
{
    struct text word, rest = line;
    close_pending(s);
    s->address_line = NULL;
    for (int i = 0; i < 3; i++)
        if (!trace_word(&rest, &word)) {
            trace_refuse(s->reader, TRACE_REFUSED_CUT, line.data);
            return;
        }
    if (word.data[0] == '*')
        return;
    if (trace_address(word, &s->address) && text_contains(rest, "q-ttl"))
        s->has_address = true;
    else
        trace_refuse(s->reader, TRACE_REFUSED_ADDRESS, line.data);
}

/** A node stands one hop before what was probed behind it. */
static void read_probe(struct scamper_text *s, struct text line)
{
    uint64_t start;
    struct text tx;
    if (!number_behind(line, "ttl:", UINT8_MAX, &s->ttl)) {
        trace_refuse(s->reader, TRACE_REFUSED_CUT, line.data);
        s->ttl = 0;
        return;
    }
    if (s->reader->trace.start_sec == 0 && word_behind(line, "tx:", &tx)) {
        const char *dot = memchr(tx.data, '.', tx.length);
        if (dot != NULL && trace_whole((struct text){tx.data, (size_t)(dot - tx.data)}, UINT32_MAX, &start))
            s->reader->trace.start_sec = (int64_t)start;
    }
    struct trace_hop *hop = NULL;
    if (s->has_address && s->ttl > 1)
        hop = trace_hop(s->reader, s->ttl - 1, line.data);
    if (hop != NULL)
        trace_answer(hop, &s->address, 0);
    s->has_address = false;
    trace_hop(s->reader, s->ttl, line.data);
}

/** "reply from: 137.194.22.119, rtt: 0.001037, ..." */
static void read_reply(struct scamper_text *s, struct text line)
{
    struct ip_address address;
    uint32_t rtt_us;
    if (s->ttl == 0 || !address_behind(line, "from:", &address) || !rtt_of(line, &rtt_us)) {
        trace_refuse(s->reader, TRACE_REFUSED_CUT, line.data);
        return;
    }
    struct trace_hop *hop = trace_hop(s->reader, s->ttl, line.data);
    if (hop != NULL)
        trace_answer(hop, &address, rtt_us);
}

static uint64_t ttl_of(const struct traceroute *trace, const struct ip_address *address)
{
    for (unsigned i = trace->hop_count; i > 0; i--)
        for (unsigned k = 0; k < trace->hops[i - 1].router_count; k++)
            if (ip_equal(&trace->hops[i - 1].routers[k].address, address))
                return trace->hops[i - 1].ttl;
    return trace->hop_count == 0 ? 1 : 0;
}

/** "A -> B" or "A -> * -> B": each arrow is a hop; the first A of all is the first hop. */
static void read_link(struct scamper_text *s, struct text line)
{
    struct text rest = line, word;
    struct ip_address address;
    uint64_t ttl = 0;
    if (trace_line_is_open(s->reader, line)) {
        trace_refuse(s->reader, TRACE_REFUSED_CUT, line.data);
        return;
    }
    for (bool is_first = true; trace_word(&rest, &word); is_first = false) {
        bool is_known = trace_address(word, &address);
        if (text_equal(word, text_of("->")))
            continue;
        ttl = is_first && is_known ? ttl_of(&s->reader->trace, &address) : ttl + 1;
        struct trace_hop *hop = is_known && ttl == 0 ? NULL : trace_hop(s->reader, ttl, line.data);
        if (hop == NULL || (!is_known && !text_equal(word, text_of("*")))) {
            trace_refuse(s->reader, TRACE_REFUSED_LINE, line.data);
            return;
        }
        if (is_known)
            trace_answer(hop, &address, 0);
    }
}

static void read_labels(struct scamper_text *s, struct text line)
{
    struct traceroute *trace = &s->reader->trace;
    for (unsigned i = 0; i < trace->hop_count; i++)
        if (trace->hops[i].ttl == s->ttl)
            trace_labels(&trace->hops[i], line, "label: ");
}

typedef void line_reader(struct scamper_text *s, struct text line);

static const struct {
    const char *start;
    line_reader *read;
} lines[] = {
    {"hop", read_hop},     {"attempt:", read_attempt}, {"node", read_node},
    {"probe", read_probe}, {"reply", read_reply},      {"mpls", read_labels},
};

static void read_inside(struct scamper_text *s, struct text line, struct text word)
{
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (text_equal(word, text_of(lines[i].start))) {
            lines[i].read(s, line);
            return;
        }
    uint64_t ttl;
    if (text_contains(line, " -> ") && !text_equal(word, text_of("link")))
        read_link(s, line);
    else if (trace_whole(word, UINT8_MAX, &ttl))
        trace_unix_line(s->reader, line);
}

void trace_read_scamper_text(struct trace_reader *reader, struct text text)
{
    struct scamper_text s = {.reader = reader};
    struct text line, rest, word;
    while (trace_line(reader, &text, &line)) {
        rest = line;
        if (!trace_word(&rest, &word))
            continue;
        if (text_starts(line, "traceroute from ") || text_starts(line, "tracelb from "))
            read_header(&s, line);
        else if (reader->is_open)
            read_inside(&s, line, word);
    }
    close_pending(&s);
}
