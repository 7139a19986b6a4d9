/* What looks like an agent and is none, or is nobody's business. */
#include "scenario.h"

#define NL_LEASEWEB "94.75.236.123"
#define RU_YANDEX "5.255.255.70"
#define CN_TELECOM "36.110.213.10"
#define US_AMAZON "54.230.10.10"

#define SITE(function, server, site)                                                                                   \
    static void function(struct capture *out)                                                                          \
    {                                                                                                                  \
        say_tls(out, server, &(struct tls_setup){.name = site, .alpn = "h2"});                                         \
    }

SITE(kaspersky_site, NL_LEASEWEB, "www.kaspersky.com")
SITE(kaspersky_shop, NL_LEASEWEB, "store.kaspersky.com")
SITE(kaspersky_longer, US_AMAZON, "kaspersky.com.evil.example")
SITE(kaspersky_before, US_AMAZON, "notkaspersky.com")
SITE(kaspersky_dash, US_AMAZON, "ksn-url-geo-kaspersky-labs.com")
SITE(portal_360, CN_TELECOM, "www.360.cn")
SITE(portal_360_us, US_AMAZON, "hao.360.cn")
SITE(resolver_360, US_AMAZON, "doh.360.cn")
SITE(portal_qq, CN_TELECOM, "www.qq.com")
SITE(portal_ru, RU_YANDEX, "ya.ru")
SITE(crowdstrike_site, US_AMAZON, "www.crowdstrike.com")
SITE(drweb_site, US_AMAZON, "www.drweb.com")
SITE(kaspersky_unknown, US_AMAZON, "xyz123.kaspersky.com")
SITE(shared_download, US_AMAZON, "dl.360safe.com")
SITE(nobody, US_AMAZON, "www.example.com")

static void kaspersky_pages(struct capture *out)
{
    kaspersky_site(out);
    kaspersky_shop(out);
}

/* A cloud's certificate that lists a vendor among its customers. */
static void listed_in_certificate(struct capture *out)
{
    say_tls(out, US_AMAZON,
            &(struct tls_setup){.name = "shop.example.org",
                                .version = 0x0303,
                                .subject_org = "Example CDN Inc.",
                                .other_names = "DNS:shop.example.org,DNS:*.kaspersky-labs.com,DNS:update.360safe.com"});
}

static void listed_without_name(struct capture *out)
{
    say_tls(out, US_AMAZON,
            &(struct tls_setup){.version = 0x0303,
                                .subject_org = "Example CDN Inc.",
                                .subject_cn = "edge.example.net",
                                .other_names = "DNS:edge.example.net,DNS:*.kaspersky-labs.com"});
}

static void user_agent_alone(struct capture *out)
{
    say_http(out, US_AMAZON,
             &(struct http_exchange){.target = "/", .host = "www.example.com", .user_agent = "*B0cBAAQAAAEpAAAA"});
}

static void named_in_path(struct capture *out)
{
    say_http(out, US_AMAZON,
             &(struct http_exchange){.target = "/news?q=http://dnl-01.geo.kaspersky.com/index/u1313g.xml",
                                     .host = "www.example.com",
                                     .headers = "Referer: http://www.kaspersky.com/\r\n"});
}

/* A web page through Teredo (RFC 4380). */
static void teredo(struct capture *out)
{
    out->wrap = WRAP_TEREDO;
    say_tls_from(out, "2001:0:4136:e378:8000:3625:f5ff:ffeb", "2a05:d018::10", 443,
                 &(struct tls_setup){.name = "www.example.com"});
}

static void only_asked(struct capture *out)
{
    dns_ask(out, HOST, "ksn-url-geo.kaspersky-labs.com", NULL, "77.74.178.10");
    dns_ask(out, HOST, "update.360safe.com", NULL, NULL);
}

static void scanned(struct capture *out)
{
    for (uint16_t port = 20; port < 30; port++) {
        struct talk talk = talk_between(out, CN_TELECOM, 60000, HOST, port);
        struct segment refusal = {
            .from = &talk.peers[SERVER], .to = &talk.peers[CLIENT], .flags = TCP_RST_BIT | TCP_ACK_BIT};
        struct segment probe = {
            .from = &talk.peers[CLIENT], .to = &talk.peers[SERVER], .sequence = 7, .flags = TCP_SYN_BIT};
        capture_tcp(out, &probe);
        refusal.acknowledgement = 8;
        capture_tcp(out, &refusal);
    }
}

/* From Kaspersky's network to a server of the house that presents itself with the vendor's name. */
static void visited(struct capture *out)
{
    struct dialogue d;
    struct talk talk = talk_between(out, "77.74.178.10", 50123, HOST, 443);
    tls_talk(&(struct tls_setup){.name = "ksn-url-geo.kaspersky-labs.com"}, &d);
    talk_play(&talk, &d);
    dialogue_free(&d);
}

static void pinged(struct capture *out)
{
    struct peer from = peer_of(HOST, 0), to = peer_of(CN_TELECOM, 0);
    capture_ping(out, &from, &to);
}

static void inside(struct capture *out)
{
    say_tls_from(out, HOST, "10.0.0.30", 443, &(struct tls_setup){.name = "files.corp.example"});
}

#define WEB "{'purpose':'web','severity':'info','rule':'flagged-vendor-web',"
#define NO_AGENT "{'product':null,'severity':'low','rule':'flagged-place-no-agent',"

const struct scenario lookalike_scenarios[] = {
    {"web-kaspersky", "A person reads www.kaspersky.com", kaspersky_site, WEB "'product':'kaspersky','vendor':['RU']}",
     NULL},
    {"web-kaspersky-pages", "Several pages of one vendor are one finding", kaspersky_pages,
     WEB "'product':'kaspersky','flows':2}", NULL},
    {"web-kaspersky-longer", "kaspersky.com.evil.example is not Kaspersky's", kaspersky_longer, "", NULL},
    {"web-kaspersky-before", "notkaspersky.com is not Kaspersky's", kaspersky_before, "", NULL},
    {"web-kaspersky-dash", "A dash is no dot", kaspersky_dash, "", NULL},
    {"web-kaspersky-unknown", "A label in Kaspersky's mixed zone that nobody knows is only possible", kaspersky_unknown,
     "{'product':'kaspersky','confidence':'possible','severity':'medium','rule':'possible-agent-flagged'}", NULL},
    {"web-360", "A person reads the 360 portal in China", portal_360, WEB "'product':'qihoo-360','location':['CN']}",
     NULL},
    {"web-360-portal", "360's start page is no security product", portal_360_us, WEB "'product':'qihoo-360-other'}",
     NULL},
    {"web-360-resolver", "360's public resolver is no agent", resolver_360, WEB "'product':'qihoo-360-other'}", NULL},
    {"web-qq", "Tencent's portal: no agent, but in China", portal_qq,
     NO_AGENT "'location':['CN'],'name':'www.qq.com','flags':['location:CN:us-foreign-adversaries']}", NULL},
    {"web-ru", "A Russian web site", portal_ru, NO_AGENT "'location':['RU'],'operator':['RU'],'name':'ya.ru'}", NULL},
    {"web-crowdstrike", "A vendor's site of no concern", crowdstrike_site, "", NULL},
    {"web-drweb", "A person reads www.drweb.com", drweb_site, WEB "'product':'drweb','vendor':['RU']}", NULL},
    {"web-nobody", "Any site", nobody, "", NULL},
    {"shared-download", "A host that serves more than the agent is only possible", shared_download,
     "{'product':'qihoo-360','confidence':'possible','severity':'medium','rule':'possible-agent-flagged'}", NULL},
    {"certificate-lists-vendor", "A certificate that merely lists a vendor's names", listed_in_certificate, "", NULL},
    {"certificate-lists-vendor-no-name", "The same without SNI", listed_without_name, "", NULL},
    {"user-agent-alone", "A user agent alone never confirms", user_agent_alone,
     "{'product':'kaspersky','confidence':'possible','severity':'medium','evidence':['user-agent']}", NULL},
    {"named-in-path", "A vendor's URL inside another site's URL", named_in_path, "", NULL},
    {"teredo", "A web page through Teredo", teredo, "", NULL},
    {"only-asked", "Names asked for and not gone to", only_asked, "", NULL},
    {"scanned", "A scan from China that is refused", scanned, "", NULL},
    {"visited", "A visitor from Kaspersky's network at a server of the house is no agent of ours", visited,
     NO_AGENT "'operator':['RU'],'remote':'77.74.178.10'}", NULL},
    {"pinged", "A ping to China", pinged, NO_AGENT "'location':['CN'],'flows':1}", NULL},
    {"inside", "Traffic inside the house", inside, "", NULL},
};
const size_t lookalike_count = sizeof(lookalike_scenarios) / sizeof(lookalike_scenarios[0]);
