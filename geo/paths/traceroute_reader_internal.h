/* What the readers of all kinds share: the traceroute they put together, and what they refuse. */
#ifndef BORDERTAP_GEO_PATHS_TRACEROUTE_READER_INTERNAL_H
#define BORDERTAP_GEO_PATHS_TRACEROUTE_READER_INTERNAL_H

#include "paths/traceroute_internal.h"

struct json_t;

struct trace_reader {
    const char *file;
    struct text whole; /* what lines are counted in */
    const char *whose; /* said behind the line: "" or " of what a tool printed" */
    trace_visit *visit;
    void *context;
    struct trace_report *report;
    bool has_refused;
    enum trace_refusal first; /* the first refusal, as is the next */
    uint64_t first_place;     /* line; bytes from the start for TRACE_WARTS */
    bool is_open;             /* between trace_begin() and trace_end() */
    bool has_file_target;     /* the file names it */
    bool is_in_labels;        /* the line before was a label of JunOS */
    struct traceroute trace;  /* under construction */
};

/** Ends the traceroute under way, if any, and begins another. */
void trace_begin(struct trace_reader *reader, uint32_t rtt_step_us);
void trace_set_target(struct trace_reader *reader, const struct ip_address *target);
/** Visits it when it has a hop. */
void trace_end(struct trace_reader *reader);
/** @param at where in `whole`. */
void trace_refuse(struct trace_reader *reader, enum trace_refusal refusal, const char *at);

/** The hop of @p ttl, made when it is new. @return NULL, refused at @p at, when there is no room or @p ttl is none. */
struct trace_hop *trace_hop(struct trace_reader *reader, uint64_t ttl, const char *at);
/** @param rtt_us 0: not known. A round trip that was too short for the tool's digits is TRACE_RTT_BELOW_STEP. */
void trace_answer(struct trace_hop *hop, const struct ip_address *router, uint32_t rtt_us);
#define TRACE_RTT_BELOW_STEP 1u
/** Adds to the stack. Readers keep the first stack of a hop. */
void trace_label(struct trace_hop *hop, uint64_t label);

/* Parts of lines. */

/** Next line, counting those that are too long as refused. @return false at the end. */
bool trace_line(struct trace_reader *reader, struct text *rest, struct text *ret_line);
/** Whether the file ends right behind @p line, without a line end. */
bool trace_line_is_open(const struct trace_reader *reader, struct text line);
/** Next run of characters without blanks; from "[", "(" or "<" it goes to the closing sign, blanks or not. @return
 * false at the end of the line. */
bool trace_word(struct text *rest, struct text *ret_word);
/** @p word without (), [], a comma or colon behind it, and zone id. */
bool trace_address(struct text word, struct ip_address *ret);
/** Digits only, at most @p most. */
bool trace_whole(struct text word, uint64_t most, uint64_t *ret);
/** "0.123" of a unit of @p unit_us microseconds, up to an hour; never 0. */
bool trace_rtt(struct text word, uint32_t unit_us, uint32_t *ret_us);
/** The labels behind each @p key ("L=", "Label ") of @p text, several separated by "/" or another key. */
void trace_labels(struct trace_hop *hop, struct text text, const char *key);
bool text_contains(struct text text, const char *wanted);
bool text_starts(struct text text, const char *wanted);

/* One file each. */
void trace_read_json(struct trace_reader *reader, struct text text);
void trace_read_unix(struct trace_reader *reader, struct text text);
void trace_read_mtr_report(struct trace_reader *reader, struct text text);
void trace_read_winmtr(struct trace_reader *reader, struct text text);
void trace_read_tracert(struct trace_reader *reader, struct text text);
void trace_read_scamper_text(struct trace_reader *reader, struct text text);
/** Runs sc_warts2json. @return STATUS_OK also when something was refused. */
enum status trace_read_warts(struct trace_reader *reader, struct text bytes, struct error *error);

/** One line of the Unix kinds, for those that use it inside others. */
void trace_unix_line(struct trace_reader *reader, struct text line);

/* JSON records. @return false: it is no record of this kind. @param at where it starts. */
bool trace_mtr_record(struct trace_reader *reader, const struct json_t *record, const char *at);
bool trace_atlas_record(struct trace_reader *reader, const struct json_t *record, const char *at);
bool trace_scamper_record(struct trace_reader *reader, const struct json_t *record, const char *at);

/** Parts of JSON records: an address in a string, and milliseconds. */
bool trace_json_address(const struct json_t *value, struct ip_address *ret);
bool trace_json_rtt(const struct json_t *milliseconds, uint32_t *ret_us);

#endif
