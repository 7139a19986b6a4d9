/*
 * A flow table that remembers what ended, and packets to feed it with. Shared by the tests of the flow table.
 */
#ifndef BORDERTAP_TESTS_FLOW_FIXTURE_H
#define BORDERTAP_TESTS_FLOW_FIXTURE_H

#include "test.h"

#include "flow_table.h"
#include "flow_table_internal.h"

enum { ENDED_MAX = 4096 };

struct ended_flow {
    uint32_t number; /* of its first packet */
    enum flow_end_reason reason;
    uint64_t packets;
};

struct fixture {
    struct flow_table *table;
    struct ended_flow ended[ENDED_MAX];
    size_t ended_count;
    uint64_t number; /* of the next packet */
    struct flow *flow;
    unsigned side;
    bool is_new;
};

struct fixture *fixture_new(uint32_t flows_max, uint64_t seed);
struct fixture *fixture_new_with(struct flow_table_options options); /* `ended` and `context` are the fixture's */
void fixture_free(struct fixture *f);

struct decoded packet_of(const char *source, uint16_t source_port, const char *destination, uint16_t destination_port,
                         uint8_t protocol);
struct decoded udp(const char *source, uint16_t source_port, const char *destination, uint16_t destination_port);
/** From 10.0.0.1:40000 to 192.0.2.1:443, and back. */
struct decoded tcp_out(uint8_t flags, uint32_t sequence);
struct decoded tcp_in(uint8_t flags, uint32_t acknowledgement);
/** Another flow for each @p i. */
struct decoded numbered(uint32_t i, uint8_t protocol);
struct decoded answer_to(struct decoded p);

struct flow *touch_ns(struct fixture *f, struct decoded p, int64_t ns);
struct flow *touch(struct fixture *f, struct decoded p, int64_t sec);
void open_connection(struct fixture *f, uint32_t isn, int64_t sec); /* 3 packets */
void close_connection(struct fixture *f, int64_t sec);              /* 3 packets */

void assert_ended(const struct fixture *f, size_t at, uint32_t number, enum flow_end_reason reason);
uint64_t flow_count_of(const struct fixture *f, const char *name);

#endif
