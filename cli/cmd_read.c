#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/refresh.h"
#include "cli/run_store.h"

enum { FEEDS_MAX = LIST_MAX + 1 };

/* Nobody waits at a file: a finding is told once its evidence has settled. */
static const int64_t settle_file_ns = 5 * NS_PER_SEC;

static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

struct run {
    const struct options *options;
    struct refresh *refresh;
    time_t started, last_shown;
    bool is_shown;
};

static void show_progress(void *context, const struct source *source, uint64_t packets)
{
    struct run *run = context;
    time_t now = time(NULL);
    uint64_t done, total;
    if (now == run->last_shown || now - run->started < 1)
        return;
    run->last_shown = now;
    run->is_shown = true;
    source_progress(source, &done, &total);
    if (total > 0)
        fprintf(stderr, "\rbordertap: %3u %%, %llu packets, %llu MB ", (unsigned)(done * 100 / total),
                (unsigned long long)packets, (unsigned long long)(done >> 20));
    else
        fprintf(stderr, "\rbordertap: %llu packets, %llu MB ", (unsigned long long)packets,
                (unsigned long long)(done >> 20));
}

/* Asked between batches: the time to look after newer data, too. */
static bool should_stop(void *context)
{
    struct run *run = context;
    refresh_look(run->refresh);
    return stop_asked;
}

static void name_damages(const struct source *source)
{
    size_t count;
    const struct source_damage *damages = source_damages(source, &count);
    char place[SOURCE_PLACE_SIZE];
    for (size_t i = 0; i < count; i++)
        complain("%s%s %s", damages[i].file, source_damage_place(&damages[i], place), damages[i].text);
}

/* @param ret_whole whether the input was read to its end. */
static int read_all(struct options *options, struct loaded *loaded, struct source *source, struct store *store,
                    struct feed **feeds, size_t count, bool *ret_whole)
{
    struct run run = {.options = options, .started = time(NULL)};
    struct engine_options eo = engine_options_of(options, loaded);
    struct engine *engine;
    struct error error;
    eo.feeds = feeds;
    eo.feed_count = count;
    eo.store = store;
    eo.settle_ns = settle_file_ns;
    eo.context = &run;
    eo.should_stop = should_stop;
    eo.tells_health = options->health;
    if (!options->quiet && isatty(STDERR_FILENO))
        eo.progress = show_progress;
    if (engine_new(&eo, &engine, &error) != STATUS_OK) {
        complain("%s", error.text);
        return EXIT_FAILED;
    }
    run.refresh = refresh_new(options, loaded, engine, feeds, count);
    if (run.refresh == NULL) {
        complain("out of memory");
        engine_free(engine);
        return EXIT_FAILED;
    }
    enum status status = engine_read(engine, source);
    if (run.is_shown)
        fputs("\r\033[K", stderr);
    bool is_severe = options->fail_on != SEVERITY_NONE && engine_worst(engine) >= options->fail_on;
    if (status == STATUS_NO_MEMORY)
        complain("out of memory: the summary is missing or not whole");
    if (options->verbose > 0)
        engine_refusals(engine, say_refusal, NULL);
    engine_free(engine);
    refresh_free(run.refresh);
    name_damages(source);
    name_unread(source);
    if (stop_asked)
        complain("stopped by a signal: what was read until then is judged and told");
    *ret_whole = status != STATUS_NO_MEMORY && !stop_asked;
    if (status != STATUS_OK || stop_asked)
        return EXIT_FAILED;
    return is_severe ? EXIT_FINDING : EXIT_DONE;
}

int cmd_read(struct options *options)
{
    struct loaded loaded;
    struct source *source;
    struct run_store store;
    bool is_whole = false;
    struct feed *feeds[FEEDS_MAX];
    size_t feed_count;
    struct error error;
    if (options->argument_count == 0) {
        complain("read needs a capture file, a directory, or \"-\" for standard input");
        return EXIT_USAGE;
    }
    int ret = load_all(options, &loaded);
    if (ret != EXIT_DONE)
        return ret;
    run_store_open(options, &store);
    if (source_open_wanted((const char *const *)options->arguments, (size_t)options->argument_count, run_store_wants,
                           &store, &source, &error) != STATUS_OK) {
        complain("%s", error.text);
        run_store_close(&store, false);
        unload_all(&loaded);
        return EXIT_FAILED;
    }
    struct sigaction action = {.sa_handler = on_signal,
                               .sa_flags = (int)SA_RESETHAND}; /* the second one ends us at once */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    ret = open_feeds(options, feeds, FEEDS_MAX, &feed_count);
    if (ret == EXIT_DONE) {
        run_store_begin(&store, options);
        ret = read_all(options, &loaded, source, store.store, feeds, feed_count, &is_whole);
        if (!close_feeds(feeds, feed_count))
            ret = EXIT_FAILED;
    }
    if (!run_store_close(&store, is_whole))
        ret = EXIT_FAILED;
    source_close(source);
    unload_all(&loaded);
    return ret;
}
