#include "feed.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "ledger.h"
#include "sample.h"
#include "test.h"

static struct policy_set *policies;
static char folder[] = "/tmp/bordertap-feed-XXXXXX";
static char path[64], url[128];

static int set_up(void **state)
{
    (void)state;
    policies = sample_policies(NULL, 0, NULL);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/out", folder);
    snprintf(url, sizeof(url), "file:%s", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    rmdir(folder);
    policy_set_free(policies);
    return 0;
}

static struct feed *open_feed(const char *query, const char *format)
{
    char whole[256];
    struct feed *feed = NULL;
    struct error error = {""};
    unlink(path);
    snprintf(whole, sizeof(whole), "%s%s", url, query);
    if (feed_open(whole, format, &(struct feed_options){0}, &feed, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return feed;
}

/* What the feed wrote, terminated; to be freed. */
static char *close_feed(struct feed *feed)
{
    struct error error = {""};
    struct stat st;
    assert_int_equal(feed_close(feed, &error), STATUS_OK);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &st), 0);
    char *text = calloc(1, (size_t)st.st_size + 1);
    assert_int_equal(fread(text, 1, (size_t)st.st_size, file), st.st_size);
    fclose(file);
    return text;
}

static void to_feed(void *context, const struct finding *finding)
{
    feed_finding(context, finding);
}

static void host_to_feed(void *context, const struct host_record *host)
{
    feed_host(context, host);
}

static const struct counter counters[] = {{"decode", "ipv4_header_truncated", 2},
                                          {"flow", "evicted_table_full", 0},
                                          {"decode", "vlan_truncated", 1},
                                          {"decode", "ipv4_header_truncated", 3}};

static void write_summary(struct feed *feed, const struct ledger *ledger)
{
    static const struct product *const seen[] = {&sample_kaspersky_any, &sample_sophos_endpoint};
    static const char *const warnings[] = {"no location database loaded"};
    static const char *const damages[] = {"a\x1b[2J.pcap: offset 24: cut"};
    static const char *const databases[] = {
        "DB-IP Lite Country 2026-06-01: IP Geolocation by DB-IP (https://db-ip.com)"};
    static struct reach_totals reach = {.all = {4, 4000}, .timed = {3, 3000}};
    reach.shares[country_set_place((struct country){"RU"})] = (struct reach_share){true, {2, 1000}, {3, 3000}};
    struct summary_record summary = {.sensor = "s1",
                                     .version = "test",
                                     .packets = 15,
                                     .bytes = 5800,
                                     .flows = 3,
                                     .hosts = 3,
                                     .first = {SAMPLE_TIME_NS},
                                     .last = {SAMPLE_TIME_NS},
                                     .product_count = 2,
                                     .products = seen,
                                     .counter_count = 4,
                                     .counters = counters,
                                     .reach = &reach,
                                     .warning_count = 1,
                                     .warnings = warnings,
                                     .damage_count = 1,
                                     .damages = damages,
                                     .database_count = 1,
                                     .databases = databases};
    ledger_findings_by_severity(ledger, summary.findings);
    feed_summary(feed, &summary);
}

/* A whole run with one of everything. */
static void write_run(struct feed *feed)
{
    struct sighting s;
    struct ledger *ledger = NULL;
    const struct ledger_options options = {.sensor = "s1", .policies = policies, .told = to_feed, .context = feed};
    assert_int_equal(ledger_new(&options, &ledger), STATUS_OK);
    void (*const samples[])(struct sighting *) = {sample_kaspersky_update, sample_sophos_telemetry, sample_plain_web};
    for (size_t i = 0; i < 3; i++) {
        samples[i](&s);
        sample_judge(&s, policies);
        if (i == 1)
            sample_reach(&s);
        ledger_sight(ledger, &s, 0, NULL);
        s.flow.end_reason = FLOW_END_FIN;
        feed_flow(feed, &s);
    }
    s.facts = sample_other_facts();
    s.is_internal = true;
    s.flow.protocol = 1;
    s.flow.vlan = 7;
    feed_flow(feed, &s);
    ledger_close_run(ledger, s.time);
    ledger_hosts(ledger, host_to_feed, feed);
    write_summary(feed, ledger);
    ledger_free(ledger);
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%s", part, text);
}

static void assert_has_not(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("'%s' is in:\n%s", part, text);
}

static size_t lines_of(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void a_finding_is_the_contracts_json(void **state)
{
    (void)state;
    struct feed *feed = open_feed("?min-severity=critical", "json");
    write_run(feed);
    char *text = close_feed(feed);
    static const char *const head =
        "{\"type\":\"finding\",\"id\":\"f-8b219c79df7108ea\",\"event_id\":\"f-8b219c79df7108ea-1\",\"sensor\":\"s1\","
        "\"action\":\"opened\",\"severity\":\"critical\",\"rule\":\"flagged-vendor-cleartext-update\","
        "\"summary\":\"Kaspersky on 128.3.116.128 fetches updates in clear text from 94.75.236.123\","
        "\"time\":\"2018-08-07T16:10:33.750000Z\",\"first_seen\":\"2018-08-07T16:10:33.500000Z\","
        "\"last_seen\":\"2018-08-07T16:10:33.750000Z\",\"host\":{\"ip\":\"128.3.116.128\",\"mac\":\"00:1b:21:01:02:"
        "03\"},"
        "\"remote\":{\"ip\":\"94.75.236.123\",\"port\":80,\"name\":null,\"name_source\":null},"
        "\"flow\":{\"uid\":\"C0000000000000001\",\"client\":\"128.3.116.128:49163\",\"server\":\"94.75.236.123:80\","
        "\"community_id\":\"1:LQU9qZlK+B5F3KDmev6m5PMibrg=\",\"proto\":\"tcp\",\"app\":\"http\","
        "\"start\":\"2018-08-07T16:10:33.500000Z\",\"packets_out\":7,\"packets_in\":8,\"bytes_out\":800,\"bytes_in\":"
        "5000,"
        "\"direction_reason\":\"home-net\"},"
        "\"product\":{\"vendor\":\"kaspersky\",\"vendor_name\":\"Kaspersky\",\"id\":\"kaspersky\","
        "\"name\":\"Kaspersky (any product)\",\"purpose\":\"update\",\"confidence\":\"confirmed\","
        "\"evidence\":[{\"kind\":\"http-path\",\"value\":\"/updaters/updater.xml.dif\","
        "\"indicator\":\"/updaters/updater.xml.dif\",\"source\":\"https://example.org/paths\"}]},"
        "\"jurisdiction\":{\"location\":{\"status\":\"agreed\",\"countries\":[\"NL\"],\"reason\":\"2 of 2 providers\","
        "\"sources\":[{\"database\":\"DB-IP Lite Country\",\"edition\":\"2026-06-01\",\"prefix\":\"94.75.192.0/18\","
        "\"country\":\"NL\"}]},";
    static const char *const tail =
        "\"verdicts\":{\"us-foreign-adversaries\":{\"location\":\"out\",\"operator\":\"out\",\"vendor\":\"in\","
        "\"transit\":\"unknown\"},\"us-kaspersky\":{\"vendor\":\"in\"}},"
        "\"flagged\":[{\"axis\":\"vendor\",\"country\":\"RU\",\"policy\":\"us-foreign-adversaries\"},"
        "{\"axis\":\"vendor\",\"country\":\"RU\",\"policy\":\"us-kaspersky\"}],"
        "\"exposure\":{\"class\":\"cleartext\",\"readable_in_transit\":\"yes\",\"reason\":\"HTTP without TLS\","
        "\"content_alterable\":true,\"tls\":null},\"rtt\":{\"min_ms\":null,\"reason\":\"no sensor position\"},"
        "\"remotes\":[{\"ip\":\"94.75.236.123\",\"port\":80,\"name\":null,\"location\":[\"NL\"],\"flows\":1}],"
        "\"counters\":{\"flows\":1,\"packets_out\":7,\"packets_in\":8,\"bytes_out\":800,\"bytes_in\":5000,\"remotes\":"
        "1}}\n";

    assert_memory_equal(text, head, strlen(head));
    assert_has(text, tail);
    assert_has_not(text, "sophos\",\"purpose\"");
    free(text);
}

static void every_record_type_validates_against_the_schema(void **state)
{
    (void)state;
    struct feed *feed = open_feed("?flows", "json");
    struct sighting s;
    sample_plain_web(&s);
    sample_judge(&s, policies);
    write_run(feed);
    feed_lookup(feed, "www.example.ru", &s);
    sample_kaspersky_update(&s);
    s.jurisdiction.operator_facts = (struct operator_facts){.asn = {1, 2},
                                                            .asn_count = 2,
                                                            .parent = "Kaspersky",
                                                            .parent_country = {"RU"},
                                                            .parent_source = "x",
                                                            .parent_since = "2020"};
    s.jurisdiction.is_embedded = true;
    s.attribution.engine_host = &sample_check_point;
    sample_judge(&s, policies);
    feed_lookup(feed, "94.75.236.123", &s);
    char *text = close_feed(feed);
    char command[512];

    snprintf(command, sizeof(command), "/usr/bin/python3 %s/tests/jsonl-check.py %s/docs/record.schema.json %s",
             SOURCE_ROOT, SOURCE_ROOT, path);

    assert_int_equal(lines_of(text), 3 + 4 + 2 + 1 + 2);
    assert_int_equal(system(command), 0);
    free(text);
}

static void what_round_trips_exclude_is_in_findings_flows_and_summary(void **state)
{
    (void)state;
    struct feed *feed = open_feed("?flows", "json");
    write_run(feed);
    char *text = close_feed(feed);
    const char *rtt = "\"rtt\":{\"min_ms\":12.041,\"terminates\":\"tls\",\"handshake_ms\":2.002,\"samples\":3,"
                      "\"sensor\":\"50.11,8.68 r5km\","
                      "\"radius_km\":{\"fibre\":1230,\"vacuum\":1805},\"excluded_vacuum\":[\"CN\",\"KP\"],"
                      "\"excluded_fibre\":[\"RU\"]}";

    assert_has(text, rtt);
    assert_has(strstr(text, rtt) + 1, rtt); /* through the ledger, too */
    assert_has(text, "\"excluded\":[\"CN\"]");
    assert_has(text,
               "\"rtt\":{\"all\":{\"flows\":4,\"bytes\":4000},\"timed\":{\"flows\":3,\"bytes\":3000},\"excluded\":"
               "{\"RU\":{\"vacuum\":{\"flows\":2,\"bytes\":1000},\"fibre\":{\"flows\":3,\"bytes\":3000}}}}");
    free(text);
}

static void the_schema_refuses_what_is_no_record(void **state)
{
    (void)state;
    char command[512], line[4096];
    size_t lines = 0;
    FILE *file = fopen(TEST_DATA "/alerts/bad-records.jsonl", "r");
    assert_non_null(file);
    snprintf(command, sizeof(command), "/usr/bin/python3 %s/tests/jsonl-check.py %s/docs/record.schema.json %s",
             SOURCE_ROOT, SOURCE_ROOT, TEST_DATA "/alerts/bad-records.jsonl | tail -1");
    for (; fgets(line, sizeof(line), file) != NULL; lines++)
        continue;
    fclose(file);
    FILE *pipe = popen(command, "r");

    assert_non_null(fgets(line, sizeof(line), pipe));

    pclose(pipe);
    char wanted[80];
    snprintf(wanted, sizeof(wanted), "0 records are as the schema says, %zu are not\n", lines);
    assert_string_equal(line, wanted);
}

static void a_flow_record_has_what_the_analyzers_saw(void **state)
{
    (void)state;
    struct feed *feed = open_feed("?flows=true", "json");
    write_run(feed);
    char *text = close_feed(feed);

    assert_has(
        text,
        "\"tls\":{\"version\":\"TLS 1.3\",\"cipher\":\"TLS_AES_128_GCM_SHA256\",\"sni\":\"t1.sophosupd.com\","
        "\"alpn\":\"h2\",\"ja3\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"ja3s\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\","
        "\"ja4\":\"t13d1516h2_8daaf6152771_b186095e22b6\",\"ech\":true,\"resumed\":false,"
        "\"key_exchange\":\"X25519MLKEM768\",\"certificate\":{\"subject_org\":\"Sophos Ltd\","
        "\"issuer_org\":\"DigiCert Inc\",\"sha256\":\"00000000");
    assert_has(text, "\"quic\":{\"version\":\"v1\",\"sni\":\"quic.example\"}");
    assert_has(text,
               "\"http\":{\"host\":\"www.example.ru:80\",\"path\":\"/a?b=\\\"c\\\"\",\"user_agent\":\"agent/1.0\","
               "\"method\":\"GET\"}");
    assert_has(text, "\"dns\":{\"query\":\"www.example.ru\",\"answers\":[\"2001:db8::1\"]}");
    assert_has(text, "\"proto\":\"icmp\",\"app\":\"tls\"");
    assert_has(
        text,
        "\"exposure\":{\"class\":\"harvestable\",\"readable_in_transit\":\"no, as far as known today\","
        "\"reason\":\"TLS 1.3 with x25519\",\"tls\":{\"version\":\"TLS 1.3\",\"cipher\":\"TLS_AES_128_GCM_SHA256\","
        "\"key_exchange\":\"X25519MLKEM768\"}}");
    assert_has(text, "\"end_reason\":\"fin\"}\n");
    free(text);
}

static void the_summary_groups_and_adds_counters(void **state)
{
    (void)state;
    struct feed *feed = open_feed("", "json");
    write_run(feed);
    char *text = close_feed(feed);

    assert_has(text, "\"counters\":{\"decode\":{\"ipv4_header_truncated\":5,\"vlan_truncated\":1},"
                     "\"flow\":{\"evicted_table_full\":0}}");
    assert_has(text, "\"findings\":{\"critical\":1,\"high\":0,\"medium\":0,\"low\":1,\"info\":1}");
    assert_has(text, "\"products\":[\"kaspersky\",\"sophos-endpoint\"]");
    assert_has(
        text,
        "{\"type\":\"host\",\"sensor\":\"s1\",\"host\":{\"ip\":\"10.0.0.7\"},\"products\":[{\"id\":\"sophos-endpoint\","
        "\"vendor\":\"sophos\",\"purposes\":[\"telemetry\"],\"confidence\":\"confirmed\",");
    assert_has_not(text, "\"type\":\"flow\"");
    free(text);
}

static char *summary_of_interfaces(const char *format)
{
    static const struct interface_counts interfaces[] = {
        {.name = "span0",
         .packets_received = 30,
         .packets_dropped_by_kernel = {2, true},
         .packets_dropped_by_interface = {0, false}},
        {.name = "span1",
         .state = INTERFACE_GONE,
         .packets_dropped_by_kernel = {0, true},
         .packets_dropped_by_interface = {5, true},
         .times_gone = 1,
         .times_down = 2},
    };
    const struct summary_record summary = {.version = "test", .interface_count = 2, .interfaces = interfaces};
    struct feed *feed = open_feed("", format);
    feed_summary(feed, &summary);
    return close_feed(feed);
}

static void what_an_interface_does_not_tell_is_unknown_and_not_0(void **state)
{
    (void)state;
    char *json = summary_of_interfaces("json"), *text = summary_of_interfaces("text");

    assert_has(json, "\"interfaces\":[{\"name\":\"span0\",\"state\":\"up\",\"packets_received\":30,"
                     "\"packets_dropped_by_kernel\":2,\"packets_dropped_by_interface\":\"unknown\",\"times_down\":0,"
                     "\"times_gone\":0,\"read_errors\":0},{\"name\":\"span1\",\"state\":\"gone\",");
    assert_has(text,
               "span0: 30 received, 2 dropped by the kernel, an unknown number dropped by the interface\n"
               "span1: 0 received, 0 dropped by the kernel, 5 dropped by the interface, down 2 times, gone 1 time\n");
    free(json);
    free(text);
}

static void text_tells_a_finding_once_and_says_what_it_hides(void **state)
{
    (void)state;
    struct feed *feed = open_feed("", "text");
    write_run(feed);
    char *text = close_feed(feed);

    assert_memory_equal(text, "CRITICAL  Kaspersky on 128.3.116.128 fetches updates", 40);
    assert_has(text, "\n  location    NL         2 of 2 providers\n");
    assert_has(text, "\n  operator    NL         2 of 2 providers  AS60781 LeaseWeb Netherlands\n");
    assert_has(text, "\n  vendor      RU         2 of 2 providers  flagged by us-foreign-adversaries, us-kaspersky\n");
    assert_has(text, "\n  readable    yes · cleartext: HTTP without TLS · can be altered\n");
    assert_has(text, "\n  rule        flagged-vendor-cleartext-update · first seen 2018-08-07T16:10:33.500000Z · 1 "
                     "flow, 1 remote\n");
    assert_has(text, "128.3.116.128  Kaspersky (any product)  update     confirmed   critical  1 · 800/5000\n");
    assert_has(text,
               "3 findings: 1 critical, 1 low, 1 info\n2 below medium not shown: --min-severity info shows them all\n");
    assert_has(text, "counted: decode: ipv4_header_truncated 5, vlan_truncated 1\n");
    assert_has(text, "damaged: a\\x1b[2J.pcap: offset 24: cut\n");
    assert_has_not(text, "example.ru");
    assert_has_not(text, "\033");
    free(text);
}

static void low_findings_and_flows_are_shown_when_asked(void **state)
{
    (void)state;
    struct feed *feed = open_feed("?min-severity=low&flows=true", "text");
    write_run(feed);
    char *text = close_feed(feed);

    assert_has(text, "LOW       10.0.0.8 reaches example.ru in RU (location, operator), no agent recognised\n");
    assert_has(text,
               "flow 2018-08-07T16:10:33.500000Z tcp 10.0.0.7:49163 > 203.0.113.9:443  tls  800 bytes out, 5000 in  "
               "t1.sophosupd.com (tls_sni)  Sophos Endpoint · telemetry · confirmed\n");
    assert_has(text, "1 below low not shown");
    free(text);
}

static void colour_is_only_for_who_asks(void **state)
{
    (void)state;
    struct feed *feed = NULL;
    unlink(path);
    assert_int_equal(feed_open(url, "text", &(struct feed_options){.colour = true}, &feed, NULL), STATUS_OK);
    write_run(feed);
    char *text = close_feed(feed);

    assert_memory_equal(text, "\033[1;31mCRITICAL  \033[0m", 18);
    free(text);
}

static void hostile_bytes_never_reach_the_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *text, *json;
    } rows[] = {
        {"a\x1b[31mb", "a\\x1b[31mb", "a\\u001b[31mb"},
        {"line1\nline2\r\ttab", "line1\\x0aline2\\x0d\\x09tab", "line1\\nline2\\r\\ttab"},
        {"x\xe2\x80\xaey", "x\\u{202e}y", "x\xe2\x80\xaey"}, /* right-to-left override */
        {"x\xe2\x80\x8by", "x\\u{200b}y", NULL},             /* zero width space */
        {"x\xc2\x9by", "x\\u{9b}y", NULL},                   /* one-character CSI */
        {"x\xff\xc0\xafy", "x\\xff\\xc0\\xafy", "x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy"},
        {"x\xed\xa0\x80y", "x\\xed\\xa0\\x80y", NULL}, /* a surrogate */
        {"cut\xe2\x80", "cut\\xe2\\x80", NULL},
        {"Ж 産 \"q\" \\x1b", "Ж 産 \"q\" \\\\x1b", "Ж 産 \\\"q\\\" \\\\x1b"},
        {"\x7f", "\\x7f", "\\u007f"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sighting s;
        sample_plain_web(&s);
        sample_judge(&s, policies);
        struct feed *feed = open_feed("", "text");
        feed_lookup(feed, rows[i].raw, &s);
        char *text = close_feed(feed);
        assert_memory_equal(text, rows[i].text, strlen(rows[i].text));
        assert_int_equal(text[strlen(rows[i].text)], '\n');
        free(text);
        feed = open_feed("", "json");
        feed_lookup(feed, rows[i].raw, &s);
        text = close_feed(feed);
        if (rows[i].json != NULL)
            assert_memory_equal(text + strlen("{\"type\":\"lookup\",\"query\":\""), rows[i].json, strlen(rows[i].json));
        assert_int_equal(lines_of(text), 1);
        free(text);
    }
}

static void a_lookup_without_a_product_says_null(void **state)
{
    (void)state;
    struct sighting s;
    sample_plain_web(&s);
    sample_judge(&s, policies);
    struct feed *feed = open_feed("", "json");

    feed_lookup(feed, "www.example.ru", &s);

    char *text = close_feed(feed);
    static const char *const head =
        "{\"type\":\"lookup\",\"query\":\"www.example.ru\",\"product\":null,\"jurisdiction\":{\"location\":";
    assert_memory_equal(text, head, strlen(head));
    free(text);
}

static void refuse(const char *text, const char *format, const char *says)
{
    struct feed *feed = NULL;
    struct error error = {""};
    enum status status = feed_open(text, format, &(struct feed_options){0}, &feed, &error);
    if (status >= 0 || strcmp(error.text, says) != 0)
        fail_msg("wanted '%s', got %d '%s'", says, status, error.text);
    assert_null(feed);
}

static void what_is_no_output_is_refused_with_one_sentence(void **state)
{
    (void)state;
    refuse("gopher:x", "json", "output gopher:x: unknown scheme 'gopher'; there are file:PATH, unix:PATH and -");
    refuse("/tmp/x", "json", "output '/tmp/x' is no URL; write file:PATH, unix:PATH or - for standard output");
    refuse("file:", "json", "output 'file:' has no usable path");
    refuse("file:/a%00b", "json", "output 'file:/a%00b' has no usable path");
    refuse("-?format=xml", "json", "output -?format=xml: unknown format 'xml'; there are text and json");
    refuse("-", "cef", "output -: unknown format 'cef'; there are text and json");
    refuse("-?fromat=json", "json",
           "output -?fromat=json: unknown key 'fromat' (is 'format' meant?); there are format, min-severity, flows and "
           "accepted");
    refuse("-?min-severity=bad", "json",
           "output -?min-severity=bad: 'bad' is no severity; there are info, low, medium, high and critical");
    refuse("-?flows=perhaps", "json", "output -?flows=perhaps: flows must be true or false, not 'perhaps'");
    refuse("file:/nonexistent/x", "json", "output file /nonexistent/x cannot be opened: No such file or directory");
    refuse("unix:/nonexistent/s", "json",
           "socket /nonexistent/s cannot be connected: No such file or directory; somebody must listen there first");
}

static void a_file_is_appended_to(void **state)
{
    (void)state;
    struct sighting s;
    struct feed *feed = open_feed("", "json");
    sample_plain_web(&s);
    feed_lookup(feed, "one", &s);
    assert_int_equal(feed_close(feed, NULL), STATUS_OK);
    assert_int_equal(feed_open(url, "json", &(struct feed_options){0}, &feed, NULL), STATUS_OK);

    feed_lookup(feed, "two", &s);

    char *text = close_feed(feed);
    assert_int_equal(lines_of(text), 2);
    free(text);
}

static void a_full_disk_is_said_when_the_feed_is_closed(void **state)
{
    (void)state;
    struct feed *feed = NULL;
    struct error error = {""};
    struct sighting s;
    sample_plain_web(&s);
    sample_judge(&s, policies);
    assert_int_equal(feed_open("file:/dev/full?flows", "json", &(struct feed_options){0}, &feed, &error), STATUS_OK);
    assert_true(feed_wants_flows(feed));
    for (unsigned i = 0; i < 100; i++)
        feed_flow(feed, &s);

    assert_int_equal(feed_close(feed, &error), STATUS_IO);

    assert_string_equal(error.text,
                        "output file:/dev/full?flows: writing failed: No space left on device; 100 records were lost");
}

static void a_unix_socket_gets_each_finding_at_once(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char socket_url[128], bytes[65536];
    struct feed *feed = NULL;
    struct error error = {""};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    unlink(path);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    snprintf(socket_url, sizeof(socket_url), "unix:%s", path);
    assert_int_equal(feed_open(socket_url, "json", &(struct feed_options){0}, &feed, &error), STATUS_OK);
    int peer = accept(listener, NULL, NULL);

    write_run(feed);

    ssize_t n = read(peer, bytes, sizeof(bytes));
    assert_true(n > 0 && bytes[n - 1] == '\n');
    assert_int_equal(feed_close(feed, &error), STATUS_OK);
    close(peer);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finding_is_the_contracts_json),
        cmocka_unit_test(every_record_type_validates_against_the_schema),
        cmocka_unit_test(what_round_trips_exclude_is_in_findings_flows_and_summary),
        cmocka_unit_test(the_schema_refuses_what_is_no_record),
        cmocka_unit_test(a_flow_record_has_what_the_analyzers_saw),
        cmocka_unit_test(the_summary_groups_and_adds_counters),
        cmocka_unit_test(what_an_interface_does_not_tell_is_unknown_and_not_0),
        cmocka_unit_test(text_tells_a_finding_once_and_says_what_it_hides),
        cmocka_unit_test(low_findings_and_flows_are_shown_when_asked),
        cmocka_unit_test(colour_is_only_for_who_asks),
        cmocka_unit_test(hostile_bytes_never_reach_the_terminal),
        cmocka_unit_test(a_lookup_without_a_product_says_null),
        cmocka_unit_test(what_is_no_output_is_refused_with_one_sentence),
        cmocka_unit_test(a_file_is_appended_to),
        cmocka_unit_test(a_full_disk_is_said_when_the_feed_is_closed),
        cmocka_unit_test(a_unix_socket_gets_each_finding_at_once),
    };
    return cmocka_run_group_tests_name("alerts/feed", tests, set_up, tear_down);
}
