/* The usual ways to talk, so that a scenario is a few lines. */
#include "scenario.h"

static uint16_t last_port;

uint16_t next_port(void)
{
    last_port = last_port < 49152 || last_port == 65535 ? 49152 : (uint16_t)(last_port + 1);
    return last_port;
}

void say_tls_with(struct capture *out, const char *server, const struct tls_setup *setup, unsigned knobs, unsigned mss)
{
    struct dialogue d;
    struct talk talk = talk_between(out, HOST, next_port(), server, 443);
    tls_talk(setup, &d);
    talk.knobs = knobs;
    talk.mss = mss;
    talk_play(&talk, &d);
    dialogue_free(&d);
}

void say_tls(struct capture *out, const char *server, const struct tls_setup *setup)
{
    say_tls_with(out, server, setup, 0, 0);
}

void say_tls_from(struct capture *out, const char *client, const char *server, uint16_t port,
                  const struct tls_setup *setup)
{
    struct dialogue d;
    struct talk talk = talk_between(out, client, next_port(), server, port);
    tls_talk(setup, &d);
    talk_play(&talk, &d);
    dialogue_free(&d);
}

void say_http(struct capture *out, const char *server, const struct http_exchange *exchange)
{
    struct dialogue d = {.count = 0};
    struct talk talk = talk_between(out, HOST, next_port(), server, 80);
    http_say(&d, exchange);
    talk_play(&talk, &d);
    dialogue_free(&d);
}

void say_quic(struct capture *out, const char *server, const struct tls_setup *tls, const struct quic_setup *setup)
{
    struct dialogue d;
    struct peer from = peer_of(HOST, next_port()), to = peer_of(server, 443);
    tls_talk(tls, &d);
    quic_talk(out, &from, &to, &d, setup);
    dialogue_free(&d);
}
