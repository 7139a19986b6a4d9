/* The table of findings by key, and the lists each of them keeps: flags and remotes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "ledger_internal.h"
#include "policy_internal.h"

enum { FIRST_ENTRIES = 64, FIRST_SET = 32 };

static bool axis_is_flagged(const struct verdicts *verdicts, unsigned axes)
{
    for (unsigned i = 0; i < verdicts->flag_count; i++)
        if (axes & 1U << verdicts->flags[i].axis)
            return true;
    return false;
}

static void print_target(const struct sighting *s, char ret[static TARGET_MAX])
{
    const struct operator_facts *operator_facts = &s->jurisdiction.operator_facts;
    if (s->registered_domain[0] != '\0')
        snprintf(ret, TARGET_MAX, "%s", s->registered_domain);
    else if (operator_facts->asn_count > 0)
        snprintf(ret, TARGET_MAX, "AS%u", operator_facts->asn[0]);
    else
        ip_print(&s->remote, ret);
}

bool finding_key_of(const struct sighting *s, enum severity severity, struct finding_key *ret)
{
    const struct attribution *attribution = &s->attribution;
    bool is_agent = sighting_is_agent(s);
    ret->host = s->host;
    ret->product = NULL;
    ret->purpose = attribution->purpose;
    ret->target[0] = '\0';
    if (!is_agent && (s->is_internal || severity == SEVERITY_NONE))
        return false;
    bool is_flagged_web = attribution->product != NULL && attribution->purpose == PURPOSE_WEB &&
                          axis_is_flagged(&s->verdicts, 1U << AXIS_VENDOR);
    if (is_agent || is_flagged_web) {
        ret->product = attribution->product;
        return true;
    }
    ret->purpose = PURPOSE_UNKNOWN;
    print_target(s, ret->target);
    return axis_is_flagged(&s->verdicts, 1U << AXIS_LOCATION | 1U << AXIS_OPERATOR);
}

static uint64_t key_hash(const struct finding_key *key, uint64_t seed)
{
    uint64_t hash = hash_bytes(&key->host, sizeof(key->host), seed);
    if (key->product != NULL)
        hash = hash_bytes(key->product->id, strlen(key->product->id), hash);
    return hash_bytes(key->target, strlen(key->target), hash + key->purpose);
}

static bool entry_has_key(const struct entry *e, const struct finding_key *key)
{
    if (!ip_equal(&e->host, &key->host) || e->purpose != key->purpose || (e->product == NULL) != (key->product == NULL))
        return false;
    if (e->product != NULL)
        return e->product == key->product || strcmp(e->product->id, key->product->id) == 0;
    return strcmp(e->target, key->target) == 0;
}

/* Ids are no secret: somebody could make them collide. */
static uint64_t id_hash(const struct ledger *l, uint64_t id)
{
    return hash_bytes(&id, sizeof(id), l->seed);
}

static void take_slot(uint32_t *slots, uint32_t room, uint64_t hash, uint32_t value)
{
    uint32_t at = (uint32_t)hash & (room - 1);
    while (slots[at] != 0)
        at = (at + 1) & (room - 1);
    slots[at] = value;
}

static bool grow_slots(struct ledger *l)
{
    uint32_t room = l->slot_room ? 2 * l->slot_room : 2 * FIRST_ENTRIES;
    uint32_t *slots = calloc(room, sizeof(*slots)), *slots_by_id = calloc(room, sizeof(*slots_by_id));
    if (slots == NULL || slots_by_id == NULL) {
        free(slots);
        free(slots_by_id);
        return false;
    }
    for (uint32_t i = 0; i < l->count; i++) {
        take_slot(slots, room, l->entries[i].hash, i + 1);
        take_slot(slots_by_id, room, id_hash(l, l->entries[i].id), i + 1);
    }
    free(l->slots);
    free(l->slots_by_id);
    l->slots = slots;
    l->slots_by_id = slots_by_id;
    l->slot_room = room;
    return true;
}

static bool make_room(struct ledger *l)
{
    if (2 * (l->count + 1) > l->slot_room && !grow_slots(l))
        return false;
    if (l->count < l->room)
        return true;
    uint32_t room = l->room ? 2 * l->room : FIRST_ENTRIES;
    struct entry *entries = realloc(l->entries, room * sizeof(*entries));
    if (entries == NULL)
        return false;
    l->entries = entries;
    l->room = room;
    return true;
}

static struct entry *append_entry(struct ledger *l, const struct finding_key *key, uint64_t hash, bool is_agent)
{
    if (l->count >= l->options.findings_max) {
        l->refused++;
        return NULL;
    }
    char *target = key->product == NULL ? strdup(key->target) : NULL;
    if ((key->product == NULL && target == NULL) || !make_room(l)) {
        free(target);
        l->out_of_memory++;
        return NULL;
    }
    struct entry *e = &l->entries[l->count];
    *e = (struct entry){.hash = hash,
                        .id = finding_id_of(key),
                        .host = key->host,
                        .product = key->product,
                        .target = target,
                        .purpose = (uint8_t)key->purpose,
                        .is_agent = is_agent};
    l->count++;
    take_slot(l->slots, l->slot_room, hash, l->count);
    take_slot(l->slots_by_id, l->slot_room, id_hash(l, e->id), l->count);
    return e;
}

static struct entry *find_entry(struct ledger *l, const struct finding_key *key, uint64_t hash)
{
    if (l->slot_room == 0)
        return NULL;
    uint32_t mask = l->slot_room - 1;
    for (uint32_t at = (uint32_t)hash & mask; l->slots[at] != 0; at = (at + 1) & mask) {
        struct entry *e = &l->entries[l->slots[at] - 1];
        if (e->hash == hash && entry_has_key(e, key))
            return e;
    }
    return NULL;
}

struct entry *ledger_find_entry(struct ledger *l, const struct finding_key *key)
{
    return find_entry(l, key, key_hash(key, l->seed));
}

struct entry *ledger_find_id(struct ledger *l, uint64_t id)
{
    uint32_t mask = l->slot_room - 1;
    if (l->slot_room == 0)
        return NULL;
    for (uint32_t at = (uint32_t)id_hash(l, id) & mask; l->slots_by_id[at] != 0; at = (at + 1) & mask)
        if (l->entries[l->slots_by_id[at] - 1].id == id)
            return &l->entries[l->slots_by_id[at] - 1];
    return NULL;
}

struct entry *ledger_take_entry(struct ledger *l, const struct finding_key *key, bool is_agent)
{
    uint64_t hash = key_hash(key, l->seed);
    struct entry *e = find_entry(l, key, hash);
    return e != NULL ? e : append_entry(l, key, hash, is_agent);
}

void entry_clear(struct entry *e)
{
    free(e->target);
    free(e->worst);
    free(e->flags);
    free(e->remotes);
    free(e->more.slots);
    free(e->accepted);
}

/* ---- flags ---- */

static bool same_flag(const struct flag *a, const struct flag *b)
{
    return a->axis == b->axis && country_equal(a->country, b->country) && strcmp(a->policy, b->policy) == 0;
}

/* Sorted by policy, axis, country, as in `struct verdicts`. */
static bool flag_before(const struct flag *a, const struct flag *b)
{
    int order = strcmp(a->policy, b->policy);
    if (order == 0)
        order = (int)a->axis - (int)b->axis;
    return order != 0 ? order < 0 : strcmp(a->country.code, b->country.code) < 0;
}

static void add_flag(struct ledger *l, struct entry *e, const struct flag *flag)
{
    unsigned at = 0;
    while (at < e->flag_count && flag_before(&e->flags[at], flag))
        at++;
    if (at < e->flag_count && same_flag(&e->flags[at], flag))
        return;
    if (e->flag_count == FLAGS_MAX) {
        l->flags_refused++;
        return;
    }
    struct flag *flags = realloc(e->flags, (e->flag_count + 1U) * sizeof(*flags));
    if (flags == NULL) {
        l->out_of_memory++;
        return;
    }
    memmove(&flags[at + 1], &flags[at], (e->flag_count - at) * sizeof(*flags));
    flags[at] = *flag;
    e->flags = flags;
    e->flag_count++;
}

void entry_add_flags(struct ledger *l, struct entry *e, const struct verdicts *verdicts)
{
    for (unsigned i = 0; i < verdicts->flag_count; i++) {
        add_flag(l, e, &verdicts->flags[i]);
        e->axes |= (uint8_t)(1U << verdicts->flags[i].axis);
    }
}

/* ---- remotes ---- */

static void set_insert(struct remote_set *set, uint64_t value)
{
    uint32_t at = (uint32_t)value & (set->room - 1);
    while (set->slots[at] != 0)
        at = (at + 1) & (set->room - 1);
    set->slots[at] = value;
}

static bool set_has(const struct remote_set *set, uint64_t value)
{
    if (set->room == 0)
        return false;
    uint32_t at = (uint32_t)value & (set->room - 1);
    while (set->slots[at] != 0 && set->slots[at] != value)
        at = (at + 1) & (set->room - 1);
    return set->slots[at] == value;
}

static bool set_grow(struct remote_set *set)
{
    struct remote_set bigger = {NULL, set->count, set->room ? 2 * set->room : FIRST_SET};
    bigger.slots = calloc(bigger.room, sizeof(*bigger.slots));
    if (bigger.slots == NULL)
        return false;
    for (uint32_t i = 0; i < set->room; i++)
        if (set->slots[i] != 0)
            set_insert(&bigger, set->slots[i]);
    free(set->slots);
    *set = bigger;
    return true;
}

/* A remote beyond the listed ones: counted when it is new and there is room to remember it. */
static void count_further_remote(struct ledger *l, struct entry *e, const struct ip_address *remote)
{
    uint64_t value = hash_bytes(remote, sizeof(*remote), l->seed) | 1;
    if (set_has(&e->more, value))
        return;
    if (e->more.count >= REMOTE_SET_MAX || l->remembered >= REMOTE_SETS_TOTAL_MAX ||
        (2 * (e->more.count + 1) > e->more.room && !set_grow(&e->more))) {
        l->remotes_uncounted++;
        return;
    }
    set_insert(&e->more, value);
    e->more.count++;
    l->remembered++;
    e->counters.remotes++;
}

static struct remote_seen *find_remote(const struct entry *e, const struct ip_address *remote)
{
    for (unsigned i = 0; i < e->remote_count; i++)
        if (ip_equal(&e->remotes[i].ip, remote))
            return &e->remotes[i];
    return NULL;
}

static struct remote_seen *append_remote(struct ledger *l, struct entry *e, const struct sighting *s)
{
    if (e->remote_count == e->remote_room) {
        unsigned room = e->remote_room == 0 ? 1 : e->remote_room < 4 ? 4U : REMOTES_MAX;
        struct remote_seen *remotes = realloc(e->remotes, room * sizeof(*remotes));
        if (remotes == NULL) {
            l->out_of_memory++;
            return NULL;
        }
        e->remotes = remotes;
        e->remote_room = (uint8_t)room;
    }
    struct remote_seen *remote = &e->remotes[e->remote_count++];
    *remote = (struct remote_seen){.ip = s->remote, .port = s->remote_port};
    e->counters.remotes++;
    return remote;
}

static void describe_remote(struct remote_seen *remote, const struct sighting *s)
{
    const struct axis_judgement *location = &s->jurisdiction.axes[AXIS_LOCATION];
    if (remote->name[0] == '\0' && s->name.data != NULL)
        text_copy(s->name, remote->name, sizeof(remote->name));
    remote->country_count = location->country_count;
    memcpy(remote->countries, location->countries, sizeof(remote->countries));
}

void entry_add_remote(struct ledger *l, struct entry *e, const struct sighting *s, bool is_new_flow)
{
    struct remote_seen *remote = find_remote(e, &s->remote);
    if (remote == NULL && is_new_flow && e->remote_count < REMOTES_MAX)
        remote = append_remote(l, e, s);
    if (remote == NULL) {
        if (is_new_flow)
            count_further_remote(l, e, &s->remote);
        return;
    }
    describe_remote(remote, s);
    remote->flows += is_new_flow;
}

void entry_remove_remote(struct entry *e, const struct ip_address *remote)
{
    struct remote_seen *seen = find_remote(e, remote);
    if (seen == NULL || --seen->flows > 0)
        return;
    size_t after = e->remote_count - (size_t)(seen - e->remotes) - 1;
    memmove(seen, seen + 1, after * sizeof(*seen));
    e->remote_count--;
    e->counters.remotes--;
}
