/*
 * The files that are known by name. Order matters: the first pattern that fits wins. geo-whois-asn-country follows
 * GeoLite2 and the registries, so it is registration here and never a second voice on location; iptoasn's country is
 * that of the origin AS's holder.
 */
#include "sources_internal.h"

#include <string.h>

#define CC_BY "CC BY 4.0"
#define DBIP_LICENCE "IP Geolocation by DB-IP (https://db-ip.com), " CC_BY
#define MAXMIND_LICENCE "includes GeoLite2 data created by MaxMind, available from https://www.maxmind.com"
#define IPINFO_LICENCE "IP address data powered by IPinfo (https://ipinfo.io), CC BY-SA 4.0"
#define IP2LOCATION_LICENCE "IP2Location LITE data available from https://lite.ip2location.com"
#define NRO_LICENCE "registry statistics by the NRO (https://www.nro.net), " CC_BY
#define IPTOASN_LICENCE "iptoasn (https://iptoasn.com), PDDL 1.0"
#define ASN_LICENCE                                                                                                    \
    "RouteViews (https://routeviews.org), NRO (https://www.nro.net), IP Geolocation by DB-IP "                         \
    "(https://db-ip.com), " CC_BY

static const struct known_file known_files[] = {
    {"dbipcountry", "DB-IP Lite Country", "DB-IP", ROLE_LOCATION, DBIP_LICENCE},
    {"dbipcity", "DB-IP Lite City", "DB-IP", ROLE_LOCATION, DBIP_LICENCE},
    {"dbiplocation", "DB-IP Location", "DB-IP", ROLE_LOCATION, NULL},
    {"dbipasn", "DB-IP Lite ASN", "DB-IP", ROLE_NONE, DBIP_LICENCE},
    {"geolite2country", "GeoLite2 Country", "MaxMind", ROLE_LOCATION, MAXMIND_LICENCE},
    {"geolite2city", "GeoLite2 City", "MaxMind", ROLE_LOCATION, MAXMIND_LICENCE},
    {"geolite2asn", "GeoLite2 ASN", "MaxMind", ROLE_NONE, MAXMIND_LICENCE},
    {"geoip2", "GeoIP2", "MaxMind", ROLE_LOCATION, NULL},
    {"geowhoisasncountry", "geo-whois-asn-country", "MaxMind", ROLE_REGISTRATION, NRO_LICENCE},
    {"geoasncountry", "geo-asn-country", "MaxMind", ROLE_REGISTRATION, NRO_LICENCE},
    {"asncountry", "registry delegations", "NRO", ROLE_REGISTRATION, NRO_LICENCE},
    {"asnholdercc", "AS holder countries", "iptoasn", ROLE_HOLDER,
     "RouteViews (https://routeviews.org) and iptoasn, " CC_BY},
    {"iptoasncountry", "iptoasn country", "iptoasn", ROLE_HOLDER, IPTOASN_LICENCE},
    {"iptoasn", "iptoasn", "iptoasn", ROLE_HOLDER, IPTOASN_LICENCE},
    {"ip2asn", "iptoasn", "iptoasn", ROLE_HOLDER, IPTOASN_LICENCE},
    {"ip2country", "iptoasn country", "iptoasn", ROLE_HOLDER, IPTOASN_LICENCE},
    {"ipinfo", "IPinfo Lite", "IPinfo", ROLE_LOCATION, IPINFO_LICENCE},
    {"ip2location", "IP2Location LITE", "IP2Location", ROLE_LOCATION, IP2LOCATION_LICENCE},
    {"asnipv", "ip-location-db ASN", "RouteViews", ROLE_NONE, ASN_LICENCE},
    {"delegated", "registry delegations", "NRO", ROLE_REGISTRATION, NRO_LICENCE},
    {"nrodelegated", "registry delegations", "NRO", ROLE_REGISTRATION, NRO_LICENCE},
    {"asmetadata", "AS metadata", "ipverse", ROLE_HOLDER, "ipverse (https://github.com/ipverse/as-metadata), CC0"},
};

/** Lower-case letters and digits of the last part of a path: how names are compared. */
static void plain_name(const char *path, char *ret, size_t room)
{
    const char *slash = strrchr(path, '/');
    size_t length = 0;
    for (const char *p = slash ? slash + 1 : path; *p != '\0' && length + 1 < room; p++) {
        char c = ascii_lower(*p);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            ret[length++] = c;
    }
    ret[length] = '\0';
}

static const struct known_file *find_plain(const char *plain)
{
    for (size_t i = 0; i < sizeof(known_files) / sizeof(known_files[0]); i++)
        if (strncmp(plain, known_files[i].pattern, strlen(known_files[i].pattern)) == 0)
            return &known_files[i];
    return NULL;
}

const struct known_file *geo_known_file(const char *path, const char *database_type)
{
    char plain[64];
    const struct known_file *ret = NULL;
    if (database_type != NULL) {
        plain_name(database_type, plain, sizeof(plain));
        ret = find_plain(plain);
    }
    if (ret == NULL) {
        plain_name(path, plain, sizeof(plain));
        ret = find_plain(plain);
    }
    return ret;
}

const char *geo_role_text(enum role role)
{
    switch (role) {
    case ROLE_NONE:
        break;
    case ROLE_LOCATION:
        return "location";
    case ROLE_REGISTRATION:
        return "registration";
    case ROLE_HOLDER:
        return "holder-country";
    case ROLE_ASN:
        return "asn";
    case ROLE_ANYCAST:
        return "anycast";
    case ROLE_PARENT:
        return "parent";
    case ROLE_OVERRIDE:
        return "override";
    }
    return "none";
}

bool geo_role_parse(struct text text, enum role *ret)
{
    for (enum role role = ROLE_LOCATION; role <= ROLE_ANYCAST; role++)
        if (text_equal(text, text_of(geo_role_text(role)))) {
            *ret = role;
            return true;
        }
    return false;
}

const char *geo_refusal_text(enum refusal refusal)
{
    switch (refusal) {
    case REFUSED_ADDRESS:
        return "bad_address";
    case REFUSED_BACKWARD:
        return "last_before_first";
    case REFUSED_NUMBER:
        return "bad_as_number";
    case REFUSED_COUNTRY:
        return "bad_country";
    case REFUSED_FIELDS:
        return "too_few_fields";
    case REFUSED_ORDER:
        return "out_of_order";
    case REFUSED_KIND:
        return "unknown_kind";
    case REFUSED_CUT:
        return "last_line_cut";
    case REFUSED_SHORT:
        return "ends_early";
    case REFUSAL_COUNT:
        break;
    }
    return "refused";
}
