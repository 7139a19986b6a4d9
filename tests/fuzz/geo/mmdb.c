/* An MMDB file of any bytes, opened as what it says it is, and asked. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "geo.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64], target[64];
    const char *paths[] = {path};
    struct geo *geo = NULL;
    int fd = memfd_create("fuzz", 0); /* libmaxminddb opens by path, and its kind is told by its name */
    snprintf(path, sizeof(path), "/tmp/bordertap-fuzz-%ld.mmdb", (long)getpid());
    snprintf(target, sizeof(target), "/proc/self/fd/%d", fd);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || symlink(target, path) != 0)
        abort();
    if (geo_open(paths, 1, NULL, &geo, NULL) == STATUS_OK) {
        ask(geo, "8.8.8.8");
        ask(geo, "2a00:1450::1");
        ask(geo, "2001:678::1:2:3:4");
    }
    geo_close(geo);
    unlink(path);
    close(fd);
    return 0;
}
