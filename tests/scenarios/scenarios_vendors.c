/* The agents of vendors in countries of concern, talking as they are known to. */
#include "scenario.h"

#define NL_LEASEWEB "94.75.236.123"
#define NL_KASPERSKY "77.74.178.10"
#define RU_ROSTELECOM "95.167.10.10"
#define CN_TELECOM "36.110.213.10"
#define US_AMAZON "54.230.10.10"
#define DE_HETZNER "88.198.10.10"
#define IR_RESPINA "5.160.10.10"
#define BY_BELTELECOM "93.84.112.10"

static void kaspersky_update(struct capture *out)
{
    say_http(out, NL_LEASEWEB,
             &(struct http_exchange){.target = "/updaters/updater.xml.dif",
                                     .host = "dnl-01.geo.kaspersky.com",
                                     .user_agent = "*B0cBAAQAAAEpAAAA",
                                     .response_body = "KLD2 and what differs"});
}

static void kaspersky_update_by_body(struct capture *out)
{
    say_http(out, NL_LEASEWEB,
             &(struct http_exchange){.target = "/bases/daily/17", .host = NL_LEASEWEB, .response_body = "KLZF packed"});
}

static void kaspersky_ksn(struct capture *out)
{
    say_tls(out, NL_KASPERSKY, &(struct tls_setup){.name = "ksn-url-geo.kaspersky-labs.com"});
}

static void kaspersky_activation(struct capture *out)
{
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "activation-v2.kaspersky.com", .version = 0x0303});
}

static void kaspersky_mdr(struct capture *out)
{
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "ksn-mdr.geoksn.kaspersky.com"});
}

static void kaspersky_security_center(struct capture *out)
{
    say_tls_from(out, HOST, "10.0.0.9", 13000, &(struct tls_setup){.name = "ksc.corp.example"});
}

static void kaspersky_inspects(struct capture *out)
{
    say_tls(out, US_AMAZON,
            &(struct tls_setup){.name = "www.example.com",
                                .version = 0x0303,
                                .issuer_org = "AO Kaspersky Lab",
                                .issuer_cn = "Kaspersky Anti-Virus Personal Root Certificate"});
}

static void drweb_update(struct capture *out)
{
    say_http(out, RU_ROSTELECOM,
             &(struct http_exchange){.target = "/xmlzone/release/1200/versions.xml",
                                     .host = "update.msk.drweb.com",
                                     .user_agent = "DrWebUpdate-12.0.0.08010 (windows: 10.00.19045)",
                                     .headers = "X-DrWeb-Validate: 0123456789abcdef0123456789abcdef\r\n"
                                                "X-DrWeb-KeyNumber: 0010234567\r\n"
                                                "X-DrWeb-SysHash: FEDCBA98765432100123456789ABCDEF\r\n"});
}

static void safeguard_update(struct capture *out)
{
    say_http(out, CN_TELECOM,
             &(struct http_exchange){.target = "/safe/checkupdate.ini?mid=5b1c", .host = "updateh.360safe.com"});
}

static void safeguard_telemetry(struct capture *out)
{
    say_http(out, CN_TELECOM,
             &(struct http_exchange){.target = "/qtup/s?mid=00112233445566778899aabbccddeeff&v=9.7.0.2001",
                                     .host = "stat.360safe.com",
                                     .user_agent = "Mozilla/4.0 (NoExplorer; BindOk)"});
}

static void safeguard_reputation(struct capture *out)
{
    say_http(
        out, CN_TELECOM,
        &(struct http_exchange){
            .method = "POST", .target = "/wdinfo.php", .host = "qurl.f.360.cn", .request_body = "0123456789abcdef"});
}

static void antivirus_360(struct capture *out)
{
    say_http(out, CN_TELECOM, &(struct http_exchange){.target = "/lib/5/sdupbd.cab", .host = "sdupm.360.cn"});
}

static void tencent_yunjing(struct capture *out)
{
    say_tls(out, CN_TELECOM, &(struct tls_setup){.name = "s.yd.tencentyun.com"});
}

static void tencent_manager(struct capture *out)
{
    say_http(out, CN_TELECOM,
             &(struct http_exchange){
                 .method = "POST", .target = "/q.cgi", .host = "conna.gj.qq.com", .request_body = "abc"});
}

static void alibaba_aegis(struct capture *out)
{
    say_tls(out, CN_TELECOM, &(struct tls_setup){.name = "jsrv.aegis.aliyun.com"});
}

static void huorong_update(struct capture *out)
{
    say_http(out, CN_TELECOM, &(struct http_exchange){.target = "/upgrade7/version.ini", .host = "update.huorong.cn"});
}

static void kingsoft_update(struct capture *out)
{
    say_http(out, CN_TELECOM, &(struct http_exchange){.target = "/safe/ksafeupdate.ini", .host = "up.ijinshan.com"});
}

static void duba_cloud(struct capture *out)
{
    say_tls(out, CN_TELECOM, &(struct tls_setup){.name = "cct.cloud.duba.net"});
}

static void rising_update(struct capture *out)
{
    say_http(out, CN_TELECOM,
             &(struct http_exchange){.target = "/viruslib/vlstdver.xml", .host = "rsup10.rising.com.cn"});
}

static void jiangmin_update(struct capture *out)
{
    say_http(out, CN_TELECOM, &(struct http_exchange){.target = "/11/Server.ini", .host = "update3.jiangmin.com"});
}

static void sangfor_update(struct capture *out)
{
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "upd.sangfor.com"});
}

static void antiy_engine(struct capture *out)
{
    say_tls(out, CN_TELECOM, &(struct tls_setup){.name = "miav-cse.avlyun.com"});
}

static void safe_2345(struct capture *out)
{
    say_http(out, CN_TELECOM,
             &(struct http_exchange){.method = "POST",
                                     .target = "/check_new_version.php",
                                     .host = "update.pcsafe.2345.com",
                                     .request_body = "v=7"});
}

static void qianxin(struct capture *out)
{
    say_tls(out, CN_TELECOM, &(struct tls_setup){.name = "update.qianxin.com"});
}

static void asiainfo_edr(struct capture *out)
{
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "console.edr-saas.asiainfo-sec.com"});
}

static void positive_update(struct capture *out)
{
    say_tls(out, RU_ROSTELECOM, &(struct tls_setup){.name = "update.ptsecurity.com"});
}

static void f6_cloud(struct capture *out)
{
    say_tls(out, US_AMAZON, &(struct tls_setup){.name = "agent.f6.security"});
}

static void group_ib(struct capture *out)
{
    say_tls(out, DE_HETZNER, &(struct tls_setup){.name = "sbbe.group-ib.ru"});
}

static void padvish_update(struct capture *out)
{
    say_tls(out, IR_RESPINA, &(struct tls_setup){.name = "update.padvish.com"});
}

static void vba32_update(struct capture *out)
{
    say_http(out, BY_BELTELECOM,
             &(struct http_exchange){.target = "/update/vba32.lst", .host = "update.anti-virus.by"});
}

static void nano_zone(struct capture *out)
{
    say_tls(out, DE_HETZNER, &(struct tls_setup){.name = "upd7.nanoav.ru"});
}

static void topsec_site(struct capture *out)
{
    say_tls(out, CN_TELECOM, &(struct tls_setup){.name = "edr.topsec.com.cn"});
}

static void nsfocus_site(struct capture *out)
{
    say_tls(out, CN_TELECOM, &(struct tls_setup){.name = "www.nsfocus.com"});
}

static void venustech_site(struct capture *out)
{
    say_tls(out, CN_TELECOM, &(struct tls_setup){.name = "lesuo.venuseye.com.cn"});
}

static void check_point(struct capture *out)
{
    say_http(out, US_AMAZON, &(struct http_exchange){.target = "/v6/index/u1313g.xml", .host = "kav8.zonealarm.com"});
    say_http(out, NL_LEASEWEB,
             &(struct http_exchange){.target = "/index/u1313g.xml", .host = "dnl-01.geo.kaspersky.com"});
}

const struct scenario vendor_scenarios[] = {
    {"kaspersky-update", "Kaspersky fetches updates in clear text from the Netherlands", kaspersky_update,
     "{'host':'10.0.0.20','product':'kaspersky','purpose':'update','confidence':'confirmed','severity':'critical',"
     "'rule':'flagged-vendor-cleartext-update','vendor':['RU'],'location':['NL'],'location_status':'agreed','operator':"
     "['NL'],"
     "'exposure':'cleartext','readable':'yes','evidence':['http-path','user-agent','http-body'],'name':'dnl-01.geo."
     "kaspersky.com',"
     "'name_source':'http_host'}",
     NULL},
    {"kaspersky-update-by-body", "Kaspersky's database format betrays the update from a bare address",
     kaspersky_update_by_body,
     "{'product':'kaspersky','purpose':'update','confidence':'probable','severity':'critical','exposure':'cleartext',"
     "'evidence':['http-body'],'name':null}",
     NULL},
    {"kaspersky-ksn", "Kaspersky's cloud look-ups in its own network, Swiss on paper", kaspersky_ksn,
     "{'product':'kaspersky','purpose':'reputation','confidence':'confirmed','severity':'critical',"
     "'rule':'flagged-vendor-in-flagged-place','location':['NL'],'operator':['RU'],'operator_asn':200107,'exposure':'"
     "harvestable'}",
     NULL},
    {"kaspersky-activation", "Kaspersky activates a licence at Amazon in the US", kaspersky_activation,
     "{'product':'kaspersky','purpose':'licensing','confidence':'confirmed','severity':'high','rule':'flagged-vendor',"
     "'location':['US'],'operator':['US'],'vendor':['RU'],'exposure':'harvestable'}",
     NULL},
    {"kaspersky-mdr", "Kaspersky MDR has a product of its own", kaspersky_mdr,
     "{'product':'kaspersky-mdr','purpose':'telemetry','confidence':'confirmed','severity':'high'}", NULL},
    {"kaspersky-security-center", "An agent and its administration server inside the house: a port alone tells nothing",
     kaspersky_security_center, "", NULL},
    {"kaspersky-inspects", "Kaspersky opens the TLS of the machine it is on", kaspersky_inspects,
     "{'product':'kaspersky','purpose':'unknown','confidence':'probable','severity':'high','evidence':['issuer-cn']}",
     NULL},
    {"drweb-update", "Dr.Web sends its licence number in clear text", drweb_update,
     "{'product':'drweb','purpose':'update','confidence':'confirmed','severity':'critical','vendor':['RU'],'location':["
     "'RU'],"
     "'operator':['RU'],'exposure':'cleartext','evidence':['http-path','http-header','user-agent','http_host']}",
     NULL},
    {"360-update", "360 Safeguard asks for updates", safeguard_update,
     "{'product':'360-safeguard','purpose':'update','confidence':'confirmed','severity':'critical','vendor':['CN'],"
     "'location':['CN'],'operator':['CN'],'exposure':'cleartext','rule':'flagged-vendor-cleartext-update'}",
     NULL},
    {"360-telemetry", "360 Safeguard reports its machine identifier in clear text", safeguard_telemetry,
     "{'product':'360-safeguard','purpose':'telemetry','confidence':'confirmed','severity':'critical',"
     "'rule':'flagged-vendor-cleartext','evidence':['http-path','http_host']}",
     NULL},
    {"360-reputation", "360 Safeguard asks the cloud about a URL in clear text", safeguard_reputation,
     "{'product':'360-safeguard','purpose':'reputation','confidence':'confirmed','severity':'critical'}", NULL},
    {"360-antivirus", "360 Anti-Virus fetches signatures", antivirus_360,
     "{'product':'360-antivirus','purpose':'update','confidence':'confirmed','severity':'critical'}", NULL},
    {"tencent-yunjing", "Tencent's workload agent is managed from China", tencent_yunjing,
     "{'product':'tencent-yunjing','purpose':'management','confidence':'confirmed','severity':'critical',"
     "'rule':'flagged-vendor-in-flagged-place','vendor':['CN'],'exposure':'harvestable'}",
     NULL},
    {"tencent-pc-manager", "Tencent PC Manager", tencent_manager,
     "{'product':'tencent-pc-manager','purpose':'unknown','confidence':'confirmed','severity':'critical',"
     "'rule':'flagged-vendor-cleartext'}",
     NULL},
    {"alibaba-aegis", "Alibaba's server agent keeps its channel to China", alibaba_aegis,
     "{'product':'aliyun-security-center','purpose':'telemetry','confidence':'confirmed','severity':'critical','vendor'"
     ":['CN']}",
     NULL},
    {"huorong-update", "Huorong updates in clear text", huorong_update,
     "{'product':'huorong','purpose':'update','confidence':'confirmed','severity':'critical','vendor':['CN']}", NULL},
    {"kingsoft-update", "Kingsoft Guard updates in clear text", kingsoft_update,
     "{'product':'kingsoft-guard','purpose':'update','confidence':'confirmed','severity':'critical','vendor':['CN']}",
     NULL},
    {"duba-cloud", "Kingsoft Duba asks its cloud", duba_cloud,
     "{'product':'kingsoft-duba','confidence':'confirmed','severity':'critical','vendor':['CN']}", NULL},
    {"rising-update", "Rising updates in clear text", rising_update,
     "{'product':'rising-antivirus','purpose':'update','confidence':'confirmed','severity':'critical'}", NULL},
    {"jiangmin-update", "Jiangmin updates in clear text", jiangmin_update,
     "{'product':'jiangmin','purpose':'update','confidence':'confirmed','severity':'critical'}", NULL},
    {"sangfor-update", "Sangfor updates from the US: the vendor is Chinese wherever the server stands", sangfor_update,
     "{'product':'sangfor-endpoint-secure','purpose':'update','confidence':'confirmed','severity':'high','rule':'"
     "flagged-vendor',"
     "'location':['US'],'vendor':['CN']}",
     NULL},
    {"antiy-engine", "Antiy's engine in a phone", antiy_engine,
     "{'product':'antiy-avl','purpose':'unknown','confidence':'confirmed','severity':'critical'}", NULL},
    {"2345-safe", "2345 Safe Guard asks for a new version", safe_2345,
     "{'product':'2345-safe','purpose':'update','confidence':'confirmed','severity':'critical'}", NULL},
    {"qianxin", "A name in QI-ANXIN's zone that nobody has described is only possible", qianxin,
     "{'product':'qianxin','confidence':'possible','severity':'medium','rule':'possible-agent-flagged'}", NULL},
    {"asiainfo-edr", "AsiaInfo's EDR console", asiainfo_edr,
     "{'product':'asiainfo-edr','confidence':'confirmed','severity':'high','vendor':['CN']}", NULL},
    {"positive-update", "Positive Technologies updates from Russia over TLS", positive_update,
     "{'product':'positive-technologies','purpose':'update','confidence':'confirmed','severity':'critical',"
     "'rule':'flagged-vendor-in-flagged-place','vendor':['RU'],'flags':['vendor:RU:us-foreign-adversaries']}",
     NULL},
    {"f6-cloud", "A name in F6's zone is only possible", f6_cloud,
     "{'product':'f6','confidence':'possible','severity':'medium','vendor':['RU']}", NULL},
    {"group-ib", "Group-IB moved to Singapore: no country of concern", group_ib,
     "{'product':'group-ib','confidence':'confirmed','severity':'info','rule':'agent-not-flagged','vendor':['SG']}",
     NULL},
    {"padvish-update", "Padvish by an indicator that was never confirmed", padvish_update,
     "{'product':'padvish','purpose':'update','confidence':'possible','severity':'medium','vendor':['IR'],'location':['"
     "IR']}",
     NULL},
    {"vba32-update", "VirusBlokAda: Belarus is flagged by the user", vba32_update,
     "{'product':'vba32','confidence':'possible','severity':'medium','vendor':['BY'],'rule':'possible-agent-flagged'}",
     "--flag BY"},
    {"vba32-not-flagged", "VirusBlokAda: Belarus is on no list of the default policies", vba32_update,
     "{'product':'vba32','confidence':'possible','severity':'info','rule':'agent-not-flagged'}", NULL},
    {"nano-zone", "A name in NANO Security's zone is only possible", nano_zone,
     "{'product':'nano-antivirus','purpose':'unknown','confidence':'possible','severity':'medium','vendor':['RU']}",
     NULL},
    {"topsec-site", "A person on Topsec's product site", topsec_site,
     "{'product':'topsec-edr','purpose':'web','severity':'info','rule':'flagged-vendor-web','vendor':['CN']}", NULL},
    {"nsfocus-site", "A person on NSFOCUS's site", nsfocus_site,
     "{'product':'nsfocus','purpose':'web','severity':'info','rule':'flagged-vendor-web','vendor':['CN']}", NULL},
    {"venustech-site", "A person on Venustech's ransomware site", venustech_site,
     "{'product':'venustech','purpose':'web','severity':'info','rule':'flagged-vendor-web','vendor':['CN']}", NULL},
    {"check-point", "Check Point with Kaspersky's engine: both are told, and whose engine it is", check_point,
     "{'product':'checkpoint-harmony','purpose':'update','confidence':'confirmed','severity':'info'},"
     "{'product':'kaspersky','purpose':'update','confidence':'confirmed','severity':'critical','embedded_in':'"
     "checkpoint-harmony'}",
     NULL},
};
const size_t vendor_count = sizeof(vendor_scenarios) / sizeof(vendor_scenarios[0]);
