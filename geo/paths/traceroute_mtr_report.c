/*
 * `mtr --report`, old and new, and what JunOS prints in the same shape. The target is not named: a report ends with it.
 */
#include "paths/traceroute_reader_internal.h"

enum { COLUMNS_MAX = 16, MTR_STEP_US = 100, WORDS_MAX = 32 };

/** Where the columns are that are told by the heading, from its "Loss%" on. */
struct columns {
    size_t count, best;
};

static void read_heading(struct trace_reader *reader, struct text line, struct columns *columns)
{
    struct text word;
    int64_t start_sec = reader->is_open && reader->trace.hop_count == 0 ? reader->trace.start_sec : 0;
    *columns = (struct columns){0, 0};
    while (trace_word(&line, &word) && columns->count < COLUMNS_MAX) {
        if (columns->count == 0 && !text_equal(word, text_of("Loss%")))
            continue;
        if (text_equal(word, text_of("Best")))
            columns->best = columns->count;
        columns->count++;
    }
    trace_begin(reader, MTR_STEP_US);
    reader->trace.start_sec = start_sec;
}

/** Days since 1970 of a date of the Gregorian calendar, from March on, so that the leap day is a year's last. */
static int64_t days_of(uint64_t year, uint64_t month, uint64_t day)
{
    uint64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
    return (int64_t)(365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day) - 719469;
}

static bool take_number(struct text *rest, size_t digits, uint64_t most, uint64_t *ret)
{
    if (rest->length < digits || !trace_whole((struct text){rest->data, digits}, most, ret))
        return false;
    *rest = (struct text){rest->data + digits, rest->length - digits};
    return true;
}

static bool take_sign(struct text *rest, char sign)
{
    if (rest->length == 0 || rest->data[0] != sign)
        return false;
    *rest = (struct text){rest->data + 1, rest->length - 1};
    return true;
}

/** "2021-02-07T13:51:06+0100". @return 0 when it is none, as is a time without its zone. */
static int64_t time_of(struct text t)
{
    uint64_t year, month, day, hour, minute, second, zone_hour, zone_minute;
    if (!take_number(&t, 4, 9999, &year) || year < 1970 || !take_sign(&t, '-') || !take_number(&t, 2, 12, &month) ||
        month == 0 || !take_sign(&t, '-') || !take_number(&t, 2, 31, &day) || !take_sign(&t, 'T') ||
        !take_number(&t, 2, 23, &hour) || !take_sign(&t, ':') || !take_number(&t, 2, 59, &minute) ||
        !take_sign(&t, ':') || !take_number(&t, 2, 60, &second))
        return 0;
    int64_t utc = days_of(year, month, day) * 86400 + (int64_t)(hour * 3600 + minute * 60 + second);
    bool is_behind = t.length > 0 && t.data[0] == '-';
    if (!take_sign(&t, is_behind ? '-' : '+') || !take_number(&t, 2, 23, &zone_hour) ||
        !take_number(&t, 2, 59, &zone_minute))
        return 0;
    int64_t zone = (int64_t)(zone_hour * 3600 + zone_minute * 60);
    return is_behind ? utc + zone : utc - zone;
}

static void read_start(struct trace_reader *reader, struct text line)
{
    struct text word;
    trace_begin(reader, MTR_STEP_US);
    if (trace_word(&line, &word) && trace_word(&line, &word))
        reader->trace.start_sec = time_of(word);
}

/** "1.", "1.|--" */
static bool is_numbered(struct text word, uint64_t *ret_ttl)
{
    const char *dot = memchr(word.data, '.', word.length);
    return dot != NULL && trace_whole((struct text){word.data, (size_t)(dot - word.data)}, UINT8_MAX, ret_ttl) &&
           (dot + 1 == word.data + word.length || dot[1] == '|');
}

static size_t split(struct text line, struct text ret[static WORDS_MAX])
{
    size_t count = 0;
    while (count < WORDS_MAX && trace_word(&line, &ret[count]))
        count++;
    return count;
}

static bool all_numbers(const struct text *words, size_t count)
{
    uint32_t unused;
    for (size_t i = 0; i < count; i++) {
        struct text word = words[i];
        if (word.length > 0 && word.data[word.length - 1] == '%')
            word.length--;
        if (!trace_rtt(word, 1, &unused))
            return false;
    }
    return true;
}

/** The address among the words of a host: "AS123 name (address)". */
static bool find_address(const struct text *words, size_t count, struct ip_address *ret)
{
    for (size_t i = count; i > 0; i--)
        if (trace_address(words[i - 1], ret))
            return true;
    return false;
}

static void read_row(struct trace_reader *reader, const struct columns *columns, uint64_t ttl, struct text line)
{
    struct text words[WORDS_MAX];
    size_t count = split(line, words);
    struct ip_address address;
    uint32_t rtt_us;
    uint8_t last = reader->trace.hop_count ? reader->trace.hops[reader->trace.hop_count - 1].ttl : 0;
    if (!reader->is_open || columns->count == 0 || ttl <= last) {
        trace_refuse(reader, reader->is_open ? TRACE_REFUSED_HOP : TRACE_REFUSED_LINE, line.data);
        return;
    }
    if (count < columns->count + 2 || !all_numbers(words + count - columns->count, columns->count)) {
        trace_refuse(reader, TRACE_REFUSED_CUT, line.data);
        return;
    }
    size_t numbers = count - columns->count;
    struct trace_hop *hop = trace_hop(reader, ttl, line.data);
    if (hop == NULL || text_equal(words[numbers - 1], text_of("???")))
        return;
    if (!find_address(words + 1, numbers - 1, &address))
        reader->report->named_only++;
    else if (trace_rtt(words[numbers + columns->best], 1000, &rtt_us))
        trace_answer(hop, &address, rtt_us);
}

/** Below a hop: more routers of it ("|  `|-- address"), or its labels. */
static void read_below(struct trace_reader *reader, struct text line)
{
    struct text words[WORDS_MAX];
    struct ip_address address;
    size_t count = split(line, words);
    if (count == 0)
        return;
    if (!reader->is_open || reader->trace.hop_count == 0) {
        reader->report->passed_over++;
        return;
    }
    struct trace_hop *hop = &reader->trace.hops[reader->trace.hop_count - 1];
    if (text_contains(line, "[MPLS:"))
        trace_labels(hop, line, "Lbl ");
    else if (!trace_line_is_open(reader, line) && find_address(words, count, &address))
        trace_answer(hop, &address, 0);
    else
        trace_refuse(reader, trace_line_is_open(reader, line) ? TRACE_REFUSED_CUT : TRACE_REFUSED_LINE, line.data);
}

void trace_read_mtr_report(struct trace_reader *reader, struct text text)
{
    struct columns columns = {0, 0};
    struct text line, rest, word;
    uint64_t ttl;
    while (trace_line(reader, &text, &line)) {
        rest = line;
        if (!trace_word(&rest, &word))
            continue;
        if (text_starts(word, "Start:"))
            read_start(reader, line);
        else if (text_contains(line, "Loss%"))
            read_heading(reader, line, &columns);
        else if (is_numbered(word, &ttl))
            read_row(reader, &columns, ttl, line);
        else
            read_below(reader, line);
    }
}
