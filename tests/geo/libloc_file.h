/* Makes a location.db of libloc in memory. */
#ifndef BORDERTAP_TESTS_GEO_LIBLOC_FILE_H
#define BORDERTAP_TESTS_GEO_LIBLOC_FILE_H

#include "geo_helpers.h"

struct libloc_row {
    const char *prefix, *country;
    uint32_t asn;
    uint16_t flags;
};

enum { LIBLOC_FILE_SIZE = 1 << 16 };

/** One AS is named: 64500, "SOME NETWORK". @return size. */
size_t libloc_file_make(const struct libloc_row *rows, size_t count, uint8_t ret[static LIBLOC_FILE_SIZE]);

#endif
