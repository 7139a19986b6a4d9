#include "geo_helpers.h"

#include "paths/traceroute_internal.h"
#include "text_file_internal.h"

#define SAMPLE(name) TEST_DATA "/traceroute/" name

/** What was visited, one line a hop: "1 192.168.7.1=377 L16". */
struct told {
    char text[16384];
    size_t length;
    unsigned traceroutes;
};

static void say(struct told *told, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct told *told, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int written = vsnprintf(told->text + told->length, sizeof(told->text) - told->length, format, list);
    va_end(list);
    assert_true(written >= 0 && (size_t)written < sizeof(told->text) - told->length);
    told->length += (size_t)written;
}

static void say_address(struct told *told, const struct ip_address *address)
{
    char text[IP_TEXT_SIZE];
    ip_print(address, text);
    say(told, " %s", text);
}

static void tell(void *context, const struct traceroute *trace)
{
    struct told *told = context;
    told->traceroutes++;
    say(told, "to");
    say_address(told, &trace->target);
    say(told, " from");
    say_address(told, &trace->source);
    say(told, " at %lld step %u%s%s\n", (long long)trace->start_sec, trace->rtt_step_us,
        trace->reached ? " reached" : "", trace->target_is_last_hop ? " guessed" : "");
    for (unsigned i = 0; i < trace->hop_count; i++) {
        const struct trace_hop *hop = &trace->hops[i];
        say(told, "%u", hop->ttl);
        for (unsigned k = 0; k < hop->router_count; k++) {
            say_address(told, &hop->routers[k].address);
            say(told, "=%u", hop->routers[k].rtt_min_us);
        }
        for (unsigned k = 0; k < hop->label_count; k++)
            say(told, " L%u", hop->labels[k]);
        say(told, hop->has_more_routers ? " more\n" : "\n");
    }
}

static void ignore(void *context, const struct traceroute *trace)
{
    (void)context;
    assert_in_range(trace->hop_count, 1, TRACE_HOPS_MAX);
    for (unsigned i = 0; i < trace->hop_count; i++) {
        assert_true(trace->hops[i].router_count <= TRACE_ROUTERS_MAX);
        assert_true(trace->hops[i].label_count <= TRACE_LABELS_MAX);
        assert_true(i == 0 || trace->hops[i].ttl > trace->hops[i - 1].ttl);
    }
}

static enum status read_file(const char *path, trace_visit *visit, void *context, struct trace_report *ret_report,
                             struct error *error)
{
    struct text_file file;
    *ret_report = (struct trace_report){.kind = TRACE_UNKNOWN};
    enum status status = text_file_open(path, &file, error);
    if (status != STATUS_OK)
        return status;
    status = traceroute_read_bytes(path, file.text, visit, context, ret_report, error);
    text_file_close(&file);
    return status;
}

static struct told read_sample(const char *path, struct trace_report *ret_report)
{
    struct told told = {.length = 0};
    struct error error = {{0}};
    enum status status = read_file(path, tell, &told, ret_report, &error);
    if (status != STATUS_OK)
        print_error("%s\n", error.text);
    assert_int_equal(status, STATUS_OK);
    return told;
}

static enum status read_text(const char *text, struct told *ret, struct trace_report *ret_report, struct error *error)
{
    *ret = (struct told){.length = 0};
    *error = (struct error){{0}};
    return traceroute_read_bytes("file", text_of(text), tell, ret, ret_report, error);
}

static const struct {
    const char *path;
    enum trace_kind kind;
    unsigned named_only;
    const char *told;
} samples[] = {
    {SAMPLE("linux.txt"), TRACE_UNIX, 0,
     "to 203.0.113.80 from :: at 0 step 1 reached\n"
     "1 192.168.7.1=377\n2\n3 198.51.100.9=4120 198.51.100.13=3998\n4 192.0.2.17=9201 L24017 L18\n"
     "5 192.0.2.65=11000\n6 203.0.113.80=12301\n"},
    {SAMPLE("linux6.txt"), TRACE_UNIX, 0,
     "to 2001:db8:80::80 from 2001:db8:1::5 at 0 step 1\n1 fe80::1=410\n2 2001:db8:2::=24361\n3\n"},
    {SAMPLE("bsd.txt"), TRACE_UNIX, 0,
     "to 203.0.113.80 from :: at 0 step 1\n1 192.168.7.1=3118\n2 198.51.100.1=12522 198.51.100.5=13178\n"
     "3 192.0.2.1=20100 192.0.2.2=20200 192.0.2.3=20300 192.0.2.4=20400 more\n4\n"},
    {SAMPLE("junos.txt"), TRACE_UNIX, 0,
     "to 203.0.113.80 from :: at 0 step 1 reached\n1 198.51.100.1=450 L299792 L16\n2 203.0.113.80=1100\n"},
    {SAMPLE("iosxr.txt"), TRACE_UNIX, 0,
     "to 203.0.113.80 from :: at 0 step 1000\n1 192.168.0.1=1\n2 198.51.100.6=98000 198.51.100.97=97000\n"
     "3 192.0.2.38=236000 L16005 L24011\n4 192.0.2.66=0\n"},
    {SAMPLE("mtr-report.txt"), TRACE_MTR_REPORT, 1,
     "to 203.0.113.80 from :: at 1614561666 step 100 reached guessed\n1 192.168.7.1=3800\n2\n3 L24017\n"
     "4 192.0.2.9=17000 192.0.2.13=0\n5 203.0.113.80=20400\n"},
    {SAMPLE("mtr-old-report.txt"), TRACE_MTR_REPORT, 0,
     "to :: from :: at 0 step 100\n1 192.168.7.1=600\n2 198.51.100.1=1700\n3\n"},
    {SAMPLE("tracert.txt"), TRACE_TRACERT, 0,
     "to 203.0.113.80 from :: at 0 step 1000 reached\n1 192.168.7.1=1\n2 198.51.100.1=19000\n3\n4 198.51.100.9=9000\n"
     "5 203.0.113.80=76000\n"},
    {SAMPLE("tracert-de.txt"), TRACE_TRACERT, 0,
     "to 2001:db8:80::80 from :: at 0 step 1000 reached\n1 2001:db8:1::1=1\n2\n3 2001:db8:80::80=19000\n"},
    {SAMPLE("winmtr.txt"), TRACE_WINMTR, 1,
     "to 203.0.113.80 from :: at 0 step 1000 reached guessed\n1 192.168.7.1=1\n2\n3\n4 203.0.113.80=10000\n"},
    {SAMPLE("mtr.json"), TRACE_JSON, 1,
     "to 203.0.113.80 from :: at 0 step 10 reached guessed\n1 192.168.7.1=3650\n2\n3\n4 203.0.113.80=12110\n"},
    {SAMPLE("mtr-hops.json"), TRACE_JSON, 0,
     "to 203.0.113.80 from :: at 0 step 10 reached\n1 192.168.7.1=500\n2 203.0.113.80=1900\n"},
    {SAMPLE("atlas.jsonl"), TRACE_JSON, 0,
     "to 203.0.113.80 from 198.51.100.49 at 1340329190 step 1 reached\n1 192.168.1.1=2450\n"
     "2 198.51.100.1=9500 198.51.100.5=3011662 L674080 L16\n255\n"
     "to 2001:db8:80::80 from 2001:db8:1::68 at 1398180530 step 1\n1\n"
     "to 2001:db8:80::80 from 2001:db8:1::68 at 1600000000 step 1 reached\n1 2001:db8:1::1=1500\n"
     "2 2001:db8:80::80=8250\n"},
    {SAMPLE("mlab-trace.jsonl"), TRACE_JSON, 0,
     "to 91.189.88.142 from 192.168.144.2 at 1638999963 step 1 reached\n1 192.168.144.1=70\n2 100.97.99.252=3662\n"
     "3 100.96.216.1=7819\n4 100.123.0.49=648\n5 104.133.8.193=986\n6 209.85.175.20=1447\n7 108.170.242.254=2244\n"
     "10 209.85.243.176=3719\n11 72.14.223.90=2871\n12 4.69.140.198=135640\n13 212.187.137.18=135565\n"
     "14 91.189.88.142=135610\n"},
    {SAMPLE("mlab-tracelb-star.jsonl"), TRACE_JSON, 0,
     "to 2804:14d:1883:8632:f169:d644:5aec:79f1 from 2800:870:1000:10::139 at 1575164139 step 1\n"
     "1\n2\n3\n4\n5\n6\n7\n8\n9\n"},
    {SAMPLE("scamper-trace-v4.txt"), TRACE_SCAMPER_TEXT, 0,
     "to 8.8.8.8 from 137.194.165.109 at 0 step 1 reached\n1 137.194.164.254=1057\n2 137.194.22.119=955\n"
     "3 212.73.200.45=1443\n4 4.69.133.238=1556\n5 4.68.71.138=1507\n7 8.8.8.8=1969\n"},
    {SAMPLE("scamper-trace-v4.short.txt"), TRACE_SCAMPER_TEXT, 0,
     "to 8.8.8.8 from 137.194.165.109 at 0 step 1 reached\n1 137.194.164.254=1057\n2 137.194.22.119=955\n"
     "3 212.73.200.45=1443\n4 4.69.133.238=1556\n5 4.68.71.138=1507\n6\n7 8.8.8.8=1969\n"},
    {SAMPLE("scamper-tracelb-v4.txt"), TRACE_SCAMPER_TEXT, 0,
     "to 8.8.8.8 from 137.194.165.109 at 1644333288 step 1 reached\n1 137.194.164.254=0\n2 137.194.22.119=863\n"
     "3 212.73.200.45=1411\n4 4.69.133.234=1646 4.69.133.238=1802\n5 4.68.70.210=1663 4.68.71.138=1487\n6\n"
     "7 8.8.8.8=1853\n"},
    {SAMPLE("scamper-tracelb-v4.short.txt"), TRACE_SCAMPER_TEXT, 0,
     "to 8.8.8.8 from 137.194.165.109 at 0 step 1 reached\n1 137.194.164.254=0\n2 137.194.22.119=0\n"
     "3 212.73.200.45=0\n4 4.69.133.234=0 4.69.133.238=0\n5 4.68.70.210=0 4.68.71.138=0\n6\n7 8.8.8.8=0\n"},
};

enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

static void each_kind_is_read_to_the_full(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct trace_report report;

        struct told told = read_sample(samples[i].path, &report);

        assert_string_equal(told.text, samples[i].told);
        assert_int_equal(report.kind, samples[i].kind);
        assert_int_equal(report.traceroutes, told.traceroutes);
        assert_int_equal(report.named_only, samples[i].named_only);
    }
}

static void late_answers_and_other_records_of_atlas_are_counted(void **state)
{
    (void)state;
    struct trace_report report;

    read_sample(SAMPLE("atlas.jsonl"), &report);

    assert_int_equal(report.late_replies, 2);
    assert_int_equal(report.passed_over, 1); /* a ping */
    assert_int_equal(report.traceroutes, 3); /* one had no target to resolve, and no hop */
}

static bool has_tool(void)
{
    return access("/usr/bin/sc_warts2json", X_OK) == 0;
}

static void warts_are_what_scampers_text_says(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{SAMPLE("scamper-trace-v4.warts"), SAMPLE("scamper-trace-v4.txt")},
                                           {SAMPLE("scamper-tracelb-v4.warts"), SAMPLE("scamper-tracelb-v4.txt")}};
    if (!has_tool())
        skip();
    for (size_t i = 0; i < 2; i++) {
        struct trace_report report;

        struct told warts = read_sample(pairs[i][0], &report), text = read_sample(pairs[i][1], &report);

        const char *warts_hops = strchr(warts.text, '\n'), *text_hops = strchr(text.text, '\n'); /* text has no zone */
        assert_string_equal(warts_hops, text_hops);
        assert_non_null(strstr(warts.text, "to 8.8.8.8 from 137.194.165.109 at 16443"));
    }
}

static void warts_without_the_tool_say_what_to_install(void **state)
{
    (void)state;
    char *path = strdup(getenv("PATH"));
    struct trace_report report;
    struct error error;
    setenv("PATH", "/nowhere:relative:", 1);

    enum status status = read_file(SAMPLE("scamper-trace-v4.warts"), ignore, NULL, &report, &error);

    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(status, STATUS_UNSUPPORTED);
    assert_string_equal(error.text,
                        SAMPLE("scamper-trace-v4.warts") ": offset 0: warts are read by sc_warts2json, which "
                                                         "is not installed; install Debian's scamper "
                                                         "package");
}

static void warts_that_are_cut_name_the_offset(void **state)
{
    (void)state;
    static const char cut[] = "\x12\x05\x00\x01\x00\x00\x00\x1b";
    struct trace_report report;
    struct error error;

    enum status status = traceroute_read_bytes("file", (struct text){cut, 8}, ignore, NULL, &report, &error);

    assert_int_equal(status, STATUS_MALFORMED);
    assert_string_equal(error.text, "file: offset 0 is damaged or cut: 1 record refused, 0 traceroutes read");
}

struct sample_bytes {
    char *data;
    size_t length;
};

static struct sample_bytes load(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct sample_bytes ret = {malloc(1 << 16), 0};
    ret.length = fread(ret.data, 1, 1 << 16, file);
    fclose(file);
    return ret;
}

/** Good, or one sentence about a place in the file. */
static void must_read_or_say(const uint8_t *data, size_t length, struct told *told)
{
    struct trace_report report;
    struct error error = {{0}};
    uint64_t refused = 0;

    enum status status = traceroute_read_bytes("the file", (struct text){(const char *)data, length},
                                               told ? tell : ignore, told, &report, &error);

    for (unsigned i = 0; i < TRACE_REFUSAL_COUNT; i++)
        refused += report.refused[i];
    if (status == STATUS_OK) {
        assert_string_equal(error.text, "");
        assert_true(refused == 0 && report.traceroutes > 0);
        return;
    }
    assert_true(strncmp(error.text, "the file: line ", 15) == 0 || strncmp(error.text, "the file: offset ", 17) == 0);
    assert_null(strchr(error.text, '\n'));
    assert_true(status == STATUS_UNSUPPORTED || status == STATUS_MALFORMED || report.traceroutes > 0);
}

/** Every address that is told is one that the whole file has: none is shortened by the cut. */
static void assert_addresses_among(const char *told, const char *whole)
{
    char copy[16384];
    strcpy(copy, told);
    for (char *word = strtok(copy, " \n"); word != NULL; word = strtok(NULL, " \n")) {
        char *sign = strchr(word, '=');
        if (sign == NULL)
            continue;
        sign[1] = '\0';
        char wanted[80];
        snprintf(wanted, sizeof(wanted), " %s", word);
        if (strstr(whole, wanted) == NULL)
            print_error("%s\n", wanted);
        assert_non_null(strstr(whole, wanted));
    }
}

static void a_cut_file_gives_whole_hops_or_one_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sample_bytes bytes = load(samples[i].path);
        size_t step = bytes.length > 4096 ? 97 : 1;
        for (size_t length = 0; length < bytes.length; length += step) {
            struct guarded g = guarded_copy(bytes.data, length);
            struct told told = {.length = 0};

            must_read_or_say(g.data, length, &told);

            assert_addresses_among(told.text, samples[i].told);
            guarded_free(&g);
        }
        free(bytes.data);
    }
}

static void a_flipped_bit_gives_hops_or_one_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sample_bytes bytes = load(samples[i].path);
        struct guarded g = guarded_copy(bytes.data, bytes.length);
        for (size_t at = 0; at<bytes.length; at += bytes.length> 4096 ? 97 : 1) {
            uint8_t flip = (uint8_t)(1u << at % 8);
            g.data[at] ^= flip;

            must_read_or_say(g.data, g.length, NULL);

            g.data[at] ^= flip;
        }
        guarded_free(&g);
        free(bytes.data);
    }
}

static void damaged_warts_give_hops_or_one_sentence(void **state)
{
    (void)state;
    if (!has_tool())
        skip();
    struct sample_bytes bytes = load(SAMPLE("scamper-trace-v4.warts"));
    for (size_t at = 0; at < bytes.length; at += 29) {
        must_read_or_say((const uint8_t *)bytes.data, at, NULL);
        bytes.data[at] ^= 1;
        must_read_or_say((const uint8_t *)bytes.data, bytes.length, NULL);
        bytes.data[at] ^= 1;
    }
    free(bytes.data);
}

static void a_damaged_line_of_json_costs_itself_only(void **state)
{
    (void)state;
    static const char hop[] =
        "{\"type\":\"trace\",\"dst\":\"192.0.2.9\",\"hops\":[{\"addr\":\"192.0.2.1\",\"probe_ttl\":1}]}";
    char text[1024];
    struct told told;
    struct trace_report report;
    struct error error;
    snprintf(text, sizeof(text), "%s\n{\"type\":\"trace\",\"dst\":\"192.0\n%s\n{\"a\":1,,\n%s\n", hop, hop, hop);

    enum status status = read_text(text, &told, &report, &error);

    assert_int_equal(status, STATUS_TRUNCATED);
    assert_int_equal(told.traceroutes, 3);
    assert_int_equal(report.refused[TRACE_REFUSED_JSON], 2);
    assert_string_equal(error.text,
                        "file: line 2 is no JSON, or ends too early: 2 records refused, 3 traceroutes read");
}

static void an_array_of_results_is_read_as_well(void **state)
{
    (void)state;
    struct told told;
    struct trace_report report;
    struct error error;

    enum status status = read_text(
        "[{\"type\":\"trace\",\"dst\":\"192.0.2.9\",\"hops\":[{\"addr\":\"192.0.2.1\",\"probe_ttl\":1}]},\n"
        " {\"type\":\"trace\",\"dst\":\"192.0.2.9\",\"hops\":[{\"addr\":\"192.0.2.9\",\"probe_ttl\":1,\"icmpext\":"
        "[{\"ie_cn\":1,\"ie_ct\":1,\"mpls_labels\":[{\"mpls_ttl\":1,\"mpls_label\":17}]}]}]}]",
        &told, &report, &error);

    assert_int_equal(status, STATUS_OK);
    assert_string_equal(told.text, "to 192.0.2.9 from :: at 0 step 1\n1 192.0.2.1=0\n"
                                   "to 192.0.2.9 from :: at 0 step 1 reached\n1 192.0.2.9=0 L17\n");
}

static void several_reports_in_one_file_are_several_traceroutes(void **state)
{
    (void)state;
    struct told told;
    struct trace_report report;
    struct error error;

    enum status status = read_text("traceroute to 192.0.2.9 (192.0.2.9), 30 hops max\n 1  192.0.2.1  1.0 ms\n$ \n"
                                   "traceroute to 192.0.2.8 (192.0.2.8), 30 hops max\n 1  192.0.2.8  2.0 ms\n"
                                   " 1  192.0.2.5 3 msec\n",
                                   &told, &report, &error);

    assert_int_equal(status, STATUS_OK);
    assert_string_equal(told.text, "to 192.0.2.9 from :: at 0 step 1\n1 192.0.2.1=1000\n"
                                   "to 192.0.2.8 from :: at 0 step 1 reached\n1 192.0.2.8=2000\n"
                                   "to 192.0.2.5 from :: at 0 step 1000 reached guessed\n1 192.0.2.5=3000\n");
}

static const struct {
    const char *text;
    enum trace_refusal refusal;
    const char *sentence;
} refusals[] = {
    {"traceroute to 192.0.2.9 (192.0.2.9), 30 hops\n 2  192.0.2.1  1.0 ms\n 2  192.0.2.3  1.0 ms\n", TRACE_REFUSED_HOP,
     "file: line 3 has no hop number, or one that does not rise: 1 record refused, 1 traceroute read"},
    {"traceroute to 192.0.2.9 (192.0.2.9), 30 hops\n 1  192.0.2.1  1.0 ms  192.0.2.3\n", TRACE_REFUSED_CUT,
     "file: line 2 ends too early: 1 record refused, 1 traceroute read"},
    {"traceroute to nowhere, 30 hops\n 1  192.0.2.1  1.0 ms\n", TRACE_REFUSED_ADDRESS,
     "file: line 1 has no address where one is wanted: 1 record refused, 1 traceroute read"},
    {"traceroute to 192.0.2.9 (192.0.2.9), 30 hops\n    192.0.2.1  1.0 ms\n", TRACE_REFUSED_LINE,
     "file: line 2 makes no sense here: 1 record refused, 0 traceroutes read"},
    {"{\"type\":\"traceroute\"}", TRACE_REFUSED_FIELD,
     "file: line 1 lacks a field that a traceroute must have: 1 record refused, 0 traceroutes read"},
};

static void what_is_refused_is_counted_by_reason_and_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct told told;
        struct trace_report report;
        struct error error;

        enum status status = read_text(refusals[i].text, &told, &report, &error);

        assert_string_equal(error.text, refusals[i].sentence);
        assert_int_equal(report.refused[refusals[i].refusal], 1);
        assert_int_equal(status, told.traceroutes > 0 ? STATUS_TRUNCATED : STATUS_MALFORMED);
    }
}

static void more_hops_than_there_is_room_for_are_counted(void **state)
{
    (void)state;
    char text[8192] = "traceroute to 192.0.2.9 (192.0.2.9), 99 hops max\n";
    size_t length = strlen(text);
    struct told told;
    struct trace_report report;
    struct error error;
    for (unsigned ttl = 1; ttl <= 70; ttl++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%2u  192.0.2.1  1.0 ms\n", ttl);

    enum status status = read_text(text, &told, &report, &error);

    assert_int_equal(status, STATUS_TRUNCATED);
    assert_int_equal(report.refused[TRACE_REFUSED_HOPS], 6);
    assert_non_null(strstr(error.text, "line 66 has more than 64 hops"));
}

static void long_lines_and_values_are_refused(void **state)
{
    (void)state;
    size_t length = TRACE_LINE_BYTES_MAX + 100;
    char *text = malloc(length + 200);
    struct trace_report report;
    struct error error;
    static const char head[] = "traceroute to 192.0.2.9 (192.0.2.9), 99 hops max\n 1  192.0.2.1  1.0 ms\n";
    size_t at = strlen(strcpy(text, head));
    memset(text + at, ' ', length);

    assert_int_equal(traceroute_read_bytes("file", (struct text){text, at + length}, ignore, NULL, &report, &error),
                     STATUS_TRUNCATED);
    assert_string_equal(error.text, "file: line 3 is longer than 4 MiB: 1 record refused, 1 traceroute read");
    memset(text, ' ', length);
    memcpy(text, "{\"a\":[", 6);
    assert_int_equal(traceroute_read_bytes("file", (struct text){text, length}, ignore, NULL, &report, &error),
                     STATUS_MALFORMED);
    assert_int_equal(report.refused[TRACE_REFUSED_LONG], 1);
    free(text);
}

static void what_is_no_traceroute_is_said_so(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "hello\n", "1 2 3\n", "\xef\xbb\xbf", "%PDF-1.4\n1 0 obj\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct told told;
        struct trace_report report;
        struct error error;

        assert_int_equal(read_text(texts[i], &told, &report, &error), STATUS_UNSUPPORTED);
        assert_string_equal(error.text, "file: offset 0: no traceroute of a kind known here (mtr, RIPE Atlas, scamper, "
                                        "traceroute, tracert, WinMTR)");
    }
}

static void json_of_something_else_holds_no_traceroute(void **state)
{
    (void)state;
    struct told told;
    struct trace_report report;
    struct error error;

    assert_int_equal(read_text("{\"a\":1}", &told, &report, &error), STATUS_MALFORMED);
    assert_string_equal(error.text, "file: line 1: no traceroute in this file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_read_to_the_full),
        cmocka_unit_test(late_answers_and_other_records_of_atlas_are_counted),
        cmocka_unit_test(warts_are_what_scampers_text_says),
        cmocka_unit_test(warts_without_the_tool_say_what_to_install),
        cmocka_unit_test(warts_that_are_cut_name_the_offset),
        cmocka_unit_test(a_cut_file_gives_whole_hops_or_one_sentence),
        cmocka_unit_test(a_flipped_bit_gives_hops_or_one_sentence),
        cmocka_unit_test(damaged_warts_give_hops_or_one_sentence),
        cmocka_unit_test(a_damaged_line_of_json_costs_itself_only),
        cmocka_unit_test(an_array_of_results_is_read_as_well),
        cmocka_unit_test(several_reports_in_one_file_are_several_traceroutes),
        cmocka_unit_test(what_is_refused_is_counted_by_reason_and_line),
        cmocka_unit_test(more_hops_than_there_is_room_for_are_counted),
        cmocka_unit_test(long_lines_and_values_are_refused),
        cmocka_unit_test(what_is_no_traceroute_is_said_so),
        cmocka_unit_test(json_of_something_else_holds_no_traceroute),
    };
    return cmocka_run_group_tests_name("geo/traceroute", tests, NULL, NULL);
}
