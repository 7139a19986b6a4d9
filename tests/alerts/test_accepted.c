#include "feed.h"

#include "feed_internal.h"
#include "sample.h"
#include "test.h"

static struct acceptance accepted;
static struct sighting sighting;
static struct finding finding;
static char said[16384];

static int each(void **state)
{
    (void)state;
    accepted = (struct acceptance){"it\x1b[2J", "goes \"soon\"", "2027-03-31", {1}, false};
    sample_kaspersky_update(&sighting);
    finding = (struct finding){.sighting = &sighting,
                               .severity = SEVERITY_CRITICAL,
                               .action = FINDING_OPENED,
                               .rule = "r",
                               .summary = "it talks",
                               .accepted = &accepted};
    return 0;
}

static const char *copy(struct text text)
{
    snprintf(said, sizeof(said), "%.*s", (int)text.length, text.data ? text.data : "");
    return said;
}

static void text_hides_what_somebody_answers_for_and_says_so(void **state)
{
    (void)state;
    void *text = feed_format_text.open(&(struct feed_options){0});
    const struct kept_record record = {text_of("{}"), "f-1-1", "it talks", SEVERITY_HIGH, &accepted};

    assert_string_equal(copy(feed_format_text.finding(text, &finding)), "");
    assert_string_equal(copy(feed_format_text.kept(text, &record)), "");
    copy(feed_format_text.summary(text, &(struct summary_record){0}));
    assert_non_null(strstr(said, "2 accepted not shown: --accepted shows them"));
    feed_format_text.close(text);
}

static void text_shows_it_when_asked_and_without_steering_the_terminal(void **state)
{
    (void)state;
    void *text = feed_format_text.open(&(struct feed_options){.accepted = true});

    copy(feed_format_text.finding(text, &finding));
    assert_non_null(strstr(said, "CRITICAL  it talks"));
    assert_non_null(strstr(said, " until 2027-03-31: goes \"soon\"\n"));
    assert_null(strchr(said, '\x1b'));
    copy(feed_format_text.summary(text, &(struct summary_record){0}));
    assert_null(strstr(said, "not shown"));
    feed_format_text.close(text);
}

static void the_end_of_an_exception_is_shown_though_roll_ups_are_not(void **state)
{
    (void)state;
    void *text = feed_format_text.open(&(struct feed_options){0});
    finding.action = FINDING_UPDATED;
    assert_string_equal(copy(feed_format_text.finding(text, &finding)), "");
    accepted.is_expired = true;
    copy(feed_format_text.finding(text, &finding));
    assert_non_null(strstr(said, "CRITICAL  it talks"));
    assert_non_null(strstr(said, " until 2027-03-31, which is over: "));
    feed_format_text.close(text);
}

static void json_says_who_answers_for_it(void **state)
{
    (void)state;
    void *json = feed_format_json.open(&(struct feed_options){0});
    copy(feed_format_json.finding(json, &finding));
    assert_non_null(strstr(said, "\"accepted\":{\"owner\":\"it\\u001b[2J\",\"reason\":\"goes \\\"soon\\\"\","
                                 "\"until\":\"2027-03-31\",\"expired\":false}"));
    finding.accepted = NULL;
    copy(feed_format_json.finding(json, &finding));
    assert_null(strstr(said, "\"accepted\""));
    feed_format_json.close(json);
}

static void a_record_of_an_earlier_run_goes_out_as_it_was(void **state)
{
    (void)state;
    const struct kept_record record = {text_of("{\"type\":\"finding\"}"), "f-1-1", "it\ntalks", SEVERITY_HIGH, NULL};
    void *json = feed_format_json.open(&(struct feed_options){0});
    assert_string_equal(copy(feed_format_json.kept(json, &record)), "{\"type\":\"finding\"}\n");
    feed_format_json.close(json);

    void *text = feed_format_text.open(&(struct feed_options){0});
    copy(feed_format_text.kept(text, &record));
    assert_memory_equal(said, "HIGH      it", 12);
    assert_non_null(strstr(said, "f-1-1, of an earlier run"));
    assert_null(strstr(said, "it\ntalks"));
    feed_format_text.close(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(text_hides_what_somebody_answers_for_and_says_so, each),
        cmocka_unit_test_setup(text_shows_it_when_asked_and_without_steering_the_terminal, each),
        cmocka_unit_test_setup(the_end_of_an_exception_is_shown_though_roll_ups_are_not, each),
        cmocka_unit_test_setup(json_says_who_answers_for_it, each),
        cmocka_unit_test_setup(a_record_of_an_earlier_run_goes_out_as_it_was, each),
    };
    return cmocka_run_group_tests_name("alerts/accepted", tests, NULL, NULL);
}
