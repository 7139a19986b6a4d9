#include "geo_helpers.h"

#include "sources_internal.h"

struct differences {
    size_t count;
    char text[16][160];
};

static void note(void *context, const struct geo_difference *d)
{
    struct differences *all = context;
    char first[IP_TEXT_SIZE], last[IP_TEXT_SIZE];
    assert_true(all->count < 16);
    ip_print(&d->first, first);
    ip_print(&d->last, last);
    snprintf(all->text[all->count++], sizeof(all->text[0]), "%s - %s: %s %s, %s %s, %llu", first, last,
             d->databases[0]->provider, d->countries[0].code, d->databases[1]->provider, d->countries[1].code,
             (unsigned long long)d->v4_addresses);
}

static void ranges_that_two_providers_dispute_are_told_whole(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "5.0.0.0 - 5.0.1.255: DB-IP RU, MaxMind NL, 512", /* one range, though an AS begins inside it */
        "5.0.3.0 - 5.0.3.255: DB-IP DE, MaxMind RU, 256",
        "2a00:: - 2a00::ff: DB-IP RU, MaxMind CH, 0",
    };
    static const struct country russia = {"RU"};
    struct test_file left = file_write_text("dbip-country.csv", "5.0.0.0,5.0.1.255,RU\n5.0.2.0,5.0.2.255,DE\n"
                                                                "5.0.3.0,5.0.3.255,DE\n5.0.4.0,5.0.4.255,RU\n"
                                                                "2a00::,2a00::ff,RU\n");
    struct test_file right = file_write_text("geolite2-country.csv", "5.0.0.0,5.0.1.255,NL\n5.0.2.0,5.0.2.255,FR\n"
                                                                     "5.0.3.0,5.0.3.255,RU\n2a00::,2a00::ff,CH\n");
    struct test_file same = file_write_text("dbip-city.csv", "5.0.0.0,5.0.0.255,CU\n"); /* the same provider */
    struct test_file asns = file_write_text("asn-ipv4.csv", "5.0.1.0,5.0.1.255,7,X\n");
    const char *paths[] = {left.path, right.path, asns.path, NULL}, *alone[] = {left.path, same.path, NULL};
    struct differences all = {0};
    struct geo *geo = must_open(paths, NULL);

    assert_int_equal(geo_compare(geo, &russia, 1, note, &all), 1);

    assert_int_equal(all.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(all.text[i], wanted[i]);
    geo_close(geo);

    geo = must_open(alone, NULL);
    assert_int_equal(geo_compare(geo, &russia, 1, note, &all), 0);
    geo_close(geo);
    file_remove(&left);
    file_remove(&right);
    file_remove(&same);
    file_remove(&asns);
}

static void coverage_is_counted_in_addresses_and_prefixes(void **state)
{
    (void)state;
    struct test_file places =
        file_write_text("dbip-country.csv", "5.0.0.0,5.0.1.255,RU\n2a00::,2a00::ff,RU\n2a01::,2a01::f,DE\n");
    struct test_file asns =
        file_write_text("asn-ipv4.csv", "5.0.1.0,5.0.2.255,7,X\nbad\n6.0.0.0,6.0.0.255,8,Y\n7.0.0.0,7.0.0.0,9,Z\n");
    const char *paths[] = {places.path, asns.path, NULL};
    struct geo *geo = must_open(paths, NULL);
    struct geo_coverage coverage[2];
    struct geo_refusal refusal;

    uint64_t announced = geo_measure(geo, coverage);

    assert_int_equal(announced, 3 * 256 + 1);
    assert_int_equal(coverage[0].v4_addresses, 512);
    assert_int_equal(coverage[0].v4_announced, 256);
    assert_int_equal(coverage[0].v6_prefixes, 2);
    assert_int_equal(coverage[1].v4_announced, announced);
    assert_false(geo_refused(geo, 0, &refusal));
    assert_true(geo_refused(geo, 1, &refusal));
    assert_int_equal(refusal.first_line, 2);
    assert_string_equal(refusal.first_reason, "too_few_fields");
    geo_close(geo);
    file_remove(&places);
    file_remove(&asns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_that_two_providers_dispute_are_told_whole),
        cmocka_unit_test(coverage_is_counted_in_addresses_and_prefixes),
    };
    return cmocka_run_group_tests_name("geo/compare", tests, NULL, NULL);
}
