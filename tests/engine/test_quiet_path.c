/*
 * After warm-up a packet costs no allocation, no lock, no clock and no output: the same run with twice the packets of
 * the same flows asks for exactly as much of each, but for what a batch of packets costs. Not under ASan, which has its
 * own malloc.
 */
#include "test.h"

#include <dlfcn.h>
#include <pthread.h>
#include <time.h>

#include "engine/engine.h"

#if defined(__SANITIZE_ADDRESS__)
#define OWNS_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OWNS_MALLOC 0
#endif
#endif
#ifndef OWNS_MALLOC
#define OWNS_MALLOC 1
#endif

enum {
    FLOWS = 40,
    PAYLOAD = 400,
    FRAME = 14 + 20 + 20 + PAYLOAD,
    SHORT_RUN = 20000,
    LONG_RUN = 40000,
    PACKETS_PER_BATCH = 1024
};

struct asked {
    unsigned long memory, locks, clocks;
};

static struct asked asked;

#if OWNS_MALLOC
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    asked.memory++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    asked.memory++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    asked.memory++;
    return __libc_realloc(old, size);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static int (*real)(pthread_mutex_t *);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_mutex_lock");
    asked.locks++;
    return real(mutex);
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    asked.clocks++;
    return real(id, ret);
}
#endif

static char path[64];

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

/* One segment of one of the flows: the client's request first, then the server's bytes without end. */
static void make_frame(uint8_t *frame, uint32_t number)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n";
    uint32_t flow = number % FLOWS, round = number / FLOWS;
    bool is_request = round == 0;
    memset(frame, 'x', FRAME);
    memcpy(frame, "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0\x45\0", 16);
    put16(frame + 16, FRAME - 14);
    put16(frame + 18, number & 0xffff);
    memcpy(frame + 20, "\0\0\x40\6\0\0", 6);
    memcpy(frame + 26, is_request ? "\12\0\0\1" : "\xcb\0\x71\1", 4);
    memcpy(frame + 30, is_request ? "\xcb\0\x71\1" : "\12\0\0\1", 4);
    put16(frame + 34, is_request ? 40000 + flow : 80);
    put16(frame + 36, is_request ? 80 : 40000 + flow);
    put32(frame + 38, is_request ? 1000 : 5000 + (round - 1) * PAYLOAD);
    put32(frame + 42, is_request ? 5000 : 1000 + PAYLOAD);
    memcpy(frame + 46, "\x50\x18\x10\0\0\0\0\0", 8);
    if (is_request)
        memcpy(frame + 54, request, sizeof(request) - 1);
}

static void make_capture(uint32_t packets)
{
    static const uint32_t header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};
    uint8_t frame[FRAME];
    snprintf(path, sizeof(path), "/tmp/bordertap-quiet-XXXXXX");
    int fd = mkstemp(path);
    FILE *out = fd >= 0 ? fdopen(fd, "wb") : NULL;
    assert_non_null(out);
    fwrite(header, sizeof(header), 1, out);
    for (uint32_t i = 0; i < packets; i++) {
        uint32_t record[4] = {1700000000 + i / 10000, i % 10000 * 100, FRAME, FRAME};
        make_frame(frame, i);
        fwrite(record, sizeof(record), 1, out);
        fwrite(frame, FRAME, 1, out);
    }
    assert_int_equal(fclose(out), 0);
}

static struct asked run(uint32_t packets)
{
    const char *paths[] = {path};
    struct engine_options options = {.sensor = "test", .workers = 1};
    struct catalog *catalog;
    struct geo *geo;
    struct policy_set *policies;
    struct home_nets *nets;
    struct engine *engine;
    struct source *source;
    make_capture(packets);
    assert_int_equal(catalog_load(SOURCE_ROOT "/catalog", &catalog, NULL), STATUS_OK);
    assert_int_equal(geo_open(NULL, 0, NULL, &geo, NULL), STATUS_OK);
    assert_int_equal(policy_set_load(SOURCE_ROOT "/catalog/jurisdictions", NULL, 0, NULL, &policies, NULL), STATUS_OK);
    assert_int_equal(home_nets_parse(NULL, &nets, NULL), STATUS_OK);
    options.catalog = catalog;
    options.geo = geo;
    options.policies = policies;
    options.home_nets = nets;
    assert_int_equal(engine_new(&options, &engine, NULL), STATUS_OK);
    assert_int_equal(source_open(paths, 1, &source, NULL), STATUS_OK);
    struct asked before = asked;
    assert_int_equal(engine_read(engine, source), STATUS_OK);
    struct asked ret = {asked.memory - before.memory, asked.locks - before.locks, asked.clocks - before.clocks};
    source_close(source);
    engine_free(engine);
    home_nets_free(nets);
    policy_set_free(policies);
    geo_close(geo);
    catalog_free(catalog);
    unlink(path);
    return ret;
}

static void packets_of_judged_flows_ask_for_nothing(void **state)
{
    (void)state;
    if (!OWNS_MALLOC)
        skip();
    struct asked few = run(SHORT_RUN), many = run(LONG_RUN);
    unsigned long batches = (LONG_RUN - SHORT_RUN) / PACKETS_PER_BATCH + 1,
                  steps = 12; /* read, shards, judge: twice each */

    assert_int_equal(many.memory, few.memory);
    assert_in_range(many.locks - few.locks, 0, batches * steps);
    assert_int_equal(many.clocks, few.clocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(packets_of_judged_flows_ask_for_nothing)};
    return cmocka_run_group_tests_name("engine/quiet_path", tests, NULL, NULL);
}
