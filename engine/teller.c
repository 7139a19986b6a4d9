#include "engine/teller_internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alerts/finding_json.h"
#include "engine/data_internal.h"
#include "store/store.h"

/* Of packet time, and no more often than that by the clock: a file is read faster than it was captured. */
static const int64_t save_ns = 3 * NS_PER_SEC, pace_ns = NS_PER_SEC;

struct teller {
    struct engine_options options;
    struct store *store;
    struct ledger *ledger;
    struct json_writer json;
    struct packet_time next;
    int64_t saved_at_ns; /* by the clock */
    enum severity worst;
    struct latency_sample latency;
    uint64_t restored, without_product, refused, told_again;
};

struct teller *teller_new(const struct engine_options *options)
{
    struct teller *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return NULL;
    t->options = *options;
    t->store = options->store;
    json_init(&t->json);
    return t;
}

void teller_free(struct teller *t)
{
    if (t == NULL)
        return;
    json_clear(&t->json);
    free(t);
}

enum severity teller_worst(const struct teller *t)
{
    return t->worst;
}

struct latency_sample teller_latency(const struct teller *t)
{
    return t->latency;
}

void teller_count(const struct teller *t, counter_visit *visit, void *context)
{
    if (t->store == NULL)
        return;
    visit(context, &(struct counter){"store", "findings_restored", t->restored});
    visit(context, &(struct counter){"store", "findings_of_unknown_products", t->without_product});
    visit(context, &(struct counter){"store", "findings_refused", t->refused});
    visit(context, &(struct counter){"store", "records_told_again", t->told_again});
    store_count(t->store, visit, context);
}

/* ---- restoring ---- */

static void restore_one(void *context, const struct kept_finding *kept)
{
    struct teller *t = context;
    const struct product *product = NULL;
    if (kept->product != NULL && (product = catalog_find_product(t->options.catalog, kept->product)) == NULL) {
        t->without_product++; /* it stays in the store */
        return;
    }
    if (ledger_restore(t->ledger, kept, product) == STATUS_OK)
        t->restored++;
    else
        t->refused++;
}

static void accept_one(void *context, const char *finding, const struct acceptance *accepted)
{
    struct teller *t = context;
    ledger_accept(t->ledger, finding, accepted);
}

static void take_exceptions(struct teller *t)
{
    ledger_clear_accepted(t->ledger);
    store_load_exceptions(t->store, accept_one, t);
}

static void note_severity(struct teller *t, enum severity severity, const struct acceptance *accepted)
{
    bool is_accepted = accepted != NULL && !accepted->is_expired;
    if (!is_accepted && severity > t->worst)
        t->worst = severity;
}

static void tell_record(void *context, const struct store_record *record)
{
    struct teller *t = context;
    const struct kept_record kept = {.json = record->json,
                                     .event_id = record->event_id,
                                     .summary = record->summary,
                                     .severity = record->severity,
                                     .accepted = record->accepted};
    note_severity(t, kept.severity, kept.accepted);
    for (size_t i = 0; i < t->options.feed_count; i++)
        feed_kept(t->options.feeds[i], &kept);
}

static void tell_again(void *context, const struct store_record *record)
{
    struct teller *t = context;
    t->told_again++;
    tell_record(t, record);
}

void teller_begin(struct teller *t, struct ledger *ledger)
{
    t->ledger = ledger;
    if (t->store == NULL)
        return;
    store_load(t->store, restore_one, t);
    store_has_changed(t->store);
    take_exceptions(t);
    store_load_untold(t->store, tell_again, t);
}

static void restore_missing(void *context, const struct kept_finding *kept)
{
    struct teller *t = context;
    const struct product *product =
        kept->product != NULL ? catalog_find_product(t->options.catalog, kept->product) : NULL;
    if (product == NULL || ledger_restore(t->ledger, kept, product) != STATUS_OK) /* most are there already */
        return;
    t->without_product -= t->without_product > 0;
    t->restored++;
}

void teller_use(struct teller *t, const struct engine_data *data)
{
    options_use(&t->options, data);
    if (t->without_product == 0)
        return;
    store_load(t->store, restore_missing, t);
    take_exceptions(t);
}

/* ---- keeping ---- */

static bool put_news(struct teller *t, const struct kept_finding *kept, const struct finding *news)
{
    const struct product *product = news->sighting->attribution.product;
    json_reset(&t->json);
    finding_write_json(&t->json, news);
    const struct store_news told = {
        .action = news->action,
        .event_id = news->event_id,
        .summary = news->summary,
        .product_name = product ? product->name : NULL,
        .time = news->time,
        .json = {t->json.data, t->json.length},
    };
    bool is_over = news->accepted != NULL && news->accepted->is_expired;
    return !t->json.failed && store_put(t->store, kept, &told) && (!is_over || store_lapse(t->store, kept->id));
}

static bool keep_news(void *context, const struct kept_finding *kept, const struct finding *news)
{
    struct teller *t = context;
    if (!store_begin(t->store))
        return false;
    bool ok = put_news(t, kept, news);
    return store_commit(t->store) && ok;
}

static void tell_news(void *context, const struct finding *news)
{
    struct teller *t = context;
    note_severity(t, news->severity, news->accepted);
    for (size_t i = 0; i < t->options.feed_count; i++)
        feed_finding(t->options.feeds[i], news);
    /* What is told again says nothing of how fast it was seen. */
    if (t->options.wall_ns != NULL && (news->action == FINDING_OPENED || news->action == FINDING_ESCALATED))
        latency_note(&t->latency,
                     packet_time_between(news->time, (struct packet_time){t->options.wall_ns(t->options.context)}));
}

/* This run has no flow to show: the record is the last one, changed. */
static void tell_lapse(void *context, const struct kept_finding *kept, const struct acceptance *accepted)
{
    struct teller *t = context;
    if (!store_begin(t->store))
        return;
    json_reset(&t->json);
    acceptance_write_json(&t->json, accepted);
    bool ok = !t->json.failed &&
              store_put_lapsed(t->store, kept, kept->last_told, (struct text){t->json.data, t->json.length}) &&
              store_lapse(t->store, kept->id);
    if (store_commit(t->store) && ok)
        store_visit_record(t->store, kept->id, tell_record, t);
}

void teller_listen(struct teller *t, struct ledger_options *ret)
{
    ret->told = tell_news;
    ret->keep = t->store ? keep_news : NULL;
    ret->lapsed = t->store ? tell_lapse : NULL;
    ret->context = t;
}

static bool save_one(void *context, const struct kept_finding *kept)
{
    struct teller *t = context;
    return store_put(t->store, kept, NULL);
}

void teller_save(struct teller *t)
{
    if (t->store == NULL || !store_begin(t->store))
        return;
    ledger_save(t->ledger, save_one, t);
    store_commit(t->store);
}

/* Only the pace of writing hangs on it: no record does. */
static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

void teller_tick(struct teller *t, struct packet_time now)
{
    int64_t until = packet_time_between(now, t->next);
    if (t->store == NULL || (until > 0 && until <= save_ns))
        return;
    int64_t clock = clock_ns();
    if (clock - t->saved_at_ns < pace_ns)
        return;
    t->saved_at_ns = clock;
    t->next.ns = now.ns > INT64_MAX - save_ns ? INT64_MAX : now.ns + save_ns;
    teller_save(t);
    if (store_has_changed(t->store))
        take_exceptions(t);
}
