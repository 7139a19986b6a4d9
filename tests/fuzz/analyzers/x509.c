/* Any bytes as a certificate, with all its names and texts. */
#include <stddef.h>
#include <stdint.h>

#include "x509_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_name(const struct x509_name *name)
{
    uint8_t text[X509_TEXT_MAX];
    (void)x509_text_bytes(&name->organization, text);
    (void)x509_text_bytes(&name->common_name, text);
    (void)x509_text_bytes(&name->country, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct x509 x509;
    struct wire name;
    if (!x509_parse(data, size, &x509))
        return 0;
    read_name(&x509.issuer);
    read_name(&x509.subject);
    while (x509_next_dns_name(&x509.alternative_names, &name))
        ;
    return 0;
}
