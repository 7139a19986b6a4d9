/* The same traffic under other policies and limits. */
#include "scenario.h"

#define RU_ROSTELECOM "95.167.10.10"
#define CN_TELECOM "36.110.213.10"
#define US_AMAZON "54.230.10.10"
#define DE_HETZNER "88.198.10.10"

static void ksn_in_china(struct capture *out)
{
    say_tls(out, CN_TELECOM, &(struct tls_setup){.name = "ksn-url-geo.kaspersky-labs.com"});
}

static void drweb_in_russia(struct capture *out)
{
    say_tls(out, RU_ROSTELECOM, &(struct tls_setup){.name = "update.msk.drweb.com"});
}

static void falcon_in_germany(struct capture *out)
{
    say_tls(out, DE_HETZNER, &(struct tls_setup){.name = "ts01-b.cloudsink.net"});
}

static void three_agents(struct capture *out)
{
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "ts01-b.cloudsink.net"});
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "xyz123.kaspersky.com"});
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "jsrv.aegis.aliyun.com"});
}

/* Noon UTC of 2018-08-07. */
static void falcon_in_russia_2018(struct capture *out)
{
    capture_start_at(out, 1533643200);
    say_tls(out, RU_ROSTELECOM, &(struct tls_setup){.name = "ts01-b.cloudsink.net"});
}

static void falcon_in_russia(struct capture *out)
{
    say_tls(out, RU_ROSTELECOM, &(struct tls_setup){.name = "ts01-b.cloudsink.net"});
}

const struct scenario policy_scenarios[] = {
    {"policy-vendor-only", "A policy about one vendor does not judge places", ksn_in_china,
     "{'product':'kaspersky','severity':'high','rule':'flagged-vendor','flagged':[{'axis':'vendor','country':'RU','"
     "policy':'us-kaspersky'}]}",
     "--policy us-kaspersky"},
    {"policy-other-russian-vendor", "Whether it reaches another Russian vendor is a question", drweb_in_russia,
     "{'product':'drweb','severity':'medium','rule':'agent-could-be-flagged','flagged':[]}", "--policy us-kaspersky"},
    {"policy-flag-us", "A user outside the US flags it: vendor in, place out", falcon_in_germany,
     "{'product':'crowdstrike-falcon','severity':'high','rule':'flagged-vendor','location':['DE'],'flags':['vendor:US:"
     "flag']}",
     "--flag US"},
    {"policy-flag-de", "The place alone", falcon_in_germany,
     "{'product':'crowdstrike-falcon','severity':'high','rule':'agent-in-flagged-place'}", "--flag DE"},
    {"policy-before-its-code", "A list that took Russia in later leaves it out of a capture of 2018",
     falcon_in_russia_2018, "{'product':'crowdstrike-falcon','severity':'info','location':['RU'],'flagged':[]}",
     "--policy us-itar-126-1"},
    {"policy-after-its-code", "The same today", falcon_in_russia,
     "{'product':'crowdstrike-falcon','severity':'high','flags':['location:RU:us-itar-126-1']}",
     "--policy us-itar-126-1"},
    {"policy-old-capture", "A list as it is today is applied to an old capture", falcon_in_russia_2018,
     "{'product':'crowdstrike-falcon','severity':'high','flags':['location:RU:us-foreign-adversaries']}", NULL},
    {"policy-min-severity", "Only what is high or worse", three_agents,
     "{'product':'aliyun-security-center','severity':'high'}", "--min-severity high"},
    {"policy-min-severity-medium", "Medium and worse", three_agents,
     "{'product':'aliyun-security-center','severity':'high'},{'product':'kaspersky','severity':'medium'}",
     "--min-severity medium"},
    {"policy-all", "Everything", three_agents,
     "{'product':'aliyun-security-center'},{'product':'kaspersky','confidence':'possible'},{'product':'crowdstrike-"
     "falcon'}",
     NULL},
};
const size_t policy_count = sizeof(policy_scenarios) / sizeof(policy_scenarios[0]);
