/* Which class a handshake proves, row by row, and that nothing is claimed beyond it. */
#include "test.h"

#include "assess_exposure.h"
#include "exposure.h"

static struct flow_facts tls(uint16_t version, uint16_t cipher, uint16_t group)
{
    struct flow_facts facts = {.app = APP_TLS};
    facts.tls.has_client_hello = facts.tls.has_server_hello = true;
    facts.tls.version = version;
    facts.tls.cipher = cipher;
    facts.tls.key_exchange_group = group;
    return facts;
}

static struct exposure assess(const struct flow_facts *facts)
{
    struct exposure exposure;
    memset(&exposure, 0xff, sizeof(exposure));
    assess_exposure(NULL, facts, NULL, 0, &exposure);
    assert_true(exposure.reason[0] != '\0');
    return exposure;
}

static void each_handshake_has_its_class(void **state)
{
    (void)state;
    static const struct {
        uint16_t version, cipher, group;
        enum exposure_class class_;
        const char *in_reason;
        bool is_alterable;
    } rows[] = {
        {0x0303, 0x0001, 0, EXPOSURE_CLEARTEXT, "does not encrypt", false},
        {0x0303, 0xc010, 23, EXPOSURE_CLEARTEXT, "does not encrypt", false},
        {0x0304, 0xc0b4, 29, EXPOSURE_CLEARTEXT, "does not encrypt", false},
        {0x0303, 0x009c, 0, EXPOSURE_KEY_RECOVERABLE, "long-lived key", false},
        {0x0301, 0x0005, 0, EXPOSURE_KEY_RECOVERABLE, "long-lived key", true}, /* RSA before RC4: worst first */
        {0x0300, 0x000a, 0, EXPOSURE_KEY_RECOVERABLE, "long-lived key", true},
        {0x0303, 0xc02d, 0, EXPOSURE_KEY_RECOVERABLE, "Diffie-Hellman", false}, /* static ECDH */
        {0x0303, 0x00a8, 0, EXPOSURE_KEY_RECOVERABLE, "pre-shared", false},
        {0x0303, 0x00ac, 0, EXPOSURE_KEY_RECOVERABLE, "long-lived key", false}, /* RSA_PSK */
        {0x0301, 0x001f, 0, EXPOSURE_KEY_RECOVERABLE, "Kerberos", false},
        {0x0101, 0xe013, 0, EXPOSURE_KEY_RECOVERABLE, "long-lived key", false}, /* TLCP with SM2 */
        {0x0303, 0xc100, 0, EXPOSURE_KEY_RECOVERABLE, "long-lived key", false}, /* GOST */
        {0x0002, 0x0000, 0, EXPOSURE_INTERCEPTABLE, "SSL 2.0", true},
        {0x0300, 0xc014, 23, EXPOSURE_INTERCEPTABLE, "SSL 3.0", true},
        {0x0303, 0xc011, 23, EXPOSURE_INTERCEPTABLE, "cipher is broken", true}, /* RC4 */
        {0x0301, 0x0014, 0, EXPOSURE_INTERCEPTABLE, "cipher is broken", true},  /* export */
        {0x0301, 0x0015, 0, EXPOSURE_INTERCEPTABLE, "cipher is broken", true},  /* DES */
        {0x0303, 0x00a6, 0, EXPOSURE_INTERCEPTABLE, "not authenticated", true}, /* DH_anon */
        {0x0303, 0xc018, 23, EXPOSURE_INTERCEPTABLE, "not authenticated", true},
        {0x0303, 0xc02f, 29, EXPOSURE_HARVESTABLE, "TLS 1.2 with forward secrecy", false},
        {0x0303, 0x009e, 0, EXPOSURE_HARVESTABLE, "TLS 1.2", false}, /* DHE */
        {0x0301, 0xc014, 23, EXPOSURE_HARVESTABLE,
         "TLS 1.0 with forward secrecy, classical key exchange; the version is deprecated", false},
        {0x0302, 0xc014, 23, EXPOSURE_HARVESTABLE, "RFC 8996", false},
        {0x0303, 0xc012, 23, EXPOSURE_HARVESTABLE, "64-bit blocks", false}, /* 3DES */
        {0xfeff, 0xc014, 23, EXPOSURE_HARVESTABLE, "DTLS 1.0", false},
        {0xfefd, 0xc02f, 23, EXPOSURE_HARVESTABLE, "DTLS 1.2", false},
        {0x0304, 0x1301, 29, EXPOSURE_HARVESTABLE, "TLS 1.3", false},
        {0x0304, 0x1301, 0x11ec, EXPOSURE_QUANTUM_SAFE, "hybrid", false},
        {0x0304, 0x1302, 0x11eb, EXPOSURE_QUANTUM_SAFE, "hybrid", false},
        {0x0304, 0x1302, 0x11ed, EXPOSURE_QUANTUM_SAFE, "hybrid", false},
        {0x0304, 0x1303, 0x6399, EXPOSURE_QUANTUM_SAFE, "hybrid", false},
        {0x0304, 0x1301, 0x0201, EXPOSURE_QUANTUM_SAFE, "post-quantum", false},
        {0xfefc, 0x1301, 0x11ec, EXPOSURE_QUANTUM_SAFE, "DTLS 1.3", false},
        {0x0303, 0x16b7, 0, EXPOSURE_QUANTUM_SAFE, "hybrid", false},
        {0x0304, 0x1301, 0, EXPOSURE_UNKNOWN, "key share", false},
        {0x0303, 0xfff0, 0, EXPOSURE_UNKNOWN, "0xfff0 is not known", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct flow_facts facts = tls(rows[i].version, rows[i].cipher, rows[i].group);
        struct exposure exposure = assess(&facts);
        assert_int_equal(exposure.class_, rows[i].class_);
        assert_non_null(strstr(exposure.reason, rows[i].in_reason));
        assert_int_equal(exposure.content_alterable, rows[i].is_alterable);
    }
}

static void a_resumed_session_claims_only_what_its_suite_proves(void **state)
{
    (void)state;
    struct flow_facts forward = tls(0x0303, 0xc02f, 0), rsa = tls(0x0303, 0x009c, 0), psk_only = tls(0x0304, 0x1301, 0),
                      psk_dhe = tls(0x0304, 0x1301, 29);
    forward.tls.is_resumed = rsa.tls.is_resumed = psk_only.tls.is_resumed = psk_dhe.tls.is_resumed = true;

    struct exposure exposure = assess(&forward);
    assert_int_equal(exposure.class_, EXPOSURE_UNKNOWN);
    assert_string_equal(exposure.reason, "resumed session, key exchange not seen");
    assert_true(exposure.is_resumed);
    assert_int_equal(assess(&rsa).class_, EXPOSURE_KEY_RECOVERABLE);
    assert_int_equal(assess(&psk_only).class_, EXPOSURE_KEY_RECOVERABLE);
    assert_int_equal(assess(&psk_dhe).class_, EXPOSURE_HARVESTABLE);
}

static void clear_protocols_are_cleartext(void **state)
{
    (void)state;
    static const enum app apps[] = {APP_HTTP, APP_HTTP2, APP_DNS, APP_MDNS, APP_LLMNR};
    for (size_t i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
        struct flow_facts facts = {.app = apps[i]};
        assert_int_equal(assess(&facts).class_, EXPOSURE_CLEARTEXT);
        assert_true(assess(&facts).content_alterable);
    }
    struct flow_facts named = {.app = APP_OTHER, .app_name = text_of("telnet")};
    assert_int_equal(assess(&named).class_, EXPOSURE_CLEARTEXT);
}

static void unknown_says_why(void **state)
{
    (void)state;
    struct flow_facts no_answer = {.app = APP_TLS, .tls = {.has_client_hello = true}};
    struct flow_facts one_side = {.app = APP_QUIC, .one_direction = true, .tls = {.has_client_hello = true}};
    struct flow_facts middle = {.app = APP_TLS, .is_midstream = true};
    struct flow_facts nobody = {.app = APP_UNKNOWN};
    struct flow_facts google = {.app = APP_GQUIC, .tls = {.has_client_hello = true}};
    struct flow_facts mail = {.app = APP_OTHER, .app_name = text_of("smtp")};
    struct flow_facts other = {.app = APP_OTHER, .app_name = text_of("wireguard")};
    const struct {
        const struct flow_facts *facts;
        const char *reason;
    } rows[] = {
        {NULL, "not inspected"},
        {&no_answer, "the server's hello was not seen"},
        {&one_side, "only the client's direction was seen"},
        {&middle, "joined in the middle, handshake not seen"},
        {&nobody, "protocol not known"},
        {&google, "Google's own QUIC handshake shows no key exchange"},
        {&mail, "smtp in clear text so far, may turn to TLS"},
        {&other, "wireguard is not judged"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct exposure exposure = assess(rows[i].facts);
        assert_int_equal(exposure.class_, EXPOSURE_UNKNOWN);
        assert_string_equal(exposure.reason, rows[i].reason);
    }
}

static void a_tunnel_through_a_proxy_is_no_clear_text_until_something_is_said_in_it(void **state)
{
    (void)state;
    struct flow_facts asked = {.app = APP_HTTP, .http = {.is_connect = true, .method = text_of("CONNECT")}};
    struct flow_facts again = asked, spoken = asked;
    again.http.further_count = spoken.http.further_count = 1;
    again.http.further[0].method = text_of("CONNECT");
    spoken.http.further[0].method = text_of("GET");

    assert_int_equal(assess(&asked).class_, EXPOSURE_UNKNOWN);
    assert_string_equal(assess(&asked).reason, "what runs inside the CONNECT tunnel was not seen");
    assert_int_equal(assess(&again).class_, EXPOSURE_UNKNOWN);
    assert_int_equal(assess(&spoken).class_, EXPOSURE_CLEARTEXT);
}

static void early_data_and_a_hidden_name_stand_beside_the_class(void **state)
{
    (void)state;
    struct flow_facts facts = tls(0x0304, 0x1301, 29);
    facts.tls.early_data = true;
    facts.tls.ech = ECH_OFFERED;
    assert_true(assess(&facts).name_is_hidden);
    assert_true(assess(&facts).has_early_data);
    facts.tls.sni = text_of("public.example.com"); /* may be the true name beside GREASE */
    assert_false(assess(&facts).name_is_hidden);
}

static void a_class_read_from_half_a_conversation_says_so(void **state)
{
    (void)state;
    static const struct {
        struct flow_facts facts;
        const char *reason;
    } rows[] = {
        {{.app = APP_HTTP}, "HTTP without TLS"},
        {{.app = APP_HTTP, .one_direction = true}, "HTTP without TLS; so far only one direction was seen"},
        {{.app = APP_HTTP, .one_direction = true, .is_midstream = true},
         "HTTP without TLS; so far only one direction was seen"},
        {{.app = APP_HTTP2, .is_midstream = true}, "HTTP/2 without TLS; joined in the middle"},
        {{.app = APP_DNS, .one_direction = true}, "DNS without encryption"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(assess(&rows[i].facts).reason, rows[i].reason);

    struct flow_facts facts = tls(0x0304, 0x1301, 29);
    facts.is_midstream = true; /* both hellos were seen all the same */
    assert_null(strchr(assess(&facts).reason, ';'));
    facts.tls.has_client_hello = false;
    assert_non_null(strstr(assess(&facts).reason, "; the client's hello was not seen"));
    facts.one_direction = true;
    assert_non_null(strstr(assess(&facts).reason, "; only the server's direction was seen"));
}

static void a_state_run_authority_counts_for_flagged_countries_only(void **state)
{
    (void)state;
    struct catalog *catalog = NULL;
    struct error error = {""};
    if (catalog_load(SOURCE_ROOT "/catalog", &catalog, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    struct flow_facts facts = tls(0x0303, 0xc02f, 29);
    facts.tls.has_certificates = true;
    facts.tls.certificate_count = 2;
    facts.tls.certificate[1].issuer_cn = text_of("Qaznet Trust Network");
    const struct country kazakhstan = {"KZ"}, china = {"CN"};
    struct exposure flagged, unflagged;

    assess_exposure(catalog, &facts, &kazakhstan, 1, &flagged);
    assess_exposure(catalog, &facts, &china, 1, &unflagged);

    assert_int_equal(flagged.class_, EXPOSURE_INTERCEPTABLE);
    assert_string_equal(flagged.reason, "the certificate comes from Qaznet Trust Network, a state-run authority (KZ)");
    assert_int_equal(unflagged.class_, EXPOSURE_HARVESTABLE);
    catalog_free(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_handshake_has_its_class),
        cmocka_unit_test(a_resumed_session_claims_only_what_its_suite_proves),
        cmocka_unit_test(clear_protocols_are_cleartext),
        cmocka_unit_test(unknown_says_why),
        cmocka_unit_test(a_tunnel_through_a_proxy_is_no_clear_text_until_something_is_said_in_it),
        cmocka_unit_test(early_data_and_a_hidden_name_stand_beside_the_class),
        cmocka_unit_test(a_class_read_from_half_a_conversation_says_so),
        cmocka_unit_test(a_state_run_authority_counts_for_flagged_countries_only),
    };
    return cmocka_run_group_tests_name("analyzers/exposure", tests, NULL, NULL);
}
