#include "live.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cache_internal.h"

/** One set of databases, in force or not any more. */
struct generation {
    struct geo *geo;
    unsigned holders;
    struct generation *older;
};

struct geo_live {
    struct arena *arena; /* of the texts below */
    const char *const *paths;
    size_t path_count;
    const char *operators_file, *cache_folder;
    pthread_mutex_t lock;           /* over the generations */
    struct generation *generations; /* the first is in force */
    bool knows_networks;
    int64_t looked_sec;
    uint64_t loaded_state, seen_state; /* of the files: when they were loaded, at the last look */
};

/* --- what is plausible ------------------------------------------------------------------------------------------- */

/** What two sets of databases hold of the same. */
struct holding {
    uint64_t ranges;
    int64_t built_sec;
    const struct geo_database *database; /* one of them; NULL: there is none */
};

static void add_holding(struct holding *holding, const struct geo_database *database)
{
    holding->ranges += database->ranges;
    if (holding->database == NULL || database->built_sec > holding->built_sec)
        holding->built_sec = database->built_sec;
    holding->database = database;
}

/** The same role of the same file, else all that has its role and name: the day stands in many a file's name. */
static struct holding holding_of(const struct geo *geo, const struct geo_database *like, bool by_path)
{
    struct holding ret = {0};
    for (size_t i = 0; i < geo->source_count; i++) {
        const struct geo_database *d = &geo->databases[i];
        if (strcmp(d->role, like->role) == 0 &&
            strcmp(by_path ? d->path : d->name, by_path ? like->path : like->name) == 0)
            add_holding(&ret, d);
    }
    return ret;
}

/** The sentence about a file that was left out of a folder, or NULL. */
static const char *left_out(const struct geo *geo, const char *path)
{
    for (size_t i = 0; i < geo->passed_over_count && i < PASSED_OVER_MAX; i++)
        if (geo->passed_over[i] != NULL && strncmp(geo->passed_over[i], path, strlen(path)) == 0)
            return geo->passed_over[i];
    return NULL;
}

static enum status check_database(const struct geo *old, const struct geo *new, const struct geo_database *was,
                                  struct error *error)
{
    struct holding before = holding_of(old, was, true), now = holding_of(new, was, true);
    const char *damage = now.database == NULL ? left_out(new, was->path) : NULL;
    if (damage != NULL) { /* nothing goes on without it: the old set stays */
        const char *end = strstr(damage, GOING_ON_WITHOUT);
        return error_set(error, STATUS_MALFORMED, "%.*s", (int)(end ? (size_t)(end - damage) : strlen(damage)), damage);
    }
    if (now.database == NULL) {
        before = holding_of(old, was, false);
        now = holding_of(new, was, false);
    }
    if (now.database == NULL)
        return error_set(error, STATUS_INVALID, "%s: %s (%s) is gone", was->path, was->name, was->role);
    if (now.ranges * 2 < before.ranges)
        return error_set(error, STATUS_INVALID, "%s: implausible: %llu ranges, there were %llu", now.database->path,
                         (unsigned long long)now.ranges, (unsigned long long)before.ranges);
    if (now.built_sec < before.built_sec)
        return error_set(error, STATUS_INVALID, "%s: implausible: of %s, older than %s, which is loaded",
                         now.database->path, now.database->edition ? now.database->edition : "no known day",
                         was->edition);
    return STATUS_OK;
}

static bool names_any(const struct geo *geo, const struct country *countries, size_t count)
{
    for (size_t tuple = 0; tuple < geo->merged.tuple_count; tuple++)
        for (size_t i = 0; i < geo->column_count; i++) {
            struct country country = country_of_value(geo->merged.tuples[tuple * geo->merged.width + i]);
            if (geo->columns[i]->role != ROLE_LOCATION || !country_is_known(country))
                continue;
            for (size_t k = 0; k < count; k++)
                if (country_equal(country, countries[k]))
                    return true;
        }
    return false;
}

static enum status check(const struct geo *old, const struct geo *new, const struct country *countries, size_t count,
                         struct error *error)
{
    for (size_t i = 0; i < old->source_count; i++) {
        enum role role = old->sources[i].role;
        enum status status = STATUS_OK;
        if (role != ROLE_PARENT && role != ROLE_OVERRIDE)
            status = check_database(old, new, &old->databases[i], error);
        if (status != STATUS_OK)
            return status;
    }
    if (names_any(old, countries, count) && !names_any(new, countries, count))
        return error_set(error, STATUS_INVALID,
                         "location databases: implausible: none of the countries of concern is in them any more");
    return STATUS_OK;
}

/* --- generations ------------------------------------------------------------------------------------------------- */

/** The lock is held, or nobody else is there yet. */
static void put_in_force(struct geo_live *live, struct generation *generation)
{
    generation->older = live->generations;
    live->generations = generation;
}

static struct generation *generation_of(struct geo *geo)
{
    struct generation *ret = calloc(1, sizeof(*ret));
    if (ret != NULL)
        ret->geo = geo;
    return ret;
}

static void generation_free(struct generation *generation)
{
    if (generation == NULL)
        return;
    geo_close(generation->geo);
    free(generation);
}

/** The lock is held. @return @p generation when nobody can use it any more, for the caller to free, else NULL. */
static struct generation *take_out_of_use(struct geo_live *live, struct generation *generation)
{
    struct generation *newer = live->generations;
    if (generation == newer || generation->holders > 0)
        return NULL;
    while (newer->older != generation)
        newer = newer->older;
    newer->older = generation->older;
    return generation;
}

const struct geo *geo_live_hold(struct geo_live *live)
{
    pthread_mutex_lock(&live->lock);
    struct generation *now = live->generations;
    now->holders++;
    pthread_mutex_unlock(&live->lock);
    return now->geo;
}

void geo_live_release(struct geo_live *live, const struct geo *geo)
{
    struct generation *done = NULL;
    if (geo == NULL)
        return;
    pthread_mutex_lock(&live->lock);
    for (struct generation *g = live->generations; g != NULL && done == NULL; g = g->older)
        if (g->geo == geo && --g->holders == 0)
            done = take_out_of_use(live, g);
    pthread_mutex_unlock(&live->lock);
    generation_free(done);
}

static void replace(struct geo_live *live, struct generation *generation)
{
    pthread_mutex_lock(&live->lock);
    struct generation *old = live->generations;
    put_in_force(live, generation);
    struct generation *done = take_out_of_use(live, old);
    pthread_mutex_unlock(&live->lock);
    generation_free(done);
}

enum status geo_live_reload(struct geo_live *live, const struct country *countries, size_t count, struct error *error)
{
    struct geo *geo = NULL;
    struct geo_cache_key key;
    struct error why = {""};
    if (geo_cache_key_of(live->paths, live->path_count, &key))
        live->loaded_state = key.state;
    const struct geo *old = geo_live_hold(live);
    enum status status =
        geo_open_cached(live->paths, live->path_count, live->operators_file, live->cache_folder, &geo, &why);
    if (status == STATUS_OK)
        status = check(old, geo, countries, count, &why);
    if (status == STATUS_OK && live->knows_networks && geo_know_networks(geo) != STATUS_OK)
        status = error_set(&why, STATUS_NO_MEMORY, "address databases: no memory for the networks in them");
    struct generation *generation = status == STATUS_OK ? generation_of(geo) : NULL;
    if (status == STATUS_OK && generation == NULL)
        status = error_set(&why, STATUS_NO_MEMORY, "address databases: no memory");
    geo_live_release(live, old);
    if (status != STATUS_OK) {
        geo_close(geo);
        return error_set(error, status, "%.440s; the databases that are loaded stay", why.text);
    }
    replace(live, generation);
    return STATUS_OK;
}

enum status geo_live_know_networks(struct geo_live *live)
{
    live->knows_networks = true;
    return geo_know_networks(live->generations->geo);
}

bool geo_live_has_changed(struct geo_live *live, int64_t now_sec)
{
    struct geo_cache_key key;
    if (now_sec == live->looked_sec)
        return false;
    live->looked_sec = now_sec;
    if (!geo_cache_key_of(live->paths, live->path_count, &key))
        return false; /* one is missing: perhaps it is being exchanged */
    bool is_settled = key.state == live->seen_state;
    live->seen_state = key.state;
    return is_settled && key.state != live->loaded_state;
}

/* --- life -------------------------------------------------------------------------------------------------------- */

static const char *keep(struct geo_live *live, const char *text)
{
    return text ? arena_copy(live->arena, text, strlen(text)) : NULL;
}

static struct geo_live *live_new(const char *const *paths, size_t count, const char *operators_file,
                                 const char *cache_folder)
{
    struct geo_live *live = calloc(1, sizeof(*live));
    if (live == NULL || (live->arena = arena_new()) == NULL) {
        free(live);
        return NULL;
    }
    const char **copies = arena_take(live->arena, (count + 1) * sizeof(*copies));
    for (size_t i = 0; i < count && copies != NULL; i++)
        copies[i] = keep(live, paths[i]);
    live->paths = copies;
    live->path_count = count;
    live->operators_file = keep(live, operators_file);
    live->cache_folder = keep(live, cache_folder);
    pthread_mutex_init(&live->lock, NULL);
    if (!arena_failed(live->arena))
        return live;
    geo_live_close(live);
    return NULL;
}

enum status geo_live_open(const char *const *paths, size_t count, const char *operators_file, const char *cache_folder,
                          struct geo_live **ret, struct error *error)
{
    struct geo_live *live = live_new(paths, count, operators_file, cache_folder);
    struct geo *geo = NULL;
    struct geo_cache_key key;
    if (live == NULL)
        return error_set(error, STATUS_NO_MEMORY, "address databases: no memory");
    if (geo_cache_key_of(live->paths, count, &key))
        live->loaded_state = live->seen_state = key.state;
    enum status status = geo_open_cached(live->paths, count, operators_file, cache_folder, &geo, error);
    struct generation *generation = status == STATUS_OK ? generation_of(geo) : NULL;
    if (status == STATUS_OK && generation == NULL)
        status = error_set(error, STATUS_NO_MEMORY, "address databases: no memory");
    if (status != STATUS_OK) {
        geo_close(geo);
        geo_live_close(live);
        return status;
    }
    put_in_force(live, generation);
    *ret = live;
    return STATUS_OK;
}

void geo_live_close(struct geo_live *live)
{
    if (live == NULL)
        return;
    for (struct generation *g = live->generations, *older; g != NULL; g = older) {
        older = g->older;
        generation_free(g);
    }
    pthread_mutex_destroy(&live->lock);
    arena_free(live->arena);
    free(live);
}
