/* The records that were told last, and lists for who looks at the store. */
#include <stdlib.h>

#include "store_internal.h"

enum { RECORD_MAX = 1 << 20, SUMMARY_MAX = 4096, NAME_MAX_HERE = 512 };

bool until_parse(const char *until, struct packet_time *ret_ends)
{
    const int64_t day_ns = 86400 * NS_PER_SEC;
    struct packet_time day;
    if (until == NULL || strlen(until) != UNTIL_TEXT_SIZE - 1 || !packet_time_parse(until, &day) ||
        day.ns > INT64_MAX - day_ns)
        return false;
    ret_ends->ns = day.ns + day_ns;
    return true;
}

bool acceptance_read(sqlite3_stmt *row, int at, struct acceptance *ret)
{
    const char *until = text_at(row, at + 2, UNTIL_TEXT_SIZE - 1);
    *ret = (struct acceptance){.owner = text_at(row, at, STORE_OWNER_MAX),
                               .reason = text_at(row, at + 1, STORE_REASON_MAX)};
    if (ret->owner == NULL || ret->reason == NULL || !until_parse(until, &ret->ends))
        return false;
    memcpy(ret->until, until, UNTIL_TEXT_SIZE);
    return true;
}

bool record_read(sqlite3_stmt *row, int at, struct store_record *ret)
{
    const char *severity = text_at(row, at + 1, 16), *json = text_at(row, at + 4, RECORD_MAX);
    *ret = (struct store_record){.event_id = text_at(row, at, EVENT_ID_TEXT_SIZE),
                                 .summary = text_at(row, at + 2, SUMMARY_MAX),
                                 .product_name = text_at(row, at + 3, NAME_MAX_HERE),
                                 .json = text_of(json)};
    return ret->event_id != NULL && ret->summary != NULL && json != NULL && severity != NULL &&
           severity_parse(severity, &ret->severity) && *json == '{' && json_text_is_utf8(ret->json);
}

static bool visit_records(struct store *s, sqlite3_stmt *row, store_record_visit *visit, void *context)
{
    struct store_record record;
    struct acceptance accepted;
    bool any = false;
    while (store_next(s, row)) {
        if (!record_read(row, 0, &record)) {
            s->rows_refused++;
            continue;
        }
        if (acceptance_read(row, 5, &accepted)) {
            accepted.is_expired = sqlite3_column_int(row, 8) != 0;
            record.accepted = &accepted;
        }
        any = true;
        visit(context, &record);
    }
    return any;
}

void store_load_untold(struct store *s, store_record_visit *visit, void *context)
{
    visit_records(s, store_ask(s, LOAD_UNTOLD), visit, context);
    s->is_telling = true; /* the next transaction knows them to be told */
}

bool store_visit_record(struct store *s, const char *id, store_record_visit *visit, void *context)
{
    sqlite3_stmt *row = store_ask(s, LOAD_RECORD);
    bind_text(row, 1, id);
    return visit_records(s, row, visit, context);
}

/* ---- lists ---- */

static void read_list_row(sqlite3_stmt *row, const struct finding_row *f, struct store_row *ret,
                          struct acceptance *accepted)
{
    const int record = FINDING_COLUMNS, exception = record + 5;
    *ret = (struct store_row){.kept = &f->kept, .is_telling = f->is_telling};
    if (!record_read(row, record, &ret->record))
        ret->record = (struct store_record){0};
    if (!acceptance_read(row, exception, accepted))
        return;
    ret->accepted = accepted;
    ret->accepted_at = text_at(row, exception + 3, 64);
    ret->accepted_by = text_at(row, exception + 4, STORE_OWNER_MAX);
}

size_t store_list(struct store *s, const struct store_filter *filter,
                  void (*visit)(void *context, const struct store_row *row), void *context)
{
    sqlite3_stmt *row = store_ask(s, LIST_FINDINGS);
    struct finding_row *f = malloc(sizeof(*f));
    struct acceptance accepted;
    struct store_row given;
    size_t count = 0;
    if (f == NULL) {
        store_fail(s, SQLITE_NOMEM);
        return 0;
    }
    bind_text(row, 1, filter->id);
    bind_text(row, 2, filter->host);
    bind_text(row, 3, filter->product);
    bind_i64(row, 4, filter->is_all);
    while (store_next(s, row)) {
        if (!finding_row_read(s, row, f) || f->kept.severity < filter->severity)
            continue;
        read_list_row(row, f, &given, &accepted);
        visit(context, &given);
        count++;
    }
    free(f);
    return count;
}

void store_list_told(struct store *s, const char *id, void (*visit)(void *context, const struct store_told *told),
                     void *context)
{
    sqlite3_stmt *row = store_ask(s, LIST_TOLD);
    bind_text(row, 1, id);
    while (store_next(s, row)) {
        struct store_told told = {.revision = (uint32_t)sqlite3_column_int64(row, 0),
                                  .action = text_at(row, 1, 16),
                                  .severity = text_at(row, 2, 16),
                                  .told_at = text_at(row, 3, 32),
                                  .time = {sqlite3_column_int64(row, 4)}};
        if (told.action != NULL && told.severity != NULL && told.told_at != NULL)
            visit(context, &told);
        else
            s->rows_refused++;
    }
}
