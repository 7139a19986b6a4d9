/*
 * The words of the contract for every enum that reaches a record. No default cases: a new value without a word is a
 * warning.
 */
#include <string.h>

#include "attribution.h"
#include "exposure.h"
#include "facts.h"
#include "finding.h"
#include "health_record.h"
#include "jurisdiction.h"
#include "name.h"
#include "severity.h"
#include "verdict.h"

const char *name_source_text(enum name_source source)
{
    switch (source) {
    case NAME_NONE:
        return NULL;
    case NAME_TLS_SNI:
        return "tls_sni";
    case NAME_QUIC_SNI:
        return "quic_sni";
    case NAME_HTTP_HOST:
        return "http_host";
    case NAME_DNS_ANSWER:
        return "dns_answer";
    case NAME_TLS_CERTIFICATE:
        return "tls_certificate";
    }
    return NULL;
}

const char *app_text(enum app app)
{
    switch (app) {
    case APP_UNKNOWN:
    case APP_OTHER:
        return NULL;
    case APP_TLS:
        return "tls";
    case APP_DTLS:
        return "dtls";
    case APP_QUIC:
        return "quic";
    case APP_GQUIC:
        return "gquic";
    case APP_HTTP:
        return "http";
    case APP_HTTP2:
        return "http2";
    case APP_DNS:
        return "dns";
    case APP_MDNS:
        return "mdns";
    case APP_LLMNR:
        return "llmnr";
    }
    return NULL;
}

static const char *const purposes[PURPOSE_COUNT] = {
    "unknown", "telemetry", "reputation", "sample-upload", "update", "management", "licensing", "account", "vpn", "web",
};

const char *purpose_text(enum purpose purpose)
{
    return purposes[purpose];
}

bool purpose_parse(struct text text, enum purpose *ret)
{
    for (unsigned i = 0; i < PURPOSE_COUNT; i++)
        if (text_equal(text, text_of(purposes[i]))) {
            *ret = (enum purpose)i;
            return true;
        }
    return false;
}

const char *confidence_text(enum confidence confidence)
{
    switch (confidence) {
    case CONFIDENCE_NONE:
        return "none";
    case CONFIDENCE_POSSIBLE:
        return "possible";
    case CONFIDENCE_PROBABLE:
        return "probable";
    case CONFIDENCE_CONFIRMED:
        return "confirmed";
    }
    return "none";
}

const char *indicator_kind_text(enum indicator_kind kind)
{
    static const char *const kinds[INDICATOR_KIND_COUNT] = {
        "domain",     "suffix",    "pattern", "http-path", "http-header", "user-agent", "http-body", "cert-org",
        "issuer-org", "issuer-cn", "ja3",     "ja4",       "asn",         "prefix",     "port",
    };
    return kinds[kind];
}

const char *axis_text(enum axis axis)
{
    static const char *const axes[AXIS_COUNT] = {"location", "operator", "vendor", "transit"};
    return axes[axis];
}

const char *axis_status_text(enum axis_status status)
{
    switch (status) {
    case AXIS_UNKNOWN:
        return "unknown";
    case AXIS_SINGLE_SOURCE:
        return "single-source";
    case AXIS_AGREED:
        return "agreed";
    case AXIS_CONTESTED:
        return "contested";
    }
    return "unknown";
}

const char *verdict_text(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_UNKNOWN:
        return "unknown";
    case VERDICT_OUT:
        return "out";
    case VERDICT_CONTESTED:
        return "contested";
    case VERDICT_IN:
        return "in";
    }
    return "unknown";
}

static const char *const severities[SEVERITY_COUNT] = {"none", "info", "low", "medium", "high", "critical"};

const char *severity_text(enum severity severity)
{
    return severities[severity];
}

bool severity_parse(const char *text, enum severity *ret)
{
    for (unsigned i = SEVERITY_INFO; i < SEVERITY_COUNT; i++)
        if (strcmp(text, severities[i]) == 0) {
            *ret = (enum severity)i;
            return true;
        }
    return false;
}

const char *finding_action_text(enum finding_action action)
{
    switch (action) {
    case FINDING_OPENED:
        return "opened";
    case FINDING_UPDATED:
        return "updated";
    case FINDING_ESCALATED:
        return "escalated";
    case FINDING_CLOSED:
        return "closed";
    }
    return "opened";
}

const char *exposure_class_text(enum exposure_class c)
{
    switch (c) {
    case EXPOSURE_CLEARTEXT:
        return "cleartext";
    case EXPOSURE_KEY_RECOVERABLE:
        return "key-recoverable";
    case EXPOSURE_INTERCEPTABLE:
        return "interceptable";
    case EXPOSURE_HARVESTABLE:
        return "harvestable";
    case EXPOSURE_QUANTUM_SAFE:
        return "quantum-safe";
    case EXPOSURE_UNKNOWN:
        return "unknown";
    }
    return "unknown";
}

const char *transit_grade_text(enum transit_grade grade)
{
    static const char *const grades[] = {"T0", "T1", "T2", "T3", "T4"};
    return grades[grade];
}

const char *transit_reverse(void)
{
    return "reverse path not observable";
}

const char *transit_place_unknown(void)
{
    return "its network is in several countries, or nothing loaded says where";
}

const char *health_condition_text(enum health_condition condition)
{
    switch (condition) {
    case HEALTH_INTERFACE_GONE:
        return "interface-gone";
    case HEALTH_NOTHING_ARRIVES:
        return "nothing-arrives";
    case HEALTH_KERNEL_DROPS:
        return "kernel-drops";
    case HEALTH_INTERFACE_DROPS:
        return "interface-drops";
    case HEALTH_PACKETS_LOST:
        return "packets-lost";
    case HEALTH_FLOWS_EVICTED:
        return "flows-evicted";
    case HEALTH_ONE_DIRECTION:
        return "one-direction";
    case HEALTH_DUPLICATES:
        return "duplicates";
    case HEALTH_PACKETS_SNAPPED:
        return "packets-snapped";
    case HEALTH_CLOCK_STEPPED:
        return "clock-stepped";
    case HEALTH_DATABASE_STALE:
        return "database-stale";
    case HEALTH_CATALOGUE_STALE:
        return "catalogue-stale";
    case HEALTH_FEED_FAILING:
        return "feed-failing";
    case HEALTH_STORE_FAILING:
        return "store-failing";
    case HEALTH_CONDITIONS:
        break;
    }
    return "unknown";
}
