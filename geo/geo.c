#include "geo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cache_internal.h"
#include "known_networks_internal.h"

enum {
    CACHED_BYTES_LEAST = 4 << 20, /* smaller databases are read faster than another file is looked after */
};

/** "role=location,key=country_code,file=PATH" or a plain path. */
static enum status wish_parse(const char *text, struct wish *ret, struct error *error)
{
    const char *at = text;
    *ret = (struct wish){.path = text};
    if (strncmp(text, "role=", 5) != 0 && strncmp(text, "key=", 4) != 0 && strncmp(text, "file=", 5) != 0)
        return STATUS_OK;
    while (strncmp(at, "file=", 5) != 0) {
        size_t length = strcspn(at, ",");
        struct text value = {strchr(at, '=') ? strchr(at, '=') + 1 : at + length, 0};
        value.length = value.data < at + length ? (size_t)(at + length - value.data) : 0;
        bool is_role = strncmp(at, "role=", 5) == 0;
        if (!is_role && strncmp(at, "key=", 4) != 0)
            return error_set(error, STATUS_INVALID, "%s: only role=, key= and, last, file= are known here", text);
        if (is_role && !geo_role_parse(value, &ret->role))
            return error_set(error, STATUS_INVALID,
                             "%s: a role is location, registration, holder-country, asn or anycast", text);
        if (!is_role)
            ret->key = value;
        if (at[length] == '\0')
            return error_set(error, STATUS_INVALID, "%s: file=PATH is missing; it comes last", text);
        at += length + 1;
    }
    ret->path = at + 5;
    if (ret->role == ROLE_NONE)
        return error_set(error, STATUS_INVALID, "%s: role= is missing", text);
    return STATUS_OK;
}

/** Databases are merged and kept in the cache, overrides are read at every start: they expire. */
static enum status load_path(struct geo *geo, const char *text, bool overrides, struct error *error)
{
    struct wish wish;
    struct stat st;
    enum status status = wish_parse(text, &wish, error);
    if (status != STATUS_OK)
        return status;
    if (stat(wish.path, &st) != 0)
        return error_set(error, STATUS_IO, "%s: no such file or folder of address databases, or no right to read it",
                         wish.path);
    if (!S_ISDIR(st.st_mode))
        return geo_is_overrides(wish.path) == overrides ? geo_load_file(geo, &wish, error) : STATUS_OK;
    if (wish.role != ROLE_NONE)
        return error_set(error, STATUS_INVALID, "%s: role= needs a file, this is a folder", wish.path);
    return geo_load_folder(geo, wish.path, overrides, error);
}

bool geo_find_columns(struct geo *geo)
{
    geo->column_count = 0;
    for (size_t i = 0; i < geo->source_count; i++) {
        const struct geo_source *source = &geo->sources[i];
        if (source->v4_ranges + source->v6_ranges == 0)
            continue;
        if (geo->column_count == LAYERS_MAX)
            return false;
        geo->columns[geo->column_count++] = source;
    }
    return true;
}

/** A copy under another name, in whatever format, is no second provider. */
static void join_copies(struct geo *geo)
{
    for (size_t i = 1; i < geo->source_count; i++)
        for (size_t k = 0; k < i; k++)
            if (geo->sources[i].role == ROLE_LOCATION && geo->sources[k].role == ROLE_LOCATION &&
                range_list_equal(&geo->sources[i].list, &geo->sources[k].list)) {
                geo->databases[i].provider = geo->databases[k].provider;
                break;
            }
}

/** Merges the ranges of all sources that have some. */
static enum status merge_sources(struct geo *geo, struct error *error)
{
    const struct range_list *lists[LAYERS_MAX];
    join_copies(geo);
    for (size_t i = 0; i < geo->source_count; i++) {
        struct geo_source *source = &geo->sources[i];
        source->v4_ranges = source->list.v4_count;
        source->v6_ranges = source->list.v6_count;
        geo->databases[i].ranges = source->v4_ranges + source->v6_ranges + source->holders;
    }
    if (!geo_find_columns(geo))
        return error_set(error, STATUS_UNSUPPORTED, "%s: more than %d address databases at once",
                         geo->databases[geo->source_count - 1].path, LAYERS_MAX);
    for (size_t i = 0; i < geo->column_count; i++)
        lists[i] = &geo->columns[i]->list;
    if (!merged_build(lists, geo->column_count, &geo->merged))
        return error_set(error, STATUS_NO_MEMORY, "address databases: no memory to merge %zu of them",
                         geo->column_count);
    for (size_t i = 0; i < geo->source_count; i++)
        range_list_clear(&geo->sources[i].list);
    return STATUS_OK;
}

static enum status load_databases(struct geo *geo, const char *const *paths, size_t count, struct error *error)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = load_path(geo, paths[i], false, error);
    return status == STATUS_OK ? merge_sources(geo, error) : status;
}

/** Databases from the cache, when it has what is in the files; else from the files, and into the cache. */
static enum status load_databases_cached(struct geo *geo, const char *const *paths, size_t count, const char *folder,
                                         struct error *error)
{
    struct geo_cache_key key;
    bool is_cached = folder != NULL && geo_cache_key_of(paths, count, &key) && key.bytes >= CACHED_BYTES_LEAST;
    if (is_cached && geo_cache_load(geo, folder, &key))
        return STATUS_OK;
    enum status status = load_databases(geo, paths, count, error);
    if (status == STATUS_OK && is_cached && !arena_failed(geo->arena) && geo->passed_over_count == 0)
        geo_cache_save(geo, folder, &key);
    return status;
}

static enum status load_all(struct geo *geo, const char *const *paths, size_t count, const char *operators_file,
                            const char *cache_folder, struct error *error)
{
    enum status status = load_databases_cached(geo, paths, count, cache_folder, error);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = load_path(geo, paths[i], true, error);
    if (status == STATUS_OK && operators_file != NULL)
        status = geo_load_operators(geo, operators_file, error);
    networks_trim(&geo->networks);
    if (status == STATUS_OK && arena_failed(geo->arena))
        status = error_set(error, STATUS_NO_MEMORY, "address databases: no memory for their texts");
    return status;
}

struct geo *geo_new(void)
{
    struct geo *geo = calloc(1, sizeof(*geo));
    if (geo == NULL)
        return NULL;
    networks_init(&geo->networks);
    geo->now_sec = (int64_t)time(NULL);
    geo->arena = arena_new();
    if (geo->arena == NULL) {
        free(geo);
        return NULL;
    }
    return geo;
}

enum status geo_open(const char *const *paths, size_t count, const char *operators_file, struct geo **ret,
                     struct error *error)
{
    return geo_open_cached(paths, count, operators_file, NULL, ret, error);
}

enum status geo_open_cached(const char *const *paths, size_t count, const char *operators_file,
                            const char *cache_folder, struct geo **ret, struct error *error)
{
    struct geo *geo = geo_new();
    if (geo == NULL)
        return error_set(error, STATUS_NO_MEMORY, "address databases: no memory");
    enum status status = load_all(geo, paths, count, operators_file, cache_folder, error);
    if (status == STATUS_OK)
        *ret = geo;
    else
        geo_close(geo);
    return status;
}

void geo_close(struct geo *geo)
{
    if (geo == NULL)
        return;
    for (size_t i = 0; i < geo->source_count; i++)
        range_list_clear(&geo->sources[i].list);
    if (geo->image.map == NULL)
        merged_clear(&geo->merged);
    networks_clear(&geo->networks);
    free(geo->known);
    overrides_clear(&geo->overrides);
    geo_image_close(&geo->image);
    arena_free(geo->arena);
    free(geo);
}

size_t geo_databases(const struct geo *geo, const struct geo_database **ret)
{
    *ret = geo->databases;
    return geo->source_count;
}

void geo_count(const struct geo *geo, counter_visit *visit, void *context)
{
    for (enum refusal refusal = 0; refusal < REFUSAL_COUNT; refusal++) {
        struct counter counter = {"geo", geo_refusal_text(refusal), 0};
        for (size_t i = 0; i < geo->source_count; i++)
            counter.value += geo->sources[i].refusals.counts[refusal];
        visit(context, &counter);
    }
}

size_t geo_memory(const struct geo *geo)
{
    size_t bytes = sizeof(*geo) + arena_size(geo->arena) + merged_bytes(&geo->merged);
    bytes += geo->known_count * sizeof(*geo->known);
    bytes +=
        geo->networks.room * sizeof(*geo->networks.items) + geo->networks.slot_count * sizeof(*geo->networks.slots);
    return bytes;
}
