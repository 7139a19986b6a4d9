/* The path table against a plain list, and what announcements, withdrawals and lost sessions do to it. */
#include "test.h"

#include "paths/path_table_internal.h"

static struct bgp_prefix prefix_of(const char *text)
{
    struct bgp_prefix ret = {.path_id = 0};
    assert_int_equal(ip_prefix_parse(text, &ret.prefix, NULL), STATUS_OK);
    ret.is_v6 = strchr(text, ':') != NULL;
    return ret;
}

/** A path of one AS_SEQUENCE with one number. */
static struct as_path path_of(uint32_t asn, uint8_t room[static 6])
{
    const uint8_t bytes[6] = {AS_SEGMENT_SEQUENCE, 1,           (uint8_t)(asn >> 24), (uint8_t)(asn >> 16),
                              (uint8_t)(asn >> 8), (uint8_t)asn};
    memcpy(room, bytes, sizeof(bytes));
    return (struct as_path){room, sizeof(bytes), 4};
}

struct fixture {
    struct path_table table;
    size_t peers[3];
};

static void open_table(struct fixture *f)
{
    assert_true(path_table_init(&f->table));
    for (unsigned i = 0; i < 3; i++) {
        struct ip_address address = ip_from_v4((const uint8_t[]){192, 0, 2, (uint8_t)(i + 1)});
        f->peers[i] = path_table_peer(&f->table, &address, 64496 + i);
    }
}

static void announce(struct fixture *f, unsigned peer, const char *prefix, uint32_t asn)
{
    uint8_t room[6];
    struct bgp_prefix parsed = prefix_of(prefix);
    path_table_announce(&f->table, f->peers[peer], &parsed, path_of(asn, room), 1);
}

static void withdraw(struct fixture *f, unsigned peer, const char *prefix)
{
    struct bgp_prefix parsed = prefix_of(prefix);
    path_table_withdraw(&f->table, f->peers[peer], &parsed);
}

/** "1 2": the last AS of each candidate. */
static const char *found(const struct fixture *f, const char *address)
{
    static char text[128];
    struct ip_address parsed;
    size_t count = 0;
    assert_true(ip_parse(address, &parsed));
    const struct path_route *routes = path_table_find(&f->table, &parsed, &count);
    text[0] = '\0';
    for (size_t i = 0; routes != NULL && i < count; i++) {
        struct path_element path[PATH_ELEMENTS_MAX];
        size_t length = path_store_get(&f->table.store, routes[i].path, path);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u", i > 0 ? " " : "", path[length - 1].asn);
    }
    return text;
}

static void the_longest_prefix_is_found(void **state)
{
    struct fixture f;
    (void)state;
    open_table(&f);
    announce(&f, 0, "10.0.0.0/8", 1);
    announce(&f, 0, "10.1.0.0/16", 2);
    announce(&f, 0, "10.1.2.0/24", 3);
    announce(&f, 0, "10.1.2.3/32", 4);
    announce(&f, 0, "2001:db8::/32", 5);
    announce(&f, 0, "2001:db8:1::/48", 6);
    announce(&f, 0, "2001:db8:1::1/128", 7);
    path_table_settle(&f.table);

    assert_string_equal(found(&f, "10.200.0.1"), "1");
    assert_string_equal(found(&f, "10.1.255.255"), "2");
    assert_string_equal(found(&f, "10.1.2.2"), "3");
    assert_string_equal(found(&f, "10.1.2.3"), "4");
    assert_string_equal(found(&f, "10.1.2.4"), "3");
    assert_string_equal(found(&f, "10.2.0.0"), "1");
    assert_string_equal(found(&f, "11.0.0.0"), "");
    assert_string_equal(found(&f, "9.255.255.255"), "");
    assert_string_equal(found(&f, "2001:db8:2::"), "5");
    assert_string_equal(found(&f, "2001:db8:1::"), "6");
    assert_string_equal(found(&f, "2001:db8:1::1"), "7");
    assert_string_equal(found(&f, "2001:db8:1::2"), "6");
    assert_string_equal(found(&f, "2001:db9::"), "");
    assert_string_equal(found(&f, "fe80::1"), "");
    path_table_clear(&f.table);
}

static void a_default_route_of_ipv6_is_none_of_ipv4(void **state)
{
    struct fixture f;
    (void)state;
    open_table(&f);
    announce(&f, 0, "::/0", 1);
    announce(&f, 0, "fd00::/8", 2);
    path_table_settle(&f.table);

    assert_string_equal(found(&f, "192.0.2.1"), "");
    assert_string_equal(found(&f, "2001:db8::1"), "1");
    assert_int_equal(f.table.refused[PATH_REFUSED_OUTSIDE], 1);
    path_table_clear(&f.table);
}

static void peers_are_candidates_beside_each_other(void **state)
{
    struct fixture f;
    (void)state;
    open_table(&f);
    announce(&f, 2, "10.0.0.0/8", 3);
    announce(&f, 0, "10.0.0.0/8", 1);
    announce(&f, 1, "10.0.0.0/8", 2);
    announce(&f, 0, "10.0.0.0/8", 4); /* instead of 1 */
    path_table_settle(&f.table);

    assert_string_equal(found(&f, "10.0.0.1"), "4 2 3");
    path_table_clear(&f.table);
}

static void updates_change_a_settled_table(void **state)
{
    struct fixture f;
    (void)state;
    open_table(&f);
    announce(&f, 0, "10.0.0.0/8", 1);
    announce(&f, 0, "10.1.0.0/16", 2);
    path_table_settle(&f.table);
    announce(&f, 0, "10.1.0.0/16", 3);
    withdraw(&f, 0, "10.0.0.0/8");
    announce(&f, 0, "10.1.128.0/17", 4);
    withdraw(&f, 1, "10.1.0.0/16"); /* which it never had */
    path_table_settle(&f.table);

    assert_string_equal(found(&f, "10.1.0.1"), "3");
    assert_string_equal(found(&f, "10.1.200.1"), "4");
    assert_string_equal(found(&f, "10.2.0.1"), "");
    withdraw(&f, 0, "10.1.128.0/17");
    announce(&f, 0, "10.1.128.0/17", 5);
    withdraw(&f, 0, "10.1.0.0/16");
    path_table_settle(&f.table);
    assert_string_equal(found(&f, "10.1.0.1"), "");
    assert_string_equal(found(&f, "10.1.200.1"), "5");
    path_table_clear(&f.table);
}

static void a_lost_session_takes_its_routes_along(void **state)
{
    struct fixture f;
    (void)state;
    open_table(&f);
    announce(&f, 0, "10.0.0.0/8", 1);
    announce(&f, 1, "10.0.0.0/8", 2);
    path_table_settle(&f.table);
    announce(&f, 0, "10.1.0.0/16", 3);
    path_table_drop_peer(&f.table, f.peers[0]);
    announce(&f, 0, "10.2.0.0/16", 4); /* the session is back */
    path_table_settle(&f.table);

    assert_string_equal(found(&f, "10.0.0.1"), "2");
    assert_string_equal(found(&f, "10.1.0.1"), "2");
    assert_string_equal(found(&f, "10.2.0.1"), "4");
    path_table_drop_peer(&f.table, f.peers[0]);
    path_table_drop_peer(&f.table, f.peers[1]);
    path_table_settle(&f.table);
    assert_string_equal(found(&f, "10.0.0.1"), "");
    assert_int_equal(f.table.count, 0);
    path_table_clear(&f.table);
}

static void equal_paths_are_stored_once(void **state)
{
    struct fixture f;
    (void)state;
    open_table(&f);
    for (unsigned i = 0; i < 256; i++) {
        char prefix[32];
        snprintf(prefix, sizeof(prefix), "10.%u.0.0/16", i);
        announce(&f, 0, prefix, i % 2);
    }
    path_table_settle(&f.table);

    assert_int_equal(f.table.store.path_count, 2);
    assert_int_equal(path_table_prefixes(&f.table), 256);
    path_table_clear(&f.table);
}

/* ---- against a plain list ---- */

enum { MODEL_ROUTES = 512, MODEL_STEPS = 6000 };

struct model_route {
    bool is_there;
    unsigned peer, length;
    uint32_t base, asn;
};

static uint32_t random_state;

static uint32_t next_random(uint32_t below)
{
    random_state = random_state * 1664525U + 1013904223U;
    return (random_state >> 8) % below;
}

static void change_both(struct fixture *f, struct model_route *model)
{
    unsigned lengths[] = {8, 12, 16, 20, 24, 28, 32};
    unsigned length = lengths[next_random(7)], peer = next_random(3), slot = MODEL_ROUTES;
    uint32_t base = (10U << 24 | next_random(4) << 20 | next_random(4) << 12 | next_random(8) << 4) &
                    (uint32_t)(0xffffffff00000000ULL >> length);
    char prefix[32];
    snprintf(prefix, sizeof(prefix), "%u.%u.%u.%u/%u", base >> 24, base >> 16 & 255, base >> 8 & 255, base & 255,
             length);
    for (unsigned i = 0; i < MODEL_ROUTES; i++)
        if (model[i].is_there && model[i].peer == peer && model[i].base == base && model[i].length == length)
            slot = i;
    for (unsigned i = 0; slot == MODEL_ROUTES && i < MODEL_ROUTES; i++)
        if (!model[i].is_there)
            slot = i;
    uint32_t action = next_random(100), asn = 1 + next_random(50);
    if (action == 0) {
        path_table_drop_peer(&f->table, f->peers[peer]);
        for (unsigned i = 0; i < MODEL_ROUTES; i++)
            model[i].is_there &= model[i].peer != peer;
    } else if (action < 40) {
        withdraw(f, peer, prefix);
        if (slot < MODEL_ROUTES)
            model[slot].is_there = false;
    } else if (slot < MODEL_ROUTES) {
        announce(f, peer, prefix, asn);
        model[slot] = (struct model_route){true, peer, length, base, asn};
    }
}

static const char *model_found(const struct model_route *model, uint32_t address)
{
    static char text[128];
    int longest = -1;
    text[0] = '\0';
    for (unsigned i = 0; i < MODEL_ROUTES; i++)
        if (model[i].is_there &&
            ((address ^ model[i].base) & (uint32_t)(0xffffffff00000000ULL >> model[i].length)) == 0)
            longest = (int)model[i].length > longest ? (int)model[i].length : longest;
    for (unsigned peer = 0; peer < 3; peer++)
        for (unsigned i = 0; i < MODEL_ROUTES; i++)
            if (model[i].is_there && model[i].peer == peer && (int)model[i].length == longest &&
                ((address ^ model[i].base) & (uint32_t)(0xffffffff00000000ULL >> model[i].length)) == 0)
                snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u", text[0] ? " " : "", model[i].asn);
    return text;
}

static void a_plain_list_says_the_same(void **state)
{
    static struct model_route model[MODEL_ROUTES];
    struct fixture f;
    (void)state;
    random_state = 7;
    open_table(&f);
    for (unsigned step = 0; step < MODEL_STEPS; step++) {
        change_both(&f, model);
        if (next_random(20) != 0)
            continue;
        path_table_settle(&f.table);
        for (unsigned i = 0; i < 20; i++) {
            char address[32];
            uint32_t number =
                10U << 24 | next_random(4) << 20 | next_random(4) << 12 | next_random(8) << 4 | next_random(16);
            snprintf(address, sizeof(address), "%u.%u.%u.%u", number >> 24, number >> 16 & 255, number >> 8 & 255,
                     number & 255);
            assert_string_equal(found(&f, address), model_found(model, number));
        }
    }
    path_table_clear(&f.table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_prefix_is_found),
        cmocka_unit_test(a_default_route_of_ipv6_is_none_of_ipv4),
        cmocka_unit_test(peers_are_candidates_beside_each_other),
        cmocka_unit_test(updates_change_a_settled_table),
        cmocka_unit_test(a_lost_session_takes_its_routes_along),
        cmocka_unit_test(equal_paths_are_stored_once),
        cmocka_unit_test(a_plain_list_says_the_same),
    };
    return cmocka_run_group_tests_name("geo/path_table", tests, NULL, NULL);
}
