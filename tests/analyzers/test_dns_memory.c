#include "test.h"

#include "dns_memory.h"

static const struct packet_time start = {INT64_C(1700000000) * NS_PER_SEC};

static struct packet_time after_sec(int64_t sec)
{
    return (struct packet_time){start.ns + sec * NS_PER_SEC};
}

static struct ip_address address(unsigned a, unsigned b, unsigned c)
{
    return ip_from_v4((const uint8_t[]){(uint8_t)a, (uint8_t)(b >> 8), (uint8_t)b, (uint8_t)c});
}

static void learn(struct dns_memory *memory, struct ip_address host, const char *name, const char *canonical,
                  struct ip_address remote, uint32_t ttl_sec, struct packet_time now)
{
    struct dns_answer answer = {.chain_count = 1, .binding_count = 1};
    answer.chain[0] = text_of(name);
    if (canonical != NULL)
        answer.chain[answer.chain_count++] = text_of(canonical);
    answer.bindings[0] = (struct dns_binding){remote, ttl_sec, false};
    dns_memory_learn(memory, &host, &answer, now);
}

static struct dns_memory *memory_of(size_t bindings)
{
    struct dns_memory *memory;
    assert_int_equal(dns_memory_new(bindings, &memory), STATUS_OK);
    return memory;
}

static void assert_name(struct text seen, const char *wanted)
{
    assert_int_equal(seen.length, strlen(wanted));
    assert_memory_equal(seen.data, wanted, seen.length);
}

struct wanted {
    const char *name;
    uint64_t value;
};

static void find_counter(void *context, const struct counter *counter)
{
    struct wanted *wanted = context;
    if (strcmp(counter->name, wanted->name) == 0)
        wanted->value = counter->value;
}

static uint64_t counted(const struct dns_memory *memory, const char *name)
{
    struct wanted wanted = {name, UINT64_MAX};
    dns_memory_count(memory, find_counter, &wanted);
    return wanted.value;
}

static void host_finds_the_name_it_asked_for_with_the_chains_end(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(1000);
    struct ip_address host = address(10, 0, 1), remote = address(192, 2, 7);
    struct dns_memory_names names;
    learn(memory, host, "update.example", "edge.cdn.test", remote, 300, start);

    assert_true(dns_memory_find(memory, &host, &remote, after_sec(10), &names));

    assert_name(names.name, "update.example");
    assert_name(names.canonical, "edge.cdn.test");
    assert_false(names.is_common);
    assert_false(names.is_expired);
    assert_int_equal(names.others, 0);
    dns_memory_free(memory);
}

static void other_host_finds_it_in_the_common_memory(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(1000);
    struct ip_address host = address(10, 0, 1), other = address(10, 0, 2), remote = address(192, 2, 7);
    struct dns_memory_names names;
    struct text all[4];
    learn(memory, host, "a.example", NULL, remote, 300, start);

    assert_true(dns_memory_find(memory, &other, &remote, after_sec(300), &names));

    assert_true(names.is_common);
    assert_null(names.canonical.data);
    assert_int_equal(dns_memory_find_all(memory, &other, &remote, after_sec(300), all, 4), 0);
    dns_memory_free(memory);
}

static void grace_is_an_hour_for_the_host_and_a_minute_for_others(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(1000);
    struct ip_address host = address(10, 0, 1), other = address(10, 0, 2), remote = address(192, 2, 7);
    struct dns_memory_names names;
    learn(memory, host, "a.example", NULL, remote, 5, start); /* taken as 60 s */

    assert_true(dns_memory_find(memory, &other, &remote, after_sec(120), &names));
    assert_true(names.is_expired);
    assert_false(dns_memory_find(memory, &other, &remote, after_sec(121), &names));
    assert_true(dns_memory_find(memory, &host, &remote, after_sec(3660), &names));
    assert_true(names.is_expired);
    assert_false(dns_memory_find(memory, &host, &remote, after_sec(3661), &names));

    assert_int_equal(counted(memory, "bindings"), 0);
    assert_int_equal(counted(memory, "expired"), 2);
    assert_int_equal(counted(memory, "name_units"), 0);
    dns_memory_free(memory);
}

static void latest_name_of_a_shared_address_comes_first(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(1000);
    struct ip_address host = address(10, 0, 1), remote = address(192, 2, 7);
    struct dns_memory_names names;
    struct text all[4];
    learn(memory, host, "a.example", NULL, remote, 300, start);
    learn(memory, host, "b.example", NULL, remote, 300, after_sec(1));
    learn(memory, host, "a.example", NULL, remote, 300, after_sec(2));

    assert_true(dns_memory_find(memory, &host, &remote, after_sec(3), &names));

    assert_name(names.name, "a.example");
    assert_int_equal(names.others, 1);
    assert_int_equal(dns_memory_find_all(memory, &host, &remote, after_sec(3), all, 4), 2);
    assert_name(all[0], "a.example");
    assert_name(all[1], "b.example");
    assert_int_equal(dns_memory_find_all(memory, &host, &remote, after_sec(3), all, 1), 1);
    dns_memory_free(memory);
}

static void names_of_one_address_are_capped(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(4096);
    struct ip_address host = address(10, 0, 1), remote = address(192, 2, 7);
    struct text all[32];
    char name[32];
    for (unsigned i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "n%u.example", i);
        learn(memory, host, name, NULL, remote, 300, start);
    }

    assert_int_equal(dns_memory_find_all(memory, &host, &remote, start, all, 32), 16);

    assert_name(all[0], "n39.example");
    assert_name(all[15], "n24.example");
    dns_memory_free(memory);
}

static void flood_at_one_host_leaves_the_others_theirs(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(1600);
    struct ip_address quiet = address(10, 0, 1), loud = address(10, 0, 2), remote = address(192, 2, 7);
    struct dns_memory_names names;
    char name[300];
    learn(memory, quiet, "quiet.example", NULL, remote, 300, start);

    for (unsigned i = 0; i < 20000; i++) {
        snprintf(name, sizeof(name), "n%u%0*d.example", i, (int)(i % 200) + 1, 0);
        learn(memory, loud, name, NULL, address(203, i, i & 255), 300, after_sec(1));
    }

    assert_true(dns_memory_find(memory, &quiet, &remote, after_sec(2), &names));
    assert_name(names.name, "quiet.example");
    assert_in_range(counted(memory, "bindings"), 1, 1600 / 16 + 1600 / 4 + 1);
    assert_true(counted(memory, "evicted_for_host_share") > 19000);
    dns_memory_free(memory);
}

static void least_recently_used_goes_first(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(64); /* a host's share is 4 */
    struct ip_address host = address(10, 0, 1);
    struct dns_memory_names names;
    for (unsigned i = 0; i < 4; i++)
        learn(memory, host, "a.example", NULL, address(192, 0, i + 1), 300, start);
    struct ip_address first = address(192, 0, 1), second = address(192, 0, 2);
    assert_true(dns_memory_find(memory, &host, &first, start, &names));

    learn(memory, host, "a.example", NULL, address(192, 0, 9), 300, start);

    assert_true(dns_memory_find(memory, &host, &first, start, &names));
    assert_false(names.is_common);
    assert_true(dns_memory_find(memory, &host, &second, start, &names));
    assert_true(names.is_common);
    dns_memory_free(memory);
}

static void many_hosts_with_long_names_stay_within_the_caps(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(256);
    struct dns_memory_names names;
    char name[256];
    for (unsigned i = 0; i < 30000; i++) {
        struct ip_address host = address(10, i % 977, 1), remote = address(192, i % 1409, 5);
        snprintf(name, sizeof(name), "%0*u.example", 1 + (int)(i * 7 % 240), i);
        learn(memory, host, name, i % 3 == 0 ? "canonical.example" : NULL, remote, 300, after_sec(i / 10));
        if (i % 5 == 0)
            (void)dns_memory_find(memory, &host, &remote, after_sec(i / 10), &names);
    }

    assert_true(counted(memory, "bindings") <= 256);
    assert_true(counted(memory, "name_units") <= 256);
    assert_true(counted(memory, "evicted_for_table") + counted(memory, "evicted_for_names") > 0);
    dns_memory_free(memory);
}

/** The answer holds the alias alone. */
static void learn_alias(struct dns_memory *memory, struct ip_address host, const char *name, const char *target,
                        uint32_t ttl_sec, struct packet_time now)
{
    struct dns_answer answer = {.chain_count = 2, .chain_ttl_sec = ttl_sec};
    answer.chain[0] = text_of(name);
    answer.chain[1] = text_of(target);
    dns_memory_learn(memory, &host, &answer, now);
}

static void a_chain_in_several_messages_leads_to_the_first_name(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(1000);
    struct ip_address host = address(10, 0, 1), remote = address(192, 2, 7);
    struct dns_memory_names names;
    learn_alias(memory, host, "update.example", "a.cdn.test", 300, start);
    learn_alias(memory, host, "a.cdn.test", "b.cdn.test", 300, start);

    learn(memory, host, "b.cdn.test", "c.cdn.test", remote, 300, after_sec(1));

    assert_true(dns_memory_find(memory, &host, &remote, after_sec(10), &names));
    assert_name(names.name, "update.example");
    assert_name(names.canonical, "c.cdn.test");
    assert_int_equal(names.others, 0);
    dns_memory_free(memory);
}

static void names_with_one_alias_share_its_addresses(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(1000);
    struct ip_address host = address(10, 0, 1), remote = address(192, 2, 7);
    struct text names[4];
    learn_alias(memory, host, "one.example", "cdn.test", 300, start);
    learn_alias(memory, host, "two.example", "cdn.test", 300, start);
    learn_alias(memory, host, "two.example", "cdn.test", 300, start);

    learn(memory, host, "cdn.test", NULL, remote, 300, start);

    assert_int_equal(dns_memory_find_all(memory, &host, &remote, start, names, 4), 2);
    assert_false(text_equal(names[0], names[1]));
    assert_int_equal(counted(memory, "aliases_learned"), 2);
    dns_memory_free(memory);
}

static void an_alias_is_its_hosts_own_and_ends_with_its_ttl(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(1000);
    struct ip_address host = address(10, 0, 1), other = address(10, 0, 2), remote = address(192, 2, 7),
                      later = address(192, 2, 8);
    struct dns_memory_names names;
    learn_alias(memory, host, "update.example", "cdn.test", 300, start);

    learn(memory, other, "cdn.test", NULL, remote, 300, start);
    learn(memory, host, "cdn.test", NULL, later, 300, after_sec(301));

    assert_true(dns_memory_find(memory, &other, &remote, after_sec(1), &names));
    assert_name(names.name, "cdn.test");
    assert_true(dns_memory_find(memory, &host, &later, after_sec(302), &names));
    assert_name(names.name, "cdn.test");
    dns_memory_free(memory);
}

static void a_flood_of_aliases_pushes_out_its_own(void **state)
{
    (void)state;
    enum { QUIET = 40 };
    struct dns_memory *memory = memory_of(64 * 512);
    struct ip_address loud = address(10, 0, 99), remote = address(192, 2, 7);
    struct dns_memory_names names;
    char name[300];
    unsigned kept = 0;
    for (unsigned i = 0; i < QUIET; i++)
        learn_alias(memory, address(10, 1, i), "quiet.example", "cdn.test", 300, start);

    for (unsigned i = 0; i < 20000; i++) {
        snprintf(name, sizeof(name), "n%u%0*d.example", i, (int)(i % 200) + 1, 0);
        learn_alias(memory, loud, name, name + 1, 300, after_sec(1));
    }

    for (unsigned i = 0; i < QUIET; i++) {
        struct ip_address host = address(10, 1, i);
        learn(memory, host, "cdn.test", NULL, remote, 300, after_sec(2));
        assert_true(dns_memory_find(memory, &host, &remote, after_sec(2), &names));
        kept += text_equal(names.name, text_of("quiet.example"));
    }
    assert_in_range(kept, QUIET - 4, QUIET); /* a set of eight quiet ones gives one up */
    assert_true(counted(memory, "aliases_evicted") > 19000);
    dns_memory_free(memory);
}

static void blocked_names_tie_nothing(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(64);
    static const uint8_t unspecified[16], loopback[16] = {[15] = 1};

    learn(memory, address(10, 0, 1), "a.example", NULL, ip_from_v4((const uint8_t[]){0, 0, 0, 0}), 300, start);
    learn(memory, address(10, 0, 1), "a.example", NULL, ip_from_v4((const uint8_t[]){127, 0, 0, 1}), 300, start);
    learn(memory, address(10, 0, 1), "a.example", NULL, ip_from_v6(unspecified), 300, start);
    learn(memory, address(10, 0, 1), "a.example", NULL, ip_from_v6(loopback), 300, start);

    assert_int_equal(counted(memory, "bindings"), 0);
    dns_memory_free(memory);
}

static void what_was_learned_since_is_told_of_host_and_common_memory(void **state)
{
    (void)state;
    struct dns_memory *memory = memory_of(64);
    struct ip_address host = address(10, 0, 1), other = address(10, 0, 2), remote = address(192, 2, 7);
    struct ip_address unknown = address(192, 2, 8);
    learn(memory, host, "a.example", NULL, remote, 300, after_sec(10));

    assert_true(dns_memory_learned_since(memory, &host, &remote, after_sec(9)));
    assert_true(dns_memory_learned_since(memory, &other, &remote, after_sec(9)));
    assert_false(dns_memory_learned_since(memory, &host, &remote, after_sec(10)));
    assert_false(dns_memory_learned_since(memory, &host, &unknown, start));

    learn(memory, host, "a.example", NULL, remote, 300, after_sec(20));

    assert_true(dns_memory_learned_since(memory, &host, &remote, after_sec(10)));
    dns_memory_free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_finds_the_name_it_asked_for_with_the_chains_end),
        cmocka_unit_test(other_host_finds_it_in_the_common_memory),
        cmocka_unit_test(grace_is_an_hour_for_the_host_and_a_minute_for_others),
        cmocka_unit_test(latest_name_of_a_shared_address_comes_first),
        cmocka_unit_test(names_of_one_address_are_capped),
        cmocka_unit_test(flood_at_one_host_leaves_the_others_theirs),
        cmocka_unit_test(least_recently_used_goes_first),
        cmocka_unit_test(many_hosts_with_long_names_stay_within_the_caps),
        cmocka_unit_test(a_chain_in_several_messages_leads_to_the_first_name),
        cmocka_unit_test(names_with_one_alias_share_its_addresses),
        cmocka_unit_test(an_alias_is_its_hosts_own_and_ends_with_its_ttl),
        cmocka_unit_test(a_flood_of_aliases_pushes_out_its_own),
        cmocka_unit_test(blocked_names_tie_nothing),
        cmocka_unit_test(what_was_learned_since_is_told_of_host_and_common_memory),
    };
    return cmocka_run_group_tests_name("analyzers/dns_memory", tests, NULL, NULL);
}
