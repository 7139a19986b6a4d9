#include "cli/refresh.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { COUNTRIES_MAX = 256 };

static volatile sig_atomic_t reload_asked;

static void on_hangup(int number)
{
    (void)number;
    reload_asked = 1;
}

struct refresh {
    const struct options *options;
    const struct loaded *loaded;
    struct country countries[COUNTRIES_MAX];
    size_t country_count;
    pthread_t thread;
    bool is_loading;      /* the thread is there */
    atomic_bool is_ended; /* and has nothing more to do: the two below are good */
    enum status status;
    struct error error;
};

struct refresh *refresh_new(const struct options *options, const struct loaded *loaded)
{
    struct refresh *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return NULL;
    r->options = options;
    r->loaded = loaded;
    r->country_count = policy_flagged_countries(loaded->policies, packet_time_from_sec((int64_t)time(NULL)),
                                                r->countries, COUNTRIES_MAX);
    struct sigaction action = {.sa_handler = on_hangup, .sa_flags = SA_RESTART};
    sigaction(SIGHUP, &action, NULL);
    return r;
}

static void *load(void *context)
{
    struct refresh *r = context;
    r->status = geo_live_reload(r->loaded->live, r->countries, r->country_count, &r->error);
    atomic_store(&r->is_ended, true);
    return NULL;
}

static void finish(struct refresh *r)
{
    pthread_join(r->thread, NULL);
    r->is_loading = false;
    if (r->status != STATUS_OK)
        complain("%s", r->error.text);
    else if (!r->options->quiet)
        complain("the address databases were loaded anew");
}

void refresh_look(struct refresh *r)
{
    if (r->is_loading) {
        if (atomic_load(&r->is_ended))
            finish(r);
        return;
    }
    bool has_changed = geo_live_has_changed(r->loaded->live, (int64_t)time(NULL));
    if (!reload_asked && !has_changed)
        return;
    reload_asked = 0;
    atomic_store(&r->is_ended, false);
    r->is_loading = pthread_create(&r->thread, NULL, load, r) == 0;
    if (!r->is_loading)
        complain("the address databases cannot be loaded anew: no thread for it");
}

bool refresh_is_loading(const struct refresh *r)
{
    return r->is_loading;
}

void refresh_free(struct refresh *r)
{
    if (r == NULL)
        return;
    if (r->is_loading)
        finish(r);
    free(r);
}
