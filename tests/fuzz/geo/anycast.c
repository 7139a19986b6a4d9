/* A list of anycast prefixes of any text: what is read comes in order, without doubles. */
#include <stdlib.h>

#include "sources_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wish wish = {.role = ROLE_ANYCAST, .path = "anycast.txt"};
    struct geo *geo = geo_new();
    if (geo == NULL)
        abort();
    (void)geo_load_anycast(geo, &wish, (struct text){(const char *)data, size}, NULL);
    const struct range_list *list = &geo->sources[0].list;
    for (size_t i = 1; i < list->v4_count; i++)
        if (list->v4[i].start <= list->v4[i - 1].start)
            abort();
    for (size_t i = 1; i < list->v6_count; i++)
        if (wide_compare(list->v6[i].start, list->v6[i - 1].start) <= 0)
            abort();
    geo_close(geo);
    return 0;
}
