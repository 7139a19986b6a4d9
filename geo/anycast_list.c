/*
 * A user's list of anycast prefixes, in any order and nested as they like. None is shipped: the
 * public ones state no licence.
 */
#include "sources_internal.h"

#include <string.h>

#include "spans_internal.h"
#include "text_file_internal.h"

/** @return false: no memory. */
static bool read_line(struct geo_source *source, struct spans *spans, struct text line, uint64_t number)
{
    char written[IP_PREFIX_TEXT_SIZE];
    struct ip_prefix prefix;
    size_t length = 0;
    while (length < line.length && strchr(", \t;#", line.data[length]) == NULL)
        length++;
    if (length == 0)
        return true;
    text_copy((struct text){line.data, length}, written, sizeof(written));
    if (length < sizeof(written) && ip_prefix_parse(written, &prefix, NULL) == STATUS_OK)
        return spans_add_prefix(spans, &prefix, VALUE_ANYCAST);
    if (number > 1) /* the first may be a line of headings */
        refusals_add(&source->refusals, REFUSED_ADDRESS, number);
    return true;
}

enum status geo_load_anycast(struct geo *geo, const struct wish *wish, struct text text, struct error *error)
{
    struct spans spans = {0};
    struct geo_source *source = geo_source_add(geo, ROLE_ANYCAST, wish, NULL, NULL, error);
    enum status status = STATUS_OK;
    bool is_good = true;
    uint64_t number = 0;
    if (source == NULL)
        return STATUS_UNSUPPORTED;
    for (struct text rest = text, line; is_good && text_file_line(&rest, &line);)
        is_good = read_line(source, &spans, line, ++number);
    if (is_good && spans.count == 0)
        status = error_set(error, STATUS_MALFORMED, "%s: line 1: holds no prefix; one a line is wanted", wish->path);
    else if (!is_good || !spans_flatten(&spans, &source->list))
        status = error_set(error, STATUS_NO_MEMORY, "%s: too many prefixes", wish->path);
    spans_clear(&spans);
    return status;
}
