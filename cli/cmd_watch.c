/*
 * `watch`: packets go through the engine on threads of their own; this one has the signals, says what happens to the
 * interfaces, and looks after databases. So nothing that may wait, for a terminal or a disk, stands in a packet's way.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/refresh.h"

enum {
    FEEDS_MAX = LIST_MAX + 1,
    TURN_MS = 200, /* from one look around to the next; a signal does not wait for it */
};

struct watch {
    const struct options *options;
    struct live *live;
    struct engine *engine;
    struct refresh *refresh;
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

/* The second signal ends us at once. */
static void stop(struct watch *w, int number)
{
    sigset_t set;
    signal(number, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    live_stop(w->live);
}

static void take_turns(struct watch *w, const sigset_t *signals)
{
    const struct timespec turn = {.tv_nsec = TURN_MS * 1000000L};
    while (!atomic_load(&w->is_ended)) {
        int number = sigtimedwait(signals, NULL, &turn);
        if (number == SIGINT || number == SIGTERM)
            stop(w, number);
        say_interfaces(w);
        refresh_look(w->refresh);
    }
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
    take_turns(w, &signals);
    pthread_join(thread, NULL);
    if (w->status == STATUS_NO_MEMORY)
        complain("out of memory: the summary is missing or not whole");
    if (w->status != STATUS_OK)
        return EXIT_FAILED;
    bool is_severe = w->options->fail_on != SEVERITY_NONE && engine_worst(w->engine) >= w->options->fail_on;
    return is_severe ? EXIT_FINDING : EXIT_DONE;
}

static int watch(struct options *options, struct loaded *loaded, struct live *live, struct feed **feeds, size_t count)
{
    struct watch w = {.options = options, .live = live, .refresh = refresh_new(options, loaded)};
    struct engine_options eo = engine_options_of(options, loaded);
    struct error error;
    int ret = EXIT_FAILED;
    eo.feeds = feeds;
    eo.feed_count = count;
    eo.live = loaded->live;
    if (w.refresh == NULL) {
        complain("out of memory");
        return EXIT_FAILED;
    }
    live_interfaces(live, w.said, LIVE_INTERFACES_MAX);
    if (engine_new(&eo, &w.engine, &error) != STATUS_OK) {
        complain("%s", error.text);
    } else {
        geo_live_release(loaded->live, loaded->geo); /* each batch holds its own */
        loaded->geo = NULL;
        ret = run(&w);
        if (options->verbose > 0)
            engine_refusals(w.engine, say_refusal, NULL);
    }
    refresh_free(w.refresh);
    engine_free(w.engine);
    return ret;
}

static int said(enum status status, const struct error *error)
{
    if (status == STATUS_OK)
        return EXIT_DONE;
    complain("%s", error->text);
    return status == STATUS_INVALID ? EXIT_USAGE : EXIT_FAILED;
}

static int check(const struct live_options *wanted)
{
    struct error error;
    int ret = said(live_check(wanted, &error), &error);
    if (ret == EXIT_DONE)
        puts("the configuration is good");
    return ret;
}

static int open_and_watch(struct options *options, struct loaded *loaded, const struct live_options *wanted)
{
    struct feed *feeds[FEEDS_MAX];
    size_t feed_count;
    struct live *live;
    struct error error;
    int ret = said(live_open(wanted, &live, &error), &error);
    if (ret != EXIT_DONE)
        return ret;
    ret = open_feeds(options, feeds, FEEDS_MAX, &feed_count);
    if (ret == EXIT_DONE) {
        ret = watch(options, loaded, live, feeds, feed_count);
        if (!close_feeds(feeds, feed_count))
            ret = EXIT_FAILED;
    }
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
    ret = options->check ? check(&wanted) : open_and_watch(options, &loaded, &wanted);
    unload_all(&loaded);
    return ret;
}
