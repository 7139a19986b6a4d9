/* How an agent's traffic gets out: names seen only in DNS, hidden names, proxies, tunnels. */
#include "scenario.h"

#define NL_LEASEWEB "94.75.236.123"
#define NL_KASPERSKY "77.74.178.10"
#define KASPERSKY_ASN "188.40.77.10" /* in AS200107 by geo/, in none of the catalogue's prefixes */
#define RU_ROSTELECOM "95.167.10.10"
#define US_AMAZON "54.230.10.10"
#define US_CLOUDFLARE "104.18.10.10"
#define CN_TELECOM "36.110.213.10"
#define PROXY "10.0.0.8"
#define KSN "ksn-url-geo.kaspersky-labs.com"

static void through_proxy(struct capture *out, const struct dialogue *d, const char *proxy)
{
    struct talk talk = talk_between(out, HOST, next_port(), proxy, 3128);
    talk_play(&talk, d);
}

static void dns_tied(struct capture *out)
{
    dns_ask(out, HOST, KSN, NULL, NL_LEASEWEB " " US_AMAZON);
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = NULL});
}

static void dns_chain(struct capture *out)
{
    dns_ask(out, HOST, KSN, "ksn.geo.balancer.example edge7.cdn.example", US_AMAZON);
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = NULL});
}

/* Each server knows a part of the chain only, and the host asks on. */
static void dns_chain_in_parts(struct capture *out)
{
    dns_ask(out, HOST, KSN, "ksn.geo.balancer.example", "");
    dns_ask(out, HOST, "ksn.geo.balancer.example", "edge7.cdn.example", US_AMAZON);
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = NULL});
}

static void dns_ipv6(struct capture *out)
{
    dns_ask(out, "10.0.0.20", "jsrv.aegis.aliyun.com", NULL, "2a05:d018::10");
    say_tls_from(out, "fd00::20", "2a05:d018::10", 443, &(struct tls_setup){.name = NULL});
}

/* The vendor's name is one of many behind the address, and not the latest asked for. */
static void shared_address(struct capture *out)
{
    dns_ask(out, HOST, KSN, NULL, US_CLOUDFLARE);
    dns_ask(out, HOST, "www.example.org", NULL, US_CLOUDFLARE);
    dns_ask(out, HOST, "static.example.net", NULL, US_CLOUDFLARE);
    say_tls(out, US_CLOUDFLARE, &(struct tls_setup){.name = NULL});
}

static void own_name_wins(struct capture *out)
{
    dns_ask(out, HOST, KSN, NULL, US_CLOUDFLARE);
    say_tls(out, US_CLOUDFLARE, &(struct tls_setup){.name = "www.example.org"});
}

static void address_alone(struct capture *out)
{
    say_tls(out, NL_KASPERSKY, &(struct tls_setup){.name = NULL});
}

static void network_alone(struct capture *out)
{
    say_tls(out, KASPERSKY_ASN, &(struct tls_setup){.name = NULL});
}

static void ech_without_name(struct capture *out)
{
    say_tls(out, NL_KASPERSKY, &(struct tls_setup){.name = NULL, .patch = PATCH_ECH});
}

static void ech_public_name(struct capture *out)
{
    say_tls(out, US_CLOUDFLARE, &(struct tls_setup){.name = "cloudflare-ech.com", .patch = PATCH_ECH});
}

static void ech_to_own_network(struct capture *out)
{
    say_tls(out, NL_KASPERSKY, &(struct tls_setup){.name = "public.example.net", .patch = PATCH_ECH});
}

static void ech_name_told_by_dns(struct capture *out)
{
    dns_ask(out, HOST, KSN, NULL, US_CLOUDFLARE);
    say_tls(out, US_CLOUDFLARE, &(struct tls_setup){.name = "cloudflare-ech.com", .patch = PATCH_ECH});
}

/* A browser sends ECH with the true name to a server that has none. */
static void greased_ech(struct capture *out)
{
    dns_ask(out, HOST, KSN, NULL, US_CLOUDFLARE);
    dns_ask(out, HOST, "www.example.org", NULL, US_CLOUDFLARE);
    say_tls(out, US_CLOUDFLARE, &(struct tls_setup){.name = "www.example.org", .patch = PATCH_ECH});
}

/* Names go over HTTPS to a resolver outside, so that DNS tells nothing. */
static void doh_then_nameless(struct capture *out)
{
    say_tls(out, US_CLOUDFLARE, &(struct tls_setup){.name = "cloudflare-dns.com", .alpn = "h2"});
    say_tls(out, NL_KASPERSKY, &(struct tls_setup){.name = NULL});
}

static void path_at_another_s_name(struct capture *out)
{
    say_http(out, US_AMAZON,
             &(struct http_exchange){
                 .target = "/updaters/updater.xml.dif", .host = "www.example.com", .status = "404 Not Found"});
}

static void path_at_a_mirror(struct capture *out)
{
    say_http(out, US_AMAZON,
             &(struct http_exchange){.target = "/updaters/updater.xml.dif",
                                     .host = "mirror.example.com",
                                     .response_body = "KLD2 and what differs"});
}

static void own_certificate(struct capture *out)
{
    say_tls(
        out, RU_ROSTELECOM,
        &(struct tls_setup){.version = 0x0303, .subject_org = "Kaspersky Lab Switzerland GmbH", .subject_cn = "node7"});
}

static void falcon_certificate(struct capture *out)
{
    say_tls(out, US_AMAZON,
            &(struct tls_setup){.version = 0x0303, .subject_org = "CrowdStrike, Inc.", .subject_cn = "ts01"});
}

/* A protocol of the vendor's own: the name from DNS and the port are all there is. */
static void own_protocol(struct capture *out)
{
    struct dialogue d = {.count = 0};
    struct talk talk = talk_between(out, HOST, next_port(), CN_TELECOM, 5574);
    dns_ask(out, HOST, "s.yd.tencentyun.com", NULL, CN_TELECOM);
    bytes_add_noise(dialogue_add(&d, CLIENT), 200, 51);
    bytes_add_noise(dialogue_add(&d, SERVER), 700, 52);
    talk_play(&talk, &d);
    dialogue_free(&d);
}

/* Updates from a mirror in the house: the agent is there all the same. */
static void mirror_inside(struct capture *out)
{
    struct dialogue d = {.count = 0};
    struct talk talk = talk_between(out, HOST, next_port(), "10.0.0.9", 13000);
    http_say(&d, &(struct http_exchange){.target = "/updaters/updater.xml.dif", .host = "10.0.0.9:13000"});
    talk_play(&talk, &d);
    dialogue_free(&d);
}

static void connect_proxy(struct capture *out)
{
    struct dialogue d = {.count = 0}, tls;
    http_say(
        &d, &(struct http_exchange){
                .method = "CONNECT", .target = KSN ":443", .host = KSN ":443", .status = "200 Connection established"});
    tls_talk(&(struct tls_setup){.name = KSN}, &tls);
    dialogue_join(&d, &tls);
    through_proxy(out, &d, PROXY);
    dialogue_free(&d);
}

/* The tunnel carries a request in clear text. */
static void connect_proxy_clear(struct capture *out)
{
    struct dialogue d = {.count = 0};
    struct http_exchange ask = {
        .method = "CONNECT", .target = "s00.upd.kaspersky.com:80", .host = "s00.upd.kaspersky.com:80"};
    http_say(&d, &ask);
    http_say(&d, &(struct http_exchange){.target = "/index/u1313g.xml", .host = "s00.upd.kaspersky.com"});
    through_proxy(out, &d, PROXY);
    dialogue_free(&d);
}

static void connect_proxy_web(struct capture *out)
{
    struct dialogue d = {.count = 0}, tls;
    http_say(&d, &(struct http_exchange){
                     .method = "CONNECT", .target = "www.example.com:443", .host = "www.example.com:443"});
    tls_talk(&(struct tls_setup){.name = "www.example.com"}, &tls);
    dialogue_join(&d, &tls);
    through_proxy(out, &d, PROXY);
    dialogue_free(&d);
}

static void absolute_proxy(struct capture *out)
{
    struct dialogue d = {.count = 0};
    http_say(&d, &(struct http_exchange){.target = "http://dnl-01.geo.kaspersky.com/index/u1313g.xml",
                                         .host = "dnl-01.geo.kaspersky.com",
                                         .user_agent = "*B0cBAAQAAAEpAAAA"});
    through_proxy(out, &d, PROXY);
    dialogue_free(&d);
}

static void kept_alive(struct capture *out)
{
    struct dialogue d = {.count = 0};
    http_say(&d, &(struct http_exchange){.target = "/", .host = "www.example.com"});
    http_say(&d, &(struct http_exchange){.target = "/updaters/updater.xml", .host = "dnl-01.geo.kaspersky.com"});
    struct talk talk = talk_between(out, HOST, next_port(), NL_LEASEWEB, 80);
    talk_play(&talk, &d);
    dialogue_free(&d);
}

static void wrapped(struct capture *out, enum wrap wrap)
{
    out->wrap = wrap;
    out->vlan = 120;
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = KSN});
}

static void in_vlan(struct capture *out)
{
    wrapped(out, WRAP_VLAN);
}

static void in_gre(struct capture *out)
{
    wrapped(out, WRAP_GRE);
}

static void in_vxlan(struct capture *out)
{
    wrapped(out, WRAP_VXLAN);
}

static void other_home_net(struct capture *out)
{
    struct dialogue d;
    struct talk talk = talk_between(out, "128.3.116.128", 49163, US_AMAZON, 443);
    tls_talk(&(struct tls_setup){.name = KSN}, &d);
    talk_play(&talk, &d);
    dialogue_free(&d);
}

#define PROBABLE "{'product':'kaspersky','confidence':'probable',"
#define POSSIBLE "{'product':'kaspersky','confidence':'possible',"
#define CONFIRMED                                                                                                      \
    "{'host':'10.0.0.20','product':'kaspersky','purpose':'reputation','confidence':'confirmed','severity':'high',"

const struct scenario path_scenarios[] = {
    {"dns-tied", "The name is known from DNS only", dns_tied,
     PROBABLE "'purpose':'reputation','severity':'high','name':'" KSN
              "','name_source':'dns_answer','evidence':['dns_answer']}",
     NULL},
    {"dns-chain", "The name leads over two others to the address", dns_chain,
     PROBABLE "'purpose':'reputation','severity':'high','evidence':['dns_answer']}", NULL},
    {"dns-chain-in-parts", "The name leads to the address over two answers", dns_chain_in_parts,
     PROBABLE "'purpose':'reputation','severity':'high','name':'" KSN
              "','name_source':'dns_answer','evidence':['dns_answer']}",
     NULL},
    {"dns-ipv6-other-host", "Another host's answer is weak evidence", dns_ipv6,
     "{'product':'aliyun-security-center','confidence':'possible','severity':'medium'}", NULL},
    {"dns-shared-address", "Three names at one address: only possible", shared_address, POSSIBLE "'severity':'medium'}",
     NULL},
    {"dns-own-name-wins", "What the flow calls itself silences DNS", own_name_wins, "", NULL},
    {"address-alone", "No name at all, in the vendor's own network", address_alone,
     PROBABLE "'purpose':'unknown','severity':'critical','operator':['RU'],'name':null,'evidence':['prefix']}", NULL},
    {"network-alone", "No name, in the vendor's AS by the table", network_alone,
     PROBABLE
     "'severity':'critical','operator':['RU'],'operator_asn':200107,'evidence':['asn'],'location_status':'unknown'}",
     NULL},
    {"ech-without-name", "ECH with only the address left", ech_without_name,
     PROBABLE "'severity':'critical','evidence':['prefix','asn'],'name_hidden':true}", NULL},
    {"ech-public-name", "ECH behind a public name tells nothing", ech_public_name, "", NULL},
    {"ech-to-own-network", "ECH behind a public name, in the vendor's own network", ech_to_own_network,
     PROBABLE "'purpose':'unknown','severity':'critical','operator':['RU'],'evidence':['prefix','asn']}", NULL},
    {"ech-name-told-by-dns", "ECH behind a public name, the true one told by DNS", ech_name_told_by_dns,
     PROBABLE "'purpose':'reputation','severity':'high','evidence':['dns_answer'],'name_hidden':true}", NULL},
    {"ech-greased", "A browser's GREASE beside the true name", greased_ech, "", NULL},
    {"doh-then-nameless", "DNS over HTTPS, then a flow with only the address left", doh_then_nameless,
     PROBABLE "'purpose':'unknown','severity':'critical','name':null,'evidence':['prefix','asn']}", NULL},
    {"path-at-another-s-name", "The vendor's path, tried at another's site that has no such file",
     path_at_another_s_name, POSSIBLE "'purpose':'update','severity':'medium','evidence':['http-path']}", NULL},
    {"path-at-a-mirror", "The vendor's path at a mirror, and what is answered is the vendor's", path_at_a_mirror,
     "{'product':'kaspersky','purpose':'update','confidence':'confirmed','severity':'critical',"
     "'evidence':['http-path','http-body']}",
     NULL},
    {"own-certificate", "An unconfirmed certificate organisation is only possible", own_certificate,
     POSSIBLE "'severity':'medium'}", NULL},
    {"vendors-certificate", "The vendor's own certificate where no name was sent", falcon_certificate,
     "{'product':'crowdstrike-falcon','purpose':'telemetry','confidence':'probable','severity':'info','evidence':['"
     "cert-org']}",
     NULL},
    {"own-protocol", "A protocol of its own to a name known from DNS", own_protocol,
     "{'product':'tencent-yunjing','purpose':'management','confidence':'probable','severity':'critical','exposure':'"
     "unknown',"
     "'evidence':['dns_answer','port']}",
     NULL},
    {"mirror-inside", "Updates from a mirror inside the house", mirror_inside,
     "{'product':'kaspersky','purpose':'update','confidence':'confirmed','location_status':'unknown','location_reason':"
     "'inside the house'}",
     NULL},
    {"connect-proxy", "Through the house's own proxy by CONNECT", connect_proxy,
     CONFIRMED
     "'rule':'flagged-vendor','location_status':'unknown','location_reason':'10.0.0.8','exposure':'harvestable'}",
     NULL},
    {"connect-proxy-clear", "Clear text inside the tunnel", connect_proxy_clear,
     "{'product':'kaspersky','purpose':'update','confidence':'confirmed','severity':'critical','exposure':'cleartext'}",
     NULL},
    {"connect-proxy-web", "A person's site through the proxy", connect_proxy_web, "", NULL},
    {"absolute-proxy", "Through the house's own proxy with the whole URL", absolute_proxy,
     "{'host':'10.0.0.20','product':'kaspersky','purpose':'update','confidence':'confirmed','severity':'critical',"
     "'rule':'flagged-vendor-cleartext-update','location_status':'unknown','name':'dnl-01.geo.kaspersky.com'}",
     NULL},
    {"kept-alive", "The agent's request is the second on the connection", kept_alive,
     "{'product':'kaspersky','purpose':'update','confidence':'confirmed','severity':'critical','flows':1}", NULL},
    {"in-vlan", "In a VLAN", in_vlan, CONFIRMED "'flows':1}", NULL},
    {"in-gre", "In GRE", in_gre, CONFIRMED "'flows':1}", NULL},
    {"in-vxlan", "In VXLAN", in_vxlan, CONFIRMED "'flows':1}", NULL},
    {"other-home-net", "Public home addresses that were told", other_home_net,
     "{'host':'128.3.116.128','product':'kaspersky','purpose':'reputation','severity':'high','direction_reason':'home-"
     "net'}",
     "--home-net 128.3.0.0/16"},
    {"unknown-home-net", "Public addresses on both sides: who began is the host", other_home_net,
     "{'host':'128.3.116.128','product':'kaspersky','purpose':'reputation','severity':'high','direction_reason':'"
     "initiator: handshake'}",
     NULL},
};
const size_t path_count = sizeof(path_scenarios) / sizeof(path_scenarios[0]);
