/*
 * Listens for routers that tell their tables by BMP (RFC 7854) and keeps path data current with them. No thread, no
 * clock: whoever judges calls bmp_server_poll() in between, from the same thread, as it changes what paths_judge()
 * sees. BMP has no authentication: listen on an address that only the routers reach.
 */
#ifndef BORDERTAP_GEO_PATHS_BMP_SERVER_H
#define BORDERTAP_GEO_PATHS_BMP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "paths/paths.h"
#include "status.h"

struct bmp_server;

enum { BMP_SESSIONS_MAX = 16 };

/**
 * @param paths opened before, with files or without; outlives the server.
 * @param address numeric, "127.0.0.1" or "::1".
 * @param port host byte order; 0: any that is free, see bmp_server_port().
 */
enum status bmp_server_new(struct paths *paths, const char *address, uint16_t port, struct bmp_server **ret,
                           struct error *error);
uint16_t bmp_server_port(const struct bmp_server *server);

/**
 * Takes what routers have sent, at most some megabytes a call, and works it in.
 * @param timeout_ms how long to wait for something; 0: not at all; negative: until something comes.
 * @param now_sec since the epoch.
 * @return STATUS_OK, also when nothing came; STATUS_IO when waiting failed.
 */
enum status bmp_server_poll(struct bmp_server *server, int timeout_ms, int64_t now_sec);

size_t bmp_server_sessions(const struct bmp_server *server);
void bmp_server_count(const struct bmp_server *server, counter_visit *visit, void *context);
/** Ends all sessions; their routes go. Takes NULL. */
void bmp_server_free(struct bmp_server *server);

#endif
