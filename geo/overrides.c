/*
 * What people who know better say of a prefix, against every database:
 *
 *   overrides:
 *     - prefix: 192.0.2.0/24
 *       country: NL
 *       axis: location              # or operator
 *       author: noc@example.net
 *       reason: moved in May, the databases have not noticed
 *       expires: 2027-06-30
 *
 * Someone must stand for each, and none is for ever: what has expired is refused, and told.
 */
#include "overrides_internal.h"

#include <string.h>

#include "packet_time.h"
#include "sources_internal.h"
#include "yaml_reader.h"

struct reading {
    struct geo *geo;
    const struct yaml_file *file;
    int64_t now_sec;
    struct spans spans[OVERRIDE_AXES];
    struct error *error;
};

static enum status refuse(const struct reading *r, const struct yaml_node *node, const char *what)
{
    return error_set(r->error, STATUS_INVALID, "%s:%u: %s", yaml_path(r->file), node->line, what);
}

static enum status refuse_country(const struct reading *r, const struct yaml_node *node, const char *code)
{
    char why[COUNTRY_WHY_SIZE];
    country_explain(code, why);
    return error_set(r->error, STATUS_INVALID, "%s:%u: '%s' is no ISO 3166-1 alpha-2 code %s", yaml_path(r->file),
                     node->line, code, why);
}

/** The last second of the day it expires on. */
static bool read_expiry(const char *day, int64_t *ret_sec)
{
    struct packet_time time;
    if (day == NULL || strlen(day) != 10 || !packet_time_parse(day, &time))
        return false;
    *ret_sec = packet_time_sec(time) + 86399;
    return true;
}

static const char *copy_of(const struct reading *r, const char *text)
{
    return arena_copy(r->geo->arena, text, strlen(text));
}

static enum status add(struct reading *r, unsigned axis, const struct ip_prefix *prefix, struct country country,
                       const struct yaml_node *node)
{
    struct overrides *overrides = &r->geo->overrides;
    if (overrides->count == OVERRIDES_MAX)
        return refuse(r, node, "more overrides than are kept");
    const char *author = yaml_get_string(node, "author"), *expires = yaml_get_string(node, "expires");
    struct override *item = &overrides->items[overrides->count++];
    *item = (struct override){
        .prefix = *prefix, .country = country, .author = copy_of(r, author), .expires = copy_of(r, expires)};
    item->detail =
        arena_print(r->geo->arena, "override by %s until %s: %s", author, expires, yaml_get_string(node, "reason"));
    if (!spans_add_prefix(&r->spans[axis], prefix, (uint32_t)overrides->count))
        return error_set(r->error, STATUS_NO_MEMORY, "%s: no memory", yaml_path(r->file));
    return STATUS_OK;
}

static enum status read_override(struct reading *r, const struct yaml_node *node)
{
    struct ip_prefix prefix;
    struct country country;
    struct error why;
    int64_t expiry;
    if (node->kind != YAML_MAPPING)
        return refuse(r, node, "an override has prefix, country, axis, author, reason and expires");
    const char *written = yaml_get_string(node, "prefix"), *code = yaml_get_string(node, "country");
    const char *axis = yaml_get_string(node, "axis"), *expires = yaml_get_string(node, "expires");
    if (written == NULL || code == NULL)
        return refuse(r, node, "an override needs prefix and country");
    if (ip_prefix_parse(written, &prefix, &why) != STATUS_OK)
        return refuse(r, node, why.text);
    if (geo_special_range(&prefix.base) != NULL)
        return refuse(r, node, "its prefix is a special-purpose one, which is never judged");
    if (!country_parse(code, strlen(code), &country))
        return refuse_country(r, node, code);
    bool is_location = axis != NULL && strcmp(axis, "location") == 0;
    if (!is_location && (axis == NULL || strcmp(axis, "operator") != 0))
        return refuse(r, node, "an override's axis is location or operator");
    if (yaml_get_string(node, "author") == NULL || yaml_get_string(node, "reason") == NULL)
        return refuse(r, node, "an override needs author and reason: who says so, and why");
    if (!read_expiry(expires, &expiry))
        return refuse(r, node, "an override needs expires, a day such as 2027-06-30");
    if (expiry >= r->now_sec)
        return add(r, is_location ? OVERRIDE_LOCATION : OVERRIDE_OPERATOR, &prefix, country, node);
    geo_pass_over(r->geo, "%s:%u: the override of %s by %s expired on %s: renew it or take it out", yaml_path(r->file),
                  node->line, written, yaml_get_string(node, "author"), expires);
    return STATUS_OK;
}

static enum status read_file(struct reading *r)
{
    const struct yaml_node *root = yaml_root(r->file);
    const struct yaml_node *list = root && root->kind == YAML_MAPPING ? yaml_get(root, "overrides") : NULL;
    if (list == NULL || list->kind != YAML_SEQUENCE)
        return error_set(r->error, STATUS_INVALID, "%s: line 1: holds no list of overrides", yaml_path(r->file));
    for (size_t i = 0; i < list->count; i++) {
        enum status status = read_override(r, list->items[i]);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/** All or nothing: what was there before stays when the file is refused. */
static enum status load(struct reading *r, struct yaml_file *file)
{
    static const struct known_file known = {"", "overrides", "overrides", ROLE_OVERRIDE, NULL};
    struct overrides *overrides = &r->geo->overrides;
    struct wish wish = {.role = ROLE_OVERRIDE, .path = yaml_path(file)};
    size_t before = overrides->count;
    r->file = file;
    if (before > 0)
        return error_set(r->error, STATUS_UNSUPPORTED, "%s: a second file of overrides: put all into one",
                         yaml_path(file));
    enum status status = read_file(r);
    for (unsigned axis = 0; axis < OVERRIDE_AXES && status == STATUS_OK; axis++)
        if (!spans_flatten(&r->spans[axis], &overrides->lists[axis]))
            status = error_set(r->error, STATUS_NO_MEMORY, "%s: no memory", yaml_path(file));
    struct geo_source *source =
        status == STATUS_OK ? geo_source_add(r->geo, ROLE_OVERRIDE, &wish, &known, NULL, r->error) : NULL;
    if (status == STATUS_OK && source == NULL)
        status = STATUS_UNSUPPORTED;
    if (status == STATUS_OK)
        geo_source_database(r->geo, source)->ranges = overrides->count;
    else
        overrides_clear(overrides);
    for (unsigned axis = 0; axis < OVERRIDE_AXES; axis++)
        spans_clear(&r->spans[axis]);
    return status;
}

enum status geo_load_overrides_bytes(struct geo *geo, const char *name, struct text text, int64_t now_sec,
                                     struct error *error)
{
    struct reading r = {.geo = geo, .now_sec = now_sec, .error = error};
    struct yaml_file *file;
    enum status status = yaml_read_bytes(name, text.data, text.length, &file, error);
    if (status != STATUS_OK)
        return status;
    status = load(&r, file);
    yaml_close(file);
    return status;
}

static uint32_t value_at(const struct range_list *list, const struct ip_address *address)
{
    bool is_v4 = ip_is_v4(address);
    uint32_t v4 = is_v4 ? ip_v4_value(address) : 0;
    struct wide v6 = wide_of(address);
    size_t low = 0, high = is_v4 ? list->v4_count : list->v6_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_v4 ? list->v4[middle].start <= v4 : wide_compare(list->v6[middle].start, v6) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : is_v4 ? list->v4[low - 1].value : list->v6[low - 1].value;
}

const struct override *overrides_find(const struct overrides *overrides, enum override_axis axis,
                                      const struct ip_address *address)
{
    uint32_t number = overrides->count > 0 ? value_at(&overrides->lists[axis], address) : 0;
    return number > 0 ? &overrides->items[number - 1] : NULL;
}

void overrides_clear(struct overrides *overrides)
{
    for (unsigned axis = 0; axis < OVERRIDE_AXES; axis++)
        range_list_clear(&overrides->lists[axis]);
    overrides->count = 0;
}
