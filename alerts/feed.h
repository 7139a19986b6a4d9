/*
 * A feed: records in one format to one sink. Formats are pure (record -> bytes, formats/), sinks take bytes (sinks/);
 * each is a row in a constant table, any format goes to any sink.
 */
#ifndef BORDERTAP_ALERTS_FEED_H
#define BORDERTAP_ALERTS_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "counter.h"
#include "finding.h"
#include "health_record.h"
#include "interface_counts.h"
#include "packet_time.h"
#include "run_sample.h"
#include "status.h"

struct feed;

struct summary_record {
    const char *sensor, *version;
    uint64_t packets, bytes, flows, hosts;
    uint64_t findings[SEVERITY_COUNT];
    struct packet_time first, last; /* of the packets; ns 0 when there were none */
    size_t product_count;
    const struct product *const *products; /* seen, sorted by id */
    size_t counter_count;
    const struct counter *counters; /* all of them, in module order, zeros too; equal names of one group are added up */
    const struct reach_totals *reach; /* NULL: no sensor position */
    size_t interface_count;           /* 0: files were read */
    const struct interface_counts *interfaces;
    size_t warning_count;
    const char *const *warnings;
    size_t damage_count;
    const char *const *damages; /* "FILE: offset N: what", or "FILE what" */
    size_t database_count;
    const char *const *databases; /* "DB-IP Lite Country 2026-06-01: IP Geolocation by DB-IP (https://db-ip.com)" */
};

struct feed_options {
    bool colour;
    bool flows;                 /* write flow records */
    bool accepted;              /* text: show findings somebody answers for, too */
    enum severity min_severity; /* findings below are not written; SEVERITY_NONE: the format's default, medium for text,
                                   else all */
};

/**
 * @param url "file:PATH" (appended to), "unix:PATH" (a stream socket somebody listens on), or "-" for standard output,
 * each with
 * "?format=json&min-severity=low&flows=true". %XX in a path is decoded. Unknown scheme, format or key: refused with one
 * sentence. Query keys override @p defaults.
 * @param format_name default format.
 */
enum status feed_open(const char *url, const char *format_name, const struct feed_options *defaults, struct feed **ret,
                      struct error *error);

void feed_finding(struct feed *feed, const struct finding *finding);

/** A finding record of which only its JSON is left: an earlier run made it. Borrowed. */
struct kept_record {
    struct text json; /* the whole object on one line, in UTF-8, without a line feed */
    const char *event_id, *summary;
    enum severity severity;
    const struct acceptance *accepted; /* of the record; NULL: none */
};
void feed_kept(struct feed *feed, const struct kept_record *record);
void feed_flow(struct feed *feed, const struct sighting *sighting);
/** What the sensor says of itself; no severity hides it. */
void feed_health(struct feed *feed, const struct health_record *record);
void feed_host(struct feed *feed, const struct host_record *host);
/** Closes the run's records; text prints its table here. */
void feed_summary(struct feed *feed, const struct summary_record *summary);

/** One `lookup` answer: @p query as asked; attribution.product NULL prints null. */
void feed_lookup(struct feed *feed, const char *query, const struct sighting *sighting);

/** Where feed_reopen() opens a file. @param ret_path whole, or untouched. @return false: it opens none. */
bool feed_file(const struct feed *feed, char *ret_path, size_t room);

/** Writes what is buffered. Findings, health and the summary are written at once, flow and host records when the
 * buffer is full. */
void feed_flush(struct feed *feed);
/**
 * Opens the file of a "file:PATH" anew, which somebody may have moved away: what was told is in the old one, what
 * follows goes to the new one, also where the old one could not be written to any more. Other sinks, and files that are
 * no regular ones, are left alone.
 * @return STATUS_OK; else with @p error, and the file that was open is written on.
 */
enum status feed_reopen(struct feed *feed, struct error *error);
/** How it does; its name without what may be secret in it (user, query). */
void feed_look(const struct feed *feed, struct feed_sample *ret);
bool feed_wants_flows(const struct feed *feed);
/** Flushes and closes. @return negative when bytes could not be written (said in @p error). */
enum status feed_close(struct feed *feed, struct error *error);

/** Names of the formats, NULL-terminated; for the usage text. */
const char *const *feed_formats(void);

#endif
