#include "store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <time.h>

#include "sample_store.h"
#include "test.h"

enum { DAY_SEC = 86400 };
static const int64_t now_sec = INT64_C(1795550400); /* 2026-11-24T20:00:00Z */

static struct error error;
static struct kept_finding kept, loaded;
static struct flag flags[FLAGS_MAX];
static struct remote_seen remotes[REMOTES_MAX];
static char texts[8][64];
static size_t loaded_count, record_count, exception_count;
static struct acceptance in_force;
static char record_json[512], record_event[64];
static bool record_is_expired, record_is_accepted;

static const char *copy(size_t at, const char *text)
{
    snprintf(texts[at], sizeof(texts[at]), "%s", text ? text : "");
    return text ? texts[at] : NULL;
}

static void on_loaded(void *context, const struct kept_finding *k)
{
    (void)context;
    loaded = *k;
    memcpy(flags, k->flags, k->flag_count * sizeof(flags[0]));
    memcpy(remotes, k->remotes, k->remote_count * sizeof(remotes[0]));
    loaded.product = copy(0, k->product);
    loaded.vendor = copy(1, k->vendor);
    loaded.target = copy(2, k->target);
    loaded.rule = copy(3, k->rule);
    for (unsigned i = 0; i < k->flag_count && i < 2; i++)
        flags[i].policy = copy(4 + i, k->flags[i].policy);
    loaded_count++;
}

static void on_record(void *context, const struct store_record *record)
{
    (void)context;
    snprintf(record_json, sizeof(record_json), "%.*s", (int)record->json.length, record->json.data);
    snprintf(record_event, sizeof(record_event), "%s", record->event_id);
    record_is_accepted = record->accepted != NULL;
    record_is_expired = record->accepted != NULL && record->accepted->is_expired;
    record_count++;
}

static void on_exception(void *context, const char *finding, const struct acceptance *accepted)
{
    (void)context;
    assert_string_equal(finding, SAMPLE_ID);
    in_force = *accepted;
    exception_count++;
}

static int each(void **state)
{
    (void)state;
    loaded_count = record_count = exception_count = 0;
    sample_kept(&kept);
    error.text[0] = '\0';
    return 0;
}

static int after(void **state)
{
    (void)state;
    sample_folder_clear();
    return 0;
}

static void load(struct store *store)
{
    loaded_count = 0;
    store_load(store, on_loaded, NULL);
}

static enum status try(enum store_access access)
{
    struct store *store = NULL;
    enum status status = store_open(sample_path(), access, &store, &error);
    store_close(store);
    return status;
}

/* Somebody else's hand in the file. */
static void meddle(const char *sql)
{
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(sample_path(), &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
    sqlite3_close(db);
}

/* ---- opening ---- */

static void a_finding_comes_back_as_it_went(void **state)
{
    (void)state;
    const struct store_news news = sample_news(SAMPLE_RECORD);
    struct store *store = sample_open(STORE_RUN);
    store_begin_run(store, "s", "v", NULL, 0);
    sample_put(store, &kept, &news);
    store_close(store);

    store = sample_open(STORE_READ);
    load(store);
    store_close(store);

    assert_int_equal(loaded_count, 1);
    assert_string_equal(loaded.id, SAMPLE_ID);
    assert_true(ip_equal(&loaded.host, &kept.host));
    assert_memory_equal(loaded.mac, kept.mac, 6);
    assert_string_equal(loaded.product, "kaspersky-any");
    assert_string_equal(loaded.rule, "a-rule");
    assert_int_equal(loaded.purpose, PURPOSE_UPDATE);
    assert_int_equal(loaded.severity, SEVERITY_CRITICAL);
    assert_int_equal(loaded.told_severity, SEVERITY_HIGH);
    assert_int_equal(loaded.confidence, CONFIDENCE_PROBABLE);
    assert_int_equal(loaded.axes, kept.axes);
    assert_int_equal(loaded.told_axes, kept.told_axes);
    assert_int_equal(loaded.flag_count, 2);
    assert_int_equal(flags[0].axis, AXIS_LOCATION);
    assert_string_equal(flags[0].country.code, "RU");
    assert_string_equal(flags[1].policy, "p2");
    assert_string_equal(flags[1].country.code, "");
    assert_int_equal(loaded.remote_count, 2);
    assert_true(ip_equal(&remotes[1].ip, &kept.remotes[1].ip));
    assert_string_equal(remotes[0].name, "a.example");
    assert_int_equal(remotes[0].country_count, 2);
    assert_string_equal(remotes[0].countries[1].code, "DE");
    assert_memory_equal(&loaded.counters, &kept.counters, sizeof(kept.counters));
    assert_int_equal(loaded.first_seen.ns, 1000);
    assert_int_equal(loaded.last_told.ns, 1500);
}

static void what_is_no_store_is_refused_with_a_sentence(void **state)
{
    (void)state;
    assert_int_equal(try(STORE_READ), STATUS_IO);
    assert_non_null(strstr(error.text, "no such file"));

    mkdir(sample_path(), 0700);
    assert_int_equal(try(STORE_RUN), STATUS_INVALID);
    assert_non_null(strstr(error.text, "a directory"));
    rmdir(sample_path());

    int fd = open(sample_path(), O_CREAT | O_WRONLY, 0600);
    assert_int_equal(write(fd,
                           "this is some text, and long enough not to look like a database header; it goes on and on "
                           "until there are a hundred bytes and more of it",
                           130),
                     130);
    close(fd);
    assert_int_equal(try(STORE_RUN), STATUS_MALFORMED);
    assert_non_null(strstr(error.text, "no store of bordertap's"));
}

static void another_programs_database_is_left_alone(void **state)
{
    (void)state;
    meddle("CREATE TABLE addresses(a); PRAGMA user_version=1");
    assert_int_equal(try(STORE_RUN), STATUS_UNSUPPORTED);
    assert_non_null(strstr(error.text, "another program"));
}

static void a_newer_version_is_refused(void **state)
{
    (void)state;
    store_close(sample_open(STORE_RUN));
    meddle("PRAGMA user_version=7");
    assert_int_equal(try(STORE_RUN), STATUS_UNSUPPORTED);
    assert_non_null(strstr(error.text, "version 7"));
    assert_int_equal(try(STORE_READ), STATUS_UNSUPPORTED);
}

static void tables_that_compute_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "CREATE TRIGGER t AFTER INSERT ON findings BEGIN DELETE FROM told; END",
        "CREATE VIEW v AS SELECT 1",
        "DROP TABLE told; CREATE VIEW told AS SELECT 1 AS finding",
        "ALTER TABLE findings ADD COLUMN x INTEGER AS (flows*2)",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        store_close(sample_open(STORE_RUN));
        meddle(bad[i]);
        assert_int_equal(try(STORE_RUN), STATUS_UNSUPPORTED);
        assert_non_null(strstr(error.text, "its tables are not"));
        sample_folder_clear();
    }
}

static void an_empty_file_becomes_a_store_and_only_a_run_makes_it(void **state)
{
    (void)state;
    close(open(sample_path(), O_CREAT | O_WRONLY, 0600));
    assert_int_equal(try(STORE_READ), STATUS_UNSUPPORTED);
    assert_non_null(strstr(error.text, "nothing in it yet"));
    assert_int_equal(try(STORE_RUN), STATUS_OK);
    assert_int_equal(try(STORE_READ), STATUS_OK);
}

static void two_runs_do_not_write_to_one_file(void **state)
{
    (void)state;
    struct store *first = sample_open(STORE_RUN);
    assert_int_equal(try(STORE_RUN), STATUS_IO);
    assert_non_null(strstr(error.text, "another run"));
    assert_int_equal(try(STORE_ACCEPT), STATUS_OK);
    store_close(first);
    assert_int_equal(try(STORE_RUN), STATUS_OK);
}

static void the_file_is_nobody_elses_business(void **state)
{
    (void)state;
    struct stat st;
    store_close(sample_open(STORE_RUN));
    assert_int_equal(stat(sample_path(), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* ---- telling ---- */

static void what_was_about_to_be_told_is_told_once_more(void **state)
{
    (void)state;
    const struct store_news news = sample_news(SAMPLE_RECORD);
    struct store *store = sample_open(STORE_RUN);
    sample_put(store, &kept, &news);
    store_close(store); /* as if killed before the next transaction */

    store = sample_open(STORE_RUN);
    store_load_untold(store, on_record, NULL);
    assert_int_equal(record_count, 1);
    assert_string_equal(record_event, SAMPLE_ID "-1");
    assert_string_equal(record_json, SAMPLE_RECORD);
    assert_true(store_begin(store) && store_commit(store));
    store_load_untold(store, on_record, NULL);
    store_close(store);

    assert_int_equal(record_count, 1);
}

static void a_transaction_that_fails_in_part_leaves_nothing(void **state)
{
    (void)state;
    struct store *store = sample_open(STORE_RUN);
    struct store_news news = sample_news(SAMPLE_RECORD);
    news.summary = NULL; /* the row refuses it */

    assert_true(store_begin(store));
    assert_false(store_put(store, &kept, &news));
    assert_false(store_commit(store));
    load(store);

    assert_int_equal(loaded_count, 0);
    assert_non_null(store_trouble(store));
    sample_put(store, &kept, NULL); /* and it goes on */
    store_close(store);
}

/* Ten tries wait for as long as one. */
static void a_lock_of_somebody_else_is_waited_for_once(void **state)
{
    (void)state;
    struct store *store = sample_open(STORE_RUN);
    struct timespec before, now;
    sqlite3 *other;
    assert_int_equal(sqlite3_open(sample_path(), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);

    clock_gettime(CLOCK_MONOTONIC, &before);
    for (unsigned i = 0; i < 10; i++)
        assert_false(store_begin(store));
    clock_gettime(CLOCK_MONOTONIC, &now);
    sqlite3_close(other);

    assert_true(now.tv_sec - before.tv_sec < 15);
    assert_non_null(strstr(store_trouble(store), "holds it for longer than 2 s"));
    sample_put(store, &kept, NULL);
    store_close(store);
}

static void nothing_is_put_outside_of_a_transaction(void **state)
{
    (void)state;
    struct store *store = sample_open(STORE_RUN);
    assert_false(store_put(store, &kept, NULL));
    assert_false(store_commit(store));
    store_close(store);
}

static void count_told(void *context, const struct store_told *told)
{
    (void)told;
    ++*(unsigned *)context;
}

static void the_history_has_an_end(void **state)
{
    (void)state;
    struct store_news news = sample_news(SAMPLE_RECORD);
    struct store *store = sample_open(STORE_RUN);
    unsigned count = 0;
    for (kept.revision = 1; kept.revision <= 200; kept.revision++)
        sample_put(store, &kept, &news);

    store_list_told(store, SAMPLE_ID, count_told, &count);
    store_close(store);

    assert_int_equal(count, STORE_TOLD_MAX + 1);
}

/* ---- runs ---- */

static struct store_input input_of(const char *identity)
{
    struct store_input ret = {.path = "a.pcap"};
    snprintf(ret.identity, sizeof(ret.identity), "%s", identity);
    return ret;
}

static void a_file_read_to_its_end_is_known(void **state)
{
    (void)state;
    const struct store_input input = input_of("10-aa");
    char when[STORE_DAY_SIZE];
    struct store *store = sample_open(STORE_RUN);
    store_begin_run(store, "s", "v", &input, 1);
    assert_false(store_knows(store, "10-aa", when));
    store_end_run(store);
    assert_true(store_knows(store, "10-aa", when));
    assert_int_equal(strlen(when), 19);
    assert_false(store_knows(store, "10-ab", when));
    store_close(store);
}

static void what_an_unfinished_run_counted_is_taken_back(void **state)
{
    (void)state;
    const struct store_input first = input_of("1-aa"), second = input_of("2-bb");
    struct store *store = sample_open(STORE_RUN);
    store_begin_run(store, "s", "v", &first, 1);
    sample_put(store, &kept, NULL);
    store_end_run(store);
    store_begin_run(store, "s", "v", &second, 1);
    kept.counters.flows = 40;
    sample_put(store, &kept, NULL);
    kept.counters.flows = 50;
    sample_put(store, &kept, NULL);
    strcpy(kept.id, "f-0000000000000001");
    sample_put(store, &kept, NULL); /* opened by it */
    store_close(store);

    store = sample_open(STORE_RUN);
    store_begin_run(store, "s", "v", &second, 1);
    load(store);
    store_close(store);

    assert_int_equal(loaded_count, 2);
    assert_string_equal(loaded.id, SAMPLE_ID);
    assert_int_equal(loaded.counters.flows, 4);
    assert_int_equal(loaded.remote_count, 2);
}

static void what_another_unfinished_run_counted_stays(void **state)
{
    (void)state;
    const struct store_input first = input_of("1-aa"), second = input_of("2-bb");
    struct store *store = sample_open(STORE_RUN);
    store_begin_run(store, "s", "v", &first, 1);
    sample_put(store, &kept, NULL);
    store_begin_run(store, "s", "v", &second, 1);
    load(store);
    store_close(store);
    assert_int_equal(loaded.counters.flows, 4);
}

static void what_came_from_a_pipe_stays(void **state)
{
    (void)state;
    struct store *store = sample_open(STORE_RUN);
    store_begin_run(store, "s", "v", NULL, 0);
    sample_put(store, &kept, NULL);
    store_begin_run(store, "s", "v", NULL, 0);
    load(store);
    store_close(store);
    assert_int_equal(loaded.counters.flows, 4);
}

static void a_file_is_known_by_what_it_holds(void **state)
{
    (void)state;
    char one[STORE_IDENTITY_SIZE], other[STORE_IDENTITY_SIZE];
    static uint8_t bytes[300000];
    for (unsigned round = 0; round < 2; round++) {
        int fd = open(sample_path(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
        assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
        close(fd);
        assert_true(store_identify(sample_path(), round == 0 ? one : other));
        bytes[sizeof(bytes) - 1] = 1;
    }
    assert_string_not_equal(one, other);
    assert_memory_equal(one, "300000-", 7);
    assert_false(store_identify("/", one));
    assert_false(store_identify("/dev/null", one));
    assert_false(store_identify("/nonexistent", one));
}

/* ---- exceptions ---- */

static struct store *store_with_finding(void)
{
    const struct store_news news = sample_news(SAMPLE_RECORD);
    struct store *store = sample_open(STORE_RUN);
    store_begin_run(store, "s", "v", NULL, 0);
    sample_put(store, &kept, &news);
    return store;
}

static enum status accept_until(struct store *store, const char *until)
{
    const struct store_exception e = {SAMPLE_ID, "it", "goes in March", until, "me"};
    return store_accept(store, &e, now_sec, &error);
}

static void an_exception_has_owner_reason_and_a_day_within_a_year(void **state)
{
    (void)state;
    static const struct {
        const char *until;
        enum status status;
        const char *word;
    } rows[] = {
        {"2026-11-23", STATUS_INVALID, "is over"},
        {"2026-11-24", STATUS_OK, ""},
        {"2027-11-24", STATUS_OK, ""},
        {"2027-11-25", STATUS_INVALID, "more than a year"},
        {"2027-02-30", STATUS_INVALID, "YYYY-MM-DD"},
        {"tomorrow", STATUS_INVALID, "YYYY-MM-DD"},
        {NULL, STATUS_INVALID, "--until"},
        {"", STATUS_INVALID, "--until"},
        {"2027-01-01T00", STATUS_INVALID, "--until"},
        {"9999-12-31", STATUS_INVALID, "no day within a year"},
    };
    struct store *store = store_with_finding();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        error.text[0] = '\0';
        assert_int_equal(accept_until(store, rows[i].until), rows[i].status);
        if (strstr(error.text, rows[i].word) == NULL)
            fail_msg("%s: %s", rows[i].until, error.text);
    }
    struct store_exception e = {SAMPLE_ID, " ", "why", "2027-01-01", "me"};
    assert_int_equal(store_accept(store, &e, now_sec, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "owner"));
    e = (struct store_exception){SAMPLE_ID, "it", NULL, "2027-01-01", "me"};
    assert_int_equal(store_accept(store, &e, now_sec, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "reason"));
    e = (struct store_exception){"f-0000000000000000", "it", "why", "2027-01-01", "me"};
    assert_int_equal(store_accept(store, &e, now_sec, &error), STATUS_NOT_FOUND);
    store_close(store);
}

static void one_exception_is_in_force(void **state)
{
    (void)state;
    struct store *store = store_with_finding();
    accept_until(store, "2027-01-01");
    accept_until(store, "2027-03-01");
    store_load_exceptions(store, on_exception, NULL);
    assert_int_equal(exception_count, 1);
    assert_string_equal(in_force.until, "2027-03-01");
    assert_int_equal(in_force.ends.ns / NS_PER_SEC, 1803945600); /* 2027-03-02 */

    assert_int_equal(store_withdraw(store, SAMPLE_ID, "me", &error), STATUS_OK);
    assert_int_equal(store_withdraw(store, SAMPLE_ID, "me", &error), STATUS_NOT_FOUND);
    store_load_exceptions(store, on_exception, NULL);
    assert_int_equal(exception_count, 1);
    store_close(store);
}

static void a_run_notices_exceptions_of_others(void **state)
{
    (void)state;
    struct store *run = store_with_finding();
    store_has_changed(run);
    sample_put(run, &kept, NULL);
    assert_false(store_has_changed(run)); /* its own writing is none of its business */

    struct store *other = sample_open(STORE_ACCEPT);
    assert_int_equal(accept_until(other, "2027-01-01"), STATUS_OK);
    store_close(other);

    assert_true(store_has_changed(run));
    assert_false(store_has_changed(run));
    store_close(run);
}

static void the_end_of_an_exception_is_a_record_of_its_own(void **state)
{
    (void)state;
    struct store *store = store_with_finding();
    accept_until(store, "2027-01-01");
    kept.revision = 2;

    assert_true(store_begin(store));
    assert_true(store_put_lapsed(store, &kept, packet_time_from_sec(now_sec),
                                 text_of("{\"owner\":\"it\",\"reason\":\"goes\",\"until\":\"2027-01-01\","
                                         "\"expired\":true}")));
    assert_true(store_lapse(store, SAMPLE_ID));
    assert_true(store_commit(store));
    assert_true(store_visit_record(store, SAMPLE_ID, on_record, NULL));
    store_load_exceptions(store, on_exception, NULL);
    store_close(store);

    assert_string_equal(record_event, SAMPLE_ID "-2");
    assert_non_null(strstr(record_json, "\"event_id\":\"" SAMPLE_ID "-2\",\"action\":\"updated\""));
    assert_true(record_is_accepted && record_is_expired);
    assert_int_equal(exception_count, 0);
}

/* ---- hostile content ---- */

static void rows_that_contradict_themselves_are_passed_over(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "revision=0",
        "revision=99999999999",
        "host='not an address'",
        "host=char(0)",
        "severity='terrible'",
        "purpose='dancing'",
        "product=NULL",
        "target='x'",
        "axes=99",
        "flows=-1",
        "bytes_in=9223372036854775807",
        "mac='xx'",
        "confidence='sure'",
        "id='f-1'",
        "id='f-8b219c79df7108eaff'",
        "rule=hex(zeroblob(9000))",
    };
    char sql[200];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        store_close(store_with_finding());
        snprintf(sql, sizeof(sql), "UPDATE findings SET %s", bad[i]);
        meddle(sql);
        struct store *store = sample_open(STORE_RUN);
        load(store);
        store_close(store);
        if (loaded_count != 0)
            fail_msg("%s is let pass", bad[i]);
        sample_folder_clear();
    }
}

static void lists_that_are_none_are_empty(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "'[{\"axis\":\"up\"}]'",
        "'[1,2,[3]]'",
        "'{\"axis\":{}}'",
        "'[{\"axis\":\"vendor\",\"country\":\"ru\",\"policy\":\"p\"}]'",
    };
    char sql[200];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        store_close(store_with_finding());
        snprintf(sql, sizeof(sql), "UPDATE findings SET flags=%s, remotes=%s", bad[i], bad[i]);
        meddle(sql);
        struct store *store = sample_open(STORE_RUN);
        load(store);
        store_close(store);
        assert_int_equal(loaded_count, 1);
        assert_int_equal(loaded.flag_count, 0);
        assert_int_equal(loaded.remote_count, 0);
        sample_folder_clear();
    }
}

static void a_record_that_is_no_json_line_is_not_told(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "'{\"a\":1}{'", "'not json'", "'[1]'", "CAST(x'7b2261223a22ff227d' AS TEXT)", /* {"a":"\xff"} */
    };
    char sql[200];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        store_close(store_with_finding());
        snprintf(sql, sizeof(sql), "UPDATE records SET record=%s", bad[i]);
        meddle(sql);
        struct store *store = sample_open(STORE_RUN);
        store_load_untold(store, on_record, NULL);
        store_close(store);
        assert_int_equal(record_count, 0);
        sample_folder_clear();
    }
}

static void a_record_of_several_lines_becomes_one(void **state)
{
    (void)state;
    store_close(store_with_finding());
    meddle("UPDATE records SET record='{\"a\":' || char(10) || '1}'");
    struct store *store = sample_open(STORE_RUN);
    store_load_untold(store, on_record, NULL);
    store_close(store);
    assert_string_equal(record_json, "{\"a\":1}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, each, after)
    const struct CMUnitTest tests[] = {
        TEST(a_finding_comes_back_as_it_went),
        TEST(what_is_no_store_is_refused_with_a_sentence),
        TEST(another_programs_database_is_left_alone),
        TEST(a_newer_version_is_refused),
        TEST(tables_that_compute_are_refused),
        TEST(an_empty_file_becomes_a_store_and_only_a_run_makes_it),
        TEST(two_runs_do_not_write_to_one_file),
        TEST(the_file_is_nobody_elses_business),
        TEST(what_was_about_to_be_told_is_told_once_more),
        TEST(a_transaction_that_fails_in_part_leaves_nothing),
        TEST(a_lock_of_somebody_else_is_waited_for_once),
        TEST(nothing_is_put_outside_of_a_transaction),
        TEST(the_history_has_an_end),
        TEST(a_file_read_to_its_end_is_known),
        TEST(what_an_unfinished_run_counted_is_taken_back),
        TEST(what_another_unfinished_run_counted_stays),
        TEST(what_came_from_a_pipe_stays),
        TEST(a_file_is_known_by_what_it_holds),
        TEST(an_exception_has_owner_reason_and_a_day_within_a_year),
        TEST(one_exception_is_in_force),
        TEST(a_run_notices_exceptions_of_others),
        TEST(the_end_of_an_exception_is_a_record_of_its_own),
        TEST(rows_that_contradict_themselves_are_passed_over),
        TEST(lists_that_are_none_are_empty),
        TEST(a_record_that_is_no_json_line_is_not_told),
        TEST(a_record_of_several_lines_becomes_one),
    };
    return cmocka_run_group_tests_name("store/store", tests, NULL, NULL);
}
