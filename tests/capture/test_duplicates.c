/*
 * What is a copy from the mirror port, and what the hosts sent twice.
 */
#include "test.h"

#include "duplicates.h"
#include "frame_fixture.h"

struct variant {
    const char *payload;
    uint16_t id;
    uint8_t flags, ttl;
    uint8_t mac; /* last byte of the source */
    uint16_t vlan;
    bool is_udp;
    bool is_ipv6;
    int64_t at_us;
};

static struct duplicates *duplicates;
static struct decoder *decoder;

static int set_up(void **state)
{
    (void)state;
    return decoder_new(&decoder) || duplicates_new(&duplicates);
}

static int tear_down(void **state)
{
    (void)state;
    decoder_free(decoder);
    duplicates_free(duplicates);
    return 0;
}

static bool send(const struct variant *v)
{
    static struct frame f;
    frame_begin(&f);
    frame_bytes(&f, v->payload, strlen(v->payload));
    if (v->is_udp)
        frame_udp(&f, 1234, 53);
    else
        frame_tcp(&f, 1234, 80, v->flags);
    uint8_t protocol = v->is_udp ? IP_PROTO_UDP : IP_PROTO_TCP;
    if (v->is_ipv6) {
        frame_ipv6(&f, protocol, 1, 2);
        f.data[7] = v->ttl;
    } else {
        frame_ipv4(&f, protocol, 1, 2, v->id, 0x4000);
        f.data[8] = v->ttl;
        f.data[10] = (uint8_t)(0x80 - v->ttl); /* the checksum goes with it */
    }
    uint16_t type = v->is_ipv6 ? 0x86dd : 0x0800;
    if (v->vlan) {
        uint8_t tag[4] = {0, (uint8_t)v->vlan, (uint8_t)(type >> 8), (uint8_t)type};
        frame_bytes(&f, tag, sizeof(tag));
        type = 0x8100;
    }
    frame_ethernet(&f, type);
    f.data[11] = v->mac;
    struct packet packet = frame_packet(&f, 1);
    packet.time.ns += v->at_us * NS_PER_USEC;
    struct decoded d;
    assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);
    return duplicates_check(duplicates, &d);
}

/* @return whether the second of two packets is taken for a copy of the first. */
static bool is_copy(struct variant first, struct variant second)
{
    assert_false(send(&first));
    return send(&second);
}

static const struct variant with_id = {.payload = "hello", .id = 7, .flags = TCP_ACK, .ttl = 64, .mac = 1};
static const struct variant without_id = {.payload = "hello", .id = 0, .flags = TCP_ACK, .ttl = 64, .mac = 1};

static void an_identical_frame_at_once_is_a_copy(void **state)
{
    (void)state;
    struct variant again = with_id;
    again.at_us = 12;
    assert_true(is_copy(with_id, again));
}

static void a_third_copy_is_a_copy_too(void **state)
{
    (void)state;
    struct variant again = with_id;
    again.at_us = 12;
    assert_true(is_copy(with_id, again));
    again.at_us = 20;
    assert_true(send(&again));
}

static void another_vlan_or_mac_is_a_copy(void **state)
{
    (void)state;
    struct variant again = with_id;
    again.at_us = 700;
    again.vlan = 100;
    again.mac = 9;
    assert_true(is_copy(with_id, again));
}

static void behind_a_router_is_a_copy(void **state)
{
    (void)state;
    struct variant again = with_id;
    again.at_us = 3000;
    again.ttl = 63;
    again.mac = 9;
    assert_true(is_copy(with_id, again));
}

static void behind_a_router_without_identification_is_a_copy(void **state)
{
    (void)state;
    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
        struct variant first = without_id, again = without_id;
        first.is_ipv6 = again.is_ipv6 = is_ipv6;
        first.payload = again.payload = is_ipv6 ? "" : "hello";
        again.at_us = 400;
        again.ttl = 63;
        assert_true(is_copy(first, again));
    }
}

static void a_retransmission_with_a_new_identification_is_none(void **state)
{
    (void)state;
    struct variant again = with_id;
    again.at_us = 12;
    again.id = 8;
    assert_false(is_copy(with_id, again));
}

static void a_retransmission_without_identification_is_none(void **state)
{
    (void)state;
    struct variant again = without_id;
    again.at_us = 200; /* the round trip of a fast local network */
    assert_false(is_copy(without_id, again));
    again.is_ipv6 = true;
    again.at_us = 0;
    assert_false(send(&again));
    again.at_us = 200;
    assert_false(send(&again));
}

static void equal_acknowledgements_and_resets_are_none(void **state)
{
    (void)state;
    static const uint8_t flags[] = {TCP_ACK, TCP_RST};
    for (size_t i = 0; i < sizeof(flags); i++) {
        struct variant first = without_id, again = without_id;
        first.payload = again.payload = "";
        first.flags = again.flags = flags[i];
        again.at_us = 4;
        assert_false(is_copy(first, again));
    }
}

static void a_repeated_query_is_none(void **state)
{
    (void)state;
    struct variant first = with_id, again = with_id;
    first.is_udp = again.is_udp = true;
    again.at_us = 5000000;
    assert_false(is_copy(first, again));
}

static void other_content_is_none(void **state)
{
    (void)state;
    struct variant again = with_id;
    again.payload = "hallo";
    again.at_us = 1;
    assert_false(is_copy(with_id, again));
}

static void content_that_differs_only_at_the_end_is_none(void **state)
{
    (void)state;
    char first[400], second[400];
    memset(first, 'a', sizeof(first));
    memset(second, 'a', sizeof(second));
    second[398] = 'b';
    first[399] = second[399] = '\0';
    struct variant one = with_id, two = with_id;
    one.payload = first;
    two.payload = second;
    two.at_us = 1;
    assert_false(is_copy(one, two));
}

static void time_that_runs_backwards_is_none(void **state)
{
    (void)state;
    struct variant again = with_id;
    again.at_us = -10;
    assert_false(is_copy(with_id, again));
}

static void what_has_left_the_ring_is_forgotten(void **state)
{
    (void)state;
    struct variant v = with_id;
    assert_false(send(&v));
    for (unsigned id = 100; id < 100 + 4096; id++) {
        v.id = (uint16_t)id;
        assert_false(send(&v));
    }
    assert_false(send(&with_id));
    v.id = 4000;
    assert_true(send(&v));
}

static void what_is_in_the_ring_is_remembered_however_many_came_before(void **state)
{
    (void)state;
    struct variant v = with_id;
    for (unsigned id = 1; id <= 5 * 4096; id++) {
        v.id = (uint16_t)id;
        assert_false(send(&v));
        v.id = (uint16_t)(id - 4095); /* the oldest that is still there */
        if (id > 4095)
            assert_true(send(&v));
    }
}

static void look(void *context, const struct counter *counter)
{
    uint64_t *counts = context;
    counts[strcmp(counter->name, "packets_changed_on_the_way") == 0] = counter->value;
}

static void copies_are_counted_by_kind(void **state)
{
    (void)state;
    struct variant again = with_id;
    again.at_us = 1;
    assert_true(is_copy(with_id, again));
    again.ttl = 63;
    assert_true(send(&again));

    uint64_t counts[2] = {0};
    duplicates_count(duplicates, look, counts);
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 1);
}

static bool send_bare(int64_t at_us, uint8_t flags)
{
    return send(&(struct variant){.payload = "", .flags = flags, .ttl = 64, .mac = 1, .at_us = at_us});
}

/* Packets with an identification, each once more after @p delay_us unless that is 0. @return when the last was. */
static int64_t send_provable(int64_t from_us, unsigned count, int64_t delay_us)
{
    struct variant v = with_id;
    for (unsigned i = 0; i < count; i++, from_us += 1000) {
        v.id = (uint16_t)(100 + (from_us / 1000) % 60000);
        v.at_us = from_us;
        assert_false(send(&v));
        v.at_us = from_us + delay_us;
        if (delay_us > 0)
            assert_true(send(&v));
    }
    return from_us;
}

static void equal_bare_packets_are_copies_only_where_the_port_doubles(void **state)
{
    (void)state;
    assert_false(send_bare(0, TCP_RST));
    assert_false(send_bare(10, TCP_RST));

    int64_t now = send_provable(1000, 3, 20);
    assert_false(send_bare(now, TCP_ACK));
    assert_true(send_bare(now + 20, TCP_ACK));

    now = send_provable(now + 1000, 10, 0);
    assert_false(send_bare(now, TCP_SYN));
    assert_false(send_bare(now + 20, TCP_SYN));
}

static void where_the_port_doubles_copies_come_as_soon_as_the_last_did(void **state)
{
    (void)state;
    struct variant v = without_id;
    v.at_us = send_provable(0, 8, 100);
    assert_false(send(&v));
    v.at_us += 140;
    assert_true(send(&v));
    v.at_us += 20; /* 160 behind: sent again */
    assert_false(send(&v));

    v.at_us = send_provable(1000000, 8, 4000);
    assert_false(send(&v));
    v.at_us += 201;
    assert_false(send(&v));
}

struct step {
    uint8_t flags;
    const char *payload;
};

/* A client's side of a connection that never waits: each packet, then the same @p delay_us later. @return copies. */
static unsigned count_copies(const struct step *steps, size_t count, struct variant v, int64_t spacing_us,
                             int64_t delay_us)
{
    unsigned copies = 0;
    struct variant copy = v;
    int64_t start_us = v.at_us;
    for (size_t original = 0, copied = 0; copied < count;) {
        v.at_us = start_us + (int64_t)original * spacing_us;
        copy.at_us = start_us + (int64_t)copied * spacing_us + delay_us;
        bool is_original = original < count && v.at_us <= copy.at_us;
        struct variant *next = is_original ? &v : &copy;
        const struct step *step = &steps[is_original ? original++ : copied++];
        next->flags = step->flags;
        next->payload = step->payload;
        copies += send(next);
    }
    return copies;
}

static const struct step connection[] = {{TCP_SYN, ""}, {TCP_ACK, ""},      {TCP_ACK, "one"},  {TCP_ACK, "two"},
                                         {TCP_RST, ""}, {TCP_ACK, "three"}, {TCP_ACK, "four"}, {TCP_FIN | TCP_ACK, ""}};
enum { CONNECTION = sizeof(connection) / sizeof(connection[0]) };

static void a_doubled_connection_is_counted_once(void **state)
{
    (void)state;
    static const int64_t delays_us[] = {0, 10, 60, 150, 500, 1000, 1900}, spacings_us[] = {3, 40, 5000};
    static const uint16_t ids[] = {0, 0x1234}; /* none; the same in every packet */
    int64_t now = 0;
    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++)
        for (size_t id = 0; id < 2; id++)
            for (size_t i = 0; i < sizeof(delays_us) / sizeof(delays_us[0]); i++)
                for (size_t j = 0; j < sizeof(spacings_us) / sizeof(spacings_us[0]); j++) {
                    struct variant v = {.id = ids[id], .ttl = 64, .mac = 1, .is_ipv6 = is_ipv6, .at_us = now};
                    assert_int_equal(count_copies(connection, CONNECTION, v, spacings_us[j], delays_us[i]), CONNECTION);
                    now += 1000000;
                }
}

static void retransmissions_of_a_connection_are_none_with_a_constant_identification(void **state)
{
    (void)state;
    static const uint16_t ids[] = {0, 0x1234};
    for (size_t i = 0; i < 2; i++) {
        struct variant v = {.payload = "", .id = ids[i], .flags = TCP_SYN, .ttl = 64, .mac = 1};
        v.at_us = (int64_t)i * 1000000;
        assert_false(send(&v));
        v.flags = TCP_ACK;
        assert_false(send(&v));
        for (unsigned n = 0; n < 4; n++) {
            char payload[] = {(char)('a' + n), '\0'};
            v.payload = payload;
            v.at_us += 5000;
            assert_false(send(&v));
            v.at_us += 900;
            assert_false(send(&v));
        }
    }
}

static void one_pair_of_addresses_says_nothing_of_another_that_speaks_for_itself(void **state)
{
    (void)state;
    int64_t now = send_provable(0, 20, 0);
    struct variant v = {.ttl = 64, .mac = 1, .is_ipv6 = true, .at_us = now};
    assert_int_equal(count_copies(connection, CONNECTION, v, 50, 300), CONNECTION);
}

static void a_retransmission_on_a_port_that_doubles_is_counted_once(void **state)
{
    (void)state;
    struct variant v = {.ttl = 64, .mac = 1};
    assert_int_equal(count_copies(connection, CONNECTION, v, 5000, 500), CONNECTION);
    v.payload = connection[CONNECTION - 2].payload;
    v.flags = TCP_ACK;
    v.at_us = 1000000;
    for (unsigned i = 0; i < 3; i++, v.at_us += 1500) {
        struct variant copy = v;
        copy.at_us += 500;
        assert_false(send(&v));
        assert_true(send(&copy));
    }
}

static void a_lost_copy_does_not_end_the_doubling(void **state)
{
    (void)state;
    struct variant v = {.ttl = 64, .mac = 1};
    assert_int_equal(count_copies(connection, CONNECTION, v, 5000, 500), CONNECTION);
    v.flags = TCP_ACK;
    v.at_us = 1000000;
    v.payload = "its copy is lost";
    assert_false(send(&v));
    v.payload = "";
    v.at_us += 5000;
    assert_false(send(&v));
    v.at_us += 500;
    assert_true(send(&v));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(an_identical_frame_at_once_is_a_copy),
        T(a_third_copy_is_a_copy_too),
        T(another_vlan_or_mac_is_a_copy),
        T(behind_a_router_is_a_copy),
        T(behind_a_router_without_identification_is_a_copy),
        T(a_retransmission_with_a_new_identification_is_none),
        T(a_retransmission_without_identification_is_none),
        T(equal_acknowledgements_and_resets_are_none),
        T(equal_bare_packets_are_copies_only_where_the_port_doubles),
        T(where_the_port_doubles_copies_come_as_soon_as_the_last_did),
        T(a_doubled_connection_is_counted_once),
        T(retransmissions_of_a_connection_are_none_with_a_constant_identification),
        T(one_pair_of_addresses_says_nothing_of_another_that_speaks_for_itself),
        T(a_retransmission_on_a_port_that_doubles_is_counted_once),
        T(a_lost_copy_does_not_end_the_doubling),
        T(a_repeated_query_is_none),
        T(other_content_is_none),
        T(content_that_differs_only_at_the_end_is_none),
        T(time_that_runs_backwards_is_none),
        T(what_has_left_the_ring_is_forgotten),
        T(what_is_in_the_ring_is_remembered_however_many_came_before),
        T(copies_are_counted_by_kind),
    };
    return cmocka_run_group_tests_name("capture/duplicates", tests, NULL, NULL);
}
