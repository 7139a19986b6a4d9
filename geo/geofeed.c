/*
 * Geofeeds, RFC 8805: prefix,country,region,city,postal code. What an operator says of its own prefixes: shown, and no
 * vote; where it names no country it says nothing.
 */
#include "sources_internal.h"

#include <string.h>

#include "scan_internal.h"
#include "spans_internal.h"
#include "text_file_internal.h"

enum { GEOFEED_FIELDS = 5, LINES_LOOKED_AT = 16 };

/** Without its comment and the blanks round it. */
static struct text content_of(struct text line)
{
    const char *comment = line.length > 0 ? memchr(line.data, '#', line.length) : NULL;
    if (comment != NULL)
        line.length = (size_t)(comment - line.data);
    while (line.length > 0 && strchr(" \t", line.data[line.length - 1]) != NULL)
        line.length--;
    while (line.length > 0 && strchr(" \t", line.data[0]) != NULL)
        line = (struct text){line.data + 1, line.length - 1};
    return line;
}

static bool scan_prefix(struct text field, struct ip_prefix *ret)
{
    char written[IP_PREFIX_TEXT_SIZE];
    size_t length = scan_unquote(field, written, sizeof(written));
    return length + 1 < sizeof(written) && ip_prefix_parse(written, ret, NULL) == STATUS_OK;
}

/** RFC 8805 wants capitals; what is told from the case is nothing. */
static bool scan_claim(struct text field, struct country *ret)
{
    char code[4];
    size_t length = scan_unquote(field, code, sizeof(code));
    for (size_t i = 0; i < length; i++)
        if (code[i] >= 'a' && code[i] <= 'z')
            code[i] = (char)(code[i] - 'a' + 'A');
    return scan_country((struct text){code, length}, ret);
}

bool geo_is_geofeed(struct text text)
{
    struct text line, fields[FIELDS_MAX];
    struct ip_prefix prefix;
    struct country country;
    text = text_without_mark(text);
    for (unsigned i = 0; i < LINES_LOOKED_AT && text_file_line(&text, &line); i++) {
        line = content_of(line);
        size_t count = line.length > 0 ? scan_fields(line, ',', GEOFEED_FIELDS, fields) : 0;
        if (count >= 2 && memchr(fields[0].data, '/', fields[0].length) != NULL && scan_prefix(fields[0], &prefix))
            return scan_claim(fields[1], &country);
    }
    return false;
}

/** @return false: no memory. */
static bool read_line(struct geo_source *source, struct spans *spans, struct text line, uint64_t number)
{
    struct text fields[FIELDS_MAX];
    struct ip_prefix prefix;
    struct country country;
    size_t count = scan_fields(line, ',', GEOFEED_FIELDS, fields);
    if (count < 2)
        refusals_add(&source->refusals, REFUSED_FIELDS, number);
    else if (!scan_prefix(fields[0], &prefix))
        refusals_add(&source->refusals, REFUSED_ADDRESS, number);
    else if (!scan_claim(fields[1], &country))
        refusals_add(&source->refusals, REFUSED_COUNTRY, number);
    else
        return spans_add_prefix(spans, &prefix, country_is_known(country) ? value_of_country(country) : 0);
    return true;
}

enum status geo_load_geofeed(struct geo *geo, const struct wish *wish, struct text text, struct error *error)
{
    const struct known_file *known = geo_known_file(wish->path, NULL);
    enum role role = wish->role != ROLE_NONE ? wish->role : ROLE_LOCATION;
    struct spans spans = {0};
    uint64_t lines = 0;
    if (role != ROLE_LOCATION && role != ROLE_REGISTRATION)
        return error_set(error, STATUS_INVALID, "%s: a geofeed says where addresses are: its role is location",
                         wish->path);
    struct geo_source *source = geo_source_add(geo, role, wish, known, NULL, error);
    if (source == NULL)
        return STATUS_UNSUPPORTED;
    if (known == NULL) {
        struct geo_database *database = geo_source_database(geo, source);
        database->name = database->provider = arena_print(geo->arena, "geofeed %s", database->name);
    }
    source->is_geofeed = role == ROLE_LOCATION;
    text = text_without_mark(text);
    for (struct text line; !spans.is_full && text_file_line(&text, &line);) {
        lines++;
        line = content_of(line);
        if (line.length > 0)
            read_line(source, &spans, line, lines);
    }
    bool is_good = !spans.is_full && spans_flatten(&spans, &source->list);
    spans_clear(&spans);
    if (!is_good)
        return error_set(error, STATUS_NO_MEMORY, "%s: too many prefixes", wish->path);
    return refusals_status(&source->refusals, lines, wish->path, error);
}
