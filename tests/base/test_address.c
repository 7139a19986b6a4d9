#include "address.h"
#include "test.h"

static const char *printed(const char *text)
{
    static char ret[IP_TEXT_SIZE];
    struct ip_address a;
    assert_true(ip_parse(text, &a));
    ip_print(&a, ret);
    return ret;
}

static void addresses_print_in_canonical_form(void **state)
{
    (void)state;
    assert_string_equal(printed("128.3.116.128"), "128.3.116.128");
    assert_string_equal(printed("0.0.0.0"), "0.0.0.0");
    assert_string_equal(printed("::ffff:94.75.236.123"), "94.75.236.123");
    assert_string_equal(printed("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
    assert_string_equal(printed("[fe80::1]"), "fe80::1");
}

static void text_that_is_no_address_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",          "1.2.3", "1.2.3.256",
        "1.2.3.4.5", "[1::2", "example.com",
        "1::2::3",   "[]",    "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]"};
    struct ip_address a = ip_from_v4((const uint8_t[]){9, 9, 9, 9}), before = a;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(ip_parse(wrong[i], &a));
    assert_true(ip_equal(&a, &before));
}

static void endpoints_bracket_ipv6(void **state)
{
    char text[ENDPOINT_TEXT_SIZE];
    struct ip_address a;
    (void)state;
    ip_parse("2001:db8::7", &a);
    endpoint_print(&a, 65535, text);
    assert_string_equal(text, "[2001:db8::7]:65535");
    ip_parse("10.0.0.1", &a);
    endpoint_print(&a, 53, text);
    assert_string_equal(text, "10.0.0.1:53");
}

static void prefixes_hold_what_lies_in_them(void **state)
{
    struct ip_prefix p;
    struct ip_address in, out;
    char text[IP_PREFIX_TEXT_SIZE];
    (void)state;
    assert_int_equal(ip_prefix_parse("94.75.192.0/18", &p, NULL), STATUS_OK);
    assert_true(ip_parse("94.75.236.123", &in) && ip_parse("94.76.0.1", &out));
    assert_true(ip_in_prefix(&in, &p));
    assert_false(ip_in_prefix(&out, &p));
    ip_prefix_print(&p, text);
    assert_string_equal(text, "94.75.192.0/18");
    assert_int_equal(ip_prefix_parse("0.0.0.0/0", &p, NULL), STATUS_OK);
    assert_true(ip_in_prefix(&in, &p));
    assert_true(ip_parse("2001:db8::1", &out));
    assert_false(ip_in_prefix(&out, &p));
    assert_int_equal(ip_prefix_parse("2001:db8::/32", &p, NULL), STATUS_OK);
    assert_true(ip_in_prefix(&out, &p));
    assert_int_equal(ip_prefix_parse("::1", &p, NULL), STATUS_OK);
    assert_int_equal(p.length, 128);
}

static void bad_prefixes_say_why(void **state)
{
    struct ip_prefix p;
    struct error error;
    (void)state;
    assert_int_equal(ip_prefix_parse("10.0.0.1/8", &p, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "bits set beyond"));
    assert_int_equal(ip_prefix_parse("10.0.0.0/33", &p, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "0 to 32"));
    assert_int_equal(ip_prefix_parse("10.0.0.0/", &p, &error), STATUS_INVALID);
    assert_int_equal(ip_prefix_parse("10.0.0.0/8x", &p, &error), STATUS_INVALID);
    assert_int_equal(ip_prefix_parse("ten/8", &p, &error), STATUS_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_print_in_canonical_form),
        cmocka_unit_test(text_that_is_no_address_is_refused),
        cmocka_unit_test(endpoints_bracket_ipv6),
        cmocka_unit_test(prefixes_hold_what_lies_in_them),
        cmocka_unit_test(bad_prefixes_say_why),
    };
    return cmocka_run_group_tests_name("base/address", tests, NULL, NULL);
}
