#include "cli/outside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct outside {
    const struct live *live;
    int statm; /* -1: it cannot be read */
    uint64_t page_bytes;
};

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    return clock_gettime(clock, &now) == 0 ? now.tv_sec * NS_PER_SEC + now.tv_nsec : 0;
}

/* The second number of the file, in pages: proc(5). */
static uint64_t resident_bytes(const struct outside *o)
{
    char text[128];
    ssize_t length = o->statm >= 0 ? pread(o->statm, text, sizeof(text) - 1, 0) : 0;
    text[length > 0 ? length : 0] = '\0';
    const char *blank = strchr(text, ' ');
    return blank != NULL ? strtoull(blank, NULL, 10) * o->page_bytes : 0;
}

static uint64_t cpu_ns(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_SEC +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * NS_PER_USEC;
}

void outside_look(const struct outside *o, struct run_sample *ret)
{
    memset(ret, 0, sizeof(*ret));
    size_t count = live_interfaces(o->live, ret->links, SAMPLE_LINKS_MAX);
    ret->link_count = (uint32_t)(count < SAMPLE_LINKS_MAX ? count : SAMPLE_LINKS_MAX);
    ret->clock_ns = clock_ns(CLOCK_REALTIME);
    ret->steady_ns = clock_ns(CLOCK_BOOTTIME); /* goes on while the machine sleeps, as the other one does */
    ret->resident_bytes = resident_bytes(o);
    ret->cpu_ns = cpu_ns();
}

int64_t outside_wall_ns(void *context)
{
    (void)context;
    return clock_ns(CLOCK_REALTIME);
}

struct outside *outside_new(const struct live *live)
{
    struct outside *o = calloc(1, sizeof(*o));
    if (o == NULL)
        return NULL;
    o->live = live;
    o->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    o->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    return o;
}

void outside_free(struct outside *o)
{
    if (o == NULL)
        return;
    if (o->statm >= 0)
        close(o->statm);
    free(o);
}
