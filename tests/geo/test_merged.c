#include "test.h"

#include "merged_internal.h"

/* A small generator of our own: tests are the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/** The range of a list that holds an address, counted from 1; 0: it begins only later. */
static size_t list_find4(const struct range_list *list, uint32_t address)
{
    size_t i = 0;
    while (i < list->v4_count && list->v4[i].start <= address)
        i++;
    return i;
}

static size_t list_find6(const struct range_list *list, struct wide address)
{
    size_t i = 0;
    while (i < list->v6_count && wide_compare(list->v6[i].start, address) <= 0)
        i++;
    return i;
}

static void check4(const struct merged *merged, const struct range_list *lists, size_t count, uint32_t address)
{
    size_t place = merged_find4(merged, address);
    const uint32_t *values = merged_values4(merged, place);
    for (size_t i = 0; i < count; i++) {
        size_t k = list_find4(&lists[i], address);
        struct block4 block;
        assert_int_equal(values[i], k ? lists[i].v4[k - 1].value : 0);
        assert_int_equal(merged_block4(merged, i, place, &block), k > 0);
        if (k == 0)
            continue;
        assert_int_equal(block.first, lists[i].v4[k - 1].start);
        assert_int_equal(block.last, k < lists[i].v4_count ? lists[i].v4[k].start - 1 : UINT32_MAX);
    }
}

static void check6(const struct merged *merged, const struct range_list *lists, size_t count, struct wide address)
{
    size_t place = merged_find6(merged, address);
    const uint32_t *values = merged_values6(merged, place);
    for (size_t i = 0; i < count; i++) {
        size_t k = list_find6(&lists[i], address);
        struct wide behind = {GLOBAL_END, 0};
        struct block6 block;
        assert_int_equal(values[i], k ? lists[i].v6[k - 1].value : 0);
        assert_int_equal(merged_block6(merged, i, place, &block), k > 0);
        if (k == 0)
            continue;
        if (k < lists[i].v6_count)
            behind = lists[i].v6[k].start;
        assert_int_equal(wide_compare(block.first, lists[i].v6[k - 1].start), 0);
        wide_increment(&block.last);
        assert_int_equal(wide_compare(block.last, behind), 0);
    }
}

static void every_boundary_of_merged_ipv4_lists_answers_as_the_lists_do(void **state)
{
    (void)state;
    uint64_t seed = 1;
    struct range_list lists[3] = {{0}};
    const struct range_list *pointers[3] = {&lists[0], &lists[1], &lists[2]};
    struct merged merged;
    for (size_t i = 0; i < 3; i++)
        for (uint64_t at = next_random(&seed) % 99; at <= UINT32_MAX;
             at += 1 + (next_random(&seed) % 3 ? next_random(&seed) % 50 : next_random(&seed) % (1 << 26)))
            assert_int_equal(range_list_add4(&lists[i], (uint32_t)at, (uint32_t)next_random(&seed) % 4), RANGE_OK);

    assert_true(merged_build(pointers, 3, &merged));

    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < lists[i].v4_count; k++) {
            check4(&merged, lists, 3, lists[i].v4[k].start);
            check4(&merged, lists, 3, lists[i].v4[k].start - 1);
        }
    check4(&merged, lists, 3, 0);
    check4(&merged, lists, 3, UINT32_MAX);
    merged_clear(&merged);
    for (size_t i = 0; i < 3; i++)
        range_list_clear(&lists[i]);
}

static void add6(struct range_list *list, uint64_t high, uint64_t low, uint32_t value)
{
    assert_int_equal(range_list_add6(list, (struct wide){high, low}, value), RANGE_OK);
}

static void every_boundary_of_merged_ipv6_lists_answers_as_the_lists_do(void **state)
{
    (void)state;
    uint64_t seed = 2;
    struct range_list lists[2] = {{0}};
    const struct range_list *pointers[2] = {&lists[0], &lists[1]};
    struct merged merged;
    for (size_t i = 0; i < 2; i++) {
        struct wide at = {GLOBAL_FIRST, 0};
        for (size_t k = 0; k < 400; k++) {
            unsigned kind = next_random(&seed) % 4; /* deep inside a /64, its end, the next ones, far away */
            at.low = kind == 0   ? at.low + 1 + next_random(&seed) % 9
                     : kind == 1 ? UINT64_MAX - next_random(&seed) % 2
                                 : 0;
            at.high += kind == 2 ? 1 + next_random(&seed) % 2 : kind == 3 ? next_random(&seed) << 20 : 0;
            if (lists[i].v6_count == 0 || wide_compare(at, lists[i].v6[lists[i].v6_count - 1].start) > 0)
                add6(&lists[i], at.high, at.low, (uint32_t)next_random(&seed) % 4);
        }
    }

    assert_true(merged_build(pointers, 2, &merged));

    assert_true(merged.low_count > 10);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < lists[i].v6_count; k++) {
            struct wide start = lists[i].v6[k].start, before = start, end = {start.high, UINT64_MAX};
            before.high -= before.low-- == 0;
            check6(&merged, lists, 2, start);
            check6(&merged, lists, 2, end);
            if (wide_is_global(before))
                check6(&merged, lists, 2, before);
            if (wide_increment(&end))
                check6(&merged, lists, 2, end);
        }
    merged_clear(&merged);
    range_list_clear(&lists[0]);
    range_list_clear(&lists[1]);
}

static void a_divided_64_at_the_end_does_not_leak_into_what_follows(void **state)
{
    (void)state;
    struct range_list list = {0};
    const struct range_list *pointer = &list;
    struct merged merged;
    add6(&list, GLOBAL_FIRST + 5, 7, 1);
    add6(&list, GLOBAL_FIRST + 5, 8, 2);

    assert_true(merged_build(&pointer, 1, &merged));

    check6(&merged, &list, 1, (struct wide){GLOBAL_FIRST + 5, 6});
    check6(&merged, &list, 1, (struct wide){GLOBAL_FIRST + 5, 7});
    check6(&merged, &list, 1, (struct wide){GLOBAL_FIRST + 6, 0});
    check6(&merged, &list, 1, (struct wide){GLOBAL_END - 1, UINT64_MAX});
    merged_clear(&merged);
    range_list_clear(&list);
}

static void nothing_merged_answers_nothing(void **state)
{
    (void)state;
    struct merged merged;

    assert_true(merged_build(NULL, 0, &merged));

    assert_int_equal(merged_values4(&merged, merged_find4(&merged, 0x08080808))[0], 0);
    assert_int_equal(merged_values6(&merged, merged_find6(&merged, (struct wide){GLOBAL_FIRST, 0}))[0], 0);
    assert_int_equal(merged_find6(&merged, (struct wide){UINT64_MAX, 0}), 0);
    merged_clear(&merged);
}

static void a_list_refuses_what_is_out_of_order_and_joins_what_is_equal(void **state)
{
    (void)state;
    struct range_list list = {0};

    assert_int_equal(range_list_add4(&list, 5, 0), RANGE_OK); /* "no answer" is where every list starts */
    assert_int_equal(list.v4_count, 0);
    assert_int_equal(range_list_add4(&list, 10, 1), RANGE_OK);
    assert_int_equal(range_list_add4(&list, 20, 1), RANGE_OK);
    assert_int_equal(list.v4_count, 1);
    assert_int_equal(range_list_add4(&list, 9, 2), RANGE_OUT_OF_ORDER);
    assert_int_equal(range_list_add4(&list, 30, 2), RANGE_OK);
    assert_int_equal(range_list_add4(&list, 30, 1), RANGE_OK); /* said anew */
    assert_int_equal(list.v4_count, 1);
    range_list_clear(&list);
}

static void the_prefix_shown_is_the_shortest_inside_the_block(void **state)
{
    (void)state;
    char text[IP_PREFIX_TEXT_SIZE];
    struct ip_prefix prefix = prefix_within4((struct block4){0x0a000001, 0x0a0000ff}, 0x0a000085);
    ip_prefix_print(&prefix, text);
    assert_string_equal(text, "10.0.0.128/25");

    prefix = prefix_within4((struct block4){0, UINT32_MAX}, 0x0a000085);
    ip_prefix_print(&prefix, text);
    assert_string_equal(text, "0.0.0.0/0");

    prefix = prefix_within6((struct block6){{GLOBAL_FIRST, 0}, {GLOBAL_FIRST + 1, UINT64_MAX}},
                            (struct wide){GLOBAL_FIRST, 9});
    ip_prefix_print(&prefix, text);
    assert_string_equal(text, "2000::/63");

    prefix = prefix_within6((struct block6){{GLOBAL_FIRST, 9}, {GLOBAL_FIRST, 9}}, (struct wide){GLOBAL_FIRST, 9});
    ip_prefix_print(&prefix, text);
    assert_string_equal(text, "2000::9/128");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_boundary_of_merged_ipv4_lists_answers_as_the_lists_do),
        cmocka_unit_test(every_boundary_of_merged_ipv6_lists_answers_as_the_lists_do),
        cmocka_unit_test(a_divided_64_at_the_end_does_not_leak_into_what_follows),
        cmocka_unit_test(nothing_merged_answers_nothing),
        cmocka_unit_test(a_list_refuses_what_is_out_of_order_and_joins_what_is_equal),
        cmocka_unit_test(the_prefix_shown_is_the_shortest_inside_the_block),
    };
    return cmocka_run_group_tests_name("geo/merged", tests, NULL, NULL);
}
