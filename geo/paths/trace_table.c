/*
 * A traceroute unpacked takes 9 KiB, mostly room; the table keeps hops, routers and labels in three packed rows. Two
 * orders over the traceroutes, by (address, time) and by (prefix, time), make each question a binary search and a few
 * steps.
 */
#include "paths/trace_table_internal.h"

#include <stdlib.h>

struct packed_hop {
    uint8_t ttl, router_count, label_count;
    bool has_more_routers;
};

struct packed_trace {
    struct ip_address target, source;
    const char *file;
    int64_t start_sec;
    uint32_t rtt_step_us;
    uint32_t first_hop, first_router, first_label;
    uint8_t hop_count;
    bool reached, target_is_last_hop;
};

/** A growing row of one kind of thing. */
struct row {
    void *items;
    size_t count, room, size, most;
};

struct trace_table {
    struct row traces, hops, routers, labels;
    uint32_t *by_address, *by_prefix; /* indexes of traces; NULL until sealed */
    uint64_t without_target, turned_away;
};

struct trace_table *trace_table_new(void)
{
    struct trace_table *table = calloc(1, sizeof(*table));
    if (table == NULL)
        return NULL;
    table->traces = (struct row){.size = sizeof(struct packed_trace), .most = TRACE_TABLE_TRACES_MAX};
    table->hops = (struct row){.size = sizeof(struct packed_hop), .most = TRACE_TABLE_HOPS_MAX};
    table->routers = (struct row){.size = sizeof(struct trace_router), .most = TRACE_TABLE_HOPS_MAX};
    table->labels = (struct row){.size = sizeof(uint32_t), .most = TRACE_TABLE_HOPS_MAX};
    return table;
}

void trace_table_free(struct trace_table *table)
{
    if (table == NULL)
        return;
    free(table->traces.items);
    free(table->hops.items);
    free(table->routers.items);
    free(table->labels.items);
    free(table->by_address);
    free(table->by_prefix);
    free(table);
}

static enum status row_reserve(struct row *row, size_t more)
{
    size_t room = row->room ? row->room : 64;
    if (row->count + more > row->most)
        return STATUS_UNSUPPORTED;
    if (row->count + more <= row->room)
        return STATUS_OK;
    while (room < row->count + more)
        room *= 2;
    void *larger = realloc(row->items, room * row->size);
    if (larger == NULL)
        return STATUS_NO_MEMORY;
    row->items = larger;
    row->room = room;
    return STATUS_OK;
}

/** Copies behind the last; room was reserved. */
static void row_append(struct row *row, const void *items, size_t count)
{
    if (count > 0)
        memcpy((char *)row->items + row->count * row->size, items, count * row->size);
    row->count += count;
}

static enum status reserve_all(struct trace_table *table, const struct traceroute *trace)
{
    size_t routers = 0, labels = 0;
    for (unsigned i = 0; i < trace->hop_count; i++) {
        routers += trace->hops[i].router_count;
        labels += trace->hops[i].label_count;
    }
    enum status status = row_reserve(&table->traces, 1);
    if (status == STATUS_OK)
        status = row_reserve(&table->hops, trace->hop_count);
    if (status == STATUS_OK)
        status = row_reserve(&table->routers, routers);
    return status == STATUS_OK ? row_reserve(&table->labels, labels) : status;
}

static bool is_unknown(const struct ip_address *address)
{
    static const struct ip_address unspecified;
    return ip_equal(address, &unspecified);
}

enum status trace_table_add(struct trace_table *table, const struct traceroute *trace)
{
    if (is_unknown(&trace->target)) {
        table->without_target++;
        return STATUS_INVALID;
    }
    enum status status = reserve_all(table, trace);
    table->turned_away += status == STATUS_UNSUPPORTED;
    if (status != STATUS_OK)
        return status;
    struct packed_trace packed = {
        .target = trace->target,
        .source = trace->source,
        .file = trace->file,
        .start_sec = trace->start_sec,
        .rtt_step_us = trace->rtt_step_us,
        .first_hop = (uint32_t)table->hops.count,
        .first_router = (uint32_t)table->routers.count,
        .first_label = (uint32_t)table->labels.count,
        .hop_count = trace->hop_count,
        .reached = trace->reached,
        .target_is_last_hop = trace->target_is_last_hop,
    };
    row_append(&table->traces, &packed, 1);
    for (unsigned i = 0; i < trace->hop_count; i++) {
        const struct trace_hop *hop = &trace->hops[i];
        struct packed_hop small = {hop->ttl, hop->router_count, hop->label_count, hop->has_more_routers};
        row_append(&table->hops, &small, 1);
        row_append(&table->routers, hop->routers, hop->router_count);
        row_append(&table->labels, hop->labels, hop->label_count);
    }
    return STATUS_OK;
}

static const struct packed_trace *trace_at(const struct trace_table *table, uint32_t index)
{
    return (const struct packed_trace *)table->traces.items + index;
}

/** /24 of IPv4, /48 of IPv6. */
static size_t prefix_bytes(const struct ip_address *address)
{
    return ip_is_v4(address) ? 15 : 6;
}

static int compare_prefixes(const struct ip_address *a, const struct ip_address *b)
{
    size_t left = prefix_bytes(a), right = prefix_bytes(b);
    int order = memcmp(a->octets, b->octets, left < right ? left : right);
    return order != 0 ? order : (left > right) - (left < right);
}

static int compare_times(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

typedef int compare_keys(const struct ip_address *a, const struct ip_address *b);

static int compare_traces(const void *left, const void *right, void *context, compare_keys *compare)
{
    const uint32_t *a = left, *b = right;
    const struct packed_trace *x = trace_at(context, *a), *y = trace_at(context, *b);
    int order = compare(&x->target, &y->target);
    if (order == 0)
        order = compare_times(x->start_sec, y->start_sec);
    return order != 0 ? order : (*a > *b) - (*a < *b);
}

static int compare_by_address(const void *left, const void *right, void *context)
{
    return compare_traces(left, right, context, ip_compare);
}

static int compare_by_prefix(const void *left, const void *right, void *context)
{
    return compare_traces(left, right, context, compare_prefixes);
}

enum status trace_table_seal(struct trace_table *table)
{
    size_t count = table->traces.count;
    table->by_address = malloc((count + 1) * sizeof(*table->by_address));
    table->by_prefix = malloc((count + 1) * sizeof(*table->by_prefix));
    if (table->by_address == NULL || table->by_prefix == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        table->by_address[i] = table->by_prefix[i] = (uint32_t)i;
    qsort_r(table->by_address, count, sizeof(*table->by_address), compare_by_address, table);
    qsort_r(table->by_prefix, count, sizeof(*table->by_prefix), compare_by_prefix, table);
    return STATUS_OK;
}

struct trace_table_stats trace_table_stats(const struct trace_table *table)
{
    const struct row *rows[] = {&table->traces, &table->hops, &table->routers, &table->labels};
    struct trace_table_stats ret = {.traceroutes = table->traces.count,
                                    .without_target = table->without_target,
                                    .turned_away = table->turned_away,
                                    .bytes = sizeof(*table)};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ret.bytes += rows[i]->room * rows[i]->size;
    if (table->by_address != NULL)
        ret.bytes += 2 * (table->traces.count + 1) * sizeof(uint32_t);
    return ret;
}

/** A run of one key and times from first to last, both taken in. */
struct question {
    const struct trace_table *table;
    const uint32_t *order;
    compare_keys *compare;
    const struct ip_address *key;
    int64_t first_sec, last_sec;
    enum trace_closeness closeness;
};

/** How many of the order stand before or at (key, last second). */
static size_t count_up_to(const struct question *q)
{
    size_t low = 0, high = q->table->traces.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct packed_trace *trace = trace_at(q->table, q->order[middle]);
        int order = q->compare(&trace->target, q->key);
        if (order < 0 || (order == 0 && trace->start_sec <= q->last_sec))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t answer(const struct question *q, struct trace_match ret[static TRACE_MATCHES_MAX])
{
    size_t count = 0;
    for (size_t i = count_up_to(q); i > 0 && count < TRACE_MATCHES_MAX; i--) {
        uint32_t index = q->order[i - 1];
        const struct packed_trace *trace = trace_at(q->table, index);
        if (q->compare(&trace->target, q->key) != 0 || trace->start_sec < q->first_sec)
            break;
        ret[count++] = (struct trace_match){index, q->closeness, trace->start_sec};
    }
    return count;
}

size_t trace_table_find(const struct trace_table *table, const struct ip_address *remote, int64_t packet_sec,
                        int64_t window_sec, struct trace_match ret[static TRACE_MATCHES_MAX])
{
    struct question q = {table, table->by_address, ip_compare, remote, 1, INT64_MAX, TRACE_SAME_ADDRESS};
    size_t count = 0;
    if (window_sec >= 0 && packet_sec > window_sec)
        q.first_sec = packet_sec - window_sec; /* 0 is the unknown time */
    if (__builtin_add_overflow(packet_sec, window_sec, &q.last_sec))
        q.last_sec = INT64_MAX;
    if (table->by_address == NULL)
        return 0;
    count = answer(&q, ret);
    if (count > 0)
        return count;
    struct question timeless = {table, table->by_address, ip_compare, remote, 0, 0, TRACE_SAME_ADDRESS_AT_UNKNOWN_TIME};
    count = answer(&timeless, ret);
    if (count > 0)
        return count;
    q.order = table->by_prefix;
    q.compare = compare_prefixes;
    q.closeness = TRACE_SAME_PREFIX;
    return answer(&q, ret);
}

void trace_table_get(const struct trace_table *table, uint32_t index, struct traceroute *ret)
{
    const struct packed_trace *packed = trace_at(table, index);
    const struct packed_hop *hops = (const struct packed_hop *)table->hops.items + packed->first_hop;
    const struct trace_router *routers = (const struct trace_router *)table->routers.items + packed->first_router;
    const uint32_t *labels = (const uint32_t *)table->labels.items + packed->first_label;
    *ret = (struct traceroute){.file = packed->file,
                               .start_sec = packed->start_sec,
                               .rtt_step_us = packed->rtt_step_us,
                               .target = packed->target,
                               .source = packed->source,
                               .reached = packed->reached,
                               .target_is_last_hop = packed->target_is_last_hop,
                               .hop_count = packed->hop_count};
    for (unsigned i = 0; i < packed->hop_count; i++) {
        struct trace_hop *hop = &ret->hops[i];
        hop->ttl = hops[i].ttl;
        hop->router_count = hops[i].router_count;
        hop->label_count = hops[i].label_count;
        hop->has_more_routers = hops[i].has_more_routers;
        for (unsigned k = 0; k < hop->router_count; k++)
            hop->routers[k] = *routers++;
        for (unsigned k = 0; k < hop->label_count; k++)
            hop->labels[k] = *labels++;
    }
}
