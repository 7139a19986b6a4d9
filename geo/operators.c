/*
 * The catalogue's parents of networks: who stands behind an AS whatever country it is registered in. A wrong file is
 * refused with its line, as it is our own.
 */
#include "sources_internal.h"

#include <string.h>

#include "scan_internal.h"
#include "yaml_reader.h"

struct operators {
    struct geo *geo;
    const struct yaml_file *file;
    uint64_t networks;
    struct error *error;
};

static enum status refuse(const struct operators *operators, const struct yaml_node *node, const char *what)
{
    return error_set(operators->error, STATUS_INVALID, "%s:%u: %s", yaml_path(operators->file), node->line, what);
}

static const char *copy_of(struct operators *operators, const struct yaml_node *mapping, const char *key)
{
    const char *text = yaml_get_string(mapping, key);
    return text ? arena_copy(operators->geo->arena, text, strlen(text)) : NULL;
}

static bool read_country(const struct yaml_node *mapping, const char *key, struct country *ret)
{
    const char *code = yaml_get_string(mapping, key);
    return code != NULL && country_parse(code, strlen(code), ret);
}

static enum status read_network(struct operators *operators, const struct yaml_node *node, const char *name,
                                struct country country, const char *since)
{
    uint32_t asn;
    struct country registered;
    const char *number = yaml_get_string(node, "asn");
    if (number == NULL || !scan_asn(text_of(number), &asn) || asn == 0)
        return refuse(operators, node, "a network needs asn, its AS number");
    if (yaml_get_string(node, "source") == NULL || yaml_get_string(node, "as_of") == NULL)
        return refuse(operators, node, "a network needs source and as_of, where and of which day the fact is");
    if (yaml_get(node, "registered") != NULL && !read_country(node, "registered", &registered))
        return refuse(operators, node, "registered is no country code (ISO 3166-1, two capitals)");
    const char *anycast = yaml_get_string(node, "anycast");
    if (yaml_get(node, "anycast") != NULL && (anycast == NULL || strcmp(anycast, "true") != 0))
        return refuse(operators, node, "anycast is true, or left out");
    uint32_t index = networks_add(&operators->geo->networks, asn);
    struct parent *parent = index != NETWORK_NONE ? arena_take(operators->geo->arena, sizeof(*parent)) : NULL;
    if (parent == NULL)
        return refuse(operators, node, "no memory for it");
    if (operators->geo->networks.items[index].parent != NULL)
        return refuse(operators, node, "this AS number has a parent already");
    *parent = (struct parent){
        name, country, copy_of(operators, node, "source"), copy_of(operators, node, "as_of"), since, anycast != NULL};
    operators->geo->networks.items[index].parent = parent;
    operators->networks++;
    return STATUS_OK;
}

static enum status read_parent(struct operators *operators, const struct yaml_node *node)
{
    struct country country;
    const char *name = node->kind == YAML_MAPPING ? copy_of(operators, node, "name") : NULL;
    const struct yaml_node *networks = node->kind == YAML_MAPPING ? yaml_get(node, "networks") : NULL;
    if (name == NULL || networks == NULL || networks->kind != YAML_SEQUENCE)
        return refuse(operators, node, "a parent needs name, country and a list of networks");
    if (!read_country(node, "country", &country))
        return refuse(operators, node, "country is no country code (ISO 3166-1, two capitals)");
    const char *since = copy_of(operators, node, "since");
    for (size_t i = 0; i < networks->count; i++) {
        if (networks->items[i]->kind != YAML_MAPPING)
            return refuse(operators, networks->items[i], "a network is a mapping with asn, source and as_of");
        enum status status = read_network(operators, networks->items[i], name, country, since);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status read_file(struct geo *geo, const struct yaml_file *file, struct error *error)
{
    static const struct known_file catalogue = {"", "catalogue", "catalogue", ROLE_PARENT, NULL};
    struct operators operators = {.geo = geo, .file = file, .error = error};
    const struct yaml_node *root = yaml_root(file);
    const struct yaml_node *parents = root && root->kind == YAML_MAPPING ? yaml_get(root, "parents") : NULL;
    if (parents == NULL || parents->kind != YAML_SEQUENCE)
        return error_set(error, STATUS_INVALID, "%s: holds no list of parents", yaml_path(file));
    struct wish wish = {.role = ROLE_PARENT, .path = yaml_path(file)};
    struct geo_source *source = geo_source_add(geo, ROLE_PARENT, &wish, &catalogue, NULL, error);
    if (source == NULL)
        return STATUS_UNSUPPORTED;
    for (size_t i = 0; i < parents->count; i++) {
        enum status status = read_parent(&operators, parents->items[i]);
        if (status != STATUS_OK)
            return status;
    }
    geo_source_database(geo, source)->ranges = operators.networks;
    return STATUS_OK;
}

enum status geo_load_operators(struct geo *geo, const char *path, struct error *error)
{
    struct yaml_file *file;
    enum status status = yaml_read(path, &file, error);
    if (status != STATUS_OK)
        return status;
    status = read_file(geo, file, error);
    yaml_close(file);
    return status;
}

enum status geo_load_operators_bytes(struct geo *geo, const char *name, const char *bytes, size_t length,
                                     struct error *error)
{
    struct yaml_file *file;
    enum status status = yaml_read_bytes(name, bytes, length, &file, error);
    if (status != STATUS_OK)
        return status;
    status = read_file(geo, file, error);
    yaml_close(file);
    return status;
}
