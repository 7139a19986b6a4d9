#include "http_bytes.h"

#include <stdio.h>
#include <string.h>

static void add_header(struct bytes *b, const char *name, const char *value)
{
    if (value == NULL)
        return;
    bytes_add_text(b, name);
    bytes_add_text(b, ": ");
    bytes_add_text(b, value);
    bytes_add_text(b, "\r\n");
}

static void add_body(struct bytes *b, const void *body, size_t length)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%zu", length);
    add_header(b, "Content-Length", digits);
    bytes_add_text(b, "\r\n");
    bytes_add(b, body, length);
}

static void add_request(struct bytes *b, const struct http_exchange *exchange)
{
    bytes_add_text(b, exchange->method ? exchange->method : "GET");
    bytes_add_text(b, " ");
    bytes_add_text(b, exchange->target);
    bytes_add_text(b, " HTTP/1.1\r\n");
    add_header(b, "Host", exchange->host);
    add_header(b, "User-Agent", exchange->user_agent);
    bytes_add_text(b, exchange->headers ? exchange->headers : "");
    if (exchange->request_body != NULL)
        add_body(b, exchange->request_body, strlen(exchange->request_body));
    else
        bytes_add_text(b, "\r\n");
}

static void add_response(struct bytes *b, const struct http_exchange *exchange)
{
    bool is_connect = exchange->method != NULL && strcmp(exchange->method, "CONNECT") == 0;
    bytes_add_text(b, "HTTP/1.1 ");
    bytes_add_text(b, exchange->status ? exchange->status : "200 OK");
    bytes_add_text(b, "\r\n");
    if (is_connect) {
        bytes_add_text(b, "\r\n");
        return;
    }
    add_header(b, "Content-Type", "application/octet-stream");
    if (exchange->response_body != NULL) {
        add_body(b, exchange->response_body, strlen(exchange->response_body));
        return;
    }
    struct bytes noise = {0};
    bytes_add_noise(&noise, 4000, (uint32_t)strlen(exchange->target));
    add_body(b, noise.data, noise.length);
    bytes_free(&noise);
}

void http_say(struct dialogue *d, const struct http_exchange *exchange)
{
    add_request(dialogue_add(d, CLIENT), exchange);
    add_response(dialogue_add(d, SERVER), exchange);
}
