#include "sample.h"

#include <stdio.h>

#include "test.h"

const struct vendor sample_kaspersky = {.id = "kaspersky",
                                        .name = "Kaspersky",
                                        .domicile = {"RU"},
                                        .domicile_basis = "AO Kaspersky Lab, Moscow",
                                        .domicile_source = "https://example.org/register",
                                        .domicile_read = "2026-11-01"};
const struct vendor sample_sophos = {.id = "sophos",
                                     .name = "Sophos",
                                     .domicile = {"GB"},
                                     .domicile_basis = "Sophos Ltd, Abingdon",
                                     .domicile_source = "https://example.org/register",
                                     .domicile_read = "2026-11-01"};
static const struct vendor check_point = {
    .id = "check-point", .name = "Check Point", .domicile = {"IL"}, .domicile_basis = "Tel Aviv"};
const struct product sample_kaspersky_any = {"kaspersky", "Kaspersky (any product)", &sample_kaspersky, true, true};
const struct product sample_kaspersky_site = {"kaspersky-web", "Kaspersky web sites", &sample_kaspersky, false, false};
const struct product sample_sophos_endpoint = {"sophos-endpoint", "Sophos Endpoint", &sample_sophos, true, false};
const struct product sample_check_point = {"harmony-endpoint", "Harmony Endpoint", &check_point, true, false};

static const struct indicator updater_path = {.kind = INDICATOR_HTTP_PATH,
                                              .product = &sample_kaspersky_any,
                                              .purpose = PURPOSE_UPDATE,
                                              .is_exclusive = true,
                                              .value = "/updaters/updater.xml.dif",
                                              .source = "https://example.org/paths",
                                              .read_on = "2026-11-01",
                                              .file = "kaspersky.yaml",
                                              .line = 7};

void sample_reach(struct sighting *s)
{
    s->reach = (struct reach){.shortest = {12041, ROUND_TRIP_TLS},
                              .handshake_us = 2002,
                              .samples = 3,
                              .fibre_km = 1230,
                              .vacuum_km = 1805,
                              .sensor = "50.11,8.68 r5km"};
    country_set_add(&s->reach.excluded_vacuum, (struct country){"CN"});
    country_set_add(&s->reach.excluded_vacuum, (struct country){"KP"});
    country_set_add(&s->reach.excluded_fibre, (struct country){"RU"});
    s->jurisdiction.has_transit_excluded = true;
    country_set_add(&s->jurisdiction.transit_excluded, (struct country){"CN"});
}

void sample_set_axis(struct sighting *s, enum axis axis, enum axis_status status, const char *countries)
{
    struct axis_judgement *a = &s->jurisdiction.axes[axis];
    *a = (struct axis_judgement){.status = status};
    snprintf(a->reason, sizeof(a->reason), "%s", status == AXIS_UNKNOWN ? "no data" : "2 of 2 providers");
    for (const char *at = countries; *at != '\0'; at += at[2] == ' ' ? 3 : 2)
        memcpy(a->countries[a->country_count++].code, at, 2);
}

void sample_set_remote(struct sighting *s, const char *address)
{
    assert_true(ip_parse(address, &s->remote));
    s->flow.server = s->jurisdiction.judged = s->remote;
}

void sample_set_host(struct sighting *s, const char *address)
{
    assert_true(ip_parse(address, &s->host));
    s->flow.client = s->host;
}

void sample_set_name(struct sighting *s, const char *name, const char *registered)
{
    s->name = text_of(name);
    s->name_source = name ? NAME_TLS_SNI : NAME_NONE;
    snprintf(s->registered_domain, sizeof(s->registered_domain), "%s", registered);
}

static void set_flow(struct sighting *s, const char *uid, uint16_t port, const char *app)
{
    s->time.ns = SAMPLE_TIME_NS;
    s->remote_port = port;
    snprintf(s->flow.uid, sizeof(s->flow.uid), "%s", uid);
    snprintf(s->flow.community_id, sizeof(s->flow.community_id), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
    s->flow.client_port = 49163;
    s->flow.server_port = port;
    s->flow.protocol = 6;
    s->flow.start.ns = SAMPLE_TIME_NS - 250000000;
    s->flow.end.ns = SAMPLE_TIME_NS;
    s->flow.counters = (struct flow_counters){7, 8, 800, 5000};
    s->flow.app = app;
}

static void set_place(struct sighting *s, const char *country)
{
    struct axis_judgement *location = &s->jurisdiction.axes[AXIS_LOCATION];
    sample_set_axis(s, AXIS_LOCATION, AXIS_AGREED, country);
    location->source_count = 1;
    location->sources[0] =
        (struct axis_source){.database = "DB-IP Lite Country", .edition = "2026-06-01", .has_prefix = true};
    ip_prefix_parse("94.75.192.0/18", &location->sources[0].prefix, NULL);
    memcpy(location->sources[0].country.code, country, 2);
    sample_set_axis(s, AXIS_OPERATOR, AXIS_SINGLE_SOURCE, country);
    sample_set_axis(s, AXIS_VENDOR, AXIS_UNKNOWN, "");
    sample_set_axis(s, AXIS_TRANSIT, AXIS_UNKNOWN, "");
    s->jurisdiction.operator_facts = (struct operator_facts){.asn = {60781},
                                                             .asn_count = 1,
                                                             .name = "LeaseWeb Netherlands",
                                                             .registration = {"NL"},
                                                             .registration_source = "RIPE delegated"};
    memcpy(s->jurisdiction.operator_facts.registration.code, country, 2);
}

void sample_kaspersky_update(struct sighting *s)
{
    memset(s, 0, sizeof(*s));
    set_flow(s, "C0000000000000001", 80, "http");
    sample_set_host(s, "128.3.116.128");
    sample_set_remote(s, "94.75.236.123");
    set_place(s, "NL");
    sample_set_axis(s, AXIS_VENDOR, AXIS_AGREED, "RU");
    s->has_mac = true;
    memcpy(s->host_mac, "\x00\x1b\x21\x01\x02\x03", 6);
    s->attribution = (struct attribution){.product = &sample_kaspersky_any,
                                          .purpose = PURPOSE_UPDATE,
                                          .confidence = CONFIDENCE_CONFIRMED,
                                          .evidence_count = 1};
    s->attribution.evidence[0] = (struct evidence){"http-path", "/updaters/updater.xml.dif", &updater_path};
    s->exposure =
        (struct exposure){.class_ = EXPOSURE_CLEARTEXT, .reason = "HTTP without TLS", .content_alterable = true};
}

void sample_sophos_telemetry(struct sighting *s)
{
    memset(s, 0, sizeof(*s));
    set_flow(s, "C0000000000000002", 443, "tls");
    sample_set_host(s, "10.0.0.7");
    sample_set_remote(s, "203.0.113.9");
    sample_set_name(s, "t1.sophosupd.com", "sophosupd.com");
    set_place(s, "US");
    sample_set_axis(s, AXIS_VENDOR, AXIS_AGREED, "GB");
    s->attribution = (struct attribution){
        .product = &sample_sophos_endpoint, .purpose = PURPOSE_TELEMETRY, .confidence = CONFIDENCE_CONFIRMED};
    s->exposure = (struct exposure){.class_ = EXPOSURE_HARVESTABLE, .reason = "TLS 1.3 with x25519"};
    s->facts = sample_tls_facts();
}

void sample_plain_web(struct sighting *s)
{
    memset(s, 0, sizeof(*s));
    set_flow(s, "C0000000000000003", 443, "tls");
    sample_set_host(s, "10.0.0.8");
    sample_set_remote(s, "203.0.113.77");
    sample_set_name(s, "www.example.ru", "example.ru");
    set_place(s, "RU");
    s->exposure = (struct exposure){.class_ = EXPOSURE_UNKNOWN, .reason = "one direction only"};
}

void sample_judge(struct sighting *s, const struct policy_set *set)
{
    const struct vendor *vendor = s->attribution.product ? s->attribution.product->vendor : NULL;
    policy_judge(set, &s->jurisdiction, vendor, s->time, &s->verdicts);
}

struct policy_set *sample_policies(const char *const *names, size_t count, const char *flags)
{
    struct policy_set *set = NULL;
    struct error error = {""};
    if (policy_set_load(SAMPLE_POLICIES, names, count, flags, &set, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return set;
}

const struct flow_facts *sample_tls_facts(void)
{
    static struct flow_facts facts;
    struct tls_facts *tls = &facts.tls;
    facts = (struct flow_facts){.app = APP_TLS};
    *tls = (struct tls_facts){.has_client_hello = true,
                              .has_server_hello = true,
                              .has_certificates = true,
                              .version = 0x0304,
                              .cipher = 0x1301,
                              .key_exchange_group = 0x11ec,
                              .ech = ECH_OFFERED,
                              .certificate_count = 1};
    tls->sni = text_of("t1.sophosupd.com");
    tls->alpn = text_of("h2");
    memset(tls->ja3, 'a', 32);
    memset(tls->ja3s, 'b', 32);
    snprintf(tls->ja4, sizeof(tls->ja4), "t13d1516h2_8daaf6152771_b186095e22b6");
    tls->certificate[0].subject_org = text_of("Sophos Ltd");
    tls->certificate[0].issuer_org = text_of("DigiCert Inc");
    return &facts;
}

const struct flow_facts *sample_other_facts(void)
{
    static struct flow_facts facts;
    facts = (struct flow_facts){.app = APP_QUIC};
    facts.quic.version = 1;
    facts.tls.has_client_hello = true;
    facts.tls.sni = text_of("quic.example");
    facts.http.has_request = true;
    facts.http.method = text_of("GET");
    facts.http.host = text_of("www.example.ru:80");
    facts.http.path = text_of("/a?b=\"c\"");
    facts.http.user_agent = text_of("agent/1.0");
    facts.dns.has_response = true;
    facts.dns.query = text_of("www.example.ru");
    facts.dns.answer_count = 1;
    ip_parse("2001:db8::1", &facts.dns.answers[0]);
    return &facts;
}
