/* What round trips rule out. A server answers the tap within 20 ms unless said otherwise: light goes 3,000 km out and
 * back in that, so a tap at Washington is too far from Russia, and one at Helsinki is not. */
#include "scenario.h"

#define RU_YANDEX "5.255.255.70"
#define CONTESTED "185.200.118.10" /* one provider says NL, the other RU */
#define NAME "ksn-url-geo.kaspersky-labs.com"

static void ksn_at(struct capture *out, const char *server, unsigned way_ms, unsigned knobs)
{
    struct dialogue d;
    struct talk talk = talk_between(out, HOST, next_port(), server, 443);
    talk.way_ms = way_ms;
    talk.knobs = knobs;
    tls_talk(&(struct tls_setup){.name = NAME}, &d);
    talk_play(&talk, &d);
    dialogue_free(&d);
}

static void near(struct capture *out)
{
    ksn_at(out, RU_YANDEX, 0, 0);
}

static void far(struct capture *out)
{
    ksn_at(out, RU_YANDEX, 300, 0);
}

static void fibre_only(struct capture *out)
{
    ksn_at(out, RU_YANDEX, 45, 0);
}

static void near_contested(struct capture *out)
{
    ksn_at(out, CONTESTED, 17, 0);
}

static void two_clocks(struct capture *out)
{
    ksn_at(out, RU_YANDEX, 0, TALK_TWO_CLOCKS);
}

/* In clear text, so that the handshake of TCP is all there is to time. */
static void syn_again(struct capture *out)
{
    struct dialogue d = {.count = 0};
    struct talk talk = talk_between(out, HOST, next_port(), RU_YANDEX, 80);
    const struct segment first = {.from = &talk.peers[CLIENT],
                                  .to = &talk.peers[SERVER],
                                  .sequence = talk.sequence[CLIENT],
                                  .flags = TCP_SYN_BIT};
    capture_tcp(out, &first);
    capture_wait_ms(out, 1000);
    http_say(&d, &(struct http_exchange){.target = "/index/u1313g.xml", .host = "s00.upd.kaspersky.com"});
    talk_play(&talk, &d);
    dialogue_free(&d);
}

#define AT_WASHINGTON "--sensor-pos 38.90,-77.04,5"
#define AT_HELSINKI "--sensor-pos 60.17,24.94,5"
#define AT_LISBON "--sensor-pos 38.70,-9.14,5"
#define KSN "{'product':'kaspersky','vendor':['RU'],"

const struct scenario rtt_scenarios[] = {
    {"rtt-near-claimed-ru", "A server that answers too soon for Russia", near,
     KSN
     "'location':[],'location_status':'unknown','location_reason':'all claims refuted by RTT','rtt_to':'tls',"
     "'rtt_vacuum':['CN','HK','IR','KP','MO','RU'],'rtt_fibre':[],'transit_excluded':['CN','HK','IR','KP','MO','RU'],"
     "'flags':['vendor:RU:us-kaspersky']}",
     AT_WASHINGTON},
    {"rtt-near-without-position", "The same, but nobody said where the tap stands", near,
     KSN "'location':['RU'],'location_status':'agreed','rtt_reason':'no sensor position','transit_excluded':null}",
     NULL},
    {"rtt-near-claimed-ru-helsinki", "The same seen from where Russia is near", near,
     KSN "'location':['RU'],'location_status':'agreed','rtt_to':'tls','rtt_vacuum':['CN','CU','HK','KP','MO'],"
         "'flags':['location:RU:us-foreign-adversaries']}",
     AT_HELSINKI},
    {"rtt-far-claimed-ru", "A long round trip proves nothing", far,
     KSN "'location':['RU'],'location_status':'agreed','location_reason':'2 of 2 providers','rtt_to':'tls',"
         "'rtt_vacuum':[],'rtt_fibre':[],'transit_excluded':[]}",
     AT_WASHINGTON},
    {"rtt-fibre-claimed-ru", "Too soon for fibre, not for light", fibre_only,
     KSN "'location':['RU'],'location_status':'contested','location_reason':'RU too far for this RTT in fibre',"
         "'rtt_fibre':['RU'],'flags':['location:RU:us-foreign-adversaries']}",
     AT_WASHINGTON},
    {"rtt-near-contested", "Of two claims the nearer one is left", near_contested,
     KSN "'location':['NL'],'location_status':'single-source','location_reason':'RU refuted by RTT'}", AT_LISBON},
    {"rtt-syn-again", "The first of two SYNs counts", syn_again,
     KSN "'location':['RU'],'location_status':'agreed','rtt_to':'tcp','rtt_vacuum':[],'transit_excluded':[]}",
     AT_WASHINGTON},
    {"rtt-two-clocks", "Two captures merged, one's clock behind", two_clocks,
     KSN "'location':['RU'],'location_status':'agreed','rtt_to':null,'rtt_reason':'clock was set back',"
         "'transit_excluded':null}",
     AT_WASHINGTON},
};

const size_t rtt_count = sizeof(rtt_scenarios) / sizeof(rtt_scenarios[0]);
