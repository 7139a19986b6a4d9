/*
 * What one step of the way of a packet costs: nanoseconds and allocations an operation, median of several runs, as JSON
 * lines. Samples come from the bundled captures.
 *
 *   micro SOURCE_ROOT [GEO_FOLDER]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alerts/feed_internal.h"
#include "alerts/ledger.h"
#include "alerts/policy.h"
#include "analyzers/attribute.h"
#include "analyzers/catalog.h"
#include "analyzers/inspect.h"
#include "capture/decode.h"
#include "capture/duplicates.h"
#include "capture/flow_table.h"
#include "capture/source.h"
#include "geo/geo.h"

enum { RUNS = 7, SAMPLE_MAX = 4096, FLOWS = 1 << 17, ADDRESSES = 4096 };

/* --- allocations, counted by the linker's --wrap --------------------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static uint64_t allocations;

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    allocations++;
    return __real_realloc(memory, size);
}

/* --- measuring -------------------------------------------------------------------------------------------------- */

static void must(enum status status, const struct error *error)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "micro: %s\n", error ? error->text : status_text(status));
    exit(1);
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

/** Runs @p step for numbers 0 ... @p count - 1, once to warm up and RUNS times for the figures. */
static void measure(const char *name, size_t count, void (*step)(void *context, size_t i), void *context)
{
    double ns[RUNS];
    for (size_t i = 0; i < count; i++)
        step(context, i);
    uint64_t before = allocations;
    for (size_t run = 0; run < RUNS; run++) {
        double start = now_ns();
        for (size_t i = 0; i < count; i++)
            step(context, i);
        ns[run] = (now_ns() - start) / (double)count;
    }
    qsort(ns, RUNS, sizeof(ns[0]), by_size);
    printf("{\"type\":\"micro\",\"stage\":\"%s\",\"ns\":%.1f,\"allocations\":%.3f}\n", name, ns[RUNS / 2],
           (double)(allocations - before) / (double)count / RUNS);
    fflush(stdout);
}

/* --- samples ---------------------------------------------------------------------------------------------------- */

struct sample {
    uint8_t frame[SAMPLE_MAX]; /* whole */
    struct packet packet;
    struct decoded decoded; /* points into frame */
};

static bool is_hello(const struct decoded *d)
{
    return d->protocol == IP_PROTO_TCP && d->payload_len > 9 && d->payload[0] == 22 && d->payload[5] == 1;
}

static bool is_initial(const struct decoded *d)
{
    return d->protocol == IP_PROTO_UDP && d->payload_len >= 1200 && (d->payload[0] & 0xc0) == 0xc0;
}

static bool is_dns_answer(const struct decoded *d)
{
    return d->protocol == IP_PROTO_UDP && d->source_port == 53 && d->payload_len > 12 && d->payload[7] > 0;
}

/** The first packet of a bundled capture that @p is_wanted. */
static void find_sample(const char *root, const char *capture, bool (*is_wanted)(const struct decoded *),
                        struct sample *ret)
{
    char path[4096];
    const char *paths[] = {path};
    struct source *source;
    struct decoder *decoder;
    struct error error;
    snprintf(path, sizeof(path), "%s/tests/golden/captures/%s", root, capture);
    must(source_open(paths, 1, &source, &error), &error);
    must(decoder_new(&decoder), NULL);
    bool is_found = false;
    while (!is_found && source_next(source, &ret->packet) == STATUS_OK) {
        if (ret->packet.captured_len > SAMPLE_MAX)
            continue;
        memcpy(ret->frame, ret->packet.data, ret->packet.captured_len);
        ret->packet.data = ret->frame;
        is_found = decode_packet(decoder, &ret->packet, &ret->decoded) == DECODE_OK && is_wanted(&ret->decoded);
    }
    decoder_free(decoder);
    source_close(source);
    if (!is_found) {
        fprintf(stderr, "micro: %s holds no packet of the kind wanted\n", path);
        exit(1);
    }
}

/* --- capture ---------------------------------------------------------------------------------------------------- */

struct capture_bench {
    struct sample *sample;
    struct decoder *decoder;
    struct duplicates *duplicates;
    struct flow_table *flows;
    struct decoded decoded;
};

static void step_decode(void *context, size_t i)
{
    struct capture_bench *b = context;
    (void)i;
    decode_packet(b->decoder, &b->sample->packet, &b->decoded);
}

static void step_duplicates(void *context, size_t i)
{
    struct capture_bench *b = context;
    uint32_t sequence = (uint32_t)i;
    memcpy(b->sample->frame + 14 + 24, &sequence, sizeof(sequence));
    b->sample->decoded.time.ns += 1000;
    duplicates_check(b->duplicates, &b->sample->decoded);
}

/* Flows in an order no cache foresees: the multiplier is odd, so all numbers come. */
static void step_flow(void *context, size_t i)
{
    struct capture_bench *b = context;
    unsigned side;
    bool is_new;
    uint32_t flow = (uint32_t)(i * UINT32_C(2654435761)) % FLOWS;
    memcpy(b->decoded.source.octets + 12, &flow, sizeof(flow));
    flow_table_touch(b->flows, &b->decoded, &side, &is_new);
}

static uint64_t resident_bytes(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    must(file != NULL && fscanf(file, "%*u %llu", &pages) == 1 ? STATUS_OK : STATUS_IO, NULL);
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Records and index, as the pages that hold them. */
static void flow_memory(const struct decoded *packet, uint32_t flows)
{
    struct flow_table_options options = {.flows_max = flows};
    struct flow_table *table;
    struct decoded other = *packet;
    uint64_t before = resident_bytes();
    must(flow_table_new(&options, &table), NULL);
    for (uint32_t i = 0; i < flows; i++) {
        unsigned side;
        bool is_new;
        memcpy(other.source.octets + 12, &i, sizeof(i));
        flow_table_touch(table, &other, &side, &is_new);
    }
    must(flow_table_size(table) == flows ? STATUS_OK : STATUS_INVALID, NULL);
    printf("{\"type\":\"flow-memory\",\"flows\":%" PRIu32 ",\"bytes_per_flow\":%.1f}\n", flows,
           (double)(resident_bytes() - before) / flows);
    flow_table_free(table);
}

static void bench_capture(struct sample *hello)
{
    struct capture_bench b = {.sample = hello};
    struct flow_table_options options = {.flows_max = 2 * FLOWS};
    must(decoder_new(&b.decoder), NULL);
    must(duplicates_new(&b.duplicates), NULL);
    must(flow_table_new(&options, &b.flows), NULL);
    measure("decode a packet", 1 << 20, step_decode, &b);
    b.decoded = hello->decoded;
    measure("look a flow up, among 131,072 flows", FLOWS, step_flow, &b);
    measure("look for a duplicate", 1 << 20, step_duplicates, &b);
    for (uint32_t flows = 10000; flows <= 10000000; flows *= 10)
        flow_memory(&hello->decoded, flows);
    flow_table_free(b.flows);
    duplicates_free(b.duplicates);
    decoder_free(b.decoder);
}

/* --- analyzers -------------------------------------------------------------------------------------------------- */

struct inspect_bench {
    struct inspector *inspector;
    struct flow flow;
    const struct sample *sample;
    const struct catalog *catalog;
};

static void on_answer(void *context, const struct flow *flow, const struct dns_answer *answer)
{
    (void)context;
    (void)flow;
    (void)answer;
}

static void step_inspect(void *context, size_t i)
{
    struct inspect_bench *b = context;
    const struct decoded *d = &b->sample->decoded;
    struct inspection *inspection = inspection_take(b->inspector, &b->flow);
    size_t consumed;
    (void)i;
    if (d->protocol == IP_PROTO_TCP)
        inspect_bytes(b->inspector, inspection, &b->flow, 0, d->payload, d->payload_len, false, &consumed);
    else
        inspect_datagram(b->inspector, inspection, &b->flow, 0, d->payload, d->payload_len, d->payload_len);
    inspection_give(b->inspector, inspection);
}

static void bench_inspect(const char *name, const struct sample *sample)
{
    struct error error;
    struct inspector_options options = {.fingerprints = FINGERPRINTS_ALL, .answered = on_answer};
    struct inspect_bench b = {.sample = sample};
    const struct decoded *d = &sample->decoded;
    b.flow.key.address[0] = d->source;
    b.flow.key.address[1] = d->destination;
    b.flow.key.port[0] = d->source_port;
    b.flow.key.port[1] = d->destination_port;
    b.flow.key.protocol = d->protocol;
    b.flow.tcp_seen[0] = TCP_SYN;
    must(inspector_new(&options, &b.inspector, &error), &error);
    measure(name, 1 << 15, step_inspect, &b);
    inspector_free(b.inspector);
}

static void step_name(void *context, size_t i)
{
    static const char *const names[] = {
        "www.example.com", "dnl-01.geo.kaspersky.com", "mail.google.com", "www.wikipedia.org",
        "ts.eset.com",     "a.b.c.d.example.net",      "update.nai.com",  "clients4.google.com"};
    struct inspect_bench *b = context;
    catalog_match_name(b->catalog, text_of(names[i % (sizeof(names) / sizeof(names[0]))]));
}

/* --- where, and who is told ------------------------------------------------------------------------------------- */

struct finding_bench {
    const struct geo *geo;
    const struct policy_set *policies;
    const struct catalog *catalog;
    struct ip_address addresses[ADDRESSES];
    struct jurisdiction jurisdiction;
    struct ledger *ledger;
    struct sighting sighting;
    const struct finding *finding; /* while it is told */
    void *json;
    bool is_measured;
};

static void step_address(void *context, size_t i)
{
    struct finding_bench *b = context;
    geo_judge(b->geo, &b->addresses[i % ADDRESSES], &b->jurisdiction);
}

static void step_finding(void *context, size_t i)
{
    struct finding_bench *b = context;
    uint32_t host = (uint32_t)i % 1024;
    memcpy(b->sighting.host.octets + 12, &host, sizeof(host));
    policy_judge(b->policies, &b->sighting.jurisdiction, b->sighting.attribution.product->vendor, b->sighting.time,
                 &b->sighting.verdicts);
    ledger_sight(b->ledger, &b->sighting, 0, NULL);
}

static void step_json(void *context, size_t i)
{
    struct finding_bench *b = context;
    (void)i;
    feed_format_json.finding(b->json, b->finding);
}

/* The first finding that is told gives the record to write. */
static void on_told(void *context, const struct finding *finding)
{
    struct finding_bench *b = context;
    if (b->is_measured)
        return;
    b->is_measured = true;
    b->finding = finding;
    measure("write a finding as JSON", 1 << 15, step_json, b);
}

static void make_sighting(struct finding_bench *b)
{
    static const struct text name = {"dnl-01.geo.kaspersky.com", 24};
    struct sighting *s = &b->sighting;
    struct flow_facts facts = {.app = APP_TLS};
    facts.tls.sni = name;
    facts.tls.has_client_hello = true;
    (void)ip_parse("192.168.0.1", &s->host);
    (void)ip_parse("94.75.236.123", &s->remote);
    struct attribution_input input = {.facts = &facts, .remote = &s->remote, .remote_port = 443, .protocol = 6};
    s->time = packet_time_from_sec(1700000000);
    s->name = name;
    s->name_source = NAME_TLS_SNI;
    s->remote_port = 443;
    s->flow.client = s->host;
    s->flow.server = s->remote;
    s->flow.start = s->flow.end = s->time;
    attribute(b->catalog, &input, &s->attribution);
    geo_judge(b->geo, &s->remote, &s->jurisdiction);
}

static void bench_finding(const char *root, const struct catalog *catalog, const char *geo_folder)
{
    static struct finding_bench b;
    static const struct feed_options json;
    char operators[4096], policies[4096];
    struct geo *geo;
    struct policy_set *set;
    struct error error;
    snprintf(operators, sizeof(operators), "%s/catalog/operators.yaml", root);
    snprintf(policies, sizeof(policies), "%s/catalog/jurisdictions", root);
    must(geo_open(&geo_folder, 1, operators, &geo, &error), &error);
    must(policy_set_load(policies, NULL, 0, NULL, &set, &error), &error);
    b.geo = geo;
    b.policies = set;
    b.catalog = catalog;
    for (uint32_t i = 0; i < ADDRESSES; i++) {
        uint32_t number = i * UINT32_C(2654435761); /* all over IPv4 */
        b.addresses[i] = ip_from_v4((const uint8_t[4]){(uint8_t)(1 + (number >> 24) % 223), (uint8_t)(number >> 16),
                                                       (uint8_t)(number >> 8), (uint8_t)number});
    }
    measure("look an address up: location and operator", 1 << 18, step_address, &b);
    make_sighting(&b);
    struct ledger_options options = {.sensor = "bench", .policies = set, .told = on_told, .context = &b};
    must(ledger_new(&options, &b.ledger), NULL);
    b.json = feed_format_json.open(&json);
    step_finding(&b, 0);
    measure("judge and take a sighting", 1 << 16, step_finding, &b);
    feed_format_json.close(b.json);
    ledger_free(b.ledger);
    policy_set_free(set);
    geo_close(geo);
}

int main(int argc, char **argv)
{
    static struct sample hello, initial, answer;
    char path[4096];
    struct catalog *catalog;
    struct error error;
    if (argc < 2) {
        fprintf(stderr, "usage: micro SOURCE_ROOT [GEO_FOLDER]\n");
        return 2;
    }
    find_sample(argv[1], "pcapplusplus__tls1_3.pcap", is_hello, &hello);
    find_sample(argv[1], "zeek__quicv2-echo-443.pcap", is_initial, &initial);
    find_sample(argv[1], "malcolm__db9f075c-7879-4957-923a-f79fac957a2d.pcap", is_dns_answer, &answer);
    bench_capture(&hello);
    bench_inspect("read a TLS ClientHello, with JA3 and JA4", &hello);
    bench_inspect("open a QUIC Initial", &initial);
    bench_inspect("read a DNS answer", &answer);
    snprintf(path, sizeof(path), "%s/catalog", argv[1]);
    must(catalog_load(path, &catalog, &error), &error);
    struct inspect_bench names = {.catalog = catalog};
    measure("match a name", 1 << 20, step_name, &names);
    snprintf(path, sizeof(path), "%s/tests/golden/geo", argv[1]);
    bench_finding(argv[1], catalog, argc > 2 ? argv[2] : path);
    catalog_free(catalog);
    return 0;
}
