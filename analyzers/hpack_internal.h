/* HPACK (RFC 7541): the header compression of HTTP/2, for http2.c. */
#ifndef BORDERTAP_ANALYZERS_HPACK_INTERNAL_H
#define BORDERTAP_ANALYZERS_HPACK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

enum {
    HPACK_TABLE_SIZE = 4096, /* the default of SETTINGS_HEADER_TABLE_SIZE; a bigger table is refused */
    HPACK_ENTRY_OVERHEAD = 32,
    HPACK_ENTRIES_MAX = HPACK_TABLE_SIZE / HPACK_ENTRY_OVERHEAD,
    HPACK_TEXT_MAX = 4096, /* of one name or value; the rest is dropped */
};

/** The dynamic table of one direction. Zeroed, then hpack_init(). */
struct hpack {
    uint16_t limit;       /* as the sender set it */
    uint16_t count, used; /* entries; bytes of their texts */
    struct {
        uint16_t name_length, value_length;
    } entry[HPACK_ENTRIES_MAX];  /* oldest first */
    char text[HPACK_TABLE_SIZE]; /* names and values one behind the other, in that order */
};

typedef void hpack_header(void *context, struct text name, struct text value);

void hpack_init(struct hpack *hpack);
/** Calls @p header for each field of one header block; texts are borrowed for the call. @return false when it is
 * malformed. */
bool hpack_decode(struct hpack *hpack, const uint8_t *data, size_t length, hpack_header *header, void *context);
/** Huffman-coded text (RFC 7541, 5.2), cut at @p room. @return false when malformed; @p ret_length is the whole length.
 */
bool hpack_huffman_decode(const uint8_t *data, size_t length, char *ret, size_t room, size_t *ret_length);

#endif
