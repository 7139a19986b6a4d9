/*
 * One vendor's file: who it is, its products, where the facts were read, and the rows. Unknown keys are errors: a key
 * written wrong must not be a fact silently lost.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalog_internal.h"
#include "packet_time.h"

void reader_problem(struct catalog_reader *r, uint32_t line, bool is_error, const char *format, ...)
{
    if (reader_stopped(r) || (r->visit == NULL && !is_error))
        return;
    struct catalog_problem problem = {.file = r->file, .line = line, .is_error = is_error};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem.text, sizeof(problem.text), format, arguments);
    va_end(arguments);
    r->errors += is_error;
    if (r->visit != NULL)
        r->visit(r->context, &problem);
    else
        r->status = error_set(r->error, STATUS_INVALID, "%s:%u: %s", r->file, line, problem.text);
}

bool reader_grow(struct catalog_reader *r, void *array, size_t *room, size_t count, size_t size)
{
    void *old, *grown;
    if (count < *room)
        return true;
    size_t more = *room == 0 ? 64 : *room * 2;
    memcpy(&old, array, sizeof(old)); /* array: the address of any pointer */
    grown = more <= SIZE_MAX / 2 / size ? realloc(old, more * size) : NULL;
    if (grown == NULL) {
        r->status = error_set(r->error, STATUS_NO_MEMORY, "%s: out of memory", r->file);
        return false;
    }
    memcpy(array, &grown, sizeof(grown));
    *room = more;
    return true;
}

const char *reader_string(struct catalog_reader *r, const struct yaml_node *mapping, const char *key)
{
    const char *ret = yaml_get_string(mapping, key);
    if (ret == NULL)
        reader_problem(r, mapping->line, true, "field '%s' is missing or empty", key);
    return ret == NULL ? NULL : arena_copy(r->catalog->arena, ret, strlen(ret));
}

bool reader_bool(struct catalog_reader *r, const struct yaml_node *mapping, const char *key, bool *ret)
{
    const struct yaml_node *node = yaml_get(mapping, key);
    if (node == NULL)
        return true;
    bool is_true = strcmp(node->scalar, "true") == 0;
    if (!is_true && strcmp(node->scalar, "false") != 0) {
        reader_problem(r, node->line, true, "field '%s' must be true or false", key);
        return false;
    }
    *ret = is_true;
    return true;
}

bool reader_date(struct catalog_reader *r, const struct yaml_node *node, const char **ret)
{
    struct packet_time unused;
    if (node == NULL || node->scalar_length != 10 || !packet_time_parse(node->scalar, &unused)) {
        reader_problem(r, node == NULL ? 1 : node->line, true, "field 'read' must be a date, YYYY-MM-DD");
        return false;
    }
    *ret = arena_copy(r->catalog->arena, node->scalar, node->scalar_length);
    return *ret != NULL;
}

bool reader_keys(struct catalog_reader *r, const struct yaml_node *mapping, const char *what, const char *const *known)
{
    if (mapping->kind != YAML_MAPPING) {
        reader_problem(r, mapping->line, true, "%s must be a mapping", what);
        return false;
    }
    for (size_t i = 0; i < mapping->count; i++) {
        const struct yaml_node *key = mapping->items[2 * i];
        const char *const *k = known;
        while (*k != NULL && strcmp(*k, key->scalar) != 0)
            k++;
        if (*k == NULL) {
            reader_problem(r, key->line, true, "%s has no field '%.60s'", what, key->scalar);
            return false;
        }
    }
    return true;
}

static bool is_id(const char *id)
{
    size_t length = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return length > 0 && length <= 63 && id[length] == '\0' && id[0] != '-';
}

static bool read_country(struct catalog_reader *r, const struct yaml_node *mapping, struct country *ret)
{
    const char *code = reader_string(r, mapping, "country");
    if (code == NULL)
        return false;
    if (country_parse(code, strlen(code), ret))
        return true;
    const char *meant = country_suggestion(code);
    reader_problem(r, mapping->line, true, "field 'country': '%.20s' is no ISO 3166-1 code%s%s", code,
                   meant ? ", did you mean " : "", meant ? meant : "");
    return false;
}

static void read_domicile(struct catalog_reader *r, const struct yaml_node *vendor)
{
    static const char *const known[] = {"country", "basis", "source", "read", NULL};
    const struct yaml_node *node = yaml_get(vendor, "domicile");
    if (node == NULL) {
        reader_problem(r, vendor->line, true, "field 'domicile' is missing");
        return;
    }
    if (!reader_keys(r, node, "domicile", known) || !read_country(r, node, &r->vendor->domicile))
        return;
    r->vendor->domicile_basis = reader_string(r, node, "basis");
    r->vendor->domicile_source = reader_string(r, node, "source");
    const struct yaml_node *date = yaml_get(node, "read");
    if (date == NULL)
        reader_problem(r, node->line, true, "field 'read' is missing");
    else
        reader_date(r, date, &r->vendor->domicile_read);
}

static void read_vendor(struct catalog_reader *r, const struct yaml_node *root)
{
    static const char *const known[] = {"id", "name", "domicile", NULL};
    struct catalog *c = r->catalog;
    const struct yaml_node *node = yaml_get(root, "vendor");
    r->vendor = NULL;
    if (node == NULL) {
        reader_problem(r, root->line, true, "field 'vendor' is missing");
        return;
    }
    if (!reader_keys(r, node, "vendor", known))
        return;
    const char *id = reader_string(r, node, "id"), *name = reader_string(r, node, "name");
    if (id == NULL || name == NULL)
        return;
    if (!is_id(id) || catalog_find_vendor(c, id) != NULL) {
        reader_problem(r, node->line, true, "vendor id '%.60s' is %s", id,
                       is_id(id) ? "taken" : "not of a-z, 0-9 and '-'");
        return;
    }
    struct vendor *vendor = arena_take(c->arena, sizeof(*vendor));
    if (vendor == NULL || !reader_grow(r, &c->vendors, &c->vendor_room, c->vendor_count, sizeof(*c->vendors)))
        return;
    *vendor = (struct vendor){.id = id, .name = name, .domicile_basis = "", .domicile_source = "", .domicile_read = ""};
    r->vendor = vendor;
    c->vendors[c->vendor_count++] = vendor;
    read_domicile(r, node);
}

static void read_product(struct catalog_reader *r, const struct yaml_node *node)
{
    static const char *const known[] = {"id", "name", "agent", "engine", NULL};
    struct catalog *c = r->catalog;
    if (!reader_keys(r, node, "product", known))
        return;
    const char *id = reader_string(r, node, "id"), *name = reader_string(r, node, "name");
    bool is_agent = true, is_engine = false;
    if (id == NULL || name == NULL || !reader_bool(r, node, "agent", &is_agent) ||
        !reader_bool(r, node, "engine", &is_engine))
        return;
    if (!is_id(id) || catalog_find_product(c, id) != NULL) {
        reader_problem(r, node->line, true, "product id '%.60s' is %s", id,
                       is_id(id) ? "taken" : "not of a-z, 0-9 and '-'");
        return;
    }
    struct product *product = arena_take(c->arena, sizeof(*product));
    if (product == NULL || !reader_grow(r, &c->products, &c->product_room, c->product_count, sizeof(*c->products)))
        return;
    *product = (struct product){id, name, r->vendor, is_agent, is_engine};
    c->products[c->product_count++] = product;
}

static void read_engine(struct catalog_reader *r, const struct yaml_node *node)
{
    static const char *const known[] = {"product", "embeds", "own", "source", "note", NULL};
    struct catalog *c = r->catalog;
    if (!reader_keys(r, node, "engine rule", known))
        return;
    struct engine_rule rule = {.host_id = reader_string(r, node, "product"),
                               .engine_id = reader_string(r, node, "embeds")};
    const struct yaml_node *own = yaml_get(node, "own");
    if (rule.host_id == NULL || rule.engine_id == NULL || reader_string(r, node, "source") == NULL)
        return;
    if (own != NULL && own->kind == YAML_SEQUENCE) {
        struct text *names = arena_take(c->arena, own->count * sizeof(*names));
        for (size_t i = 0; names != NULL && i < own->count; i++)
            names[i] = text_of(arena_copy(c->arena, own->items[i]->scalar, own->items[i]->scalar_length));
        rule.own_names = names;
        rule.own_name_count = names != NULL ? own->count : 0;
    } else if (own != NULL) {
        reader_problem(r, own->line, true, "field 'own' must be a list of names");
    }
    rule.file = r->file;
    rule.line = node->line;
    if (reader_grow(r, &c->engines, &c->engine_room, c->engine_count, sizeof(*c->engines)))
        c->engines[c->engine_count++] = rule;
}

typedef void read_item(struct catalog_reader *r, const struct yaml_node *node);

static void read_list(struct catalog_reader *r, const struct yaml_node *root, const char *key, bool is_needed,
                      read_item *read)
{
    const struct yaml_node *list = yaml_get(root, key);
    if (list == NULL && !is_needed)
        return;
    if (list == NULL || list->kind != YAML_SEQUENCE) {
        reader_problem(r, list ? list->line : root->line, true, "field '%s' must be a list", key);
        return;
    }
    for (size_t i = 0; i < list->count && !reader_stopped(r); i++)
        read(r, list->items[i]);
}

void catalog_read_file(struct catalog_reader *r, const struct yaml_file *yaml)
{
    static const char *const known[] = {"vendor", "read", "products", "sources", "engines", "indicators", NULL};
    const struct yaml_node *root = yaml_root(yaml);
    r->yaml = yaml;
    r->file = arena_copy(r->catalog->arena, yaml_path(yaml), strlen(yaml_path(yaml)));
    if (r->file == NULL)
        r->file = "";
    r->first_product = r->catalog->product_count;
    r->read_on = NULL;
    if (root == NULL) {
        reader_problem(r, 1, true, "the file is empty");
        return;
    }
    if (!reader_keys(r, root, "a vendor's file", known))
        return;
    const struct yaml_node *date = yaml_get(root, "read");
    if (date == NULL)
        reader_problem(r, root->line, true, "field 'read' is missing: the day the sources were read");
    else
        reader_date(r, date, &r->read_on);
    read_vendor(r, root);
    if (r->vendor == NULL)
        return;
    r->sources = yaml_get(root, "sources");
    if (r->sources != NULL && r->sources->kind != YAML_MAPPING) {
        reader_problem(r, r->sources->line, true, "field 'sources' must be a mapping of keys to texts");
        r->sources = NULL;
    }
    read_list(r, root, "products", true, read_product);
    read_list(r, root, "engines", false, read_engine);
    read_list(r, root, "indicators", false, catalog_read_row);
}
