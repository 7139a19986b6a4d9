#include "reassembly.h"

#include "test.h"

#include <stdbool.h>

/* --- one stream and what was read from it ----------------------------------------------------------------------- */

struct reader {
    struct stream_pool *pool;
    struct stream stream;
    uint8_t taken[1 << 16];
    size_t taken_length;
};

static struct reader reader_of(size_t bytes_max, size_t stream_bytes_max, uint32_t sequence)
{
    struct reader r = {0};
    assert_int_equal(stream_pool_new(bytes_max, stream_bytes_max, &r.pool), STATUS_OK);
    stream_start(&r.stream, sequence);
    return r;
}

static void reader_close(struct reader *r)
{
    stream_clear(r->pool, &r->stream);
    stream_pool_free(r->pool);
}

/** Takes at most @p most bytes; what is looked at is copied, so that a sanitizer sees it read. */
static void read_some(struct reader *r, size_t most)
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

/** One packet: bytes at a guard page that are gone afterwards. */
static void push_and_read(struct reader *r, uint32_t sequence, const void *bytes, size_t length, size_t most)
{
    struct guarded g = guarded_copy(bytes, length);
    stream_push(r->pool, &r->stream, sequence, g.data, length);
    read_some(r, most);
    stream_keep(r->pool, &r->stream);
    guarded_free(&g);
}

static void push_text(struct reader *r, uint32_t sequence, const char *text)
{
    push_and_read(r, sequence, text, strlen(text), SIZE_MAX);
}

static void assert_taken(const struct reader *r, const char *text)
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

static uint64_t count_of(const struct reader *r, const char *name)
{
    struct wanted wanted = {name, 0, false};
    stream_pool_count(r->pool, find_counter, &wanted);
    assert_true(wanted.found);
    return wanted.value;
}

/* --- order ------------------------------------------------------------------------------------------------------ */

static void bytes_in_order_are_shown_where_they_are(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 1000);
    static const uint8_t packet[] = "hello";

    stream_push(r.pool, &r.stream, 1000, packet, 5);

    assert_ptr_equal(stream_peek(&r.stream).data, packet);
    assert_int_equal(stream_peek(&r.stream).length, 5);
    assert_null(r.stream.buffer);
    stream_take(r.pool, &r.stream, 2);
    assert_ptr_equal(stream_peek(&r.stream).data, packet + 2);
    stream_take(r.pool, &r.stream, 99);
    assert_int_equal(stream_peek(&r.stream).length, 0);
    assert_int_equal(r.stream.next_sequence, 1005);
    assert_null(r.stream.buffer);
    reader_close(&r);
}

static void what_is_not_taken_is_shown_again_joined_to_the_next_segment(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 1000);

    push_and_read(&r, 1000, "GET /in", 7, 0);
    push_and_read(&r, 1007, "dex HTTP", 8, 0);

    struct stream_view view = stream_peek(&r.stream);
    assert_int_equal(view.length, 15);
    assert_memory_equal(view.data, "GET /index HTTP", 15);
    read_some(&r, 4);
    push_text(&r, 1015, "/1.1");
    assert_taken(&r, "GET /index HTTP/1.1");
    assert_null(r.stream.buffer);
    reader_close(&r);
}

static void segments_in_any_order_give_the_same_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned order[3];
    } rows[] = {{"012", {0, 1, 2}}, {"021", {0, 2, 1}}, {"102", {1, 0, 2}},
                {"120", {1, 2, 0}}, {"201", {2, 0, 1}}, {"210", {2, 1, 0}}};
    static const char *const parts[] = {"abc", "defg", "hi"};
    static const uint32_t at[] = {0, 3, 7};
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct reader r = reader_of(1 << 20, 1 << 16, UINT32_MAX - 3); /* wraps inside the second part */

        for (unsigned i = 0; i < 3; i++)
            push_text(&r, UINT32_MAX - 3 + at[rows[row].order[i]], parts[rows[row].order[i]]);

        assert_taken(&r, "abcdefghi");
        assert_null(r.stream.buffer);
        assert_false(r.stream.has_gap);
        reader_close(&r);
    }
}

static void a_segment_of_no_bytes_changes_nothing(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 1000);

    stream_push(r.pool, &r.stream, 5000, NULL, 0);

    assert_int_equal(r.stream.segments_waiting, 0);
    assert_int_equal(stream_peek(&r.stream).length, 0);
    reader_close(&r);
}

static void a_stream_that_was_not_started_starts_at_its_first_segment(void **state)
{
    (void)state;
    struct reader r = {0};
    assert_int_equal(stream_pool_new(1 << 20, 1 << 16, &r.pool), STATUS_OK);

    push_text(&r, 77, "mid");
    push_text(&r, 80, "stream");

    assert_taken(&r, "midstream");
    reader_close(&r);
}

/* --- old bytes and overlaps ------------------------------------------------------------------------------------- */

static void retransmissions_and_keep_alive_probes_are_dropped(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 1000);
    push_text(&r, 1000, "abcdef");

    push_text(&r, 1000, "abcdef");
    push_text(&r, 1002, "cd");
    push_text(&r, 1005, "?"); /* keep-alive: one byte before the next */

    assert_taken(&r, "abcdef");
    assert_int_equal(count_of(&r, "segments_retransmitted"), 3);
    push_text(&r, 1004, "EFgh");
    assert_taken(&r, "abcdefgh");
    reader_close(&r);
}

static void bytes_before_the_start_are_dropped(void **state)
{
    (void)state;
    struct reader r =
        reader_of(1 << 20, 1 << 16, 1); /* ISN 0: the SYN's own number, and what a fast open would repeat */

    push_text(&r, 0, "xab");
    push_text(&r, UINT32_MAX, "zzabcd");

    assert_taken(&r, "abcd");
    reader_close(&r);
}

static void of_overlapping_segments_the_first_is_kept(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 1000);
    push_text(&r, 1004, "eFg");
    push_text(&r, 1010, "KL");
    push_text(&r, 1002, "cd??????kl??n"); /* round and over both */

    push_text(&r, 1000, "ab?????");

    assert_taken(&r, "abcdeFg???KL??n");
    reader_close(&r);
}

static void untaken_bytes_are_not_replaced_by_a_retransmission(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 1000);
    push_and_read(&r, 1000, "abcd", 4, 1);

    push_text(&r, 1000, "ABCDEF");

    assert_taken(&r, "abcdEF");
    reader_close(&r);
}

/* --- gaps ------------------------------------------------------------------------------------------------------- */

static void a_gap_that_is_skipped_is_remembered(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 1000);
    push_and_read(&r, 1000, "abc", 3, 1);
    push_and_read(&r, 1010, "klm", 3, 0);
    push_and_read(&r, 1020, "uvw", 3, 0);
    assert_int_equal(r.stream.segments_waiting, 2);

    assert_true(stream_skip_gap(r.pool, &r.stream)); /* "bc" was not taken and goes with the gap */
    read_some(&r, SIZE_MAX);

    assert_true(r.stream.has_gap);
    assert_taken(&r, "aklm");
    assert_int_equal(r.stream.next_sequence, 1013);
    assert_true(stream_skip_gap(r.pool, &r.stream));
    read_some(&r, SIZE_MAX);
    assert_taken(&r, "aklmuvw");
    assert_false(stream_skip_gap(r.pool, &r.stream));
    assert_int_equal(count_of(&r, "gaps_skipped"), 2);
    reader_close(&r);
}

static void nothing_is_skipped_while_nothing_waits_behind_a_gap(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 1000);

    assert_false(stream_skip_gap(r.pool, &r.stream));
    push_and_read(&r, 1000, "abc", 3, 0);
    assert_false(stream_skip_gap(r.pool, &r.stream));

    assert_false(r.stream.has_gap);
    assert_int_equal(stream_peek(&r.stream).length, 3);
    reader_close(&r);
}

/* --- caps ------------------------------------------------------------------------------------------------------- */

static void a_segment_beyond_the_cap_of_its_stream_is_refused_and_counted(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 4096, 1000);

    push_text(&r, 1000 + 4096, "far");
    push_text(&r, 1000 + 4094, "edge"); /* two bytes of it are inside */
    push_text(&r, 1000 + (1u << 31) - 1, "half the world away");

    assert_int_equal(count_of(&r, "segments_too_far_ahead"), 3);
    assert_true(stream_skip_gap(r.pool, &r.stream));
    read_some(&r, SIZE_MAX);
    assert_taken(&r, "ed");
    reader_close(&r);
}

static void a_stream_whose_reader_takes_nothing_closes_at_its_cap(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 4096, 0);
    static const uint8_t bytes[1000];

    for (uint32_t i = 0; i < 5; i++)
        push_and_read(&r, i * 1000, bytes, sizeof(bytes), 0);

    assert_true(r.stream.is_closed);
    assert_null(r.stream.buffer);
    assert_int_equal(count_of(&r, "streams_at_cap"), 1);
    push_text(&r, 0, "ignored");
    assert_int_equal(r.taken_length, 0);
    reader_close(&r);
}

static void a_full_pool_refuses_and_serves_again_when_buffers_come_back(void **state)
{
    (void)state;
    struct reader r = reader_of(3000, 2048, 0); /* room for one buffer */
    struct stream other = {0};
    push_text(&r, 10, "waits");

    stream_push(r.pool, &other, 0, (const uint8_t *)"x", 1);
    stream_keep(r.pool, &other);

    assert_null(other.buffer);
    assert_int_equal(count_of(&r, "segments_refused_pool_full"), 1);
    stream_clear(r.pool, &r.stream);
    stream_push(r.pool, &other, 0, (const uint8_t *)"x", 1);
    stream_keep(r.pool, &other);
    assert_non_null(other.buffer);
    stream_clear(r.pool, &other);
    reader_close(&r);
}

static void at_the_cap_free_buffers_of_another_size_make_room(void **state)
{
    (void)state;
    struct reader r = reader_of(10000, 9000, 0);
    struct stream small[3] = {{0}};
    for (unsigned i = 0; i < 3; i++) {
        stream_push(r.pool, &small[i], 0, (const uint8_t *)"x", 1);
        stream_keep(r.pool, &small[i]);
    }
    for (unsigned i = 0; i < 3; i++)
        stream_clear(r.pool, &small[i]);

    push_text(&r, 8900, "needs the large one");
    assert_non_null(r.stream.buffer);
    stream_clear(r.pool, &r.stream);
    stream_push(r.pool, &small[0], 0, (const uint8_t *)"y", 1); /* and the large one serves a small need */
    stream_keep(r.pool, &small[0]);

    assert_non_null(small[0].buffer);
    assert_int_equal(count_of(&r, "segments_refused_pool_full"), 0);
    assert_true(count_of(&r, "bytes_peak") <= 10000);
    stream_clear(r.pool, &small[0]);
    reader_close(&r);
}

static void a_stream_in_too_many_pieces_refuses_more_of_them(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 0);
    for (uint32_t i = 1; i <= 40; i++)
        push_text(&r, i * 2, "x");

    assert_int_equal(count_of(&r, "segments_in_too_many_pieces"), 8);
    push_text(&r, 3, "y"); /* joins two pieces: fine */
    push_text(&r, 80, "x");

    assert_int_equal(count_of(&r, "segments_in_too_many_pieces"), 8);
    push_text(&r, 0, "ab");
    assert_taken(&r, "abxyx");
    reader_close(&r);
}

static void caps_of_nothing_are_invalid(void **state)
{
    (void)state;
    struct stream_pool *pool = NULL;

    assert_int_equal(stream_pool_new(0, 100, &pool), STATUS_INVALID);
    assert_int_equal(stream_pool_new(100, 0, &pool), STATUS_INVALID);
    assert_int_equal(stream_pool_new(SIZE_MAX, ((size_t)256 << 20) + 1, &pool), STATUS_INVALID);

    assert_null(pool);
    stream_pool_free(NULL);
}

/* --- against a model -------------------------------------------------------------------------------------------- */

enum { MODEL_BYTES = 6000, MODEL_STEPS = 150, MODEL_ROUNDS = 300 };

/** The rule, byte by byte: the first value that comes for a place stays. */
struct model {
    bool has[MODEL_BYTES];
    uint8_t value[MODEL_BYTES];
    size_t next; /* first place not taken */
};

static uint32_t random_state;

static uint32_t random_below(uint32_t limit) /* xorshift, seeded a round */
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % limit;
}

static void model_push(struct model *m, size_t at, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (at + i < m->next || m->has[at + i])
            continue;
        m->has[at + i] = true;
        m->value[at + i] = bytes[i];
    }
}

static size_t model_available(const struct model *m)
{
    size_t n = 0;
    while (m->next + n < MODEL_BYTES && m->has[m->next + n])
        n++;
    return n;
}

static void compare_view(const struct reader *r, const struct model *m)
{
    struct stream_view view = stream_peek(&r->stream);
    size_t available = model_available(m);
    assert_int_equal(view.length, available);
    if (available > 0)
        assert_memory_equal(view.data, m->value + m->next, available);
}

static void model_skip_gap(struct reader *r, struct model *m)
{
    size_t at = m->next + model_available(m);
    while (at < MODEL_BYTES && !m->has[at])
        at++;
    assert_int_equal(stream_skip_gap(r->pool, &r->stream), at < MODEL_BYTES);
    if (at < MODEL_BYTES)
        m->next = at;
}

/** Segments cluster round the next byte wanted, so that order, overlap and gaps all happen often. */
static void random_step(struct reader *r, struct model *m, uint32_t sequence)
{
    uint8_t bytes[200];
    size_t length = random_below(sizeof(bytes)) + 1;
    size_t lowest = m->next > 300 ? m->next - 300 : 0;
    size_t at = random_below(3) == 0 ? m->next : lowest + random_below(900);
    if (at + length > MODEL_BYTES)
        return;
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)random_below(256); /* overlaps disagree */

    struct guarded g = guarded_copy(bytes, length);
    stream_push(r->pool, &r->stream, sequence + (uint32_t)at, g.data, length);
    model_push(m, at, bytes, length);
    for (unsigned looks = random_below(4); looks > 0; looks--) {
        compare_view(r, m);
        size_t take = random_below((uint32_t)model_available(m) + 1);
        stream_take(r->pool, &r->stream, take);
        m->next += take;
    }
    stream_keep(r->pool, &r->stream);
    guarded_free(&g);
    compare_view(r, m);
    if (random_below(20) == 0)
        model_skip_gap(r, m);
}

static void random_segments_give_what_a_naive_model_gives(void **state)
{
    (void)state;
    for (uint32_t round = 1; round <= MODEL_ROUNDS; round++) {
        random_state = round * 2654435761u;
        uint32_t sequence = round % 3 == 0 ? UINT32_MAX - 500 : random_below(UINT32_MAX);
        struct reader r = reader_of(1 << 20, 2 * MODEL_BYTES, sequence);
        struct model m = {0};

        for (unsigned step = 0; step < MODEL_STEPS; step++)
            random_step(&r, &m, sequence);

        assert_int_equal(r.stream.next_sequence, sequence + (uint32_t)m.next);
        assert_int_equal(count_of(&r, "segments_in_too_many_pieces"), 0);
        assert_false(r.stream.is_closed);
        reader_close(&r);
    }
}

static void shuffled_segments_of_one_text_always_give_the_text(void **state)
{
    (void)state;
    enum { LENGTH = 4000 };
    for (uint32_t round = 1; round <= MODEL_ROUNDS; round++) {
        random_state = round * 40503u;
        struct reader r = reader_of(1 << 20, LENGTH + 1, UINT32_MAX - LENGTH / 2);
        uint8_t text[LENGTH];
        uint32_t cuts[LENGTH], count = 0;
        for (size_t i = 0; i < LENGTH; i++)
            text[i] = (uint8_t)random_below(256);
        for (uint32_t at = 0; at < LENGTH; at += 100 + random_below(200))
            cuts[count++] = at;
        cuts[count] = LENGTH;

        for (uint32_t left = count; left > 0;
             left--) { /* picks one of those left and closes its place by the last one left */
            static uint32_t places[LENGTH];
            if (left == count)
                for (uint32_t i = 0; i < count; i++)
                    places[i] = i;
            uint32_t pick = random_below(left), part = places[pick];
            places[pick] = places[left - 1];
            uint32_t overlap = random_below(50);
            uint32_t from = cuts[part], to = cuts[part + 1] + overlap < LENGTH ? cuts[part + 1] + overlap : LENGTH;
            push_and_read(&r, UINT32_MAX - LENGTH / 2 + from, text + from, to - from, random_below(300));
        }
        read_some(&r, SIZE_MAX);

        assert_int_equal(r.taken_length, LENGTH);
        assert_memory_equal(r.taken, text, LENGTH);
        reader_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_in_order_are_shown_where_they_are),
        cmocka_unit_test(what_is_not_taken_is_shown_again_joined_to_the_next_segment),
        cmocka_unit_test(segments_in_any_order_give_the_same_bytes),
        cmocka_unit_test(a_segment_of_no_bytes_changes_nothing),
        cmocka_unit_test(a_stream_that_was_not_started_starts_at_its_first_segment),
        cmocka_unit_test(retransmissions_and_keep_alive_probes_are_dropped),
        cmocka_unit_test(bytes_before_the_start_are_dropped),
        cmocka_unit_test(of_overlapping_segments_the_first_is_kept),
        cmocka_unit_test(untaken_bytes_are_not_replaced_by_a_retransmission),
        cmocka_unit_test(a_gap_that_is_skipped_is_remembered),
        cmocka_unit_test(nothing_is_skipped_while_nothing_waits_behind_a_gap),
        cmocka_unit_test(a_segment_beyond_the_cap_of_its_stream_is_refused_and_counted),
        cmocka_unit_test(a_stream_whose_reader_takes_nothing_closes_at_its_cap),
        cmocka_unit_test(a_full_pool_refuses_and_serves_again_when_buffers_come_back),
        cmocka_unit_test(at_the_cap_free_buffers_of_another_size_make_room),
        cmocka_unit_test(a_stream_in_too_many_pieces_refuses_more_of_them),
        cmocka_unit_test(caps_of_nothing_are_invalid),
        cmocka_unit_test(random_segments_give_what_a_naive_model_gives),
        cmocka_unit_test(shuffled_segments_of_one_text_always_give_the_text),
    };
    return cmocka_run_group_tests_name("capture/reassembly", tests, NULL, NULL);
}
