#include "paths/traceroute_internal.h"

#include <stdlib.h>

#include "paths/traceroute_reader_internal.h"
#include "text_file_internal.h"

const char *trace_refusal_text(enum trace_refusal refusal)
{
    switch (refusal) {
    case TRACE_REFUSED_JSON:
        return "bad_json";
    case TRACE_REFUSED_LONG:
        return "too_long";
    case TRACE_REFUSED_CUT:
        return "line_cut";
    case TRACE_REFUSED_LINE:
        return "bad_line";
    case TRACE_REFUSED_ADDRESS:
        return "bad_address";
    case TRACE_REFUSED_HOP:
        return "bad_hop_number";
    case TRACE_REFUSED_HOPS:
        return "too_many_hops";
    case TRACE_REFUSED_FIELD:
        return "missing_field";
    case TRACE_REFUSED_COUNT:
        return "too_many_traceroutes";
    case TRACE_REFUSED_WARTS:
        return "bad_warts";
    case TRACE_REFUSED_TOOL:
        return "tool_failed";
    case TRACE_REFUSAL_COUNT:
        break;
    }
    return "";
}

/** The same for people. */
static const char *refusal_sentence(enum trace_refusal refusal)
{
    switch (refusal) {
    case TRACE_REFUSED_JSON:
        return "is no JSON, or ends too early";
    case TRACE_REFUSED_LONG:
        return "is longer than 4 MiB";
    case TRACE_REFUSED_CUT:
        return "ends too early";
    case TRACE_REFUSED_LINE:
        return "makes no sense here";
    case TRACE_REFUSED_ADDRESS:
        return "has no address where one is wanted";
    case TRACE_REFUSED_HOP:
        return "has no hop number, or one that does not rise";
    case TRACE_REFUSED_HOPS:
        return "has more than 64 hops";
    case TRACE_REFUSED_FIELD:
        return "lacks a field that a traceroute must have";
    case TRACE_REFUSED_COUNT:
        return "is behind the millionth traceroute";
    case TRACE_REFUSED_WARTS:
        return "is damaged or cut";
    case TRACE_REFUSED_TOOL:
        return "makes sc_warts2json give up";
    case TRACE_REFUSAL_COUNT:
        break;
    }
    return "";
}

static uint64_t line_number(const struct trace_reader *reader, const char *at)
{
    uint64_t number = 1;
    const char *from = reader->whole.data;
    for (; from < at && (from = memchr(from, '\n', (size_t)(at - from))) != NULL; from++)
        number++;
    return number;
}

void trace_refuse(struct trace_reader *reader, enum trace_refusal refusal, const char *at)
{
    reader->report->refused[refusal]++;
    if (reader->has_refused)
        return;
    reader->has_refused = true;
    reader->first = refusal;
    reader->first_place =
        refusal == TRACE_REFUSED_WARTS ? (uint64_t)(at - reader->whole.data) : line_number(reader, at);
}

void trace_begin(struct trace_reader *reader, uint32_t rtt_step_us)
{
    trace_end(reader);
    reader->trace = (struct traceroute){.file = reader->file, .rtt_step_us = rtt_step_us};
    reader->is_open = true;
    reader->has_file_target = false;
}

void trace_set_target(struct trace_reader *reader, const struct ip_address *target)
{
    reader->trace.target = *target;
    reader->has_file_target = true;
}

static bool has_router(const struct trace_hop *hop, const struct ip_address *address)
{
    for (unsigned i = 0; i < hop->router_count; i++)
        if (ip_equal(&hop->routers[i].address, address))
            return true;
    return false;
}

static void find_target(struct traceroute *trace)
{
    const struct trace_hop *last = &trace->hops[trace->hop_count - 1];
    if (last->router_count == 0)
        return;
    trace->target = last->routers[last->router_count - 1].address;
    trace->target_is_last_hop = true;
}

void trace_end(struct trace_reader *reader)
{
    struct traceroute *trace = &reader->trace;
    if (!reader->is_open)
        return;
    reader->is_open = false;
    if (trace->hop_count == 0)
        return;
    if (reader->report->traceroutes == TRACE_FILE_TRACES_MAX) {
        trace_refuse(reader, TRACE_REFUSED_COUNT, reader->whole.data + reader->whole.length);
        return;
    }
    if (!reader->has_file_target)
        find_target(trace);
    for (unsigned i = 0; i < trace->hop_count && (reader->has_file_target || trace->target_is_last_hop); i++)
        trace->reached |= has_router(&trace->hops[i], &trace->target);
    reader->report->traceroutes++;
    reader->visit(reader->context, trace);
}

struct trace_hop *trace_hop(struct trace_reader *reader, uint64_t ttl, const char *at)
{
    struct traceroute *trace = &reader->trace;
    unsigned place = trace->hop_count;
    while (place > 0 && trace->hops[place - 1].ttl >= ttl)
        place--;
    if (place < trace->hop_count && trace->hops[place].ttl == ttl)
        return &trace->hops[place];
    if (ttl == 0 || ttl > UINT8_MAX || trace->hop_count == TRACE_HOPS_MAX) {
        trace_refuse(reader, trace->hop_count == TRACE_HOPS_MAX ? TRACE_REFUSED_HOPS : TRACE_REFUSED_HOP, at);
        return NULL;
    }
    memmove(&trace->hops[place + 1], &trace->hops[place], (trace->hop_count - place) * sizeof(trace->hops[0]));
    trace->hops[place] = (struct trace_hop){.ttl = (uint8_t)ttl};
    trace->hop_count++;
    return &trace->hops[place];
}

void trace_answer(struct trace_hop *hop, const struct ip_address *router, uint32_t rtt_us)
{
    unsigned i = 0;
    while (i < hop->router_count && !ip_equal(&hop->routers[i].address, router))
        i++;
    if (i == TRACE_ROUTERS_MAX) {
        hop->has_more_routers = true;
        return;
    }
    struct trace_router *known = &hop->routers[i];
    if (i == hop->router_count) {
        *known = (struct trace_router){.address = *router};
        hop->router_count++;
    }
    if (rtt_us != 0 && (known->rtt_min_us == 0 || rtt_us < known->rtt_min_us))
        known->rtt_min_us = rtt_us;
}

void trace_label(struct trace_hop *hop, uint64_t label)
{
    if (hop->label_count < TRACE_LABELS_MAX && label <= 0xfffff)
        hop->labels[hop->label_count++] = (uint32_t)label;
}

/** Whether a line is a hop of tracert (times first), of the Unix kinds (address first), or tells neither. */
static enum trace_kind kind_of_hop_line(struct text line)
{
    struct text word;
    struct ip_address address;
    uint64_t number;
    if (!trace_word(&line, &word) || !trace_whole(word, UINT8_MAX, &number) || !trace_word(&line, &word))
        return TRACE_UNKNOWN;
    if (trace_whole(word, UINT32_MAX, &number) || text_starts(word, "<1"))
        return text_contains(line, "ms") ? TRACE_TRACERT : TRACE_UNKNOWN;
    do {
        if (trace_address(word, &address))
            return text_contains(line, " ms") ? TRACE_UNIX : TRACE_UNKNOWN;
    } while (trace_word(&line, &word));
    return TRACE_UNKNOWN;
}

static enum trace_kind kind_of_line(struct text line)
{
    if (text_contains(line, "WinMTR"))
        return TRACE_WINMTR;
    if (text_contains(line, "Loss%") && text_contains(line, "Snt"))
        return TRACE_MTR_REPORT;
    if (text_starts(line, "list id ") || text_starts(line, "cycle start") || text_starts(line, "traceroute from ") ||
        text_starts(line, "tracelb from "))
        return TRACE_SCAMPER_TEXT;
    if (text_starts(line, "traceroute") || text_starts(line, "Tracing the route"))
        return TRACE_UNIX;
    if (text_starts(line, "Tracing route"))
        return TRACE_TRACERT;
    return kind_of_hop_line(line);
}

enum { PROBE_BYTES = 64 << 10 };

static enum trace_kind kind_of(struct text bytes)
{
    struct text rest = {bytes.data, bytes.length < PROBE_BYTES ? bytes.length : PROBE_BYTES}, line;
    if (bytes.length >= 2 && memcmp(bytes.data, "\x12\x05", 2) == 0)
        return TRACE_WARTS;
    for (size_t i = 0; i < rest.length; i++)
        if (strchr(" \t\r\n", rest.data[i]) == NULL || rest.data[i] == '\0') {
            if (rest.data[i] == '{' || rest.data[i] == '[')
                return TRACE_JSON;
            break;
        }
    while (text_file_line(&rest, &line)) {
        enum trace_kind kind = kind_of_line(line);
        if (kind != TRACE_UNKNOWN)
            return kind;
    }
    return TRACE_UNKNOWN;
}

static enum status read_kind(struct trace_reader *reader, struct text bytes, struct error *error)
{
    switch (reader->report->kind) {
    case TRACE_JSON:
        trace_read_json(reader, bytes);
        break;
    case TRACE_WARTS:
        return trace_read_warts(reader, bytes, error);
    case TRACE_SCAMPER_TEXT:
        trace_read_scamper_text(reader, bytes);
        break;
    case TRACE_UNIX:
        trace_read_unix(reader, bytes);
        break;
    case TRACE_MTR_REPORT:
        trace_read_mtr_report(reader, bytes);
        break;
    case TRACE_WINMTR:
        trace_read_winmtr(reader, bytes);
        break;
    case TRACE_TRACERT:
        trace_read_tracert(reader, bytes);
        break;
    case TRACE_UNKNOWN:
        return error_set(error, STATUS_UNSUPPORTED,
                         "%s: offset 0: no traceroute of a kind known here (mtr, RIPE Atlas, scamper, traceroute, "
                         "tracert, WinMTR)",
                         reader->file);
    }
    return STATUS_OK;
}

/** The one sentence about what was refused. */
static enum status conclude(const struct trace_reader *reader, struct error *error)
{
    const struct trace_report *report = reader->report;
    const char *unit = reader->first == TRACE_REFUSED_WARTS ? "offset" : "line";
    unsigned long long place = reader->first_place, count = report->traceroutes, refused = 0;
    for (unsigned i = 0; i < TRACE_REFUSAL_COUNT; i++)
        refused += report->refused[i];
    if (refused == 0 && count > 0)
        return STATUS_OK;
    if (refused == 0)
        return error_set(error, STATUS_MALFORMED, "%s: line 1: no traceroute in this file", reader->file);
    return error_set(error, count > 0 ? STATUS_TRUNCATED : STATUS_MALFORMED,
                     "%s: %s %llu%s %s: %llu %s refused, %llu %s read", reader->file, unit, place, reader->whose,
                     refusal_sentence(reader->first), refused, refused == 1 ? "record" : "records", count,
                     count == 1 ? "traceroute" : "traceroutes");
}

enum status traceroute_read_bytes(const char *name, struct text bytes, trace_visit *visit, void *context,
                                  struct trace_report *ret_report, struct error *error)
{
    *ret_report = (struct trace_report){.kind = TRACE_UNKNOWN};
    if (bytes.length > TRACE_FILE_BYTES_MAX)
        return error_set(error, STATUS_UNSUPPORTED, "%s: offset %d: more than 256 MiB; split it", name,
                         TRACE_FILE_BYTES_MAX);
    struct trace_reader *reader = calloc(1, sizeof(*reader)); /* a traceroute is too much for a small stack */
    if (reader == NULL)
        return error_set(error, STATUS_NO_MEMORY, "%s: cannot be read: no memory", name);
    *reader = (struct trace_reader){
        .file = name, .whole = bytes, .whose = "", .visit = visit, .context = context, .report = ret_report};
    if (bytes.length >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0) /* byte order mark */
        bytes = (struct text){bytes.data + 3, bytes.length - 3};
    ret_report->kind = kind_of(bytes);
    enum status status = read_kind(reader, bytes, error);
    trace_end(reader);
    if (status == STATUS_OK)
        status = conclude(reader, error);
    free(reader);
    return status;
}
