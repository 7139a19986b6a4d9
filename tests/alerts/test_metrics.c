#include "metrics.h"

#include <ctype.h>

#include "health_record.h"
#include "test.h"

enum { LINES_MAX = 1024, NAME_MAX_LENGTH = 128 };

static struct metrics *metrics;
static struct run_sample s;

static int set_up(void **state)
{
    (void)state;
    s = (struct run_sample){.time = {1800000000 * NS_PER_SEC + 5}, .clock_ns = 1800000001 * NS_PER_SEC};
    return metrics_new(&metrics);
}

static int tear_down(void **state)
{
    (void)state;
    metrics_free(metrics);
    return 0;
}

/* Terminated; to be freed. */
static char *render(void)
{
    struct text text = metrics_render(metrics, &s, "v1.2-3-gabc");
    assert_non_null(text.data);
    return strndup(text.data, text.length);
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

/* Something of everything. */
static void fill_sample(void)
{
    s.packets = UINT64_MAX;
    s.bytes = 1000;
    s.flows_begun = 30;
    s.flows_alive = 10;
    s.findings[SEVERITY_CRITICAL] = 2;
    s.sides = (struct flow_sides){10, 4};
    s.has_latency = true;
    s.latency = (struct latency_sample){.counts = {1, 2, 0, 0, 0, 0, 0, 0, 0, 3, 4}, .sum_ns = 1234567890};
    s.has_store = true;
    s.store_failures = 1;
    s.resident_bytes = 100 << 20;
    s.cpu_ns = 1500000000;
    s.raised = 1 << HEALTH_DUPLICATES;
    s.catalogue = (struct data_sample){"catalogue", 1800000001 - 86400};
    s.database_count = 2;
    s.databases[0] = (struct data_sample){"Places \"of\" C:\\ \xff\n", 1800000001 - 60};
    s.databases[1] = (struct data_sample){"From tomorrow", 1900000000};
    s.link_count = 2;
    s.links[0] = (struct interface_counts){.name = "span0",
                                           .packets_received = 1000,
                                           .packets_dropped_by_kernel = {7, true},
                                           .packets_dropped_by_interface = {8, true}};
    s.links[1] = (struct interface_counts){
        .name = "span1", .state = INTERFACE_DOWN, .packets_received = 1, .packets_dropped_by_kernel = {9, false}};
    s.feed_count = 2;
    s.feeds[0] = (struct feed_sample){"unix:/run/soc", 100, 0, false};
    s.feeds[1] = (struct feed_sample){"unix:/run/soc", 0, 5, true};
    run_sample_count(&s, &(struct counter){"decode", "ipv4_header_truncated", 3});
    run_sample_count(&s, &(struct counter){"decode", "decoded", 900});
    run_sample_count(&s, &(struct counter){"duplicates", "packets_equal", 11});
    run_sample_count(&s, &(struct counter){"flow", "ended_evicted", 12});
    run_sample_count(&s, &(struct counter){"findings", "opened", 2});
}

static void numbers_are_written_with_their_units(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "\nbordertap_packets_total 18446744073709551615\n",
        "\nbordertap_duplicate_packets_total{kind=\"equal\"} 11\n",
        "\nbordertap_interface_up{interface=\"span0\"} 1\nbordertap_interface_up{interface=\"span1\"} 0\n",
        "\nbordertap_kernel_dropped_packets_total{interface=\"span0\"} 7\n",
        "\nbordertap_interface_dropped_packets_total{interface=\"span0\"} 8\n",
        "\nbordertap_flows 10\n",
        "\nbordertap_flows_evicted_total 12\n",
        "\nbordertap_recent_tcp_flows{sides=\"both\"} 6\nbordertap_recent_tcp_flows{sides=\"one\"} 4\n",
        "\nbordertap_findings{severity=\"critical\"} 2\n",
        "\nbordertap_finding_records_total{action=\"opened\"} 2\n",
        "_seconds_bucket{le=\"0.005\"} 1\nbordertap_finding_latency_seconds_bucket{le=\"0.010\"} 3\n",
        "_seconds_bucket{le=\"10.000\"} 6\nbordertap_finding_latency_seconds_bucket{le=\"+Inf\"} 10\n"
        "bordertap_finding_latency_seconds_sum 1.234567890\nbordertap_finding_latency_seconds_count 10\n",
        "\nbordertap_refusals_total{module=\"decode\",reason=\"ipv4_header_truncated\"} 3\n",
        "\nbordertap_catalogue_age_seconds 86400\n",
        "\nbordertap_database_age_seconds{database=\"Places \\\"of\\\" C:\\\\ \\\\xff\\\\x0a\"} 60\n",
        "\nbordertap_database_age_seconds{database=\"From tomorrow\"} 0\n",
        "\nbordertap_feed_lost_records_total{feed=\"unix:/run/soc\",number=\"1\"} 5\n",
        "\nbordertap_health_raised{condition=\"duplicates\"} 1\n",
        "\nbordertap_health_raised{condition=\"kernel-drops\"} 0\n",
        "\nbordertap_build_info{version=\"v1.2-3-gabc\"} 1\n",
        "\nbordertap_last_packet_timestamp_seconds 1800000000.000000005\n",
        "\nprocess_cpu_seconds_total 1.500000000\n",
    };
    fill_sample();
    char *text = render();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_has(text, lines[i]);
    assert_has_not(text, "decoded");
    free(text);
}

static void what_is_not_known_is_left_out(void **state)
{
    (void)state;
    static const char *const absent[] = {
        "latency",
        "bordertap_kernel_dropped",
        "bordertap_interface_",
        "database_age",
        "catalogue_age",
        "bordertap_feed_",
        "resident",
        "cpu",
        "store_failu",
        "refusals_total{",
    };
    char *text = render();
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        assert_has_not(text, absent[i]);
    free(text);

    fill_sample();
    text = render();
    assert_has_not(text, "dropped_packets_total{interface=\"span1\"}");
    free(text);
}

/* The part of a line before its value, and whether it is a comment. */
static size_t head_of(const char *line)
{
    size_t end = strcspn(line, "\n"), head = end;
    while (head > 0 && line[head - 1] != ' ')
        head--;
    return head;
}

static void no_series_is_there_twice_and_each_has_its_type_before_it(void **state)
{
    (void)state;
    const char *heads[LINES_MAX];
    size_t lengths[LINES_MAX], count = 0;
    fill_sample();
    char *text = render();
    char type[NAME_MAX_LENGTH] = "";
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        if (strncmp(line, "# TYPE ", 7) == 0)
            snprintf(type, sizeof(type), "%.*s", (int)strcspn(line + 7, " "), line + 7);
        size_t length = line[0] == '#' ? strcspn(line, "\n") : head_of(line);
        if (line[0] != '#')
            assert_int_equal(strncmp(line, type, strlen(type)), 0);
        for (size_t i = 0; i < count; i++)
            if (lengths[i] == length && strncmp(heads[i], line, length) == 0)
                fail_msg("twice: %.*s", (int)length, line);
        assert_true(count < LINES_MAX);
        heads[count] = line;
        lengths[count++] = length;
    }
    free(text);
}

static void promtool_finds_nothing_wrong(void **state)
{
    (void)state;
    char path[] = "/tmp/bordertap-metrics-XXXXXX", command[128];
    if (system("command -v promtool >/dev/null 2>&1") != 0) {
        print_message("promtool is not installed (Debian: prometheus): it did not check the metrics\n");
        skip();
    }
    fill_sample();
    char *text = render();
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    snprintf(command, sizeof(command), "promtool check metrics <%s", path);
    assert_int_equal(system(command), 0);
    unlink(path);
    free(text);
}

static bool has_metric(const char *text, const char *name, size_t length)
{
    char line[NAME_MAX_LENGTH + 16];
    snprintf(line, sizeof(line), "\n# TYPE %.*s ", (int)length, name);
    return strstr(text, line) != NULL;
}

/* Every word of the dashboard that looks like a metric is one. */
static void the_dashboard_asks_for_metrics_that_exist(void **state)
{
    (void)state;
    static char board[1 << 17];
    static const char bucket[] = "_bucket";
    size_t found = 0;
    FILE *file = fopen(SOURCE_ROOT "/docs/grafana-dashboard.json", "r");
    assert_non_null(file);
    board[fread(board, 1, sizeof(board) - 1, file)] = '\0';
    fclose(file);
    fill_sample();
    char *text = render();
    for (const char *at = board; *at != '\0';) {
        size_t length = 0;
        while (isalnum((unsigned char)at[length]) || at[length] == '_')
            length++;
        if (strncmp(at, "bordertap_", 10) == 0 || strncmp(at, "process_", 8) == 0) {
            size_t base = length;
            if (length > sizeof(bucket) && strncmp(at + length - (sizeof(bucket) - 1), bucket, sizeof(bucket) - 1) == 0)
                base -= sizeof(bucket) - 1;
            if (!has_metric(text, at, base))
                fail_msg("the dashboard asks for %.*s, which is none", (int)length, at);
            found++;
        }
        at += length > 0 ? length : 1;
    }
    assert_true(found > 20);
    free(text);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(numbers_are_written_with_their_units),
        CASE(what_is_not_known_is_left_out),
        CASE(no_series_is_there_twice_and_each_has_its_type_before_it),
        CASE(promtool_finds_nothing_wrong),
        CASE(the_dashboard_asks_for_metrics_that_exist),
    };
    return cmocka_run_group_tests_name("alerts/metrics", tests, NULL, NULL);
}
