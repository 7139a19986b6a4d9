/* HTTP/1.1 (RFC 9112) as agents and proxies speak it. */
#ifndef SCENARIOS_HTTP_BYTES_H
#define SCENARIOS_HTTP_BYTES_H

#include "talk.h"

struct http_exchange {
    const char *method;                       /* NULL: GET */
    const char *target;                       /* path, URL (to a proxy) or host:port (CONNECT) */
    const char *host, *user_agent;            /* NULL: no such header */
    const char *headers;                      /* more of the request, each line with its \r\n; NULL: none */
    const char *request_body, *response_body; /* NULL: none; the response is then a few bytes that mean nothing */
    const char *status;                       /* "200 OK" when NULL */
};

/** Adds request and answer. */
void http_say(struct dialogue *d, const struct http_exchange *exchange);

#endif
