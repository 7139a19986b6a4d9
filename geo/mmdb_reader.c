/*
 * MMDB files: the only place that knows libmaxminddb. A file is walked once per role into a range list and closed
 * again; look-ups never touch it. Everything in it is hostile: trees may have cycles, pointers may lead anywhere.
 */
#include "sources_internal.h"

#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "offset_map_internal.h"
#include "packet_time.h"
#include "scan_internal.h"

enum { KEY_PARTS_MAX = 4, PROBE_RECORDS = 64, DEPTH_MAX = 128 };

/* What to take from a record. */
struct mmdb_key {
    const char *parts[KEY_PARTS_MAX + 1]; /* NULL-terminated path */
    enum { KEY_COUNTRY, KEY_ASN, KEY_FLAG } kind;
};

/* MaxMind's Country, City and Enterprise files, and DB-IP's; IPinfo Lite and the npm files. */
static const struct mmdb_key keys_country[] = {{{"country", "iso_code"}, KEY_COUNTRY}, {{"country_code"}, KEY_COUNTRY}};
static const struct mmdb_key key_registered = {{"registered_country", "iso_code"}, KEY_COUNTRY};
/* MaxMind's and DB-IP's ASN files; IPinfo Lite; MaxMind's Enterprise file. */
static const struct mmdb_key keys_asn[] = {
    {{"autonomous_system_number"}, KEY_ASN}, {{"asn"}, KEY_ASN}, {{"traits", "autonomous_system_number"}, KEY_ASN}};
static const struct mmdb_key keys_as_name[] = {{{"autonomous_system_organization"}, KEY_COUNTRY},
                                               {{"as_name"}, KEY_COUNTRY},
                                               {{"traits", "autonomous_system_organization"}, KEY_COUNTRY}};
/* MaxMind's Enterprise file: addresses that are in many places. */
static const struct mmdb_key key_anycast = {{"traits", "is_anycast"}, KEY_FLAG};
enum { ASN_KEYS = sizeof(keys_asn) / sizeof(keys_asn[0]) };

struct mmdb_walk {
    const MMDB_s *mmdb;
    struct geo *geo;
    const struct mmdb_key *key;
    const struct mmdb_key *name_key; /* of the AS's holder; NULL none */
    bool *has_anycast;               /* set when a record of a country says so; NULL: nobody asks */
    bool can_withhold;               /* a record without its country, but with a registered one, is held back */
    struct range_list *list;
    struct offset_map seen;
    bool is_v4;
    uint64_t visits_left;
    const char *damage; /* what is wrong, when something is */
    uint64_t damage_at; /* offset in the file */
    unsigned probed;    /* probing: records seen, and which keys they have */
    bool has_country[2], has_registered, has_asn[ASN_KEYS];
};

static uint64_t tree_offset(const struct mmdb_walk *walk, uint64_t node)
{
    return node * walk->mmdb->metadata.record_size / 4;
}

static bool take_damage(struct mmdb_walk *walk, const char *what, uint64_t at)
{
    walk->damage = what;
    walk->damage_at = at;
    return false;
}

/** @return false when the record is damaged; a record without the field is good and @p ret empty. */
static bool record_field(const MMDB_entry_s *entry, const char *const *path, MMDB_entry_data_s *ret)
{
    MMDB_entry_s start = *entry;
    int status = MMDB_aget_value(&start, ret, path);
    if (status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR || (status == MMDB_SUCCESS && !ret->has_data)) {
        *ret = (MMDB_entry_data_s){0};
        return true;
    }
    return status == MMDB_SUCCESS;
}

static struct text field_text(const MMDB_entry_data_s *field)
{
    if (!field->has_data || field->type != MMDB_DATA_TYPE_UTF8_STRING)
        return (struct text){NULL, 0};
    return (struct text){field->utf8_string, field->data_size};
}

static bool field_asn(const MMDB_entry_data_s *field, uint32_t *ret)
{
    if (!field->has_data)
        return false;
    if (field->type == MMDB_DATA_TYPE_UTF8_STRING)
        return scan_asn(field_text(field), ret) && *ret != 0;
    uint64_t number = field->type == MMDB_DATA_TYPE_UINT32   ? field->uint32
                      : field->type == MMDB_DATA_TYPE_UINT16 ? field->uint16
                      : field->type == MMDB_DATA_TYPE_UINT64 ? field->uint64
                                                             : 0;
    if (number == 0 || number >= UINT32_MAX)
        return false;
    *ret = (uint32_t)number;
    return true;
}

static bool is_flagged(const MMDB_entry_s *entry, const struct mmdb_key *key)
{
    MMDB_entry_data_s field;
    return record_field(entry, key->parts, &field) && field.has_data && field.type == MMDB_DATA_TYPE_BOOLEAN &&
           field.boolean;
}

static bool country_value(struct mmdb_walk *walk, const MMDB_entry_s *entry, const MMDB_entry_data_s *field,
                          uint32_t *ret)
{
    struct text text = field_text(field);
    struct country country;
    *ret = 0;
    if (walk->has_anycast != NULL && !*walk->has_anycast)
        *walk->has_anycast = is_flagged(entry, &key_anycast);
    if (text.data != NULL && country_parse(text.data, text.length, &country)) {
        *ret = value_of_country(country);
        return true;
    }
    if (!walk->can_withhold || text.data != NULL)
        return true;
    MMDB_entry_data_s registered;
    if (!record_field(entry, key_registered.parts, &registered))
        return false;
    *ret = registered.has_data ? VALUE_WITHHELD : 0;
    return true;
}

static bool asn_value(struct mmdb_walk *walk, const MMDB_entry_s *entry, const MMDB_entry_data_s *field, uint32_t *ret)
{
    uint32_t asn, index;
    *ret = 0;
    if (!field_asn(field, &asn) || (index = networks_add(&walk->geo->networks, asn)) == NETWORK_NONE)
        return true;
    struct network *network = &walk->geo->networks.items[index];
    if (network->name == NULL && walk->name_key != NULL) {
        MMDB_entry_data_s name;
        if (!record_field(entry, walk->name_key->parts, &name))
            return false;
        struct text text = field_text(&name);
        if (!text_is_empty(text))
            network->name = arena_copy(walk->geo->arena, text.data,
                                       text.length < NETWORK_NAME_MAX ? text.length : NETWORK_NAME_MAX);
    }
    *ret = origin_of(index);
    return true;
}

static uint64_t data_offset(const struct mmdb_walk *walk, uint64_t offset)
{
    return tree_offset(walk, walk->mmdb->metadata.node_count) + 16 + offset; /* bytes of zero part tree and data */
}

static bool record_decode(struct mmdb_walk *walk, const MMDB_entry_s *entry, uint32_t *ret)
{
    MMDB_entry_data_s field;
    if (walk->key->kind == KEY_FLAG) {
        *ret = is_flagged(entry, walk->key) ? VALUE_ANYCAST : 0;
        return true;
    }
    if (record_field(entry, walk->key->parts, &field) &&
        (walk->key->kind == KEY_ASN ? asn_value(walk, entry, &field, ret) : country_value(walk, entry, &field, ret)))
        return true;
    return take_damage(walk, "a record of its data section cannot be read", data_offset(walk, entry->offset));
}

/** Value of a record, decoded at most once. @return false and `damage` set when it is damaged. */
static bool record_value(struct mmdb_walk *walk, const MMDB_entry_s *entry, uint32_t *ret)
{
    struct offset_map *map = &walk->seen;
    if (map->last_offset == entry->offset + 1) {
        *ret = map->last_value;
        return true;
    }
    bool is_new;
    uint32_t *value = offset_map_take(map, entry->offset, &is_new);
    if (value == NULL) {
        walk->list->is_out_of_memory = true;
        return false;
    }
    if (is_new && !record_decode(walk, entry, value))
        return false;
    map->last_offset = entry->offset + 1;
    *ret = map->last_value = *value;
    return true;
}

static bool has_field(const MMDB_entry_s *entry, const struct mmdb_key *key)
{
    MMDB_entry_data_s field;
    return record_field(entry, key->parts, &field) && field.has_data;
}

static void record_probe(struct mmdb_walk *walk, const MMDB_entry_s *entry)
{
    for (size_t i = 0; i < 2; i++)
        walk->has_country[i] |= has_field(entry, &keys_country[i]);
    for (size_t i = 0; i < ASN_KEYS; i++)
        walk->has_asn[i] |= has_field(entry, &keys_asn[i]);
    walk->has_registered |= has_field(entry, &key_registered);
    walk->probed++;
}

static bool add_range(struct mmdb_walk *walk, struct wide prefix, uint32_t value)
{
    enum range_result result = walk->is_v4 ? range_list_add4(walk->list, (uint32_t)(prefix.high >> 32), value)
                                           : range_list_add6(walk->list, prefix, value);
    return result == RANGE_OK;
}

struct branch {
    struct wide prefix;
    uint32_t node;   /* whose record this is */
    uint32_t record; /* node number */
    uint32_t offset; /* in the data section */
    uint8_t type;
    uint8_t depth; /* bits of the prefix that are fixed */
};

/** 6to4 and Teredo mirror the IPv4 tree in some files; such addresses are judged by the IPv4 address in them. */
static bool is_mirror(const struct mmdb_walk *walk, const struct branch *b)
{
    return !walk->is_v4 && ((b->depth == 16 && b->prefix.high == UINT64_C(0x2002) << 48) ||
                            (b->depth == 32 && b->prefix.high == UINT64_C(0x20010000) << 32));
}

static struct wide with_bit(struct wide prefix, unsigned bit)
{
    if (bit < 64)
        prefix.high |= UINT64_C(1) << (63 - bit);
    else
        prefix.low |= UINT64_C(1) << (127 - bit);
    return prefix;
}

/** Pushes both halves of a node, right one first. @return false: damage. */
static bool branch_split(struct mmdb_walk *walk, const struct branch *b, struct branch *ret_left,
                         struct branch *ret_right)
{
    MMDB_search_node_s node;
    uint64_t here = tree_offset(walk, b->record);
    if (b->depth >= (walk->is_v4 ? 32 : DEPTH_MAX))
        return take_damage(walk, "its tree is deeper than an address is long", here);
    if (walk->visits_left == 0)
        return take_damage(walk, "its tree has loops", here);
    if (MMDB_read_node(walk->mmdb, b->record, &node) != MMDB_SUCCESS)
        return take_damage(walk, "a node of its tree cannot be read", here);
    walk->visits_left--;
    uint8_t depth = (uint8_t)(b->depth + 1);
    *ret_left = (struct branch){
        b->prefix, b->record, (uint32_t)node.left_record, node.left_record_entry.offset, node.left_record_type, depth};
    *ret_right = (struct branch){with_bit(b->prefix, b->depth), b->record,
                                 (uint32_t)node.right_record,   node.right_record_entry.offset,
                                 node.right_record_type,        depth};
    return true;
}

/** One leaf or empty branch. */
static bool leaf_take(struct mmdb_walk *walk, const struct branch *b)
{
    uint32_t value = 0;
    MMDB_entry_s entry = {walk->mmdb, b->offset};
    bool is_outside =
        b->type == MMDB_RECORD_TYPE_DATA && data_offset(walk, b->offset) >= (uint64_t)walk->mmdb->file_size;
    if (b->type == MMDB_RECORD_TYPE_INVALID || is_outside)
        return take_damage(walk, "its tree points outside the file", tree_offset(walk, b->node));
    if (b->type == MMDB_RECORD_TYPE_DATA && walk->key == NULL)
        record_probe(walk, &entry);
    else if (b->type == MMDB_RECORD_TYPE_DATA && !record_value(walk, &entry, &value))
        return false;
    return walk->key == NULL || add_range(walk, b->prefix, value);
}

/** Whatever ends a branch: a leaf, nothing, a mirror. */
static bool branch_end(struct mmdb_walk *walk, const struct branch *b)
{
    if (!is_mirror(walk, b))
        return leaf_take(walk, b);
    return walk->key == NULL || add_range(walk, b->prefix, 0);
}

/** Depth first, left before right, so that ranges come in order. */
static bool walk_from(struct mmdb_walk *walk, struct branch at)
{
    struct branch right[DEPTH_MAX + 1]; /* still to go */
    size_t height = 0;
    for (;;) {
        if (at.type == MMDB_RECORD_TYPE_SEARCH_NODE && !is_mirror(walk, &at)) {
            struct branch left;
            if (!branch_split(walk, &at, &left, &right[height]))
                return false;
            height++;
            at = left;
            continue;
        }
        if (!branch_end(walk, &at))
            return false;
        if (height == 0 || (walk->key == NULL && walk->probed >= PROBE_RECORDS))
            return true;
        at = right[--height];
    }
}

/** Follows the first @p count bits of @p path down from the root. */
static bool descend(struct mmdb_walk *walk, struct wide path, unsigned count, struct branch *ret)
{
    struct branch at = {.type = MMDB_RECORD_TYPE_SEARCH_NODE};
    for (unsigned bit = 0; bit < count && at.type == MMDB_RECORD_TYPE_SEARCH_NODE; bit++) {
        struct branch left, right;
        at.depth = 0;
        if (!branch_split(walk, &at, &left, &right))
            return false;
        at = (bit < 64 ? path.high >> (63 - bit) : path.low >> (127 - bit)) & 1 ? right : left;
    }
    *ret = at;
    return true;
}

static bool walk_family(struct mmdb_walk *walk, bool is_v4)
{
    struct branch start;
    bool has_v6 = walk->mmdb->metadata.ip_version == 6;
    if (!is_v4 && !has_v6)
        return true;
    walk->is_v4 = is_v4;
    walk->visits_left =
        (uint64_t)walk->mmdb->metadata.node_count * 2 + 256; /* a tree has each node once; some share a few */
    struct wide path = {is_v4 ? 0 : GLOBAL_FIRST, 0};
    if (!descend(walk, path, !has_v6 ? 0 : is_v4 ? 96 : 3, &start))
        return false;
    start.depth = is_v4 ? 0 : 3;
    start.prefix = path;
    return walk_from(walk, start);
}

static enum status walk_status(const struct mmdb_walk *walk, const char *path, struct error *error)
{
    if (walk->damage != NULL)
        return error_set(error, STATUS_MALFORMED, "%s: offset %llu: damaged database: %s; fetch it again", path,
                         (unsigned long long)walk->damage_at, walk->damage);
    return geo_list_status(walk->list, path, error);
}

/** One role of an open file. */
static enum status load_role(struct geo *geo, const struct wish *wish, const MMDB_s *mmdb,
                             const struct known_file *known, enum role role, struct mmdb_walk walk, struct error *error)
{
    const char *type = mmdb->metadata.database_type;
    struct geo_source *source = geo_source_add(geo, role, wish, known, type, error);
    if (source == NULL)
        return STATUS_UNSUPPORTED;
    struct geo_database *database = geo_source_database(geo, source);
    char day[PACKET_TIME_TEXT_SIZE];
    if (mmdb->metadata.build_epoch > 0 && mmdb->metadata.build_epoch < UINT32_MAX) {
        database->built_sec = (int64_t)mmdb->metadata.build_epoch;
        packet_time_print(packet_time_from_sec(database->built_sec), day);
        database->edition = arena_copy(geo->arena, day, 10);
    }
    walk.list = &source->list;
    source->is_derived = role == ROLE_ANYCAST;
    bool is_good = walk_family(&walk, true) && walk_family(&walk, false);
    offset_map_clear(&walk.seen);
    return is_good ? STATUS_OK : walk_status(&walk, wish->path, error);
}

/** The user's own key, "country.iso_code" or "country_code". */
static bool key_of_wish(struct geo *geo, const struct wish *wish, struct mmdb_key *ret)
{
    char *text = arena_copy(geo->arena, wish->key.data, wish->key.length);
    size_t count = 0;
    for (char *part = text; part != NULL; count++) {
        if (count == KEY_PARTS_MAX)
            return false;
        ret->parts[count] = part;
        part = strpbrk(part, "./");
        if (part != NULL)
            *part++ = '\0';
    }
    ret->parts[count] = NULL;
    ret->kind = wish->role == ROLE_ASN ? KEY_ASN : KEY_COUNTRY;
    return text != NULL;
}

/** The first that the file has; the first of all when it has none. */
static size_t asn_key_of(const struct mmdb_walk *probe)
{
    size_t i = 0;
    while (i < ASN_KEYS && !probe->has_asn[i])
        i++;
    return i < ASN_KEYS ? i : 0;
}

static enum status load_wished(struct geo *geo, const struct wish *wish, const MMDB_s *mmdb,
                               const struct mmdb_walk *probe, struct error *error)
{
    struct mmdb_key key = wish->role == ROLE_ASN            ? keys_asn[asn_key_of(probe)]
                          : wish->role == ROLE_REGISTRATION ? (probe->has_registered ? key_registered : keys_country[1])
                                                            : keys_country[probe->has_country[0] ? 0 : 1];
    if (wish->role == ROLE_ANYCAST)
        return error_set(error, STATUS_INVALID, "%s: role anycast takes a list of prefixes, not an MMDB file",
                         wish->path);
    if (!text_is_empty(wish->key) && !key_of_wish(geo, wish, &key))
        return error_set(error, STATUS_INVALID, "%s: key= has more than %d parts", wish->path, KEY_PARTS_MAX);
    const struct known_file *known = geo_known_file(wish->path, mmdb->metadata.database_type);
    struct mmdb_walk walk = {.mmdb = mmdb, .geo = geo, .key = &key, .name_key = &keys_as_name[asn_key_of(probe)]};
    return load_role(geo, wish, mmdb, known, wish->role, walk, error);
}

static enum status load_probed(struct geo *geo, const struct wish *wish, const MMDB_s *mmdb,
                               const struct mmdb_walk *probe, struct error *error)
{
    const struct known_file *known = geo_known_file(wish->path, mmdb->metadata.database_type);
    bool has_country = probe->has_country[0] || probe->has_country[1], has_asn = probe->has_asn[asn_key_of(probe)];
    bool has_anycast = false;
    struct mmdb_walk walk = {.mmdb = mmdb, .geo = geo, .has_anycast = &has_anycast};
    enum status status = STATUS_OK;
    if (!has_country && !probe->has_registered && !has_asn)
        return error_set(error, STATUS_UNSUPPORTED,
                         "%s: its records (type \"%s\") hold neither a country nor an AS number known here; say "
                         "role=ROLE,key=FIELD,file=%s",
                         wish->path, mmdb->metadata.database_type, wish->path);
    if (has_country) {
        enum role role = known && known->country_role != ROLE_NONE ? known->country_role : ROLE_LOCATION;
        walk.key = &keys_country[probe->has_country[0] ? 0 : 1];
        walk.can_withhold = role == ROLE_LOCATION && probe->has_registered;
        status = load_role(geo, wish, mmdb, known, role, walk, error);
    }
    walk.can_withhold = false;
    walk.has_anycast = NULL;
    if (status == STATUS_OK && has_anycast) {
        walk.key = &key_anycast;
        status = load_role(geo, wish, mmdb, known, ROLE_ANYCAST, walk, error);
    }
    if (status == STATUS_OK && probe->has_registered) {
        walk.key = &key_registered;
        status = load_role(geo, wish, mmdb, known, ROLE_REGISTRATION, walk, error);
    }
    if (status == STATUS_OK && has_asn) {
        walk.key = &keys_asn[asn_key_of(probe)];
        walk.name_key = &keys_as_name[asn_key_of(probe)];
        status = load_role(geo, wish, mmdb, known, ROLE_ASN, walk, error);
    }
    return status;
}

bool geo_is_mmdb(struct text bytes)
{
    static const char mark[] = "\xab\xcd\xefMaxMind.com"; /* before the metadata, at most 128 KiB before the end */
    size_t looked_at = bytes.length < 128 << 10 ? bytes.length : 128 << 10;
    return looked_at > 0 && memmem(bytes.data + bytes.length - looked_at, looked_at, mark, sizeof(mark) - 1) != NULL;
}

/**
 * libmaxminddb opens and maps paths only. It gets a file of ours: the user's may be written anew in its place at any
 * time, and what is gone from a mapped file ends the process.
 */
static int open_copy(struct text bytes, MMDB_s *ret)
{
    char path[64];
    int fd = memfd_create("mmdb", MFD_CLOEXEC);
    if (fd < 0)
        return MMDB_OUT_OF_MEMORY_ERROR;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    size_t done = 0;
    for (ssize_t put; done < bytes.length && (put = write(fd, bytes.data + done, bytes.length - done)) > 0;)
        done += (size_t)put;
    int opened = done == bytes.length ? MMDB_open(path, MMDB_MODE_MMAP, ret) : MMDB_OUT_OF_MEMORY_ERROR;
    close(fd);
    return opened;
}

enum status geo_load_mmdb(struct geo *geo, const struct wish *wish, struct text bytes, struct error *error)
{
    MMDB_s mmdb;
    int opened = open_copy(bytes, &mmdb);
    if (opened != MMDB_SUCCESS)
        return error_set(error, opened == MMDB_OUT_OF_MEMORY_ERROR ? STATUS_NO_MEMORY : STATUS_MALFORMED,
                         "%s: offset %zu: no readable MMDB database: %s", wish->path, bytes.length,
                         MMDB_strerror(opened));
    struct range_list unused = {0};
    struct mmdb_walk probe = {.mmdb = &mmdb, .geo = geo, .list = &unused};
    enum status status;
    if (mmdb.metadata.ip_version != 4 && mmdb.metadata.ip_version != 6)
        status = error_set(error, STATUS_MALFORMED, "%s: damaged database: neither IPv4 nor IPv6", wish->path);
    else if (!walk_family(&probe, true) || (probe.probed == 0 && !walk_family(&probe, false)))
        status = walk_status(&probe, wish->path, error);
    else
        status = wish->role == ROLE_NONE ? load_probed(geo, wish, &mmdb, &probe, error)
                                         : load_wished(geo, wish, &mmdb, &probe, error);
    MMDB_close(&mmdb);
    return status;
}
