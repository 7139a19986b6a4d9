#include "geo_helpers.h"

#include "special_ranges_internal.h"

static const struct {
    const char *address, *name; /* NULL: an ordinary address */
} rows[] = {
    {"0.0.0.0", "This host on this network"},
    {"0.255.255.255", "This network"},
    {"1.0.0.0", NULL},
    {"9.255.255.255", NULL},
    {"10.0.0.0", "Private-Use"},
    {"10.255.255.255", "Private-Use"},
    {"11.0.0.0", NULL},
    {"100.63.255.255", NULL},
    {"100.64.0.0", "Shared Address Space"},
    {"100.127.255.255", "Shared Address Space"},
    {"100.128.0.0", NULL},
    {"127.0.0.1", "Loopback"},
    {"169.254.1.1", "Link Local"},
    {"172.15.255.255", NULL},
    {"172.16.0.0", "Private-Use"},
    {"172.31.255.255", "Private-Use"},
    {"172.32.0.0", NULL},
    {"192.0.0.7", "IPv4 Service Continuity Prefix"},
    {"192.0.0.8", "IPv4 dummy address"},
    {"192.0.0.9", "Port Control Protocol Anycast"},
    {"192.0.0.10", "Traversal Using Relays around NAT Anycast"},
    {"192.0.0.11", "IETF Protocol Assignments"},
    {"192.0.0.171", "NAT64/DNS64 Discovery"},
    {"192.0.1.0", NULL},
    {"192.0.2.255", "Documentation (TEST-NET-1)"},
    {"192.31.196.1", "AS112-v4"},
    {"192.52.193.1", "AMT"},
    {"192.88.99.1", "Deprecated (6to4 Relay Anycast)"},
    {"192.167.255.255", NULL},
    {"192.168.0.0", "Private-Use"},
    {"192.175.48.6", "Direct Delegation AS112 Service"},
    {"198.17.255.255", NULL},
    {"198.19.255.255", "Benchmarking"},
    {"198.20.0.0", NULL},
    {"198.51.100.9", "Documentation (TEST-NET-2)"},
    {"203.0.113.9", "Documentation (TEST-NET-3)"},
    {"223.255.255.255", NULL},
    {"224.0.0.1", "Multicast"},
    {"239.255.255.255", "Multicast"},
    {"240.0.0.1", "Reserved"},
    {"255.255.255.254", "Reserved"},
    {"255.255.255.255", "Limited Broadcast"},
    {"::", "Unspecified Address"},
    {"::1", "Loopback Address"},
    {"::2", "IPv4-compatible (deprecated)"},
    {"::1:0:0", "Reserved by IETF"},
    {"64:ff9b:1::1", "IPv4-IPv6 Translat. (local use)"},
    {"64:ff9b:2::1", "Reserved by IETF"},
    {"100::1", "Discard-Only Address Block"},
    {"100:0:0:1::1", "Dummy IPv6 Prefix"},
    {"100:0:0:2::1", "Reserved by IETF"},
    {"1fff:ffff::1", "Reserved by IETF"},
    {"2001:1::1", "Port Control Protocol Anycast"},
    {"2001:1::2", "Traversal Using Relays around NAT Anycast"},
    {"2001:1::3", "DNS-SD Service Registration Protocol Anycast"},
    {"2001:1::4", "IETF Protocol Assignments"},
    {"2001:2::1", "Benchmarking"},
    {"2001:3::1", "AMT"},
    {"2001:4:112::1", "AS112-v6"},
    {"2001:1f::1", "Deprecated (previously ORCHID)"},
    {"2001:2f::1", "ORCHIDv2"},
    {"2001:3f::1", "Drone Remote ID Protocol Entity Tags (DETs) Prefix"},
    {"2001:1ff::1", "IETF Protocol Assignments"},
    {"2001:200::1", NULL},
    {"2001:db7:ffff::1", NULL},
    {"2001:db8::1", "Documentation"},
    {"2001:db9::1", NULL},
    {"2620:4f:8000::1", "Direct Delegation AS112 Service"},
    {"3ffe::1", NULL},
    {"3fff:fff::1", "Documentation"},
    {"3fff:1000::1", NULL},
    {"4000::1", "Reserved by IETF"},
    {"5f00::1", "Segment Routing (SRv6) SIDs"},
    {"fc00::1", "Unique-Local"},
    {"fdff::1", "Unique-Local"},
    {"fe80::1", "Link-Local Unicast"},
    {"febf::1", "Link-Local Unicast"},
    {"fec0::1", "Site-Local (deprecated)"},
    {"ff02::1", "Multicast"},
};

static void special_addresses_have_the_name_of_their_block(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ip_address address = address_of(rows[i].address);
        const char *name = geo_special_range(&address);

        if ((name == NULL) != (rows[i].name == NULL) || (name && strcmp(name, rows[i].name) != 0))
            fail_msg("%s: %s instead of %s", rows[i].address, name ? name : "ordinary",
                     rows[i].name ? rows[i].name : "ordinary");
    }
}

static const struct {
    const char *outer, *inner; /* NULL: nothing inside */
} embedded[] = {
    {"64:ff9b::8.8.8.8", "8.8.8.8"},
    {"64:ff9b:0:0:0:1::1", NULL},
    {"2002:808:808:1::5", "8.8.8.8"},
    {"2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.45"}, /* RFC 4380, 4: example; not the server 65.54.227.120 */
    {"2001:1::1", NULL},
    {"8.8.8.8", NULL},
    {"::ffff:8.8.8.8", NULL}, /* is the IPv4 address already */
    {"2003::1", NULL},
};

static void embedded_ipv4_addresses_are_unwrapped(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(embedded) / sizeof(embedded[0]); i++) {
        struct ip_address outer = address_of(embedded[i].outer), inner;
        bool is_embedded = geo_unwrap(&outer, &inner);

        assert_int_equal(is_embedded, embedded[i].inner != NULL);
        if (is_embedded) {
            struct ip_address wanted = address_of(embedded[i].inner);
            assert_memory_equal(&inner, &wanted, sizeof(wanted));
        }
    }
}

static void a_private_address_inside_an_ipv6_one_is_special(void **state)
{
    (void)state;
    struct ip_address address = address_of("2002:c0a8:101::1");

    assert_string_equal(geo_special_range(&address), "Private-Use");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(special_addresses_have_the_name_of_their_block),
        cmocka_unit_test(embedded_ipv4_addresses_are_unwrapped),
        cmocka_unit_test(a_private_address_inside_an_ipv6_one_is_special),
    };
    return cmocka_run_group_tests_name("geo/special_ranges", tests, NULL, NULL);
}
