/*
 * One row of `indicators:`: one kind with one value or a list of values, and what is said of all of them. Every value
 * becomes an indicator of its own, with its own line.
 */
#include <stdlib.h>

#include "catalog_internal.h"
#include "decoded.h"

struct row {
    struct catalog_entry common; /* what all values share */
    const struct yaml_node *values;
};

static const char *const other_keys[] = {"product", "purpose", "source", "exclusive", "unconfirmed",
                                         "mixed",   "ports",   "host",   "note",      NULL};

static bool is_other_key(const char *key)
{
    for (size_t i = 0; other_keys[i] != NULL; i++)
        if (strcmp(other_keys[i], key) == 0)
            return true;
    return false;
}

static bool find_kind(struct catalog_reader *r, const struct yaml_node *node, struct row *row)
{
    row->values = NULL;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->items[2 * i];
        if (is_other_key(key->scalar))
            continue;
        unsigned kind = 0;
        while (kind < INDICATOR_KIND_COUNT && strcmp(indicator_kind_text((enum indicator_kind)kind), key->scalar) != 0)
            kind++;
        if (kind == INDICATOR_KIND_COUNT || row->values != NULL) {
            reader_problem(r, key->line, true,
                           kind == INDICATOR_KIND_COUNT ? "an indicator has no field '%.60s'"
                                                        : "field '%.60s': one kind of indicator a row",
                           key->scalar);
            return false;
        }
        row->common.indicator.kind = (enum indicator_kind)kind;
        row->values = node->items[2 * i + 1];
    }
    if (row->values == NULL)
        reader_problem(r, node->line, true, "the row has no indicator (domain, suffix, http-path ...)");
    return row->values != NULL;
}

static bool read_source(struct catalog_reader *r, const struct yaml_node *node, struct indicator *ret)
{
    const char *key = yaml_get_string(node, "source");
    const struct yaml_node *source = key && r->sources ? yaml_get(r->sources, key) : NULL;
    if (source == NULL) {
        reader_problem(r, node->line, true,
                       key ? "source '%.60s' is not in the file's sources" : "field 'source' is missing%.0s",
                       key ? key : "");
        return false;
    }
    const char *text = source->kind == YAML_MAPPING ? yaml_get_string(source, "text") : source->scalar;
    ret->read_on = r->read_on;
    if (source->kind == YAML_MAPPING && !reader_date(r, yaml_get(source, "read"), &ret->read_on))
        return false;
    if (text == NULL || text[0] == '\0') {
        reader_problem(r, source->line, true, "source '%.60s' has no text", key);
        return false;
    }
    ret->source = text;
    return true;
}

static const struct product *product_of_file(const struct catalog_reader *r, const char *id)
{
    for (size_t i = r->first_product; i < r->catalog->product_count; i++)
        if (strcmp(r->catalog->products[i]->id, id) == 0)
            return r->catalog->products[i];
    return NULL;
}

static bool read_product_and_purpose(struct catalog_reader *r, const struct yaml_node *node, struct indicator *ret)
{
    const char *id = yaml_get_string(node, "product"), *purpose = yaml_get_string(node, "purpose");
    ret->product = id ? product_of_file(r, id) : NULL;
    if (ret->product == NULL) {
        reader_problem(r, node->line, true, "field 'product': '%.60s' is no product of this file", id ? id : "");
        return false;
    }
    ret->purpose = PURPOSE_UNKNOWN;
    if (purpose != NULL && !purpose_parse(text_of(purpose), &ret->purpose)) {
        reader_problem(r, node->line, true, "field 'purpose': '%.60s' is none of the purposes", purpose);
        return false;
    }
    return true;
}

static bool parse_port(const char *text, struct catalog_port *ret)
{
    char *end;
    if (text[0] < '1' || text[0] > '9')
        return false;
    unsigned long number = strtoul(text, &end, 10);
    bool is_tcp = strcmp(end, "/tcp") == 0;
    if (number > 65535 || (!is_tcp && strcmp(end, "/udp") != 0))
        return false;
    *ret = (struct catalog_port){(uint16_t)number, is_tcp ? IP_PROTO_TCP : IP_PROTO_UDP};
    return true;
}

/* A list, or one scalar as a list of one. */
static size_t list_length(const struct yaml_node *node)
{
    return node == NULL ? 0 : node->kind == YAML_SEQUENCE ? node->count : 1;
}

static const struct yaml_node *list_item(const struct yaml_node *node, size_t i)
{
    return node->kind == YAML_SEQUENCE ? node->items[i] : node;
}

static bool read_ports(struct catalog_reader *r, const struct yaml_node *node, struct catalog_entry *entry)
{
    const struct yaml_node *list = yaml_get(node, "ports");
    size_t count = list_length(list);
    struct catalog_port *ports =
        count > 0 ? arena_take(r->catalog->arena, CATALOG_ROW_PORTS_MAX * sizeof(*ports)) : NULL;
    if (count > CATALOG_ROW_PORTS_MAX)
        reader_problem(r, node->line, true, "field 'ports': at most %d", CATALOG_ROW_PORTS_MAX);
    for (size_t i = 0; ports != NULL && i < count && i < CATALOG_ROW_PORTS_MAX; i++) {
        if (!parse_port(list_item(list, i)->scalar, &ports[i])) {
            reader_problem(r, list->line, true, "field 'ports': '%.20s' is no port like 443/tcp",
                           list_item(list, i)->scalar);
            return false;
        }
        entry->port_count++;
    }
    entry->ports = ports;
    return count <= CATALOG_ROW_PORTS_MAX;
}

static bool read_hosts(struct catalog_reader *r, const struct yaml_node *node, struct catalog_entry *entry)
{
    const struct yaml_node *list = yaml_get(node, "host");
    enum indicator_kind kind = entry->indicator.kind;
    size_t count = list_length(list);
    if (count == 0)
        return true;
    if (kind != INDICATOR_HTTP_PATH && kind != INDICATOR_USER_AGENT) {
        reader_problem(r, node->line, true, "field 'host' belongs to http-path and user-agent only");
        return false;
    }
    struct text *hosts = count <= CATALOG_ROW_HOSTS_MAX ? arena_take(r->catalog->arena, count * sizeof(*hosts)) : NULL;
    if (hosts == NULL) {
        reader_problem(r, node->line, true, "field 'host': at most %d names", CATALOG_ROW_HOSTS_MAX);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *host = list_item(list, i);
        hosts[i] = (struct text){arena_copy(r->catalog->arena, host->scalar, host->scalar_length), host->scalar_length};
        const char *why = name_refusal((struct text){host->scalar, host->scalar_length});
        if (why != NULL || hosts[i].data == NULL) {
            reader_problem(r, host->line, true, "field 'host': '%.60s' %s", host->scalar, why ? why : "");
            return false;
        }
    }
    entry->hosts = hosts;
    entry->host_count = (uint8_t)count;
    return true;
}

static bool read_common(struct catalog_reader *r, const struct yaml_node *node, struct row *row)
{
    struct indicator *indicator = &row->common.indicator;
    const char *note = yaml_get_string(node, "note");
    indicator->is_exclusive = true;
    indicator->file = r->file;
    if (!read_product_and_purpose(r, node, indicator) || !read_source(r, node, indicator) ||
        !reader_bool(r, node, "exclusive", &indicator->is_exclusive) ||
        !reader_bool(r, node, "unconfirmed", &indicator->is_unconfirmed) ||
        !reader_bool(r, node, "mixed", &indicator->is_mixed) || !read_ports(r, node, &row->common) ||
        !read_hosts(r, node, &row->common))
        return false;
    if (indicator->is_mixed && indicator->kind != INDICATOR_SUFFIX) {
        reader_problem(r, node->line, true, "field 'mixed' belongs to suffix only");
        return false;
    }
    indicator->source = arena_copy(r->catalog->arena, indicator->source, strlen(indicator->source));
    if (note != NULL)
        indicator->note = arena_copy(r->catalog->arena, note, strlen(note));
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *parse_body(struct text value, struct catalog_entry *entry)
{
    if (value.length < 8 || value.length % 2 != 0 || value.length / 2 > sizeof(entry->body))
        return "must be 4 to 31 bytes in hexadecimal";
    for (size_t i = 0; i < value.length; i += 2) {
        int high = hex_digit(value.data[i]), low = hex_digit(value.data[i + 1]);
        if (high < 0 || low < 0)
            return "must be lower-case hexadecimal";
        entry->body[i / 2] = (uint8_t)(high << 4 | low);
    }
    entry->body_length = (uint8_t)(value.length / 2);
    return NULL;
}

static const char *check_hash(struct text value, size_t length)
{
    for (size_t i = 0; i < value.length; i++)
        if (hex_digit(value.data[i]) < 0)
            return "must be lower-case hexadecimal";
    return value.length == length ? NULL : "has the wrong length";
}

static const char *parse_asn(const char *text, struct catalog_entry *entry)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (text[0] < '1' || text[0] > '9' || *end != '\0' || number > UINT32_MAX)
        return "must be a number, without AS";
    entry->asn = (uint32_t)number;
    return NULL;
}

static const char *check_path(struct text value)
{
    bool has_literal = value.length >= 3 && value.data[0] == '/' && value.data[1] != '*' && value.data[1] != '#';
    if (value.length - pattern_literals(value) > CATALOG_PATH_WILDCARDS_MAX)
        return "has more than 8 wildcards";
    return has_literal && pattern_literals(value) >= 5
               ? NULL
               : "must begin with / and a fixed character and have 5 fixed ones";
}

/* The value as it is compared. @return NULL, or what is wrong. */
static const char *parse_value(const char *text, struct catalog_entry *entry)
{
    struct error unused;
    struct text value = entry->value;
    switch (entry->indicator.kind) {
    case INDICATOR_DOMAIN:
    case INDICATOR_SUFFIX:
        return name_refusal(value);
    case INDICATOR_PATTERN:
        return pattern_refusal(value);
    case INDICATOR_HTTP_PATH:
        return check_path(value);
    case INDICATOR_HTTP_BODY:
        return parse_body(value, entry);
    case INDICATOR_JA3:
        return check_hash(value, 32);
    case INDICATOR_JA4:
        return value.length == 36 ? NULL : "must be 36 characters";
    case INDICATOR_ASN:
        return parse_asn(text, entry);
    case INDICATOR_PREFIX:
        return ip_prefix_parse(text, &entry->prefix, &unused) == STATUS_OK ? NULL
                                                                           : "is no address range with zero host bits";
    case INDICATOR_PORT: {
        struct catalog_port port;
        if (!parse_port(text, &port))
            return "must be a port like 443/tcp";
        return NULL;
    }
    case INDICATOR_HTTP_HEADER:
    case INDICATOR_USER_AGENT:
    case INDICATOR_CERT_ORG:
    case INDICATOR_ISSUER_ORG:
    case INDICATOR_ISSUER_CN:
        return value.length >= 4 ? NULL : "is too short to mean anything";
    case INDICATOR_KIND_COUNT:
        break;
    }
    return "has no kind";
}

/* A mixed zone's apex and web names: the same line, with purpose web. */
static bool add_web(struct catalog_reader *r, struct catalog_entry *entry)
{
    struct catalog_entry *web = arena_take(r->catalog->arena, sizeof(*web));
    if (web == NULL)
        return false;
    *web = *entry;
    web->indicator.purpose = PURPOSE_WEB;
    web->indicator.is_mixed = false;
    entry->web = web;
    return true;
}

static void add_value(struct catalog_reader *r, const struct row *row, const struct yaml_node *node)
{
    struct catalog *c = r->catalog;
    struct catalog_entry *entry = arena_take(c->arena, sizeof(*entry));
    if (entry == NULL || c->indicator_count >= CATALOG_INDICATORS_MAX) {
        reader_problem(r, node->line, true, "the catalogue is full");
        return;
    }
    *entry = row->common;
    const char *kind = indicator_kind_text(entry->indicator.kind);
    if (node->kind != YAML_SCALAR || node->scalar_length == 0 || node->scalar_length > CATALOG_VALUE_MAX ||
        strlen(node->scalar) != node->scalar_length) {
        reader_problem(r, node->line, true, "field '%s' must be a text of 1 to %d characters", kind, CATALOG_VALUE_MAX);
        return;
    }
    entry->indicator.line = node->line;
    entry->indicator.value = arena_copy(c->arena, node->scalar, node->scalar_length);
    entry->value = (struct text){entry->indicator.value, node->scalar_length};
    const char *why = entry->indicator.value ? parse_value(node->scalar, entry) : "does not fit into memory";
    if (why == NULL && entry->indicator.kind == INDICATOR_PORT) {
        struct catalog_port *port = arena_take(c->arena, sizeof(*port));
        if (port != NULL && parse_port(node->scalar, port))
            entry->ports = port;
        why = entry->ports == NULL ? "does not fit into memory" : NULL;
    }
    if (why != NULL) {
        reader_problem(r, node->line, true, "field '%s': '%.80s' %s", kind, node->scalar, why);
        return;
    }
    if (entry->indicator.is_mixed && !add_web(r, entry))
        return;
    if (reader_grow(r, &c->indicators, &c->indicator_room, c->indicator_count, sizeof(*c->indicators)))
        c->indicators[c->indicator_count++] = &entry->indicator;
}

void catalog_read_row(struct catalog_reader *r, const struct yaml_node *node)
{
    struct row row = {0};
    if (node->kind != YAML_MAPPING) {
        reader_problem(r, node->line, true, "an indicator must be a mapping");
        return;
    }
    if (!find_kind(r, node, &row) || !read_common(r, node, &row))
        return;
    for (size_t i = 0; i < list_length(row.values) && !reader_stopped(r); i++)
        add_value(r, &row, list_item(row.values, i));
}
