/* One connection, its statements, and how trouble is kept. */
#ifndef BORDERTAP_STORE_STORE_INTERNAL_H
#define BORDERTAP_STORE_STORE_INTERNAL_H

#include <sqlite3.h>
#include <stdatomic.h>

#include "json_writer.h"
#include "store.h"

enum statement {
    BEGIN_WRITING,
    COMMIT,
    ROLLBACK,
    SETTLE_TELLING,
    DATA_VERSION,
    FIND_READ_INPUT,
    ADD_RUN,
    ADD_INPUT,
    FIND_UNFINISHED,
    UNDO_RUN,
    FORGET_RUN_INPUTS,
    FORGET_COUNTED,
    FORGET_OLD_COUNTED,
    FORGET_OLD_INPUTS,
    FORGET_OLD_RUNS,
    END_RUN,
    LOAD_FINDINGS,
    LOAD_FLAGS,
    LOAD_REMOTES,
    LOAD_UNTOLD,
    LOAD_RECORD,
    NOTE_COUNTED,
    NOTE_NEW_COUNTED,
    PUT_FINDING,
    PUT_RECORD,
    LAPSE_RECORD,
    ADD_TOLD,
    PRUNE_TOLD,
    HAS_FINDING,
    END_EXCEPTION,
    ADD_EXCEPTION,
    LOAD_EXCEPTIONS,
    LIST_FINDINGS,
    LIST_TOLD,
    LIST_EXCEPTIONS,
    STATEMENTS,
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    char *path;
    int lock; /* descriptor that holds the lock of a run, -1 none */
    enum store_access access;
    bool in_transaction, is_spoilt; /* a part of the transaction failed */
    bool is_telling;                /* records were kept that the next transaction knows to be told */
    bool is_broken;                 /* damaged: it is left alone from now on */
    int64_t run;                    /* 0: none */
    bool has_inputs;                /* the run reads files */
    int64_t seen_version;
    unsigned patience_ms;    /* that the next lock may still be waited for */
    struct error trouble;    /* written once, before ... */
    atomic_bool has_trouble; /* ... this: another thread may look */
    struct json_writer json; /* scratch */
    uint64_t commits, failed, rows_refused;
};

/** Brings @p store->db to the version of this program and checks that its tables are ours. */
enum status schema_prepare(struct store *store, struct error *error);
/** Prepares every statement. */
enum status statements_prepare(struct store *store, struct error *error);

/** The sentence of what SQLite says. @param code SQLite's. */
enum status store_say(const struct store *store, int code, struct error *error);
/** Counts a failure and keeps its sentence. @return false. */
bool store_fail(struct store *store, int code);

/** A statement ready for its values, NULL when the store is broken. */
sqlite3_stmt *store_ask(struct store *store, enum statement which);
/** @return whether there is a row; at the end, or on failure (counted), the statement is reset. */
bool store_next(struct store *store, sqlite3_stmt *statement);
void store_done(sqlite3_stmt *statement);
/** Runs a statement that gives no rows. */
bool store_do(struct store *store, sqlite3_stmt *statement);

void bind_text(sqlite3_stmt *statement, int at, const char *text); /* NULL binds null; borrowed until the reset */
void bind_bytes(sqlite3_stmt *statement, int at, struct text text);
void bind_u64(sqlite3_stmt *statement, int at, uint64_t value);
void bind_i64(sqlite3_stmt *statement, int at, int64_t value);
/** @return NULL when it is null, longer than @p longest bytes or holds a zero byte. */
const char *text_at(sqlite3_stmt *statement, int at, size_t longest);

/** @param ret_ends the midnight after @p until. */
bool until_parse(const char *until, struct packet_time *ret_ends);
/** From columns of owner, reason, until. @return false when one is missing or no date. */
bool acceptance_read(sqlite3_stmt *statement, int at, struct acceptance *ret);
/** From columns event_id, severity, summary, product_name, json. */
bool record_read(sqlite3_stmt *statement, int at, struct store_record *ret);

enum { FINDING_COLUMNS = 27 };

/** One row of findings, with room for what it points at. */
struct finding_row {
    struct kept_finding kept;
    bool is_telling;
    struct flag flags[FLAGS_MAX];
    char policies[FLAGS_MAX][64];
    struct remote_seen remotes[REMOTES_MAX];
};

/** @return false when the row contradicts itself; its texts point into @p statement. */
bool finding_row_read(struct store *store, sqlite3_stmt *statement, struct finding_row *ret);

#endif
