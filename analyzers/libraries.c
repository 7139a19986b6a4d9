/* What this folder is built on, for `version`. */
#include <ndpi/ndpi_api.h>
#include <openssl/crypto.h>

#include "inspect.h"

void inspector_libraries(library_visit *visit, void *context)
{
    visit(context, "OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING));
    visit(context, "nDPI", ndpi_revision());
}
