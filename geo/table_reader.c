/*
 * Tables of text: first,last,asn,name and first,last,country (CSV), first, last, asn, country, name (iptoasn's TSV),
 * asn, country and asn, handle, name, country. The shape is told from the first row, the meaning from who made the
 * file. A bad row is counted, with its line, and passed over.
 */
#include "sources_internal.h"

#include <string.h>

#include "scan_internal.h"
#include "text_file_internal.h"

enum shape {
    SHAPE_NONE,
    SHAPE_RANGE_ASN,     /* first last asn [name] */
    SHAPE_RANGE_COUNTRY, /* first last country */
    SHAPE_RANGE_FULL,    /* first last asn country name */
    SHAPE_ASN_COUNTRY,   /* asn country */
    SHAPE_ASN_FULL,      /* asn handle name country */
};

static const size_t shape_fields[] = {FIELDS_MAX, 4, 4, 5, 3, 5};

struct row {
    struct scanned_address first, last;
    uint32_t value;
    uint64_t line;
};

struct table {
    struct geo *geo;
    struct geo_source *source;
    enum shape shape;
    char separator;
    uint64_t line;
    uint32_t last_asn, last_network; /* rows of one AS come in runs */
    bool has_pending;
    struct row pending; /* waits for the next row, which may name one more origin of the same range */
    bool is_full;
    uint64_t v4_rows;
};

/* Files of so much are published ones; smaller ones may be anybody's. The last addresses of IPv4 that are given out
 * begin with 223. */
enum { PUBLISHED_LINES = 1000, PUBLISHED_RANGES = 50000 };
static const uint32_t late_v4 = 220U << 24;

static void refuse(struct table *table, enum refusal refusal, uint64_t line)
{
    refusals_add(&table->source->refusals, refusal, line);
}

static int address_compare(const struct scanned_address *a, const struct scanned_address *b)
{
    if (a->is_v4)
        return a->v4 < b->v4 ? -1 : a->v4 > b->v4;
    return wide_compare(a->v6, b->v6);
}

/** Adds [first, last]: its start, and "no answer" behind its end. */
static enum range_result add_range(struct range_list *list, const struct row *row)
{
    enum range_result result;
    if (row->first.is_v4) {
        result = range_list_add4(list, row->first.v4, row->value);
        return result == RANGE_OK && row->last.v4 != UINT32_MAX ? range_list_add4(list, row->last.v4 + 1, 0) : result;
    }
    struct wide behind = row->last.v6;
    result = range_list_add6(list, row->first.v6, row->value);
    if (result == RANGE_OK && wide_increment(&behind) && wide_is_global(behind))
        result = range_list_add6(list, behind, 0);
    return result;
}

static void flush_pending(struct table *table)
{
    if (!table->has_pending)
        return;
    enum range_result result = add_range(&table->source->list, &table->pending);
    if (result == RANGE_OUT_OF_ORDER)
        refuse(table, REFUSED_ORDER, table->pending.line);
    table->is_full |= result == RANGE_REFUSED;
    table->has_pending = false;
}

static void add_row(struct table *table, const struct row *row)
{
    struct row *pending = &table->pending;
    if (table->has_pending && pending->first.is_v4 == row->first.is_v4) {
        bool is_same =
            address_compare(&row->first, &pending->first) == 0 && address_compare(&row->last, &pending->last) == 0;
        if (is_same && table->source->role == ROLE_ASN && row->value != 0) {
            pending->value = origin_join(&table->geo->networks, pending->value, row->value - 1);
            return;
        }
        if (address_compare(&row->first, &pending->last) <= 0) {
            refuse(table, REFUSED_ORDER, row->line);
            return;
        }
    }
    flush_pending(table);
    table->pending = *row;
    table->has_pending = true;
    table->v4_rows += row->first.is_v4;
}

/** @return NETWORK_NONE when there is no room. */
static uint32_t network_of(struct table *table, uint32_t asn, struct text name)
{
    if (asn == table->last_asn)
        return table->last_network;
    uint32_t index = networks_add(&table->geo->networks, asn);
    if (index == NETWORK_NONE)
        return index;
    struct network *network = &table->geo->networks.items[index];
    char plain[NETWORK_NAME_MAX + 1];
    size_t length = network->name == NULL ? scan_unquote(name, plain, sizeof(plain)) : 0;
    if (length > 0)
        network->name = arena_copy(table->geo->arena, plain, length);
    table->last_asn = asn;
    table->last_network = index;
    return index;
}

static bool scan_range(struct table *table, const struct text *fields, struct row *ret)
{
    if (!scan_address(fields[0], &ret->first) || !scan_address(fields[1], &ret->last)) {
        refuse(table, REFUSED_ADDRESS, table->line);
        return false;
    }
    if (!ret->first.is_v4 && ret->last.is_v4 == false && ret->first.v6.high < GLOBAL_FIRST &&
        wide_is_global(ret->last.v6))
        ret->first.v6 = (struct wide){GLOBAL_FIRST, 0};
    if (ret->first.is_v4 != ret->last.is_v4 || address_compare(&ret->first, &ret->last) > 0) {
        refuse(table, REFUSED_BACKWARD, table->line);
        return false;
    }
    return ret->first.is_v4 || wide_is_global(ret->first.v6); /* the rest is special and never looked up */
}

static void read_asn_country(struct table *table, const struct text *fields)
{
    bool is_full = table->shape == SHAPE_ASN_FULL;
    struct text name = is_full ? fields[text_is_empty(fields[2]) ? 1 : 2] : (struct text){NULL, 0};
    struct country holder;
    uint32_t asn, index;
    if (!scan_asn(fields[0], &asn) || asn == 0)
        refuse(table, REFUSED_NUMBER, table->line);
    else if (!scan_country(fields[is_full ? 3 : 1], &holder))
        refuse(table, REFUSED_COUNTRY, table->line);
    else if ((index = network_of(table, asn, name)) == NETWORK_NONE)
        table->is_full = true;
    else
        geo_set_holder(table->geo, table->source, index, holder);
}

static void read_range_country(struct table *table, const struct text *fields)
{
    struct row row = {.line = table->line};
    struct country country;
    if (!scan_range(table, fields, &row))
        return;
    if (!scan_country(fields[2], &country)) {
        refuse(table, REFUSED_COUNTRY, table->line);
        return;
    }
    row.value = country_is_known(country) ? value_of_country(country) : 0;
    add_row(table, &row);
}

static void read_range_asn(struct table *table, const struct text *fields, size_t count)
{
    struct row row = {.line = table->line};
    struct country holder = {{0}};
    uint32_t asn, index;
    bool is_full = table->shape == SHAPE_RANGE_FULL;
    struct text name = is_full     ? (count > 4 ? fields[4] : (struct text){NULL, 0})
                       : count > 3 ? fields[3]
                                   : (struct text){NULL, 0};
    if (!scan_range(table, fields, &row))
        return;
    if (!scan_asn(fields[2], &asn)) {
        refuse(table, REFUSED_NUMBER, table->line);
    } else if (is_full && !scan_country(fields[3], &holder)) {
        refuse(table, REFUSED_COUNTRY, table->line);
    } else if (asn != 0) { /* 0: not announced */
        index = network_of(table, asn, name);
        table->is_full |= index == NETWORK_NONE;
        if (index == NETWORK_NONE)
            return;
        geo_set_holder(table->geo, table->source, index, holder);
        row.value = origin_of(index);
        add_row(table, &row);
    }
}

static void read_row(struct table *table, struct text line)
{
    static const size_t needed[] = {0, 3, 3, 4, 2, 4};
    struct text fields[FIELDS_MAX];
    size_t count = scan_fields(line, table->separator, shape_fields[table->shape], fields);
    if (count < needed[table->shape])
        refuse(table, REFUSED_FIELDS, table->line);
    else if (table->shape == SHAPE_ASN_COUNTRY || table->shape == SHAPE_ASN_FULL)
        read_asn_country(table, fields);
    else if (table->shape == SHAPE_RANGE_COUNTRY)
        read_range_country(table, fields);
    else
        read_range_asn(table, fields, count);
}

static enum shape shape_of_row(struct text line, char separator)
{
    struct text fields[FIELDS_MAX];
    struct scanned_address first, last;
    struct country country;
    uint32_t asn;
    size_t count = scan_fields(line, separator, FIELDS_MAX, fields);
    if (count == 2 && scan_asn(fields[0], &asn) && scan_country(fields[1], &country))
        return SHAPE_ASN_COUNTRY;
    if (count < 3 || !scan_address(fields[0], &first) || !scan_address(fields[1], &last))
        return count == 4 && scan_asn(fields[0], &asn) && scan_country(fields[3], &country) ? SHAPE_ASN_FULL
                                                                                            : SHAPE_NONE;
    if (!scan_asn(fields[2], &asn))
        return scan_country(fields[2], &country) ? SHAPE_RANGE_COUNTRY : SHAPE_NONE;
    return count >= 5 && scan_country(fields[3], &country) ? SHAPE_RANGE_FULL : SHAPE_RANGE_ASN;
}

/** Looks for the first row behind comments and a line of headings, and moves @p text to it. */
static enum shape find_first_row(struct table *table, struct text *text)
{
    struct text rest = *text, line;
    for (unsigned tried = 0; tried < 16 && text_file_line(&rest, &line); table->line++) {
        if (line.length > 0 && line.data[0] != '#') {
            tried++;
            table->separator = memchr(line.data, '\t', line.length) ? '\t' : ',';
            enum shape shape = shape_of_row(line, table->separator);
            if (shape != SHAPE_NONE)
                return shape;
        }
        *text = rest;
    }
    return SHAPE_NONE;
}

static enum role role_of_shape(enum shape shape, const struct wish *wish, const struct known_file *known)
{
    switch (shape) {
    case SHAPE_NONE:
        break;
    case SHAPE_RANGE_ASN:
    case SHAPE_RANGE_FULL:
        return wish->role == ROLE_NONE || wish->role == ROLE_ASN ? ROLE_ASN : ROLE_NONE;
    case SHAPE_RANGE_COUNTRY:
        return wish->role == ROLE_ASN    ? ROLE_NONE
               : wish->role != ROLE_NONE ? wish->role
               : known                   ? known->country_role
                                         : ROLE_NONE;
    case SHAPE_ASN_COUNTRY:
    case SHAPE_ASN_FULL:
        return wish->role == ROLE_NONE || wish->role == ROLE_HOLDER ? ROLE_HOLDER : ROLE_NONE;
    }
    return ROLE_NONE;
}

static enum status table_status(const struct table *table, const char *path, struct error *error)
{
    if (table->is_full && !table->source->list.is_out_of_memory && !table->source->list.is_too_long)
        return error_set(error, STATUS_UNSUPPORTED, "%s: more than %d AS numbers", path, NETWORKS_MAX);
    if (table->is_full)
        return geo_list_status(&table->source->list, path, error);
    return refusals_status(&table->source->refusals, table->line, path, error);
}

/** Published tables end with a line's end and, of IPv4, with the last addresses; what is short is a part of one. */
static void find_it_is_cut(struct table *table)
{
    if (table->v4_rows >= PUBLISHED_RANGES && table->pending.first.is_v4 && table->pending.last.v4 < late_v4)
        refuse(table, REFUSED_SHORT, table->line);
}

enum status geo_load_table(struct geo *geo, const struct wish *wish, struct text text, struct error *error)
{
    const struct known_file *known = geo_known_file(wish->path, NULL);
    struct table table = {.geo = geo};
    if (text.length == 0)
        return error_set(error, STATUS_MALFORMED, "%s: the file is empty", wish->path);
    table.shape = find_first_row(&table, &text);
    if (table.shape == SHAPE_NONE)
        return error_set(error, STATUS_MALFORMED,
                         "%s: line %llu: no address table that is known here: it holds neither first,last,asn,name nor "
                         "first,last,country nor asn,country nor prefix,country",
                         wish->path, (unsigned long long)table.line);
    enum role role = role_of_shape(table.shape, wish, known);
    if (role == ROLE_NONE)
        return error_set(
            error, STATUS_INVALID,
            "%s: it is not known what its %s stands for; say role=location|registration|holder-country|asn,file=%s",
            wish->path, table.shape == SHAPE_RANGE_COUNTRY ? "country" : "content", wish->path);
    table.source = geo_source_add(geo, role, wish, known, NULL, error);
    if (table.source == NULL)
        return STATUS_UNSUPPORTED;
    bool has_end = text.data[text.length - 1] == '\n';
    for (struct text line; !table.is_full && text_file_line(&text, &line);) {
        table.line++;
        if (text.length == 0 && !has_end && table.line >= PUBLISHED_LINES)
            refuse(&table, REFUSED_CUT, table.line);
        else if (line.length > 0 && line.data[0] != '#')
            read_row(&table, line);
    }
    find_it_is_cut(&table);
    flush_pending(&table);
    return table_status(&table, wish->path, error);
}
