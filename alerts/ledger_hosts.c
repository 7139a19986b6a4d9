/* The inventory, made from the agents' findings when it is asked for: nothing is kept twice. */
#include <stdlib.h>
#include <string.h>

#include "ledger_internal.h"

static int entry_compare(const void *a, const void *b)
{
    const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;
    int order = ip_compare(&x->host, &y->host);
    if (order == 0)
        order = strcmp(x->product->id, y->product->id);
    return order != 0 ? order : (int)x->purpose - (int)y->purpose;
}

static void merge(struct host_product *product, const struct entry *e)
{
    product->purposes |= UINT32_C(1) << e->purpose;
    if ((enum confidence)e->confidence > product->confidence)
        product->confidence = (enum confidence)e->confidence;
    if ((enum severity)e->severity > product->severity)
        product->severity = (enum severity)e->severity;
    if (product->first_seen.ns == 0 || packet_time_before(e->first_seen, product->first_seen))
        product->first_seen = e->first_seen;
    if (packet_time_before(product->last_seen, e->last_seen))
        product->last_seen = e->last_seen;
    product->bytes_out += e->counters.volume.bytes_out;
    product->bytes_in += e->counters.volume.bytes_in;
    product->flows += e->counters.flows;
}

/* One record from @p entries on; @return how many of them went into it. */
static size_t fill_host(const struct entry *const *entries, size_t count, struct host_record *record,
                        struct host_product products[static HOST_PRODUCTS_MAX])
{
    size_t i = 0;
    for (; i < count && ip_equal(&entries[i]->host, &record->host); i++) {
        const struct entry *e = entries[i];
        struct host_product *last = record->product_count > 0 ? &products[record->product_count - 1] : NULL;
        if (last == NULL || strcmp(last->product->id, e->product->id) != 0) {
            if (record->product_count == HOST_PRODUCTS_MAX)
                break;
            last = &products[record->product_count++];
            *last = (struct host_product){.product = e->product};
        }
        merge(last, e);
        if (e->has_mac && !record->has_mac) {
            record->has_mac = true;
            memcpy(record->mac, e->mac, sizeof(record->mac));
        }
    }
    return i;
}

void ledger_hosts(struct ledger *l, void (*visit)(void *context, const struct host_record *host), void *context)
{
    const struct entry **agents = malloc((l->count + 1) * sizeof(*agents));
    size_t count = 0;
    if (agents == NULL) {
        l->out_of_memory++;
        return;
    }
    for (uint32_t i = 0; i < l->count; i++)
        if (l->entries[i].is_agent && l->entries[i].counters.flows > 0 && !l->entries[i].is_of_before)
            agents[count++] = &l->entries[i];
    qsort(agents, count, sizeof(*agents), entry_compare);
    for (size_t at = 0; at < count;) {
        struct host_product products[HOST_PRODUCTS_MAX];
        struct host_record record = {.sensor = l->options.sensor, .host = agents[at]->host, .products = products};
        at += fill_host(agents + at, count - at, &record, products);
        visit(context, &record);
    }
    free(agents);
}
