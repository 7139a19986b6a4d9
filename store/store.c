/* Opening, locking and closing, transactions, and how trouble is told. */
#include "store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 2000, /* waited for other processes' locks in all, until a transaction of ours succeeds again */
    NAP_MS = 10,
    VALUE_MAX = 1 << 22, /* bytes of one value: a record has some ten thousand */
    SQL_MAX = 1 << 16,
};

/* ---- trouble ---- */

enum status store_say(const struct store *s, int code, struct error *error)
{
    const char *path = s->path;
    switch (code & 0xff) {
    case SQLITE_FULL:
        return error_set(error, STATUS_IO, "store %.200s: the disk is full; make room", path);
    case SQLITE_READONLY:
        return error_set(error, STATUS_IO, "store %.200s: it may not be written to; check its rights and its folder's",
                         path);
    case SQLITE_CANTOPEN:
        return error_set(error, STATUS_IO, "store %.200s: cannot be opened; check its rights and its folder's", path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(error, STATUS_IO, "store %.200s: another process holds it for longer than %d s", path,
                         PATIENCE_MS / 1000);
    case SQLITE_NOTADB:
        return error_set(error, STATUS_MALFORMED, "store %.200s: no store of bordertap's; name another file", path);
    case SQLITE_CORRUPT:
        return error_set(error, STATUS_MALFORMED, "store %.200s: damaged; move it away, a new one is made", path);
    case SQLITE_NOMEM:
        return error_set(error, STATUS_NO_MEMORY, "store %.200s: out of memory", path);
    default:
        return error_set(error, STATUS_IO, "store %.200s: %s", path, s->db ? sqlite3_errmsg(s->db) : "out of memory");
    }
}

bool store_fail(struct store *s, int code)
{
    struct error *first = atomic_load(&s->has_trouble) ? NULL : &s->trouble;
    s->failed++;
    s->is_spoilt = true;
    if (store_say(s, code, first) == STATUS_MALFORMED)
        s->is_broken = true;
    atomic_store(&s->has_trouble, true);
    return false;
}

const char *store_trouble(const struct store *s)
{
    return atomic_load(&s->has_trouble) ? s->trouble.text : NULL;
}

void store_count(const struct store *s, counter_visit *visit, void *context)
{
    visit(context, &(struct counter){"store", "transactions", s->commits});
    visit(context, &(struct counter){"store", "writes_failed", s->failed});
    visit(context, &(struct counter){"store", "rows_refused", s->rows_refused});
}

/* ---- statements ---- */

sqlite3_stmt *store_ask(struct store *s, enum statement which)
{
    return s->is_broken ? NULL : s->statements[which];
}

void store_done(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

bool store_next(struct store *s, sqlite3_stmt *statement)
{
    if (statement == NULL)
        return false;
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return true;
    store_done(statement);
    return code == SQLITE_DONE ? false : store_fail(s, code);
}

bool store_do(struct store *s, sqlite3_stmt *statement)
{
    if (statement == NULL)
        return false;
    int code = sqlite3_step(statement);
    store_done(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW || store_fail(s, code);
}

void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    if (text != NULL)
        sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, at);
}

void bind_bytes(sqlite3_stmt *statement, int at, struct text text)
{
    sqlite3_bind_text64(statement, at, text.data, text.length, SQLITE_STATIC, SQLITE_UTF8);
}

void bind_u64(sqlite3_stmt *statement, int at, uint64_t value)
{
    sqlite3_bind_int64(statement, at, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

void bind_i64(sqlite3_stmt *statement, int at, int64_t value)
{
    sqlite3_bind_int64(statement, at, value);
}

const char *text_at(sqlite3_stmt *statement, int at, size_t longest)
{
    const char *ret = (const char *)sqlite3_column_text(statement, at);
    size_t length = (size_t)sqlite3_column_bytes(statement, at);
    return ret != NULL && length <= longest && strlen(ret) == length ? ret : NULL;
}

/* ---- transactions ---- */

bool store_begin(struct store *s)
{
    if (s->in_transaction || !store_do(s, store_ask(s, BEGIN_WRITING)))
        return false;
    s->in_transaction = true;
    s->is_spoilt = false;
    if (s->is_telling && !store_do(s, store_ask(s, SETTLE_TELLING)))
        return store_commit(s) && false;
    s->is_telling = false;
    return true;
}

static void roll_back(struct store *s)
{
    sqlite3_stmt *statement = s->statements[ROLLBACK];
    if (!sqlite3_get_autocommit(s->db)) {
        sqlite3_step(statement);
        store_done(statement);
    }
}

bool store_commit(struct store *s)
{
    bool ok = s->in_transaction && !s->is_spoilt && store_do(s, store_ask(s, COMMIT));
    if (s->in_transaction && !ok) {
        roll_back(s);
        s->is_telling = true; /* whatever was settled is not */
    }
    s->in_transaction = false;
    s->commits += ok;
    if (ok)
        s->patience_ms = PATIENCE_MS;
    return ok;
}

static int wait_a_little(void *context, int tries)
{
    struct store *s = context;
    (void)tries;
    if (s->patience_ms < NAP_MS)
        return 0;
    s->patience_ms -= NAP_MS;
    sqlite3_sleep(NAP_MS);
    return 1;
}

/* ---- life ---- */

static enum status check_place(const struct store *s, struct error *error)
{
    struct stat st;
    if (s->path[0] == '\0')
        return error_set(error, STATUS_INVALID, "--store needs the name of a file");
    if (stat(s->path, &st) != 0) {
        if (errno == ENOENT && s->access == STORE_RUN)
            return STATUS_OK;
        return error_set(error, STATUS_IO, "store %.200s: %s", s->path,
                         errno == ENOENT ? "no such file; `bordertap read --store` makes it" : strerror(errno));
    }
    if (!S_ISREG(st.st_mode))
        return error_set(error, STATUS_INVALID, "store %.200s: %s; name a file", s->path,
                         S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
    return STATUS_OK;
}

/* Held until the process is gone, however it goes. It is a file of its own because closing any descriptor of a database
 * drops SQLite's locks on it. */
static enum status lock_run(struct store *s, struct error *error)
{
    char *path;
    if (asprintf(&path, "%s-lock", s->path) < 0)
        return store_say(s, SQLITE_NOMEM, error);
    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int reason = errno;
    free(path);
    if (s->lock < 0)
        return error_set(error, STATUS_IO, "store %.200s: cannot be locked: %s", s->path, strerror(reason));
    if (flock(s->lock, LOCK_EX | LOCK_NB) != 0)
        return error_set(error, STATUS_IO, "store %.200s: another run writes to it; give each run its own", s->path);
    return STATUS_OK;
}

/* It tells who runs what: nobody else's business. SQLite gives its other files the same rights. */
static enum status make_file(const struct store *s, struct error *error)
{
    int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set(error, STATUS_IO, "store %.200s: cannot be opened: %s", s->path, strerror(errno));
    close(fd);
    return STATUS_OK;
}

static void distrust(struct store *s)
{
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
    sqlite3_limit(s->db, SQLITE_LIMIT_SQL_LENGTH, SQL_MAX);
    sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
}

/* Only a checkpoint waits for the disk: with logs of up to 32 MB they are rare. */
static enum status open_database(struct store *s, struct error *error)
{
    char *path; /* ":memory:" is a file like any other */
    int flags = s->access == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (asprintf(&path, "%s%s", s->path[0] == ':' ? "./" : "", s->path) < 0)
        return store_say(s, SQLITE_NOMEM, error);
    int code = sqlite3_open_v2(path, &s->db, flags, NULL);
    free(path);
    if (code != SQLITE_OK)
        return store_say(s, code, error);
    distrust(s);
    sqlite3_busy_handler(s->db, wait_a_little, s);
    code = sqlite3_exec(s->db, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA synchronous=NORMAL", NULL, NULL,
                        NULL);
    if (code == SQLITE_OK && s->access == STORE_RUN)
        code = sqlite3_exec(s->db, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=8192", NULL, NULL, NULL);
    return code == SQLITE_OK ? STATUS_OK : store_say(s, code, error);
}

enum status store_open(const char *path, enum store_access access, struct store **ret, struct error *error)
{
    struct store *s = calloc(1, sizeof(*s));
    if (s == NULL || (s->path = strdup(path)) == NULL) {
        free(s);
        return error_set(error, STATUS_NO_MEMORY, "store %.200s: out of memory", path);
    }
    s->lock = -1;
    s->access = access;
    s->patience_ms = PATIENCE_MS;
    enum status status = check_place(s, error);
    if (status == STATUS_OK && access == STORE_RUN)
        status = make_file(s, error);
    if (status == STATUS_OK && access == STORE_RUN)
        status = lock_run(s, error);
    if (status == STATUS_OK)
        status = open_database(s, error);
    if (status == STATUS_OK)
        status = schema_prepare(s, error);
    if (status == STATUS_OK)
        status = statements_prepare(s, error);
    if (status != STATUS_OK) {
        store_close(s);
        return status;
    }
    *ret = s;
    return STATUS_OK;
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    for (unsigned i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    if (s->lock >= 0)
        close(s->lock);
    json_clear(&s->json);
    free(s->path);
    free(s);
}

void store_libraries(library_visit *visit, void *context)
{
    visit(context, "sqlite", sqlite3_libversion());
}
