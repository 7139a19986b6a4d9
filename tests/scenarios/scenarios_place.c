/* Where the server is and who operates its network, each apart from the vendor. CrowdStrike stands for a vendor of no
 * concern. */
#include "scenario.h"

#define NL_LEASEWEB "94.75.236.123"
#define RU_YANDEX "5.255.255.70"
#define CN_TELECOM "36.110.213.10"
#define HK_AMAZON "47.56.10.10"
#define US_ALIBABA "47.88.10.10"
#define US_AMAZON "54.230.10.10"
#define KZ_TELECOM "2.72.10.10"
#define CONTESTED "185.200.118.10"   /* one provider says NL, the other RU */
#define ONE_PROVIDER "185.66.200.10" /* RU, says the only one that knows it */
#define NO_DATA "198.251.80.10"      /* in no table */
#define ANYCAST_US "104.18.10.10"    /* with geo/anycast.txt */
#define ANYCAST_CN "180.163.10.10"   /* the same, and the tables say CN */
#define DOCUMENTATION "192.0.2.10"   /* RFC 5737 */
#define IPV6_KASPERSKY "2a03:2480:68::10"
#define IPV6_UNICOM "2408:8000:1::10"
#define IPV6_AMAZON "2a05:d018::10"

#define ANYCAST_LIST "--geo role=anycast,file=tests/scenarios/geo/anycast.txt"

static void falcon_at(struct capture *out, const char *server)
{
    say_tls(out, server, &(struct tls_setup){.name = "ts01-b.cloudsink.net"});
}

static void ksn_at(struct capture *out, const char *server)
{
    say_tls(out, server, &(struct tls_setup){.name = "ksn-url-geo.kaspersky-labs.com"});
}

#define FALCON_AT(function, server)                                                                                    \
    static void function(struct capture *out)                                                                          \
    {                                                                                                                  \
        falcon_at(out, server);                                                                                        \
    }
#define KSN_AT(function, server)                                                                                       \
    static void function(struct capture *out)                                                                          \
    {                                                                                                                  \
        ksn_at(out, server);                                                                                           \
    }

FALCON_AT(falcon_us, US_AMAZON)
FALCON_AT(falcon_cn, CN_TELECOM)
FALCON_AT(falcon_hk, HK_AMAZON)
FALCON_AT(falcon_alibaba, US_ALIBABA)
FALCON_AT(falcon_contested, CONTESTED)
FALCON_AT(falcon_one_provider, ONE_PROVIDER)
FALCON_AT(falcon_no_data, NO_DATA)
FALCON_AT(falcon_anycast_us, ANYCAST_US)
FALCON_AT(falcon_anycast_cn, ANYCAST_CN)
FALCON_AT(falcon_documentation, DOCUMENTATION)
FALCON_AT(falcon_kz, KZ_TELECOM)
KSN_AT(ksn_nl, NL_LEASEWEB)
KSN_AT(ksn_ru, RU_YANDEX)
KSN_AT(ksn_contested, CONTESTED)
KSN_AT(ksn_anycast, ANYCAST_US)
KSN_AT(ksn_no_data, NO_DATA)
KSN_AT(ksn_hk_amazon, HK_AMAZON)

static void from_ipv6(struct capture *out, const char *server, const char *name)
{
    say_tls_from(out, "fd00::20", server, 443, &(struct tls_setup){.name = name});
}

static void ipv6_kaspersky(struct capture *out)
{
    from_ipv6(out, IPV6_KASPERSKY, "dc1.ksn.kaspersky-labs.com");
}

static void ipv6_unicom(struct capture *out)
{
    from_ipv6(out, IPV6_UNICOM, "ts01-b.cloudsink.net");
}

static void ipv6_amazon(struct capture *out)
{
    from_ipv6(out, IPV6_AMAZON, "ts01-b.cloudsink.net");
}

/* 36.110.213.10 behind the NAT64 prefix of RFC 6052. */
static void falcon_nat64(struct capture *out)
{
    from_ipv6(out, "64:ff9b::246e:d50a", "ts01-b.cloudsink.net");
}

/* One product, one purpose, four places. */
static void ksn_everywhere(struct capture *out)
{
    ksn_at(out, NL_LEASEWEB);
    ksn_at(out, US_AMAZON);
    ksn_at(out, RU_YANDEX);
    ksn_at(out, US_ALIBABA);
}

#define FALCON "{'product':'crowdstrike-falcon','purpose':'telemetry','confidence':'confirmed','vendor':['US'],"
#define KSN "{'product':'kaspersky','purpose':'reputation','confidence':'confirmed','vendor':['RU'],"

const struct scenario place_scenarios[] = {
    {"place-us-us-us", "Vendor, location and operator of no concern", falcon_us,
     FALCON "'severity':'info','rule':'agent-not-flagged','location':['US'],'operator':['US'],'flagged':[]}", NULL},
    {"place-us-cn-cn", "An American vendor's agent sends to China", falcon_cn,
     FALCON "'severity':'high','rule':'agent-in-flagged-place','location':['CN'],'operator':['CN'],"
            "'flags':['location:CN:us-foreign-adversaries','operator:CN:us-foreign-adversaries']}",
     NULL},
    {"place-us-hk-us", "Location Hong Kong, operator American", falcon_hk,
     FALCON "'severity':'high','location':['HK'],'operator':['US'],'flags':['location:HK:us-foreign-adversaries']}",
     NULL},
    {"place-us-us-cn", "Location US, operator Alibaba", falcon_alibaba,
     FALCON "'severity':'high','rule':'agent-in-flagged-place','location':['US'],'operator':['CN'],"
            "'flags':['operator:CN:us-foreign-adversaries']}",
     NULL},
    {"place-contested", "Two providers disagree whether it is Russia", falcon_contested,
     FALCON "'severity':'medium','rule':'agent-could-be-flagged','location':['NL','RU'],'location_status':'contested','"
            "operator':['NL']}",
     NULL},
    {"place-single-source", "Only one provider knows the address", falcon_one_provider,
     FALCON "'severity':'high','rule':'agent-in-flagged-place','location':['RU'],'location_status':'single-source'}",
     NULL},
    {"place-no-data", "No table knows the address: unknown, and no guess", falcon_no_data,
     FALCON "'severity':'info','rule':'agent-not-flagged','location':[],'location_status':'unknown','operator':[],"
            "'operator_status':'unknown'}",
     NULL},
    {"place-anycast", "Anycast: the location is unknown whatever the tables say", falcon_anycast_us,
     FALCON
     "'severity':'info','location':[],'location_status':'unknown','location_reason':'anycast','operator':['US']}",
     ANYCAST_LIST},
    {"place-anycast-cn", "Anycast, but a table names a country of concern", falcon_anycast_cn,
     FALCON "'severity':'medium','rule':'agent-could-be-flagged','location':[],'location_status':'unknown'}",
     ANYCAST_LIST},
    {"place-special", "An address that is nobody's", falcon_documentation,
     FALCON "'severity':'info','location_status':'unknown','operator_status':'unknown'}", NULL},
    {"place-kz-flagged", "A country the user flags", falcon_kz,
     FALCON "'severity':'high','rule':'agent-in-flagged-place','location':['KZ']}", "--flag KZ"},
    {"place-kz", "The same country without the flag", falcon_kz, FALCON "'severity':'info','location':['KZ']}", NULL},
    {"place-nat64", "China behind NAT64: the embedded address is judged", falcon_nat64,
     FALCON "'severity':'high','location':['CN'],'operator':['CN']}", NULL},
    {"place-ru-hk-us", "Vendor and location of concern, the operator is not", ksn_hk_amazon,
     KSN "'severity':'critical','rule':'flagged-vendor-in-flagged-place','location':['HK'],'operator':['US'],"
         "'flags':['vendor:RU:us-foreign-adversaries','location:HK:us-foreign-adversaries']}",
     NULL},
    {"place-ru-nl-nl", "A Russian vendor's agent in the Netherlands", ksn_nl,
     KSN "'severity':'high','rule':'flagged-vendor','location':['NL'],'operator':['NL']}", NULL},
    {"place-ru-ru-ru", "A Russian vendor's agent in Russia: one finding, all policies and axes", ksn_ru,
     KSN "'severity':'critical','rule':'flagged-vendor-in-flagged-place','location':['RU'],'operator':['RU'],"
         "'flags':['vendor:RU:us-foreign-adversaries','location:RU:us-foreign-adversaries',"
         "'operator:RU:us-foreign-adversaries','vendor:RU:us-kaspersky']}",
     NULL},
    {"place-ru-contested", "A Russian vendor's agent where Russia is contested: not told as in", ksn_contested,
     KSN "'severity':'high','rule':'flagged-vendor','location_status':'contested'}", NULL},
    {"place-ru-anycast", "A Russian vendor's agent behind anycast", ksn_anycast,
     KSN "'severity':'high','rule':'flagged-vendor','location_status':'unknown','operator':['US']}", ANYCAST_LIST},
    {"place-ru-no-data", "A Russian vendor's agent at an unknown place", ksn_no_data,
     KSN "'severity':'high','location_status':'unknown'}", NULL},
    {"place-ipv6-kaspersky", "Kaspersky's network over IPv6", ipv6_kaspersky,
     KSN "'host':'fd00::20','severity':'critical','location':['NL'],'operator':['RU'],'remote':'2a03:2480:68::10'}",
     NULL},
    {"place-ipv6-cn", "An American agent sends to China over IPv6", ipv6_unicom,
     FALCON "'host':'fd00::20','severity':'high','location':['CN'],'operator':['CN']}", NULL},
    {"place-ipv6-ie", "And to Ireland", ipv6_amazon, FALCON "'host':'fd00::20','severity':'info','location':['IE']}",
     NULL},
    {"place-everywhere", "One finding over four places, with the worst on top", ksn_everywhere,
     KSN "'severity':'critical','rule':'flagged-vendor-in-flagged-place','flows':4,'remotes':4,"
         "'flags':['location:RU:us-foreign-adversaries','operator:CN:us-foreign-adversaries','operator:RU:us-foreign-"
         "adversaries']}",
     NULL},
};
const size_t place_count = sizeof(place_scenarios) / sizeof(place_scenarios[0]);
