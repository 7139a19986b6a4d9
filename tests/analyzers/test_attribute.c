/* Product x purpose of a flow: what confirms, what is only probable or possible, and what must not count. */
#include "attribute.h"
#include "catalog_fixture.h"
#include "decoded.h"

struct flow_under_test {
    struct flow_facts facts;
    struct attribution_input input;
    struct ip_address remote;
    struct text names[4];
    uint32_t asn;
};

static struct flow_under_test *new_flow(struct flow_under_test *f)
{
    memset(f, 0, sizeof(*f));
    assert_true(ip_parse("192.0.2.7", &f->remote));
    f->input = (struct attribution_input){.facts = &f->facts,
                                          .dns_names = f->names,
                                          .remote = &f->remote,
                                          .remote_port = 443,
                                          .protocol = IP_PROTO_TCP,
                                          .has_exchange = true,
                                          .asns = &f->asn};
    return f;
}

static struct flow_under_test *tls_flow(struct flow_under_test *f, const char *sni)
{
    new_flow(f);
    f->facts.app = APP_TLS;
    f->facts.tls.has_client_hello = true;
    f->facts.tls.sni = text_of(sni);
    return f;
}

static struct flow_under_test *http_flow(struct flow_under_test *f, const char *host, const char *path,
                                         const char *user_agent)
{
    new_flow(f);
    f->facts.app = APP_HTTP;
    f->facts.http.has_request = true;
    f->facts.http.host = text_of(host);
    f->facts.http.path = text_of(path);
    f->facts.http.user_agent = text_of(user_agent);
    f->input.remote_port = 80;
    return f;
}

static void see_body(struct flow_under_test *f, const char *body)
{
    f->facts.app = APP_HTTP;
    f->facts.http.has_response = true;
    f->facts.http.response_body_length = (uint8_t)strlen(body);
    memcpy(f->facts.http.response_body, body, strlen(body));
}

static void see_names(struct flow_under_test *f, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        f->names[i] = text_of(names[i]);
        f->input.dns_name_count = i + 1;
    }
}

static struct attribution judge(void **state, const struct flow_under_test *f)
{
    struct attribution ret;
    attribute(*state, &f->input, &ret);
    return ret;
}

static void assert_is(struct attribution a, const char *product, enum purpose purpose, enum confidence confidence)
{
    assert_non_null(a.product);
    assert_string_equal(a.product->id, product);
    assert_string_equal(purpose_text(a.purpose), purpose_text(purpose));
    assert_string_equal(confidence_text(a.confidence), confidence_text(confidence));
}

static void an_exclusive_server_name_confirms(void **state)
{
    struct flow_under_test f;
    struct attribution a = judge(state, tls_flow(&f, "ts01-b.cloudsink.net"));

    assert_is(a, "crowdstrike-falcon", PURPOSE_TELEMETRY, CONFIDENCE_CONFIRMED);
    assert_int_equal(a.evidence_count, 1);
    assert_string_equal(a.evidence[0].kind, "tls_sni");
    assert_string_equal(a.evidence[0].value, "ts01-b.cloudsink.net");
}

static void a_quic_server_name_says_so(void **state)
{
    struct flow_under_test f;
    tls_flow(&f, "ts01-b.cloudsink.net")->facts.app = APP_QUIC;

    assert_string_equal(judge(state, &f).evidence[0].kind, "quic_sni");
}

static void shared_and_unconfirmed_names_are_only_possible(void **state)
{
    struct flow_under_test f;

    assert_int_equal(judge(state, tls_flow(&f, "dnl-01.geo.kaspersky.com")).confidence, CONFIDENCE_POSSIBLE);
    assert_int_equal(judge(state, tls_flow(&f, "telemetry.kaspersky.com")).confidence, CONFIDENCE_POSSIBLE);
    assert_int_equal(judge(state, tls_flow(&f, "unheard-of.kaspersky.com")).confidence, CONFIDENCE_POSSIBLE);
}

static void a_person_on_a_web_site_is_purpose_web(void **state)
{
    struct flow_under_test f;

    assert_is(judge(state, tls_flow(&f, "www.kaspersky.com")), "kaspersky", PURPOSE_WEB, CONFIDENCE_CONFIRMED);
    assert_is(judge(state, tls_flow(&f, "doh.360.cn")), "qihoo-360-other", PURPOSE_WEB, CONFIDENCE_CONFIRMED);
    assert_int_equal(judge(state, tls_flow(&f, "safebrowsing.googleapis.com")).purpose, PURPOSE_WEB);
}

static void connect_target_and_proxied_request_confirm(void **state)
{
    struct flow_under_test f;
    http_flow(&f, "ts01-b.cloudsink.net:443", "ts01-b.cloudsink.net:443", "CrowdStrike Falcon Sensor")
        ->facts.http.is_connect = true;
    assert_is(judge(state, &f), "crowdstrike-falcon", PURPOSE_TELEMETRY, CONFIDENCE_CONFIRMED);

    http_flow(&f, "192.0.2.9:3128", "http://dnl-01.geo.kaspersky.com/index/u1313g.xml", "");
    assert_is(judge(state, &f), "kaspersky", PURPOSE_UPDATE, CONFIDENCE_CONFIRMED);
}

static void kaspersky_s_clear_text_update_is_known_by_path_though_the_host_is_an_address(void **state)
{
    struct flow_under_test f;
    http_flow(&f, "94.75.236.123", "/updaters/updater.xml.dif",
              "*B0cBAAQAjyajPZi3NqrqOlLbWHEBn0dO1ZHOsQUs2xEOPsB8LFbPAkWACAAAA8AA");
    see_body(&f, "KLD2\xf8\xee\x15]");
    struct attribution a = judge(state, &f);

    assert_is(a, "kaspersky", PURPOSE_UPDATE, CONFIDENCE_CONFIRMED);
    assert_int_equal(a.evidence_count, 3);
    assert_string_equal(a.evidence[0].kind, "http-path");
    assert_string_equal(a.evidence[0].value, "/updaters/updater.xml.dif");
    assert_string_equal(a.evidence[1].kind, "http-body");
    assert_string_equal(a.evidence[2].kind, "user-agent");
}

static void the_server_s_half_alone_still_names_the_update_but_confirms_nothing(void **state)
{
    struct flow_under_test f;
    new_flow(&f);
    see_body(&f, "KLZF....");

    assert_is(judge(state, &f), "kaspersky", PURPOSE_UPDATE, CONFIDENCE_PROBABLE);

    http_flow(&f, "files.example.org", "/x.bin", "");
    see_body(&f, "KLD2....");
    assert_int_equal(judge(state, &f).confidence, CONFIDENCE_POSSIBLE);
}

static void other_databases_and_versions_of_the_same_update_tree_are_known(void **state)
{
    static const char *const paths[] = {"/index/u0607g.xml.klz", "/updates/newdb/newdb-1414g.xml.dif",
                                        "/updates/kdb/x64/base999z.kdc.klzu",
                                        "/updaters/4.10.1.2/win/x64/updater.kdl.klz"};
    struct flow_under_test f;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        assert_is(judge(state, http_flow(&f, "192.0.2.7", paths[i], "")), "kaspersky", PURPOSE_UPDATE,
                  CONFIDENCE_CONFIRMED);
    assert_null(judge(state, http_flow(&f, "192.0.2.7", "/updates/list.xml", "")).product);
}

static void a_path_bound_to_a_host_counts_only_there(void **state)
{
    struct flow_under_test f;

    assert_is(judge(state, http_flow(&f, "stat.360safe.com", "/qtup/s?mid=0123", "")), "360-safeguard",
              PURPOSE_TELEMETRY, CONFIDENCE_CONFIRMED);
    assert_null(judge(state, http_flow(&f, "shop.example.org", "/qtup/s?mid=0123", "")).product);
    assert_null(judge(state, http_flow(&f, "shop.example.org", "/safe/checkupdate.ini", "")).product);
}

static void a_path_names_the_job_of_a_host_that_does_several(void **state)
{
    struct flow_under_test f;
    struct attribution a = judge(
        state, http_flow(&f, "www.microsoft.com", "/security/encyclopedia/adlpackages.aspx?eng=1", "MpCommunication"));

    assert_is(a, "microsoft-defender-av", PURPOSE_UPDATE, CONFIDENCE_POSSIBLE);
    assert_null(judge(state, http_flow(&f, "www.microsoft.com", "/en-us/", "Mozilla/5.0")).product);
}

static void a_vendor_s_header_confirms_alone(void **state)
{
    struct flow_under_test f;
    http_flow(&f, "192.0.2.7", "/unknown", "")->facts.http.header_names = text_of("Host\nX-DrWeb-KeyNumber\nAccept");
    struct attribution a = judge(state, &f);

    assert_is(a, "drweb", PURPOSE_UPDATE, CONFIDENCE_CONFIRMED);
    assert_string_equal(a.evidence[0].kind, "http-header");
}

static void a_user_agent_or_a_fingerprint_alone_is_only_possible(void **state)
{
    struct flow_under_test f;
    assert_is(judge(state, http_flow(&f, "mirror.example.org", "/x", "ESS Update (Windows; U; 64bit)")),
              "eset-endpoint", PURPOSE_UPDATE, CONFIDENCE_POSSIBLE);

    tls_flow(&f, NULL);
    strcpy(f.facts.tls.ja3, "72482b17ece7c66c9dcb08ed79399cf1");
    assert_is(judge(state, &f), "kaspersky", PURPOSE_UNKNOWN, CONFIDENCE_POSSIBLE);
}

static void a_fingerprint_towards_a_named_site_says_nothing(void **state)
{
    struct flow_under_test f;
    tls_flow(&f, "www.example.org");
    strcpy(f.facts.tls.ja3, "72482b17ece7c66c9dcb08ed79399cf1");

    assert_null(judge(state, &f).product);
}

static void names_in_the_certificate_never_count_and_its_organisation_only_without_a_name(void **state)
{
    struct flow_under_test f;
    tls_flow(&f, "watson.events.data.microsoft.com");
    f.facts.tls.san_names = text_of("events.endpoint.security.microsoft.com watson.events.data.microsoft.com");
    f.facts.tls.certificate_count = 1;
    f.facts.tls.certificate[0].subject_org = text_of("CrowdStrike, Inc.");
    assert_null(judge(state, &f).product);

    f.facts.tls.sni = text_of("198.51.100.4");
    assert_is(judge(state, &f), "crowdstrike-falcon", PURPOSE_TELEMETRY, CONFIDENCE_PROBABLE);

    f.facts.tls.sni = text_of("ts01-b.cloudsink.net");
    struct attribution a = judge(state, &f);
    assert_is(a, "crowdstrike-falcon", PURPOSE_TELEMETRY, CONFIDENCE_CONFIRMED);
    assert_int_equal(a.evidence_count, 2);
    assert_string_equal(a.evidence[1].kind, "cert-org");
}

static void an_inspecting_issuer_shows_the_product_and_no_purpose_at_any_site(void **state)
{
    struct flow_under_test f;
    tls_flow(&f, "www.example.org");
    f.facts.tls.certificate_count = 1;
    f.facts.tls.certificate[0].issuer_org = text_of("Zscaler Inc.");

    assert_is(judge(state, &f), "zscaler-client", PURPOSE_UNKNOWN, CONFIDENCE_PROBABLE);
}

static void a_dns_answer_makes_it_probable_and_shared_addresses_or_common_memory_possible(void **state)
{
    struct flow_under_test f;
    see_names(tls_flow(&f, NULL), (const char *const[]){"dc1.ksn.kaspersky-labs.com", NULL});
    struct attribution a = judge(state, &f);
    assert_is(a, "kaspersky", PURPOSE_REPUTATION, CONFIDENCE_PROBABLE);
    assert_string_equal(a.evidence[0].kind, "dns_answer");

    f.input.dns_is_common = true;
    assert_int_equal(judge(state, &f).confidence, CONFIDENCE_POSSIBLE);

    see_names(tls_flow(&f, NULL),
              (const char *const[]){"www.example.org", "dc1.ksn.kaspersky-labs.com", "cdn.example.com", NULL});
    assert_int_equal(judge(state, &f).confidence, CONFIDENCE_POSSIBLE);

    see_names(tls_flow(&f, NULL),
              (const char *const[]){"dc1.ksn.kaspersky-labs.com", "s00.upd.kaspersky.com", "example.org", NULL});
    assert_int_equal(judge(state, &f).confidence, CONFIDENCE_PROBABLE);
}

static void a_flow_that_names_itself_otherwise_ignores_what_lies_beside_it(void **state)
{
    struct flow_under_test f;
    see_names(tls_flow(&f, "www.example.org"), (const char *const[]){"dc1.ksn.kaspersky-labs.com", NULL});
    f.asn = 200107;
    f.input.asn_count = 1;
    assert_null(judge(state, &f).product);

    see_names(tls_flow(&f, NULL), (const char *const[]){"www.example.org", NULL});
    f.asn = 200107;
    f.input.asn_count = 1;
    assert_null(judge(state, &f).product);
}

static void a_nameless_flow_into_the_vendor_s_own_network_is_probable(void **state)
{
    struct flow_under_test f;
    tls_flow(&f, NULL);
    f.asn = 200107;
    f.input.asn_count = 1;
    struct attribution a = judge(state, &f);
    assert_is(a, "kaspersky", PURPOSE_UNKNOWN, CONFIDENCE_PROBABLE);
    assert_string_equal(a.evidence[0].value, "AS200107");

    new_flow(&f)->input.facts = NULL;
    assert_true(ip_parse("77.74.181.1", &f.remote));
    assert_is(judge(state, &f), "kaspersky", PURPOSE_UNKNOWN, CONFIDENCE_PROBABLE);
}

static void an_address_alone_needs_a_conversation(void **state)
{
    struct flow_under_test f;
    new_flow(&f)->input.has_exchange = false;
    f.asn = 200107;
    f.input.asn_count = 1;
    assert_is(judge(state, &f), "kaspersky", PURPOSE_UNKNOWN, CONFIDENCE_POSSIBLE);

    f.input.asn_count = 0;
    assert_true(ip_parse("77.74.181.1", &f.remote));
    assert_is(judge(state, &f), "kaspersky", PURPOSE_UNKNOWN, CONFIDENCE_POSSIBLE);

    f.input.has_exchange = true;
    f.input.protocol = IP_PROTO_ICMP;
    assert_null(judge(state, &f).product);
    f.input.protocol = IP_PROTO_ICMPV6;
    assert_null(judge(state, &f).product);
}

static void what_the_remote_opened_and_what_goes_to_a_resolver_is_no_agent(void **state)
{
    struct flow_under_test f;
    tls_flow(&f, "ts01-b.cloudsink.net")->input.remote_is_client = true;
    assert_null(judge(state, &f).product);

    new_flow(&f)->facts.app = APP_DNS;
    f.facts.dns.query = text_of("wdcp.microsoft.com");
    assert_true(ip_parse("77.74.181.1", &f.remote));
    assert_null(judge(state, &f).product);
}

static void later_requests_of_a_connection_count_and_the_agent_beats_the_web_site(void **state)
{
    struct flow_under_test f;
    http_flow(&f, "www.kaspersky.com", "/", "Mozilla/5.0");
    f.facts.http.further_count = 1;
    f.facts.http.further[0].host = text_of("s00.upd.kaspersky.com");
    f.facts.http.further[0].path = text_of("/x");

    assert_is(judge(state, &f), "kaspersky", PURPOSE_UPDATE, CONFIDENCE_CONFIRMED);
}

static void a_port_supports_and_never_matches_alone(void **state)
{
    struct flow_under_test f;
    tls_flow(&f, "i1.c.eset.com")->input.remote_port = 53535;
    struct attribution a = judge(state, &f);
    assert_is(a, "eset-endpoint", PURPOSE_REPUTATION, CONFIDENCE_CONFIRMED);
    assert_int_equal(a.evidence_count, 2);
    assert_string_equal(a.evidence[1].kind, "port");
    assert_string_equal(a.evidence[1].value, "53535/tcp");

    tls_flow(&f, NULL)->input.remote_port = 53535;
    assert_null(judge(state, &f).product);
}

static void nothing_at_all_is_no_attribution(void **state)
{
    struct flow_under_test f;
    struct attribution a = judge(state, new_flow(&f));
    assert_null(a.product);
    assert_int_equal(a.confidence, CONFIDENCE_NONE);

    f.input = (struct attribution_input){.facts = NULL};
    assert_null(judge(state, &f).product);
}

static void long_values_are_cut_and_terminated(void **state)
{
    struct flow_under_test f;
    char path[600] = "/index/u1313g.xml";
    memset(path + strlen(path), 'x', sizeof(path) - 1 - strlen(path));
    struct attribution a = judge(state, http_flow(&f, "192.0.2.7", path, ""));

    assert_int_equal(strlen(a.evidence[0].value), EVIDENCE_VALUE_MAX - 1);
}

static struct flow_under_test *ech_flow(struct flow_under_test *f, const char *sni)
{
    tls_flow(f, sni)->facts.tls.ech = ECH_OFFERED;
    return f;
}

static void under_ech_an_unknown_name_does_not_silence_the_vendor_s_own_network(void **state)
{
    struct flow_under_test f;
    ech_flow(&f, "cloudflare-ech.com");
    f.asn = 200107;
    f.input.asn_count = 1;
    struct attribution a = judge(state, &f);
    assert_is(a, "kaspersky", PURPOSE_UNKNOWN, CONFIDENCE_PROBABLE);
    assert_true(a.name_is_hidden);

    ech_flow(&f, "public.example.net");
    assert_true(ip_parse("77.74.177.233", &f.remote));
    assert_is(judge(state, &f), "kaspersky", PURPOSE_UNKNOWN, CONFIDENCE_PROBABLE);

    f.facts.tls.ech = ECH_NONE;
    assert_null(judge(state, &f).product);
}

static void under_ech_an_agent_s_name_told_by_dns_counts(void **state)
{
    struct flow_under_test f;
    see_names(ech_flow(&f, "cloudflare-ech.com"), (const char *const[]){"dc1.ksn.kaspersky-labs.com", NULL});
    struct attribution a = judge(state, &f);

    assert_is(a, "kaspersky", PURPOSE_REPUTATION, CONFIDENCE_PROBABLE);
    assert_string_equal(a.evidence[0].kind, "dns_answer");
    assert_true(a.name_is_hidden);
}

static void a_browser_that_greases_ech_is_not_accused(void **state)
{
    struct flow_under_test f;
    see_names(ech_flow(&f, "www.example.ru"),
              (const char *const[]){"dc1.ksn.kaspersky-labs.com", "www.example.ru", NULL});
    f.asn = 200107;
    f.input.asn_count = 1;
    assert_null(judge(state, &f).product); /* the address was told for the visible name */

    see_names(ech_flow(&f, "www.example.ru"), (const char *const[]){"www.kaspersky.com", NULL});
    assert_null(judge(state, &f).product); /* a web site's name is no agent's */

    see_names(ech_flow(&f, "www.example.ru"), (const char *const[]){"other.example.ru", NULL});
    f.asn = 200107;
    f.input.asn_count = 1;
    assert_null(judge(state, &f).product);

    ech_flow(&f, "www.example.ru");
    strcpy(f.facts.tls.ja3, "72482b17ece7c66c9dcb08ed79399cf1");
    assert_null(judge(state, &f).product);

    ech_flow(&f, "www.example.ru")->facts.http.host = text_of("www.example.ru:443"); /* CONNECT */
    f.asn = 200107;
    f.input.asn_count = 1;
    assert_null(judge(state, &f).product);
}

static void under_ech_a_name_the_catalogue_knows_speaks_as_ever(void **state)
{
    struct flow_under_test f;
    see_names(ech_flow(&f, "ts01-b.cloudsink.net"), (const char *const[]){"dc1.ksn.kaspersky-labs.com", NULL});
    struct attribution a = judge(state, &f);

    assert_is(a, "crowdstrike-falcon", PURPOSE_TELEMETRY, CONFIDENCE_CONFIRMED);
    assert_false(a.name_is_hidden);
}

static void under_ech_a_shared_network_does_not_count(void **state)
{
    (void)state;
    struct flow_under_test f;
    struct attribution a;
    struct catalog *catalog = load_rows("  - {product: acme-av, source: s, asn: 64500, exclusive: false}\n");
    ech_flow(&f, "www.example.ru");
    f.asn = 64500;
    f.input.asn_count = 1;

    attribute(catalog, &f.input, &a);
    assert_null(a.product);
    f.facts.tls.sni = text_of("");
    attribute(catalog, &f.input, &a);
    assert_int_equal(a.confidence, CONFIDENCE_POSSIBLE);
    catalog_free(catalog);
}

static void a_vendor_s_path_at_another_s_name_waits_for_the_answer(void **state)
{
    struct flow_under_test f;
    http_flow(&f, "www.example.com", "/updaters/updater.xml.dif", "");
    assert_is(judge(state, &f), "kaspersky", PURPOSE_UPDATE, CONFIDENCE_POSSIBLE);

    f.facts.http.has_response = true;
    f.facts.http.status = 404;
    assert_is(judge(state, &f), "kaspersky", PURPOSE_UPDATE, CONFIDENCE_POSSIBLE);

    f.facts.http.status = 200;
    assert_is(judge(state, &f), "kaspersky", PURPOSE_UPDATE, CONFIDENCE_PROBABLE);

    see_body(&f, "KLD2....");
    assert_is(judge(state, &f), "kaspersky", PURPOSE_UPDATE, CONFIDENCE_CONFIRMED);

    http_flow(&f, "dnl-01.geo.kaspersky.com", "/updaters/updater.xml.dif", "");
    assert_is(judge(state, &f), "kaspersky", PURPOSE_UPDATE, CONFIDENCE_CONFIRMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exclusive_server_name_confirms),
        cmocka_unit_test(a_quic_server_name_says_so),
        cmocka_unit_test(shared_and_unconfirmed_names_are_only_possible),
        cmocka_unit_test(a_person_on_a_web_site_is_purpose_web),
        cmocka_unit_test(connect_target_and_proxied_request_confirm),
        cmocka_unit_test(kaspersky_s_clear_text_update_is_known_by_path_though_the_host_is_an_address),
        cmocka_unit_test(the_server_s_half_alone_still_names_the_update_but_confirms_nothing),
        cmocka_unit_test(other_databases_and_versions_of_the_same_update_tree_are_known),
        cmocka_unit_test(a_path_bound_to_a_host_counts_only_there),
        cmocka_unit_test(a_path_names_the_job_of_a_host_that_does_several),
        cmocka_unit_test(a_vendor_s_header_confirms_alone),
        cmocka_unit_test(a_user_agent_or_a_fingerprint_alone_is_only_possible),
        cmocka_unit_test(a_fingerprint_towards_a_named_site_says_nothing),
        cmocka_unit_test(names_in_the_certificate_never_count_and_its_organisation_only_without_a_name),
        cmocka_unit_test(an_inspecting_issuer_shows_the_product_and_no_purpose_at_any_site),
        cmocka_unit_test(a_dns_answer_makes_it_probable_and_shared_addresses_or_common_memory_possible),
        cmocka_unit_test(a_flow_that_names_itself_otherwise_ignores_what_lies_beside_it),
        cmocka_unit_test(a_nameless_flow_into_the_vendor_s_own_network_is_probable),
        cmocka_unit_test(an_address_alone_needs_a_conversation),
        cmocka_unit_test(what_the_remote_opened_and_what_goes_to_a_resolver_is_no_agent),
        cmocka_unit_test(later_requests_of_a_connection_count_and_the_agent_beats_the_web_site),
        cmocka_unit_test(a_port_supports_and_never_matches_alone),
        cmocka_unit_test(nothing_at_all_is_no_attribution),
        cmocka_unit_test(long_values_are_cut_and_terminated),
        cmocka_unit_test(under_ech_an_unknown_name_does_not_silence_the_vendor_s_own_network),
        cmocka_unit_test(under_ech_an_agent_s_name_told_by_dns_counts),
        cmocka_unit_test(a_browser_that_greases_ech_is_not_accused),
        cmocka_unit_test(under_ech_a_name_the_catalogue_knows_speaks_as_ever),
        cmocka_unit_test(under_ech_a_shared_network_does_not_count),
        cmocka_unit_test(a_vendor_s_path_at_another_s_name_waits_for_the_answer),
    };
    return cmocka_run_group_tests_name("analyzers/attribute", tests, load_shipped, free_catalog);
}
