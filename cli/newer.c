#include "cli/newer.h"

#include <time.h>

enum { COUNTRIES_MAX = 256, LIST_TEXT_SIZE = 512 };

/* ---- loading ---- */

static void keep_first_error(void *context, const struct catalog_problem *problem)
{
    struct error *error = context;
    if (problem->is_error && error->text[0] == '\0')
        error_set(error, STATUS_INVALID, "%.200s:%u: %s", problem->file, problem->line, problem->text);
}

/* Nobody looks on, as at a start: what `catalog check` objects to is not taken. */
static enum status load_catalog(struct newer *newer, const struct options *options, struct error *error)
{
    struct error problem = {""};
    enum status status = catalog_load(catalog_directory(options), &newer->catalog, error);
    if (status != STATUS_OK || catalog_check(catalog_directory(options), keep_first_error, &problem) == 0)
        return status;
    catalog_free(newer->catalog);
    newer->catalog = NULL;
    return error_set(error, STATUS_INVALID, "%.400s", problem.text);
}

static enum status load_databases(struct newer *newer, const struct loaded *loaded, struct error *error)
{
    struct country countries[COUNTRIES_MAX];
    const struct policy_set *policies = newer->policies != NULL ? newer->policies : loaded->policies;
    struct packet_time today = packet_time_from_sec((int64_t)time(NULL));
    size_t count = policy_flagged_countries(policies, today, countries, COUNTRIES_MAX);
    enum status status = geo_live_reload(loaded->live, countries, count, error);
    if (status == STATUS_OK)
        newer->geo = geo_live_hold(loaded->live);
    return status;
}

static enum status load_path_data(struct newer *newer, const struct options *options, const struct loaded *loaded,
                                  struct error *error)
{
    const struct paths_file *files;
    enum status status = open_paths(options, loaded->home_nets, loaded->sensor_place, &newer->paths, error);
    size_t count = status == STATUS_OK ? paths_files(newer->paths, &files) : 0;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (files[i].troubles > 0)
            status = error_set(error, STATUS_MALFORMED, "%.300s: %.120s", files[i].path, files[i].trouble);
    if (status != STATUS_OK) {
        paths_close(newer->paths);
        newer->paths = NULL;
    }
    return status;
}

void newer_load(struct newer *newer, const struct options *options, const struct loaded *loaded)
{
    for (unsigned kind = 0; kind < DATA_KINDS; kind++)
        newer->status[kind] = STATUS_OK;
    if (newer->wanted[DATA_CATALOG])
        newer->status[DATA_CATALOG] = load_catalog(newer, options, &newer->errors[DATA_CATALOG]);
    if (newer->wanted[DATA_POLICIES])
        newer->status[DATA_POLICIES] = load_policies(options, &newer->policies, &newer->errors[DATA_POLICIES]);
    if (newer->wanted[DATA_GEO])
        newer->status[DATA_GEO] = load_databases(newer, loaded, &newer->errors[DATA_GEO]);
    if (newer->wanted[DATA_PATHS])
        newer->status[DATA_PATHS] = load_path_data(newer, options, loaded, &newer->errors[DATA_PATHS]);
}

void newer_say_refused(const struct newer *newer)
{
    static const char *const stay[DATA_KINDS] = {
        [DATA_CATALOG] = "; the catalogue that is loaded stays",
        [DATA_POLICIES] = "; the policies that are loaded stay",
        [DATA_GEO] = "", /* geo_live_reload() says so */
        [DATA_PATHS] = "; the path data that are loaded stay",
    };
    for (unsigned kind = 0; kind < DATA_KINDS; kind++)
        if (newer->status[kind] != STATUS_OK)
            complain("%s%s", newer->errors[kind].text, stay[kind]);
}

/* ---- the exchange ---- */

bool newer_is_empty(const struct newer *newer)
{
    return newer->catalog == NULL && newer->policies == NULL && newer->geo == NULL && newer->paths == NULL;
}

struct engine_data newer_data(const struct newer *newer, const struct loaded *loaded)
{
    return (struct engine_data){
        .catalog = newer->catalog != NULL ? newer->catalog : loaded->catalog,
        .geo = newer->geo != NULL ? newer->geo : loaded->geo,
        .paths = newer->paths != NULL ? newer->paths : loaded->paths,
        .policies = newer->policies != NULL ? newer->policies : loaded->policies,
    };
}

void newer_exchange(struct newer *newer, struct loaded *loaded)
{
    if (newer->catalog != NULL) {
        struct catalog *was = loaded->catalog;
        loaded->catalog = newer->catalog;
        newer->catalog = was;
    }
    if (newer->policies != NULL) {
        struct policy_set *was = loaded->policies;
        loaded->policies = newer->policies;
        newer->policies = was;
    }
    if (newer->geo != NULL) {
        const struct geo *was = loaded->geo;
        loaded->geo = newer->geo;
        newer->geo = was;
    }
    if (newer->paths != NULL) {
        struct paths *was = loaded->paths;
        loaded->paths = newer->paths;
        newer->paths = was;
    }
}

/* ---- telling ---- */

/* Words with commas between them, as far as there is room. */
static void add_word(char list[static LIST_TEXT_SIZE], const char *word, const char *more)
{
    size_t at = strlen(list);
    snprintf(list + at, LIST_TEXT_SIZE - at, "%s%s%s%s", at > 0 ? ", " : "", word, *more ? " " : "", more);
}

static void say_policies(const struct policy_set *set)
{
    char list[LIST_TEXT_SIZE] = "";
    const struct policy *const *policies;
    size_t count = policy_set_policies(set, &policies);
    for (size_t i = 0; i < count; i++)
        add_word(list, policies[i]->id, "");
    complain("the policies were loaded anew: %s", list);
}

static void say_databases(const struct geo *geo)
{
    char list[LIST_TEXT_SIZE] = "";
    const struct geo_database *databases;
    size_t count = geo_databases(geo, &databases);
    for (size_t i = 0; i < count; i++)
        if (strcmp(databases[i].role, "parent") != 0)
            add_word(list, databases[i].name, databases[i].edition ? databases[i].edition : "");
    complain("the address databases were loaded anew: %s", *list ? list : "there are none");
}

static void say_paths(const struct paths *paths)
{
    const struct paths_file *files;
    size_t count = paths_files(paths, &files);
    complain("the path data were loaded anew: %zu file%s, %zu prefixes", count, count == 1 ? "" : "s",
             paths_prefixes(paths));
}

void newer_say_taken(const struct newer *newer, const struct loaded *loaded)
{
    if (newer->catalog != NULL)
        complain("the catalogue was loaded anew: %s", catalog_edition(loaded->catalog));
    if (newer->policies != NULL)
        say_policies(loaded->policies);
    if (newer->geo != NULL)
        say_databases(loaded->geo);
    if (newer->paths != NULL)
        say_paths(loaded->paths);
}

void newer_clear(struct newer *newer, struct geo_live *live)
{
    catalog_free(newer->catalog);
    policy_set_free(newer->policies);
    geo_live_release(live, newer->geo);
    paths_close(newer->paths);
    *newer = (struct newer){0};
}
