#include "engine/flow_view_internal.h"

#include "test.h"

/*
 * Vectors of the Community ID specification's baseline (corelight/community-id-spec, BSD-3-Clause; seed 0): protocol,
 * sender, receiver, their ports.
 */
static const struct {
    uint8_t protocol;
    const char *client, *server;
    uint16_t client_port, server_port;
    const char *id;
} rows[] = {
    {58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 136, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
    {58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 136, 135, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
    {58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 135, 136, "1:zavyT/cezQr1fmImYCwYnMXbgck="},
    {58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 136, 135, "1:zavyT/cezQr1fmImYCwYnMXbgck="},
    {58, "3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0, "1:2ObVBgIn28oZvibYZhZMBgh7WdQ="},
    {58, "3ffe:501:410:0:2c0:dfff:fe47:33e", "3ffe:507:0:1:200:86ff:fe05:80da", 1, 4, "1:hLZd0XGWojozrvxqE0dWB1iM6R0="},
    {58, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2", 128, 129, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
    {58, "3ffe:501:0:1001::2", "3ffe:507:0:1:200:86ff:fe05:80da", 129, 128, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
    {58, "fe80::200:86ff:fe05:80da", "ff02::2", 133, 134, "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0="},
    {58, "fe80::260:97ff:fe07:69ea", "ff02::1", 134, 133, "1:pkvHqCL88/tg1k4cPigmZXUtL00="},
    {1, "192.168.0.89", "192.168.0.1", 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
    {1, "192.168.0.1", "192.168.0.89", 0, 8, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
    {1, "10.0.0.1", "10.0.0.2", 11, 0, "1:YHxtAirCG//0OzkcVAukqKQN9xM="},
    {6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25,
     "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
    {6, "2607:f8b0:400c:c03::1a", "2001:470:e5bf:dead:4957:2174:e82c:4887", 25, 63943,
     "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
    {132, "192.168.170.8", "192.168.170.56", 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
    {132, "192.168.170.56", "192.168.170.8", 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
    {6, "128.232.110.120", "66.35.250.204", 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {6, "66.35.250.204", "128.232.110.120", 80, 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {17, "192.168.1.52", "8.8.8.8", 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
    {17, "8.8.8.8", "192.168.1.52", 53, 54585, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
    {46, "10.1.12.1", "10.1.12.2", 0, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="},
    {46, "10.1.12.2", "10.1.12.1", 0, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="},
};

static struct flow flow_of(size_t row)
{
    struct ip_address client, server;
    struct flow flow;
    memset(&flow, 0, sizeof(flow));
    assert_true(ip_parse(rows[row].client, &client) && ip_parse(rows[row].server, &server));
    int order = ip_compare(&client, &server);
    flow.client_side = order > 0 || (order == 0 && rows[row].client_port > rows[row].server_port);
    flow.key.address[flow.client_side] = client;
    flow.key.address[!flow.client_side] = server;
    flow.key.port[flow.client_side] = rows[row].client_port;
    flow.key.port[!flow.client_side] = rows[row].server_port;
    flow.key.protocol = rows[row].protocol;
    return flow;
}

static void community_ids_equal_the_published_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct flow flow = flow_of(i);
        char id[COMMUNITY_ID_TEXT_SIZE];

        community_id_make(&flow, id);

        assert_string_equal(id, rows[i].id);
    }
}

static void uid_tells_two_uses_of_a_5_tuple_apart(void **state)
{
    struct flow flow = flow_of(0);
    struct flow_view first, again, later;
    (void)state;
    flow.client_isn = 1000;
    flow_view_make(&flow, NULL, 0, HOST_HOME_NET, NULL, &first);
    flow_view_make(&flow, NULL, 1, HOST_HOME_NET, NULL, &again);
    flow.client_isn = 2000;
    flow_view_make(&flow, NULL, 0, HOST_HOME_NET, NULL, &later);

    assert_string_equal(first.uid, again.uid);
    assert_string_not_equal(first.uid, later.uid);
}

static void out_is_what_the_host_sent(void **state)
{
    struct flow flow = flow_of(0);
    (void)state;
    flow.packets[0] = 3;
    flow.packets[1] = 5;
    flow.bytes[1] = 700;

    struct flow_counters c = flow_counters_of(&flow, 1);

    assert_int_equal(c.packets_out, 5);
    assert_int_equal(c.packets_in, 3);
    assert_int_equal(c.bytes_out, 700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(community_ids_equal_the_published_vectors),
        cmocka_unit_test(uid_tells_two_uses_of_a_5_tuple_apart),
        cmocka_unit_test(out_is_what_the_host_sent),
    };
    return cmocka_run_group_tests_name("engine/flow_view", tests, NULL, NULL);
}
