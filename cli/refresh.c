#include "cli/refresh.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "cli/file_watch.h"
#include "cli/newer.h"

static atomic_bool reload_asked; /* lock-free, so that a signal may set it on any thread */

static void on_hangup(int number)
{
    (void)number;
    atomic_store(&reload_asked, true);
}

/* Who may touch newer: the thread in the stages of a thread, the engine while it is offered, else refresh_look(), which
 * alone changes what is loaded. */
enum stage {
    STAGE_IDLE,
    STAGE_LOADING, /* a thread is there */
    STAGE_LOADED,  /* it has ended */
    STAGE_OFFERED, /* to the engine */
    STAGE_EXCHANGED,
    STAGE_CLEARING, /* a thread is there */
    STAGE_CLEARED,  /* it has ended */
};

struct refresh {
    const struct options *options;
    struct loaded *loaded;
    struct engine *engine;
    struct feed *const *feeds;
    size_t feed_count;
    atomic_int stage; /* enum stage */
    pthread_t thread;
    struct newer newer;
    enum status status; /* of the exchange */
    struct file_watch watches[DATA_KINDS];
    char *watched[6]; /* owned: paths within the catalogue */
    time_t looked;
    bool wants_all;          /* asked for, while something else was going on */
    atomic_bool wants_feeds; /* to be opened anew */
};

/* ---- what changes ---- */

static char *path_below(struct refresh *r, size_t at, const char *name)
{
    if (asprintf(&r->watched[at], "%s/%s", catalog_directory(r->options), name) < 0)
        r->watched[at] = NULL;
    return r->watched[at];
}

static void watch_files(struct refresh *r)
{
    static const struct {
        enum data_kind kind;
        const char *name;
    } rows[] = {
        {DATA_CATALOG, "products"},        {DATA_CATALOG, "authorities.yaml"},
        {DATA_CATALOG, "web-labels.yaml"}, {DATA_POLICIES, "jurisdictions"},
        {DATA_POLICIES, "severity.yaml"},  {DATA_GEO, "operators.yaml"}, /* the others: geo_live_has_changed() */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        file_watch_add(&r->watches[rows[i].kind], path_below(r, i, rows[i].name));
    for (size_t i = 0; i < r->options->policies.count; i++)
        file_watch_add(&r->watches[DATA_POLICIES], r->options->policies.items[i]);
    for (size_t i = 0; i < r->options->paths.count; i++)
        file_watch_add(&r->watches[DATA_PATHS], r->options->paths.items[i]);
    for (unsigned kind = 0; kind < DATA_KINDS; kind++)
        file_watch_load(&r->watches[kind]);
}

/* @return whether anything is wanted. */
static bool look_at_files(struct refresh *r)
{
    time_t now = time(NULL);
    bool ret = false;
    if (now == r->looked)
        return false;
    r->looked = now;
    for (unsigned kind = 0; kind < DATA_KINDS; kind++)
        r->newer.wanted[kind] = file_watch_has_changed(&r->watches[kind]);
    r->newer.wanted[DATA_GEO] |= geo_live_has_changed(r->loaded->live, (int64_t)now);
    for (unsigned kind = 0; kind < DATA_KINDS; kind++)
        ret |= r->newer.wanted[kind];
    return ret;
}

/* ---- threads beside the run ---- */

static void *load(void *context)
{
    struct refresh *r = context;
    newer_load(&r->newer, r->options, r->loaded);
    atomic_store(&r->stage, STAGE_LOADED);
    return NULL;
}

static void *clear(void *context)
{
    struct refresh *r = context;
    newer_clear(&r->newer, r->loaded->live);
    atomic_store(&r->stage, STAGE_CLEARED);
    return NULL;
}

static bool start_thread(struct refresh *r, enum stage stage, void *(*work)(void *context))
{
    atomic_store(&r->stage, stage);
    if (pthread_create(&r->thread, NULL, work, r) == 0)
        return true;
    atomic_store(&r->stage, STAGE_IDLE);
    return false;
}

static void begin(struct refresh *r)
{
    for (unsigned kind = 0; kind < DATA_KINDS; kind++)
        if (r->newer.wanted[kind])
            file_watch_load(&r->watches[kind]);
    if (!start_thread(r, STAGE_LOADING, load))
        complain("nothing can be loaded anew: no thread for it");
}

/* Without a thread it is done here. */
static void give_back(struct refresh *r)
{
    if (!start_thread(r, STAGE_CLEARING, clear))
        newer_clear(&r->newer, r->loaded->live);
}

/* ---- the exchange, on a thread of the engine ---- */

static void reopen_feeds(struct refresh *r)
{
    for (size_t i = 0; i < r->feed_count; i++) {
        struct error error;
        if (feed_reopen(r->feeds[i], &error) != STATUS_OK)
            complain("%s", error.text);
    }
}

static void at_rest(void *context)
{
    struct refresh *r = context;
    if (atomic_exchange(&r->wants_feeds, false))
        reopen_feeds(r);
    if (atomic_load(&r->stage) != STAGE_OFFERED)
        return;
    struct engine_data data = newer_data(&r->newer, r->loaded);
    r->status = engine_replace(r->engine, &data);
    atomic_store(&r->stage, STAGE_EXCHANGED);
}

/* ---- the steps ---- */

static void end_exchange(struct refresh *r)
{
    if (r->status != STATUS_OK) {
        complain("no memory to exchange what was loaded anew: all that is loaded stays");
        return;
    }
    newer_exchange(&r->newer, r->loaded);
    if (!r->options->quiet)
        newer_say_taken(&r->newer, r->loaded);
}

static void step(struct refresh *r)
{
    switch ((enum stage)atomic_load(&r->stage)) {
    case STAGE_IDLE:
        if (look_at_files(r))
            begin(r);
        return;
    case STAGE_LOADED:
        pthread_join(r->thread, NULL);
        newer_say_refused(&r->newer);
        atomic_store(&r->stage, newer_is_empty(&r->newer) ? STAGE_IDLE : STAGE_OFFERED);
        return;
    case STAGE_EXCHANGED:
        end_exchange(r);
        give_back(r);
        return;
    case STAGE_CLEARED:
        pthread_join(r->thread, NULL);
        atomic_store(&r->stage, STAGE_IDLE);
        return;
    case STAGE_LOADING:
    case STAGE_OFFERED:
    case STAGE_CLEARING:
        return;
    }
}

void refresh_look(struct refresh *r)
{
    step(r);
    if (atomic_exchange(&reload_asked, false)) {
        atomic_store(&r->wants_feeds, true);
        r->wants_all = true;
    }
    if (r->wants_all && atomic_load(&r->stage) == STAGE_IDLE) {
        r->wants_all = false;
        for (unsigned kind = 0; kind < DATA_KINDS; kind++)
            r->newer.wanted[kind] = kind != DATA_PATHS || r->options->paths.count > 0;
        begin(r);
    }
    if (atomic_load(&r->wants_feeds) || atomic_load(&r->stage) == STAGE_OFFERED)
        engine_at_rest(r->engine, at_rest, r); /* one that waits already will do */
}

/* ---- life ---- */

struct refresh *refresh_new(const struct options *options, struct loaded *loaded, struct engine *engine,
                            struct feed *const *feeds, size_t feed_count)
{
    struct refresh *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return NULL;
    r->options = options;
    r->loaded = loaded;
    r->engine = engine;
    r->feeds = feeds;
    r->feed_count = feed_count;
    watch_files(r);
    struct sigaction action = {.sa_handler = on_hangup, .sa_flags = SA_RESTART};
    sigaction(SIGHUP, &action, NULL);
    return r;
}

bool refresh_is_loading(const struct refresh *r)
{
    return atomic_load(&r->stage) != STAGE_IDLE;
}

void refresh_free(struct refresh *r)
{
    if (r == NULL)
        return;
    enum stage stage = (enum stage)atomic_load(&r->stage);
    if (stage == STAGE_LOADING || stage == STAGE_LOADED || stage == STAGE_CLEARING || stage == STAGE_CLEARED)
        pthread_join(r->thread, NULL);
    if (stage == STAGE_LOADING || stage == STAGE_LOADED)
        newer_say_refused(&r->newer);
    if (stage == STAGE_EXCHANGED)
        end_exchange(r);
    newer_clear(&r->newer, r->loaded->live);
    for (size_t i = 0; i < sizeof(r->watched) / sizeof(r->watched[0]); i++)
        free(r->watched[i]);
    free(r);
}
