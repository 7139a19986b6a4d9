#ifndef SCENARIOS_CERTIFICATE_H
#define SCENARIOS_CERTIFICATE_H

#include <openssl/ssl.h>

#include "tls_pair.h"

/** The key of every server here; made once. */
EVP_PKEY *server_key(void);
/** A certificate with the names of @p setup; the issuer's signature is our own. To be freed. */
X509 *certificate_make(const struct tls_setup *setup);
void server_key_free(void);

#endif
