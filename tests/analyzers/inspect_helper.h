/* Flows and inspections for the analyzers' tests, without a flow table. */
#ifndef BORDERTAP_TESTS_INSPECT_HELPER_H
#define BORDERTAP_TESTS_INSPECT_HELPER_H

#include "test.h"

#include "decoded.h"
#include "inspect.h"

enum { CLIENT = 0, SERVER = 1 };

static inline struct flow flow_between(uint8_t protocol, uint16_t client_port, uint16_t server_port)
{
    struct flow flow = {.client_side = CLIENT, .tcp_seen = {TCP_SYN, TCP_SYN}};
    flow.key.address[CLIENT] = ip_from_v4((const uint8_t[]){10, 0, 0, 1});
    flow.key.address[SERVER] = ip_from_v4((const uint8_t[]){192, 0, 2, 1});
    flow.key.port[CLIENT] = client_port;
    flow.key.port[SERVER] = server_port;
    flow.key.protocol = protocol;
    return flow;
}

/** One inspected flow; streams keep what was not consumed, as reassembly does. */
struct watched {
    struct inspector *inspector;
    struct inspection *inspection;
    struct flow flow;
    uint8_t held[2][1 << 17];
    size_t held_length[2];
    unsigned state; /* all bits so far */
};

static inline struct watched *watch(const struct inspector_options *options, uint8_t protocol, uint16_t client_port,
                                    uint16_t server_port)
{
    struct watched *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    w->flow = flow_between(protocol, client_port, server_port);
    assert_int_equal(inspector_new(options, &w->inspector, NULL), STATUS_OK);
    w->inspection = inspection_take(w->inspector, &w->flow);
    assert_non_null(w->inspection);
    return w;
}

static inline void watch_end(struct watched *w)
{
    inspection_give(w->inspector, w->inspection);
    inspector_free(w->inspector);
    free(w);
}

/** @return the state bits of this segment. */
static inline unsigned send_bytes_after(struct watched *w, unsigned side, const void *bytes, size_t length,
                                        bool has_gap)
{
    size_t consumed = 0, held = has_gap ? 0 : w->held_length[side];
    assert_true(held + length <= sizeof(w->held[side]));
    if (length > 0)
        memcpy(w->held[side] + held, bytes, length);
    struct guarded g = guarded_copy(w->held[side], held + length);
    unsigned state = inspect_bytes(w->inspector, w->inspection, &w->flow, side, g.data, g.length, has_gap, &consumed);
    guarded_free(&g);
    assert_true(consumed <= held + length);
    w->held_length[side] = held + length - consumed;
    memmove(w->held[side], w->held[side] + consumed, w->held_length[side]);
    w->state |= state;
    return state;
}

static inline unsigned send_bytes(struct watched *w, unsigned side, const void *bytes, size_t length)
{
    return send_bytes_after(w, side, bytes, length, false);
}

static inline unsigned send_text(struct watched *w, unsigned side, const char *text)
{
    return send_bytes(w, side, text, strlen(text));
}

static inline unsigned send_datagram(struct watched *w, unsigned side, const void *bytes, size_t length)
{
    struct guarded g = guarded_copy(bytes, length);
    unsigned state = inspect_datagram(w->inspector, w->inspection, &w->flow, side, g.data, length, length);
    guarded_free(&g);
    w->state |= state;
    return state;
}

static inline unsigned end_flow(struct watched *w)
{
    unsigned state = inspect_end(w->inspector, w->inspection, &w->flow);
    w->state |= state;
    return state;
}

static inline const struct flow_facts *facts_of(const struct watched *w)
{
    return inspection_facts(w->inspection);
}

static inline void assert_text(struct text seen, const char *wanted)
{
    assert_non_null(seen.data);
    if (seen.length != strlen(wanted) || memcmp(seen.data, wanted, seen.length) != 0)
        fail_msg("\"%.*s\" is not \"%s\"", (int)seen.length, seen.data, wanted);
}

struct counter_wanted {
    const char *name;
    uint64_t value;
};

static inline void counter_find(void *context, const struct counter *counter)
{
    struct counter_wanted *wanted = context;
    if (strcmp(counter->name, wanted->name) == 0)
        wanted->value = counter->value;
}

static inline uint64_t counted(const struct watched *w, const char *name)
{
    struct counter_wanted wanted = {name, UINT64_MAX};
    inspector_count(w->inspector, counter_find, &wanted);
    assert_true(wanted.value != UINT64_MAX);
    return wanted.value;
}

#endif
