#include "certificate.h"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static EVP_PKEY *the_key;

EVP_PKEY *server_key(void)
{
    if (the_key == NULL)
        the_key = EVP_RSA_gen(2048);
    if (the_key == NULL)
        give_up("cannot be made", "RSA key");
    return the_key;
}

void server_key_free(void)
{
    EVP_PKEY_free(the_key);
    the_key = NULL;
}

static void add_name(X509_NAME *name, const char *field, const char *value)
{
    if (value != NULL &&
        X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) != 1)
        give_up("does not fit a certificate", value);
}

static void add_other_names(X509 *certificate, const char *names)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    if (extension == NULL || X509_add_ext(certificate, extension, -1) != 1)
        give_up("no alternative names", names);
    X509_EXTENSION_free(extension);
}

X509 *certificate_make(const struct tls_setup *setup)
{
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 20260528);
    ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "20260101000000Z");
    ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "20361231000000Z");
    add_name(X509_get_subject_name(certificate), "O", setup->subject_org);
    add_name(X509_get_subject_name(certificate), "CN", setup->subject_cn ? setup->subject_cn : setup->name);
    add_name(X509_get_issuer_name(certificate), "O", setup->issuer_org ? setup->issuer_org : "Example Trust Services");
    add_name(X509_get_issuer_name(certificate), "CN", setup->issuer_cn ? setup->issuer_cn : "Example Issuing CA 1");
    if (setup->other_names != NULL)
        add_other_names(certificate, setup->other_names);
    X509_set_pubkey(certificate, server_key());
    if (X509_sign(certificate, server_key(), EVP_sha256()) == 0)
        give_up("cannot be signed", "certificate");
    return certificate;
}
