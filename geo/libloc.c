/*
 * IPFire's location database (location.db of libloc, version 1), as Debian packages it. Its country is the registry's,
 * never a location; it knows origin ASes with names and flags networks as anycast. All numbers are big-endian:
 *
 *   "LOCDBXX", version; time of making (8); offsets of three texts (4 each); offset and length (4 each) of: ASes,
 * networks, tree, countries, pool of texts AS: number (4), name (4, place in the pool)       tree node: child for 0
 * (4), for 1 (4), network (4; all ones: none) network: country (2), unused (2), AS number (4), flags (2), unused (2)
 *
 * The tree is one of IPv6 addresses, IPv4 at ::ffff:0:0/96. A network is good for all below its node that has none
 * itself. Read here and not with libloc, which makes an object for each of 1.3 million networks.
 */
#include "sources_internal.h"

#include <string.h>

#include "packet_time.h"
#include "wire.h"

enum {
    MAGIC_SIZE = 8,
    AS_SIZE = 8,
    NODE_SIZE = 12,
    NETWORK_SIZE = 12,
    FLAG_ANYCAST = 1 << 2,
    BITS = 128,
    V4_BITS = 96,
    GLOBAL_BITS = 3,
};

#define NO_NETWORK UINT32_MAX

static const uint8_t magic[MAGIC_SIZE] = {'L', 'O', 'C', 'D', 'B', 'X', 'X', 1};

struct part {
    const uint8_t *data;
    uint32_t count; /* of records; pool: bytes */
};

struct libloc {
    struct geo *geo;
    const char *path;
    struct part ases, networks, nodes, pool;
    uint64_t made_sec;
    struct geo_source *registrations, *origins, *anycast;
    bool is_v4, is_full;
    uint32_t visits_left;
    const char *damage;
    size_t damage_at; /* offset in the file */
    const uint8_t *start;
};

struct answer {
    uint32_t country, origin, anycast;
};

struct branch {
    struct wide prefix;
    uint32_t node;
    uint8_t depth;
    struct answer answer; /* of the nearest network above */
};

bool geo_is_libloc(struct text text)
{
    return text.length >= MAGIC_SIZE && memcmp(text.data, magic, MAGIC_SIZE - 1) == 0;
}

static bool take_damage(struct libloc *l, const char *what, const uint8_t *at)
{
    l->damage = what;
    l->damage_at = (size_t)(at - l->start);
    return false;
}

static bool take_part(struct libloc *l, struct wire *header, size_t size, uint32_t record, struct part *ret)
{
    const uint8_t *here = header->at;
    uint32_t offset = wire_u32(header), length = wire_u32(header);
    if (header->failed)
        return take_damage(l, "its header is cut off", l->start);
    if (offset > size || length > size - offset)
        return take_damage(l, "a part of it lies behind its end", here);
    *ret = (struct part){l->start + offset, length / record};
    return true;
}

static bool read_header(struct libloc *l, struct text text)
{
    struct wire header = wire_of((const uint8_t *)text.data, text.length);
    struct part countries;
    l->start = (const uint8_t *)text.data;
    wire_skip(&header, MAGIC_SIZE);
    l->made_sec = (uint64_t)wire_u32(&header) << 32;
    l->made_sec |= wire_u32(&header);
    wire_skip(&header, 3 * 4);
    if (text.length >= MAGIC_SIZE && l->start[MAGIC_SIZE - 1] != 1)
        return take_damage(l, "its version is not 1, the only one known here", l->start + MAGIC_SIZE - 1);
    return take_part(l, &header, text.length, AS_SIZE, &l->ases) &&
           take_part(l, &header, text.length, NETWORK_SIZE, &l->networks) &&
           take_part(l, &header, text.length, NODE_SIZE, &l->nodes) &&
           take_part(l, &header, text.length, 1, &countries) && take_part(l, &header, text.length, 1, &l->pool);
}

/** Names of the ASes it knows, before any network needs them. */
static bool read_ases(struct libloc *l)
{
    struct wire wire = wire_of(l->ases.data, (size_t)l->ases.count * AS_SIZE);
    for (uint32_t i = 0; i < l->ases.count; i++) {
        const uint8_t *here = wire.at;
        uint32_t asn = wire_u32(&wire), place = wire_u32(&wire);
        const char *name = (const char *)l->pool.data + place;
        const char *end = place < l->pool.count ? memchr(name, 0, l->pool.count - place) : NULL;
        if (end == NULL)
            return take_damage(l, "the name of an AS lies outside its texts", here);
        uint32_t index = asn != 0 && asn != UINT32_MAX ? networks_add(&l->geo->networks, asn) : NETWORK_NONE;
        if (index == NETWORK_NONE)
            continue;
        struct network *network = &l->geo->networks.items[index];
        size_t length = (size_t)(end - name);
        if (network->name == NULL && length > 0)
            network->name = arena_copy(l->geo->arena, name, length < NETWORK_NAME_MAX ? length : NETWORK_NAME_MAX);
    }
    return true;
}

static bool read_network(struct libloc *l, uint32_t number, struct answer *ret)
{
    struct country country;
    if (number >= l->networks.count)
        return take_damage(l, "its tree names a network that is not there", l->nodes.data);
    struct wire wire = wire_of(l->networks.data + (size_t)number * NETWORK_SIZE, NETWORK_SIZE);
    const char *code = (const char *)wire_bytes(&wire, 2);
    wire_skip(&wire, 2);
    uint32_t asn = wire_u32(&wire), index = NETWORK_NONE;
    uint16_t flags = wire_u16(&wire);
    *ret = (struct answer){.anycast = flags & FLAG_ANYCAST ? VALUE_ANYCAST : 0};
    if (country_parse(code, 2, &country))
        ret->country = value_of_country(country);
    if (asn != 0 && asn != UINT32_MAX && l->origins != NULL) {
        index = networks_add(&l->geo->networks, asn);
        l->is_full |= index == NETWORK_NONE;
    }
    if (index != NETWORK_NONE)
        ret->origin = origin_of(index);
    return !l->is_full;
}

static bool begin(struct libloc *l, struct geo_source *source, struct wide start, uint32_t value)
{
    enum range_result result = RANGE_OK;
    if (source != NULL)
        result = l->is_v4 ? range_list_add4(&source->list, (uint32_t)start.low, value)
                          : range_list_add6(&source->list, start, value);
    l->is_full |= result == RANGE_REFUSED;
    return result == RANGE_OK;
}

static bool begin_all(struct libloc *l, struct wide start, struct answer answer)
{
    return begin(l, l->registrations, start, answer.country) && begin(l, l->origins, start, answer.origin) &&
           begin(l, l->anycast, start, answer.anycast);
}

/** Reads a node: its network, if it has one, and its children (0: none). */
static bool enter(struct libloc *l, struct branch *b, uint32_t ret_children[static 2])
{
    if (b->node >= l->nodes.count || b->depth > BITS)
        return take_damage(l, "its tree leads outside", l->nodes.data);
    const uint8_t *here = l->nodes.data + (size_t)b->node * NODE_SIZE;
    if (l->visits_left-- == 0)
        return take_damage(l, "its tree has loops", here);
    struct wire wire = wire_of(here, NODE_SIZE);
    ret_children[0] = wire_u32(&wire);
    ret_children[1] = wire_u32(&wire);
    uint32_t network = wire_u32(&wire);
    if (b->depth == BITS && (ret_children[0] != 0 || ret_children[1] != 0))
        return take_damage(l, "its tree is deeper than an address is long", here);
    return network == NO_NETWORK || read_network(l, network, &b->answer);
}

static struct branch child_of(const struct branch *b, unsigned bit, uint32_t node)
{
    struct branch ret = {b->prefix, node, (uint8_t)(b->depth + 1), b->answer};
    if (bit != 0 && b->depth < 64)
        ret.prefix.high |= UINT64_C(1) << (63 - b->depth);
    else if (bit != 0)
        ret.prefix.low |= UINT64_C(1) << (127 - b->depth);
    return ret;
}

/** Depth first, 0 before 1, so that ranges come in order. */
static bool walk_from(struct libloc *l, struct branch at)
{
    struct branch right[BITS + 1]; /* still to go */
    size_t height = 0;
    for (;;) {
        uint32_t children[2] = {0, 0};
        if ((at.node != 0 || at.depth == 0) && !enter(l, &at, children))
            return false;
        if (children[0] != 0 || children[1] != 0) {
            right[height++] = child_of(&at, 1, children[1]);
            at = child_of(&at, 0, children[0]);
            continue;
        }
        if (!begin_all(l, at.prefix, at.answer))
            return false;
        if (height == 0)
            return true;
        at = right[--height];
    }
}

/** To the part of the tree that holds @p path's first @p count bits. */
static bool walk_family(struct libloc *l, struct wide path, unsigned count)
{
    struct branch at = {.node = 0};
    l->visits_left = l->nodes.count + BITS;
    for (unsigned i = 0; i < count; i++) {
        uint32_t children[2] = {0, 0};
        unsigned bit = (unsigned)((i < 64 ? path.high >> (63 - i) : path.low >> (127 - i)) & 1);
        if ((at.node != 0 || i == 0) && !enter(l, &at, children))
            return false;
        at = child_of(&at, bit, children[bit]);
    }
    return walk_from(l, at);
}

static bool add_sources(struct libloc *l, const struct wish *wish, struct error *error)
{
    static const struct known_file known = {"", "libloc location database", "IPFire", ROLE_REGISTRATION,
                                            "IPFire location database (https://location.ipfire.org), CC BY-SA 4.0"};
    static const enum role roles[] = {ROLE_REGISTRATION, ROLE_ASN, ROLE_ANYCAST};
    struct geo_source **const sources[] = {&l->registrations, &l->origins, &l->anycast};
    char day[PACKET_TIME_TEXT_SIZE];
    for (size_t i = 0; i < 3; i++) {
        if (wish->role != ROLE_NONE && wish->role != roles[i])
            continue;
        *sources[i] = geo_source_add(l->geo, roles[i], wish, &known, NULL, error);
        if (*sources[i] == NULL)
            return false;
        (*sources[i])->is_derived = roles[i] == ROLE_ANYCAST;
        struct geo_database *database = geo_source_database(l->geo, *sources[i]);
        if (l->made_sec == 0 || l->made_sec >= UINT32_MAX)
            continue;
        database->built_sec = (int64_t)l->made_sec;
        packet_time_print(packet_time_from_sec(database->built_sec), day);
        database->edition = arena_copy(l->geo->arena, day, 10);
    }
    return true;
}

enum status geo_load_libloc(struct geo *geo, const struct wish *wish, struct text text, struct error *error)
{
    struct libloc l = {.geo = geo, .path = wish->path};
    if (wish->role == ROLE_LOCATION || wish->role == ROLE_HOLDER)
        return error_set(error, STATUS_INVALID,
                         "%s: libloc's countries are the registry's: its roles are registration, asn and anycast",
                         wish->path);
    bool is_good = read_header(&l, text) && read_ases(&l);
    if (is_good && !add_sources(&l, wish, error))
        return STATUS_UNSUPPORTED;
    if (is_good) {
        l.is_v4 = true;
        is_good = walk_family(&l, (struct wide){0, UINT64_C(0xffff) << 32}, V4_BITS);
        l.is_v4 = false;
        is_good = is_good && walk_family(&l, (struct wide){GLOBAL_FIRST, 0}, GLOBAL_BITS);
    }
    if (l.damage != NULL)
        return error_set(error, STATUS_MALFORMED, "%s: offset %zu: damaged database: %s; fetch it again", wish->path,
                         l.damage_at, l.damage);
    return is_good ? STATUS_OK : error_set(error, STATUS_NO_MEMORY, "%s: no memory for its ranges", wish->path);
}
