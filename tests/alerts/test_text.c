#include "feed.h"

#include "feed_internal.h"
#include "sample.h"
#include "test.h"

/* What the text format says of @p s as an answer; to be freed. */
static char *lookup_text(const struct sighting *s)
{
    void *state = feed_format_text.open(&(struct feed_options){0});
    struct text text = feed_format_text.lookup(state, "query", s);
    char *ret = strndup(text.data, text.length);
    feed_format_text.close(state);
    return ret;
}

static char *summary_text(const struct summary_record *summary)
{
    void *state = feed_format_text.open(&(struct feed_options){0});
    struct text text = feed_format_text.summary(state, summary);
    char *ret = strndup(text.data, text.length);
    feed_format_text.close(state);
    return ret;
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%s", part, text);
}

static size_t times_in(const char *text, const char *part)
{
    size_t times = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        times++;
    return times;
}

static void a_round_trip_is_one_line_of_a_finding(void **state)
{
    (void)state;
    static const struct {
        struct round_trip shortest;
        const char *line;
    } rows[] = {
        {{12041, ROUND_TRIP_TLS},
         "\n  round trip  12.041 ms to tls: within 1230 km in fibre, 1805 in vacuum · not in CN KP · by fibre not in "
         "RU · TCP alone 2.002 ms\n"},
        {{0, ROUND_TRIP_TWO_CLOCKS}, "\n  round trip  unknown    question and answer were captured by two clocks\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *text_state = feed_format_text.open(&(struct feed_options){0});
        struct sighting s;
        sample_plain_web(&s);
        sample_reach(&s);
        s.reach.shortest = rows[i].shortest;
        struct finding finding = {.sighting = &s, .severity = SEVERITY_LOW};
        struct text text = feed_format_text.finding(text_state, &finding);
        char *told = strndup(text.data, text.length);

        assert_has(told, rows[i].line);

        s.reach = (struct reach){.samples = 0};
        text = feed_format_text.finding(text_state, &finding);
        free(told);
        told = strndup(text.data, text.length);
        assert_int_equal(times_in(told, "round trip"), 0); /* nobody said where the sensor stands */
        free(told);
        feed_format_text.close(text_state);
    }
}

static void the_summary_says_what_round_trips_exclude(void **state)
{
    (void)state;
    static struct reach_totals reach = {.all = {4, 4000}, .timed = {3, 3000}};
    char *text = summary_text(&(struct summary_record){.reach = &reach});
    assert_has(
        text,
        "one round trip each of 75 % of 4 flows; too short for no country of concern; other packets were not timed\n");
    free(text);
    reach.shares[country_set_place((struct country){"CN"})] = (struct reach_share){true, {3, 3000}, {3, 3000}};
    reach.shares[country_set_place((struct country){"RU"})] = (struct reach_share){true, {2, 1000}, {3, 3000}};
    text = summary_text(&(struct summary_record){.reach = &reach});
    assert_has(text, "too short for CN 75 % of flows, 75 % of bytes; RU 50 % of flows, 25 % of bytes; other packets");
    free(text);
}

static void the_operator_line_says_each_thing_once(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *name, *parent, *line;
    } rows[] = {
        {"AS60781 held in NL", "LeaseWeb B.V.", NULL, "AS60781 LeaseWeb B.V., held in NL\n"},
        {"AS60781 held in NL", NULL, NULL, "AS60781 held in NL\n"},
        {"AS60781, AS7 held in NL", "LeaseWeb B.V.", NULL, "AS60781 LeaseWeb B.V., AS7 held in NL\n"},
        {"AS60781 held in CH; parent Kaspersky, RU, by catalogue", "Kaspersky AG", "Kaspersky",
         "AS60781 Kaspersky AG, held in CH; parent Kaspersky, RU, by catalogue\n"},
        {"AS60781: parent X, RU, by catalogue", "Y", "X", "AS60781 Y: parent X, RU, by catalogue\n"},
        {"AS60781", "Y", NULL, "AS60781 Y\n"},
        {"AS607812 held in NL", "Y", NULL, "AS607812 held in NL  AS60781 Y\n"},
        {"2 of 2 providers", "Y", "X", "2 of 2 providers  AS60781 Y; parent X RU\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sighting s;
        sample_plain_web(&s);
        s.jurisdiction.operator_facts = (struct operator_facts){
            .asn = {60781}, .asn_count = 1, .name = rows[i].name, .parent = rows[i].parent, .parent_country = {"RU"}};
        snprintf(s.jurisdiction.axes[AXIS_OPERATOR].reason, AXIS_REASON_MAX, "%s", rows[i].reason);
        char *text = lookup_text(&s);
        assert_has(text, rows[i].line);
        free(text);
    }
}

static void a_table_of_origins_answers_with_as_numbers(void **state)
{
    (void)state;
    struct sighting s;
    sample_plain_web(&s);
    struct axis_judgement *axis = &s.jurisdiction.axes[AXIS_OPERATOR];
    s.jurisdiction.operator_facts = (struct operator_facts){.asn = {15169, 7}, .asn_count = 2};
    axis->source_count = 2;
    axis->sources[0] =
        (struct axis_source){.database = "ip-location-db ASN", .edition = "2026-06-17", .detail = "origin AS"};
    axis->sources[1] = (struct axis_source){.database = "iptoasn country", .detail = "country of the AS's holder"};

    char *text = lookup_text(&s);

    assert_has(text, "source      operator AS15169, AS7 by ip-location-db ASN 2026-06-17: origin AS\n");
    assert_has(text, "source      operator no answer by iptoasn country: country of the AS's holder\n");
    assert_int_equal(times_in(text, "no answer"), 1);
    free(text);
}

static void every_loss_is_named_and_no_plain_statistic(void **state)
{
    (void)state;
    static const struct counter few[] = {{"source", "packets", 15},    {"source", "packets_captured_short", 3},
                                         {"flow", "created", 9},       {"flow", "closed_early_for_room", 4},
                                         {"inspect", "flows_tls", 9},  {"inspect", "blocks_exhausted", 0},
                                         {"flow", "ended_evicted", 2}, {"new_module", "what_nobody_knows", 1}};

    char *text = summary_text(&(struct summary_record){.counter_count = 8, .counters = few});

    assert_has(text, "\ncounted: source: packets_captured_short 3\n"
                     "counted: flow: closed_early_for_room 4, ended_evicted 2\n"
                     "counted: new_module: what_nobody_knows 1\n");
    assert_int_equal(times_in(text, "counted: "), 3);
    free(text);
}

static void a_notice_is_said_once(void **state)
{
    (void)state;
    static const char *const databases[] = {"ASN 2026: A", "DB 2026: B", "ASN 2026: A"};

    char *text = summary_text(&(struct summary_record){.database_count = 3, .databases = databases});

    assert_has(text, "\ndata: ASN 2026: A\ndata: DB 2026: B\n");
    assert_int_equal(times_in(text, "data: "), 2);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_trip_is_one_line_of_a_finding),
        cmocka_unit_test(the_summary_says_what_round_trips_exclude),
        cmocka_unit_test(the_operator_line_says_each_thing_once),
        cmocka_unit_test(every_loss_is_named_and_no_plain_statistic),
        cmocka_unit_test(a_notice_is_said_once),
        cmocka_unit_test(a_table_of_origins_answers_with_as_numbers),
    };
    return cmocka_run_group_tests_name("alerts/text", tests, NULL, NULL);
}
