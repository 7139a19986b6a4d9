#include "health_internal.h"

enum {
    DATABASE_STALE_DAYS = 60,   /* addresses move */
    CATALOGUE_STALE_DAYS = 180, /* vendors' names seldom do */
    SEC_PER_DAY = 86400,
};

/* Thresholds. A healthy mirror shows both sides of nearly every flow, and a copy of hardly any packet. */
const struct health_rule health_rules[HEALTH_CONDITIONS] = {
    [HEALTH_INTERFACE_GONE] = {HEALTH_BY_LEVEL, "interfaces", 0, 0},
    [HEALTH_NOTHING_ARRIVES] = {HEALTH_BY_SILENCE, "packets", 0, 0},
    [HEALTH_KERNEL_DROPS] = {HEALTH_BY_SHARE, "percent", 100, 0},
    [HEALTH_INTERFACE_DROPS] = {HEALTH_BY_SHARE, "percent", 100, 0},
    [HEALTH_PACKETS_LOST] = {HEALTH_BY_ANY, "packets", 0, 0},
    [HEALTH_FLOWS_EVICTED] = {HEALTH_BY_ANY, "flows", 0, 0},
    [HEALTH_ONE_DIRECTION] = {HEALTH_BY_SHARE, "percent", 20000, 10},
    [HEALTH_DUPLICATES] = {HEALTH_BY_SHARE, "percent", 5000, 100},
    [HEALTH_PACKETS_SNAPPED] = {HEALTH_BY_ANY, "packets", 0, 0},
    [HEALTH_CLOCK_STEPPED] = {HEALTH_BY_ANY, "steps", 0, 0},
    [HEALTH_DATABASE_STALE] = {HEALTH_BY_LEVEL, "days", DATABASE_STALE_DAYS * 1000, 0},
    [HEALTH_CATALOGUE_STALE] = {HEALTH_BY_LEVEL, "days", CATALOGUE_STALE_DAYS * 1000, 0},
    [HEALTH_FEED_FAILING] = {HEALTH_BY_LEVEL, "feeds", 0, 0},
    [HEALTH_STORE_FAILING] = {HEALTH_BY_LEVEL, "stores", 0, 0},
};

struct reader {
    health_read *read;
    void *context;
};

static void give(const struct reader *r, enum health_condition condition, const char *subject, uint64_t events,
                 uint64_t of)
{
    const struct health_reading reading = {condition, subject, events, of, false};
    r->read(r->context, &reading);
}

static void read_link(const struct reader *r, const struct interface_counts *link)
{
    uint64_t received = link->packets_received;
    const struct known_count kernel = link->packets_dropped_by_kernel, interface = link->packets_dropped_by_interface;
    give(r, HEALTH_INTERFACE_GONE, link->name, link->state != INTERFACE_UP, 0);
    if (link->state == INTERFACE_UP)
        give(r, HEALTH_NOTHING_ARRIVES, link->name, received, 0);
    if (kernel.is_known)
        give(r, HEALTH_KERNEL_DROPS, link->name, kernel.value, received + kernel.value);
    if (interface.is_known)
        give(r, HEALTH_INTERFACE_DROPS, link->name, interface.value, received + interface.value);
}

static uint64_t days_old(const struct data_sample *data, int64_t clock_ns)
{
    int64_t now = clock_ns / NS_PER_SEC;
    return data->built_sec > 0 && now > data->built_sec ? (uint64_t)((now - data->built_sec) / SEC_PER_DAY) : 0;
}

static void read_data(const struct reader *r, const struct run_sample *s)
{
    if (s->catalogue.built_sec != 0)
        give(r, HEALTH_CATALOGUE_STALE, s->catalogue.name, days_old(&s->catalogue, s->clock_ns), 0);
    for (uint32_t i = 0; i < s->database_count; i++)
        if (s->databases[i].built_sec != 0)
            give(r, HEALTH_DATABASE_STALE, s->databases[i].name, days_old(&s->databases[i], s->clock_ns), 0);
}

void health_read_sample(const struct run_sample *s, health_read *read, void *context)
{
    const struct reader r = {read, context};
    uint64_t copies = run_sample_counted(s, "duplicates", "packets_equal") +
                      run_sample_counted(s, "duplicates", "packets_changed_on_the_way");
    for (uint32_t i = 0; i < s->link_count; i++)
        read_link(&r, &s->links[i]);
    give(&r, HEALTH_PACKETS_LOST, NULL, run_sample_counted(s, "engine", "out_of_memory"), 0);
    give(&r, HEALTH_FLOWS_EVICTED, NULL, run_sample_counted(s, "flow", "ended_evicted"), 0);
    read(context, &(struct health_reading){HEALTH_ONE_DIRECTION, NULL, s->sides.one_sided, s->sides.proven, true});
    give(&r, HEALTH_DUPLICATES, NULL, copies, s->packets);
    give(&r, HEALTH_PACKETS_SNAPPED, NULL, run_sample_counted(s, "source", "packets_captured_short"), 0);
    give(&r, HEALTH_CLOCK_STEPPED, NULL, s->clock_steps, 0);
    read_data(&r, s);
    for (uint32_t i = 0; i < s->feed_count; i++)
        give(&r, HEALTH_FEED_FAILING, s->feeds[i].name, s->feeds[i].is_failing, 0);
    if (s->has_store)
        give(&r, HEALTH_STORE_FAILING, NULL, s->is_store_failing, 0);
}
