/*
 * A name takes one to five units in a row. Rows given back wait in a list by their length; a longer one is split when
 * no fitting one is left. Rows are never joined again: names are short, nearly all of them take one unit.
 */
#include "dns_memory_internal.h"

#include <stdlib.h>

#include "hash.h"
#include "name.h"

enum {
    UNIT = 64,
    ROW_MAX = 5,
    NONE = 0, /* units are numbered from 1 */
};

struct name_head {
    uint32_t users;
    uint32_t next; /* in its bucket, or in a list of free rows */
    uint16_t length;
    uint16_t units;
};

struct unit {
    struct name_head head; /* of the first unit of a row; text follows over the others */
    char text[UNIT - sizeof(struct name_head)];
};

_Static_assert(sizeof(struct unit) == UNIT, "units have no padding");
_Static_assert(sizeof(struct name_head) + NAME_MAX_LENGTH <= (size_t)UNIT * ROW_MAX, "the longest name fits in a row");

struct dns_names {
    uint64_t seed;
    uint32_t max, touched, used; /* units; those above `touched` were never handed out */
    uint32_t mask;
    uint32_t free_rows[ROW_MAX + 1];
    uint32_t *buckets;
    struct unit *units;
};

struct dns_names *dns_names_new(uint32_t units, uint64_t seed)
{
    struct dns_names *names = calloc(1, sizeof(*names));
    if (names == NULL)
        return NULL;
    uint32_t buckets = 64;
    while (buckets < units)
        buckets *= 2;
    names->seed = seed;
    names->max = units;
    names->mask = buckets - 1;
    names->units = calloc(units + 1u, sizeof(*names->units));
    names->buckets = calloc(buckets, sizeof(*names->buckets));
    if (names->units == NULL || names->buckets == NULL) {
        dns_names_free(names);
        return NULL;
    }
    return names;
}

void dns_names_free(struct dns_names *names)
{
    if (names == NULL)
        return;
    free(names->units);
    free(names->buckets);
    free(names);
}

static char *row_text(const struct dns_names *names, uint32_t index)
{
    return (char *)&names->units[index] + sizeof(struct name_head);
}

struct text dns_names_text(const struct dns_names *names, uint32_t index)
{
    return (struct text){row_text(names, index), names->units[index].head.length};
}

static uint32_t *bucket_of(const struct dns_names *names, struct text name)
{
    return &names->buckets[hash_bytes(name.data, name.length, names->seed) & names->mask];
}

static void row_free(struct dns_names *names, uint32_t index, unsigned units)
{
    names->units[index].head.next = names->free_rows[units];
    names->free_rows[units] = index;
}

static uint32_t row_take(struct dns_names *names, unsigned units)
{
    uint32_t index = NONE;
    unsigned found = units;
    while (found <= ROW_MAX && names->free_rows[found] == NONE)
        found++;
    if (found == units || (found <= ROW_MAX && names->max - names->touched < units)) {
        index = names->free_rows[found];
        names->free_rows[found] = names->units[index].head.next;
        if (found > units)
            row_free(names, index + units, found - units);
    } else if (names->max - names->touched >= units) {
        index = names->touched + 1;
        names->touched += units;
    }
    return index;
}

uint32_t dns_names_take(struct dns_names *names, struct text name)
{
    if (name.length > NAME_MAX_LENGTH)
        name.length = NAME_MAX_LENGTH;
    uint32_t *bucket = bucket_of(names, name);
    for (uint32_t i = *bucket; i != NONE; i = names->units[i].head.next) {
        if (text_equal(dns_names_text(names, i), name)) {
            names->units[i].head.users++;
            return i;
        }
    }
    unsigned units = (unsigned)((sizeof(struct name_head) + name.length + UNIT - 1) / UNIT);
    uint32_t index = row_take(names, units);
    if (index == NONE)
        return NONE;
    names->units[index].head = (struct name_head){1, *bucket, (uint16_t)name.length, (uint16_t)units};
    memcpy(row_text(names, index), name.data, name.length);
    *bucket = index;
    names->used += units;
    return index;
}

void dns_names_give(struct dns_names *names, uint32_t index)
{
    struct name_head *head = &names->units[index].head;
    if (--head->users > 0)
        return;
    uint32_t *at = bucket_of(names, dns_names_text(names, index));
    while (*at != index)
        at = &names->units[*at].head.next;
    *at = head->next;
    names->used -= head->units;
    row_free(names, index, head->units);
}

uint32_t dns_names_used(const struct dns_names *names)
{
    return names->used;
}
