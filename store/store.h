/*
 * The file that outlives a run: findings, what was told of them, who answers for them, and which files were read.
 * SQLite with a write-ahead log, so that `findings` reads and accepts beside a run.
 *
 *   store_open() -> store_begin_run() -> store_load() -> store_begin(), store_put() ..., store_commit() ->
 * store_close()
 *
 * A file is hostile until looked at: a row that contradicts itself is counted and passed over. A call that fails loses
 * nothing but its own writing; the first reason is kept as a sentence. One thread at a time.
 */
#ifndef BORDERTAP_STORE_STORE_H
#define BORDERTAP_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "kept_finding.h"
#include "library.h"
#include "status.h"
#include "text.h"

struct store;

enum store_access {
    STORE_READ,   /* look at it */
    STORE_ACCEPT, /* and write exceptions, beside a run */
    STORE_RUN,    /* the one run that writes findings; makes the file when there is none */
};

/**
 * Opens, makes or migrates the file @p path.
 * @return STATUS_OK; negative with a sentence in @p error: no such file, a directory, no store, a newer version,
 * damaged, not to be written to, or in use by another run.
 */
enum status store_open(const char *path, enum store_access access, struct store **ret, struct error *error);
void store_close(struct store *store); /* NULL is fine */

/** The sentence of the first failure since store_open(); NULL: none. Any thread. */
const char *store_trouble(const struct store *store);
void store_count(const struct store *store, counter_visit *visit, void *context);

/* ---- runs and what they read ---- */

#define STORE_IDENTITY_SIZE 80

/** What tells a capture file from another one wherever it lies: size and a digest of samples. @return false when it
 * cannot be read. */
bool store_identify(const char *path, char ret[static STORE_IDENTITY_SIZE]);

#define STORE_DAY_SIZE 24

/** Whether a run has read the file to its end. @param ret_when "2026-11-24 20:06:01" UTC. */
bool store_knows(struct store *store, const char *identity, char ret_when[static STORE_DAY_SIZE]);

struct store_input {
    char identity[STORE_IDENTITY_SIZE];
    const char *path;
};

/** Begins a run. What an unfinished run had counted of one of these files is taken back: it is about to be read again.
 */
enum status store_begin_run(struct store *store, const char *sensor, const char *version,
                            const struct store_input *inputs, size_t count);
/** The run has read its input to the end, and all of it is kept. */
void store_end_run(struct store *store);

/* ---- findings ---- */

/** Calls @p visit for each finding, in the order of `last_told`; borrowed for the call. */
void store_load(struct store *store, void (*visit)(void *context, const struct kept_finding *kept), void *context);

/** A record as it stands in the store; borrowed for the call. */
struct store_record {
    const char *event_id, *summary, *product_name; /* NULL: not there */
    enum severity severity;
    struct text json;
    const struct acceptance *accepted; /* that the record shows; NULL: none */
};
typedef void store_record_visit(void *context, const struct store_record *record);

/** Those of which nobody knows whether they went out before the last run ended. */
void store_load_untold(struct store *store, store_record_visit *visit, void *context);

/** Begins a transaction; what earlier ones were about to tell has been told by now. @return whether there is one. */
bool store_begin(struct store *store);
bool store_commit(struct store *store);

/** What is about to be told. */
struct store_news {
    enum finding_action action;
    const char *event_id, *summary, *product_name; /* product_name NULL: no agent */
    struct packet_time time;
    struct text json;
};

/** Within a transaction. @param news NULL: only the counters have grown. */
bool store_put(struct store *store, const struct kept_finding *kept, const struct store_news *news);

/** Within a transaction: makes the record that says that an exception has ended out of the last one. @param accepted as
 * a JSON object. */
bool store_put_lapsed(struct store *store, const struct kept_finding *kept, struct packet_time now,
                      struct text accepted);
/** The last record of a finding. @return whether there is one. */
bool store_visit_record(struct store *store, const char *id, store_record_visit *visit, void *context);

/* ---- exceptions ---- */

enum { STORE_OWNER_MAX = 200, STORE_REASON_MAX = 1000 };

struct store_exception {
    const char *finding, *owner, *reason;
    const char *until; /* "YYYY-MM-DD", the last day, UTC */
    const char *by;    /* who records it */
};

/** Records one; an earlier one of the finding ends. @param now_sec wall time. @return STATUS_OK; STATUS_NOT_FOUND: no
 * such finding; STATUS_INVALID with a sentence: over, longer than a year, no owner ...; STATUS_IO. */
enum status store_accept(struct store *store, const struct store_exception *exception, int64_t now_sec,
                         struct error *error);
/** @return STATUS_OK; STATUS_NOT_FOUND: none is in force; STATUS_IO. */
enum status store_withdraw(struct store *store, const char *finding, const char *by, struct error *error);
/** Within a transaction: the exception of a finding is over. */
bool store_lapse(struct store *store, const char *finding);

/** Whether another process has written since the last call: the exceptions are to be read anew. */
bool store_has_changed(struct store *store);
void store_load_exceptions(struct store *store,
                           void (*visit)(void *context, const char *finding, const struct acceptance *accepted),
                           void *context);

/* ---- looking at it ---- */

struct store_filter {
    const char *id, *host,
        *product;           /* NULL: any; product is a product's or vendor's id; host as ip_print() writes it */
    enum severity severity; /* and worse */
    bool is_all;            /* those that were closed, too */
};

struct store_row {
    const struct kept_finding *kept;
    bool is_telling; /* nobody knows whether its last record went out */
    struct store_record record;
    const struct acceptance *accepted; /* in force; NULL: none */
    const char *accepted_at, *accepted_by;
};

/** Worst first, then last seen. @return rows given. */
size_t store_list(struct store *store, const struct store_filter *filter,
                  void (*visit)(void *context, const struct store_row *row), void *context);

enum { STORE_TOLD_MAX = 64 };

struct store_told {
    uint32_t revision;
    const char *action, *severity, *told_at; /* wall time, RFC 3339 */
    struct packet_time time;
};

/** The records told of a finding, oldest first: the first one and the last STORE_TOLD_MAX. */
void store_list_told(struct store *store, const char *id, void (*visit)(void *context, const struct store_told *told),
                     void *context);

struct store_past_exception {
    const char *owner, *reason, *until, *accepted_at, *accepted_by;
    const char *ended_at, *ended_by, *ended_why; /* NULL: in force; "withdrawn", "replaced", "expired" */
};

/** Every exception of a finding, oldest first. */
void store_list_exceptions(struct store *store, const char *id,
                           void (*visit)(void *context, const struct store_past_exception *exception), void *context);

void store_libraries(library_visit *visit, void *context);

#endif
