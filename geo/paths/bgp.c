#include "paths/bgp_internal.h"

#include <string.h>

#include "paths/as_path_internal.h"

enum attribute_type {
    ATTRIBUTE_ORIGIN = 1,
    ATTRIBUTE_AS_PATH = 2,
    ATTRIBUTE_NEXT_HOP = 3,
    ATTRIBUTE_MED = 4,
    ATTRIBUTE_LOCAL_PREF = 5,
    ATTRIBUTE_ATOMIC_AGGREGATE = 6,
    ATTRIBUTE_AGGREGATOR = 7,
    ATTRIBUTE_COMMUNITIES = 8,
    ATTRIBUTE_MP_REACH = 14,
    ATTRIBUTE_MP_UNREACH = 15,
    ATTRIBUTE_AS4_PATH = 17,
    ATTRIBUTE_AS4_AGGREGATOR = 18,
};

enum { FLAG_LONG = 0x10 };

/** The attributes of a speaker of 16-bit numbers that repair its others. */
struct repair {
    bool has_path, has_aggregator;
    struct as_path path;
    uint32_t aggregator_asn;
    const uint8_t *aggregator;
};

/** A next hop of 32 bytes holds a link-local address behind the global one (RFC 2545, 3). */
static void read_next_hop(struct wire *w, struct bgp_reach *ret)
{
    ret->next_hop_length = wire_u8(w);
    ret->next_hop = wire_bytes(w, ret->next_hop_length);
}

static bool read_reach(struct wire *value, struct bgp_reach *ret)
{
    *ret = (struct bgp_reach){.is_present = true};
    if (value->left > 0 && value->at[0] != 0) { /* RFC 6396, 4.3.4: a table has the next hop only */
        ret->afi = value->at[0] == 4 ? AFI_IPV4 : AFI_IPV6;
        ret->safi = SAFI_UNICAST;
        read_next_hop(value, ret);
        return !value->failed;
    }
    ret->afi = wire_u16(value);
    ret->safi = wire_u8(value);
    read_next_hop(value, ret);
    for (uint8_t points = wire_u8(value); points > 0; points--) /* RFC 2858's, given up: half-bytes counted */
        wire_skip(value, (wire_u8(value) + 1U) / 2);
    ret->prefixes = *value;
    return !value->failed;
}

static bool read_unreach(struct wire *value, struct bgp_reach *ret)
{
    *ret = (struct bgp_reach){.is_present = true};
    ret->afi = wire_u16(value);
    ret->safi = wire_u8(value);
    ret->prefixes = *value;
    return !value->failed;
}

/* Some tables of 16-bit numbers hold an AGGREGATOR of 32 bits: what lies behind the address is passed over. */
static bool read_aggregator(struct wire *value, unsigned as_size, uint32_t *ret_asn, const uint8_t **ret_address)
{
    uint32_t asn = as_size == 4 ? wire_u32(value) : wire_u16(value);
    const uint8_t *address = wire_bytes(value, 4);
    if (address == NULL)
        return false;
    *ret_asn = asn;
    *ret_address = address;
    return true;
}

static bool read_path(const struct wire *value, unsigned as_size, struct as_path *ret)
{
    *ret = (struct as_path){value->at, value->left, (uint8_t)as_size};
    return as_path_is_whole(*ret);
}

static bool read_number(struct wire *value, uint32_t *ret, bool *ret_has)
{
    *ret = wire_u32(value);
    *ret_has = !value->failed;
    return *ret_has;
}

static enum trouble read_attribute(uint8_t type, struct wire value, unsigned as_size, struct bgp_attributes *ret,
                                   struct repair *repair)
{
    bool is_good = true;
    switch (type) {
    case ATTRIBUTE_ORIGIN:
        ret->origin = wire_u8(&value);
        is_good = !value.failed;
        break;
    case ATTRIBUTE_AS_PATH:
        ret->has_path = read_path(&value, as_size, &ret->path);
        return ret->has_path ? TROUBLE_NONE : TROUBLE_AS_PATH;
    case ATTRIBUTE_NEXT_HOP:
        ret->next_hop = wire_bytes(&value, 4);
        is_good = ret->has_next_hop = ret->next_hop != NULL;
        break;
    case ATTRIBUTE_MED:
        is_good = read_number(&value, &ret->med, &ret->has_med);
        break;
    case ATTRIBUTE_LOCAL_PREF:
        is_good = read_number(&value, &ret->local_pref, &ret->has_local_pref);
        break;
    case ATTRIBUTE_ATOMIC_AGGREGATE:
        ret->is_atomic_aggregate = true;
        break;
    case ATTRIBUTE_AGGREGATOR:
        is_good = ret->has_aggregator = read_aggregator(&value, as_size, &ret->aggregator_asn, &ret->aggregator);
        break;
    case ATTRIBUTE_COMMUNITIES:
        ret->community_count = value.left / 4;
        ret->communities = value.at;
        break;
    case ATTRIBUTE_MP_REACH:
        is_good = read_reach(&value, &ret->reach);
        break;
    case ATTRIBUTE_MP_UNREACH:
        is_good = read_unreach(&value, &ret->unreach);
        break;
    case ATTRIBUTE_AS4_PATH:
        repair->has_path = read_path(&value, 4, &repair->path); /* RFC 6793, 6: a bad one is as if absent */
        break;
    case ATTRIBUTE_AS4_AGGREGATOR:
        repair->has_aggregator = read_aggregator(&value, 4, &repair->aggregator_asn, &repair->aggregator);
        break;
    default:
        break;
    }
    return is_good ? TROUBLE_NONE : TROUBLE_ATTRIBUTE;
}

/** RFC 6793, 4.2.3. */
static void use_repair(const struct repair *repair, struct bgp_attributes *ret)
{
    if (ret->has_aggregator && repair->has_aggregator) {
        if (ret->aggregator_asn != AS_TRANS)
            return;
        ret->aggregator_asn = repair->aggregator_asn;
        ret->aggregator = repair->aggregator;
    }
    if (ret->has_path && repair->has_path)
        as_path_repair(&ret->path, repair->path, ret->repaired, sizeof(ret->repaired));
}

static void attributes_init(struct bgp_attributes *ret)
{
    memset(ret, 0, offsetof(struct bgp_attributes, repaired));
    ret->origin = UINT8_MAX;
}

enum trouble bgp_attributes_parse(struct wire attributes, unsigned as_size, struct bgp_attributes *ret)
{
    struct repair repair = {0};
    enum trouble trouble = TROUBLE_NONE;
    uint64_t seen = 0;
    attributes_init(ret);
    while (attributes.left > 0 && trouble == TROUBLE_NONE) {
        uint8_t flags = wire_u8(&attributes), type = wire_u8(&attributes);
        size_t length = flags & FLAG_LONG ? wire_u16(&attributes) : wire_u8(&attributes);
        struct wire value = wire_carve(&attributes, length);
        bool is_again = type < 64 && (seen & UINT64_C(1) << type) != 0; /* RFC 7606, 3 g: the first one counts */
        if (value.failed)
            return TROUBLE_ATTRIBUTE;
        if (!is_again)
            trouble = read_attribute(type, value, as_size, ret, &repair);
        seen |= type < 64 ? UINT64_C(1) << type : 0;
    }
    if (as_size == 2)
        use_repair(&repair, ret);
    return trouble;
}

bool bgp_prefix_next(struct wire *prefixes, uint16_t afi, bool has_path_id, struct bgp_prefix *ret,
                     enum trouble *ret_trouble)
{
    uint8_t octets[16] = {0};
    if (prefixes->left == 0)
        return false;
    uint32_t path_id = has_path_id ? wire_u32(prefixes) : 0;
    unsigned length = wire_u8(prefixes), size = afi == AFI_IPV6 ? 16 : 4;
    const uint8_t *bytes = length <= size * 8 ? wire_bytes(prefixes, (length + 7) / 8) : NULL;
    if (bytes == NULL) {
        *ret_trouble = TROUBLE_PREFIX;
        return false;
    }
    memcpy(octets, bytes, (length + 7) / 8);
    ret->is_v6 = afi == AFI_IPV6;
    ret->prefix.base = ret->is_v6 ? ip_from_v6(octets) : ip_from_v4(octets);
    ret->prefix.length = (uint8_t)(ret->is_v6 ? length : length + 96);
    ret->path_id = path_id;
    return true;
}

enum trouble bgp_message_parse(struct wire *message, uint8_t *ret_type, struct wire *ret_body)
{
    const uint8_t *marker = wire_bytes(message, 16);
    uint16_t length = wire_u16(message);
    *ret_type = wire_u8(message);
    for (unsigned i = 0; marker != NULL && i < 16; i++)
        if (marker[i] != 0xff)
            return TROUBLE_MARKER;
    if (message->failed || length < BGP_HEADER_SIZE)
        return TROUBLE_FIELDS;
    *ret_body = wire_carve(message, length - BGP_HEADER_SIZE);
    return ret_body->failed ? TROUBLE_FIELDS : TROUBLE_NONE;
}

/** One list of prefixes in an update. */
struct prefix_list {
    struct wire prefixes;
    uint16_t afi;
    struct bgp_change change;
};

static bool has_path_ids(const struct prefix_list *list, uint32_t path_ids)
{
    return list->afi < 32 && (path_ids >> list->afi & 1) != 0;
}

static enum trouble check_list(const struct prefix_list *list, uint32_t path_ids)
{
    enum trouble trouble = TROUBLE_NONE;
    struct wire prefixes = list->prefixes;
    struct bgp_prefix prefix;
    if ((list->afi != AFI_IPV4 && list->afi != AFI_IPV6) || list->change.safi < SAFI_UNICAST ||
        list->change.safi > SAFI_BOTH)
        return prefixes.left > 0 ? TROUBLE_FAMILY : TROUBLE_NONE;
    while (bgp_prefix_next(&prefixes, list->afi, has_path_ids(list, path_ids), &prefix, &trouble))
        ;
    return trouble;
}

static void visit_list(struct prefix_list *list, uint32_t path_ids, bgp_change_visit *visit, void *context)
{
    enum trouble trouble;
    while (bgp_prefix_next(&list->prefixes, list->afi, has_path_ids(list, path_ids), &list->change.prefix, &trouble))
        visit(context, &list->change);
}

enum trouble bgp_update_visit(struct wire body, unsigned as_size, uint32_t path_ids, struct bgp_attributes *scratch,
                              bgp_change_visit *visit, void *context)
{
    struct wire withdrawn = wire_carve(&body, wire_u16(&body));
    struct wire attributes = wire_carve(&body, wire_u16(&body));
    if (body.failed)
        return TROUBLE_FIELDS;
    enum trouble ret = bgp_attributes_parse(attributes, as_size, scratch), troubles[4];
    if (ret != TROUBLE_NONE)
        return ret;
    const struct bgp_reach *reach = &scratch->reach, *unreach = &scratch->unreach;
    struct prefix_list lists[4] = {
        {withdrawn, AFI_IPV4, {.is_withdrawal = true, .safi = SAFI_UNICAST}},
        {unreach->prefixes, unreach->afi, {.is_withdrawal = true, .safi = unreach->safi}},
        {body, AFI_IPV4, {.safi = SAFI_UNICAST, .attributes = scratch}},
        {reach->prefixes, reach->afi, {.safi = reach->safi, .attributes = scratch, .reach = reach}},
    };
    for (unsigned i = 0; i < 4; i++) {
        troubles[i] = check_list(&lists[i], path_ids);
        ret = ret == TROUBLE_NONE ? troubles[i] : ret;
    }
    for (unsigned i = 0; i < 4; i++) {
        lists[i].change.is_doubtful = ret == TROUBLE_PREFIX;
        if (troubles[i] != TROUBLE_FAMILY)
            visit_list(&lists[i], path_ids, visit, context);
    }
    return ret;
}
