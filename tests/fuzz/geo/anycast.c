/* A list of anycast prefixes of any text: what is read comes in order, without doubles. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sources_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1; /* one for all inputs: making a file takes longer than most of them */
    char path[64];
    struct wish wish = {.role = ROLE_ANYCAST, .path = path};
    struct geo *geo = geo_new();
    if (geo == NULL || (fd < 0 && (fd = memfd_create("fuzz", 0)) < 0))
        abort();
    if (pwrite(fd, data, size, 0) != (ssize_t)size || ftruncate(fd, (off_t)size) != 0)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    (void)geo_load_anycast(geo, &wish, NULL);
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
