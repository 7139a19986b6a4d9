/* What networks and taps do to packets: the finding stays the same as far as it was seen. */
#include "hello_patch.h"
#include "scenario.h"

#define US_AMAZON "54.230.10.10"
#define NL_LEASEWEB "94.75.236.123"
#define KSN "ksn-url-geo.kaspersky-labs.com"

static const struct tls_setup ksn = {.name = KSN, .alpn = "h2"};

static void undamaged(struct capture *out)
{
    say_tls(out, US_AMAZON, &ksn);
}

static void small_segments(struct capture *out)
{
    say_tls_with(out, US_AMAZON, &ksn, 0, 40);
}

static void tiny_segments(struct capture *out)
{
    say_tls_with(out, US_AMAZON, &ksn, 0, 3);
}

static void small_records(struct capture *out)
{
    struct dialogue d;
    struct talk talk = talk_between(out, HOST, next_port(), US_AMAZON, 443);
    tls_talk(&ksn, &d);
    hello_split_records(&d.flights[0].bytes, 50);
    talk.mss = 70;
    talk_play(&talk, &d);
    dialogue_free(&d);
}

static void doubled(struct capture *out)
{
    say_tls_with(out, US_AMAZON, &ksn, TALK_DOUBLED, 0);
}

static void doubled_in_vlan(struct capture *out)
{
    say_tls_with(out, US_AMAZON, &ksn, TALK_DOUBLED_VLAN, 0);
}

static void reordered(struct capture *out)
{
    say_tls_with(out, US_AMAZON, &ksn, TALK_REORDERED, 90);
}

/* The server's SYN comes twice, and its first segments change places. */
static void reordered_answer(struct capture *out)
{
    struct dialogue d;
    struct talk t = talk_between(out, HOST, next_port(), US_AMAZON, 443);
    tls_talk(&ksn, &d);
    talk_open(&t);
    capture_wait_ms(out, 1000);
    struct segment again = {.from = &t.peers[SERVER],
                            .to = &t.peers[CLIENT],
                            .sequence = t.sequence[SERVER] - 1,
                            .acknowledgement = t.sequence[CLIENT],
                            .flags = TCP_SYN_BIT | TCP_ACK_BIT};
    capture_tcp(out, &again);
    t.knobs = TALK_REORDERED;
    t.mss = 90;
    for (size_t i = 0; i < d.count; i++)
        talk_say(&t, d.flights[i].side, &d.flights[i].bytes);
    talk_close(&t);
    dialogue_free(&d);
}

static void lost_in_hello(struct capture *out)
{
    say_tls_with(out, "77.74.178.10", &ksn, TALK_LOST, 60);
}

/* Two connections of the same ports, seconds apart; the end of the first is not seen. */
static void ports_again(struct capture *out)
{
    static const struct tls_setup setups[] = {{.name = "www.example.com"}, {.name = KSN, .alpn = "h2"}};
    struct talk t = talk_between(out, HOST, next_port(), US_AMAZON, 443);
    for (size_t i = 0; i < 2; i++) {
        struct dialogue d;
        tls_talk(&setups[i], &d);
        t.knobs = i == 0 ? TALK_UNFINISHED : 0;
        talk_play(&t, &d);
        dialogue_free(&d);
        t.sequence[CLIENT] += 0x200000;
        t.sequence[SERVER] += 0x300000;
        capture_wait_ms(out, 3000);
    }
}

static void unfinished(struct capture *out)
{
    say_tls_with(out, US_AMAZON, &ksn, TALK_UNFINISHED, 0);
}

static void snapped(struct capture *out)
{
    out->wrap = WRAP_SNAPPED;
    say_tls(out, "77.74.178.10", &ksn);
}

static void http_segments(struct capture *out)
{
    struct dialogue d = {.count = 0};
    struct talk talk = talk_between(out, HOST, next_port(), NL_LEASEWEB, 8080);
    http_say(&d, &(struct http_exchange){.target = "/updates/kdb/i386/kdb-i386-1313g.xml.dif", .host = NL_LEASEWEB});
    talk.mss = 9;
    talk_play(&talk, &d);
    dialogue_free(&d);
}

static void http_answer_only(struct capture *out)
{
    struct dialogue d = {.count = 0};
    struct talk talk = talk_between(out, HOST, next_port(), NL_LEASEWEB, 80);
    http_say(&d, &(struct http_exchange){.target = "/x", .host = NL_LEASEWEB, .response_body = "KLD2 what differs"});
    talk.knobs = TALK_SERVER_ONLY;
    talk_play(&talk, &d);
    dialogue_free(&d);
}

/* A connection that is opened and never used. */
static void opened_only(struct capture *out)
{
    struct talk talk = talk_between(out, HOST, next_port(), "77.74.178.10", 443);
    talk_open(&talk);
    talk_close(&talk);
}

static void never_answered(struct capture *out)
{
    struct talk talk = talk_between(out, HOST, next_port(), "36.110.213.10", 443);
    talk.knobs = TALK_CLIENT_ONLY;
    talk_open(&talk);
}

/* One segment by hand, with the numbers the talk is at. */
static void send_by_hand(struct talk *t, enum side side, unsigned flags, int sequence_off, const char *payload)
{
    capture_tcp(t->out, &(struct segment){.from = &t->peers[side],
                                          .to = &t->peers[!side],
                                          .sequence = t->sequence[side] + (uint32_t)sequence_off,
                                          .acknowledgement = t->sequence[!side],
                                          .flags = (uint8_t)flags,
                                          .payload = (const uint8_t *)payload,
                                          .length = payload != NULL});
}

static void say_all(struct talk *t, const struct tls_setup *setup)
{
    struct dialogue d;
    tls_talk(setup, &d);
    for (size_t i = 0; i < d.count; i++)
        talk_say(t, d.flights[i].side, &d.flights[i].bytes);
    talk_close(t);
    dialogue_free(&d);
}

/* Each second segment overtakes the one before it, from the hello's on. */
static struct talk overtaking_talk(struct capture *out)
{
    struct talk t = talk_between(out, HOST, next_port(), US_AMAZON, 443);
    t.knobs = TALK_REORDERED;
    t.mss = 200;
    return t;
}

static void overtaken_after_server_syn(struct capture *out)
{
    struct talk t = overtaking_talk(out);
    send_by_hand(&t, SERVER, TCP_SYN_BIT | TCP_ACK_BIT, -1, NULL);
    say_all(&t, &ksn);
}

static void overtaken_after_client_ack(struct capture *out)
{
    struct talk t = overtaking_talk(out);
    send_by_hand(&t, CLIENT, TCP_ACK_BIT, 0, NULL);
    say_all(&t, &ksn);
}

static void overtaken_at_once(struct capture *out)
{
    struct talk t = overtaking_talk(out);
    say_all(&t, &ksn);
}

/* Joined in the middle of a pause: either side asks whether the other is still there. */
static void keep_alive_first(struct capture *out)
{
    struct talk t = talk_between(out, HOST, next_port(), US_AMAZON, 443);
    send_by_hand(&t, CLIENT, TCP_ACK_BIT, -1, "");
    send_by_hand(&t, SERVER, TCP_ACK_BIT, 0, NULL);
    send_by_hand(&t, SERVER, TCP_ACK_BIT, -1, "");
    send_by_hand(&t, CLIENT, TCP_ACK_BIT, 0, NULL);
    say_all(&t, &ksn);
}

/* On ports nobody knows, and the tap mixed up the two directions. */
static void answer_first(struct capture *out)
{
    struct dialogue d;
    struct talk t = talk_between(out, HOST, next_port(), US_AMAZON, 44321);
    tls_talk(&ksn, &d);
    t.sequence[CLIENT] += (uint32_t)d.flights[0].bytes.length;
    talk_say(&t, SERVER, &d.flights[1].bytes);
    t.sequence[CLIENT] -= (uint32_t)d.flights[0].bytes.length;
    talk_say(&t, CLIENT, &d.flights[0].bytes);
    for (size_t i = 2; i < d.count; i++)
        talk_say(&t, d.flights[i].side, &d.flights[i].bytes);
    talk_close(&t);
    dialogue_free(&d);
}

#define SEEN                                                                                                           \
    "{'product':'kaspersky','purpose':'reputation','confidence':'confirmed','severity':'high','exposure':'"            \
    "harvestable','flows':1"
#define BY_NETWORK "{'product':'kaspersky','confidence':'probable','severity':'critical','exposure':'unknown'"

const struct scenario damage_scenarios[] = {
    {"damage-none", "The same conversation, whole", undamaged, SEEN ",'packets_out':10,'packets_in':10}", NULL},
    {"damage-small-segments", "The hellos in segments of 40 bytes", small_segments, SEEN "}", NULL},
    {"damage-tiny-segments", "The whole conversation in segments of 3 bytes", tiny_segments, SEEN "}", NULL},
    {"damage-small-records", "The hello over several records", small_records, SEEN "}", NULL},
    {"damage-doubled", "Every frame twice counts once", doubled, SEEN ",'packets_out':10,'packets_in':10}", NULL},
    {"damage-doubled-in-vlan", "Every frame again in another VLAN counts once", doubled_in_vlan,
     SEEN ",'packets_out':10,'packets_in':10}", NULL},
    {"damage-reordered", "Neighbouring segments change places", reordered, SEEN "}", NULL},
    {"damage-reordered-answer", "A repeated SYN of the server before segments out of order", reordered_answer, SEEN "}",
     NULL},
    {"damage-lost-in-hello", "A part of the hello is lost: the address remains", lost_in_hello, BY_NETWORK "}", NULL},
    {"damage-unfinished", "The capture ends before the connection", unfinished, SEEN "}", NULL},
    {"damage-ports-again", "The same ports again after an end nobody saw", ports_again, SEEN "}", NULL},
    {"damage-snapped", "Frames cut at 60 bytes: the address remains", snapped, BY_NETWORK "}", NULL},
    {"damage-http-segments", "A request in segments of 9 bytes, on another port", http_segments,
     "{'product':'kaspersky','purpose':'update','confidence':'confirmed','severity':'critical','exposure':'cleartext'}",
     NULL},
    {"damage-http-answer-only", "Only the answer is seen", http_answer_only,
     "{'product':'kaspersky','purpose':'update','confidence':'probable','severity':'critical','exposure':'cleartext'}",
     NULL},
    {"damage-opened-only", "A connection without content to the vendor's network", opened_only, BY_NETWORK "}", NULL},
    {"damage-never-answered", "A SYN to China that nobody answers", never_answered,
     "{'product':null,'severity':'low','location':['CN']}", NULL},
    {"damage-overtaken-1", "The hello's segments out of order behind the server's SYN alone",
     overtaken_after_server_syn, SEEN ",'name_source':'tls_sni'}", NULL},
    {"damage-overtaken-2", "The same behind the client's acknowledgement alone", overtaken_after_client_ack,
     SEEN ",'name_source':'tls_sni'}", NULL},
    {"damage-overtaken-3", "The same with nothing of the handshake", overtaken_at_once,
     SEEN ",'name_source':'tls_sni'}", NULL},
    {"damage-keep-alive", "A capture that begins with keep-alive probes", keep_alive_first,
     SEEN ",'name_source':'tls_sni'}", NULL},
    {"damage-answer-first", "Unknown ports, no handshake, and the server's hello before the client's", answer_first,
     SEEN ",'name_source':'tls_sni'}", NULL},
};
const size_t damage_count = sizeof(damage_scenarios) / sizeof(damage_scenarios[0]);
