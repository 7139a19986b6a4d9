#include "stream_fixture.h"

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
        assert_int_equal(stream_count_of(&r, "segments_in_too_many_pieces"), 0);
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
        cmocka_unit_test(random_segments_give_what_a_naive_model_gives),
        cmocka_unit_test(shuffled_segments_of_one_text_always_give_the_text),
    };
    return cmocka_run_group_tests_name("capture/reassembly_model", tests, NULL, NULL);
}
