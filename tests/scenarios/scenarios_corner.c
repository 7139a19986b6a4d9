/* Corners that real networks have: odd but honest traffic around an agent. */
#include <openssl/ssl.h>

#include "scenario.h"

#define NL_LEASEWEB "94.75.236.123"
#define NL_KASPERSKY "77.74.178.10"
#define CN_TELECOM "36.110.213.10"
#define US_AMAZON "54.230.10.10"
#define PROXY "10.0.0.8"
#define KSN "ksn-url-geo.kaspersky-labs.com"

static void shouting_name(struct capture *out)
{
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "KSN-URL-GEO.Kaspersky-Labs.COM"});
}

static void dotted_name(struct capture *out)
{
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = KSN "."});
}

static void shouting_host(struct capture *out)
{
    say_http(out, US_AMAZON, &(struct http_exchange){.target = "/x", .host = "S00.UPD.KASPERSKY.COM.:80"});
}

static void asked_again(struct capture *out)
{
    say_tls(out, US_AMAZON,
            &(struct tls_setup){.name = KSN, .client_groups = "X25519:P-384", .server_groups = "P-384"});
}

static const struct tls_setup hybrid = {.name = KSN, .alpn = "h3", .is_quic = true, .patch = PATCH_HYBRID};

static void quic_hybrid(struct capture *out)
{
    say_quic(out, US_AMAZON, &hybrid, &(struct quic_setup){.version = QUIC_V1});
}

static void quic_hybrid_pieces(struct capture *out)
{
    say_quic(out, US_AMAZON, &hybrid, &(struct quic_setup){.version = QUIC_V2, .piece = 120});
}

static void say_between(struct capture *out, uint16_t port, const char *server, const char *name, unsigned knobs)
{
    struct dialogue d;
    struct talk talk = talk_between(out, HOST, port, server, 443);
    talk.knobs = knobs;
    talk.sequence[CLIENT] += (uint32_t)(out->now_us & 0xfffff);
    tls_talk(&(struct tls_setup){.name = name}, &d);
    talk_play(&talk, &d);
    dialogue_free(&d);
}

static void port_used_again(struct capture *out)
{
    say_between(out, 51000, US_AMAZON, "www.example.com", 0);
    capture_wait_ms(out, 90000);
    say_between(out, 51000, US_AMAZON, KSN, 0);
}

static void port_used_again_unfinished(struct capture *out)
{
    say_between(out, 51000, US_AMAZON, "www.example.com", TALK_UNFINISHED);
    capture_wait_ms(out, 90000);
    say_between(out, 51000, US_AMAZON, KSN, 0);
}

/* RFC 7413: the hello comes with the SYN. */
static void fast_open(struct capture *out)
{
    struct dialogue d;
    struct talk t = talk_between(out, HOST, next_port(), US_AMAZON, 443);
    tls_talk(&(struct tls_setup){.name = KSN}, &d);
    const struct bytes *hello = &d.flights[0].bytes;
    struct segment syn = {.from = &t.peers[CLIENT],
                          .to = &t.peers[SERVER],
                          .sequence = t.sequence[CLIENT],
                          .flags = TCP_SYN_BIT,
                          .payload = hello->data,
                          .length = hello->length};
    capture_tcp(out, &syn);
    t.sequence[CLIENT] += 1 + (uint32_t)hello->length;
    struct segment answer = {.from = &t.peers[SERVER],
                             .to = &t.peers[CLIENT],
                             .sequence = t.sequence[SERVER],
                             .acknowledgement = t.sequence[CLIENT],
                             .flags = TCP_SYN_BIT | TCP_ACK_BIT};
    capture_tcp(out, &answer);
    t.sequence[SERVER]++;
    for (size_t i = 1; i < d.count; i++)
        talk_say(&t, d.flights[i].side, &d.flights[i].bytes);
    talk_close(&t);
    dialogue_free(&d);
}

/* The first hello was lost behind the tap, and comes again. */
static void hello_sent_again(struct capture *out)
{
    struct dialogue d;
    struct talk t = talk_between(out, HOST, next_port(), US_AMAZON, 443);
    tls_talk(&(struct tls_setup){.name = KSN}, &d);
    talk_open(&t);
    uint32_t start = t.sequence[CLIENT];
    talk_say(&t, CLIENT, &d.flights[0].bytes);
    capture_wait_ms(out, 1000);
    t.sequence[CLIENT] = start;
    for (size_t i = 0; i < d.count; i++)
        talk_say(&t, d.flights[i].side, &d.flights[i].bytes);
    talk_close(&t);
    dialogue_free(&d);
}

/* A proxy with a password: it refuses, the client asks again with one. */
static void proxy_with_password(struct capture *out)
{
    struct dialogue d = {.count = 0}, tls;
    struct http_exchange ask = {
        .method = "CONNECT", .target = KSN ":443", .host = KSN ":443", .status = "407 Proxy Authentication Required"};
    struct talk t = talk_between(out, HOST, next_port(), PROXY, 8080);
    struct bytes *request = dialogue_add(&d, CLIENT), *refusal = dialogue_add(&d, SERVER);
    bytes_add_text(request, "CONNECT " KSN ":443 HTTP/1.1\r\nHost: " KSN ":443\r\n\r\n");
    bytes_add_text(refusal, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
                            "Content-Length: 5\r\n\r\nagain");
    ask.headers = "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n";
    ask.status = "200 Connection established";
    http_say(&d, &ask);
    tls_talk(&(struct tls_setup){.name = KSN}, &tls);
    dialogue_join(&d, &tls);
    talk_play(&t, &d);
    dialogue_free(&d);
}

/* RFC 1928, with the name given to the proxy. */
static void socks_proxy(struct capture *out)
{
    static const uint8_t greeting[] = {5, 1, 0}, choice[] = {5, 0}, connected[] = {5, 0, 0, 1, 10, 0, 0, 8, 0x9c, 0x40};
    struct dialogue d = {.count = 0}, tls;
    struct talk t = talk_between(out, HOST, next_port(), PROXY, 1080);
    bytes_add(dialogue_add(&d, CLIENT), greeting, sizeof(greeting));
    bytes_add(dialogue_add(&d, SERVER), choice, sizeof(choice));
    struct bytes *request = dialogue_add(&d, CLIENT);
    bytes_add(request, (const uint8_t[]){5, 1, 0, 3, sizeof(KSN) - 1}, 5);
    bytes_add_text(request, KSN);
    bytes_add_u16(request, 443);
    bytes_add(dialogue_add(&d, SERVER), connected, sizeof(connected));
    tls_talk(&(struct tls_setup){.name = KSN}, &tls);
    dialogue_join(&d, &tls);
    talk_play(&t, &d);
    dialogue_free(&d);
}

/* Somebody else's proxy, in China: that is where the traffic goes. */
static void proxy_abroad(struct capture *out)
{
    struct dialogue d = {.count = 0}, tls;
    struct talk t = talk_between(out, HOST, next_port(), CN_TELECOM, 8080);
    http_say(&d, &(struct http_exchange){
                     .method = "CONNECT", .target = "ts01-b.cloudsink.net:443", .host = "ts01-b.cloudsink.net:443"});
    tls_talk(&(struct tls_setup){.name = "ts01-b.cloudsink.net"}, &tls);
    dialogue_join(&d, &tls);
    talk_play(&t, &d);
    dialogue_free(&d);
}

/* A resolver in Kaspersky's network: asked about a vendor's name, which makes it no agent. */
static void resolver_of_vendor(struct capture *out)
{
    struct peer from = peer_of(HOST, 50011), to = peer_of(NL_KASPERSKY, 53);
    static const uint8_t query[] = {0x11, 0x22, 1,   0,   0,   1,   0,   0, 0,   0,   0,   0, 3, 'w', 'w', 'w', 7,
                                    'e',  'x',  'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0, 0, 1,   0,   1};
    capture_udp(out, &from, &to, query, sizeof(query));
}

static void clock_from_china(struct capture *out)
{
    struct peer from = peer_of(HOST, 123), to = peer_of(CN_TELECOM, 123);
    struct bytes query = {0};
    bytes_add_u8(&query, 0x23);
    bytes_add_noise(&query, 47, 9);
    capture_udp(out, &from, &to, query.data, query.length);
    capture_wait_ms(out, 200);
    query.data[0] = 0x24;
    capture_udp(out, &to, &from, query.data, query.length);
    bytes_free(&query);
}

static void page_then_agent(struct capture *out)
{
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "www.kaspersky.com"});
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = KSN});
}

static void surer_later(struct capture *out)
{
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "xyz123.kaspersky.com"});
    capture_wait_hours(out, 1);
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "crl.kaspersky.com"});
}

/* Clients keep addresses beyond their TTL of five minutes. */
static void dns_an_hour_ago(struct capture *out)
{
    dns_ask(out, HOST, KSN, NULL, US_AMAZON);
    capture_wait_hours(out, 1);
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = NULL});
}

/* But not for ever, and a cloud's address is soon somebody else's. */
static void dns_hours_ago(struct capture *out)
{
    dns_ask(out, HOST, KSN, NULL, US_AMAZON);
    capture_wait_hours(out, 5);
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = NULL});
}

static void dns_moved_on(struct capture *out)
{
    dns_ask(out, HOST, KSN, NULL, US_AMAZON);
    capture_wait_hours(out, 1);
    dns_ask(out, HOST, "www.example.org", NULL, US_AMAZON);
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = NULL});
}

static void flights_in_order(struct talk *t, const struct dialogue *d, const size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        talk_say(t, d->flights[order[i]].side, &d->flights[order[i]].bytes);
}

/* Two taps, one for each direction, merged by a clock that is late. */
static void server_first(struct capture *out)
{
    static const size_t order[] = {1, 0, 3, 2, 5, 4};
    struct dialogue d;
    struct talk t = talk_between(out, HOST, next_port(), US_AMAZON, 443);
    tls_talk(&(struct tls_setup){.name = KSN}, &d);
    talk_open(&t);
    flights_in_order(&t, &d, order, d.count < 6 ? d.count & ~(size_t)1 : 6);
    talk_close(&t);
    dialogue_free(&d);
}

static void handshake_missed(struct capture *out)
{
    static const size_t order[] = {0, 1, 2, 3};
    struct dialogue d;
    struct talk t = talk_between(out, HOST, next_port(), US_AMAZON, 443);
    tls_talk(&(struct tls_setup){.name = KSN}, &d);
    flights_in_order(&t, &d, order, 4);
    dialogue_free(&d);
}

/* A mirror of a router's trunk: out in one VLAN, back in another. */
static void vlan_each_way(struct capture *out)
{
    struct dialogue d;
    struct talk t = talk_between(out, HOST, next_port(), US_AMAZON, 443);
    tls_talk(&(struct tls_setup){.name = KSN}, &d);
    out->wrap = WRAP_VLAN;
    for (size_t i = 0; i < d.count; i++) {
        out->vlan = d.flights[i].side == CLIENT ? 10 : 20;
        t.knobs = d.flights[i].side == CLIENT ? TALK_CLIENT_ONLY : TALK_SERVER_ONLY;
        talk_say(&t, d.flights[i].side, &d.flights[i].bytes);
    }
    dialogue_free(&d);
}

/* A channel that stays open for 70 hours and speaks every ten minutes. */
static void long_channel(struct capture *out)
{
    struct dialogue d;
    struct bytes beat = {0};
    struct talk t = talk_between(out, HOST, next_port(), US_AMAZON, 443);
    tls_talk(&(struct tls_setup){.name = "jsrv.aegis.aliyun.com"}, &d);
    talk_open(&t);
    for (size_t i = 0; i < d.count; i++)
        talk_say(&t, d.flights[i].side, &d.flights[i].bytes);
    bytes_add(&beat, "\x17\x03\x03\x00\x40", 5);
    bytes_add_noise(&beat, 64, 12);
    for (int i = 0; i < 70 * 6; i++) {
        capture_wait_ms(out, 600000);
        talk_say(&t, CLIENT, &beat);
    }
    bytes_free(&beat);
    dialogue_free(&d);
}

/* Kaspersky's names before Check Point's own. */
static void engine_first(struct capture *out)
{
    say_http(out, NL_LEASEWEB,
             &(struct http_exchange){.target = "/index/u1313g.xml", .host = "dnl-01.geo.kaspersky.com"});
    capture_wait_hours(out, 1);
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "rep.checkpoint.com"});
    capture_wait_hours(out, 1);
    say_http(out, NL_LEASEWEB,
             &(struct http_exchange){.target = "/index/u1313g.xml", .host = "dnl-01.geo.kaspersky.com"});
}

static void address_as_name(struct capture *out)
{
    say_tls(out, NL_KASPERSKY, &(struct tls_setup){.name = NL_KASPERSKY});
}

#define SEEN                                                                                                           \
    "{'product':'kaspersky','purpose':'reputation','confidence':'confirmed','severity':'high','exposure':'"            \
    "harvestable','flows':1"
#define PROXIED SEEN ",'location_status':'unknown','location_reason':'10.0.0.8','remote':'10.0.0.8'}"

const struct scenario corner_scenarios[] = {
    {"corner-shouting-name", "Names have no case", shouting_name, SEEN ",'name':'" KSN "'}", NULL},
    {"corner-dotted-name", "A name with its root dot", dotted_name, SEEN ",'name':'" KSN "'}", NULL},
    {"corner-shouting-host", "A Host header with case, root dot and port", shouting_host,
     "{'product':'kaspersky','purpose':'update','confidence':'confirmed','severity':'critical'}", NULL},
    {"corner-asked-again", "A HelloRetryRequest in between", asked_again, SEEN "}", NULL},
    {"corner-quic-hybrid", "A post-quantum hello over two QUIC packets", quic_hybrid,
     "{'product':'kaspersky','purpose':'reputation','confidence':'confirmed','exposure':'quantum-safe','name_source':'"
     "quic_sni'}",
     NULL},
    {"corner-quic-hybrid-pieces", "The same in version 2 and in pieces", quic_hybrid_pieces,
     "{'product':'kaspersky','purpose':'reputation','confidence':'confirmed','exposure':'quantum-safe','name_source':'"
     "quic_sni'}",
     NULL},
    {"corner-port-used-again", "The same ports for another connection", port_used_again, SEEN "}", NULL},
    {"corner-port-used-again-unfinished", "The same ports, and the end of the first was not seen",
     port_used_again_unfinished, SEEN "}", NULL},
    {"corner-fast-open", "The hello in the SYN", fast_open, SEEN "}", NULL},
    {"corner-hello-sent-again", "A retransmitted hello", hello_sent_again, SEEN "}", NULL},
    {"corner-proxy-password", "A proxy that refuses first", proxy_with_password, PROXIED, NULL},
    {"corner-socks", "Through SOCKS inside the house", socks_proxy, PROXIED, NULL},
    {"corner-proxy-abroad", "Through somebody's proxy in China", proxy_abroad,
     "{'product':'crowdstrike-falcon','confidence':'confirmed','severity':'high','location':['CN'],'remote':'36.110."
     "213.10'}",
     NULL},
    {"corner-resolver", "A resolver in a vendor's network is no agent's server", resolver_of_vendor,
     "{'product':null,'severity':'low','operator':['RU']}", NULL},
    {"corner-clock", "The time from China", clock_from_china,
     "{'product':null,'severity':'low','location':['CN'],'flows':1}", NULL},
    {"corner-page-then-agent", "A page and the agent at one host are two findings", page_then_agent,
     "{'product':'kaspersky','purpose':'web','severity':'info'},{'product':'kaspersky','purpose':'reputation','"
     "severity':'high'}",
     NULL},
    {"corner-surer-later", "Possible first, confirmed an hour later", surer_later,
     "{'product':'kaspersky','purpose':'unknown','confidence':'confirmed','severity':'high','flows':2,"
     "'actions':['opened','escalated']}",
     NULL},
    {"corner-dns-hours-ago", "An answer from hours ago is no evidence", dns_hours_ago, "", NULL},
    {"corner-dns-an-hour-ago", "An answer from an hour ago", dns_an_hour_ago,
     "{'product':'kaspersky','purpose':'reputation','confidence':'probable','severity':'high'}", NULL},
    {"corner-dns-moved-on", "The address was given out for another name since", dns_moved_on,
     "{'product':'kaspersky','confidence':'possible','severity':'medium'}", NULL},
    {"corner-server-first", "The answer stands before the hello in the capture", server_first, SEEN "}", NULL},
    {"corner-handshake-missed", "The capture begins with the hello", handshake_missed, SEEN "}", NULL},
    {"corner-vlan-each-way", "Each direction in a VLAN of its own is one flow", vlan_each_way, SEEN "}", NULL},
    {"corner-long-channel", "One connection over 70 hours is rolled up each day", long_channel,
     "{'product':'aliyun-security-center','purpose':'telemetry','severity':'high','flows':1,"
     "'actions':['opened','updated','updated','updated']}",
     NULL},
    {"corner-engine-first", "The engine's names come before those of the product around it", engine_first,
     "{'product':'kaspersky','purpose':'update','severity':'critical','flows':2,'embedded_in':'checkpoint-harmony'},"
     "{'product':'checkpoint-harmony','purpose':'reputation','severity':'info'}",
     NULL},
    {"corner-address-as-name", "An address where the name should be", address_as_name,
     "{'product':'kaspersky','confidence':'probable','severity':'critical','name':null}", NULL},
};
const size_t corner_count = sizeof(corner_scenarios) / sizeof(corner_scenarios[0]);
