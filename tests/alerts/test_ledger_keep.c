#include "ledger.h"

#include "sample.h"
#include "test.h"

enum { KEPT_MAX = 32, DAY_SEC = 86400 };

struct told {
    enum finding_action action;
    enum severity severity;
    char event_id[EVENT_ID_TEXT_SIZE], owner[64];
    struct finding_counters counters;
    bool is_accepted, is_expired;
};

static struct policy_set *policies;
static struct told told[KEPT_MAX];
static struct kept_finding kept[KEPT_MAX], lapsed;
static struct flag flags[KEPT_MAX][FLAGS_MAX];
static struct remote_seen remotes[KEPT_MAX][REMOTES_MAX];
static size_t told_count, kept_count, lapsed_count;
static bool refuses;
static struct ledger *ledger;

static void on_told(void *context, const struct finding *f)
{
    (void)context;
    assert_true(told_count < KEPT_MAX);
    struct told *t = &told[told_count++];
    *t = (struct told){f->action, f->severity, "", "", f->counters, f->accepted != NULL, false};
    memcpy(t->event_id, f->event_id, sizeof(t->event_id));
    if (f->accepted != NULL) {
        snprintf(t->owner, sizeof(t->owner), "%s", f->accepted->owner);
        t->is_expired = f->accepted->is_expired;
    }
}

/* Copies what is borrowed; rules and policies are constant while the policies are loaded. */
static bool on_saved(void *context, const struct kept_finding *k)
{
    (void)context;
    if (refuses)
        return false;
    assert_true(kept_count < KEPT_MAX);
    size_t at = kept_count++;
    kept[at] = *k;
    memcpy(flags[at], k->flags, k->flag_count * sizeof(flags[0][0]));
    memcpy(remotes[at], k->remotes, k->remote_count * sizeof(remotes[0][0]));
    kept[at].flags = flags[at];
    kept[at].remotes = remotes[at];
    return true;
}

static bool on_keep(void *context, const struct kept_finding *k, const struct finding *news)
{
    assert_string_equal(k->id, news->id);
    return on_saved(context, k);
}

static void on_lapsed(void *context, const struct kept_finding *k, const struct acceptance *accepted)
{
    (void)context;
    assert_true(accepted->is_expired);
    lapsed = *k;
    lapsed_count++;
}

static void start(void)
{
    ledger_free(ledger);
    told_count = kept_count = lapsed_count = 0;
    refuses = false;
    assert_int_equal(
        ledger_new(
            &(struct ledger_options){.policies = policies, .findings_max = 3, .told = on_told, .lapsed = on_lapsed},
            &ledger),
        STATUS_OK);
}

static uint32_t see(struct sighting *s)
{
    sample_judge(s, policies);
    return ledger_sight(ledger, s, 0, NULL);
}

/* A run that saw the sample, and after it the run that is tested. */
static void restart_after(struct sighting *s)
{
    start();
    see(s);
    ledger_save(ledger, on_saved, NULL);
    assert_int_equal(kept_count, 1);
    struct ledger *before = ledger;
    ledger = NULL;
    size_t count = kept_count;
    start();
    kept_count = count;
    assert_int_equal(ledger_restore(ledger, &kept[0], s->attribution.product), STATUS_OK);
    ledger_free(before);
}

static int set_up(void **state)
{
    (void)state;
    policies = sample_policies(NULL, 0, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ledger_free(ledger);
    policy_set_free(policies);
    return 0;
}

static void what_was_told_is_not_opened_again(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    restart_after(&s);

    see(&s);
    ledger_close_run(ledger, s.time);

    assert_int_equal(told_count, 1);
    assert_int_equal(told[0].action, FINDING_UPDATED);
    assert_string_equal(told[0].event_id + 18, "-2");
    assert_int_equal(told[0].counters.flows, 2);
    assert_int_equal(told[0].counters.remotes, 1);
    assert_int_equal(told[0].counters.volume.bytes_out, 1600);
}

static void what_this_run_did_not_see_says_nothing(void **state)
{
    (void)state;
    struct sighting s;
    uint64_t counts[SEVERITY_COUNT];
    sample_kaspersky_update(&s);
    restart_after(&s);

    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + 3 * DAY_SEC * NS_PER_SEC});
    ledger_close_run(ledger, s.time);
    ledger_findings_by_severity(ledger, counts);

    assert_int_equal(told_count, 0);
    assert_int_equal(counts[SEVERITY_CRITICAL], 0);
}

static void severity_and_flags_do_not_fall_by_a_restart(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    restart_after(&s);
    s.exposure.class_ = EXPOSURE_HARVESTABLE; /* high */
    s.flow.counters.bytes_out = 1;

    see(&s);
    ledger_close_run(ledger, s.time);

    assert_int_equal(told_count, 1);
    assert_int_equal(told[0].action, FINDING_UPDATED);
    assert_int_equal(told[0].severity, SEVERITY_CRITICAL);
}

static void it_escalates_above_what_was_told(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    s.exposure.class_ = EXPOSURE_HARVESTABLE;
    restart_after(&s);
    s.exposure.class_ = EXPOSURE_CLEARTEXT;

    see(&s);

    assert_int_equal(told_count, 1);
    assert_int_equal(told[0].action, FINDING_ESCALATED);
    assert_int_equal(told[0].severity, SEVERITY_CRITICAL);
    assert_string_equal(told[0].event_id + 18, "-2");
}

static void a_save_gives_what_changed_once(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    start();
    uint32_t serial = see(&s);

    refuses = true;
    ledger_save(ledger, on_saved, NULL);
    refuses = false;
    ledger_save(ledger, on_saved, NULL);
    ledger_save(ledger, on_saved, NULL);
    assert_int_equal(kept_count, 1);
    ledger_add_volume(ledger, serial, &(struct flow_counters){1, 1, 100, 100}, s.time);
    ledger_save(ledger, on_saved, NULL);

    assert_int_equal(kept_count, 2);
    assert_int_equal(kept[1].counters.volume.bytes_out, 900);
    assert_int_equal(kept[1].revision, 1);
    assert_true(kept[1].is_told);
    assert_string_equal(kept[1].product, "kaspersky");
    assert_int_equal(kept[1].remote_count, 1);
}

static void what_is_told_is_kept_before(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    start();
    ledger_free(ledger);
    ledger_new(&(struct ledger_options){.policies = policies, .told = on_told, .keep = on_keep}, &ledger);

    see(&s);
    ledger_save(ledger, on_saved, NULL); /* it is kept already */

    assert_int_equal(kept_count, 1);
    assert_int_equal(told_count, 1);
}

static void a_closed_finding_keeps_its_numbering_only(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    restart_after(&s);
    kept[0].is_told = false;
    kept[0].revision = 7;
    start();
    assert_int_equal(ledger_restore(ledger, &kept[0], &sample_kaspersky_any), STATUS_OK);

    see(&s);

    assert_int_equal(told[0].action, FINDING_OPENED);
    assert_string_equal(told[0].event_id + 18, "-8");
    assert_int_equal(told[0].counters.flows, 1);
}

static void remotes_are_not_counted_twice(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    restart_after(&s);
    kept[0].counters.remotes = 300;
    start();
    assert_int_equal(ledger_restore(ledger, &kept[0], &sample_kaspersky_any), STATUS_OK);

    see(&s);
    sample_set_remote(&s, "94.75.236.124");
    see(&s);
    ledger_close_run(ledger, s.time);

    assert_int_equal(told[told_count - 1].counters.remotes, 300);
}

static void what_contradicts_itself_is_refused(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    restart_after(&s);
    struct kept_finding k = kept[0];

    assert_int_equal(ledger_restore(ledger, &k, &sample_kaspersky_any), STATUS_INVALID); /* is there already */
    ip_parse("10.0.0.1", &k.host);
    k.revision = 0;
    assert_int_equal(ledger_restore(ledger, &k, &sample_kaspersky_any), STATUS_INVALID);
    k.revision = 1;
    k.remote_count = REMOTES_MAX + 1;
    assert_int_equal(ledger_restore(ledger, &k, &sample_kaspersky_any), STATUS_INVALID);
    k.remote_count = 1;
    k.severity = SEVERITY_COUNT;
    assert_int_equal(ledger_restore(ledger, &k, &sample_kaspersky_any), STATUS_INVALID);
    k.severity = SEVERITY_HIGH;
    k.product = k.target = NULL;
    assert_int_equal(ledger_restore(ledger, &k, NULL), STATUS_INVALID);
}

static void a_full_table_takes_no_more_back(void **state)
{
    (void)state;
    struct sighting s;
    sample_kaspersky_update(&s);
    restart_after(&s);
    enum status status = STATUS_OK;

    for (uint8_t i = 1; i <= 3; i++) {
        kept[0].host = ip_from_v4((const uint8_t[]){10, 0, 0, i});
        status = ledger_restore(ledger, &kept[0], &sample_kaspersky_any);
    }

    assert_int_equal(status, STATUS_UNSUPPORTED);
}

/* ---- exceptions ---- */

static struct acceptance until(int64_t sec)
{
    return (struct acceptance){
        "it-security", "agent goes in March", "2018-08-09", {SAMPLE_TIME_NS + sec * NS_PER_SEC}, false};
}

static void an_accepted_finding_says_so(void **state)
{
    (void)state;
    struct sighting s;
    struct acceptance a = until(DAY_SEC);
    sample_kaspersky_update(&s);
    restart_after(&s);
    ledger_accept(ledger, kept[0].id, &a);
    ledger_accept(ledger, "f-0000000000000000", &a);

    see(&s);
    ledger_close_run(ledger, s.time);

    assert_int_equal(told_count, 1);
    assert_true(told[0].is_accepted);
    assert_false(told[0].is_expired);
    assert_string_equal(told[0].owner, "it-security");
}

static void the_end_of_an_exception_is_told_once(void **state)
{
    (void)state;
    struct sighting s;
    struct acceptance a = until(10);
    sample_kaspersky_update(&s);
    restart_after(&s);
    ledger_accept(ledger, kept[0].id, &a);
    see(&s);

    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + 10 * NS_PER_SEC - 1});
    assert_int_equal(told_count, 0);
    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + 10 * NS_PER_SEC});
    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + 11 * NS_PER_SEC});
    see(&s);
    ledger_close_run(ledger, (struct packet_time){SAMPLE_TIME_NS + 12 * NS_PER_SEC});

    assert_int_equal(told_count, 2);
    assert_int_equal(told[0].action, FINDING_UPDATED);
    assert_true(told[0].is_expired);
    assert_false(told[1].is_accepted);
}

static void an_exception_of_a_finding_that_is_not_seen_lapses_too(void **state)
{
    (void)state;
    struct sighting s;
    struct acceptance a = until(10);
    sample_kaspersky_update(&s);
    restart_after(&s);
    ledger_accept(ledger, kept[0].id, &a);

    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + 11 * NS_PER_SEC});
    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + 12 * NS_PER_SEC});

    assert_int_equal(told_count, 0);
    assert_int_equal(lapsed_count, 1);
    assert_int_equal(lapsed.revision, 2);
}

static void a_withdrawn_exception_is_gone(void **state)
{
    (void)state;
    struct sighting s;
    struct acceptance a = until(10);
    sample_kaspersky_update(&s);
    restart_after(&s);
    ledger_accept(ledger, kept[0].id, &a);

    ledger_clear_accepted(ledger);
    see(&s);
    ledger_tick(ledger, (struct packet_time){SAMPLE_TIME_NS + 11 * NS_PER_SEC});
    ledger_close_run(ledger, s.time);

    assert_int_equal(told_count, 1);
    assert_false(told[0].is_accepted);
    assert_int_equal(lapsed_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_told_is_not_opened_again),
        cmocka_unit_test(what_this_run_did_not_see_says_nothing),
        cmocka_unit_test(severity_and_flags_do_not_fall_by_a_restart),
        cmocka_unit_test(it_escalates_above_what_was_told),
        cmocka_unit_test(a_save_gives_what_changed_once),
        cmocka_unit_test(what_is_told_is_kept_before),
        cmocka_unit_test(a_closed_finding_keeps_its_numbering_only),
        cmocka_unit_test(remotes_are_not_counted_twice),
        cmocka_unit_test(what_contradicts_itself_is_refused),
        cmocka_unit_test(a_full_table_takes_no_more_back),
        cmocka_unit_test(an_accepted_finding_says_so),
        cmocka_unit_test(the_end_of_an_exception_is_told_once),
        cmocka_unit_test(an_exception_of_a_finding_that_is_not_seen_lapses_too),
        cmocka_unit_test(a_withdrawn_exception_is_gone),
    };
    return cmocka_run_group_tests_name("alerts/ledger_keep", tests, set_up, tear_down);
}
