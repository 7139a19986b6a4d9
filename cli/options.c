/*
 * One table gives the command line, the configuration file (-c: the same names without dashes) and the help text.
 */
#include <getopt.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "nearest_word.h"
#include "yaml_reader.h"

enum option_kind {
    OPTION_FLAG,
    OPTION_COUNT,
    OPTION_TEXT,
    OPTION_LIST,
    OPTION_COMMA_LIST,
    OPTION_SEVERITY,
    OPTION_NUMBER,
    OPTION_COUNT_OF,
    OPTION_MIB,
    OPTION_ASN
};

struct option_row {
    const char *name;
    char letter; /* 0: none */
    enum option_kind kind;
    size_t offset;
    const char *argument, *description;
};

#define AT(field) offsetof(struct options, field)

static const struct option_row rows[] = {
    {"home-net", 0, OPTION_TEXT, AT(home_net), "CIDR[,...]",
     "your own networks; default: private, ULA and link-local ranges"},
    {"policy", 0, OPTION_COMMA_LIST, AT(policies), "NAME|FILE[,...]",
     "policies; default: us-foreign-adversaries,us-kaspersky"},
    {"flag", 0, OPTION_TEXT, AT(flag), "CC[,...]", "countries of concern, on every axis, beside the policies"},
    {"catalog", 0, OPTION_TEXT, AT(catalog), "DIR", "the product catalogue and policies"},
    {"geo", 0, OPTION_LIST, AT(geo), "PATH", "location, ASN and registration data; repeatable"},
    {"paths", 0, OPTION_LIST, AT(paths), "FILE",
     "routing table or updates in MRT, traceroutes of this site, exchanges of PeeringDB; repeatable, in order of time"},
    {"rib-peer", 0, OPTION_TEXT, AT(rib_peer), "AS|ADDRESS|any", "the peer in the tables that is our own router"},
    {"upstream-asn", 0, OPTION_ASN, AT(upstream_asn), "ASN", "our upstream, whose full feed a public table holds"},
    {"trace-from", 0, OPTION_TEXT, AT(trace_from), "ADDRESS[,...]",
     "public addresses that traceroutes of this site begin at, beside --home-net"},
    {"format", 0, OPTION_TEXT, AT(format), "NAME", "what goes to standard output: text (default), json"},
    {"output", 0, OPTION_LIST, AT(outputs), "URL",
     "a further feed, file:PATH?format=json&min-severity=low; repeatable"},
    {"flows", 0, OPTION_FLAG, AT(flows), NULL, "a record for every flow"},
    {"health", 0, OPTION_FLAG, AT(health), NULL,
     "a record for what the sensor does not see, or may be wrong about; watch always has them"},
    {"metrics", 0, OPTION_TEXT, AT(metrics), "ADDRESS",
     "watch: serve metrics at 127.0.0.1:9464, [::1]:9464 or unix:PATH; default: nowhere"},
    {"min-severity", 0, OPTION_SEVERITY, AT(min_severity), "LEVEL",
     "info, low, medium, high or critical; text: medium, json: all"},
    {"store", 0, OPTION_TEXT, AT(store), "FILE",
     "keep the findings in it from run to run: nothing is opened twice, counters go on"},
    {"accepted", 0, OPTION_FLAG, AT(accepted), NULL, "text: show findings somebody answers for, too"},
    {"fail-on", 0, OPTION_SEVERITY, AT(fail_on), "LEVEL", "exit 3 when a finding is this severe or worse"},
    {"sensor", 0, OPTION_TEXT, AT(sensor), "NAME", "this sensor's name in the records; default: the host's name"},
    {"sensor-pos", 0, OPTION_TEXT, AT(sensor_pos), "LAT,LON,RADIUS_KM",
     "where the sensor stands, to within a radius: short round trips then refute places; no default"},
    {"workers", 0, OPTION_COUNT_OF, AT(workers), "N",
     "threads; default: as many as the machine has processors, at most 8"},
    {"max-flows", 0, OPTION_NUMBER, AT(max_flows), "N", "flows tracked at once; default 2097152"},
    {"interface", 'i', OPTION_COMMA_LIST, AT(interfaces), "NAME[,...]", "watch: the interfaces to listen to"},
    {"filter", 0, OPTION_TEXT, AT(filter), "EXPRESSION", "watch: only packets that pass it, as in pcap-filter(7)"},
    {"ring-mib", 0, OPTION_MIB, AT(ring_mib), "N",
     "watch: memory of each interface's ring, where packets wait for us; default 64"},
    {"user", 0, OPTION_TEXT, AT(user), "NAME",
     "watch: whom root becomes once all is open; default: bordertap if there is one, else nobody"},
    {"no-sandbox", 0, OPTION_COMMA_LIST, AT(no_sandbox), "STEP[,...]",
     "watch: rights that are kept all the same: user, landlock, seccomp, all"},
    {"check", 'n', OPTION_FLAG, AT(check), NULL, "watch: only look whether options, files and interfaces are right"},
    {"severity", 0, OPTION_SEVERITY, AT(severity), "LEVEL", "findings list: this severe or worse; default medium"},
    {"host", 0, OPTION_TEXT, AT(host), "ADDRESS", "findings list: of this host"},
    {"product", 0, OPTION_TEXT, AT(product), "ID", "findings list: of this product or vendor"},
    {"all", 0, OPTION_FLAG, AT(all), NULL, "findings list: every one, closed ones too"},
    {"owner", 0, OPTION_TEXT, AT(owner), "NAME", "findings accept: who answers for it"},
    {"reason", 0, OPTION_TEXT, AT(reason), "TEXT", "findings accept: why"},
    {"until", 0, OPTION_TEXT, AT(until), "YYYY-MM-DD", "findings accept: its last day, UTC, at most a year away"},
    {"withdraw", 0, OPTION_FLAG, AT(withdraw), NULL, "findings accept: ends the exception now"},
    {"config", 'c', OPTION_TEXT, AT(config), "FILE", "YAML file with any of these options; the command line wins"},
    {"quiet", 'q', OPTION_FLAG, AT(quiet), NULL, "no progress, no notes on stderr"},
    {"verbose", 'v', OPTION_COUNT, AT(verbose), NULL, "name the first packet of each kind of refusal"},
    {"help", 'h', OPTION_FLAG, AT(help), NULL, "this text"},
};

enum {
    ROW_COUNT = sizeof(rows) / sizeof(rows[0]),
    ROW_BASE = 256, /* getopt_long() gives a row as this and its index: no letter is so high */
};

static void *field(struct options *options, const struct option_row *row)
{
    return (char *)options + row->offset;
}

static bool list_add(struct string_list *list, const char *value, const char *name, const char *from)
{
    if (list->count == LIST_MAX) {
        complain("%s--%s is given more than %d times", from, name, LIST_MAX);
        return false;
    }
    list->items[list->count++] = value;
    return true;
}

static bool list_add_commas(struct options *options, struct string_list *list, const char *value, const char *name,
                            const char *from)
{
    char *copy = options->copy_count < LIST_MAX ? strdup(value) : NULL, *rest = copy;
    if (copy == NULL) {
        complain("%s--%s is given more than %d times", from, name, LIST_MAX);
        return false;
    }
    options->copies[options->copy_count++] = copy;
    for (char *item; (item = strsep(&rest, ",")) != NULL;)
        if (*item != '\0' && !list_add(list, item, name, from))
            return false;
    return true;
}

static bool set_number(const char *name, const char *value, const char *from, unsigned long low, unsigned long high,
                       unsigned long *ret)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || number < low || number > high) {
        complain("%s--%s: '%s' is no number from %lu to %lu", from, name, value, low, high);
        return false;
    }
    *ret = number;
    return true;
}

static bool set_asn(const char *name, const char *value, const char *from, unsigned long *ret)
{
    bool has_letters = (value[0] == 'A' || value[0] == 'a') && (value[1] == 'S' || value[1] == 's');
    return set_number(name, has_letters ? value + 2 : value, from, 1, UINT32_MAX, ret);
}

static bool set_severity(const char *name, const char *value, const char *from, enum severity *ret)
{
    if (severity_parse(value, ret))
        return true;
    complain("%s--%s: '%s' is no level; give info, low, medium, high or critical", from, name, value);
    return false;
}

/* @param from where it stands, for complaints: "" on the command line, "FILE:LINE: " in a configuration. */
static bool set_option(struct options *options, const struct option_row *row, const char *value, const char *from)
{
    void *at = field(options, row);
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)at = true;
        return true;
    case OPTION_COUNT:
        ++*(unsigned *)at;
        return true;
    case OPTION_TEXT:
        *(const char **)at = value;
        return true;
    case OPTION_LIST:
        return list_add(at, value, row->name, from);
    case OPTION_COMMA_LIST:
        return list_add_commas(options, at, value, row->name, from);
    case OPTION_SEVERITY:
        return set_severity(row->name, value, from, at);
    case OPTION_NUMBER:
        return set_number(row->name, value, from, 16, 1UL << 28, at);
    case OPTION_COUNT_OF:
        return set_number(row->name, value, from, 1, 64, at);
    case OPTION_MIB:
        return set_number(row->name, value, from, 1, LIVE_RING_MIB_MAX, at);
    case OPTION_ASN:
        return set_asn(row->name, value, from, at);
    }
    return false;
}

static bool is_set(struct options *options, const struct option_row *row)
{
    const void *at = field(options, row);
    switch (row->kind) {
    case OPTION_FLAG:
        return *(const bool *)at;
    case OPTION_COUNT:
        return *(const unsigned *)at > 0;
    case OPTION_TEXT:
        return *(const char *const *)at != NULL;
    case OPTION_LIST:
    case OPTION_COMMA_LIST:
        return ((const struct string_list *)at)->count > 0;
    case OPTION_SEVERITY:
        return *(const enum severity *)at != SEVERITY_NONE;
    case OPTION_NUMBER:
    case OPTION_COUNT_OF:
    case OPTION_MIB:
    case OPTION_ASN:
        return *(const unsigned long *)at != 0;
    }
    return false;
}

static const char *nearest_option(const char *wrong)
{
    const char *names[ROW_COUNT + 1] = {NULL};
    for (int i = 0; i < ROW_COUNT; i++)
        names[i] = rows[i].name;
    return nearest_word(wrong, names);
}

static const struct option_row *find_row(const char *name)
{
    for (int i = 0; i < ROW_COUNT; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static bool is_yes(const char *word)
{
    return strcmp(word, "true") == 0 || strcmp(word, "yes") == 0;
}

static bool set_from_node(struct options *options, const struct option_row *row, const struct yaml_node *value,
                          const char *path)
{
    bool is_list = row->kind == OPTION_LIST || row->kind == OPTION_COMMA_LIST;
    bool is_switch = row->kind == OPTION_FLAG || row->kind == OPTION_COUNT;
    char from[512];
    snprintf(from, sizeof(from), "%.480s:%u: ", path, value->line);
    if (value->kind == YAML_SEQUENCE && is_list) {
        for (size_t i = 0; i < value->count; i++)
            if (value->items[i]->kind != YAML_SCALAR) {
                complain("%s:%u: '%s' takes a list of words", path, value->items[i]->line, row->name);
                return false;
            } else if (!set_option(options, row, value->items[i]->scalar, from)) {
                return false;
            }
        return true;
    }
    if (value->kind != YAML_SCALAR || (is_switch && !is_yes(value->scalar) && strcmp(value->scalar, "false") != 0 &&
                                       strcmp(value->scalar, "no") != 0)) {
        complain("%s:%u: '%s' takes %s", path, value->line, row->name, is_switch ? "true or false" : "one word");
        return false;
    }
    if (is_switch && !is_yes(value->scalar))
        return true;
    return set_option(options, row, value->scalar, from);
}

static void refuse_key(const char *path, const struct yaml_node *key)
{
    const char *near = nearest_option(key->scalar);
    if (find_row(key->scalar) != NULL)
        complain("%s:%u: '%s' has its place on the command line only", path, key->line, key->scalar);
    else if (near != NULL)
        complain("%s:%u: unknown key '%s'; did you mean '%s'?", path, key->line, key->scalar, near);
    else
        complain("%s:%u: unknown key '%s'; the keys are the long options without dashes", path, key->line, key->scalar);
}

static bool read_config(struct options *options)
{
    struct error error;
    if (yaml_read(options->config, &options->config_file, &error) != STATUS_OK) {
        complain("%s", error.text);
        return false;
    }
    const struct yaml_node *root = yaml_root(options->config_file);
    if (root->kind != YAML_MAPPING) {
        complain("%s:%u: a configuration is lines of `option: value`", options->config, root->line);
        return false;
    }
    bool was_set[ROW_COUNT];
    for (int i = 0; i < ROW_COUNT; i++)
        was_set[i] = is_set(options, &rows[i]);
    for (size_t i = 0; i < root->count; i++) {
        const struct yaml_node *key = root->items[2 * i], *value = root->items[2 * i + 1];
        const struct option_row *row = find_row(key->scalar);
        if (row == NULL || row->offset == AT(config) || row->offset == AT(help) || row->offset == AT(check)) {
            refuse_key(options->config, key);
            return false;
        }
        if (!was_set[row - rows] && !set_from_node(options, row, value, options->config))
            return false;
    }
    return true;
}

/* The row that getopt_long() means; NULL for a letter that is none. */
static const struct option_row *row_of(int got)
{
    if (got >= ROW_BASE)
        return &rows[got - ROW_BASE];
    for (int i = 0; i < ROW_COUNT; i++)
        if (rows[i].letter != 0 && rows[i].letter == got)
            return &rows[i];
    return NULL;
}

/* What getopt_long() stumbled over: optopt is the letter or the row, 0 for a long name it does not know. */
static void refuse_option(bool is_value_missing, const char *word)
{
    const struct option_row *row = row_of(optopt);
    if (row != NULL && is_value_missing) {
        complain("--%s needs a value: %s, %s", row->name, row->argument, row->description);
    } else if (row != NULL) {
        complain("--%s takes no value", row->name);
    } else if (optopt != 0) {
        complain("unknown option '-%c'; `bordertap --help` lists them", optopt);
    } else {
        char name[64];
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
        const char *near = nearest_option(name);
        complain("unknown option '%s'%s%s%s", word, near ? "; did you mean '--" : "; `bordertap --help` lists them",
                 near ? near : "", near ? "'?" : "");
    }
}

bool options_parse(int argc, char **argv, struct options *ret)
{
    struct option long_options[ROW_COUNT + 1];
    char letters[2 * ROW_COUNT + 2] = ":", *at = letters + 1;
    memset(long_options, 0, sizeof(long_options));
    for (int i = 0; i < ROW_COUNT; i++) {
        int takes = rows[i].argument ? required_argument : no_argument;
        long_options[i] = (struct option){rows[i].name, takes, NULL, ROW_BASE + i};
        if (rows[i].letter != 0) {
            *at++ = rows[i].letter;
            if (takes == required_argument)
                *at++ = ':';
        }
    }
    *at = '\0';
    *ret = (struct options){0};
    opterr = 0;
    for (int got; (got = getopt_long(argc, argv, letters, long_options, NULL)) != -1;) {
        const struct option_row *row = row_of(got);
        if (row == NULL) {
            refuse_option(got == ':', argv[optind - 1]);
            return false;
        }
        if (!set_option(ret, row, optarg, ""))
            return false;
    }
    ret->argument_count = argc - optind;
    ret->arguments = argv + optind;
    return ret->config == NULL || read_config(ret);
}

void options_clear(struct options *options)
{
    for (size_t i = 0; i < options->copy_count; i++)
        free(options->copies[i]);
    yaml_close(options->config_file);
    *options = (struct options){0};
}

void options_print(FILE *stream)
{
    for (int i = 0; i < ROW_COUNT; i++) {
        char left[64];
        char letter[8] = "    ";
        if (rows[i].letter != 0)
            snprintf(letter, sizeof(letter), "-%c, ", rows[i].letter);
        snprintf(left, sizeof(left), "%s--%s %s", letter, rows[i].name, rows[i].argument ? rows[i].argument : "");
        fprintf(stream, "  %-34s %s\n", left, rows[i].description);
    }
    fprintf(stream,
            "\nexit: 0 done, 1 the run failed or input was damaged, 2 usage, 3 a finding at or above --fail-on\n");
}
