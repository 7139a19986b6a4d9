/* What the capture itself says of the way packets take: routers that send them back, and hop limits that change. */
#include "scenario.h"

#define US_AMAZON "54.230.10.10"
#define CN_ROUTER "36.110.213.1"
#define KSN_NAME "ksn-url-geo.kaspersky-labs.com"

enum { OTHER_SEQUENCE = 0x01000000, HOPS = 7 };

static struct segment next_of(const struct talk *talk, enum side side)
{
    return (struct segment){.from = &talk->peers[side],
                            .to = &talk->peers[!side],
                            .sequence = talk->sequence[side],
                            .acknowledgement = talk->sequence[!side],
                            .flags = TCP_ACK_BIT};
}

static struct talk ksn_talk(struct capture *out)
{
    return talk_between(out, HOST, next_port(), US_AMAZON, 443);
}

static void play_ksn(struct talk *talk)
{
    struct dialogue d;
    tls_talk(&(struct tls_setup){.name = KSN_NAME}, &d);
    talk_play(talk, &d);
    dialogue_free(&d);
}

/* A SYN that runs out of hops on its way, and is sent again. */
static void syn_sent_back(struct capture *out)
{
    struct talk talk = ksn_talk(out);
    struct segment syn = next_of(&talk, CLIENT);
    syn.flags = TCP_SYN_BIT;
    capture_tcp(out, &syn);
    capture_time_exceeded(out, CN_ROUTER, &syn);
    capture_wait_ms(out, 1000);
    play_ksn(&talk);
}

static void late_sent_back(struct capture *out)
{
    struct talk talk = ksn_talk(out);
    talk.knobs = TALK_UNFINISHED;
    play_ksn(&talk);
    struct segment next = next_of(&talk, CLIENT);
    capture_wait_ms(out, 5000);
    capture_time_exceeded(out, CN_ROUTER, &next);
}

/* Nobody who does not see the packets knows their numbers. */
static void forged(struct capture *out)
{
    struct talk talk = ksn_talk(out);
    play_ksn(&talk);
    struct segment guess = next_of(&talk, CLIENT), others = next_of(&talk, SERVER);
    guess.sequence += OTHER_SEQUENCE;
    capture_time_exceeded(out, CN_ROUTER, &guess);
    capture_time_exceeded(out, CN_ROUTER, &others);
}

static void say_over_hops(struct talk *talk, enum side side, uint8_t hop_limit)
{
    struct bytes noise = {0};
    talk->out->hop_limit = hop_limit;
    bytes_add_noise(&noise, 100, hop_limit);
    talk_say(talk, side, &noise);
    bytes_free(&noise);
    talk->out->hop_limit = 64;
}

static void another_way(struct capture *out)
{
    struct talk talk = ksn_talk(out);
    talk.knobs = TALK_UNFINISHED;
    play_ksn(&talk);
    say_over_hops(&talk, SERVER, 64 - HOPS); /* the host's acknowledgement too: that is not the remote's way */
    talk_close(&talk);
}

/* The host's own packets, and a reset that somebody else may have sent. */
static void the_same_way(struct capture *out)
{
    struct talk talk = ksn_talk(out);
    talk.knobs = TALK_UNFINISHED;
    play_ksn(&talk);
    struct segment ours = next_of(&talk, CLIENT), reset = next_of(&talk, SERVER);
    out->hop_limit = 64 - HOPS;
    capture_tcp(out, &ours);
    reset.flags = TCP_RST_BIT | TCP_ACK_BIT;
    capture_tcp(out, &reset);
    out->hop_limit = 64;
}

#define KSN "{'product':'kaspersky','remote':'" US_AMAZON "','vendor':['RU'],"

const struct scenario route_scenarios[] = {
    {"route-syn-sent-back", "A router on the way sends the first SYN back", syn_sent_back,
     KSN "'transit':['CN'],'transit_status':'contested','transit_grade':'T4','transit_file':'ICMP in the capture',"
         "'transit_reason':'carried by AS23724 (CN) on the forward path, T4, ICMP of 2026-05-28T20:26Z',"
         "'flags':['transit:CN:us-foreign-adversaries'],'path_changes':null}",
     NULL},
    {"route-late-sent-back", "A router on the way sends a packet back of a flow already judged", late_sent_back,
     KSN "'transit':['CN'],'transit_grade':'T4','flags':['transit:CN:us-foreign-adversaries'],"
         "'actions':['opened','escalated']}",
     NULL},
    {"route-forged", "Quotes of packets that were never sent, or by the remote", forged,
     KSN "'transit':[],'transit_status':'unknown','transit_reason':'no path data loaded'}", NULL},
    {"route-changed", "The remote's packets begin to come over other routers, and return to the first", another_way,
     KSN "'path_changes':2,'path_changed_flows':1,'path_hop_limits':[64,57],"
         "'path_reason':'over 0 hops (hop limit 64), then 7 (57)'}",
     NULL},
    {"route-not-changed", "Others than the remote have another hop limit", the_same_way, KSN "'path_changes':null}",
     NULL},
};
const size_t route_count = sizeof(route_scenarios) / sizeof(route_scenarios[0]);
