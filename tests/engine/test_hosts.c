#include "test.h"

#include "engine/hosts_internal.h"

static struct ip_address address_of(unsigned number)
{
    return ip_from_v4((const uint8_t[]){10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number});
}

static void hosts_and_their_products_survive_growth(void **state)
{
    (void)state;
    enum { HOSTS = 5000 };
    static const struct product products[HOST_SEEN_MAX + 1];
    struct hosts *hosts;
    assert_int_equal(hosts_new(HOSTS, &hosts), STATUS_OK);

    for (unsigned i = 0; i < HOSTS; i++) {
        struct ip_address address = address_of(i);
        struct host_seen *host = hosts_touch(hosts, &address);
        assert_int_equal(host->products->count, 0);
        if (i % 100 == 0)
            assert_true(host_add_product(host, &products[i % HOST_SEEN_MAX]));
    }

    assert_int_equal(hosts_size(hosts), HOSTS);
    for (unsigned i = 0; i < HOSTS; i++) {
        struct ip_address address = address_of(i);
        const struct host_seen *host = hosts_touch(hosts, &address);
        assert_int_equal(host->products->count, i % 100 == 0);
        if (i % 100 == 0)
            assert_ptr_equal(host->products->items[0], &products[i % HOST_SEEN_MAX]);
    }
    struct ip_address one_more = address_of(HOSTS);
    assert_null(hosts_touch(hosts, &one_more));
    hosts_free(hosts);
}

static void a_product_is_news_once_and_few_are_kept(void **state)
{
    (void)state;
    static const struct product products[HOST_SEEN_MAX + 1];
    struct ip_address address = address_of(1);
    struct hosts *hosts;
    assert_int_equal(hosts_new(8, &hosts), STATUS_OK);
    struct host_seen *host = hosts_touch(hosts, &address);

    for (unsigned i = 0; i < HOST_SEEN_MAX; i++) {
        assert_true(host_add_product(host, &products[i]));
        assert_false(host_add_product(host, &products[i]));
    }

    assert_false(host_add_product(host, &products[HOST_SEEN_MAX]));
    assert_int_equal(host->products->count, HOST_SEEN_MAX);
    hosts_free(hosts);
}

static void products_are_those_of_the_catalogue_in_force(void **state)
{
    (void)state;
    static const struct product lost = {.id = "in-no-catalogue"};
    struct catalog *old, *newer;
    struct hosts *hosts;
    struct ip_address address = address_of(1), other = address_of(2);
    assert_int_equal(catalog_load(SOURCE_ROOT "/catalog", &old, NULL), STATUS_OK);
    assert_int_equal(catalog_load(SOURCE_ROOT "/catalog", &newer, NULL), STATUS_OK);
    assert_int_equal(hosts_new(8, &hosts), STATUS_OK);
    hosts_touch(hosts, &other);
    struct host_seen *host = hosts_touch(hosts, &address);
    assert_true(host_add_product(host, &lost));
    assert_true(host_add_product(host, catalog_find_product(old, "kaspersky")));

    hosts_use_catalog(hosts, newer);
    catalog_free(old);

    assert_int_equal(host->products->count, 1);
    assert_ptr_equal(host->products->items[0], catalog_find_product(newer, "kaspersky"));
    assert_int_equal(hosts_touch(hosts, &other)->products->count, 0);
    hosts_free(hosts);
    catalog_free(newer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_and_their_products_survive_growth),
        cmocka_unit_test(a_product_is_news_once_and_few_are_kept),
        cmocka_unit_test(products_are_those_of_the_catalogue_in_force),
    };
    return cmocka_run_group_tests_name("engine/hosts", tests, NULL, NULL);
}
