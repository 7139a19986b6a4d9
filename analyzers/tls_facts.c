/*
 * From handshake messages to facts. The first ClientHello of a flow speaks for it: a second one after a
 * HelloRetryRequest repeats the name, and later ones (renegotiation) are encrypted.
 */
#include "fingerprint_internal.h"
#include "tls_internal.h"
#include "x509_internal.h"

enum { OFFERED_PROTOCOLS_MAX = 256, SAN_NAMES_MAX = 1024, NAMED_CURVE = 3 /* RFC 8422, 5.4 */ };

void tls_facts_set_client(struct inspection *inspection, unsigned side)
{
    inspection->facts.client_side_known = true;
    inspection->facts.client_side = (uint8_t)side;
}

static void keep_server_name(const struct analyzer_input *input, struct wire name)
{
    struct tls_facts *tls = &input->inspection->facts.tls;
    if (name.left > 0 && name.left <= NAME_MAX_LENGTH && name_is_printable(name.at, name.left))
        tls->sni = inspection_keep_name(input->inspection, name.at, name.left);
    else
        inspector_refuse(input->inspector, REASON_TLS_HELLO_MALFORMED);
}

/** Joins the offered names with commas; the first is what the server most likely takes. */
static void keep_protocols(struct inspection *inspection, struct wire list)
{
    struct tls_facts *tls = &inspection->facts.tls;
    uint8_t joined[OFFERED_PROTOCOLS_MAX];
    size_t used = 0, first = 0;
    while (list.left > 0) {
        struct wire name = wire_carve(&list, wire_u8(&list));
        if (list.failed || used + 1 + name.left > sizeof(joined))
            break;
        if (name.left == 0 || (name.left == 2 && tls_is_grease(load_be16(name.at))))
            continue;
        if (used > 0)
            joined[used++] = ',';
        memcpy(joined + used, name.at, name.left);
        used += name.left;
        first = first ? first : used;
    }
    if (used == 0)
        return;
    tls->alpn_offered = inspection_keep(inspection, joined, used);
    tls->alpn =
        (struct text){tls->alpn_offered.data, first < tls->alpn_offered.length ? first : tls->alpn_offered.length};
}

static uint16_t offered_version(const struct tls_client_hello *hello)
{
    struct wire list = hello->versions;
    uint16_t best = 0;
    while (list.left >= 2) {
        uint16_t version = wire_u16(&list);
        if (!tls_is_grease(version) && (best == 0 || tls_version_rank(version) > tls_version_rank(best)))
            best = version;
    }
    return tls_version_plain(best ? best : hello->legacy_version);
}

static bool offers_post_quantum(const struct tls_client_hello *hello)
{
    struct wire groups = hello->groups, shares = hello->key_shares;
    while (groups.left >= 2)
        if (tls_group_is_post_quantum(wire_u16(&groups)))
            return true;
    while (!shares.failed && shares.left >= 4) {
        if (tls_group_is_post_quantum(wire_u16(&shares)))
            return true;
        wire_skip(&shares, wire_u16(&shares));
    }
    return false;
}

static bool is_wanted(const struct analyzer_input *input, enum fingerprint fingerprint)
{
    return inspector_options_of(input->inspector)->fingerprints & fingerprint;
}

static void compute_client_prints(const struct analyzer_input *input, enum tls_transport transport,
                                  const struct tls_client_hello *hello)
{
    struct tls_facts *tls = &input->inspection->facts.tls;
    if (is_wanted(input, FINGERPRINT_JA3))
        fingerprint_ja3(inspector_crypto(input->inspector), hello, tls->ja3);
    if (is_wanted(input, FINGERPRINT_JA4))
        fingerprint_ja4(inspector_crypto(input->inspector), hello, transport, tls->ja4);
}

static unsigned take_client_hello(const struct analyzer_input *input, enum tls_transport transport,
                                  struct tls_progress *progress, const uint8_t *body, size_t length, bool is_cut)
{
    struct tls_facts *tls = &input->inspection->facts.tls;
    struct tls_client_hello hello;
    bool is_read = tls_client_hello_parse(body, length, transport == TLS_OVER_DATAGRAMS, &hello);
    progress->client_done = is_read || !is_cut;
    if ((!is_read || hello.is_damaged) && !is_cut)
        inspector_refuse(input->inspector, REASON_TLS_HELLO_MALFORMED);
    if (!is_read)
        return INSPECT_MORE;
    tls_facts_set_client(input->inspection, input->side);
    tls->has_client_hello = true;
    tls->offered_version = offered_version(&hello);
    tls->client_offers_hybrid = offers_post_quantum(&hello);
    tls->early_data = hello.has_early_data;
    tls->ech = hello.has_ech ? ECH_OFFERED : ECH_NONE;
    progress->session_id_length = (uint8_t)hello.session_id.left;
    if (hello.session_id.left > 0)
        memcpy(progress->session_id, hello.session_id.at, hello.session_id.left);
    /* From TLS 1.3 on the session id is filled for middleboxes only (RFC 8446, D.4). */
    bool resumes_by_id = hello.session_id.left > 0 && !tls_version_is_13(tls->offered_version);
    tls->resumption_offered = resumes_by_id || hello.has_ticket || hello.has_psk;
    if (hello.server_name.at != NULL)
        keep_server_name(input, hello.server_name);
    if (hello.protocols.at != NULL)
        keep_protocols(input->inspection, hello.protocols);
    if (!is_cut) /* half a hello has another fingerprint */
        compute_client_prints(input, transport, &hello);
    return INSPECT_CHANGED;
}

static bool session_is_echoed(const struct tls_progress *progress, const struct tls_server_hello *hello)
{
    return progress->session_id_length > 0 && hello->session_id.left == progress->session_id_length &&
           memcmp(progress->session_id, hello->session_id.at, progress->session_id_length) == 0;
}

static unsigned take_server_hello(const struct analyzer_input *input, struct tls_progress *progress,
                                  const uint8_t *body, size_t length)
{
    struct inspection *inspection = input->inspection;
    struct tls_facts *tls = &inspection->facts.tls;
    struct tls_server_hello hello;
    if (!tls_server_hello_parse(body, length, &hello)) {
        inspector_refuse(input->inspector, REASON_TLS_HELLO_MALFORMED);
        progress->server_done = true;
        return INSPECT_MORE;
    }
    if (hello.is_damaged)
        inspector_refuse(input->inspector, REASON_TLS_HELLO_MALFORMED);
    tls_facts_set_client(inspection, !input->side);
    if (hello.is_retry) {
        tls->is_hello_retry = true;
        return INSPECT_MORE; /* the real one follows */
    }
    bool is_13 = tls_version_is_13(hello.version);
    tls->has_server_hello = true;
    tls->version = tls_version_plain(hello.version);
    tls->cipher = hello.cipher;
    tls->key_exchange_group = is_13 ? hello.group : 0;
    tls->is_resumed = is_13 ? hello.has_psk : session_is_echoed(progress, &hello);
    if (hello.protocol.at != NULL)
        tls->alpn = inspection_keep(inspection, hello.protocol.at, hello.protocol.left);
    if (is_wanted(input, FINGERPRINT_JA3S))
        fingerprint_ja3s(inspector_crypto(input->inspector), &hello, tls->ja3s);
    progress->server_done = is_13; /* the rest is encrypted */
    progress->server_gap = false;
    return INSPECT_CHANGED;
}

static struct text keep_attribute(struct inspection *inspection, const struct x509_text *text)
{
    uint8_t bytes[X509_TEXT_MAX];
    if (text->data == NULL)
        return (struct text){NULL, 0};
    return inspection_keep(inspection, bytes, x509_text_bytes(text, bytes));
}

/** dNSNames of the leaf with spaces between; cut before the name that no longer fits. */
static void keep_alternative_names(struct inspection *inspection, struct wire names)
{
    char joined[SAN_NAMES_MAX];
    size_t used = 0;
    struct wire name;
    while (x509_next_dns_name(&names, &name) && used + 1 + name.left <= sizeof(joined)) {
        if (name.left == 0)
            continue;
        if (used > 0)
            joined[used++] = ' ';
        for (size_t i = 0; i < name.left; i++)
            joined[used++] = ascii_lower((char)name.at[i]);
    }
    if (used > 0)
        inspection->facts.tls.san_names = inspection_keep(inspection, joined, used);
}

static bool take_certificate(const struct analyzer_input *input, const uint8_t *der, size_t length)
{
    struct inspection *inspection = input->inspection;
    struct tls_facts *tls = &inspection->facts.tls;
    struct certificate_facts *certificate = &tls->certificate[tls->certificate_count];
    struct x509 x509;
    if (!x509_parse(der, length, &x509)) {
        inspector_refuse(input->inspector, REASON_TLS_CERTIFICATE_MALFORMED);
        return false;
    }
    *certificate = (struct certificate_facts){0};
    certificate->subject_org = keep_attribute(inspection, &x509.subject.organization);
    certificate->subject_cn = keep_attribute(inspection, &x509.subject.common_name);
    certificate->subject_country = keep_attribute(inspection, &x509.subject.country);
    certificate->issuer_org = keep_attribute(inspection, &x509.issuer.organization);
    certificate->issuer_cn = keep_attribute(inspection, &x509.issuer.common_name);
    certificate->issuer_country = keep_attribute(inspection, &x509.issuer.country);
    certificate->not_before_sec = x509.not_before_sec;
    certificate->not_after_sec = x509.not_after_sec;
    if (is_wanted(input, FINGERPRINT_CERTIFICATE)) {
        tls_digest_start(inspector_crypto(input->inspector), TLS_SHA256);
        tls_digest_add(inspector_crypto(input->inspector), der, length);
        tls_digest_end(inspector_crypto(input->inspector), certificate->sha256);
    }
    if (tls->certificate_count++ == 0)
        keep_alternative_names(inspection, x509.alternative_names);
    return true;
}

static unsigned take_certificates(const struct analyzer_input *input, const uint8_t *body, size_t length, bool is_cut)
{
    struct tls_facts *tls = &input->inspection->facts.tls;
    struct wire w = wire_of(body, length);
    uint32_t announced = wire_u24(&w);
    bool is_whole = !is_cut && announced <= w.left;
    if (w.failed || tls->certificate_count > 0)
        return INSPECT_MORE;
    while (w.left > 0 && tls->certificate_count < TLS_CERTIFICATES_MAX) {
        struct wire der = wire_carve(&w, wire_u24(&w));
        if (w.failed) {
            is_whole = false;
            break;
        }
        is_whole &= take_certificate(input, der.at, der.left);
    }
    if (w.failed && !is_cut)
        inspector_refuse(input->inspector, REASON_TLS_CERTIFICATE_MALFORMED);
    tls->has_certificates = tls->certificate_count > 0;
    tls->certificates_complete = is_whole && w.left == 0 && tls->has_certificates;
    return tls->has_certificates ? INSPECT_CHANGED : INSPECT_MORE;
}

/** ServerKeyExchange: the named curve, where the suite says that one stands there (RFC 8422, 5.4; RFC 5489, 2). */
static unsigned take_key_exchange(const struct analyzer_input *input, struct tls_progress *progress,
                                  const uint8_t *body, size_t length)
{
    struct tls_facts *tls = &input->inspection->facts.tls;
    struct wire w = wire_of(body, length);
    enum tls_key_exchange kind = tls_suite_of(tls->cipher).key_exchange;
    progress->server_done = true;
    if (!tls->has_server_hello || (kind != TLS_KX_ECDHE && kind != TLS_KX_ECDHE_PSK && kind != TLS_KX_ANONYMOUS_EC))
        return INSPECT_CHANGED;
    if (kind == TLS_KX_ECDHE_PSK)
        wire_skip(&w, wire_u16(&w));
    uint8_t type = wire_u8(&w);
    uint16_t group = wire_u16(&w);
    if (!w.failed && type == NAMED_CURVE)
        tls->key_exchange_group = group;
    return INSPECT_CHANGED;
}

/** After the server's hello its other messages of TLS <= 1.2 stand in the clear. */
static unsigned take_server_message(const struct analyzer_input *input, struct tls_progress *progress, uint8_t type,
                                    const uint8_t *body, size_t length, bool is_cut)
{
    struct tls_facts *tls = &input->inspection->facts.tls;
    switch (type) {
    case TLS_CERTIFICATE:
        progress->server_flight = true;
        tls->is_resumed = false; /* whatever id was echoed: a full handshake */
        return take_certificates(input, body, length, is_cut);
    case TLS_SERVER_KEY_EXCHANGE:
        progress->server_flight = true;
        tls->is_resumed = false;
        return take_key_exchange(input, progress, body, length);
    case TLS_SERVER_HELLO_DONE:
        progress->server_flight = true;
        progress->server_done = true;
        return INSPECT_CHANGED;
    default:
        return INSPECT_MORE;
    }
}

unsigned tls_facts_message(const struct analyzer_input *input, enum tls_transport transport,
                           struct tls_progress *progress, uint8_t type, const uint8_t *body, size_t length, bool is_cut)
{
    const struct flow_facts *facts = &input->inspection->facts;
    if (type == TLS_CLIENT_HELLO)
        return facts->tls.has_client_hello ? INSPECT_MORE
                                           : take_client_hello(input, transport, progress, body, length, is_cut);
    if (type == TLS_SERVER_HELLO)
        return facts->tls.has_server_hello ? INSPECT_MORE : take_server_hello(input, progress, body, length);
    if (type == TLS_HELLO_RETRY_REQUEST) {
        input->inspection->facts.tls.is_hello_retry = true;
        return INSPECT_MORE;
    }
    bool is_server = facts->client_side_known && facts->client_side != input->side;
    return is_server ? take_server_message(input, progress, type, body, length, is_cut) : INSPECT_MORE;
}

unsigned tls_facts_server_encrypts(struct inspection *inspection, struct tls_progress *progress, bool is_change_cipher)
{
    struct tls_facts *tls = &inspection->facts.tls;
    if (is_change_cipher && tls->is_hello_retry && !tls->has_server_hello)
        return INSPECT_MORE; /* for middleboxes only, RFC 8446, D.4 */
    progress->server_done = true;
    /* RFC 5246, 7.3: no Certificate nor anything else before ChangeCipherSpec is the short handshake. */
    if (is_change_cipher && tls->has_server_hello && !tls_version_is_13(tls->version) && !progress->server_flight &&
        !progress->server_gap)
        tls->is_resumed = true;
    return tls->has_server_hello ? INSPECT_CHANGED : INSPECT_MORE;
}

static unsigned sslv2_client_hello(const struct analyzer_input *input, struct tls_progress *progress, struct wire w)
{
    struct tls_facts *tls = &input->inspection->facts.tls;
    uint16_t version = wire_u16(&w);
    uint16_t ciphers = wire_u16(&w), session = wire_u16(&w), challenge = wire_u16(&w);
    wire_skip(&w, (size_t)ciphers + session + challenge);
    progress->client_done = true;
    if (w.failed || tls->has_client_hello) {
        inspector_refuse(input->inspector, REASON_TLS_HELLO_MALFORMED);
        return INSPECT_MORE;
    }
    tls_facts_set_client(input->inspection, input->side);
    tls->has_client_hello = tls->is_sslv2_hello = true;
    tls->offered_version = version;
    tls->resumption_offered = session > 0;
    return INSPECT_CHANGED;
}

/** SERVER-HELLO of SSL 2.0 itself: one certificate in the clear. */
static unsigned sslv2_server_hello(const struct analyzer_input *input, struct tls_progress *progress, struct wire w)
{
    struct tls_facts *tls = &input->inspection->facts.tls;
    uint8_t session_hit = wire_u8(&w);
    wire_skip(&w, 1); /* certificate type */
    uint16_t version = wire_u16(&w), certificate = wire_u16(&w);
    wire_skip(&w, 4); /* lengths of cipher specs and connection id */
    struct wire der = wire_carve(&w, certificate);
    progress->server_done = true;
    if (w.failed || version != 0x0002 || tls->has_server_hello) {
        inspector_refuse(input->inspector, REASON_TLS_HELLO_MALFORMED);
        return INSPECT_MORE;
    }
    tls_facts_set_client(input->inspection, !input->side);
    tls->has_server_hello = true;
    tls->version = version;
    tls->is_resumed = session_hit != 0;
    if (der.left > 0)
        tls->has_certificates = tls->certificates_complete = take_certificate(input, der.at, der.left);
    return INSPECT_CHANGED;
}

unsigned tls_facts_sslv2(const struct analyzer_input *input, struct tls_progress *progress, const uint8_t *body,
                         size_t length)
{
    struct wire w = wire_of(body, length);
    uint8_t type = wire_u8(&w);
    return type == 1 ? sslv2_client_hello(input, progress, w) : sslv2_server_hello(input, progress, w);
}
