#include "test.h"

#include "icmp_quote.h"

static struct ip_address address_of(const char *text)
{
    struct ip_address ret;
    assert_true(ip_parse(text, &ret));
    return ret;
}

static void assert_address(const struct ip_address *address, const char *wanted)
{
    char text[IP_TEXT_SIZE];
    ip_print(address, text);
    assert_string_equal(text, wanted);
}

#define ROUTER4 0x45, 0, 0, 0, 0, 0, 0, 0, 60, 1, 0, 0, 192, 0, 2, 1, 10, 0, 0, 5 /* length 0: as long as captured */
#define QUOTED4 0x45, 0, 0, 60, 0x12, 0x34, 0x40, 0, 1, 6, 0, 0, 10, 0, 0, 5, 203, 0, 113, 80
#define TCP_START 0xc0, 0x01, 0x01, 0xbb, 0xde, 0xad, 0xbe, 0xef /* 49153 to 443 */
#define ROUTER6                                                                                                        \
    0x60, 0, 0, 0, 0, 0, 58, 60, 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 1, 0x0d, 0xb8, 0, 2,   \
        0, 0, 0, 0, 0, 0, 0, 0, 0, 5
#define QUOTED6(next)                                                                                                  \
    0x60, 0, 0, 0, 0, 40, next, 1, 0x20, 1, 0x0d, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0x20, 1, 0x0d, 0xb8, 0,    \
        0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80

static const uint8_t exceeded4[] = {ROUTER4, 11, 0, 0, 0, 0, 0, 0, 0, QUOTED4, TCP_START};
static const uint8_t exceeded6[] = {ROUTER6, 3, 0, 0, 0, 0, 0, 0, 0, QUOTED6(17), 0xc0, 0x02, 0, 53, 0, 40, 0, 0};

static void time_exceeded_names_router_flow_and_ttl(void **state)
{
    (void)state;
    struct guarded g = guarded_copy(exceeded4, sizeof(exceeded4));
    struct icmp_quote quote;

    assert_int_equal(icmp_quote_parse(g.data, g.length, &quote), ICMP_QUOTE_GOOD);

    assert_address(&quote.router, "192.0.2.1");
    assert_address(&quote.receiver, "10.0.0.5");
    assert_address(&quote.source, "10.0.0.5");
    assert_address(&quote.destination, "203.0.113.80");
    assert_int_equal(quote.source_port, 49153);
    assert_int_equal(quote.destination_port, 443);
    assert_int_equal(quote.protocol, 6);
    assert_int_equal(quote.hop_limit, 1);
    assert_true(quote.has_ports && quote.has_sequence && quote.is_time_exceeded);
    assert_int_equal(quote.tcp_sequence, 0xdeadbeef);
    assert_int_equal(quote.label_count, 0);
    assert_int_equal(quote.mtu, 0);
    guarded_free(&g);
}

static void icmpv6_is_read_the_same_way(void **state)
{
    (void)state;
    struct guarded g = guarded_copy(exceeded6, sizeof(exceeded6));
    struct icmp_quote quote;

    assert_int_equal(icmp_quote_parse(g.data, g.length, &quote), ICMP_QUOTE_GOOD);

    assert_address(&quote.router, "2001:db8:1::1");
    assert_address(&quote.destination, "2001:db8:80::80");
    assert_int_equal(quote.source_port, 49154);
    assert_int_equal(quote.destination_port, 53);
    assert_true(quote.is_time_exceeded && quote.has_ports && !quote.has_sequence);
    guarded_free(&g);
}

static void too_big_tells_the_mtu(void **state)
{
    (void)state;
    static const uint8_t v4[] = {ROUTER4, 3, 4, 0, 0, 0, 0, 0x05, 0xb4, QUOTED4, TCP_START};
    static const uint8_t v6[] = {ROUTER6, 2, 0, 0, 0, 0, 0, 0x05, 0x00, QUOTED6(6), TCP_START};
    struct icmp_quote quote;

    assert_int_equal(icmp_quote_parse(v4, sizeof(v4), &quote), ICMP_QUOTE_GOOD);
    assert_int_equal(quote.mtu, 1460);
    assert_false(quote.is_time_exceeded);
    assert_int_equal(icmp_quote_parse(v6, sizeof(v6), &quote), ICMP_QUOTE_GOOD);
    assert_int_equal(quote.mtu, 1280);
}

static uint16_t checksum_of(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < length; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/** A time exceeded whose quote is padded to 128 bytes, with two labels behind it. @return its length. */
static size_t with_labels(uint8_t ret[static 256], bool has_length, bool has_checksum)
{
    static const uint8_t extensions[] = {
        0x20, 0,  0, 0, 0,    8,    2,    1,    1,    2,    3,    4, /* another object first */
        0,    12, 1, 1, 0x05, 0xdd, 0x10, 0x01, 0x00, 0x01, 0x01, 0x01};
    size_t start = 28 + 128;
    memset(ret, 0, 256);
    memcpy(ret, exceeded4, sizeof(exceeded4));
    memcpy(ret + start, extensions, sizeof(extensions));
    if (has_length)
        ret[25] = 32;
    uint16_t sum = has_checksum ? checksum_of(ret + start, sizeof(extensions)) : 0;
    ret[start + 2] = (uint8_t)(sum >> 8);
    ret[start + 3] = (uint8_t)sum;
    return start + sizeof(extensions);
}

static void mpls_labels_are_read_from_the_extension(void **state)
{
    (void)state;
    for (int form = 0; form < 3; form++) { /* RFC 4884 with and without checksum, and the older form */
        uint8_t packet[256];
        size_t length = with_labels(packet, form < 2, form != 1);
        struct guarded g = guarded_copy(packet, length);
        struct icmp_quote quote;

        assert_int_equal(icmp_quote_parse(g.data, g.length, &quote), ICMP_QUOTE_GOOD);

        assert_int_equal(quote.label_count, 2);
        assert_int_equal(quote.labels[0], 24017);
        assert_int_equal(quote.labels[1], 16);
        assert_int_equal(quote.destination_port, 443);
        guarded_free(&g);
    }
}

static void what_only_looks_like_an_extension_gives_no_labels(void **state)
{
    (void)state;
    uint8_t packet[256];
    struct icmp_quote quote;

    size_t length = with_labels(packet, false, false);
    assert_int_equal(icmp_quote_parse(packet, length, &quote), ICMP_QUOTE_GOOD);
    assert_int_equal(quote.label_count, 0);

    length = with_labels(packet, true, true);
    packet[length - 1] ^= 1; /* the checksum is wrong now */
    assert_int_equal(icmp_quote_parse(packet, length, &quote), ICMP_QUOTE_GOOD);
    assert_int_equal(quote.label_count, 0);
}

static void a_quote_of_eight_bytes_less_has_no_ports(void **state)
{
    (void)state;
    struct icmp_quote quote;

    assert_int_equal(icmp_quote_parse(exceeded4, 48, &quote), ICMP_QUOTE_GOOD);

    assert_false(quote.has_ports);
    assert_int_equal(quote.protocol, 6);
}

static void a_quoted_later_fragment_has_no_ports(void **state)
{
    (void)state;
    uint8_t v4[sizeof(exceeded4)];
    static const uint8_t v6[] = {ROUTER6, 3, 0, 0, 0, 0, 0, 0, 0, QUOTED6(44), 6, 0, 0, 9, 0, 0, 0, 1, TCP_START};
    struct icmp_quote quote;
    memcpy(v4, exceeded4, sizeof(v4));
    v4[28 + 7] = 9;

    assert_int_equal(icmp_quote_parse(v4, sizeof(v4), &quote), ICMP_QUOTE_GOOD);
    assert_true(quote.is_later_fragment && !quote.has_ports);
    assert_int_equal(icmp_quote_parse(v6, sizeof(v6), &quote), ICMP_QUOTE_GOOD);
    assert_true(quote.is_later_fragment && !quote.has_ports);
    assert_int_equal(quote.protocol, 6);
}

static void quoted_extension_headers_are_stepped_over(void **state)
{
    (void)state;
    static const uint8_t packet[] = {ROUTER6, 3, 0, 0, 0, 0, 0, 0, 0, QUOTED6(0), 60, 0, 1,        4,
                                     0,       0, 0, 0, 6, 0, 1, 4, 0, 0,          0,  0, TCP_START};
    struct icmp_quote quote;

    assert_int_equal(icmp_quote_parse(packet, sizeof(packet), &quote), ICMP_QUOTE_GOOD);

    assert_int_equal(quote.protocol, 6);
    assert_int_equal(quote.destination_port, 443);
}

static void other_packets_are_no_errors(void **state)
{
    (void)state;
    uint8_t packet[sizeof(exceeded4)];
    struct icmp_quote quote = {.router = address_of("1.2.3.4")};
    memcpy(packet, exceeded4, sizeof(packet));

    packet[20] = 8; /* echo request */
    assert_int_equal(icmp_quote_parse(packet, sizeof(packet), &quote), ICMP_QUOTE_NO_ERROR);
    packet[20] = 11;
    packet[9] = 6; /* TCP */
    assert_int_equal(icmp_quote_parse(packet, sizeof(packet), &quote), ICMP_QUOTE_NO_ERROR);
    packet[9] = 1;
    packet[7] = 1; /* a later fragment */
    assert_int_equal(icmp_quote_parse(packet, sizeof(packet), &quote), ICMP_QUOTE_NO_ERROR);
    assert_address(&quote.router, "1.2.3.4"); /* untouched */
}

static void bad_headers_have_their_reasons(void **state)
{
    (void)state;
    uint8_t packet[sizeof(exceeded4)];
    struct icmp_quote quote;
    memcpy(packet, exceeded4, sizeof(packet));

    packet[0] = 0x44;
    assert_int_equal(icmp_quote_parse(packet, sizeof(packet), &quote), ICMP_QUOTE_BAD_OUTER);
    packet[0] = 0x45;
    packet[28] = 0x65;
    assert_int_equal(icmp_quote_parse(packet, sizeof(packet), &quote), ICMP_QUOTE_CUT); /* too short for IPv6 */
    packet[28] = 0x41;
    assert_int_equal(icmp_quote_parse(packet, sizeof(packet), &quote), ICMP_QUOTE_BAD_INNER);
    assert_string_equal(icmp_quote_reason_text(ICMP_QUOTE_BAD_INNER), "icmp_quote_bad_inner");
    assert_null(icmp_quote_reason_text(ICMP_QUOTE_NO_ERROR));
}

static void parse_prefix(const uint8_t *data, size_t length, void *context)
{
    struct icmp_quote quote;
    enum icmp_quote_reason reason = icmp_quote_parse(data, length, &quote);
    size_t addresses = *(const size_t *)context;
    assert_int_equal(reason == ICMP_QUOTE_GOOD, length >= addresses);
    assert_true(reason == ICMP_QUOTE_GOOD || reason == ICMP_QUOTE_CUT || reason == ICMP_QUOTE_NO_ERROR);
}

static void every_prefix_is_read_within_its_bounds(void **state)
{
    (void)state;
    uint8_t packet[256];
    size_t addresses4 = 20 + 8 + 20, addresses6 = 40 + 8 + 40;

    for_each_prefix(exceeded4, sizeof(exceeded4), parse_prefix, &addresses4);
    for_each_prefix(exceeded6, sizeof(exceeded6), parse_prefix, &addresses6);
    for_each_prefix(packet, with_labels(packet, true, true), parse_prefix, &addresses4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_exceeded_names_router_flow_and_ttl),
        cmocka_unit_test(icmpv6_is_read_the_same_way),
        cmocka_unit_test(too_big_tells_the_mtu),
        cmocka_unit_test(mpls_labels_are_read_from_the_extension),
        cmocka_unit_test(what_only_looks_like_an_extension_gives_no_labels),
        cmocka_unit_test(a_quote_of_eight_bytes_less_has_no_ports),
        cmocka_unit_test(a_quoted_later_fragment_has_no_ports),
        cmocka_unit_test(quoted_extension_headers_are_stepped_over),
        cmocka_unit_test(other_packets_are_no_errors),
        cmocka_unit_test(bad_headers_have_their_reasons),
        cmocka_unit_test(every_prefix_is_read_within_its_bounds),
    };
    return cmocka_run_group_tests_name("analyzers/icmp_quote", tests, NULL, NULL);
}
