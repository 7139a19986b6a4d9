#include "stream_fixture.h"

struct reader reader_of(size_t bytes_max, size_t stream_bytes_max, uint32_t sequence)
{
    struct reader r = {0};
    assert_int_equal(stream_pool_new(bytes_max, stream_bytes_max, &r.pool), STATUS_OK);
    stream_start(&r.stream, sequence);
    return r;
}

void reader_close(struct reader *r)
{
    stream_clear(r->pool, &r->stream);
    stream_pool_free(r->pool);
}

void read_some(struct reader *r, size_t most)
{
    struct stream_view view;
    while (most > 0 && (view = stream_peek(&r->stream)).length > 0) {
        size_t n = view.length < most ? view.length : most;
        assert_true(r->taken_length + n <= sizeof(r->taken));
        memcpy(r->taken + r->taken_length, view.data, n);
        r->taken_length += n;
        stream_take(r->pool, &r->stream, n);
        most -= n;
    }
}

void push_and_read(struct reader *r, uint32_t sequence, const void *bytes, size_t length, size_t most)
{
    struct guarded g = guarded_copy(bytes, length);
    stream_push(r->pool, &r->stream, sequence, g.data, length);
    read_some(r, most);
    stream_keep(r->pool, &r->stream);
    guarded_free(&g);
}

void push_text(struct reader *r, uint32_t sequence, const char *text)
{
    push_and_read(r, sequence, text, strlen(text), SIZE_MAX);
}

void assert_taken(const struct reader *r, const char *text)
{
    assert_int_equal(r->taken_length, strlen(text));
    assert_memory_equal(r->taken, text, strlen(text));
}

struct wanted {
    const char *name;
    uint64_t value;
    bool found;
};

static void find_counter(void *context, const struct counter *counter)
{
    struct wanted *wanted = context;
    assert_string_equal(counter->group, "reassembly");
    if (strcmp(counter->name, wanted->name) == 0) {
        wanted->value = counter->value;
        wanted->found = true;
    }
}

uint64_t stream_count_of(const struct reader *r, const char *name)
{
    struct wanted wanted = {name, 0, false};
    stream_pool_count(r->pool, find_counter, &wanted);
    assert_true(wanted.found);
    return wanted.value;
}
