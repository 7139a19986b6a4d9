/*
 * Product x purpose, how sure, and what says so. `struct product` and `struct indicator` belong to
 * the catalogue and live as long as it does; an attribution only points at them.
 */
#ifndef BORDERTAP_ATTRIBUTION_H
#define BORDERTAP_ATTRIBUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "country.h"
#include "name.h"
#include "text.h"

enum purpose {
    PURPOSE_UNKNOWN,
    PURPOSE_TELEMETRY,
    PURPOSE_REPUTATION,
    PURPOSE_SAMPLE_UPLOAD,
    PURPOSE_UPDATE,
    PURPOSE_MANAGEMENT,
    PURPOSE_LICENSING,
    PURPOSE_ACCOUNT,
    PURPOSE_VPN,
    PURPOSE_WEB, /* a person on a web site: no agent */
    PURPOSE_COUNT,
};

/** "unknown", "telemetry", "sample-upload" ...; constant. */
const char *purpose_text(enum purpose purpose);
bool purpose_parse(struct text text, enum purpose *ret);

enum confidence {
    CONFIDENCE_NONE,
    CONFIDENCE_POSSIBLE,  /* shared infrastructure, fingerprint, unconfirmed indicator */
    CONFIDENCE_PROBABLE,  /* an exclusive indicator beside the flow: DNS answer, vendor's own network, certificate */
    CONFIDENCE_CONFIRMED, /* an exclusive indicator in the flow itself */
};

/** "none", "possible", "probable", "confirmed"; constant. */
const char *confidence_text(enum confidence confidence);

enum indicator_kind {
    INDICATOR_DOMAIN,  /* exact name */
    INDICATOR_SUFFIX,  /* the name and everything under it */
    INDICATOR_PATTERN, /* name with wildcards inside labels */
    INDICATOR_HTTP_PATH,
    INDICATOR_HTTP_HEADER,
    INDICATOR_USER_AGENT,
    INDICATOR_HTTP_BODY, /* first bytes of a response body */
    INDICATOR_CERT_ORG,  /* subject organisation */
    INDICATOR_ISSUER_ORG,
    INDICATOR_ISSUER_CN,
    INDICATOR_JA3,
    INDICATOR_JA4,
    INDICATOR_ASN,
    INDICATOR_PREFIX,
    INDICATOR_PORT, /* support only: never matches by itself */
    INDICATOR_KIND_COUNT,
};

/** "domain", "suffix", "pattern", "http-path", "http-header", "user-agent", "http-body", "cert-org",
 *  "issuer-org", "issuer-cn", "ja3", "ja4", "asn", "prefix", "port"; constant. */
const char *indicator_kind_text(enum indicator_kind kind);

struct vendor {
    const char *id, *name; /* id: [a-z0-9-]+ */
    struct country domicile;
    const char *domicile_basis; /* "head office in Moscow ..."; never NULL */
    const char *domicile_source;
    const char *domicile_read; /* YYYY-MM-DD the source was read */
};

struct product {
    const char *id, *name;
    const struct vendor *vendor;
    bool is_agent;  /* false for negative products: what carries the vendor's name but is no endpoint agent */
    bool is_engine; /* another vendor's products embed it */
};

struct indicator {
    enum indicator_kind kind;
    const struct product *product;
    enum purpose purpose;
    bool is_exclusive;   /* false: shared infrastructure */
    bool is_unconfirmed; /* from memory or a doubtful list: never more than possible */
    bool is_mixed;       /* a zone that also serves people: a name in it that has no line of its own is only possible */
    const char *value;   /* as written in the catalogue */
    const char *source, *read_on; /* where and when (YYYY-MM-DD) the fact was read */
    const char *note;             /* NULL when there is none */
    const char *file;             /* catalogue file and line, for reports */
    uint32_t line;
};

enum { EVIDENCE_MAX = 6, EVIDENCE_VALUE_MAX = 256 };

struct evidence {
    const char *kind;               /* "tls_sni", "dns_answer", "http-path", "user-agent", "ja3", "asn" ...: constant */
    char value[EVIDENCE_VALUE_MAX]; /* what was seen; cut, always terminated */
    const struct indicator *indicator;
};

struct attribution {
    const struct product *product; /* NULL: no agent seen */
    enum purpose purpose;
    enum confidence confidence;
    /* ECH was offered, and what lies beside the flow speaks of another remote than its visible name */
    bool name_is_hidden;
    /* product is an engine and this other product was seen at the same host; else NULL */
    const struct product *engine_host;
    uint8_t evidence_count; /* strongest first */
    struct evidence evidence[EVIDENCE_MAX];
};

#endif
