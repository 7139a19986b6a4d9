#include "paths/ixp_internal.h"

#include <stdlib.h>
#include <string.h>

#include "paths/json_internal.h"
#include "text_file_internal.h"

struct ixp_network {
    struct ip_prefix prefix;
    uint32_t ixlan;
};

struct ixp_table {
    size_t count, room;
    struct ixp_network *networks; /* sorted once all are read, none inside another */
};

const char *ixp_refusal_text(enum ixp_refusal refusal)
{
    switch (refusal) {
    case IXP_REFUSED_PREFIX:
        return "bad_prefix";
    case IXP_REFUSED_PROTOCOL:
        return "bad_protocol";
    case IXP_REFUSED_WIDE:
        return "too_wide";
    case IXP_REFUSED_FULL:
        return "too_many";
    case IXP_REFUSAL_COUNT:
        break;
    }
    return "";
}

static struct text behind(struct text bytes, const char *at)
{
    return (struct text){at, (size_t)(bytes.data + bytes.length - at)};
}

static struct text without_blanks(struct text t)
{
    while (t.length > 0 && t.data[0] != '\0' && strchr(" \t\r\n", t.data[0]) != NULL)
        t = (struct text){t.data + 1, t.length - 1};
    return t;
}

/**
 * What stands behind the key "ixpfx". Inside a string of JSON its closing quote would have a backslash before it, so
 * this is a key wherever a colon follows. A whole dump is a hundred megabytes: only this part is made into values.
 */
static bool find_section(struct text bytes, struct text *ret)
{
    static const char key[] = "\"ixpfx\"";
    const char *found;
    for (struct text rest = bytes;
         rest.length > 0 && (found = memmem(rest.data, rest.length, key, sizeof(key) - 1)) != NULL;) {
        rest = behind(bytes, found + sizeof(key) - 1);
        struct text value = without_blanks(rest);
        if (value.length == 0 || value.data[0] != ':')
            continue;
        *ret = without_blanks((struct text){value.data + 1, value.length - 1});
        return true;
    }
    return false;
}

/** The API's answer to a question for ixpfx alone has no such key. */
static bool is_api_answer(struct text bytes)
{
    size_t length = bytes.length < 4096 ? bytes.length : 4096;
    return bytes.length > 0 && memmem(bytes.data, length, "\"ixlan_id\"", 10) != NULL &&
           memmem(bytes.data, length, "\"data\"", 6) != NULL && memmem(bytes.data, length, "\"prefix\"", 8) != NULL;
}

static bool starts_as_json(struct text bytes)
{
    struct text start = without_blanks(bytes);
    return start.length > 0 && start.data[0] == '{';
}

bool ixp_is_dump(struct text bytes)
{
    struct text unused;
    return starts_as_json(bytes) && (find_section(bytes, &unused) || is_api_answer(bytes));
}

static uint64_t line_number(struct text bytes, const char *at)
{
    uint64_t number = 1;
    for (const char *from = bytes.data; from < at && (from = memchr(from, '\n', (size_t)(at - from))) != NULL; from++)
        number++;
    return number;
}

static bool table_add(struct ixp_table *table, struct ixp_network network)
{
    if (table->count == table->room) {
        size_t room = table->room ? table->room * 2 : 1024;
        struct ixp_network *larger = realloc(table->networks, room * sizeof(*larger));
        if (larger == NULL)
            return false;
        table->networks = larger;
        table->room = room;
    }
    table->networks[table->count++] = network;
    return true;
}

static bool protocol_fits(const char *protocol, bool is_v4)
{
    return protocol == NULL || strcmp(protocol, is_v4 ? "IPv4" : "IPv6") == 0;
}

enum { V4_SHORTEST = 96 + 8, V6_SHORTEST = 16 };

/** @return false: no memory. */
static bool read_record(struct ixp_table *table, const struct json_t *record, struct ixp_report *report)
{
    const char *status = value_string(value_member(record, "status"));
    const char *written = value_string(value_member(record, "prefix"));
    struct ixp_network network = {.ixlan = 0};
    uint64_t ixlan;
    if (status != NULL && strcmp(status, "ok") != 0) {
        report->passed_over++; /* deleted, or not yet approved */
        return true;
    }
    if (written == NULL || ip_prefix_parse(written, &network.prefix, NULL) != STATUS_OK) {
        report->refused[IXP_REFUSED_PREFIX]++;
        return true;
    }
    bool is_v4 = ip_is_v4(&network.prefix.base) && network.prefix.length >= 96;
    if (!is_v4 && network.prefix.base.octets[0] >> 5 != 1) { /* global unicast is 2000::/3 */
        report->refused[IXP_REFUSED_PREFIX]++;
        return true;
    }
    if (!protocol_fits(value_string(value_member(record, "protocol")), is_v4)) {
        report->refused[IXP_REFUSED_PROTOCOL]++;
        return true;
    }
    if (network.prefix.length < (is_v4 ? V4_SHORTEST : V6_SHORTEST)) {
        report->refused[IXP_REFUSED_WIDE]++;
        return true;
    }
    if (table->count == IXP_PREFIXES_MAX) {
        report->refused[IXP_REFUSED_FULL]++;
        return true;
    }
    if (value_whole(value_member(record, "ixlan_id"), UINT32_MAX, &ixlan))
        network.ixlan = (uint32_t)ixlan;
    report->prefixes++;
    return table_add(table, network);
}

static int compare_networks(const void *a, const void *b)
{
    const struct ixp_network *x = a, *y = b;
    int order = ip_compare(&x->prefix.base, &y->prefix.base);
    return order != 0 ? order : (x->prefix.length > y->prefix.length) - (x->prefix.length < y->prefix.length);
}

/** Sorts, and leaves out what lies inside the one before. */
static void table_seal(struct ixp_table *table)
{
    size_t kept = 0;
    if (table->count > 0)
        qsort(table->networks, table->count, sizeof(table->networks[0]), compare_networks);
    for (size_t i = 0; i < table->count; i++)
        if (kept == 0 || !ip_in_prefix(&table->networks[i].prefix.base, &table->networks[kept - 1].prefix))
            table->networks[kept++] = table->networks[i];
    table->count = kept;
}

static uint64_t refused_in_all(const struct ixp_report *report)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < IXP_REFUSAL_COUNT; i++)
        sum += report->refused[i];
    return sum;
}

/** @param line of the first record that was refused. */
static enum status read_records(const char *name, struct ixp_table *table, const struct json_t *records, uint64_t line,
                                struct ixp_report *report, struct error *error)
{
    size_t first = 0;
    for (size_t i = 0; i < value_count(records); i++) {
        if (!read_record(table, value_item(records, i), report))
            return error_set(error, STATUS_NO_MEMORY, "%s: cannot be read: no memory", name);
        if (first == 0 && refused_in_all(report) > 0)
            first = i + 1;
    }
    table_seal(table);
    if (table->count == 0)
        return error_set(error, STATUS_MALFORMED, "%s: line %llu: its ixpfx hold no usable prefix", name,
                         (unsigned long long)line);
    if (first == 0)
        return STATUS_OK;
    return error_set(error, STATUS_TRUNCATED,
                     "%s: line %llu: %llu of %zu ixpfx refused, the first is record %zu: no prefix, or one that does "
                     "not fit its protocol",
                     name, (unsigned long long)line, (unsigned long long)refused_in_all(report), value_count(records),
                     first);
}

/** The part as values; @p ret_value is the caller's. */
static enum status load_section(const char *name, struct text bytes, struct json_t **ret_value, uint64_t *ret_line,
                                struct error *error)
{
    struct text section = without_blanks(bytes);
    if (!ixp_is_dump(bytes))
        return error_set(error, STATUS_MALFORMED, "%s: line 1: no dump of PeeringDB: JSON with \"ixpfx\" is wanted",
                         name);
    find_section(bytes, &section);
    *ret_line = line_number(bytes, section.data);
    switch (value_first(section, ret_value)) {
    case JSON_VALUE:
        return STATUS_OK;
    case JSON_TOO_LONG:
        return error_set(error, STATUS_UNSUPPORTED, "%s: line %llu: ixpfx is longer than 4 MiB", name,
                         (unsigned long long)*ret_line);
    case JSON_DAMAGED:
    case JSON_END:
        break;
    }
    return error_set(error, STATUS_MALFORMED, "%s: line %llu: ixpfx is no JSON, or ends too early", name,
                     (unsigned long long)*ret_line);
}

enum status ixp_table_read_bytes(const char *name, struct text bytes, struct ixp_table **ret,
                                 struct ixp_report *ret_report, struct error *error)
{
    uint64_t line = 1;
    struct json_t *section = NULL;
    *ret = NULL;
    *ret_report = (struct ixp_report){0};
    enum status status = load_section(name, bytes, &section, &line, error);
    if (status != STATUS_OK)
        return status;
    struct ixp_table *table = calloc(1, sizeof(*table));
    status = table ? read_records(name, table, value_member(section, "data"), line, ret_report, error)
                   : error_set(error, STATUS_NO_MEMORY, "%s: cannot be read: no memory", name);
    value_free(section);
    if (status < 0)
        ixp_table_free(table);
    else
        *ret = table;
    return status;
}

void ixp_table_free(struct ixp_table *table)
{
    if (table == NULL)
        return;
    free(table->networks);
    free(table);
}

bool ixp_contains(const struct ixp_table *table, const struct ip_address *address, uint32_t *ret_ixlan)
{
    size_t low = 0, high = table ? table->count : 0;
    while (low < high) { /* the last one that starts at or before the address */
        size_t middle = low + (high - low) / 2;
        if (ip_compare(&table->networks[middle].prefix.base, address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || !ip_in_prefix(address, &table->networks[low - 1].prefix))
        return false;
    if (ret_ixlan != NULL)
        *ret_ixlan = table->networks[low - 1].ixlan;
    return true;
}
