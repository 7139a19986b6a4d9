/*
 * A scenario: a capture of what some host does, and the findings it must give, no more and no fewer. Tables of them
 * stand in the files scenarios_*.c; README.md tells how to add one.
 */
#ifndef SCENARIOS_SCENARIO_H
#define SCENARIOS_SCENARIO_H

#include "dns_bytes.h"
#include "http_bytes.h"
#include "quic_initial.h"
#include "talk.h"
#include "tls_pair.h"

struct scenario {
    const char *name, *title;
    void (*make)(struct capture *out);
    const char *findings; /* JSON objects with ' for ", comma between them; "" for none */
    const char *options;  /* more of bordertap's, separated by blanks; NULL: none */
};

/* A product that asks one server over TLS 1.3: what most agents look like. */
struct agent_row {
    const char *name, *server, *product, *purpose, *severity;
};

/* Actors. Hosts of the house are 10.0.0.x; the servers' countries and networks are in geo/. */
#define HOST "10.0.0.20"

/* The usual ways to talk, from HOST. */
void say_tls(struct capture *out, const char *server, const struct tls_setup *setup);
void say_tls_with(struct capture *out, const char *server, const struct tls_setup *setup, unsigned knobs, unsigned mss);
void say_tls_from(struct capture *out, const char *client, const char *server, uint16_t port,
                  const struct tls_setup *setup);
void say_http(struct capture *out, const char *server, const struct http_exchange *exchange);
void say_quic(struct capture *out, const char *server, const struct tls_setup *tls, const struct quic_setup *setup);
/** A client port not used before. */
uint16_t next_port(void);

extern const struct scenario vendor_scenarios[], exposure_scenarios[], place_scenarios[], lookalike_scenarios[],
    path_scenarios[], rtt_scenarios[], damage_scenarios[], inside_scenarios[], time_scenarios[], corner_scenarios[],
    policy_scenarios[], route_scenarios[];
extern const size_t vendor_count, exposure_count, place_count, lookalike_count, path_count, rtt_count, damage_count,
    inside_count, time_count, corner_count, policy_count, route_count;
extern const struct agent_row other_agents[];
extern const size_t other_agent_count;

#endif
