/*
 * A user's list of anycast prefixes, in any order and nested as they like. None is shipped: the
 * public ones state no licence.
 */
#include "sources_internal.h"

#include <stdlib.h>
#include <string.h>

#include "text_file_internal.h"

struct span {
    struct wide first, last;
};

struct spans {
    struct span *items;
    size_t count, room;
};

static bool spans_add(struct spans *spans, struct span span)
{
    if (spans->count == spans->room) {
        size_t room = spans->room ? spans->room * 2 : 1024;
        struct span *larger = room <= RANGES_MAX ? realloc(spans->items, room * sizeof(*larger)) : NULL;
        if (larger == NULL)
            return false;
        spans->items = larger;
        spans->room = room;
    }
    spans->items[spans->count++] = span;
    return true;
}

static struct span span_of(const struct ip_prefix *prefix)
{
    struct span ret = {wide_of(&prefix->base), wide_of(&prefix->base)};
    unsigned free_bits = 128u - prefix->length;
    if (free_bits >= 64) {
        ret.last.low = UINT64_MAX;
        ret.last.high |= free_bits == 128 ? UINT64_MAX : (UINT64_C(1) << (free_bits - 64)) - 1;
    } else {
        ret.last.low |= (UINT64_C(1) << free_bits) - 1;
    }
    return ret;
}

static int compare_spans(const void *a, const void *b)
{
    const struct span *left = a, *right = b;
    int order = wide_compare(left->first, right->first);
    return order != 0 ? order : wide_compare(left->last, right->last);
}

static bool is_mapped(struct wide w)
{
    return w.high == 0 && w.low >> 32 == 0xffff;
}

static bool list_span(struct range_list *list, const struct span *span)
{
    struct wide behind = span->last;
    bool has_behind = wide_increment(&behind);
    if (is_mapped(span->first))
        return range_list_add4(list, (uint32_t)span->first.low, VALUE_ANYCAST) == RANGE_OK &&
               (!is_mapped(behind) || range_list_add4(list, (uint32_t)behind.low, 0) == RANGE_OK);
    if (!wide_is_global(span->first))
        return true; /* special anyway */
    return range_list_add6(list, span->first, VALUE_ANYCAST) == RANGE_OK &&
           (!has_behind || !wide_is_global(behind) || range_list_add6(list, behind, 0) == RANGE_OK);
}

/** Sorted spans, those that overlap taken together. */
static bool list_spans(struct range_list *list, const struct spans *spans)
{
    for (size_t i = 0; i < spans->count;) {
        struct span whole = spans->items[i++];
        for (; i < spans->count && wide_compare(spans->items[i].first, whole.last) <= 0; i++)
            if (wide_compare(spans->items[i].last, whole.last) > 0)
                whole.last = spans->items[i].last;
        if (!list_span(list, &whole))
            return false;
    }
    return true;
}

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
        return spans_add(spans, span_of(&prefix));
    if (number == 1)
        return true; /* a line of headings */
    if (source->refusals.first_line == 0)
        source->refusals.first_line = number;
    source->refusals.counts[REFUSED_ADDRESS]++;
    return true;
}

enum status geo_load_anycast(struct geo *geo, const struct wish *wish, struct error *error)
{
    struct text_file file;
    struct spans spans = {0};
    struct geo_source *source = geo_source_add(geo, ROLE_ANYCAST, wish, NULL, NULL, error);
    enum status status = source ? text_file_open(wish->path, &file, error) : STATUS_UNSUPPORTED;
    if (status != STATUS_OK)
        return status;
    bool is_good = true;
    uint64_t number = 0;
    for (struct text rest = file.text, line; is_good && text_file_line(&rest, &line);)
        is_good = read_line(source, &spans, line, ++number);
    if (is_good && spans.count == 0)
        status = error_set(error, STATUS_MALFORMED, "%s: holds no prefix; one a line is wanted", wish->path);
    if (spans.count > 0)
        qsort(spans.items, spans.count, sizeof(spans.items[0]), compare_spans);
    if (!is_good || !list_spans(&source->list, &spans))
        status = error_set(error, STATUS_NO_MEMORY, "%s: too many prefixes", wish->path);
    free(spans.items);
    text_file_close(&file);
    return status;
}
