/* Who answers for a finding, and until when. At most one exception of a finding is in force; none is ever deleted. */
#include <stdio.h>
#include <time.h>

#include "store_internal.h"

static bool is_missing(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

/* The same day a year later; of a 29th of February the 1st of March. */
static struct packet_time a_year_after(int64_t now_sec)
{
    time_t now = (time_t)now_sec;
    struct tm day;
    gmtime_r(&now, &day);
    day.tm_year++;
    day.tm_hour = day.tm_min = day.tm_sec = 0;
    return packet_time_from_sec((int64_t)timegm(&day) + 86400);
}

static enum status check(const struct store_exception *e, int64_t now_sec, struct error *error)
{
    struct packet_time ends, now = packet_time_from_sec(now_sec);
    if (is_missing(e->owner) || is_missing(e->reason))
        return error_set(error, STATUS_INVALID, "an exception needs %s",
                         is_missing(e->owner) ? "an owner: --owner NAME, who answers for it"
                                              : "a reason: --reason TEXT, why the finding is accepted");
    if (strlen(e->owner) > STORE_OWNER_MAX || strlen(e->reason) > STORE_REASON_MAX)
        return error_set(error, STATUS_INVALID, "--owner has at most %d bytes and --reason %d", STORE_OWNER_MAX,
                         STORE_REASON_MAX);
    if (!json_text_is_utf8(text_of(e->owner)) || !json_text_is_utf8(text_of(e->reason)))
        return error_set(error, STATUS_INVALID, "--owner and --reason are texts in UTF-8");
    if (is_missing(e->until))
        return error_set(error, STATUS_INVALID, "an exception needs its last day: --until YYYY-MM-DD");
    if (!until_parse(e->until, &ends))
        return error_set(error, STATUS_INVALID, "--until %.40s is no day within a year; write YYYY-MM-DD", e->until);
    if (!packet_time_before(now, ends))
        return error_set(error, STATUS_INVALID, "--until %s is over; name a day to come", e->until);
    if (packet_time_before(a_year_after(now_sec), ends))
        return error_set(error, STATUS_INVALID,
                         "--until %s is more than a year away; no exception is longer, it can be renewed", e->until);
    return STATUS_OK;
}

static bool has_finding(struct store *s, const char *id)
{
    sqlite3_stmt *statement = store_ask(s, HAS_FINDING);
    bind_text(statement, 1, id);
    bool ret = store_next(s, statement);
    if (ret)
        store_done(statement);
    return ret;
}

/* @return whether one was in force. */
static bool end_exception(struct store *s, const char *finding, const char *by, const char *why)
{
    sqlite3_stmt *statement = store_ask(s, END_EXCEPTION);
    bind_text(statement, 1, finding);
    bind_text(statement, 2, by);
    bind_text(statement, 3, why);
    return store_do(s, statement) && sqlite3_changes(s->db) > 0;
}

static enum status trouble_to(const struct store *s, struct error *error)
{
    return error_set(error, STATUS_IO, "%s", s->trouble.text);
}

enum status store_accept(struct store *s, const struct store_exception *e, int64_t now_sec, struct error *error)
{
    enum status status = check(e, now_sec, error);
    if (status != STATUS_OK)
        return status;
    if (!has_finding(s, e->finding))
        return s->failed > 0 ? trouble_to(s, error) : STATUS_NOT_FOUND;
    if (!store_begin(s))
        return trouble_to(s, error);
    end_exception(s, e->finding, e->by, "replaced");
    sqlite3_stmt *statement = store_ask(s, ADD_EXCEPTION);
    bind_text(statement, 1, e->finding);
    bind_text(statement, 2, e->owner);
    bind_text(statement, 3, e->reason);
    bind_text(statement, 4, e->until);
    bind_text(statement, 5, e->by);
    bool ok = store_do(s, statement);
    return store_commit(s) && ok ? STATUS_OK : trouble_to(s, error);
}

enum status store_withdraw(struct store *s, const char *finding, const char *by, struct error *error)
{
    if (!store_begin(s))
        return trouble_to(s, error);
    bool any = end_exception(s, finding, by, "withdrawn");
    if (!store_commit(s) || s->failed > 0)
        return trouble_to(s, error);
    return any ? STATUS_OK : STATUS_NOT_FOUND;
}

bool store_lapse(struct store *s, const char *finding)
{
    return s->in_transaction && end_exception(s, finding, NULL, "expired");
}

bool store_has_changed(struct store *s)
{
    sqlite3_stmt *statement = store_ask(s, DATA_VERSION);
    if (!store_next(s, statement))
        return false;
    int64_t version = sqlite3_column_int64(statement, 0);
    store_done(statement);
    bool ret = version != s->seen_version;
    s->seen_version = version;
    return ret;
}

void store_load_exceptions(struct store *s,
                           void (*visit)(void *context, const char *finding, const struct acceptance *accepted),
                           void *context)
{
    sqlite3_stmt *row = store_ask(s, LOAD_EXCEPTIONS);
    struct acceptance accepted;
    uint64_t failed = s->failed;
    while (store_next(s, row)) {
        const char *finding = text_at(row, 0, FINDING_ID_TEXT_SIZE);
        if (finding != NULL && acceptance_read(row, 1, &accepted))
            visit(context, finding, &accepted);
        else
            s->rows_refused++;
    }
    if (s->failed > failed) /* to be read again soon */
        s->seen_version = -1;
}

void store_list_exceptions(struct store *s, const char *id,
                           void (*visit)(void *context, const struct store_past_exception *exception), void *context)
{
    sqlite3_stmt *row = store_ask(s, LIST_EXCEPTIONS);
    bind_text(row, 1, id);
    while (store_next(s, row)) {
        struct store_past_exception e = {.owner = text_at(row, 0, STORE_OWNER_MAX),
                                         .reason = text_at(row, 1, STORE_REASON_MAX),
                                         .until = text_at(row, 2, UNTIL_TEXT_SIZE - 1),
                                         .accepted_at = text_at(row, 3, 64),
                                         .accepted_by = text_at(row, 4, STORE_OWNER_MAX),
                                         .ended_at = text_at(row, 5, 64),
                                         .ended_by = text_at(row, 6, STORE_OWNER_MAX),
                                         .ended_why = text_at(row, 7, 16)};
        if (e.owner != NULL && e.reason != NULL && e.until != NULL && e.accepted_at != NULL && e.accepted_by != NULL)
            visit(context, &e);
        else
            s->rows_refused++;
    }
}
