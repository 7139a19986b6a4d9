#include "stream_fixture.h"

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
    assert_int_equal(stream_count_of(&r, "segments_retransmitted"), 3);
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
    assert_int_equal(stream_count_of(&r, "gaps_skipped"), 2);
    reader_close(&r);
}

static void waiting_segments_are_counted_until_the_gap_closes(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 4096, 1000);
    push_text(&r, 1002, "c");
    push_text(&r, 1004, "e");
    push_text(&r, 1000000, "refused, but it came");
    assert_int_equal(r.stream.segments_waiting, 3);

    push_text(&r, 1000, "ab");

    assert_int_equal(r.stream.segments_waiting, 0);
    push_text(&r, 1004, "e");
    assert_int_equal(r.stream.segments_waiting, 1);
    assert_true(stream_skip_gap(r.pool, &r.stream));
    assert_int_equal(r.stream.segments_waiting, 0);
    reader_close(&r);
}

static void a_segment_behind_untaken_bytes_is_in_order(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 0);
    for (uint32_t i = 0; i < 6; i++)
        push_and_read(&r, i, "abcdef" + i, 1, 0);
    push_and_read(&r, 1, "bc", 2, 0); /* held already */
    push_and_read(&r, 4, "efgh", 4, 0);

    assert_int_equal(stream_count_of(&r, "segments_out_of_order"), 0);
    assert_int_equal(stream_count_of(&r, "segments_retransmitted"), 1);
    assert_int_equal(r.stream.segments_waiting, 0);
    push_and_read(&r, 10, "kl", 2, 0);
    push_and_read(&r, 0, "abc", 3, 0); /* closes no gap */
    assert_int_equal(stream_count_of(&r, "segments_out_of_order"), 1);
    assert_int_equal(r.stream.segments_waiting, 1);
    push_and_read(&r, 8, "ij", 2, 100);

    assert_int_equal(r.stream.segments_waiting, 0);
    assert_taken(&r, "abcdefghijkl");
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

    assert_int_equal(stream_count_of(&r, "segments_too_far_ahead"), 3);
    assert_true(stream_skip_gap(r.pool, &r.stream));
    read_some(&r, SIZE_MAX);
    assert_taken(&r, "ed");
    reader_close(&r);
}

static void bytes_up_to_the_cap_are_held_and_not_one_more(void **state)
{
    (void)state;
    static const uint8_t bytes[4100];
    for (size_t length = 4094; length <= 4098; length++) {
        struct reader r = reader_of(1 << 20, 4096, 1000);

        push_and_read(&r, 1001, bytes, length, 0); /* the byte at 1000 is missing */

        assert_true(stream_skip_gap(r.pool, &r.stream));
        assert_int_equal(stream_peek(&r.stream).length, length < 4095 ? length : 4095);
        assert_int_equal(stream_count_of(&r, "segments_too_far_ahead"), length > 4095);
        reader_close(&r);
    }
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
    assert_int_equal(stream_count_of(&r, "streams_at_cap"), 1);
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
    assert_int_equal(stream_count_of(&r, "segments_refused_pool_full"), 1);
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
    assert_int_equal(stream_count_of(&r, "segments_refused_pool_full"), 0);
    assert_true(stream_count_of(&r, "bytes_peak") <= 10000);
    stream_clear(r.pool, &small[0]);
    reader_close(&r);
}

static void a_stream_in_too_many_pieces_refuses_more_of_them(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 0);
    for (uint32_t i = 1; i <= 40; i++)
        push_text(&r, i * 2, "x");

    assert_int_equal(stream_count_of(&r, "segments_in_too_many_pieces"), 8);
    push_text(&r, 3, "y"); /* joins two pieces: fine */
    push_text(&r, 80, "x");

    assert_int_equal(stream_count_of(&r, "segments_in_too_many_pieces"), 8);
    push_text(&r, 0, "ab");
    assert_taken(&r, "abxyx");
    reader_close(&r);
}

static void tell(void *context, const char *reason)
{
    char *told = context;
    assert_true(strlen(told) + strlen(reason) + 2 < 200);
    strcat(strcat(told, reason), " ");
}

static void what_is_lost_is_told_and_what_is_late_is_not(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1000, 0);
    char told[200] = "";
    stream_pool_tell(r.pool, tell, told);

    push_text(&r, 0, "ab");
    push_text(&r, 0, "ab");
    push_text(&r, 4, "ef");
    assert_string_equal(told, "");
    push_text(&r, 2000, "x");
    assert_true(stream_skip_gap(r.pool, &r.stream));

    assert_string_equal(told, "segments_too_far_ahead gaps_skipped ");
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

/* --- a start that was guessed ----------------------------------------------------------------------------------- */

static void a_guessed_start_moves_back_before_anything_is_taken(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 0);
    r.stream = (struct stream){0};
    push_and_read(&r, 3, "defg", 4, 0);
    push_and_read(&r, 9, "jk", 2, 0);
    assert_true(stream_may_begin_earlier(&r.stream));

    stream_begin_earlier(r.pool, &r.stream, UINT32_MAX - 1);
    push_and_read(&r, UINT32_MAX - 1, "--abc", 5, 0);
    push_and_read(&r, 7, "hi", 2, 0);

    struct stream_view view = stream_peek(&r.stream);
    assert_int_equal(view.length, 13);
    assert_memory_equal(view.data, "--abcdefghijk", 13);
    read_some(&r, 1);
    assert_false(stream_may_begin_earlier(&r.stream));
    reader_close(&r);
}

static void a_known_start_stays(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 1000);

    push_and_read(&r, 1000, "abc", 3, 0);

    assert_false(stream_may_begin_earlier(&r.stream));
    reader_close(&r);
}

static void what_comes_before_a_guessed_start_is_no_retransmission(void **state)
{
    (void)state;
    struct reader r = reader_of(1 << 20, 1 << 16, 0);
    r.stream = (struct stream){0};
    push_text(&r, 1003, "def");

    push_text(&r, 1000, "abc");
    push_text(&r, 1003, "def");

    assert_taken(&r, "def");
    assert_int_equal(stream_count_of(&r, "segments_before_start"), 1);
    assert_int_equal(stream_count_of(&r, "segments_retransmitted"), 1);
    reader_close(&r);
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
        cmocka_unit_test(waiting_segments_are_counted_until_the_gap_closes),
        cmocka_unit_test(a_segment_behind_untaken_bytes_is_in_order),
        cmocka_unit_test(nothing_is_skipped_while_nothing_waits_behind_a_gap),
        cmocka_unit_test(a_segment_beyond_the_cap_of_its_stream_is_refused_and_counted),
        cmocka_unit_test(bytes_up_to_the_cap_are_held_and_not_one_more),
        cmocka_unit_test(a_stream_whose_reader_takes_nothing_closes_at_its_cap),
        cmocka_unit_test(a_full_pool_refuses_and_serves_again_when_buffers_come_back),
        cmocka_unit_test(at_the_cap_free_buffers_of_another_size_make_room),
        cmocka_unit_test(a_stream_in_too_many_pieces_refuses_more_of_them),
        cmocka_unit_test(what_is_lost_is_told_and_what_is_late_is_not),
        cmocka_unit_test(caps_of_nothing_are_invalid),
        cmocka_unit_test(a_guessed_start_moves_back_before_anything_is_taken),
        cmocka_unit_test(a_known_start_stays),
        cmocka_unit_test(what_comes_before_a_guessed_start_is_no_retransmission),
    };
    return cmocka_run_group_tests_name("capture/reassembly", tests, NULL, NULL);
}
