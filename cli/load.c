/* Where catalogue and data are found, and loading all of it. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

#ifndef BORDERTAP_DATADIR
#define BORDERTAP_DATADIR "/usr/local/share/bordertap"
#endif

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A build tree has its catalogue beside the build folder, build/bordertap -> catalog; what was installed has it in
 * bin/bordertap -> share/bordertap/catalog, wherever that was put. */
static const char *beside_program(void)
{
    static const char *const places[] = {"/catalog", "/share/bordertap/catalog"};
    static char path[PATH_MAX + 32];
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    for (int up = 0; up < 3; up++) {
        char *slash = strrchr(path, '/');
        if (slash == NULL)
            return NULL;
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
            strcpy(slash, places[i]);
            if (is_directory(path))
                return path;
        }
        *slash = '\0';
    }
    return NULL;
}

const char *catalog_directory(const struct options *options)
{
    const char *from_environment = getenv("BORDERTAP_CATALOG");
    if (options->catalog != NULL)
        return options->catalog;
    if (from_environment != NULL && *from_environment != '\0')
        return from_environment;
    const char *beside = beside_program();
    return beside != NULL ? beside : BORDERTAP_DATADIR "/catalog";
}

static bool is_empty_directory(const char *path)
{
    DIR *directory = opendir(path);
    bool ret = directory != NULL;
    if (directory == NULL)
        return false;
    for (struct dirent *entry; ret && (entry = readdir(directory)) != NULL;)
        ret = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(directory);
    return ret;
}

/* A folder that waits for its databases is no error: the records say what is unknown for want of them. */
static void geo_drop_empty(struct options *options)
{
    struct string_list *geo = &options->geo;
    size_t kept = 0;
    for (size_t i = 0; i < geo->count; i++) {
        if (!is_empty_directory(geo->items[i]))
            geo->items[kept++] = geo->items[i];
        else if (!options->quiet)
            complain("%s: no databases in it, going on without; run setup/location-data to fetch some", geo->items[i]);
    }
    geo->count = kept;
}

/* Adds the default location data to an empty --geo list: the same places that its set-up writes to. */
static void geo_defaults(struct options *options)
{
    static char path[PATH_MAX];
    const char *named = getenv("BORDERTAP_GEO_DIR"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (options->geo.count > 0)
        return;
    if (named != NULL && *named != '\0')
        snprintf(path, sizeof(path), "%s", named);
    else if (data != NULL && *data != '\0')
        snprintf(path, sizeof(path), "%s/bordertap/geo", data);
    else
        snprintf(path, sizeof(path), "%s/.local/share/bordertap/geo", home ? home : "");
    bool is_named = named != NULL && *named != '\0';
    if (is_directory(path))
        options->geo.items[options->geo.count++] = path;
    else if (!is_named && is_directory("/var/lib/bordertap/geo"))
        options->geo.items[options->geo.count++] = "/var/lib/bordertap/geo";
}

const char *cache_folder(void)
{
    static char path[PATH_MAX];
    const char *given = getenv("CACHE_DIRECTORY"); /* systemd's, for a service */
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (given != NULL && *given == '/')
        snprintf(path, sizeof(path), "%s", given);
    else if (cache != NULL && *cache == '/')
        snprintf(path, sizeof(path), "%s/bordertap", cache);
    else if (home != NULL && *home == '/')
        snprintf(path, sizeof(path), "%s/.cache/bordertap", home);
    else
        return NULL;
    return path;
}

static void say(void *context, const char *sentence)
{
    (void)context;
    complain("%s", sentence);
}

static bool load_geo(const struct options *options, struct loaded *ret, struct error *error)
{
    char *operators;
    if (asprintf(&operators, "%s/operators.yaml", catalog_directory(options)) < 0) {
        error_set(error, STATUS_NO_MEMORY, "out of memory");
        return false;
    }
    enum status status =
        geo_live_open(options->geo.items, options->geo.count, operators, cache_folder(), &ret->live, error);
    free(operators);
    if (status != STATUS_OK)
        return false;
    ret->geo = geo_live_hold(ret->live);
    geo_passed_over(ret->geo, say, NULL);
    return true;
}

static bool is_home(const void *home_nets, const struct ip_address *address)
{
    return home_nets_contain(home_nets, address);
}

enum status open_paths(const struct options *options, const struct home_nets *home_nets,
                       const struct sensor_place *sensor, struct paths **ret, struct error *error)
{
    const struct paths_options wanted = {
        .files = options->paths.items,
        .count = options->paths.count,
        .rib_peer = options->rib_peer,
        .upstream_asn = (uint32_t)options->upstream_asn,
        .trace_from = options->trace_from,
        .is_home = home_nets != NULL ? is_home : NULL,
        .home = home_nets,
        .sensor = sensor,
    };
    return paths_open(&wanted, ret, error);
}

/** What is wrong with an option is a matter of usage, a damaged file is not. */
static int said(enum status status, const struct error *error)
{
    if (status != STATUS_OK)
        complain("%s", error->text);
    return status == STATUS_OK ? EXIT_DONE : status == STATUS_INVALID ? EXIT_USAGE : EXIT_FAILED;
}

int load_paths(const struct options *options, struct paths **ret)
{
    struct error error;
    return said(open_paths(options, NULL, NULL, ret, &error), &error);
}

/* The axis holds what of the files can be used; what cannot is said. */
static int load_transit(const struct options *options, struct loaded *ret)
{
    struct error error;
    if (options->paths.count == 0 && (options->rib_peer != NULL || options->upstream_asn != 0)) {
        complain("--%s chooses from a routing table, and none is named; give one with --paths",
                 options->rib_peer != NULL ? "rib-peer" : "upstream-asn");
        return EXIT_USAGE;
    }
    if (options->paths.count == 0)
        return EXIT_DONE;
    enum status status = open_paths(options, ret->home_nets, ret->sensor_place, &ret->paths, &error);
    if (status == STATUS_OK && geo_live_know_networks(ret->live) != STATUS_OK)
        status = error_set(&error, STATUS_NO_MEMORY, "address databases: no memory for the networks in them");
    if (status == STATUS_OK && !options->quiet)
        paths_warnings(ret->paths, INT64_MIN, say, NULL);
    return said(status, &error);
}

enum status load_policies(const struct options *options, struct policy_set **ret, struct error *error)
{
    char *directory;
    if (asprintf(&directory, "%s/jurisdictions", catalog_directory(options)) < 0)
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    enum status status =
        policy_set_load(directory, options->policies.items, options->policies.count, options->flag, ret, error);
    free(directory);
    return status;
}

static bool load_wishes(const struct options *options, struct loaded *ret, struct error *error)
{
    struct error why;
    if (home_nets_parse(options->home_net, &ret->home_nets, &why) != STATUS_OK) {
        error_set(error, STATUS_INVALID,
                  "--home-net: %.400s; write addresses or prefixes, as in 192.0.2.0/24,2001:db8::/32", why.text);
        return false;
    }
    return load_policies(options, &ret->policies, error) == STATUS_OK;
}

static bool load_place(const struct options *options, struct loaded *ret, struct error *error)
{
    struct sensor_position position;
    struct error why;
    if (options->sensor_pos == NULL)
        return true;
    if (sensor_position_parse(options->sensor_pos, &position, &why) != STATUS_OK) {
        error_set(error, STATUS_INVALID, "--sensor-pos: %.400s", why.text);
        return false;
    }
    ret->sensor_place = malloc(sizeof(*ret->sensor_place));
    if (ret->sensor_place == NULL) {
        error_set(error, STATUS_NO_MEMORY, "out of memory");
        return false;
    }
    ret->sensor_place->position = position;
    country_distances_measure(position.lat, position.lon, &ret->sensor_place->distances);
    return true;
}

int load_all(struct options *options, struct loaded *ret)
{
    struct error error;
    *ret = (struct loaded){0};
    if (options->sensor == NULL) {
        static char name[256];
        options->sensor = gethostname(name, sizeof(name) - 1) == 0 && name[0] != '\0' ? name : "bordertap";
    }
    geo_defaults(options);
    geo_drop_empty(options);
    int status = EXIT_DONE;
    if (catalog_load(catalog_directory(options), &ret->catalog, &error) != STATUS_OK)
        status = EXIT_FAILED;
    else if (!load_wishes(options, ret, &error) || !load_place(options, ret, &error))
        status = EXIT_USAGE;
    else if (!load_geo(options, ret, &error))
        status = EXIT_FAILED;
    if (status != EXIT_DONE)
        complain("%s", error.text);
    else
        status = load_transit(options, ret);
    if (status != EXIT_DONE)
        unload_all(ret);
    return status;
}

void unload_all(struct loaded *loaded)
{
    free(loaded->sensor_place);
    home_nets_free(loaded->home_nets);
    policy_set_free(loaded->policies);
    paths_close(loaded->paths);
    if (loaded->live != NULL)
        geo_live_release(loaded->live, loaded->geo);
    geo_live_close(loaded->live);
    catalog_free(loaded->catalog);
    *loaded = (struct loaded){0};
}

static unsigned workers_of(const struct options *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (options->workers != 0)
        return (unsigned)options->workers;
    return processors < 1 ? 1 : processors > 8 ? 8 : (unsigned)processors;
}

struct engine_options engine_options_of(const struct options *options, const struct loaded *loaded)
{
    return (struct engine_options){
        .catalog = loaded->catalog,
        .geo = loaded->geo,
        .paths = loaded->paths,
        .policies = loaded->policies,
        .home_nets = loaded->home_nets,
        .sensor = options->sensor,
        .sensor_place = loaded->sensor_place,
        .flows_max = (uint32_t)options->max_flows,
        .workers = workers_of(options),
        .now_sec = (int64_t)time(NULL),
    };
}

int open_feeds(const struct options *options, struct feed **feeds, size_t room, size_t *ret_count)
{
    struct error error;
    struct feed_options defaults = {
        .flows = options->flows, .accepted = options->accepted, .min_severity = options->min_severity};
    const char *format = options->format ? options->format : "text", *no_color = getenv("NO_COLOR");
    size_t count = 0;
    defaults.colour = isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0'); /* no-color.org */
    enum status status = feed_open("-", format, &defaults, &feeds[count], &error);
    count += status == STATUS_OK;
    defaults.colour = false;
    for (size_t i = 0; status == STATUS_OK && i < options->outputs.count && count < room; i++) {
        status = feed_open(options->outputs.items[i], "json", &defaults, &feeds[count], &error);
        count += status == STATUS_OK;
    }
    if (status != STATUS_OK) {
        complain("%s", error.text);
        close_feeds(feeds, count);
        return status == STATUS_INVALID || status == STATUS_UNSUPPORTED ? EXIT_USAGE : EXIT_FAILED;
    }
    *ret_count = count;
    return EXIT_DONE;
}

bool close_feeds(struct feed **feeds, size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        struct error error;
        if (feed_close(feeds[i], &error) < 0) {
            complain("%s", error.text);
            ok = false;
        }
    }
    return ok;
}
