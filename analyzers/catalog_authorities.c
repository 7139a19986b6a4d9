/*
 * Certificate authorities that a state runs or can order about (catalog/authorities.yaml), and the labels that stand
 * for a web site in a vendor's mixed zone (catalog/web-labels.yaml).
 */
#include <stdlib.h>

#include "catalog_internal.h"

static struct text optional_text(struct catalog_reader *r, const struct yaml_node *node, const char *key)
{
    const char *value = yaml_get_string(node, key);
    return text_of(value ? arena_copy(r->catalog->arena, value, strlen(value)) : NULL);
}

static void read_authority(struct catalog_reader *r, const struct yaml_node *node)
{
    static const char *const known[] = {"name",   "country", "organisation", "common-name", "common-name-prefix",
                                        "source", "read",    "note",         NULL};
    struct catalog *c = r->catalog;
    struct authority authority = {.name = NULL};
    if (!reader_keys(r, node, "authority", known))
        return;
    authority.name = reader_string(r, node, "name");
    authority.source = reader_string(r, node, "source");
    const char *country = reader_string(r, node, "country");
    authority.organisation = optional_text(r, node, "organisation");
    authority.common_name = optional_text(r, node, "common-name");
    if (authority.common_name.data == NULL) {
        authority.common_name = optional_text(r, node, "common-name-prefix");
        authority.is_prefix = authority.common_name.data != NULL;
    }
    if (authority.name == NULL || authority.source == NULL || country == NULL)
        return;
    if (!country_parse(country, strlen(country), &authority.country)) {
        reader_problem(r, node->line, true, "field 'country': '%.20s' is no ISO 3166-1 code", country);
        return;
    }
    if (authority.organisation.length < 4 && authority.common_name.length < 4) {
        reader_problem(r, node->line, true, "an authority needs 'organisation' or 'common-name', 4 characters or more");
        return;
    }
    const struct yaml_node *date = yaml_get(node, "read");
    if (date == NULL) {
        reader_problem(r, node->line, true, "field 'read' is missing");
        return;
    }
    if (reader_date(r, date, &authority.read_on) &&
        reader_grow(r, &c->authorities, &c->authority_room, c->authority_count, sizeof(*c->authorities)))
        c->authorities[c->authority_count++] = authority;
}

/* The one list that a file holds under @p key. */
static const struct yaml_node *only_list(struct catalog_reader *r, const struct yaml_file *yaml, const char *key)
{
    const char *const known[] = {key, NULL};
    const struct yaml_node *root = yaml_root(yaml);
    r->file = arena_copy(r->catalog->arena, yaml_path(yaml), strlen(yaml_path(yaml)));
    if (r->file == NULL)
        r->file = "";
    if (root == NULL || !reader_keys(r, root, "the file", known))
        return NULL;
    const struct yaml_node *list = yaml_get(root, key);
    if (list == NULL || list->kind != YAML_SEQUENCE) {
        reader_problem(r, root->line, true, "field '%s' must be a list", key);
        return NULL;
    }
    return list;
}

void catalog_read_authorities(struct catalog_reader *r, const struct yaml_file *yaml)
{
    const struct yaml_node *list = only_list(r, yaml, "authorities");
    for (size_t i = 0; list != NULL && i < list->count && !reader_stopped(r); i++)
        read_authority(r, list->items[i]);
}

static int by_text(const void *a, const void *b)
{
    const struct text *left = a, *right = b;
    size_t common = left->length < right->length ? left->length : right->length;
    int order = memcmp(left->data, right->data, common);
    return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

void catalog_read_web_labels(struct catalog_reader *r, const struct yaml_file *yaml)
{
    struct catalog *c = r->catalog;
    const struct yaml_node *list = only_list(r, yaml, "labels");
    struct text *labels = list != NULL ? arena_take(c->arena, list->count * sizeof(*labels)) : NULL;
    if (labels == NULL)
        return;
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *item = list->items[i];
        const char *copy = arena_copy(c->arena, item->scalar, item->scalar_length);
        if (copy == NULL || item->scalar_length == 0 || memchr(copy, '.', item->scalar_length) != NULL)
            reader_problem(r, item->line, true, "'%.60s' is no label", item->scalar);
        else
            labels[count++] = (struct text){copy, item->scalar_length};
    }
    qsort(labels, count, sizeof(*labels), by_text);
    c->names.web_labels = labels;
    c->names.web_label_count = count;
}

static bool part_fits(struct text seen, struct text wanted, bool is_prefix)
{
    if (wanted.data == NULL)
        return true;
    if (seen.data == NULL)
        return false;
    return is_prefix ? text_starts_with_nocase(seen, wanted) : text_equal_nocase(seen, wanted);
}

struct country catalog_authority_country(const struct catalog *catalog, const struct certificate_facts *certificate,
                                         const char **ret_name)
{
    for (size_t i = 0; i < catalog->authority_count; i++) {
        const struct authority *authority = &catalog->authorities[i];
        if (part_fits(certificate->issuer_org, authority->organisation, false) &&
            part_fits(certificate->issuer_cn, authority->common_name, authority->is_prefix)) {
            if (ret_name != NULL)
                *ret_name = authority->name;
            return authority->country;
        }
    }
    return (struct country){""};
}
