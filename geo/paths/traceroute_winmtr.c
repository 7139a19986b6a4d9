/* WinMTR's text export: a table whose rows are the hops. It names no target: the table ends with it. */
#include "paths/traceroute_reader_internal.h"

enum { CELLS = 7, CELL_BEST = 3 };

static struct text trimmed(struct text t)
{
    while (t.length > 0 && (t.data[t.length - 1] == ' ' || t.data[t.length - 1] == '\t'))
        t.length--;
    while (t.length > 0 && (t.data[0] == ' ' || t.data[0] == '\t'))
        t = (struct text){t.data + 1, t.length - 1};
    return t;
}

/** The cells between "|"; one that is not closed is none. */
static size_t split(struct text line, struct text ret[static CELLS])
{
    size_t count = 0;
    while (line.length > 0 && count < CELLS) {
        const char *start = memchr(line.data, '|', line.length);
        if (start == NULL)
            break;
        size_t behind = (size_t)(line.data + line.length - start) - 1;
        const char *end = behind > 0 ? memchr(start + 1, '|', behind) : NULL;
        if (end == NULL)
            break;
        ret[count++] = trimmed((struct text){start + 1, (size_t)(end - start) - 1});
        line = (struct text){end, (size_t)(line.data + line.length - end)};
    }
    return count;
}

/** Cuts "host - 12" before the loss. */
static bool host_of(struct text cell, struct text *ret)
{
    const char *sign = cell.length > 0 ? memrchr(cell.data, '-', cell.length) : NULL;
    if (sign == NULL)
        return false;
    *ret = trimmed((struct text){cell.data, (size_t)(sign - cell.data)});
    return true;
}

static void read_row(struct trace_reader *reader, struct text line)
{
    struct text cells[CELLS], host;
    struct ip_address address;
    uint64_t sent, received;
    uint32_t rtt_us;
    if (split(line, cells) < CELLS || !host_of(cells[0], &host) || !trace_whole(cells[1], UINT32_MAX, &sent) ||
        !trace_whole(cells[2], UINT32_MAX, &received) || !trace_rtt(cells[CELL_BEST], 1000, &rtt_us)) {
        trace_refuse(reader, TRACE_REFUSED_CUT, line.data);
        return;
    }
    uint8_t last = reader->trace.hop_count ? reader->trace.hops[reader->trace.hop_count - 1].ttl : 0;
    struct trace_hop *hop = trace_hop(reader, last + 1u, line.data);
    if (hop == NULL || received == 0)
        return;
    if (trace_address(host, &address))
        trace_answer(hop, &address, rtt_us);
    else
        reader->report->named_only++;
}

void trace_read_winmtr(struct trace_reader *reader, struct text text)
{
    struct text line, rest, word;
    while (trace_line(reader, &text, &line)) {
        rest = line;
        if (!trace_word(&rest, &word) || text_contains(line, "---"))
            continue; /* blank, or a rule */
        if (text_contains(line, "WinMTR"))
            trace_begin(reader, 1000);
        else if (text_contains(line, "___"))
            trace_end(reader);
        else if (word.data[0] != '|')
            reader->report->passed_over++;
        else if (!reader->is_open)
            trace_refuse(reader, TRACE_REFUSED_LINE, line.data);
        else if (!text_contains(line, "Host ") || !text_contains(line, "Best"))
            read_row(reader, line);
    }
}
