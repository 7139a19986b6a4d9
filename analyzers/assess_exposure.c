/*
 * The class of a flow, worst first, by what its handshake proves (design: Verdicts, Exposure). Decided here, and tested
 * so:
 *
 * - Without forward secrecy (RSA, static DH, plain PSK, psk_ke): key-recoverable, whatever the version. A resumed
 * session of TLS <= 1.2 keeps the suite of the one it resumes (RFC 5246, F.1.4), so that much is certain of it as well.
 * - Broken, hence interceptable: SSL 2.0 (RFC 6176), SSL 3.0 (RFC 7568), RC4 (RFC 7465), export, DES and RC2 (RFC
 * 9325, 4.1), and suites that authenticate nobody.
 * - TLS 1.0, 1.1 (RFC 8996) and 64-bit blocks (RFC 9325) are deprecated but not readable when forward secret:
 * harvestable, with the reason naming it.
 * - Resumed TLS <= 1.2 with a forward secret suite: unknown, for the key that protects its tickets is the server's
 * secret.
 */
#include "assess_exposure.h"

#include <stdio.h>
#include <string.h>

#include "tls_internal.h"

static void set(struct exposure *ret, enum exposure_class class_, const char *reason)
{
    ret->class_ = class_;
    (void)snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
}

static bool is_flagged(struct country country, const struct country *flagged, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (country_equal(country, flagged[i]))
            return true;
    return false;
}

static bool name_is_one_of(struct text name, const char *const *list)
{
    for (; *list != NULL; list++)
        if (text_equal_nocase(name, text_of(*list)))
            return true;
    return false;
}

static const char *version_name(uint16_t version)
{
    switch (version) {
    case 0x0002:
        return "SSL 2.0";
    case 0x0300:
        return "SSL 3.0";
    case 0x0301:
        return "TLS 1.0";
    case 0x0302:
        return "TLS 1.1";
    case 0x0303:
        return "TLS 1.2";
    case 0x0304:
        return "TLS 1.3";
    case 0x0101:
        return "TLCP 1.1";
    case 0x0100:
    case 0xfeff:
        return "DTLS 1.0";
    case 0xfefd:
        return "DTLS 1.2";
    case 0xfefc:
        return "DTLS 1.3";
    default:
        return "TLS";
    }
}

static const char *without_forward_secrecy(enum tls_key_exchange kind)
{
    switch (kind) {
    case TLS_KX_RSA:
        return "the session key is encrypted to the server's long-lived key";
    case TLS_KX_STATIC_DH:
        return "key exchange with the server's long-lived Diffie-Hellman key";
    case TLS_KX_PSK:
        return "keys come from a pre-shared key alone";
    case TLS_KX_KRB5:
        return "keys come from a Kerberos ticket alone";
    default:
        return NULL;
    }
}

/** What is broken about version or suite, or NULL. */
static const char *what_is_broken(const struct tls_facts *tls, const struct tls_suite *suite)
{
    if (tls->version == 0x0002)
        return "SSL 2.0 is broken (RFC 6176)";
    if (tls->version == 0x0300)
        return "SSL 3.0 is broken (RFC 7568)";
    if (suite->strength == TLS_STRENGTH_BROKEN)
        return "the cipher is broken (RFC 7465, RFC 9325)";
    if (suite->key_exchange == TLS_KX_ANONYMOUS || suite->key_exchange == TLS_KX_ANONYMOUS_EC)
        return "the server is not authenticated: anyone on the path can take its place";
    return NULL;
}

static bool is_deprecated(uint16_t version)
{
    return version == 0x0301 || version == 0x0302 || version == 0xfeff || version == 0x0100;
}

static void set_forward_secret(const struct tls_facts *tls, const struct tls_suite *suite, struct exposure *ret)
{
    const char *version = version_name(tls->version);
    if (tls_group_is_post_quantum(tls->key_exchange_group) || suite->key_exchange == TLS_KX_CECPQ1) {
        ret->class_ = EXPOSURE_QUANTUM_SAFE;
        (void)snprintf(ret->reason, sizeof(ret->reason), "%s with a hybrid or post-quantum key exchange", version);
        return;
    }
    ret->class_ = EXPOSURE_HARVESTABLE;
    (void)snprintf(ret->reason, sizeof(ret->reason), "%s with forward secrecy, classical key exchange%s%s", version,
                   is_deprecated(tls->version) ? "; the version is deprecated (RFC 8996)" : "",
                   suite->strength == TLS_STRENGTH_SMALL_BLOCK ? "; weak cipher with 64-bit blocks" : "");
}

/** @return whether the chain comes from a state-run authority of a flagged country; then @p ret is set. */
static bool authority_is_flagged(const struct catalog *catalog, const struct tls_facts *tls,
                                 const struct country *flagged, size_t flagged_count, struct exposure *ret)
{
    for (unsigned i = 0; catalog != NULL && i < tls->certificate_count; i++) {
        const char *name = NULL;
        struct country country = catalog_authority_country(catalog, &tls->certificate[i], &name);
        if (!country_is_known(country) || !is_flagged(country, flagged, flagged_count))
            continue;
        ret->class_ = EXPOSURE_INTERCEPTABLE;
        (void)snprintf(ret->reason, sizeof(ret->reason), "the certificate comes from %.90s, a state-run authority (%s)",
                       name ? name : "an authority", country.code);
        return true;
    }
    return false;
}

/** TLS 1.3: the key share decides, and its absence. */
static void assess_tls13(const struct tls_facts *tls, const struct tls_suite *suite, struct exposure *ret)
{
    if (suite->strength == TLS_STRENGTH_NULL) /* RFC 9150 */
        set(ret, EXPOSURE_CLEARTEXT, "the cipher suite does not encrypt");
    else if (tls->key_exchange_group == 0 && tls->is_resumed)
        set(ret, EXPOSURE_KEY_RECOVERABLE, "TLS 1.3 resumed with the pre-shared key alone (psk_ke)");
    else if (tls->key_exchange_group == 0)
        set(ret, EXPOSURE_UNKNOWN, "the server's key share was not seen");
    else
        set_forward_secret(tls, suite, ret);
}

static void assess_tls(const struct catalog *catalog, const struct tls_facts *tls, const struct country *flagged,
                       size_t flagged_count, struct exposure *ret)
{
    struct tls_suite suite = tls_suite_of(tls->cipher);
    if (tls_version_is_13(tls->version)) {
        assess_tls13(tls, &suite, ret);
        return;
    }
    const char *broken = what_is_broken(tls, &suite), *recoverable = without_forward_secrecy(suite.key_exchange);
    bool is_sslv2 = tls->version == 0x0002; /* its cipher numbers are others */
    if (!is_sslv2 && suite.strength == TLS_STRENGTH_NULL) {
        set(ret, EXPOSURE_CLEARTEXT, "the cipher suite does not encrypt");
    } else if (!is_sslv2 && recoverable != NULL) {
        set(ret, EXPOSURE_KEY_RECOVERABLE, recoverable);
    } else if (broken != NULL) {
        set(ret, EXPOSURE_INTERCEPTABLE, broken);
    } else if (authority_is_flagged(catalog, tls, flagged, flagged_count, ret)) {
        return;
    } else if (suite.key_exchange == TLS_KX_UNKNOWN || suite.key_exchange == TLS_KX_13) {
        (void)snprintf(ret->reason, sizeof(ret->reason), "cipher suite 0x%04x is not known", tls->cipher);
    } else if (tls->is_resumed) {
        set(ret, EXPOSURE_UNKNOWN, "resumed session, key exchange not seen");
    } else {
        set_forward_secret(tls, &suite, ret);
    }
    ret->content_alterable = broken != NULL;
}

static const char *why_unknown(const struct flow_facts *facts)
{
    switch (facts->app) {
    case APP_TLS:
    case APP_DTLS:
    case APP_QUIC:
        if (facts->tls.has_client_hello)
            return facts->one_direction ? "only the client's direction was seen" : "the server's hello was not seen";
        if (facts->is_midstream)
            return "joined in the middle, handshake not seen";
        return facts->one_direction ? "only one direction was seen" : "handshake not seen";
    case APP_GQUIC:
        return "Google's own QUIC handshake shows no key exchange";
    default:
        return facts->is_midstream ? "joined in the middle, protocol not known" : "protocol not known";
    }
}

/** What has no exposure of its own. Mail, FTP and others may still turn to TLS, so their beginning proves nothing.
 * Names are starttls.c's and nDPI's. */
static void assess_named(struct text name, struct exposure *ret)
{
    static const char *const clear[] = {"telnet", "tftp", "ftp_data", "syslog",    "netbios",
                                        "ssdp",   "ntp",  "dhcp",     "whois-das", NULL};
    static const char *const may_start_tls[] = {"smtp", "imap", "pop3", "ftp",        "ftp_control", "xmpp",
                                                "ldap", "irc",  "nntp", "postgresql", "mysql",       NULL};
    int length = (int)(name.length < 64 ? name.length : 64);
    const char *data = name.data ? name.data : "";
    bool is_clear = name_is_one_of(name, clear);
    const char *rest = is_clear                              ? "without encryption"
                       : name_is_one_of(name, may_start_tls) ? "in clear text so far, may turn to TLS"
                                                             : "is not judged";
    ret->class_ = is_clear ? EXPOSURE_CLEARTEXT : EXPOSURE_UNKNOWN;
    ret->content_alterable = is_clear;
    (void)snprintf(ret->reason, sizeof(ret->reason), "%.*s %s", length, data, rest);
}

static const char *clear_reason(enum app app)
{
    switch (app) {
    case APP_HTTP:
        return "HTTP without TLS";
    case APP_HTTP2:
        return "HTTP/2 without TLS";
    case APP_DNS:
        return "DNS without encryption";
    case APP_MDNS:
        return "multicast DNS without encryption";
    case APP_LLMNR:
        return "LLMNR without encryption";
    default:
        return NULL;
    }
}

/**
 * A proxy was asked to connect and nothing else was said in clear text: the content is in the tunnel (RFC 9110, 9.3.6).
 * Requests that differ from the first are all in `further`, while it has room.
 */
static bool only_asks_for_tunnel(const struct http_facts *http)
{
    const size_t room = sizeof(http->further) / sizeof(http->further[0]);
    if (!http->is_connect || http->further_count >= room)
        return false;
    for (size_t i = 0; i < http->further_count; i++)
        if (!text_equal(http->further[i].method, text_of("CONNECT")))
            return false;
    return true;
}

/** What a class rests on is as sure when only part of the conversation was seen, but a reader must know. */
static const char *what_was_not_seen(const struct flow_facts *facts)
{
    bool is_http = facts->app == APP_HTTP || facts->app == APP_HTTP2;
    bool is_half_of_tls = facts->tls.has_server_hello && !facts->tls.has_client_hello;
    if (is_http && facts->one_direction)
        return "; so far only one direction was seen";
    if (is_half_of_tls && facts->one_direction)
        return "; only the server's direction was seen";
    if (is_half_of_tls)
        return "; the client's hello was not seen";
    return is_http && facts->is_midstream ? "; joined in the middle" : "";
}

static void append(struct exposure *ret, const char *more)
{
    size_t used = strlen(ret->reason);
    (void)snprintf(ret->reason + used, sizeof(ret->reason) - used, "%s", more);
}

void assess_exposure(const struct catalog *catalog, const struct flow_facts *facts, const struct country *flagged,
                     size_t flagged_count, struct exposure *ret)
{
    *ret = (struct exposure){.class_ = EXPOSURE_UNKNOWN};
    if (facts == NULL) {
        set(ret, EXPOSURE_UNKNOWN, "not inspected");
        return;
    }
    const struct tls_facts *tls = &facts->tls;
    const char *clear = clear_reason(facts->app);
    ret->is_resumed = tls->is_resumed;
    ret->has_early_data = tls->early_data;
    /* Beside an offered ECH the visible name may be the true one (GREASE) or the public one; only its absence is
     * certain. */
    ret->name_is_hidden = tls->ech == ECH_OFFERED && text_is_empty(tls->sni);
    if (tls->has_server_hello) {
        assess_tls(catalog, tls, flagged, flagged_count, ret);
    } else if (clear != NULL && only_asks_for_tunnel(&facts->http)) {
        set(ret, EXPOSURE_UNKNOWN, "what runs inside the CONNECT tunnel was not seen");
    } else if (clear != NULL) {
        set(ret, EXPOSURE_CLEARTEXT, clear);
        ret->content_alterable = true;
    } else if (facts->app == APP_OTHER) {
        assess_named(facts->app_name, ret);
    } else {
        set(ret, EXPOSURE_UNKNOWN, why_unknown(facts));
    }
    if (ret->class_ != EXPOSURE_UNKNOWN)
        append(ret, what_was_not_seen(facts));
}
