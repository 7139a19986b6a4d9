/*
 * An MMDB file of any bytes, loaded as what it says it is: ranges must come in order. Merging costs some 100 times as
 * much as loading, whatever there is to merge, so one input in 16 goes on to it, and is asked.
 */
#include <stdlib.h>

#include "hash.h"
#include "sources_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* MMDB_open of libmaxminddb 1.7.1 loses a list when `languages` in the metadata holds what is no text. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libmaxminddb";
}

static void ask(const struct geo *geo, const char *text)
{
    struct ip_address address;
    struct jurisdiction jurisdiction;
    if (ip_parse(text, &address))
        geo_judge(geo, &address, &jurisdiction);
}

static void check_order(const struct range_list *list)
{
    for (size_t i = 1; i < list->v4_count; i++)
        if (list->v4[i].start <= list->v4[i - 1].start)
            abort();
    for (size_t i = 1; i < list->v6_count; i++)
        if (wide_compare(list->v6[i].start, list->v6[i - 1].start) <= 0)
            abort();
}

static void ask_merged(struct geo *geo)
{
    const struct range_list *lists[LAYERS_MAX];
    if (!geo_find_columns(geo))
        abort();
    for (size_t i = 0; i < geo->column_count; i++)
        lists[i] = &geo->columns[i]->list;
    if (!merged_build(lists, geo->column_count, &geo->merged))
        abort();
    ask(geo, "8.8.8.8");
    ask(geo, "2a00:1450::1");
    ask(geo, "2001:678::1:2:3:4");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct wish wish = {.path = "fuzz.mmdb"};
    struct geo *geo = geo_new();
    if (geo == NULL)
        abort();
    bool is_good = geo_load_mmdb(geo, &wish, (struct text){(const char *)data, size}, NULL) == STATUS_OK;
    for (size_t i = 0; i < geo->source_count; i++)
        check_order(&geo->sources[i].list);
    if (is_good && hash_bytes(data, size, 0) % 16 == 0)
        ask_merged(geo);
    geo_close(geo);
    return 0;
}
