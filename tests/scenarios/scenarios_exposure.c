/* One conversation in every class of exposure: Kaspersky's cloud look-ups at Amazon in the US, so that only TLS
 * differs. */
#include <openssl/ssl.h>

#include "scenario.h"

#define SERVER_ADDRESS "54.230.10.10"
#define KSN "ksn-file-geo.kaspersky-labs.com"

#define TLS_SCENARIO(function, ...)                                                                                    \
    static void function(struct capture *out)                                                                          \
    {                                                                                                                  \
        say_tls(out, SERVER_ADDRESS, &(struct tls_setup){.name = KSN, __VA_ARGS__});                                   \
    }

TLS_SCENARIO(rsa_key_exchange, .version = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256")
TLS_SCENARIO(psk_only, .resumption = TLS_BY_TICKET, .patch = PATCH_PSK_ONLY)
TLS_SCENARIO(rc4, .version = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES128-SHA", .patch = PATCH_ECDHE_RC4)
TLS_SCENARIO(rsa_rc4, .version = TLS1_VERSION, .ciphers = "AES128-SHA", .patch = PATCH_RC4)
TLS_SCENARIO(russian_authority, .version = TLS1_2_VERSION,
             .issuer_org = "The Ministry of Digital Development and Communications",
             .issuer_cn = "Russian Trusted Sub CA")
TLS_SCENARIO(russian_authority_hidden, .issuer_org = "The Ministry of Digital Development and Communications",
             .issuer_cn = "Russian Trusted Sub CA")
TLS_SCENARIO(turkish_authority, .version = TLS1_2_VERSION,
             .issuer_org = "Turkiye Bilimsel ve Teknolojik Arastirma Kurumu - TUBITAK",
             .issuer_cn = "TUBITAK Kamu SM SSL")
TLS_SCENARIO(null_cipher, .version = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-NULL-SHA")
TLS_SCENARIO(anonymous, .version = TLS1_2_VERSION, .ciphers = "AECDH-AES128-SHA")
TLS_SCENARIO(old_version, .version = TLS1_VERSION, .ciphers = "ECDHE-RSA-AES128-SHA")
TLS_SCENARIO(tls12, .version = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256", .alpn = "h2")
TLS_SCENARIO(tls13, .alpn = "h2")
TLS_SCENARIO(hybrid, .patch = PATCH_HYBRID)
TLS_SCENARIO(resumed_ticket, .version = TLS1_2_VERSION, .resumption = TLS_BY_TICKET)
TLS_SCENARIO(resumed_id, .version = TLS1_2_VERSION, .resumption = TLS_BY_SESSION_ID)
TLS_SCENARIO(resumed_rsa, .version = TLS1_2_VERSION, .ciphers = "AES256-SHA", .resumption = TLS_BY_SESSION_ID)
TLS_SCENARIO(resumed_13, .resumption = TLS_BY_TICKET)
TLS_SCENARIO(ech_beside_name, .patch = PATCH_ECH)

static const struct tls_setup quic_hello = {.name = KSN, .alpn = "h3", .is_quic = true};

#define QUIC_SCENARIO(function, ...)                                                                                   \
    static void function(struct capture *out)                                                                          \
    {                                                                                                                  \
        say_quic(out, SERVER_ADDRESS, &quic_hello, &(struct quic_setup){__VA_ARGS__});                                 \
    }

QUIC_SCENARIO(quic_v1, .version = QUIC_V1)
QUIC_SCENARIO(quic_v2, .version = QUIC_V2)
QUIC_SCENARIO(quic_pieces, .version = QUIC_V1, .piece = 70)
QUIC_SCENARIO(quic_retry, .version = QUIC_V1, .is_retried = true)
QUIC_SCENARIO(quic_retry_v2, .version = QUIC_V2, .is_retried = true)
QUIC_SCENARIO(quic_versions, .version = QUIC_V1, .is_other_version_first = true)
QUIC_SCENARIO(quic_client_only, .version = QUIC_V1, .is_client_only = true)

static void client_only(struct capture *out)
{
    say_tls_with(out, SERVER_ADDRESS, &(struct tls_setup){.name = KSN}, TALK_CLIENT_ONLY, 0);
}

/* The address is the only trace: Kaspersky's own network. */
static void server_only(struct capture *out)
{
    say_tls_with(out, "77.74.178.10", &(struct tls_setup){.name = KSN}, TALK_SERVER_ONLY, 0);
}

static void midstream(struct capture *out)
{
    say_tls_with(out, "77.74.178.10", &(struct tls_setup){.name = KSN}, TALK_MIDSTREAM, 0);
}

static void unknown_protocol(struct capture *out)
{
    struct dialogue d = {.count = 0};
    struct talk talk = talk_between(out, HOST, next_port(), "77.74.178.10", 4430);
    bytes_add_noise(dialogue_add(&d, CLIENT), 900, 5);
    bytes_add_noise(dialogue_add(&d, SERVER), 2900, 6);
    talk_play(&talk, &d);
    dialogue_free(&d);
}

#define KSN_FINDING "{'product':'kaspersky','purpose':'reputation','confidence':'confirmed',"
#define BY_NETWORK "{'product':'kaspersky','confidence':'probable','severity':'critical','exposure':'unknown',"

const struct scenario exposure_scenarios[] = {
    {"exposure-rsa", "RSA key exchange: the server's key opens a recording", rsa_key_exchange,
     KSN_FINDING "'severity':'high','exposure':'key-recoverable','readable':'later, with the server'}", NULL},
    {"exposure-psk-only", "TLS 1.3 resumed without a key share", psk_only,
     KSN_FINDING "'severity':'high','exposure':'key-recoverable','exposure_reason':'psk_ke'}", NULL},
    {"exposure-rc4", "A broken cipher with forward secrecy", rc4,
     KSN_FINDING "'exposure':'interceptable','exposure_reason':'the cipher is broken'}", NULL},
    {"exposure-rsa-rc4", "RSA key exchange is worse than the broken cipher under it", rsa_rc4,
     KSN_FINDING "'exposure':'key-recoverable'}", NULL},
    {"exposure-russian-authority", "A certificate of the Russian state's authority", russian_authority,
     KSN_FINDING "'exposure':'interceptable','exposure_reason':'state-run authority (RU)'}", NULL},
    {"exposure-russian-authority-hidden", "TLS 1.3 hides the certificate, so nothing is claimed of it",
     russian_authority_hidden, KSN_FINDING "'exposure':'harvestable'}", NULL},
    {"exposure-turkish-authority", "A state's authority of no flagged country", turkish_authority,
     KSN_FINDING "'exposure':'harvestable'}", NULL},
    {"exposure-turkish-authority-flagged", "The same when the user flags the country", turkish_authority,
     KSN_FINDING "'exposure':'interceptable','exposure_reason':'(TR)'}", "--flag TR"},
    {"exposure-null-cipher", "TLS that does not encrypt is clear text", null_cipher,
     KSN_FINDING "'severity':'critical','exposure':'cleartext','rule':'flagged-vendor-cleartext'}", NULL},
    {"exposure-anonymous", "TLS that authenticates nobody", anonymous,
     KSN_FINDING "'exposure':'interceptable','exposure_reason':'not authenticated'}", NULL},
    {"exposure-tls10", "TLS 1.0 with forward secrecy is deprecated and not readable", old_version,
     KSN_FINDING "'exposure':'harvestable','exposure_reason':'deprecated'}", NULL},
    {"exposure-tls12", "TLS 1.2 with forward secrecy", tls12,
     KSN_FINDING "'severity':'high','exposure':'harvestable','readable':'no, as far as known today'}", NULL},
    {"exposure-tls13", "TLS 1.3", tls13, KSN_FINDING "'severity':'high','exposure':'harvestable'}", NULL},
    {"exposure-hybrid", "X25519MLKEM768", hybrid, KSN_FINDING "'severity':'high','exposure':'quantum-safe'}", NULL},
    {"exposure-resumed-ticket", "TLS 1.2 resumed by ticket: nobody sees what protects the ticket", resumed_ticket,
     KSN_FINDING "'exposure':'unknown','exposure_reason':'resumed session'}", NULL},
    {"exposure-resumed-id", "TLS 1.2 resumed by session id", resumed_id,
     KSN_FINDING "'exposure':'unknown','exposure_reason':'resumed session'}", NULL},
    {"exposure-resumed-rsa", "A resumed session keeps the suite of the first", resumed_rsa,
     KSN_FINDING "'exposure':'key-recoverable'}", NULL},
    {"exposure-resumed-13", "TLS 1.3 resumed with a new key exchange", resumed_13,
     KSN_FINDING "'exposure':'harvestable'}", NULL},
    {"exposure-ech-beside-name", "ECH offered beside the true name", ech_beside_name,
     KSN_FINDING "'exposure':'harvestable'}", NULL},
    {"exposure-quic-v1", "QUIC version 1", quic_v1, KSN_FINDING "'exposure':'harvestable','name_source':'quic_sni'}",
     NULL},
    {"exposure-quic-v2", "QUIC version 2", quic_v2, KSN_FINDING "'exposure':'harvestable','name_source':'quic_sni'}",
     NULL},
    {"exposure-quic-pieces", "QUIC with the hello in many pieces, last one first", quic_pieces,
     KSN_FINDING "'exposure':'harvestable','name_source':'quic_sni'}", NULL},
    {"exposure-quic-retry", "QUIC with a Retry, which changes the keys", quic_retry,
     KSN_FINDING "'exposure':'harvestable','name_source':'quic_sni','flows':1}", NULL},
    {"exposure-quic-retry-v2", "The same in version 2", quic_retry_v2,
     KSN_FINDING "'exposure':'harvestable','name_source':'quic_sni','flows':1}", NULL},
    {"exposure-quic-versions", "QUIC that agrees on a version first", quic_versions,
     KSN_FINDING "'exposure':'harvestable','name_source':'quic_sni','flows':1}", NULL},
    {"exposure-quic-client-only", "QUIC of which only the client's direction is seen", quic_client_only,
     KSN_FINDING "'exposure':'unknown','exposure_reason':'only the client','name_source':'quic_sni'}", NULL},
    {"exposure-client-only", "Only the client's direction is seen", client_only,
     KSN_FINDING "'severity':'high','exposure':'unknown','exposure_reason':'only the client'}", NULL},
    {"exposure-server-only", "Only the server's direction is seen: the address tells the vendor", server_only,
     "{'product':'kaspersky','confidence':'probable','severity':'critical','name':null}", NULL},
    {"exposure-midstream", "The capture begins after the hellos", midstream,
     BY_NETWORK "'exposure_reason':'joined in the middle'}", NULL},
    {"exposure-unknown-protocol", "A protocol nobody knows in Kaspersky's own network", unknown_protocol,
     BY_NETWORK "'exposure_reason':'protocol not known'}", NULL},
};
const size_t exposure_count = sizeof(exposure_scenarios) / sizeof(exposure_scenarios[0]);
