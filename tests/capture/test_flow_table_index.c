#include "flow_table_internal.h"

#include "test.h"

enum { RECORDS = 4000 };

static struct flow *records_new(void)
{
    struct flow *records = calloc(RECORDS, sizeof(*records));
    assert_non_null(records);
    for (uint32_t i = 0; i < RECORDS; i++)
        records[i].key.port[0] = (uint16_t)i;
    return records;
}

static struct flow_index index_for(uint32_t flows_max)
{
    struct flow_index index;
    assert_int_equal(flow_index_init(&index, flows_max), STATUS_OK);
    return index;
}

/** A well mixed number for each @p i (the end of MurmurHash3). */
static uint32_t hash_number(uint32_t i)
{
    i = (i ^ i >> 16) * 0x85ebca6b;
    i = (i ^ i >> 13) * 0xc2b2ae35;
    return i ^ i >> 16;
}

static void keys_with_the_same_hash_are_told_apart_by_every_field(void **state)
{
    (void)state;
    struct flow *records = records_new();
    struct flow_index index = index_for(100);
    struct flow_key key = {.port = {1, 2}, .protocol = 6};
    struct flow_key others[6] = {key, key, key, key, key, key};
    others[0].address[0].octets[0] = 1;
    others[1].address[0].octets[15] = 1;
    others[2].address[1].octets[7] = 1;
    others[3].port[0] = 2;
    others[4].port[1] = 1;
    others[5].protocol = 17;
    records[7].key = key;

    flow_index_insert(&index, 7, 12345);

    assert_int_equal(flow_index_find(&index, records, &key, 12345), 7);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_int_equal(flow_index_find(&index, records, &others[i], 12345), NO_FLOW);
    flow_index_clear(&index);
    free(records);
}

static void every_tag_finds_its_own_slot(void **state)
{
    (void)state;
    struct flow *records = records_new();
    struct flow_index index = index_for(1);       /* one group */
    for (uint32_t base = 0; base < 256; base++) { /* neighbours in tag, where the word search may see too much */
        for (uint32_t i = 0; i < INDEX_GROUP_SLOTS; i++)
            flow_index_insert(&index, i, (base + i % 3) << 24);

        for (uint32_t i = 0; i < INDEX_GROUP_SLOTS; i++)
            assert_int_equal(flow_index_find(&index, records, &records[i].key, (base + i % 3) << 24), i);

        for (uint32_t i = 0; i < INDEX_GROUP_SLOTS; i++)
            flow_index_remove(&index, i, (base + i % 3) << 24);
    }
    assert_int_equal(flow_index_find(&index, records, &records[0].key, 0), NO_FLOW);
    flow_index_clear(&index);
    free(records);
}

static void flows_that_all_want_one_group_spread_and_are_found(void **state)
{
    (void)state;
    enum { CROWD = 400 };
    struct flow *records = records_new();
    struct flow_index index = index_for(RECORDS);
    uint32_t home = index.group_count - 2; /* so that the search wraps */
    for (uint32_t i = 0; i < CROWD; i++)
        flow_index_insert(&index, i, home);

    for (uint32_t i = 0; i < CROWD; i++)
        assert_int_equal(flow_index_find(&index, records, &records[i].key, home), i);
    assert_int_equal(index.groups[home].passed, 255); /* sticks: a search there never ends early again */
    for (uint32_t i = 0; i < CROWD; i++)
        flow_index_remove(&index, i, home);

    assert_int_equal(flow_index_find(&index, records, &records[0].key, home), NO_FLOW);
    flow_index_insert(&index, 3, home);
    assert_int_equal(flow_index_find(&index, records, &records[3].key, home), 3);
    flow_index_clear(&index);
    free(records);
}

static void an_emptied_index_is_as_fast_as_a_new_one(void **state)
{
    (void)state;
    struct flow_index index = index_for(RECORDS);
    uint32_t count = 0;
    for (; flow_index_has_room(&index, count) && count < RECORDS; count++)
        flow_index_insert(&index, count, hash_number(count));
    assert_true(count > 500);
    bool any_passed = false;
    for (uint32_t i = 0; i < index.group_count; i++)
        any_passed = any_passed || index.groups[i].passed > 0;
    assert_true(any_passed);

    for (uint32_t i = 0; i < count; i++)
        flow_index_remove(&index, i, hash_number(i));

    for (uint32_t i = 0; i < index.group_count; i++) {
        static const uint8_t none[INDEX_GROUP_SLOTS];
        assert_int_equal(index.groups[i].passed, 0);
        assert_memory_equal(index.groups[i].tags, none, sizeof(none));
    }
    flow_index_clear(&index);
}

static void an_index_doubles_up_to_what_its_flows_need(void **state)
{
    (void)state;
    struct flow_index index = index_for(1000000);
    uint32_t doublings = 0;

    for (uint32_t flows = 0; flows < 1000000; flows++) {
        if (!flow_index_has_room(&index, flows)) {
            flow_index_double(&index);
            doublings++;
        }
    }

    assert_int_equal(index.group_count, index.group_count_max);
    assert_int_equal(index.group_count, 131072); /* 8 MB for a million flows */
    assert_int_equal(doublings, 11);
    flow_index_clear(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_with_the_same_hash_are_told_apart_by_every_field),
        cmocka_unit_test(every_tag_finds_its_own_slot),
        cmocka_unit_test(flows_that_all_want_one_group_spread_and_are_found),
        cmocka_unit_test(an_emptied_index_is_as_fast_as_a_new_one),
        cmocka_unit_test(an_index_doubles_up_to_what_its_flows_need),
    };
    return cmocka_run_group_tests_name("capture/flow_table_index", tests, NULL, NULL);
}
