/* Registered domains by the Public Suffix List (libpsl, with its built-in list). */
#ifndef BORDERTAP_REGISTERED_DOMAIN_H
#define BORDERTAP_REGISTERED_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/** "www.example.co.uk" -> "example.co.uk". @return false when @p name is a public suffix, has no dot, or is an address.
 */
bool registered_domain(struct text name, char *ret, size_t room);
/** Whether the whole name is a public suffix ("co.uk"). */
bool is_public_suffix(struct text name);

#endif
