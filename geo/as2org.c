/*
 * CAIDA's AS-to-organisation file, for those who have it (its agreement forbids passing it on): two sections, each
 * begun by a comment that names its fields.
 *
 *   # format:org_id|changed|org_name|country|source
 *   # format:aut|changed|aut_name|org_id|opaque_id|source      (opaque_id since 2016 or so)
 *
 * The organisation's country is that of the registry's record of the holder: a holder's country like any other.
 */
#include "sources_internal.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "scan_internal.h"
#include "text_file_internal.h"

enum { ORG_FIELDS = 5, AUT_FIELDS = 6, AUT_FIELDS_LEAST = 5, ORGS_MAX = 1 << 20, LINES_LOOKED_AT = 64 };

struct org {
    struct text id, name; /* into the file; id empty: a free slot */
    struct country country;
};

struct as2org {
    struct geo *geo;
    struct geo_source *source;
    struct org *orgs; /* open addressing */
    size_t count, room;
    bool is_full, is_aut;
    uint64_t line;
};

static const char format_org[] = "# format:org_id|", format_aut[] = "# format:aut|";

static bool begins_with(struct text line, const char *start)
{
    size_t length = strlen(start);
    return line.length >= length && memcmp(line.data, start, length) == 0;
}

bool geo_is_as2org(struct text text)
{
    struct text line;
    for (unsigned i = 0; i < LINES_LOOKED_AT && text_file_line(&text, &line); i++) {
        if (begins_with(line, format_org) || begins_with(line, format_aut))
            return true;
        if (line.length > 0 && line.data[0] != '#')
            return false;
    }
    return false;
}

static struct org *slot_of(struct org *orgs, size_t room, struct text id)
{
    size_t at = hash_bytes(id.data, id.length, hash_seed()) & (room - 1);
    while (orgs[at].id.length > 0 && !text_equal(orgs[at].id, id))
        at = (at + 1) & (room - 1);
    return &orgs[at];
}

static bool grow(struct as2org *a)
{
    size_t room = a->room ? a->room * 2 : 1 << 10;
    struct org *larger = room <= 2 * (size_t)ORGS_MAX ? calloc(room, sizeof(*larger)) : NULL;
    if (larger == NULL)
        return false;
    for (size_t i = 0; i < a->room; i++)
        if (a->orgs[i].id.length > 0)
            *slot_of(larger, room, a->orgs[i].id) = a->orgs[i];
    free(a->orgs);
    a->orgs = larger;
    a->room = room;
    return true;
}

static void read_org(struct as2org *a, const struct text *fields, size_t count)
{
    struct country country;
    if (count < ORG_FIELDS || fields[0].length == 0) {
        refusals_add(&a->source->refusals, REFUSED_FIELDS, a->line);
    } else if (!scan_country(fields[3], &country)) {
        refusals_add(&a->source->refusals, REFUSED_COUNTRY, a->line);
    } else if (a->count * 2 >= a->room && !grow(a)) {
        a->is_full = true;
    } else {
        struct org *org = slot_of(a->orgs, a->room, fields[0]);
        a->count += org->id.length == 0;
        *org = (struct org){fields[0], fields[2], country};
    }
}

static void name_network(struct as2org *a, uint32_t index, struct text name)
{
    struct network *network = &a->geo->networks.items[index];
    if (network->name == NULL && name.length > 0)
        network->name =
            arena_copy(a->geo->arena, name.data, name.length < NETWORK_NAME_MAX ? name.length : NETWORK_NAME_MAX);
}

static void read_aut(struct as2org *a, const struct text *fields, size_t count)
{
    uint32_t asn, index;
    if (count < AUT_FIELDS_LEAST) {
        refusals_add(&a->source->refusals, REFUSED_FIELDS, a->line);
    } else if (!scan_asn(fields[0], &asn) || asn == 0) {
        refusals_add(&a->source->refusals, REFUSED_NUMBER, a->line);
    } else if ((index = networks_add(&a->geo->networks, asn)) == NETWORK_NONE) {
        a->is_full = true;
    } else {
        const struct org *org = a->room > 0 && fields[3].length > 0 ? slot_of(a->orgs, a->room, fields[3]) : NULL;
        bool is_known = org != NULL && org->id.length > 0;
        name_network(a, index, is_known ? org->name : fields[2]);
        if (is_known)
            geo_set_holder(a->geo, a->source, index, org->country);
    }
}

/** One pass: ASes name organisations that may stand behind them in the file, so each section has its own. */
static void read_section(struct as2org *a, struct text text, bool wants_aut)
{
    struct text line, fields[FIELDS_MAX];
    a->line = 0;
    a->is_aut = false;
    while (!a->is_full && text_file_line(&text, &line)) {
        a->line++;
        if (begins_with(line, format_org) || begins_with(line, format_aut))
            a->is_aut = begins_with(line, format_aut);
        if (line.length == 0 || line.data[0] == '#' || a->is_aut != wants_aut)
            continue;
        size_t count = scan_fields(line, '|', a->is_aut ? AUT_FIELDS : ORG_FIELDS, fields);
        if (wants_aut)
            read_aut(a, fields, count);
        else
            read_org(a, fields, count);
    }
}

enum status geo_load_as2org(struct geo *geo, const struct wish *wish, struct text text, struct error *error)
{
    static const struct known_file known = {"", "CAIDA as2org", "CAIDA", ROLE_HOLDER,
                                            "CAIDA AS Organizations (https://www.caida.org), acceptable use agreement"};
    struct as2org a = {.geo = geo};
    if (wish->role != ROLE_NONE && wish->role != ROLE_HOLDER)
        return error_set(error, STATUS_INVALID, "%s: the role of an AS-to-organisation file is holder-country",
                         wish->path);
    a.source = geo_source_add(geo, ROLE_HOLDER, wish, &known, NULL, error);
    if (a.source == NULL)
        return STATUS_UNSUPPORTED;
    read_section(&a, text, false);
    read_section(&a, text, true);
    free(a.orgs);
    if (a.is_full)
        return error_set(error, STATUS_UNSUPPORTED, "%s: line %llu: more organisations or ASes than are kept",
                         wish->path, (unsigned long long)a.line);
    return refusals_status(&a.source->refusals, a.line, wish->path, error);
}
