#include "engine/hosts_internal.h"

#include <stdlib.h>

#include "hash.h"

struct hosts {
    struct host_seen *slots; /* open addressing, linear probing; never more than half full */
    uint32_t room, used, max;
    uint64_t turned_away;
};

enum { FIRST_ROOM = 1024 };

static struct host_products nothing; /* of hosts without a product; stays empty */

static bool is_free(const struct host_seen *slot)
{
    return slot->products == NULL;
}

enum status hosts_new(uint32_t hosts_max, struct hosts **ret)
{
    struct hosts *hosts = calloc(1, sizeof(*hosts));
    struct host_seen *slots = calloc(FIRST_ROOM, sizeof(*slots));
    if (hosts == NULL || slots == NULL) {
        free(hosts);
        free(slots);
        return STATUS_NO_MEMORY;
    }
    *hosts = (struct hosts){.slots = slots, .room = FIRST_ROOM, .max = hosts_max};
    *ret = hosts;
    return STATUS_OK;
}

static struct host_seen *find(struct host_seen *slots, uint32_t room, const struct ip_address *address)
{
    uint32_t at = (uint32_t)hash_bytes(address, sizeof(*address), hash_seed()) & (room - 1);
    while (!is_free(&slots[at]) && !ip_equal(&slots[at].address, address))
        at = (at + 1) & (room - 1);
    return &slots[at];
}

static bool grow(struct hosts *hosts)
{
    uint32_t room = hosts->room * 2;
    struct host_seen *slots = calloc(room, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (uint32_t i = 0; i < hosts->room; i++)
        if (!is_free(&hosts->slots[i]))
            *find(slots, room, &hosts->slots[i].address) = hosts->slots[i];
    free(hosts->slots);
    hosts->slots = slots;
    hosts->room = room;
    return true;
}

struct host_seen *hosts_touch(struct hosts *hosts, const struct ip_address *address)
{
    struct host_seen *slot = find(hosts->slots, hosts->room, address);
    if (!is_free(slot))
        return slot;
    if (hosts->used >= hosts->max || (hosts->used >= hosts->room / 2 && !grow(hosts))) {
        hosts->turned_away++;
        return NULL;
    }
    slot = find(hosts->slots, hosts->room, address);
    *slot = (struct host_seen){*address, &nothing};
    hosts->used++;
    return slot;
}

bool host_add_product(struct host_seen *host, const struct product *product)
{
    struct host_products *products = host->products;
    for (unsigned i = 0; i < products->count; i++)
        if (products->items[i] == product)
            return false;
    if (products->count == HOST_SEEN_MAX)
        return false;
    if (products == &nothing && (products = calloc(1, sizeof(*products))) == NULL)
        return false;
    host->products = products;
    products->items[products->count++] = product;
    return true;
}

static void use_catalog(struct host_products *products, const struct catalog *catalog)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < products->count; i++) {
        const struct product *product = catalog_find_product(catalog, products->items[i]->id);
        if (product != NULL)
            products->items[kept++] = product;
    }
    products->count = (uint8_t)kept;
}

void hosts_use_catalog(struct hosts *hosts, const struct catalog *catalog)
{
    for (uint32_t i = 0; i < hosts->room; i++)
        if (!is_free(&hosts->slots[i]) && hosts->slots[i].products != &nothing)
            use_catalog(hosts->slots[i].products, catalog);
}

uint64_t hosts_size(const struct hosts *hosts)
{
    return hosts->used;
}

void hosts_count(const struct hosts *hosts, counter_visit *visit, void *context)
{
    visit(context, &(struct counter){"engine", "hosts_turned_away", hosts->turned_away});
}

void hosts_free(struct hosts *hosts)
{
    if (hosts == NULL)
        return;
    for (uint32_t i = 0; i < hosts->room; i++)
        if (hosts->slots[i].products != &nothing)
            free(hosts->slots[i].products);
    free(hosts->slots);
    free(hosts);
}
