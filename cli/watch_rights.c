/*
 * Files are exchanged under their names: what stands at a name later is another file, so a rule is for its folder.
 * A folder is a rule by itself, unless its name is a link, which may point elsewhere one day.
 */
#include "cli/watch_rights.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/sandbox.h"

enum { PLACES_MAX = 6 * LIST_MAX };

struct rights {
    struct sandbox_place places[PLACES_MAX];
    char *folders[PLACES_MAX]; /* owned; NULL: the path of the place is borrowed */
    size_t count;
};

/* Of the libraries: time zones, OpenSSL's first use, SQLite's random numbers, processors and interfaces, which may
 * come back at another place. */
static const char *const system_places[] = {"/etc/localtime", "/etc/ssl/openssl.cnf", "/usr/lib/ssl/openssl.cnf",
                                            "/dev/urandom", "/sys/devices"};

static void add(struct rights *r, const char *path, enum sandbox_use use)
{
    if (r->count < PLACES_MAX)
        r->places[r->count++] = (struct sandbox_place){path, use};
}

static void add_folder_of(struct rights *r, const char *path, enum sandbox_use use)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path));
    if (folder == NULL || *folder == '\0' || r->count == PLACES_MAX) { /* all files of the machine: no */
        free(folder);
        return;
    }
    r->folders[r->count] = folder;
    add(r, folder, use);
}

static void add_read(struct rights *r, const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return; /* the name of a policy, or nothing yet */
    add(r, path, SANDBOX_READ);
    if (!S_ISDIR(st.st_mode))
        add_folder_of(r, path, SANDBOX_READ);
}

static void add_list(struct rights *r, const struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        add_read(r, list->items[i]);
}

/* @return how many of the places are the user's own data. */
static size_t add_all(struct rights *r, const struct options *options, struct feed *const *feeds, size_t feed_count)
{
    char path[PATH_MAX];
    add_read(r, catalog_directory(options));
    add_list(r, &options->policies);
    add_list(r, &options->geo);
    add_list(r, &options->paths);
    size_t ret = r->count;
    if (cache_folder() != NULL)
        add(r, cache_folder(), SANDBOX_READ); /* what is written there would be believed at the next start */
    for (size_t i = 0; i < sizeof(system_places) / sizeof(system_places[0]); i++)
        add(r, system_places[i], SANDBOX_READ);
    for (size_t i = 0; i < feed_count; i++)
        if (feed_file(feeds[i], path, sizeof(path)))
            add_folder_of(r, path, SANDBOX_APPEND);
    if (options->store != NULL)
        add_folder_of(r, options->store, SANDBOX_KEEP);
    return ret;
}

static void clear(struct rights *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->folders[i]);
}

/* ---- what cannot be done later ---- */

static bool can_read(const FTSENT *entry)
{
    if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS || entry->fts_info == FTS_ERR)
        errno = entry->fts_errno;
    if (entry->fts_info != FTS_F)
        return entry->fts_info != FTS_DNR && entry->fts_info != FTS_NS && entry->fts_info != FTS_ERR;
    int fd = open(entry->fts_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* The first file that is out of reach; one sentence for each place. */
static void say_unreadable(const char *path)
{
    char *copy = strdup(path), *const paths[] = {copy, NULL};
    FTS *walk = copy != NULL ? fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, NULL) : NULL;
    for (const FTSENT *entry; walk != NULL && (entry = fts_read(walk)) != NULL;)
        if (!can_read(entry)) {
            complain("%s cannot be read any more (%s): newer data there will not be loaded; let the user read it whom "
                     "--user names",
                     entry->fts_path, strerror(errno));
            break;
        }
    if (walk != NULL)
        fts_close(walk);
    free(copy);
}

static void say_unwritable(const struct sandbox_place *place)
{
    if (access(place->path, W_OK | X_OK) == 0)
        return;
    if (place->use == SANDBOX_APPEND)
        complain("%s: no file can be made there any more (%s): after SIGHUP, output goes on into the file that was "
                 "moved away; let the user write there whom --user names",
                 place->path, strerror(errno));
    else
        complain("%s: no file can be made or removed there any more (%s): the store's -wal and -shm stay behind, which "
                 "the next run takes over",
                 place->path, strerror(errno));
}

static void say_limits(const struct rights *r, size_t data_count)
{
    for (size_t i = 0; i < data_count; i++)
        if (r->folders[i] == NULL)
            say_unreadable(r->places[i].path);
    for (size_t i = data_count; i < r->count; i++)
        if (r->places[i].use != SANDBOX_READ)
            say_unwritable(&r->places[i]);
}

/* ---- the steps ---- */

static int said(enum status status, const struct error *error)
{
    if (status == STATUS_OK)
        return EXIT_DONE;
    complain("%s", error->text);
    return status == STATUS_INVALID ? EXIT_USAGE : EXIT_FAILED;
}

static enum status read_options(const struct options *options, struct sandbox_options *ret, struct error *error)
{
    enum status status = STATUS_OK;
    *ret = (struct sandbox_options){.user = options->user};
    for (size_t i = 0; i < options->no_sandbox.count && status == STATUS_OK; i++)
        status = sandbox_skip(ret, options->no_sandbox.items[i], error);
    return status;
}

int watch_rights_check(const struct options *options)
{
    struct sandbox_options wanted;
    struct error error;
    enum status status = read_options(options, &wanted, &error);
    if (status == STATUS_OK)
        status = sandbox_check(&wanted, &error);
    return said(status, &error);
}

int watch_rights_drop(const struct options *options, struct feed *const *feeds, size_t feed_count)
{
    struct sandbox_options wanted;
    struct rights rights = {.count = 0};
    struct error error;
    char text[SANDBOX_SAID_SIZE];
    enum status status = read_options(options, &wanted, &error);
    size_t data_count = add_all(&rights, options, feeds, feed_count);
    wanted.places = rights.places;
    wanted.place_count = rights.count;
    if (status == STATUS_OK)
        status = sandbox_enter(&wanted, text, &error);
    if (status == STATUS_OK) {
        if (!options->quiet)
            complain("%s", text);
        say_limits(&rights, data_count);
    }
    clear(&rights);
    return said(status, &error);
}
