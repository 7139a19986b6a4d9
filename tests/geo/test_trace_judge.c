#include "geo_helpers.h"

#include "paths/trace_judge_internal.h"

/*
 * A small world: AS64500 is the sensor's own, AS3356 and AS4134 carry, AS60781 is the remote's. 5.5.5.0/24 is an
 * exchange that AS3356 announces.
 */
static const char asns[] = "1.1.1.0,1.1.1.255,64500,Own\n"
                           "2.2.2.0,2.2.2.255,3356,Level\n"
                           "3.3.3.0,3.3.3.255,4134,Chinanet\n"
                           "4.4.4.0,4.4.4.255,60781,Remote\n"
                           "5.5.5.0,5.5.5.255,3356,Level\n";
static const char holders[] = "1.1.1.0\t1.1.1.255\t64500\tDE\tOwn\n"
                              "2.2.2.0\t2.2.2.255\t3356\tUS\tLevel\n"
                              "3.3.3.0\t3.3.3.255\t4134\tCN\tChinanet\n"
                              "4.4.4.0\t4.4.4.255\t60781\tNL\tRemote\n";
static const char first_places[] = "2.2.2.0,2.2.2.255,DE\n3.3.3.0,3.3.3.255,DE\n4.4.4.0,4.4.4.255,NL\n";
static const char second_places[] = "2.2.2.0,2.2.2.255,DE\n3.3.3.0,3.3.3.255,CN\n4.4.4.0,4.4.4.255,NL\n";
static const char exchanges[] = "{\"ixpfx\":{\"data\":[{\"ixlan_id\":31,\"prefix\":\"5.5.5.0/24\"}]}}";

struct world {
    struct test_file files[4];
    struct geo *geo;
    struct ixp_table *ixps;
    struct ip_prefix home;
    uint32_t own_asn;
    struct trace_surroundings around;
};

static bool is_home(const void *home, const struct ip_address *address)
{
    return ip_in_prefix(address, home);
}

static void world_open(struct world *world)
{
    struct ixp_report report;
    *world = (struct world){.own_asn = 64500};
    world->files[0] = file_write_text("asn-ipv4.csv", asns);
    world->files[1] = file_write_text("ip2asn-v4.tsv", holders);
    world->files[2] = file_write_text("dbip-country.csv", first_places);
    world->files[3] = file_write_text("ipinfo.csv", second_places);
    const char *paths[] = {world->files[0].path, world->files[1].path, world->files[2].path, world->files[3].path,
                           NULL};
    world->geo = must_open(paths, NULL);
    assert_int_equal(ixp_table_read_bytes("ixp", text_of(exchanges), &world->ixps, &report, NULL), STATUS_OK);
    assert_int_equal(ip_prefix_parse("1.1.1.0/25", &world->home, NULL), STATUS_OK);
    world->around =
        (struct trace_surroundings){world->geo, world->ixps, is_home, &world->home, &world->own_asn, 1, NULL};
}

static void world_close(struct world *world)
{
    geo_close(world->geo);
    ixp_table_free(world->ixps);
    for (size_t i = 0; i < 4; i++)
        file_remove(&world->files[i]);
}

/** A traceroute from "ttl address,address; ttl ..." */
static struct traceroute trace_of(const char *written)
{
    struct traceroute ret = {.file = "file"};
    char copy[1024], *hops = NULL, *routers = NULL;
    strcpy(copy, written);
    for (char *hop = strtok_r(copy, ";", &hops); hop != NULL; hop = strtok_r(NULL, ";", &hops)) {
        struct trace_hop *to = &ret.hops[ret.hop_count++];
        to->ttl = (uint8_t)atoi(strtok_r(hop, " ,", &routers));
        for (char *router; (router = strtok_r(NULL, " ,", &routers)) != NULL;)
            to->routers[to->router_count++].address = address_of(router);
    }
    return ret;
}

static void judge_trace(const struct world *world, const char *written, const char *remote, struct trace_judgement *ret)
{
    struct traceroute trace = trace_of(written);
    struct ip_address address = address_of(remote);
    memset(ret, 0xa5, sizeof(*ret)); /* what is not filled shows */
    trace_judge(&world->around, &trace, &address, ret);
}

static const char *role_text(enum trace_role role)
{
    switch (role) {
    case TRACE_CARRIER:
        return "carrier";
    case TRACE_EXCHANGE:
        return "ixp";
    case TRACE_DESTINATION:
        return "destination";
    case TRACE_OWN:
        return "own";
    case TRACE_SPECIAL:
        return "special";
    case TRACE_UNANNOUNCED:
        return "unannounced";
    }
    return "";
}

/** "3 carrier AS3356 US@DE, ..." */
static const char *told(const struct trace_judgement *judgement)
{
    static char text[2048];
    size_t length = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < judgement->router_count; i++) {
        const struct judged_router *router = &judgement->routers[i];
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%u %s", i ? ", " : "", router->ttl,
                                   role_text(router->role));
        if (router->carrier.asn_count > 0)
            length += (size_t)snprintf(text + length, sizeof(text) - length, " AS%u %s", router->carrier.asn[0],
                                       router->carrier.holder_country.code);
        if (country_is_known(router->place))
            length += (size_t)snprintf(text + length, sizeof(text) - length, "@%s", router->place.code);
    }
    return text;
}

static void carriers_and_places_are_two_facts(void **state)
{
    (void)state;
    struct world world;
    struct trace_judgement judgement;
    world_open(&world);

    judge_trace(&world, "1 192.168.7.1; 2 1.1.1.1; 3 2.2.2.1; 4 5.5.5.7; 5 3.3.3.1; 6 4.4.4.1; 7 4.4.4.9", "4.4.4.9",
                &judgement);

    assert_string_equal(told(&judgement), "3 carrier AS3356 US@DE, 4 ixp, 5 carrier AS4134 CN, "
                                          "6 destination AS60781 NL@NL, 7 destination AS60781 NL@NL");
    assert_int_equal(judgement.skipped_hops, 2);
    assert_int_equal(judgement.silent_hops, 0);
    assert_true(judgement.reached);
    assert_int_equal(judgement.routers[1].ixlan, 31);
    assert_string_equal(judgement.routers[2].place_reason, "2 providers name 2 countries");
    world_close(&world);
}

static void several_routers_of_a_hop_are_candidates(void **state)
{
    (void)state;
    struct world world;
    struct trace_judgement judgement;
    world_open(&world);

    judge_trace(&world, "1 2.2.2.1,3.3.3.1; 2 4.4.4.9", "4.4.4.9", &judgement);

    assert_string_equal(told(&judgement), "1 carrier AS3356 US@DE, 1 carrier AS4134 CN, 2 destination AS60781 NL@NL");
    world_close(&world);
}

static void silence_is_counted_and_never_guessed(void **state)
{
    (void)state;
    struct world world;
    struct trace_judgement judgement;
    world_open(&world);

    judge_trace(&world, "1 10.0.0.1; 2; 3 100.64.0.1; 4; 6 2.2.2.1; 9; 10 7.7.7.7; 11 10.9.9.9; 12; 255", "4.4.4.9",
                &judgement);

    assert_string_equal(told(&judgement), "3 special, 6 carrier AS3356 US@DE, 10 unannounced, 11 special");
    assert_int_equal(judgement.skipped_hops, 1); /* 100.64.0.0/10 is a provider's (RFC 6598) */
    assert_int_equal(judgement.silent_hops, 6);  /* 2, 4, 5, 7, 8, 9 */
    assert_false(judgement.reached);             /* what comes behind 11 is unknown */
    assert_string_equal(judgement.routers[3].place_reason, "Private-Use");
    world_close(&world);
}

static void ones_own_network_is_no_transit(void **state)
{
    (void)state;
    struct world world;
    struct trace_judgement judgement;
    world_open(&world);

    judge_trace(&world, "1 1.1.1.1; 2 1.1.1.200; 3 2.2.2.1; 4 1.1.1.2", "4.4.4.9", &judgement);

    assert_string_equal(told(&judgement), "2 own AS64500 DE, 3 carrier AS3356 US@DE, 4 own AS64500 DE");
    world_close(&world);
}

static void what_answers_behind_the_remote_is_left_out(void **state)
{
    (void)state;
    struct world world;
    struct trace_judgement judgement;
    world_open(&world);

    judge_trace(&world, "1 2.2.2.1; 2 4.4.4.9; 3 3.3.3.1", "4.4.4.9", &judgement);

    assert_string_equal(told(&judgement), "1 carrier AS3356 US@DE, 2 destination AS60781 NL@NL");
    world_close(&world);
}

static void nothing_loaded_and_nothing_there_say_so(void **state)
{
    (void)state;
    const char *none[] = {NULL};
    struct world world = {.geo = must_open(none, NULL)};
    struct trace_judgement judgement;
    world.around = (struct trace_surroundings){.geo = world.geo};

    judge_trace(&world, "1 2.2.2.1", "4.4.4.9", &judgement);

    assert_string_equal(told(&judgement), "1 unannounced");
    assert_string_equal(judgement.routers[0].place_reason, "no location database loaded");
    judge_trace(&world, "1; 2", "4.4.4.9", &judgement);
    assert_int_equal(judgement.router_count, 0);
    judge_trace(&world, "1 10.0.0.1; 2", "4.4.4.9", &judgement);
    assert_int_equal(judgement.router_count, 0);
    assert_int_equal(judgement.skipped_hops, 1);
    geo_close(world.geo);
}

static void more_routers_than_there_is_room_for_are_said(void **state)
{
    (void)state;
    struct world world;
    struct trace_judgement *judgement = malloc(sizeof(*judgement));
    struct traceroute trace = {.hop_count = TRACE_HOPS_MAX};
    struct ip_address remote = address_of("4.4.4.9");
    world_open(&world);
    for (unsigned i = 0; i < TRACE_HOPS_MAX; i++) {
        trace.hops[i].ttl = (uint8_t)(i + 1);
        trace.hops[i].router_count = TRACE_ROUTERS_MAX;
        for (unsigned k = 0; k < TRACE_ROUTERS_MAX; k++)
            trace.hops[i].routers[k].address = address_of("2.2.2.1");
    }

    trace_judge(&world.around, &trace, &remote, judgement);

    assert_int_equal(judgement->router_count, TRACE_JUDGED_MAX);
    assert_true(judgement->is_full);
    free(judgement);
    world_close(&world);
}

/** "AS3356@DE 1-2 candidate, ..." */
static const char *carriers_told(const struct trace_judgement *judgement)
{
    static char text[2048];
    struct trace_carrier carriers[TRACE_CARRIERS_MAX];
    size_t length = 0, total, count = trace_carriers(judgement, carriers, &total);
    text[0] = '\0';
    assert_int_equal(total, count);
    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%sAS%u%s%s %u-%u%s", i ? ", " : "",
                                   carriers[i].facts.asn[0], country_is_known(carriers[i].place) ? "@" : "",
                                   carriers[i].place.code, carriers[i].first_ttl, carriers[i].last_ttl,
                                   carriers[i].is_candidate ? " candidate" : "");
    return text;
}

static const struct {
    const char *trace, *carriers;
    bool is_incomplete;
} paths[] = {
    {"1 2.2.2.1; 2 2.2.2.2; 3 3.3.3.1; 4 4.4.4.9", "AS3356@DE 1-2, AS4134 3-3", false},
    {"1 2.2.2.1,3.3.3.1; 2 4.4.4.9", "AS3356@DE 1-1 candidate, AS4134 1-1 candidate", false},
    {"1 2.2.2.1,3.3.3.1; 2 3.3.3.2; 3 4.4.4.9", "AS3356@DE 1-1 candidate, AS4134 1-2", false},
    {"1 2.2.2.1,2.2.2.2; 2 3.3.3.1,10.0.0.1; 3 4.4.4.9", "AS3356@DE 1-1, AS4134 2-2 candidate", true},
    {"1 2.2.2.1; 2 3.3.3.1; 3 2.2.2.3; 4 4.4.4.9", "AS3356@DE 1-3, AS4134 2-2", false}, /* once each */
    {"1 5.5.5.1; 2 4.4.4.1; 3 4.4.4.9", "", false},
    {"1 2.2.2.1; 3 4.4.4.9", "AS3356@DE 1-1", true},
    {"1 2.2.2.1; 2 7.7.7.7; 3 4.4.4.9", "AS3356@DE 1-1", true},
    {"1 2.2.2.1", "AS3356@DE 1-1", true},
};

static void carriers_are_the_networks_in_between(void **state)
{
    (void)state;
    struct world world;
    struct trace_judgement judgement;
    world_open(&world);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        judge_trace(&world, paths[i].trace, "4.4.4.9", &judgement);

        assert_string_equal(carriers_told(&judgement), paths[i].carriers);
        assert_int_equal(trace_is_incomplete(&judgement), paths[i].is_incomplete);
    }
    world_close(&world);
}

static void carriers_beyond_the_room_are_counted(void **state)
{
    (void)state;
    struct trace_judgement *judgement = calloc(1, sizeof(*judgement));
    struct trace_carrier carriers[TRACE_CARRIERS_MAX];
    size_t total;
    judgement->router_count = 60;
    for (unsigned i = 0; i < 60; i++) {
        judgement->routers[i].ttl = (uint8_t)(i + 1);
        judgement->routers[i].carrier.asn_count = 1;
        judgement->routers[i].carrier.asn[0] = 100 + i / 2 % 20; /* twenty, each two hops long, over again */
    }

    assert_int_equal(trace_carriers(judgement, carriers, &total), TRACE_CARRIERS_MAX);

    assert_int_equal(total, 20);
    free(judgement);
}

static void a_router_is_not_where_light_could_not_come_back_from(void **state)
{
    (void)state;
    struct world world;
    struct trace_judgement judgement;
    struct sensor_place sensor = {.position = {38.90, -77.04, 5}}; /* Washington */
    const struct ip_address remote = address_of("4.4.4.9");
    struct traceroute trace = trace_of("1 2.2.2.1; 2 3.3.3.1; 3 4.4.4.1; 4 4.4.4.9");
    world_open(&world);
    country_distances_measure(sensor.position.lat, sensor.position.lon, &sensor.distances);
    world.around.sensor = &sensor;
    trace.hops[0].routers[0].rtt_min_us = 2000;  /* not in DE, as both say */
    trace.hops[1].routers[0].rtt_min_us = 61000; /* one says CN, that is too far; DE is not */
    trace.hops[2].routers[0].rtt_min_us = 90000;
    trace.hops[3].routers[0].rtt_min_us = 0; /* not measured */

    trace_judge(&world.around, &trace, &remote, &judgement);

    assert_string_equal(judgement.routers[0].place.code, "");
    assert_string_equal(judgement.routers[0].place_reason, "all claims refuted by RTT: 2.0 ms, DE is farther away");
    assert_string_equal(judgement.routers[1].place.code, ""); /* one provider is left, not two that agree */
    assert_string_equal(judgement.routers[1].place_reason, "2 providers name 2 countries; CN refuted by RTT (61.0 ms)");
    assert_string_equal(judgement.routers[2].place.code, "NL");
    assert_string_equal(judgement.routers[3].place.code, "NL");
    assert_int_equal(judgement.refuted, 2);

    trace.rtt_step_us = 100000; /* a coarse clock proves nothing */
    trace_judge(&world.around, &trace, &remote, &judgement);
    assert_string_equal(judgement.routers[0].place.code, "DE");
    assert_int_equal(judgement.refuted, 0);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carriers_and_places_are_two_facts),
        cmocka_unit_test(several_routers_of_a_hop_are_candidates),
        cmocka_unit_test(silence_is_counted_and_never_guessed),
        cmocka_unit_test(ones_own_network_is_no_transit),
        cmocka_unit_test(what_answers_behind_the_remote_is_left_out),
        cmocka_unit_test(nothing_loaded_and_nothing_there_say_so),
        cmocka_unit_test(carriers_are_the_networks_in_between),
        cmocka_unit_test(carriers_beyond_the_room_are_counted),
        cmocka_unit_test(a_router_is_not_where_light_could_not_come_back_from),
        cmocka_unit_test(more_routers_than_there_is_room_for_are_said),
    };
    return cmocka_run_group_tests_name("geo/trace_judge", tests, NULL, NULL);
}
