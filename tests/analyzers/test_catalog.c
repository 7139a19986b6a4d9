/* The catalogue we ship: every fact is found, families are recognised, nobody's site is an agent. */
#include "catalog_fixture.h"

typedef void line_visit(const struct catalog *catalog, char *line, void *context);

static void for_each_line(const struct catalog *catalog, const char *name, line_visit *visit, void *context)
{
    char path[512], line[512];
    snprintf(path, sizeof(path), "%s/analyzers/%s", TEST_DATA, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] != '#' && line[0] != '\0')
            visit(catalog, line, context);
    }
    fclose(file);
}

static void check_fact(const struct catalog *catalog, char *line, void *context)
{
    const char *name = strtok(line, "\t"), *vendor = strtok(NULL, "\t"), *product = strtok(NULL, "\t"),
               *purpose = strtok(NULL, "\t");
    const struct indicator *found = match(catalog, name);
    ++*(size_t *)context;
    if (found == NULL)
        fail_msg("%s is not found", name);
    if (strcmp(found->product->vendor->id, vendor) != 0 || strcmp(found->product->id, product) != 0)
        fail_msg("%s: %s/%s instead of %s/%s", name, found->product->vendor->id, found->product->id, vendor, product);
    if (strcmp(purpose, "-") != 0 && strcmp(purpose, purpose_text(found->purpose)) != 0)
        fail_msg("%s: purpose %s instead of %s", name, purpose_text(found->purpose), purpose);
}

static void every_confirmed_name_gets_its_own_vendor_product_and_purpose(void **state)
{
    size_t count = 0;

    for_each_line(*state, "facts-names.tsv", check_fact, &count);

    assert_in_range(count, 1890, 5000);
}

static void check_no_agent(const struct catalog *catalog, char *line, void *context)
{
    const struct indicator *found = match(catalog, line);
    ++*(size_t *)context;
    if (found != NULL && found->product->is_agent && found->purpose != PURPOSE_WEB)
        fail_msg("%s is taken for %s by %s (%s:%u)", line, found->product->id, found->value, found->file, found->line);
}

static void thousands_of_names_that_belong_to_no_agent_are_no_agents(void **state)
{
    size_t count = 0;

    for_each_line(*state, "no-agents.txt", check_no_agent, &count);

    assert_in_range(count, 5000, 10000);
}

static void names_of_a_family_that_no_list_holds_get_vendor_product_and_purpose(void **state)
{
    static const struct {
        const char *name, *product;
        enum purpose purpose;
    } rows[] = {
        {"s07.upd.kaspersky.com", "kaspersky", PURPOSE_UPDATE},
        {"s42.upd.kaspersky.com", "kaspersky", PURPOSE_UPDATE},
        {"dnl-02.geo.kaspersky.com", "kaspersky", PURPOSE_UPDATE},
        {"ksn-newthing-geo.kaspersky-labs.com", "kaspersky", PURPOSE_REPUTATION},
        {"dc3.ksn.kaspersky-labs.com", "kaspersky", PURPOSE_REPUTATION},
        {"unheard.kaspersky-labs.com", "kaspersky", PURPOSE_UNKNOWN},
        {"ts01-gyr-maverick.cloudsink.net", "crowdstrike-falcon", PURPOSE_TELEMETRY},
        {"lfodown02-new-cloud.cloudsink.net", "crowdstrike-falcon", PURPOSE_UPDATE},
        {"api-us2.xbc.trendmicro.com", "trendmicro-visionone", PURPOSE_MANAGEMENT},
        {"xlogr-ase1.xdr.trendmicro.com", "trendmicro-visionone", PURPOSE_TELEMETRY},
        {"canada.cp.wd.microsoft.com", "microsoft-defender-av", PURPOSE_REPUTATION},
        {"edr-cae.ca.endpoint.security.microsoft.com", "microsoft-defender-endpoint", PURPOSE_MANAGEMENT},
        {"apse2-1001.sentinelone.net", "sentinelone-singularity", PURPOSE_MANAGEMENT},
        {"dv-ca-prod.sentinelone.net", "sentinelone-singularity", PURPOSE_TELEMETRY},
        {"mcs2-cloudstation-ap-south-1.prod.hydra.sophos.com", "sophos-endpoint", PURPOSE_MANAGEMENT},
        {"elb-lon-gcp.nimbus.bitdefender.net", "bitdefender-gravityzone", PURPOSE_REPUTATION},
        {"um22.eset.com", "eset-endpoint", PURPOSE_UPDATE},
        {"fr01.agent.edr.eset.systems", "eset-endpoint", PURPOSE_TELEMETRY},
        {"update.msk16.drweb.com", "drweb", PURPOSE_UPDATE},
        {"update15.jiangmin.com", "jiangmin", PURPOSE_UPDATE},
        {"gateway-acme.goskope.com", "netskope-client", PURPOSE_VPN},
        {"dc-acme.traps.paloaltonetworks.com", "paloalto-cortex-xdr", PURPOSE_TELEMETRY},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct indicator *found = match(*state, rows[i].name);
        if (found == NULL || strcmp(found->product->id, rows[i].product) != 0 || found->purpose != rows[i].purpose)
            fail_msg("%s: %s %s", rows[i].name, found ? found->product->id : "nothing",
                     found ? purpose_text(found->purpose) : "");
    }
}

static void a_vendor_s_home_page_is_for_people_and_unlisted_names_of_the_zone_are_only_possible(void **state)
{
    const struct indicator *apex = match(*state, "kaspersky.com"), *other = match(*state, "unheard-of.kaspersky.com");

    assert_int_equal(apex->purpose, PURPOSE_WEB);
    assert_int_equal(match(*state, "www.kaspersky.com")->purpose, PURPOSE_WEB);
    assert_int_equal(match(*state, "careers.kaspersky.com")->purpose, PURPOSE_WEB);
    assert_int_equal(other->purpose, PURPOSE_UNKNOWN);
    assert_true(other->is_mixed);
}

static void look_alikes_match_nothing(void **state)
{
    static const char *const names[] = {
        "kaspersky.com.evil.example",
        "notkaspersky.com",
        "xupd.kaspersky.com.cn.example",
        "cloudsink.net.evil.example",
        "com",
        "net",
        ".",
        "",
        "..",
        "kaspersky..com",
        "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_null(match(*state, names[i]));
}

static void every_indicator_says_where_and_when_it_was_read(void **state)
{
    const struct indicator *const *all;
    size_t count = catalog_indicators(*state, &all), unconfirmed = 0;

    for (size_t i = 0; i < count; i++) {
        assert_non_null(all[i]->source);
        assert_int_equal(strlen(all[i]->read_on), 10);
        assert_in_range(all[i]->line, 1, 100000);
        unconfirmed += all[i]->is_unconfirmed;
    }

    assert_in_range(count, 3000, 100000);
    assert_in_range(unconfirmed, 50, 200);
}

static void vendors_have_a_domicile_with_its_basis(void **state)
{
    const struct vendor *const *vendors;
    size_t count = catalog_vendors(*state, &vendors);

    for (size_t i = 0; i < count; i++) {
        assert_true(country_is_known(vendors[i]->domicile));
        assert_true(vendors[i]->domicile_basis[0] != '\0' && vendors[i]->domicile_source[0] != '\0');
    }

    assert_in_range(count, 90, 200);
    assert_string_equal(catalog_find_vendor(*state, "kaspersky")->domicile.code, "RU");
    assert_string_equal(catalog_find_product(*state, "crowdstrike-falcon")->vendor->id, "crowdstrike");
    assert_null(catalog_find_product(*state, "no-such"));
    assert_non_null(strstr(catalog_edition(*state), " vendors, "));
}

static void networks_are_found_by_number_and_narrowest_range(void **state)
{
    struct ip_address inner, outside;
    assert_true(ip_parse("77.74.181.1", &inner));
    assert_true(ip_parse("192.0.2.1", &outside));

    assert_string_equal(catalog_match_asn(*state, 200107)->product->id, "kaspersky");
    assert_null(catalog_match_asn(*state, 64496));
    assert_string_equal(catalog_match_prefix(*state, &inner)->product->id, "kaspersky");
    assert_null(catalog_match_prefix(*state, &outside));
}

static void a_kind_without_an_indicator_is_known_to_be_empty(void **state)
{
    assert_true(catalog_has_kind(*state, INDICATOR_JA3));
    assert_false(catalog_has_kind(*state, INDICATOR_JA4)); /* no source lists any so far */
}

static void state_run_authorities_are_known_by_the_issuer(void **state)
{
    const char *name = NULL;
    struct certificate_facts russian = {.issuer_org = text_of("The Ministry of Digital Development and Communications"),
                                        .issuer_cn = text_of("Russian Trusted Sub CA")};
    struct certificate_facts by_name = {.issuer_cn = text_of("Russian Trusted Sub CA 2024")};
    struct certificate_facts other = {.issuer_org = text_of("Let's Encrypt"), .issuer_cn = text_of("R3")};
    struct certificate_facts nothing = {.subject_org = text_of("UniTrust")};

    assert_string_equal(catalog_authority_country(*state, &russian, &name).code, "RU");
    assert_non_null(name);
    assert_string_equal(catalog_authority_country(*state, &by_name, NULL).code, "RU");
    assert_false(country_is_known(catalog_authority_country(*state, &other, &name)));
    assert_false(country_is_known(catalog_authority_country(*state, &nothing, &name)));
}

static void hear_problem(void *context, const struct catalog_problem *problem)
{
    ++*(size_t *)context;
    print_error("%s:%u: %s\n", problem->file, problem->line, problem->text);
}

static void the_shipped_catalogue_passes_its_own_check(void **state)
{
    size_t problems = 0;
    (void)state;

    assert_int_equal(catalog_check(SOURCE_ROOT "/catalog", hear_problem, &problems), 0);
    assert_int_equal(problems, 0);
}

static void a_founder_s_blog_and_a_site_s_pictures_are_web(void **state)
{
    const struct catalog *catalog = *state;
    assert_int_equal(match(catalog, "eugene.kaspersky.com")->purpose, PURPOSE_WEB);
    assert_int_equal(match(catalog, "st.drweb.com")->purpose, PURPOSE_WEB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_confirmed_name_gets_its_own_vendor_product_and_purpose),
        cmocka_unit_test(thousands_of_names_that_belong_to_no_agent_are_no_agents),
        cmocka_unit_test(names_of_a_family_that_no_list_holds_get_vendor_product_and_purpose),
        cmocka_unit_test(a_vendor_s_home_page_is_for_people_and_unlisted_names_of_the_zone_are_only_possible),
        cmocka_unit_test(look_alikes_match_nothing),
        cmocka_unit_test(every_indicator_says_where_and_when_it_was_read),
        cmocka_unit_test(vendors_have_a_domicile_with_its_basis),
        cmocka_unit_test(networks_are_found_by_number_and_narrowest_range),
        cmocka_unit_test(a_kind_without_an_indicator_is_known_to_be_empty),
        cmocka_unit_test(state_run_authorities_are_known_by_the_issuer),
        cmocka_unit_test(the_shipped_catalogue_passes_its_own_check),
        cmocka_unit_test(a_founder_s_blog_and_a_site_s_pictures_are_web),
    };
    return cmocka_run_group_tests_name("analyzers/catalog", tests, load_shipped, free_catalog);
}
