/* Where catalogue and data are found, and loading all of it. */
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

/* A build tree has its catalogue beside the build folder: build/bordertap -> catalog. */
static const char *beside_program(void)
{
    static char path[PATH_MAX + 32];
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    for (int up = 0; up < 3; up++) {
        char *slash = strrchr(path, '/');
        if (slash == NULL)
            return NULL;
        strcpy(slash, "/catalog");
        if (is_directory(path))
            return path;
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

/* The same places that the set-up of location data writes to. */
void geo_defaults(struct options *options)
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
    if (is_directory(path))
        options->geo.items[options->geo.count++] = path;
    else if (is_directory("/var/lib/bordertap/geo"))
        options->geo.items[options->geo.count++] = "/var/lib/bordertap/geo";
}

bool load_all(struct options *options, struct loaded *ret)
{
    struct error error;
    const char *directory = catalog_directory(options);
    char *operators = NULL, *jurisdictions = NULL;
    *ret = (struct loaded){0};
    if (options->sensor == NULL) {
        static char name[256];
        options->sensor = gethostname(name, sizeof(name) - 1) == 0 && name[0] != '\0' ? name : "bordertap";
    }
    geo_defaults(options);
    bool ok = asprintf(&operators, "%s/operators.yaml", directory) >= 0 &&
              asprintf(&jurisdictions, "%s/jurisdictions", directory) >= 0;
    if (!ok)
        snprintf(error.text, sizeof(error.text), "out of memory");
    ok = ok && catalog_load(directory, &ret->catalog, &error) == STATUS_OK;
    ok = ok && geo_open(options->geo.items, options->geo.count, operators, &ret->geo, &error) == STATUS_OK;
    ok = ok && policy_set_load(jurisdictions, options->policies.items, options->policies.count, options->flag,
                               &ret->policies, &error) == STATUS_OK;
    ok = ok && home_nets_parse(options->home_net, &ret->home_nets, &error) == STATUS_OK;
    free(operators);
    free(jurisdictions);
    if (!ok) {
        complain("%s", error.text);
        unload_all(ret);
    }
    return ok;
}

void unload_all(struct loaded *loaded)
{
    home_nets_free(loaded->home_nets);
    policy_set_free(loaded->policies);
    geo_close(loaded->geo);
    catalog_free(loaded->catalog);
    *loaded = (struct loaded){0};
}

struct engine_options engine_options_of(const struct options *options, const struct loaded *loaded)
{
    return (struct engine_options){
        .catalog = loaded->catalog,
        .geo = loaded->geo,
        .policies = loaded->policies,
        .home_nets = loaded->home_nets,
        .sensor = options->sensor,
        .flows_max = (uint32_t)options->max_flows,
        .now_sec = (int64_t)time(NULL),
    };
}

bool open_feeds(const struct options *options, struct feed **feeds, size_t room, size_t *ret_count)
{
    struct error error;
    struct feed_options defaults = {.flows = options->flows, .min_severity = options->min_severity};
    const char *format = options->format ? options->format : "text";
    size_t count = 0;
    defaults.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
    bool ok = feed_open("-", format, &defaults, &feeds[count], &error) == STATUS_OK;
    count += ok;
    defaults.colour = false;
    for (size_t i = 0; ok && i < options->outputs.count && count < room; i++) {
        ok = feed_open(options->outputs.items[i], "json", &defaults, &feeds[count], &error) == STATUS_OK;
        count += ok;
    }
    if (!ok) {
        complain("%s", error.text);
        close_feeds(feeds, count);
        return false;
    }
    *ret_count = count;
    return true;
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
