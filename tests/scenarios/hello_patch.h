/* Changes to a hello that stands in plain records: the lengths around an extension follow. RFC 8446, 4.1 and 5.1. */
#ifndef SCENARIOS_HELLO_PATCH_H
#define SCENARIOS_HELLO_PATCH_H

#include "bytes.h"

enum { EXTENSION_SUPPORTED_GROUPS = 10, EXTENSION_KEY_SHARE = 51, EXTENSION_ECH = 0xfe0d };

/** Replaces the content of an extension, or adds it when it is not there. @p stream begins with the hello's record. */
void hello_set_extension(struct bytes *stream, unsigned type, const struct bytes *content);
void hello_remove_extension(struct bytes *stream, unsigned type);
/** Of a ServerHello. */
void hello_set_cipher(struct bytes *stream, unsigned cipher);
/** Spreads the first handshake message over records of at most @p size bytes. */
void hello_split_records(struct bytes *stream, size_t size);

#endif
