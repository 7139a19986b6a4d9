/* Which files are loaded, as what, and from which day they are. */
#include "sources_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "packet_time.h"
#include "text_file_internal.h"

enum status geo_list_status(const struct range_list *list, const char *path, struct error *error)
{
    if (list->is_too_long)
        return error_set(error, STATUS_UNSUPPORTED, "%s: more than %d ranges", path, RANGES_MAX);
    if (list->is_out_of_memory)
        return error_set(error, STATUS_NO_MEMORY, "%s: no memory for its ranges", path);
    return error_set(error, STATUS_MALFORMED, "%s: damaged database: its ranges are not in order", path);
}

/** "2026061719" or "2026-06-17" at @p p: @return true and the day. */
static bool day_at(const char *p, char ret[static 11])
{
    char digits[9];
    size_t count = 0;
    for (const char *q = p; count < 8 && ((*q >= '0' && *q <= '9') || ((q == p + 4 || q == p + 7) && *q == '-')); q++)
        if (*q != '-')
            digits[count++] = *q;
    digits[count] = '\0';
    struct packet_time unused;
    snprintf(ret, 11, "%.4s-%.2s-%.2s", digits, count == 8 ? digits + 4 : "", count == 8 ? digits + 6 : "");
    return count == 8 && strncmp(digits, "20", 2) == 0 && packet_time_parse(ret, &unused);
}

const char *geo_edition_of_path(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *folder = name;
    char day[11];
    for (const char *p = name; *p != '\0'; p++)
        if ((p == name || p[-1] < '0' || p[-1] > '9') && day_at(p, day))
            return arena_copy(arena, day, 10);
    if (slash != NULL)
        for (folder = slash; folder > path && folder[-1] != '/';)
            folder--;
    for (const char *p = folder; p < name; p++)
        if ((p == folder || p[-1] < '0' || p[-1] > '9') && day_at(p, day))
            return arena_copy(arena, day, 10);
    return NULL;
}

struct geo_database *geo_source_database(struct geo *geo, const struct geo_source *source)
{
    return &geo->databases[source - geo->sources];
}

/** A file nobody knows is called by its name, and is a provider of its own. */
static const char *stem_of(struct geo *geo, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strcspn(name, ".");
    return arena_copy(geo->arena, name, length ? length : strlen(name));
}

struct geo_source *geo_source_add(struct geo *geo, enum role role, const struct wish *wish,
                                  const struct known_file *known, const char *fallback_name, struct error *error)
{
    if (geo->source_count == SOURCES_MAX) {
        error_set(error, STATUS_UNSUPPORTED, "%s: more than %d sources", wish->path, SOURCES_MAX);
        return NULL;
    }
    struct geo_source *source = &geo->sources[geo->source_count];
    struct geo_database *database = &geo->databases[geo->source_count++];
    bool says_nothing =
        fallback_name == NULL || *fallback_name == '\0' || strncmp(fallback_name, "country ipv", 11) == 0;
    *source = (struct geo_source){.role = role};
    *database = (struct geo_database){.role = geo_role_text(role)};
    database->path = arena_print(geo->arena, "%s", wish->path);
    database->name = known          ? known->name
                     : says_nothing ? stem_of(geo, wish->path)
                                    : arena_print(geo->arena, "%s", fallback_name);
    database->provider = known ? known->provider : database->name;
    database->licence = known ? known->licence : NULL;
    database->edition = geo_edition_of_path(geo->arena, wish->path);
    struct packet_time day;
    if (database->edition != NULL && packet_time_parse(database->edition, &day))
        database->built_sec = packet_time_sec(day);
    return source;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

enum status geo_load_bytes(struct geo *geo, const struct wish *wish, struct text bytes, struct error *error)
{
    if (geo_is_libloc(bytes))
        return geo_load_libloc(geo, wish, bytes, error);
    if (geo_is_mmdb(bytes) || ends_with(wish->path, ".mmdb") || ends_with(wish->path, ".MMDB"))
        return geo_load_mmdb(geo, wish, bytes, error);
    if (wish->role == ROLE_ANYCAST)
        return geo_load_anycast(geo, wish, bytes, error);
    if (geo_is_delegated(bytes))
        return geo_load_delegated(geo, wish, bytes, error);
    if (geo_is_as2org(bytes))
        return geo_load_as2org(geo, wish, bytes, error);
    if (geo_is_geofeed(bytes))
        return geo_load_geofeed(geo, wish, bytes, error);
    return geo_load_table(geo, wish, bytes, error);
}

/** Whether a file that is of the right kind answered nothing: its codes are no countries, or the key is another. */
static enum status check_answers(const struct geo *geo, size_t from, const struct wish *wish, struct error *error)
{
    bool has_answer = from == geo->source_count;
    for (size_t i = from; i < geo->source_count; i++) {
        const struct geo_source *source = &geo->sources[i];
        has_answer |= source->list.v4_count + source->list.v6_count + source->holders > 0 || source->is_geofeed ||
                      source->role == ROLE_ANYCAST;
    }
    if (has_answer)
        return STATUS_OK;
    return error_set(error, STATUS_INVALID, "%s: not one of its records names %s%s%.*s", wish->path,
                     geo->sources[from].role == ROLE_ASN ? "an AS" : "a country",
                     text_is_empty(wish->key) ? "" : " in the field ", (int)wish->key.length,
                     text_is_empty(wish->key) ? "" : wish->key.data);
}

enum status geo_load_file(struct geo *geo, const struct wish *wish, struct error *error)
{
    size_t from = geo->source_count;
    struct text_file file;
    enum status status = text_file_open(wish->path, &file, error);
    if (status != STATUS_OK)
        return status;
    if (!geo_is_overrides(wish->path)) {
        status = geo_load_bytes(geo, wish, file.text, error);
        if (status == STATUS_OK)
            status = check_answers(geo, from, wish, error);
    } else if (wish->role == ROLE_NONE)
        status = geo_load_overrides_bytes(geo, wish->path, file.text, geo->now_sec, error);
    else
        status = error_set(error, STATUS_INVALID, "%s: overrides take no role=", wish->path);
    text_file_close(&file);
    return status;
}

void geo_set_holder(struct geo *geo, struct geo_source *source, uint32_t network, struct country holder)
{
    struct network *item = &geo->networks.items[network];
    source->holders += country_is_known(holder);
    if (country_is_known(item->holder) || !country_is_known(holder))
        return;
    item->holder = holder;
    item->holder_source = (uint8_t)(source - geo->sources);
}

void refusals_add(struct refusals *refusals, enum refusal refusal, uint64_t line)
{
    if (refusals->first_line == 0) {
        refusals->first_line = line;
        refusals->first = refusal;
    }
    refusals->counts[refusal]++;
}

uint64_t refusals_total(const struct refusals *refusals)
{
    uint64_t total = 0;
    for (size_t i = 0; i < REFUSAL_COUNT; i++)
        total += refusals->counts[i];
    return total;
}

enum status refusals_status(const struct refusals *refusals, uint64_t lines, const char *path, struct error *error)
{
    uint64_t refused = refusals_total(refusals);
    if (refused * 2 <= lines)
        return STATUS_OK;
    return error_set(error, STATUS_MALFORMED,
                     "%s: damaged table: %llu of %llu lines cannot be used, the first is line %llu (%s)", path,
                     (unsigned long long)refused, (unsigned long long)lines, (unsigned long long)refusals->first_line,
                     geo_refusal_text(refusals->first));
}

enum { FOLDER_DEPTH_MAX = 2 };

bool geo_is_overrides(const char *path)
{
    return ends_with(path, ".yaml") || ends_with(path, ".yml");
}

/** Statistics of a registry have no ending, or the packer's; their sums and signatures have others. So has as2org. */
static bool is_registry_file(const char *name)
{
    bool is_named = strncmp(name, "delegated-", 10) == 0 || strncmp(name, "nro-delegated-", 14) == 0 ||
                    strstr(name, ".as-org2info.") != NULL;
    return is_named && (strchr(name, '.') == NULL || ends_with(name, ".gz") || ends_with(name, ".txt"));
}

/** Whether a folder's file is one to load. The numbers-only twin of a table is passed over. */
static bool is_wanted(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (strcmp(name, "location.db") == 0 || is_registry_file(name) || strcmp(name, "overrides.yaml") == 0)
        return true;
    if (strstr(path, "-num.csv") != NULL)
        return false;
    if (ends_with(path, ".mmdb") || ends_with(path, ".MMDB"))
        return true;
    bool is_table =
        ends_with(path, ".csv") || ends_with(path, ".tsv") || ends_with(path, ".tsv.gz") || ends_with(path, ".csv.gz");
    return is_table && (strstr(name, "geofeed") != NULL || geo_known_file(path, NULL) != NULL);
}

static void folder_read(struct geo_files *files, const char *path, unsigned depth)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct stat st;
        const char *inner = entry->d_name[0] == '.' ? NULL : arena_print(files->arena, "%s/%s", path, entry->d_name);
        if (inner == NULL || stat(inner, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth < FOLDER_DEPTH_MAX)
            folder_read(files, inner, depth + 1);
        else if (S_ISREG(st.st_mode) && is_wanted(inner) && files->count < FOLDER_FILES_MAX)
            files->paths[files->count++] = inner;
        else
            files->is_full |= S_ISREG(st.st_mode) && is_wanted(inner);
    }
    closedir(folder);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** x-ipv4.mmdb and x-ipv6.mmdb hold nothing that x.mmdb beside them does not. */
static bool is_half(const struct geo_files *files, const char *path)
{
    size_t length = strlen(path);
    if (!ends_with(path, "-ipv4.mmdb") && !ends_with(path, "-ipv6.mmdb"))
        return false;
    size_t stem = length - strlen("-ipv4.mmdb");
    for (size_t i = 0; i < files->count; i++)
        if (strncmp(files->paths[i], path, stem) == 0 && strcmp(files->paths[i] + stem, ".mmdb") == 0)
            return true;
    return false;
}

void geo_files_find(struct geo_files *files, const char *path)
{
    folder_read(files, path, 0);
    qsort(files->paths, files->count, sizeof(files->paths[0]), compare_paths);
}

/** Forgets what a file brought that could be used in part only: the sources behind the first @p kept. */
static void forget_sources(struct geo *geo, size_t kept)
{
    for (size_t i = 0; i < geo->networks.count; i++)
        if (geo->networks.items[i].holder_source >= kept)
            geo->networks.items[i].holder = (struct country){{0}};
    while (geo->source_count > kept)
        range_list_clear(&geo->sources[--geo->source_count].list);
}

void geo_pass_over(struct geo *geo, const char *format, ...)
{
    char sentence[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    if (geo->passed_over_count < PASSED_OVER_MAX)
        geo->passed_over[geo->passed_over_count] = arena_print(geo->arena, "%s", sentence);
    geo->passed_over_count++;
}

enum status geo_load_folder(struct geo *geo, const char *path, bool overrides, struct error *error)
{
    struct geo_files files = {.arena = geo->arena};
    struct error why;
    geo_files_find(&files, path);
    if (files.is_full)
        return error_set(error, STATUS_UNSUPPORTED, "%s: more than %d address databases", path, FOLDER_FILES_MAX);
    if (files.count == 0)
        return error_set(
            error, STATUS_INVALID,
            "%s: holds no address database that is known here; name the file itself, or run setup/location-data", path);
    for (size_t i = 0; i < files.count; i++) {
        struct wish wish = {.path = files.paths[i]};
        size_t kept = geo->source_count;
        if (geo_is_overrides(wish.path) != overrides)
            continue;
        enum status status = is_half(&files, wish.path) ? STATUS_OK : geo_load_file(geo, &wish, &why);
        if (status == STATUS_NO_MEMORY)
            return error_set(error, status, "%s", why.text);
        if (status == STATUS_OK)
            continue;
        forget_sources(geo, kept); /* nobody named this file: what it would have told is missing, the others are not */
        geo_pass_over(geo, "%s" GOING_ON_WITHOUT, why.text);
    }
    return STATUS_OK;
}
