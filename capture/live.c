#include "live.h"

#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "live_ring_internal.h"
#include "nearest_word.h"

enum {
    NAMES_MAX = 64,              /* interfaces of the machine that are looked through for a name like the wrong one */
    LOOK_MS = 250,               /* from one look after the interfaces to the next */
    HOLD_MS = 100,               /* what another interface may hold back, a block of its ring, with some room */
    HOLD_STEP_MS = 10,           /* from one look whether it does to the next */
    WAIT_MS = 100,               /* of a call without packets */
    LAST_BLOCK_MS = 2 * HOLD_MS, /* from shutting a ring to the end of its last block */
    STOP_MS = 1000,              /* for what is in the rings */
};

static const int64_t ns_per_ms = NS_PER_SEC / 1000;

struct live {
    struct ring *rings[LIVE_INTERFACES_MAX];
    size_t count;
    uint64_t number;
    struct packet_time horizon; /* packets up to it are in order: no interface can still hold an earlier one */
    int64_t held_since_ns;      /* monotonic; 0: nothing waits for the horizon */
    int64_t looked_ns, stopped_ns;
    atomic_bool is_stopped;
};

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * NS_PER_SEC + t.tv_nsec;
}

static enum status refuse_name(const char *name, struct error *error)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    struct if_nameindex *all = if_nameindex();
    for (size_t i = 0; all != NULL && i < NAMES_MAX && all[i].if_index != 0; i++)
        names[i] = all[i].if_name;
    const char *near = nearest_word(name, names);
    enum status ret = error_set(error, STATUS_INVALID, "there is no interface '%.64s'; %s%s%s", name,
                                near ? "did you mean '" : "`ip link` lists them", near ? near : "", near ? "'?" : "");
    if (all != NULL)
        if_freenameindex(all);
    return ret;
}

static enum status check_names(const struct live_options *options, struct error *error)
{
    if (options->count == 0)
        return error_set(error, STATUS_INVALID, "watch needs an interface: -i NAME; `ip link` lists them");
    if (options->count > LIVE_INTERFACES_MAX)
        return error_set(error, STATUS_INVALID, "--interface names %zu, and at most %d can be watched at once",
                         options->count, LIVE_INTERFACES_MAX);
    for (size_t i = 0; i < options->count; i++) {
        if (if_nametoindex(options->interfaces[i]) == 0)
            return refuse_name(options->interfaces[i], error);
        for (size_t j = 0; j < i; j++)
            if (strcmp(options->interfaces[i], options->interfaces[j]) == 0)
                return error_set(error, STATUS_INVALID, "--interface names %s twice", options->interfaces[i]);
    }
    return STATUS_OK;
}

enum status live_check(const struct live_options *options, struct error *error)
{
    enum status status = check_names(options, error);
    if (status == STATUS_OK && options->filter != NULL)
        status = ring_check_filter(options->filter, error);
    return status;
}

enum status live_open(const struct live_options *options, struct live **ret, struct error *error)
{
    enum status status = live_check(options, error);
    if (status != STATUS_OK)
        return status;
    struct live *live = calloc(1, sizeof(*live));
    if (live == NULL)
        return error_set(error, STATUS_NO_MEMORY, "the interfaces: out of memory");
    live->horizon.ns = INT64_MIN;
    for (size_t i = 0; i < options->count && status == STATUS_OK; i++) {
        status = ring_open(options->interfaces[i], options, &live->rings[i], error);
        if (status == STATUS_OK)
            live->rings[live->count++]->interface = (uint16_t)i;
    }
    if (status != STATUS_OK) {
        live_close(live);
        return status;
    }
    *ret = live;
    return STATUS_OK;
}

/* ---- one packet after the other ---- */

static bool may_hold_back(const struct ring *ring)
{
    return ring->at == ring->count && ring->link.state == INTERFACE_UP;
}

/* Takes bursts where one is used up, and moves the horizon. @return whether there is any packet. */
static bool fill(struct live *live)
{
    struct packet_time now = {clock_ns(CLOCK_REALTIME)};
    bool has_any = false, is_complete = true;
    for (size_t i = 0; i < live->count; i++) {
        has_any |= ring_fill(live->rings[i]);
        is_complete &= !may_hold_back(live->rings[i]);
    }
    live->horizon.ns = is_complete ? INT64_MAX : now.ns - HOLD_MS * ns_per_ms;
    return has_any;
}

static struct ring *earliest(const struct live *live)
{
    struct ring *ret = NULL;
    for (size_t i = 0; i < live->count; i++) {
        struct ring *ring = live->rings[i];
        if (ring->at < ring->count &&
            (ret == NULL || packet_time_before(ring->entries[ring->at].time, ret->entries[ret->at].time)))
            ret = ring;
    }
    return ret;
}

/* NULL: there is none, or it has to wait. */
static struct ring *next_in_order(const struct live *live)
{
    struct ring *ring = earliest(live);
    return ring != NULL && !packet_time_before(live->horizon, ring->entries[ring->at].time) ? ring : NULL;
}

static void hand_out(struct live *live, struct ring *ring, struct packet *ret)
{
    const struct ring_entry *entry = &ring->entries[ring->at++];
    *ret = (struct packet){
        .data = ring->bytes + entry->offset,
        .captured_len = entry->captured_len,
        .wire_len = entry->wire_len,
        .time = entry->time,
        .number = ++live->number,
        .link_type = ring->link_type,
        .interface = ring->interface,
    };
    if (ring->at == ring->count) /* another burst of it may begin earlier than those of the others */
        live->horizon.ns = INT64_MIN;
}

/* The clock may be set back: then a packet of before waits no longer than it would have. */
static bool has_waited(struct live *live, int64_t now_ns)
{
    if (live->held_since_ns == 0)
        live->held_since_ns = now_ns;
    return now_ns - live->held_since_ns >= HOLD_MS * ns_per_ms;
}

static void wait_for_packets(const struct live *live, int most_ms)
{
    struct pollfd fds[LIVE_INTERFACES_MAX];
    for (size_t i = 0; i < live->count; i++)
        fds[i] = (struct pollfd){.fd = live->rings[i]->at < live->rings[i]->count ? -1 : live->rings[i]->fd,
                                 .events = POLLIN};
    poll(fds, live->count, most_ms);
}

static void look(struct live *live)
{
    for (size_t i = 0; i < live->count; i++)
        ring_look(live->rings[i]);
}

static enum status end(struct live *live)
{
    look(live); /* the last counts are exact */
    return STATUS_END;
}

/* @return whether there is nothing more to wait for. */
static bool look_around(struct live *live, int64_t now_ns)
{
    if (now_ns - live->looked_ns >= LOOK_MS * ns_per_ms) {
        live->looked_ns = now_ns;
        look(live);
    }
    if (!atomic_load_explicit(&live->is_stopped, memory_order_relaxed))
        return false;
    if (live->stopped_ns == 0) {
        live->stopped_ns = now_ns;
        for (size_t i = 0; i < live->count; i++)
            ring_shut(live->rings[i]);
    }
    return now_ns - live->stopped_ns >= STOP_MS * ns_per_ms;
}

static enum status nothing(struct live *live, int64_t now_ns, struct packet *ret)
{
    if (live->stopped_ns != 0 && now_ns - live->stopped_ns >= LAST_BLOCK_MS * ns_per_ms)
        return end(live);
    ret->time.ns = clock_ns(CLOCK_REALTIME) - HOLD_MS * ns_per_ms;
    return STATUS_NOT_FOUND;
}

enum status live_next(struct live *live, bool may_wait, struct packet *ret)
{
    for (;;) {
        struct ring *ring = next_in_order(live);
        if (ring != NULL) {
            live->held_since_ns = 0;
            hand_out(live, ring, ret);
            return STATUS_OK;
        }
        int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
        if (look_around(live, now_ns))
            return end(live);
        bool has_any = fill(live);
        if (next_in_order(live) != NULL)
            continue;
        if (has_any && has_waited(live, now_ns)) {
            live->horizon.ns = INT64_MAX;
            continue;
        }
        if (!may_wait)
            return nothing(live, now_ns, ret);
        wait_for_packets(live, has_any ? HOLD_STEP_MS : WAIT_MS);
        may_wait = has_any;
    }
}

void live_stop(struct live *live)
{
    atomic_store(&live->is_stopped, true);
}

/* ---- counts ---- */

static uint64_t get(const _Atomic uint64_t *at)
{
    return atomic_load_explicit(at, memory_order_relaxed);
}

static struct known_count get_known(const _Atomic uint64_t *at, const atomic_bool *is_known)
{
    bool known = atomic_load_explicit(is_known, memory_order_relaxed);
    return (struct known_count){known ? get(at) : 0, known};
}

size_t live_interfaces(const struct live *live, struct interface_counts *ret, size_t room)
{
    for (size_t i = 0; i < live->count && i < room; i++) {
        const struct ring *ring = live->rings[i];
        ret[i] = (struct interface_counts){
            .state = (enum interface_state)atomic_load_explicit(&ring->state, memory_order_relaxed),
            .packets_received = get(&ring->packets_received),
            .packets_dropped_by_kernel = get_known(&ring->dropped_by_kernel, &ring->is_kernel_known),
            .packets_dropped_by_interface = get_known(&ring->dropped_by_interface, &ring->is_interface_known),
            .times_down = get(&ring->times_down),
            .times_gone = get(&ring->times_gone),
            .read_errors = get(&ring->read_errors),
        };
        memcpy(ret[i].name, ring->link.name, sizeof(ret[i].name));
    }
    return live->count;
}

void live_count(const struct live *live, counter_visit *visit, void *context)
{
    struct interface_counts all[LIVE_INTERFACES_MAX],
        sum = {.packets_dropped_by_kernel.is_known = true, .packets_dropped_by_interface.is_known = true};
    uint64_t captured_short = 0;
    live_interfaces(live, all, LIVE_INTERFACES_MAX);
    for (size_t i = 0; i < live->count; i++) {
        sum.packets_received += all[i].packets_received;
        sum.packets_dropped_by_kernel.value += all[i].packets_dropped_by_kernel.value;
        sum.packets_dropped_by_kernel.is_known &= all[i].packets_dropped_by_kernel.is_known;
        sum.packets_dropped_by_interface.value += all[i].packets_dropped_by_interface.value;
        sum.packets_dropped_by_interface.is_known &= all[i].packets_dropped_by_interface.is_known;
        sum.times_down += all[i].times_down;
        sum.times_gone += all[i].times_gone;
        sum.read_errors += all[i].read_errors;
        captured_short += get(&live->rings[i]->captured_short);
    }
    visit(context, &(struct counter){"source", "packets", sum.packets_received});
    visit(context, &(struct counter){"source", "packets_captured_short", captured_short});
    if (sum.packets_dropped_by_kernel.is_known)
        visit(context, &(struct counter){"live", "dropped_by_kernel", sum.packets_dropped_by_kernel.value});
    if (sum.packets_dropped_by_interface.is_known)
        visit(context, &(struct counter){"live", "dropped_by_interface", sum.packets_dropped_by_interface.value});
    visit(context, &(struct counter){"live", "times_down", sum.times_down});
    visit(context, &(struct counter){"live", "times_gone", sum.times_gone});
    visit(context, &(struct counter){"live", "read_errors", sum.read_errors});
}

void live_close(struct live *live)
{
    if (live == NULL)
        return;
    for (size_t i = 0; i < live->count; i++)
        ring_close(live->rings[i]);
    free(live);
}
