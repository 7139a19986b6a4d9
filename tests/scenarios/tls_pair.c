#include "tls_pair.h"

#include <stdio.h>
#include <string.h>

#include "certificate.h"
#include "hello_patch.h"

enum { ROUNDS_MAX = 8, TRANSPORT_PARAMETERS = 57 };

struct pair {
    SSL_CTX *contexts[2];
    SSL *ends[2];
};

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_length, const unsigned char *in,
                       unsigned length, void *context)
{
    (void)ssl, (void)length, (void)context;
    *out = in + 1;
    *out_length = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static int add_transport_parameters(SSL *ssl, unsigned type, unsigned context, const unsigned char **out,
                                    size_t *length, X509 *x, size_t chain_index, int *alert, void *argument)
{
    /* RFC 9000, 18.2: max_idle_timeout, initial_max_data, initial_source_connection_id (empty) */
    static const unsigned char parameters[] = {0x01, 0x02, 0x67, 0x10, 0x04, 0x04, 0x80, 0x10, 0, 0, 0x0f, 0x00};
    (void)ssl, (void)type, (void)context, (void)x, (void)chain_index, (void)alert, (void)argument;
    *out = parameters;
    *length = sizeof(parameters);
    return 1;
}

/* OpenSSL's macros take their text without const. */
static void set_groups(SSL_CTX *context, const char *groups)
{
    char copy[64];
    if (groups == NULL)
        return;
    snprintf(copy, sizeof(copy), "%s", groups);
    if (SSL_CTX_set1_groups_list(context, copy) != 1)
        give_up("not known to OpenSSL", groups);
}

static SSL_CTX *make_context(const struct tls_setup *setup, enum side side)
{
    int version = setup->version ? setup->version : TLS1_3_VERSION;
    SSL_CTX *context = SSL_CTX_new(side == CLIENT ? TLS_client_method() : TLS_server_method());
    if (context == NULL)
        give_up("no context", "OpenSSL");
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, version < TLS1_2_VERSION ? version : TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, version);
    if (setup->ciphers != NULL && SSL_CTX_set_cipher_list(context, setup->ciphers) != 1)
        give_up("not known to OpenSSL", setup->ciphers);
    set_groups(context, side == CLIENT ? setup->client_groups : setup->server_groups);
    if (setup->resumption == TLS_BY_SESSION_ID)
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    if (setup->is_quic)
        SSL_CTX_add_custom_ext(context, TRANSPORT_PARAMETERS,
                               SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, add_transport_parameters,
                               NULL, NULL, NULL, NULL);
    return context;
}

static void arm_server(SSL_CTX *context, const struct tls_setup *setup)
{
    X509 *certificate = certificate_make(setup);
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, server_key());
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"scenario", 8);
    SSL_CTX_set_alpn_select_cb(context, choose_alpn, NULL);
    X509_free(certificate);
}

static SSL *make_end(SSL_CTX *context, enum side side)
{
    SSL *ssl = SSL_new(context);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (side == CLIENT)
        SSL_set_connect_state(ssl);
    else
        SSL_set_accept_state(ssl);
    return ssl;
}

static void name_client(SSL *client, const struct tls_setup *setup)
{
    unsigned char alpn[64];
    char name[256];
    if (setup->name != NULL) {
        snprintf(name, sizeof(name), "%s", setup->name);
        SSL_set_tlsext_host_name(client, name);
    }
    if (setup->alpn == NULL)
        return;
    alpn[0] = (unsigned char)strlen(setup->alpn);
    memcpy(alpn + 1, setup->alpn, alpn[0]);
    SSL_set_alpn_protos(client, alpn, alpn[0] + 1U);
}

/* Carries over what one end has written; into the dialogue too, unless it is NULL. */
static void carry(struct pair *pair, enum side from, struct dialogue *d)
{
    uint8_t *data;
    long length = BIO_get_mem_data(SSL_get_wbio(pair->ends[from]), &data);
    if (length <= 0)
        return;
    BIO_write(SSL_get_rbio(pair->ends[!from]), data, (int)length);
    if (d != NULL)
        bytes_add(dialogue_add(d, from), data, (size_t)length);
    (void)BIO_reset(SSL_get_wbio(pair->ends[from]));
}

static void shake_hands(struct pair *pair, struct dialogue *d)
{
    for (int i = 0; i < ROUNDS_MAX; i++) {
        int client = SSL_do_handshake(pair->ends[CLIENT]);
        carry(pair, CLIENT, d);
        int server = SSL_do_handshake(pair->ends[SERVER]);
        carry(pair, SERVER, d);
        if (client == 1 && server == 1)
            return;
    }
    give_up("handshake failed", SSL_state_string_long(pair->ends[SERVER]));
}

static void say(struct pair *pair, enum side from, size_t length, struct dialogue *d)
{
    char buffer[4096];
    memset(buffer, 'x', sizeof(buffer));
    SSL_write(pair->ends[from], buffer, (int)length);
    carry(pair, from, d);
    while (SSL_read(pair->ends[!from], buffer, sizeof(buffer)) > 0)
        ;
}

static void run(struct pair *pair, struct dialogue *d)
{
    shake_hands(pair, d);
    say(pair, CLIENT, 400, d);
    say(pair, SERVER, 3000, d);
}

static void make_ends(struct pair *pair, const struct tls_setup *setup)
{
    pair->ends[CLIENT] = make_end(pair->contexts[CLIENT], CLIENT);
    pair->ends[SERVER] = make_end(pair->contexts[SERVER], SERVER);
    name_client(pair->ends[CLIENT], setup);
}

/* A silent connection before, for its session. */
static void remember_session(struct pair *pair, const struct tls_setup *setup)
{
    make_ends(pair, setup);
    run(pair, NULL);
    SSL_SESSION *session = SSL_get1_session(pair->ends[CLIENT]);
    SSL_shutdown(pair->ends[CLIENT]);
    SSL_shutdown(pair->ends[SERVER]);
    SSL_free(pair->ends[CLIENT]);
    SSL_free(pair->ends[SERVER]);
    make_ends(pair, setup);
    if (session == NULL || SSL_set_session(pair->ends[CLIENT], session) != 1)
        give_up("no session to resume", "OpenSSL");
    SSL_SESSION_free(session);
}

/* draft-ietf-tls-ecdhe-mlkem: X25519MLKEM768 is group 0x11ec, 1216 bytes from the client, 1120 from the server. */
static void make_hybrid(struct dialogue *d)
{
    static const uint8_t groups[] = {0, 6, 0x11, 0xec, 0, 0x1d, 0, 0x17};
    struct bytes content = {0};
    bytes_add(&content, groups, sizeof(groups));
    hello_set_extension(&d->flights[0].bytes, EXTENSION_SUPPORTED_GROUPS, &content);
    content.length = 0;
    bytes_add_u16(&content, 1220);
    bytes_add_u16(&content, 0x11ec);
    bytes_add_u16(&content, 1216);
    bytes_add_noise(&content, 1216, 1);
    hello_set_extension(&d->flights[0].bytes, EXTENSION_KEY_SHARE, &content);
    content.length = 0;
    bytes_add_u16(&content, 0x11ec);
    bytes_add_u16(&content, 1120);
    bytes_add_noise(&content, 1120, 2);
    hello_set_extension(&d->flights[1].bytes, EXTENSION_KEY_SHARE, &content);
    bytes_free(&content);
}

/* RFC 9849, 5: outer, HKDF-SHA256 and AES-128-GCM, config 7, a key share and the sealed inner hello. */
static void offer_ech(struct dialogue *d)
{
    static const uint8_t head[] = {0, 0, 1, 0, 1, 7, 0, 32};
    struct bytes content = {0};
    bytes_add(&content, head, sizeof(head));
    bytes_add_noise(&content, 32, 3);
    bytes_add_u16(&content, 208);
    bytes_add_noise(&content, 208, 4);
    hello_set_extension(&d->flights[0].bytes, EXTENSION_ECH, &content);
    bytes_free(&content);
}

static void patch(struct dialogue *d, enum tls_patch what)
{
    if (what == PATCH_RC4 || what == PATCH_ECDHE_RC4)
        hello_set_cipher(&d->flights[1].bytes, what == PATCH_RC4 ? 0x0005 : 0xc011);
    if (what == PATCH_HYBRID)
        make_hybrid(d);
    if (what == PATCH_ECH)
        offer_ech(d);
    if (what == PATCH_PSK_ONLY)
        hello_remove_extension(&d->flights[1].bytes, EXTENSION_KEY_SHARE);
}

void tls_talk(const struct tls_setup *setup, struct dialogue *ret)
{
    struct pair pair = {.contexts = {make_context(setup, CLIENT), make_context(setup, SERVER)}};
    *ret = (struct dialogue){.count = 0};
    arm_server(pair.contexts[SERVER], setup);
    if (setup->resumption != TLS_FULL)
        remember_session(&pair, setup);
    else
        make_ends(&pair, setup);
    run(&pair, ret);
    patch(ret, setup->patch);
    for (int side = CLIENT; side <= SERVER; side++) {
        SSL_free(pair.ends[side]);
        SSL_CTX_free(pair.contexts[side]);
    }
}
