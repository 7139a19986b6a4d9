/* Fields of table rows, read by hand: the ASN table has half a million of them and start-up waits for it. */
#ifndef BORDERTAP_GEO_SCAN_INTERNAL_H
#define BORDERTAP_GEO_SCAN_INTERNAL_H

#include <stdbool.h>

#include "country.h"
#include "ranges_internal.h"
#include "text.h"

enum { FIELDS_MAX = 8 };

/**
 * Splits one line at @p separator; quotes ("a, ""b""") protect it and stay in the field.
 * @param wanted at most FIELDS_MAX; the last of them takes the rest of the line. @return fields found.
 */
size_t scan_fields(struct text line, char separator, size_t wanted, struct text ret[static FIELDS_MAX]);

/** An address in any of the forms tables use: dotted, with colons, or one decimal number (below 2^32: IPv4). */
struct scanned_address {
    bool is_v4;
    uint32_t v4;
    struct wide v6;
};
bool scan_address(struct text text, struct scanned_address *ret);
/** "13335" or "AS13335"; 0 is "not announced". */
bool scan_asn(struct text text, uint32_t *ret);
/** Decimal digits, at least one and below 2^63. */
bool scan_number(struct text text, uint64_t *ret);
/**
 * A country field, in quotes or not. What means "unknown" is good and gives "": two capitals that are no country
 * (EU, UK, ZZ), nothing, "None". @return false when it is none.
 */
bool scan_country(struct text field, struct country *ret);
/** Takes the quotes off. @return length written, at most @p room - 1; always terminated. */
size_t scan_unquote(struct text text, char *ret, size_t room);

#endif
