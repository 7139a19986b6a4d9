/*
 * `watch`: packets go through the engine on threads of their own; this one has the signals, says what happens to the
 * interfaces, and looks after newer data. So nothing that may wait, for a terminal or a disk, stands in a packet's way.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/metrics_server.h"
#include "cli/outside.h"
#include "cli/refresh.h"
#include "cli/run_store.h"
#include "cli/watch_rights.h"
#include "cli/watch_status.h"
#include "notify.h"

enum {
    FEEDS_MAX = LIST_MAX + 1,
    TURN_MS = 200, /* from one look around to the next; a signal does not wait for it */
    STUCK_SEC = 3, /* the pipeline gives counts every second: when none came for so long, something holds it up */
};

struct watch {
    const struct options *options;
    const struct loaded *loaded;
    struct live *live;
    struct engine *engine;
    struct refresh *refresh;
    struct run_store store;
    struct notify notify;
    struct metrics_server *server; /* NULL: none wanted */
    struct outside *outside;
    struct run_sample samples[2], asked; /* taken in turn; what the next one begins with */
    unsigned newest;
    int64_t started_ns, sampled_ns, between_ns, asked_ns; /* monotonic */
    bool is_status_wanted, is_reloading, is_stopping;
    struct interface_counts said[LIVE_INTERFACES_MAX]; /* what was last told of them */
    enum status status;
    atomic_bool is_ended;
};

static void *run_engine(void *context)
{
    struct watch *w = context;
    w->status = engine_watch(w->engine, w->live);
    atomic_store(&w->is_ended, true);
    return NULL;
}

static void say_interface(const struct interface_counts *before, const struct interface_counts *now)
{
    if (now->times_gone != before->times_gone && now->state != INTERFACE_GONE)
        complain("%s vanished and came back: listening to the new one", now->name);
    else if (now->state == before->state)
        return;
    else if (now->state == INTERFACE_GONE)
        complain("%s vanished: waiting for it", now->name);
    else if (now->state == INTERFACE_DOWN)
        complain("%s is down, or has no carrier: waiting for it", now->name);
    else
        complain("%s is %s", now->name, before->state == INTERFACE_GONE ? "back: listening to it" : "up again");
}

static void say_interfaces(struct watch *w)
{
    struct interface_counts now[LIVE_INTERFACES_MAX];
    size_t count = live_interfaces(w->live, now, LIVE_INTERFACES_MAX);
    for (size_t i = 0; i < count; i++) {
        say_interface(&w->said[i], &now[i]);
        w->said[i] = now[i];
    }
}

static int64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * NS_PER_SEC + t.tv_nsec;
}

/* ---- status ---- */

static void describe_editions(const struct watch *w, char *ret, size_t size)
{
    const struct geo *geo = geo_live_hold(w->loaded->live);
    const struct geo_database *databases;
    size_t count = geo_databases(geo, &databases);
    size_t length = (size_t)snprintf(ret, size, "catalogue %s", catalog_edition(w->loaded->catalog));
    for (size_t i = 0; i < count && length < size; i++) {
        bool is_repeated = i > 0 && strcmp(databases[i].name, databases[i - 1].name) == 0; /* in several files */
        if (!is_repeated && strcmp(databases[i].role, "parent") != 0)                      /* the catalogue's own */
            length += (size_t)snprintf(ret + length, size - length, ", %s %s", databases[i].name,
                                       databases[i].edition ? databases[i].edition : "of unknown edition");
    }
    geo_live_release(w->loaded->live, geo);
}

static struct watch_status status_of(const struct watch *w, const char *editions)
{
    return (struct watch_status){
        .interfaces = w->said,
        .interface_count = live_interfaces(w->live, NULL, 0),
        .before = &w->samples[!w->newest],
        .now = &w->samples[w->newest],
        .between_ns = w->between_ns,
        .up_sec = (monotonic_ns() - w->started_ns) / NS_PER_SEC,
        .editions = editions,
    };
}

static void say_status(struct watch *w)
{
    char editions[1024], text[STATUS_PARAGRAPH_SIZE];
    int64_t still_ns = monotonic_ns() - w->sampled_ns;
    describe_editions(w, editions, sizeof(editions));
    struct watch_status status = status_of(w, editions);
    status_paragraph(&status, text);
    if (still_ns >= STUCK_SEC * NS_PER_SEC)
        complain("%s; nothing has moved for %lld s", text, (long long)(still_ns / NS_PER_SEC));
    else
        complain("%s", text);
    w->is_status_wanted = false;
}

/* Counts came out of the pipeline, so it is alive: the manager may know. */
static void use_sample(struct watch *w, int64_t now_ns)
{
    char line[STATUS_LINE_SIZE];
    w->newest = !w->newest;
    w->between_ns = now_ns - w->sampled_ns;
    w->sampled_ns = now_ns;
    if (w->server != NULL)
        metrics_server_publish(w->server, &w->samples[w->newest]);
    if (w->is_status_wanted)
        say_status(w);
    struct watch_status status = status_of(w, "");
    status_line(&status, line);
    notify_say(&w->notify, "WATCHDOG=1\nSTATUS=%s", line);
    if (!w->options->quiet && isatty(STDERR_FILENO))
        show_line(line);
}

/* Every second, or twice in the time the manager gives us. */
static void look_after_samples(struct watch *w)
{
    int64_t now_ns = monotonic_ns(), interval_ns = NS_PER_SEC;
    if (w->notify.watchdog_usec > 0 && w->notify.watchdog_usec * NS_PER_USEC / 2 < interval_ns)
        interval_ns = w->notify.watchdog_usec * NS_PER_USEC / 2;
    if (engine_take_sample(w->engine, &w->samples[!w->newest]))
        use_sample(w, now_ns);
    else if (w->is_status_wanted && now_ns - w->sampled_ns >= STUCK_SEC * NS_PER_SEC)
        say_status(w);
    if (w->is_status_wanted || now_ns - w->asked_ns >= interval_ns) {
        w->asked_ns = now_ns;
        outside_look(w->outside, &w->asked);
        engine_ask_sample(w->engine, &w->asked);
    }
}

static void look_after_reload(struct watch *w)
{
    refresh_look(w->refresh);
    bool is_loading = refresh_is_loading(w->refresh);
    if (is_loading && !w->is_reloading)
        notify_say(&w->notify, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)(monotonic_ns() / NS_PER_USEC));
    else if (!is_loading && w->is_reloading)
        notify_say(&w->notify, "READY=1");
    w->is_reloading = is_loading;
}

/* ---- life ---- */

/* The second signal ends us at once. */
static void stop(struct watch *w, int number)
{
    sigset_t set;
    signal(number, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    notify_say(&w->notify, "STOPPING=1");
    live_stop(w->live);
    w->is_stopping = true;
}

static void take_turns(struct watch *w, const sigset_t *signals)
{
    const struct timespec turn = {.tv_nsec = TURN_MS * 1000000L};
    while (!atomic_load(&w->is_ended)) {
        int number = sigtimedwait(signals, NULL, &turn);
        if (number == SIGINT || number == SIGTERM)
            stop(w, number);
        say_interfaces(w);
        run_store_say(&w->store);
        look_after_samples(w);
        w->is_status_wanted |= number == SIGUSR1; /* of counts from now on */
        if (!w->is_stopping)
            look_after_reload(w);
    }
    show_line("");
}

/* The threads of the engine take no signal: all are blocked while they begin. */
static int run(struct watch *w)
{
    pthread_t thread;
    sigset_t signals, all, hangup;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGUSR1);
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    if (pthread_create(&thread, NULL, run_engine, w) != 0) {
        complain("no thread for the engine");
        return EXIT_FAILED;
    }
    pthread_sigmask(SIG_UNBLOCK, &hangup, NULL);
    notify_say(&w->notify, "READY=1");
    take_turns(w, &signals);
    pthread_join(thread, NULL);
    if (w->status == STATUS_NO_MEMORY)
        complain("out of memory: the summary is missing or not whole");
    if (w->status != STATUS_OK)
        return EXIT_FAILED;
    bool is_severe = w->options->fail_on != SEVERITY_NONE && engine_worst(w->engine) >= w->options->fail_on;
    return is_severe ? EXIT_FINDING : EXIT_DONE;
}

/* All is open, and no thread runs yet. */
static int give_up_rights_and_run(struct watch *w, struct loaded *loaded, struct feed *const *feeds, size_t count)
{
    struct error error;
    int ret = watch_rights_drop(w->options, feeds, count);
    if (ret != EXIT_DONE)
        return ret;
    if (w->server != NULL && metrics_server_start(w->server, &error) != STATUS_OK) {
        complain("%s", error.text);
        return EXIT_FAILED;
    }
    w->refresh =
        refresh_new(w->options, loaded, w->engine, feeds, count); /* of files as they can be seen from now on */
    if (w->refresh == NULL) {
        complain("out of memory");
        return EXIT_FAILED;
    }
    return run(w);
}

static int watch(struct options *options, struct loaded *loaded, struct live *live, struct metrics_server *server,
                 struct feed **feeds, size_t count)
{
    static struct watch w; /* has samples in it */
    struct engine_options eo = engine_options_of(options, loaded);
    struct error error;
    int ret = EXIT_FAILED;
    w = (struct watch){
        .options = options, .loaded = loaded, .live = live, .server = server, .outside = outside_new(live)};
    w.started_ns = w.sampled_ns = monotonic_ns();
    notify_open(&w.notify);
    eo.feeds = feeds;
    eo.feed_count = count;
    eo.tells_health = true;
    eo.wall_ns = outside_wall_ns;
    run_store_open(options, &w.store);
    run_store_begin(&w.store, options);
    eo.store = w.store.store;
    live_interfaces(live, w.said, LIVE_INTERFACES_MAX);
    if (w.outside == NULL)
        complain("out of memory");
    else if (engine_new(&eo, &w.engine, &error) != STATUS_OK)
        complain("%s", error.text);
    else
        ret = give_up_rights_and_run(&w, loaded, feeds, count);
    if (w.engine != NULL && options->verbose > 0)
        engine_refusals(w.engine, say_refusal, NULL);
    engine_free(w.engine);
    refresh_free(w.refresh);
    outside_free(w.outside);
    notify_close(&w.notify);
    return run_store_close(&w.store, true) ? ret : EXIT_FAILED;
}

static int said(enum status status, const struct error *error)
{
    if (status == STATUS_OK)
        return EXIT_DONE;
    complain("%s", error->text);
    return status == STATUS_INVALID ? EXIT_USAGE : EXIT_FAILED;
}

static int check(const struct options *options, const struct live_options *wanted)
{
    struct feed *feeds[FEEDS_MAX];
    size_t feed_count;
    struct error error;
    int ret = said(live_check(wanted, &error), &error);
    if (ret == EXIT_DONE && options->metrics != NULL)
        ret = said(metrics_server_check(options->metrics, &error), &error);
    if (ret == EXIT_DONE)
        ret = watch_rights_check(options);
    if (ret == EXIT_DONE)
        ret = open_feeds(options, feeds, FEEDS_MAX, &feed_count);
    if (ret != EXIT_DONE)
        return ret;
    if (!close_feeds(feeds, feed_count))
        return EXIT_FAILED;
    if (!options->quiet)
        puts("the configuration is good");
    return EXIT_DONE;
}

static int open_and_watch(struct options *options, struct loaded *loaded, const struct live_options *wanted)
{
    struct feed *feeds[FEEDS_MAX];
    size_t feed_count;
    struct live *live;
    struct metrics_server *server = NULL;
    struct error error;
    int ret = said(live_open(wanted, &live, &error), &error);
    if (ret != EXIT_DONE)
        return ret;
    if (options->metrics != NULL)
        ret = said(metrics_server_open(options->metrics, &server, &error), &error);
    if (ret == EXIT_DONE)
        ret = open_feeds(options, feeds, FEEDS_MAX, &feed_count);
    if (ret == EXIT_DONE) {
        ret = watch(options, loaded, live, server, feeds, feed_count);
        if (!close_feeds(feeds, feed_count))
            ret = EXIT_FAILED;
    }
    metrics_server_close(server);
    live_close(live);
    return ret;
}

int cmd_watch(struct options *options)
{
    struct loaded loaded;
    const struct live_options wanted = {
        .interfaces = options->interfaces.items,
        .count = options->interfaces.count,
        .filter = options->filter,
        .ring_mib = (uint32_t)options->ring_mib,
    };
    if (options->argument_count > 0) {
        complain("watch takes no argument, '%s' is one; name interfaces with -i", options->arguments[0]);
        return EXIT_USAGE;
    }
    int ret = load_all(options, &loaded);
    if (ret != EXIT_DONE)
        return ret;
    ret = options->check ? check(options, &wanted) : open_and_watch(options, &loaded, &wanted);
    unload_all(&loaded);
    return ret;
}
