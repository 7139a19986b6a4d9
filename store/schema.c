/*
 * The tables, by version: a store of version N is brought to N+1 by the step behind N, in one transaction. The text of
 * every table is compared when a file is opened: views, triggers and columns that compute would run somebody else's
 * code.
 */
#include <string.h>

#include "store_internal.h"

enum { APPLICATION_ID = 0x42546170 }; /* "BTap" */

static const char *const version_1[] = {
    "CREATE TABLE runs(number INTEGER PRIMARY KEY, sensor TEXT, version TEXT, begun_at TEXT NOT NULL, ended_at TEXT) "
    "STRICT",
    "CREATE TABLE inputs(run INTEGER NOT NULL, identity TEXT NOT NULL, path TEXT NOT NULL) STRICT",
    "CREATE INDEX inputs_by_identity ON inputs(identity)",
    "CREATE TABLE findings(id TEXT NOT NULL PRIMARY KEY, run INTEGER NOT NULL, is_open INTEGER NOT NULL, "
    "is_telling INTEGER NOT NULL, revision INTEGER NOT NULL, host TEXT NOT NULL, mac TEXT, vendor TEXT, product TEXT, "
    "purpose TEXT NOT NULL, target TEXT, severity TEXT NOT NULL, told_severity TEXT NOT NULL, confidence TEXT NOT "
    "NULL, axes INTEGER NOT NULL, told_axes INTEGER NOT NULL, rule TEXT, flags TEXT NOT NULL, remotes TEXT NOT NULL, "
    "remotes_seen INTEGER NOT NULL, flows INTEGER NOT NULL, packets_out INTEGER NOT NULL, packets_in INTEGER NOT NULL, "
    "bytes_out INTEGER NOT NULL, bytes_in INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, "
    "last_told INTEGER NOT NULL) STRICT",
    "CREATE INDEX findings_telling ON findings(is_telling) WHERE is_telling",
    "CREATE TABLE records(finding TEXT NOT NULL PRIMARY KEY, event_id TEXT NOT NULL, severity TEXT NOT NULL, summary "
    "TEXT NOT NULL, product_name TEXT, record TEXT NOT NULL) STRICT",
    "CREATE TABLE told(finding TEXT NOT NULL, revision INTEGER NOT NULL, action TEXT NOT NULL, severity TEXT NOT NULL, "
    "time INTEGER NOT NULL, told_at TEXT NOT NULL, PRIMARY KEY(finding, revision)) STRICT, WITHOUT ROWID",
    "CREATE TABLE counted_before(run INTEGER NOT NULL, finding TEXT NOT NULL, remotes TEXT NOT NULL, remotes_seen "
    "INTEGER NOT NULL, flows INTEGER NOT NULL, packets_out INTEGER NOT NULL, packets_in INTEGER NOT NULL, bytes_out "
    "INTEGER NOT NULL, bytes_in INTEGER NOT NULL, PRIMARY KEY(run, finding)) STRICT, WITHOUT ROWID",
    "CREATE TABLE exceptions(number INTEGER PRIMARY KEY, finding TEXT NOT NULL, owner TEXT NOT NULL, reason TEXT NOT "
    "NULL, until TEXT NOT NULL, accepted_at TEXT NOT NULL, accepted_by TEXT NOT NULL, ended_at TEXT, ended_by TEXT, "
    "ended_why TEXT) STRICT",
    "CREATE UNIQUE INDEX exceptions_in_force ON exceptions(finding) WHERE ended_at IS NULL",
    NULL,
};

static const char *const *const versions[] = {version_1};

enum { NEWEST = sizeof(versions) / sizeof(versions[0]) };

static int number_of(struct store *store, const char *pragma, int64_t *ret)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, pragma, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *ret = sqlite3_column_int64(statement, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return code;
}

static int run_text(struct store *store, const char *sql)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL);
}

static int apply(struct store *store, int64_t from)
{
    char sql[96];
    int code = SQLITE_OK;
    for (int64_t version = from; version < NEWEST && code == SQLITE_OK; version++)
        for (const char *const *step = versions[version]; *step != NULL && code == SQLITE_OK; step++)
            code = run_text(store, *step);
    sqlite3_snprintf(sizeof(sql), sql, "PRAGMA application_id=%d; PRAGMA user_version=%d", APPLICATION_ID, NEWEST);
    return code == SQLITE_OK ? run_text(store, sql) : code;
}

static enum status refuse(const struct store *store, struct error *error, const char *why)
{
    return error_set(error, STATUS_UNSUPPORTED, "store %.200s: %s", store->path, why);
}

static bool is_ours(const char *sql)
{
    for (size_t version = 0; version < NEWEST; version++)
        for (const char *const *step = versions[version]; *step != NULL; step++)
            if (strcmp(*step, sql) == 0)
                return true;
    return false;
}

/* Statistics of SQLite's own and indices of PRIMARY KEYs have no text, or are named sqlite_...: they compute nothing.
 */
static enum status compare_tables(struct store *store, struct error *error)
{
    static const char *const question = "SELECT coalesce(sql,'') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' "
                                        "ESCAPE '\\'";
    sqlite3_stmt *statement = NULL;
    size_t found = 0, wanted = 0;
    bool is_foreign = false;
    int code = sqlite3_prepare_v2(store->db, question, -1, &statement, NULL);
    while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        const char *sql = (const char *)sqlite3_column_text(statement, 0);
        is_foreign |= sql == NULL || !is_ours(sql);
        found++;
    }
    int end = sqlite3_finalize(statement);
    code = code == SQLITE_OK ? end : code;
    for (size_t version = 0; version < NEWEST; version++)
        for (const char *const *step = versions[version]; *step != NULL; step++)
            wanted++;
    if (code != SQLITE_OK)
        return store_say(store, code, error);
    if (is_foreign || found != wanted)
        return refuse(store, error, "its tables are not the ones bordertap makes; name another file");
    return STATUS_OK;
}

static enum status check_version(struct store *store, int64_t *ret_version, struct error *error)
{
    int64_t application = 0, tables = 0;
    int code = number_of(store, "PRAGMA user_version", ret_version);
    if (code == SQLITE_OK)
        code = number_of(store, "PRAGMA application_id", &application);
    if (code == SQLITE_OK)
        code = number_of(store, "SELECT count(*) FROM sqlite_schema", &tables);
    if (code != SQLITE_OK)
        return store_say(store, code, error);
    if (application != APPLICATION_ID && (application != 0 || tables > 0 || *ret_version != 0))
        return refuse(store, error, "a database of another program; name another file");
    if (*ret_version > NEWEST || *ret_version < 0)
        return error_set(error, STATUS_UNSUPPORTED,
                         "store %.200s: it has version %lld and this program knows %d; use a newer bordertap, or "
                         "another file",
                         store->path, (long long)*ret_version, NEWEST);
    return STATUS_OK;
}

static enum status migrate(struct store *store, struct error *error)
{
    int64_t version = 0;
    int code = run_text(store, "BEGIN IMMEDIATE");
    if (code != SQLITE_OK)
        return store_say(store, code, error);
    enum status status = check_version(store, &version, error); /* another process may have been faster */
    if (status == STATUS_OK) {
        code = apply(store, version);
        if (code == SQLITE_OK)
            code = run_text(store, "COMMIT");
        if (code != SQLITE_OK)
            status = store_say(store, code, error);
    }
    if (status != STATUS_OK)
        run_text(store, "ROLLBACK");
    return status;
}

enum status schema_prepare(struct store *store, struct error *error)
{
    int64_t version = 0;
    enum status status = check_version(store, &version, error);
    if (status == STATUS_OK && version < NEWEST && store->access == STORE_RUN)
        status = migrate(store, error);
    else if (status == STATUS_OK && version < NEWEST)
        status = refuse(store, error,
                        version == 0 ? "there is nothing in it yet; `bordertap read --store` fills it"
                                     : "it is of an older version; a run with --store renews it");
    return status == STATUS_OK ? compare_tables(store, error) : status;
}
