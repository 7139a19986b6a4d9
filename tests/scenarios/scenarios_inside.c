/* TLS that begins inside another protocol, in captures that miss what led to it: server, client and name are the same.
 */
#include "scenario.h"

#define US_AMAZON "54.230.10.10"
#define PROXY_OUTSIDE "54.230.10.11"
#define KSN "ksn-url-geo.kaspersky-labs.com"

static const struct tls_setup ksn = {.name = KSN, .alpn = "h2"};

static void say(struct dialogue *d, enum side side, const char *text)
{
    bytes_add_text(dialogue_add(d, side), text);
}

/** Plays the words, then TLS, as a capture shows them that begins in the middle. */
static void play_from_the_middle(struct capture *out, const char *server, uint16_t port, struct dialogue *words,
                                 unsigned knobs)
{
    struct talk talk = talk_between(out, HOST, next_port(), server, port);
    struct dialogue tls;
    tls_talk(&ksn, &tls);
    dialogue_join(words, &tls);
    talk.knobs = knobs;
    for (size_t i = 0; i < words->count; i++)
        talk_say(&talk, words->flights[i].side, &words->flights[i].bytes);
    talk_close(&talk);
    dialogue_free(words);
}

static void connect_unseen(struct capture *out)
{
    struct dialogue d = {.count = 0};
    say(&d, SERVER, "HTTP/1.1 200 Connection established\r\n\r\n");
    play_from_the_middle(out, PROXY_OUTSIDE, 3128, &d, 0);
}

static void smtp_from_the_middle(struct capture *out)
{
    struct dialogue d = {.count = 0};
    say(&d, SERVER, "250 STARTTLS\r\n");
    say(&d, CLIENT, "STARTTLS\r\n");
    say(&d, SERVER, "220 go ahead\r\n");
    play_from_the_middle(out, US_AMAZON, 2525, &d, 0);
}

static void xmpp_from_the_middle(struct capture *out)
{
    struct dialogue d = {.count = 0};
    say(&d, SERVER, "<?xml version='1.0'?><stream:stream id='1' from='a.example'><stream:features><starttls/>");
    say(&d, CLIENT, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    say(&d, SERVER, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    play_from_the_middle(out, US_AMAZON, 9999, &d, 0);
}

/* What a server says looks like a client's line, and no port tells: the hello puts it right. */
static void hello_corrects_the_words(struct capture *out)
{
    struct dialogue d = {.count = 0};
    say(&d, SERVER, "a1 STARTTLS\r\n");
    play_from_the_middle(out, US_AMAZON, 9999, &d, 0);
}

#define SEEN                                                                                                           \
    "{'product':'kaspersky','purpose':'reputation','confidence':'confirmed','severity':'high','exposure':'"            \
    "harvestable','flows':1}"

const struct scenario inside_scenarios[] = {
    {"inside-connect-unseen", "A tunnel whose CONNECT was not captured", connect_unseen, SEEN, NULL},
    {"inside-smtp-middle", "The capture begins inside a dialogue with a mail server", smtp_from_the_middle, SEEN, NULL},
    {"inside-xmpp-middle", "The capture begins with the server's stream", xmpp_from_the_middle, SEEN, NULL},
    {"inside-words-mistaken", "A server's line that looks like a client's", hello_corrects_the_words, SEEN, NULL},
};
const size_t inside_count = sizeof(inside_scenarios) / sizeof(inside_scenarios[0]);
