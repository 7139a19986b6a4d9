/*
 * GET /metrics and /healthz over HTTP for a monitoring system on this machine: on a loopback port or a unix socket,
 * never on a network. What needs a right is made by metrics_server_open(),
 * the thread afterwards by metrics_server_start(), as rights that fall are a thread's own.
 * Its thread never makes the packet path wait, nor the other way round: samples change hands by one atomic exchange.
 */
#ifndef BORDERTAP_CLI_METRICS_SERVER_H
#define BORDERTAP_CLI_METRICS_SERVER_H

#include "run_sample.h"
#include "status.h"

struct metrics_server;

/** Looks at @p address without opening anything: "127.0.0.1:PORT", "[::1]:PORT" or "unix:PATH".
 * @return STATUS_OK or STATUS_INVALID. */
enum status metrics_server_check(const char *address, struct error *error);

/** @return STATUS_OK, STATUS_INVALID as metrics_server_check(), STATUS_IO or STATUS_NO_MEMORY; with a sentence. */
enum status metrics_server_open(const char *address, struct metrics_server **ret, struct error *error);

/** Serves from here on. @return STATUS_OK, or STATUS_IO with a sentence. Once. */
enum status metrics_server_start(struct metrics_server *server, struct error *error);

/** What is served from now on. By one thread at a time; never waits. */
void metrics_server_publish(struct metrics_server *server, const struct run_sample *sample);

void metrics_server_close(struct metrics_server *server); /* NULL is fine */

const char *metrics_server_library_version(void);

#endif
