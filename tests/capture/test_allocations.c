/*
 * After warm-up the packet path asks for no memory: the program's own malloc counts who does. Not under ASan, which has
 * its own.
 */
#include "flow_fixture.h"

#include "reassembly.h"

#if defined(__SANITIZE_ADDRESS__)
#define COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef COUNTS_ALLOCATIONS
#define COUNTS_ALLOCATIONS 1
#endif

static unsigned long allocations;

#if COUNTS_ALLOCATIONS
/* glibc's names for the functions that these replace. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}
#endif

static void skip_unless_counting(void)
{
    if (!COUNTS_ALLOCATIONS)
        skip();
}

static void allocations_are_counted(void **state)
{
    (void)state;
    skip_unless_counting();
    unsigned long before = allocations;

    struct stream_pool *pool;
    assert_int_equal(stream_pool_new(1 << 20, 1 << 16, &pool), STATUS_OK);
    stream_pool_free(pool);

    assert_true(allocations > before);
}

static void flows_begin_live_and_end_without_an_allocation(void **state)
{
    (void)state;
    skip_unless_counting();
    struct fixture *f = fixture_new(20000, 1);
    unsigned long before = allocations;

    for (uint32_t i = 0; i < 100000; i++) { /* grows the index, fills the table, evicts, expires */
        struct decoded p = numbered(i % 40000, i % 3 == 0 ? IP_PROTO_TCP : IP_PROTO_UDP);
        touch_ns(f, i % 5 == 0 ? answer_to(p) : p, (int64_t)i * 2000000);
        if (i % 1000 == 0)
            flow_table_expire(f->table, (struct packet_time){(int64_t)i * 2000000});
    }
    flow_table_drain(f->table, FLOW_END_INPUT);

    assert_int_equal(allocations, before);
    assert_true(f->ended_count > 20000);
    fixture_free(f);
}

/** A message in three segments, the last two the other way round, read when it is whole. */
static void send_message(struct stream_pool *pool, struct stream *stream, const uint8_t *bytes, size_t part)
{
    uint32_t start = stream->next_sequence;
    static const unsigned order[] = {0, 2, 1};
    for (unsigned i = 0; i < 3; i++) {
        stream_push(pool, stream, start + order[i] * (uint32_t)part, bytes + order[i] * part, part);
        stream_take(pool, stream, stream_peek(stream).length == 3 * part ? SIZE_MAX : 0);
        stream_keep(pool, stream);
    }
    assert_null(stream->buffer);
}

static void streams_of_a_warm_pool_allocate_nothing(void **state)
{
    (void)state;
    skip_unless_counting();
    static const uint8_t bytes[3 * 5000];
    struct stream_pool *pool;
    assert_int_equal(stream_pool_new(1 << 20, 1 << 16, &pool), STATUS_OK);
    struct stream stream = {0};
    stream_start(&stream, 1);
    for (size_t part = 100; part <= 5000; part *= 7)
        send_message(pool, &stream, bytes, part);
    unsigned long before = allocations;

    for (unsigned round = 0; round < 1000; round++)
        for (size_t part = 100; part <= 5000; part *= 7)
            send_message(pool, &stream, bytes, part);

    assert_int_equal(allocations, before);
    stream_clear(pool, &stream);
    stream_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_counted),
        cmocka_unit_test(flows_begin_live_and_end_without_an_allocation),
        cmocka_unit_test(streams_of_a_warm_pool_allocate_nothing),
    };
    return cmocka_run_group_tests_name("capture/allocations", tests, NULL, NULL);
}
