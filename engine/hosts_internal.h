/*
 * The hosts seen, and which products each has shown: what tells an engine inside another product from the product
 * itself. Capped; hosts turned away are counted.
 */
#ifndef BORDERTAP_ENGINE_HOSTS_INTERNAL_H
#define BORDERTAP_ENGINE_HOSTS_INTERNAL_H

#include "address.h"
#include "analyzers/catalog.h"
#include "attribution.h"
#include "counter.h"
#include "status.h"

enum { HOST_SEEN_MAX = 12 };

struct host_products {
    uint8_t count;
    const struct product *items[HOST_SEEN_MAX];
};

/** Few hosts show a product; the others share one empty set. */
struct host_seen {
    struct ip_address address;
    struct host_products *products; /* never NULL */
};

struct hosts;

enum status hosts_new(uint32_t hosts_max, struct hosts **ret);
/** @return the host's entry, made when new; NULL when the table is full. Valid until the next call. */
struct host_seen *hosts_touch(struct hosts *hosts, const struct ip_address *address);
/** @return whether it is news; false too without memory. */
bool host_add_product(struct host_seen *host, const struct product *product);
/** The products of another catalogue, by their ids; those that are not in it are forgotten. */
void hosts_use_catalog(struct hosts *hosts, const struct catalog *catalog);
uint64_t hosts_size(const struct hosts *hosts);
void hosts_count(const struct hosts *hosts, counter_visit *visit, void *context);
void hosts_free(struct hosts *hosts);

#endif
