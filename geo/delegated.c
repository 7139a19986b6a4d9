/*
 * Statistics of the regional registries, extended format (RIR Statistics Exchange Format, version 2), of one registry
 * or, merged, of the NRO: registry|country|type|start|value|date|status|holder. The value is a number of addresses,
 * which need be no power of two, the length of an IPv6 prefix, or a number of AS numbers.
 */
#include "sources_internal.h"

#include <stdio.h>
#include <string.h>

#include "packet_time.h"
#include "scan_internal.h"
#include "spans_internal.h"
#include "text_file_internal.h"

enum field {
    FIELD_REGISTRY,
    FIELD_COUNTRY,
    FIELD_TYPE,
    FIELD_START,
    FIELD_VALUE,
    FIELD_DATE,
    FIELD_STATUS,
    RECORD_FIELDS,
    HEADER_FIELDS = 7,
    HEADER_RECORDS = 3,
    HEADER_END = 5,
    SUMMARY_FIELDS = 6,
};

struct delegated {
    struct geo *geo;
    struct geo_source *addresses, *holders; /* NULL: not wanted */
    struct refusals *refusals;
    struct spans spans;
    uint64_t line, records;
    bool is_full;
};

static bool is_word(struct text field, const char *word)
{
    return text_equal(field, text_of(word));
}

/** "2|ripencc|...": version 2, 2.1, 2.3 and so on. */
static bool scan_header(struct text line, struct text fields[static FIELDS_MAX])
{
    size_t count = scan_fields(line, '|', FIELDS_MAX, fields);
    return count >= HEADER_FIELDS && fields[0].length > 0 && fields[0].data[0] == '2' &&
           (fields[0].length == 1 || fields[0].data[1] == '.') && fields[1].length > 1;
}

bool geo_is_delegated(struct text text)
{
    struct text line, fields[FIELDS_MAX];
    while (text_file_line(&text, &line))
        if (line.length > 0 && line.data[0] != '#')
            return scan_header(line, fields);
    return false;
}

static void refuse(struct delegated *d, enum refusal refusal)
{
    refusals_add(d->refusals, refusal, d->line);
}

static void take_v4(struct delegated *d, uint32_t first, uint64_t count, struct country holder)
{
    if (count == 0 || count - 1 > UINT32_MAX - first)
        refuse(d, REFUSED_NUMBER);
    else
        d->is_full |= !spans_add4(&d->spans, first, first + (uint32_t)(count - 1), value_of_country(holder));
}

static void take_v6(struct delegated *d, struct wide first, uint64_t length, struct country holder)
{
    struct ip_prefix prefix = {wide_to_address(first), (uint8_t)length};
    if (length == 0 || length > 128)
        refuse(d, REFUSED_NUMBER);
    else
        d->is_full |= !spans_add_prefix(&d->spans, &prefix, value_of_country(holder));
}

static void take_addresses(struct delegated *d, const struct text *fields, uint64_t value, struct country holder)
{
    struct scanned_address start;
    bool is_v4 = is_word(fields[FIELD_TYPE], "ipv4");
    if (!scan_address(fields[FIELD_START], &start) || start.is_v4 != is_v4)
        refuse(d, REFUSED_ADDRESS);
    else if (is_v4)
        take_v4(d, start.v4, value, holder);
    else
        take_v6(d, start.v6, value, holder);
}

static void take_asns(struct delegated *d, const struct text *fields, uint64_t count, struct country holder)
{
    uint32_t first;
    if (!scan_asn(fields[FIELD_START], &first) || count == 0 || count > NETWORKS_MAX || first > UINT32_MAX - count) {
        refuse(d, REFUSED_NUMBER);
        return;
    }
    d->is_full |= d->holders->holders > NETWORKS_MAX; /* more than there can be: the same said over and over */
    for (uint32_t asn = first; asn < first + count && !d->is_full; asn++) {
        uint32_t index = asn != 0 ? networks_add(&d->geo->networks, asn) : NETWORK_NONE;
        d->is_full |= asn != 0 && index == NETWORK_NONE;
        if (index != NETWORK_NONE)
            geo_set_holder(d->geo, d->holders, index, holder);
    }
}

static void read_record(struct delegated *d, const struct text *fields, size_t count)
{
    uint64_t value;
    struct country holder;
    d->records++;
    if (count < RECORD_FIELDS || !scan_number(fields[FIELD_VALUE], &value)) {
        refuse(d, count < RECORD_FIELDS ? REFUSED_FIELDS : REFUSED_NUMBER);
        return;
    }
    bool is_asn = is_word(fields[FIELD_TYPE], "asn");
    bool is_free = is_word(fields[FIELD_STATUS], "available") || is_word(fields[FIELD_STATUS], "reserved");
    bool is_held = is_word(fields[FIELD_STATUS], "allocated") || is_word(fields[FIELD_STATUS], "assigned");
    if (is_free || (is_asn ? d->holders : d->addresses) == NULL)
        return;
    if (!is_held || (!is_asn && !is_word(fields[FIELD_TYPE], "ipv4") && !is_word(fields[FIELD_TYPE], "ipv6")))
        refuse(d, REFUSED_KIND);
    else if (!scan_country(fields[FIELD_COUNTRY], &holder))
        refuse(d, REFUSED_COUNTRY);
    else if (!country_is_known(holder)) /* EU, AP, ZZ, or none given */
        return;
    else if (is_asn)
        take_asns(d, fields, value, holder);
    else
        take_addresses(d, fields, value, holder);
}

static void read_line(struct delegated *d, struct text line)
{
    struct text fields[FIELDS_MAX];
    size_t count = scan_fields(line, '|', FIELDS_MAX, fields);
    if (count == SUMMARY_FIELDS && is_word(fields[count - 1], "summary"))
        return;
    read_record(d, fields, count);
}

/** Registrations are of the day that the header ends with, whatever the file is called. */
static void date_from_header(struct delegated *d, struct geo_source *source, struct text day)
{
    char text[11];
    struct packet_time time;
    if (source == NULL || day.length != 8)
        return;
    snprintf(text, sizeof(text), "%.4s-%.2s-%.2s", day.data, day.data + 4, day.data + 6);
    if (!packet_time_parse(text, &time))
        return;
    struct geo_database *database = geo_source_database(d->geo, source);
    database->edition = arena_copy(d->geo->arena, text, sizeof(text) - 1);
    database->built_sec = packet_time_sec(time);
}

static enum status add_sources(struct delegated *d, const struct wish *wish, struct text registry, struct error *error)
{
    struct known_file known = *geo_known_file("delegated", NULL);
    if (wish->role != ROLE_NONE && wish->role != ROLE_REGISTRATION && wish->role != ROLE_HOLDER)
        return error_set(error, STATUS_INVALID, "%s: a registry's file has role registration or holder-country",
                         wish->path);
    known.name = arena_print(d->geo->arena, "%.*s delegations", (int)(registry.length < 16 ? registry.length : 16),
                             registry.data);
    if (wish->role != ROLE_HOLDER)
        d->addresses = geo_source_add(d->geo, ROLE_REGISTRATION, wish, &known, NULL, error);
    if (wish->role != ROLE_REGISTRATION)
        d->holders = geo_source_add(d->geo, ROLE_HOLDER, wish, &known, NULL, error);
    bool is_good = (wish->role == ROLE_HOLDER || d->addresses) && (wish->role == ROLE_REGISTRATION || d->holders);
    if (is_good)
        d->refusals = d->addresses ? &d->addresses->refusals : &d->holders->refusals;
    return is_good ? STATUS_OK : STATUS_UNSUPPORTED;
}

/** The header counts the records: a file that was cut off has fewer. */
static enum status finish(struct delegated *d, uint64_t promised, const char *path, struct error *error)
{
    if (d->is_full)
        return error_set(error, STATUS_UNSUPPORTED, "%s: line %llu: more address blocks or AS numbers than are kept",
                         path, (unsigned long long)d->line);
    if (d->records + d->records / 100 < promised)
        return error_set(error, STATUS_MALFORMED,
                         "%s: line %llu: cut off: its header speaks of %llu records, it holds %llu; fetch it again",
                         path, (unsigned long long)d->line, (unsigned long long)promised,
                         (unsigned long long)d->records);
    if (d->addresses != NULL && !spans_flatten(&d->spans, &d->addresses->list))
        return error_set(error, STATUS_NO_MEMORY, "%s: no memory for its ranges", path);
    return refusals_status(d->refusals, d->line, path, error);
}

enum status geo_load_delegated(struct geo *geo, const struct wish *wish, struct text text, struct error *error)
{
    struct delegated d = {.geo = geo};
    struct text line = {NULL, 0}, fields[FIELDS_MAX];
    uint64_t promised = 0;
    while (text_file_line(&text, &line) && (d.line++, line.length == 0 || line.data[0] == '#'))
        ;
    if (!scan_header(line, fields))
        return error_set(error, STATUS_MALFORMED, "%s: line %llu: no header of a registry's statistics", wish->path,
                         (unsigned long long)d.line);
    enum status status = add_sources(&d, wish, fields[1], error);
    if (status != STATUS_OK)
        return status;
    if (!scan_number(fields[HEADER_RECORDS], &promised))
        promised = 0;
    date_from_header(&d, d.addresses, fields[HEADER_END]);
    date_from_header(&d, d.holders, fields[HEADER_END]);
    while (!d.is_full && text_file_line(&text, &line)) {
        d.line++;
        if (line.length > 0 && line.data[0] != '#')
            read_line(&d, line);
    }
    status = finish(&d, promised, wish->path, error);
    spans_clear(&d.spans);
    return status;
}
