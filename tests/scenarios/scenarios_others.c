/* The agents met most often elsewhere: named with their purpose, and no concern where they stay at home. */
#include "scenario.h"

#define US_AMAZON "54.230.10.10"
#define DE_HETZNER "88.198.10.10"

const struct agent_row other_agents[] = {
    {"ts01-b.cloudsink.net", US_AMAZON, "crowdstrike-falcon", "telemetry", "info"},
    {"spynet2.microsoft.com", US_AMAZON, "microsoft-defender-av", "reputation", "info"},
    {"usea1-017.sentinelone.net", US_AMAZON, "sentinelone-singularity", "management", "info"},
    {"sus.sophosupd.com", DE_HETZNER, "sophos-endpoint", "update", "info"},
    {"update.eset.com", DE_HETZNER, "eset-endpoint", "update", "info"},
    {"osce14-p.activeupdate.trendmicro.com", US_AMAZON, "trendmicro-apexone", "update", "info"},
    {"upgrade.bitdefender.com", DE_HETZNER, "bitdefender-gravityzone", "update", "info"},
    {"shepherd.avcdn.net", DE_HETZNER, "avast-av", "update", "info"},
    {"amcore-ens.rest.gti.trellix.com", US_AMAZON, "trellix-ens", "reputation", "info"},
    {"liveupdate.symantec.com", US_AMAZON, "symantec-sep", "update", "info"},
    {"stats.norton.com", US_AMAZON, "norton-360", "telemetry", "info"},
    {"forticlient.fortinet.com", US_AMAZON, "fortinet-forticlient", "update", "info"},
    {"dc-acme.traps.paloaltonetworks.com", US_AMAZON, "paloalto-cortex-xdr", "telemetry", "info"},
    {"dev-prod05.conferdeploy.net", US_AMAZON, "carbonblack-cloud", "telemetry", "info"},
    {"api.amp.cisco.com", US_AMAZON, "cisco-secure-endpoint", "management", "info"},
    {"artifacts.security.elastic.co", US_AMAZON, "elastic-defend", "update", "info"},
    {"telemetry.malwarebytes.com", US_AMAZON, "malwarebytes-threatdown", "telemetry", "info"},
    {"anywhere.webrootcloudav.com", US_AMAZON, "webroot-secureanywhere", "update", "info"},
    {"mobile.zscaler.net", US_AMAZON, "zscaler-client", "management", "info"},
    {"gateway.gslb.goskope.com", US_AMAZON, "netskope-client", "vpn", "info"},
    {"guts2.sp.f-secure.com", DE_HETZNER, "withsecure-elements", "update", "info"},
    {"dispatch.avira-update.com", DE_HETZNER, "avira-av", "update", "info"},
};
const size_t other_agent_count = sizeof(other_agents) / sizeof(other_agents[0]);
