#include "feed.h"

#include <sys/stat.h>

#include "sample.h"
#include "test.h"

static char folder[] = "/tmp/bordertap-health-XXXXXX";
static char path[64], url[128];

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/out", folder);
    snprintf(url, sizeof(url), "file:%s", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    rmdir(folder);
    return 0;
}

static struct feed *open_feed(const char *query, const char *format)
{
    char whole[256];
    struct feed *feed = NULL;
    struct error error = {""};
    unlink(path);
    snprintf(whole, sizeof(whole), "%s%s", url, query);
    if (feed_open(whole, format, &(struct feed_options){0}, &feed, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return feed;
}

/* What the feed wrote. */
static const char *close_feed(struct feed *feed)
{
    static char text[16384];
    assert_int_equal(feed_close(feed, NULL), STATUS_OK);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%s", part, text);
}

static void write_health(struct feed *feed)
{
    struct health_record r = {
        .time = {SAMPLE_TIME_NS},
        .sensor = "s1",
        .unit = "percent",
        .subject = "span\x1b[2J",
        .value = 1230,
        .threshold = 100,
        .window_sec = 10,
        .sentence = "span\x1b[2J: drops",
    };
    for (unsigned condition = 0; condition < HEALTH_CONDITIONS; condition++) {
        r.condition = (enum health_condition)condition;
        r.is_raised = condition % 2 == 0;
        feed_health(feed, &r);
    }
    r = (struct health_record){.condition = HEALTH_FLOWS_EVICTED, .unit = "flows", .sentence = "flows"};
    feed_health(feed, &r);
}

static void health_is_one_record_in_json_and_one_line_in_text(void **state)
{
    (void)state;
    struct feed *feed = open_feed("?min-severity=critical", "json");
    write_health(feed);
    const char *text = close_feed(feed);
    assert_has(text,
               "{\"type\":\"health\",\"time\":\"2018-08-07T16:10:33.750000Z\",\"sensor\":\"s1\","
               "\"condition\":\"kernel-drops\",\"state\":\"raised\",\"subject\":\"span\\u001b[2J\",\"value\":1.230,"
               "\"threshold\":0.100,\"unit\":\"percent\",\"window_sec\":10,"
               "\"sentence\":\"span\\u001b[2J: drops\"}\n");
    assert_has(text, "\"condition\":\"interface-drops\",\"state\":\"cleared\",");
    assert_has(
        text, "{\"type\":\"health\",\"time\":\"1970-01-01T00:00:00.000000Z\",\"condition\":\"flows-evicted\","
              "\"state\":\"cleared\",\"value\":0.000,\"threshold\":0.000,\"unit\":\"flows\",\"sentence\":\"flows\"}\n");

    feed = open_feed("", "text");
    write_health(feed);
    text = close_feed(feed);
    assert_has(text, "HEALTH    span\\x1b[2J: drops (kernel-drops raised)\n\n");
    assert_has(text, "HEALTH    span\\x1b[2J: drops (interface-drops cleared)\n\n");
}

static void a_feed_tells_how_it_does_without_secrets(void **state)
{
    (void)state;
    struct feed *feed = open_feed("?min-severity=low", "json");
    struct feed_sample sample;
    struct stat st;
    write_health(feed);
    feed_look(feed, &sample);
    assert_int_equal(stat(path, &st), 0);
    assert_string_equal(sample.name, url);
    assert_int_equal(sample.bytes_written, st.st_size);
    assert_int_equal(sample.records_lost, 0);
    assert_false(sample.is_failing);
    close_feed(feed);
}

static void a_feed_that_fails_says_so(void **state)
{
    (void)state;
    struct feed *feed = NULL;
    struct feed_sample sample;
    assert_int_equal(feed_open("file:/dev/full", "json", &(struct feed_options){0}, &feed, NULL), STATUS_OK);
    write_health(feed);
    feed_look(feed, &sample);
    assert_string_equal(sample.name, "file:/dev/full");
    assert_true(sample.is_failing);
    assert_int_equal(sample.records_lost, HEALTH_CONDITIONS + 1);
    assert_int_equal(sample.bytes_written, 0);
    assert_int_equal(feed_close(feed, NULL), STATUS_IO);
}

static void every_condition_is_as_the_schema_says(void **state)
{
    (void)state;
    struct feed *feed = open_feed("", "json");
    char command[512];
    write_health(feed);
    close_feed(feed);
    snprintf(command, sizeof(command), "/usr/bin/python3 %s/tests/jsonl-check.py %s/docs/record.schema.json %s",
             SOURCE_ROOT, SOURCE_ROOT, path);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_is_one_record_in_json_and_one_line_in_text),
        cmocka_unit_test(a_feed_tells_how_it_does_without_secrets),
        cmocka_unit_test(a_feed_that_fails_says_so),
        cmocka_unit_test(every_condition_is_as_the_schema_says),
    };
    return cmocka_run_group_tests_name("alerts/feed_health", tests, set_up, tear_down);
}
