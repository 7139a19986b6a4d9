/* An engine inside another vendor's product. */
#include "attribute.h"
#include "catalog_fixture.h"

static struct attribution seen_name(void **state, const char *sni)
{
    struct flow_facts facts = {.app = APP_TLS};
    struct attribution_input input = {.facts = &facts};
    struct attribution ret;
    facts.tls.sni = text_of(sni);
    attribute(*state, &input, &ret);
    return ret;
}

static const struct product *product(void **state, const char *id)
{
    const struct product *ret = catalog_find_product(*state, id);
    assert_non_null(ret);
    return ret;
}

static void kaspersky_names_beside_a_check_point_agent_are_its_engine(void **state)
{
    const struct product *seen[] = {product(state, "kaspersky"), product(state, "checkpoint-harmony")};
    struct attribution a = seen_name(state, "dnl-01.geo.kaspersky.com");

    assert_true(attribute_engine_host(*state, seen, 2, &a));

    assert_string_equal(a.product->id, "kaspersky");
    assert_string_equal(a.engine_host->id, "checkpoint-harmony");
    assert_false(attribute_engine_host(*state, seen, 2, &a)); /* nothing left to change */
}

static void kaspersky_s_own_update_and_activation_names_are_its_own_product(void **state)
{
    const struct product *seen[] = {product(state, "kaspersky"), product(state, "checkpoint-harmony")};
    struct attribution update = seen_name(state, "s00.upd.kaspersky.com");
    struct attribution licence = seen_name(state, "activation-v2.kaspersky.com");

    assert_false(attribute_engine_host(*state, seen, 2, &update));
    assert_false(attribute_engine_host(*state, seen, 2, &licence));
    assert_null(update.engine_host);
}

static void another_kaspersky_product_at_the_host_speaks_against_it(void **state)
{
    const struct product *seen[] = {product(state, "checkpoint-harmony"), product(state, "kaspersky-vpn")};
    struct attribution a = seen_name(state, "dnl-01.geo.kaspersky.com");

    assert_false(attribute_engine_host(*state, seen, 2, &a));
}

static void without_the_other_product_nothing_changes(void **state)
{
    const struct product *seen[] = {product(state, "kaspersky"), product(state, "crowdstrike-falcon")};
    struct attribution a = seen_name(state, "dnl-01.geo.kaspersky.com"), none = {0};
    struct attribution web = seen_name(state, "www.kaspersky.com");
    const struct product *with_host[] = {product(state, "checkpoint-harmony")};

    assert_false(attribute_engine_host(*state, seen, 2, &a));
    assert_false(attribute_engine_host(*state, NULL, 0, &a));
    assert_false(attribute_engine_host(*state, with_host, 1, &none));
    assert_false(attribute_engine_host(*state, with_host, 1, &web));
}

static void total_av_fetches_avira_definitions(void **state)
{
    const struct product *seen[] = {product(state, "totalav")};
    struct attribution a = seen_name(state, "personal.avira-update.com");

    assert_true(attribute_engine_host(*state, seen, 1, &a));

    assert_string_equal(a.engine_host->id, "totalav");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kaspersky_names_beside_a_check_point_agent_are_its_engine),
        cmocka_unit_test(kaspersky_s_own_update_and_activation_names_are_its_own_product),
        cmocka_unit_test(another_kaspersky_product_at_the_host_speaks_against_it),
        cmocka_unit_test(without_the_other_product_nothing_changes),
        cmocka_unit_test(total_av_fetches_avira_definitions),
    };
    return cmocka_run_group_tests_name("analyzers/attribute_engine", tests, load_shipped, free_catalog);
}
