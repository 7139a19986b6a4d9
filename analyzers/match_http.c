/*
 * What clear-text HTTP tells: path, user agent, names of headers, first bytes of the answer. There are some two hundred
 * such lines and one look a request, so plain lists do; paths are told apart by their first bytes before the pattern is
 * tried.
 */
#include "catalog_internal.h"

static bool host_fits(const struct catalog_entry *entry, struct text host)
{
    for (size_t i = 0; i < entry->host_count; i++)
        if (name_is_under(host, entry->hosts[i]))
            return true;
    return entry->host_count == 0;
}

/* A request through a proxy carries the whole URL (RFC 9112, 3.2.2). */
static struct text origin_form(struct text path)
{
    static const struct text scheme = {"http://", 7};
    if (!text_starts_with_nocase(path, scheme))
        return path;
    const char *slash = memchr(path.data + scheme.length, '/', path.length - scheme.length);
    return slash == NULL ? (struct text){"/", 1} : (struct text){slash, path.length - (size_t)(slash - path.data)};
}

/* Bound to a host, then longer, is more specific. */
static bool is_more_specific(const struct catalog_entry *a, const struct catalog_entry *b)
{
    if (b == NULL || (a->host_count > 0) != (b->host_count > 0))
        return b == NULL || a->host_count > 0;
    return pattern_literals(a->value) > pattern_literals(b->value);
}

const struct catalog_entry *catalog_match_path(const struct catalog *catalog, struct text path, struct text host)
{
    struct entry_list list = catalog->by_kind[INDICATOR_HTTP_PATH];
    const struct catalog_entry *best = NULL;
    path = origin_form(path);
    if (path.length < 2)
        return NULL;
    for (size_t i = 0; i < list.count; i++) {
        const struct catalog_entry *entry = list.items[i];
        if (entry->value.data[1] == path.data[1] && path_matches(entry->value, path) && host_fits(entry, host) &&
            is_more_specific(entry, best))
            best = entry;
    }
    return best;
}

const struct catalog_entry *catalog_match_user_agent(const struct catalog *catalog, struct text user_agent,
                                                     struct text host)
{
    struct entry_list list = catalog->by_kind[INDICATOR_USER_AGENT];
    const struct catalog_entry *best = NULL;
    for (size_t i = 0; i < list.count; i++) {
        const struct catalog_entry *entry = list.items[i];
        if (text_starts_with_nocase(user_agent, entry->value) && host_fits(entry, host) &&
            (best == NULL || entry->value.length > best->value.length))
            best = entry;
    }
    return best;
}

static const struct catalog_entry *match_header_name(const struct catalog *catalog, struct text name)
{
    struct entry_list list = catalog->by_kind[INDICATOR_HTTP_HEADER];
    for (size_t i = 0; i < list.count; i++)
        if (text_equal_nocase(list.items[i]->value, name))
            return list.items[i];
    return NULL;
}

const struct catalog_entry *catalog_match_header(const struct catalog *catalog, struct text names,
                                                 struct text *ret_header)
{
    while (!text_is_empty(names)) {
        const char *end = memchr(names.data, '\n', names.length);
        struct text name = {names.data, end ? (size_t)(end - names.data) : names.length};
        const struct catalog_entry *entry = match_header_name(catalog, name);
        if (entry != NULL) {
            *ret_header = name;
            return entry;
        }
        size_t used = name.length + (end != NULL);
        names = (struct text){names.data + used, names.length - used};
    }
    return NULL;
}

const struct catalog_entry *catalog_match_body(const struct catalog *catalog, const uint8_t *body, size_t length)
{
    struct entry_list list = catalog->by_kind[INDICATOR_HTTP_BODY];
    for (size_t i = 0; i < list.count; i++) {
        const struct catalog_entry *entry = list.items[i];
        if (entry->body_length <= length && memcmp(entry->body, body, entry->body_length) == 0)
            return entry;
    }
    return NULL;
}
