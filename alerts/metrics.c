#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "formats/text_internal.h"
#include "health_record.h"
#include "severity.h"

struct metrics {
    struct text_writer out;
};

enum status metrics_new(struct metrics **ret)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));
    if (metrics == NULL)
        return STATUS_NO_MEMORY;
    *ret = metrics;
    return STATUS_OK;
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    text_clear(&metrics->out);
    free(metrics);
}

/* ---- lines ---- */

static void begin(struct text_writer *out, const char *name, const char *type, const char *help)
{
    text_print(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* What is no plain ASCII is written as \xNN: two names stay two. */
static void put_label(struct text_writer *out, const char *value)
{
    for (const unsigned char *at = (const unsigned char *)value; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            text_print(out, "\\%c", *at);
        else if (*at < 0x20 || *at >= 0x7f)
            text_print(out, "\\\\x%02x", *at);
        else
            text_print(out, "%c", *at);
    }
}

static void put_u64(struct text_writer *out, uint64_t value)
{
    text_print(out, "%llu\n", (unsigned long long)value);
}

static void put_plain(struct text_writer *out, const char *name, uint64_t value)
{
    text_print(out, "%s ", name);
    put_u64(out, value);
}

static void put_labelled(struct text_writer *out, const char *name, const char *label, const char *label_value,
                         uint64_t value)
{
    text_print(out, "%s{%s=\"", name, label);
    put_label(out, label_value);
    text_print(out, "\"} ");
    put_u64(out, value);
}

static void put_seconds(struct text_writer *out, const char *name, int64_t ns)
{
    uint64_t size = ns < 0 ? (uint64_t) - (ns + 1) + 1 : (uint64_t)ns;
    text_print(out, "%s %s%llu.%09llu\n", name, ns < 0 ? "-" : "", (unsigned long long)(size / 1000000000),
               (unsigned long long)(size % 1000000000));
}

static void put_one(struct text_writer *out, const char *name, const char *type, const char *help, uint64_t value)
{
    begin(out, name, type, help);
    put_plain(out, name, value);
}

/* ---- packets and interfaces ---- */

static void put_packets(struct text_writer *out, const struct run_sample *s)
{
    put_one(out, "bordertap_packets_total", "counter", "Packets taken from all interfaces.", s->packets);
    put_one(out, "bordertap_bytes_total", "counter", "Bytes of these packets as they were on the wire.", s->bytes);
    put_one(out, "bordertap_lost_packets_total", "counter",
            "Packets or events that were lost by the sensor itself for want of memory.",
            run_sample_counted(s, "engine", "out_of_memory"));
    put_one(out, "bordertap_snapped_packets_total", "counter", "Packets that were cut by a snap length.",
            run_sample_counted(s, "source", "packets_captured_short"));
    begin(out, "bordertap_duplicate_packets_total", "counter",
          "Packets that came twice: equal, or changed by a router on the way.");
    put_labelled(out, "bordertap_duplicate_packets_total", "kind", "equal",
                 run_sample_counted(s, "duplicates", "packets_equal"));
    put_labelled(out, "bordertap_duplicate_packets_total", "kind", "changed",
                 run_sample_counted(s, "duplicates", "packets_changed_on_the_way"));
    put_one(out, "bordertap_clock_steps_total", "counter", "Times a clock was set while the sensor ran.",
            s->clock_steps);
}

static void put_links(struct text_writer *out, const struct run_sample *s)
{
    if (s->link_count == 0)
        return;
    begin(out, "bordertap_interface_up", "gauge", "Whether the interface is there and has a carrier.");
    for (uint32_t i = 0; i < s->link_count; i++)
        put_labelled(out, "bordertap_interface_up", "interface", s->links[i].name, s->links[i].state == INTERFACE_UP);
    begin(out, "bordertap_interface_packets_total", "counter", "Packets of the interface that were looked into.");
    for (uint32_t i = 0; i < s->link_count; i++)
        put_labelled(out, "bordertap_interface_packets_total", "interface", s->links[i].name,
                     s->links[i].packets_received);
    begin(out, "bordertap_kernel_dropped_packets_total", "counter",
          "Packets the kernel dropped because the ring was full; absent when it does not tell.");
    for (uint32_t i = 0; i < s->link_count; i++)
        if (s->links[i].packets_dropped_by_kernel.is_known)
            put_labelled(out, "bordertap_kernel_dropped_packets_total", "interface", s->links[i].name,
                         s->links[i].packets_dropped_by_kernel.value);
    begin(out, "bordertap_interface_dropped_packets_total", "counter",
          "Packets the interface dropped before they could be captured; absent when it does not tell.");
    for (uint32_t i = 0; i < s->link_count; i++)
        if (s->links[i].packets_dropped_by_interface.is_known)
            put_labelled(out, "bordertap_interface_dropped_packets_total", "interface", s->links[i].name,
                         s->links[i].packets_dropped_by_interface.value);
}

/* ---- flows and findings ---- */

static void put_flows(struct text_writer *out, const struct run_sample *s)
{
    put_one(out, "bordertap_flows_begun_total", "counter", "Flows that began.", s->flows_begun);
    put_one(out, "bordertap_flows", "gauge", "Flows that are tracked now.", s->flows_alive);
    put_one(out, "bordertap_flows_evicted_total", "counter", "Flows that were ended early to make room.",
            run_sample_counted(s, "flow", "ended_evicted"));
    begin(out, "bordertap_recent_tcp_flows", "gauge",
          "Some TCP flows of the last minute, by whether both their sides are seen.");
    put_labelled(out, "bordertap_recent_tcp_flows", "sides", "both", s->sides.proven - s->sides.one_sided);
    put_labelled(out, "bordertap_recent_tcp_flows", "sides", "one", s->sides.one_sided);
}

static void put_findings(struct text_writer *out, const struct run_sample *s)
{
    static const char *const actions[] = {"opened", "updated", "escalated", "closed"};
    begin(out, "bordertap_findings", "gauge", "Findings, by their severity.");
    for (unsigned severity = SEVERITY_INFO; severity < SEVERITY_COUNT; severity++)
        put_labelled(out, "bordertap_findings", "severity", severity_text((enum severity)severity),
                     s->findings[severity]);
    begin(out, "bordertap_finding_records_total", "counter", "What was told of findings.");
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        put_labelled(out, "bordertap_finding_records_total", "action", actions[i],
                     run_sample_counted(s, "findings", actions[i]));
}

static void put_latency(struct text_writer *out, const struct run_sample *s)
{
    uint64_t sum = 0;
    if (!s->has_latency)
        return;
    begin(out, "bordertap_finding_latency_seconds", "histogram",
          "From the stamp of a packet to the finding that it opened or made worse.");
    for (unsigned i = 0; i < LATENCY_BOUNDS; i++) {
        sum += s->latency.counts[i];
        text_print(out, "bordertap_finding_latency_seconds_bucket{le=\"%u.%03u\"} %llu\n", latency_bounds_ms[i] / 1000,
                   latency_bounds_ms[i] % 1000, (unsigned long long)sum);
    }
    sum += s->latency.counts[LATENCY_BOUNDS];
    text_print(out, "bordertap_finding_latency_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)sum);
    text_print(out, "bordertap_finding_latency_seconds_sum %llu.%09llu\n",
               (unsigned long long)(s->latency.sum_ns / 1000000000),
               (unsigned long long)(s->latency.sum_ns % 1000000000));
    put_plain(out, "bordertap_finding_latency_seconds_count", sum);
}

/* Counters that have a metric of their own. */
static bool has_own_metric(const struct counter *counter)
{
    static const struct {
        const char *group, *name;
    } rows[] = {
        {"source", "packets_captured_short"},
        {"duplicates", "packets_equal"},
        {"duplicates", "packets_changed_on_the_way"},
        {"flow", "ended_evicted"},
        {"engine", "out_of_memory"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].group, counter->group) == 0 && strcmp(rows[i].name, counter->name) == 0)
            return true;
    return false;
}

/* Zeros too: a series must be there before it can rise. */
static void put_refusals(struct text_writer *out, const struct run_sample *s)
{
    begin(out, "bordertap_refusals_total", "counter",
          "What was refused, lost or not understood, by the part that did and its reason.");
    for (uint32_t i = 0; i < s->counter_count; i++) {
        const struct counter *counter = &s->counters[i];
        if (counter_is_statistic(counter) || has_own_metric(counter))
            continue;
        text_print(out, "bordertap_refusals_total{module=\"%s\",reason=\"%s\"} ", counter->group, counter->name);
        put_u64(out, counter->value);
    }
}

/* ---- the sensor ---- */

static uint64_t age_sec(const struct data_sample *data, int64_t clock_ns)
{
    int64_t age = clock_ns / NS_PER_SEC - data->built_sec;
    return age > 0 ? (uint64_t)age : 0;
}

static void put_data(struct text_writer *out, const struct run_sample *s)
{
    if (s->catalogue.built_sec != 0)
        put_one(out, "bordertap_catalogue_age_seconds", "gauge", "Since the catalogue was last brought up to date.",
                age_sec(&s->catalogue, s->clock_ns));
    if (s->database_count == 0)
        return;
    begin(out, "bordertap_database_age_seconds", "gauge", "Since the address database was built.");
    for (uint32_t i = 0; i < s->database_count; i++)
        put_labelled(out, "bordertap_database_age_seconds", "database", s->databases[i].name,
                     age_sec(&s->databases[i], s->clock_ns));
}

/* Two feeds may share a name: their number tells them apart. */
static void put_feed(struct text_writer *out, const char *name, const struct run_sample *s, uint32_t i, uint64_t value)
{
    text_print(out, "%s{feed=\"", name);
    put_label(out, s->feeds[i].name);
    text_print(out, "\",number=\"%u\"} ", i);
    put_u64(out, value);
}

static void put_feeds(struct text_writer *out, const struct run_sample *s)
{
    if (s->feed_count == 0)
        return;
    begin(out, "bordertap_feed_bytes_total", "counter", "Bytes written to the feed.");
    for (uint32_t i = 0; i < s->feed_count; i++)
        put_feed(out, "bordertap_feed_bytes_total", s, i, s->feeds[i].bytes_written);
    begin(out, "bordertap_feed_lost_records_total", "counter", "Records that the feed did not take.");
    for (uint32_t i = 0; i < s->feed_count; i++)
        put_feed(out, "bordertap_feed_lost_records_total", s, i, s->feeds[i].records_lost);
    begin(out, "bordertap_feed_failing", "gauge", "Whether the feed takes no records.");
    for (uint32_t i = 0; i < s->feed_count; i++)
        put_feed(out, "bordertap_feed_failing", s, i, s->feeds[i].is_failing);
}

static void put_health(struct text_writer *out, const struct run_sample *s)
{
    begin(out, "bordertap_health_raised", "gauge", "Whether the condition is raised for anything.");
    for (unsigned i = 0; i < HEALTH_CONDITIONS; i++)
        put_labelled(out, "bordertap_health_raised", "condition", health_condition_text((enum health_condition)i),
                     s->raised >> i & 1);
    if (s->has_store)
        put_one(out, "bordertap_store_failures_total", "counter", "Writes to the store of findings that failed.",
                s->store_failures);
}

static void put_process(struct text_writer *out, const struct run_sample *s, const char *version)
{
    begin(out, "bordertap_build_info", "gauge", "The version that runs.");
    put_labelled(out, "bordertap_build_info", "version", version, 1);
    begin(out, "bordertap_last_packet_timestamp_seconds", "gauge", "Time of the last packet, by its own stamp.");
    put_seconds(out, "bordertap_last_packet_timestamp_seconds", s->time.ns);
    begin(out, "bordertap_sample_timestamp_seconds", "gauge", "When these numbers were taken.");
    put_seconds(out, "bordertap_sample_timestamp_seconds", s->clock_ns);
    if (s->resident_bytes != 0)
        put_one(out, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", s->resident_bytes);
    if (s->cpu_ns == 0)
        return;
    begin(out, "process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.");
    put_seconds(out, "process_cpu_seconds_total", (int64_t)s->cpu_ns);
}

struct text metrics_render(struct metrics *metrics, const struct run_sample *s, const char *version)
{
    struct text_writer *out = &metrics->out;
    text_reset(out);
    put_packets(out, s);
    put_links(out, s);
    put_flows(out, s);
    put_findings(out, s);
    put_latency(out, s);
    put_refusals(out, s);
    put_data(out, s);
    put_feeds(out, s);
    put_health(out, s);
    put_process(out, s, version);
    return out->failed ? (struct text){NULL, 0} : (struct text){out->data, out->length};
}
