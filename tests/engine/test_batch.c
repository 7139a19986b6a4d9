#include "test.h"

#include "engine/batch_internal.h"

enum { LENGTH = 1500 };

static struct decoded packet_with(const uint8_t *bytes, size_t length)
{
    return (struct decoded){.ip = bytes, .ip_len = (uint32_t)length, .source_mac = bytes, .destination_mac = bytes};
}

static void a_batch_ends_at_the_same_packet_with_copies_and_without(void **state)
{
    (void)state;
    static const uint8_t bytes[LENGTH];
    struct batch *copies, *counts;
    assert_int_equal(batch_new(&copies), STATUS_OK);
    assert_int_equal(batch_new(&counts), STATUS_OK);

    for (size_t i = 0; !batch_is_full(copies, &(struct decoded){.ip_len = LENGTH}); i++) {
        struct decoded packet = packet_with(bytes, 40 + i * 37 % (LENGTH - 40));
        assert_false(batch_is_full(counts, &(struct decoded){.ip_len = LENGTH}));
        assert_true(batch_add(copies, &packet));
        batch_count_in(counts, &packet);
    }

    assert_true(batch_is_full(counts, &(struct decoded){.ip_len = LENGTH}));
    assert_int_equal(copies->count, counts->count);
    batch_free(copies);
    batch_free(counts);
}

static void a_first_packet_may_be_larger_than_a_batch(void **state)
{
    (void)state;
    static const uint8_t bytes[BATCH_BYTES + 1];
    struct batch *batch;
    struct decoded packet = packet_with(bytes, sizeof(bytes));
    assert_int_equal(batch_new(&batch), STATUS_OK);

    assert_true(batch_add(batch, &packet));

    assert_memory_equal(batch->packets[0].ip, bytes, sizeof(bytes));
    assert_true(batch_is_full(batch, &packet));
    batch_free(batch);
}

static void a_quote_goes_where_its_flow_is(void **state)
{
    (void)state;
    struct batch *batch;
    assert_int_equal(batch_new(&batch), STATUS_OK);
    unsigned in_shard[BATCH_SHARDS] = {0};
    for (uint16_t port = 1; port <= BATCH_QUOTES; port++) {
        const struct icmp_quote quote = {.source_port = port, .destination_port = 443, .protocol = IP_PROTO_TCP};
        const struct decoded answer = {.source_port = 443, .destination_port = port, .protocol = IP_PROTO_TCP};
        assert_true(batch_add_quote(batch, &quote, (struct packet_time){port}));
        assert_int_equal(batch->quotes[port - 1].shard, batch_count_in(batch, &answer));
        in_shard[batch->quotes[port - 1].shard]++;
    }

    assert_false(batch_add_quote(batch, &batch->quotes[0].icmp, (struct packet_time){0}));
    for (unsigned i = 0; i < BATCH_SHARDS; i++)
        assert_true(in_shard[i] > 0);
    batch_reset(batch);
    assert_int_equal(batch->quote_count, 0);
    batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_ends_at_the_same_packet_with_copies_and_without),
        cmocka_unit_test(a_first_packet_may_be_larger_than_a_batch),
        cmocka_unit_test(a_quote_goes_where_its_flow_is),
    };
    return cmocka_run_group_tests_name("engine/batch", tests, NULL, NULL);
}
