#include "test.h"

#include <arpa/inet.h>

#include "scan_internal.h"

static const char *const addresses[] = {
    "1.2.3.4",
    "255.255.255.255",
    "0.0.0.0",
    "256.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "1..2.3",
    "1.2.3.",
    ".1.2.3",
    "1.2.3.4x",
    "::",
    "::1",
    "1::",
    "2001:db8::1",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1::8",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7",
    "1:::2",
    "1::2::3",
    ":1::2",
    "1:",
    ":",
    ":::",
    "12345::",
    "g::",
    "2001:DB8::AbCd",
    "1:2:3:4::5:6:7:8",
    "",
};

static void addresses_are_read_as_inet_pton_reads_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        uint8_t v4[4], v6[16];
        struct scanned_address got;
        bool is_v4 = inet_pton(AF_INET, addresses[i], v4) == 1, is_v6 = inet_pton(AF_INET6, addresses[i], v6) == 1;
        bool is_good = scan_address((struct text){addresses[i], strlen(addresses[i])}, &got);

        if (is_good != (is_v4 || is_v6))
            fail_msg("\"%s\"", addresses[i]);
        if (is_v4)
            assert_int_equal(got.v4, (uint32_t)v4[0] << 24 | (uint32_t)v4[1] << 16 | (uint32_t)v4[2] << 8 | v4[3]);
        if (is_v6) {
            struct ip_address address = wide_to_address(got.v6);
            assert_memory_equal(address.octets, v6, 16);
        }
    }
}

static void numbers_below_two_to_the_32_are_ipv4(void **state)
{
    (void)state;
    struct scanned_address got;

    assert_true(scan_address(text_of("16777216"), &got));
    assert_true(got.is_v4);
    assert_int_equal(got.v4, 0x01000000);
    assert_true(scan_address(text_of("42540488161975842760550356425300246528"), &got));
    assert_false(got.is_v4);
    assert_true(got.v6.high == UINT64_C(0x2001000000000000) && got.v6.low == 0);
    assert_true(scan_address(text_of("340282366920938463463374607431768211455"), &got));
    assert_true(got.v6.high == UINT64_MAX && got.v6.low == UINT64_MAX);
    assert_false(scan_address(text_of("340282366920938463463374607431768211456"), &got));
    assert_false(scan_address(text_of("12x"), &got));
}

static void quotes_protect_the_separator(void **state)
{
    (void)state;
    struct text fields[FIELDS_MAX];
    char name[32];

    size_t count = scan_fields(text_of("1,\"a, \"\"b\"\"\",3,\"x,y"), ',', FIELDS_MAX, fields);

    assert_int_equal(count, 4);
    assert_int_equal(scan_unquote(fields[1], name, sizeof(name)), 6);
    assert_string_equal(name, "a, \"b\"");
    assert_int_equal(scan_unquote(fields[3], name, sizeof(name)), 4); /* never closed: as it stands */
    assert_string_equal(name, "\"x,y");
}

static void the_last_field_takes_the_rest_of_the_line(void **state)
{
    (void)state;
    struct text fields[FIELDS_MAX];

    assert_int_equal(scan_fields(text_of("1,2,3,4,5"), ',', 3, fields), 3);
    assert_true(text_equal(fields[2], text_of("3,4,5")));
    assert_int_equal(scan_fields(text_of(""), ',', 3, fields), 1);
    assert_int_equal(scan_fields(text_of(",,"), ',', 3, fields), 3);
}

static void names_are_cut_at_the_room_given(void **state)
{
    (void)state;
    char name[4];

    assert_int_equal(scan_unquote(text_of("\"abcdef\""), name, sizeof(name)), 3);
    assert_string_equal(name, "abc");
}

static void as_numbers_come_with_and_without_letters(void **state)
{
    (void)state;
    uint32_t asn;

    assert_true(scan_asn(text_of("AS13335"), &asn) && asn == 13335);
    assert_true(scan_asn(text_of("4294967294"), &asn) && asn == 4294967294u);
    assert_false(scan_asn(text_of("4294967295"), &asn));
    assert_false(scan_asn(text_of("AS"), &asn));
    assert_false(scan_asn(text_of("-1"), &asn));
    assert_false(scan_asn(text_of("99999999999"), &asn));
    assert_false(scan_asn(text_of(""), &asn));
}

static void scan_all(const uint8_t *data, size_t length, void *context)
{
    (void)context;
    struct text text = {(const char *)data, length}, fields[FIELDS_MAX];
    struct scanned_address address;
    uint32_t asn;
    char name[16];
    assert_in_range(scan_fields(text, ',', FIELDS_MAX, fields), 1, FIELDS_MAX);
    scan_address(text, &address);
    scan_asn(text, &asn);
    assert_true(scan_unquote(text, name, sizeof(name)) < sizeof(name));
}

static void every_prefix_of_a_row_is_read_without_harm(void **state)
{
    (void)state;
    const char row[] = "\"2001:db8::1\",1.2.3.4,\"AS13335\",\"Cloud\"\"flare, Inc.\"";
    const char v6[] = "2001:db8:1:2:3:4:5:6";
    for_each_prefix(row, strlen(row), scan_all, NULL);
    for_each_prefix(v6, strlen(v6), scan_all, NULL);
    for_each_prefix("42540488161975842760550356425300246528", 38, scan_all, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_as_inet_pton_reads_them),
        cmocka_unit_test(numbers_below_two_to_the_32_are_ipv4),
        cmocka_unit_test(quotes_protect_the_separator),
        cmocka_unit_test(the_last_field_takes_the_rest_of_the_line),
        cmocka_unit_test(names_are_cut_at_the_room_given),
        cmocka_unit_test(as_numbers_come_with_and_without_letters),
        cmocka_unit_test(every_prefix_of_a_row_is_read_without_harm),
    };
    return cmocka_run_group_tests_name("geo/scan", tests, NULL, NULL);
}
