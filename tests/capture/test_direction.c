#include "direction.h"

#include "test.h"

#include "decoded.h"

static struct ip_address address_of(const char *text)
{
    struct ip_address address;
    assert_true(ip_parse(text, &address));
    return address;
}

static struct flow flow_between(const char *a, const char *b)
{
    struct flow flow = {0};
    flow.key.address[0] = address_of(a);
    flow.key.address[1] = address_of(b);
    return flow;
}

/* --- home networks ---------------------------------------------------------------------------------------------- */

static void the_default_home_is_every_private_range_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        bool is_home;
    } rows[] = {
        {"9.255.255.255", false},
        {"10.0.0.0", true},
        {"10.255.255.255", true},
        {"11.0.0.0", false},
        {"172.15.255.255", false},
        {"172.16.0.0", true},
        {"172.31.255.255", true},
        {"172.32.0.0", false},
        {"192.167.255.255", false},
        {"192.168.0.1", true},
        {"192.169.0.0", false},
        {"100.63.255.255", false},
        {"100.64.0.0", true},
        {"100.127.255.255", true},
        {"100.128.0.0", false},
        {"169.254.7.7", true},
        {"127.0.0.1", true},
        {"8.8.8.8", false},
        {"224.0.0.251", false},
        {"255.255.255.255", false},
        {"fc00::", true},
        {"fdff::1", true},
        {"fe00::", false},
        {"fe80::1", true},
        {"febf::1", true},
        {"fec0::1", false},
        {"::1", true},
        {"::2", false},
        {"::", false},
        {"2001:db8::1", false},
        {"ff02::fb", false},
        {"::a00:1", false},
    };
    struct home_nets *nets;
    assert_int_equal(home_nets_parse(NULL, &nets, NULL), STATUS_OK);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ip_address address = address_of(rows[i].address);
        if (home_nets_contain(nets, &address) != rows[i].is_home)
            fail_msg("%s", rows[i].address);
    }

    home_nets_free(nets);
}

static void a_list_may_have_blanks_overlaps_and_any_order(void **state)
{
    (void)state;
    struct home_nets *nets;
    assert_int_equal(home_nets_parse(" 128.3.0.0/16 ,2001:db8::/32, 128.3.7.0/24,128.4.0.0/16,192.0.2.9", &nets, NULL),
                     STATUS_OK);
    static const char *const inside[] = {"128.3.0.0",     "128.3.7.8",   "128.3.255.255",
                                         "128.4.255.255", "2001:db8::9", "192.0.2.9"};
    static const char *const outside[] = {"128.2.255.255", "128.5.0.0", "192.0.2.8",
                                          "192.0.2.10",    "10.0.0.1",  "2001:db9::"};

    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
        struct ip_address address = address_of(inside[i]);
        assert_true(home_nets_contain(nets, &address));
    }
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        struct ip_address address = address_of(outside[i]);
        assert_false(home_nets_contain(nets, &address));
    }

    home_nets_free(nets);
}

static void the_whole_of_each_address_family_can_be_home(void **state)
{
    (void)state;
    static const char *const addresses[] = {"0.0.0.1", "255.255.255.254", "2001:db8::", "fe80::1"};
    struct home_nets *nets;
    assert_int_equal(home_nets_parse("0.0.0.0/0,::/0", &nets, NULL), STATUS_OK);

    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct ip_address address = address_of(addresses[i]);
        assert_true(home_nets_contain(nets, &address));
    }

    home_nets_free(nets);
    home_nets_free(NULL);
}

static void a_bad_list_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const char *const lists[] = {"",
                                        ",",
                                        "10.0.0.0/8,",
                                        "10.0.0.0/8,,::1",
                                        "10.0.0.0/33",
                                        "10.0.0.1/8",
                                        "home",
                                        "2001:db8::/129",
                                        "10.0.0.0/8;10.1.0.0/16",
                                        "0000000000000000000000000000000000000000000000000000000000000000001"};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct home_nets *nets = NULL;
        struct error error = {""};

        assert_true(home_nets_parse(lists[i], &nets, &error) < 0);

        assert_null(nets);
        assert_true(strlen(error.text) > 10);
    }
}

static void more_networks_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    static char list[COUNT * 10 + 1];
    for (size_t i = 0; i < COUNT; i++)
        memcpy(list + i * 10, "10.0.0.0/8,", 11);
    list[COUNT * 10 - 1] = '\0';
    struct home_nets *nets = NULL;

    assert_int_equal(home_nets_parse(list, &nets, NULL), STATUS_INVALID);

    assert_null(nets);
}

/* --- client ----------------------------------------------------------------------------------------------------- */

static void only_a_stronger_reason_changes_the_client(void **state)
{
    (void)state;
    struct flow flow = {0};

    flow_set_client(&flow, 1, DIRECTION_FIRST);
    assert_int_equal(flow.client_side, 1);
    flow_set_client(&flow, 0, DIRECTION_FIRST);
    assert_int_equal(flow.client_side, 1);
    flow_set_client(&flow, 0, DIRECTION_PROTOCOL);
    assert_int_equal(flow.client_side, 0);
    flow_set_client(&flow, 1, DIRECTION_PORTS);
    assert_int_equal(flow.client_side, 0);
    flow_set_client(&flow, 1, DIRECTION_HANDSHAKE);
    assert_int_equal(flow.client_side, 1);
    flow_set_client(&flow, 0, DIRECTION_UNKNOWN);

    assert_int_equal(flow.client_side, 1);
    assert_int_equal(flow.client_reason, DIRECTION_HANDSHAKE);
}

/* --- host ------------------------------------------------------------------------------------------------------- */

static void the_host_is_the_home_side_else_the_client(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        unsigned client, reason; /* enum direction_reason */
        unsigned host;
        enum host_reason why;
        bool is_internal;
    } rows[] = {
        {"10.0.0.1", "8.8.8.8", 0, DIRECTION_HANDSHAKE, 0, HOST_HOME_NET, false},
        {"10.0.0.1", "8.8.8.8", 1, DIRECTION_HANDSHAKE, 0, HOST_HOME_NET, false}, /* a server at home */
        {"8.8.8.8", "fd00::1", 0, DIRECTION_FIRST, 1, HOST_HOME_NET, false},
        {"10.0.0.1", "10.0.0.2", 1, DIRECTION_HANDSHAKE, 1, HOST_HANDSHAKE, true},
        {"10.0.0.1", "10.0.0.2", 0, DIRECTION_PROTOCOL, 0, HOST_PROTOCOL, true},
        {"8.8.4.4", "8.8.8.8", 1, DIRECTION_PORTS, 1, HOST_PORTS, false},
        {"8.8.4.4", "8.8.8.8", 0, DIRECTION_FIRST, 0, HOST_FIRST, false},
        {"8.8.4.4", "8.8.8.8", 0, DIRECTION_UNKNOWN, 0, HOST_FIRST, false},
        /* groups and nobody's addresses */
        {"10.0.0.1", "224.0.0.251", 0, DIRECTION_FIRST, 0, HOST_HOME_NET, true},
        {"10.0.0.1", "239.255.255.250", 1, DIRECTION_PORTS, 0, HOST_HOME_NET, true},
        {"10.0.0.1", "255.255.255.255", 0, DIRECTION_FIRST, 0, HOST_HOME_NET, true},
        {"0.0.0.0", "255.255.255.255", 0, DIRECTION_PORTS, 0, HOST_PORTS, true}, /* DHCP */
        {"0.0.0.0", "10.0.0.1", 0, DIRECTION_FIRST, 1, HOST_HOME_NET, true},
        {"fe80::1", "ff02::fb", 0, DIRECTION_FIRST, 0, HOST_HOME_NET, true},
        {"::", "ff02::16", 0, DIRECTION_FIRST, 0, HOST_FIRST, true},
        {"8.8.8.8", "224.0.0.251", 1, DIRECTION_FIRST, 0, HOST_FIRST, true}, /* never forwarded */
        {"8.8.8.8", "232.1.1.1", 1, DIRECTION_PORTS, 0, HOST_PORTS, false},  /* routed multicast from outside */
        {"2001:db8::1", "ff02::fb", 0, DIRECTION_FIRST, 0, HOST_FIRST, true},
        {"2001:db8::1", "ff0e::101", 0, DIRECTION_FIRST, 0, HOST_FIRST, false},
    };
    struct home_nets *nets;
    assert_int_equal(home_nets_parse(NULL, &nets, NULL), STATUS_OK);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct flow flow = flow_between(rows[i].a, rows[i].b);
        flow.client_side = (uint8_t)rows[i].client;
        flow.client_reason = (uint8_t)rows[i].reason;
        enum host_reason why;
        bool is_internal;
        unsigned host = flow_host_side(&flow, nets, &why, &is_internal);
        if (host != rows[i].host || why != rows[i].why || is_internal != rows[i].is_internal)
            fail_msg("row %zu: %s %s: host %u, reason %d, internal %d", i, rows[i].a, rows[i].b, host, (int)why,
                     is_internal);
    }

    home_nets_free(nets);
}

static void home_networks_given_by_the_user_replace_the_default(void **state)
{
    (void)state;
    struct home_nets *nets;
    assert_int_equal(home_nets_parse("128.3.0.0/16", &nets, NULL), STATUS_OK);
    struct flow flow = flow_between("94.75.236.123", "128.3.116.128");
    enum host_reason why;
    bool is_internal;

    assert_int_equal(flow_host_side(&flow, nets, &why, &is_internal), 1);

    assert_int_equal(why, HOST_HOME_NET);
    assert_false(is_internal);
    home_nets_free(nets);
}

static void every_reason_has_its_word(void **state)
{
    (void)state;
    assert_string_equal(host_reason_text(HOST_HOME_NET), "home-net");
    assert_string_equal(host_reason_text(HOST_HANDSHAKE), "initiator: handshake");
    assert_string_equal(host_reason_text(HOST_PROTOCOL), "initiator: protocol");
    assert_string_equal(host_reason_text(HOST_PORTS), "initiator: ports");
    assert_string_equal(host_reason_text(HOST_FIRST), "initiator: first packet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_home_is_every_private_range_and_nothing_else),
        cmocka_unit_test(a_list_may_have_blanks_overlaps_and_any_order),
        cmocka_unit_test(the_whole_of_each_address_family_can_be_home),
        cmocka_unit_test(a_bad_list_is_refused_with_a_sentence),
        cmocka_unit_test(more_networks_than_there_is_room_for_are_refused),
        cmocka_unit_test(only_a_stronger_reason_changes_the_client),
        cmocka_unit_test(the_host_is_the_home_side_else_the_client),
        cmocka_unit_test(home_networks_given_by_the_user_replace_the_default),
        cmocka_unit_test(every_reason_has_its_word),
    };
    return cmocka_run_group_tests_name("capture/direction", tests, NULL, NULL);
}
