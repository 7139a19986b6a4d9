/* The catalogue as others see it: load, free, list, find. */
#include "catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "catalog_internal.h"

struct catalog *catalog_new(void)
{
    struct catalog *catalog = calloc(1, sizeof(*catalog));
    if (catalog == NULL)
        return NULL;
    catalog->arena = arena_new();
    catalog->edition = "";
    if (catalog->arena == NULL) {
        free(catalog);
        return NULL;
    }
    return catalog;
}

void catalog_free(struct catalog *catalog)
{
    if (catalog == NULL)
        return;
    name_index_clear(&catalog->names);
    free(catalog->vendors);
    free(catalog->products);
    free(catalog->indicators);
    free(catalog->engines);
    free(catalog->authorities);
    arena_free(catalog->arena);
    free(catalog);
}

static void resolve_engines(struct catalog_reader *r)
{
    struct catalog *c = r->catalog;
    for (size_t i = 0; i < c->engine_count && !reader_stopped(r); i++) {
        struct engine_rule *rule = &c->engines[i];
        rule->host = catalog_find_product(c, rule->host_id);
        rule->engine = catalog_find_product(c, rule->engine_id);
        r->file = rule->file;
        if (rule->host == NULL || rule->engine == NULL)
            reader_problem(r, rule->line, true, "field '%s': '%.60s' is no product", rule->host ? "embeds" : "product",
                           rule->host ? rule->engine_id : rule->host_id);
        else if (!rule->engine->is_engine)
            reader_problem(r, rule->line, true, "field 'embeds': product '%.60s' is not marked engine",
                           rule->engine_id);
    }
}

static const char *newest_date(const struct catalog *c)
{
    const char *newest = "";
    for (size_t i = 0; i < c->indicator_count; i++)
        if (c->indicators[i]->read_on != NULL && strcmp(c->indicators[i]->read_on, newest) > 0)
            newest = c->indicators[i]->read_on;
    return newest;
}

static bool build_names(struct catalog *c)
{
    for (size_t i = 0; i < c->indicator_count; i++)
        if (c->indicators[i]->kind <= INDICATOR_PATTERN &&
            !name_index_add(&c->names, c->arena, entry_of(c->indicators[i])))
            return false;
    return true;
}

void catalog_finish(struct catalog_reader *r)
{
    struct catalog *c = r->catalog;
    if (reader_stopped(r))
        return;
    resolve_engines(r);
    c->edition = arena_print(c->arena, "%s, %zu vendors, %zu products, %zu indicators", newest_date(c), c->vendor_count,
                             c->product_count, c->indicator_count);
    if (!build_names(c) || !catalog_build_tables(c) || arena_failed(c->arena))
        r->status = error_set(r->error, STATUS_NO_MEMORY, "the catalogue does not fit into memory");
}

enum catalog_file { FILE_PRODUCTS, FILE_AUTHORITIES, FILE_WEB_LABELS };

static void read_one(struct catalog_reader *r, const char *path, enum catalog_file what)
{
    struct yaml_file *yaml = NULL;
    struct error error;
    enum status status = yaml_read(path, &yaml, &error);
    if (status != STATUS_OK) {
        r->file = path;
        r->errors++;
        if (r->visit == NULL) {
            r->status = error_set(r->error, status, "%s", error.text);
        } else {
            struct catalog_problem problem = {.file = path, .line = 1, .is_error = true};
            text_copy(text_of(error.text), problem.text, sizeof(problem.text));
            r->visit(r->context, &problem);
        }
        return;
    }
    if (what == FILE_PRODUCTS)
        catalog_read_file(r, yaml);
    else if (what == FILE_AUTHORITIES)
        catalog_read_authorities(r, yaml);
    else
        catalog_read_web_labels(r, yaml);
    yaml_close(yaml);
}

static int is_yaml(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

/* strcmp, not strcoll: the order must not hang on the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_products(struct catalog_reader *r, const char *directory)
{
    struct dirent **entries = NULL;
    const char *path = arena_print(r->catalog->arena, "%s/products", directory);
    int count = path != NULL ? scandir(path, &entries, is_yaml, by_name) : -1;
    r->file = path != NULL ? path : directory;
    if (count < 0)
        r->status =
            error_set(r->error, STATUS_IO, "%s: cannot read the product catalogue: %s", r->file, strerror(errno));
    else if (count == 0 || count > CATALOG_FILES_MAX)
        reader_problem(r, 1, true, count == 0 ? "no product file (*.yaml) here" : "more than 4,096 product files");
    for (int i = 0; i < count; i++) {
        const char *file = arena_print(r->catalog->arena, "%s/%s", path, entries[i]->d_name);
        if (file != NULL && i < CATALOG_FILES_MAX && !reader_stopped(r))
            read_one(r, file, FILE_PRODUCTS);
        free(entries[i]);
    }
    free(entries);
}

/* Files beside products/ that a catalogue may do without. */
static void read_optional(struct catalog_reader *r, const char *directory, const char *name, enum catalog_file what)
{
    struct stat unused;
    const char *path = arena_print(r->catalog->arena, "%s/%s", directory, name);
    if (!reader_stopped(r) && path != NULL && stat(path, &unused) == 0)
        read_one(r, path, what);
}

void catalog_read_directory(struct catalog_reader *r, const char *directory)
{
    read_products(r, directory);
    read_optional(r, directory, "authorities.yaml", FILE_AUTHORITIES);
    read_optional(r, directory, "web-labels.yaml", FILE_WEB_LABELS);
    catalog_finish(r);
}

static enum status hand_over(struct catalog_reader *r, struct catalog **ret)
{
    if (r->status != STATUS_OK) {
        catalog_free(r->catalog);
        return r->status;
    }
    *ret = r->catalog;
    return STATUS_OK;
}

enum status catalog_load(const char *directory, struct catalog **ret, struct error *error)
{
    struct catalog_reader reader = {.catalog = catalog_new(), .error = error, .file = directory};
    if (reader.catalog == NULL)
        return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", directory);
    catalog_read_directory(&reader, directory);
    return hand_over(&reader, ret);
}

enum status catalog_load_bytes(const char *name, const char *bytes, size_t length, struct catalog **ret,
                               struct error *error)
{
    struct catalog_reader reader = {.catalog = catalog_new(), .error = error, .file = name};
    struct yaml_file *yaml = NULL;
    if (reader.catalog == NULL)
        return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", name);
    reader.status = yaml_read_bytes(name, bytes, length, &yaml, error);
    if (reader.status == STATUS_OK)
        catalog_read_file(&reader, yaml);
    yaml_close(yaml);
    catalog_finish(&reader);
    return hand_over(&reader, ret);
}

const char *catalog_edition(const struct catalog *catalog)
{
    return catalog->edition;
}

size_t catalog_vendors(const struct catalog *catalog, const struct vendor *const **ret)
{
    *ret = catalog->vendors;
    return catalog->vendor_count;
}

size_t catalog_products(const struct catalog *catalog, const struct product *const **ret)
{
    *ret = catalog->products;
    return catalog->product_count;
}

size_t catalog_indicators(const struct catalog *catalog, const struct indicator *const **ret)
{
    *ret = catalog->indicators;
    return catalog->indicator_count;
}

const struct product *catalog_find_product(const struct catalog *catalog, const char *id)
{
    for (size_t i = 0; i < catalog->product_count; i++)
        if (strcmp(catalog->products[i]->id, id) == 0)
            return catalog->products[i];
    return NULL;
}

const struct vendor *catalog_find_vendor(const struct catalog *catalog, const char *id)
{
    for (size_t i = 0; i < catalog->vendor_count; i++)
        if (strcmp(catalog->vendors[i]->id, id) == 0)
            return catalog->vendors[i];
    return NULL;
}

const struct indicator *catalog_match_name(const struct catalog *catalog, struct text name)
{
    const struct catalog_entry *entry = name_index_find(&catalog->names, name, NULL);
    return entry != NULL ? &entry->indicator : NULL;
}
